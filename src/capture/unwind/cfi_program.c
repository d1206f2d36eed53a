/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Source: DWARF 5, section 6.4.2 (instructions) and 6.4.3 (their use); Linux Standard Base 5.0,
 * section 10.5.2 (DW_CFA_GNU_*). */
#include "capture/unwind/cfi_program.h"

#include <string.h>

#define REMEMBER_LIMIT     64 /* compilers nest once or twice */
#define SIMPLE_LIMIT_BYTES 16 /* of an expression that a rule can hold: each row looks at it */

/* DWARF numbers, and what a signal handler's frame looks like: rsp points to the ucontext, whose
 * saved rsp lies at this offset (System V ABI; struct ucontext of the kernel's headers). */
#define RBP                6
#define RSP                7
#define RIP                16
#define SIGNAL_SAVED_RSP   160
#define DW_CFA_MIPS_ADV8   0x1d
#define DW_CFA_HIGH_MASK   0xc0
#define PLT_SHAPE_N_BYTES  11
#define PLT_THRESHOLD_BYTE 6

/* --- a state as a rule --- */

/* "breg REGISTER, offset", and with is_deref a DW_OP_deref behind it. */
static gboolean is_based(const RsCfiLocation *location, guint dwarf_register, gboolean is_deref,
                         gint64 *offset)
{
    RsByteCursor cursor = {location->expression,
                           location->expression + location->n_expression_bytes, FALSE};

    if (location->n_expression_bytes > SIMPLE_LIMIT_BYTES ||
        rs_cursor_u8(&cursor) != DW_OP_breg0 + dwarf_register)
        return FALSE;
    *offset = rs_cursor_sleb(&cursor);
    if (is_deref && rs_cursor_u8(&cursor) != DW_OP_deref)
        return FALSE;
    return !cursor.failed && rs_cursor_left(&cursor) == 0;
}

/* rsp + 8 + ((rip & 15) >= threshold ? 8 : 0): how linkers describe a procedure linkage table,
 * whose entries of 16 bytes push once, at a place that depends on their kind. */
static gboolean is_plt(const RsCfiLocation *location, gint64 *threshold)
{
    static const guint8 shape[PLT_SHAPE_N_BYTES] = {DW_OP_breg0 + RSP,
                                                    8,
                                                    DW_OP_breg0 + RIP,
                                                    0,
                                                    DW_OP_lit15,
                                                    DW_OP_and,
                                                    DW_OP_lit0 /* + threshold */,
                                                    DW_OP_ge,
                                                    DW_OP_lit3,
                                                    DW_OP_shl,
                                                    DW_OP_plus};
    guint8 found[PLT_SHAPE_N_BYTES];

    if (location->n_expression_bytes != sizeof found)
        return FALSE;
    memcpy(found, location->expression, sizeof found);
    *threshold = found[PLT_THRESHOLD_BYTE] - DW_OP_lit0;
    found[PLT_THRESHOLD_BYTE] = DW_OP_lit0;
    return memcmp(found, shape, sizeof found) == 0 && *threshold >= 0 && *threshold < 16;
}

/* FALSE: too far for the table. */
static gboolean set_offset(gint32 *field, gint64 offset)
{
    *field = (gint32)offset;
    return *field == offset;
}

/* FALSE: only an expression can tell. */
static gboolean cfa_of(const RsCfiCommon *common, const RsCfiState *state, RsUnwindRule *rule)
{
    const RsCfiLocation *cfa = &state->cfa;
    gint64 offset;

    if (cfa->kind == RS_CFI_REGISTER) {
        rule->cfa_kind = cfa->value == RSP   ? RS_CFA_RSP
                         : cfa->value == RBP ? RS_CFA_RBP
                                             : RS_CFA_REGISTER;
        if (rule->cfa_kind == RS_CFA_REGISTER)
            rule->cfa_register = (guint8)cfa->value;
        return cfa->value < RIP && set_offset(&rule->cfa_offset, state->cfa_offset);
    }
    if (cfa->kind != RS_CFI_VAL_EXPRESSION)
        return FALSE;
    if (is_plt(cfa, &offset))
        rule->cfa_kind = RS_CFA_PLT;
    else if (is_based(cfa, RBP, TRUE, &offset))
        rule->cfa_kind = RS_CFA_DEREF_RBP;
    else if (is_based(cfa, RSP, TRUE, &offset))
        rule->cfa_kind = RS_CFA_DEREF_RSP;
    else if (is_based(cfa, RSP, FALSE, &offset))
        rule->cfa_kind = RS_CFA_RSP;
    else if (is_based(cfa, RBP, FALSE, &offset))
        rule->cfa_kind = RS_CFA_RBP;
    else
        return FALSE;
    if (common->is_signal_frame && rule->cfa_kind == RS_CFA_DEREF_RSP && offset == SIGNAL_SAVED_RSP)
        rule->cfa_kind = RS_CFA_SIGNAL;
    return set_offset(&rule->cfa_offset, offset);
}

