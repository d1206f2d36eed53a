/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The series of a process that does what it is told (tests/programs/series_target.c). */
#include "capture/process_series.c" /* for the way of older kernels */

#include <check.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "tests/unit/run.h"

#define MIB (1024 * 1024)
#define MS  1000000

static pid_t target_pid;
static int to_target, from_target;
static RsProcessSeries *series;

static void start_target(const char *name)
{
    g_autofree char *path =
        g_build_filename(g_getenv("BUILD") ? g_getenv("BUILD") : "build/release", "tests",
                         "programs", "series_target", NULL);
    int commands[2], answers[2];
    pid_t parent = getpid();

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
        execl(path, name, NULL);
        _exit(127);
    }
    close(commands[0]);
    close(answers[1]);
    to_target = commands[1];
    from_target = answers[0];
}

static void tell(char command)
{
    char answer = 0;

    ck_assert_int_eq(write(to_target, &command, 1), 1);
    ck_assert_int_eq(read(from_target, &answer, 1), 1);
    ck_assert_int_eq(answer, command);
}

static RsProcessSample *look(void)
{
    return rs_process_series_look(series);
}

static void set_up(void)
{
    g_autoptr(GError) error = NULL;

    start_target("series_target");
    tell('r'); /* it has executed, and all that it needs is there */
    series = rs_process_series_new(target_pid, &error);
    ck_assert_msg(series != NULL, "%s", error ? error->message : "");
}

static void tear_down(void)
{
    g_clear_pointer(&series, rs_process_series_free);
    kill(target_pid, SIGKILL);
    waitpid(target_pid, NULL, 0);
    close(to_target);
    close(from_target);
}

static void nap(gint64 n_ms)
{
    struct timespec time = {.tv_sec = n_ms / 1000, .tv_nsec = n_ms % 1000 * MS};

    while (nanosleep(&time, &time) != 0 && errno == EINTR)
        ;
}

/* --- the figures --- */

START_TEST(memory_descriptors_threads_and_io_show_what_the_program_did)
{
    g_autoptr(RsProcessSample) before = look();
    g_autoptr(RsProcessSample) after = NULL;

    ck_assert(before != NULL);
    ck_assert_int_eq(before->process_id, target_pid);
    ck_assert_int_eq(before->at_ns, 0);
    ck_assert_int_eq(before->n_threads, 1);
    ck_assert_int_eq(before->n_open_fds, 3);
    ck_assert_int_eq(before->n_syscalls, -1);
    ck_assert_int_gt(before->rss_bytes, 100 * 1024);
    tell('m');
    tell('f');
    tell('t');
    tell('r');
    after = look();
    ck_assert_int_ge(after->rss_bytes - before->rss_bytes, 31 * MIB);
    ck_assert_int_le(after->rss_bytes - before->rss_bytes, 40 * MIB);
    ck_assert_int_eq(after->n_open_fds, 43);
    ck_assert_int_eq(after->n_threads, 9);
    ck_assert_int_ge(rs_process_series_peak_rss(series), after->rss_bytes - 4 * MIB);
    if (before->read_bytes < 0) {
        printf("SKIP: /proc/PID/io may not be read here\n");
        return;
    }
    ck_assert_int_ge(after->read_bytes - before->read_bytes, MIB);
    ck_assert_int_le(after->read_bytes - before->read_bytes, MIB + 65536);
    ck_assert_int_ge(after->written_bytes - before->written_bytes, MIB);
}
END_TEST

START_TEST(descriptors_are_counted_where_the_kernel_does_not_tell)
{
    ck_assert_int_eq(count_fds(series), 3);
    tell('f');
    ck_assert_int_eq(count_fds(series), 43);
    ck_assert_int_eq(count_fds(series), 43);
}
END_TEST

