/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verdicts built by hand for the tests of the renderers, and tools that read what they wrote. */
#ifndef RS_TEST_REPORT_VERDICTS_H
#define RS_TEST_REPORT_VERDICTS_H

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/renderer.h"

static const char hostile_name[] =
    "a|b`c``<script>alert(1)</script> @octocat #123 ![x](http://evil.example/p.png) "
    "](http://evil.example) **b** www.evil.example \\| <!-- --> &lt; ##[error]no "
    "\n/approve\n::error"
    "::no\r\x1b[31m \xe2\x80\xae]]> \xff %0A";

/* A paired row with plausible figures; change_pct NaN: nothing measured. */
static inline RsRow *add_row(RsVerdict *verdict, const char *name, const char *metric,
                             RsVerdictKind kind, double change_pct)
{
    RsRow *row = rs_row_new(name, metric, "ns", RS_LOWER_IS_BETTER);
    const RsGate *gate = verdict->gate.gate;

    row->gated = TRUE;
    row->verdict = kind;
    row->threshold_pct = gate->threshold_pct;
    row->bound_pct = rs_gate_bound_pct(gate, gate->threshold_pct);
    row->method = RS_METHOD_PAIRED;
    row->stop_reason = RS_STOP_SETTLED;
    if (kind == RS_VERDICT_REGRESSION)
        row->severity = rs_gate_severity(gate, gate->threshold_pct, change_pct);
    if (isfinite(change_pct)) {
        row->change_pct = change_pct;
        row->ci_low_pct = change_pct - 2.4;
        row->ci_high_pct = change_pct + 2.5;
        row->ci_level_pct = 95;
        row->p_value = 0.0001;
        row->p_adjusted = kind == RS_VERDICT_REGRESSION ? 0.00001 : 0.6;
        row->mde_pct = 4.13;
        row->n_baseline = row->n_current = 34;
        row->baseline.n = row->current.n = 34;
        row->baseline.median = row->baseline.mean = 41.8213e6;
        row->current.median = row->current.mean = 41.8213e6 * (1 + change_pct / 100);
    }
    g_ptr_array_add(verdict->rows, row);
    return row;
}

