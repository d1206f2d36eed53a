/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/paired.h"

#include "stats/error.h"
#include "tests/unit/run.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

/* Student (1908), as R's `sleep`: hours gained under two drugs by the same ten patients. */
static const double sleep_1[] = {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0};
static const double sleep_2[] = {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};

START_TEST(log_ratios_are_those_of_the_pairs)
{
    const double baseline[] = {1, 2, 4}, current[] = {2, 2, 1};
    double d[3];

    ck_assert(rs_log_ratios(baseline, current, 3, d, NULL));
    ck_assert_double_eq_tol(d[0], log(2), 1e-15);
    ck_assert_double_eq(d[1], 0);
    ck_assert_double_eq_tol(d[2], -log(4), 1e-15);
}
END_TEST

START_TEST(a_pair_without_a_ratio_is_refused_and_nothing_is_written)
{
    const double baseline[] = {1, 2}, zero[] = {1, 0}, broken[] = {1, NAN};
    double d[2] = {7, 7};
    g_autoptr(GError) error = NULL;

    ck_assert(!rs_log_ratios(baseline, zero, 2, d, &error));
    ck_assert(g_error_matches(error, RS_STATS_ERROR, RS_STATS_ERROR_DOMAIN));
    ck_assert_str_eq(error->message, "pair 1 (2, 0) has no ratio: both values must be > 0");
    ck_assert_double_eq(d[0], 7);
    g_clear_error(&error);
    ck_assert(!rs_log_ratios(baseline, broken, 2, d, &error));
    ck_assert(g_error_matches(error, RS_STATS_ERROR, RS_STATS_ERROR_NOT_FINITE));
    ck_assert(!rs_log_ratios(baseline, zero, 0, d, NULL));
}
END_TEST

START_TEST(students_own_example_gives_the_published_t)
{
    /* Student (1908): t = 4.06 with 9 df; R: p-value = 0.002833; digits from scipy 1.17.1 */
    double d[10];
    RsPairedT test;

    for (int i = 0; i < 10; i++)
        d[i] = sleep_2[i] - sleep_1[i];
    ck_assert(rs_paired_t(d, 10, &test, NULL));
    ck_assert_double_eq_tol(test.t, 4.062127683382037, 1e-10);
    ck_assert_double_eq_tol(test.p, 0.002832890197384273, 1e-12);
    ck_assert_double_eq(test.df, 9);
}
END_TEST

START_TEST(constant_differences_have_a_defined_answer)
{
    const double zeros[] = {0, 0, 0}, ones[] = {1, 1};
    RsPairedT test;

    ck_assert(rs_paired_t(zeros, 3, &test, NULL));
    ck_assert_double_eq(test.p, 1);
    ck_assert(rs_paired_t(ones, 2, &test, NULL));
    ck_assert_double_eq(test.p, 0);
    ck_assert(isinf(test.t));
    ck_assert(!rs_paired_t(ones, 1, &test, NULL));
}
END_TEST

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double slow_hodges_lehmann(const double *x, gsize n)
{
    g_autofree double *means = g_new(double, n *(n + 1) / 2);
    gsize m = 0;

    for (gsize i = 0; i < n; i++)
        for (gsize j = i; j < n; j++)
            means[m++] = (x[i] + x[j]) / 2;
    qsort(means, m, sizeof *means, ascending);
    return m % 2 ? means[m / 2] : (means[m / 2 - 1] + means[m / 2]) / 2;
}

START_TEST(hodges_lehmann_agrees_with_the_definition)
{
    /* sorting all the means, in C here and in numpy 2.4.6 for the two constants */
    double d[10], centre;
    g_autoptr(GRand) rand = g_rand_new_with_seed(5);

    for (int i = 0; i < 10; i++)
        d[i] = sleep_2[i] - sleep_1[i];
    ck_assert(rs_hodges_lehmann(d, 10, &centre, NULL));
    ck_assert_double_eq_tol(centre, 1.3, 1e-12);
    ck_assert(rs_hodges_lehmann(sleep_1, 10, &centre, NULL));
    ck_assert_double_eq_tol(centre, 0.7, 1e-12);
    for (gsize n = 1; n <= 60; n++) {
        g_autofree double *x = g_new(double, n);

        for (gsize i = 0; i < n; i++) /* every third sample has many ties */
            x[i] = n % 3 ? g_rand_double_range(rand, -1, 1) : g_rand_int_range(rand, -3, 4);
        ck_assert(rs_hodges_lehmann(x, n, &centre, NULL));
        ck_assert_double_eq_tol(centre, slow_hodges_lehmann(x, n), 1e-12);
    }
}
END_TEST

START_TEST(the_median_interval_has_the_ranks_and_coverage)
{
    /* ranks and coverage by scipy 1.17.1 binom.cdf */
    const struct {
        gsize n;
        double low, high, coverage;
    } cases[] = {{6, 1, 6, 0.96875},
                 {10, 2, 9, 0.978515625},
                 {20, 6, 15, 0.9586105346679688},
                 {50, 18, 33, 0.9671608624357315}};
    double x[50], low, high, coverage;

    for (int i = 0; i < 50; i++)
        x[i] = i + 1;
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        ck_assert(rs_median_interval(x, cases[i].n, 0.95, &low, &high, &coverage, NULL));
        ck_assert_double_eq(low, cases[i].low);
        ck_assert_double_eq(high, cases[i].high);
        ck_assert_double_eq_tol(coverage, cases[i].coverage, 1e-9);
    }
}
END_TEST

START_TEST(five_values_cannot_bound_the_median_at_95_per_cent)
{
    const double x[] = {1, 2, 3, 4, 5};
    double low, high, coverage;

    ck_assert(rs_median_interval(x, 5, 0.95, &low, &high, &coverage, NULL));
    ck_assert(isinf(low) && low < 0 && isinf(high) && high > 0);
    ck_assert_double_eq(coverage, 1);
    ck_assert(!rs_median_interval(x, 5, 1.0, &low, &high, &coverage, NULL));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("claims");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, log_ratios_are_those_of_the_pairs);
    tcase_add_test(tests, a_pair_without_a_ratio_is_refused_and_nothing_is_written);
    tcase_add_test(tests, students_own_example_gives_the_published_t);
    tcase_add_test(tests, constant_differences_have_a_defined_answer);
    tcase_add_test(tests, hodges_lehmann_agrees_with_the_definition);
    tcase_add_test(tests, the_median_interval_has_the_ranks_and_coverage);
    tcase_add_test(tests, five_values_cannot_bound_the_median_at_95_per_cent);
    return run_tests("paired", tests);
}
