/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One test case for each benchmark: red when it makes the gate fail, skipped when nothing could be
 * said of it, an error when its current program could not be run. */
#include "report/blame_view.h"
#include "report/blame_words.h"
#include "report/escape.h"
#include "report/policy_words.h"
#include "report/renderer.h"
#include "report/source.h"
#include "report/view.h"
#include "report/words.h"

#define NAME_CHARS 200
#define TAIL_LINES 40
#define TAIL_CHARS 8000
#define MAX_ASIDES 5
#define MAX_POLICY 40

typedef struct {
    const RsVerdict *verdict;
    GString *cases;
    guint n_tests, n_failures, n_errors, n_skipped;
} Suite;

static void append_attribute(GString *out, const char *name, const char *value)
{
    g_autofree char *safe = rs_escape_xml(value);

    g_string_append_printf(out, " %s=\"%s\"", name, safe);
}

static void append_property(GString *out, const char *name, const char *value)
{
    g_string_append_printf(out, "      <property name=\"%s\"", name);
    append_attribute(out, "value", value);
    g_string_append(out, "/>\n");
}

/* Who is to blame, in sentences, one a line. */
static void append_blame(GString *text, const RsVerdict *verdict, const char *benchmark)
{
    const RsBlame *blame = rs_verdict_blame(verdict, benchmark);
    g_autofree char *sentence = rs_words_blame(verdict, benchmark, &rs_words_plain);
    g_autoptr(GPtrArray) notes = NULL;

    if (!blame)
        return;
    if (sentence)
        g_string_append_printf(text, "%s\n", sentence);
    notes = rs_words_blame_notes(blame, MAX_ASIDES, TRUE, &rs_words_plain);
    for (guint i = 0; i < notes->len; i++)
        g_string_append_printf(text, "%s\n", (char *)g_ptr_array_index(notes, i));
}

/* The sentences on all gated rows, one a line. */
static char *rows_text(const RsVerdict *verdict, const RsViewBenchmark *benchmark)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < benchmark->rows->len; i++) {
        const RsRow *row = g_ptr_array_index(benchmark->rows, i);
        g_autofree char *sentence = NULL;

        if (!row->gated)
            continue;
        sentence = rs_words_row(row, &rs_words_plain);
        g_string_append_printf(text, "%s\n", sentence);
    }
    append_blame(text, verdict, benchmark->name);
    if (rs_view_is_unpaired(verdict))
        g_string_append_printf(text, "%s\n", rs_words_unpaired);
    return g_string_free(text, FALSE);
}

static void open_case(Suite *suite, const char *benchmark)
{
    g_autofree char *name = rs_escape_name(benchmark, NAME_CHARS);
    const RsBlamed *blamed = rs_blame_view_own(suite->verdict, benchmark);
    g_autofree char *path = blamed ? rs_source_path(blamed) : NULL;

    suite->n_tests++;
    g_string_append(suite->cases, "    <testcase classname=\"rustscope\"");
    append_attribute(suite->cases, "name", name);
    if (path)
        append_attribute(suite->cases, "file", path);
    g_string_append(suite->cases, ">\n");
}

static void append_outcome(Suite *suite, const char *element, const char *type, const char *message,
                           const char *body)
{
    g_autofree char *safe = rs_escape_xml(body);

    g_string_append_printf(suite->cases, "      <%s", element);
    append_attribute(suite->cases, "message", message);
    if (type)
        append_attribute(suite->cases, "type", type);
    g_string_append_printf(suite->cases, ">%s</%s>\n", safe, element);
}

/* The program's failure that explains why a benchmark has no figures. */
static const RsVerdictFailure *find_failure(const RsVerdict *verdict, const char *name)
{
    for (guint i = 0; i < verdict->failures->len; i++) {
        const RsVerdictFailure *failure = g_ptr_array_index(verdict->failures, i);

        if (g_strcmp0(failure->benchmark, name) == 0 && failure->failure->arm == RS_ARM_CURRENT)
            return failure;
    }
    return NULL;
}

static void append_failure(Suite *suite, const RsVerdictFailure *failure)
{
    g_autofree char *sentence = rs_words_failure(failure, &rs_words_plain);
    g_autofree char *tail = rs_escape_lines(
        rs_escape_last_lines(failure->failure->output_tail ? failure->failure->output_tail : "",
                             TAIL_LINES),
        TAIL_CHARS);

    suite->n_errors++;
    append_outcome(suite, "error", "failed_program", sentence, tail);
}

static void write_case(Suite *suite, const RsViewBenchmark *benchmark)
{
    const RsVerdict *verdict = suite->verdict;
    const RsRow *worst = benchmark->worst;
    const RsVerdictFailure *failure = find_failure(verdict, benchmark->name);
    g_autofree char *text = rows_text(verdict, benchmark);
    g_autofree char *sentence = rs_words_row_and_blame(verdict, worst, &rs_words_plain);
    g_autofree char *safe = rs_escape_xml(text);
    gboolean fails = rs_view_row_fails(verdict, worst);

    open_case(suite, benchmark->name);
    if (fails && verdict->gate.status == RS_GATE_ACCEPTED) {
        suite->n_skipped++;
        append_outcome(suite, "skipped", NULL, "accepted", sentence);
    } else if (fails) {
        suite->n_failures++;
        append_outcome(suite, "failure", rs_words_label(worst), sentence, text);
    } else if (failure) {
        append_failure(suite, failure);
    } else if (worst->verdict > RS_VERDICT_UNCHANGED || rs_view_row_is_identical(worst)) {
        suite->n_skipped++;
        append_outcome(suite, "skipped", NULL, sentence, "");
    }
    if (!fails)
        g_string_append_printf(suite->cases, "      <system-out>%s</system-out>\n", safe);
    g_string_append(suite->cases, "    </testcase>\n");
}

