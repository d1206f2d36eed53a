/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Split DWARF: the entries of a unit in a file of their own (.dwo), or in one for the whole program
 * (.dwp). Source: DWARF 5, sections 7.3.2, 7.3.5 and appendix F; the package format of DWARF 4 as
 * the GNU tools write it. */
#ifndef RS_SYMBOL_DWARF_SPLIT_H
#define RS_SYMBOL_DWARF_SPLIT_H

#include <glib.h>

#include "symbol/dwarf/unit.h"

typedef struct {
    RsDwarfFile *main;    /* borrowed */
    RsDwarfFile *package; /* NULL: there is none */
    gboolean package_is_sought;
    GPtrArray *files; /* RsDwarfFile, of .dwo */
    GPtrArray *units; /* RsDwarfUnit, of the package */
} RsDwarfSplit;

void rs_dwarf_split_init(RsDwarfSplit *split, RsDwarfFile *main);
void rs_dwarf_split_clear(RsDwarfSplit *split);
/* The unit that has the entries: the split one of a skeleton if it is found, or itself. Needs the
 * lock, which the caller holds. */
RsDwarfUnit *rs_dwarf_split_unit(RsDwarfSplit *split, RsDwarfUnit *unit);

#endif
