/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/columns.h"

#include <math.h>
#include <string.h>

static guint char_columns(gunichar c)
{
    return g_unichar_iszerowidth(c) ? 0 : g_unichar_iswide(c) ? 2 : 1;
}

guint rs_columns_of(const char *text)
{
    guint n = 0;

    for (; *text; text = g_utf8_next_char(text))
        n += char_columns(g_utf8_get_char(text));
    return n;
}

char *rs_columns_fit(const char *text, guint n_columns)
{
    guint n = 0;
    const char *at = text;

    if (rs_columns_of(text) <= n_columns)
        return g_strdup(text);
    while (*at && n + char_columns(g_utf8_get_char(at)) < n_columns) {
        n += char_columns(g_utf8_get_char(at));
        at = g_utf8_next_char(at);
    }
    return g_strdup_printf("%.*s…", (int)(at - text), text);
}

void rs_columns_spaces(GString *out, guint n)
{
    while (n-- > 0)
        g_string_append_c(out, ' ');
}

void rs_columns_cell(GString *out, const char *text, guint width, gboolean right)
{
    guint n = rs_columns_of(text);
    guint pad = width > n ? width - n : 0;

    if (right)
        rs_columns_spaces(out, pad);
    g_string_append(out, text);
    if (!right)
        rs_columns_spaces(out, pad);
}

/* Where the next piece that may begin a line starts, or the end. No line is begun with what a CI
 * runner would take for a command, nor with a lonely sign of per cent. */
static const char *next_piece(const char *at)
{
    while (*at && !(at[0] == ' ' && at[1] && !strchr(" :/%", at[1])))
        at++;
    return at;
}

void rs_columns_wrapped(GString *out, guint n_columns, const char *first, const char *text,
                        guint indent)
{
    guint at_column = rs_columns_of(first);
    gboolean fresh = TRUE;

    g_string_append(out, first);
    for (const char *at = text; *at;) {
        const char *end = next_piece(at + 1);
        g_autofree char *piece = g_strndup(at, (gsize)(end - at));
        const char *shown = piece;

        if (!fresh && at_column + rs_columns_of(piece) > n_columns) {
            g_string_append_c(out, '\n');
            rs_columns_spaces(out, indent);
            at_column = indent;
            shown = piece + 1; /* the blank that the break replaces */
        }
        g_string_append(out, shown);
        at_column += rs_columns_of(shown);
        fresh = FALSE;
        at = end;
    }
    g_string_append_c(out, '\n');
}

void rs_columns_bar(GString *out, double frac, guint n_columns)
{
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    double held = isfinite(frac) ? CLAMP(frac, 0, 1) : 0;
    guint n = (guint)lround(held * n_columns * 8);
    guint n_used = n / 8 + (n % 8 > 0);

    for (guint i = 0; i < n / 8; i++)
        g_string_append(out, "█");
    g_string_append(out, eighths[n % 8]);
    rs_columns_spaces(out, n_columns - MIN(n_used, n_columns));
}

void rs_columns_color_on(GString *out, gboolean color, const char *code)
{
    if (color && code)
        g_string_append_printf(out, "\033[%sm", code);
}

void rs_columns_color_off(GString *out, gboolean color, const char *code)
{
    if (color && code)
        g_string_append(out, "\033[0m");
}
