/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The perf sampler on real programs. The machine may be busy: what is asserted is that samples are
 * there, whose they are, and in which proportion, never how long something took. */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <math.h>
#include <sched.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "capture/perf/record.h"
#include "capture/perf/sources.h"
#include "tests/unit/perf_fixtures.h"
#include "tests/unit/run.h"

static const RsSamplerOptions at_1000_hz = {.sample_rate_hz = 1000};
static const RsSamplerOptions for_launches = {
    .sample_rate_hz = 99, .startup_rate_hz = 5000, .startup_ms = 100};

/* --- whose samples --- */

START_TEST(a_launched_program_is_sampled_from_its_first_moments)
{
    pid_t pid = run(&at_1000_hz, STRV(target, "short", "100000"));
    RsTask task;

    ck_assert_uint_ge(seen->len, 20);
    ck_assert_uint_eq(n_distinct(FALSE), 1);
    for (guint i = 0; i < seen->len; i++) {
        ck_assert_int_eq(seen_at(i)->pid, pid);
        ck_assert_int_eq(seen_at(i)->weight_ns, NS_PER_MS);
        ck_assert(seen_at(i)->has_registers);
        ck_assert_uint_gt(seen_at(i)->n_stack_bytes, 0);
    }
    ck_assert(rs_tasks_find(tasks, pid, &task));
    ck_assert_str_eq(task.name, "perf_target");
    ck_assert_int_eq(task.parent_id, getpid());
    ck_assert_int_gt(task.end_ns, task.start_ns);
    ck_assert_uint_eq(rs_tasks_n_alive(tasks), 0);
}
END_TEST

START_TEST(code_of_samples_is_known_though_the_process_is_gone)
{
    guint n_known = 0;

    run(&at_1000_hz, STRV(target, "short", "100000"));
    for (guint i = 0; i < seen->len; i++)
        n_known += seen_at(i)->is_known;
    ck_assert_uint_ge(n_known * 10, seen->len * 9);
    ck_assert_uint_gt(rs_modules_n(modules), 2);
}
END_TEST

START_TEST(threads_born_later_are_sampled)
{
    run(&at_1000_hz, STRV(target, "threads", "5", "40"));
    ck_assert_uint_ge(n_distinct(TRUE), 5);
    ck_assert_uint_eq(n_distinct(FALSE), 1);
    ck_assert_uint_eq(rs_tasks_n_alive(tasks), 0);
}
END_TEST

START_TEST(children_are_sampled_and_their_code_is_known)
{
    g_autoptr(GArray) all = NULL;
    pid_t pid = run(&at_1000_hz, STRV(target, "forks", "4", "40"));

    ck_assert_uint_ge(n_distinct(FALSE), 4);
    for (guint i = 0; i < seen->len; i++)
        if (seen_at(i)->pid != pid && !seen_at(i)->in_kernel)
            ck_assert(seen_at(i)->is_known);
    all = rs_tasks_all(tasks);
    ck_assert_uint_eq(all->len, 5);
    for (guint i = 1; i < all->len; i++) {
        ck_assert_int_eq(g_array_index(all, RsTask, i).parent_id, pid);
        ck_assert_str_eq(g_array_index(all, RsTask, i).name, "perf_target");
    }
    ck_assert_uint_eq(rs_tasks_n_alive(tasks), 0);
}
END_TEST

START_TEST(a_chain_of_execs_is_one_process)
{
    pid_t pid = run(&at_1000_hz, STRV(target, "chain", "5", "60"));

    ck_assert_uint_ge(seen->len, 20);
    ck_assert_uint_eq(n_distinct(FALSE), 1);
    ck_assert_int_eq(seen_at(0)->pid, pid);
    ck_assert(seen_at(seen->len - 1)->is_known || seen_at(seen->len - 1)->in_kernel);
    ck_assert_uint_eq(rs_tasks_n_alive(tasks), 0);
}
END_TEST

START_TEST(a_process_lives_on_without_its_first_thread)
{
    gint64 deadline_us = g_get_monotonic_time() + DEADLINE_S * G_USEC_PER_SEC;
    pid_t pid;
    RsTask task;

    open_sampler(&at_1000_hz);
    pid = launch(STRV(target, "orphans", "100"));
    poll_until_end(pid);
    while (rs_tasks_n_alive(tasks)) {
        ck_assert_int_lt(g_get_monotonic_time(), deadline_us);
        poll_once(20);
    }
    ck_assert(rs_tasks_find(tasks, pid, &task));
    ck_assert_int_ge(task.end_ns - task.start_ns, 100 * NS_PER_MS);
    ck_assert_uint_ge(seen->len, 20);
}
END_TEST