START_TEST(cpu_use_is_that_since_the_last_look)
{
    g_autoptr(RsProcessSample) first = look();
    g_autoptr(RsProcessSample) busy = NULL, idle = NULL;
    gint64 user_ns[2], system_ns[2];
    struct timespec start, end;
    double wall_ms;

    rs_process_series_cpu(series, &user_ns[0], &system_ns[0]);
    clock_gettime(CLOCK_MONOTONIC, &start);
    tell('c');
    busy = look();
    clock_gettime(CLOCK_MONOTONIC, &end);
    rs_process_series_cpu(series, &user_ns[1], &system_ns[1]);
    wall_ms =
        (double)(end.tv_sec - start.tv_sec) * 1e3 + (double)(end.tv_nsec - start.tv_nsec) / 1e6;
    /* 100 ms of CPU time were used, whatever else the machine did meanwhile */
    ck_assert_double_ge(busy->cpu_pct, 0.95 * 100.0 * 100.0 / wall_ms);
    ck_assert_double_le(busy->cpu_pct, 105);
    ck_assert_int_ge(user_ns[1] + system_ns[1] - user_ns[0] - system_ns[0], 100 * MS);
    ck_assert_int_le(user_ns[1] + system_ns[1] - user_ns[0] - system_ns[0], 150 * MS);
    nap(100);
    idle = look();
    ck_assert_double_ge(idle->cpu_pct, 0);
    ck_assert_double_lt(idle->cpu_pct, 20);
}
END_TEST

START_TEST(the_first_looks_cpu_use_is_that_since_the_process_began)
{
    g_autoptr(RsProcessSample) first = NULL;

    tell('c');
    nap(30);
    first = look();
    ck_assert_double_gt(first->cpu_pct, 1);
    ck_assert_double_le(first->cpu_pct, 105);
}
END_TEST

START_TEST(switches_are_summed_over_threads_and_never_fall)
{
    g_autoptr(RsProcessSample) first = look();
    g_autoptr(RsProcessSample) slept = NULL, threads = NULL, ended = NULL;

    ck_assert_int_ge(first->n_voluntary_switches, 0);
    ck_assert_int_ge(first->n_involuntary_switches, 0);
    tell('s');
    slept = look();
    ck_assert_int_ge(slept->n_voluntary_switches - first->n_voluntary_switches, 50);
    tell('t');
    tell('z'); /* a ninth thread goes on with the commands */
    tell('s');
    rs_process_sample_free(look()); /* which asks eight of the ten */
    threads = look();
    ck_assert_int_ge(threads->n_voluntary_switches - slept->n_voluntary_switches, 50);
    ended = look();
    ck_assert_int_ge(ended->n_voluntary_switches, threads->n_voluntary_switches);
}
END_TEST

/* 40 of this program's own threads, more than a look asks. */
static void *sleep_often(void *data)
{
    struct timespec time = {.tv_nsec = 100000};
    gint *n_done = data;

    for (guint i = 0; i < 20; i++)
        nanosleep(&time, NULL);
    g_atomic_int_inc(n_done);
    while (g_atomic_int_get(n_done) >= 0)
        nap(1);
    return NULL;
}

START_TEST(all_of_many_threads_are_asked_in_turn)
{
    static gint n_done;
    int dir_fd = rs_proc_open_dir(getpid());
    g_autoptr(RsSwitches) switches = rs_switches_new(dir_fd, getpid());
    gint64 n_voluntary, n_involuntary;
    pthread_t threads[40];

    for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, sleep_often, &n_done), 0);
    while (g_atomic_int_get(&n_done) < (gint)G_N_ELEMENTS(threads))
        nap(1);
    rs_switches_look(switches, 41, &n_voluntary, &n_involuntary);
    ck_assert_int_ge(n_voluntary, (RS_SWITCHES_MAX_THREADS - 1) * 20);
    for (guint i = 0; i < 41 / RS_SWITCHES_MAX_THREADS; i++)
        rs_switches_look(switches, 41, &n_voluntary, &n_involuntary);
    ck_assert_int_ge(n_voluntary, 40 * 20);
    ck_assert_int_gt(rs_switches_peak_rss(switches), 0);
    g_atomic_int_set(&n_done, -1);
    for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
        pthread_join(threads[i], NULL);
    rs_switches_look(switches, 1, &n_voluntary, &n_involuntary);
    ck_assert_int_ge(n_voluntary, 40 * 20); /* the ended ones still count */
    close(dir_fd);
}
END_TEST

