/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/pair_rule.h"

#include "stats/error.h"
#include "tests/unit/run.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

static RsPairPlan default_plan(void)
{
    RsPairPlan plan;

    rs_pair_plan_init(&plan);
    return plan;
}

static RsPairState fed(const RsPairPlan *plan, double log_ratio, guint n)
{
    RsPairState state;

    rs_pair_state_init(&state, plan);
    for (guint i = 0; i < n; i++)
        rs_pair_state_add(&state, log_ratio);
    return state;
}

static double bonferroni(const RsPairState *state, const RsPairPlan *plan)
{
    return MIN(1, plan->n_family * rs_pair_state_p_slower(state));
}

START_TEST(the_default_plan_is_that_of_the_manual)
{
    RsPairPlan plan = default_plan();

    ck_assert_double_eq(plan.threshold_frac, 0.10);
    ck_assert_double_eq(plan.bound_frac, 0.20);
    ck_assert_double_eq(plan.alpha, 0.05);
    ck_assert_double_eq(plan.beta, 0.05);
    ck_assert_double_eq(plan.min_evidence, 5);
    ck_assert_double_eq(plan.bound_evidence, 10);
    ck_assert_uint_eq(plan.max_pairs, 150);
    ck_assert(rs_pair_plan_check(&plan, NULL));
}
END_TEST

START_TEST(a_plan_that_is_none_is_refused)
{
    const RsPairPlan good = default_plan();
    RsPairPlan bad[] = {good, good, good, good, good, good, good, good, good};

    bad[0].threshold_frac = 0;
    bad[1].bound_frac = NAN;
    bad[2].alpha = 1;
    bad[3].beta = 0;
    bad[4].n_family = 0;
    bad[5].max_pairs = 0;
    bad[6].min_pairs = 151;
    bad[7].min_evidence = NAN;
    bad[8].bound_evidence = -1;
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;

        ck_assert_msg(!rs_pair_plan_check(&bad[i], &error), "plan %u", i);
        ck_assert(g_error_matches(error, RS_STATS_ERROR, RS_STATS_ERROR_DOMAIN));
    }
}
END_TEST

START_TEST(a_clear_slowdown_stops_red_after_few_pairs)
{
    RsPairPlan plan = default_plan();

    for (guint n = 1; n <= 20; n++) {
        RsPairState state = fed(&plan, log(1.5), n);
        RsPairStop stop = rs_pair_state_stop(&state, &plan, log(1.5), bonferroni(&state, &plan));

        /* family 2: p x 2 < 0.05 needs a wealth above 40: 9 wins (see test_bet) */
        ck_assert_int_eq(stop, n < 9 ? RS_PAIR_OPEN : RS_PAIR_STOP_RED);
    }
}
END_TEST

START_TEST(an_unchanged_row_stops_excluded)
{
    RsPairPlan plan = default_plan();

    for (guint n = 1; n <= 20; n++) {
        RsPairState state = fed(&plan, 0, n);

        /* 1 / beta = 20: 7 wins */
        ck_assert_int_eq(rs_pair_state_stop(&state, &plan, 0, 1),
                         n < 7 ? RS_PAIR_OPEN : RS_PAIR_STOP_EXCLUDED);
    }
}
END_TEST

START_TEST(no_row_stops_before_the_minimum)
{
    RsPairPlan plan = default_plan();
    RsPairState state = fed(&plan, log(1.5), 15);

    plan.min_pairs = 16;
    ck_assert_int_eq(rs_pair_state_stop(&state, &plan, log(1.5), 0), RS_PAIR_OPEN);
    rs_pair_state_add(&state, log(1.5));
    ck_assert_int_eq(rs_pair_state_stop(&state, &plan, log(1.5), 0), RS_PAIR_STOP_RED);
}
END_TEST

