/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report for a terminal or a log: headline, an aligned table with the intervals drawn on one
 * scale, then notes. Widths are those of the terminal: wide characters count twice, combining ones
 * not at all. Foreign text comes through report/escape.h, so it moves no cursor. */
#include <math.h>
#include <string.h>

#include "base/units.h"
#include "report/columns.h"
#include "report/escape.h"
#include "report/plot.h"
#include "report/policy_words.h"
#include "report/renderer.h"
#include "report/text_blame.h"
#include "report/view.h"
#include "report/words.h"

#define DEFAULT_COLUMNS 100
#define MIN_COLUMNS     40
#define MAX_COLUMNS     1000
#define MAX_ROWS        60
#define MAX_FUNCTIONS   20
#define MAX_NOTES       40
#define MIN_NAME        20
#define MAX_NAME        48
#define TAIL_LINES      20
#define MAX_POLICY      40

enum { COL_NAME, COL_METRIC, COL_BASE, COL_CURRENT, COL_CHANGE, COL_INTERVAL, COL_LABEL, N_COLS };

static const char *const titles[N_COLS] = {"benchmark", "metric", "baseline", "current",
                                           "change",    NULL,     "verdict"};

typedef struct {
    const RsRow *row; /* NULL: the heading */
    char *cells[N_COLS];
} Line;

typedef struct {
    const RsVerdict *verdict;
    guint n_columns;
    gboolean color;
    guint n_plot; /* columns of the plot; 0: no room for one */
    guint widths[N_COLS];
    GPtrArray *lines; /* Line */
    GString *out;
} Sheet;

static void line_free(gpointer data)
{
    Line *line = data;

    for (guint i = 0; i < N_COLS; i++)
        g_free(line->cells[i]);
    g_free(line);
}

static const char *row_color(const RsRow *row)
{
    static const char *const by_severity[] = {"33", "33", "33;1", "31;1"};

    switch (row->verdict) {
    case RS_VERDICT_REGRESSION:
        return by_severity[row->severity];
    case RS_VERDICT_IMPROVEMENT:
        return "32";
    case RS_VERDICT_INCONCLUSIVE:
    case RS_VERDICT_INCOMPARABLE:
    case RS_VERDICT_MISSING:
        return "35";
    default:
        return NULL;
    }
}

static const char *row_mark(const RsRow *row)
{
    static const char *const marks[RS_N_VERDICTS] = {
        [RS_VERDICT_REGRESSION] = "✗",
        [RS_VERDICT_IMPROVEMENT] = "✓",
        [RS_VERDICT_BELOW_THRESHOLD] = "=",
        [RS_VERDICT_UNCHANGED] = "=",
        [RS_VERDICT_INCONCLUSIVE] = "?",
        [RS_VERDICT_INCOMPARABLE] = "?",
        [RS_VERDICT_NEW] = "+",
        [RS_VERDICT_MISSING] = "-",
    };

    return marks[row->verdict];
}

static char *side_cell(const RsRow *row, const RsRowSide *side)
{
    double value = rs_view_side_value(row, side);
    double scale = rs_view_side_value(row, &row->baseline);
    g_autofree char *text = NULL;

    if (!isfinite(value))
        return g_strdup("–");
    text = rs_units_format(value, row->unit, isfinite(scale) ? scale : value);
    return rs_escape_line(text, 40);
}

static char *or_dash(char *text)
{
    if (!g_str_equal(text, "n/a"))
        return text;
    g_free(text);
    return g_strdup("–");
}

static void add_line(Sheet *sheet, const RsRow *row)
{
    Line *line = g_new0(Line, 1);

    line->row = row;
    line->cells[COL_NAME] = rs_escape_name(row->name, RS_ESCAPE_NAME_CHARS);
    line->cells[COL_METRIC] = rs_escape_line(row->metric, 24);
    line->cells[COL_BASE] = side_cell(row, &row->baseline);
    line->cells[COL_CURRENT] = side_cell(row, &row->current);
    line->cells[COL_CHANGE] = or_dash(rs_units_format_change_pct(row->change_pct));
    line->cells[COL_INTERVAL] = or_dash(rs_words_interval(row));
    line->cells[COL_LABEL] =
        g_strdup(row->verdict == RS_VERDICT_BELOW_THRESHOLD ? "below T" : rs_words_label(row));
    g_ptr_array_add(sheet->lines, line);
}

static void add_heading(Sheet *sheet)
{
    double level_pct = rs_view_ci_level_pct(sheet->verdict);
    Line *line = g_new0(Line, 1);

    for (guint i = 0; i < N_COLS; i++)
        line->cells[i] = g_strdup(titles[i]);
    line->cells[COL_INTERVAL] =
        isfinite(level_pct) ? g_strdup_printf("%.4g %% CI", level_pct) : g_strdup("CI");
    g_ptr_array_add(sheet->lines, line);
}

