/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "symbol/dwarf/ranges.h"

static void add(const RsDwarfUnit *unit, guint64 lo, guint64 hi, GArray *ranges)
{
    RsDwarfRange range = {lo, hi};

    if (rs_dwarf_file_is_code(rs_dwarf_unit_home(unit)->file, lo, hi))
        g_array_append_val(ranges, range);
}

/* .debug_ranges of DWARF 3 and 4: pairs relative to a base. The lists of split units lie in the
 * program's own file. */
static void add_old_list(const RsDwarfUnit *unit, guint64 offset, GArray *ranges, guint64 *n_left)
{
    const RsDwarfUnit *home = rs_dwarf_unit_home(unit);
    guint64 base = home->low_pc;
    RsByteCursor cursor;

    if (unit->skeleton && offset + home->split_ranges_base < offset)
        return;
    cursor = rs_dwarf_cursor(home->sections[RS_DWARF_RANGES],
                             offset + (unit->skeleton ? home->split_ranges_base : 0));
    while (*n_left > 0) {
        guint64 lo = rs_cursor_u64(&cursor), hi = rs_cursor_u64(&cursor);

        --*n_left;
        if (cursor.failed || (lo == 0 && hi == 0))
            return;
        if (lo == G_MAXUINT64)
            base = hi;
        else
            add(unit, base + lo, base + hi, ranges);
    }
}

static guint64 read_index(const RsDwarfUnit *unit, RsByteCursor *cursor)
{
    RsDwarfValue value = {.form = DW_FORM_addrx, .number = rs_cursor_uleb(cursor)};
    guint64 address;

    if (rs_dwarf_value_address(unit, &value, &address))
        return address;
    cursor->failed = TRUE;
    return 0;
}

/* One entry of .debug_rnglists. FALSE: the last. */
static gboolean add_entry(const RsDwarfUnit *unit, RsByteCursor *cursor, guint64 *base,
                          GArray *ranges)
{
    guint64 lo = 0, hi = 0;

    switch (rs_cursor_u8(cursor)) {
    case DW_RLE_base_addressx:
        *base = read_index(unit, cursor);
        break;
    case DW_RLE_base_address:
        *base = rs_cursor_u64(cursor);
        break;
    case DW_RLE_startx_endx:
        lo = read_index(unit, cursor);
        hi = read_index(unit, cursor);
        break;
    case DW_RLE_startx_length:
        lo = read_index(unit, cursor);
        hi = lo + rs_cursor_uleb(cursor);
        break;
    case DW_RLE_offset_pair:
        lo = *base + rs_cursor_uleb(cursor);
        hi = *base + rs_cursor_uleb(cursor);
        break;
    case DW_RLE_start_end:
        lo = rs_cursor_u64(cursor);
        hi = rs_cursor_u64(cursor);
        break;
    case DW_RLE_start_length:
        lo = rs_cursor_u64(cursor);
        hi = lo + rs_cursor_uleb(cursor);
        break;
    default: /* DW_RLE_end_of_list, or unknown */
        return FALSE;
    }
    if (!cursor->failed)
        add(unit, lo, hi, ranges);
    return !cursor->failed;
}

static void add_list(const RsDwarfUnit *unit, const RsDwarfValue *value, GArray *ranges,
                     guint64 *n_left)
{
    RsDwarfBytes lists = unit->sections[RS_DWARF_RNGLISTS];
    guint64 offset = value->number, base = rs_dwarf_unit_home(unit)->low_pc;
    RsByteCursor cursor;

    if (value->form == DW_FORM_rnglistx) {
        guint64 table = unit->rnglists_base;

        if (table == 0) /* behind the header of the section */
            table = unit->n_offset_bytes == 8 ? 20 : 12;
        if (offset > lists.n_bytes / unit->n_offset_bytes)
            return;
        cursor = rs_dwarf_cursor(lists, table);
        rs_cursor_skip(&cursor, offset * unit->n_offset_bytes);
        offset = rs_dwarf_offset(&cursor, unit->n_offset_bytes);
        if (cursor.failed || offset > lists.n_bytes)
            return;
        offset += table;
    }
    cursor = rs_dwarf_cursor(lists, offset);
    while (*n_left > 0) {
        --*n_left;
        if (cursor.failed || !add_entry(unit, &cursor, &base, ranges))
            return;
    }
}

void rs_dwarf_ranges_add(const RsDwarfUnit *unit, const RsDwarfPcs *pcs, GArray *ranges,
                         guint64 *n_left)
{
    guint64 lo, hi;

    if (pcs->ranges.form != 0) {
        if (unit->version >= 5)
            add_list(unit, &pcs->ranges, ranges, n_left);
        else
            add_old_list(unit, pcs->ranges.number, ranges, n_left);
        return;
    }
    if (!rs_dwarf_value_address(unit, &pcs->low_pc, &lo) || pcs->high_pc.form == 0)
        return;
    if (!rs_dwarf_value_is_address(&pcs->high_pc))
        hi = lo + pcs->high_pc.number; /* a size since DWARF 4 */
    else if (!rs_dwarf_value_address(unit, &pcs->high_pc, &hi))
        return;
    add(unit, lo, hi, ranges);
}
