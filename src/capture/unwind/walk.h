/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the rows of unwinders share: a walk under way, in registers that every step needs, and the
 * steps that need no unwind information. For the rows alone. */
#ifndef RS_CAPTURE_UNWIND_WALK_H
#define RS_CAPTURE_UNWIND_WALK_H

#include <string.h>

#include "capture/unwind.h"
#include "capture/unwind/libunwind.h"

/* Each may go to another stack, so nothing else ends a circle of them. */
#define RS_SIGNAL_FRAMES_LIMIT 64

typedef struct {
    RsUnwinder *unwinder;
    RsSpace *space;
    const RsStackCopy *stack;
    RsWalk *walk;
    guint64 rip, rsp, rbp;
    gboolean is_exact;       /* rip is where the thread was, not a return address */
    gboolean has_rbp;        /* rbp is known */
    gboolean is_late;        /* something was read late ... */
    gboolean is_late_return; /* ... such as this frame's rip */
    RsSpaceEntry *entry;     /* around the frame's address */
    RsFullFrame full;        /* the last frame whose registers are all known ... */
    guint full_at;           /* ... and its place */
    guint n_signal_frames;
} RsWalker;

typedef enum {
    RS_STEP_DONE,
    RS_STEP_ENDED, /* walk->end says how */
} RsStep;

/* Of the unwinder: a new walk begins; what was read late is of an older time. */
void rs_unwinder_forget(RsUnwinder *unwinder);
RsSpaceEntry *rs_unwinder_find_late(RsUnwinder *unwinder, RsSpace *space, guint64 address);

void rs_walker_init(RsWalker *walker, RsUnwinder *unwinder, RsSpace *space,
                    const RsRegisters *registers, const RsStackCopy *stack, RsWalk *walk);
/* Finds the frame's code, checks it as far as it came late, and gives the frame out. */
RsStep rs_walker_put_frame(RsWalker *walker);
RsStep rs_walker_end(RsWalker *walker, RsStackEnd end);
/* The end when the stack could not be read at address. */
RsStep rs_walker_end_unread(RsWalker *walker, guint64 address);
/* The table of the frame's code; NULL: none. */
const RsUnwindTable *rs_walker_table(RsWalker *walker);
/* To the caller, whose return address lies at cfa - 8. */
RsStep rs_walker_return_to(RsWalker *walker, guint64 cfa);
/* By frame pointer, for code that has no table at all. */
RsStep rs_walker_step_frame_pointer(RsWalker *walker);
/* For code that has a table, but no rule there. */
RsStep rs_walker_step_without_rule(RsWalker *walker);
/* To what a signal interrupted: rsp points to the ucontext. */
RsStep rs_walker_step_signal(RsWalker *walker);

static inline gboolean rs_walker_read(RsWalker *walker, guint64 address, guint64 *value)
{
    guint64 distance = address - walker->stack->base;

    if (G_LIKELY(distance < walker->stack->n_bytes &&
                 walker->stack->n_bytes - distance >= sizeof *value)) {
        memcpy(value, walker->stack->bytes + distance, sizeof *value);
        return TRUE;
    }
    return rs_unwinder_read(walker->unwinder, walker->stack, address, value, &walker->is_late);
}

/* Callers lie further up. A function that keeps its return address in a register, as vfork does,
 * may have nothing on the stack; only the innermost can. */
static inline gboolean rs_walker_grows(const RsWalker *walker, guint64 rsp)
{
    return rsp > walker->rsp || (rsp == walker->rsp && walker->walk->n_frames == 1);
}

#endif
