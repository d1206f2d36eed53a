/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/ptrace/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/secrets.h"
#include "capture/ptrace/stop.h"

#define N_STACK_BYTES 256
#define CAP_PTRACE    19 /* CAP_SYS_PTRACE, capability.h */

/* The line of /proc/self/status behind "name:"; NULL: none. Yours. */
static char *own_status(const char *name)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    if (!g_file_get_contents("/proc/self/status", &text, NULL, NULL))
        return NULL;
    lines = g_strsplit(text, "\n", -1);
    for (guint i = 0; lines[i]; i++)
        if (g_str_has_prefix(lines[i], name))
            return g_strstrip(g_strdup(lines[i] + strlen(name)));
    return NULL;
}

static int yama_scope(void)
{
    g_autofree char *text = NULL;

    return g_file_get_contents("/proc/sys/kernel/yama/ptrace_scope", &text, NULL, NULL) ? atoi(text)
                                                                                        : -1;
}

static gboolean has_ptrace_capability(void)
{
    g_autofree char *mask = own_status("CapEff:");

    return mask && (g_ascii_strtoull(mask, NULL, 16) >> CAP_PTRACE & 1);
}

static gboolean has_seccomp_filter(void)
{
    g_autofree char *mode = own_status("Seccomp:");

    return g_strcmp0(mode, "2") == 0;
}

static gboolean is_of_other_user(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/status", pid), *text = NULL;
    const char *line;
    unsigned int real, effective, saved;

    if (!g_file_get_contents(path, &text, NULL, NULL) || !(line = strstr(text, "\nUid:")) ||
        sscanf(line + 5, "%u %u %u", &real, &effective, &saved) != 3)
        return FALSE;
    return real != getuid() || effective != getuid() || saved != getuid();
}

static pid_t other_tracer(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/status", pid), *text = NULL;
    const char *line;

    if (!g_file_get_contents(path, &text, NULL, NULL) || !(line = strstr(text, "\nTracerPid:")))
        return 0;
    return atoi(line + strlen("\nTracerPid:"));
}

char *rs_ptrace_why_denied(pid_t pid)
{
    int scope = yama_scope();

    if (pid && other_tracer(pid))
        return g_strdup_printf("process %d is being traced by process %d", pid, other_tracer(pid));
    if (scope == 3)
        return g_strdup("kernel.yama.ptrace_scope is 3: tracing is off until the next boot");
    if (scope == 2 && !has_ptrace_capability())
        return g_strdup("kernel.yama.ptrace_scope is 2: tracing needs CAP_SYS_PTRACE "
                        "(sysctl kernel.yama.ptrace_scope=1 permits it for own children)");
    if (pid && !has_ptrace_capability() && is_of_other_user(pid))
        return g_strdup_printf("process %d belongs to another user: that needs CAP_SYS_PTRACE",
                               pid);
    if (pid && scope == 1 && !has_ptrace_capability())
        return g_strdup(
            "kernel.yama.ptrace_scope is 1: only programs started by this one may be "
            "traced (sysctl kernel.yama.ptrace_scope=0 or CAP_SYS_PTRACE permits more)");
    if (!pid && has_seccomp_filter())
        return g_strdup("ptrace is denied, most likely by the container's seccomp filter "
                        "(docker run --cap-add SYS_PTRACE permits it)");
    if (pid)
        return g_strdup_printf("process %d may not be traced: it keeps its memory to itself "
                               "(set-user-id, file capabilities, not dumpable), or a security "
                               "module denies it",
                               pid);
    return g_strdup("ptrace is denied, by a security module or a sandbox");
}

static char *why_failed(const char *what, int code)
{
    if (code == EPERM || code == EACCES)
        return rs_ptrace_why_denied(0);
    return g_strdup_printf("%s: %s", what, g_strerror(code));
}

/* All that the sampler does, once. NULL: it works. */
static char *try_on(pid_t child)
{
    guint8 stack[N_STACK_BYTES];
    RsStopCopy copy = {.stack = stack, .n_max_bytes = sizeof stack};
    int status;

    if (ptrace(PTRACE_SEIZE, child, NULL, NULL) != 0)
        return why_failed("PTRACE_SEIZE", errno);
    if (ptrace(PTRACE_INTERRUPT, child, NULL, NULL) != 0)
        return why_failed("PTRACE_INTERRUPT", errno);
    while (waitpid(child, &status, __WALL) < 0)
        if (errno != EINTR)
            return why_failed("waitpid", errno);
    if (!WIFSTOPPED(status) || !rs_stop_copy(child, 0, 0, &copy))
        return why_failed("PTRACE_GETREGSET", errno);
    if (copy.n_stack_bytes == 0)
        return g_strdup("neither process_vm_readv nor /proc/PID/mem is permitted");
    return NULL;
}

gboolean rs_ptrace_probe(char **why)
{
    pid_t parent = getpid(), child;
    int ready[2];

    *why = NULL;
    if (pipe2(ready, O_CLOEXEC) != 0) {
        *why = why_failed("pipe", errno);
        return FALSE;
    }
    child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        rs_secrets_forked(); /* else it is not what a traced program is */
        close(ready[0]);
        close(ready[1]);
        while (getppid() == parent)
            pause();
        _exit(0);
    }
    close(ready[1]);
    while (child > 0 && read(ready[0], &(char){0}, 1) < 0 && errno == EINTR)
        ;
    close(ready[0]);
    if (child < 0) {
        *why = why_failed("fork", errno);
        return FALSE;
    }
    *why = try_on(child);
    kill(child, SIGKILL);
    while (waitpid(child, NULL, __WALL) < 0 && errno == EINTR)
        ;
    return *why == NULL;
}
