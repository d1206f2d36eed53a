/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A change with its interval against the bounds that judge it. */
#include "report/html_plot.h"

#include <math.h>

#include "report/html_axis.h"
#include "report/html_write.h"

/* An interval may reach far beyond the bounds, or have no end: the axis stops at this many times
 * the largest of G and the change, and the bar then ends in an arrow. */
#define MOST_REACH 3
#define MINI_WIDTH 160

static double finite_or(double value, double otherwise)
{
    return isfinite(value) ? value : otherwise;
}

static void fit_axis(RsHtmlAxis *axis, const RsRow *row)
{
    double bound = finite_or(row->bound_pct, finite_or(row->threshold_pct, 0));
    double anchor = MAX(fabs(row->change_pct), MAX(bound, finite_or(row->threshold_pct, 0)));
    double reach = MOST_REACH * MAX(anchor, 1);
    double low = MIN(0, MIN(row->change_pct, finite_or(row->ci_low_pct, row->change_pct)));
    double high = MAX(bound, MAX(row->change_pct, finite_or(row->ci_high_pct, row->change_pct)));
    double margin;

    high = MIN(MAX(high, finite_or(row->threshold_pct, 0)), reach);
    low = MAX(low, -reach);
    margin = 0.16 * MAX(high - low, 1);
    rs_html_axis_set(axis, low - margin, high + margin);
}

static void place(GString *out, const char *style, double at_frac)
{
    g_string_append_printf(out, "<span class=\"%s\" style=\"left:", style);
    rs_html_share(out, at_frac);
    g_string_append(out, "\">");
}

/* A bound's name on a line of its own above the bar, so that no two can collide. */
static void bound_label(GString *out, const RsHtmlAxis *axis, const char *style, const char *word,
                        double bound_pct)
{
    if (!isfinite(bound_pct))
        return;
    g_string_append(out, "<div class=\"at\">");
    place(out, style, rs_html_axis_at(axis, bound_pct));
    g_string_append(out, word);
    rs_html_change(out, bound_pct);
    g_string_append(out, "</span></div>");
}

static int x_of(const RsHtmlAxis *axis, double pct, int width)
{
    return (int)lround(CLAMP(rs_html_axis_at(axis, pct), 0, 1) * width);
}

static void bound_line(GString *out, const RsHtmlAxis *axis, const char *style, double pct,
                       int width)
{
    if (isfinite(pct) && rs_html_axis_at(axis, pct) >= 0 && rs_html_axis_at(axis, pct) <= 1)
        g_string_append_printf(out, "<path class=\"%s\" d=\"M%d 0v40\"/>", style,
                               x_of(axis, pct, width));
}

/* Ends that lie within the axis get a stop, others an arrow head. */
static void bar_end(GString *out, const RsHtmlAxis *axis, double pct, int width)
{
    double at_frac = rs_html_axis_at(axis, pct);
    int head = width / 70;

    if (at_frac < 0)
        g_string_append_printf(out, "M%d 12L0 20L%d 28", head, head);
    else if (at_frac > 1)
        g_string_append_printf(out, "M%d 12L%d 20L%d 28", width - head, width, width - head);
    else
        g_string_append_printf(out, "M%d 13v14", x_of(axis, pct, width));
}

static void bar(GString *out, const RsRow *row, const RsHtmlAxis *axis, int width)
{
    if (!isnan(row->ci_low_pct) && !isnan(row->ci_high_pct)) {
        g_string_append_printf(out, "<path class=\"ci\" d=\"M%d 20H%d",
                               x_of(axis, row->ci_low_pct, width),
                               x_of(axis, row->ci_high_pct, width));
        bar_end(out, axis, row->ci_low_pct, width);
        bar_end(out, axis, row->ci_high_pct, width);
        g_string_append(out, "\"/>");
    }
    g_string_append_printf(out, "<path class=\"point\" d=\"M%d 20h0\"/>",
                           x_of(axis, row->change_pct, width));
}

static void picture(GString *out, const RsRow *row, const RsHtmlAxis *axis, int width)
{
    if (isfinite(row->bound_pct) && rs_html_axis_at(axis, row->bound_pct) < 1) {
        int from = x_of(axis, row->bound_pct, width);

        g_string_append_printf(out, "<path class=\"fail\" d=\"M%d 0h%dv40H%dz\"/>", from,
                               width - from, from);
    }
    bound_line(out, axis, "zero", 0, width);
    bound_line(out, axis, "tee", row->threshold_pct, width);
    bound_line(out, axis, "gee", row->bound_pct, width);
    bar(out, row, axis, width);
}

static void describe(GString *out, const RsRow *row)
{
    g_string_append(out, "Change ");
    rs_html_change(out, row->change_pct);
    g_string_append(out, ", interval ");
    rs_html_interval(out, row->ci_low_pct, row->ci_high_pct);
    if (isfinite(row->threshold_pct)) {
        g_string_append(out, ", threshold ");
        rs_html_change(out, row->threshold_pct);
    }
    if (isfinite(row->bound_pct)) {
        g_string_append(out, ", gate bound ");
        rs_html_change(out, row->bound_pct);
    }
    g_string_append(out, ".</desc>");
}

void rs_html_plot_interval(GString *out, const RsRow *row, const char *id)
{
    RsHtmlAxis axis;

    if (!isfinite(row->change_pct))
        return;
    fit_axis(&axis, row);
    g_string_append(out, "<figure class=\"interval\"><figcaption><b>Change and confidence interval"
                         "</b></figcaption><div class=\"ticks\" aria-hidden=\"true\">");
    if (!(row->bound_pct == row->threshold_pct))
        bound_label(out, &axis, "t", "T ", row->threshold_pct);
    bound_label(out, &axis, "g", row->bound_pct == row->threshold_pct ? "T, G " : "G ",
                row->bound_pct);
    g_string_append_printf(out,
                           "</div><svg class=\"bar\" viewBox=\"0 0 2000 40\" "
                           "preserveAspectRatio=\"none\" role=\"img\" aria-labelledby=\"%sit "
                           "%sid\"><title id=\"%sit\">Change and confidence interval</title>"
                           "<desc id=\"%sid\">",
                           id, id, id, id);
    describe(out, row);
    picture(out, row, &axis, 2000);
    g_string_append(out, "</svg><div class=\"ticks\" aria-hidden=\"true\"><div class=\"at\">");
    place(out, "z", rs_html_axis_at(&axis, 0));
    g_string_append(out, "0</span></div></div></figure>");
}

void rs_html_plot_mini(GString *out, const RsRow *row, double limit_pct)
{
    RsHtmlAxis axis;

    if (!isfinite(row->change_pct))
        return;
    rs_html_axis_set(&axis, -limit_pct, limit_pct);
    g_string_append_printf(out, "<svg class=\"mini\" viewBox=\"0 0 %d 40\" aria-hidden=\"true\">",
                           MINI_WIDTH);
    picture(out, row, &axis, MINI_WIDTH);
    g_string_append(out, "</svg>");
}
