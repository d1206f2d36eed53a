/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Constants in generic arguments of v0 names, structural ones included. */
#include "symbol/rust/v0.h"

/* Hexadecimal digits up to "_". */
static const char *read_digits(RsV0 *v0, gsize *n_digits)
{
    const char *digits = v0->text + v0->at;

    *n_digits = 0;
    while (v0->stop == RS_V0_GOES_ON && !rs_v0_eat(v0, '_')) {
        char c = rs_v0_next(v0);

        if (!g_ascii_isdigit(c) && (c < 'a' || c > 'f'))
            rs_v0_fail(v0, RS_V0_INVALID);
        (*n_digits)++;
    }
    return digits;
}

/* FALSE: it does not fit. */
static gboolean read_number(RsV0 *v0, guint64 *number, const char **digits, gsize *n_digits)
{
    *number = 0;
    *digits = read_digits(v0, n_digits);
    if (v0->stop != RS_V0_GOES_ON)
        return TRUE;
    for (; *n_digits && **digits == '0'; (*n_digits)--)
        (*digits)++;
    if (*n_digits > 16)
        return FALSE;
    for (gsize i = 0; i < *n_digits; i++)
        *number = *number << 4 | (guint64)g_ascii_xdigit_value((*digits)[i]);
    return TRUE;
}

static void print_integer(RsV0 *v0, gboolean is_signed)
{
    const char *digits;
    gsize n_digits;
    guint64 number;
    char text[24];

    if (is_signed && rs_v0_eat(v0, 'n'))
        rs_v0_put(v0, "-");
    if (read_number(v0, &number, &digits, &n_digits)) {
        g_snprintf(text, sizeof text, "%" G_GUINT64_FORMAT, number);
        rs_v0_put(v0, text);
    } else {
        rs_v0_put(v0, "0x");
        rs_v0_put_bytes(v0, digits, n_digits);
    }
}

/* As a Rust literal has it. */
static void put_char(RsV0 *v0, gunichar c, char quote)
{
    static const char escapes[] = "\tt\nn\rr\\\\";
    char text[16];

    for (const char *at = escapes; *at; at += 2)
        if (c == (guchar)*at) {
            g_snprintf(text, sizeof text, "\\%c", at[1]);
            rs_v0_put(v0, text);
            return;
        }
    if (c == 0)
        rs_v0_put(v0, "\\0");
    else if (c == (guchar)quote)
        rs_v0_put(v0, quote == '"' ? "\\\"" : "\\'");
    else if (g_unichar_isprint(c))
        rs_v0_put_bytes(v0, text, (gsize)g_unichar_to_utf8(c, text));
    else {
        g_snprintf(text, sizeof text, "\\u{%x}", c);
        rs_v0_put(v0, text);
    }
}

static void print_bool_or_char(RsV0 *v0, gboolean is_bool)
{
    const char *digits;
    gsize n_digits;
    guint64 number;

    if (!read_number(v0, &number, &digits, &n_digits) || number > (is_bool ? 1 : 0x10ffff) ||
        (!is_bool && !g_unichar_validate((gunichar)number))) {
        rs_v0_fail(v0, RS_V0_INVALID);
    } else if (is_bool) {
        rs_v0_put(v0, number ? "true" : "false");
    } else {
        rs_v0_put(v0, "'");
        put_char(v0, (gunichar)number, '\'');
        rs_v0_put(v0, "'");
    }
}

static void print_string(RsV0 *v0)
{
    gsize n_digits;
    const char *digits = read_digits(v0, &n_digits);

    if (n_digits % 2)
        rs_v0_fail(v0, RS_V0_INVALID);
    if (v0->n_silent || v0->stop != RS_V0_GOES_ON)
        return;
    g_autoptr(GString) text = g_string_sized_new(n_digits / 2);
    for (gsize i = 0; i < n_digits; i += 2)
        g_string_append_c(text, (char)(g_ascii_xdigit_value(digits[i]) << 4 |
                                       g_ascii_xdigit_value(digits[i + 1])));
    rs_v0_put(v0, "\"");
    for (const char *at = text->str, *end = at + text->len; at < end;) {
        gunichar c = *at ? g_utf8_get_char_validated(at, end - at) : 0;

        if (!g_unichar_validate(c)) {
            rs_v0_fail(v0, RS_V0_INVALID);
            return;
        }
        put_char(v0, c, '"');
        at = *at ? g_utf8_next_char(at) : at + 1;
    }
    rs_v0_put(v0, "\"");
}

