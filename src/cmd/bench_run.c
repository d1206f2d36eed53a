/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench-run: collect, journal, write the session. */
#include <stdio.h>

#include "cmd/bench_collect.h"
#include "cmd/bench_opts.h"
#include "cmd/command.h"
#include "format/codec.h"
#include "format/journal.h"

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

static int run_bench_run(gpointer data)
{
    const Values *values = data;
    g_autoptr(GError) error = NULL;
    g_autoptr(RsLauncher) launcher = rs_launcher_new(&error); /* while this process is small */
    g_autofree char *journal_path = rs_bench_journal_path(values->output_path);
    RsBenchCollect what = {
        .output_path = values->output_path,
        .names = &values->names,
        .pass_environment = values->bench.pass_environment,
        .show_output = values->bench.show_output,
        .allow_undecided = values->bench.allow_undecided,
        .measure_identical = values->measure_identical,
        .quiet = values->quiet,
        .tell_next = TRUE,
    };
    g_autoptr(RsSession) session = NULL;
    g_autoptr(RsPlan) plan = NULL;

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
    return rs_bench_collect(&what, plan, session, launcher);
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
