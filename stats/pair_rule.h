/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sequential decision rule for one gated row (one metric of one benchmark) measured in
 * randomised pairs: when collection may stop, and what is said in the end. The rule lives here
 * only; collection, judgement, replay and planning all call it.
 *
 * A row is a series of d = ln(current / baseline) of its pairs, oriented so that d > 0 is worse.
 * The coin toss that orders each pair makes sign(d) a fair coin when both programs are the same,
 * so bets on signs (stats/bet.h) need no assumption on the noise. The state holds six bets:
 *   slower, faster                    on d > 0, d < 0
 *   above_threshold, below_threshold  on d > ln(1+T), d < ln(1+T): evidence against "slowdown <= T"
 *                                     and against "slowdown >= T"
 *   above_bound, below_bound          on d > ln(1+G), d < ln(1+G): the row is clear of G as soon as
 *                                     either reaches bound_evidence
 * A benchmark is the rows that its pairs feed together; nothing else is known of it here. p-values
 * are corrected by the caller, who sees all rows of all benchmarks.
 * Order of calls: rs_pair_plan_check once; rs_pair_state_init; per pair rs_pair_state_add, then
 * rs_pair_rows_may_stop with the corrected p; at the end rs_pair_state_verdict. */
#ifndef RS_STATS_PAIR_RULE_H
#define RS_STATS_PAIR_RULE_H

#include "stats/bet.h"

typedef struct {
    double threshold_frac; /* T: the smallest slowdown that is flagged; 0.1 = 10 % */
    double bound_frac;     /* G: the smallest that fails the gate; INFINITY when nothing fails it */
    double alpha;          /* chance of a false alarm per report */
    double beta;           /* chance of wrongly excluding a slowdown >= T, per row */
    double min_evidence;   /* e-value against "slowdown <= T" that a red stop needs */
    double bound_evidence; /* e-value for a side of G that a red stop needs: at 10 the interval with
                              error 1/10 per side is clear of G. It says when to stop, it bounds no
                              error: the interval that is reported remains that of 1 - alpha */
    guint n_family;        /* gated rows of the whole configuration */
    guint min_pairs;       /* no stop before; at least rs_pair_min_pairs() is sensible */
    guint max_pairs;       /* the budget */
} RsPairPlan;

typedef struct {
    guint n;
    double log_threshold, log_bound;
    RsBet slower, faster;
    RsBet above_threshold, below_threshold;
    RsBet above_bound, below_bound;
    guint n_above_threshold; /* pairs with d > ln(1+T) */
} RsPairState;

typedef enum {
    RS_PAIR_OPEN,          /* go on measuring */
    RS_PAIR_STOP_RED,      /* slower than T, and on a known side of G */
    RS_PAIR_STOP_EXCLUDED, /* a slowdown of T or more is excluded, and no large gain is left
                              unproved */
} RsPairStop;

typedef enum {
    RS_PAIR_REGRESSION,
    RS_PAIR_IMPROVEMENT,
    RS_PAIR_BELOW_THRESHOLD, /* a slowdown is proven, one >= T is excluded */
    RS_PAIR_UNCHANGED,       /* no change is proven, a slowdown >= T is excluded */
    RS_PAIR_INCONCLUSIVE,
} RsPairVerdict;

/* T 10 %, G 20 %, alpha and beta 0.05, evidence 5 of T and 10 of G, a family of 2, no minimum, at
 * most 150 pairs. */
void rs_pair_plan_init(RsPairPlan *plan);

/* Checks that the plan can be computed with.
 * Errors RS_STATS_ERROR_DOMAIN. */
gboolean rs_pair_plan_check(const RsPairPlan *plan, GError **error);

/* The fewest pairs with which the rule can ever call a row of this plan a regression and can ever
 * exclude one: a smaller budget is hopeless. Ignores plan->min_pairs and plan->max_pairs. */
guint rs_pair_min_pairs(const RsPairPlan *plan);

void rs_pair_state_init(RsPairState *state, const RsPairPlan *plan);

/* Takes the next pair. log_ratio: ln(current / baseline), oriented so that > 0 is worse. */
void rs_pair_state_add(RsPairState *state, double log_ratio);

/* As rs_pair_state_add, faster: leaves out the bets that were won for good and the one on "faster".
 * The state then serves rs_pair_state_stop and the question whether the verdict is a regression,
 * with p corrected by Bonferroni, and nothing else. */
void rs_pair_state_add_for_replay(RsPairState *state, const RsPairPlan *plan, double log_ratio);

/* Anytime-valid one-sided p-values of this row alone, not corrected for other rows. */
double rs_pair_state_p_slower(const RsPairState *state);
double rs_pair_state_p_faster(const RsPairState *state);

/* Whether "slowdown >= T" has been excluded at error beta. Once true it stays true. */
gboolean rs_pair_state_excludes_threshold(const RsPairState *state, const RsPairPlan *plan);

/* Whether more than half of the pairs lie above T: the median does, without sorting. (With an even
 * number of pairs the mean of the two middle ones may lie above T when exactly half do.) */
gboolean rs_pair_state_is_mostly_above(const RsPairState *state);

/* Whether collection may stop for this row. Asked anew after every pair: a row that may stop now
 * and is fed on because others are open is judged by all its pairs.
 * median_log_ratio  of all pairs so far.
 * p_slower_adjusted rs_pair_state_p_slower corrected over the family. */
RsPairStop rs_pair_state_stop(const RsPairState *state, const RsPairPlan *plan,
                              double median_log_ratio, double p_slower_adjusted);

typedef struct {
    const RsPairState *state; /* borrowed, as is the plan */
    const RsPairPlan *plan;
    double median_log_ratio;
    double p_slower_adjusted;
} RsPairRow;

/* Whether a benchmark, these rows, may stop. It is as bad as its worst row, so it may when
 *   every row may stop; or
 *   a row stops red beyond G, by its median and its bet: the gate fails whatever the others say; or
 *   a row stops red and no row that is still open has its median beyond G: none looks worse.
 * Rows that cannot be judged are left out by the caller; FALSE when n is 0. */
gboolean rs_pair_rows_may_stop(const RsPairRow *rows, guint n);

/* What is said of the row when collection has ended, for whatever reason.
 * An improvement needs its own test and a median below 0, not a size; a slowdown that is
 * significant is a regression when the median lies above T, and below the threshold once T is
 * excluded. p_slower_adjusted, p_faster_adjusted  each one-sided test corrected over the family. */
RsPairVerdict rs_pair_state_verdict(const RsPairState *state, const RsPairPlan *plan,
                                    double median_log_ratio, double p_slower_adjusted,
                                    double p_faster_adjusted);

#endif
