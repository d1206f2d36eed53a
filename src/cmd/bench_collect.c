/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/bench_collect.h"

#include <glib/gstdio.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>

#include "cmd/command.h"
#include "cmd/progress.h"
#include "cmd/runner_commands.h"
#include "format/codec.h"
#include "format/journal.h"

#define N_FUNCTIONS 5 /* in the list at the end */

typedef struct {
    const RsBenchCollect *what;
    RsJournal *journal;
    RsProgressView *view;
    double change_pct; /* last told */
} Run;

static volatile int stop_signal;

static void on_signal(int signal_number)
{
    stop_signal = signal_number;
}

static gboolean on_trial(const RsSession *session, guint benchmark, guint trial, gpointer data,
                         GError **error)
{
    return rs_journal_trial(((Run *)data)->journal, session, benchmark, trial, error);
}

static gboolean on_ready(const RsSession *session, guint benchmark, gpointer data, GError **error)
{
    return rs_journal_benchmark(((Run *)data)->journal, session, benchmark, error);
}

static gboolean on_benchmark(const RsSession *session, guint benchmark, gpointer data,
                             GError **error)
{
    Run *run = data;

    rs_progress_view_ended(run->view, g_ptr_array_index(session->benchmarks, benchmark),
                           run->change_pct);
    return rs_journal_benchmark(run->journal, session, benchmark, error);
}

static void on_progress(const RsProgress *progress, gpointer data)
{
    Run *run = data;

    run->change_pct = progress->n_pairs ? progress->change_pct : NAN;
    rs_progress_view_show(progress, run->view);
}

static void on_sampled(RsSession *session, RsModules *modules, gpointer data)
{
    g_autoptr(RsNames) names = rs_names_new(((Run *)data)->what->names, modules);

    rs_names_session(names, session);
}

static gboolean has_failure(const RsSession *session, RsArm arm)
{
    for (guint i = 0; i < session->benchmarks->len; i++) {
        const RsBenchmark *benchmark = g_ptr_array_index(session->benchmarks, i);

        for (guint j = 0; j < benchmark->failures->len; j++) {
            const RsFailure *failure = g_ptr_array_index(benchmark->failures, j);

            if (failure->arm == arm || benchmark->design == RS_DESIGN_SINGLE)
                return TRUE;
        }
    }
    return FALSE;
}

static int status_of(const RsSession *session, const GError *error)
{
    if (stop_signal)
        return RS_EXIT_SIGNAL + stop_signal;
    if (error)
        return rs_complain(error->domain == RS_PLAN_ERROR ? RS_EXIT_USAGE : RS_EXIT_CANNOT, "%s",
                           error->message);
    if (has_failure(session, RS_ARM_CURRENT))
        return rs_complain(RS_EXIT_CANNOT, "a program could not be built or run; see above");
    if (has_failure(session, RS_ARM_BASELINE))
        rs_warn("the baseline could not be built or run: there is nothing to compare with");
    return RS_EXIT_PASSED;
}

static guint count_trials(const RsSession *session)
{
    guint n = 0;

    for (guint i = 0; i < session->benchmarks->len; i++)
        n += rs_benchmark_n_trials(g_ptr_array_index(session->benchmarks, i));
    return n;
}

/* Writes what there is; the journal goes only when the session is safely there. */
static gboolean write_session(const Run *run, const RsSession *session, const char *journal_path,
                              GError **error)
{
    if (!rs_journal_close(run->journal, error) ||
        !rs_session_write(session, run->what->output_path, error))
        return FALSE;
    g_unlink(journal_path);
    return TRUE;
}

/* Whether a sampler ran along, and what it cost. */
static void tell_sampling(const RsSession *session)
{
    const RsDiagnostics *diagnostics = session->profile ? &session->profile->diagnostics : NULL;

    if (!diagnostics || !diagnostics->backend)
        return;
    if (g_str_equal(diagnostics->backend, "none"))
        fprintf(stderr, "rustscope: stacks were not sampled: %s\n", diagnostics->backend_reason);
    else if (diagnostics->fidelity)
        fprintf(stderr, "rustscope: %s\n", diagnostics->fidelity);
}

static void tell_the_end(const RsBenchCollect *what, RsSession *session)
{
    const RsBenchmark *first = g_ptr_array_index(session->benchmarks, 0);
    gboolean tells_next = what->tell_next && first->design == RS_DESIGN_PAIRED;

    if (!what->quiet && count_trials(session)) {
        tell_sampling(session);
        if (session->profile && session->profile->lines->len)
            rs_names_tell_top(session, N_FUNCTIONS);
    }
    if (stop_signal)
        fprintf(stderr, "rustscope: interrupted; what was measured is in %s, marked incomplete%s\n",
                what->output_path, what->tell_next ? " (--resume goes on)" : "");
    else if (!what->quiet)
        fprintf(stderr, "rustscope: %u trials in %s (seed %" G_GINT64_FORMAT ")%s%s\n",
                count_trials(session), what->output_path, session->seed,
                tells_next ? "; next: rustscope compare " : "",
                tells_next ? what->output_path : "");
}

const volatile int *rs_bench_catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    return &stop_signal;
}

char *rs_bench_journal_path(const char *output_path)
{
    return g_strconcat(output_path, ".journal", NULL);
}

int rs_bench_collect(const RsBenchCollect *what, const RsPlan *plan, RsSession *session,
                     RsLauncher *launcher)
{
    Run run = {.what = what, .change_pct = NAN};
    RsCollectOptions options = {
        .runner = {.stop = rs_bench_catch_signals(),
                   .show_output = what->show_output,
                   .pass_environment = what->pass_environment},
        .measure_identical = what->measure_identical,
        .allow_undecided = what->allow_undecided,
        .user_data = &run,
        .on_ready = on_ready,
        .on_trial = on_trial,
        .on_benchmark = on_benchmark,
        .on_progress = on_progress,
        .on_sampled = on_sampled,
    };
    g_autoptr(GError) error = NULL, write_error = NULL;
    g_autofree char *journal_path = rs_bench_journal_path(what->output_path);
    gboolean nothing_yet;
    int status;

    if (what->trees)
        options.runner.arms = (RsArms){.before = rs_worktrees_before_arm,
                                       .is_same_around = rs_worktrees_is_same_around,
                                       .check = rs_worktrees_check,
                                       .environment = rs_worktrees_environment,
                                       .data = what->trees};
    run.journal = rs_journal_create(journal_path, session, &error);
    if (!run.journal)
        return rs_complain(RS_EXIT_CANNOT, "%s", error->message);
    run.view = rs_progress_view_new(what->quiet);
    if (what->show_output)
        rs_runner_begin_foreign();
    rs_collect(plan, session, launcher, &options, &error);
    if (what->show_output)
        rs_runner_end_foreign();
    rs_progress_view_free(run.view);
    nothing_yet = error && error->domain == RS_PLAN_ERROR;
    status = status_of(session, error);
    if (nothing_yet) {
        if (!count_trials(session))
            g_unlink(journal_path);
    } else if (!write_session(&run, session, journal_path, &write_error)) {
        rs_complain(0, "%s; what was measured is kept in %s", write_error->message, journal_path);
        status = status > RS_EXIT_SIGNAL ? status : RS_EXIT_CANNOT;
    } else {
        tell_the_end(what, session);
    }
    rs_journal_free(run.journal);
    return status;
}