START_TEST(a_red_stop_needs_significance_effect_evidence_and_a_known_side_of_the_bound)
{
    RsPairPlan plan = default_plan();
    RsPairState clear = fed(&plan, log(1.5), 15), state;

    ck_assert_int_eq(rs_pair_state_stop(&clear, &plan, log(1.5), 0.04), RS_PAIR_STOP_RED);
    ck_assert_int_eq(rs_pair_state_stop(&clear, &plan, log(1.5), 0.05), RS_PAIR_OPEN);
    ck_assert_int_eq(rs_pair_state_stop(&clear, &plan, log(1.09), 0.04), RS_PAIR_OPEN);
    /* +15 % by half the pairs, +5 % by the others: no evidence that it is above 10 % */
    rs_pair_state_init(&state, &plan);
    for (guint i = 0; i < 31; i++)
        rs_pair_state_add(&state, i % 2 ? log(1.05) : log(1.15));
    ck_assert_double_lt(state.above_threshold.wealth, plan.min_evidence);
    ck_assert_int_eq(rs_pair_state_stop(&state, &plan, log(1.15), 1e-6), RS_PAIR_OPEN);
    ck_assert_int_eq(rs_pair_state_verdict(&state, &plan, log(1.15), 1e-6, 1), RS_PAIR_REGRESSION);
    /* now around the bound of 20 %: surely above 10 %, but critical or not? */
    rs_pair_state_init(&state, &plan);
    for (guint i = 0; i < 31; i++)
        rs_pair_state_add(&state, i % 2 ? log(1.15) : log(1.25));
    ck_assert_double_ge(state.above_threshold.wealth, plan.min_evidence);
    ck_assert_int_eq(rs_pair_state_stop(&state, &plan, log(1.25), 1e-6), RS_PAIR_OPEN);
}
END_TEST

/* Pairs on two sides of a level in turns: on neither side is there evidence. */
static RsPairState torn(const RsPairPlan *plan, double one, double other, guint n)
{
    RsPairState state;

    rs_pair_state_init(&state, plan);
    for (guint i = 0; i < n; i++)
        rs_pair_state_add(&state, i % 2 ? one : other);
    return state;
}

START_TEST(the_evidence_of_the_bound_is_the_plans)
{
    /* 16 %: above T, below G. A wealth of 10 takes 6 wins, one of 40 takes 9 (see test_bet). */
    RsPairPlan plan = default_plan();
    const struct {
        double evidence;
        guint n_wins;
    } cases[] = {{10, 6}, {40, 9}};

    for (guint k = 0; k < G_N_ELEMENTS(cases); k++) {
        plan.bound_evidence = cases[k].evidence;
        for (guint n = 1; n <= 20; n++) {
            RsPairState state = fed(&plan, log(1.16), n);

            ck_assert_int_eq(rs_pair_state_stop(&state, &plan, log(1.16), 1e-6),
                             n < cases[k].n_wins ? RS_PAIR_OPEN : RS_PAIR_STOP_RED);
        }
    }
}
END_TEST

static gboolean may_stop(const RsPairPlan *plan, const RsPairState *a, double a_median,
                         const RsPairState *b, double b_median)
{
    const RsPairRow forward[] = {{a, plan, a_median, 1e-6}, {b, plan, b_median, 1e-6}};
    const RsPairRow backward[] = {forward[1], forward[0]};
    gboolean may = rs_pair_rows_may_stop(forward, 2);

    ck_assert_int_eq(rs_pair_rows_may_stop(backward, 2), may); /* in whatever order */
    return may;
}

START_TEST(a_benchmark_without_rows_never_stops)
{
    ck_assert(!rs_pair_rows_may_stop(NULL, 0));
}
END_TEST

START_TEST(a_benchmark_stops_when_every_row_may)
{
    RsPairPlan plan = default_plan();
    RsPairState same = fed(&plan, 0, 15), torn_at_threshold;

    ck_assert(may_stop(&plan, &same, 0, &same, 0));
    torn_at_threshold = torn(&plan, log(1.05), log(1.15), 15);
    ck_assert(!may_stop(&plan, &same, 0, &torn_at_threshold, log(1.05)));
    ck_assert(!may_stop(&plan, &torn_at_threshold, log(1.05), &torn_at_threshold, log(1.05)));
}
END_TEST

