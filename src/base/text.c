/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text.h"

#include <string.h>

#define ZERO_WIDTH_SPACE "\u200B"

/* Bidirectional controls can make a line read as something that it is not. */
static gboolean reorders(gunichar c)
{
    return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069);
}

static gboolean is_unsafe(gunichar c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 || c == 0xFEFF ||
           reorders(c);
}

char *rs_text_plain(const char *text, gssize n_bytes, gboolean keep_lines, gsize max_chars)
{
    g_autofree char *valid = g_utf8_make_valid(text, n_bytes < 0 ? (gssize)strlen(text) : n_bytes);
    GString *plain = g_string_new(NULL);
    gsize n_chars = 0;

    for (const char *at = valid; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);

        if (n_chars++ == max_chars) {
            g_string_append(plain, "…");
            break;
        }
        if (c == '\n' || c == '\t')
            g_string_append_unichar(plain, keep_lines ? c : ' ');
        else
            g_string_append_unichar(plain, is_unsafe(c) ? 0xFFFD : c);
    }
    return g_string_free(plain, FALSE);
}

/* As the runner cuts its input: it knows a single CR, too. */
static gboolean ends_line(gunichar c)
{
    return c == '\n' || c == '\r';
}

/* Source: actions/runner, ActionCommand: a line is trimmed of what Unicode calls white space before
 * "::" is looked for; the older "##[" counts wherever it stands. */
char *rs_text_without_commands(const char *text)
{
    GString *safe = g_string_sized_new(strlen(text) + 16);
    gboolean at_start = TRUE;

    for (const char *at = text; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);

        g_string_append_unichar(safe, c);
        if ((at_start && g_str_has_prefix(at, "::")) || g_str_has_prefix(at, "##[") ||
            g_str_has_prefix(at, "##vso["))
            g_string_append(safe, ZERO_WIDTH_SPACE);
        at_start = ends_line(c) || (at_start && g_unichar_isspace(c));
    }
    return g_string_free(safe, FALSE);
}

char *rs_text_shown(const char *text, gssize n_bytes, gboolean keep_lines, gsize max_chars)
{
    g_autofree char *plain = rs_text_plain(text, n_bytes, keep_lines, max_chars);

    return rs_text_without_commands(plain);
}

gboolean rs_text_is_path_down(const char *path)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);

    for (char **part = parts; *part; part++)
        if (!**part || g_str_equal(*part, ".") || g_str_equal(*part, ".."))
            return FALSE;
    return *path != '\0';
}

const char *rs_text_path_below(const char *path, const char *folder)
{
    gsize n = strlen(folder);

    return strncmp(path, folder, n) == 0 && path[n] == '/' ? path + n + 1 : NULL;
}
