/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/pair_mde.h"

#include "stats/error.h"
#include "tests/unit/run.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

static double gaussian(GRand *rand)
{
    double radius = sqrt(-2 * log(1 - g_rand_double(rand)));

    return radius * cos(2 * G_PI * g_rand_double(rand));
}

static double *noise(guint32 seed, gsize n, double sd)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
    double *x = g_new(double, n);

    for (gsize i = 0; i < n; i++)
        x[i] = 0.03 + sd * gaussian(rand);
    return x;
}

static RsPairPlan default_plan(void)
{
    RsPairPlan plan;

    rs_pair_plan_init(&plan);
    return plan;
}

START_TEST(a_run_without_noise_detects_what_is_just_above_the_threshold)
{
    RsPairPlan plan = default_plan();
    g_autofree double *x = noise(1, 50, 0);
    double mde_frac;

    ck_assert(rs_pair_mde(x, 50, &plan, 100, 1, &mde_frac, NULL));
    ck_assert_double_gt(mde_frac, 0.10);
    ck_assert_double_lt(mde_frac, 0.102);
}
END_TEST

START_TEST(the_effect_found_is_caught_95_times_in_100)
{
    RsPairPlan plan = default_plan();
    g_autofree double *x = noise(2, 150, 0.10);
    double mde_frac, power_frac;

    ck_assert(rs_pair_mde(x, 150, &plan, 1000, 1, &mde_frac, NULL));
    /* other draws: another seed */
    ck_assert(rs_pair_power(x, 150, &plan, 4000, 99, mde_frac, &power_frac, NULL));
    ck_assert_double_eq_tol(power_frac, 0.95, 0.02);
    ck_assert(rs_pair_power(x, 150, &plan, 1000, 99, 0.9 * mde_frac, &power_frac, NULL));
    ck_assert_double_lt(power_frac, 0.95);
}
END_TEST

START_TEST(more_noise_or_a_larger_family_or_a_smaller_budget_detects_less)
{
    RsPairPlan plan = default_plan(), many = plan, short_of_time = plan;
    g_autofree double *quiet = noise(3, 100, 0.05), *loud = noise(3, 100, 0.20);
    double of_quiet, of_loud, of_many, of_short;

    many.n_family = 400;
    short_of_time.max_pairs = 30;
    ck_assert(rs_pair_mde(quiet, 100, &plan, 400, 1, &of_quiet, NULL));
    ck_assert(rs_pair_mde(loud, 100, &plan, 400, 1, &of_loud, NULL));
    ck_assert(rs_pair_mde(loud, 100, &many, 400, 1, &of_many, NULL));
    ck_assert(rs_pair_mde(loud, 100, &short_of_time, 400, 1, &of_short, NULL));
    ck_assert_double_lt(of_quiet, of_loud);
    ck_assert_double_lt(of_loud, of_many);
    ck_assert_double_lt(of_loud, of_short);
}
END_TEST

START_TEST(the_runs_own_effect_does_not_count)
{
    RsPairPlan plan = default_plan();
    g_autofree double *x = noise(4, 80, 0.08);
    double mde_frac, shifted_mde_frac;

    ck_assert(rs_pair_mde(x, 80, &plan, 200, 1, &mde_frac, NULL));
    for (int i = 0; i < 80; i++)
        x[i] += 0.5;
    ck_assert(rs_pair_mde(x, 80, &plan, 200, 1, &shifted_mde_frac, NULL));
    ck_assert_double_eq_tol(mde_frac, shifted_mde_frac, 1e-3);
}
END_TEST

START_TEST(the_same_seed_gives_the_same_answer)
{
    RsPairPlan plan = default_plan();
    g_autofree double *x = noise(5, 80, 0.15);
    double first, second;

    ck_assert(rs_pair_mde(x, 80, &plan, 100, 7, &first, NULL));
    ck_assert(rs_pair_mde(x, 80, &plan, 100, 7, &second, NULL));
    ck_assert_double_eq(first, second);
}
END_TEST

START_TEST(a_hopeless_budget_detects_nothing)
{
    RsPairPlan plan = default_plan();
    g_autofree double *x = noise(6, 20, 0.02);
    double mde_frac;

    plan.max_pairs = rs_pair_min_pairs(&plan) - 1;
    ck_assert(rs_pair_mde(x, 20, &plan, 100, 1, &mde_frac, NULL));
    ck_assert(isinf(mde_frac));
    plan.max_pairs++;
    ck_assert(rs_pair_mde(x, 20, &plan, 100, 1, &mde_frac, NULL));
    ck_assert(isfinite(mde_frac));
}
END_TEST

START_TEST(too_few_pairs_or_a_broken_plan_are_refused)
{
    RsPairPlan plan = default_plan();
    g_autofree double *x = noise(7, 2, 0.02);
    double mde_frac;
    g_autoptr(GError) error = NULL;

    ck_assert(!rs_pair_mde(x, 1, &plan, 100, 1, &mde_frac, &error));
    ck_assert(g_error_matches(error, RS_STATS_ERROR, RS_STATS_ERROR_TOO_FEW));
    ck_assert(!rs_pair_mde(x, 2, &plan, 0, 1, &mde_frac, NULL));
    plan.max_pairs = G_MAXUINT;
    ck_assert(!rs_pair_mde(x, 2, &plan, 100, 1, &mde_frac, NULL));
    plan.max_pairs = 150;
    plan.alpha = 0;
    ck_assert(!rs_pair_mde(x, 2, &plan, 100, 1, &mde_frac, NULL));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("claims");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_run_without_noise_detects_what_is_just_above_the_threshold);
    tcase_add_test(tests, the_effect_found_is_caught_95_times_in_100);
    tcase_add_test(tests, more_noise_or_a_larger_family_or_a_smaller_budget_detects_less);
    tcase_add_test(tests, the_runs_own_effect_does_not_count);
    tcase_add_test(tests, the_same_seed_gives_the_same_answer);
    tcase_add_test(tests, a_hopeless_budget_detects_nothing);
    tcase_add_test(tests, too_few_pairs_or_a_broken_plan_are_refused);
    return run_tests("pair_mde", tests);
}