static gboolean rbp_of(const RsCfiState *state, RsUnwindRule *rule)
{
    const RsCfiLocation *rbp = &state->registers[RS_CFI_RBP];
    gint64 offset;

    switch (rbp->kind) {
    case RS_CFI_UNSPECIFIED:
    case RS_CFI_SAME:
        rule->rbp_kind = RS_RBP_SAME;
        return TRUE;
    case RS_CFI_UNDEFINED:
        rule->rbp_kind = RS_RBP_UNKNOWN;
        return TRUE;
    case RS_CFI_OFFSET:
        rule->rbp_kind = RS_RBP_CFA;
        return set_offset(&rule->rbp_offset, rbp->value);
    case RS_CFI_EXPRESSION:
        rule->rbp_kind = RS_RBP_AT_RBP;
        return is_based(rbp, RBP, FALSE, &offset) && set_offset(&rule->rbp_offset, offset);
    default:
        return FALSE;
    }
}

static RsUnwindRule rule_of(const RsCfiCommon *common, const RsCfiState *state)
{
    static const RsUnwindRule slow = {.cfa_kind = RS_CFA_SLOW}, end = {.cfa_kind = RS_CFA_END},
                              none = {.cfa_kind = RS_CFA_NONE},
                              signal = {.cfa_kind = RS_CFA_SIGNAL};
    const RsCfiLocation *rip = &state->registers[RS_CFI_RIP], *rsp = &state->registers[RS_CFI_RSP];
    RsUnwindRule rule = {0};
    gboolean is_simple;

    if (rip->kind == RS_CFI_UNDEFINED)
        return end;
    if (state->cfa.kind == RS_CFI_UNSPECIFIED || rip->kind == RS_CFI_UNSPECIFIED)
        return none;
    is_simple = cfa_of(common, state, &rule);
    if (rule.cfa_kind == RS_CFA_SIGNAL)
        return signal;
    if (!is_simple || common->is_signal_frame || !rbp_of(state, &rule) ||
        common->return_column != RIP || rip->kind != RS_CFI_OFFSET || rip->value != -8 ||
        (rsp->kind != RS_CFI_UNSPECIFIED && !(rsp->kind == RS_CFI_VAL_OFFSET && rsp->value == 0)))
        return slow;
    return rule;
}

/* --- instructions --- */

typedef struct {
    const RsCfiCommon *common;
    const RsPointerBases *bases;
    const RsCfiState *initial; /* NULL: these are the initial instructions */
    RsByteCursor cursor;
    RsCfiState state, remembered[REMEMBER_LIMIT];
    guint n_remembered;
    gboolean is_changed; /* since the last row */
    guint64 location, end;
    RsTableBuilder *builder;
    RsCfiTally *tally;
} Machine;

static void put_row(Machine *machine)
{
    RsUnwindRule rule;

    if (!machine->builder || !machine->is_changed || machine->location >= machine->end)
        return;
    rule = rule_of(machine->common, &machine->state);
    machine->tally->n_slow_rows += rule.cfa_kind == RS_CFA_SLOW;
    rs_table_builder_row(machine->builder, machine->location, &rule);
    machine->is_changed = FALSE;
}

static void go_to(Machine *machine, guint64 location)
{
    if (location < machine->location)
        machine->cursor.failed = TRUE;
    if (location == machine->location || machine->cursor.failed)
        return;
    put_row(machine);
    machine->location = location;
}

static void advance(Machine *machine, guint64 delta)
{
    go_to(machine, machine->location + delta * machine->common->code_alignment);
}

static RsCfiLocation *location_of(Machine *machine, guint64 dwarf_register)
{
    switch (dwarf_register) {
    case RBP:
        return &machine->state.registers[RS_CFI_RBP];
    case RSP:
        return &machine->state.registers[RS_CFI_RSP];
    case RIP:
        return &machine->state.registers[RS_CFI_RIP];
    default:
        return NULL;
    }
}

static void set_register(Machine *machine, guint64 dwarf_register, RsCfiLocation location)
{
    RsCfiLocation *place = location_of(machine, dwarf_register);

    if (!place)
        return;
    *place = location;
    machine->is_changed = TRUE;
}

static void set_saved(Machine *machine, guint64 dwarf_register, RsCfiKind kind, gint64 factored)
{
    gint64 value = (gint64)((guint64)factored * (guint64)machine->common->data_alignment);

    set_register(machine, dwarf_register, (RsCfiLocation){.kind = (guint8)kind, .value = value});
}

