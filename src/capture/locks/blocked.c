/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The walk goes by rsp alone until rbp is known, and is then the unwinder's. Order: copy the stack,
 * walk, read the system call again; what was read in between belongs to a thread that stood still
 * if it says the same. */
#include "capture/locks/blocked.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "capture/locks/call_site.h"
#include "capture/process/proc_file.h"
#include "capture/unwind/code.h"
#include "capture/unwind/walk.h"

#define SYSCALL_BYTES 256
#define N_VALUES      8 /* of a line: six arguments, sp and pc */
#define COPY_BYTES    16384
#define N_MAX_BY_RSP  256 /* frames before rbp is known */
#define N_MAX_TRIED   8   /* return addresses of each class */

/* "202 0x1 ... 0x8": read by hand, as each look reads many. */
gboolean rs_blocked_parse(const char *text, RsBlocked *blocked)
{
    guint64 values[N_VALUES];
    RsBlocked read = {0};
    guint n = 0;
    char *end;

    read.number = g_ascii_strtoll(text, &end, 10);
    if (end == text)
        return FALSE;
    for (const char *at = end; n < N_VALUES; n++, at = end) {
        values[n] = g_ascii_strtoull(at, &end, 16);
        if (end == at)
            break;
    }
    if (n != N_VALUES && (n != 2 || read.number != -1)) /* -1: in no system call */
        return FALSE;
    memcpy(read.arguments, values, (n - 2) * sizeof *values);
    read.sp = values[n - 2];
    read.pc = values[n - 1];
    *blocked = read;
    return TRUE;
}

gboolean rs_blocked_read(int syscall_fd, RsBlocked *blocked)
{
    char text[SYSCALL_BYTES];
    gssize n_bytes = rs_proc_read(syscall_fd, text, sizeof text);

    if (n_bytes == 0)
        errno = ESRCH;
    if (n_bytes <= 0)
        return FALSE;
    errno = 0;
    return rs_blocked_parse(text, blocked);
}

static gboolean is_same(const RsBlocked *a, const RsBlocked *b)
{
    return a->number == b->number && a->sp == b->sp && a->pc == b->pc &&
           memcmp(a->arguments, b->arguments, sizeof a->arguments) == 0;
}

/* Where the walk is: a frame and what is known of its registers. */
typedef struct {
    RsUnwinder *unwinder;
    RsSpace *space;
    const RsStackCopy *stack;
    RsWalk *walk;
    guint64 lookup; /* the frame's address to look up */
    guint64 rsp;
    guint64 function; /* start of the function around lookup, in the process; 0: not known */
    const RsUnwindRule *rule;
} Position;

static gboolean read_word(Position *at, guint64 address, guint64 *value)
{
    gboolean is_late;

    return rs_unwinder_read(at->unwinder, at->stack, address, value, &is_late);
}

/* The rest of the walk, from this frame on, is the unwinder's. */
static void hand_over(Position *at, guint64 rbp, RsWalk *rest)
{
    RsRegisters registers = {0};

    registers.r[RS_REG_RIP] = at->lookup;
    registers.r[RS_REG_RSP] = at->rsp;
    registers.r[RS_REG_RBP] = rbp;
    rest->frames = at->walk->frames + at->walk->n_frames;
    rest->n_max_frames = at->walk->n_max_frames - at->walk->n_frames;
    rest->n_frames = 0;
    rest->end = RS_STACK_TOO_DEEP;
    if (rest->n_max_frames == 0)
        return;
    rs_unwind(at->unwinder, at->space, &registers, at->stack, rest);
}

static void take_over(Position *at, const RsWalk *rest)
{
    at->walk->n_frames += rest->n_frames;
    at->walk->end = rest->end;
    at->walk->was_slow |= rest->was_slow;
}

static void finish(Position *at, guint64 rbp)
{
    RsWalk rest = {0};

    hand_over(at, rbp, &rest);
    take_over(at, &rest);
}

/* The rule at the frame, and its function. */
static gboolean find_rule(Position *at)
{
    RsSpaceEntry *entry = rs_unwinder_find_late(at->unwinder, at->space, at->lookup);
    guint64 start;

    at->rule = NULL;
    at->function = 0;
    if (!entry)
        return FALSE;
    if (!entry->table_asked) {
        entry->table = rs_module_table(entry->module);
        entry->table_asked = TRUE;
    }
    if (!entry->table)
        return FALSE;
    at->rule = rs_unwind_table_find(entry->table, at->lookup - entry->bias);
    if (at->rule &&
        rs_unwind_table_function(entry->table, at->lookup - entry->bias, &start, NULL, NULL))
        at->function = start + entry->bias;
    return at->rule != NULL;
}

