/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The change of each pair in run order: what the paired test sees. */
#include "report/html_plot.h"

#include <math.h>

#include "report/html_axis.h"
#include "report/html_svg.h"
#include "report/html_write.h"

typedef struct {
    guint32 pair;
    double change_pct; /* + is worse */
} Pair;

/* Both trials of pair k hold positions 2k and 2k + 1. */
static guint32 pair_of(const RsRowSide *side, guint i)
{
    return i < side->positions->len ? g_array_index(side->positions, guint32, i) / 2 : i;
}

static double change_pct_of(const RsRow *row, double baseline, double current)
{
    double ratio = row->direction == RS_HIGHER_IS_BETTER ? baseline / current : current / baseline;

    return baseline > 0 && current > 0 ? 100 * (ratio - 1) : NAN;
}

static GArray *pairs_of(const RsRow *row)
{
    GArray *pairs = g_array_new(FALSE, FALSE, sizeof(Pair));
    guint i = 0, j = 0;

    while (i < row->baseline.values->len && j < row->current.values->len) {
        guint32 left = pair_of(&row->baseline, i), right = pair_of(&row->current, j);

        if (left == right) {
            Pair pair = {left, change_pct_of(row, g_array_index(row->baseline.values, double, i),
                                             g_array_index(row->current.values, double, j))};

            if (isfinite(pair.change_pct))
                g_array_append_val(pairs, pair);
        }
        i += left <= right;
        j += right <= left;
    }
    return pairs;
}

static GArray *sorted_changes(const GArray *pairs)
{
    g_autoptr(GArray) changes = g_array_new(FALSE, FALSE, sizeof(double));

    for (guint i = 0; i < pairs->len; i++)
        g_array_append_val(changes, g_array_index(pairs, Pair, i).change_pct);
    return rs_html_sorted(changes);
}

static int y_of(const RsHtmlAxis *axis, double pct)
{
    return (int)lround((1 - CLAMP(rs_html_axis_at(axis, pct), 0, 1)) * RS_HTML_VIEW_HEIGHT);
}

/* The interval as a band, the grid, and the lines at zero and at the median. */
static void backdrop(GString *out, const RsRow *row, const RsHtmlAxis *axis, const double *ticks,
                     guint n_ticks, double median_pct)
{
    if (!isnan(row->ci_low_pct) && !isnan(row->ci_high_pct)) {
        int top = y_of(axis, row->ci_high_pct), bottom = y_of(axis, row->ci_low_pct);

        g_string_append_printf(out, "<path class=\"band\" d=\"M0 %dh%dV%dH0z\"/>", top,
                               RS_HTML_VIEW_WIDTH, MAX(bottom, top));
    }
    g_string_append(out, "<path class=\"grid\" d=\"");
    for (guint i = 0; i < n_ticks; i++)
        g_string_append_printf(out, "M0 %dh%d", y_of(axis, ticks[i]), RS_HTML_VIEW_WIDTH);
    g_string_append_printf(out, "\"/><path class=\"zero\" d=\"M0 %dh%d\"/>", y_of(axis, 0),
                           RS_HTML_VIEW_WIDTH);
    g_string_append_printf(out, "<path class=\"mid pair\" d=\"M0 %dh%d\"/>", y_of(axis, median_pct),
                           RS_HTML_VIEW_WIDTH);
}

static void caption(GString *out, const RsRow *row, const GArray *sorted)
{
    guint n_worse = 0, n_better = 0;

    for (guint i = 0; i < sorted->len; i++) {
        n_worse += g_array_index(sorted, double, i) > 0;
        n_better += g_array_index(sorted, double, i) < 0;
    }
    g_string_append(out, "<figcaption><b>Change of each pair, in run order</b><span class=\"key\">"
                         "<span class=\"k pair\">● pair, line at the median</span>");
    if (!isnan(row->ci_low_pct) && !isnan(row->ci_high_pct))
        g_string_append(out, " <span class=\"k swatch\">▒ confidence interval</span>");
    g_string_append_printf(
        out, "</span></figcaption><p class=\"note\">%u of %u pairs %s, %u %s.</p>", n_worse,
        sorted->len, rs_html_direction_word(row, 1), n_better, rs_html_direction_word(row, -1));
}

static void remark_edges(GString *out, const RsHtmlMarks *marks)
{
    if (marks->n_above + marks->n_below == 0)
        return;
    g_string_append(out, "<p class=\"note\">▲ ");
    rs_html_count(out, marks->n_above + marks->n_below, "pair");
    g_string_append_printf(out,
                           " beyond the axis (%u above, %u below), drawn as triangles at the "
                           "edge.</p>",
                           marks->n_above, marks->n_below);
}

static void fit_axis(RsHtmlAxis *axis, const GArray *sorted)
{
    const GArray *const sides[] = {sorted};
    double margin;

    rs_html_axis_fit(axis, sides, 1);
    /* Zero is always in view. */
    margin = 0.05 * (axis->high - axis->low);
    rs_html_axis_set(axis, MIN(axis->low, -margin), MAX(axis->high, margin));
}

void rs_html_plot_pairs(GString *out, const RsRow *row, const char *id)
{
    g_autoptr(GArray) pairs = pairs_of(row);
    g_autoptr(GArray) sorted = sorted_changes(pairs);
    g_autofree char *svg_id = g_strconcat(id, "p", NULL);
    g_auto(RsHtmlMarks) marks;
    double ticks[RS_HTML_MAX_TICKS], median_pct = rs_html_quantile(sorted, 0.5), n_places;
    RsHtmlAxis axis;
    guint n_ticks;

    rs_html_marks_init(&marks);
    if (pairs->len < 2)
        return;
    fit_axis(&axis, sorted);
    n_ticks = rs_html_axis_ticks(&axis, 4, ticks);
    n_places = (double)g_array_index(pairs, Pair, pairs->len - 1).pair + 1;
    for (guint i = 0; i < pairs->len; i++)
        rs_html_marks_add(&marks, (g_array_index(pairs, Pair, i).pair + 0.5) / n_places,
                          rs_html_axis_at(&axis, g_array_index(pairs, Pair, i).change_pct));
    g_string_append(out, "<figure class=\"plot pairs\">");
    caption(out, row, sorted);
    g_string_append(out, "<div class=\"frame wide\"><div class=\"y\" aria-hidden=\"true\">");
    rs_html_axis_labels(out, &axis, ticks, n_ticks, TRUE, TRUE);
    g_string_append(out, "</div>");
    rs_html_svg_open(out, "area", RS_HTML_VIEW_WIDTH, RS_HTML_VIEW_HEIGHT, svg_id,
                     "Change of each pair in run order");
    rs_html_count(out, sorted->len, "pair");
    g_string_append(out, ", median ");
    rs_html_change(out, median_pct);
    g_string_append(out, ".</desc>");
    backdrop(out, row, &axis, ticks, n_ticks, median_pct);
    rs_html_marks_draw(out, &marks, "pair");
    g_string_append_printf(out,
                           "</svg><div class=\"x\" aria-hidden=\"true\"><span>first pair"
                           "</span><span>pair %.0f</span></div></div>",
                           n_places);
    remark_edges(out, &marks);
    g_string_append(out, "</figure>");
}
