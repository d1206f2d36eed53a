/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/unwind/walk.h"

#include <sys/ucontext.h>

#include "capture/unwind/code.h"

#define COPY_REACH_BYTES        (64u << 20) /* what lies further from a copy is not its stack */
#define UCONTEXT_REGISTERS_BYTE offsetof(ucontext_t, uc_mcontext.gregs)

void rs_walker_init(RsWalker *walker, RsUnwinder *unwinder, RsSpace *space,
                    const RsRegisters *registers, const RsStackCopy *stack, RsWalk *walk)
{
    walker->unwinder = unwinder;
    walker->space = space;
    walker->stack = stack;
    walker->walk = walk;
    walker->rip = registers->r[RS_REG_RIP];
    walker->rsp = registers->r[RS_REG_RSP];
    walker->rbp = registers->r[RS_REG_RBP];
    walker->is_exact = walker->has_rbp = TRUE;
    walker->is_late = walker->is_late_return = FALSE;
    walker->entry = NULL;
    walker->full = (RsFullFrame){*registers, TRUE};
    walker->full_at = 0;
    walker->n_signal_frames = 0;
    walk->n_frames = 0;
    walk->end = RS_STACK_NOT_WALKED;
    walk->is_late = walk->was_slow = FALSE;
}

RsStep rs_walker_end(RsWalker *walker, RsStackEnd end)
{
    walker->walk->end = end;
    return RS_STEP_ENDED;
}

RsStep rs_walker_end_unread(RsWalker *walker, guint64 address)
{
    const RsStackCopy *stack = walker->stack;
    guint64 distance = address - stack->base;

    /* a signal handler's stack is not the one that goes on behind it */
    if (distance < COPY_REACH_BYTES || walker->n_signal_frames)
        return rs_walker_end(walker, RS_STACK_CUT_COPY);
    return rs_walker_end(walker, RS_STACK_BAD_ADDRESS);
}

const RsUnwindTable *rs_walker_table(RsWalker *walker)
{
    RsSpaceEntry *entry = walker->entry;

    if (G_UNLIKELY(!entry->table_asked)) {
        entry->table = rs_module_table(entry->module);
        entry->table_asked = TRUE;
    }
    return entry->table;
}

/* What was read after the sample may have changed since: a return address counts only if it is
 * one. */
static gboolean is_return_address(RsWalker *walker, guint64 address)
{
    const RsUnwindTable *table = rs_walker_table(walker);
    pid_t live_pid = walker->stack->live_pid;
    const RsUnwindRule *rule;

    if (rs_code_is_signal_return(walker->entry, live_pid, walker->rip))
        return TRUE;
    rule = table ? rs_unwind_table_find(table, address - walker->entry->bias) : NULL;
    if (rule && rule->cfa_kind == RS_CFA_SIGNAL)
        return TRUE;
    return (rule || !table || rs_code_is_outermost(walker->entry, live_pid, walker->rip)) &&
           rs_code_follows_call(walker->entry, live_pid, walker->rip);
}

RsStep rs_walker_put_frame(RsWalker *walker)
{
    RsWalk *walk = walker->walk;
    guint64 address = walker->is_exact ? walker->rip : walker->rip - 1;
    RsSpaceEntry *entry = walker->entry;

    if (G_UNLIKELY(!entry || address - entry->start >= entry->end - entry->start)) {
        entry = rs_space_find(walker->space, address);
        if (G_UNLIKELY(!entry))
            entry = rs_unwinder_find_late(walker->unwinder, walker->space, address);
        walker->entry = entry;
    }
    if (G_UNLIKELY(!entry)) {
        if (walk->n_frames == 0 && walk->n_max_frames > 0)
            walk->frames[walk->n_frames++] =
                (RsRawFrame){.module = RS_MODULE_ID_UNKNOWN, .address = address};
        return rs_walker_end(walker, RS_STACK_BAD_ADDRESS);
    }
    if (G_UNLIKELY(walker->is_late_return) && !is_return_address(walker, address))
        return rs_walker_end(walker, RS_STACK_CUT_COPY);
    if (G_UNLIKELY(walk->n_frames == walk->n_max_frames))
        return rs_walker_end(walker, RS_STACK_TOO_DEEP);
    walk->frames[walk->n_frames++] =
        (RsRawFrame){.module = rs_module_id(entry->module), .address = address - entry->bias};
    return RS_STEP_DONE;
}

RsStep rs_walker_return_to(RsWalker *walker, guint64 cfa)
{
    guint64 rip;
    gboolean was_late = walker->is_late;

    if (cfa <= walker->rsp)
        return rs_walker_end(walker, RS_STACK_BAD_ADDRESS);
    walker->is_late = FALSE;
    if (!rs_walker_read(walker, cfa - 8, &rip)) {
        walker->is_late = was_late;
        return rs_walker_end_unread(walker, cfa - 8);
    }
    walker->is_late_return = walker->is_late;
    walker->is_late |= was_late;
    if (rip == 0) /* what starts a thread or a coroutine says so that nothing called it */
        return rs_walker_end(walker,
                             walker->is_late_return ? RS_STACK_CUT_COPY : RS_STACK_COMPLETE);
    walker->rip = rip;
    walker->rsp = cfa;
    walker->is_exact = FALSE;
    return RS_STEP_DONE;
}

