/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of blocked threads share: a program of tests/programs/ with threads that wait, and
 * what it says of itself. */
#ifndef RS_TESTS_UNIT_WAITERS_FIXTURES_H
#define RS_TESTS_UNIT_WAITERS_FIXTURES_H

#include <check.h>
#include <errno.h>
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define N_MAX_TOLD 64

typedef struct {
    char what[16], name[16]; /* "thread" "static" */
    guint64 value, size;     /* tid or address */
} Told;

static pid_t target_pid;
static int to_target;
static FILE *from_target;
static Told told[N_MAX_TOLD];
static guint n_told;

static inline void nap_ms(gint64 n_ms)
{
    struct timespec time = {.tv_sec = n_ms / 1000, .tv_nsec = n_ms % 1000 * 1000000};

    while (nanosleep(&time, &time) != 0 && errno == EINTR)
        ;
}

static inline gint64 now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (gint64)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Until "ready". */
static inline void listen_to_target(void)
{
    char line[256];

    n_told = 0;
    while (fgets(line, sizeof line, from_target) && !g_str_has_prefix(line, "ready")) {
        Told *one = &told[n_told];
        char value[32];
        int n = sscanf(line, "%15s %15s %31s %" G_GUINT64_FORMAT, one->what, one->name, value,
                       &one->size);

        ck_assert_int_ge(n, 3);
        one->value = g_ascii_strtoull(value, NULL, g_str_has_prefix(value, "0x") ? 16 : 10);
        n_told++;
        ck_assert_uint_lt(n_told, N_MAX_TOLD);
    }
    ck_assert_uint_gt(n_told, 0);
}

/* FALSE: the program was not built (there is no compiler for it). */
static inline gboolean start_waiters(const char *program, const char *argument)
{
    const char *build = g_getenv("BUILD");
    g_autofree char *path =
        g_build_filename(build ? build : "build/release", "tests", "programs", program, NULL);
    int commands[2], answers[2];
    pid_t parent = getpid();

    if (access(path, X_OK) != 0)
        return FALSE;
    ck_assert_int_eq(pipe(commands), 0);
    ck_assert_int_eq(pipe(answers), 0);
    target_pid = fork();
    ck_assert_int_ge(target_pid, 0);
    if (target_pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(127);
        dup2(commands[0], 0);
        dup2(answers[1], 1);
        for (int fd = 3; fd < 1024; fd++)
            close(fd);
        execl(path, program, argument, NULL);
        _exit(127);
    }
    close(commands[0]);
    close(answers[1]);
    to_target = commands[1];
    from_target = fdopen(answers[0], "r");
    listen_to_target();
    return TRUE;
}

/* What it answers before "done", a number; 0: nothing. */
static inline gint64 command(char byte)
{
    char line[256];

    ck_assert_int_eq(write(to_target, &byte, 1), 1);
    ck_assert(fgets(line, sizeof line, from_target) != NULL);
    return g_ascii_strtoll(line, NULL, 10);
}

static inline void end_waiters(void)
{
    if (target_pid <= 0)
        return;
    kill(target_pid, SIGKILL);
    waitpid(target_pid, NULL, 0);
    close(to_target);
    fclose(from_target);
    target_pid = 0;
}

/* The i-th of that name. */
static inline const Told *told_of(const char *what, const char *name, guint i)
{
    for (guint k = 0; k < n_told; k++) {
        if (g_str_equal(told[k].what, what) && g_str_equal(told[k].name, name) && i-- == 0)
            return &told[k];
    }
    ck_abort_msg("%s %s was not told", what, name);
    return NULL;
}

#endif
