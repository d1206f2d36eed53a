/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/pair_rule.h"

#include "stats/error.h"

#include <math.h>

void rs_pair_plan_init(RsPairPlan *plan)
{
    *plan = (RsPairPlan){.threshold_frac = 0.10,
                         .bound_frac = 0.20,
                         .alpha = 0.05,
                         .beta = 0.05,
                         .min_evidence = 5,
                         .bound_evidence = 10,
                         .n_family = 2,
                         .min_pairs = 0,
                         .max_pairs = 150};
}

gboolean rs_pair_plan_check(const RsPairPlan *plan, GError **error)
{
    if (!rs_stats_check_between("the threshold", plan->threshold_frac, 0, INFINITY, error) ||
        !rs_stats_check_between("alpha", plan->alpha, 0, 1, error) ||
        !rs_stats_check_between("beta", plan->beta, 0, 1, error))
        return FALSE;
    if (!(plan->bound_frac > 0) || !(plan->min_evidence >= 0) || !(plan->bound_evidence >= 0) ||
        plan->n_family == 0 || plan->max_pairs == 0 || plan->min_pairs > plan->max_pairs) {
        g_set_error(error, RS_STATS_ERROR, RS_STATS_ERROR_DOMAIN,
                    "bound %g, evidence %g and %g, family of %u, %u to %u pairs: not a plan",
                    plan->bound_frac, plan->min_evidence, plan->bound_evidence, plan->n_family,
                    plan->min_pairs, plan->max_pairs);
        return FALSE;
    }
    return TRUE;
}

guint rs_pair_min_pairs(const RsPairPlan *plan)
{
    /* Red: the first row that a step-down correction passes needs p x family < alpha.
     * At the end of the budget neither the evidence nor the bound is asked for. */
    guint n_red = rs_bet_fewest(plan->n_family / plan->alpha);
    guint n_excluded = rs_bet_fewest(1 / plan->beta);

    return MAX(n_red, n_excluded);
}

void rs_pair_state_init(RsPairState *state, const RsPairPlan *plan)
{
    *state = (RsPairState){.log_threshold = log1p(plan->threshold_frac),
                           .log_bound = log1p(plan->bound_frac)};
    rs_bet_init(&state->slower);
    rs_bet_init(&state->faster);
    rs_bet_init(&state->above_threshold);
    rs_bet_init(&state->below_threshold);
    rs_bet_init(&state->above_bound);
    rs_bet_init(&state->below_bound);
}

/* The two bets on one level see the same signs but for the direction. */
static inline void bet_both_ways(RsBet *above, RsBet *below, double value, double level)
{
    int sign = (value > level) - (value < level);
    RsBetStake stake = rs_bet_stake(above);

    rs_bet_add_at(above, sign, stake);
    rs_bet_add_at(below, -sign, stake);
}

static inline void bet_on_threshold(RsPairState *state, double log_ratio)
{
    bet_both_ways(&state->above_threshold, &state->below_threshold, log_ratio,
                  state->log_threshold);
    state->n_above_threshold += log_ratio > state->log_threshold;
    state->n++;
}

void rs_pair_state_add(RsPairState *state, double log_ratio)
{
    bet_on_threshold(state, log_ratio);
    bet_both_ways(&state->slower, &state->faster, log_ratio, 0);
    bet_both_ways(&state->above_bound, &state->below_bound, log_ratio, state->log_bound);
}

double rs_pair_state_p_slower(const RsPairState *state)
{
    return rs_bet_p(&state->slower);
}

double rs_pair_state_p_faster(const RsPairState *state)
{
    return rs_bet_p(&state->faster);
}

gboolean rs_pair_state_excludes_threshold(const RsPairState *state, const RsPairPlan *plan)
{
    return state->below_threshold.max_wealth >= 1 / plan->beta;
}

gboolean rs_pair_state_is_mostly_above(const RsPairState *state)
{
    return 2 * state->n_above_threshold > state->n;
}

static gboolean is_clear_of_bound(const RsPairState *state, const RsPairPlan *plan)
{
    return state->above_bound.max_wealth >= plan->bound_evidence ||
           state->below_bound.max_wealth >= plan->bound_evidence;
}

