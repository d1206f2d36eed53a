/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of the ptrace sampler share: a sampler in a thread of its own, and
 * tests/programs/ptrace_target as what it observes. */
#ifndef RS_TESTS_UNIT_PTRACE_FIXTURES_H
#define RS_TESTS_UNIT_PTRACE_FIXTURES_H

#include <fcntl.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <time.h>

#include "capture/launch.h"
#include "capture/sampler.h"
#include "tests/unit/run.h"
#include "tests/unit/trial_fixtures.h"

#define NS_PER_MS   G_GINT64_CONSTANT(1000000)
#define PATIENCE_MS 60000

/* --- a sampler in a thread of its own --- */

typedef struct {
    gint64 time_ns, weight_ns;
    pid_t pid, tid;
    guint64 ip, sp;
    gsize n_stack_bytes;
    gboolean has_registers;
} Seen;

typedef struct {
    RsSamplerOptions options;
    pid_t pid;
    gboolean at_exec;
    GError *error;

    GThread *thread;
    int wake_fd;
    gint is_attached, should_stop; /* atomic */
    RsModules *modules;
    RsTasks *tasks;
    RsSpaces *spaces;
    GArray *seen; /* of the thread, until it was joined */
    RsSamplerCounts counts;
} Observer;

static Observer observer;
static char *target;

static void on_sample(gpointer data, const RsRawSample *sample)
{
    Seen seen = {
        .time_ns = sample->time_ns,
        .weight_ns = sample->weight_ns,
        .pid = sample->process_id,
        .tid = sample->thread_id,
        .ip = sample->registers.r[RS_REG_RIP],
        .sp = sample->registers.r[RS_REG_RSP],
        .n_stack_bytes = sample->stack.n_bytes,
        .has_registers = sample->has_registers,
    };

    ck_assert(!sample->has_registers || sample->stack.base == seen.sp);
    g_array_append_val(observer.seen, seen);
}

static gpointer observe(gpointer data)
{
    RsSamplerSink sink = {.spaces = observer.spaces, .tasks = observer.tasks, .sample = on_sample};
    gpointer sampler = rs_sampler_ptrace.open(&observer.options, &sink, &observer.error);

    if (sampler &&
        rs_sampler_ptrace.attach(sampler, observer.pid, observer.at_exec, &observer.error)) {
        g_atomic_int_set(&observer.is_attached, 1);
        while (!g_atomic_int_get(&observer.should_stop))
            ck_assert(rs_sampler_ptrace.poll(sampler, observer.wake_fd, 1000, NULL));
        ck_assert(rs_sampler_ptrace.drain(sampler, NULL));
        rs_sampler_ptrace.counts(sampler, &observer.counts);
    }
    g_atomic_int_set(&observer.is_attached, 1);
    if (sampler)
        rs_sampler_ptrace.close(sampler);
    return NULL;
}

static inline void watch(pid_t pid, gboolean at_exec)
{
    observer.pid = pid;
    observer.at_exec = at_exec;
    observer.thread = g_thread_new("observer", observe, NULL);
    while (!g_atomic_int_get(&observer.is_attached))
        g_usleep(1000);
}

static inline void stop_watching(void)
{
    guint64 one = 1;

    g_atomic_int_set(&observer.should_stop, 1);
    ck_assert_int_eq(write(observer.wake_fd, &one, sizeof one), sizeof one);
    g_thread_join(g_steal_pointer(&observer.thread));
    ck_assert_int_eq(read(observer.wake_fd, &one, sizeof one), sizeof one);
    g_atomic_int_set(&observer.is_attached, 0);
    g_atomic_int_set(&observer.should_stop, 0);
}

static inline void set_up(void)
{
    enter_folder();
    target = g_build_filename(g_getenv("BUILD"), "tests/programs/ptrace_target", NULL);
    observer = (Observer){
        .options = {.sample_rate_hz = 199},
        .wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
        .modules = rs_modules_new(),
        .tasks = rs_tasks_new(),
        .seen = g_array_new(FALSE, FALSE, sizeof(Seen)),
    };
    observer.spaces = rs_spaces_new(observer.modules, observer.tasks);
}

static inline void tear_down(void)
{
    if (observer.thread)
        stop_watching();
    g_clear_error(&observer.error);
    g_array_unref(observer.seen);
    rs_spaces_free(observer.spaces);
    rs_tasks_free(observer.tasks);
    rs_modules_free(observer.modules);
    close(observer.wake_fd);
    g_clear_pointer(&target, g_free);
    leave_folder();
}

/* --- targets --- */

static inline char **split_words(const char *words)
{
    g_autofree char *line = g_strdup_printf("%s %s", target, words);

    return g_strsplit(line, " ", -1);
}

