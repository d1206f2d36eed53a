/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Real stacks of a program of ours, stopped. Three judges: libunwind's row, frame for frame on the
 * same samples; gdb, on a stopped process; and a list of return addresses that is kept while the
 * program is executed one instruction after the other. */
#include "capture/unwind.h"

#include <check.h>
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/support/gdb_frames.h"
#include "tests/support/stop_sample.h"
#include "tests/unit/run.h"

#define FRAMES_LIMIT RS_UNWIND_MAX_FRAMES
#define STACK_LIMIT  ((gsize)16 << 20)

static RsModules *modules;
static RsTasks *tasks;
static RsSpaces *spaces;
static RsSpace *space;
static RsUnwinder *unwinder;
static StopTarget target;
static gboolean has_target;
static StopSample sample;
static RsRawFrame frames[2][FRAMES_LIMIT];
static RsWalk walks[2];

enum { TABLE, LIBUNWIND, FRAME_POINTER }; /* rows */

static void set_up(void)
{
    modules = rs_modules_new();
    tasks = rs_tasks_new();
    spaces = rs_spaces_new(modules, tasks);
    unwinder = rs_unwinder_new(spaces);
    has_target = FALSE;
}

static void tear_down(void)
{
    if (has_target)
        stop_target_end(&target);
    stop_sample_clear(&sample);
    rs_unwinder_free(unwinder);
    rs_spaces_free(spaces);
    rs_tasks_free(tasks);
    rs_modules_free(modules);
}

/* Starts the program as that kind and waits until it is there. */
static void start(const char *kind)
{
    const char *build = g_getenv("BUILD") ? g_getenv("BUILD") : "build/release";
    g_autofree char *path = g_build_filename(build, "tests", "programs", "unwind_target", NULL);

    ck_assert(stop_target_start(&target, (const char *const[]){path, kind, NULL}));
    has_target = TRUE;
    ck_assert(stop_target_wait_ready(&target));
    ck_assert(rs_spaces_load(spaces, target.pid));
    space = rs_spaces_find(spaces, target.pid);
    ck_assert_ptr_nonnull(space);
}

/* FALSE: this machine does not let us; the test is skipped. */
static gboolean seize(pid_t tid)
{
    if (stop_seize(tid))
        return TRUE;
    printf("SKIP: ptrace: %s\n", g_strerror(errno));
    return FALSE;
}

static gboolean start_stopped(const char *kind)
{
    start(kind);
    if (!seize(target.pid))
        return FALSE;
    ck_assert(stop_interrupt(target.pid));
    ck_assert(stop_sample_take(&sample, target.pid, target.pid, STACK_LIMIT));
    return TRUE;
}

static void walk(int row, const RsStackCopy *copy)
{
    RsWalk *result = &walks[row == TABLE ? 0 : 1];

    *result = (RsWalk){.frames = frames[row == TABLE ? 0 : 1], .n_max_frames = FRAMES_LIMIT};
    rs_unwinders[row].walk(unwinder, space, &sample.registers, copy, result);
}

/* Walks with both rows and holds them to give the same. */
static void walk_both(const RsStackCopy *copy)
{
    walk(TABLE, copy);
    walk(LIBUNWIND, copy);
    ck_assert_uint_eq(walks[0].n_frames, walks[1].n_frames);
    for (guint i = 0; i < walks[0].n_frames; i++) {
        ck_assert_uint_eq(frames[0][i].module, frames[1][i].module);
        ck_assert_uint_eq(frames[0][i].address, frames[1][i].address);
    }
    ck_assert_int_eq(walks[0].end, walks[1].end);
}

static void walk_whole(void)
{
    walk_both(&sample.copy);
    ck_assert_int_eq(walks[0].end, RS_STACK_COMPLETE);
    ck_assert(!walks[0].is_late);
}