static inline RsVerdict *new_verdict(RsSeverity fail_on)
{
    g_autoptr(RsGate) gate = rs_gate_new();
    RsVerdict *verdict;

    gate->fail_on = fail_on;
    verdict = rs_verdict_new(gate);
    verdict->side_by_side = TRUE;
    verdict->tool_version = g_strdup("1.0.0");
    verdict->created_at = g_strdup("2026-02-03T04:05:06Z");
    verdict->command = g_strdup("rustscope bench-run -c rustscope.yml --seed 42 -o run.json");
    verdict->seed = 42;
    verdict->revisions[RS_ARM_BASELINE].revision =
        g_strdup("4be20d1aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    verdict->revisions[RS_ARM_CURRENT].revision =
        g_strdup("9f3c1ab7bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++) {
        verdict->machines[arm].cpu_model = g_strdup("AMD EPYC 7763 64-Core Processor");
        verdict->machines[arm].kernel = g_strdup("6.8.0-azure");
        verdict->machines[arm].n_cpus_allowed = 4;
    }
    verdict->noise.load_start = 0.8;
    verdict->noise.steal_pct = 1.25;
    verdict->noise.position_effect_pct = 0.12;
    verdict->noise.position_p_value = 0.71;
    return verdict;
}

static inline RsVerdict *finish(RsVerdict *verdict, RsGateStatus status, int exit_status)
{
    rs_verdict_summarize(verdict);
    verdict->gate.status = verdict->gate.would_be = status;
    verdict->gate.exit_status = exit_status;
    return verdict;
}

/* One critical, one minor, one improved, some calm. */
static inline RsVerdict *failed_verdict(void)
{
    RsVerdict *verdict = new_verdict(RS_SEVERITY_CRITICAL);

    add_row(verdict, "query_cold", "wall", RS_VERDICT_UNCHANGED, 0.4);
    add_row(verdict, "index_build", "wall", RS_VERDICT_REGRESSION, 12.5);
    add_row(verdict, "parse_large", "wall", RS_VERDICT_REGRESSION, 23.4);
    add_row(verdict, "parse_large", "cpu", RS_VERDICT_REGRESSION, 16.1);
    add_row(verdict, "query_hot", "wall", RS_VERDICT_IMPROVEMENT, -15.1);
    add_row(verdict, "query_hot", "cpu", RS_VERDICT_BELOW_THRESHOLD, -5.1);
    return finish(verdict, RS_GATE_FAILED, 1);
}

/* Every state of a row, a failure and warnings, with the status undecided. */
static inline RsVerdict *mixed_verdict(const char *name)
{
    RsVerdict *verdict = new_verdict(RS_SEVERITY_CRITICAL);
    g_autoptr(RsFailure) failure = rs_failure_new(RS_ARM_CURRENT, "trial");
    RsRow *row = add_row(verdict, name, "wall", RS_VERDICT_INCONCLUSIVE, 8.2);

    row->reason = g_strdup("the budget of 150 pairs is spent");
    g_ptr_array_add(row->warnings, g_strdup_printf("the trials of %s are bimodal", name));
    add_row(verdict, "minor_one", "wall", RS_VERDICT_REGRESSION, 12.5);
    add_row(verdict, "apart", "wall", RS_VERDICT_INCOMPARABLE, NAN)->reason =
        g_strdup("the machines differ");
    add_row(verdict, "fresh", "wall", RS_VERDICT_NEW, NAN)->reason =
        g_strdup("the baseline has no such benchmark");
    add_row(verdict, "gone", "wall", RS_VERDICT_MISSING, NAN);
    add_row(verdict, "same", "wall", RS_VERDICT_UNCHANGED, NAN)->stop_reason = RS_STOP_IDENTICAL;
    add_row(verdict, "calm", "wall", RS_VERDICT_UNCHANGED, 0.2);
    failure->pair = 3;
    failure->exit_status = 101;
    failure->message = g_strdup("it exited with status 101");
    failure->output_tail = g_strdup_printf("````\n</details><h1>%s\n/close\n::error::x\n", name);
    g_ptr_array_add(verdict->failures, rs_verdict_failure_new(name, failure));
    g_ptr_array_add(verdict->warnings, g_strdup_printf("seen by %s", name));
    return finish(verdict, RS_GATE_UNDECIDED, 0);
}

static inline char *render(const char *format, const RsVerdict *verdict,
                           const RsReportOptions *options)
{
    g_autoptr(GError) error = NULL;
    gsize n_bytes = 0;
    char *text = rs_renderer_find(format)->render(verdict, options, &n_bytes, &error);

    ck_assert_msg(text != NULL, "%s: %s", format, error ? error->message : "no error told");
    ck_assert_uint_eq(n_bytes, strlen(text));
    ck_assert(g_utf8_validate(text, -1, NULL));
    return text;
}

/* What the program argv prints when it reads text; fails the test when it exits with an error. */
static inline char *pipe_through(const char *const *argv, const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = NULL;
    g_autofree char *complaint = NULL;
    g_autoptr(GPtrArray) command = g_ptr_array_new();
    char *printed = NULL;
    int status = 0;
    int fd = g_file_open_tmp("rustscope-report-XXXXXX", &path, &error);

    ck_assert_msg(fd >= 0 && close(fd) == 0, "no temporary file");
    ck_assert(g_file_set_contents(path, text, -1, &error));
    for (; *argv; argv++)
        g_ptr_array_add(command, (gpointer)*argv);
    g_ptr_array_add(command, path);
    g_ptr_array_add(command, NULL);
    ck_assert_msg(g_spawn_sync(NULL, (char **)command->pdata, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL,
                               &printed, &complaint, &status, &error),
                  "%s", error ? error->message : "");
    unlink(path);
    ck_assert_msg(status == 0, "%s: %s\n%s", (char *)command->pdata[0], complaint, text);
    return printed;
}

#define assert_has(text, part)                                                                     \
    ck_assert_msg(strstr((text), (part)) != NULL, "no \"%s\" in:\n%.2500s", (part), (text))
#define assert_has_not(text, part)                                                                 \
    ck_assert_msg(strstr((text), (part)) == NULL, "\"%s\" in:\n%.2500s", (part), (text))

#endif
