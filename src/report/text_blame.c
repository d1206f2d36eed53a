/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/text_blame.h"

#include <math.h>

#include "report/blame_view.h"
#include "report/blame_words.h"
#include "report/columns.h"
#include "report/escape.h"
#include "report/view.h"

#define MAX_BENCHMARKS 10
#define MAX_FUNCTIONS  10
#define MAX_ASIDES     5
#define BAR_COLUMNS    12
#define MIN_NAME       24
#define COLOR_GUILTY   "31"

enum { COL_SHARE, COL_DELTA, COL_TIMES, COL_NAME, COL_PLACE, N_COLS };

typedef struct {
    char *cells[N_COLS];
    double share_frac;
    gboolean is_guilty;
} Line;

typedef struct {
    GString *out;
    guint n_columns;
    gboolean color;
    GPtrArray *lines; /* Line */
    guint widths[N_COLS];
} Table;

static void line_free(gpointer data)
{
    Line *line = data;

    for (guint i = 0; i < N_COLS; i++)
        g_free(line->cells[i]);
    g_free(line);
}

static void add_function(Table *table, const RsVerdict *verdict, const RsBlamed *blamed)
{
    Line *line = g_new0(Line, 1);
    const char *kind = rs_words_blame_kind(blamed);
    g_autofree char *name = rs_words_plain.name(blamed->name);
    g_autofree char *place = rs_words_plain.place(verdict, blamed);

    line->cells[COL_SHARE] = rs_words_share(blamed->share_of_slowdown_pct);
    line->cells[COL_DELTA] = rs_words_blame_delta(blamed);
    line->cells[COL_TIMES] = rs_words_blame_times(blamed);
    line->cells[COL_NAME] = g_steal_pointer(&name);
    line->cells[COL_PLACE] =
        g_strdup_printf("%s%s%s%s%s", place ? place : "", blamed->is_changed ? " ✎" : "",
                        *kind ? " (" : "", kind, *kind ? ")" : "");
    g_strchug(line->cells[COL_PLACE]);
    line->share_frac = blamed->share_of_slowdown_pct / 100;
    line->is_guilty = TRUE;
    g_ptr_array_add(table->lines, line);
}

static void add_rest(Table *table, const RsBlame *blame, const GPtrArray *guilty)
{
    double rest_ns = rs_blame_view_rest_ns(blame, guilty);
    double rest_pct = rs_blame_view_rest_pct(blame, guilty);
    Line *line;

    if (!isfinite(rest_ns))
        return;
    line = g_new0(Line, 1);
    line->cells[COL_SHARE] = rs_words_share(rest_pct);
    line->cells[COL_DELTA] = rs_words_delta_ns(rest_ns, fabs(blame->delta_ns));
    line->cells[COL_TIMES] = g_strdup("");
    line->cells[COL_NAME] = g_strdup_printf("(%s)", rs_words_blame_rest(rest_ns));
    line->cells[COL_PLACE] = g_strdup("");
    line->share_frac = rest_pct / 100;
    g_ptr_array_add(table->lines, line);
}

/* Long names give way to the places, down to MIN_NAME; below that places get lines of their own. */
static gboolean lay_out(Table *table)
{
    guint used = 2 + BAR_COLUMNS + 4 * 2, room, place;

    for (guint i = 0; i < table->lines->len; i++)
        for (guint k = 0; k < N_COLS; k++)
            table->widths[k] =
                MAX(table->widths[k],
                    rs_columns_of(((Line *)g_ptr_array_index(table->lines, i))->cells[k]));
    used += table->widths[COL_SHARE] + table->widths[COL_DELTA] + table->widths[COL_TIMES];
    room = table->n_columns > used + MIN_NAME ? table->n_columns - used : MIN_NAME;
    place = table->widths[COL_PLACE] ? table->widths[COL_PLACE] + 2 : 0;
    if (room >= place + MIN(MIN_NAME, table->widths[COL_NAME])) {
        table->widths[COL_NAME] = MIN(table->widths[COL_NAME], room - place);
        return TRUE;
    }
    table->widths[COL_NAME] = MIN(table->widths[COL_NAME], room);
    return FALSE;
}