/* --- lives --- */

START_TEST(a_first_thread_that_ended_does_not_end_the_process)
{
    g_autoptr(RsProcessSample) sample = NULL;
    g_autoptr(GArray) found = NULL;

    tell('z');
    for (guint i = 0; i < 2000 && (!sample || sample->rss_bytes >= 0); i++) {
        g_clear_pointer(&sample, rs_process_sample_free);
        sample = look();
        ck_assert(sample != NULL);
        nap(1);
    }
    ck_assert_int_eq(sample->rss_bytes, -1); /* not told, rather than zero */
    ck_assert_int_eq(sample->n_open_fds, -1);
    ck_assert_int_ge(sample->n_threads, 2);
}
END_TEST

START_TEST(a_process_that_ended_gives_no_sample_but_its_cpu_time)
{
    g_autoptr(RsProcessSample) sample = look();
    gint64 user_ns, system_ns;
    siginfo_t info;

    tell('c');
    ck_assert_int_eq(write(to_target, "q", 1), 1);
    /* Ended, but not reaped. */
    ck_assert_int_eq(waitid(P_PID, (id_t)target_pid, &info, WEXITED | WNOWAIT), 0);
    ck_assert(look() == NULL);
    rs_process_series_cpu(series, &user_ns, &system_ns);
    ck_assert_int_ge(user_ns + system_ns, 100 * MS);
    ck_assert_int_eq(waitpid(target_pid, NULL, 0), target_pid);
    ck_assert(look() == NULL);
    rs_process_series_cpu(series, &user_ns, &system_ns);
    ck_assert_int_ge(user_ns + system_ns, 100 * MS);
}
END_TEST

START_TEST(a_process_that_is_not_there_is_an_error)
{
    g_autoptr(GError) error = NULL;

    ck_assert(rs_process_series_new(0x7ffffff0, &error) == NULL);
    ck_assert_int_eq(error->domain, G_FILE_ERROR);
    ck_assert_str_eq(error->message, "process 2147483632: No such file or directory");
}
END_TEST

START_TEST(nothing_is_told_before_the_first_look)
{
    gint64 user_ns, system_ns;

    rs_process_series_cpu(series, &user_ns, &system_ns);
    ck_assert_int_eq(user_ns, -1);
    ck_assert_int_eq(system_ns, -1);
    ck_assert_int_eq(rs_process_series_peak_rss(series), -1);
}
END_TEST

/* --- lines of /proc --- */

#define NUMBERS                                                                                    \
    "1 2 3 4 -1 6 7 8 9 10 18446744073709551615 12 13 14 15 16 4096 18 19 20 21 22 23 24 "         \
    "18446744073709551614 26 27"

START_TEST(a_name_with_parentheses_and_spaces_is_read_whole)
{
    RsProcStat stat;

    ck_assert(rs_proc_parse_stat("42 (a) R 1 (b) S " NUMBERS, &stat));
    ck_assert_str_eq(stat.name, "a) R 1 (b");
    ck_assert_int_eq(stat.state, 'S');
    ck_assert_int_eq(stat.parent_id, 1);
    ck_assert(rs_proc_parse_stat("42 () S " NUMBERS, &stat));
    ck_assert_str_eq(stat.name, "");
    ck_assert(rs_proc_parse_stat("42 (a\nb) S " NUMBERS, &stat));
    ck_assert_str_eq(stat.name, "a\nb");
}
END_TEST

