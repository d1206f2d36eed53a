/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs the line number program of a unit. */
#ifndef RS_SYMBOL_DWARF_LINE_PROGRAM_H
#define RS_SYMBOL_DWARF_LINE_PROGRAM_H

#include "symbol/dwarf/lines.h"

/* The rows of code of the file that the lines are of, in sequences by address. Never NULL. */
RsDwarfRows *rs_dwarf_line_program_run(const RsDwarfLines *lines);
void rs_dwarf_rows_free(RsDwarfRows *rows);

#endif
