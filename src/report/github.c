/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For GitHub's runner: workflow commands, at most ten errors and ten warnings because it shows no
 * more of one step, and the lines that set a step's outputs. */
#include <math.h>
#include <string.h>

#include "report/blame_view.h"
#include "report/escape.h"
#include "report/policy_words.h"
#include "report/renderer.h"
#include "report/source.h"
#include "report/view.h"
#include "report/words.h"

#define MAX_COMMANDS  10
#define MESSAGE_CHARS 1000 /* of at most 4 bytes: the runner cuts at 4096 characters */
#define NAME_CHARS    200
#define PATH_CHARS    1000

/* Commands of one kind, collected; what goes beyond the limit is only counted. */
typedef struct {
    const char *level;
    GPtrArray *lines;
} Commands;

/* One with characters that have to be escaped in a log would name no file; NULL then. */
static char *usable_path(const RsBlamed *blamed)
{
    g_autofree char *path = rs_source_path(blamed);
    g_autofree char *plain = path ? rs_escape_line(path, PATH_CHARS) : NULL;

    return path && g_str_equal(path, plain) ? g_steal_pointer(&path) : NULL;
}

/* blamed: the place in the source that it is shown at; NULL: none. */
static void append_command(GString *out, const char *level, const char *title, const char *message,
                           const RsBlamed *blamed)
{
    g_autofree char *path = blamed ? usable_path(blamed) : NULL;
    g_autofree char *safe_title = rs_escape_github_property(title);
    g_autofree char *cut = rs_escape_lines(message, MESSAGE_CHARS);
    g_autofree char *safe = rs_escape_github_data(cut);

    g_string_append_printf(out, "::%s ", level);
    if (path) {
        g_autofree char *safe_path = rs_escape_github_property(path);

        g_string_append_printf(out, "file=%s,line=%" G_GINT64_FORMAT ",", safe_path, blamed->line);
    }
    g_string_append_printf(out, "title=%s::%s\n", safe_title, safe);
}

static void add_command(Commands *commands, const char *title, const char *message,
                        const RsBlamed *blamed)
{
    GString *line = g_string_new(NULL);

    append_command(line, commands->level, title, message, blamed);
    g_ptr_array_add(commands->lines, g_string_free(line, FALSE));
}

static void write_commands(GString *out, const Commands *commands)
{
    guint n = commands->lines->len;
    guint n_shown = n > MAX_COMMANDS ? MAX_COMMANDS - 1 : n;

    for (guint i = 0; i < n_shown; i++)
        g_string_append(out, g_ptr_array_index(commands->lines, i));
    if (n > n_shown) {
        g_autofree char *more = g_strdup_printf("… and %u more", n - n_shown);

        append_command(out, commands->level, "rustscope", more, NULL);
    }
}

static void add_row(const RsVerdict *verdict, const RsRow *row, Commands *errors,
                    Commands *warnings)
{
    g_autofree char *name = rs_escape_name(row->name, 80);
    g_autofree char *title = g_strdup_printf("rustscope: %s: %s", rs_words_label(row), name);
    g_autofree char *sentence = rs_words_row_and_blame(verdict, row, &rs_words_plain);
    const RsBlamed *blamed =
        row->verdict == RS_VERDICT_REGRESSION ? rs_blame_view_own(verdict, row->name) : NULL;

    if (rs_view_row_fails(verdict, row) && verdict->gate.status != RS_GATE_ACCEPTED)
        add_command(errors, title, sentence, blamed);
    else if (row->verdict == RS_VERDICT_REGRESSION || row->verdict == RS_VERDICT_INCONCLUSIVE ||
             row->verdict == RS_VERDICT_INCOMPARABLE || row->verdict == RS_VERDICT_MISSING)
        add_command(warnings, title, sentence, blamed);
}

static void add_failures(const RsVerdict *verdict, Commands *errors, Commands *warnings)
{
    for (guint i = 0; i < verdict->failures->len; i++) {
        const RsVerdictFailure *failure = g_ptr_array_index(verdict->failures, i);
        g_autofree char *sentence = rs_words_failure(failure, &rs_words_plain);

        add_command(failure->failure->arm == RS_ARM_CURRENT ? errors : warnings,
                    "rustscope: could not measure", sentence, NULL);
    }
}

/* First, because they are few and decide alone. */
static void add_policy(const RsVerdict *verdict, Commands *errors, Commands *warnings)
{
    for (guint i = 0; i < verdict->policy_changes->len; i++) {
        const RsPolicyChange *change = g_ptr_array_index(verdict->policy_changes, i);
        g_autofree char *sentence = NULL;

        if (!change->weakens)
            continue;
        sentence = rs_words_policy_change(change, &rs_words_plain);
        add_command(verdict->gate.status == RS_GATE_FAILED ? errors : warnings,
                    "rustscope: the change loosens the gate", sentence, NULL);
    }
}

