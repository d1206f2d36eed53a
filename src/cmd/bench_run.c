/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench-run: collect, journal, write the session. */
#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/bench_opts.h"
#include "cmd/command.h"
#include "cmd/names.h"
#include "cmd/progress.h"
#include "cmd/runner_commands.h"
#include "format/codec.h"
#include "format/journal.h"

#define N_FUNCTIONS 5 /* in the list at the end */

typedef struct {
    RsOptBase base;
    RsBenchOpts bench;
    RsGateOpts gate;
    RsNamesOpts names;
    char *output_path, *baseline_revision, *current_revision;
    gboolean resume, measure_identical, quiet;
} Values;

static const RsOpt opts[] = {
    {"baseline", 0, RS_OPT_TEXT, offsetof(Values, bench.baseline), NULL, "CMD",
     "the program before the change", NULL},
    {"current", 0, RS_OPT_TEXT, offsetof(Values, bench.current), NULL, "CMD",
     "the program after the change", NULL},
    {"output", 'o', RS_OPT_FILE, offsetof(Values, output_path), "run.json", "FILE",
     "the session file to write", NULL},
    {"trials", 'n', RS_OPT_COUNT, offsetof(Values, bench.n_trials), NULL, "N",
     "exactly N pairs (or trials of one program), instead of stopping when decided", NULL},
    RS_BENCH_OPT_ROWS(Values),
    RS_GATE_OPT_ROWS(Values, gate),
    {"shard", 0, RS_OPT_TEXT, offsetof(Values, bench.shard), NULL, "I/N",
     "the I-th of N parts of the configuration; `rustscope merge` joins them", NULL},
    {"baseline-directory", 0, RS_OPT_FILE, offsetof(Values, bench.baseline_directory), NULL, "DIR",
     "where --baseline runs", NULL},
    {"current-directory", 0, RS_OPT_FILE, offsetof(Values, bench.current_directory), NULL, "DIR",
     "where --current runs", NULL},
    {"baseline-build", 0, RS_OPT_TEXT, offsetof(Values, bench.baseline_build), NULL, "CMD",
     "builds the program before the change, through /bin/sh", NULL},
    {"current-build", 0, RS_OPT_TEXT, offsetof(Values, bench.current_build), NULL, "CMD",
     "builds the program after the change, through /bin/sh", NULL},
    {"baseline-revision", 0, RS_OPT_TEXT, offsetof(Values, baseline_revision), NULL, "SHA",
     "recorded as the baseline's revision", NULL},
    {"current-revision", 0, RS_OPT_TEXT, offsetof(Values, current_revision), NULL, "SHA",
     "recorded as the current revision (else asked of git)", NULL},
    {"resume", 0, RS_OPT_FLAG, offsetof(Values, resume), NULL, NULL,
     "go on with a run that was killed or interrupted", NULL},
    {"measure-identical", 0, RS_OPT_FLAG, offsetof(Values, measure_identical), NULL, NULL,
     "measure although both programs are the same", NULL},
    {"quiet", 'q', RS_OPT_FLAG, offsetof(Values, quiet), NULL, NULL, "no progress", NULL},
    RS_NAMES_OPT_ROWS(Values, names),
    {0},
};

typedef struct {
    const Values *values;
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
    g_autoptr(RsNames) names = rs_names_new(&((Run *)data)->values->names, modules);

    rs_names_session(names, session);
}

/* What an earlier run of this output left: its journal, or a session that is marked incomplete. */
static RsSession *left_over(const Values *values, const char *journal_path, GError **error)
{
    if (g_file_test(journal_path, G_FILE_TEST_EXISTS))
        return rs_journal_read(journal_path, error);
    if (g_file_test(values->output_path, G_FILE_TEST_EXISTS))
        return rs_session_read(values->output_path, error);
    g_set_error(error, RS_PLAN_ERROR, RS_PLAN_ERROR_INVALID,
                "there is nothing to resume: neither %s nor %s exists", journal_path,
                values->output_path);
    return NULL;
}

static RsSession *start_session(const Values *values, const RsPlan *plan, const char *journal_path,
                                GError **error)
{
    g_autoptr(RsSession) session = NULL;

    if (!values->resume && g_file_test(journal_path, G_FILE_TEST_EXISTS)) {
        g_set_error(error, RS_PLAN_ERROR, RS_PLAN_ERROR_INVALID,
                    "%s is left from a run that did not end: go on with --resume, judge it with "
                    "`rustscope compare %s`, or delete it",
                    journal_path, journal_path);
        return NULL;
    }
    session = values->resume ? left_over(values, journal_path, error) : rs_bench_session(plan);
    if (!session || (values->resume && !rs_collect_resume(plan, session, error)))
        return NULL;
    if (values->baseline_revision) {
        g_free(session->revisions[RS_ARM_BASELINE].revision);
        session->revisions[RS_ARM_BASELINE].revision = g_strdup(values->baseline_revision);
    }
    if (values->current_revision) {
        g_free(session->revisions[RS_ARM_CURRENT].revision);
        session->revisions[RS_ARM_CURRENT].revision = g_strdup(values->current_revision);
    }
    return g_steal_pointer(&session);
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
        !rs_session_write(session, run->values->output_path, error))
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

