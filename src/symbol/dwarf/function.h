/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a function is called and where its source is, read when it is asked for. */
#ifndef RS_SYMBOL_DWARF_FUNCTION_H
#define RS_SYMBOL_DWARF_FUNCTION_H

#include <glib.h>

#include "symbol/dwarf/tree.h"

typedef struct RsDwarfFunctionText {
    const char *linkage_name, *name, *file; /* NULL: not told */
    guint32 line, last_line;                /* 0: not told */
} RsDwarfFunctionText;

/* A function of the unit's tree. Needs the lock, which the caller holds. */
const RsDwarfFunctionText *rs_dwarf_function_read(RsDwarfUnit *unit, RsDwarfFunction *function,
                                                  GStringChunk *text);
/* The file of which a unit's entries and line numbers give the index; its lines. Split units have
 * none of their own. */
RsDwarfLines *rs_dwarf_function_lines(RsDwarfUnit *unit);

#endif
