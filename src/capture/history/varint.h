/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers in few bytes: seven bits to a byte, the lowest first, the top bit set while more follow;
 * signed ones folded so that small magnitudes stay short. Writing trusts that there is room;
 * reading trusts nothing. Must not know what the numbers mean.
 * Source: DWARF 5, section 7.6 (LEB128). The folding ("zigzag"): Protocol Buffers, encoding. */
#ifndef RS_CAPTURE_HISTORY_VARINT_H
#define RS_CAPTURE_HISTORY_VARINT_H

#include <glib.h>

#define RS_VARINT_MAX_BYTES 10

/* Returns where the next one goes: at most RS_VARINT_MAX_BYTES further on. */
static inline guint8 *rs_varint_put(guint8 *at, guint64 value)
{
    while (value >= 0x80) {
        *at++ = (guint8)(value | 0x80);
        value >>= 7;
    }
    *at++ = (guint8)value;
    return at;
}

static inline guint64 rs_varint_fold(gint64 value)
{
    return ((guint64)value << 1) ^ (value < 0 ? G_MAXUINT64 : 0);
}

static inline gint64 rs_varint_unfold(guint64 value)
{
    return (gint64)((value >> 1) ^ (0 - (value & 1)));
}

/* The difference, as whole numbers modulo 2^64: never overflows, and adding it gives back a. */
static inline gint64 rs_varint_difference(gint64 a, gint64 b)
{
    return (gint64)((guint64)a - (guint64)b);
}

static inline gint64 rs_varint_sum(gint64 a, gint64 b)
{
    return (gint64)((guint64)a + (guint64)b);
}

/* Reads from a block of bytes. After the first failure (the end, or a number of more than 64 bits)
 * everything reads as 0 and failed stays. */
typedef struct {
    const guint8 *at, *end;
    gboolean failed;
} RsVarintReader;

static inline guint64 rs_varint_take(RsVarintReader *reader)
{
    guint64 value = 0;

    for (guint shift = 0; shift < 64 && !reader->failed && reader->at < reader->end; shift += 7) {
        guint8 byte = *reader->at++;

        if (shift == 63 && byte > 1)
            break;
        value |= (guint64)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return value;
    }
    reader->failed = TRUE;
    return 0;
}

static inline gint64 rs_varint_take_signed(RsVarintReader *reader)
{
    return rs_varint_unfold(rs_varint_take(reader));
}

/* The next n_bytes, borrowed; NULL (and failed) when there are fewer. */
static inline const guint8 *rs_varint_take_bytes(RsVarintReader *reader, guint64 n_bytes)
{
    const guint8 *bytes = reader->at;

    if (reader->failed || n_bytes > (guint64)(reader->end - reader->at)) {
        reader->failed = TRUE;
        return NULL;
    }
    reader->at += n_bytes;
    return bytes;
}

#endif