START_TEST(values_as_large_as_they_can_be_are_read)
{
    RsProcStat stat;

    ck_assert(rs_proc_parse_stat("42 (x) S " NUMBERS, &stat));
    ck_assert_uint_eq(stat.user_ticks, G_MAXUINT64);
    ck_assert_uint_eq(stat.system_ticks, 12);
    ck_assert_int_eq(stat.n_threads, 4096);
    ck_assert_uint_eq(stat.start_ticks, 19);
    ck_assert_uint_eq(stat.stack_address, G_MAXUINT64 - 1);
}
END_TEST

START_TEST(lines_that_are_none_are_refused)
{
    RsProcStat stat = {.n_threads = 5};

    ck_assert(!rs_proc_parse_stat("", &stat));
    ck_assert(!rs_proc_parse_stat("42 (x S 1 2 3", &stat));
    ck_assert(!rs_proc_parse_stat("42 )x( S 1 2 3", &stat));
    ck_assert(!rs_proc_parse_stat("42 (x) S 1 2 3", &stat));
    ck_assert_int_eq(stat.n_threads, 5); /* untouched */
    ck_assert_int_eq(rs_proc_number("Threads:\t12\nVmHWM:   34 kB\n", "VmHWM:"), 34);
    ck_assert_int_eq(rs_proc_number("Threads:\t12\n", "VmHWM:"), -1);
    ck_assert_int_eq(rs_proc_number("a:\nb: x\n", "b:"), -1);
    ck_assert_int_eq(rs_proc_number("a: 99999999999999999999", "a:"), -1);
    ck_assert_int_eq(rs_proc_id("123"), 123);
    ck_assert_int_eq(rs_proc_id("12a"), 0);
    ck_assert_int_eq(rs_proc_id("99999999999999999999999"), 0);
}
END_TEST

START_TEST(the_name_of_a_process_is_read_whole)
{
    RsProcStat stat;
    int dir_fd, stat_fd;

    tell('n');
    dir_fd = rs_proc_open_dir(target_pid);
    stat_fd = rs_proc_open(dir_fd, "stat");
    ck_assert(rs_proc_read_stat(stat_fd, &stat));
    ck_assert_str_eq(stat.name, ") 1 (x");
    ck_assert_int_eq(stat.parent_id, getpid());
    close(stat_fd);
    close(dir_fd);
}
END_TEST

/* --- names and families --- */

static gboolean has(const GArray *pids, gint32 pid)
{
    for (guint i = 0; i < pids->len; i++) {
        if (g_array_index(pids, gint32, i) == pid)
            return TRUE;
    }
    return FALSE;
}

START_TEST(a_process_is_found_by_its_executable_and_by_its_own_name)
{
    g_autoptr(GArray) by_executable = rs_process_find_by_name("series_target");
    g_autoptr(GArray) by_own_name = NULL, by_beginning = NULL;
    g_autofree char *name = rs_process_name(target_pid), *own_name = NULL;

    ck_assert(has(by_executable, target_pid));
    ck_assert_str_eq(name, "series_target");
    tell('n');
    by_own_name = rs_process_find_by_name(") 1 (x");
    ck_assert(has(by_own_name, target_pid));
    by_beginning = rs_process_find_by_name("series_targe");
    ck_assert(!has(by_beginning, target_pid));
    own_name = rs_process_name(target_pid);
    ck_assert_str_eq(own_name, ") 1 (x");
}
END_TEST

START_TEST(the_newest_comes_first_and_this_process_not_at_all)
{
    pid_t older = target_pid;
    int older_to = to_target, older_from = from_target;
    g_autoptr(GArray) found = NULL, own = NULL;
    g_autofree char *own_name = rs_process_name(getpid());
    gint newer_at = -1, older_at = -1;

    nap(30); /* begins are told in clock ticks */
    start_target("series_target");
    tell('r');
    found = rs_process_find_by_name("series_target");
    for (gint i = 0; i < (gint)found->len; i++) {
        newer_at = g_array_index(found, gint32, i) == target_pid ? i : newer_at;
        older_at = g_array_index(found, gint32, i) == older ? i : older_at;
    }
    kill(target_pid, SIGKILL);
    waitpid(target_pid, NULL, 0);
    close(to_target);
    close(from_target);
    target_pid = older;
    to_target = older_to;
    from_target = older_from;
    ck_assert_int_ge(newer_at, 0);
    ck_assert_int_gt(older_at, newer_at);
    own = rs_process_find_by_name(own_name);
    ck_assert(!has(own, getpid()));
}
END_TEST