static guint print_elements(RsV0 *v0)
{
    guint n = 0;

    while (v0->stop == RS_V0_GOES_ON && !rs_v0_eat(v0, 'E')) {
        if (n++)
            rs_v0_put(v0, ", ");
        rs_v0_print_const(v0, TRUE);
    }
    return n;
}

static void print_fields(RsV0 *v0)
{
    RsV0Identifier name;

    rs_v0_put(v0, " { ");
    for (guint n = 0; v0->stop == RS_V0_GOES_ON && !rs_v0_eat(v0, 'E'); n++) {
        if (n)
            rs_v0_put(v0, ", ");
        rs_v0_identifier(v0, &name);
        rs_v0_put_identifier(v0, &name);
        rs_v0_put(v0, ": ");
        rs_v0_print_const(v0, TRUE);
    }
    rs_v0_put(v0, " }");
}

static void print_variant(RsV0 *v0)
{
    rs_v0_print_path(v0, TRUE);
    switch (rs_v0_next(v0)) {
    case 'U':
        break;
    case 'T':
        rs_v0_put(v0, "(");
        print_elements(v0);
        rs_v0_put(v0, ")");
        break;
    case 'S':
        print_fields(v0);
        break;
    default:
        rs_v0_fail(v0, RS_V0_INVALID);
    }
}

/* What stands in braces unless it is within another constant. */
static void print_structure(RsV0 *v0, char tag)
{
    switch (tag) {
    case 'e':
        rs_v0_put(v0, "*");
        print_string(v0);
        break;
    case 'R':
    case 'Q':
        rs_v0_put(v0, tag == 'R' ? "&" : "&mut ");
        rs_v0_print_const(v0, TRUE);
        break;
    case 'A':
        rs_v0_put(v0, "[");
        print_elements(v0);
        rs_v0_put(v0, "]");
        break;
    case 'T':
        rs_v0_put(v0, "(");
        rs_v0_put(v0, print_elements(v0) == 1 ? ",)" : ")");
        break;
    case 'V':
        print_variant(v0);
        break;
    default:
        rs_v0_fail(v0, RS_V0_INVALID);
    }
}

static void print_reference(RsV0 *v0, gboolean in_value)
{
    gsize target = rs_v0_reference(v0), after = v0->at;

    if (v0->n_silent || v0->stop != RS_V0_GOES_ON)
        return;
    v0->at = target;
    rs_v0_print_const(v0, in_value);
    v0->at = after;
}

void rs_v0_print_const(RsV0 *v0, gboolean in_value)
{
    char tag;

    if (!rs_v0_enter(v0)) {
        rs_v0_leave(v0);
        return;
    }
    tag = rs_v0_next(v0);
    if (tag == 'p') {
        rs_v0_put(v0, "_");
    } else if (tag == 'B') {
        print_reference(v0, in_value);
    } else if (tag && strchr("htmyoj", tag)) {
        print_integer(v0, FALSE);
    } else if (tag && strchr("aslxni", tag)) {
        print_integer(v0, TRUE);
    } else if (tag == 'b' || tag == 'c') {
        print_bool_or_char(v0, tag == 'b');
    } else if (tag == 'R' && rs_v0_eat(v0, 'e')) {
        print_string(v0);
    } else {
        if (!in_value)
            rs_v0_put(v0, "{");
        print_structure(v0, tag);
        if (!in_value)
            rs_v0_put(v0, "}");
    }
    rs_v0_leave(v0);
}
