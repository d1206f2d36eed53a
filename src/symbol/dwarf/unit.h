/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Units of .debug_info: what their headers and first entries say. Source: DWARF 5, section 7.5.1,
 * and for split units 7.3.2; the GNU extensions that they were in DWARF 4. */
#ifndef RS_SYMBOL_DWARF_UNIT_H
#define RS_SYMBOL_DWARF_UNIT_H

#include <glib.h>
#include <stdatomic.h>

#include "symbol/dwarf/abbrev.h"
#include "symbol/dwarf/file.h"
#include "symbol/dwarf/value.h"

typedef struct RsDwarfTree RsDwarfTree;
typedef struct RsDwarfLines RsDwarfLines;

/* Where the code of an entry is. Absent values have form 0. */
typedef struct {
    RsDwarfValue low_pc, high_pc, ranges;
} RsDwarfPcs;

typedef struct RsDwarfUnit RsDwarfUnit;
struct RsDwarfUnit {
    RsDwarfFile *file;
    RsDwarfBytes *sections;        /* of the file; its own parts of them in a package */
    RsDwarfBytes *own_sections;    /* NULL: they are the file's */
    guint64 offset, entries, end;  /* header, first entry, end: in sections[RS_DWARF_INFO] */
    guint64 abbrev_offset, dwo_id; /* dwo_id 0: not told */
    guint16 version, tag;
    guint8 type, n_offset_bytes;
    RsDwarfAbbreviations *abbreviations;
    RsDwarfPcs pcs;
    RsDwarfValue comp_dir, dwo_name, line_offset; /* form 0: not told */
    guint64 low_pc, str_offsets_base, addr_base, rnglists_base;
    guint64 split_ranges_base; /* DW_AT_GNU_ranges_base: of its split unit's ranges */
    RsDwarfUnit *skeleton;     /* of a split unit: in the program's own file */
    /* Of a skeleton: the unit that has its entries, or itself where that is not found; NULL: not
     * looked for yet. */
    _Atomic(RsDwarfUnit *) split;
    _Atomic(RsDwarfTree *) tree;   /* of tree.h */
    _Atomic(RsDwarfLines *) lines; /* of lines.h, owned by the file */
    atomic_bool lines_are_sought;
};

/* Reads the headers of all units of a file into file->units. */
void rs_dwarf_units_read(RsDwarfFile *file);
/* A unit at the begin of sections, which it takes. NULL: damaged. */
RsDwarfUnit *rs_dwarf_unit_read_part(RsDwarfFile *file, const RsDwarfBytes *sections);
void rs_dwarf_unit_free(RsDwarfUnit *unit);

/* Reads the first entry. FALSE: damaged. */
gboolean rs_dwarf_unit_read_root(RsDwarfUnit *unit);
/* The unit whose entries include offset; NULL: none. */
RsDwarfUnit *rs_dwarf_unit_at(const RsDwarfFile *file, guint64 offset);

/* What DW_AT_addr_base is of: the program's own file, where the linker knew addresses. */
static inline const RsDwarfUnit *rs_dwarf_unit_home(const RsDwarfUnit *unit)
{
    return unit->skeleton ? unit->skeleton : unit;
}

#endif
