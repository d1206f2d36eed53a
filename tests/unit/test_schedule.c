/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/schedule.h"

#include <check.h>
#include <stdlib.h>

#include "tests/unit/run.h"

#define N_TOSSES 1000

/* 400..600 of 1000 is 6.3 standard deviations of a fair coin to either side. */
START_TEST(a_toss_is_a_fair_coin)
{
    for (gint64 seed = 0; seed < 20; seed++) {
        guint n_current = 0;

        for (gint32 pair = 0; pair < N_TOSSES; pair++)
            n_current += rs_schedule_toss(seed, "bench", pair).first == RS_ARM_CURRENT;
        ck_assert_uint_ge(n_current, 400);
        ck_assert_uint_le(n_current, 600);
    }
}
END_TEST

/* A coin that alternates or sticks would be fair by count alone. */
START_TEST(a_toss_tells_nothing_about_the_next)
{
    guint n_same = 0;

    for (gint32 pair = 0; pair < N_TOSSES; pair++)
        n_same += rs_schedule_toss(1, "bench", pair).first ==
                  rs_schedule_toss(1, "bench", pair + 1).first;
    ck_assert_uint_ge(n_same, 400);
    ck_assert_uint_le(n_same, 600);
}
END_TEST

/* What --resume and --shard rely on. */
START_TEST(a_toss_is_a_function_of_seed_name_and_pair)
{
    for (gint32 pair = 0; pair < 100; pair++) {
        RsPairToss a = rs_schedule_toss(7, "bench", pair), b = rs_schedule_toss(7, "bench", pair);

        ck_assert_int_eq(a.first, b.first);
        ck_assert_uint_eq(a.padding_bytes, b.padding_bytes);
    }
}
END_TEST

static guint n_equal(gint64 seed_a, const char *name_a, gint64 seed_b, const char *name_b)
{
    guint n = 0;

    for (gint32 pair = 0; pair < N_TOSSES; pair++)
        n += rs_schedule_toss(seed_a, name_a, pair).first ==
             rs_schedule_toss(seed_b, name_b, pair).first;
    return n;
}

START_TEST(seeds_and_names_toss_coins_of_their_own)
{
    guint by_seed = n_equal(1, "a", 2, "a"), by_name = n_equal(1, "a", 1, "b");

    ck_assert_uint_eq(n_equal(1, "a", 1, "a"), N_TOSSES);
    ck_assert_uint_ge(by_seed, 400);
    ck_assert_uint_le(by_seed, 600);
    ck_assert_uint_ge(by_name, 400);
    ck_assert_uint_le(by_name, 600);
}
END_TEST

START_TEST(padding_covers_its_range_evenly)
{
    guint n_by_quarter[4] = {0};

    for (gint32 pair = 0; pair < N_TOSSES; pair++) {
        guint padding_bytes = rs_schedule_toss(3, "bench", pair).padding_bytes;

        ck_assert_uint_lt(padding_bytes, RS_PADDING_LIMIT_BYTES);
        n_by_quarter[padding_bytes / (RS_PADDING_LIMIT_BYTES / 4)]++;
    }
    for (guint i = 0; i < 4; i++) {
        ck_assert_uint_ge(n_by_quarter[i], 180);
        ck_assert_uint_le(n_by_quarter[i], 320);
    }
}
END_TEST

START_TEST(padding_does_not_follow_the_order)
{
    gint64 sum_bytes[RS_N_ARMS] = {0}, n[RS_N_ARMS] = {0};

    for (gint32 pair = 0; pair < N_TOSSES; pair++) {
        RsPairToss toss = rs_schedule_toss(3, "bench", pair);

        sum_bytes[toss.first] += toss.padding_bytes;
        n[toss.first]++;
    }
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++) {
        ck_assert_int_ge(sum_bytes[arm] / n[arm], 1748); /* 2048 - 300: 5 standard errors */
        ck_assert_int_le(sum_bytes[arm] / n[arm], 2348);
    }
}
END_TEST

START_TEST(a_drawn_seed_fits_a_double_and_differs)
{
    gint64 all_bits = 0;

    for (guint i = 0; i < 100; i++) {
        gint64 seed = rs_schedule_draw_seed();

        ck_assert_int_ge(seed, 0);
        ck_assert_int_lt(seed, G_GINT64_CONSTANT(1) << 53);
        all_bits |= seed;
    }
    ck_assert_int_eq(all_bits, (G_GINT64_CONSTANT(1) << 53) - 1);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("schedule");

    tcase_add_test(tcase, a_toss_is_a_fair_coin);
    tcase_add_test(tcase, a_toss_tells_nothing_about_the_next);
    tcase_add_test(tcase, a_toss_is_a_function_of_seed_name_and_pair);
    tcase_add_test(tcase, seeds_and_names_toss_coins_of_their_own);
    tcase_add_test(tcase, padding_covers_its_range_evenly);
    tcase_add_test(tcase, padding_does_not_follow_the_order);
    tcase_add_test(tcase, a_drawn_seed_fits_a_double_and_differs);
    tcase_set_timeout(tcase, 60);
    return run_tests("schedule", tcase);
}