static void write_line(Table *table, const Line *line, gboolean with_place)
{
    GString *out = table->out;
    const char *code = line->is_guilty ? COLOR_GUILTY : "2";
    const char *place = line->cells[COL_PLACE];
    g_autofree char *name = rs_columns_fit(line->cells[COL_NAME], table->widths[COL_NAME]);

    g_string_append(out, "  ");
    rs_columns_cell(out, line->cells[COL_SHARE], table->widths[COL_SHARE], TRUE);
    g_string_append(out, "  ");
    rs_columns_color_on(out, table->color, code);
    rs_columns_bar(out, line->share_frac, BAR_COLUMNS);
    rs_columns_color_off(out, table->color, code);
    g_string_append(out, "  ");
    rs_columns_cell(out, line->cells[COL_DELTA], table->widths[COL_DELTA], TRUE);
    g_string_append(out, "  ");
    rs_columns_cell(out, line->cells[COL_TIMES], table->widths[COL_TIMES], TRUE);
    g_string_append(out, "  ");
    if (*place && with_place) {
        rs_columns_cell(out, name, table->widths[COL_NAME], FALSE);
        g_string_append_printf(out, "  %s", place);
    } else {
        g_string_append(out, name);
    }
    if (*place && !with_place) {
        g_string_append_c(out, '\n');
        rs_columns_spaces(out, 4 + table->widths[COL_SHARE]);
        g_string_append(out, place);
    }
    g_string_append_c(out, '\n');
}

static void write_lines(Table *table)
{
    gboolean with_place = lay_out(table);

    for (guint i = 0; i < table->lines->len; i++)
        write_line(table, g_ptr_array_index(table->lines, i), with_place);
}

static void write_benchmark(GString *out, const RsVerdict *verdict, const RsBlame *blame,
                            guint n_columns, gboolean color)
{
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(line_free);
    g_autoptr(GPtrArray) guilty = rs_blame_view_guilty(blame);
    g_autoptr(GPtrArray) notes = rs_words_blame_notes(blame, MAX_ASIDES, TRUE, &rs_words_plain);
    g_autofree char *name = rs_words_plain.name(blame->benchmark);
    g_autofree char *summary = rs_words_blame_summary(blame);
    g_autofree char *title = g_strdup_printf("blame for %s: %s", name, summary);
    Table table = {.out = out, .n_columns = n_columns, .color = color, .lines = lines};
    gboolean changed = FALSE;

    g_string_append_c(out, '\n');
    rs_columns_wrapped(out, n_columns, "", title, 2);
    for (guint i = 0; i < MIN(guilty->len, MAX_FUNCTIONS); i++) {
        const RsBlamed *blamed = g_ptr_array_index(guilty, i);

        add_function(&table, verdict, blamed);
        changed |= blamed->is_changed;
    }
    if (guilty->len > 0)
        add_rest(&table, blame, guilty);
    write_lines(&table);
    if (guilty->len > MAX_FUNCTIONS)
        g_string_append_printf(out, "  … and %u more functions\n", guilty->len - MAX_FUNCTIONS);
    if (changed)
        g_string_append_printf(out, "  %s\n", rs_words_blame_legend);
    for (guint i = 0; i < notes->len; i++)
        rs_columns_wrapped(out, n_columns, "  ", g_ptr_array_index(notes, i), 4);
}

void rs_text_blame(GString *out, const RsVerdict *verdict, const GPtrArray *benchmarks,
                   guint n_columns, gboolean color)
{
    guint n_written = 0, n_left_out = 0;

    for (guint i = 0; i < benchmarks->len; i++) {
        const RsViewBenchmark *benchmark = g_ptr_array_index(benchmarks, i);
        const RsBlame *blame = rs_verdict_blame(verdict, benchmark->name);

        if (!blame)
            continue;
        if (n_written++ < MAX_BENCHMARKS)
            write_benchmark(out, verdict, blame, n_columns, color);
        else
            n_left_out++;
    }
    if (n_left_out > 0)
        g_string_append_printf(out, "\n… and blame for %u more benchmarks\n", n_left_out);
}
