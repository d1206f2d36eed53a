/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/suggest.h"

#include <check.h>
#include <stdlib.h>

#include "tests/unit/run.h"

static const char *const known[] = {"threshold", "alpha", "metric", "max-pairs", "env", "bh", NULL};

START_TEST(edits_are_counted)
{
    ck_assert_uint_eq(rs_suggest_distance("", ""), 0);
    ck_assert_uint_eq(rs_suggest_distance("", "abc"), 3);
    ck_assert_uint_eq(rs_suggest_distance("kitten", "sitting"), 3);
    ck_assert_uint_eq(rs_suggest_distance("flaw", "lawn"), 2);
}
END_TEST

START_TEST(two_swapped_neighbours_are_one_edit)
{
    ck_assert_uint_eq(rs_suggest_distance("ab", "ba"), 1);
    ck_assert_uint_eq(rs_suggest_distance("ca", "abc"), 3); /* restricted: no edit inside a swap */
}
END_TEST

START_TEST(case_and_underline_do_not_count)
{
    ck_assert_uint_eq(rs_suggest_distance("Max_Pairs", "max-pairs"), 0);
}
END_TEST

START_TEST(a_very_long_word_is_far_from_everything)
{
    g_autofree char *word = g_strnfill(65, 'a');

    ck_assert_uint_eq(rs_suggest_distance(word, word), G_MAXUINT);
    ck_assert_ptr_null(rs_suggest(known, word));
}
END_TEST

START_TEST(a_slip_finds_its_word)
{
    ck_assert_str_eq(rs_suggest(known, "treshold"), "threshold");
    ck_assert_str_eq(rs_suggest(known, "metrics"), "metric");
    ck_assert_str_eq(rs_suggest(known, "max_pairs"), "max-pairs");
    ck_assert_str_eq(rs_suggest(known, "alhpa"), "alpha");
}
END_TEST

START_TEST(a_beginning_finds_its_word)
{
    ck_assert_str_eq(rs_suggest(known, "thresh"), "threshold");
    ck_assert_str_eq(rs_suggest(known, "environment"), "env");
    ck_assert_ptr_null(rs_suggest(known, "th"));
}
END_TEST

START_TEST(another_word_finds_nothing)
{
    ck_assert_ptr_null(rs_suggest(known, "frobnicate"));
    ck_assert_ptr_null(rs_suggest(known, "x"));
    ck_assert_ptr_null(rs_suggest(known, ""));
    ck_assert_ptr_null(rs_suggest((const char *const[]){NULL}, "alpha"));
}
END_TEST

START_TEST(the_first_of_two_equally_near_words_is_taken)
{
    const char *const words[] = {"path-a", "path-b", NULL};

    ck_assert_str_eq(rs_suggest(words, "path-c"), "path-a");
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("suggest");

    tcase_add_test(tcase, edits_are_counted);
    tcase_add_test(tcase, two_swapped_neighbours_are_one_edit);
    tcase_add_test(tcase, case_and_underline_do_not_count);
    tcase_add_test(tcase, a_very_long_word_is_far_from_everything);
    tcase_add_test(tcase, a_slip_finds_its_word);
    tcase_add_test(tcase, a_beginning_finds_its_word);
    tcase_add_test(tcase, another_word_finds_nothing);
    tcase_add_test(tcase, the_first_of_two_equally_near_words_is_taken);
    return run_tests("suggest", tcase);
}
