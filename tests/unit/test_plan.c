/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/plan.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "tests/unit/run.h"

#define STRV(...) ((char *[]){__VA_ARGS__, NULL})

/* a-fast (quick), a-slow (slow), b-fast (quick, slow), c (no tags). */
static RsPlan *plan_of_four(void)
{
    static const struct {
        const char *name, *tags;
    } rows[] = {{"a-fast", "quick"}, {"a-slow", "slow"}, {"b-fast", "quick slow"}, {"c", NULL}};
    RsPlan *plan = rs_plan_new();

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        RsPlanBenchmark *benchmark = rs_plan_benchmark_new(rows[i].name, RS_DESIGN_PAIRED);

        benchmark->tags = rows[i].tags ? g_strsplit(rows[i].tags, " ", -1) : NULL;
        g_ptr_array_add(plan->benchmarks, benchmark);
    }
    return plan;
}

static char *names_of(const RsPlan *plan)
{
    GString *names = g_string_new(NULL);

    for (guint i = 0; i < plan->benchmarks->len; i++)
        g_string_append_printf(names, "%s%s", i ? " " : "",
                               ((RsPlanBenchmark *)g_ptr_array_index(plan->benchmarks, i))->name);
    return g_string_free(names, FALSE);
}

static void assert_selects(char **globs, char **tags, guint shard, guint n_shards,
                           const char *expected)
{
    g_autoptr(RsPlan) plan = plan_of_four();
    g_autoptr(GError) error = NULL;
    g_autofree char *names = NULL;

    ck_assert_msg(rs_plan_select(plan, globs, tags, shard, n_shards, &error), "%s",
                  error ? error->message : "no error set");
    names = names_of(plan);
    ck_assert_str_eq(names, expected);
    ck_assert_uint_eq(plan->shard_index, shard);
    ck_assert_uint_eq(plan->shard_count, n_shards);
}

static void assert_refuses(char **globs, char **tags, guint shard, guint n_shards,
                           const char *message)
{
    g_autoptr(RsPlan) plan = plan_of_four();
    g_autoptr(GError) error = NULL;

    ck_assert(!rs_plan_select(plan, globs, tags, shard, n_shards, &error));
    ck_assert(g_error_matches(error, RS_PLAN_ERROR, RS_PLAN_ERROR_INVALID));
    ck_assert_str_eq(error->message, message);
    ck_assert_uint_eq(plan->benchmarks->len, 4);
}

START_TEST(a_new_plan_asks_for_the_defaults)
{
    g_autoptr(RsPlan) plan = plan_of_four();
    const RsPlanBenchmark *benchmark = g_ptr_array_index(plan->benchmarks, 0);

    ck_assert_int_eq(plan->seed, -1);
    ck_assert_double_eq(plan->gate->threshold_pct, 10);
    ck_assert(isnan(benchmark->threshold_pct));
    ck_assert_uint_eq(benchmark->exit_codes->len, 1);
    ck_assert_int_eq(g_array_index(benchmark->exit_codes, int, 0), 0);
    ck_assert_uint_eq(benchmark->launches_per_trial, 0);
    ck_assert_int_eq(benchmark->programs[RS_ARM_CURRENT].executable_bytes, -1);
    ck_assert_ptr_null(benchmark->prepare[RS_ARM_BASELINE].argv);
}
END_TEST

START_TEST(a_command_is_split_like_a_shell_splits_words)
{
    g_auto(GStrv) argv = NULL;

    ck_assert(rs_command_parse("./a 'b c' \"d\\\"e\" f\\ g ''", FALSE, &argv, NULL));
    ck_assert_uint_eq(g_strv_length(argv), 5);
    ck_assert_str_eq(argv[0], "./a");
    ck_assert_str_eq(argv[1], "b c");
    ck_assert_str_eq(argv[2], "d\"e");
    ck_assert_str_eq(argv[3], "f g");
    ck_assert_str_eq(argv[4], "");
}
END_TEST

START_TEST(nothing_of_a_command_is_expanded_without_a_shell)
{
    g_auto(GStrv) argv = NULL;

    ck_assert(rs_command_parse("echo $HOME *.c | wc", FALSE, &argv, NULL));
    ck_assert_uint_eq(g_strv_length(argv), 5);
    ck_assert_str_eq(argv[1], "$HOME");
    ck_assert_str_eq(argv[3], "|");
}
END_TEST

START_TEST(a_shell_command_is_kept_whole)
{
    g_auto(GStrv) argv = NULL;

    ck_assert(rs_command_parse("echo 'a b' | wc; don't", TRUE, &argv, NULL));
    ck_assert_uint_eq(g_strv_length(argv), 1);
    ck_assert_str_eq(argv[0], "echo 'a b' | wc; don't");
}
END_TEST

static void assert_no_command(const char *text, gboolean shell, const char *message)
{
    g_autoptr(GError) error = NULL;
    char **argv = NULL;

    ck_assert(!rs_command_parse(text, shell, &argv, &error));
    ck_assert_ptr_null(argv);
    ck_assert(g_error_matches(error, RS_PLAN_ERROR, RS_PLAN_ERROR_INVALID));
    ck_assert_str_eq(error->message, message);
}

START_TEST(a_command_that_is_none_is_refused)
{
    assert_no_command("", FALSE, "the command is empty");
    assert_no_command(" \t\n", FALSE, "the command is empty");
    assert_no_command(" ", TRUE, "the command is empty");
    assert_no_command("./a 'b", FALSE, "unbalanced quotes in the command");
    assert_no_command("./a \"b", FALSE, "unbalanced quotes in the command");
    assert_no_command("# ./a", FALSE, "the command is only a comment");
}
END_TEST