static gboolean add_frame(Position *at)
{
    const RsSpaceEntry *entry = rs_space_find(at->space, at->lookup);

    if (!entry) {
        at->walk->end = RS_STACK_BAD_ADDRESS;
        return FALSE;
    }
    if (at->walk->n_frames == at->walk->n_max_frames) {
        at->walk->end = RS_STACK_TOO_DEEP;
        return FALSE;
    }
    at->walk->frames[at->walk->n_frames++] = (RsRawFrame){
        .module = rs_module_id(entry->module),
        .address = at->lookup - entry->bias,
    };
    return TRUE;
}

/* --- rbp, found again --- */

/* rbp of the frame whose return address lies at slot. */
static gboolean rbp_of(Position *at, guint64 slot, guint64 *rbp)
{
    guint64 cfa = slot + 8, value;

    if (at->rule->cfa_kind == RS_CFA_RBP) {
        *rbp = cfa - (guint64)(gint64)at->rule->cfa_offset;
        return TRUE;
    }
    /* A realigned stack: the CFA itself was kept in the frame. */
    for (guint64 address = at->rsp; address < slot; address += 8) {
        if (read_word(at, address, &value) && value == cfa) {
            *rbp = address - (guint64)(gint64)at->rule->cfa_offset;
            return TRUE;
        }
    }
    return FALSE;
}

/* A return address of 0 ends a stack as well, and stacks are full of zeros: a guess must come out
 * where the program, or the thread, began. */
static gboolean is_outermost(Position *at, const RsRawFrame *frame)
{
    guint n_entries;
    const RsSpaceEntry *entries = rs_space_entries(at->space, &n_entries);

    for (guint i = 0; i < n_entries; i++) {
        const RsUnwindRule *rule;

        if (!entries[i].table || rs_module_id(entries[i].module) != frame->module)
            continue;
        rule = rs_unwind_table_find(entries[i].table, frame->address);
        if (rule)
            return rule->cfa_kind == RS_CFA_END;
    }
    return FALSE;
}

/* Whether the stack can be walked to its end when this frame's return address lies at slot. */
static gboolean try_slot(Position *at, guint64 slot, gboolean is_guess)
{
    RsWalk rest = {0};
    guint64 rbp;

    if (!rbp_of(at, slot, &rbp))
        return FALSE;
    hand_over(at, rbp, &rest);
    if (rest.end != RS_STACK_COMPLETE || rest.n_frames == 0 ||
        (is_guess && !is_outermost(at, &rest.frames[rest.n_frames - 1])))
        return FALSE;
    take_over(at, &rest);
    return TRUE;
}

typedef struct {
    guint64 slots[N_MAX_TRIED];
    guint n;
} Candidates;

static void keep(Candidates *candidates, guint64 slot)
{
    if (candidates->n < N_MAX_TRIED)
        candidates->slots[candidates->n++] = slot;
}

/* Nearest slots first; calls of this very function before all others. */
static gboolean try_slots(Position *at)
{
    Candidates indirect = {0}, others = {0};
    guint64 end = at->stack->base + at->stack->n_bytes, return_address, target = 0;
    guint n_tried = 0;

    for (guint64 slot = at->rsp; slot + 8 <= end && n_tried < N_MAX_TRIED; slot += 8) {
        if (!read_word(at, slot, &return_address) || !rs_space_find(at->space, return_address))
            continue;
        switch (rs_call_before(at->space, return_address, &target)) {
        case RS_CALL_DIRECT:
            if (target != at->function)
                keep(&others, slot);
            else if (n_tried++, try_slot(at, slot, FALSE))
                return TRUE;
            break;
        case RS_CALL_INDIRECT:
            keep(&indirect, slot);
            break;
        case RS_CALL_NONE:
            break;
        }
    }
    for (guint i = 0; i < indirect.n; i++) {
        if (try_slot(at, indirect.slots[i], TRUE))
            return TRUE;
    }
    for (guint i = 0; i < others.n; i++) {
        if (try_slot(at, others.slots[i], TRUE))
            return TRUE;
    }
    return FALSE;
}

