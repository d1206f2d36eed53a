/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The RustScope spellings without a subcommand: a comparison, a recording, or --doctor. */
#include "cmd/command.h"
#include "cmd/doctor.h"
#include "cmd/judge.h"
#include "cmd/record_opts.h"

typedef struct {
    RsOptBase base;
    RsJudgeOpts judge;
    RsRecordOpts record;
    char *baseline_path, *current_path;
    gboolean doctor, json;
} Values;

static const RsOpt opts[] = {
    {"compare-baseline", 0, RS_OPT_FILE, offsetof(Values, baseline_path), NULL, "FILE",
     "the session before the change", NULL},
    {"compare-current", 0, RS_OPT_FILE, offsetof(Values, current_path), NULL, "FILE",
     "the session after the change", NULL},
    {"compare-output", 0, RS_OPT_FILE, offsetof(Values, judge.output_path), NULL, "FILE",
     "write the verdict file (JSON)", NULL},
    RS_JUDGE_OPT_ROWS(Values),
    RS_RECORD_OPT_ROWS(Values),
    {"doctor", 0, RS_OPT_FLAG, offsetof(Values, doctor), NULL, NULL,
     "what this machine permits (as `rustscope doctor`)", NULL},
    {"json", 0, RS_OPT_FLAG, offsetof(Values, json), NULL, NULL, "with --doctor: as JSON", NULL},
    {0},
};

typedef enum { MEANS_COMPARE, MEANS_RECORD, MEANS_DOCTOR } Meaning;
static const char *const meaning_words[] = {"a comparison", "a recording", "--doctor"};

static Meaning meaning_of_row(guint i)
{
    static const RsOpt of_compare[] = {RS_JUDGE_OPT_ROWS(Values), {0}};

    if (g_str_equal(opts[i].name, "doctor") || g_str_equal(opts[i].name, "json"))
        return MEANS_DOCTOR;
    if (g_str_has_prefix(opts[i].name, "compare-"))
        return MEANS_COMPARE;
    for (const RsOpt *row = of_compare; row->name; row++)
        if (g_str_equal(row->name, opts[i].name))
            return MEANS_COMPARE;
    return MEANS_RECORD;
}

static Meaning meaning_of(const Values *values)
{
    if (values->doctor)
        return MEANS_DOCTOR;
    if (values->base.command || values->record.pid >= 0 || values->record.name)
        return MEANS_RECORD;
    return MEANS_COMPARE;
}

/* The first option that was given and does not belong to what is meant; -1: none. */
static int foreign_option(const Values *values, Meaning meaning)
{
    for (guint i = 0; opts[i].name; i++)
        if (rs_opt_is_given(&values->base, i) && meaning_of_row(i) != meaning)
            return (int)i;
    return -1;
}

static int compare(Values *values)
{
    if (!values->baseline_path || !values->current_path)
        return rs_complain(RS_EXIT_USAGE,
                           "expected --compare-baseline FILE and --compare-current FILE, --pid "
                           "PID, -- COMMAND, or a command (see rustscope --help)");
    values->judge.allow_unpaired = TRUE; /* this spelling has always gated */
    return rs_judge(&values->judge, opts, &values->base, values->baseline_path,
                    values->current_path);
}

static int run_classic(gpointer data)
{
    Values *values = data;
    Meaning meaning = meaning_of(values);
    int foreign = foreign_option(values, meaning);

    if (values->base.operands[0])
        return rs_complain(RS_EXIT_USAGE, "unexpected argument '%s'", values->base.operands[0]);
    if (foreign >= 0 && meaning == MEANS_COMPARE &&
        meaning_of_row((guint)foreign) == MEANS_RECORD && !values->baseline_path &&
        !values->current_path)
        return rs_complain(RS_EXIT_USAGE,
                           "--%s: what is to be recorded? --pid PID, --name NAME, or -- COMMAND",
                           opts[foreign].name);
    if (foreign >= 0)
        return rs_complain(RS_EXIT_USAGE, "--%s does not belong to %s", opts[foreign].name,
                           meaning_words[meaning]);
    switch (meaning) {
    case MEANS_DOCTOR:
        return rs_doctor(values->json);
    case MEANS_RECORD:
        return rs_record(&values->record, opts, &values->base);
    default:
        return compare(values);
    }
}

#define NOT_YET "is not in this version; "

static const char *const later[][2] = {
    {"otel", NOT_YET "sessions are written as files (--output)"},
    {"otel-endpoint", NOT_YET "sessions are written as files (--output)"},
    {"otel-period-sec", NOT_YET "sessions are written as files (--output)"},
    {"import-pprof", NOT_YET "no other formats than sessions are read"},
    {"export-json", NOT_YET "every session is JSON already"},
    {NULL, NULL},
};

const RsCommandRow rs_command_classic = {
    .name = "",
    .operands = "[-- CMD ARGS...]",
    .summary = "Compare two sessions measured apart, or record a process or a command, as "
               "RustScope did.",
    .opts = opts,
    .n_values_bytes = sizeof(Values),
    .takes_command = TRUE,
    .later = later,
    .run = run_classic,
};