START_TEST(a_program_that_cannot_be_executed_leaves_nothing_behind)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RsHeld) held = NULL;
    pid_t pid;

    open_sampler(&for_launches);
    held = rs_launch_hold(STRV("/nonexistent/program"), environ, &error);
    ck_assert_no_error(error);
    pid = rs_held_pid(held);
    attach(pid, TRUE);
    ck_assert(!rs_held_release(held, &error));
    poll_until_end(pid);
    ck_assert_uint_eq(seen->len, 0);
    ck_assert_uint_eq(rs_tasks_n_alive(tasks), 0);
    pid = launch(STRV(target, "short", "50000")); /* and the next one is sampled */
    poll_until_end(pid);
    ck_assert_uint_gt(seen->len, 0);
}
END_TEST

/* --- a launcher that is followed, and not sampled itself --- */

/* The calling process, and what it starts, runs on that one of its CPUs only. */
static void use_cpu(guint nth)
{
    cpu_set_t all, one;

    CPU_ZERO(&one);
    if (sched_getaffinity(0, sizeof all, &all) != 0)
        abort();
    for (guint cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &all) && nth-- == 0)
            CPU_SET(cpu, &one);
    if (sched_setaffinity(0, sizeof one, &one) != 0)
        abort();
}

/* No other program comes between parent and child then, so that the switch from one to the other is
 * one between equal events (see RS_PERF_ANCHOR). Where that is not permitted it may be. */
static void schedule_first(gboolean first)
{
    struct sched_param param = {.sched_priority = first ? 1 : 0};

    sched_setscheduler(0, first ? SCHED_FIFO : SCHED_OTHER, &param);
}

/* Forks one program after the other, waits between and before; told to begin by a byte. */
static pid_t start_launcher(int *begin_fd, guint n_launches, char **argv)
{
    int fds[2];
    pid_t pid;

    ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
    pid = fork();
    if (pid == 0) {
        char byte;

        close(fds[1]);
        use_cpu(0);
        if (read(fds[0], &byte, 1) != 1)
            _exit(1);
        for (guint i = 0; i < n_launches; i++) {
            pid_t child;

            schedule_first(TRUE);
            child = fork();
            if (child == 0) {
                schedule_first(FALSE);
                for (volatile guint k = 0; k < 20000000; k++) /* busy before it executes */
                    ;
                execv(argv[0], argv);
                _exit(127);
            }
            waitpid(child, NULL, 0);
            schedule_first(FALSE);
            for (volatile guint k = 0; k < 20000000; k++)
                ;
        }
        _exit(0);
    }
    close(fds[0]);
    *begin_fd = fds[1];
    return pid;
}

static void run_launcher(const RsSamplerOptions *common, guint n_launches, char **argv)
{
    RsSamplerOptions options = *common;
    int begin_fd;
    pid_t pid = start_launcher(&begin_fd, n_launches, argv);

    options.ignored_pid = pid;
    open_sampler(&options);
    attach(pid, TRUE);
    ck_assert_int_eq(write(begin_fd, "b", 1), 1);
    close(begin_fd);
    poll_until_end(pid);
    for (guint i = 0; i < seen->len; i++)
        ck_assert_int_ne(seen_at(i)->pid, pid);
}

START_TEST(programs_of_a_launcher_are_sampled_from_their_exec_and_the_launcher_is_not)
{
    run_launcher(&at_1000_hz, 4, STRV(target, "short", "50000"));
    ck_assert_uint_eq(n_distinct(FALSE), 4);
    /* What they did before is as much again, and not in there. */
    ck_assert_int_lt(total_weight_ns(), 4 * 80 * NS_PER_MS);
    ck_assert_uint_eq(rs_tasks_n_alive(tasks), 0);
}
END_TEST

START_TEST(each_program_of_a_launcher_has_its_startup_and_no_time_counts_twice)
{
    RsSamplerOptions options = for_launches;
    g_autoptr(GHashTable) past_startup = g_hash_table_new(NULL, NULL);

    options.startup_ms = 60;
    run_launcher(&options, 5, STRV(target, "short", "100000"));
    ck_assert_uint_eq(n_distinct(FALSE), 5);
    ck_assert_int_gt(total_weight_ns(), 5 * 40 * NS_PER_MS);
    ck_assert_int_lt(total_weight_ns(), 5 * 140 * NS_PER_MS);
    for (guint i = 0; i < seen->len; i++) {
        gpointer pid = GINT_TO_POINTER(seen_at(i)->pid);

        if (seen_at(i)->weight_ns > NS_PER_MS)
            g_hash_table_add(past_startup, pid);
        else
            ck_assert(!g_hash_table_contains(past_startup, pid));
    }
    ck_assert_uint_gt(g_hash_table_size(past_startup), 0);
}
END_TEST