/* The frame as an address of the process: that of the instruction, or within the call. */
static guint64 process_address(const RsRawFrame *frame)
{
    guint n_entries;
    const RsSpaceEntry *entries = rs_space_entries(space, &n_entries);

    for (guint i = 0; i < n_entries; i++) {
        guint64 address = frame->address + entries[i].bias;

        if (rs_module_id(entries[i].module) == frame->module && address >= entries[i].start &&
            address < entries[i].end)
            return address;
    }
    ck_abort_msg("a frame outside of all mappings: %lx", (gulong)frame->address);
}

/* --- against gdb --- */

/* Compares walks[0] with gdb's frames of that thread. */
static void expect_gdb_frames(const GArray *wanted, gint32 tid)
{
    guint n = 0;

    for (guint i = 0; i < wanted->len; i++) {
        const GdbFrame *frame = &g_array_index(wanted, GdbFrame, i);

        if (frame->tid != tid)
            continue;
        ck_assert_uint_lt(n, walks[0].n_frames);
        ck_assert_uint_eq(process_address(&frames[0][n]), frame->address);
        n++;
    }
    ck_assert_uint_eq(n, walks[0].n_frames);
}

/* Stops the process as a whole, so that it stays when we let go and gdb comes. */
static void compare_with_gdb(const char *kind, guint n_min_frames, guint n_threads)
{
    g_autoptr(GArray) threads = NULL, wanted = NULL;

    start(kind);
    kill(target.pid, SIGSTOP);
    threads = stop_threads(target.pid);
    ck_assert_uint_eq(threads->len, n_threads);
    wanted = gdb_frames(target.pid);
    if (!wanted) {
        printf("SKIP: gdb cannot be used here\n");
        return;
    }
    for (guint i = 0; i < threads->len; i++) {
        gint32 tid = g_array_index(threads, gint32, i);

        if (!seize(tid))
            return;
        ck_assert(stop_interrupt(tid));
        ck_assert(stop_sample_take(&sample, target.pid, tid, STACK_LIMIT));
        sample.copy.live_pid = target.pid; /* a handler's stack goes on elsewhere */
        walk_both(&sample.copy);
        ck_assert_int_eq(walks[0].end, RS_STACK_COMPLETE);
        expect_gdb_frames(wanted, tid);
        if (tid == target.pid)
            ck_assert_uint_ge(walks[0].n_frames, n_min_frames);
        stop_release(tid);
    }
}

START_TEST(frames_are_those_of_gdb)
{
    static const struct {
        const char *kind;
        guint n_min_frames, n_threads;
    } cases[] = {{"deep", 10003, 1},     {"large", 7, 1},       {"aligned", 9, 1}, {"signal", 8, 1},
                 {"signal-stack", 8, 1}, {"vdso", 3, 1},        {"threads", 4, 5}, {"calls", 3, 1},
                 {"bare", 6, 1},         {"bare-signal", 8, 1}, {"slow", 8, 1}};

    compare_with_gdb(cases[_i].kind, cases[_i].n_min_frames, cases[_i].n_threads);
}
END_TEST

/* --- step by step --- */

static gboolean code_at(guint64 address, guint8 *bytes, gsize n_bytes)
{
    struct iovec local = {bytes, n_bytes}, remote = {(void *)(guintptr)address, n_bytes};

    return process_vm_readv(target.pid, &local, 1, &remote, 1, 0) == (ssize_t)n_bytes;
}

typedef enum { OTHER, CALL, RETURN } Kind;

/* What the instruction at address does to the stack of return addresses, as far as it is a call or
 * a return in its usual encodings. */
static Kind kind_at(guint64 address)
{
    guint8 code[4];
    guint i = 0;

    ck_assert(code_at(address, code, sizeof code));
    while (i < 3 && (code[i] == 0xf2 || code[i] == 0xf3 || code[i] == 0x3e ||
                     (code[i] & 0xf0) == 0x40)) /* prefixes: bnd, rep, notrack, REX */
        i++;
    if (code[i] == 0xc3)
        return RETURN;
    if (code[i] == 0xe8 || (i < 3 && code[i] == 0xff && (code[i + 1] >> 3 & 7) == 2))
        return CALL;
    return OTHER;
}

