/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/record_series.h"

#include <check.h>
#include <math.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/run.h"

static GArray *children; /* pid_t */

static void set_up(void)
{
    children = g_array_new(FALSE, FALSE, sizeof(pid_t));
}

static void end_child(guint i)
{
    pid_t pid = g_array_index(children, pid_t, i);

    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    g_array_remove_index(children, i);
}

static void tear_down(void)
{
    while (children->len)
        end_child(0);
    g_array_unref(children);
}

static void start_child(void)
{
    pid_t pid = fork();

    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;)
            pause();
    }
    ck_assert_int_gt(pid, 0);
    g_array_append_val(children, pid);
}

static RsProcessSample *sample(double cpu_pct, gint64 rss_bytes, gint64 read_bytes)
{
    RsProcessSample *fresh = rs_process_sample_new();

    fresh->cpu_pct = cpu_pct;
    fresh->rss_bytes = rss_bytes;
    fresh->read_bytes = read_bytes;
    return fresh;
}

START_TEST(a_sum_leaves_out_what_is_absent)
{
    g_autoptr(GPtrArray) samples =
        g_ptr_array_new_with_free_func((GDestroyNotify)rs_process_sample_free);
    RsProcessSample sum;

    g_ptr_array_add(samples, sample(20, 1000, -1));
    g_ptr_array_add(samples, sample(NAN, 500, -1));
    sum = rs_process_samples_sum(samples);
    ck_assert(sum.cpu_pct == 20);
    ck_assert_int_eq(sum.rss_bytes, 1500);
    ck_assert_int_eq(sum.read_bytes, -1);
}
END_TEST

START_TEST(a_sum_of_nothing_is_absent)
{
    g_autoptr(GPtrArray) samples = g_ptr_array_new();
    RsProcessSample sum = rs_process_samples_sum(samples);

    ck_assert(isnan(sum.cpu_pct));
    ck_assert_int_eq(sum.n_threads, -1);
}
END_TEST

START_TEST(children_are_looked_at_as_well)
{
    g_autoptr(RsTreeSeries) series = NULL;
    g_autoptr(GPtrArray) samples = NULL;

    start_child();
    series = rs_tree_series_new(getpid());
    ck_assert_uint_eq(rs_tree_series_n_processes(series), 2);
    samples = rs_tree_series_look(series, 77);
    ck_assert_uint_eq(samples->len, 2);
    for (guint i = 0; i < 2; i++) {
        const RsProcessSample *one = g_ptr_array_index(samples, i);

        ck_assert_int_eq(one->at_ns, 77);
        ck_assert_int_eq(one->process_id, i ? g_array_index(children, pid_t, 0) : getpid());
        ck_assert_int_gt(one->rss_bytes, 0);
    }
}
END_TEST

START_TEST(a_child_born_later_is_found_and_one_that_ended_is_left)
{
    g_autoptr(RsTreeSeries) series = rs_tree_series_new(getpid());
    g_autoptr(GPtrArray) with = NULL, without = NULL;

    start_child();
    rs_tree_series_rescan(series);
    with = rs_tree_series_look(series, 1);
    ck_assert_uint_eq(with->len, 2);
    end_child(0);
    without = rs_tree_series_look(series, 2);
    ck_assert_uint_eq(without->len, 1);
    ck_assert_uint_eq(rs_tree_series_n_processes(series), 1);
}
END_TEST

START_TEST(a_large_family_is_not_looked_at_whole)
{
    g_autoptr(RsTreeSeries) series = NULL;

    for (guint i = 0; i < RS_TREE_MAX_PROCESSES + 3; i++)
        start_child();
    series = rs_tree_series_new(getpid());
    ck_assert_uint_eq(rs_tree_series_n_processes(series), RS_TREE_MAX_PROCESSES);
    ck_assert_uint_eq(rs_tree_series_n_left_out(series), 4); /* this process is one of them */
    ck_assert_int_eq(rs_tree_series_pids(series)[0], getpid());
}
END_TEST

START_TEST(cpu_time_counts_from_the_first_look)
{
    g_autoptr(RsTreeSeries) series = NULL;
    g_autoptr(GPtrArray) first = NULL, second = NULL;
    gint64 user_ns, system_ns, began_us;
    volatile guint64 sum = 0;

    for (began_us = g_get_monotonic_time(); g_get_monotonic_time() - began_us < 100000;)
        sum++;
    series = rs_tree_series_new(getpid());
    rs_tree_series_cpu(series, &user_ns, &system_ns);
    ck_assert_int_eq(user_ns, -1);
    first = rs_tree_series_look(series, 1);
    rs_tree_series_cpu(series, &user_ns, &system_ns);
    ck_assert_int_eq(user_ns, 0); /* what was before us is not ours */
    for (guint64 i = 0; i < 300000000; i++)
        sum += i;
    second = rs_tree_series_look(series, 2);
    rs_tree_series_cpu(series, &user_ns, &system_ns);
    ck_assert_int_gt(user_ns + system_ns, 10000000);
    ck_assert_int_gt(rs_tree_series_peak_rss_bytes(series), 100000);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("series");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_sum_leaves_out_what_is_absent);
    tcase_add_test(tests, a_sum_of_nothing_is_absent);
    tcase_add_test(tests, children_are_looked_at_as_well);
    tcase_add_test(tests, a_child_born_later_is_found_and_one_that_ended_is_left);
    tcase_add_test(tests, a_large_family_is_not_looked_at_whole);
    tcase_add_test(tests, cpu_time_counts_from_the_first_look);
    return run_tests("record_series", tests);
}