/* --- attaching --- */

START_TEST(all_threads_of_a_running_program_are_sampled)
{
    Running running = start_running(STRV(target, "wait", "4"));
    gint64 deadline_us = g_get_monotonic_time() + DEADLINE_S * G_USEC_PER_SEC;
    RsSamplerCounts counts;
    RsTask task;

    open_sampler(&at_1000_hz);
    attach(running.pid, FALSE);
    while (n_distinct(TRUE) < 4) {
        ck_assert_int_lt(g_get_monotonic_time(), deadline_us);
        poll_once(50);
    }
    rs_sampler_perf.counts(sampler, &counts);
    ck_assert_int_eq(counts.n_targets, 5);
    ck_assert_int_eq(counts.n_samples, seen->len);
    ck_assert(rs_tasks_find(tasks, running.pid, &task));
    ck_assert_str_eq(task.name, "perf_target");
    ck_assert_int_eq(task.start_ns, 0);
    ck_assert_int_eq(task.end_ns, -1);
    for (guint i = 0; i < seen->len; i++)
        ck_assert(seen_at(i)->is_known || seen_at(i)->in_kernel);
    end_running(&running);
    ck_assert_uint_eq(rs_tasks_n_alive(tasks), 0);
}
END_TEST

START_TEST(a_program_goes_on_when_the_sampler_leaves)
{
    Running running = start_running(STRV(target, "wait", "2"));

    open_sampler(&at_1000_hz);
    attach(running.pid, FALSE);
    poll_once(50);
    close_sampler();
    ck_assert_int_eq(waitpid(running.pid, &wait_status, WNOHANG), 0);
    end_running(&running);
    ck_assert(WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0);
}
END_TEST

static gint64 cpu_clock_ns(pid_t pid)
{
    struct timespec now;
    clockid_t clock;

    ck_assert_int_eq(clock_getcpuclockid(pid, &clock), 0);
    ck_assert_int_eq(clock_gettime(clock, &now), 0);
    return now.tv_sec * 1000 * NS_PER_MS + now.tv_nsec;
}

/* What a running program is said to use is what it uses: some time is missed, none counts twice. */
static void weighs_what_it_uses_for(const Running *running, guint n_polls, double n_least_frac)
{
    gint64 before_ns, after_ns;

    poll_once(50); /* what was opened twice is found out by the first sample */
    poll_once(50);
    drain();
    g_array_set_size(seen, 0);
    before_ns = cpu_clock_ns(running->pid);
    for (guint i = 0; i < n_polls; i++)
        poll_once(50);
    drain();
    after_ns = cpu_clock_ns(running->pid);
    ck_assert_uint_gt(seen->len, 20);
    ck_assert_msg((double)total_weight_ns() < 1.25 * (double)(after_ns - before_ns) &&
                      (double)total_weight_ns() > n_least_frac * (double)(after_ns - before_ns),
                  "%g ms of %g ms", (double)total_weight_ns() / NS_PER_MS,
                  (double)(after_ns - before_ns) / NS_PER_MS);
}

/* Of a thread of a few periods the last part of one is missed. */
START_TEST(threads_that_are_born_while_attaching_count_once)
{
    RsSamplerOptions options = {.sample_rate_hz = 8000, .n_stack_bytes = 8};
    Running running = start_running(STRV(target, "churn"));

    open_sampler(&options);
    attach(running.pid, FALSE);
    weighs_what_it_uses_for(&running, 40, 0.3);
    end_running(&running);
}
END_TEST

START_TEST(attaching_again_changes_no_weight)
{
    Running running = start_running(STRV(target, "wait", "2"));

    open_sampler(&at_1000_hz);
    attach(running.pid, FALSE);
    attach(running.pid, FALSE);
    weighs_what_it_uses_for(&running, 20, 0.5);
    end_running(&running);
}
END_TEST

