/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The comment on a pull or merge request, and the job summary. Verdict first, then what changed,
 * the rest folded away. A document that is too long is written again one level shorter until it
 * fits; the last level is the verdict, the counts and the links. No line begins with foreign text,
 * and foreign text goes through report/escape.h. */
#include <math.h>
#include <string.h>

#include "base/units.h"
#include "report/escape.h"
#include "report/markdown_blame.h"
#include "report/markdown_policy.h"
#include "report/policy_words.h"
#include "report/renderer.h"
#include "report/view.h"
#include "report/words.h"

#define DEFAULT_LIMIT_BYTES  60000
#define MAX_TABLE_BENCHMARKS 10
#define MAX_FUNCTIONS        20
#define MAX_BLAMES           50
#define WARNING_CHARS        500
#define COMMAND_CHARS        4000

/* What a level of the size ladder still shows. */
typedef struct {
    gboolean tables, all_rows, method;
    guint n_policy, n_warnings, n_failures, n_tail_lines, n_tail_chars;
    RsMarkdownBlame blame;
} Level;

static const Level levels[] = {
    {TRUE, TRUE, TRUE, 30, 200, 50, 40, 8000, {MAX_BLAMES, 10, 10, RS_SEVERITY_NONE}},
    {TRUE, FALSE, TRUE, 10, 50, 10, 10, 2000, {MAX_BLAMES, 5, 3, RS_SEVERITY_MODERATE}},
    {TRUE, FALSE, TRUE, 5, 5, 3, 0, 0, {1, 5, 0, RS_SEVERITY_NONE}},
    {FALSE, FALSE, FALSE, 0, 0, 0, 0, 0, {0, 0, 0, RS_SEVERITY_NONE}},
};

typedef struct {
    const RsVerdict *verdict;
    const RsReportOptions *options;
    GPtrArray *benchmarks; /* RsViewBenchmark, worst first */
    const Level *level;
    GString *out;
} Page;

static const char *row_mark(const RsRow *row)
{
    static const char *const by_severity[] = {"🟡", "🟡", "🟠", "🔴"};

    switch (row->verdict) {
    case RS_VERDICT_REGRESSION:
        return by_severity[row->severity];
    case RS_VERDICT_IMPROVEMENT:
        return "🟢";
    case RS_VERDICT_INCONCLUSIVE:
    case RS_VERDICT_INCOMPARABLE:
        return "❔";
    case RS_VERDICT_MISSING:
        return "⚫";
    default:
        return "⚪";
    }
}

static const char *headline_mark(const RsVerdict *verdict)
{
    const RsVerdictSummary *summary = &verdict->summary;
    gboolean failed = verdict->gate.status == RS_GATE_FAILED ||
                      (verdict->gate.status == RS_GATE_PASSED &&
                       verdict->gate.gate->fail_on == RS_SEVERITY_NONE &&
                       verdict->gate.would_be == RS_GATE_FAILED) ||
                      rs_words_fails_here(&verdict->gate);

    if (verdict->gate.status == RS_GATE_ERROR)
        return "⚫";
    if (failed)
        return "🔴";
    if (verdict->gate.status == RS_GATE_ACCEPTED)
        return "🔵";
    if (verdict->gate.status == RS_GATE_UNDECIDED)
        return "❔";
    if (summary->n_by_verdict[RS_VERDICT_REGRESSION] > 0)
        return "🟡";
    if (summary->n_by_verdict[RS_VERDICT_NEW] == summary->n_benchmarks)
        return "⚪";
    return "🟢";
}

/* A comment ends at "--"; the marker is one word of our own or of the caller's environment. */
static void write_marker(Page *page)
{
    g_autofree char *line = NULL;

    if (!page->options->marker)
        return;
    line = rs_escape_line(page->options->marker, 400);
    for (char *at = line; *at; at++)
        if (*at == '<' || *at == '>' || (at[0] == '-' && at[1] == '-'))
            *at = '_';
    g_string_append_printf(page->out, "<!-- %s -->\n", line);
}