/* lea -8(%r10), %rsp; ret: the end of a function that realigns its stack. gcc's unwind information
 * says of both that rbp is still to be read from where rbp points to, but it was popped already.
 * libunwind believes it. */
static gboolean is_behind_popped_rbp(guint64 address)
{
    static const guint8 end[] = {0x49, 0x8d, 0x62, 0xf8, 0xc3};
    guint8 code[sizeof end];

    return (code_at(address, code, sizeof code) && memcmp(code, end, sizeof end) == 0) ||
           (code_at(address - 4, code, sizeof code) && memcmp(code, end, sizeof end) == 0);
}

/* Walks and compares with the return addresses that are to be on the stack. */
static void expect_returns(const GArray *returns)
{
    walk(TABLE, &sample.copy);
    ck_assert_int_eq(walks[0].end, RS_STACK_COMPLETE);
    ck_assert_uint_eq(process_address(&frames[0][0]), sample.registers.r[RS_REG_RIP]);
    ck_assert_uint_eq(walks[0].n_frames, returns->len + 1);
    for (guint i = 0; i < returns->len; i++)
        ck_assert_uint_eq(process_address(&frames[0][i + 1]),
                          g_array_index(returns, guint64, returns->len - 1 - i) - 1);
}

/* Whether a frame is of that kind of module. */
static gboolean has_module_of(RsModuleKind kind)
{
    for (guint i = 0; i < walks[0].n_frames; i++)
        if (rs_module_kind(rs_modules_by_id(modules, frames[0][i].module)) == kind)
            return TRUE;
    return FALSE;
}

static guint n_in_vdso; /* steps */

static void step_through(const char *kind, guint n_steps, guint *n_calls, guint *n_returns)
{
    g_autoptr(GArray) returns = g_array_new(FALSE, FALSE, sizeof(guint64));
    guint64 rsp, rip;

    *n_calls = *n_returns = 0;
    if (!start_stopped(kind))
        return;
    walk_whole();
    for (guint i = walks[0].n_frames - 1; i > 0; i--) {
        guint64 address = process_address(&frames[0][i]) + 1;

        g_array_append_val(returns, address);
    }
    for (guint i = 0; i < n_steps; i++) {
        Kind step = kind_at(sample.registers.r[RS_REG_RIP]);

        rsp = sample.registers.r[RS_REG_RSP];
        ck_assert(stop_step(target.pid));
        ck_assert(stop_sample_take(&sample, target.pid, target.pid, STACK_LIMIT));
        rip = sample.registers.r[RS_REG_RIP];
        if (step == CALL && sample.registers.r[RS_REG_RSP] == rsp - 8) {
            guint64 address;

            ck_assert(code_at(rsp - 8, (guint8 *)&address, sizeof address));
            g_array_append_val(returns, address);
            ++*n_calls;
        } else if (step == RETURN) {
            /* _dl_runtime_resolve is jumped to, and leaves by a jump; a return to elsewhere would
             * be a list gone wrong */
            ck_assert_uint_eq(rip, g_array_index(returns, guint64, returns->len - 1));
            g_array_set_size(returns, returns->len - 1);
            ++*n_returns;
        }
        expect_returns(returns);
        n_in_vdso += has_module_of(RS_MODULE_VDSO);
        if (!is_behind_popped_rbp(rip))
            walk_both(&sample.copy);
    }
}

START_TEST(every_instruction_of_all_kinds_of_calls_has_the_return_addresses_that_were_pushed)
{
    guint n_calls, n_returns;

    step_through("calls", 20000, &n_calls, &n_returns);
    if (!n_calls)
        return;
    ck_assert_uint_gt(n_calls, 200);
    ck_assert_uint_gt(n_returns, 200);
}
END_TEST

