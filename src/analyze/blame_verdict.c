/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which benchmarks of a verdict are asked whom to blame. */
#include "analyze/blame.h"

typedef struct {
    gboolean in_time;      /* a metric of time regressed */
    const char *elsewhere; /* one that is not of time; NULL: none */
} Regressed;

static Regressed regressed_of(const RsVerdict *verdict, const char *benchmark)
{
    Regressed regressed = {0};

    for (guint i = 0; i < verdict->rows->len; i++) {
        const RsRow *row = g_ptr_array_index(verdict->rows, i);
        const RsMetricRow *metric = rs_metric_row(row->metric);

        if (!row->gated || row->verdict != RS_VERDICT_REGRESSION ||
            !g_str_equal(row->name, benchmark))
            continue;
        if (metric && metric->is_time)
            regressed.in_time = TRUE;
        else
            regressed.elsewhere = row->metric;
    }
    return regressed;
}

/* The side that a file stands for: what was current then, if it held pairs. */
static RsArm arm_of(const RsBenchmark *benchmark)
{
    return benchmark->design == RS_DESIGN_PAIRED ? RS_ARM_CURRENT : RS_ARM_BASELINE;
}

static RsBlame *blame_of(const RsSession *baseline, const RsSession *session,
                         const RsBenchmark *benchmark, gboolean is_forced,
                         const RsBlameOptions *options)
{
    const RsSession *sessions[] = {baseline, session};
    const RsBenchmark *benchmarks[] = {NULL, benchmark};
    RsArm arms[RS_N_ARMS];
    RsBlame *blame;

    if (!baseline)
        return rs_blame_benchmark(session, benchmark, is_forced, options);
    benchmarks[RS_ARM_BASELINE] = rs_session_find(baseline, benchmark->name);
    if (!benchmarks[RS_ARM_BASELINE])
        return NULL;
    arms[RS_ARM_BASELINE] = arm_of(benchmarks[RS_ARM_BASELINE]);
    arms[RS_ARM_CURRENT] = arm_of(benchmark);
    blame = rs_blame_apart(sessions, benchmarks, arms, options);
    blame->is_forced = is_forced;
    return blame;
}

static RsBlame *nobody(const char *benchmark, const char *metric, const RsBlameOptions *options)
{
    RsBlame *blame = rs_blame_new(benchmark);

    blame->alpha = options->alpha;
    blame->note = g_strdup_printf("what regressed is %s, not time: no function is to blame for it "
                                  "by its samples",
                                  metric);
    return blame;
}

void rs_blame_verdict(RsVerdict *verdict, const RsSession *baseline, const RsSession *session,
                      RsBlameOf of, const RsBlameOptions *options)
{
    if (of == RS_BLAME_OF_NONE || !session->profile)
        return;
    for (guint i = 0; i < session->benchmarks->len; i++) {
        const RsBenchmark *benchmark = g_ptr_array_index(session->benchmarks, i);
        Regressed regressed = regressed_of(verdict, benchmark->name);
        RsBlame *blame = NULL;

        if (regressed.in_time || (of == RS_BLAME_OF_ALL && rs_benchmark_n_trials(benchmark)))
            blame = blame_of(baseline, session, benchmark, !regressed.in_time, options);
        else if (regressed.elsewhere)
            blame = nobody(benchmark->name, regressed.elsewhere, options);
        if (blame)
            g_ptr_array_add(verdict->blames, blame);
    }
}