char *rs_report_annotations(const RsVerdict *verdict, const RsReportOptions *options,
                            gsize *n_bytes, GError **error)
{
    g_autoptr(GPtrArray) benchmarks = rs_view_benchmarks(verdict);
    g_autoptr(GPtrArray) error_lines = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) warning_lines = g_ptr_array_new_with_free_func(g_free);
    Commands errors = {"error", error_lines}, warnings = {"warning", warning_lines};
    g_autofree char *headline = rs_words_headline(verdict);
    g_autofree char *accepted = rs_words_acceptance(verdict, &rs_words_plain);
    GString *out = g_string_new(NULL);

    append_command(out, "notice", "rustscope", headline, NULL);
    if (accepted)
        append_command(out, "notice", "rustscope: accepted", accepted, NULL);
    add_policy(verdict, &errors, &warnings);
    if (rs_view_is_unpaired(verdict))
        add_command(&warnings, "rustscope: measured apart", rs_words_unpaired, NULL);
    for (guint i = 0; i < benchmarks->len; i++) {
        g_autoptr(GPtrArray) rows = rs_view_rows(g_ptr_array_index(benchmarks, i));

        for (guint k = 0; k < rows->len; k++)
            add_row(verdict, g_ptr_array_index(rows, k), &errors, &warnings);
    }
    add_failures(verdict, &errors, &warnings);
    write_commands(out, &errors);
    write_commands(out, &warnings);
    if (n_bytes)
        *n_bytes = out->len;
    return g_string_free(out, FALSE);
}

static void append_text(GString *out, const char *name, const char *value)
{
    g_autofree char *text = rs_escape_github_output(name, value);

    g_string_append(out, text);
}

static void append_count(GString *out, const char *name, int count)
{
    g_string_append_printf(out, "%s=%d\n", name, count);
}

/* The one that is to blame for most of the worst benchmark's slowdown. */
static void append_worst_function(GString *out, const RsVerdict *verdict, const RsRow *worst)
{
    const RsBlame *blame = worst && worst->verdict == RS_VERDICT_REGRESSION
                               ? rs_verdict_blame(verdict, worst->name)
                               : NULL;
    const RsBlamed *blamed = blame ? rs_blame_view_guiltiest(blame) : NULL;
    g_autofree char *name = blamed ? rs_escape_name(blamed->name, NAME_CHARS) : g_strdup("");

    append_text(out, "worst-function", name);
}

static void append_worst(GString *out, const RsVerdict *verdict)
{
    g_autoptr(GPtrArray) benchmarks = rs_view_benchmarks(verdict);
    const RsViewBenchmark *first = benchmarks->len > 0 ? g_ptr_array_index(benchmarks, 0) : NULL;
    const RsRow *worst = first ? first->worst : NULL;
    g_autofree char *name = worst ? rs_escape_name(worst->name, NAME_CHARS) : g_strdup("");
    char change[G_ASCII_DTOSTR_BUF_SIZE] = "";

    if (worst && isfinite(worst->change_pct))
        g_ascii_formatd(change, sizeof change, "%.2f", worst->change_pct);
    append_text(out, "worst-benchmark", name);
    g_string_append_printf(out, "worst-change-percent=%s\n", change);
    append_worst_function(out, verdict, worst);
}

char *rs_report_github_outputs(const RsVerdict *verdict, const RsReportOptions *options,
                               gsize *n_bytes, GError **error)
{
    static const char *const sha_names[RS_N_ARMS] = {"baseline-sha", "head-sha"};
    const RsVerdictSummary *summary = &verdict->summary;
    g_autofree char *sampler = rs_escape_line(verdict->sampler ? verdict->sampler : "none", 40);
    GString *out = g_string_new(NULL);

    g_string_append_printf(out, "severity=%s\n", rs_severity_names[rs_view_severity(verdict)]);
    g_string_append_printf(out, "gate=%s\n", rs_gate_status_names[verdict->gate.status]);
    append_count(out, "exit-code", verdict->gate.exit_status);
    append_count(out, "benchmarks", (int)summary->n_benchmarks);
    append_count(out, "critical", (int)summary->n_by_severity[RS_SEVERITY_CRITICAL]);
    append_count(out, "moderate", (int)summary->n_by_severity[RS_SEVERITY_MODERATE]);
    append_count(out, "minor", (int)summary->n_by_severity[RS_SEVERITY_MINOR]);
    append_count(out, "improved", (int)summary->n_by_verdict[RS_VERDICT_IMPROVEMENT]);
    append_worst(out, verdict);
    append_text(out, "sampler", sampler);
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++) {
        gboolean is_head = arm == RS_ARM_CURRENT && verdict->change_head;
        g_autofree char *sha =
            rs_escape_line(is_head ? verdict->change_head : verdict->revisions[arm].revision, 80);

        append_text(out, sha_names[arm], sha);
    }
    if (n_bytes)
        *n_bytes = out->len;
    return g_string_free(out, FALSE);
}
