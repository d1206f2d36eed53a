/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/html_write.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"

/* U+FFFE and U+FFFF are valid UTF-8, but no markup may hold them. */
static void replace_noncharacters(char *text)
{
    for (char *at = text; (at = strstr(at, "\xEF\xBF")); at += 3)
        if (at[2] == '\xBE' || at[2] == '\xBF')
            at[2] = '\xBD';
}

static void append_escaped(GString *out, char *plain)
{
    g_autofree char *escaped = NULL;

    replace_noncharacters(plain);
    escaped = g_markup_escape_text(plain, -1);
    g_string_append(out, escaped);
}

void rs_html_text(GString *out, const char *text, gsize max_chars)
{
    g_autofree char *plain = text ? rs_text_plain(text, -1, FALSE, max_chars) : NULL;

    if (plain)
        append_escaped(out, plain);
}

void rs_html_tail(GString *out, const char *text, gsize max_chars)
{
    g_autofree char *plain = text ? rs_text_plain(text, -1, TRUE, G_MAXSIZE - 1) : NULL;
    gsize n_chars = plain ? g_utf8_strlen(plain, -1) : 0;
    char *from = plain;

    if (!plain)
        return;
    if (n_chars > max_chars) {
        from = g_utf8_offset_to_pointer(plain, n_chars - max_chars);
        g_string_append(out, "(the beginning is left out)\n…");
    }
    append_escaped(out, from);
}

void rs_html_name(GString *out, const char *name)
{
    if (!name || !*name) {
        g_string_append(out, "<i>(no name)</i>");
        return;
    }
    g_string_append(out, "<bdi>");
    rs_html_text(out, name, RS_HTML_NAME_CHARS);
    g_string_append(out, "</bdi>");
}

void rs_html_int(GString *out, gint64 value)
{
    g_string_append_printf(out, "%" G_GINT64_FORMAT, value);
}

void rs_html_change(GString *out, double pct)
{
    g_autofree char *text = rs_units_format_change_pct(pct);

    g_string_append(out, text);
}

void rs_html_interval(GString *out, double low_pct, double high_pct)
{
    g_autofree char *low = rs_units_format_change_pct(low_pct);

    if (isnan(low_pct) || isnan(high_pct)) {
        g_string_append(out, "n/a");
        return;
    }
    if (g_str_has_suffix(low, " %"))
        low[strlen(low) - 2] = '\0';
    g_string_append_printf(out, "%s … ", low);
    rs_html_change(out, high_pct);
}

void rs_html_fixed(GString *out, double value, guint n_decimals)
{
    char format[16], text[G_ASCII_DTOSTR_BUF_SIZE];

    if (!isfinite(value)) {
        g_string_append(out, "n/a");
        return;
    }
    g_snprintf(format, sizeof format, fabs(value) < 1e12 ? "%%.%uf" : "%%.4g", MIN(n_decimals, 9));
    g_ascii_formatd(text, sizeof text, format, value);
    if (*text == '-' && strspn(text, "-0.") != strlen(text))
        g_string_append(out, "−");
    g_string_append(out, *text == '-' ? text + 1 : text);
}

void rs_html_number(GString *out, double value, guint n_decimals)
{
    gsize from = out->len;

    rs_html_fixed(out, value, n_decimals);
    if (!strchr(out->str + from, '.') || strchr(out->str + from, 'e'))
        return;
    while (out->str[out->len - 1] == '0')
        g_string_truncate(out, out->len - 1);
    if (out->str[out->len - 1] == '.')
        g_string_truncate(out, out->len - 1);
}

void rs_html_p_value(GString *out, double p_value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    if (!isfinite(p_value))
        g_string_append(out, "n/a");
    else if (p_value < 0.0001)
        g_string_append(out, "&lt; 0.0001");
    else
        g_string_append(out, g_ascii_formatd(text, sizeof text, "%.4f", p_value));
}

void rs_html_value(GString *out, double value, const char *unit, double scale_like)
{
    g_autofree char *text = rs_units_format(value, unit, isfinite(scale_like) ? scale_like : value);

    rs_html_text(out, text, RS_HTML_NAME_CHARS);
}

void rs_html_share(GString *out, double share_frac)
{
    double held_frac = isnan(share_frac) ? 0 : CLAMP(share_frac, 0, 1);
    int hundredths = (int)lround(held_frac * 10000);

    g_string_append_printf(out, "%d.%02d%%", hundredths / 100, hundredths % 100);
}

void rs_html_count(GString *out, gint64 n, const char *noun)
{
    g_string_append_printf(out, "%" G_GINT64_FORMAT " %s%s", n, noun, n == 1 ? "" : "s");
}

void rs_html_badge(GString *out, const RsRow *row)
{
    static const struct {
        const char *style, *sign, *word;
    } marks[RS_N_VERDICTS] = {
        [RS_VERDICT_REGRESSION] = {"bad", "▲", "regression"},
        [RS_VERDICT_IMPROVEMENT] = {"good", "▼", "improvement"},
        [RS_VERDICT_BELOW_THRESHOLD] = {"calm", "△", "below threshold"},
        [RS_VERDICT_UNCHANGED] = {"calm", "=", "unchanged"},
        [RS_VERDICT_INCONCLUSIVE] = {"open", "?", "inconclusive"},
        [RS_VERDICT_INCOMPARABLE] = {"open", "≠", "incomparable"},
        [RS_VERDICT_NEW] = {"calm", "+", "new"},
        [RS_VERDICT_MISSING] = {"open", "∅", "missing"},
    };
    gboolean regression = row->verdict == RS_VERDICT_REGRESSION;

    g_string_append_printf(out, "<span class=\"badge %s\"><span aria-hidden=\"true\">%s</span> ",
                           marks[row->verdict].style, marks[row->verdict].sign);
    if (regression && row->severity != RS_SEVERITY_NONE)
        g_string_append_printf(out, "%s ", rs_severity_names[row->severity]);
    g_string_append_printf(out, "%s</span>", marks[row->verdict].word);
}

const char *rs_html_direction_word(const RsRow *row, double pct)
{
    const RsMetricRow *metric = rs_metric_row(row->metric);

    if (metric && metric->is_time)
        return pct > 0 ? "slower" : "faster";
    return pct > 0 ? "worse" : "better";
}
