/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table's walk. Registers other than rip, rsp and rbp are known in the innermost frame and in
 * one interrupted by a signal; a rule that needs them elsewhere, or an expression, is libunwind's:
 * it goes from the last frame whose registers are all known to the one in question and a step
 * further, and the walk goes on from there.
 *
 * A stack ends as complete when its outermost frame was reached: the rule says that its return
 * address is undefined (_start, clone), the return address is 0, the frame pointer of code without
 * unwind information is 0, or the code is a program's entry or a thread's (musl has no unwind
 * information for them; see unwind/code.h). Everything else is an end of another kind. */
#include "capture/unwind.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "capture/unwind/libunwind.h"
#include "capture/unwind/walk.h"

#define BLOCK_BYTES  ((guint64)64 * 1024) /* read at once late */
#define PAGE_BYTES   ((guint64)4096)
#define BLOCKS_LIMIT 128 /* in one walk: 8 MB, the usual limit of a stack */
#define BLOCK_PAGES  (BLOCK_BYTES / PAGE_BYTES)

typedef struct {
    guint64 start;
    gsize n_bytes; /* 0: it could not be read */
} Block;

struct RsUnwinder {
    RsSpaces *spaces;
    guint8 *late; /* BLOCKS_LIMIT blocks; NULL until it was needed */
    Block blocks[BLOCKS_LIMIT];
    guint n_blocks;
};

RsUnwinder *rs_unwinder_new(RsSpaces *spaces)
{
    RsUnwinder *unwinder = g_new0(RsUnwinder, 1);

    unwinder->spaces = spaces;
    return unwinder;
}

void rs_unwinder_free(RsUnwinder *unwinder)
{
    if (!unwinder)
        return;
    if (unwinder->late)
        munmap(unwinder->late, BLOCKS_LIMIT * BLOCK_BYTES);
    g_free(unwinder);
}

RsSpaceEntry *rs_unwinder_find_late(RsUnwinder *unwinder, RsSpace *space, guint64 address)
{
    return rs_spaces_find_late(unwinder->spaces, space, address);
}

/* --- late reading --- */

/* A new walk: what was read is of an older time. */
void rs_unwinder_forget(RsUnwinder *unwinder)
{
    unwinder->n_blocks = 0;
}

/* Page by page in one call, so that a block that ends outside of the stack gives its beginning. */
static gsize read_block(pid_t pid, guint64 start, guint8 *bytes)
{
    struct iovec local = {bytes, BLOCK_BYTES}, remote[BLOCK_PAGES];
    ssize_t n_read;

    for (guint i = 0; i < BLOCK_PAGES; i++)
        remote[i] = (struct iovec){(void *)(guintptr)(start + i * PAGE_BYTES), PAGE_BYTES};
    n_read = process_vm_readv(pid, &local, 1, remote, BLOCK_PAGES, 0);
    return n_read > 0 ? (gsize)n_read : 0;
}