static void write_headline(Page *page)
{
    g_autofree char *headline = rs_words_headline(page->verdict);
    g_autofree char *safe = rs_escape_markdown(headline, 1000);
    g_autofree char *why = rs_words_why(page->verdict, &rs_words_markdown);

    g_string_append_printf(page->out, "## %s %s\n\n%s\n", headline_mark(page->verdict), safe, why);
    if (rs_view_is_unpaired(page->verdict))
        g_string_append_printf(page->out, "\n> ⚠️ **%s**\n", rs_words_unpaired);
}

/* A figure in a table: kept on one line; "n/a" is a dash. Takes text. */
static char *or_dash(char *text)
{
    GString *cell = g_string_new(g_str_equal(text, "n/a") ? "–" : text);

    g_free(text);
    g_string_replace(cell, " ", "\u00A0", 0);
    return g_string_free(cell, FALSE);
}

static char *side_cell(const RsRow *row, const RsRowSide *side)
{
    double value = rs_view_side_value(row, side);
    double scale = rs_view_side_value(row, &row->baseline);
    g_autofree char *text = NULL;

    if (!isfinite(value))
        return g_strdup("–");
    text = rs_units_format(value, row->unit, isfinite(scale) ? scale : value);
    return or_dash(rs_escape_markdown(text, 60));
}

static void write_interval_heading(Page *page)
{
    double level_pct = rs_view_ci_level_pct(page->verdict);

    if (isfinite(level_pct))
        g_string_append_printf(page->out, " %.4g %% CI |", level_pct);
    else
        g_string_append(page->out, " CI |");
}

static void write_row(Page *page, const RsRow *row)
{
    g_autofree char *name = rs_escape_markdown_name(row->name);
    g_autofree char *metric = rs_escape_markdown(row->metric, 60);
    g_autofree char *base = side_cell(row, &row->baseline);
    g_autofree char *current = side_cell(row, &row->current);
    g_autofree char *change = or_dash(rs_units_format_change_pct(row->change_pct));
    g_autofree char *interval = or_dash(rs_words_interval(row));
    gboolean loud = row->verdict == RS_VERDICT_REGRESSION;
    const char *strong = loud ? "**" : "";

    g_string_append_printf(page->out, "| %s | %s | %s | %s | %s | %s%s%s | %s | %s%s%s |\n",
                           row_mark(row), name, metric, base, current, strong, change, strong,
                           interval, strong, rs_words_label(row), strong);
}

/* Which benchmarks follow the table only as a number. */
static void write_rest(Page *page, guint n_more, guint n_calm, guint n_shown)
{
    if (n_more == 0 && n_calm == 0)
        return;
    g_string_append_c(page->out, '\n');
    if (n_more > 0)
        g_string_append_printf(page->out, "… and %u more changed or undecided", n_more);
    if (n_calm > 0)
        g_string_append_printf(page->out, "%s%u unchanged",
                               n_more > 0    ? ", "
                               : n_shown > 0 ? "… and "
                                             : "",
                               n_calm);
    g_string_append(page->out, ".\n");
}

static void write_table(Page *page)
{
    guint n_shown = 0, n_more = 0, n_calm = 0;

    for (guint i = 0; i < page->benchmarks->len; i++) {
        const RsViewBenchmark *benchmark = g_ptr_array_index(page->benchmarks, i);
        g_autoptr(GPtrArray) rows = NULL;

        if (!benchmark->worst)
            continue;
        if (rs_view_row_is_calm(benchmark->worst)) {
            n_calm++;
            continue;
        }
        if (n_shown == MAX_TABLE_BENCHMARKS) {
            n_more++;
            continue;
        }
        if (n_shown++ == 0) {
            g_string_append(page->out, "\n| | Benchmark | Metric | Baseline | Current | Change |");
            write_interval_heading(page);
            g_string_append(page->out, " Verdict |\n|:-:|:--|:--|--:|--:|--:|:-:|:--|\n");
        }
        rows = rs_view_rows(benchmark);
        for (guint k = 0; k < rows->len; k++)
            write_row(page, g_ptr_array_index(rows, k));
    }
    write_rest(page, n_more, n_calm, n_shown);
}

