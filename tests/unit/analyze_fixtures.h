/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions made in memory for the tests of src/analyze. The noise is a fixed pattern with median
 * zero, so that every number follows from the factor asked for. */
#ifndef RS_TESTS_ANALYZE_FIXTURES_H
#define RS_TESTS_ANALYZE_FIXTURES_H

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/compare.h"
#include "model/session.h"
#include "model/verdict.h"
#include "tests/unit/run.h"

#define BASE_NS 100e6

static inline double wobble(guint i)
{
    static const double pattern[] = {0.004, 0.013, -0.011, -0.002, 0.009, -0.007, 0, 0.006, -0.013};

    return pattern[i % G_N_ELEMENTS(pattern)];
}

static inline void set_real(RsBenchmark *benchmark, guint trial, const char *metric, double value)
{
    rs_benchmark_set_value(benchmark, trial, rs_benchmark_metric(benchmark, metric),
                           (RsValue){.real = value});
}

static inline void add_real(RsBenchmark *benchmark, const char *name, const char *unit,
                            RsDirection direction)
{
    rs_benchmark_add_metric(benchmark, name, unit, direction, RS_REAL);
}

/* n pairs whose current wall and CPU time is factor times the baseline's; the first of a pair
 * alternates, and the second is position_factor slower. */
static inline RsBenchmark *add_pairs_at(RsSession *session, const char *name, guint n,
                                        double factor, double position_factor)
{
    RsBenchmark *benchmark = rs_benchmark_new(name, RS_DESIGN_PAIRED);

    add_real(benchmark, "wall", "ns", RS_LOWER_IS_BETTER);
    add_real(benchmark, "cpu", "ns", RS_LOWER_IS_BETTER);
    benchmark->stop_reason = RS_STOP_FIXED;
    for (guint i = 0; i < 2 * n; i++) {
        RsArm arm = (i + i / 2) % 2 ? RS_ARM_CURRENT : RS_ARM_BASELINE;
        guint trial = rs_benchmark_add_trial(benchmark, arm, (gint32)(i / 2), (gint64)i * 1000);
        double value = BASE_NS * (arm == RS_ARM_CURRENT ? factor * (1 + wobble(i / 2)) : 1) *
                       (i % 2 ? position_factor : 1);

        set_real(benchmark, trial, "wall", value);
        set_real(benchmark, trial, "cpu", value);
    }
    g_ptr_array_add(session->benchmarks, benchmark);
    return benchmark;
}

static inline RsBenchmark *add_pairs(RsSession *session, const char *name, guint n, double factor)
{
    return add_pairs_at(session, name, n, factor, 1);
}

/* n trials of one side. */
static inline RsBenchmark *add_single(RsSession *session, const char *name, guint n, double factor)
{
    RsBenchmark *benchmark = rs_benchmark_new(name, RS_DESIGN_SINGLE);

    add_real(benchmark, "wall", "ns", RS_LOWER_IS_BETTER);
    for (guint i = 0; i < n; i++) {
        guint trial = rs_benchmark_add_trial(benchmark, RS_ARM_BASELINE, (gint32)i, i);

        set_real(benchmark, trial, "wall", BASE_NS * factor * (1 + wobble(i)));
    }
    g_ptr_array_add(session->benchmarks, benchmark);
    return benchmark;
}

static inline void add_failure(RsBenchmark *benchmark, RsArm arm, const char *message)
{
    RsFailure *failure = rs_failure_new(arm, "trial");

    failure->message = g_strdup(message);
    g_ptr_array_add(benchmark->failures, failure);
}

static inline void gate_only(RsGate *gate, const char *metric)
{
    g_strfreev(gate->metrics);
    gate->metrics = g_new0(char *, 2);
    gate->metrics[0] = g_strdup(metric);
}

static inline RsVerdict *judge_with(const RsSession *session, const RsGate *gate)
{
    RsCompareOptions options = {.gate = gate, .seed = 7, .created_at = "2024-01-01T00:00:00Z"};

    return rs_compare_pairs(session, &options);
}

static inline RsVerdict *judge_pairs(const RsSession *session)
{
    g_autoptr(RsGate) gate = rs_gate_new();

    return judge_with(session, gate);
}

static inline const RsRow *row_of(const RsVerdict *verdict, const char *name, const char *metric)
{
    for (guint i = 0; i < verdict->rows->len; i++) {
        const RsRow *row = g_ptr_array_index(verdict->rows, i);

        if (g_str_equal(row->name, name) && g_str_equal(row->metric, metric))
            return row;
    }
    ck_abort_msg("no row %s %s", name, metric);
    return NULL;
}

static inline gboolean any_has(const GPtrArray *sentences, const char *part)
{
    for (guint i = 0; i < sentences->len; i++)
        if (strstr(g_ptr_array_index(sentences, i), part))
            return TRUE;
    return FALSE;
}

static inline int run_claims(const char *name, const TTest *const *tests, gsize n)
{
    TCase *tcase = tcase_create(name);

    for (gsize i = 0; i < n; i++)
        tcase_add_test(tcase, tests[i]);
    tcase_set_timeout(tcase, 60);
    return run_tests(name, tcase);
}

#endif