/* The program runs on the second CPU, and at first the list has the first one alone. */
START_TEST(a_cpu_that_comes_online_is_sampled_too)
{
    g_autofree char *path = g_build_filename(folder, "online", NULL);
    g_autoptr(GArray) cpus = rs_perf_online_cpus();
    g_autofree char *first = g_strdup_printf("%d\n", g_array_index(cpus, gint, 0));
    g_autofree char *all = NULL;
    gint64 deadline_us = g_get_monotonic_time() + DEADLINE_S * G_USEC_PER_SEC;
    cpu_set_t before;
    Running running;

    ck_assert_int_eq(sched_getaffinity(0, sizeof before, &before), 0);
    if (CPU_COUNT(&before) < 2 || !CPU_ISSET(g_array_index(cpus, gint, 0), &before)) {
        printf("SKIP: there is one CPU only\n");
        return;
    }
    ck_assert(g_file_get_contents(rs_perf_online_file, &all, NULL, NULL));
    ck_assert(g_file_set_contents(path, first, -1, NULL));
    rs_perf_online_file = path;
    use_cpu(1);
    running = start_running(STRV(target, "wait", "2"));
    sched_setaffinity(0, sizeof before, &before);
    open_sampler(&at_1000_hz);
    attach(running.pid, FALSE);
    poll_once(50);
    poll_once(50);
    ck_assert_uint_eq(seen->len, 0);
    ck_assert(g_file_set_contents(path, all, -1, NULL));
    while (n_distinct(TRUE) < 2) {
        ck_assert_int_lt(g_get_monotonic_time(), deadline_us);
        poll_once(50);
    }
    weighs_what_it_uses_for(&running, 20, 0.5);
    end_running(&running);
    g_unlink(path);
}
END_TEST

START_TEST(a_process_that_is_gone_is_an_error_of_its_own)
{
    g_autoptr(GError) error = NULL;
    pid_t pid = fork();

    if (pid == 0)
        _exit(0);
    waitid(P_PID, (id_t)pid, &(siginfo_t){0}, WEXITED | WNOWAIT);
    open_sampler(&at_1000_hz);
    ck_assert(!rs_sampler_perf.attach(sampler, pid, FALSE, &error)); /* not reaped */
    ck_assert(g_error_matches(error, RS_SAMPLER_ERROR, RS_SAMPLER_ERROR_GONE));
    g_clear_error(&error);
    waitpid(pid, NULL, 0);
    ck_assert(!rs_sampler_perf.attach(sampler, pid, FALSE, &error));
    ck_assert(g_error_matches(error, RS_SAMPLER_ERROR, RS_SAMPLER_ERROR_GONE));
    g_clear_error(&error);
    ck_assert(!rs_sampler_perf.attach(sampler, pid, TRUE, &error));
    ck_assert(g_error_matches(error, RS_SAMPLER_ERROR, RS_SAMPLER_ERROR_GONE));
}
END_TEST

/* Killed at any moment: either gone or attached to, and then its end is seen. */
START_TEST(a_process_that_ends_while_attaching_is_a_result)
{
    open_sampler(&at_1000_hz);
    for (guint i = 0; i < 40; i++) {
        Running running = start_running(STRV(target, "churn"));
        gint64 deadline_us = g_get_monotonic_time() + DEADLINE_S * G_USEC_PER_SEC;
        g_autoptr(GError) error = NULL;
        pid_t killer = fork();
        gboolean ok;

        if (killer == 0) {
            g_usleep(i * 25);
            kill(running.pid, SIGKILL);
            _exit(0);
        }
        ok = rs_sampler_perf.attach(sampler, running.pid, FALSE, &error);
        ck_assert(ok || g_error_matches(error, RS_SAMPLER_ERROR, RS_SAMPLER_ERROR_GONE));
        waitpid(killer, NULL, 0);
        end_running(&running);
        while (rs_tasks_n_alive(tasks)) {
            ck_assert_int_lt(g_get_monotonic_time(), deadline_us);
            poll_once(20);
        }
    }
}
END_TEST

/* --- how much --- */

typedef struct {
    guint64 light_start, light_end, heavy_start, heavy_end;
    guint n_light, n_heavy;
    gint64 light_ns, heavy_ns;
} Split;

static Split read_split(const char *path)
{
    g_autofree char *text = NULL;
    Split split = {0};

    ck_assert(g_file_get_contents(path, &text, NULL, NULL));
    ck_assert_int_eq(sscanf(text, "light %lx %lx heavy %lx %lx", &split.light_start,
                            &split.light_end, &split.heavy_start, &split.heavy_end),
                     4);
    g_unlink(path);
    return split;
}

static void count_address(Split *split, guint64 address, gint64 weight_ns)
{
    if (address >= split->light_start && address < split->light_end) {
        split->n_light++;
        split->light_ns += weight_ns;
    } else if (address >= split->heavy_start && address < split->heavy_end) {
        split->n_heavy++;
        split->heavy_ns += weight_ns;
    }
}

static Split run_split(const RsSamplerOptions *options, char *ms)
{
    g_autofree char *path = g_build_filename(folder, "addresses", NULL);
    Split split;

    run(options, STRV(target, "split", ms, path));
    split = read_split(path);
    for (guint i = 0; i < seen->len; i++)
        if (!seen_at(i)->in_kernel)
            count_address(&split, seen_at(i)->address, seen_at(i)->weight_ns);
    return split;
}

