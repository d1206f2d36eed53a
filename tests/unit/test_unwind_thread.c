/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A thread from the first instruction on, which has no unwind information: stopped by the kernel
 * where it was made, and executed one instruction after the other. */
#include "capture/unwind.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/stop_sample.h"
#include "tests/unit/run.h"

#define FRAMES_LIMIT 256
#define STACK_LIMIT  ((gsize)1 << 20)
#define N_STEPS      40

static RsModules *modules;
static RsTasks *tasks;
static RsSpaces *spaces;
static RsUnwinder *unwinder;
static pid_t process, thread; /* 0: none */
static StopSample sample;
static RsRawFrame frames[FRAMES_LIMIT];
static RsWalk walk;

static void set_up(void)
{
    modules = rs_modules_new();
    tasks = rs_tasks_new();
    spaces = rs_spaces_new(modules, tasks);
    unwinder = rs_unwinder_new(spaces);
    process = thread = 0;
}

static void tear_down(void)
{
    if (process) {
        kill(process, SIGKILL);
        while (waitpid(-1, NULL, __WALL) > 0 || errno == EINTR)
            ;
    }
    stop_sample_clear(&sample);
    rs_unwinder_free(unwinder);
    rs_spaces_free(spaces);
    rs_tasks_free(tasks);
    rs_modules_free(modules);
}

static int wait_for(pid_t pid)
{
    int status = 0;

    while (waitpid(pid, &status, __WALL) < 0)
        ck_assert_int_eq(errno, EINTR);
    ck_assert(WIFSTOPPED(status));
    return status;
}

/* A program that makes a thread, both stopped right then. FALSE: not permitted here. */
static gboolean start(void)
{
    const char *build = g_getenv("BUILD") ? g_getenv("BUILD") : "build/release";
    g_autofree char *path = g_build_filename(build, "tests", "programs", "workers", NULL);
    unsigned long made = 0;
    int status;

    process = fork();
    if (process == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0)
            execl(path, path, "2", "0", NULL);
        _exit(127);
    }
    ck_assert_int_gt(process, 0);
    while (waitpid(process, &status, 0) < 0)
        ck_assert_int_eq(errno, EINTR);
    if (!WIFSTOPPED(status)) {
        process = 0;
        printf("SKIP: ptrace is not permitted, or there is no such program\n");
        return FALSE;
    }
    ck_assert_int_eq(ptrace(PTRACE_SETOPTIONS, process, NULL, PTRACE_O_TRACECLONE), 0);
    do
        ck_assert_int_eq(ptrace(PTRACE_CONT, process, NULL, NULL), 0);
    while (wait_for(process) >> 8 != (SIGTRAP | PTRACE_EVENT_CLONE << 8));
    ck_assert_int_eq(ptrace(PTRACE_GETEVENTMSG, process, NULL, &made), 0);
    thread = (pid_t)made;
    wait_for(thread);
    ck_assert(rs_spaces_load(spaces, process));
    return TRUE;
}

static void walk_thread(pid_t tid, int row)
{
    ck_assert(stop_sample_take(&sample, process, tid, STACK_LIMIT));
    walk = (RsWalk){.frames = frames, .n_max_frames = FRAMES_LIMIT};
    rs_unwinders[row].walk(unwinder, rs_spaces_find(spaces, process), &sample.registers,
                           &sample.copy, &walk);
}

/* Rows 0 and 1: tables, and libunwind alone. */
START_TEST(a_new_thread_is_outermost_from_its_first_instruction_on)
{
    guint n_most = 0;

    if (!start())
        return;
    for (guint i = 0; i < N_STEPS; i++) {
        walk_thread(thread, _i);
        ck_assert_msg(walk.end == RS_STACK_COMPLETE, "%u instructions on it is %s", i,
                      rs_stack_end_names[walk.end]);
        ck_assert(i > 0 || walk.n_frames == 1);
        n_most = MAX(n_most, walk.n_frames);
        ck_assert(stop_step(thread));
    }
    ck_assert_uint_ge(n_most, 2); /* it is in the C library's function for threads by then */
}
END_TEST

START_TEST(what_an_older_thread_left_on_a_new_ones_stack_is_not_walked)
{
    guint64 left = 0;
    struct iovec local = {&left, sizeof left}, remote = {NULL, sizeof left};

    if (!start())
        return;
    walk_thread(process, 0);
    ck_assert_int_eq(walk.end, RS_STACK_COMPLETE);
    ck_assert_uint_ge(walk.n_frames, 4); /* clone, those that make threads, main, _start */
    memcpy(&left, sample.bytes + (sample.registers.r[RS_REG_RSP] - sample.copy.base), sizeof left);
    walk_thread(thread, 0);
    remote.iov_base = (void *)(guintptr)sample.registers.r[RS_REG_RSP];
    ck_assert_int_eq(process_vm_writev(process, &local, 1, &remote, 1, 0), sizeof left);
    walk_thread(thread, _i);
    ck_assert_int_eq(walk.end, RS_STACK_COMPLETE);
    ck_assert_uint_eq(walk.n_frames, 1);
}
END_TEST

START_TEST(who_makes_a_thread_is_walked_from_every_instruction)
{
    if (!start())
        return;
    for (guint i = 0; i < N_STEPS; i++) {
        walk_thread(process, _i);
        ck_assert_int_eq(walk.end, RS_STACK_COMPLETE);
        ck_assert_uint_ge(walk.n_frames, 4);
        ck_assert(stop_step(process));
    }
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("unwind_thread");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, a_new_thread_is_outermost_from_its_first_instruction_on, 0, 2);
    tcase_add_loop_test(tcase, what_an_older_thread_left_on_a_new_ones_stack_is_not_walked, 0, 2);
    tcase_add_loop_test(tcase, who_makes_a_thread_is_walked_from_every_instruction, 0, 2);
    return run_tests("unwind_thread", tcase);
}