static void restore_register(Machine *machine, guint64 dwarf_register)
{
    static const RsCfiState nothing;
    const RsCfiState *initial = machine->initial ? machine->initial : &nothing;
    RsCfiLocation *place = location_of(machine, dwarf_register);

    if (place)
        set_register(machine, dwarf_register, initial->registers[place - machine->state.registers]);
}

static RsCfiLocation take_expression(Machine *machine, RsCfiKind kind)
{
    guint64 n_bytes = rs_cursor_uleb(&machine->cursor);
    RsCfiLocation location = {.kind = (guint8)kind,
                              .n_expression_bytes = (guint32)n_bytes,
                              .expression = machine->cursor.at};

    rs_cursor_skip(&machine->cursor, n_bytes); /* which fails when they are not all there */
    return location;
}

static void set_cfa(Machine *machine, guint64 dwarf_register, gint64 offset)
{
    machine->state.cfa = (RsCfiLocation){.kind = RS_CFI_REGISTER,
                                         .value = (gint64)MIN(dwarf_register, (guint64)G_MAXINT32)};
    machine->state.cfa_offset = offset;
    machine->is_changed = TRUE;
}

/* FALSE: it is none of these. */
static gboolean run_cfa(Machine *machine, guint8 instruction)
{
    RsByteCursor *cursor = &machine->cursor;
    RsCfiState *state = &machine->state;
    guint64 dwarf_register;

    switch (instruction) {
    case DW_CFA_def_cfa:
        dwarf_register = rs_cursor_uleb(cursor);
        set_cfa(machine, dwarf_register, (gint64)rs_cursor_uleb(cursor));
        return TRUE;
    case DW_CFA_def_cfa_sf:
        dwarf_register = rs_cursor_uleb(cursor);
        set_cfa(
            machine, dwarf_register,
            (gint64)((guint64)rs_cursor_sleb(cursor) * (guint64)machine->common->data_alignment));
        return TRUE;
    case DW_CFA_def_cfa_register:
        cursor->failed |= state->cfa.kind != RS_CFI_REGISTER;
        set_cfa(machine, rs_cursor_uleb(cursor), state->cfa_offset);
        return TRUE;
    case DW_CFA_def_cfa_offset:
        cursor->failed |= state->cfa.kind != RS_CFI_REGISTER;
        state->cfa_offset = (gint64)rs_cursor_uleb(cursor);
        machine->is_changed = TRUE;
        return TRUE;
    case DW_CFA_def_cfa_offset_sf:
        cursor->failed |= state->cfa.kind != RS_CFI_REGISTER;
        state->cfa_offset =
            (gint64)((guint64)rs_cursor_sleb(cursor) * (guint64)machine->common->data_alignment);
        machine->is_changed = TRUE;
        return TRUE;
    case DW_CFA_def_cfa_expression:
        state->cfa = take_expression(machine, RS_CFI_VAL_EXPRESSION);
        machine->is_changed = TRUE;
        return TRUE;
    default:
        return FALSE;
    }
}

/* FALSE: it is none of these. */
static gboolean run_register(Machine *machine, guint8 instruction)
{
    RsByteCursor *cursor = &machine->cursor;
    guint64 dwarf_register;

    switch (instruction) {
    case DW_CFA_undefined:
        set_register(machine, rs_cursor_uleb(cursor), (RsCfiLocation){.kind = RS_CFI_UNDEFINED});
        return TRUE;
    case DW_CFA_same_value:
        set_register(machine, rs_cursor_uleb(cursor), (RsCfiLocation){.kind = RS_CFI_SAME});
        return TRUE;
    case DW_CFA_restore_extended:
        restore_register(machine, rs_cursor_uleb(cursor));
        return TRUE;
    case DW_CFA_offset_extended:
        dwarf_register = rs_cursor_uleb(cursor);
        set_saved(machine, dwarf_register, RS_CFI_OFFSET, (gint64)rs_cursor_uleb(cursor));
        return TRUE;
    case DW_CFA_offset_extended_sf:
        dwarf_register = rs_cursor_uleb(cursor);
        set_saved(machine, dwarf_register, RS_CFI_OFFSET, rs_cursor_sleb(cursor));
        return TRUE;
    case DW_CFA_GNU_negative_offset_extended:
        dwarf_register = rs_cursor_uleb(cursor);
        set_saved(machine, dwarf_register, RS_CFI_OFFSET, (gint64)(0 - rs_cursor_uleb(cursor)));
        return TRUE;
    case DW_CFA_val_offset:
        dwarf_register = rs_cursor_uleb(cursor);
        set_saved(machine, dwarf_register, RS_CFI_VAL_OFFSET, (gint64)rs_cursor_uleb(cursor));
        return TRUE;
    case DW_CFA_val_offset_sf:
        dwarf_register = rs_cursor_uleb(cursor);
        set_saved(machine, dwarf_register, RS_CFI_VAL_OFFSET, rs_cursor_sleb(cursor));
        return TRUE;
    case DW_CFA_register:
        dwarf_register = rs_cursor_uleb(cursor);
        set_register(
            machine, dwarf_register,
            (RsCfiLocation){.kind = RS_CFI_REGISTER, .value = (gint64)rs_cursor_uleb(cursor)});
        return TRUE;
    case DW_CFA_expression:
        dwarf_register = rs_cursor_uleb(cursor);
        set_register(machine, dwarf_register, take_expression(machine, RS_CFI_EXPRESSION));
        return TRUE;
    case DW_CFA_val_expression:
        dwarf_register = rs_cursor_uleb(cursor);
        set_register(machine, dwarf_register, take_expression(machine, RS_CFI_VAL_EXPRESSION));
        return TRUE;
    default:
        return FALSE;
    }
}

