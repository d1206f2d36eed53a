/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Line number programs: files by index, and lines by address. Source: DWARF 5, section 6.2; earlier
 * versions from 2 on. */
#ifndef RS_SYMBOL_DWARF_LINES_H
#define RS_SYMBOL_DWARF_LINES_H

#include <glib.h>

#include "symbol/dwarf/unit.h"

/* From address on, up to the next row of the same sequence. Neighbours that say the same are one.
 */
typedef struct {
    guint64 address;
    guint32 line; /* 0: of no line */
    guint32 file;
} RsDwarfRow;

/* Rows with ascending addresses, up to end. */
typedef struct {
    guint64 begin, end;
    guint32 first_row, n_rows;
} RsDwarfSequence;

typedef struct {
    RsDwarfText name;
    guint64 folder;
} RsDwarfLineFile;

typedef struct {
    guint32 n_sequences;
    guint32 n_rows;
    RsDwarfSequence *sequences; /* by begin */
    RsDwarfRow *rows;
} RsDwarfRows;

struct RsDwarfLines {
    RsDwarfUnit *unit; /* the first that asked: knows the folder of compilation */
    guint16 version;
    guint8 n_offset_bytes, n_min_instruction_bytes, line_range, opcode_base;
    gint8 line_base;
    const guint8 *operand_counts; /* opcode_base - 1 */
    RsDwarfBytes program;
    GArray *folders;              /* RsDwarfText */
    GArray *files;                /* RsDwarfLineFile */
    _Atomic(const char *) *paths; /* by index of file, as they are asked for */
    _Atomic(RsDwarfRows *) rows;
};

/* Of the unit; read at the first call, which needs the lock that the caller holds. NULL: none. */
RsDwarfLines *rs_dwarf_lines_of(RsDwarfUnit *unit);
/* Its rows, decoded at the first call, which needs the lock. Never NULL. */
const RsDwarfRows *rs_dwarf_lines_rows(RsDwarfLines *lines);
/* The whole name of a file, kept in text; the first call for a file needs the lock. NULL: none. */
const char *rs_dwarf_lines_path(RsDwarfLines *lines, guint32 file, GStringChunk *text);
void rs_dwarf_lines_free(RsDwarfLines *lines);

/* The row at address; NULL: none. */
const RsDwarfRow *rs_dwarf_rows_find(const RsDwarfRows *rows, guint64 address);
/* The last line of file in [lo, hi), or 0. */
guint32 rs_dwarf_rows_last_line(const RsDwarfRows *rows, guint64 lo, guint64 hi, guint32 file);

#endif