START_TEST(a_row_red_beyond_the_bound_stops_its_benchmark)
{
    RsPairPlan plan = default_plan();
    RsPairState beyond = fed(&plan, log(1.5), 15);
    RsPairState open = torn(&plan, log(1.15), log(1.25), 15);

    ck_assert(may_stop(&plan, &beyond, log(1.5), &open, log(1.25)));
    ck_assert(may_stop(&plan, &beyond, log(1.5), &open, log(1.15)));
}
END_TEST

START_TEST(a_row_red_below_the_bound_waits_for_one_that_looks_worse)
{
    RsPairPlan plan = default_plan();
    RsPairState below = fed(&plan, log(1.15), 15);
    RsPairState open = torn(&plan, log(1.15), log(1.25), 15);
    RsPairState same = fed(&plan, 0, 15);

    ck_assert_int_eq(rs_pair_state_stop(&below, &plan, log(1.15), 1e-6), RS_PAIR_STOP_RED);
    ck_assert_int_eq(rs_pair_state_stop(&open, &plan, log(1.25), 1e-6), RS_PAIR_OPEN);
    ck_assert(!may_stop(&plan, &below, log(1.15), &open, log(1.25)));
    ck_assert(may_stop(&plan, &below, log(1.15), &open, log(1.15)));
    ck_assert(
        may_stop(&plan, &below, log(1.15), &open, open.log_bound)); /* exactly G is not beyond */
    ck_assert(may_stop(&plan, &below, log(1.15), &same, 0));
}
END_TEST

START_TEST(a_bet_won_above_the_bound_counts_only_while_the_median_is_there)
{
    /* first +50 %, then +15 %: the bet above G was won, the median has come back below */
    RsPairPlan plan = default_plan();
    RsPairState returned = fed(&plan, log(1.5), 10);
    RsPairState open = torn(&plan, log(1.15), log(1.25), 25);

    for (guint i = 0; i < 15; i++)
        rs_pair_state_add(&returned, log(1.15));
    ck_assert_double_ge(returned.above_bound.max_wealth, plan.bound_evidence);
    ck_assert_int_eq(rs_pair_state_stop(&returned, &plan, log(1.15), 1e-6), RS_PAIR_STOP_RED);
    ck_assert(!may_stop(&plan, &returned, log(1.15), &open, log(1.25)));
    ck_assert(may_stop(&plan, &returned, log(1.15), &open, log(1.15)));
}
END_TEST

START_TEST(without_a_bound_any_red_row_stops_its_benchmark)
{
    RsPairPlan plan = default_plan();
    RsPairState red, open;

    plan.bound_frac = INFINITY;
    red = fed(&plan, log(1.15), 15);
    open = torn(&plan, log(1.05), log(1.15), 15);
    ck_assert(may_stop(&plan, &red, log(1.15), &open, log(1.15)));
}
END_TEST

START_TEST(no_benchmark_stops_before_the_minimum)
{
    RsPairPlan plan = default_plan();
    RsPairState red = fed(&plan, log(1.5), 15);

    plan.min_pairs = 16;
    ck_assert(!may_stop(&plan, &red, log(1.5), &red, log(1.5)));
}
END_TEST

START_TEST(without_a_bound_there_is_nothing_to_be_clear_of)
{
    RsPairPlan plan = default_plan();
    RsPairState state;

    plan.bound_frac = INFINITY;
    ck_assert(rs_pair_plan_check(&plan, NULL));
    rs_pair_state_init(&state, &plan);
    for (guint i = 0; i < 31; i++)
        rs_pair_state_add(&state, i % 2 ? log(1.15) : log(1.25));
    ck_assert_int_eq(rs_pair_state_stop(&state, &plan, log(1.2), 1e-6), RS_PAIR_STOP_RED);
}
END_TEST