static char *time_cell(gint64 ns)
{
    return ns < 0 ? g_strdup("–") : or_dash(rs_units_format((double)ns, "ns", (double)ns));
}

static void write_functions(Page *page)
{
    const GPtrArray *functions = page->verdict->functions;
    guint n = MIN(functions->len, MAX_FUNCTIONS);

    if (n == 0)
        return;
    g_string_append(page->out, "\n| Function | Baseline self time | Current self time | Change |\n"
                               "|:--|--:|--:|--:|\n");
    for (guint i = 0; i < n; i++) {
        const RsFunctionChange *function = g_ptr_array_index(functions, i);
        g_autofree char *name = rs_escape_markdown_name(function->name);
        g_autofree char *base = time_cell(function->baseline_self_ns);
        g_autofree char *current = time_cell(function->current_self_ns);
        g_autofree char *change = or_dash(rs_units_format_change_pct(function->change_pct));

        g_string_append_printf(page->out, "| %s | %s | %s | %s |\n", name, base, current, change);
    }
    if (functions->len > n)
        g_string_append_printf(page->out, "\n… and %u more functions.\n", functions->len - n);
}

static void open_details(Page *page, const char *summary)
{
    g_string_append_printf(page->out, "\n<details>\n<summary>%s</summary>\n\n", summary);
}

static void close_details(Page *page)
{
    g_string_append(page->out, "\n</details>\n");
}

static void write_full_row(Page *page, const RsRow *row)
{
    g_autofree char *name = rs_escape_markdown_name(row->name);
    g_autofree char *metric = rs_escape_markdown(row->metric, 60);
    g_autofree char *base = side_cell(row, &row->baseline);
    g_autofree char *current = side_cell(row, &row->current);
    g_autofree char *change = or_dash(rs_units_format_change_pct(row->change_pct));
    g_autofree char *interval = or_dash(rs_words_interval(row));
    g_autofree char *p = or_dash(rs_words_p_value(row->p_adjusted));
    g_autofree char *p_safe = rs_escape_markdown(p, 20);
    g_autofree char *mde = or_dash(rs_words_number(ceil(row->mde_pct * 10) / 10));
    g_autofree char *n = row->n_baseline == row->n_current
                             ? g_strdup_printf("%u", row->n_current)
                             : g_strdup_printf("%u / %u", row->n_baseline, row->n_current);

    g_string_append_printf(page->out, "| %s | %s | %s | %s | %s | %s | %s | %s | %s%s | %s |\n",
                           name, metric, base, current, change, interval, p_safe, n, mde,
                           isfinite(row->mde_pct) ? "\u00A0%" : "",
                           row->gated ? rs_words_label(row) : "not gated");
}

static void write_all_rows(Page *page)
{
    if (page->verdict->rows->len == 0 || !page->level->all_rows)
        return;
    open_details(page, "All measured rows");
    g_string_append(page->out, "| Benchmark | Metric | Baseline | Current | Change |");
    write_interval_heading(page);
    g_string_append(page->out, " p | n | Would catch | Verdict |\n"
                               "|:--|:--|--:|--:|--:|:-:|--:|--:|--:|:--|\n");
    for (guint i = 0; i < page->verdict->rows->len; i++)
        write_full_row(page, g_ptr_array_index(page->verdict->rows, i));
    g_string_append(page->out, "\np is corrected for the number of rows; “would catch” is the "
                               "slowdown this run would have flagged 19 times in 20.\n");
    close_details(page);
}

static void write_warning(Page *page, const char *who, const char *warning, guint *n_written)
{
    g_autofree char *text = NULL;

    if ((*n_written)++ >= page->level->n_warnings)
        return;
    text = rs_escape_markdown(warning, WARNING_CHARS);
    g_string_append_printf(page->out, "- %s%s%s\n", who ? who : "", who ? ": " : "", text);
}