/* Benchmarks whose program failed before it gave a single row. */
static void write_failed_cases(Suite *suite, GHashTable *seen)
{
    for (guint i = 0; i < suite->verdict->failures->len; i++) {
        const RsVerdictFailure *failure = g_ptr_array_index(suite->verdict->failures, i);
        const char *name = failure->benchmark ? failure->benchmark : "";

        if (failure->failure->arm != RS_ARM_CURRENT || !g_hash_table_add(seen, (gpointer)name))
            continue;
        open_case(suite, name);
        append_failure(suite, failure);
        g_string_append(suite->cases, "    </testcase>\n");
    }
}

/* One case for the rules, where the change touches them. */
static void write_policy_case(Suite *suite)
{
    const RsVerdict *verdict = suite->verdict;
    const GPtrArray *changes = verdict->policy_changes;
    g_autofree char *sentence = rs_words_policy(verdict, &rs_words_plain);
    g_autofree char *accepted = rs_words_acceptance(verdict, &rs_words_plain);
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *safe = NULL;
    gboolean fails = sentence && verdict->gate.status == RS_GATE_FAILED;

    if (changes->len == 0)
        return;
    for (guint i = 0; i < MIN(changes->len, MAX_POLICY); i++) {
        g_autofree char *line =
            rs_words_policy_change(g_ptr_array_index(changes, i), &rs_words_plain);

        g_string_append_printf(text, "%s\n", line);
    }
    if (changes->len > MAX_POLICY)
        g_string_append_printf(text, "… and %u more\n", changes->len - MAX_POLICY);
    suite->n_tests++;
    g_string_append(suite->cases, "    <testcase classname=\"rustscope\"");
    append_attribute(suite->cases, "name", rs_words_policy_title);
    g_string_append(suite->cases, ">\n");
    if (fails) {
        suite->n_failures++;
        append_outcome(suite, "failure", "policy", sentence, text->str);
    } else if (sentence && accepted) {
        suite->n_skipped++;
        append_outcome(suite, "skipped", NULL, "accepted", sentence);
    }
    safe = rs_escape_xml(text->str);
    if (!fails)
        g_string_append_printf(suite->cases, "      <system-out>%s</system-out>\n", safe);
    g_string_append(suite->cases, "    </testcase>\n");
}

static void write_properties(GString *out, const RsVerdict *verdict)
{
    g_autofree char *headline = rs_words_headline(verdict);
    g_autofree char *version = rs_escape_line(verdict->tool_version, 40);
    g_autofree char *base = rs_words_revision(&verdict->revisions[RS_ARM_BASELINE]);
    g_autofree char *current = rs_words_current(verdict);
    g_autofree char *accepted = rs_words_acceptance(verdict, &rs_words_plain);

    g_string_append(out, "    <properties>\n");
    append_property(out, "headline", headline);
    append_property(out, "gate", rs_gate_status_names[verdict->gate.status]);
    append_property(out, "version", version);
    if (base)
        append_property(out, "baseline", base);
    if (current)
        append_property(out, "current", current);
    if (accepted)
        append_property(out, "acceptance", accepted);
    if (rs_view_is_unpaired(verdict))
        append_property(out, "warning", rs_words_unpaired);
    g_string_append(out, "    </properties>\n");
}

char *rs_report_junit(const RsVerdict *verdict, const RsReportOptions *options, gsize *n_bytes,
                      GError **error)
{
    g_autoptr(GPtrArray) benchmarks = rs_view_benchmarks(verdict);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GString) cases = g_string_new(NULL);
    Suite suite = {.verdict = verdict, .cases = cases};
    GString *out = g_string_new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    g_autofree char *counts = NULL;

    for (guint i = 0; i < benchmarks->len; i++) {
        const RsViewBenchmark *benchmark = g_ptr_array_index(benchmarks, i);

        if (!benchmark->worst)
            continue;
        g_hash_table_add(seen, (gpointer)benchmark->name);
        write_case(&suite, benchmark);
    }
    write_failed_cases(&suite, seen);
    write_policy_case(&suite);
    counts = g_strdup_printf("tests=\"%u\" failures=\"%u\" errors=\"%u\" skipped=\"%u\"",
                             suite.n_tests, suite.n_failures, suite.n_errors, suite.n_skipped);
    g_string_append_printf(out,
                           "<testsuites name=\"rustscope\" %s>\n"
                           "  <testsuite name=\"rustscope\" %s>\n",
                           counts, counts);
    write_properties(out, verdict);
    g_string_append_printf(out, "%s  </testsuite>\n</testsuites>\n", cases->str);
    if (n_bytes)
        *n_bytes = out->len;
    return g_string_free(out, FALSE);
}