/* A quarter of the time is light's: within five standard deviations of a share of n samples, and a
 * little for what is not drawn at random. */
static void is_a_quarter(double n_light, double n_heavy, const char *what)
{
    double n = n_light + n_heavy, share = n_light / n;

    ck_assert_msg(n > 100, "%s: %g samples", what, n);
    ck_assert_msg(fabs(share - 0.25) < 5 * sqrt(0.25 * 0.75 / n) + 0.02, "%s: %g of %g", what,
                  share, n);
}

START_TEST(time_is_split_as_the_program_splits_it)
{
    RsSamplerOptions options = {.sample_rate_hz = 1999};
    Split split = run_split(&options, "600");

    is_a_quarter(split.n_light, split.n_heavy, "samples");
    is_a_quarter((double)split.light_ns / 500250, (double)split.heavy_ns / 500250, "weights");
}
END_TEST

START_TEST(perf_record_sees_the_same_split)
{
    g_autofree char *path = g_build_filename(folder, "addresses", NULL);
    g_autofree char *data = g_build_filename(folder, "perf.data", NULL);
    g_autofree char *perf = g_find_program_in_path("perf");
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    Split ours, theirs;

    if (!perf) {
        printf("SKIP: there is no perf\n");
        return;
    }
    if (!g_spawn_sync(NULL,
                      STRV(perf, "record", "-q", "-e", "cpu-clock", "-F", "1999", "-o", data, "--",
                           target, "split", "600", path),
                      NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL, NULL, &wait_status,
                      NULL) ||
        wait_status) {
        printf("SKIP: perf record cannot be run\n");
        return;
    }
    theirs = read_split(path);
    ck_assert(g_spawn_sync(NULL, STRV(perf, "script", "-i", data, "-F", "ip"), NULL,
                           G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &text, NULL, NULL, NULL));
    g_unlink(data);
    lines = g_strsplit(text, "\n", -1);
    for (guint i = 0; lines[i]; i++)
        count_address(&theirs, g_ascii_strtoull(g_strstrip(lines[i]), NULL, 16), 1);
    is_a_quarter(theirs.n_light, theirs.n_heavy, "perf");
    ours = run_split(&(RsSamplerOptions){.sample_rate_hz = 1999}, "600");
    is_a_quarter(ours.n_light, ours.n_heavy, "rustscope");
}
END_TEST

/* With time in the kernel all of it is there; the bounds are wide because a virtual machine's timer
 * misses what its host takes away. */
static void weighs_what_was_used(double n_least_frac)
{
    gboolean sees_kernel;

    rs_sampler_perf.describe(sampler, &sees_kernel);
    ck_assert_msg((double)total_weight_ns() < 1.15 * (double)used_ns() + 5 * NS_PER_MS,
                  "%g ms of %g ms", (double)total_weight_ns() / NS_PER_MS,
                  (double)used_ns() / NS_PER_MS);
    if (sees_kernel)
        ck_assert_msg((double)total_weight_ns() > n_least_frac * (double)used_ns(),
                      "%g ms of %g ms", (double)total_weight_ns() / NS_PER_MS,
                      (double)used_ns() / NS_PER_MS);
}

START_TEST(weights_add_up_to_the_time_that_was_used)
{
    run(&at_1000_hz, STRV(target, "short", "400000"));
    weighs_what_was_used(0.7);
}
END_TEST

START_TEST(weights_add_up_over_startup_and_after)
{
    guint n_dense = 0, n_sparse = 0;

    run(&for_launches, STRV(target, "short", "500000"));
    weighs_what_was_used(0.7);
    for (guint i = 0; i < seen->len; i++) {
        n_dense += seen_at(i)->weight_ns < NS_PER_MS;
        n_sparse += seen_at(i)->weight_ns > 10 * NS_PER_MS;
    }
    ck_assert_uint_gt(n_dense, 20);
    ck_assert_uint_ge(n_sparse, 5);
    ck_assert_uint_eq(n_dense + n_sparse, seen->len);
}
END_TEST

START_TEST(weights_add_up_in_several_threads)
{
    run(&for_launches, STRV(target, "threads", "8", "60"));
    weighs_what_was_used(0.6);
}
END_TEST

START_TEST(a_program_of_a_millisecond_has_samples)
{
    guint n_sampled = 0;

    for (guint i = 0; i < 20; i++) {
        g_array_set_size(seen, 0);
        run(&for_launches, STRV(target, "short", "1000"));
        n_sampled += seen->len > 0;
        close_sampler();
    }
    ck_assert_uint_ge(n_sampled, 18);
}
END_TEST

