/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/adjust.h"

#include "stats/error.h"
#include "tests/unit/run.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

/* The 15 p-values of Benjamini and Hochberg (1995), section 3.2. */
static const double p15[] = {0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
                             0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.000};

START_TEST(benjamini_and_hochbergs_own_example_rejects_four_and_holm_three)
{
    /* the paper: 4 rejections at q = 0.05 against 3 by Bonferroni's kin;
     * adjusted values from scipy 1.17.1 false_discovery_control and statsmodels 0.15.0 */
    const double bh[] = {0.0015, 0.003, 0.0095, 0.035625, 0.0603};
    const double holm[] = {0.0015, 0.0056, 0.0247, 0.114, 0.2211, 0.278, 0.278, 0.278, 0.3213, 1};
    double adjusted[15];

    ck_assert(rs_benjamini_hochberg(p15, 15, 15, adjusted, NULL));
    for (int i = 0; i < 5; i++)
        ck_assert_double_eq_tol(adjusted[i], bh[i], 1e-12);
    ck_assert_double_eq_tol(adjusted[5], 0.06385714285714286, 1e-12);
    ck_assert_double_eq_tol(adjusted[14], 1, 1e-12);
    ck_assert(rs_holm(p15, 15, 15, adjusted, NULL));
    for (int i = 0; i < 10; i++)
        ck_assert_double_eq_tol(adjusted[i], holm[i], 1e-12);
}
END_TEST

START_TEST(the_order_of_the_input_is_kept)
{
    /* statsmodels 0.15.0 multipletests */
    const double p[] = {0.01, 0.04, 0.03, 0.005};
    double adjusted[4];

    ck_assert(rs_holm(p, 4, 4, adjusted, NULL));
    ck_assert_double_eq_tol(adjusted[0], 0.03, 1e-12);
    ck_assert_double_eq_tol(adjusted[1], 0.06, 1e-12);
    ck_assert_double_eq_tol(adjusted[2], 0.06, 1e-12);
    ck_assert_double_eq_tol(adjusted[3], 0.02, 1e-12);
    ck_assert(rs_benjamini_hochberg(p, 4, 4, adjusted, NULL));
    ck_assert_double_eq_tol(adjusted[0], 0.02, 1e-12);
    ck_assert_double_eq_tol(adjusted[1], 0.04, 1e-12);
    ck_assert_double_eq_tol(adjusted[2], 0.04, 1e-12);
    ck_assert_double_eq_tol(adjusted[3], 0.02, 1e-12);
}
END_TEST

START_TEST(missing_members_count_as_one)
{
    double padded[20], some[15], all[20];

    for (int i = 0; i < 20; i++)
        padded[i] = i < 15 ? p15[i] : 1;
    ck_assert(rs_holm(p15, 15, 20, some, NULL));
    ck_assert(rs_holm(padded, 20, 20, all, NULL));
    for (int i = 0; i < 15; i++)
        ck_assert_double_eq_tol(some[i], all[i], 1e-15);
    ck_assert(rs_benjamini_hochberg(p15, 15, 20, some, NULL));
    ck_assert(rs_benjamini_hochberg(padded, 20, 20, all, NULL));
    for (int i = 0; i < 15; i++)
        ck_assert_double_eq_tol(some[i], all[i], 1e-15);
}
END_TEST

START_TEST(the_correction_may_be_made_in_place)
{
    double p[] = {0.01, 0.04, 0.03, 0.005};

    ck_assert(rs_holm(p, 4, 4, p, NULL));
    ck_assert_double_eq_tol(p[0], 0.03, 1e-12);
    ck_assert_double_eq_tol(p[3], 0.02, 1e-12);
}
END_TEST

START_TEST(what_is_no_p_value_or_no_family_is_refused)
{
    const double p[] = {0.5, 1.5}, negative[] = {-0.1}, broken[] = {NAN};
    double adjusted[2];
    g_autoptr(GError) error = NULL;

    ck_assert(!rs_holm(p, 2, 2, adjusted, &error));
    ck_assert(g_error_matches(error, RS_STATS_ERROR, RS_STATS_ERROR_DOMAIN));
    g_clear_error(&error);
    ck_assert(!rs_holm(negative, 1, 1, adjusted, NULL));
    ck_assert(!rs_benjamini_hochberg(broken, 1, 1, adjusted, &error));
    ck_assert(g_error_matches(error, RS_STATS_ERROR, RS_STATS_ERROR_NOT_FINITE));
    g_clear_error(&error);
    ck_assert(!rs_holm(p15, 15, 14, adjusted, &error));
    ck_assert(g_error_matches(error, RS_STATS_ERROR, RS_STATS_ERROR_DOMAIN));
    ck_assert_str_eq(error->message, "15 p-values in a family of 14");
    g_clear_error(&error);
    ck_assert(!rs_holm(p15, 0, 14, adjusted, &error));
    ck_assert(g_error_matches(error, RS_STATS_ERROR, RS_STATS_ERROR_TOO_FEW));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("claims");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, benjamini_and_hochbergs_own_example_rejects_four_and_holm_three);
    tcase_add_test(tests, the_order_of_the_input_is_kept);
    tcase_add_test(tests, missing_members_count_as_one);
    tcase_add_test(tests, the_correction_may_be_made_in_place);
    tcase_add_test(tests, what_is_no_p_value_or_no_family_is_refused);
    return run_tests("adjust", tests);
}
