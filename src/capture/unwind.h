/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walks a stack: registers and a copy of the stack in, frames out. Rows of unwinders: the compact
 * table is the way, with frame pointers for code that has no table (JIT) and libunwind where a rule
 * is an expression; libunwind alone is there as the oracle. No allocation in the table's walk.
 * Must not know where samples come from. */
#ifndef RS_CAPTURE_UNWIND_H
#define RS_CAPTURE_UNWIND_H

#include <glib.h>
#include <sys/types.h>

#include "capture/space.h"
#include "model/profile.h"

#define RS_UNWIND_MAX_FRAMES 16384

/* DWARF numbers of x86-64 (System V ABI, AMD64 supplement, figure 3.36). */
enum {
    RS_REG_RAX,
    RS_REG_RDX,
    RS_REG_RCX,
    RS_REG_RBX,
    RS_REG_RSI,
    RS_REG_RDI,
    RS_REG_RBP,
    RS_REG_RSP,
    RS_REG_R8,
    RS_REG_R9,
    RS_REG_R10,
    RS_REG_R11,
    RS_REG_R12,
    RS_REG_R13,
    RS_REG_R14,
    RS_REG_R15,
    RS_REG_RIP,
    RS_N_REGS,
};
typedef struct {
    guint64 r[RS_N_REGS];
} RsRegisters;

/* The stack's bytes from address base on, copied when the sample was taken. */
typedef struct {
    guint64 base;
    const guint8 *bytes;
    gsize n_bytes;
    pid_t live_pid; /* not 0: what lies beyond the copy may be read from this process, late */
} RsStackCopy;

typedef struct {
    guint32 module; /* RsModule id */
    guint32 reserved;
    guint64 address; /* to look up: see model/profile.h */
} RsRawFrame;

typedef struct {
    RsRawFrame *frames; /* in: room for max_frames; innermost first */
    guint n_max_frames; /* in */
    guint n_frames;
    RsStackEnd end;
    gboolean is_late;  /* something was read from the live process */
    gboolean was_slow; /* libunwind had to help */
} RsWalk;

typedef struct RsUnwinder RsUnwinder; /* buffers and caches of one thread */
RsUnwinder *rs_unwinder_new(RsSpaces *spaces);
void rs_unwinder_free(RsUnwinder *unwinder);

typedef struct {
    const char *name, *summary;
    void (*walk)(RsUnwinder *unwinder, RsSpace *space, const RsRegisters *registers,
                 const RsStackCopy *stack, RsWalk *walk);
} RsUnwinderRow;
/* "table" (with the other two as its help), "libunwind", "frame-pointer"; ended by a row without a
 * name. */
extern const RsUnwinderRow rs_unwinders[];

/* The first row: what samplers use. */
void rs_unwind(RsUnwinder *unwinder, RsSpace *space, const RsRegisters *registers,
               const RsStackCopy *stack, RsWalk *walk);

/* --- for the rows --- */

/* Eight bytes at an address: from the copy, else late from the live process. FALSE: not to be
 * had. */
gboolean rs_unwinder_read(RsUnwinder *unwinder, const RsStackCopy *stack, guint64 address,
                          guint64 *value, gboolean *is_late);

#endif