START_TEST(the_vdso_is_walked_from_every_instruction)
{
    guint n_calls, n_returns;

    /* It may take for ever to return: it reads the clock again when that has ticked meanwhile. */
    n_in_vdso = 0;
    step_through("vdso", 5000, &n_calls, &n_returns);
    ck_assert(n_in_vdso > 50 || !has_target || sample.copy.n_bytes == 0);
}
END_TEST

/* --- code without unwind information --- */

START_TEST(code_in_anonymous_memory_is_walked_by_its_frame_pointer)
{
    if (!start_stopped("jit"))
        return;
    walk_whole();
    ck_assert(has_module_of(RS_MODULE_JIT));
    ck_assert_uint_ge(walks[0].n_frames, 6); /* spin, the code, jit, main, two of libc, _start */
}
END_TEST

/* In vfork, behind its system call: the return address was popped and is in rdi, and nothing of the
 * function is on the stack. */
START_TEST(a_return_address_in_a_register_is_found)
{
    static const guint8 wanted[] = {0x5f, 0xb8, 0x3a, 0, 0, 0, 0x0f, 0x05}; /* pop; mov; syscall */
    const guint8 *ours = dlsym(RTLD_DEFAULT, "vfork");
    guint64 vaddr, rip;
    guint n_frames, n_entries;
    const RsSpaceEntry *entries, *own;

    if (memcmp(ours, wanted, sizeof wanted) != 0) {
        printf("SKIP: vfork of this C library does something else\n");
        return;
    }
    if (!start_stopped("aligned"))
        return;
    walk_whole();
    n_frames = walks[0].n_frames;
    ck_assert(rs_spaces_load(spaces, getpid()));
    own = rs_space_find(rs_spaces_find(spaces, getpid()), (guint64)(guintptr)ours);
    vaddr = (guint64)(guintptr)ours + sizeof wanted - own->bias;
    entries = rs_space_entries(space, &n_entries);
    rip = sample.registers.r[RS_REG_RIP];
    for (guint i = 0; i < n_entries; i++)
        if (entries[i].module == own->module)
            sample.registers.r[RS_REG_RIP] = vaddr + entries[i].bias;
    ck_assert_uint_ne(sample.registers.r[RS_REG_RIP], rip);
    sample.registers.r[RS_REG_RDI] = rip + 1; /* it is looked up at one less */
    walk_whole();
    ck_assert_uint_eq(walks[0].n_frames, n_frames + 1);
    ck_assert_uint_eq(frames[0][0].address, vaddr);
    ck_assert_uint_eq(process_address(&frames[0][1]), rip);
}
END_TEST

START_TEST(frame_pointers_alone_end_where_there_are_none)
{
    if (!start_stopped("aligned"))
        return;
    walk_whole();
    walk(FRAME_POINTER, &sample.copy);
    ck_assert_uint_ge(walks[1].n_frames, 1);
    ck_assert_uint_eq(frames[1][0].address, frames[0][0].address);
    ck_assert_uint_lt(walks[1].n_frames, walks[0].n_frames);
}
END_TEST

START_TEST(libunwind_helps_where_a_rule_needs_more_than_the_table_has)
{
    if (!start_stopped("slow"))
        return;
    walk_whole();
    ck_assert(walks[0].was_slow);
    ck_assert_uint_ge(walks[0].n_frames, 8); /* spin, the two, slow, main, two of libc, _start */
}
END_TEST

