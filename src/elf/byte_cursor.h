/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the numbers that ELF and DWARF are made of out of untrusted bytes. A read beyond the end
 * gives 0 and sets failed, which stays: one look at it after a group of reads is enough, and a loop
 * that reads until the end or a failure ends. Little-endian. */
#ifndef RS_ELF_BYTE_CURSOR_H
#define RS_ELF_BYTE_CURSOR_H

#include <dwarf.h>
#include <glib.h>
#include <string.h>

typedef struct {
    const guint8 *at, *end;
    gboolean failed;
} RsByteCursor;

static inline gsize rs_cursor_left(const RsByteCursor *cursor)
{
    return (gsize)(cursor->end - cursor->at);
}

static inline gboolean rs_cursor_take(RsByteCursor *cursor, void *out, gsize n_bytes)
{
    if (G_UNLIKELY(rs_cursor_left(cursor) < n_bytes)) {
        cursor->at = cursor->end;
        cursor->failed = TRUE;
        memset(out, 0, n_bytes);
        return FALSE;
    }
    memcpy(out, cursor->at, n_bytes);
    cursor->at += n_bytes;
    return TRUE;
}

static inline void rs_cursor_skip(RsByteCursor *cursor, guint64 n_bytes)
{
    if (G_UNLIKELY(rs_cursor_left(cursor) < n_bytes)) {
        cursor->at = cursor->end;
        cursor->failed = TRUE;
    } else {
        cursor->at += n_bytes;
    }
}

static inline guint8 rs_cursor_u8(RsByteCursor *cursor)
{
    guint8 value;

    rs_cursor_take(cursor, &value, sizeof value);
    return value;
}

static inline guint16 rs_cursor_u16(RsByteCursor *cursor)
{
    guint16 value;

    rs_cursor_take(cursor, &value, sizeof value);
    return GUINT16_FROM_LE(value);
}

static inline guint32 rs_cursor_u32(RsByteCursor *cursor)
{
    guint32 value;

    rs_cursor_take(cursor, &value, sizeof value);
    return GUINT32_FROM_LE(value);
}

static inline guint64 rs_cursor_u64(RsByteCursor *cursor)
{
    guint64 value;

    rs_cursor_take(cursor, &value, sizeof value);
    return GUINT64_FROM_LE(value);
}

/* DWARF 5, section 7.6. Bits beyond 64 are dropped. */
static inline guint64 rs_cursor_uleb(RsByteCursor *cursor)
{
    guint64 value = 0;
    guint shift = 0;
    guint8 byte;

    do {
        byte = rs_cursor_u8(cursor);
        if (shift < 64)
            value |= (guint64)(byte & 0x7f) << shift;
        shift += 7;
    } while (byte & 0x80);
    return value;
}

static inline gint64 rs_cursor_sleb(RsByteCursor *cursor)
{
    guint64 value = 0;
    guint shift = 0;
    guint8 byte;

    do {
        byte = rs_cursor_u8(cursor);
        if (shift < 64)
            value |= (guint64)(byte & 0x7f) << shift;
        shift += 7;
    } while (byte & 0x80);
    if (shift < 64 && byte & 0x40)
        value |= ~(guint64)0 << shift;
    return (gint64)value;
}

/* A number in one of the formats of an encoded pointer: its low four bits.
 * Source: Linux Standard Base 5.0, section 10.5 (DWARF exception header encoding). */
static inline guint64 rs_cursor_encoded_number(RsByteCursor *cursor, guint8 encoding)
{
    switch (encoding & 0x0f) {
    case DW_EH_PE_absptr:
    case DW_EH_PE_udata8:
    case DW_EH_PE_sdata8:
        return rs_cursor_u64(cursor);
    case DW_EH_PE_uleb128:
        return rs_cursor_uleb(cursor);
    case DW_EH_PE_sleb128:
        return (guint64)rs_cursor_sleb(cursor);
    case DW_EH_PE_udata2:
        return rs_cursor_u16(cursor);
    case DW_EH_PE_sdata2:
        return (guint64)(gint64)(gint16)rs_cursor_u16(cursor);
    case DW_EH_PE_udata4:
        return rs_cursor_u32(cursor);
    case DW_EH_PE_sdata4:
        return (guint64)(gint64)(gint32)rs_cursor_u32(cursor);
    default:
        cursor->failed = TRUE;
        return 0;
    }
}

/* Where encoded pointers are relative to. */
typedef struct {
    const guint8 *bytes; /* begin of the section ... */
    guint64 vaddr;       /* ... and its address */
    guint64 data_base, function_base;
} RsPointerBases;

/* An encoded pointer. An indirect one gives the address of the pointer. Text-relative ones, which
 * need a base that x86-64 does not define, are a failure. */
static inline guint64 rs_cursor_pointer(RsByteCursor *cursor, guint8 encoding,
                                        const RsPointerBases *bases)
{
    guint64 at_vaddr = bases->vaddr + (guint64)(cursor->at - bases->bytes), number;

    if (encoding == DW_EH_PE_omit)
        return 0;
    if ((encoding & 0x70) == DW_EH_PE_aligned) {
        rs_cursor_skip(cursor, -at_vaddr & 7);
        return rs_cursor_u64(cursor);
    }
    number = rs_cursor_encoded_number(cursor, encoding);
    switch (encoding & 0x70) {
    case DW_EH_PE_absptr:
        return number;
    case DW_EH_PE_pcrel:
        return at_vaddr + number;
    case DW_EH_PE_datarel:
        return bases->data_base + number;
    case DW_EH_PE_funcrel:
        return bases->function_base + number;
    default:
        cursor->failed = TRUE;
        return 0;
    }
}

#endif