/* Widths of the columns. Long names give way to the plot, and the plot to names of MIN_NAME. */
static void lay_out(Sheet *sheet)
{
    guint others = 2, room;

    for (guint i = 0; i < sheet->lines->len; i++) {
        const Line *line = g_ptr_array_index(sheet->lines, i);

        for (guint k = 0; k < N_COLS; k++)
            sheet->widths[k] = MAX(sheet->widths[k], rs_columns_of(line->cells[k]));
    }
    for (guint k = COL_METRIC; k < N_COLS; k++)
        others += 2 + sheet->widths[k];
    room = sheet->n_columns > others ? sheet->n_columns - others : 0;
    sheet->widths[COL_NAME] = MIN(sheet->widths[COL_NAME], MAX_NAME);
    if (room >= MIN_NAME + 2 + RS_PLOT_MIN_COLUMNS)
        sheet->widths[COL_NAME] = MIN(sheet->widths[COL_NAME], room - 2 - RS_PLOT_MIN_COLUMNS);
    sheet->widths[COL_NAME] = MIN(sheet->widths[COL_NAME], room > MIN_NAME ? room : MIN_NAME);
    if (room >= sheet->widths[COL_NAME] + 2 + RS_PLOT_MIN_COLUMNS)
        sheet->n_plot = MIN(room - sheet->widths[COL_NAME] - 2, RS_PLOT_MAX_COLUMNS);
}

static void write_line(Sheet *sheet, const Line *line)
{
    g_autofree char *name = rs_columns_fit(line->cells[COL_NAME], sheet->widths[COL_NAME]);
    const char *color = line->row ? row_color(line->row) : "2";

    rs_columns_color_on(sheet->out, sheet->color, color);
    g_string_append_printf(sheet->out, "%s ", line->row ? row_mark(line->row) : " ");
    rs_columns_cell(sheet->out, name, sheet->widths[COL_NAME], FALSE);
    for (guint k = COL_METRIC; k < COL_LABEL; k++) {
        g_string_append(sheet->out, "  ");
        rs_columns_cell(sheet->out, line->cells[k], sheet->widths[k], k != COL_METRIC);
    }
    g_string_append(sheet->out, "  ");
    if (sheet->n_plot) {
        if (line->row)
            rs_plot_row(sheet->verdict, line->row, sheet->n_plot, sheet->out);
        else
            rs_plot_heading(sheet->verdict, sheet->n_plot, sheet->out);
        g_string_append(sheet->out, "  ");
    }
    g_string_append(sheet->out, line->cells[COL_LABEL]);
    rs_columns_color_off(sheet->out, sheet->color, color);
    g_string_append_c(sheet->out, '\n');
}

/* All rows in doubt or changed, and unchanged ones while there is room. */
static void write_table(Sheet *sheet, GPtrArray *benchmarks)
{
    guint n_left_out = 0;

    add_heading(sheet);
    for (guint i = 0; i < benchmarks->len; i++) {
        const RsViewBenchmark *benchmark = g_ptr_array_index(benchmarks, i);

        for (guint k = 0; k < benchmark->rows->len; k++) {
            const RsRow *row = g_ptr_array_index(benchmark->rows, k);

            if (!row->gated)
                continue;
            if (sheet->lines->len <= MAX_ROWS || !rs_view_row_is_calm(row))
                add_line(sheet, row);
            else
                n_left_out++;
        }
    }
    if (sheet->lines->len < 2)
        return;
    lay_out(sheet);
    g_string_append_c(sheet->out, '\n');
    for (guint i = 0; i < sheet->lines->len; i++)
        write_line(sheet, g_ptr_array_index(sheet->lines, i));
    if (n_left_out > 0)
        g_string_append_printf(sheet->out, "  … and %u unchanged rows\n", n_left_out);
    if (sheet->n_plot) {
        g_autofree char *low = rs_words_number(rs_plot_unit_pct(sheet->verdict));
        g_autofree char *high = rs_words_number(2 * rs_plot_unit_pct(sheet->verdict));

        g_string_append_printf(sheet->out,
                               "  plot: −%s %% to +%s %%, + is slower; 0 │, threshold T ┊, gate "
                               "bound G ┃\n",
                               low, high);
    }
}

