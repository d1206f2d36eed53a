/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/welch.h"

#include "stats/error.h"
#include "tests/unit/run.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

/* Student (1908), extra hours of sleep under two drugs; R's data set `sleep`. */
static const double sleep_1[] = {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0};
static const double sleep_2[] = {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};

static const double a15[] = {27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1,
                             21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4};
static const double b15[] = {27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0,
                             24.8, 20.2, 21.9, 22.1, 22.9, 30.5, 24.0};

START_TEST(students_sleep_data_gives_the_published_answer)
{
    /* R's manual page of t.test: t = -1.8608, df = 17.776, p-value = 0.07939;
     * further digits from scipy 1.17.1 ttest_ind(equal_var=False) */
    RsTTest test;

    ck_assert(rs_welch(sleep_1, 10, sleep_2, 10, &test, NULL));
    ck_assert_double_eq_tol(test.t, 1.8608134674868526, 1e-12);
    ck_assert_double_eq_tol(test.df, 17.776473516178488, 1e-10);
    ck_assert_double_eq_tol(test.p, 0.0793941401873583, 1e-12);
    ck_assert_double_eq_tol(test.mean_a, 0.75, 1e-12);
    ck_assert_double_eq_tol(test.mean_b, 2.33, 1e-12);
}
END_TEST

START_TEST(the_test_agrees_with_scipy_and_the_ratio_with_fieller)
{
    /* scipy 1.17.1 ttest_ind; the interval by brentq on |mb - r ma| / sqrt(vb + r^2 va) = t */
    RsTTest test;

    ck_assert(rs_welch(a15, 15, b15, 15, &test, NULL));
    ck_assert_double_eq_tol(test.t, 2.8291649048617393, 1e-10);
    ck_assert_double_eq_tol(test.df, 27.879017486855457, 1e-9);
    ck_assert_double_eq_tol(test.p, 0.008551778311418774, 1e-12);
    ck_assert_double_eq_tol(test.ratio, 1.1348062760166509, 1e-12);
    ck_assert_double_eq_tol(test.ratio_low, 1.0353300701228365, 1e-9);
    ck_assert_double_eq_tol(test.ratio_high, 1.2458688050943505, 1e-9);
}
END_TEST

START_TEST(a_wider_confidence_gives_a_wider_interval)
{
    RsTTest test;
    double low, high;

    ck_assert(rs_welch(a15, 15, b15, 15, &test, NULL));
    rs_welch_ratio_interval(&test, 0.99, &low, &high);
    ck_assert_double_lt(low, test.ratio_low);
    ck_assert_double_gt(high, test.ratio_high);
}
END_TEST

START_TEST(two_constant_samples_have_a_defined_answer)
{
    const double fives[] = {5, 5, 5}, sixes[] = {6, 6};
    RsTTest test;

    ck_assert(rs_welch(fives, 3, fives, 2, &test, NULL));
    ck_assert_double_eq(test.p, 1);
    ck_assert_double_eq(test.t, 0);
    ck_assert_double_eq(test.ratio, 1);
    ck_assert(rs_welch(fives, 3, sixes, 2, &test, NULL));
    ck_assert_double_eq(test.p, 0);
    ck_assert(isinf(test.t) && test.t > 0);
    ck_assert_double_eq(test.df, 3);
    ck_assert_double_eq(test.ratio_low, 1.2);
    ck_assert_double_eq(test.ratio_high, 1.2);
    ck_assert(rs_welch(sixes, 2, fives, 3, &test, NULL));
    ck_assert(isinf(test.t) && test.t < 0);
}
END_TEST

START_TEST(one_constant_sample_is_no_obstacle)
{
    /* a one-sample t-test then: t = (7 - 5) / (1 / sqrt 3), df = 2 */
    const double fives[] = {5, 5, 5, 5}, b[] = {6, 7, 8};
    RsTTest test;

    ck_assert(rs_welch(fives, 4, b, 3, &test, NULL));
    ck_assert_double_eq_tol(test.t, 2 * sqrt(3), 1e-12);
    ck_assert_double_eq_tol(test.df, 2, 1e-12);
}
END_TEST

START_TEST(a_ratio_to_a_mean_near_zero_is_unbounded)
{
    const double zeros[] = {0, 0}, near_zero[] = {-1, 1, 0.1}, b[] = {1, 2, 3};
    RsTTest test;

    ck_assert(rs_welch(near_zero, 3, b, 3, &test, NULL));
    ck_assert(isinf(test.ratio_low) && isinf(test.ratio_high));
    ck_assert(rs_welch(zeros, 2, b, 3, &test, NULL));
    ck_assert(isnan(test.ratio));
    ck_assert(isinf(test.ratio_low) && isinf(test.ratio_high));
}
END_TEST

START_TEST(too_few_or_broken_values_are_refused)
{
    const double one[] = {1}, two[] = {1, 2}, broken[] = {1, INFINITY};
    RsTTest test;
    g_autoptr(GError) error = NULL;

    ck_assert(!rs_welch(one, 1, two, 2, &test, &error));
    ck_assert(g_error_matches(error, RS_STATS_ERROR, RS_STATS_ERROR_TOO_FEW));
    g_clear_error(&error);
    ck_assert(!rs_welch(two, 2, broken, 2, &test, &error));
    ck_assert(g_error_matches(error, RS_STATS_ERROR, RS_STATS_ERROR_NOT_FINITE));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("claims");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, students_sleep_data_gives_the_published_answer);
    tcase_add_test(tests, the_test_agrees_with_scipy_and_the_ratio_with_fieller);
    tcase_add_test(tests, a_wider_confidence_gives_a_wider_interval);
    tcase_add_test(tests, two_constant_samples_have_a_defined_answer);
    tcase_add_test(tests, one_constant_sample_is_no_obstacle);
    tcase_add_test(tests, a_ratio_to_a_mean_near_zero_is_unbounded);
    tcase_add_test(tests, too_few_or_broken_values_are_refused);
    return run_tests("welch", tests);
}