void rs_pair_state_add_for_replay(RsPairState *state, const RsPairPlan *plan, double log_ratio)
{
    bet_on_threshold(state, log_ratio);
    if (!(plan->n_family * rs_bet_p(&state->slower) < plan->alpha))
        rs_bet_add(&state->slower, (log_ratio > 0) - (log_ratio < 0));
    if (!(plan->n_family * rs_bet_p(&state->faster) < plan->alpha))
        rs_bet_add(&state->faster, (log_ratio < 0) - (log_ratio > 0));
    if (!is_clear_of_bound(state, plan))
        bet_both_ways(&state->above_bound, &state->below_bound, log_ratio, state->log_bound);
}

static gboolean is_regression(const RsPairState *state, const RsPairPlan *plan,
                              double median_log_ratio, double p_slower_adjusted)
{
    return p_slower_adjusted < plan->alpha && median_log_ratio > state->log_threshold;
}

/* A gain of more than T that a few more pairs will prove: worth them, as it would be called
 * unchanged without. */
static gboolean is_unproved_improvement(const RsPairState *state, const RsPairPlan *plan,
                                        double median_log_ratio)
{
    return median_log_ratio < -state->log_threshold &&
           rs_pair_state_p_faster(state) * plan->n_family >= plan->alpha;
}

RsPairStop rs_pair_state_stop(const RsPairState *state, const RsPairPlan *plan,
                              double median_log_ratio, double p_slower_adjusted)
{
    if (state->n < plan->min_pairs)
        return RS_PAIR_OPEN;
    if (is_regression(state, plan, median_log_ratio, p_slower_adjusted) &&
        state->above_threshold.wealth >= plan->min_evidence && is_clear_of_bound(state, plan))
        return RS_PAIR_STOP_RED;
    if (rs_pair_state_excludes_threshold(state, plan) &&
        !is_unproved_improvement(state, plan, median_log_ratio))
        return RS_PAIR_STOP_EXCLUDED;
    return RS_PAIR_OPEN;
}

static RsPairStop stop_of(const RsPairRow *row)
{
    return rs_pair_state_stop(row->state, row->plan, row->median_log_ratio, row->p_slower_adjusted);
}

static gboolean is_median_beyond_bound(const RsPairRow *row)
{
    return row->median_log_ratio > row->state->log_bound;
}

static gboolean is_beyond_bound(const RsPairRow *row)
{
    return is_median_beyond_bound(row) &&
           row->state->above_bound.max_wealth >= row->plan->bound_evidence;
}

gboolean rs_pair_rows_may_stop(const RsPairRow *rows, guint n)
{
    gboolean is_any_open = FALSE, is_any_red = FALSE, may_worse_come = FALSE;

    for (guint i = 0; i < n; i++) {
        RsPairStop stop = stop_of(&rows[i]);

        if (stop == RS_PAIR_STOP_RED && is_beyond_bound(&rows[i]))
            return TRUE;
        is_any_red |= stop == RS_PAIR_STOP_RED;
        is_any_open |= stop == RS_PAIR_OPEN;
        may_worse_come |= stop == RS_PAIR_OPEN && is_median_beyond_bound(&rows[i]);
    }
    return n > 0 && (!is_any_open || (is_any_red && !may_worse_come));
}

RsPairVerdict rs_pair_state_verdict(const RsPairState *state, const RsPairPlan *plan,
                                    double median_log_ratio, double p_slower_adjusted,
                                    double p_faster_adjusted)
{
    if (is_regression(state, plan, median_log_ratio, p_slower_adjusted))
        return RS_PAIR_REGRESSION;
    if (p_faster_adjusted < plan->alpha && median_log_ratio < 0) /* a run may have drifted since */
        return RS_PAIR_IMPROVEMENT;
    if (!rs_pair_state_excludes_threshold(state, plan))
        return RS_PAIR_INCONCLUSIVE;
    return p_slower_adjusted < plan->alpha ? RS_PAIR_BELOW_THRESHOLD : RS_PAIR_UNCHANGED;
}