/* Source: System V ABI, AMD64 supplement, section 3.4.1: the outermost frame has rbp 0. */
RsStep rs_walker_step_frame_pointer(RsWalker *walker)
{
    guint64 rbp = walker->rbp, saved_rbp;

    if (walker->has_rbp && rbp == 0)
        return rs_walker_end(walker, RS_STACK_COMPLETE);
    if (!walker->has_rbp || rbp < walker->rsp || rbp % 8 != 0)
        return rs_walker_end(walker, RS_STACK_NO_RULE);
    if (!rs_walker_read(walker, rbp, &saved_rbp))
        return rs_walker_end_unread(walker, rbp);
    if (rs_walker_return_to(walker, rbp + 16) == RS_STEP_ENDED)
        return RS_STEP_ENDED;
    walker->rbp = saved_rbp;
    return RS_STEP_DONE;
}

/* The innermost frame may be a function in assembly that has pushed nothing: what lies on top of
 * the stack is then its return address, and what a call precedes is not likely to be anything else.
 * FALSE: it is none. */
static gboolean has_return_address_on_top(RsWalker *walker)
{
    const RsSpaceEntry *entry;
    gboolean is_late = FALSE;
    guint64 address;

    if (!walker->is_exact ||
        !rs_unwinder_read(walker->unwinder, walker->stack, walker->rsp, &address, &is_late))
        return FALSE;
    entry = rs_space_find(walker->space, address - 1);
    return entry && rs_code_follows_call(entry, walker->stack->live_pid, address);
}

/* The frame is a thread that has done nothing yet: it sees 0 as its maker's system call. What lies
 * on its stack may be an older thread's. */
static gboolean is_new_thread(RsWalker *walker)
{
    return walker->is_exact && walker->full_at + 1 == walker->walk->n_frames &&
           walker->full.registers.r[RS_REG_RAX] == 0 &&
           rs_code_begins_thread(walker->entry, walker->stack->live_pid, walker->rip);
}

RsStep rs_walker_step_without_rule(RsWalker *walker)
{
    pid_t live_pid = walker->stack->live_pid;

    if (rs_code_is_signal_return(walker->entry, live_pid, walker->rip))
        return rs_walker_step_signal(walker);
    if (rs_code_is_entry(walker->entry, walker->rip))
        return rs_walker_end(walker, RS_STACK_COMPLETE);
    if (!walker->is_exact && rs_code_ends_thread(walker->entry, live_pid, walker->rip))
        return rs_walker_end(walker, RS_STACK_COMPLETE);
    if (is_new_thread(walker))
        return rs_walker_end(walker, RS_STACK_COMPLETE);
    if (has_return_address_on_top(walker))
        return rs_walker_return_to(walker, walker->rsp + 8);
    return rs_walker_end(walker, RS_STACK_NO_RULE);
}

RsStep rs_walker_step_signal(RsWalker *walker)
{
    static const guint8 places[RS_N_REGS] = {
        [RS_REG_RAX] = REG_RAX, [RS_REG_RDX] = REG_RDX, [RS_REG_RCX] = REG_RCX,
        [RS_REG_RBX] = REG_RBX, [RS_REG_RSI] = REG_RSI, [RS_REG_RDI] = REG_RDI,
        [RS_REG_RBP] = REG_RBP, [RS_REG_RSP] = REG_RSP, [RS_REG_R8] = REG_R8,
        [RS_REG_R9] = REG_R9,   [RS_REG_R10] = REG_R10, [RS_REG_R11] = REG_R11,
        [RS_REG_R12] = REG_R12, [RS_REG_R13] = REG_R13, [RS_REG_R14] = REG_R14,
        [RS_REG_R15] = REG_R15, [RS_REG_RIP] = REG_RIP};
    RsRegisters registers;

    if (++walker->n_signal_frames > RS_SIGNAL_FRAMES_LIMIT)
        return rs_walker_end(walker, RS_STACK_TOO_DEEP);
    for (guint i = 0; i < RS_N_REGS; i++) {
        guint64 address = walker->rsp + UCONTEXT_REGISTERS_BYTE + 8 * (guint64)places[i];

        if (!rs_walker_read(walker, address, &registers.r[i]))
            return rs_walker_end_unread(walker, address);
    }
    walker->rip = registers.r[RS_REG_RIP];
    walker->rsp = registers.r[RS_REG_RSP];
    walker->rbp = registers.r[RS_REG_RBP];
    walker->is_exact = walker->has_rbp = TRUE;
    walker->is_late_return = FALSE;
    walker->full = (RsFullFrame){registers, TRUE};
    walker->full_at = walker->walk->n_frames;
    return RS_STEP_DONE;
}
