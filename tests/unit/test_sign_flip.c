/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/sign_flip.h"

#include "stats/error.h"
#include "tests/unit/run.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Darwin's maize, crossed less self-fertilized, in eighths of an inch; Fisher, The Design of
 * Experiments (1935), section 21: 863 of the 2^15 sign vectors give a total of 314 or more. */
static const double darwin[] = {49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48};
/* Student (1908), as R's `sleep`: second drug less the first. */
static const double sleep_gain[] = {1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4};

static double gaussian(GRand *rand)
{
    double radius = sqrt(-2 * log(1 - g_rand_double(rand)));

    return radius * cos(2 * G_PI * g_rand_double(rand));
}

START_TEST(all_sign_vectors_give_fishers_own_count)
{
    double p, adjusted;

    ck_assert(rs_sign_flip_max_t(darwin, 15, 1, 40000, 1, FALSE, &p, &adjusted, NULL));
    ck_assert_double_eq_tol(p, 863 / 32768.0, 1e-12);
    ck_assert_double_eq(adjusted, p);
    ck_assert(rs_sign_flip_max_t(darwin, 15, 1, 32768, 2, TRUE, &p, &adjusted, NULL));
    ck_assert_double_eq_tol(p, 2 * 863 / 32768.0, 1e-12);
}
END_TEST

START_TEST(random_sign_vectors_come_near_the_exact_answer)
{
    double p, adjusted;

    ck_assert(rs_sign_flip_max_t(darwin, 15, 1, 32767, 3, FALSE, &p, &adjusted, NULL));
    ck_assert_double_ne(p, 863 / 32768.0);
    /* 5 standard errors of a count of some 863 in 32,767 */
    ck_assert_double_eq_tol(p, 863 / 32768.0, 5 * sqrt(863) / 32767);
}
END_TEST

/* Counts over all 64 sign vectors by another program: a loop over itertools.product that computes
 * each t by its definition, with the maximum over the hypotheses that are left at each step. */
START_TEST(three_hypotheses_step_down_as_computed_by_definition)
{
    static const double d[] = {1.2, 0.4,  0.9, -0.1, 1.1, 0.7, 0.3, -0.2, 0.5,
                               0.1, -0.4, 0.2, -0.6, 0.8, 0.2, 0.4, 0.9,  -0.1};
    static const double own[2][3] = {{2, 20, 10}, {4, 40, 20}};
    static const double adjusted[2][3] = {{4, 20, 20}, {8, 40, 32}};
    double p[3], p_adjusted[3];

    for (int two_sided = 0; two_sided < 2; two_sided++) {
        ck_assert(rs_sign_flip_max_t(d, 6, 3, 99, 0, two_sided, p, p_adjusted, NULL));
        for (int i = 0; i < 3; i++) {
            ck_assert_double_eq_tol(p[i], own[two_sided][i] / 64, 1e-12);
            ck_assert_double_eq_tol(p_adjusted[i], adjusted[two_sided][i] / 64, 1e-12);
        }
    }
}
END_TEST

START_TEST(the_interval_ends_at_means_of_subsets)
{
    /* the 25th of the 1,023 means of subsets from either end, by itertools.combinations:
     * floor(0.025 x 1024) = 25 */
    double low, high;

    ck_assert(rs_sign_flip_interval(sleep_gain, 10, 1024, 0, 0.95, &low, &high, NULL));
    ck_assert_double_eq_tol(low, 0.8333333333333334, 1e-12);
    ck_assert_double_eq_tol(high, 2.466666666666667, 1e-12);
}
END_TEST

START_TEST(the_interval_and_the_test_agree)
{
    /* a mean just inside is not refused at 2.5 %, one just outside is */
    double low, high, shifted[15], p, adjusted;

    ck_assert(rs_sign_flip_interval(darwin, 15, 32768, 0, 0.95, &low, &high, NULL));
    for (int side = -1; side <= 1; side += 2) {
        for (int i = 0; i < 15; i++)
            shifted[i] = darwin[i] - (low + side * 1e-6);
        ck_assert(rs_sign_flip_max_t(shifted, 15, 1, 32768, 0, FALSE, &p, &adjusted, NULL));
        ck_assert_int_eq(p > 0.025, side > 0);
    }
}
END_TEST