/* Warnings of the report, then of its rows. */
static void write_warnings(Page *page)
{
    const RsVerdict *verdict = page->verdict;
    gsize start = page->out->len;
    guint n_written = 0;

    if (page->level->n_warnings == 0)
        return;
    open_details(page, "Warnings");
    for (guint i = 0; i < verdict->warnings->len; i++)
        write_warning(page, NULL, g_ptr_array_index(verdict->warnings, i), &n_written);
    for (guint i = 0; i < verdict->rows->len; i++) {
        const RsRow *row = g_ptr_array_index(verdict->rows, i);
        g_autofree char *name = rs_escape_markdown_name(row->name);
        g_autofree char *metric = rs_escape_markdown(row->metric, 60);
        g_autofree char *who = g_strdup_printf("%s %s", name, metric);

        for (guint k = 0; k < row->warnings->len; k++)
            write_warning(page, who, g_ptr_array_index(row->warnings, k), &n_written);
    }
    if (n_written > page->level->n_warnings)
        g_string_append_printf(page->out, "- … and %u more.\n",
                               n_written - page->level->n_warnings);
    close_details(page);
    if (n_written == 0)
        g_string_truncate(page->out, start);
}

/* The sentences of rows in doubt: why they are, and what the run would have caught. Of a single
 * benchmark this stands under the headline already. */
static void write_doubts(Page *page)
{
    gsize start = page->out->len;
    guint n_written = 0;

    if (page->level->n_warnings == 0 || page->benchmarks->len < 2)
        return;
    open_details(page, "Not decided, not measured, or without a baseline");
    for (guint i = 0; i < page->benchmarks->len; i++) {
        const RsViewBenchmark *benchmark = g_ptr_array_index(page->benchmarks, i);
        const RsRow *row = benchmark->worst;
        g_autofree char *sentence = NULL;

        if (!row || !(rs_view_row_is_identical(row) || row->verdict > RS_VERDICT_UNCHANGED))
            continue;
        if (n_written++ >= page->level->n_warnings)
            continue;
        sentence = rs_words_row(row, &rs_words_markdown);
        g_string_append_printf(page->out, "- %s\n", sentence);
    }
    if (n_written > page->level->n_warnings)
        g_string_append_printf(page->out, "- … and %u more.\n",
                               n_written - page->level->n_warnings);
    close_details(page);
    if (n_written == 0)
        g_string_truncate(page->out, start);
}

static void write_failures(Page *page)
{
    const GPtrArray *failures = page->verdict->failures;
    guint n = MIN(failures->len, page->level->n_failures);

    if (n == 0)
        return;
    open_details(page, "Failures");
    for (guint i = 0; i < n; i++) {
        const RsVerdictFailure *failure = g_ptr_array_index(failures, i);
        const char *tail = failure->failure->output_tail;
        g_autofree char *sentence = rs_words_failure(failure, &rs_words_markdown);

        g_string_append_printf(page->out, "%s\n\n", sentence);
        if (tail && *tail && page->level->n_tail_lines > 0) {
            g_autofree char *fence = rs_escape_markdown_fence(tail, page->level->n_tail_lines,
                                                              page->level->n_tail_chars);

            g_string_append_printf(page->out, "%s\n", fence);
        }
    }
    if (failures->len > n)
        g_string_append_printf(page->out, "… and %u more failures.\n", failures->len - n);
    close_details(page);
}

static void write_method(Page *page)
{
    g_autoptr(GPtrArray) sentences = NULL;

    if (!page->level->method)
        return;
    sentences = rs_words_method(page->verdict, &rs_words_markdown);
    open_details(page, "How this was measured");
    for (guint i = 0; i < sentences->len; i++)
        g_string_append_printf(page->out, "- %s\n", (char *)g_ptr_array_index(sentences, i));
    if (page->verdict->command) {
        g_autofree char *fence =
            rs_escape_markdown_fence(page->verdict->command, 20, COMMAND_CHARS);

        g_string_append_printf(page->out, "\nTo repeat it locally:\n\n%s", fence);
    }
    close_details(page);
}

/* A link is made only from an http address; what does not belong in one is percent-encoded. */
static char *safe_url(const char *url)
{
    if (!url || !(g_str_has_prefix(url, "https://") || g_str_has_prefix(url, "http://")) ||
        strlen(url) > 1000)
        return NULL;
    return g_uri_escape_string(url, ":/?#&=%@+,;~", FALSE);
}

