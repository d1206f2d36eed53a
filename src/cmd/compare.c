/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/command.h"
#include "cmd/judge.h"

typedef struct {
    RsOptBase base;
    RsJudgeOpts judge;
} Values;

static const RsOpt compare_opts[] = {
    {"output", 'o', RS_OPT_FILE, offsetof(Values, judge.output_path), NULL, "FILE",
     "write the verdict file (JSON)", NULL},
    RS_JUDGE_OPT_ROWS(Values),
    {"allow-unpaired", 0, RS_OPT_FLAG, offsetof(Values, judge.allow_unpaired), NULL, NULL,
     "let two files measured apart fail the gate", NULL},
    RS_NAMES_OPT_ROWS(Values, judge.names),
    {0},
};

static int run_compare(gpointer data)
{
    const Values *values = data;
    char **files = values->base.operands;
    guint n = g_strv_length(files);

    if (n < 1 || n > 2)
        return rs_complain(RS_EXIT_USAGE,
                           "compare: expected one file of pairs, or BASE and CURRENT "
                           "(see rustscope compare --help)");
    return rs_judge(&values->judge, compare_opts, &values->base, files[0], files[1]);
}

const RsCommandRow rs_command_compare = {
    .name = "compare",
    .operands = "RUN | BASE CURRENT",
    .summary = "Decide whether the current program is slower, and write a verdict file.",
    .description =
        "RUN is a file of pairs (bench-run --baseline ... --current ...), or the journal of a run "
        "that was\nkilled. BASE and CURRENT are two files measured apart: they are tested by "
        "Welch's t-test, which\ncarries no promise on false alarms, and gate only with "
        "--allow-unpaired.\n\n"
        "Exit status: 0 passed, accepted, or undecided with a warning; 1 gate failed; 2 usage; 3 "
        "could not do it;\n4 no usable baseline and 6 undecided where --on-... fail asks for it.",
    .opts = compare_opts,
    .n_values_bytes = sizeof(Values),
    .run = run_compare,
};
