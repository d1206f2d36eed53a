/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the code of an entry is: one range, or several (a function of which a part was moved away,
 * a unit of many functions). Source: DWARF 5, sections 2.17 and 7.25, 7.28; DWARF 4, 7.24. */
#ifndef RS_SYMBOL_DWARF_RANGES_H
#define RS_SYMBOL_DWARF_RANGES_H

#include <glib.h>

#include "symbol/dwarf/unit.h"

typedef struct {
    guint64 lo, hi; /* [lo, hi) */
} RsDwarfRange;

/* Adds what is code of the program to ranges, RsDwarfRange; reads at most *n_left entries of lists
 * and takes them off it. */
void rs_dwarf_ranges_add(const RsDwarfUnit *unit, const RsDwarfPcs *pcs, GArray *ranges,
                         guint64 *n_left);

#endif
