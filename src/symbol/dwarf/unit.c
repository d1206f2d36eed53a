/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "symbol/dwarf/unit.h"

#include "symbol/dwarf/tree.h"

#define UNITS_LIMIT ((guint)1 << 20)

/* --- headers --- */

/* What lies between the header's common part and the first entry. */
static void read_type_of_header(RsDwarfUnit *unit, RsByteCursor *cursor)
{
    switch (unit->type) {
    case DW_UT_skeleton:
    case DW_UT_split_compile:
        unit->dwo_id = rs_cursor_u64(cursor);
        break;
    case DW_UT_type:
    case DW_UT_split_type:
        rs_cursor_skip(cursor, 8 + (guint64)unit->n_offset_bytes);
        break;
    default:
        break;
    }
}

/* The unit at offset of sections[RS_DWARF_INFO]. *next: where the one behind it begins. FALSE:
 * nothing can be read any more. A unit of a kind that is not read here has an end before its
 * entries. */
static gboolean read_header(RsDwarfUnit *unit, guint64 offset, guint64 *next)
{
    RsDwarfBytes info = unit->sections[RS_DWARF_INFO];
    RsByteCursor cursor = rs_dwarf_cursor(info, offset);
    guint64 n_unit_bytes = rs_cursor_u32(&cursor);
    guint8 n_address_bytes;

    unit->offset = offset;
    unit->n_offset_bytes = 4;
    if (n_unit_bytes == 0xffffffff) {
        n_unit_bytes = rs_cursor_u64(&cursor);
        unit->n_offset_bytes = 8;
    }
    if (cursor.failed || n_unit_bytes == 0 || n_unit_bytes > rs_cursor_left(&cursor))
        return FALSE;
    cursor.end = cursor.at + n_unit_bytes;
    *next = (guint64)(cursor.end - info.bytes);
    unit->version = rs_cursor_u16(&cursor);
    if (unit->version >= 5) {
        unit->type = rs_cursor_u8(&cursor);
        n_address_bytes = rs_cursor_u8(&cursor);
        unit->abbrev_offset = rs_dwarf_offset(&cursor, unit->n_offset_bytes);
        read_type_of_header(unit, &cursor);
    } else {
        unit->type = DW_UT_compile;
        unit->abbrev_offset = rs_dwarf_offset(&cursor, unit->n_offset_bytes);
        n_address_bytes = rs_cursor_u8(&cursor);
    }
    unit->entries = (guint64)(cursor.at - info.bytes);
    unit->end = *next;
    if (cursor.failed || unit->version < 2 || unit->version > 5 || n_address_bytes != 8 ||
        unit->end - unit->offset > G_MAXUINT32)
        unit->end = 0;
    return TRUE;
}

void rs_dwarf_units_read(RsDwarfFile *file)
{
    guint64 offset = 0;

    while (offset < file->sections[RS_DWARF_INFO].n_bytes && file->units->len < UNITS_LIMIT) {
        RsDwarfUnit *unit = g_new0(RsDwarfUnit, 1);

        unit->file = file;
        unit->sections = file->sections;
        if (!read_header(unit, offset, &offset)) {
            rs_dwarf_unit_free(unit);
            return;
        }
        if (unit->end > unit->entries)
            g_ptr_array_add(file->units, unit);
        else
            rs_dwarf_unit_free(unit);
    }
}

RsDwarfUnit *rs_dwarf_unit_read_part(RsDwarfFile *file, const RsDwarfBytes *sections)
{
    RsDwarfUnit *unit = g_new0(RsDwarfUnit, 1);
    guint64 next;

    unit->file = file;
    unit->sections = unit->own_sections =
        g_memdup2(sections, RS_DWARF_N_SECTIONS * sizeof *sections);
    if (read_header(unit, 0, &next) && unit->end > unit->entries)
        return unit;
    rs_dwarf_unit_free(unit);
    return NULL;
}

void rs_dwarf_unit_free(RsDwarfUnit *unit)
{
    rs_dwarf_tree_free(unit->tree);
    g_free(unit->own_sections);
    g_free(unit);
}

/* --- first entries --- */

static void take_root_value(RsDwarfUnit *unit, guint name, const RsDwarfValue *value)
{
    switch (name) {
    case DW_AT_comp_dir:
        unit->comp_dir = *value;
        break;
    case DW_AT_stmt_list:
        unit->line_offset = *value;
        break;
    case DW_AT_low_pc:
        unit->pcs.low_pc = *value;
        break;
    case DW_AT_high_pc:
        unit->pcs.high_pc = *value;
        break;
    case DW_AT_ranges:
        unit->pcs.ranges = *value;
        break;
    case DW_AT_str_offsets_base:
        unit->str_offsets_base = value->number;
        break;
    case DW_AT_addr_base:
    case DW_AT_GNU_addr_base:
        unit->addr_base = value->number;
        break;
    case DW_AT_rnglists_base:
        unit->rnglists_base = value->number;
        break;
    case DW_AT_GNU_ranges_base:
        unit->split_ranges_base = value->number;
        break;
    case DW_AT_dwo_name:
    case DW_AT_GNU_dwo_name:
        unit->dwo_name = *value;
        break;
    case DW_AT_GNU_dwo_id:
        unit->dwo_id = value->number;
        break;
    default:
        break;
    }
}

gboolean rs_dwarf_unit_read_root(RsDwarfUnit *unit)
{
    g_autoptr(GArray) room = g_array_sized_new(FALSE, FALSE, sizeof(RsDwarfAttribute), 8);
    const RsDwarfAttribute *attributes;
    RsByteCursor cursor = rs_dwarf_cursor(unit->sections[RS_DWARF_INFO], unit->entries);
    RsDwarfAbbreviation entry;
    guint64 code;

    cursor.end = unit->sections[RS_DWARF_INFO].bytes + unit->end;
    code = rs_cursor_uleb(&cursor);
    attributes = code ? rs_dwarf_abbreviation_first(unit, code, &entry, room) : NULL;
    if (!attributes)
        return FALSE;
    unit->tag = entry.tag;
    for (guint i = 0; i < entry.n_attributes && !cursor.failed; i++) {
        RsDwarfValue value = {0};

        rs_dwarf_value_read(unit, &cursor, &attributes[i], &value);
        if (!cursor.failed)
            take_root_value(unit, attributes[i].name, &value);
    }
    /* indices count from bases that may come behind them */
    if (!rs_dwarf_value_address(unit, &unit->pcs.low_pc, &unit->low_pc))
        unit->low_pc = unit->skeleton ? unit->skeleton->low_pc : 0;
    return TRUE;
}

RsDwarfUnit *rs_dwarf_unit_at(const RsDwarfFile *file, guint64 offset)
{
    guint begin = 0, end = file->units->len;

    while (begin < end) {
        guint middle = begin + (end - begin) / 2;
        RsDwarfUnit *unit = g_ptr_array_index(file->units, middle);

        if (offset < unit->entries)
            end = middle;
        else if (offset >= unit->end)
            begin = middle + 1;
        else
            return unit;
    }
    return NULL;
}
