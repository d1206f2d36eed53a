/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/stop_sample.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define RED_ZONE_BYTES 128
#define WAIT_LIMIT_US  (5 * G_USEC_PER_SEC)

gboolean stop_target_start(StopTarget *target, const char *const *argv)
{
    pid_t parent = getpid();
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0)
        return FALSE;
    target->pid = fork();
    if (target->pid == 0) {
        int nothing = open("/dev/null", O_RDWR);

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(127);
        dup2(nothing, 0);
        dup2(ends[1], 1);
        dup2(nothing, 2);
        execvp(argv[0], (char **)(guintptr)argv);
        _exit(127);
    }
    close(ends[1]);
    target->out_fd = ends[0];
    if (target->pid > 0)
        return TRUE;
    close(ends[0]);
    return FALSE;
}

gboolean stop_target_wait_ready(StopTarget *target)
{
    char byte;

    return read(target->out_fd, &byte, 1) == 1;
}

/* Its threads, as far as they were seized, are reaped with it: until they are, it is not to be had. */
void stop_target_end(StopTarget *target)
{
    pid_t waited;

    kill(target->pid, SIGKILL);
    do
        waited = waitpid(-1, NULL, __WALL);
    while (waited != target->pid && (waited >= 0 || errno == EINTR));
    close(target->out_fd);
}

gboolean stop_seize(pid_t tid)
{
    return ptrace(PTRACE_SEIZE, tid, NULL, NULL) == 0;
}

/* The first thread of a process does not tell that it has ended while others are there, so that
 * there is a limit to waiting. */
static gboolean wait_stopped(pid_t tid)
{
    gint64 until_us = g_get_monotonic_time() + WAIT_LIMIT_US;
    int status;
    pid_t waited;

    while ((waited = waitpid(tid, &status, __WALL | WNOHANG)) == 0 ||
           (waited < 0 && errno == EINTR)) {
        if (g_get_monotonic_time() > until_us)
            return FALSE;
        if (waited == 0)
            g_usleep(20);
    }
    return waited == tid && WIFSTOPPED(status);
}

gboolean stop_interrupt(pid_t tid)
{
    return ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) == 0 && wait_stopped(tid);
}

gboolean stop_step(pid_t tid)
{
    return ptrace(PTRACE_SINGLESTEP, tid, NULL, NULL) == 0 && wait_stopped(tid);
}

void stop_continue(pid_t tid)
{
    ptrace(PTRACE_CONT, tid, NULL, NULL);
}

void stop_release(pid_t tid)
{
    ptrace(PTRACE_DETACH, tid, NULL, NULL);
}

/* The end of the mapping around address; 0: there is none. */
static guint64 mapping_end(pid_t pid, guint64 address)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/maps", pid);
    FILE *file = fopen(path, "re");
    char line[1024];
    guint64 found = 0;

    while (file && !found && fgets(line, sizeof line, file)) {
        unsigned long start, end;

        if (sscanf(line, "%lx-%lx", &start, &end) == 2 && address >= start && address < end)
            found = end;
    }
    if (file)
        fclose(file);
    return found;
}

static RsRegisters registers_of(const struct user_regs_struct *user)
{
    return (RsRegisters){{user->rax, user->rdx, user->rcx, user->rbx, user->rsi, user->rdi,
                          user->rbp, user->rsp, user->r8, user->r9, user->r10, user->r11, user->r12,
                          user->r13, user->r14, user->r15, user->rip}};
}

gboolean stop_sample_take(StopSample *sample, pid_t pid, pid_t tid, gsize n_max_bytes)
{
    struct user_regs_struct user;
    guint64 start, end;
    struct iovec local, remote;

    stop_sample_clear(sample);
    if (ptrace(PTRACE_GETREGS, tid, NULL, &user) != 0)
        return FALSE;
    sample->registers = registers_of(&user);
    end = mapping_end(pid, user.rsp);
    if (!end)
        return FALSE;
    start = user.rsp - RED_ZONE_BYTES;
    end = MIN(end, start + n_max_bytes);
    sample->bytes = g_malloc(end - start);
    local = (struct iovec){sample->bytes, end - start};
    remote = (struct iovec){(void *)(guintptr)start, end - start};
    sample->copy = (RsStackCopy){.base = start, .bytes = sample->bytes, .n_bytes = end - start};
    return process_vm_readv(pid, &local, 1, &remote, 1, 0) == (ssize_t)(end - start);
}

void stop_sample_clear(StopSample *sample)
{
    g_free(sample->bytes);
    memset(sample, 0, sizeof *sample);
}

GArray *stop_threads(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/task", pid);
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    GArray *threads = g_array_new(FALSE, FALSE, sizeof(gint32));
    const char *name;

    while (folder && (name = g_dir_read_name(folder))) {
        gint32 tid = atoi(name);

        g_array_append_val(threads, tid);
    }
    return threads;
}
