/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "symbol/rust/v0.h"

#define MAX_PUNYCODE_CHARS 256 /* decoding is quadratic; longer ones are shown as they are */

void rs_v0_fail(RsV0 *v0, RsV0Stop why)
{
    if (v0->stop == RS_V0_GOES_ON)
        v0->stop = why;
}

static gboolean is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int base62_digit(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'Z' ? c - 'A' + 36 : -1;
}

guint64 rs_v0_base62(RsV0 *v0)
{
    guint64 value = 0;

    if (rs_v0_eat(v0, '_'))
        return 0;
    for (char c; (c = rs_v0_next(v0)) != '_';) {
        int digit = base62_digit(c);

        if (digit < 0 || value > (G_MAXUINT64 - 63) / 62) {
            rs_v0_fail(v0, RS_V0_INVALID);
            return 0;
        }
        value = value * 62 + (guint64)digit;
    }
    return value + 1;
}

guint64 rs_v0_optional_base62(RsV0 *v0, char tag)
{
    guint64 value;

    if (!rs_v0_eat(v0, tag))
        return 0;
    value = rs_v0_base62(v0);
    if (!g_uint64_checked_add(&value, value, 1))
        rs_v0_fail(v0, RS_V0_INVALID);
    return value;
}

gsize rs_v0_reference(RsV0 *v0)
{
    gsize start = v0->at - 1;
    guint64 target = rs_v0_base62(v0);

    if (target >= start)
        rs_v0_fail(v0, RS_V0_INVALID);
    return v0->stop == RS_V0_GOES_ON ? (gsize)target : 0;
}

void rs_v0_bare_identifier(RsV0 *v0, RsV0Identifier *out)
{
    gsize n_bytes = 0;

    *out = (RsV0Identifier){.text = ""};
    out->is_punycode = rs_v0_eat(v0, 'u');
    if (!is_digit(rs_v0_peek(v0))) {
        rs_v0_fail(v0, RS_V0_INVALID);
        return;
    }
    if (!rs_v0_eat(v0, '0')) /* a number has no leading zeros */
        while (is_digit(rs_v0_peek(v0)) && n_bytes <= v0->n_bytes)
            n_bytes = n_bytes * 10 + (gsize)(rs_v0_next(v0) - '0');
    rs_v0_eat(v0, '_');
    if (v0->stop != RS_V0_GOES_ON || n_bytes > v0->n_bytes - v0->at) {
        rs_v0_fail(v0, RS_V0_INVALID);
        return;
    }
    out->text = v0->text + v0->at;
    out->n_bytes = n_bytes;
    v0->at += n_bytes;
}

void rs_v0_skip_disambiguator(RsV0 *v0)
{
    const char *end;

    if (!rs_v0_eat(v0, 's'))
        return;
    end = memchr(v0->text + v0->at, '_', v0->n_bytes - v0->at);
    if (end)
        v0->at = (gsize)(end + 1 - v0->text);
    else
        rs_v0_fail(v0, RS_V0_INVALID);
}

void rs_v0_identifier(RsV0 *v0, RsV0Identifier *out)
{
    guint64 disambiguator = rs_v0_optional_base62(v0, 's');

    rs_v0_bare_identifier(v0, out);
    out->disambiguator = disambiguator;
}

/* RFC 3492, 6.1. */
static guint32 punycode_adapt(guint32 delta, guint32 n_chars, gboolean is_first)
{
    guint32 k = 0;

    delta = is_first ? delta / 700 : delta / 2;
    delta += delta / n_chars;
    for (; delta > (36 - 1) * 26 / 2; k += 36)
        delta /= 36 - 1;
    return k + (36 - 1 + 1) * delta / (delta + 38);
}

static int punycode_digit(char c)
{
    if (g_ascii_islower(c))
        return c - 'a';
    return g_ascii_isdigit(c) ? c - '0' + 26 : -1;
}

/* One generalized variable-length integer of RFC 3492, added to *index. */
static gboolean punycode_delta(const char **at, const char *end, guint32 bias, guint32 *index)
{
    guint32 weight = 1;

    for (guint32 k = 36;; k += 36) {
        guint32 least = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias, step;
        int digit = *at < end ? punycode_digit(*(*at)++) : -1;

        if (digit < 0 || !g_uint_checked_mul(&step, (guint32)digit, weight) ||
            !g_uint_checked_add(index, *index, step))
            return FALSE;
        if ((guint32)digit < least)
            return TRUE;
        if (!g_uint_checked_mul(&weight, weight, 36 - least))
            return FALSE;
    }
}

/* RFC 3492, 6.2, with "_" in place of "-" as v0 has it. FALSE: damaged, or not worth showing. */
static gboolean append_punycode(GString *out, const char *text, gsize n_bytes)
{
    gunichar chars[MAX_PUNYCODE_CHARS];
    const char *end = text + n_bytes, *at = text;
    const char *delimiter = n_bytes ? memrchr(text, '_', n_bytes) : NULL;
    guint32 n = 0x80, index = 0, bias = 72, n_chars = 0;

    if (delimiter) {
        if (delimiter - text >= MAX_PUNYCODE_CHARS)
            return FALSE;
        while (at < delimiter)
            chars[n_chars++] = (guchar)*at++;
        at++;
    }
    while (at < end) {
        guint32 old_index = index;

        if (n_chars == MAX_PUNYCODE_CHARS || !punycode_delta(&at, end, bias, &index))
            return FALSE;
        n_chars++;
        bias = punycode_adapt(index - old_index, n_chars, old_index == 0);
        if (!g_uint_checked_add(&n, n, index / n_chars) || !g_unichar_validate(n) ||
            g_unichar_iscntrl(n))
            return FALSE;
        index %= n_chars;
        memmove(chars + index + 1, chars + index, (n_chars - 1 - index) * sizeof *chars);
        chars[index++] = n;
    }
    for (guint32 i = 0; i < n_chars; i++)
        g_string_append_unichar(out, chars[i]);
    return TRUE;
}

void rs_v0_append_identifier(GString *out, const RsV0Identifier *identifier)
{
    if (!identifier->is_punycode) {
        g_string_append_len(out, identifier->text, (gssize)identifier->n_bytes);
    } else if (!append_punycode(out, identifier->text, identifier->n_bytes)) {
        g_string_append(out, "punycode{");
        g_string_append_len(out, identifier->text, (gssize)identifier->n_bytes);
        g_string_append_c(out, '}');
    }
}