START_TEST(a_process_that_is_gone_has_no_name_and_no_family)
{
    g_autoptr(GArray) tree = NULL, found = NULL;
    siginfo_t info;

    kill(target_pid, SIGKILL);
    ck_assert_int_eq(waitid(P_PID, (id_t)target_pid, &info, WEXITED | WNOWAIT), 0);
    found = rs_process_find_by_name("series_target");
    ck_assert(!has(found, target_pid)); /* a zombie can no longer be attached to */
    waitpid(target_pid, NULL, 0);
    ck_assert(rs_process_name(target_pid) == NULL);
    tree = rs_process_tree(target_pid);
    ck_assert_uint_eq(tree->len, 0);
}
END_TEST

START_TEST(a_family_is_a_process_and_all_its_descendants)
{
    g_autoptr(GArray) tree = NULL, leaf = NULL;
    int ready[2];
    pid_t child;
    gint32 grandchild = 0;

    ck_assert_int_eq(pipe(ready), 0);
    child = fork();
    if (child == 0) {
        pid_t own = fork();

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (own > 0 && write(ready[1], &own, sizeof own) != sizeof own)
            _exit(3);
        for (;;)
            pause();
    }
    ck_assert_int_eq(read(ready[0], &grandchild, sizeof grandchild), sizeof grandchild);
    tree = rs_process_tree(getpid());
    ck_assert_int_eq(g_array_index(tree, gint32, 0), getpid());
    ck_assert(has(tree, target_pid));
    ck_assert(has(tree, child));
    ck_assert(has(tree, grandchild));
    ck_assert(!has(tree, getppid()));
    leaf = rs_process_tree(target_pid);
    ck_assert_uint_eq(leaf->len, 1);
    kill(grandchild, SIGKILL);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    close(ready[0]);
    close(ready[1]);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("process_series");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, memory_descriptors_threads_and_io_show_what_the_program_did);
    tcase_add_test(tests, descriptors_are_counted_where_the_kernel_does_not_tell);
    tcase_add_test(tests, cpu_use_is_that_since_the_last_look);
    tcase_add_test(tests, the_first_looks_cpu_use_is_that_since_the_process_began);
    tcase_add_test(tests, switches_are_summed_over_threads_and_never_fall);
    tcase_add_test(tests, all_of_many_threads_are_asked_in_turn);
    tcase_add_test(tests, a_first_thread_that_ended_does_not_end_the_process);
    tcase_add_test(tests, a_process_that_ended_gives_no_sample_but_its_cpu_time);
    tcase_add_test(tests, a_process_that_is_not_there_is_an_error);
    tcase_add_test(tests, nothing_is_told_before_the_first_look);
    tcase_add_test(tests, a_name_with_parentheses_and_spaces_is_read_whole);
    tcase_add_test(tests, values_as_large_as_they_can_be_are_read);
    tcase_add_test(tests, lines_that_are_none_are_refused);
    tcase_add_test(tests, the_name_of_a_process_is_read_whole);
    tcase_add_test(tests, a_process_is_found_by_its_executable_and_by_its_own_name);
    tcase_add_test(tests, the_newest_comes_first_and_this_process_not_at_all);
    tcase_add_test(tests, a_process_that_is_gone_has_no_name_and_no_family);
    tcase_add_test(tests, a_family_is_a_process_and_all_its_descendants);
    return run_tests("process_series", tests);
}