static void write_functions(Sheet *sheet)
{
    const GPtrArray *functions = sheet->verdict->functions;
    guint n = MIN(functions->len, MAX_FUNCTIONS);

    if (n > 0)
        g_string_append(sheet->out, "\nfunctions (self time, baseline to current)\n");
    for (guint i = 0; i < n; i++) {
        const RsFunctionChange *function = g_ptr_array_index(functions, i);
        double base = function->baseline_self_ns < 0 ? NAN : (double)function->baseline_self_ns;
        double current = function->current_self_ns < 0 ? NAN : (double)function->current_self_ns;
        g_autofree char *name = rs_escape_name(function->name, RS_ESCAPE_NAME_CHARS);
        g_autofree char *base_text = or_dash(rs_units_format(base, "ns", base));
        g_autofree char *current_text = or_dash(rs_units_format(current, "ns", current));
        g_autofree char *change = or_dash(rs_units_format_change_pct(function->change_pct));

        g_string_append(sheet->out, "  ");
        rs_columns_cell(sheet->out, base_text, 10, TRUE);
        g_string_append(sheet->out, "  ");
        rs_columns_cell(sheet->out, current_text, 10, TRUE);
        g_string_append(sheet->out, "  ");
        rs_columns_cell(sheet->out, change, 10, TRUE);
        g_string_append_printf(sheet->out, "  %s\n", name);
    }
    if (functions->len > n)
        g_string_append_printf(sheet->out, "  … and %u more\n", functions->len - n);
}

/* One line for each rule: "! threshold  parse  10 % → 50 %". */
static void write_policy(Sheet *sheet)
{
    const GPtrArray *changes = sheet->verdict->policy_changes;
    guint n = MIN(changes->len, MAX_POLICY);

    if (n > 0)
        g_string_append_printf(sheet->out, "\n%s\n", rs_words_policy_title);
    for (guint i = 0; i < n; i++) {
        const RsPolicyChange *change = g_ptr_array_index(changes, i);
        g_autofree char *name = change->benchmark
                                    ? rs_escape_name(change->benchmark, RS_ESCAPE_NAME_CHARS)
                                    : g_strdup("all");
        g_autofree char *before = rs_words_policy_side(change, change->before, &rs_words_plain);
        g_autofree char *after = rs_words_policy_side(change, change->after, &rs_words_plain);
        g_autofree char *line =
            g_strdup_printf("%s, %s: %s → %s", rs_policy_change_label(change), name, before, after);
        const char *color = change->weakens ? "31;1" : NULL;

        rs_columns_color_on(sheet->out, sheet->color, color);
        rs_columns_wrapped(sheet->out, sheet->n_columns, change->weakens ? "! " : "  ", line, 4);
        rs_columns_color_off(sheet->out, sheet->color, color);
    }
    if (changes->len > n)
        g_string_append_printf(sheet->out, "  … and %u more\n", changes->len - n);
    if (rs_verdict_weakens_policy(sheet->verdict))
        rs_columns_wrapped(sheet->out, sheet->n_columns, "", rs_words_policy_note, 2);
}

static void write_note(Sheet *sheet, const char *mark, const char *note, guint *n_notes)
{
    if ((*n_notes)++ == 0)
        g_string_append_c(sheet->out, '\n');
    if (*n_notes <= MAX_NOTES)
        rs_columns_wrapped(sheet->out, sheet->n_columns, mark, note, 2);
}

static void write_row_warnings(Sheet *sheet, const RsRow *row, guint *n_notes)
{
    g_autofree char *name = rs_escape_name(row->name, RS_ESCAPE_NAME_CHARS);
    g_autofree char *metric = rs_escape_line(row->metric, 40);

    for (guint i = 0; i < row->warnings->len; i++) {
        g_autofree char *warning = rs_escape_line(g_ptr_array_index(row->warnings, i), 500);
        g_autofree char *note = g_strdup_printf("%s %s: %s", name, metric, warning);

        write_note(sheet, "! ", note, n_notes);
    }
}

static void write_notes(Sheet *sheet, GPtrArray *benchmarks)
{
    const RsVerdict *verdict = sheet->verdict;
    guint n_notes = 0;

    for (guint i = 0; i < benchmarks->len; i++) {
        const RsViewBenchmark *benchmark = g_ptr_array_index(benchmarks, i);
        const RsRow *row = benchmark->worst;
        g_autofree char *sentence = NULL;

        if (benchmarks->len < 2 || !row ||
            !(rs_view_row_is_identical(row) || row->verdict > RS_VERDICT_UNCHANGED))
            continue;
        sentence = rs_words_row(row, &rs_words_plain);
        write_note(sheet, "? ", sentence, &n_notes);
    }
    for (guint i = 0; i < verdict->warnings->len; i++) {
        g_autofree char *warning = rs_escape_line(g_ptr_array_index(verdict->warnings, i), 500);

        write_note(sheet, "! ", warning, &n_notes);
    }
    for (guint i = 0; i < verdict->rows->len; i++)
        write_row_warnings(sheet, g_ptr_array_index(verdict->rows, i), &n_notes);
    if (n_notes > MAX_NOTES)
        g_string_append_printf(sheet->out, "… and %u more notes\n", n_notes - MAX_NOTES);
}