static inline char **with_result(void)
{
    g_autofree char *path = in_folder("result");

    return g_environ_setenv(g_get_environ(), "RESULT", path, TRUE);
}

/* The target with these arguments, held; watched from its exec on. */
static inline pid_t launch(const char *words)
{
    g_auto(GStrv) argv = split_words(words), environment = with_result();
    g_autoptr(GError) error = NULL;
    g_autoptr(RsHeld) held = rs_launch_hold(argv, environment, &error);

    ck_assert_no_error(error);
    watch(rs_held_pid(held), TRUE);
    ck_assert_no_error(observer.error);
    ck_assert(rs_held_release(held, &error));
    return rs_held_pid(held);
}

/* The same without a sampler. */
static inline pid_t start_alone(const char *words)
{
    g_auto(GStrv) argv = split_words(words), environment = with_result();
    g_autoptr(GError) error = NULL;
    g_autoptr(RsHeld) held = rs_launch_hold(argv, environment, &error);

    ck_assert_no_error(error);
    ck_assert(rs_held_release(held, &error));
    return rs_held_pid(held);
}

/* How it ended, as the sampler's thread was told. */
static inline int wait_for_end(pid_t pid)
{
    RsTask task = {0};

    for (guint i = 0; i < PATIENCE_MS; i++) {
        if (rs_tasks_find(observer.tasks, pid, &task) && task.end_ns >= 0)
            break;
        g_usleep(1000);
    }
    ck_assert_msg(task.end_ns >= 0, "process %d has not ended", pid);
    ck_assert(task.has_status);
    return task.wait_status;
}

static inline int run(const char *words)
{
    int status = wait_for_end(launch(words));

    stop_watching();
    return status;
}

static inline int reap(pid_t pid)
{
    int status = -1;

    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

/* The numbers that the target wrote; fewer than n: fails. */
static inline void results(gint64 *numbers, guint n)
{
    g_autofree char *text = read_file("result");
    g_auto(GStrv) words = NULL;

    ck_assert_msg(text != NULL, "the target has written nothing");
    words = g_strsplit(g_strstrip(text), " ", -1);
    ck_assert_uint_eq(g_strv_length(words), n);
    for (guint i = 0; i < n; i++)
        numbers[i] = g_ascii_strtoll(words[i], NULL, 10);
}

static inline gint64 total_weight_ns(pid_t pid)
{
    gint64 total_ns = 0;

    for (guint i = 0; i < observer.seen->len; i++) {
        const Seen *seen = &g_array_index(observer.seen, Seen, i);

        ck_assert_int_gt(seen->weight_ns, 0);
        if (!pid || seen->pid == pid)
            total_ns += seen->weight_ns;
    }
    return total_ns;
}

static inline guint n_threads_seen(void)
{
    g_autoptr(GHashTable) ids = g_hash_table_new(NULL, NULL);

    for (guint i = 0; i < observer.seen->len; i++)
        g_hash_table_add(ids, GINT_TO_POINTER(g_array_index(observer.seen, Seen, i).tid));
    return g_hash_table_size(ids);
}

static inline guint n_processes_seen(void)
{
    g_autoptr(GHashTable) ids = g_hash_table_new(NULL, NULL);

    for (guint i = 0; i < observer.seen->len; i++)
        g_hash_table_add(ids, GINT_TO_POINTER(g_array_index(observer.seen, Seen, i).pid));
    return g_hash_table_size(ids);
}

/* A thread of 500 ms is stopped each 200 ms at least, however busy the machine is. */
static inline void ck_assert_weight(gint64 weight_ns, gint64 cpu_us)
{
    gint64 slack_us = cpu_us * 2 / 5 + 12000;

    ck_assert_int_ge(weight_ns / 1000, cpu_us - slack_us);
    ck_assert_int_le(weight_ns / 1000, cpu_us + slack_us);
}

static inline int beats(void)
{
    g_autofree char *text = read_file("result");

    return text && *text ? atoi(text) : -1;
}

static inline char state_of(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", pid), *text = NULL;

    return g_file_get_contents(path, &text, NULL, NULL) ? strrchr(text, ')')[2] : '?';
}

static inline void wait_for_beats(void)
{
    int now = beats(), seen = -1;

    /* while it writes, the file is empty for a moment */
    for (guint i = 0; i < PATIENCE_MS && (seen = beats()) <= now; i++)
        g_usleep(1000);
    ck_assert_int_gt(seen, now);
}

static inline int run_where_permitted(Suite *(*suite)(void))
{
    RsSamplerOptions options = {0};
    g_autofree char *why = NULL;

    if (!rs_sampler_ptrace.probe(&options, &why)) {
        printf("SKIP: tracing is not permitted here: %s\n", why);
        return 0;
    }
    return run_suite(suite());
}

#endif
