/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Abbreviations: which attributes the entries of .debug_info have, and in which form.
 * Source: DWARF 5, section 7.5.3. */
#ifndef RS_SYMBOL_DWARF_ABBREV_H
#define RS_SYMBOL_DWARF_ABBREV_H

#include <glib.h>

#include "symbol/dwarf/file.h"

typedef struct {
    guint16 name, form;
    gint16 n_bytes;           /* -1: depends on the value */
    gint64 implicit_constant; /* DW_FORM_implicit_const */
} RsDwarfAttribute;

typedef struct {
    guint64 code;
    guint16 tag;
    gboolean has_children;
    gint32 n_bytes; /* of all attributes together; -1: depends on the values */
    guint32 first_attribute, n_attributes;
} RsDwarfAbbreviation;

/* One table, read whole. */
typedef struct {
    GArray *entries;    /* RsDwarfAbbreviation, as they come: nearly always codes 1, 2, 3 ... */
    GArray *attributes; /* RsDwarfAttribute */
    GHashTable *others; /* code -> index + 1, of entries that are not at code - 1; NULL: none */
} RsDwarfAbbreviations;

struct RsDwarfUnit;

/* Bytes of a value of form; -1: depends on the value. */
gint rs_dwarf_form_n_bytes(guint form, guint version, guint n_offset_bytes);
/* Of the unit; kept in its file. NULL: there is none, or the budget is used up. */
const RsDwarfAbbreviations *rs_dwarf_abbreviations_of(struct RsDwarfUnit *unit);
/* The one with this code, for the first entry of a unit: it mostly is the first of the table, and
 * then nothing else of that is read. Returns its attributes, which are in room (empty, with memory)
 * or the unit's table; NULL: there is none. */
const RsDwarfAttribute *rs_dwarf_abbreviation_first(struct RsDwarfUnit *unit, guint64 code,
                                                    RsDwarfAbbreviation *out, GArray *room);
void rs_dwarf_abbreviations_free(RsDwarfAbbreviations *table);

const RsDwarfAbbreviation *rs_dwarf_abbreviation_other(const RsDwarfAbbreviations *table,
                                                       guint64 code);

static inline const RsDwarfAbbreviation *rs_dwarf_abbreviation(const RsDwarfAbbreviations *table,
                                                               guint64 code)
{
    if (G_LIKELY(code - 1 < table->entries->len)) {
        const RsDwarfAbbreviation *entry =
            &g_array_index(table->entries, RsDwarfAbbreviation, code - 1);

        if (G_LIKELY(entry->code == code))
            return entry;
    }
    return rs_dwarf_abbreviation_other(table, code);
}

#endif
