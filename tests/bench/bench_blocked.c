/* SPDX-License-Identifier: GPL-3.0-or-later */
/* us of CPU time for the stack of a blocked thread: without stopping it, with ptrace (stop,
 * registers, a copy of the stack, go on; the same unwinder), and with gdb. And us for a look at all
 * threads for their locks, when they have just begun to wait and when they go on waiting. Needs
 * tests/programs/waiters beside it. */
#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "capture/locks.h"
#include "capture/locks/blocked.h"

#define N_ROUNDS    9
#define N_WALKS     50
#define N_MAX_TIDS  64
#define N_FRAMES    256
#define STACK_BYTES 16384

static pid_t tids[N_MAX_TIDS];
static guint n_tids;

/* Of our CPU time: what the machine does meanwhile does not count, nor what the stopped thread
 * takes to stop. */
static double now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Its pid; its threads in tids. */
static pid_t start_waiters(const char *own_path, int *to_target, FILE **from_target)
{
    g_autofree char *folder = g_path_get_dirname(own_path);
    g_autofree char *path = g_build_filename(folder, "..", "programs", "waiters", NULL);
    int commands[2], answers[2];
    char line[256];
    pid_t pid;

    if (pipe2(commands, O_CLOEXEC) != 0 || pipe2(answers, O_CLOEXEC) != 0 || (pid = fork()) < 0)
        exit(3);
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(commands[0], 0);
        dup2(answers[1], 1);
        execl(path, "waiters", NULL);
        _exit(127);
    }
    close(answers[1]);
    *to_target = commands[1];
    *from_target = fdopen(answers[0], "r");
    while (fgets(line, sizeof line, *from_target) && !g_str_has_prefix(line, "ready")) {
        int tid;

        if (sscanf(line, "thread %*s %d", &tid) == 1 && n_tids < N_MAX_TIDS)
            tids[n_tids++] = tid;
    }
    return pid;
}

/* --- ways to a stack --- */

/* As looks at locks do: the file stays open. */
static guint walk_unstopped(RsUnwinder *unwinder, RsSpace *space, pid_t tid, RsWalk *walk)
{
    static int fds[N_MAX_TIDS];
    RsBlocked blocked;
    char path[64];
    guint i = 0;

    while (tids[i] != tid)
        i++;
    g_snprintf(path, sizeof path, "/proc/%d/task/%d/syscall", (int)rs_space_pid(space), (int)tid);
    if (fds[i] == 0)
        fds[i] = open(path, O_RDONLY | O_CLOEXEC);
    return rs_blocked_read(fds[i], &blocked) &&
                   rs_blocked_walk_at(unwinder, space, fds[i], &blocked, walk)
               ? walk->n_frames
               : 0;
}

static guint walk_stopped(RsUnwinder *unwinder, RsSpace *space, pid_t tid, RsWalk *walk)
{
    static guint8 bytes[STACK_BYTES];
    struct user_regs_struct user;
    struct iovec registers_at = {&user, sizeof user}, local = {bytes, sizeof bytes}, remote;
    RsStackCopy stack = {.bytes = bytes, .live_pid = rs_space_pid(space)};
    RsRegisters registers = {0};
    gssize n_bytes;
    int status;

    if (ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) != 0 || waitpid(tid, &status, __WALL) != tid ||
        ptrace(PTRACE_GETREGSET, tid, (void *)NT_PRSTATUS, &registers_at) != 0)
        return 0;
    remote = (struct iovec){(void *)(uintptr_t)user.rsp, sizeof bytes};
    n_bytes = process_vm_readv(tid, &local, 1, &remote, 1, 0);
    ptrace(PTRACE_CONT, tid, NULL, NULL);
    if (n_bytes <= 0)
        return 0;
    registers.r[RS_REG_RIP] = user.rip;
    registers.r[RS_REG_RSP] = stack.base = user.rsp;
    registers.r[RS_REG_RBP] = user.rbp;
    stack.n_bytes = (gsize)n_bytes;
    rs_unwind(unwinder, space, &registers, &stack, walk);
    return walk->n_frames;
}

typedef guint (*Way)(RsUnwinder *unwinder, RsSpace *space, pid_t tid, RsWalk *walk);