START_TEST(the_family_counts_own_metrics_where_a_benchmark_has_them)
{
    g_autoptr(RsPlan) plan = plan_of_four();
    RsPlanBenchmark *benchmark = g_ptr_array_index(plan->benchmarks, 1);

    ck_assert_uint_eq(rs_plan_count_family(plan), 8); /* wall and cpu of four */
    benchmark->gated_metrics = g_strdupv(STRV("wall", "max_rss", "latency"));
    ck_assert_uint_eq(rs_plan_count_family(plan), 9);
}
END_TEST

START_TEST(a_seal_outlives_selection)
{
    g_autoptr(RsPlan) plan = plan_of_four();
    g_autofree char *expected = NULL;

    rs_plan_seal(plan);
    ck_assert(rs_plan_select(plan, STRV("c"), NULL, 0, 0, NULL));
    expected = g_strjoinv(" ", plan->expected_benchmarks);
    ck_assert_str_eq(expected, "a-fast a-slow b-fast c");
    ck_assert_uint_eq(plan->gate->n_family, 8);
    ck_assert_uint_eq(plan->benchmarks->len, 1);
}
END_TEST

START_TEST(without_a_filter_all_benchmarks_stay)
{
    assert_selects(NULL, NULL, 0, 0, "a-fast a-slow b-fast c");
}
END_TEST

START_TEST(globs_match_whole_names_and_any_of_them_is_enough)
{
    assert_selects(STRV("*-fast"), NULL, 0, 0, "a-fast b-fast");
    assert_selects(STRV("c", "a-*"), NULL, 0, 0, "a-fast a-slow c");
    assert_selects(STRV("?"), NULL, 0, 0, "c");
    assert_refuses(STRV("fast"), NULL, 0, 0,
                   "no benchmark is named fast; benchmarks: \"a-fast\", \"a-slow\", \"b-fast\", "
                   "\"c\"");
}
END_TEST

START_TEST(tags_select_and_narrow_the_globs)
{
    assert_selects(NULL, STRV("slow"), 0, 0, "a-slow b-fast");
    assert_selects(NULL, STRV("quick", "slow"), 0, 0, "a-fast a-slow b-fast");
    assert_selects(STRV("b*"), STRV("slow"), 0, 0, "b-fast");
    assert_refuses(STRV("c"), STRV("slow", "x"), 0, 0,
                   "no benchmark is named c and tagged slow or x; benchmarks: \"a-fast\", "
                   "\"a-slow\", \"b-fast\", \"c\"; tags: \"quick\", \"slow\"");
}
END_TEST

START_TEST(shards_take_turns_over_what_is_selected)
{
    assert_selects(NULL, NULL, 1, 1, "a-fast a-slow b-fast c");
    assert_selects(NULL, NULL, 1, 3, "a-fast c");
    assert_selects(NULL, NULL, 2, 3, "a-slow");
    assert_selects(NULL, NULL, 3, 3, "b-fast");
    assert_selects(STRV("*-fast"), NULL, 2, 2, "b-fast");
    assert_selects(NULL, NULL, 4, G_MAXUINT, "c");
}
END_TEST

START_TEST(a_shard_that_does_not_exist_is_refused)
{
    assert_refuses(NULL, NULL, 0, 3, "shard 0/3: the first number must be from 1 to the second");
    assert_refuses(NULL, NULL, 4, 3, "shard 4/3: the first number must be from 1 to the second");
    assert_refuses(NULL, NULL, 1, 0, "shard 1/0: the first number must be from 1 to the second");
}
END_TEST

START_TEST(an_empty_shard_is_refused)
{
    assert_refuses(NULL, NULL, 5, 8, "shard 5/8 is empty: only 4 benchmarks are selected");
    assert_refuses(STRV("c"), NULL, 2, 2, "shard 2/2 is empty: only 1 benchmark is selected");
}
END_TEST

START_TEST(a_long_list_of_names_is_cut_short)
{
    g_autoptr(RsPlan) plan = rs_plan_new();
    g_autoptr(GError) error = NULL;

    for (guint i = 0; i < 25; i++) {
        g_autofree char *name = g_strdup_printf("n%u", i);

        g_ptr_array_add(plan->benchmarks, rs_plan_benchmark_new(name, RS_DESIGN_SINGLE));
    }
    ck_assert(!rs_plan_select(plan, STRV("x"), NULL, 0, 0, &error));
    ck_assert(g_str_has_suffix(error->message, ", \"n18\", \"n19\" and 5 more"));
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("plan");

    tcase_add_test(tcase, a_new_plan_asks_for_the_defaults);
    tcase_add_test(tcase, a_command_is_split_like_a_shell_splits_words);
    tcase_add_test(tcase, nothing_of_a_command_is_expanded_without_a_shell);
    tcase_add_test(tcase, a_shell_command_is_kept_whole);
    tcase_add_test(tcase, a_command_that_is_none_is_refused);
    tcase_add_test(tcase, the_family_counts_own_metrics_where_a_benchmark_has_them);
    tcase_add_test(tcase, a_seal_outlives_selection);
    tcase_add_test(tcase, without_a_filter_all_benchmarks_stay);
    tcase_add_test(tcase, globs_match_whole_names_and_any_of_them_is_enough);
    tcase_add_test(tcase, tags_select_and_narrow_the_globs);
    tcase_add_test(tcase, shards_take_turns_over_what_is_selected);
    tcase_add_test(tcase, a_shard_that_does_not_exist_is_refused);
    tcase_add_test(tcase, an_empty_shard_is_refused);
    tcase_add_test(tcase, a_long_list_of_names_is_cut_short);
    return run_tests("plan", tcase);
}
