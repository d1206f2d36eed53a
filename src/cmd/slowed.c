/* SPDX-License-Identifier: GPL-3.0-or-later */
/* slowed (hidden): runs a command and then burns a share of the CPU time and the wall time it took.
 * selftest puts it in front of both sides, with 0 % and with the slowdown that the gate must find.
 */
#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cmd/command.h"

typedef struct {
    RsOptBase base;
    double slowdown_pct;
} Values;

static const RsOpt opts[] = {
    {"percent", 0, RS_OPT_REAL, offsetof(Values, slowdown_pct), "0", "PCT", "how much to add",
     NULL},
    {0},
};

static double clock_s(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double children_cpu_s(void)
{
    struct rusage usage;

    getrusage(RUSAGE_CHILDREN, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* Until both clocks have moved: CPU time is burnt, so wall time passes at least as fast. */
static void burn(double cpu_s, double wall_s)
{
    double cpu_end = clock_s(CLOCK_PROCESS_CPUTIME_ID) + cpu_s;
    double wall_end = clock_s(CLOCK_MONOTONIC) + wall_s;

    while (clock_s(CLOCK_PROCESS_CPUTIME_ID) < cpu_end)
        ;
    while (clock_s(CLOCK_MONOTONIC) < wall_end) {
        struct timespec rest = {.tv_nsec = 100000};

        nanosleep(&rest, NULL);
    }
}

static int run_slowed(gpointer data)
{
    const Values *values = data;
    double start_s = clock_s(CLOCK_MONOTONIC), frac = values->slowdown_pct / 100, own_s;
    pid_t pid;
    int status;

    if (!values->base.command || !values->base.command[0])
        return rs_complain(RS_EXIT_USAGE, "slowed: expected -- CMD ARGS...");
    pid = vfork();
    if (pid == 0) {
        execvp(values->base.command[0], values->base.command);
        _exit(127);
    }
    if (pid < 0)
        return rs_complain(RS_EXIT_CANNOT, "slowed: %s", g_strerror(errno));
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    /* What this process cost itself is part of what is measured, so it counts as well. */
    own_s = clock_s(CLOCK_PROCESS_CPUTIME_ID);
    burn(frac * (children_cpu_s() + own_s), frac * (clock_s(CLOCK_MONOTONIC) - start_s + own_s));
    return WIFEXITED(status) ? WEXITSTATUS(status) : RS_EXIT_SIGNAL + WTERMSIG(status);
}

const RsCommandRow rs_command_slowed = {
    .name = "slowed",
    .operands = "-- CMD ARGS...",
    .summary = "Run a command and burn a share of its time on top.",
    .opts = opts,
    .n_values_bytes = sizeof(Values),
    .hidden = TRUE,
    .takes_command = TRUE,
    .run = run_slowed,
};