static void write_failures(Sheet *sheet)
{
    for (guint i = 0; i < sheet->verdict->failures->len; i++) {
        const RsVerdictFailure *failure = g_ptr_array_index(sheet->verdict->failures, i);
        g_autofree char *sentence = rs_words_failure(failure, &rs_words_plain);
        g_autofree char *tail = rs_escape_lines(failure->failure->output_tail, 8000);
        g_auto(GStrv) lines =
            g_strsplit(rs_escape_last_lines(g_strchomp(tail), TAIL_LINES), "\n", -1);

        g_string_append_c(sheet->out, '\n');
        rs_columns_wrapped(sheet->out, sheet->n_columns, "✗ ", sentence, 2);
        for (char **line = lines; *line; line++)
            g_string_append_printf(sheet->out, "  | %s\n", *line);
    }
}

static void write_method(Sheet *sheet)
{
    const RsVerdict *verdict = sheet->verdict;
    g_autoptr(GPtrArray) sentences = rs_words_method(verdict, &rs_words_plain);
    g_autofree char *base = rs_words_revision(&verdict->revisions[RS_ARM_BASELINE]);
    g_autofree char *current = rs_words_current(verdict);
    g_autofree char *version = rs_escape_line(verdict->tool_version, 40);

    g_string_append_c(sheet->out, '\n');
    for (guint i = 0; i < sentences->len; i++)
        rs_columns_wrapped(sheet->out, sheet->n_columns, "", g_ptr_array_index(sentences, i), 2);
    if (base || current)
        g_string_append_printf(sheet->out, "Current %s against baseline %s.\n",
                               current ? current : "not told", base ? base : "not told");
    if (verdict->command) {
        g_autofree char *command = rs_escape_line(verdict->command, 4000);

        g_string_append_printf(sheet->out, "To repeat it: %s\n", command);
    }
    g_string_append_printf(sheet->out, "rustscope %s\n", version);
}

static const char *status_color(RsGateStatus status)
{
    static const char *const colors[] = {
        [RS_GATE_PASSED] = "32;1",    [RS_GATE_FAILED] = "31;1", [RS_GATE_ACCEPTED] = "34;1",
        [RS_GATE_UNDECIDED] = "35;1", [RS_GATE_ERROR] = "31;1",
    };

    return colors[status];
}

static void write_head(Sheet *sheet)
{
    g_autofree char *headline = rs_words_headline(sheet->verdict);
    g_autofree char *why = rs_words_why(sheet->verdict, &rs_words_plain);
    const char *color = status_color(sheet->verdict->gate.status);

    rs_columns_color_on(sheet->out, sheet->color, color);
    rs_columns_wrapped(sheet->out, sheet->n_columns, "", headline, 0);
    rs_columns_color_off(sheet->out, sheet->color, color);
    rs_columns_wrapped(sheet->out, sheet->n_columns, "", why, 0);
    if (rs_view_is_unpaired(sheet->verdict))
        rs_columns_wrapped(sheet->out, sheet->n_columns, "! ", rs_words_unpaired, 2);
}

char *rs_report_text(const RsVerdict *verdict, const RsReportOptions *options, gsize *n_bytes,
                     GError **error)
{
    static const RsReportOptions defaults = {0};
    const RsReportOptions *asked = options ? options : &defaults;
    g_autoptr(GPtrArray) benchmarks = rs_view_benchmarks(verdict);
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(line_free);
    guint n_columns = asked->width_columns ? asked->width_columns : DEFAULT_COLUMNS;
    Sheet sheet = {.verdict = verdict,
                   .n_columns = CLAMP(n_columns, MIN_COLUMNS, MAX_COLUMNS),
                   .color = asked->color,
                   .lines = lines,
                   .out = g_string_new(NULL)};

    write_head(&sheet);
    write_policy(&sheet);
    write_table(&sheet, benchmarks);
    write_functions(&sheet);
    rs_text_blame(sheet.out, verdict, benchmarks, sheet.n_columns, sheet.color);
    write_notes(&sheet, benchmarks);
    write_failures(&sheet);
    write_method(&sheet);
    if (n_bytes)
        *n_bytes = sheet.out->len;
    return g_string_free(sheet.out, FALSE);
}
