/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One row of a verdict: all that can be said of one benchmark x metric before it is corrected for
 * the others. */
#ifndef RS_ANALYZE_ROW_H
#define RS_ANALYZE_ROW_H

#include <glib.h>

#include "model/session.h"
#include "model/verdict.h"
#include "stats/pair_rule.h"

/* A row under judgement; the row itself is owned by the verdict. */
typedef struct {
    RsRow *row;
    RsPairPlan plan;
    RsPairState state;
    GArray *log_ratios; /* double; NULL unless method is paired */
    double median_log_ratio;
    double p_slower, p_faster;
    gboolean capped; /* throttling differed: nothing better than inconclusive */
} RsRowCase;

void rs_row_case_free(RsRowCase *row_case);

/* The row of a paired benchmark. pairs: rs_trial_pairs of it. */
RsRowCase *rs_row_case_paired(const RsGate *gate, const RsBenchmark *benchmark,
                              const RsMetric *metric, const GArray *pairs);
/* After correction: verdict, severity, interval, MDE. */
void rs_row_case_decide_paired(RsRowCase *row_case, const RsGate *gate, double p_slower_adjusted,
                               double p_faster_adjusted, guint64 seed);

/* The row of two benchmarks measured apart. */
RsRowCase *rs_row_case_apart(const RsGate *gate, const RsBenchmark *baseline, RsArm baseline_arm,
                             const RsMetric *baseline_metric, const RsBenchmark *current,
                             RsArm current_arm, const RsMetric *current_metric);
void rs_row_case_decide_apart(RsRowCase *row_case, const RsGate *gate, double p_adjusted);

/* Sets a verdict that needs no numbers, with its reason (copied). */
void rs_row_settle(RsRow *row, RsVerdictKind verdict, const char *reason);

#endif
