/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "symbol/rust/text.h"

#define N_HASH_DIGITS         16
#define N_LEAST_DISTINCT      5 /* a C++ name that ends in 17h and 16 digits is not this varied */
#define MAX_IDENTIFIER_DIGITS 6

static gboolean is_hash(const char *text, gsize n_bytes)
{
    guint seen = 0;

    if (n_bytes != 1 + N_HASH_DIGITS || text[0] != 'h')
        return FALSE;
    for (gsize i = 1; i < n_bytes; i++) {
        if (!g_ascii_isdigit(text[i]) && (text[i] < 'a' || text[i] > 'f'))
            return FALSE;
        seen |= 1u << g_ascii_xdigit_value(text[i]);
    }
    return __builtin_popcount(seen) >= N_LEAST_DISTINCT;
}

/* One "<length><bytes>". FALSE: there is none. */
static gboolean next_identifier(const char **at, const char *end, const char **text, gsize *n_bytes)
{
    guint n_digits = 0;

    for (*n_bytes = 0; *at < end && g_ascii_isdigit(**at); (*at)++) {
        if (++n_digits > MAX_IDENTIFIER_DIGITS)
            return FALSE;
        *n_bytes = *n_bytes * 10 + (gsize)(**at - '0');
    }
    if (!n_digits || !*n_bytes || *n_bytes > (gsize)(end - *at))
        return FALSE;
    *text = *at;
    *at += *n_bytes;
    return TRUE;
}

/* "$u7b$" and the like at text[0] == '$'. Bytes read; 0: it is none. */
static gsize append_escape(GString *out, const char *text, gsize n_bytes)
{
    static const struct {
        char code[3];
        char meaning;
    } escapes[] = {{"SP", '@'}, {"BP", '*'}, {"RF", '&'}, {"LT", '<'},
                   {"GT", '>'}, {"LP", '('}, {"RP", ')'}, {"C", ','}};
    const char *end = n_bytes > 1 ? memchr(text + 1, '$', n_bytes - 1) : NULL;
    gsize n_code = end ? (gsize)(end - text - 1) : 0;
    gunichar c = 0;

    if (!n_code)
        return 0;
    for (guint i = 0; i < G_N_ELEMENTS(escapes); i++)
        if (strlen(escapes[i].code) == n_code && !memcmp(text + 1, escapes[i].code, n_code)) {
            g_string_append_c(out, escapes[i].meaning);
            return n_code + 2;
        }
    if (text[1] != 'u' || n_code < 2 || n_code > 7)
        return 0;
    for (const char *at = text + 2; at < end; at++) {
        if (!g_ascii_isdigit(*at) && (*at < 'a' || *at > 'f'))
            return 0;
        c = c << 4 | (gunichar)g_ascii_xdigit_value(*at);
    }
    if (!g_unichar_validate(c) || g_unichar_iscntrl(c))
        return 0;
    g_string_append_unichar(out, c);
    return n_code + 2;
}

static void append_identifier(GString *out, const char *text, gsize n_bytes)
{
    gsize i = n_bytes > 1 && text[0] == '_' && text[1] == '$' ? 1 : 0;

    while (i < n_bytes) {
        gsize n_read = text[i] == '$' ? append_escape(out, text + i, n_bytes - i) : 0;

        if (n_read) {
            i += n_read;
        } else if (text[i] == '$') { /* none that is known: the rest is shown as it is */
            g_string_append_len(out, text + i, (gssize)(n_bytes - i));
            break;
        } else if (text[i] == '.' && i + 1 < n_bytes && text[i + 1] == '.') {
            g_string_append(out, "::");
            i += 2;
        } else {
            g_string_append_c(out, text[i++]);
        }
    }
}

gboolean rs_rust_legacy_parse(const char *text, gsize n_bytes, RsFunctionName *out, gsize *n_used)
{
    const char *at = text, *end = text + n_bytes, *identifier, *hash = NULL;
    gsize n_identifier = 0;

    while (next_identifier(&at, end, &identifier, &n_identifier)) {
        hash = identifier;
        for (gsize i = 0; i < n_identifier; i++)
            if ((guchar)identifier[i] >= 0x80)
                return FALSE;
    }
    if (at >= end || *at != 'E' || !hash || at - hash != 1 + N_HASH_DIGITS ||
        !is_hash(hash, 1 + N_HASH_DIGITS))
        return FALSE;
    *n_used = (gsize)(at + 1 - text);
    g_autoptr(GString) path = g_string_sized_new(*n_used);
    at = text;
    while (next_identifier(&at, end, &identifier, &n_identifier) && identifier != hash) {
        if (path->len)
            g_string_append(path, "::");
        append_identifier(path, identifier, n_identifier);
    }
    if (!path->len)
        return FALSE;
    rs_rust_text_find_home(path->str, TRUE, out);
    out->name = g_string_free(g_steal_pointer(&path), FALSE);
    rs_rust_text_normalize(out->name);
    out->language = RS_LANGUAGE_RUST_LEGACY;
    return TRUE;
}
