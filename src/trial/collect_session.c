/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The session of a plan: made new, or taken up again from what an earlier run left. */
#include "trial/collect.h"

#include "base/child_env.h"
#include "trial/schedule.h"

static void copy_program(const RsProgram *from, RsProgram *to)
{
    rs_program_clear(to);
    to->argv = g_strdupv(from->argv);
    to->shell = from->shell;
    to->working_directory = g_strdup(from->working_directory);
    to->stdin_path = g_strdup(from->stdin_path);
    to->environment = rs_child_env_without_secrets(from->environment);
    to->build_command = g_strdup(from->build_command);
}

RsSession *rs_collect_session(const RsPlan *plan)
{
    RsSession *session = rs_session_new();

    session->tool_version = g_strdup(RS_VERSION);
    session->run_id = g_uuid_string_random();
    session->configuration_sha256 = g_strdup(plan->configuration_sha256);
    session->shard_index = plan->shard_index;
    session->shard_count = plan->shard_count;
    session->expected_benchmarks = g_strdupv(plan->expected_benchmarks);
    session->seed = plan->seed >= 0 ? plan->seed : rs_schedule_draw_seed();
    session->gate = rs_gate_copy(plan->gate);
    for (guint i = 0; i < plan->benchmarks->len; i++) {
        const RsPlanBenchmark *planned = g_ptr_array_index(plan->benchmarks, i);
        RsBenchmark *benchmark = rs_benchmark_new(planned->name, planned->design);

        benchmark->tags = g_strdupv(planned->tags);
        benchmark->parameters = g_strdupv(planned->parameters);
        benchmark->threshold_pct = planned->threshold_pct;
        benchmark->gated_metrics = g_strdupv(planned->gated_metrics);
        for (RsArm arm = 0; arm < RS_N_ARMS; arm++)
            copy_program(&planned->programs[arm], &benchmark->programs[arm]);
        g_ptr_array_add(session->benchmarks, benchmark);
    }
    return session;
}

static gboolean same_environment(const RsProgram *planned, const RsProgram *recorded)
{
    static char *none[] = {NULL};
    g_auto(GStrv) shown = rs_child_env_without_secrets(planned->environment);

    return g_strv_equal(
        (const char *const *)(shown ? shown : none),
        (const char *const *)(recorded->environment ? recorded->environment : none));
}

static gboolean same_commands(const RsProgram *a, const RsProgram *b)
{
    if (!a->argv || !b->argv)
        return !a->argv && !b->argv;
    return g_strv_equal((const char *const *)a->argv, (const char *const *)b->argv) &&
           a->shell == b->shell && g_strcmp0(a->working_directory, b->working_directory) == 0 &&
           g_strcmp0(a->stdin_path, b->stdin_path) == 0 &&
           g_strcmp0(a->build_command, b->build_command) == 0 && same_environment(a, b);
}

static gboolean differs(GError **error, const char *what, const char *name)
{
    g_set_error(error, RS_PLAN_ERROR, RS_PLAN_ERROR_INVALID,
                "cannot resume: %s%s%s; start anew without --resume", what, name ? " " : "",
                name ? name : "");
    return FALSE;
}

gboolean rs_collect_resume(const RsPlan *plan, RsSession *session, GError **error)
{
    if (plan->seed >= 0 && plan->seed != session->seed)
        return differs(error, "the journal has another seed", NULL);
    if (!session->gate || session->gate->threshold_pct != plan->gate->threshold_pct ||
        session->gate->alpha != plan->gate->alpha ||
        session->gate->fail_on != plan->gate->fail_on ||
        session->gate->correction != plan->gate->correction ||
        session->gate->moderate_factor != plan->gate->moderate_factor ||
        session->gate->critical_factor != plan->gate->critical_factor ||
        !g_strv_equal((const char *const *)session->gate->metrics,
                      (const char *const *)plan->gate->metrics) ||
        session->gate->n_family != plan->gate->n_family)
        return differs(error, "the journal was collected with other options of the gate", NULL);
    if (session->benchmarks->len != plan->benchmarks->len)
        return differs(error, "the journal has other benchmarks", NULL);
    for (guint i = 0; i < plan->benchmarks->len; i++) {
        const RsPlanBenchmark *planned = g_ptr_array_index(plan->benchmarks, i);
        RsBenchmark *benchmark = g_ptr_array_index(session->benchmarks, i);

        if (!g_str_equal(planned->name, benchmark->name) || planned->design != benchmark->design)
            return differs(error, "the journal has no benchmark", planned->name);
        for (RsArm arm = 0; arm < RS_N_ARMS; arm++)
            if (!same_commands(&planned->programs[arm], &benchmark->programs[arm]))
                return differs(error, "the journal has another command for", planned->name);
        if (benchmark->stop_reason == RS_STOP_INTERRUPTED ||
            benchmark->stop_reason == RS_STOP_MAX_TIME ||
            benchmark->stop_reason == RS_STOP_FAILED) {
            benchmark->stop_reason = RS_STOP_NONE;
            g_ptr_array_set_size(benchmark->failures, 0);
        }
    }
    return TRUE;
}
