/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/perf/phase.h"

#include <check.h>

#include "tests/unit/run.h"

#define PERIOD_NS 2000000
#define N_LIVES   20000

static RsPerfPhases *phases;
static guint64 n_raw, n_kept, n_kept_early;

static void set_up(void)
{
    phases = rs_perf_phases_new(PERIOD_NS);
}

static void tear_down(void)
{
    rs_perf_phases_free(phases);
}

/* What the kernel does: a sample after each drawn period while the thread lives. */
static void live(guint n_lives, double length_periods)
{
    n_raw = n_kept = n_kept_early = 0;
    for (guint i = 0; i < n_lives; i++) {
        guint64 drawn_ns = rs_perf_phases_draw(phases);
        guint64 length_ns = (guint64)(length_periods * PERIOD_NS);

        for (guint64 at_ns = drawn_ns; at_ns <= length_ns; at_ns += drawn_ns) {
            gboolean keep = rs_perf_phases_keep(phases, 7, i % 3, drawn_ns);

            n_raw++;
            n_kept += keep;
            n_kept_early += keep && at_ns <= length_ns / 2;
        }
        rs_perf_phases_forget(phases, 7);
    }
}

/* Kept samples stand for the share of this that the lives lasted. */
static double share(double length_periods)
{
    return (double)n_kept / (N_LIVES * length_periods);
}

START_TEST(lives_shorter_than_a_period_have_their_share)
{
    live(N_LIVES, 0.5);
    ck_assert_double_gt(share(0.5), 0.85);
    ck_assert_double_lt(share(0.5), 1.0);
    live(N_LIVES, 0.9);
    ck_assert_double_gt(share(0.9), 0.93);
    ck_assert_double_lt(share(0.9), 1.05);
}
END_TEST

START_TEST(lives_of_some_periods_have_their_share)
{
    const double lengths[] = {1, 1.5, 2, 2.7, 5, 11.3};

    for (guint i = 0; i < G_N_ELEMENTS(lengths); i++) {
        live(N_LIVES, lengths[i]);
        ck_assert_msg(share(lengths[i]) > 0.9 && share(lengths[i]) < 1.1, "%g periods: %g",
                      lengths[i], share(lengths[i]));
    }
}
END_TEST

START_TEST(a_short_life_is_sampled_early_as_often_as_late)
{
    live(N_LIVES, 1);
    /* up to the shortest period that is drawn */
    ck_assert_double_gt((double)n_kept_early / (double)n_kept, 0.42);
    ck_assert_double_lt((double)n_kept_early / (double)n_kept, 0.58);
}
END_TEST

START_TEST(long_lives_are_sampled_at_the_rate_and_cost_little_more)
{
    live(50, 100); /* it is learnt that they are */
    live(1000, 100);
    ck_assert_double_gt((double)n_kept, 0.98 * 1000 * 100);
    ck_assert_double_lt((double)n_kept, 1.02 * 1000 * 100);
    ck_assert_double_lt((double)n_raw, 1.5 * (double)n_kept);
}
END_TEST

START_TEST(short_lives_cost_no_more_than_three_samples_for_one)
{
    live(N_LIVES, 3);
    ck_assert_double_lt((double)n_raw, 3.2 * (double)n_kept);
}
END_TEST

START_TEST(threads_and_cpus_have_phases_of_their_own)
{
    ck_assert(rs_perf_phases_keep(phases, 7, 0, PERIOD_NS / 4));
    ck_assert(rs_perf_phases_keep(phases, 8, 0, PERIOD_NS / 4));
    ck_assert(rs_perf_phases_keep(phases, 7, 1, PERIOD_NS / 4));
    ck_assert(!rs_perf_phases_keep(phases, 7, 0, PERIOD_NS / 4));
    rs_perf_phases_forget(phases, 7);
    ck_assert(!rs_perf_phases_keep(phases, 8, 0, PERIOD_NS / 4));
    ck_assert(rs_perf_phases_keep(phases, 7, 0, PERIOD_NS / 4));
}
END_TEST

START_TEST(threads_without_end_are_forgotten)
{
    for (pid_t tid = 1; tid < 200000; tid++)
        ck_assert(rs_perf_phases_keep(phases, tid, 0, PERIOD_NS));
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("perf phase");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, lives_shorter_than_a_period_have_their_share);
    tcase_add_test(tcase, lives_of_some_periods_have_their_share);
    tcase_add_test(tcase, a_short_life_is_sampled_early_as_often_as_late);
    tcase_add_test(tcase, long_lives_are_sampled_at_the_rate_and_cost_little_more);
    tcase_add_test(tcase, short_lives_cost_no_more_than_three_samples_for_one);
    tcase_add_test(tcase, threads_and_cpus_have_phases_of_their_own);
    tcase_add_test(tcase, threads_without_end_are_forgotten);
    return run_tests("perf phase", tcase);
}
