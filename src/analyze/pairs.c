/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analyze/pairs.h"

#include <math.h>

#define PAIR_NUMBER_LIMIT 10000000

RsPairValue rs_pair_log_ratio(const RsMetric *metric, guint baseline_trial, guint current_trial,
                              double *log_ratio)
{
    double baseline = rs_metric_value(metric, baseline_trial);
    double current = rs_metric_value(metric, current_trial);

    if (isnan(baseline) || isnan(current))
        return RS_PAIR_VALUE_ABSENT;
    if (baseline < 0 || current < 0 || isinf(baseline) || isinf(current))
        return RS_PAIR_VALUE_IMPOSSIBLE;
    if ((baseline == 0) != (current == 0))
        return RS_PAIR_VALUE_ZERO;
    *log_ratio = baseline == 0 ? 0 : log(current / baseline);
    if (metric->direction == RS_HIGHER_IS_BETTER)
        *log_ratio = -*log_ratio;
    return RS_PAIR_VALUE_OK;
}

static gint32 largest_pair_number(const RsBenchmark *benchmark, gboolean *valid)
{
    gint32 largest = -1;

    *valid = TRUE;
    for (guint i = 0; i < benchmark->trial_pair->len; i++) {
        gint32 pair = g_array_index(benchmark->trial_pair, gint32, i);

        if (pair < 0 || pair >= PAIR_NUMBER_LIMIT)
            *valid = FALSE;
        largest = MAX(largest, pair);
    }
    return largest;
}

GArray *rs_trial_pairs(const RsBenchmark *benchmark, guint *n_incomplete, const char **why)
{
    g_autoptr(GArray) pairs = g_array_new(FALSE, FALSE, sizeof(RsTrialPair));
    gboolean valid;
    gint32 largest = largest_pair_number(benchmark, &valid);
    /* By pair number: 0 nothing seen, i + 1 the first trial is i, G_MAXUINT complete. */
    g_autofree guint *first_seen = valid ? g_new0(guint, (gsize)largest + 1) : NULL;

    *n_incomplete = 0;
    *why = "a pair number is out of range";
    if (!valid)
        return NULL;
    *why = "a pair does not have one trial of each side";
    for (guint i = 0; i < rs_benchmark_n_trials(benchmark); i++) {
        guint *seen = &first_seen[g_array_index(benchmark->trial_pair, gint32, i)];
        RsArm arm = g_array_index(benchmark->trial_arm, guint8, i);
        RsTrialPair pair;

        if (*seen == 0) {
            *seen = i + 1;
            (*n_incomplete)++;
            continue;
        }
        if (*seen == G_MAXUINT || g_array_index(benchmark->trial_arm, guint8, *seen - 1) == arm)
            return NULL;
        pair.first = !arm;
        pair.baseline_trial = arm == RS_ARM_CURRENT ? *seen - 1 : i;
        pair.current_trial = arm == RS_ARM_CURRENT ? i : *seen - 1;
        g_array_append_val(pairs, pair);
        *seen = G_MAXUINT;
        (*n_incomplete)--;
    }
    return g_steal_pointer(&pairs);
}

GArray *rs_log_ratios_of(const RsMetric *metric, const GArray *pairs, const char **why)
{
    static const char *const reasons[] = {
        [RS_PAIR_VALUE_ABSENT] = "it was not measured in every trial",
        [RS_PAIR_VALUE_ZERO] = "it was zero in some trials, so there is no change in per cent",
        [RS_PAIR_VALUE_IMPOSSIBLE] = "it holds negative or non-finite values",
    };
    g_autoptr(GArray) ratios = g_array_sized_new(FALSE, FALSE, sizeof(double), pairs->len);

    for (guint i = 0; i < pairs->len; i++) {
        const RsTrialPair *pair = &g_array_index(pairs, RsTrialPair, i);
        double ratio;
        RsPairValue value =
            rs_pair_log_ratio(metric, pair->baseline_trial, pair->current_trial, &ratio);

        if (value != RS_PAIR_VALUE_OK) {
            *why = reasons[value];
            return NULL;
        }
        g_array_append_val(ratios, ratio);
    }
    return g_steal_pointer(&ratios);
}
