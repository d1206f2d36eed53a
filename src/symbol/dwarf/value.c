/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "symbol/dwarf/value.h"

#include "symbol/dwarf/unit.h"

#define TEXT_LIMIT_BYTES ((gsize)1 << 20)

/* --- reading --- */

static guint64 read_fixed(RsByteCursor *cursor, gint n_bytes)
{
    guint64 low;

    switch (n_bytes) {
    case 1:
        return rs_cursor_u8(cursor);
    case 2:
        return rs_cursor_u16(cursor);
    case 3:
        low = rs_cursor_u16(cursor);
        return low | (guint64)rs_cursor_u8(cursor) << 16;
    case 4:
        return rs_cursor_u32(cursor);
    case 8:
        return rs_cursor_u64(cursor);
    default: /* 16: a checksum or a vector, which nothing here asks for */
        rs_cursor_skip(cursor, (guint64)n_bytes);
        return 0;
    }
}

static void read_text(RsByteCursor *cursor, RsDwarfValue *value)
{
    gsize n_left_bytes = rs_cursor_left(cursor);
    const guint8 *zero = n_left_bytes ? memchr(cursor->at, 0, n_left_bytes) : NULL;

    value->inline_text = (RsDwarfBytes){cursor->at, n_left_bytes};
    rs_cursor_skip(cursor, zero ? (guint64)(zero - cursor->at) + 1 : G_MAXUINT64);
}

static void read_variable(const RsDwarfUnit *unit, RsByteCursor *cursor, RsDwarfValue *value)
{
    switch (value->form) {
    case DW_FORM_string:
        read_text(cursor, value);
        break;
    case DW_FORM_sdata:
        value->number = (guint64)rs_cursor_sleb(cursor);
        break;
    case DW_FORM_udata:
    case DW_FORM_ref_udata:
    case DW_FORM_strx:
    case DW_FORM_addrx:
    case DW_FORM_loclistx:
    case DW_FORM_rnglistx:
    case DW_FORM_GNU_addr_index:
    case DW_FORM_GNU_str_index:
        value->number = rs_cursor_uleb(cursor);
        break;
    case DW_FORM_block:
    case DW_FORM_exprloc:
        rs_cursor_skip(cursor, rs_cursor_uleb(cursor));
        break;
    case DW_FORM_block1:
        rs_cursor_skip(cursor, rs_cursor_u8(cursor));
        break;
    case DW_FORM_block2:
        rs_cursor_skip(cursor, rs_cursor_u16(cursor));
        break;
    case DW_FORM_block4:
        rs_cursor_skip(cursor, rs_cursor_u32(cursor));
        break;
    default:
        cursor->failed = TRUE;
        cursor->at = cursor->end;
    }
}

/* A form that the value itself tells. */
static void read_indirect(const RsDwarfUnit *unit, RsByteCursor *cursor, RsDwarfValue *value)
{
    guint64 form = rs_cursor_uleb(cursor);
    gint n_bytes = form > G_MAXUINT16
                       ? -1
                       : rs_dwarf_form_n_bytes((guint)form, unit->version, unit->n_offset_bytes);

    if (form == DW_FORM_indirect || form == DW_FORM_implicit_const || form > G_MAXUINT16) {
        cursor->failed = TRUE;
        cursor->at = cursor->end;
        return;
    }
    value->form = (guint16)form;
    if (n_bytes > 0)
        value->number = read_fixed(cursor, n_bytes);
    else if (n_bytes < 0)
        read_variable(unit, cursor, value);
}

void rs_dwarf_value_read(const RsDwarfUnit *unit, RsByteCursor *cursor,
                         const RsDwarfAttribute *attribute, RsDwarfValue *value)
{
    value->form = attribute->form;
    value->number = 0;
    if (attribute->n_bytes > 0)
        value->number = read_fixed(cursor, attribute->n_bytes);
    else if (attribute->form == DW_FORM_implicit_const)
        value->number = (guint64)attribute->implicit_constant;
    else if (attribute->form == DW_FORM_flag_present)
        value->number = 1;
    else if (attribute->form == DW_FORM_indirect)
        read_indirect(unit, cursor, value);
    else
        read_variable(unit, cursor, value);
}

void rs_dwarf_values_skip(const RsDwarfUnit *unit, RsByteCursor *cursor,
                          const RsDwarfAbbreviation *entry, const RsDwarfAttribute *attributes)
{
    RsDwarfValue value;

    if (entry->n_bytes >= 0) {
        rs_cursor_skip(cursor, (guint64)entry->n_bytes);
        return;
    }
    for (guint i = 0; i < entry->n_attributes; i++) {
        if (attributes[i].n_bytes >= 0)
            rs_cursor_skip(cursor, (guint64)attributes[i].n_bytes);
        else
            rs_dwarf_value_read(unit, cursor, &attributes[i], &value);
    }
}

