/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/bet.h"

#include "stats/error.h"
#include "tests/unit/run.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

static RsBet play(const int *signs, gsize n)
{
    RsBet bet;

    rs_bet_init(&bet);
    for (gsize i = 0; i < n; i++)
        rs_bet_add(&bet, signs[i]);
    return bet;
}

START_TEST(wealth_agrees_with_an_independent_calculation)
{
    /* the formula of the header, computed apart in Python */
    const int signs[] = {1, 1, -1, 0, 1, 1, 1, -1, -1, 1, 1, 1, 1, 0, 1};
    RsBet bet = play(signs, G_N_ELEMENTS(signs));

    ck_assert_double_eq_tol(bet.wealth, 3.7138687041525262, 1e-12);
    ck_assert_double_eq_tol(bet.max_wealth, 3.7138687041525262, 1e-12);
    ck_assert_int_eq(bet.n, 15);
    ck_assert_int_eq(bet.s1, 7);
    ck_assert_int_eq(bet.s2, 13);
    ck_assert_double_eq_tol(rs_bet_p(&bet), 1 / 3.7138687041525262, 1e-12);
}
END_TEST

START_TEST(a_fair_coin_exceeds_its_level_no_more_often_than_promised)
{
    /* every one of the 2^18 sign sequences; Ville: P(max wealth >= 1/alpha) <= alpha */
    const double alphas[] = {0.5, 0.2, 0.1, 0.05, 0.025, 0.01, 0.001};
    const guint n = 18;
    guint n_exceeding[G_N_ELEMENTS(alphas)] = {0};
    double mean_wealth = 0;

    for (guint32 sequence = 0; sequence < 1u << n; sequence++) {
        RsBet bet;

        rs_bet_init(&bet);
        for (guint i = 0; i < n; i++)
            rs_bet_add(&bet, sequence >> i & 1 ? 1 : -1);
        mean_wealth += bet.wealth / (1u << n);
        for (guint i = 0; i < G_N_ELEMENTS(alphas); i++)
            n_exceeding[i] += bet.max_wealth >= 1 / alphas[i];
    }
    ck_assert_double_eq_tol(mean_wealth, 1, 1e-9); /* a martingale, neither won nor lost */
    for (guint i = 0; i < G_N_ELEMENTS(alphas); i++) {
        double share = n_exceeding[i] / (double)(1u << n);

        ck_assert_msg(share <= alphas[i], "alpha %g: %g", alphas[i], share);
        ck_assert_msg(share > 0, "alpha %g is never used", alphas[i]);
    }
}
END_TEST

START_TEST(ties_in_a_fair_game_change_nothing_of_the_promise)
{
    /* all 3^11 sequences, a tie with probability 1/3: the mean wealth stays 1 */
    const guint n = 11, n_sequences = 177147;
    double mean_wealth = 0, share = 0;

    for (guint sequence = 0; sequence < n_sequences; sequence++) {
        guint rest = sequence;
        RsBet bet;

        rs_bet_init(&bet);
        for (guint i = 0; i < n; i++, rest /= 3)
            rs_bet_add(&bet, (int)(rest % 3) - 1);
        mean_wealth += bet.wealth / n_sequences;
        share += (bet.max_wealth >= 20) / (double)n_sequences;
    }
    ck_assert_double_eq_tol(mean_wealth, 1, 1e-9);
    ck_assert_double_le(share, 0.05);
}
END_TEST

START_TEST(a_tie_bets_nothing)
{
    const int signs[] = {0, 0, 0};
    RsBet bet = play(signs, 3);

    ck_assert_double_eq(bet.wealth, 1);
    ck_assert_double_eq(rs_bet_p(&bet), 1);
}
END_TEST

START_TEST(the_first_stake_is_four_tenths_and_none_exceeds_nine)
{
    const int won[] = {1}, lost[] = {-1};
    RsBet bet;

    ck_assert_double_eq_tol(play(won, 1).wealth, 1.4, 1e-15);
    ck_assert_double_eq_tol(play(lost, 1).wealth, 0.6, 1e-15);
    rs_bet_init(&bet);
    for (int i = 0; i < 500; i++) {
        double before = bet.wealth;

        rs_bet_add(&bet, 1);
        ck_assert_double_le(bet.wealth, before * 1.9 * (1 + 1e-12));
    }
}
END_TEST

START_TEST(wealth_stays_finite_and_positive)
{
    RsBet bet;

    rs_bet_init(&bet);
    for (int i = 0; i < 5000; i++)
        rs_bet_add(&bet, 1);
    ck_assert_double_eq(bet.wealth, RS_BET_MAX_WEALTH);
    ck_assert_double_gt(rs_bet_p(&bet), 0);
    for (int i = 0; i < 100000; i++)
        rs_bet_add(&bet, i % 2 ? 1 : -1);
    ck_assert_double_ge(bet.wealth, RS_BET_MIN_WEALTH);
    ck_assert_double_eq(bet.max_wealth, RS_BET_MAX_WEALTH);
}
END_TEST

START_TEST(the_fewest_winning_signs_are_those_of_the_formula)
{
    /* counted apart in Python */
    ck_assert_uint_eq(rs_bet_fewest(20), 7);
    ck_assert_uint_eq(rs_bet_fewest(40), 9);
    ck_assert_uint_eq(rs_bet_fewest(400), 13);
    ck_assert_uint_eq(rs_bet_fewest(4000), 16);
    ck_assert_uint_eq(rs_bet_fewest(0.5), 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("claims");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, wealth_agrees_with_an_independent_calculation);
    tcase_add_test(tests, a_fair_coin_exceeds_its_level_no_more_often_than_promised);
    tcase_add_test(tests, ties_in_a_fair_game_change_nothing_of_the_promise);
    tcase_add_test(tests, a_tie_bets_nothing);
    tcase_add_test(tests, the_first_stake_is_four_tenths_and_none_exceeds_nine);
    tcase_add_test(tests, wealth_stays_finite_and_positive);
    tcase_add_test(tests, the_fewest_winning_signs_are_those_of_the_formula);
    return run_tests("bet", tests);
}
