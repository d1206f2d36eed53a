/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libunwind on our samples, by accessors of our own: memory is the stack's copy, the bytes of the
 * modules' files, and late the living process; unwind information is found by the modules' tables.
 * As a row of its own it is the oracle of the table's walk; in that it helps where a rule is an
 * expression. Must not be used by more than one thread for a space. */
#ifndef RS_CAPTURE_UNWIND_LIBUNWIND_H
#define RS_CAPTURE_UNWIND_LIBUNWIND_H

#include "capture/unwind.h"

/* Whether a frame's address is that of an instruction to be executed (innermost, or interrupted by
 * a signal), or a return address, which may lie behind its function. */
typedef struct {
    RsRegisters registers;
    gboolean is_exact;
} RsFullFrame;

/* From this frame n_steps outwards. FALSE: not possible; frame is then of no use. */
gboolean rs_libunwind_step(RsUnwinder *unwinder, RsSpace *space, const RsStackCopy *stack,
                           RsFullFrame *frame, guint n_steps, gboolean *is_late);
void rs_libunwind_walk(RsUnwinder *unwinder, RsSpace *space, const RsRegisters *registers,
                       const RsStackCopy *stack, RsWalk *walk);

#endif
