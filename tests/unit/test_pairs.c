/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analyze/pairs.h"

#include "tests/unit/analyze_fixtures.h"

static void assert_pairs_refused(const gint32 *numbers, const RsArm *arms, guint n,
                                 const char *reason)
{
    g_autoptr(RsBenchmark) benchmark = rs_benchmark_new("b", RS_DESIGN_PAIRED);
    guint n_incomplete;
    const char *why = NULL;

    for (guint i = 0; i < n; i++)
        rs_benchmark_add_trial(benchmark, arms[i], numbers[i], 0);
    ck_assert_ptr_null(rs_trial_pairs(benchmark, &n_incomplete, &why));
    ck_assert_str_eq(why, reason);
}

START_TEST(broken_pairs_are_refused)
{
    const RsArm both[] = {RS_ARM_BASELINE, RS_ARM_CURRENT, RS_ARM_BASELINE};
    const RsArm one[] = {RS_ARM_CURRENT, RS_ARM_CURRENT};

    assert_pairs_refused((gint32[]){0, 0, 0}, both, 3,
                         "a pair does not have one trial of each side");
    assert_pairs_refused((gint32[]){4, 4}, one, 2, "a pair does not have one trial of each side");
    assert_pairs_refused((gint32[]){0, -1}, both, 2, "a pair number is out of range");
    assert_pairs_refused((gint32[]){0, G_MAXINT32}, both, 2, "a pair number is out of range");
}
END_TEST

START_TEST(pairs_come_in_the_order_of_completion)
{
    g_autoptr(RsBenchmark) benchmark = rs_benchmark_new("b", RS_DESIGN_PAIRED);
    guint n_incomplete;
    const char *why;
    g_autoptr(GArray) pairs = NULL;

    rs_benchmark_add_trial(benchmark, RS_ARM_BASELINE, 0, 0);
    rs_benchmark_add_trial(benchmark, RS_ARM_CURRENT, 1, 0);
    rs_benchmark_add_trial(benchmark, RS_ARM_BASELINE, 1, 0);
    rs_benchmark_add_trial(benchmark, RS_ARM_CURRENT, 2, 0);
    rs_benchmark_add_trial(benchmark, RS_ARM_CURRENT, 0, 0);
    pairs = rs_trial_pairs(benchmark, &n_incomplete, &why);
    ck_assert_uint_eq(pairs->len, 2);
    ck_assert_uint_eq(n_incomplete, 1);
    ck_assert_uint_eq(g_array_index(pairs, RsTrialPair, 0).baseline_trial, 2);
    ck_assert_int_eq(g_array_index(pairs, RsTrialPair, 0).first, RS_ARM_CURRENT);
    ck_assert_uint_eq(g_array_index(pairs, RsTrialPair, 1).current_trial, 4);
    ck_assert_int_eq(g_array_index(pairs, RsTrialPair, 1).first, RS_ARM_BASELINE);
}
END_TEST

START_TEST(a_ratio_is_oriented_so_that_above_zero_is_worse)
{
    g_autoptr(RsMetric) metric = rs_metric_new("m", "ns", RS_LOWER_IS_BETTER, RS_REAL);
    const double values[] = {2, 3, 0, 0, -1, INFINITY, NAN};
    double ratio;

    for (guint i = 0; i < G_N_ELEMENTS(values); i++)
        rs_metric_append(metric, (RsValue){.real = values[i]});
    ck_assert_int_eq(rs_pair_log_ratio(metric, 0, 1, &ratio), RS_PAIR_VALUE_OK);
    ck_assert_double_eq_tol(ratio, log(1.5), 1e-12);
    metric->direction = RS_HIGHER_IS_BETTER;
    ck_assert_int_eq(rs_pair_log_ratio(metric, 0, 1, &ratio), RS_PAIR_VALUE_OK);
    ck_assert_double_eq_tol(ratio, -log(1.5), 1e-12);
    ck_assert_int_eq(rs_pair_log_ratio(metric, 2, 3, &ratio), RS_PAIR_VALUE_OK);
    ck_assert_double_eq(ratio, 0);
    ck_assert_int_eq(rs_pair_log_ratio(metric, 0, 2, &ratio), RS_PAIR_VALUE_ZERO);
    ck_assert_int_eq(rs_pair_log_ratio(metric, 0, 4, &ratio), RS_PAIR_VALUE_IMPOSSIBLE);
    ck_assert_int_eq(rs_pair_log_ratio(metric, 5, 0, &ratio), RS_PAIR_VALUE_IMPOSSIBLE);
    ck_assert_int_eq(rs_pair_log_ratio(metric, 0, 6, &ratio), RS_PAIR_VALUE_ABSENT);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        broken_pairs_are_refused,
        pairs_come_in_the_order_of_completion,
        a_ratio_is_oriented_so_that_above_zero_is_worse,
    };

    return run_claims("pairs", tests, G_N_ELEMENTS(tests));
}
