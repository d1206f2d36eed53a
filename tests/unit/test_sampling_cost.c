/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/sampling_cost.h"

#include <check.h>
#include <math.h>

#include "tests/unit/run.h"

static RsCostMeter *meter;

static void set_up(void)
{
    meter = rs_cost_meter_new(0);
}

static void tear_down(void)
{
    rs_cost_meter_free(meter);
}

/* A pair whose sampled side takes this much longer. */
static void add(double wall_pct, double cpu_pct)
{
    RsTrialTime without = {.wall_ns = 1000000000, .cpu_ns = 500000000};
    RsTrialTime with = {.wall_ns = (gint64)(1e9 * (1 + wall_pct / 100)),
                        .cpu_ns = (gint64)(5e8 * (1 + cpu_pct / 100))};

    rs_cost_meter_add(meter, &with, &without);
}

START_TEST(a_few_pairs_tell_nothing)
{
    RsSamplingCost cost;

    ck_assert(!rs_cost_meter_read(meter, &cost));
    for (guint i = 0; i < 5; i++) /* 2 * 0.5^5 > 5 % */
        add(1, 1);
    ck_assert(!rs_cost_meter_read(meter, &cost));
    add(1, 1);
    ck_assert(rs_cost_meter_read(meter, &cost));
}
END_TEST

START_TEST(the_cost_is_the_median_of_the_pairs_with_its_interval)
{
    RsSamplingCost cost;

    for (gint i = -10; i <= 10; i++)
        add(2 + i / 10.0, 0.5);
    ck_assert(rs_cost_meter_read(meter, &cost));
    ck_assert_uint_eq(cost.n_pairs, 21);
    ck_assert_double_eq_tol(cost.wall_pct, 2, 1e-6);
    /* Order statistics 6 and 16 of 21: binomial table, n = 21, p = 1/2. */
    ck_assert_double_eq_tol(cost.wall_low_pct, 1.5, 1e-6);
    ck_assert_double_eq_tol(cost.wall_high_pct, 2.5, 1e-6);
    ck_assert_double_eq_tol(cost.cpu_pct, 0.5, 1e-6);
}
END_TEST

START_TEST(one_launch_that_was_disturbed_moves_it_little)
{
    RsSamplingCost cost;

    for (gint i = -5; i <= 5; i++)
        add(1 + i / 100.0, 1);
    add(900, 1);
    ck_assert(rs_cost_meter_read(meter, &cost));
    ck_assert_double_lt(cost.wall_pct, 1.1);
    ck_assert_double_lt(cost.wall_high_pct, 1.1);
}
END_TEST

START_TEST(a_program_without_cpu_time_has_a_cost_of_wall_time_alone)
{
    RsTrialTime time = {.wall_ns = 1000, .cpu_ns = 0};
    RsSamplingCost cost;

    for (guint i = 0; i < 8; i++)
        rs_cost_meter_add(meter, &time, &time);
    ck_assert(rs_cost_meter_read(meter, &cost));
    ck_assert_double_eq(cost.wall_pct, 0);
    ck_assert(isnan(cost.cpu_pct));
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("sampling cost");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, a_few_pairs_tell_nothing);
    tcase_add_test(tcase, the_cost_is_the_median_of_the_pairs_with_its_interval);
    tcase_add_test(tcase, one_launch_that_was_disturbed_moves_it_little);
    tcase_add_test(tcase, a_program_without_cpu_time_has_a_cost_of_wall_time_alone);
    return run_tests("sampling cost", tcase);
}