/* --- text --- */

static RsDwarfText text_in(RsDwarfBytes section, guint64 offset)
{
    const guint8 *begin, *zero;

    if (!section.bytes || offset >= section.n_bytes)
        return (RsDwarfText){0};
    begin = section.bytes + offset;
    zero = memchr(begin, 0, MIN(section.n_bytes - offset, TEXT_LIMIT_BYTES));
    return zero ? (RsDwarfText){begin, (gsize)(zero - begin)} : (RsDwarfText){0};
}

/* DW_FORM_strx and its kin. Where no base is told, offsets begin behind the header of their
 * section, which has none in DWARF 4. */
static RsDwarfText text_by_index(const RsDwarfUnit *unit, guint64 index)
{
    RsDwarfBytes offsets = unit->sections[RS_DWARF_STR_OFFSETS];
    guint64 base = unit->str_offsets_base;
    RsByteCursor cursor;
    guint64 offset;

    if (base == 0 && unit->version >= 5)
        base = unit->n_offset_bytes == 8 ? 16 : 8;
    if (index > offsets.n_bytes / unit->n_offset_bytes)
        return (RsDwarfText){0};
    cursor = rs_dwarf_cursor(offsets, base);
    rs_cursor_skip(&cursor, index * unit->n_offset_bytes);
    offset = rs_dwarf_offset(&cursor, unit->n_offset_bytes);
    return cursor.failed ? (RsDwarfText){0} : text_in(unit->sections[RS_DWARF_STR], offset);
}

RsDwarfText rs_dwarf_value_text(const RsDwarfUnit *unit, const RsDwarfValue *value)
{
    switch (value->form) {
    case DW_FORM_string:
        return text_in(value->inline_text, 0);
    case DW_FORM_strp:
        return text_in(unit->sections[RS_DWARF_STR], value->number);
    case DW_FORM_line_strp:
        return text_in(unit->sections[RS_DWARF_LINE_STR], value->number);
    case DW_FORM_strp_sup:
    case DW_FORM_GNU_strp_alt:
        if (!unit->file->shared)
            return (RsDwarfText){0};
        return text_in(unit->file->shared->sections[RS_DWARF_STR], value->number);
    case DW_FORM_strx:
    case DW_FORM_strx1:
    case DW_FORM_strx2:
    case DW_FORM_strx3:
    case DW_FORM_strx4:
    case DW_FORM_GNU_str_index:
        return text_by_index(unit, value->number);
    default:
        return (RsDwarfText){0};
    }
}

/* --- addresses and references --- */

gboolean rs_dwarf_value_is_address(const RsDwarfValue *value)
{
    switch (value->form) {
    case DW_FORM_addr:
    case DW_FORM_addrx:
    case DW_FORM_addrx1:
    case DW_FORM_addrx2:
    case DW_FORM_addrx3:
    case DW_FORM_addrx4:
    case DW_FORM_GNU_addr_index:
        return TRUE;
    default:
        return FALSE;
    }
}

gboolean rs_dwarf_value_address(const RsDwarfUnit *unit, const RsDwarfValue *value,
                                guint64 *address)
{
    const RsDwarfUnit *home = rs_dwarf_unit_home(unit);
    RsDwarfBytes addresses = home->sections[RS_DWARF_ADDR];
    guint64 base = home->addr_base;
    RsByteCursor cursor;

    if (value->form == DW_FORM_addr) {
        *address = value->number;
        return TRUE;
    }
    if (!rs_dwarf_value_is_address(value) || value->number > addresses.n_bytes / 8)
        return FALSE;
    if (base == 0 && unit->version >= 5)
        base = 8;
    cursor = rs_dwarf_cursor(addresses, base);
    rs_cursor_skip(&cursor, value->number * 8);
    *address = rs_cursor_u64(&cursor);
    return !cursor.failed;
}

gboolean rs_dwarf_value_reference(const RsDwarfUnit *unit, const RsDwarfValue *value,
                                  guint64 *offset, gboolean *is_shared)
{
    *is_shared = FALSE;
    switch (value->form) {
    case DW_FORM_ref1:
    case DW_FORM_ref2:
    case DW_FORM_ref4:
    case DW_FORM_ref8:
    case DW_FORM_ref_udata:
        *offset = unit->offset + value->number;
        return value->number < unit->end - unit->offset;
    case DW_FORM_ref_addr:
        *offset = value->number;
        return TRUE;
    case DW_FORM_ref_sup4:
    case DW_FORM_ref_sup8:
    case DW_FORM_GNU_ref_alt:
        *offset = value->number;
        *is_shared = TRUE;
        return unit->file->shared != NULL;
    default:
        return FALSE;
    }
}
