/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>

#include "base/child_env.h"
#include "cmd/bench_collect.h"
#include "cmd/ci.h"
#include "cmd/command.h"
#include "format/codec.h"

static void set_revision(RsCi *ci, RsArm arm)
{
    RsRevision *revision = &ci->session->revisions[arm];
    const char *name = ci->trees ? rs_worktrees_revision(ci->trees, arm) : ci->revisions[arm];

    if (!name)
        return;
    if (g_strcmp0(revision->revision, name) != 0) {
        g_clear_pointer(&revision->branch, g_free);
        g_clear_pointer(&revision->describe, g_free);
        g_free(revision->revision);
        revision->revision = g_strdup(name);
    }
    revision->dirty = revision->dirty && !ci->trees;
}

/* Submodules that are empty and the like: on stderr, and in every report. */
static void warn_of_trees(RsCi *ci)
{
    const GPtrArray *warnings = ci->trees ? rs_worktrees_warnings(ci->trees) : NULL;

    for (guint i = 0; warnings && i < warnings->len; i++) {
        const char *warning = g_ptr_array_index(warnings, i);

        rs_warn("%s", warning);
        g_ptr_array_add(ci->session->warnings, g_strdup(warning));
    }
}

/* The build that failed is the failure of every benchmark. */
static void fail_all(RsSession *session, const RsFailure *failure)
{
    for (guint i = 0; i < session->benchmarks->len; i++) {
        RsBenchmark *benchmark = g_ptr_array_index(session->benchmarks, i);
        RsFailure *copy = rs_failure_new(failure->arm, failure->stage);

        copy->message = g_strdup(failure->message);
        copy->output_tail = g_strdup(failure->output_tail);
        g_ptr_array_add(benchmark->failures, copy);
        benchmark->stop_reason = RS_STOP_FAILED;
    }
}

static int collect(RsCi *ci, const RsFailure *failure)
{
    const RsCiOpts *opts = ci->opts;
    RsBenchCollect what = {
        .output_path = ci->session_path,
        .names = &opts->judge.names,
        .trees = ci->trees,
        .pass_environment = opts->bench.pass_environment,
        .show_output = opts->bench.show_output,
        .allow_undecided = opts->bench.allow_undecided,
        .measure_identical = opts->measure_identical,
        .quiet = opts->quiet,
    };
    g_autoptr(GError) error = NULL;

    if (!failure)
        return rs_bench_collect(&what, ci->plan, ci->session, ci->launcher);
    fail_all(ci->session, failure);
    rs_complain(0, "%s\n%s", failure->message, failure->output_tail);
    if (!rs_session_write(ci->session, ci->session_path, &error))
        return rs_complain(RS_EXIT_CANNOT, "%s", error->message);
    return failure->arm == RS_ARM_CURRENT ? RS_EXIT_CANNOT : RS_EXIT_PASSED;
}

static void append_option(GString *text, const char *option, const char *value)
{
    g_autofree char *quoted = value ? g_shell_quote(value) : NULL;

    if (quoted)
        g_string_append_printf(text, " --%s %s", option, quoted);
}

/* What builds and measures both revisions again, anywhere that the repository is. */
static char *repeat_command(const RsCi *ci)
{
    const RsCiOpts *opts = ci->opts;
    g_autoptr(GString) text = g_string_new("rustscope ci");
    g_autofree char *command = rs_ci_command_text(opts);

    append_option(text, "baseline-ref", rs_worktrees_revision(ci->trees, RS_ARM_BASELINE));
    append_option(text, "head-ref", rs_worktrees_revision(ci->trees, RS_ARM_CURRENT));
    append_option(text, "build", opts->build);
    append_option(text, "baseline-build", opts->bench.baseline_build);
    append_option(text, "current-build", opts->bench.current_build);
    append_option(text, "config", opts->bench.config_path);
    append_option(text, "working-directory", opts->bench.working_directory);
    append_option(text, "name", opts->bench.name);
    append_option(text, "command", command);
    rs_bench_append_gate(text, ci->session->gate);
    g_string_append_printf(text, " --seed %" G_GINT64_FORMAT, ci->session->seed);
    return rs_child_env_without_url_secrets(text->str);
}

static RsVerdict *judge(RsCi *ci, GError **error)
{
    const RsCiOpts *opts = ci->opts;
    RsVerdict *verdict =
        rs_judge_sessions(&opts->judge, ci->rows, &opts->base, ci->stored, ci->session, error);

    if (!verdict)
        return NULL;
    if (ci->trees) {
        g_free(verdict->command);
        verdict->command = repeat_command(ci);
    }
    return verdict;
}

/* Why nothing could be measured. */
static int status_of(const GError *error)
{
    int stop_signal = *rs_bench_catch_signals();
    gboolean is_usage = error->domain == G_OPTION_ERROR || error->domain == RS_PLAN_ERROR;

    if (stop_signal)
        return RS_EXIT_SIGNAL + stop_signal;
    return rs_complain(is_usage ? RS_EXIT_USAGE : RS_EXIT_CANNOT, "%s", error->message);
}

RsVerdict *rs_ci_measure(RsCi *ci, int *status)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *journal_path = rs_bench_journal_path(ci->session_path);
    RsFailure *failure = NULL;
    RsVerdict *verdict = NULL;

    if (!rs_ci_prepare(ci, &failure, &error)) {
        *status = status_of(error);
        return NULL;
    }
    ci->session = rs_bench_session(ci->plan);
    ci->session->change_head = g_strdup(ci->change_head);
    if (ci->policy_changes) {
        g_ptr_array_unref(ci->session->policy_changes);
        ci->session->policy_changes = g_steal_pointer(&ci->policy_changes);
    }
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++)
        set_revision(ci, arm);
    warn_of_trees(ci);
    g_unlink(journal_path); /* of a run that this job's folder has no use for any more */
    *status = collect(ci, failure);
    if (failure)
        rs_failure_free(failure);
    /* A program that cannot be run is in the verdict, too. */
    if (*status != RS_EXIT_PASSED && *status != RS_EXIT_CANNOT)
        return NULL;
    verdict = judge(ci, &error);
    if (!verdict)
        *status = rs_complain(RS_EXIT_CANNOT, "%s", error->message);
    return verdict;
}
