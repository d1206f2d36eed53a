/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/summary.h"

#include "stats/error.h"
#include "tests/unit/run.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

START_TEST(the_summary_agrees_with_numpy_and_scipy)
{
    /* numpy 2.4.6 (mean, std ddof=1, median, quantile), scipy 1.17.1 (median_abs_deviation) */
    const double x[] = {3.1, 2.7, 2.9, 3.0, 3.3, 2.8, 9.5, 3.2, 3.05, 2.95};
    RsSummary s;

    ck_assert(rs_summarize(x, G_N_ELEMENTS(x), &s, NULL));
    ck_assert_uint_eq(s.n, 10);
    ck_assert_double_eq_tol(s.mean, 3.65, 1e-12);
    ck_assert_double_eq_tol(s.sd, 2.0631690833925043, 1e-12);
    ck_assert_double_eq_tol(s.median, 3.025, 1e-12);
    ck_assert_double_eq_tol(s.mad, 0.15, 1e-12);
    ck_assert_double_eq_tol(s.q1, 2.9125, 1e-12);
    ck_assert_double_eq_tol(s.q3, 3.175, 1e-12);
    ck_assert_double_eq(s.min, 2.7);
    ck_assert_double_eq(s.max, 9.5);
}
END_TEST

START_TEST(outliers_are_counted_and_kept)
{
    /* fence: 3.025 +- 5 x 1.4826 x 0.15 = 1.913 .. 4.137 */
    const double x[] = {3.1, 2.7, 2.9, 3.0, 3.3, 2.8, 9.5, 3.2, 3.05, 2.95};
    const double flat[] = {5, 5, 5, 5, 5.001};
    RsSummary s;

    ck_assert(rs_summarize(x, G_N_ELEMENTS(x), &s, NULL));
    ck_assert_uint_eq(s.n_outliers, 1);
    ck_assert_double_eq(s.max, 9.5);
    ck_assert(rs_summarize(flat, G_N_ELEMENTS(flat), &s, NULL));
    ck_assert_uint_eq(s.n_outliers, 1);
}
END_TEST

START_TEST(a_single_value_has_no_spread_and_none_is_refused)
{
    const double x[] = {4.5};
    RsSummary s;
    g_autoptr(GError) error = NULL;

    ck_assert(rs_summarize(x, 1, &s, NULL));
    ck_assert_double_eq(s.mean, 4.5);
    ck_assert_double_eq(s.sd, 0);
    ck_assert_double_eq(s.mad, 0);
    ck_assert(!rs_summarize(x, 0, &s, &error));
    ck_assert(g_error_matches(error, RS_STATS_ERROR, RS_STATS_ERROR_TOO_FEW));
}
END_TEST

START_TEST(the_median_of_an_even_sample_is_the_middle_of_two)
{
    const double x[] = {9, 1, 4, 2};

    ck_assert_double_eq(rs_median(x, 4), 3);
    ck_assert_double_eq(rs_median(x, 3), 4);
    ck_assert_double_eq(x[0], 9); /* the caller's order is kept */
    ck_assert_double_eq(rs_mad(x, 4, 3), 1.5);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("claims");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, the_summary_agrees_with_numpy_and_scipy);
    tcase_add_test(tests, outliers_are_counted_and_kept);
    tcase_add_test(tests, a_single_value_has_no_spread_and_none_is_refused);
    tcase_add_test(tests, the_median_of_an_even_sample_is_the_middle_of_two);
    return run_tests("summary", tests);
}