static void walk_without_rbp(Position *at)
{
    at->walk->n_frames--; /* the unwinder tells this frame again */
    if (try_slots(at))
        return;
    at->walk->n_frames++;
    at->walk->end = RS_STACK_NO_RULE;
}

/* --- by rsp alone --- */

/* To the caller. TRUE: the walk goes on here. */
static gboolean step(Position *at)
{
    const RsUnwindRule *rule = at->rule;
    guint64 cfa = at->rsp + (guint64)(gint64)rule->cfa_offset, return_address, rbp;
    gboolean has_rbp = FALSE;

    if (!read_word(at, cfa - 8, &return_address)) {
        at->walk->end = RS_STACK_BAD_ADDRESS;
        return FALSE;
    }
    if (rule->rbp_kind == RS_RBP_CFA)
        has_rbp = read_word(at, cfa + (guint64)(gint64)rule->rbp_offset, &rbp);
    at->rsp = cfa;
    at->lookup = return_address - 1;
    if (has_rbp)
        finish(at, rbp);
    return !has_rbp;
}

/* musl has no unwind information for where threads begin. */
static gboolean is_entry(Position *at)
{
    const RsSpaceEntry *entry = rs_space_find(at->space, at->lookup);

    return entry && rs_code_is_outermost(entry, at->stack->live_pid, at->lookup + 1);
}

static void walk_by_rsp(Position *at)
{
    for (guint i = 0; i < N_MAX_BY_RSP; i++) {
        gboolean has_rule = find_rule(at);

        if (has_rule && at->rule->cfa_kind != RS_CFA_RSP && at->rule->cfa_kind != RS_CFA_END &&
            at->rule->cfa_kind != RS_CFA_RBP && at->rule->cfa_kind != RS_CFA_DEREF_RBP) {
            /* No rbp is needed, or nothing is known of it: a signal frame, a PLT entry, ... */
            finish(at, 0);
            return;
        }
        if (!add_frame(at))
            return;
        if (!has_rule || at->rule->cfa_kind == RS_CFA_END) {
            at->walk->end = has_rule || is_entry(at) ? RS_STACK_COMPLETE : RS_STACK_NO_RULE;
            return;
        }
        if (at->rule->cfa_kind != RS_CFA_RSP) {
            walk_without_rbp(at);
            return;
        }
        if (!step(at))
            return;
    }
    at->walk->end = RS_STACK_TOO_DEEP;
}

gboolean rs_blocked_walk_at(RsUnwinder *unwinder, RsSpace *space, int syscall_fd,
                            const RsBlocked *blocked, RsWalk *walk)
{
    guint8 bytes[COPY_BYTES];
    struct iovec local = {bytes, sizeof bytes};
    struct iovec remote = {(void *)(uintptr_t)blocked->sp, sizeof bytes};
    RsStackCopy stack = {.base = blocked->sp, .bytes = bytes, .live_pid = rs_space_pid(space)};
    Position at = {
        .unwinder = unwinder,
        .space = space,
        .stack = &stack,
        .walk = walk,
        .lookup = blocked->pc,
        .rsp = blocked->sp,
    };
    RsBlocked after;
    /* Stops short where the stack ends. */
    gssize n_bytes = process_vm_readv(stack.live_pid, &local, 1, &remote, 1, 0);

    if (n_bytes <= 0)
        return FALSE;
    stack.n_bytes = (gsize)n_bytes;
    walk->n_frames = 0;
    walk->was_slow = FALSE;
    rs_unwinder_forget(unwinder);
    walk_by_rsp(&at);
    walk->is_late = FALSE; /* it stood still */
    return walk->n_frames > 0 && rs_blocked_read(syscall_fd, &after) && is_same(blocked, &after);
}

gboolean rs_blocked_walk(RsUnwinder *unwinder, RsSpace *space, pid_t tid, RsWalk *walk)
{
    int dir_fd = rs_proc_open_dir(rs_space_pid(space)), fd = -1;
    char path[48];
    RsBlocked blocked;
    gboolean is_walked;

    g_snprintf(path, sizeof path, "task/%d/syscall", (int)tid);
    if (dir_fd >= 0) {
        fd = rs_proc_open(dir_fd, path);
        close(dir_fd);
    }
    if (fd < 0)
        return FALSE;
    is_walked =
        rs_blocked_read(fd, &blocked) && rs_blocked_walk_at(unwinder, space, fd, &blocked, walk);
    close(fd);
    return is_walked;
}
