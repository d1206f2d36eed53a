/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mechanism is proven with software events, which virtual machines offer too: what is counted,
 * whose, and since when. */
#include "trial/counters.h"

#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include "tests/unit/run.h"
#include "tests/unit/trial_fixtures.h"
#include "trial/launcher.h"

#define STRV(...) ((char *[]){__VA_ARGS__, NULL})

static const RsCounterRow software_rows[] = {
    {RS_METRIC_INSTRUCTIONS, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS},
    {RS_METRIC_CYCLES, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK},
    {RS_N_METRICS, 0, 0},
};

static RsLauncher *launcher;
static RsLaunchResult result;

static void set_up(void)
{
    launcher = rs_launcher_new(NULL);
    ck_assert_ptr_nonnull(launcher);
}

static void tear_down(void)
{
    rs_launcher_free(launcher);
}

static void run_shell(const char *script)
{
    RsLaunch launch = {
        .path = "/bin/sh",
        .argv = STRV((char *)"sh", (char *)"-c", (char *)script),
        .environment = STRV((char *)"PATH=/usr/bin:/bin"),
        .n_launches = 1,
    };

    ck_assert(rs_launcher_run(launcher, &launch, NULL, &result, NULL));
    ck_assert(result.succeeded);
}

/* The kernel asked without the code under test. */
static int open_directly(void)
{
    struct perf_event_attr attr = {
        .size = sizeof attr,
        .type = PERF_TYPE_SOFTWARE,
        .config = PERF_COUNT_SW_TASK_CLOCK,
        .disabled = 1,
        .exclude_kernel = 1,
        .exclude_hv = 1,
    };

    return (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}

/* NULL, and a skip is counted, where not even software events are allowed. */
static RsCounters *open_rows(const RsCounterRow *rows)
{
    g_autofree char *why = NULL;
    RsCounters *counters = rs_counters_open(rows, rs_launcher_pid(launcher), &why);

    if (!counters) {
        int fd = open_directly();

        ck_assert_msg(fd < 0, "the kernel opens software events, but not here: %s", why);
        printf("SKIP: software events: %s\n", why);
    }
    return counters;
}

/* What was counted once the launcher has fallen asleep again. */
static void take(RsCounters *counters, gint64 values[RS_N_METRICS])
{
    g_usleep(20000);
    rs_counters_take(counters, values);
}

START_TEST(nothing_is_counted_while_no_program_runs)
{
    RsCounters *counters = open_rows(software_rows);
    gint64 values[RS_N_METRICS];

    if (!counters)
        return;
    run_shell("exit 0");
    take(counters, values);
    g_usleep(20000);
    take(counters, values);
    ck_assert(values[RS_METRIC_INSTRUCTIONS] <= 0); /* absent, or none */
    ck_assert(values[RS_METRIC_CYCLES] <= 0);
    rs_counters_free(counters);
}
END_TEST

START_TEST(a_program_is_counted_with_all_its_descendants)
{
    RsCounters *counters = open_rows(software_rows);
    gint64 small[RS_N_METRICS], large[RS_N_METRICS];

    if (!counters)
        return;
    run_shell("exit 0"); /* the launcher's own first faults */
    take(counters, small);
    run_shell("exit 0");
    take(counters, small);
    /* Ten programs and a loop in a grandchild. */
    run_shell("sh -c 'for n in 1 2 3 4 5 6 7 8 9 10; do /bin/true; done; "
              "i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done'; exit 0");
    take(counters, large);
    ck_assert_int_gt(small[RS_METRIC_INSTRUCTIONS], 10);
    ck_assert_int_gt(large[RS_METRIC_INSTRUCTIONS], small[RS_METRIC_INSTRUCTIONS] + 200);
    ck_assert_int_gt(small[RS_METRIC_CYCLES], 10000);
    ck_assert_int_gt(large[RS_METRIC_CYCLES], 5000000);
    ck_assert_int_lt(large[RS_METRIC_CYCLES],
                     result.user_ns + result.system_ns + G_GINT64_CONSTANT(1000000000));
    rs_counters_free(counters);
}
END_TEST

START_TEST(each_take_counts_since_the_last_one)
{
    RsCounters *counters = open_rows(software_rows);
    gint64 first[RS_N_METRICS], second[RS_N_METRICS], nothing[RS_N_METRICS];

    if (!counters)
        return;
    run_shell("exit 0");
    take(counters, first);
    run_shell("exit 0");
    take(counters, first);
    run_shell("exit 0");
    take(counters, second);
    take(counters, nothing);
    /* The same program twice: a sum since the opening would be twice as large. */
    ck_assert_int_lt(second[RS_METRIC_INSTRUCTIONS], first[RS_METRIC_INSTRUCTIONS] * 3 / 2);
    ck_assert_int_gt(second[RS_METRIC_INSTRUCTIONS], first[RS_METRIC_INSTRUCTIONS] / 2);
    ck_assert(nothing[RS_METRIC_INSTRUCTIONS] <= 0);
    rs_counters_free(counters);
}
END_TEST

/* Contexts of a process and its child may change places in the kernel while both sleep and wake. */
START_TEST(counting_goes_on_for_hundreds_of_launches)
{
    RsCounters *counters = open_rows(software_rows);
    gint64 values[RS_N_METRICS];

    if (!counters)
        return;
    for (guint i = 0; i < 300; i++) {
        run_shell("exit 0");
        rs_counters_take(counters, values);
        ck_assert_msg(values[RS_METRIC_CYCLES] > 10000, "launch %u", i);
    }
    rs_counters_free(counters);
}
END_TEST

START_TEST(the_calling_process_is_not_counted)
{
    RsCounters *counters = open_rows(software_rows);
    gint64 values[RS_N_METRICS];
    gint64 until_us = g_get_monotonic_time() + 300000;

    if (!counters)
        return;
    while (g_get_monotonic_time() < until_us)
        ;
    run_shell("exit 0");
    rs_counters_take(counters, values);
    ck_assert_int_lt(values[RS_METRIC_CYCLES], 200000000);
    rs_counters_free(counters);
}
END_TEST

START_TEST(metrics_without_a_row_are_absent)
{
    RsCounters *counters = open_rows(software_rows);
    gint64 values[RS_N_METRICS];

    if (!counters)
        return;
    run_shell("exit 0");
    rs_counters_take(counters, values);
    for (RsMetricId id = 0; id < RS_N_METRICS; id++)
        ck_assert_msg((values[id] == RS_COUNT_ABSENT) ==
                          (id != RS_METRIC_INSTRUCTIONS && id != RS_METRIC_CYCLES),
                      "%s", rs_metric_rows[id].name);
    rs_counters_free(counters);
}
END_TEST

START_TEST(a_row_that_is_missing_alone_is_left_out)
{
    static const RsCounterRow rows[] = {
        {RS_METRIC_BRANCH_MISSES, PERF_TYPE_SOFTWARE, 9999},
        {RS_METRIC_CYCLES, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK},
        {RS_METRIC_CACHE_MISSES, PERF_TYPE_SOFTWARE, 9999},
        {RS_N_METRICS, 0, 0},
    };
    RsCounters *counters = open_rows(rows);
    gint64 values[RS_N_METRICS];

    if (!counters)
        return;
    run_shell("exit 0");
    rs_counters_take(counters, values);
    ck_assert_int_gt(values[RS_METRIC_CYCLES], 0);
    ck_assert(values[RS_METRIC_BRANCH_MISSES] == RS_COUNT_ABSENT);
    ck_assert(values[RS_METRIC_CACHE_MISSES] == RS_COUNT_ABSENT);
    rs_counters_free(counters);
}
END_TEST

START_TEST(counters_that_do_not_exist_are_refused_with_a_sentence)
{
    static const RsCounterRow rows[] = {
        {RS_METRIC_CYCLES, PERF_TYPE_SOFTWARE, 9999},
        {RS_N_METRICS, 0, 0},
    };
    g_autofree char *why = NULL;

    ck_assert_ptr_null(rs_counters_open(rows, rs_launcher_pid(launcher), &why));
    ck_assert_ptr_nonnull(why);
    ck_assert_msg(strstr(why, "counters") || strstr(why, "perf_event_open"), "%s", why);
}
END_TEST

START_TEST(hardware_counters_are_there_or_their_absence_is_explained)
{
    g_autofree char *why = NULL;
    RsCounters *counters = rs_counters_open(rs_counter_rows, rs_launcher_pid(launcher), &why);
    gint64 values[RS_N_METRICS];

    if (!counters) {
        ck_assert_ptr_nonnull(why);
        ck_assert_int_gt(strlen(why), 20);
        return;
    }
    ck_assert_ptr_null(why);
    run_shell("i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done");
    rs_counters_take(counters, values);
    ck_assert(values[RS_METRIC_INSTRUCTIONS] == RS_COUNT_ABSENT ||
              values[RS_METRIC_INSTRUCTIONS] > 1000000);
    rs_counters_free(counters);
}
END_TEST

START_TEST(without_counters_everything_is_absent)
{
    gint64 values[RS_N_METRICS];

    rs_counters_take(NULL, values);
    for (RsMetricId id = 0; id < RS_N_METRICS; id++)
        ck_assert(values[id] == RS_COUNT_ABSENT);
    rs_counters_free(NULL);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("counters");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, nothing_is_counted_while_no_program_runs);
    tcase_add_test(tcase, a_program_is_counted_with_all_its_descendants);
    tcase_add_test(tcase, each_take_counts_since_the_last_one);
    tcase_add_test(tcase, counting_goes_on_for_hundreds_of_launches);
    tcase_add_test(tcase, the_calling_process_is_not_counted);
    tcase_add_test(tcase, metrics_without_a_row_are_absent);
    tcase_add_test(tcase, a_row_that_is_missing_alone_is_left_out);
    tcase_add_test(tcase, counters_that_do_not_exist_are_refused_with_a_sentence);
    tcase_add_test(tcase, hardware_counters_are_there_or_their_absence_is_explained);
    tcase_add_test(tcase, without_counters_everything_is_absent);
    return run_tests("counters", tcase);
}
