/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/units.h"

#include <math.h>
#include <string.h>

gboolean rs_units_parse_duration_s(const char *text, double *seconds)
{
    static const struct {
        const char *suffix;
        double seconds;
    } units[] = {{"", 1}, {"s", 1}, {"ms", 1e-3}, {"m", 60}, {"min", 60}, {"h", 3600}};
    char *end;
    double value = g_ascii_strtod(text, &end);

    if (end == text || !isfinite(value) || value < 0)
        return FALSE;
    while (*end == ' ')
        end++;
    for (guint i = 0; i < G_N_ELEMENTS(units); i++)
        if (g_str_equal(end, units[i].suffix)) {
            if (!isfinite(value * units[i].seconds))
                return FALSE;
            *seconds = value * units[i].seconds;
            return TRUE;
        }
    return FALSE;
}

typedef struct {
    double from, divisor;
    const char *suffix;
} Scale;

static const Scale ns_scales[] = {
    {1e9, 1e9, "s"}, {1e6, 1e6, "ms"}, {1e3, 1e3, "µs"}, {0, 1, "ns"}};
static const Scale bytes_scales[] = {
    {0x1p30, 0x1p30, "GiB"}, {0x1p20, 0x1p20, "MiB"}, {0x1p10, 0x1p10, "KiB"}, {0, 1, "B"}};
static const Scale count_scales[] = {{1e9, 1e9, "G"}, {1e6, 1e6, "M"}, {1e4, 1e3, "k"}, {0, 1, ""}};

static const Scale *scale_for(const char *unit, double size)
{
    const Scale *scale = g_strcmp0(unit, "ns") == 0      ? ns_scales
                         : g_strcmp0(unit, "bytes") == 0 ? bytes_scales
                                                         : count_scales;

    while (scale->from > 0 && !(size >= scale->from))
        scale++;
    return scale;
}

char *rs_units_format(double value, const char *unit, double scale_like)
{
    gboolean own_unit = g_strcmp0(unit, "ns") != 0 && g_strcmp0(unit, "bytes") != 0 &&
                        g_strcmp0(unit, "count") != 0;
    const Scale *scale = scale_for(unit, fabs(scale_like));
    double shown = value / scale->divisor;
    double size = fabs(scale_like) / scale->divisor;
    int decimals = scale->divisor == 1 && !own_unit ? 0 : size < 10 ? 3 : size < 100 ? 2 : 1;
    g_autoptr(GString) text = g_string_new(NULL);

    if (!isfinite(value))
        return g_strdup("n/a");
    if (decimals == 0 && shown != floor(shown))
        decimals = 1;
    g_string_append_printf(text, "%.*f", decimals, shown);
    if (*scale->suffix)
        g_string_append_printf(text, " %s", scale->suffix);
    if (own_unit && unit && *unit)
        g_string_append_printf(text, "%s%s", *scale->suffix ? "" : " ", unit);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

char *rs_units_format_duration(double seconds)
{
    gint64 whole = (gint64)(seconds + 0.5);

    if (!isfinite(seconds) || seconds < 0 || seconds > 1e9)
        return g_strdup("?");
    if (seconds < 10)
        return g_strdup_printf("%.1f s", seconds);
    if (whole < 60)
        return g_strdup_printf("%d s", (int)whole);
    if (whole < 3600)
        return g_strdup_printf("%d min %02d s", (int)(whole / 60), (int)(whole % 60));
    return g_strdup_printf("%d h %02d min", (int)(whole / 3600), (int)(whole / 60 % 60));
}

char *rs_units_format_change_pct(double pct)
{
    if (isnan(pct))
        return g_strdup("n/a");
    if (isinf(pct))
        return g_strdup(pct > 0 ? "+∞ %" : "−∞ %");
    if (fabs(pct) < 0.05)
        return g_strdup("0.0 %");
    return g_strdup_printf("%s%.1f %%", pct > 0 ? "+" : "−", fabs(pct));
}