START_TEST(a_program_of_50_ms_is_profiled_in_each_of_100_runs)
{
    for (guint i = 0; i < 100; i++) {
        g_array_set_size(seen, 0);
        run(&for_launches, STRV(target, "short", "50000"));
        ck_assert_uint_ge(seen->len, 5);
        close_sampler();
    }
}
END_TEST

/* --- records --- */

/* Into the file that PERF_RECORD_DUMP names, if it does: inputs for fuzzing. */
static void dump(const guint8 *bytes, gsize n_bytes)
{
    const char *path = g_getenv("PERF_RECORD_DUMP");
    FILE *file = path ? fopen(path, "ab") : NULL;

    if (!file)
        return;
    ck_assert_uint_eq(fwrite(bytes, 1, n_bytes, file), n_bytes);
    fclose(file);
}

static guint read_all(RsPerfRing *ring, guint n_of_kind[RS_PERF_THROTTLE + 1])
{
    guint n = 0;
    const guint8 *bytes;
    gsize n_bytes;

    rs_perf_ring_look(ring);
    for (; (bytes = rs_perf_ring_peek(ring, &n_bytes)); n++) {
        RsPerfRecord record;

        ck_assert(rs_perf_record_parse(bytes, n_bytes, &record));
        ck_assert_int_gt(record.time_ns, 0);
        n_of_kind[record.kind]++;
        dump(bytes, n_bytes);
        rs_perf_ring_advance(ring);
    }
    return n;
}

START_TEST(every_record_that_this_kernel_writes_is_understood)
{
    RsSamplerOptions options = {.sample_rate_hz = 500, .n_stack_bytes = 64};
    guint n_of_kind[RS_PERF_THROTTLE + 1] = {0};
    g_autoptr(RsPerfSources) sources = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(RsHeld) held = NULL;
    RsPerfSetup setup;

    ck_assert(rs_perf_setup(&options, &setup, &error));
    sources = rs_perf_sources_new(&setup, 0, &error);
    ck_assert_no_error(error);
    held = rs_launch_hold(STRV(target, "forks", "2", "20"), environ, &error);
    ck_assert_no_error(error);
    ck_assert_int_eq(rs_perf_sources_open(sources, rs_held_pid(held), RS_PERF_LAUNCH, FALSE, 0), 0);
    ck_assert(rs_held_release(held, &error));
    waitpid(rs_held_pid(held), &wait_status, 0);
    for (guint i = 0; i < rs_perf_sources_n_cpus(sources); i++) {
        read_all(rs_perf_sources_rings(sources, i)->records, n_of_kind);
        read_all(rs_perf_sources_rings(sources, i)->samples, n_of_kind);
    }
    ck_assert_uint_gt(n_of_kind[RS_PERF_SAMPLE], 5);
    ck_assert_uint_ge(n_of_kind[RS_PERF_MAP], 4); /* itself, the loader, libc, vdso */
    ck_assert_uint_eq(n_of_kind[RS_PERF_EXEC], 1);
    ck_assert_uint_eq(n_of_kind[RS_PERF_FORK], 2);
    ck_assert_uint_eq(n_of_kind[RS_PERF_EXIT], 3);
}
END_TEST

/* --- other events --- */

START_TEST(events_that_are_no_clocks_weigh_time_as_well)
{
    RsSamplerOptions options = {.sample_rate_hz = 1000, .event = "page-faults"};
    gboolean sees_kernel;

    open_sampler(&options);
    ck_assert_str_eq(rs_sampler_perf.describe(sampler, &sees_kernel), "page-faults");
    poll_until_end(launch(STRV(target, "faults", "100")));
    ck_assert_uint_gt(seen->len, 5);
    ck_assert_int_gt(total_weight_ns(), used_ns() / 10);
    ck_assert_int_lt(total_weight_ns(), used_ns() * 2);
}
END_TEST

START_TEST(task_clock_is_a_clock)
{
    RsSamplerOptions options = {.sample_rate_hz = 1000, .event = "task-clock"};

    run(&options, STRV(target, "short", "100000"));
    ck_assert_uint_ge(seen->len, 20);
    ck_assert_int_eq(seen_at(0)->weight_ns, NS_PER_MS);
}
END_TEST