START_TEST(constant_zero_and_huge_differences_have_defined_answers)
{
    double d[3 * 20], p[3], adjusted[3], low, high;

    for (int i = 0; i < 20; i++) {
        d[i] = 7e307;
        d[20 + i] = 0;
        d[40 + i] = i % 2 ? 1e-310 : -1e-310;
    }
    ck_assert(rs_sign_flip_max_t(d, 20, 3, 999, 5, FALSE, p, adjusted, NULL));
    ck_assert_double_eq(p[0], 1 / 1000.0);
    ck_assert_double_eq(adjusted[0], 1 / 1000.0);
    ck_assert_double_eq(p[1], 1);
    ck_assert_double_eq(adjusted[1], 1);
    ck_assert_double_gt(p[2], 0.4);
    ck_assert(rs_sign_flip_interval(d, 20, 999, 5, 0.95, &low, &high, NULL));
    ck_assert_double_eq_tol(low / 7e307, 1, 1e-12);
    ck_assert_double_eq_tol(high / 7e307, 1, 1e-12);
}
END_TEST

START_TEST(the_answer_is_a_function_of_the_seed)
{
    GRand *rand = g_rand_new_with_seed(11);
    double d[40 * 5], first[5], second[5], other[5];

    for (int i = 0; i < 200; i++)
        d[i] = gaussian(rand) + 0.2;
    ck_assert(rs_sign_flip_max_t(d, 40, 5, 999, 9, FALSE, NULL, first, NULL));
    ck_assert(rs_sign_flip_max_t(d, 40, 5, 999, 9, FALSE, NULL, second, NULL));
    ck_assert(rs_sign_flip_max_t(d, 40, 5, 999, 10, FALSE, NULL, other, NULL));
    ck_assert_mem_eq(first, second, sizeof first);
    ck_assert_int_ne(memcmp(first, other, sizeof first), 0);
    g_rand_free(rand);
}
END_TEST

START_TEST(what_cannot_be_tested_is_refused)
{
    double d[] = {1, 2, NAN, 3}, p[2], low, high, t;
    g_autoptr(GError) error = NULL;

    ck_assert(!rs_sign_flip_max_t(d, 2, 2, 999, 0, FALSE, NULL, p, &error));
    ck_assert(g_error_matches(error, RS_STATS_ERROR, RS_STATS_ERROR_NOT_FINITE));
    g_clear_error(&error);
    ck_assert(!rs_sign_flip_max_t(d, 1, 2, 999, 0, FALSE, NULL, p, &error));
    ck_assert(g_error_matches(error, RS_STATS_ERROR, RS_STATS_ERROR_TOO_FEW));
    g_clear_error(&error);
    ck_assert(!rs_sign_flip_max_t(d, 2, 0, 999, 0, FALSE, NULL, p, &error));
    ck_assert(g_error_matches(error, RS_STATS_ERROR, RS_STATS_ERROR_TOO_FEW));
    g_clear_error(&error);
    ck_assert(!rs_sign_flip_max_t(d, 2, 1, 98, 0, FALSE, NULL, p, &error));
    ck_assert(g_error_matches(error, RS_STATS_ERROR, RS_STATS_ERROR_DOMAIN));
    g_clear_error(&error);
    ck_assert(!rs_sign_flip_interval(d, 2, 999, 0, 1, &low, &high, NULL));
    ck_assert(!rs_sign_flip_critical_t(d, 2, 1, 999, 0, FALSE, 0, &t, NULL));
}
END_TEST