/* The block around address, read now if need be; NULL: enough was read. */
static const Block *block_around(RsUnwinder *unwinder, pid_t pid, guint64 address)
{
    Block *block;

    for (guint i = unwinder->n_blocks; i-- > 0;)
        if (address - unwinder->blocks[i].start < BLOCK_BYTES)
            return &unwinder->blocks[i];
    if (unwinder->n_blocks == BLOCKS_LIMIT)
        return NULL;
    if (!unwinder->late) {
        void *late = mmap(NULL, BLOCKS_LIMIT * BLOCK_BYTES, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

        if (late == MAP_FAILED)
            return NULL;
        unwinder->late = late;
    }
    block = &unwinder->blocks[unwinder->n_blocks];
    block->start = address & ~(PAGE_BYTES - 1);
    block->n_bytes =
        read_block(pid, block->start, unwinder->late + unwinder->n_blocks * BLOCK_BYTES);
    unwinder->n_blocks++;
    return block;
}

static gboolean read_late(RsUnwinder *unwinder, pid_t pid, guint64 address, guint8 *bytes,
                          gsize n_bytes)
{
    while (n_bytes > 0) {
        const Block *block = block_around(unwinder, pid, address);
        guint64 distance;
        gsize n_here;

        if (!block || address - block->start >= block->n_bytes)
            return FALSE;
        distance = address - block->start;
        n_here = MIN(n_bytes, block->n_bytes - distance);
        memcpy(bytes, unwinder->late + (gsize)(block - unwinder->blocks) * BLOCK_BYTES + distance,
               n_here);
        bytes += n_here;
        address += n_here;
        n_bytes -= n_here;
    }
    return TRUE;
}

gboolean rs_unwinder_read(RsUnwinder *unwinder, const RsStackCopy *stack, guint64 address,
                          guint64 *value, gboolean *is_late)
{
    guint64 distance = address - stack->base;
    guint8 bytes[sizeof *value];
    gsize n_copied = 0;

    if (distance < stack->n_bytes) {
        n_copied = MIN(sizeof bytes, stack->n_bytes - distance);
        memcpy(bytes, stack->bytes + distance, n_copied);
    }
    if (n_copied < sizeof bytes) {
        if (!stack->live_pid || !read_late(unwinder, stack->live_pid, address + n_copied,
                                           bytes + n_copied, sizeof bytes - n_copied))
            return FALSE;
        *is_late = TRUE;
    }
    memcpy(value, bytes, sizeof bytes);
    return TRUE;
}

/* --- the table's walk --- */

static RsStep step_slow(RsWalker *walker)
{
    RsFullFrame frame = walker->full;
    guint n_steps = walker->walk->n_frames - walker->full_at;

    walker->walk->was_slow = TRUE;
    if (!rs_libunwind_step(walker->unwinder, walker->space, walker->stack, &frame, n_steps,
                           &walker->is_late))
        return rs_walker_end(walker, RS_STACK_NO_RULE);
    if (frame.registers.r[RS_REG_RIP] == 0)
        return rs_walker_end(walker, RS_STACK_COMPLETE);
    if (!frame.is_exact && !rs_walker_grows(walker, frame.registers.r[RS_REG_RSP]))
        return rs_walker_end(walker, RS_STACK_BAD_ADDRESS);
    walker->rip = frame.registers.r[RS_REG_RIP];
    walker->rsp = frame.registers.r[RS_REG_RSP];
    walker->rbp = frame.registers.r[RS_REG_RBP];
    walker->has_rbp = TRUE;
    walker->is_exact = frame.is_exact;
    walker->is_late_return = walker->is_late;
    walker->full = frame;
    walker->full_at = walker->walk->n_frames;
    return RS_STEP_DONE;
}

/* The caller's rbp, given the frame's CFA. */
static inline RsStep find_rbp(RsWalker *walker, const RsUnwindRule *rule, guint64 cfa, guint64 *rbp,
                              gboolean *has_rbp)
{
    guint64 at;

    switch (rule->rbp_kind) {
    case RS_RBP_SAME:
        return RS_STEP_DONE;
    case RS_RBP_UNKNOWN:
        *has_rbp = FALSE;
        return RS_STEP_DONE;
    case RS_RBP_CFA:
        at = cfa + (guint64)(gint64)rule->rbp_offset;
        break;
    default:
        at = *rbp + (guint64)(gint64)rule->rbp_offset;
        /* gcc forgets to say that a function which realigns its stack has popped rbp again before
         * its last two instructions: it then does not point into the function's frame */
        if (at - walker->rsp >= cfa - walker->rsp)
            return RS_STEP_DONE;
    }
    *has_rbp = TRUE;
    return rs_walker_read(walker, at, rbp) ? RS_STEP_DONE : rs_walker_end_unread(walker, at);
}

static inline RsStep step_by_rule(RsWalker *walker, const RsUnwindRule *rule)
{
    guint64 cfa, rbp = walker->rbp, at;
    gboolean has_rbp = walker->has_rbp;

    if (G_UNLIKELY(!has_rbp && rule->rbp_kind == RS_RBP_AT_RBP))
        return step_slow(walker);
    switch (rule->cfa_kind) {
    case RS_CFA_RSP:
        cfa = walker->rsp + (guint64)(gint64)rule->cfa_offset;
        break;
    case RS_CFA_RBP:
        if (!has_rbp)
            return step_slow(walker);
        cfa = rbp + (guint64)(gint64)rule->cfa_offset;
        break;
    case RS_CFA_DEREF_RBP:
    case RS_CFA_DEREF_RSP:
        if (rule->cfa_kind == RS_CFA_DEREF_RBP && !has_rbp)
            return step_slow(walker);
        at = rule->cfa_kind == RS_CFA_DEREF_RBP ? rbp : walker->rsp;
        at += (guint64)(gint64)rule->cfa_offset;
        if (!rs_walker_read(walker, at, &cfa))
            return rs_walker_end_unread(walker, at);
        break;
    case RS_CFA_PLT:
        cfa = walker->rsp + 8 + ((walker->rip & 15) >= (guint64)rule->cfa_offset ? 8 : 0);
        break;
    case RS_CFA_SIGNAL:
        return rs_walker_step_signal(walker);
    case RS_CFA_END:
        return rs_walker_end(walker, RS_STACK_COMPLETE);
    case RS_CFA_REGISTER:
        if (walker->walk->n_frames - 1 != walker->full_at)
            return step_slow(walker);
        cfa = walker->full.registers.r[rule->cfa_register] + (guint64)(gint64)rule->cfa_offset;
        break;
    default:
        return step_slow(walker);
    }
    if (find_rbp(walker, rule, cfa, &rbp, &has_rbp) == RS_STEP_ENDED ||
        rs_walker_return_to(walker, cfa) == RS_STEP_ENDED)
        return RS_STEP_ENDED;
    walker->rbp = rbp;
    walker->has_rbp = has_rbp;
    return RS_STEP_DONE;
}

static RsStep step(RsWalker *walker)
{
    const RsUnwindTable *table = rs_walker_table(walker);
    const RsUnwindRule *rule;

    if (G_UNLIKELY(!table))
        return rs_walker_step_frame_pointer(walker);
    rule = rs_unwind_table_find(table, (walker->is_exact ? walker->rip : walker->rip - 1) -
                                           walker->entry->bias);
    if (G_UNLIKELY(!rule))
        return rs_walker_step_without_rule(walker);
    return step_by_rule(walker, rule);
}

static void walk_table(RsUnwinder *unwinder, RsSpace *space, const RsRegisters *registers,
                       const RsStackCopy *stack, RsWalk *walk)
{
    RsWalker walker;

    rs_unwinder_forget(unwinder);
    rs_walker_init(&walker, unwinder, space, registers, stack, walk);
    while (rs_walker_put_frame(&walker) == RS_STEP_DONE && step(&walker) == RS_STEP_DONE)
        ;
    walk->is_late = walker.is_late;
}

static void walk_frame_pointers(RsUnwinder *unwinder, RsSpace *space, const RsRegisters *registers,
                                const RsStackCopy *stack, RsWalk *walk)
{
    RsWalker walker;

    rs_unwinder_forget(unwinder);
    rs_walker_init(&walker, unwinder, space, registers, stack, walk);
    while (rs_walker_put_frame(&walker) == RS_STEP_DONE &&
           rs_walker_step_frame_pointer(&walker) == RS_STEP_DONE)
        ;
    walk->is_late = walker.is_late;
}

const RsUnwinderRow rs_unwinders[] = {
    {"table", "compact tables; frame pointers and libunwind where they have no rule", walk_table},
    {"libunwind", "libunwind alone, much slower", rs_libunwind_walk},
    {"frame-pointer", "frame pointers alone", walk_frame_pointers},
    {NULL, NULL, NULL},
};

void rs_unwind(RsUnwinder *unwinder, RsSpace *space, const RsRegisters *registers,
               const RsStackCopy *stack, RsWalk *walk)
{
    walk_table(unwinder, space, registers, stack, walk);
}
