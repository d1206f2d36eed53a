/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/html_axis.h"

#include <math.h>
#include <stdlib.h>

#include "report/html_write.h"

/* Beyond this a difference of two doubles could overflow; no quantity we draw is near. */
#define LARGEST 1e150
/* A side of fewer values is shown whole: there is no telling what is extreme among them. */
#define CUT_MIN_VALUES 8

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

GArray *rs_html_sorted(const GArray *values)
{
    GArray *sorted = g_array_sized_new(FALSE, FALSE, sizeof(double), values->len);

    for (guint i = 0; i < values->len; i++) {
        double value = g_array_index(values, double, i);

        if (isfinite(value))
            g_array_append_val(sorted, value);
    }
    if (sorted->len)
        qsort(sorted->data, sorted->len, sizeof(double), compare_doubles);
    return sorted;
}

double rs_html_quantile(const GArray *sorted, double share_frac)
{
    double place, below;
    guint i;

    if (sorted->len == 0)
        return NAN;
    place = share_frac * (sorted->len - 1);
    i = (guint)place;
    below = g_array_index(sorted, double, i);
    if (i + 1 >= sorted->len)
        return below;
    return below + (place - i) * (g_array_index(sorted, double, i + 1) - below);
}

/* Four quartile ranges beyond the quartiles, and at least 95 of 100 values. */
static void core_of(const GArray *sorted, double *low, double *high)
{
    double first = rs_html_quantile(sorted, 0.25), third = rs_html_quantile(sorted, 0.75);
    double reach = 4 * (third - first);

    *low = rs_html_quantile(sorted, 0);
    *high = rs_html_quantile(sorted, 1);
    if (sorted->len < CUT_MIN_VALUES || !(reach > 0))
        return;
    *low = MAX(*low, MIN(first - reach, rs_html_quantile(sorted, 0.025)));
    *high = MIN(*high, MAX(third + reach, rs_html_quantile(sorted, 0.975)));
}

void rs_html_axis_set(RsHtmlAxis *axis, double low, double high)
{
    double margin;

    *axis = (RsHtmlAxis){.low = CLAMP(low, -LARGEST, LARGEST),
                         .high = CLAMP(high, -LARGEST, LARGEST),
                         .divisor = 1,
                         .prefix = ""};
    margin = 1e-9 * MAX(fabs(axis->low), fabs(axis->high));
    if (axis->high - axis->low > margin)
        return;
    margin = axis->low != 0 ? 0.02 * fabs(axis->low) : 1;
    axis->low -= margin;
    axis->high += margin;
}

void rs_html_axis_fit(RsHtmlAxis *axis, const GArray *const *sorted, guint n_sides)
{
    double low = INFINITY, high = -INFINITY, least = INFINITY, most = -INFINITY, margin;

    for (guint i = 0; i < n_sides; i++) {
        double side_low, side_high;

        if (sorted[i]->len == 0)
            continue;
        core_of(sorted[i], &side_low, &side_high);
        low = MIN(low, side_low);
        high = MAX(high, side_high);
        least = MIN(least, rs_html_quantile(sorted[i], 0));
        most = MAX(most, rs_html_quantile(sorted[i], 1));
    }
    if (!(low <= high))
        low = high = least = most = 0;
    /* A cut must be worth it. */
    margin = 0.5 * (high - low);
    if (low - least < margin)
        low = least;
    if (most - high < margin)
        high = most;
    rs_html_axis_set(axis, low, high);
    margin = 0.05 * (axis->high - axis->low);
    axis->low = least >= 0 ? MAX(axis->low - margin, 0) : axis->low - margin;
    axis->high += margin;
}

void rs_html_axis_scale(RsHtmlAxis *axis, const char *unit)
{
    static const struct {
        const char *unit;
        double from, divisor;
        const char *prefix;
    } scales[] = {
        {"ns", 1e9, 1e9, "s"},
        {"ns", 1e6, 1e6, "ms"},
        {"ns", 1e3, 1e3, "µs"},
        {"ns", 0, 1, "ns"},
        {"bytes", 0x1p30, 0x1p30, "GiB"},
        {"bytes", 0x1p20, 0x1p20, "MiB"},
        {"bytes", 0x1p10, 0x1p10, "KiB"},
        {"bytes", 0, 1, "B"},
        {NULL, 1e9, 1e9, "G"},
        {NULL, 1e6, 1e6, "M"},
        {NULL, 1e4, 1e3, "k"},
        {NULL, 0, 1, ""},
    };
    double size = MAX(fabs(axis->low), fabs(axis->high));

    for (guint i = 0; i < G_N_ELEMENTS(scales); i++)
        if ((!scales[i].unit || g_strcmp0(scales[i].unit, unit) == 0) && size >= scales[i].from) {
            axis->divisor = scales[i].divisor;
            axis->prefix = scales[i].prefix;
            return;
        }
}

double rs_html_axis_at(const RsHtmlAxis *axis, double value)
{
    return (CLAMP(value, -2 * LARGEST, 2 * LARGEST) - axis->low) / (axis->high - axis->low);
}

/* 1, 2 or 5 times a power of ten, not below least. */
static double round_step(double least)
{
    double power = pow(10, floor(log10(least)));
    double factor = least / power;

    return power * (factor <= 1 ? 1 : factor <= 2 ? 2 : factor <= 5 ? 5 : 10);
}

guint rs_html_axis_ticks(const RsHtmlAxis *axis, guint n_wanted, double ticks[RS_HTML_MAX_TICKS])
{
    double low = axis->low / axis->divisor, high = axis->high / axis->divisor;
    double step = round_step((high - low) / n_wanted);
    double first = ceil(low / step);
    guint n_ticks = 0;

    for (guint i = 0; i < RS_HTML_MAX_TICKS; i++) {
        double value = (first + i) * step;

        if (!(value <= high))
            break;
        ticks[n_ticks++] = value * axis->divisor;
    }
    return n_ticks;
}

static guint tick_decimals(const RsHtmlAxis *axis, const double *ticks, guint n_ticks)
{
    double step = n_ticks > 1 ? (ticks[1] - ticks[0]) / axis->divisor : 1;

    return step > 0 && step < 1 ? (guint)MIN(-floor(log10(step) + 1e-9), 9) : 0;
}

void rs_html_axis_labels(GString *out, const RsHtmlAxis *axis, const double *ticks, guint n_ticks,
                         gboolean vertical, gboolean signed_pct)
{
    guint n_decimals = tick_decimals(axis, ticks, n_ticks);

    for (guint i = 0; i < n_ticks; i++) {
        double at_frac = rs_html_axis_at(axis, ticks[i]);
        double shown = ticks[i] / axis->divisor;

        g_string_append(out, vertical ? "<span style=\"top:" : "<span style=\"left:");
        rs_html_share(out, vertical ? 1 - at_frac : at_frac);
        g_string_append(out, "\">");
        if (signed_pct && shown > 0)
            g_string_append_c(out, '+');
        rs_html_fixed(out, shown, n_decimals);
        g_string_append(out, signed_pct ? " %</span>" : "</span>");
    }
}
