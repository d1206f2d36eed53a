/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "symbol/dwarf/abbrev.h"

#include "symbol/dwarf/unit.h"

#define ATTRIBUTES_LIMIT  1024 /* of one entry */
#define FIRST_ENTRY_BYTES 128

/* Source: DWARF 5, section 7.5.6. */
gint rs_dwarf_form_n_bytes(guint form, guint version, guint n_offset_bytes)
{
    switch (form) {
    case DW_FORM_flag_present:
    case DW_FORM_implicit_const:
        return 0;
    case DW_FORM_data1:
    case DW_FORM_ref1:
    case DW_FORM_flag:
    case DW_FORM_strx1:
    case DW_FORM_addrx1:
        return 1;
    case DW_FORM_data2:
    case DW_FORM_ref2:
    case DW_FORM_strx2:
    case DW_FORM_addrx2:
        return 2;
    case DW_FORM_strx3:
    case DW_FORM_addrx3:
        return 3;
    case DW_FORM_data4:
    case DW_FORM_ref4:
    case DW_FORM_ref_sup4:
    case DW_FORM_strx4:
    case DW_FORM_addrx4:
        return 4;
    case DW_FORM_addr:
    case DW_FORM_data8:
    case DW_FORM_ref8:
    case DW_FORM_ref_sup8:
    case DW_FORM_ref_sig8:
        return 8;
    case DW_FORM_data16:
        return 16;
    case DW_FORM_ref_addr:
        return version <= 2 ? 8 : (gint)n_offset_bytes;
    case DW_FORM_strp:
    case DW_FORM_line_strp:
    case DW_FORM_sec_offset:
    case DW_FORM_strp_sup:
    case DW_FORM_GNU_ref_alt:
    case DW_FORM_GNU_strp_alt:
        return (gint)n_offset_bytes;
    default:
        return -1;
    }
}

/* The attributes of one entry; FALSE: damaged. */
static gboolean read_attributes(const RsDwarfUnit *unit, RsByteCursor *cursor, GArray *attributes,
                                RsDwarfAbbreviation *entry)
{
    entry->first_attribute = attributes->len;
    entry->n_bytes = 0;
    for (;;) {
        guint64 name = rs_cursor_uleb(cursor), form = rs_cursor_uleb(cursor);
        RsDwarfAttribute attribute = {.name = (guint16)name, .form = (guint16)form};

        if (form == DW_FORM_implicit_const)
            attribute.implicit_constant = rs_cursor_sleb(cursor);
        if (cursor->failed || name > G_MAXUINT16 || form > G_MAXUINT16)
            return FALSE;
        if (name == 0 && form == 0)
            break;
        attribute.n_bytes =
            (gint16)rs_dwarf_form_n_bytes(attribute.form, unit->version, unit->n_offset_bytes);
        if (attribute.n_bytes < 0 || entry->n_bytes < 0)
            entry->n_bytes = -1;
        else
            entry->n_bytes += attribute.n_bytes;
        g_array_append_val(attributes, attribute);
        if (attributes->len - entry->first_attribute > ATTRIBUTES_LIMIT)
            return FALSE;
    }
    entry->n_attributes = attributes->len - entry->first_attribute;
    return TRUE;
}

/* The next entry; FALSE: the table ends. */
static gboolean read_entry(const RsDwarfUnit *unit, RsByteCursor *cursor, GArray *attributes,
                           RsDwarfAbbreviation *entry)
{
    *entry = (RsDwarfAbbreviation){.code = rs_cursor_uleb(cursor)};
    if (entry->code == 0)
        return FALSE;
    entry->tag = (guint16)rs_cursor_uleb(cursor);
    entry->has_children = rs_cursor_u8(cursor) != 0;
    return read_attributes(unit, cursor, attributes, entry);
}

