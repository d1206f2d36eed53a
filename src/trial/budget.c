/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/budget.h"

#include <math.h>

#include "base/units.h"

#define EXPECTED_PAIRS 25 /* for the first guess of the remaining time */

guint rs_budget_pairs(const RsPlan *plan, const RsOpen *open)
{
    if (open->plan->n_trials)
        return open->plan->n_trials;
    return MIN(MAX(plan->gate->max_pairs, 1),
               open->n_pairs < EXPECTED_PAIRS ? EXPECTED_PAIRS : open->n_pairs + open->n_pairs / 2);
}

double rs_budget_left_s(const RsPlan *plan, const GPtrArray *opens, double elapsed_s)
{
    double sum_s = 0, known_s = 0, limit_s = plan->gate->max_time_s;
    guint n_known = 0, n_unknown = 0;

    for (guint i = 0; i < opens->len; i++) {
        const RsOpen *open = g_ptr_array_index(opens, i);

        if (open->pair_s > 0) {
            known_s += open->pair_s;
            n_known++;
        }
        if (!open->is_open)
            continue;
        if (open->pair_s > 0)
            sum_s += open->pair_s * (rs_budget_pairs(plan, open) -
                                     MIN(open->n_pairs, rs_budget_pairs(plan, open)));
        else
            n_unknown++;
    }
    if (!n_known)
        return NAN;
    sum_s += n_unknown * EXPECTED_PAIRS * known_s / n_known;
    return limit_s > 0 ? MIN(sum_s, MAX(limit_s - elapsed_s, 0)) : sum_s;
}

static gboolean refuse(GError **error, const char *sentence)
{
    g_set_error(error, RS_PLAN_ERROR, RS_PLAN_ERROR_INVALID,
                "%s; raise it, or accept an undecided result with --allow-undecided", sentence);
    return FALSE;
}

gboolean rs_budget_check_pairs(const GPtrArray *opens, GError **error)
{
    for (guint i = 0; i < opens->len; i++) {
        const RsOpen *open = g_ptr_array_index(opens, i);
        guint n_needed = rs_pair_min_pairs(&open->pair_plan);
        guint n_planned = open->plan->n_trials ? open->plan->n_trials : open->pair_plan.max_pairs;
        g_autofree char *sentence = NULL;

        if (open->plan->design == RS_DESIGN_SINGLE || n_planned >= n_needed)
            continue;
        sentence = g_strdup_printf("%s: %u pairs can never decide, at least %u are needed with "
                                   "%u gated rows and alpha %g",
                                   open->plan->name, n_planned, n_needed, open->pair_plan.n_family,
                                   open->pair_plan.alpha);
        return refuse(error, sentence);
    }
    return TRUE;
}

gboolean rs_budget_check_time(const RsPlan *plan, const GPtrArray *opens, GError **error)
{
    double needed_s = 0, limit_s = plan->gate->max_time_s;
    g_autofree char *needed = NULL, *limit = NULL, *sentence = NULL;

    for (guint i = 0; i < opens->len; i++) {
        const RsOpen *open = g_ptr_array_index(opens, i);

        if (open->is_open && open->plan->design == RS_DESIGN_PAIRED)
            needed_s += open->pair_s * rs_pair_min_pairs(&open->pair_plan);
    }
    if (limit_s <= 0 || needed_s <= limit_s)
        return TRUE;
    needed = rs_units_format_duration(needed_s);
    limit = rs_units_format_duration(limit_s);
    sentence = g_strdup_printf("the time budget of %s can never decide: the fewest pairs take "
                               "about %s",
                               limit, needed);
    return refuse(error, sentence);
}
