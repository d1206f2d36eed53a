/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/series.h"

#include "stats/error.h"
#include "tests/unit/run.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

/* Luteinizing hormone in blood samples, 48 ten-minute steps: Diggle (1990), R's data set `lh`. */
static const double lh[] = {2.4, 2.4, 2.4, 2.2, 2.1, 1.5, 2.3, 2.3, 2.5, 2.0, 1.9, 1.7,
                            2.2, 1.8, 3.2, 3.2, 2.7, 2.2, 2.2, 1.9, 1.9, 1.8, 2.7, 3.0,
                            2.3, 2.0, 2.0, 2.9, 2.9, 2.7, 2.7, 2.3, 2.6, 2.4, 1.8, 1.7,
                            1.5, 1.4, 2.1, 3.3, 3.5, 3.5, 3.1, 2.6, 2.1, 3.4, 3.0, 2.9};

static double gaussian(GRand *rand)
{
    double radius = sqrt(-2 * log(1 - g_rand_double(rand)));

    return radius * cos(2 * G_PI * g_rand_double(rand));
}

START_TEST(lag1_agrees_with_the_published_series)
{
    /* R: acf(lh) gives 0.576 at lag 1; digits by numpy 2.4.6 */
    double lag1;

    ck_assert(rs_series_lag1(lh, G_N_ELEMENTS(lh), &lag1, NULL));
    ck_assert_double_eq_tol(lag1, 0.5755244755244756, 1e-12);
}
END_TEST

START_TEST(a_constant_series_has_no_memory)
{
    const double x[] = {2, 2, 2, 2};
    double lag1;

    ck_assert(rs_series_lag1(x, 4, &lag1, NULL));
    ck_assert_double_eq(lag1, 0);
    ck_assert(!rs_series_lag1(x, 2, &lag1, NULL));
}
END_TEST

START_TEST(a_notable_memory_lowers_the_effective_n)
{
    ck_assert_double_eq(rs_series_effective_n(100, 0.2), 100);
    ck_assert_double_eq(rs_series_effective_n(100, -0.5), 100);
    ck_assert_double_eq_tol(rs_series_effective_n(100, 0.5), 100 / 3.0, 1e-12);
    ck_assert_double_eq(rs_series_effective_n(10, 0.9999), 1);
}
END_TEST

START_TEST(two_modes_are_found_where_they_are)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(3);
    RsBimodality modes;
    double x[100];

    for (int i = 0; i < 100; i++)
        x[i] = (i % 10 < 3 ? 140 : 100) * exp(0.02 * gaussian(rand));
    ck_assert(rs_series_bimodality(x, 100, &modes, NULL));
    ck_assert(modes.is_bimodal);
    ck_assert_double_eq_tol(modes.low_mode, 100, 1);
    ck_assert_double_eq_tol(modes.high_mode, 140, 1.5);
    ck_assert_double_eq_tol(modes.high_share_frac, 0.3, 1e-12);
    ck_assert(modes.split > 105 && modes.split < 135);
}
END_TEST

START_TEST(a_few_outliers_are_no_mode)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(4);
    RsBimodality modes;
    double x[100];

    for (int i = 0; i < 100; i++)
        x[i] = (i % 10 < 1 ? 200 : 100) * exp(0.02 * gaussian(rand));
    ck_assert(rs_series_bimodality(x, 100, &modes, NULL));
    ck_assert(!modes.is_bimodal);
}
END_TEST

START_TEST(one_mode_is_seldom_taken_for_two)
{
    const guint sizes[] = {20, 40, 150, 1000};
    g_autoptr(GRand) rand = g_rand_new_with_seed(7);

    for (guint k = 0; k < G_N_ELEMENTS(sizes); k++) {
        g_autofree double *x = g_new(double, sizes[k]);
        guint n_bimodal = 0;

        for (guint repeat = 0; repeat < 1000; repeat++) {
            RsBimodality modes;

            for (guint i = 0; i < sizes[k]; i++)
                x[i] = exp(0.05 * gaussian(rand));
            ck_assert(rs_series_bimodality(x, sizes[k], &modes, NULL));
            n_bimodal += modes.is_bimodal;
        }
        ck_assert_msg(n_bimodal <= 20, "n = %u: %u of 1000", sizes[k], n_bimodal);
    }
}
END_TEST

START_TEST(two_constant_modes_are_infinitely_apart_and_one_is_none)
{
    RsBimodality modes;
    double x[20];

    for (int i = 0; i < 20; i++)
        x[i] = i < 10 ? 1 : 2;
    ck_assert(rs_series_bimodality(x, 20, &modes, NULL));
    ck_assert(modes.is_bimodal && isinf(modes.distance));
    for (int i = 0; i < 20; i++)
        x[i] = 3;
    ck_assert(rs_series_bimodality(x, 20, &modes, NULL));
    ck_assert(!modes.is_bimodal);
    ck_assert_double_eq(modes.distance, 0);
    x[4] = 0;
    ck_assert(!rs_series_bimodality(x, 20, &modes, NULL));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("claims");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, lag1_agrees_with_the_published_series);
    tcase_add_test(tests, a_constant_series_has_no_memory);
    tcase_add_test(tests, a_notable_memory_lowers_the_effective_n);
    tcase_add_test(tests, two_modes_are_found_where_they_are);
    tcase_add_test(tests, a_few_outliers_are_no_mode);
    tcase_add_test(tests, one_mode_is_seldom_taken_for_two);
    tcase_add_test(tests, two_constant_modes_are_infinitely_apart_and_one_is_none);
    return run_tests("series", tests);
}