static void run_other(Machine *machine, guint8 instruction)
{
    RsByteCursor *cursor = &machine->cursor;

    switch (instruction) {
    case DW_CFA_nop:
        break;
    case DW_CFA_set_loc:
        go_to(machine, rs_cursor_pointer(cursor, machine->common->encoding, machine->bases));
        break;
    case DW_CFA_advance_loc1:
        advance(machine, rs_cursor_u8(cursor));
        break;
    case DW_CFA_advance_loc2:
        advance(machine, rs_cursor_u16(cursor));
        break;
    case DW_CFA_advance_loc4:
        advance(machine, rs_cursor_u32(cursor));
        break;
    case DW_CFA_MIPS_ADV8:
        advance(machine, rs_cursor_u64(cursor));
        break;
    case DW_CFA_remember_state:
        if (machine->n_remembered == REMEMBER_LIMIT)
            cursor->failed = TRUE;
        else
            machine->remembered[machine->n_remembered++] = machine->state;
        break;
    case DW_CFA_restore_state:
        if (machine->n_remembered == 0)
            cursor->failed = TRUE;
        else
            machine->state = machine->remembered[--machine->n_remembered];
        machine->is_changed = TRUE;
        break;
    case DW_CFA_GNU_args_size:
        rs_cursor_uleb(cursor);
        break;
    default:
        cursor->failed = TRUE;
    }
}

/* Until the end of the instructions or of the function. FALSE: damaged, at machine->location. */
static gboolean run(Machine *machine)
{
    RsByteCursor *cursor = &machine->cursor;

    while (cursor->at < cursor->end && !cursor->failed && machine->location < machine->end) {
        guint8 instruction = rs_cursor_u8(cursor), operand = instruction & ~DW_CFA_HIGH_MASK;

        switch (instruction & DW_CFA_HIGH_MASK) {
        case DW_CFA_advance_loc:
            advance(machine, operand);
            break;
        case DW_CFA_offset:
            set_saved(machine, operand, RS_CFI_OFFSET, (gint64)rs_cursor_uleb(cursor));
            break;
        case DW_CFA_restore:
            restore_register(machine, operand);
            break;
        default:
            if (!run_cfa(machine, instruction) && !run_register(machine, instruction))
                run_other(machine, instruction);
        }
    }
    return !cursor->failed;
}

gboolean rs_cfi_run_common(RsCfiCommon *common, const guint8 *at, const guint8 *end)
{
    static const RsPointerBases nowhere;
    Machine machine;

    machine.common = common;
    machine.bases = &nowhere;
    machine.initial = NULL;
    machine.cursor = (RsByteCursor){at, end, FALSE};
    memset(&machine.state, 0, sizeof machine.state);
    machine.n_remembered = 0;
    machine.is_changed = FALSE;
    machine.location = 0;
    machine.end = G_MAXUINT64;
    machine.builder = NULL;
    machine.tally = NULL;
    if (!run(&machine) || machine.location != 0)
        return FALSE;
    common->initial = machine.state;
    return TRUE;
}

void rs_cfi_run_function(const RsCfiCommon *common, const RsPointerBases *bases, const guint8 *at,
                         const guint8 *at_end, guint64 start, guint64 end, RsTableBuilder *builder,
                         RsCfiTally *tally)
{
    Machine machine;

    machine.common = common;
    machine.bases = bases;
    machine.initial = &common->initial;
    machine.cursor = (RsByteCursor){at, at_end, FALSE};
    machine.state = common->initial;
    machine.n_remembered = 0; /* what is remembered needs no content: it is not read before */
    machine.is_changed = TRUE;
    machine.location = start;
    machine.end = end;
    machine.builder = builder;
    machine.tally = tally;
    if (run(&machine)) {
        put_row(&machine);
    } else {
        tally->n_damaged++;
        rs_table_builder_row(builder, machine.location, NULL);
    }
    rs_table_builder_row(builder, end, NULL);
}
