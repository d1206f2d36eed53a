/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values of attributes. Source: DWARF 5, section 7.5.6. */
#ifndef RS_SYMBOL_DWARF_VALUE_H
#define RS_SYMBOL_DWARF_VALUE_H

#include <glib.h>

#include "symbol/dwarf/abbrev.h"
#include "symbol/dwarf/file.h"

struct RsDwarfUnit;

typedef struct {
    guint16 form;             /* 0: no value */
    guint64 number;           /* constant, address, offset or index, by form */
    RsDwarfBytes inline_text; /* DW_FORM_string: up to the end of the section */
} RsDwarfValue;

/* Text in a section, without its zero byte; NULL bytes: none. */
typedef RsDwarfBytes RsDwarfText;

/* A value that begins at cursor, with implicit constants. Unknown forms fail the cursor. */
void rs_dwarf_value_read(const struct RsDwarfUnit *unit, RsByteCursor *cursor,
                         const RsDwarfAttribute *attribute, RsDwarfValue *value);
/* Passes over all values of an entry. */
void rs_dwarf_values_skip(const struct RsDwarfUnit *unit, RsByteCursor *cursor,
                          const RsDwarfAbbreviation *entry, const RsDwarfAttribute *attributes);

RsDwarfText rs_dwarf_value_text(const struct RsDwarfUnit *unit, const RsDwarfValue *value);
/* FALSE: it is no address, or lies outside of .debug_addr. */
gboolean rs_dwarf_value_address(const struct RsDwarfUnit *unit, const RsDwarfValue *value,
                                guint64 *address);
gboolean rs_dwarf_value_is_address(const RsDwarfValue *value);
/* The entry that is referred to: in .debug_info of the unit's file, or (is_shared) of the one that
 * it shares with others. FALSE: it is no reference, or one by signature. */
gboolean rs_dwarf_value_reference(const struct RsDwarfUnit *unit, const RsDwarfValue *value,
                                  guint64 *offset, gboolean *is_shared);

#endif
