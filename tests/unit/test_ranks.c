/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/ranks.h"

#include "stats/error.h"
#include "tests/unit/run.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

START_TEST(small_samples_without_ties_have_exact_p)
{
    /* Hollander and Wolfe (1973), permeability of membranes, in R's manual page of wilcox.test:
     * W = 35, one-sided p-value = 0.1272; two-sided twice that. The others: scipy 1.17.1. */
    const double term[] = {0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46};
    const double early[] = {1.15, 0.88, 0.90, 0.74, 1.21};
    const double a[] = {78, 64, 75, 45, 82}, b[] = {110, 70, 53, 51};
    const double c[] = {1.1, 2.2, 3.3, 4.4, 5.5, 6.6, 7.7};
    const double d[] = {2.5, 3.5, 6.0, 8.0, 9.0, 10.0, 11.0, 12.0};
    RsMannWhitney test;

    ck_assert(rs_mann_whitney(term, 10, early, 5, &test, NULL));
    ck_assert(test.is_exact);
    ck_assert_double_eq(test.u, 35);
    ck_assert_double_eq_tol(test.p, 2 * 0.1272, 1e-4);
    ck_assert(rs_mann_whitney(a, 5, b, 4, &test, NULL));
    ck_assert_double_eq(test.u, 11);
    ck_assert_double_eq_tol(test.p, 0.9047619047619049, 1e-12);
    ck_assert(rs_mann_whitney(c, 7, d, 8, &test, NULL));
    ck_assert_double_eq(test.u, 11);
    ck_assert_double_eq_tol(test.p, 0.054079254079254076, 1e-12);
}
END_TEST

START_TEST(ties_are_corrected_for)
{
    /* scipy 1.17.1 mannwhitneyu(method="asymptotic", use_continuity=True) */
    const double a[] = {1, 2, 2, 3, 3, 3, 4, 5, 5, 6}, b[] = {3, 4, 4, 5, 5, 6, 7, 7, 8, 9, 9};
    RsMannWhitney test;

    ck_assert(rs_mann_whitney(a, 10, b, 11, &test, NULL));
    ck_assert(!test.is_exact);
    ck_assert_double_eq(test.u, 17);
    ck_assert_double_eq_tol(test.p, 0.007698627281707499, 1e-12);
    ck_assert(rs_mann_whitney(b, 11, a, 10, &test, NULL));
    ck_assert_double_eq(test.u, 93);
    ck_assert_double_eq_tol(test.p, 0.007698627281707499, 1e-12);
}
END_TEST

START_TEST(equal_values_show_nothing)
{
    const double a[] = {5, 5, 5}, b[] = {5, 5};
    RsMannWhitney test;

    ck_assert(rs_mann_whitney(a, 3, b, 2, &test, NULL));
    ck_assert_double_eq(test.u, 3);
    ck_assert_double_eq(test.p, 1);
}
END_TEST

START_TEST(four_against_four_can_just_reach_the_five_per_cent_level)
{
    /* complete separation: p = 2 / C(8,4) = 0.0286 */
    const double a[] = {1, 2, 3, 4}, b[] = {5, 6, 7, 8};
    RsMannWhitney test;

    ck_assert(rs_mann_whitney(a, 4, b, 4, &test, NULL));
    ck_assert_double_eq(test.u, 0);
    ck_assert_double_eq_tol(test.p, 2.0 / 70, 1e-12);
}
END_TEST

START_TEST(an_empty_or_broken_sample_is_refused)
{
    const double a[] = {1, NAN};
    RsMannWhitney test;
    g_autoptr(GError) error = NULL;

    ck_assert(!rs_mann_whitney(a, 0, a, 1, &test, &error));
    ck_assert(g_error_matches(error, RS_STATS_ERROR, RS_STATS_ERROR_TOO_FEW));
    ck_assert(!rs_mann_whitney(a, 2, a, 1, &test, NULL));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("claims");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, small_samples_without_ties_have_exact_p);
    tcase_add_test(tests, ties_are_corrected_for);
    tcase_add_test(tests, equal_values_show_nothing);
    tcase_add_test(tests, four_against_four_can_just_reach_the_five_per_cent_level);
    tcase_add_test(tests, an_empty_or_broken_sample_is_refused);
    return run_tests("ranks", tests);
}