/* The median over rounds; *frames: of one walk, on average. */
static double walk_us(Way way, RsUnwinder *unwinder, RsSpace *space, double *n_frames)
{
    static RsRawFrame frames[N_FRAMES];
    double rounds[N_ROUNDS];
    guint64 n_found = 0;

    for (guint round = 0; round < N_ROUNDS; round++) {
        double start_us = now_us();

        for (guint i = 0; i < N_WALKS * n_tids; i++) {
            RsWalk walk = {.frames = frames, .n_max_frames = N_FRAMES};

            n_found += way(unwinder, space, tids[i % n_tids], &walk);
        }
        rounds[round] = (now_us() - start_us) / (N_WALKS * n_tids);
    }
    qsort(rounds, N_ROUNDS, sizeof *rounds, by_value);
    *n_frames = (double)n_found / (N_ROUNDS * N_WALKS * n_tids);
    return rounds[N_ROUNDS / 2];
}

static double gdb_us(pid_t pid)
{
    g_autofree char *text = g_strdup_printf("%d", (int)pid), *out = NULL;
    char *argv[] = {(char *)"gdb",
                    (char *)"-nx",
                    (char *)"-batch",
                    (char *)"-ex",
                    (char *)"set debuginfod enabled off",
                    (char *)"-p",
                    text,
                    (char *)"-ex",
                    (char *)"thread apply all bt",
                    NULL};
    gint64 start_us = g_get_monotonic_time();

    if (!g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL,
                      NULL, &out, NULL, NULL, NULL))
        return -1;
    return (double)(g_get_monotonic_time() - start_us) / n_tids;
}

/* --- looks --- */

static void compare_looks(RsModules *modules, pid_t pid, const char *what)
{
    double first[N_ROUNDS], again[N_ROUNDS];
    const char *why = "";
    guint n_waits = 0;

    for (guint round = 0; round < N_ROUNDS; round++) {
        g_autoptr(RsLocks) locks = rs_locks_new(modules);
        const GArray *waits;
        double start_us = now_us();

        waits = rs_locks_look(locks, pid, g_get_monotonic_time() * 1000, &why);
        if (!waits) {
            printf("SKIP: %s\n", why);
            exit(0);
        }
        n_waits = waits->len;
        first[round] = now_us() - start_us;
        for (guint i = 0; i < 20; i++) /* until every stack is known */
            rs_locks_look(locks, pid, g_get_monotonic_time() * 1000, &why);
        start_us = now_us();
        for (guint i = 0; i < 20; i++)
            rs_locks_look(locks, pid, g_get_monotonic_time() * 1000, &why);
        again[round] = (now_us() - start_us) / 20;
    }
    qsort(first, N_ROUNDS, sizeof *first, by_value);
    qsort(again, N_ROUNDS, sizeof *again, by_value);
    printf("look at %s, %u waits seen: the first %.0f us, then %.0f us (10 a second: %.2f %% of a "
           "CPU)\n",
           what, n_waits, first[N_ROUNDS / 2], again[N_ROUNDS / 2], again[N_ROUNDS / 2] * 10 / 1e4);
}

int main(int argc, char **argv)
{
    RsModules *modules = rs_modules_new();
    RsTasks *tasks = rs_tasks_new();
    RsSpaces *spaces = rs_spaces_new(modules, tasks);
    RsUnwinder *unwinder = rs_unwinder_new(spaces);
    double ours, stopped = -1, gdb, n_frames, n_stopped_frames = 0;
    char answer[64];
    FILE *from_target;
    int to_target;
    pid_t pid = start_waiters(argv[0], &to_target, &from_target);
    RsSpace *space;

    if (n_tids == 0 || !rs_spaces_load(spaces, pid))
        return 3;
    space = rs_spaces_find(spaces, pid);
    setlinebuf(stdout);
    ours = walk_us(walk_unstopped, unwinder, space, &n_frames);
    gdb = gdb_us(pid);
    compare_looks(modules, pid, "14 threads");
    if (write(to_target, "m", 1) == 1 && fgets(answer, sizeof answer, from_target))
        compare_looks(modules, pid, "414 threads, 128 at a time");
    for (guint i = 0; i < n_tids; i++) {
        if (ptrace(PTRACE_SEIZE, tids[i], NULL, NULL) != 0)
            n_tids = 0;
    }
    if (n_tids > 0)
        stopped = walk_us(walk_stopped, unwinder, space, &n_stopped_frames);
    printf(
        "a blocked thread's stack: %.1f us for %.1f frames without stopping it; %.1f us for %.1f "
        "with ptrace, %.0f us with gdb (wall time, its start included)\n",
        ours, n_frames, stopped, n_stopped_frames, gdb);
    kill(pid, SIGKILL);
    while (waitpid(-1, NULL, __WALL) > 0) /* each traced thread has to be reaped */
        ;
    rs_unwinder_free(unwinder);
    rs_spaces_free(spaces);
    rs_tasks_free(tasks);
    rs_modules_free(modules);
    return 0;
}
