/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/proportion.h"

#include "stats/error.h"
#include "tests/unit/run.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

START_TEST(the_bounds_agree_with_newcombes_table_and_scipy)
{
    /* Newcombe (1998), Statistics in Medicine 17, table I: 81/263, 15/148, 0/20, 1/29 to four
     * places; the others by scipy 1.17.1 binomtest(k, n).proportion_ci(0.95, "exact") */
    const struct {
        guint64 n_hits, n;
        double low, high, tolerance;
    } cases[] = {
        {81, 263, 0.2527, 0.3676, 5e-5},
        {15, 148, 0.0578, 0.1617, 5e-5},
        {0, 20, 0, 0.1684, 5e-5},
        {1, 29, 0.0009, 0.1776, 5e-5},
        {0, 300, 0, 0.012220974694296421, 1e-9},
        {0, 598, 0, 0.006149707404347688, 1e-9},
        {4, 20, 0.05733399705002387, 0.4366140029966687, 1e-9},
        {10, 10, 0.6915028921812371, 1, 1e-9},
        {81, 263, 0.25273674558504267, 0.36762192260134746, 1e-9},
        {74, 10000, 0.005814929234524207, 0.009281232996208259, 1e-9},
        {6, 10000, 0.0002202202386553933, 0.0013054864830112224, 1e-9},
        {9993, 10000, 0.9985582676908502, 0.9997185188543303, 1e-9},
        {500000, 1000000, 0.4990195191953118, 0.5009804808046883, 1e-9},
    };
    double low, high;

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        ck_assert(rs_clopper_pearson(cases[i].n_hits, cases[i].n, 0.95, &low, &high, NULL));
        ck_assert_double_eq_tol(low, cases[i].low, cases[i].tolerance);
        ck_assert_double_eq_tol(high, cases[i].high, cases[i].tolerance);
    }
}
END_TEST

START_TEST(every_count_out_of_ten_thousand_has_bounds)
{
    for (guint64 n_hits = 0; n_hits <= 10000; n_hits += 7) {
        double low, high, share = (double)n_hits / 10000;

        ck_assert(rs_clopper_pearson(n_hits, 10000, 0.95, &low, &high, NULL));
        ck_assert(low <= share && share <= high);
        ck_assert_double_lt(high - low, 0.021);
    }
}
END_TEST

START_TEST(none_among_three_hundred_bounds_the_rate_below_one_per_cent)
{
    /* one-sided 95 %: 1 - 0.05^(1/300) */
    double low, high;

    ck_assert(rs_clopper_pearson(0, 300, 0.90, &low, &high, NULL));
    ck_assert_double_eq_tol(high, 1 - pow(0.05, 1 / 300.0), 1e-9);
    ck_assert_double_lt(high, 0.01);
}
END_TEST

START_TEST(impossible_counts_are_refused)
{
    double low, high;
    g_autoptr(GError) error = NULL;

    ck_assert(!rs_clopper_pearson(0, 0, 0.95, &low, &high, &error));
    ck_assert(g_error_matches(error, RS_STATS_ERROR, RS_STATS_ERROR_TOO_FEW));
    g_clear_error(&error);
    ck_assert(!rs_clopper_pearson(3, 2, 0.95, &low, &high, &error));
    ck_assert(g_error_matches(error, RS_STATS_ERROR, RS_STATS_ERROR_DOMAIN));
    ck_assert(!rs_clopper_pearson(1, 2, 1, &low, &high, NULL));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("claims");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, the_bounds_agree_with_newcombes_table_and_scipy);
    tcase_add_test(tests, every_count_out_of_ten_thousand_has_bounds);
    tcase_add_test(tests, none_among_three_hundred_bounds_the_rate_below_one_per_cent);
    tcase_add_test(tests, impossible_counts_are_refused);
    return run_tests("proportion", tests);
}