START_TEST(red_is_asked_before_excluded)
{
    /* first far below T, then far above: both are reached, and the present state decides */
    RsPairPlan plan = default_plan();
    RsPairState state = fed(&plan, 0, 10);

    ck_assert_int_eq(rs_pair_state_stop(&state, &plan, 0, 1), RS_PAIR_STOP_EXCLUDED);
    for (guint i = 0; i < 60; i++)
        rs_pair_state_add(&state, log(1.5));
    ck_assert(rs_pair_state_excludes_threshold(&state, &plan));
    ck_assert_int_eq(rs_pair_state_stop(&state, &plan, log(1.5), bonferroni(&state, &plan)),
                     RS_PAIR_STOP_RED);
}
END_TEST

START_TEST(verdicts_come_in_their_order)
{
    RsPairPlan plan = default_plan();
    RsPairState up = fed(&plan, log(1.5), 3), none = fed(&plan, 0, 3), same = fed(&plan, 0, 15);

    ck_assert_int_eq(rs_pair_state_verdict(&up, &plan, log(1.5), 0.01, 1), RS_PAIR_REGRESSION);
    ck_assert_int_eq(rs_pair_state_verdict(&none, &plan, log(0.8), 1, 0.01), RS_PAIR_IMPROVEMENT);
    /* of whatever size, and whether or not T is excluded */
    ck_assert_int_eq(rs_pair_state_verdict(&none, &plan, log(0.99), 1, 0.01), RS_PAIR_IMPROVEMENT);
    ck_assert_int_eq(rs_pair_state_verdict(&same, &plan, log(0.98), 1, 0.01), RS_PAIR_IMPROVEMENT);
    ck_assert_int_eq(rs_pair_state_verdict(&same, &plan, log(0.8), 1, 0.05), RS_PAIR_UNCHANGED);
    ck_assert_int_eq(rs_pair_state_verdict(&none, &plan, 0, 1, 1), RS_PAIR_INCONCLUSIVE);
    ck_assert_int_eq(rs_pair_state_verdict(&same, &plan, 0, 1, 1), RS_PAIR_UNCHANGED);
    ck_assert_int_eq(rs_pair_state_verdict(&same, &plan, log(1.02), 0.01, 1),
                     RS_PAIR_BELOW_THRESHOLD);
    /* exactly T is not above T, exactly alpha not below alpha */
    ck_assert_int_eq(rs_pair_state_verdict(&up, &plan, log1p(0.10), 0.01, 1), RS_PAIR_INCONCLUSIVE);
    ck_assert_int_eq(rs_pair_state_verdict(&up, &plan, log(1.5), 0.05, 1), RS_PAIR_INCONCLUSIVE);
}
END_TEST

START_TEST(mostly_above_means_that_the_median_is)
{
    RsPairPlan plan = default_plan();
    RsPairState state = fed(&plan, log(1.5), 2);

    ck_assert(rs_pair_state_is_mostly_above(&state));
    rs_pair_state_add(&state, 0);
    ck_assert(rs_pair_state_is_mostly_above(&state));
    rs_pair_state_add(&state, 0);
    ck_assert(!rs_pair_state_is_mostly_above(&state));
}
END_TEST

START_TEST(the_short_way_of_replays_answers_alike)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(21);
    RsPairPlan plan = default_plan();

    for (guint repeat = 0; repeat < 300; repeat++) {
        double centre = log1p(0.02 * (repeat % 15));
        RsPairState whole, brief;

        rs_pair_state_init(&whole, &plan);
        rs_pair_state_init(&brief, &plan);
        for (guint i = 0; i < 150; i++) {
            double d = centre + g_rand_double_range(rand, -0.2, 0.2), median;

            rs_pair_state_add(&whole, d);
            rs_pair_state_add_for_replay(&brief, &plan, d);
            median = rs_pair_state_is_mostly_above(&whole) ? 1 : -1;
            ck_assert_int_eq(rs_pair_state_stop(&whole, &plan, median, bonferroni(&whole, &plan)),
                             rs_pair_state_stop(&brief, &plan, median, bonferroni(&brief, &plan)));
            ck_assert_int_eq(rs_pair_state_verdict(&whole, &plan, median, bonferroni(&whole, &plan),
                                                   1) == RS_PAIR_REGRESSION,
                             rs_pair_state_verdict(&brief, &plan, median, bonferroni(&brief, &plan),
                                                   1) == RS_PAIR_REGRESSION);
        }
    }
}
END_TEST

