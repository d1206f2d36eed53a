/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/pair_mde.h"

#include "stats/error.h"
#include "stats/summary.h"

#include <gsl/gsl_rng.h>
#include <math.h>

#define MAX_DRAWS  1e8
#define BISECTIONS 5 /* of a bracket of at most a doubling: to 3 % of it */

typedef struct {
    const RsPairPlan *plan;
    double *centred;
    gsize n;
    guint n_replays;
    gsl_rng *rng;
    float *draws;   /* n_replays rows of plan->max_pairs, filled as far as a replay ever got */
    guint *n_drawn; /* per replay */
    double *caught, *missed; /* per replay: smallest shift caught, largest missed */
} Replays;

static double draw(Replays *replays, guint replay, guint pair)
{
    float *row = replays->draws + (gsize)replay * replays->plan->max_pairs;

    while (replays->n_drawn[replay] <= pair) {
        guint64 scaled = (guint64)gsl_rng_get(replays->rng) * replays->n; /* 32 random bits x n */

        row[replays->n_drawn[replay]++] = (float)replays->centred[scaled >> 32];
    }
    return row[pair];
}

static gboolean is_caught(Replays *replays, guint replay, double shift)
{
    const RsPairPlan *plan = replays->plan;
    RsPairState state;
    double median = 0, p = 1;

    rs_pair_state_init(&state, plan);
    for (guint pair = 0; pair < plan->max_pairs; pair++) {
        rs_pair_state_add_for_replay(&state, plan, draw(replays, replay, pair) + shift);
        /* the rule asks only on which side of T the median is: slowed runs are no large gains */
        median = rs_pair_state_is_mostly_above(&state) ? INFINITY : 0;
        p = MIN(1, plan->n_family * rs_pair_state_p_slower(&state));
        if (rs_pair_state_stop(&state, plan, median, p) != RS_PAIR_OPEN)
            break;
    }
    return rs_pair_state_verdict(&state, plan, median, p, 1) == RS_PAIR_REGRESSION;
}

static guint count_missed(Replays *replays, double shift)
{
    guint n_missed = 0;

    for (guint replay = 0; replay < replays->n_replays; replay++)
        n_missed += !is_caught(replays, replay, shift);
    return n_missed;
}

/* Whether a slowdown is caught often enough. Each replay remembers the smallest shift at which it
 * was caught and the largest at which it missed, and is not run where these answer: the same draws
 * slowed further are caught again but for ripples far below the accuracy of the answer. */
static gboolean is_caught_often(Replays *replays, double shift)
{
    guint n_allowed = (guint)((1 - RS_PAIR_MDE_POWER) * replays->n_replays + 1e-9), n_missed = 0;

    for (guint replay = 0; replay < replays->n_replays; replay++)
        n_missed += shift <= replays->missed[replay];
    for (guint replay = 0; replay < replays->n_replays && n_missed <= n_allowed; replay++) {
        if (shift <= replays->missed[replay] || shift >= replays->caught[replay])
            continue;
        if (is_caught(replays, replay, shift)) {
            replays->caught[replay] = shift;
        } else {
            replays->missed[replay] = shift;
            n_missed++;
        }
    }
    return n_missed <= n_allowed;
}

static double search_mde(Replays *replays)
{
    double limit = log1p(RS_PAIR_MDE_MAX_FRAC);
    double missed = log1p(replays->plan->threshold_frac), caught = 1.5 * missed;

    while (!is_caught_often(replays, caught)) {
        if (caught >= limit)
            return INFINITY;
        missed = caught;
        caught = MIN(2 * caught, limit);
    }
    for (guint i = 0; i < BISECTIONS; i++) {
        double middle = (missed + caught) / 2;

        if (is_caught_often(replays, middle))
            caught = middle;
        else
            missed = middle;
    }
    return expm1(caught);
}

static void replays_clear(Replays *replays)
{
    g_free(replays->centred);
    g_free(replays->draws);
    g_free(replays->n_drawn);
    g_free(replays->caught);
    g_free(replays->missed);
    g_clear_pointer(&replays->rng, gsl_rng_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Replays, replays_clear)

static gboolean replays_init(Replays *replays, const double *log_ratios, gsize n,
                             const RsPairPlan *plan, guint n_replays, guint64 seed, GError **error)
{
    double median;

    if (!rs_stats_check_sample(log_ratios, n, 2, error) || !rs_pair_plan_check(plan, error) ||
        !rs_stats_check_between("the number of replays", n_replays, 0, MAX_DRAWS, error) ||
        !rs_stats_check_between("replays x pairs", (double)n_replays * plan->max_pairs, 0,
                                MAX_DRAWS, error))
        return FALSE;
    rs_stats_enter_gsl();
    *replays = (Replays){.plan = plan, .n = n, .n_replays = n_replays};
    replays->rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(replays->rng, (gulong)seed);
    replays->draws = g_new(float, (gsize)n_replays * plan->max_pairs);
    replays->n_drawn = g_new0(guint, n_replays);
    replays->caught = g_new(double, n_replays);
    replays->missed = g_new(double, n_replays);
    for (guint replay = 0; replay < n_replays; replay++) {
        replays->caught[replay] = INFINITY;
        replays->missed[replay] = -INFINITY;
    }
    replays->centred = g_new(double, n);
    median = rs_median(log_ratios, n);
    for (gsize i = 0; i < n; i++)
        replays->centred[i] = log_ratios[i] - median;
    return TRUE;
}

gboolean rs_pair_mde(const double *log_ratios, gsize n, const RsPairPlan *plan, guint n_replays,
                     guint64 seed, double *mde_frac, GError **error)
{
    g_auto(Replays) replays = {0};

    if (!replays_init(&replays, log_ratios, n, plan, n_replays, seed, error))
        return FALSE;
    *mde_frac = search_mde(&replays);
    return TRUE;
}

gboolean rs_pair_power(const double *log_ratios, gsize n, const RsPairPlan *plan, guint n_replays,
                       guint64 seed, double effect_frac, double *power_frac, GError **error)
{
    g_auto(Replays) replays = {0};

    if (!rs_stats_check_between("the effect", effect_frac, -1, INFINITY, error) ||
        !replays_init(&replays, log_ratios, n, plan, n_replays, seed, error))
        return FALSE;
    *power_frac = 1 - count_missed(&replays, log1p(effect_frac)) / (double)n_replays;
    return TRUE;
}