START_TEST(hardware_events_are_there_or_said_not_to_be)
{
    static const char *const events[] = {"cycles", "instructions"};

    for (guint i = 0; i < G_N_ELEMENTS(events); i++) {
        RsSamplerOptions options = {.sample_rate_hz = 1000, .event = events[i]};
        g_autoptr(GError) error = NULL;
        RsSamplerSink to = sink();
        gpointer opened = rs_sampler_perf.open(&options, &to, &error);

        if (opened) {
            rs_sampler_perf.close(opened);
            continue;
        }
        ck_assert(g_error_matches(error, RS_SAMPLER_ERROR, RS_SAMPLER_ERROR_UNSUPPORTED));
        ck_assert_ptr_nonnull(strstr(error->message, events[i]));
        ck_assert_ptr_nonnull(strstr(error->message, "cpu-clock"));
    }
}
END_TEST

START_TEST(an_event_that_there_is_not_is_refused_with_those_that_there_are)
{
    RsSamplerOptions options = {.sample_rate_hz = 99, .event = "moonlight"};
    g_autofree char *why = NULL;

    ck_assert(!rs_sampler_perf.probe(&options, &why));
    ck_assert_ptr_nonnull(strstr(why, "moonlight"));
    ck_assert_ptr_nonnull(strstr(why, "page-faults"));
}
END_TEST

/* --- limits and refusals --- */

START_TEST(what_does_not_fit_is_counted)
{
    RsSamplerOptions options = {.sample_rate_hz = 10000, .n_buffer_bytes = 4096};
    RsSamplerCounts counts;
    cpu_set_t one;
    pid_t pid;

    CPU_ZERO(&one); /* the loss is told with the next record of the same CPU */
    CPU_SET(sched_getcpu(), &one);
    ck_assert_int_eq(sched_setaffinity(0, sizeof one, &one), 0);
    open_sampler(&options);
    pid = launch(STRV(target, "short", "200000"));
    waitid(P_PID, (id_t)pid, &(siginfo_t){0}, WEXITED | WNOWAIT); /* nobody fetches */
    poll_until_end(pid);
    launch(STRV(target, "short", "1000"));
    poll_until_end(-1);
    rs_sampler_perf.counts(sampler, &counts);
    ck_assert_int_gt(counts.n_lost, 100);
    ck_assert_int_eq(counts.n_samples, seen->len);
}
END_TEST

START_TEST(stacks_are_as_long_as_asked_for)
{
    RsSamplerOptions options = {.sample_rate_hz = 1000};
    static const guint asked[] = {8, 1001, 65528, 1000000};

    for (guint i = 0; i < G_N_ELEMENTS(asked); i++) {
        gsize n_longest = 0;

        g_array_set_size(seen, 0);
        options.n_stack_bytes = asked[i];
        run(&options, STRV(target, "short", "50000"));
        close_sampler();
        ck_assert_uint_gt(seen->len, 0);
        for (guint k = 0; k < seen->len; k++)
            n_longest = MAX(n_longest, seen_at(k)->n_stack_bytes);
        ck_assert_uint_gt(n_longest, 0);
        ck_assert_uint_le(n_longest, MIN((asked[i] + 7) & ~7u, 65528));
    }
}
END_TEST

/* Runs function in a child and returns its exit status. */
static int in_child(int (*function)(void))
{
    pid_t pid = fork();
    int status;

    if (pid == 0)
        _exit(function());
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* From now on perf_event_open fails with that errno, as a container's filter does it. */
static void deny_perf_with(guint code)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_perf_event_open, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | code),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = G_N_ELEMENTS(filter), .filter = filter};

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        _exit(77);
}

static gboolean is_told(guint code, const char *wanted)
{
    RsSamplerOptions options = {.sample_rate_hz = 99};
    RsSamplerSink to = sink();
    g_autoptr(GError) error = NULL;
    char *why = NULL;

    deny_perf_with(code);
    if (rs_sampler_perf.probe(&options, &why) || !strstr(why, wanted))
        return FALSE;
    return !rs_sampler_perf.open(&options, &to, &error) && strstr(error->message, wanted);
}

static int told_seccomp(void)
{
    return is_told(EPERM, "seccomp") ? 0 : 1;
}

static int told_paranoid(void)
{
    return is_told(EACCES, "perf_event_paranoid") ? 0 : 1;
}

static int told_no_kernel_support(void)
{
    return is_told(ENOSYS, "no perf_event_open") ? 0 : 1;
}

START_TEST(a_refusal_says_who_refuses)
{
    ck_assert_int_eq(in_child(told_seccomp), 0);
    ck_assert_int_eq(in_child(told_paranoid), 0);
    ck_assert_int_eq(in_child(told_no_kernel_support), 0);
}
END_TEST

#define NOBODY 65534

/* As if it had been started by that user: who changes his own may not be looked at otherwise. */
static gboolean becomes_nobody(void)
{
    return setgid(NOBODY) == 0 && setuid(NOBODY) == 0 && prctl(PR_SET_DUMPABLE, 1) == 0;
}

