/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/doctor_checks.h"

#include <check.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/run.h"

static char *root;

static void set_up(void)
{
    root = g_dir_make_tmp("doctor-XXXXXX", NULL);
    ck_assert_ptr_nonnull(root);
}

static void remove_all(const char *path)
{
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    const char *name;

    while (folder && (name = g_dir_read_name(folder))) {
        g_autofree char *inside = g_build_filename(path, name, NULL);

        remove_all(inside);
    }
    g_remove(path);
}

static void tear_down(void)
{
    remove_all(root);
    g_clear_pointer(&root, g_free);
}

static void write_file(const char *path, const char *text)
{
    g_autofree char *full = g_build_filename(root, path, NULL);
    g_autofree char *folder = g_path_get_dirname(full);

    ck_assert_int_eq(g_mkdir_with_parents(folder, 0755), 0);
    ck_assert(g_file_set_contents(full, text, -1, NULL));
}

static const RsCheck *find(const GPtrArray *checks, const char *name)
{
    for (guint i = 0; i < checks->len; i++) {
        const RsCheck *check = g_ptr_array_index(checks, i);

        if (g_str_equal(check->name, name))
            return check;
    }
    return NULL;
}

static const RsCheck *need(const GPtrArray *checks, const char *name)
{
    const RsCheck *check = find(checks, name);

    ck_assert_msg(check != NULL, "no check '%s'", name);
    return check;
}

START_TEST(yama_decides_who_may_be_traced)
{
    static const struct {
        const char *scope;
        RsCheckState state;
    } cases[] = {{"0\n", RS_CHECK_OK}, {"1\n", RS_CHECK_LIMITED}, {"3\n", RS_CHECK_NO}};

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GPtrArray) checks = NULL;

        write_file("proc/sys/kernel/yama/ptrace_scope", cases[i].scope);
        checks = rs_doctor_checks(root);
        ck_assert_int_eq(need(checks, "yama")->state, cases[i].state);
        ck_assert_int_eq(need(checks, "yama")->advice != NULL, cases[i].state != RS_CHECK_OK);
    }
}
END_TEST

START_TEST(a_kernel_without_yama_is_no_obstacle)
{
    g_autoptr(GPtrArray) checks = rs_doctor_checks(root);

    ck_assert_int_eq(need(checks, "yama")->state, RS_CHECK_OK);
}
END_TEST

START_TEST(a_kernel_without_perf_events_is_told)
{
    g_autoptr(GPtrArray) checks = rs_doctor_checks(root);

    ck_assert_int_eq(need(checks, "perf_event_paranoid")->state, RS_CHECK_NO);
}
END_TEST

START_TEST(the_level_of_paranoia_is_explained)
{
    g_autoptr(GPtrArray) checks = NULL;

    write_file("proc/sys/kernel/perf_event_paranoid", "1\n");
    checks = rs_doctor_checks(root);
    ck_assert_int_eq(need(checks, "perf_event_paranoid")->state, RS_CHECK_OK);
    ck_assert_ptr_nonnull(strstr(need(checks, "perf_event_paranoid")->fact, "1: "));
    ck_assert_ptr_null(need(checks, "perf_event_paranoid")->advice);
}
END_TEST

START_TEST(a_low_limit_of_the_rate_has_its_remedy)
{
    g_autoptr(GPtrArray) checks = NULL;

    write_file("proc/sys/kernel/perf_event_max_sample_rate", "250\n");
    checks = rs_doctor_checks(root);
    ck_assert_int_eq(need(checks, "highest rate")->state, RS_CHECK_LIMITED);
    ck_assert_ptr_nonnull(strstr(need(checks, "highest rate")->advice, "sysctl"));
}
END_TEST

START_TEST(a_seccomp_filter_is_seen)
{
    g_autoptr(GPtrArray) checks = NULL;

    write_file("proc/self/status", "Name:\tx\nSeccomp:\t2\nCapEff:\t0000004000080000\n");
    checks = rs_doctor_checks(root);
    ck_assert_int_eq(need(checks, "seccomp")->state, RS_CHECK_LIMITED);
    ck_assert_str_eq(need(checks, "capabilities")->fact,
                     "SYS_PTRACE, PERFMON (of those that matter here)");
}
END_TEST

START_TEST(a_slow_clock_is_seen)
{
    g_autoptr(GPtrArray) checks = NULL;

    write_file("sys/devices/system/clocksource/clocksource0/current_clocksource", "hpet\n");
    checks = rs_doctor_checks(root);
    ck_assert_int_eq(need(checks, "clock")->state, RS_CHECK_LIMITED);
}
END_TEST

START_TEST(hidden_processes_are_told)
{
    g_autoptr(GPtrArray) before = rs_doctor_checks(root), after = NULL;

    ck_assert_int_eq(need(before, "other processes")->state, RS_CHECK_LIMITED);
    write_file("proc/1/stat", "1 (init) S\n");
    after = rs_doctor_checks(root);
    ck_assert_int_eq(need(after, "other processes")->state, RS_CHECK_OK);
}
END_TEST

START_TEST(versions_of_what_is_loaded_are_told)
{
    g_autoptr(GPtrArray) checks = rs_doctor_checks("/");

    ck_assert_str_eq(need(checks, "rustscope")->fact, RS_VERSION);
    ck_assert_ptr_nonnull(strstr(need(checks, "libraries")->fact, "libglib-2.0.so"));
}
END_TEST

START_TEST(the_sampler_that_auto_takes_is_the_first_that_works)
{
    g_autoptr(GPtrArray) checks = rs_doctor_checks("/");
    g_autofree char *why = NULL;
    const char *sampler = rs_doctor_sampler(&why);

    ck_assert_ptr_nonnull(why);
    if (g_str_equal(sampler, "none")) {
        ck_assert_int_eq(need(checks, "perf")->state, RS_CHECK_NO);
        ck_assert_int_eq(need(checks, "ptrace")->state, RS_CHECK_NO);
    } else {
        ck_assert_int_eq(need(checks, sampler)->state, RS_CHECK_OK);
    }
    if (need(checks, "perf")->state == RS_CHECK_OK)
        ck_assert_str_eq(sampler, "perf");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("doctor");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, yama_decides_who_may_be_traced);
    tcase_add_test(tests, a_kernel_without_yama_is_no_obstacle);
    tcase_add_test(tests, a_kernel_without_perf_events_is_told);
    tcase_add_test(tests, the_level_of_paranoia_is_explained);
    tcase_add_test(tests, a_low_limit_of_the_rate_has_its_remedy);
    tcase_add_test(tests, a_seccomp_filter_is_seen);
    tcase_add_test(tests, a_slow_clock_is_seen);
    tcase_add_test(tests, hidden_processes_are_told);
    tcase_add_test(tests, versions_of_what_is_loaded_are_told);
    tcase_add_test(tests, the_sampler_that_auto_takes_is_the_first_that_works);
    return run_tests("doctor_checks", tests);
}
