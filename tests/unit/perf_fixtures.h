/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs tests/programs/perf_target under the perf sampler and keeps what it says. */
#ifndef RS_TESTS_UNIT_PERF_FIXTURES_H
#define RS_TESTS_UNIT_PERF_FIXTURES_H

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture/launch.h"
#include "capture/sampler.h"

#define STRV(...)                 ((char *[]){__VA_ARGS__, NULL})
#define ck_assert_no_error(error) ck_assert_msg(!(error), "%s", (error) ? (error)->message : "")
#define NS_PER_MS                 G_GINT64_CONSTANT(1000000)
#define DEADLINE_S                60 /* against hanging, not for measuring */

typedef struct {
    gint64 time_ns, weight_ns;
    pid_t pid, tid;
    guint64 address; /* in user mode, wherever the sample was */
    gboolean in_kernel, has_registers, is_known;
    gsize n_stack_bytes;
} Seen;

static char *target, *folder;
static RsModules *modules;
static RsTasks *tasks;
static RsSpaces *spaces;
static gpointer sampler;
static GArray *seen;       /* Seen */
static struct rusage used; /* by the last target */
static int wait_status;

static void see(gpointer data, const RsRawSample *sample)
{
    RsSpace *space = rs_spaces_find(spaces, sample->process_id);
    Seen one = {
        .time_ns = sample->time_ns,
        .weight_ns = sample->weight_ns,
        .pid = sample->process_id,
        .tid = sample->thread_id,
        .address = sample->registers.r[RS_REG_RIP],
        .in_kernel = sample->kernel_address != 0,
        .has_registers = sample->has_registers,
        .n_stack_bytes = sample->stack.n_bytes,
    };

    one.is_known = space && rs_space_find(space, one.address);
    if (sample->stack.n_bytes) /* all that is claimed can be read */
        ck_assert_int_ge(sample->stack.bytes[0] + sample->stack.bytes[sample->stack.n_bytes - 1],
                         0);
    g_array_append_val(seen, one);
}

static void set_up(void)
{
    const char *build = g_getenv("BUILD");

    target = g_build_filename(build ? build : "build/release", "tests/programs/perf_target", NULL);
    folder = g_dir_make_tmp("perf-XXXXXX", NULL);
    modules = rs_modules_new();
    tasks = rs_tasks_new();
    spaces = rs_spaces_new(modules, tasks);
    seen = g_array_new(FALSE, TRUE, sizeof(Seen));
}

static void close_sampler(void)
{
    if (sampler)
        rs_sampler_perf.close(sampler);
    sampler = NULL;
}

static void tear_down(void)
{
    close_sampler();
    rs_spaces_free(spaces);
    rs_tasks_free(tasks);
    rs_modules_free(modules);
    g_array_unref(seen);
    g_rmdir(folder);
    g_free(folder);
    g_free(target);
}

static const Seen *seen_at(guint i)
{
    return &g_array_index(seen, Seen, i);
}

static gint64 total_weight_ns(void)
{
    gint64 sum = 0;

    for (guint i = 0; i < seen->len; i++)
        sum += seen_at(i)->weight_ns;
    return sum;
}

static gint64 used_ns(void)
{
    return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000 * NS_PER_MS +
           (used.ru_utime.tv_usec + used.ru_stime.tv_usec) * G_GINT64_CONSTANT(1000);
}

static guint n_distinct(gboolean of_threads)
{
    g_autoptr(GHashTable) ids = g_hash_table_new(NULL, NULL);

    for (guint i = 0; i < seen->len; i++)
        g_hash_table_add(ids, GINT_TO_POINTER(of_threads ? seen_at(i)->tid : seen_at(i)->pid));
    return g_hash_table_size(ids);
}

static RsSamplerSink sink(void)
{
    return (RsSamplerSink){.spaces = spaces, .tasks = tasks, .sample = see};
}

static void open_sampler(const RsSamplerOptions *options)
{
    g_autoptr(GError) error = NULL;
    RsSamplerSink to = sink();

    sampler = rs_sampler_perf.open(options, &to, &error);
    ck_assert_no_error(error);
    ck_assert_ptr_nonnull(sampler);
}

static void attach(pid_t pid, gboolean at_exec)
{
    g_autoptr(GError) error = NULL;

    ck_assert(rs_sampler_perf.attach(sampler, pid, at_exec, &error));
    ck_assert_no_error(error);
}

static void poll_once(int timeout_ms)
{
    g_autoptr(GError) error = NULL;

    ck_assert(rs_sampler_perf.poll(sampler, -1, timeout_ms, &error));
}

static void drain(void)
{
    ck_assert(rs_sampler_perf.drain(sampler, NULL));
}

/* Polls until the child has ended, and takes what is left. */
static void poll_until_end(pid_t pid)
{
    gint64 deadline_us = g_get_monotonic_time() + DEADLINE_S * G_USEC_PER_SEC;

    while (wait4(pid, &wait_status, WNOHANG, &used) == 0) {
        ck_assert_int_lt(g_get_monotonic_time(), deadline_us);
        poll_once(20);
    }
    drain();
}

/* Launches a program under the sampler, which must be open. */
static pid_t launch(char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RsHeld) held = rs_launch_hold(argv, environ, &error);
    pid_t pid;

    ck_assert_no_error(error);
    pid = rs_held_pid(held);
    attach(pid, TRUE);
    ck_assert(rs_held_release(held, &error));
    return pid;
}

static pid_t run(const RsSamplerOptions *options, char **argv)
{
    pid_t pid;

    open_sampler(options);
    pid = launch(argv);
    poll_until_end(pid);
    ck_assert(WIFEXITED(wait_status));
    return pid;
}

/* A target that works until its input ends, and has said that it does. */
typedef struct {
    pid_t pid;
    int in, out;
} Running;

static Running start_running(char **argv)
{
    int in[2], out[2];
    char text[6];
    Running running;

    ck_assert_int_eq(pipe2(in, O_CLOEXEC), 0);
    ck_assert_int_eq(pipe2(out, O_CLOEXEC), 0);
    running.pid = fork();
    if (running.pid == 0) {
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        execv(argv[0], argv);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    running.in = in[1];
    running.out = out[0];
    ck_assert_int_eq(read(running.out, text, sizeof text), 6);
    return running;
}

static void end_running(Running *running)
{
    close(running->in);
    if (sampler)
        poll_until_end(running->pid);
    else
        wait4(running->pid, &wait_status, 0, &used);
    close(running->out);
}

/* Whether perf events are permitted here at all; else says why the test is skipped. */
static gboolean is_permitted(void)
{
    RsSamplerOptions options = {.sample_rate_hz = 99};
    g_autofree char *why = NULL;

    if (rs_sampler_perf.probe(&options, &why))
        return TRUE;
    printf("SKIP: %s\n", why);
    return FALSE;
}

#endif