static int samples_as_nobody(void)
{
    gboolean sees_kernel;

    if (!becomes_nobody() || !is_permitted())
        return 77;
    run(&at_1000_hz, STRV(target, "short", "100000"));
    rs_sampler_perf.describe(sampler, &sees_kernel);
    for (guint i = 0; i < seen->len; i++)
        if (seen_at(i)->in_kernel && !sees_kernel)
            return 2;
    return seen->len >= 20 ? 0 : 3;
}

static int cannot_attach_to_root(void)
{
    g_autoptr(GError) error = NULL;

    if (!becomes_nobody() || !is_permitted())
        return 77;
    open_sampler(&at_1000_hz);
    return !rs_sampler_perf.attach(sampler, getppid(), FALSE, &error) &&
                   g_error_matches(error, RS_SAMPLER_ERROR, RS_SAMPLER_ERROR_DENIED)
               ? 0
               : 1;
}

START_TEST(an_ordinary_user_samples_what_is_his_own)
{
    int status;

    if (getuid() != 0) {
        printf("SKIP: only root can become another user\n");
        return;
    }
    status = in_child(samples_as_nobody);
    if (status == 77) {
        printf("SKIP: ordinary users may not use perf events here\n");
        return;
    }
    ck_assert_int_eq(status, 0);
    ck_assert_int_eq(in_child(cannot_attach_to_root), 0);
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("sampler_perf");
    TCase *whose = tcase_create("whose"), *attaching = tcase_create("attaching");
    TCase *how_much = tcase_create("how much"), *refusals = tcase_create("refusals");
    TCase *cases[] = {whose, attaching, how_much, refusals};

    tcase_add_test(whose, a_launched_program_is_sampled_from_its_first_moments);
    tcase_add_test(whose, code_of_samples_is_known_though_the_process_is_gone);
    tcase_add_test(whose, threads_born_later_are_sampled);
    tcase_add_test(whose, children_are_sampled_and_their_code_is_known);
    tcase_add_test(whose, a_chain_of_execs_is_one_process);
    tcase_add_test(whose, a_process_lives_on_without_its_first_thread);
    tcase_add_test(whose, a_program_that_cannot_be_executed_leaves_nothing_behind);
    tcase_add_test(whose,
                   programs_of_a_launcher_are_sampled_from_their_exec_and_the_launcher_is_not);
    tcase_add_test(whose, each_program_of_a_launcher_has_its_startup_and_no_time_counts_twice);
    tcase_add_test(attaching, all_threads_of_a_running_program_are_sampled);
    tcase_add_test(attaching, a_program_goes_on_when_the_sampler_leaves);
    tcase_add_test(attaching, threads_that_are_born_while_attaching_count_once);
    tcase_add_test(attaching, attaching_again_changes_no_weight);
    tcase_add_test(attaching, a_cpu_that_comes_online_is_sampled_too);
    tcase_add_test(attaching, a_process_that_is_gone_is_an_error_of_its_own);
    tcase_add_test(attaching, a_process_that_ends_while_attaching_is_a_result);
    tcase_add_test(how_much, time_is_split_as_the_program_splits_it);
    tcase_add_test(how_much, perf_record_sees_the_same_split);
    tcase_add_test(how_much, weights_add_up_to_the_time_that_was_used);
    tcase_add_test(how_much, weights_add_up_over_startup_and_after);
    tcase_add_test(how_much, weights_add_up_in_several_threads);
    tcase_add_test(how_much, a_program_of_a_millisecond_has_samples);
    tcase_add_test(how_much, a_program_of_50_ms_is_profiled_in_each_of_100_runs);
    tcase_add_test(how_much, every_record_that_this_kernel_writes_is_understood);
    tcase_add_test(how_much, events_that_are_no_clocks_weigh_time_as_well);
    tcase_add_test(how_much, task_clock_is_a_clock);
    tcase_add_test(refusals, hardware_events_are_there_or_said_not_to_be);
    tcase_add_test(refusals, an_event_that_there_is_not_is_refused_with_those_that_there_are);
    tcase_add_test(refusals, what_does_not_fit_is_counted);
    tcase_add_test(refusals, stacks_are_as_long_as_asked_for);
    tcase_add_test(refusals, a_refusal_says_who_refuses);
    tcase_add_test(refusals, an_ordinary_user_samples_what_is_his_own);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        tcase_add_checked_fixture(cases[i], set_up, tear_down);
        tcase_set_timeout(cases[i], 300);
        suite_add_tcase(all, cases[i]);
    }
    return all;
}

int main(void)
{
    if (!is_permitted())
        return EXIT_SUCCESS;
    return run_suite(suite());
}
