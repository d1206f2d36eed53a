/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions -> verdict, by the rule of stats/pair_rule.h for pairs and by Welch's test for two files
 * measured apart. No I/O and no JSON; every number is asked of stats/. */
#ifndef RS_ANALYZE_COMPARE_H
#define RS_ANALYZE_COMPARE_H

#include <glib.h>

#include "analyze/blame.h"
#include "model/session.h"
#include "model/verdict.h"

/* Fewer trials of a side than this, measured apart, are incomparable. */
#define RS_WELCH_MIN_TRIALS 5

typedef struct {
    const RsGate *gate;       /* the options that hold; n_family 0: count the gated rows */
    gboolean gate_unpaired;   /* files measured apart may fail the gate */
    gboolean fail_on_missing; /* a benchmark that the current side lacks fails the gate */
    gint64 seed;              /* of what is resampled (MDE, blame); -1: the session's */
    const char *created_at;   /* ISO 8601 */
    RsBlameOf blame;          /* which benchmarks are asked whom to blame */
} RsCompareOptions;

/* A session whose benchmarks hold both arms. */
RsVerdict *rs_compare_pairs(const RsSession *session, const RsCompareOptions *options);
/* Two sessions measured apart. */
RsVerdict *rs_compare_files(const RsSession *baseline, const RsSession *current,
                            const RsCompareOptions *options);

#endif