START_TEST(too_few_pairs_prove_nothing)
{
    const double d[] = {1, 1.1, 0.9, 1};
    double p, adjusted, low, high, t;

    ck_assert(rs_sign_flip_max_t(d, 4, 1, 9999, 0, FALSE, &p, &adjusted, NULL));
    ck_assert_double_eq(p, 1 / 16.0);
    ck_assert(rs_sign_flip_critical_t(d, 4, 1, 9999, 0, FALSE, 0.05, &t, NULL));
    ck_assert(isinf(t));
    ck_assert(rs_sign_flip_interval(d, 4, 9999, 0, 0.95, &low, &high, NULL));
    ck_assert(isinf(low) && low < 0);
    ck_assert(isinf(high) && high > 0);
}
END_TEST

/* --- what it promises, by simulation --- */

#define N_FUNCTIONS 30
#define N_PAIRS     25
#define N_RUNS      600
#define N_FLIPS     399

/* Differences that share a part (a host that is slow for a while hits all functions) and differ in
 * size and skew: differences of two gamma-like values, so symmetric only as a pair. */
static void draw(GRand *rand, double shared, double *d)
{
    for (int k = 0; k < N_PAIRS; k++) {
        double common = gaussian(rand);

        for (int f = 0; f < N_FUNCTIONS; f++) {
            double own = log(1 - g_rand_double(rand)) - log(1 - g_rand_double(rand));

            d[f * N_PAIRS + k] = (1 + f) * (shared * common + (1 - shared) * own);
        }
    }
}

static void check_family_wise(double shared, double shift, gsize n_shifted, double *false_frac,
                              double *found_frac)
{
    GRand *rand = g_rand_new_with_seed((guint32)(100 * shared) + 17);
    double d[N_FUNCTIONS * N_PAIRS], p[N_FUNCTIONS];
    guint n_false = 0, n_found = 0;

    for (guint run = 0; run < N_RUNS; run++) {
        gboolean is_false = FALSE;

        draw(rand, shared, d);
        for (gsize i = 0; i < n_shifted * N_PAIRS; i++)
            d[i] += shift * (double)(1 + i / N_PAIRS);
        ck_assert(rs_sign_flip_max_t(d, N_PAIRS, N_FUNCTIONS, N_FLIPS, run, FALSE, NULL, p, NULL));
        for (gsize f = 0; f < N_FUNCTIONS; f++) {
            is_false = is_false || (f >= n_shifted && p[f] <= 0.05);
            n_found += f < n_shifted && p[f] <= 0.05;
        }
        n_false += is_false;
    }
    *false_frac = (double)n_false / N_RUNS;
    *found_frac = n_shifted ? (double)n_found / (double)n_shifted / N_RUNS : 0;
    g_rand_free(rand);
}

START_TEST(false_alarms_over_a_family_stay_at_alpha_whatever_is_shared)
{
    double false_frac, found_frac;

    for (double shared = 0; shared < 1; shared += 0.45) {
        check_family_wise(shared, 0, 0, &false_frac, &found_frac);
        /* 5 % and 4 standard errors of 600 runs; and not far too careful either */
        ck_assert_double_le(false_frac, 0.05 + 4 * sqrt(0.05 * 0.95 / N_RUNS));
        ck_assert_double_ge(false_frac, 0.05 - 4 * sqrt(0.05 * 0.95 / N_RUNS));
    }
}
END_TEST

START_TEST(the_innocent_stay_innocent_beside_the_guilty)
{
    double false_frac, found_frac;

    check_family_wise(0.3, 2, 5, &false_frac, &found_frac);
    ck_assert_double_le(false_frac, 0.05 + 4 * sqrt(0.05 * 0.95 / N_RUNS));
    ck_assert_double_ge(found_frac, 0.99);
}
END_TEST