START_TEST(a_frame_without_a_rule_that_pushed_something_ends_the_walk)
{
    static const guint8 loop[] = {0xf3, 0x90, 0xeb, 0xfc}; /* pause; jmp to it */
    guint8 code[sizeof loop] = {0};

    if (!start_stopped("bare-pushed"))
        return;
    /* it says that it is there a little before it is */
    for (guint i = 0; i < 10000 && memcmp(code, loop, sizeof loop) != 0; i++) {
        ck_assert(stop_step(target.pid));
        ck_assert(stop_sample_take(&sample, target.pid, target.pid, STACK_LIMIT));
        ck_assert(code_at(sample.registers.r[RS_REG_RIP], code, sizeof code));
    }
    ck_assert_int_eq(memcmp(code, loop, sizeof loop), 0);
    walk_both(&sample.copy);
    ck_assert_int_eq(walks[0].end, RS_STACK_NO_RULE);
    ck_assert_uint_eq(walks[0].n_frames, 1);
}
END_TEST

/* --- stacks that were cut --- */

START_TEST(a_stack_that_was_cut_says_so_and_a_live_one_is_completed_late)
{
    static RsRawFrame whole[FRAMES_LIMIT];
    guint n_whole;
    RsStackCopy cut;

    if (!start_stopped("large"))
        return;
    walk_whole();
    n_whole = walks[0].n_frames;
    memcpy(whole, frames[0], n_whole * sizeof *whole);
    cut = sample.copy;
    cut.n_bytes = 1024;
    walk_both(&cut);
    ck_assert_int_eq(walks[0].end, RS_STACK_CUT_COPY);
    ck_assert(!walks[0].is_late);
    ck_assert_uint_lt(walks[0].n_frames, n_whole);
    ck_assert_uint_ge(walks[0].n_frames, 1);
    cut.live_pid = target.pid;
    walk_both(&cut);
    ck_assert_int_eq(walks[0].end, RS_STACK_COMPLETE);
    ck_assert(walks[0].is_late);
    ck_assert_uint_eq(walks[0].n_frames, n_whole);
    ck_assert_int_eq(memcmp(whole, frames[0], n_whole * sizeof *whole), 0);
}
END_TEST

START_TEST(a_handlers_own_stack_goes_on_late_behind_it)
{
    guint n_whole;
    RsStackCopy cut;

    if (!start_stopped("signal-stack"))
        return;
    cut = sample.copy;
    cut.live_pid = target.pid;
    walk_both(&cut);
    ck_assert_int_eq(walks[0].end, RS_STACK_COMPLETE);
    ck_assert(walks[0].is_late);
    n_whole = walks[0].n_frames;
    cut.live_pid = 0;
    walk_both(&cut);
    ck_assert_int_eq(walks[0].end, RS_STACK_CUT_COPY);
    ck_assert_uint_lt(walks[0].n_frames, n_whole);
}
END_TEST

/* Whether what comes before it can be read as a call of any form. */
static gboolean may_follow_call(guint64 address)
{
    guint8 code[7];

    ck_assert(code_at(address - sizeof code, code, sizeof code));
    return code[2] == 0xe8 || memchr(code, 0xff, sizeof code) != NULL;
}

/* Replaces a return address beyond the copy, wherever it stands, by an address of the same function
 * that no call precedes. Returns how many there were. */
static guint falsify_return(guint64 address, gsize n_copied)
{
    guint64 wrong = address + 1;
    guint n_replaced = 0;

    while (may_follow_call(wrong))
        wrong++;
    for (gsize i = n_copied; i + 8 <= sample.copy.n_bytes; i += 8) {
        struct iovec local = {&wrong, 8}, remote = {(void *)(guintptr)(sample.copy.base + i), 8};

        if (memcmp(sample.bytes + i, &address, 8) == 0) {
            ck_assert_int_eq(process_vm_writev(target.pid, &local, 1, &remote, 1, 0), 8);
            n_replaced++;
        }
    }
    return n_replaced;
}

