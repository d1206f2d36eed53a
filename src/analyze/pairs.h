/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pairs of a benchmark as log ratios, oriented so that above 0 is worse whatever the metric's
 * direction. The one place that decides what a pair of raw values is worth; collection and
 * judgement both ask here. */
#ifndef RS_ANALYZE_PAIRS_H
#define RS_ANALYZE_PAIRS_H

#include <glib.h>

#include "model/session.h"

typedef enum {
    RS_PAIR_VALUE_OK,
    RS_PAIR_VALUE_ABSENT,    /* a side was not measured */
    RS_PAIR_VALUE_ZERO,      /* one side is zero and the other is not: no ratio */
    RS_PAIR_VALUE_IMPOSSIBLE /* negative or not finite */
} RsPairValue;

/* ln(current/baseline), or its negative for a metric where higher is better. Two zeros are no
 * change. */
RsPairValue rs_pair_log_ratio(const RsMetric *metric, guint baseline_trial, guint current_trial,
                              double *log_ratio);

/* The complete pairs of a paired benchmark, in the order they were completed. */
typedef struct {
    guint baseline_trial, current_trial;
    RsArm first;
} RsTrialPair;

/* GArray of RsTrialPair, yours. n_incomplete: pairs of which one trial is missing (a run that was
 * cut off). A third trial under the same pair number, or a number out of range, makes the benchmark
 * unusable: NULL and why. */
GArray *rs_trial_pairs(const RsBenchmark *benchmark, guint *n_incomplete, const char **why);

/* Log ratios of one metric over pairs. Yours (double). NULL when the metric cannot be judged; why
 * says so. */
GArray *rs_log_ratios_of(const RsMetric *metric, const GArray *pairs, const char **why);

#endif