START_TEST(the_critical_t_is_where_the_adjusted_p_crosses_alpha)
{
    /* one more hypothesis of every size: rejected in the first step when its t lies above */
    GRand *rand = g_rand_new_with_seed(23);
    double d[N_FUNCTIONS * N_PAIRS], p[N_FUNCTIONS], t;
    guint n_agree = 0, n_near = 0;

    for (guint run = 0; run < 100; run++) {
        double *first = d, mean = 0, squares = 0, own_t;

        draw(rand, 0.3, d);
        for (int k = 0; k < N_PAIRS; k++) {
            first[k] += 0.03 * run;
            mean += first[k] / N_PAIRS;
        }
        for (int k = 0; k < N_PAIRS; k++)
            squares += (first[k] - mean) * (first[k] - mean);
        own_t = mean / sqrt(squares / (N_PAIRS - 1) / N_PAIRS);
        ck_assert(rs_sign_flip_max_t(d, N_PAIRS, N_FUNCTIONS, 1999, 3, FALSE, NULL, p, NULL));
        ck_assert(rs_sign_flip_critical_t(d, N_PAIRS, N_FUNCTIONS, 1999, 3, FALSE, 0.05, &t, NULL));
        ck_assert(t > 2 && t < 6);
        n_near += fabs(own_t - t) < 1;
        /* a t that is not the largest of its family may be passed by in the first step alone */
        n_agree += (own_t > t) == (p[0] <= 0.05);
    }
    ck_assert_uint_ge(n_near, 10);
    ck_assert_uint_ge(n_agree, 98);
    g_rand_free(rand);
}
END_TEST

/* A few samples in each trial, as a small function has: small counts, skewed, many equal. */
static double few_samples(GRand *rand, double mean)
{
    double limit = exp(-mean), product = g_rand_double(rand), n = 0;

    for (; product > limit; n++)
        product *= g_rand_double(rand);
    return n;
}

START_TEST(the_interval_covers_the_mean_of_normal_and_of_counted_differences)
{
    GRand *rand = g_rand_new_with_seed(31);
    guint n_normal = 0, n_counted = 0;
    const guint n_runs = 1000;

    for (guint run = 0; run < n_runs; run++) {
        double normal[20], counted[20], low, high;

        for (int k = 0; k < 20; k++) {
            normal[k] = 3 + gaussian(rand);
            counted[k] = few_samples(rand, 2.5) - few_samples(rand, 1.5);
        }
        ck_assert(rs_sign_flip_interval(normal, 20, 999, run, 0.95, &low, &high, NULL));
        n_normal += low <= 3 && 3 <= high;
        ck_assert(rs_sign_flip_interval(counted, 20, 999, run, 0.95, &low, &high, NULL));
        n_counted += low <= 1 && 1 <= high;
    }
    /* 95 % and 4 standard errors */
    ck_assert_double_ge((double)n_normal / n_runs, 0.95 - 4 * sqrt(0.95 * 0.05 / n_runs));
    ck_assert_double_le((double)n_normal / n_runs, 0.95 + 4 * sqrt(0.95 * 0.05 / n_runs));
    ck_assert_double_ge((double)n_counted / n_runs, 0.95 - 4 * sqrt(0.95 * 0.05 / n_runs));
    g_rand_free(rand);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("sign_flip");

    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, all_sign_vectors_give_fishers_own_count);
    tcase_add_test(tcase, random_sign_vectors_come_near_the_exact_answer);
    tcase_add_test(tcase, three_hypotheses_step_down_as_computed_by_definition);
    tcase_add_test(tcase, the_interval_ends_at_means_of_subsets);
    tcase_add_test(tcase, the_interval_and_the_test_agree);
    tcase_add_test(tcase, constant_zero_and_huge_differences_have_defined_answers);
    tcase_add_test(tcase, the_answer_is_a_function_of_the_seed);
    tcase_add_test(tcase, what_cannot_be_tested_is_refused);
    tcase_add_test(tcase, too_few_pairs_prove_nothing);
    tcase_add_test(tcase, false_alarms_over_a_family_stay_at_alpha_whatever_is_shared);
    tcase_add_test(tcase, the_innocent_stay_innocent_beside_the_guilty);
    tcase_add_test(tcase, the_critical_t_is_where_the_adjusted_p_crosses_alpha);
    tcase_add_test(tcase, the_interval_covers_the_mean_of_normal_and_of_counted_differences);
    return run_tests("sign_flip", tcase);
}
