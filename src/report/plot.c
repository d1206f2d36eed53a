/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/plot.h"

#include <math.h>

/* Cells hold one character of one column each. */
typedef struct {
    gint n;
    double unit_pct;
    const char *cells[RS_PLOT_MAX_COLUMNS];
} Plot;

double rs_plot_unit_pct(const RsVerdict *verdict)
{
    const RsGate *gate = verdict->gate.gate;
    double bound_pct = verdict->gate.bound_pct;

    if (isfinite(bound_pct) && bound_pct > 0)
        return bound_pct;
    return gate->threshold_pct > 0 ? gate->threshold_pct * gate->critical_factor : 20;
}

static Plot new_plot(const RsVerdict *verdict, guint n_columns)
{
    Plot plot = {.n = (gint)CLAMP(n_columns, RS_PLOT_MIN_COLUMNS, RS_PLOT_MAX_COLUMNS),
                 .unit_pct = rs_plot_unit_pct(verdict)};

    for (gint i = 0; i < plot.n; i++)
        plot.cells[i] = " ";
    return plot;
}

/* -1 or n when it lies outside. */
static gint column_of(const Plot *plot, double pct)
{
    double place = (pct + plot->unit_pct) / (3 * plot->unit_pct) * (plot->n - 1);

    return (gint)floor(CLAMP(place, -1, plot->n) + 0.5);
}

static void mark(Plot *plot, gint column, const char *sign)
{
    if (column >= 0 && column < plot->n)
        plot->cells[column] = sign;
}

static void append(const Plot *plot, GString *out)
{
    for (gint i = 0; i < plot->n; i++)
        g_string_append(out, plot->cells[i]);
}

void rs_plot_heading(const RsVerdict *verdict, guint n_columns, GString *out)
{
    Plot plot = new_plot(verdict, n_columns);

    mark(&plot, column_of(&plot, verdict->gate.gate->threshold_pct), "T");
    if (isfinite(verdict->gate.bound_pct))
        mark(&plot, column_of(&plot, verdict->gate.bound_pct), "G");
    mark(&plot, column_of(&plot, 0), "0");
    append(&plot, out);
}

static void mark_interval(Plot *plot, const RsRow *row)
{
    gint low = column_of(plot, row->ci_low_pct);
    gint high = column_of(plot, row->ci_high_pct);

    for (gint i = MAX(low, 0); i <= MIN(high, plot->n - 1); i++)
        plot->cells[i] = *plot->cells[i] == ' ' ? "─" : "┼";
    mark(plot, low, "├");
    mark(plot, high, "┤");
    mark(plot, column_of(plot, row->change_pct), "●");
    if (low < 0)
        plot->cells[0] = "‹";
    if (high >= plot->n)
        plot->cells[plot->n - 1] = "›";
}

void rs_plot_row(const RsVerdict *verdict, const RsRow *row, guint n_columns, GString *out)
{
    Plot plot = new_plot(verdict, n_columns);

    mark(&plot, column_of(&plot, 0), "│");
    if (isfinite(row->threshold_pct))
        mark(&plot, column_of(&plot, row->threshold_pct), "┊");
    if (isfinite(row->bound_pct))
        mark(&plot, column_of(&plot, row->bound_pct), "┃");
    if (!isnan(row->change_pct) && !isnan(row->ci_low_pct) && !isnan(row->ci_high_pct))
        mark_interval(&plot, row);
    append(&plot, out);
}
