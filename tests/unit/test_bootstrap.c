/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/bootstrap.h"

#include "stats/error.h"
#include "tests/unit/run.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

static const double a[] = {10.1, 9.8, 10.3, 10.0, 9.9, 10.2, 10.4, 9.7, 10.0, 10.1};
static const double b[] = {11.2, 11.0, 10.9, 11.1, 11.4, 10.8, 11.3, 11.0, 11.1, 11.2};

START_TEST(the_interval_encloses_the_ratio_and_excludes_one)
{
    /* scipy 1.17.1 bootstrap(method="percentile", n_resamples=200000): 1.0833 .. 1.1263 */
    double low, high;

    ck_assert(rs_bootstrap_median_ratio(a, 10, b, 10, 0.95, 20000, 1, &low, &high, NULL));
    ck_assert_double_eq_tol(low, 1.0833, 0.004);
    ck_assert_double_eq_tol(high, 1.1263, 0.004);
}
END_TEST

START_TEST(the_same_seed_gives_the_same_interval)
{
    double low_1, high_1, low_2, high_2;

    ck_assert(rs_bootstrap_median_ratio(a, 10, b, 10, 0.95, 500, 42, &low_1, &high_1, NULL));
    ck_assert(rs_bootstrap_median_ratio(a, 10, b, 10, 0.95, 500, 42, &low_2, &high_2, NULL));
    ck_assert_double_eq(low_1, low_2);
    ck_assert_double_eq(high_1, high_2);
}
END_TEST

START_TEST(values_without_a_ratio_are_refused)
{
    const double zero[] = {0, 1};
    double low, high;
    g_autoptr(GError) error = NULL;

    ck_assert(!rs_bootstrap_median_ratio(zero, 2, b, 10, 0.95, 10, 1, &low, &high, &error));
    ck_assert(g_error_matches(error, RS_STATS_ERROR, RS_STATS_ERROR_DOMAIN));
    g_clear_error(&error);
    ck_assert(!rs_bootstrap_median_ratio(a, 1, b, 10, 0.95, 10, 1, &low, &high, &error));
    ck_assert(g_error_matches(error, RS_STATS_ERROR, RS_STATS_ERROR_TOO_FEW));
    ck_assert(!rs_bootstrap_median_ratio(a, 10, b, 10, 0.95, 0, 1, &low, &high, NULL));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("claims");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, the_interval_encloses_the_ratio_and_excludes_one);
    tcase_add_test(tests, the_same_seed_gives_the_same_interval);
    tcase_add_test(tests, values_without_a_ratio_are_refused);
    return run_tests("bootstrap", tests);
}
