/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A benchmark under collection: its rows as the rule sees them so far. Knows pairs and the rule,
 * not programs. */
#ifndef RS_TRIAL_OPEN_H
#define RS_TRIAL_OPEN_H

#include <glib.h>

#include "model/session.h"
#include "stats/pair_rule.h"
#include "trial/plan.h"

/* One gated row. */
typedef struct {
    const char *metric_name; /* borrowed from the plan or gate */
    RsPairState state;
    GSequence *log_ratios; /* double *, ascending */
    gboolean unusable; /* not measured, or values without a ratio: compare will say so; it settles
                          nothing */
    double p_adjusted;
} RsOpenRow;

typedef struct {
    const RsPlanBenchmark *plan;
    RsBenchmark *benchmark;
    guint index; /* in the session */
    gboolean is_open, is_warm;
    gboolean sample_apart; /* see RsTrialRequest */
    RsPairPlan pair_plan;
    GPtrArray *rows; /* RsOpenRow */
    gint32 next_pair;
    guint n_pairs; /* complete ones; trials, when the design is single */
    gint64 red_ns; /* when it was first settled red; 0: not yet */
    double pair_s; /* how long a pair takes, running mean; 0: not known */
} RsOpen;

/* Takes in the trials that the benchmark already has. */
RsOpen *rs_open_new(const RsGate *gate, const RsPlanBenchmark *plan, RsBenchmark *benchmark,
                    guint index);
void rs_open_free(RsOpen *open);

/* The pair just completed: trial indices of its two sides. */
void rs_open_add_pair(RsOpen *open, guint baseline_trial, guint current_trial);
/* The usable rows may stop (rs_pair_rows_may_stop), by p-values that rs_open_correct has brought up
 * to date. FALSE when no row is usable. */
gboolean rs_open_is_settled(const RsOpen *open);
/* It is settled by a row that is slower than the threshold. */
gboolean rs_open_is_red(const RsOpen *open);
/* Samples of the side that has fewer of them; -1: its trials were not sampled. */
gint64 rs_open_n_samples(const RsOpen *open);
/* The change of the worst row so far, in per cent; NaN: none. */
double rs_open_change_pct(const RsOpen *open);

/* Corrects the p-values of all rows of all benchmarks (RsOpen*) for the family. */
void rs_open_correct(GPtrArray *opens, guint n_family);

#endif
