/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/perf/event.h"
#include "tests/unit/run.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST(lists_of_cpus_are_read)
{
    static const struct {
        const char *list;
        gint cpus[8];
        guint n_cpus;
    } cases[] = {
        {"0\n", {0}, 1},
        {"0-3\n", {0, 1, 2, 3}, 4},
        {"0-1,4,6-7", {0, 1, 4, 6, 7}, 5},
        {"130-131\n", {130, 131}, 2},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GArray) cpus = rs_perf_parse_cpus(cases[i].list);

        ck_assert_ptr_nonnull(cpus);
        ck_assert_uint_eq(cpus->len, cases[i].n_cpus);
        for (guint k = 0; k < cpus->len; k++)
            ck_assert_int_eq(g_array_index(cpus, gint, k), cases[i].cpus[k]);
    }
}
END_TEST

START_TEST(what_is_no_list_of_cpus_is_refused)
{
    static const char *const lists[] = {"",     "\n",  "a",   "-1",      "1-",          "3-1",
                                        "1--2", "1;2", "0,x", "0-70000", "0-4294967295"};

    for (guint i = 0; i < G_N_ELEMENTS(lists); i++)
        ck_assert_msg(!rs_perf_parse_cpus(lists[i]), "'%s'", lists[i]);
}
END_TEST

START_TEST(there_is_always_a_cpu)
{
    g_autoptr(GArray) cpus = rs_perf_online_cpus();
    g_autoptr(GArray) without = NULL;

    ck_assert_uint_gt(cpus->len, 0);
    rs_perf_online_file = "/nonexistent/online";
    without = rs_perf_online_cpus();
    ck_assert_uint_gt(without->len, 0);
}
END_TEST

static void is_told(int code, RsSamplerError wanted, const char *text)
{
    RsPerfSetup setup = {.event = rs_perf_events};
    g_autoptr(GError) error = NULL;

    rs_perf_set_error(&error, &setup, code);
    ck_assert(g_error_matches(error, RS_SAMPLER_ERROR, (int)wanted));
    ck_assert_msg(strstr(error->message, text), "%s", error->message);
}

START_TEST(what_the_kernel_answers_becomes_a_sentence)
{
    is_told(EPERM, RS_SAMPLER_ERROR_DENIED, "seccomp");
    is_told(EACCES, RS_SAMPLER_ERROR_DENIED, "perf_event");
    is_told(ENOSYS, RS_SAMPLER_ERROR_UNSUPPORTED, "no perf_event_open");
    is_told(ENOENT, RS_SAMPLER_ERROR_UNSUPPORTED, "virtual machines");
    is_told(EOPNOTSUPP, RS_SAMPLER_ERROR_UNSUPPORTED, "cpu-clock");
    is_told(EMFILE, RS_SAMPLER_ERROR_FAILED, "ulimit");
    is_told(E2BIG, RS_SAMPLER_ERROR_FAILED, "cannot be opened");
}
END_TEST

START_TEST(what_it_answers_of_a_target_does_too)
{
    static const struct {
        int code;
        RsSamplerError wanted;
        const char *text;
    } cases[] = {
        {ESRCH, RS_SAMPLER_ERROR_GONE, "4711 has ended"},
        {EACCES, RS_SAMPLER_ERROR_DENIED, "same user"},
        {EPERM, RS_SAMPLER_ERROR_DENIED, "same user"},
        {EMFILE, RS_SAMPLER_ERROR_FAILED, "ulimit"},
        {EIO, RS_SAMPLER_ERROR_FAILED, "4711"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;

        rs_perf_set_target_error(&error, 4711, cases[i].code);
        ck_assert(g_error_matches(error, RS_SAMPLER_ERROR, (int)cases[i].wanted));
        ck_assert_msg(strstr(error->message, cases[i].text), "%s", error->message);
    }
}
END_TEST

/* These need no permission: the options are looked at first. */
START_TEST(a_rate_of_nothing_is_refused)
{
    static const double rates[] = {0, -1};

    for (guint i = 0; i < G_N_ELEMENTS(rates); i++) {
        RsSamplerOptions options = {.sample_rate_hz = rates[i]};
        g_autoptr(GError) error = NULL;
        RsPerfSetup setup;

        ck_assert(!rs_perf_setup(&options, &setup, &error));
        ck_assert(g_error_matches(error, RS_SAMPLER_ERROR, RS_SAMPLER_ERROR_FAILED));
    }
}
END_TEST

START_TEST(there_is_startup_only_where_it_is_faster)
{
    static const struct {
        double startup_rate_hz;
        guint startup_ms;
        gboolean wanted;
    } cases[] = {{5000, 100, TRUE}, {5000, 0, FALSE}, {99, 100, FALSE}, {0, 100, FALSE}};

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        RsSamplerOptions options = {.sample_rate_hz = 99,
                                    .startup_rate_hz = cases[i].startup_rate_hz,
                                    .startup_ms = cases[i].startup_ms};
        g_autoptr(GError) error = NULL;
        RsPerfSetup setup;

        if (!rs_perf_setup(&options, &setup, &error)) {
            printf("SKIP: %s\n", error->message);
            return;
        }
        ck_assert_int_eq(setup.startup_rate_hz > 0, cases[i].wanted);
        ck_assert_uint_gt(setup.n_stack_bytes, 60000); /* as much as a record can hold */
        ck_assert_uint_eq(setup.n_stack_bytes % 8, 0);
    }
}
END_TEST

int main(void)
{
    TCase *test_case = tcase_create("perf_event");

    tcase_add_test(test_case, lists_of_cpus_are_read);
    tcase_add_test(test_case, what_is_no_list_of_cpus_is_refused);
    tcase_add_test(test_case, there_is_always_a_cpu);
    tcase_add_test(test_case, what_the_kernel_answers_becomes_a_sentence);
    tcase_add_test(test_case, what_it_answers_of_a_target_does_too);
    tcase_add_test(test_case, a_rate_of_nothing_is_refused);
    tcase_add_test(test_case, there_is_startup_only_where_it_is_faster);
    return run_tests("perf_event", test_case);
}