static void write_last_line(Page *page)
{
    const RsVerdict *verdict = page->verdict;
    g_autofree char *url = safe_url(page->options->run_url);
    g_autofree char *base = rs_words_revision(&verdict->revisions[RS_ARM_BASELINE]);
    g_autofree char *current = rs_words_current(verdict);
    g_autofree char *version = rs_escape_markdown(verdict->tool_version, 40);
    g_autofree char *accept =
        rs_words_how_to_accept(verdict, page->options->accept_label, &rs_words_markdown);

    g_string_append_c(page->out, '\n');
    if (url)
        g_string_append_printf(page->out, "[Full report](%s) · ", url);
    if (accept)
        g_string_append_printf(page->out, "%s · ", accept);
    if (current) {
        g_autofree char *code = rs_escape_markdown_code(current, 60);

        g_string_append_printf(page->out, "%s%s", code, base ? " against " : " · ");
    }
    if (base) {
        g_autofree char *code = rs_escape_markdown_code(base, 60);

        g_string_append_printf(page->out, "baseline %s · ", code);
    }
    g_string_append_printf(page->out, "rustscope %s\n", version);
}

static void write_counts(Page *page)
{
    static const char *const words[RS_N_VERDICTS] = {
        [RS_VERDICT_REGRESSION] = "regressed",
        [RS_VERDICT_IMPROVEMENT] = "improved",
        [RS_VERDICT_BELOW_THRESHOLD] = "below the threshold",
        [RS_VERDICT_UNCHANGED] = "unchanged",
        [RS_VERDICT_INCONCLUSIVE] = "inconclusive",
        [RS_VERDICT_INCOMPARABLE] = "incomparable",
        [RS_VERDICT_NEW] = "without a baseline",
        [RS_VERDICT_MISSING] = "missing",
    };
    const RsVerdictSummary *summary = &page->verdict->summary;

    g_string_append_printf(page->out, "\n%u benchmark%s: ", summary->n_benchmarks,
                           summary->n_benchmarks == 1 ? "" : "s");
    for (RsVerdictKind kind = 0, n = 0; kind < RS_N_VERDICTS; kind++)
        if (summary->n_by_verdict[kind] > 0)
            g_string_append_printf(page->out, "%s%u %s", n++ ? ", " : "",
                                   summary->n_by_verdict[kind], words[kind]);
    g_string_append(page->out, ".\nThe rest did not fit here.\n");
}

static void write_page(Page *page)
{
    write_marker(page);
    write_headline(page);
    rs_markdown_policy(page->out, page->verdict, page->level->n_policy);
    if (page->level->tables) {
        write_table(page);
        write_functions(page);
        rs_markdown_blame(page->out, page->verdict, page->benchmarks, &page->level->blame);
    } else {
        write_counts(page);
    }
    write_doubts(page);
    write_all_rows(page);
    write_warnings(page);
    write_failures(page);
    write_method(page);
    write_last_line(page);
}

char *rs_report_markdown(const RsVerdict *verdict, const RsReportOptions *options, gsize *n_bytes,
                         GError **error)
{
    static const RsReportOptions defaults = {0};
    g_autoptr(GPtrArray) benchmarks = rs_view_benchmarks(verdict);
    Page page = {.verdict = verdict,
                 .options = options ? options : &defaults,
                 .benchmarks = benchmarks,
                 .out = g_string_new(NULL)};
    gsize limit_bytes = page.options->limit_bytes ? page.options->limit_bytes : DEFAULT_LIMIT_BYTES;

    for (guint i = 0; i < G_N_ELEMENTS(levels); i++) {
        page.level = &levels[i];
        g_string_truncate(page.out, 0);
        write_page(&page);
        if (page.out->len <= limit_bytes)
            break;
    }
    rs_escape_truncate(page.out, limit_bytes);
    if (n_bytes)
        *n_bytes = page.out->len;
    return g_string_free(page.out, FALSE);
}
