/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Source: DWARF 5, section 6.2.5. Instructions of machines that issue several at once are not
 * counted: x86-64 has none. */
#include "symbol/dwarf/line_program.h"

#include <stdlib.h>

typedef struct {
    const RsDwarfLines *lines;
    RsByteCursor cursor;
    guint64 address;
    guint32 file, line;
    GArray *rows, *sequences;
    guint32 first_row;   /* of the sequence */
    gboolean is_ordered; /* addresses never went back in the sequence */
} Machine;

static void begin_sequence(Machine *machine)
{
    machine->address = 0;
    machine->file = 1;
    machine->line = 1;
    machine->first_row = machine->rows->len;
    machine->is_ordered = TRUE;
}

static void add_row(Machine *machine)
{
    RsDwarfRow row = {machine->address, machine->line, machine->file}, *last;

    if (machine->rows->len > machine->first_row) {
        last = &g_array_index(machine->rows, RsDwarfRow, machine->rows->len - 1);
        if (last->address > row.address)
            machine->is_ordered = FALSE;
        if (last->address == row.address) { /* the last one said of an address counts */
            *last = row;
            return;
        }
        if (last->line == row.line && last->file == row.file)
            return;
    }
    g_array_append_val(machine->rows, row);
}

static void end_sequence(Machine *machine)
{
    RsDwarfSequence sequence = {.end = machine->address,
                                .first_row = machine->first_row,
                                .n_rows = machine->rows->len - machine->first_row};

    if (sequence.n_rows > 0)
        sequence.begin = g_array_index(machine->rows, RsDwarfRow, sequence.first_row).address;
    if (sequence.n_rows > 0 && machine->is_ordered &&
        rs_dwarf_file_is_code(machine->lines->unit->file, sequence.begin, sequence.end))
        g_array_append_val(machine->sequences, sequence);
    else
        g_array_set_size(machine->rows, machine->first_row);
    begin_sequence(machine);
}

static void run_extended(Machine *machine)
{
    guint64 n_bytes = rs_cursor_uleb(&machine->cursor);
    RsByteCursor part = machine->cursor;

    rs_cursor_skip(&machine->cursor, n_bytes);
    if (machine->cursor.failed || n_bytes == 0)
        return;
    part.end = machine->cursor.at;
    switch (rs_cursor_u8(&part)) {
    case DW_LNE_end_sequence:
        end_sequence(machine);
        break;
    case DW_LNE_set_address:
        if (rs_cursor_left(&part) == 8)
            machine->address = rs_cursor_u64(&part);
        break;
    default: /* files defined here are not used by any compiler */
        break;
    }
}

static void run_standard(Machine *machine, guint8 opcode)
{
    const RsDwarfLines *lines = machine->lines;
    RsByteCursor *cursor = &machine->cursor;

    switch (opcode) {
    case DW_LNS_copy:
        add_row(machine);
        break;
    case DW_LNS_advance_pc:
        machine->address += rs_cursor_uleb(cursor) * lines->n_min_instruction_bytes;
        break;
    case DW_LNS_advance_line:
        machine->line += (guint32)rs_cursor_sleb(cursor);
        break;
    case DW_LNS_set_file:
        machine->file = (guint32)rs_cursor_uleb(cursor);
        break;
    case DW_LNS_const_add_pc:
        machine->address += (guint64)((255 - lines->opcode_base) / lines->line_range) *
                            lines->n_min_instruction_bytes;
        break;
    case DW_LNS_fixed_advance_pc:
        machine->address += rs_cursor_u16(cursor);
        break;
    default: /* columns, statements, blocks, and what later versions may add */
        for (guint i = 0; i < lines->operand_counts[opcode - 1]; i++)
            rs_cursor_uleb(cursor);
    }
}

static void run_special(Machine *machine, guint8 opcode)
{
    const RsDwarfLines *lines = machine->lines;
    guint8 adjusted = (guint8)(opcode - lines->opcode_base);

    machine->address += (guint64)(adjusted / lines->line_range) * lines->n_min_instruction_bytes;
    machine->line += (guint32)(lines->line_base + adjusted % lines->line_range);
    add_row(machine);
}

static int by_begin(const void *a, const void *b)
{
    const RsDwarfSequence *left = a, *right = b;

    if (left->begin != right->begin)
        return left->begin < right->begin ? -1 : 1;
    return left->first_row < right->first_row ? -1 : left->first_row > right->first_row;
}

RsDwarfRows *rs_dwarf_line_program_run(const RsDwarfLines *lines)
{
    RsDwarfRows *rows = g_new0(RsDwarfRows, 1);
    Machine machine = {
        .lines = lines,
        .cursor = rs_dwarf_cursor(lines->program, 0),
        .rows = g_array_new(FALSE, FALSE, sizeof(RsDwarfRow)),
        .sequences = g_array_new(FALSE, FALSE, sizeof(RsDwarfSequence)),
    };

    begin_sequence(&machine);
    while (rs_cursor_left(&machine.cursor) > 0 && !machine.cursor.failed) {
        guint8 opcode = rs_cursor_u8(&machine.cursor);

        if (opcode >= lines->opcode_base)
            run_special(&machine, opcode);
        else if (opcode == 0)
            run_extended(&machine);
        else
            run_standard(&machine, opcode);
    }
    if (machine.sequences->len > 1)
        qsort(machine.sequences->data, machine.sequences->len, sizeof(RsDwarfSequence), by_begin);
    rows->n_rows = machine.first_row; /* what no end follows is not counted */
    rows->n_sequences = machine.sequences->len;
    rows->rows = (RsDwarfRow *)(gpointer)g_array_free(machine.rows, FALSE);
    rows->sequences = (RsDwarfSequence *)(gpointer)g_array_free(machine.sequences, FALSE);
    return rows;
}

void rs_dwarf_rows_free(RsDwarfRows *rows)
{
    if (!rows)
        return;
    g_free(rows->rows);
    g_free(rows->sequences);
    g_free(rows);
}