START_TEST(what_came_late_and_is_no_return_address_is_not_believed)
{
    guint64 returns[16];
    RsStackCopy cut;
    guint n_returns, falsified;

    if (!start_stopped("large"))
        return;
    walk_whole();
    n_returns = MIN(walks[0].n_frames, G_N_ELEMENTS(returns));
    for (guint i = 0; i < n_returns; i++)
        returns[i] = process_address(&frames[0][i]) + 1;
    cut = sample.copy;
    cut.n_bytes = 1024;
    walk_both(&cut);
    ck_assert_int_eq(walks[0].end, RS_STACK_CUT_COPY);
    /* it may still be telling us that it is there: the large frames are further up then */
    falsified = walks[0].n_frames;
    while (falsified < n_returns && !falsify_return(returns[falsified], cut.n_bytes))
        falsified++;
    ck_assert_uint_lt(falsified, n_returns);
    cut.live_pid = target.pid;
    walk_both(&cut);
    ck_assert_int_eq(walks[0].end, RS_STACK_CUT_COPY);
    ck_assert_uint_le(walks[0].n_frames, falsified);
}
END_TEST

START_TEST(wild_registers_end_a_walk_and_nothing_else)
{
    static const guint64 wild[] = {
        0, 1, 7, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff, 0xfffffffffffffff8};
    RsRegisters right;

    if (!start_stopped("calls"))
        return;
    right = sample.registers;
    for (guint i = 0; i < RS_N_REGS; i++)
        for (guint j = 0; j < G_N_ELEMENTS(wild); j++) {
            sample.registers = right;
            sample.registers.r[i] = wild[j];
            walk(TABLE, &sample.copy);
            walk(LIBUNWIND, &sample.copy);
            walk(FRAME_POINTER, &sample.copy);
        }
    sample.registers = right;
    sample.registers.r[RS_REG_RIP] = 0x1234;
    walk(TABLE, &sample.copy);
    ck_assert_int_eq(walks[0].end, RS_STACK_BAD_ADDRESS);
    ck_assert_uint_eq(walks[0].n_frames, 1);
    ck_assert_uint_eq(frames[0][0].module, RS_MODULE_ID_UNKNOWN);
    ck_assert_uint_eq(frames[0][0].address, 0x1234);
}
END_TEST

START_TEST(a_walk_ends_where_there_is_no_room_for_frames)
{
    if (!start_stopped("deep"))
        return;
    walks[0] = (RsWalk){.frames = frames[0], .n_max_frames = 100};
    rs_unwind(unwinder, space, &sample.registers, &sample.copy, &walks[0]);
    ck_assert_int_eq(walks[0].end, RS_STACK_TOO_DEEP);
    ck_assert_uint_eq(walks[0].n_frames, 100);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("stacks");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, 300);
    tcase_add_loop_test(tcase, frames_are_those_of_gdb, 0, 11);
    tcase_add_test(
        tcase, every_instruction_of_all_kinds_of_calls_has_the_return_addresses_that_were_pushed);
    tcase_add_test(tcase, the_vdso_is_walked_from_every_instruction);
    tcase_add_test(tcase, code_in_anonymous_memory_is_walked_by_its_frame_pointer);
    tcase_add_test(tcase, a_return_address_in_a_register_is_found);
    tcase_add_test(tcase, frame_pointers_alone_end_where_there_are_none);
    tcase_add_test(tcase, libunwind_helps_where_a_rule_needs_more_than_the_table_has);
    tcase_add_test(tcase, a_frame_without_a_rule_that_pushed_something_ends_the_walk);
    tcase_add_test(tcase, a_stack_that_was_cut_says_so_and_a_live_one_is_completed_late);
    tcase_add_test(tcase, a_handlers_own_stack_goes_on_late_behind_it);
    tcase_add_test(tcase, what_came_late_and_is_no_return_address_is_not_believed);
    tcase_add_test(tcase, wild_registers_end_a_walk_and_nothing_else);
    tcase_add_test(tcase, a_walk_ends_where_there_is_no_room_for_frames);
    return run_tests("unwind", tcase);
}