START_TEST(the_fewest_pairs_grow_with_the_family)
{
    RsPairPlan plan = default_plan();

    plan.n_family = 1; /* 20 for both questions; red must exceed it */
    ck_assert_uint_eq(rs_pair_min_pairs(&plan), 7);
    plan.n_family = 2;
    ck_assert_uint_eq(rs_pair_min_pairs(&plan), 9);
    plan.n_family = 200;
    ck_assert_uint_eq(rs_pair_min_pairs(&plan), 16);
    plan.n_family = 2;
    plan.beta = 0.00025;
    ck_assert_uint_eq(rs_pair_min_pairs(&plan), 16);
}
END_TEST

START_TEST(fair_coins_of_any_size_are_seldom_called_slower)
{
    /* every sign pattern of 16 pairs whose sizes alternate between two modes: P(p <= a) <= a */
    const guint n = 16;
    const double alphas[] = {0.1, 0.05, 0.01};
    guint n_slower[3] = {0}, n_faster[3] = {0};
    RsPairPlan plan = default_plan();

    for (guint32 pattern = 0; pattern < 1u << n; pattern++) {
        RsPairState state;

        rs_pair_state_init(&state, &plan);
        for (guint i = 0; i < n; i++)
            rs_pair_state_add(&state, (pattern >> i & 1 ? 1 : -1) * (i % 3 ? 0.01 : 0.4));
        for (guint k = 0; k < 3; k++) {
            n_slower[k] += rs_pair_state_p_slower(&state) <= alphas[k];
            n_faster[k] += rs_pair_state_p_faster(&state) <= alphas[k];
        }
    }
    for (guint k = 0; k < 3; k++) {
        ck_assert_uint_le(n_slower[k], (guint)(alphas[k] * (1u << n)));
        ck_assert_uint_eq(n_slower[k], n_faster[k]);
        ck_assert_uint_gt(n_slower[k], 0);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("claims");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, the_default_plan_is_that_of_the_manual);
    tcase_add_test(tests, a_plan_that_is_none_is_refused);
    tcase_add_test(tests, a_clear_slowdown_stops_red_after_few_pairs);
    tcase_add_test(tests, an_unchanged_row_stops_excluded);
    tcase_add_test(tests, no_row_stops_before_the_minimum);
    tcase_add_test(tests,
                   a_red_stop_needs_significance_effect_evidence_and_a_known_side_of_the_bound);
    tcase_add_test(tests, the_evidence_of_the_bound_is_the_plans);
    tcase_add_test(tests, a_benchmark_without_rows_never_stops);
    tcase_add_test(tests, a_benchmark_stops_when_every_row_may);
    tcase_add_test(tests, a_row_red_beyond_the_bound_stops_its_benchmark);
    tcase_add_test(tests, a_row_red_below_the_bound_waits_for_one_that_looks_worse);
    tcase_add_test(tests, a_bet_won_above_the_bound_counts_only_while_the_median_is_there);
    tcase_add_test(tests, without_a_bound_any_red_row_stops_its_benchmark);
    tcase_add_test(tests, no_benchmark_stops_before_the_minimum);
    tcase_add_test(tests, without_a_bound_there_is_nothing_to_be_clear_of);
    tcase_add_test(tests, red_is_asked_before_excluded);
    tcase_add_test(tests, verdicts_come_in_their_order);
    tcase_add_test(tests, mostly_above_means_that_the_median_is);
    tcase_add_test(tests, the_short_way_of_replays_answers_alike);
    tcase_add_test(tests, the_fewest_pairs_grow_with_the_family);
    tcase_add_test(tests, fair_coins_of_any_size_are_seldom_called_slower);
    return run_tests("pair_rule", tests);
}
