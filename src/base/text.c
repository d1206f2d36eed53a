/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text.h"

#include <string.h>

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
