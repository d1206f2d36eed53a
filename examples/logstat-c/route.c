/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The normal form of a request's path (RFC 3986 section 6.2.2), with numbers and hashes replaced
 * by placeholders. The result is printable ASCII without quotes and backslashes. */
#include "logstat.h"

#include <stdlib.h>
#include <string.h>

static int hex_value(uint8_t digit)
{
    if (is_digit(digit))
        return digit - '0';
    digit |= 32;
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

static bool is_one_of(uint8_t byte, const char *list)
{
    return byte != 0 && strchr(list, byte) != NULL;
}

static void push_encoded(Buffer *out, uint8_t byte, bool was_encoded)
{
    static const char HEX[] = "0123456789ABCDEF";

    if (is_alnum(byte) || is_one_of(byte, "-._~") ||
        (!was_encoded && is_one_of(byte, "/!$&'()*+,;=:@"))) {
        buffer_push(out, byte);
        return;
    }
    buffer_push(out, '%');
    buffer_push(out, (uint8_t)HEX[byte >> 4]);
    buffer_push(out, (uint8_t)HEX[byte & 15]);
}

/* Takes the first byte of raw, which may be written as %XX, from its front. */
static size_t push_first(Buffer *out, Slice raw)
{
    int high = raw.n_bytes > 2 ? hex_value(raw.at[1]) : -1;
    int low = raw.n_bytes > 2 ? hex_value(raw.at[2]) : -1;
    bool was_encoded = raw.at[0] == '%' && high >= 0 && low >= 0;

    push_encoded(out, was_encoded ? (uint8_t)(high << 4 | low) : raw.at[0], was_encoded);
    return was_encoded ? 3 : 1;
}

/* Appends raw to out: what needs no percent sign loses it, what needs one gets it. */
#ifdef REGRESS_DECODE
/* The mistake: takes the bytes from the front of a copy, which moves all others each time. */
void route_decode(Buffer *out, Slice raw)
{
    Buffer rest = {0};

    buffer_set(&rest, raw.at, raw.n_bytes);
    while (rest.n_bytes > 0) {
        size_t n_used = push_first(out, slice_of(&rest));

        rest.n_bytes -= n_used;
        memmove(rest.at, rest.at + n_used, rest.n_bytes);
    }
    free(rest.at);
}
#else
void route_decode(Buffer *out, Slice raw)
{
    while (raw.n_bytes > 0) {
        size_t n_used = push_first(out, raw);

        raw.at += n_used;
        raw.n_bytes -= n_used;
    }
}
#endif

/* # for a number, {hex} for a hash or a UUID, NULL for a name. */
static const char *placeholder(Slice segment)
{
    size_t n_digits = 0, n_hex = 0;

    for (size_t i = 0; i < segment.n_bytes; i++) {
        n_digits += is_digit(segment.at[i]);
        n_hex += hex_value(segment.at[i]) >= 0 || segment.at[i] == '-';
    }
    if (n_digits == segment.n_bytes)
        return "#";
    return n_digits > 0 && n_hex == segment.n_bytes && segment.n_bytes >= 8 ? "{hex}" : NULL;
}

static size_t parent_of(const uint8_t *path, size_t n_bytes)
{
    while (n_bytes > 0 && path[n_bytes - 1] != '/')
        n_bytes--;
    return n_bytes > 0 ? n_bytes - 1 : 0;
}

/* Resolves empty, . and .. segments and puts the placeholders in. The path begins with a slash;
 * nothing written is longer than what was read. */
static void collapse(Buffer *path)
{
    size_t from = 0, to = 0, n_read = path->n_bytes;

    while (from < n_read) {
        const uint8_t *start = path->at + from + 1;
        const uint8_t *slash = memchr(start, '/', n_read - from - 1);
        Slice segment = {start, slash != NULL ? (size_t)(slash - start) : n_read - from - 1};

        from += 1 + segment.n_bytes;
        if (segment.n_bytes == 0 || (segment.n_bytes == 1 && start[0] == '.'))
            continue;
        if (segment.n_bytes == 2 && start[0] == '.' && start[1] == '.') {
            to = parent_of(path->at, to);
            continue;
        }
        const char *place = placeholder(segment);
        if (place != NULL)
            segment = (Slice){(const uint8_t *)place, strlen(place)};
        path->at[to] = '/';
        memmove(path->at + to + 1, segment.at, segment.n_bytes);
        to += 1 + segment.n_bytes;
    }
    path->n_bytes = to > 0 ? to : 1; /* the first slash is left */
}

void route_normalise(Buffer *route, Slice target)
{
    Slice path = {target.at, 0};

    while (path.n_bytes < target.n_bytes && !is_one_of(target.at[path.n_bytes], "?#"))
        path.n_bytes++;
    route->n_bytes = 0;
    if (path.n_bytes == 0 || path.at[0] != '/')
        buffer_push(route, '/');
    route_decode(route, path);
    collapse(route);
}

bool route_is_page(Slice route)
{
    static const char *const ASSETS[] = {"css", "ico", "js", "png", "svg", "woff2"};
    size_t dot = route.n_bytes;

    while (dot > 0 && route.at[dot - 1] != '.' && route.at[dot - 1] != '/')
        dot--;
    if (dot == 0 || route.at[dot - 1] == '/')
        return true;
    Slice suffix = {route.at + dot, route.n_bytes - dot};
    for (size_t i = 0; i < sizeof(ASSETS) / sizeof(*ASSETS); i++)
        if (slice_compare(suffix, (Slice){(const uint8_t *)ASSETS[i], strlen(ASSETS[i])}) == 0)
            return false;
    return true;
}