static RsDwarfAbbreviations *read_table(RsDwarfUnit *unit)
{
    RsDwarfAbbreviations *table = g_new0(RsDwarfAbbreviations, 1);
    RsByteCursor cursor = rs_dwarf_cursor(unit->sections[RS_DWARF_ABBREV], unit->abbrev_offset);
    RsDwarfAbbreviation entry;

    table->entries = g_array_new(FALSE, FALSE, sizeof(RsDwarfAbbreviation));
    /* never without memory: entries that have no attributes point to where they would begin */
    table->attributes = g_array_sized_new(FALSE, FALSE, sizeof(RsDwarfAttribute), 1);
    for (;;) {
        const guint8 *begin = cursor.at;

        if (!read_entry(unit, &cursor, table->attributes, &entry) ||
            !rs_dwarf_file_spend(unit->file, RS_DWARF_ABBREV, (guint64)(cursor.at - begin)))
            break;
        g_array_append_val(table->entries, entry);
        if (entry.code != table->entries->len) {
            if (!table->others)
                table->others = g_hash_table_new(NULL, NULL);
            g_hash_table_insert(table->others, GSIZE_TO_POINTER(entry.code),
                                GSIZE_TO_POINTER((gsize)table->entries->len));
        }
    }
    return table;
}

const RsDwarfAbbreviations *rs_dwarf_abbreviations_of(RsDwarfUnit *unit)
{
    RsDwarfBytes whole = unit->file->sections[RS_DWARF_ABBREV],
                 part = unit->sections[RS_DWARF_ABBREV];
    gsize key;

    if (!part.bytes || unit->abbrev_offset >= part.n_bytes)
        return NULL;
    /* what the sizes of forms depend on is part of the key */
    key = ((gsize)(part.bytes - whole.bytes) + unit->abbrev_offset) << 2 |
          (gsize)(unit->n_offset_bytes == 8) << 1 | (unit->version <= 2);
    if (!unit->abbreviations) {
        unit->abbreviations = g_hash_table_lookup(unit->file->abbreviations, GSIZE_TO_POINTER(key));
        if (!unit->abbreviations) {
            unit->abbreviations = read_table(unit);
            g_hash_table_insert(unit->file->abbreviations, GSIZE_TO_POINTER(key),
                                unit->abbreviations);
        }
    }
    return unit->abbreviations;
}

const RsDwarfAttribute *rs_dwarf_abbreviation_first(RsDwarfUnit *unit, guint64 code,
                                                    RsDwarfAbbreviation *out, GArray *room)
{
    RsByteCursor cursor = rs_dwarf_cursor(unit->sections[RS_DWARF_ABBREV], unit->abbrev_offset);
    const guint8 *begin = cursor.at;
    const RsDwarfAbbreviations *table;
    const RsDwarfAbbreviation *entry;

    if (read_entry(unit, &cursor, room, out) && out->code == code &&
        (cursor.at - begin <= FIRST_ENTRY_BYTES ||
         rs_dwarf_file_spend(unit->file, RS_DWARF_ABBREV, (guint64)(cursor.at - begin))))
        return (const RsDwarfAttribute *)(gpointer)room->data;
    /* Units of one link may share a table, with their own entries anywhere in it. */
    table = rs_dwarf_abbreviations_of(unit);
    entry = table ? rs_dwarf_abbreviation(table, code) : NULL;
    if (!entry)
        return NULL;
    *out = *entry;
    return &g_array_index(table->attributes, RsDwarfAttribute, entry->first_attribute);
}

const RsDwarfAbbreviation *rs_dwarf_abbreviation_other(const RsDwarfAbbreviations *table,
                                                       guint64 code)
{
    gsize index;

    if (!table->others)
        return NULL;
    index = GPOINTER_TO_SIZE(g_hash_table_lookup(table->others, GSIZE_TO_POINTER(code)));
    return index ? &g_array_index(table->entries, RsDwarfAbbreviation, index - 1) : NULL;
}

void rs_dwarf_abbreviations_free(RsDwarfAbbreviations *table)
{
    g_array_unref(table->entries);
    g_array_unref(table->attributes);
    if (table->others)
        g_hash_table_unref(table->others);
    g_free(table);
}