static void tell_the_end(const Values *values, RsSession *session)
{
    const RsBenchmark *first = g_ptr_array_index(session->benchmarks, 0);

    if (!values->quiet && count_trials(session)) {
        tell_sampling(session);
        if (session->profile && session->profile->lines->len)
            rs_names_tell_top(session, N_FUNCTIONS);
    }
    if (stop_signal)
        fprintf(stderr,
                "rustscope: interrupted; what was measured is in %s, marked incomplete "
                "(--resume goes on)\n",
                values->output_path);
    else if (!values->quiet)
        fprintf(stderr, "rustscope: %u trials in %s (seed %" G_GINT64_FORMAT ")%s%s\n",
                count_trials(session), values->output_path, session->seed,
                first->design == RS_DESIGN_PAIRED ? "; next: rustscope compare " : "",
                first->design == RS_DESIGN_PAIRED ? values->output_path : "");
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
}

static int collect(const Values *values, const RsPlan *plan, RsSession *session,
                   RsLauncher *launcher, const char *journal_path)
{
    Run run = {.values = values, .change_pct = NAN};
    RsCollectOptions options = {
        .runner = {.stop = &stop_signal,
                   .show_output = values->bench.show_output,
                   .pass_environment = values->bench.pass_environment},
        .measure_identical = values->measure_identical,
        .allow_undecided = values->bench.allow_undecided,
        .user_data = &run,
        .on_ready = on_ready,
        .on_trial = on_trial,
        .on_benchmark = on_benchmark,
        .on_progress = on_progress,
        .on_sampled = on_sampled,
    };
    g_autoptr(GError) error = NULL, write_error = NULL;
    gboolean nothing_yet;
    int status;

    run.journal = rs_journal_create(journal_path, session, &error);
    if (!run.journal)
        return rs_complain(RS_EXIT_CANNOT, "%s", error->message);
    run.view = rs_progress_view_new(values->quiet);
    catch_signals();
    rs_collect(plan, session, launcher, &options, &error);
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
        tell_the_end(values, session);
    }
    rs_journal_free(run.journal);
    return status;
}

static int run_bench_run(gpointer data)
{
    const Values *values = data;
    g_autoptr(GError) error = NULL;
    g_autoptr(RsLauncher) launcher = rs_launcher_new(&error); /* while this process is small */
    g_autofree char *journal_path = g_strconcat(values->output_path, ".journal", NULL);
    g_autoptr(RsSession) session = NULL;
    g_autoptr(RsPlan) plan = NULL;
    int status;

    if (!launcher)
        return rs_complain(RS_EXIT_CANNOT, "%s", error->message);
    if (values->base.operands[0])
        return rs_complain(RS_EXIT_USAGE,
                           "bench-run: unexpected argument '%s' (a command goes "
                           "behind --)",
                           values->base.operands[0]);
    plan = rs_bench_plan(&values->bench, &values->gate, opts, &values->base, &error);
    if (!plan)
        return rs_complain(RS_EXIT_USAGE, "%s", error->message);
    session = start_session(values, plan, journal_path, &error);
    if (!session)
        return rs_complain(error->domain == RS_PLAN_ERROR ? RS_EXIT_USAGE : RS_EXIT_CANNOT, "%s",
                           error->message);
    if (values->bench.show_output)
        rs_runner_begin_foreign();
    status = collect(values, plan, session, launcher, journal_path);
    if (values->bench.show_output)
        rs_runner_end_foreign();
    return status;
}

const RsCommandRow rs_command_bench_run = {
    .name = "bench-run",
    .operands = "[-- CMD ARGS...]",
    .summary = "Collect repeated trials of a baseline and a current program side by side, or of "
               "one program.",
    .description =
        "Side by side (--baseline, --current, or -c rustscope.yml) the two programs run in pairs "
        "in random order,\nuntil the rule has decided every benchmark or the budget is spent. "
        "With one command behind -- a fixed\nnumber of trials is taken for a stored baseline.\n\n"
        "Commands are run without a shell unless --shell is given; their output is discarded. "
        "Every trial is\njournalled beside the output file, so a run that is killed loses "
        "nothing: --resume goes on.\n\n"
        "Examples:\n"
        "  rustscope bench-run --baseline './old parse big.json' --current './new parse big.json' "
        "-o run.json\n"
        "  rustscope bench-run -c rustscope.yml --filter 'parse*' --max-time 10m -o run.json\n"
        "  rustscope bench-run -n 50 -o base.json -- ./app input.txt",
    .opts = opts,
    .n_values_bytes = sizeof(Values),
    .takes_command = TRUE,
    .run = run_bench_run,
};
