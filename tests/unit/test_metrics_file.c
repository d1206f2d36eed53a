/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/metrics_file.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/run.h"

static GPtrArray *parse(const char *text)
{
    g_autofree char *problem = NULL;
    GPtrArray *metrics = rs_metrics_file_parse(text, strlen(text), &problem);

    ck_assert_msg(metrics != NULL, "%s", problem ? problem : "no problem told");
    ck_assert_ptr_null(problem);
    return metrics;
}

static void assert_refused(const char *text, gsize n_bytes, const char *expected)
{
    g_autofree char *problem = NULL;
    GPtrArray *metrics = rs_metrics_file_parse(text, n_bytes, &problem);

    ck_assert_ptr_null(metrics);
    ck_assert_str_eq(problem, expected);
}

static void assert_metric(GPtrArray *metrics, guint i, const char *name, double value,
                          const char *unit, RsDirection direction, guint n_given)
{
    const RsOwnMetric *metric = g_ptr_array_index(metrics, i);

    ck_assert_str_eq(metric->name, name);
    ck_assert_str_eq(metric->unit, unit);
    ck_assert_double_eq_tol(metric->value, value, 1e-12);
    ck_assert_int_eq(metric->direction, direction);
    ck_assert_uint_eq(metric->n_given, n_given);
}

START_TEST(a_line_is_name_value_unit_and_direction)
{
    g_autoptr(GPtrArray) metrics =
        parse("requests 1250.5 req/s higher\nlatency 3e-3 s lower\nallocations 42 count\n");

    ck_assert_uint_eq(metrics->len, 3);
    assert_metric(metrics, 0, "requests", 1250.5, "req/s", RS_HIGHER_IS_BETTER, 1);
    assert_metric(metrics, 1, "latency", 0.003, "s", RS_LOWER_IS_BETTER, 1);
    assert_metric(metrics, 2, "allocations", 42, "count", RS_LOWER_IS_BETTER, 1);
}
END_TEST

START_TEST(blanks_tabs_crlf_and_empty_lines_are_passed_over)
{
    g_autoptr(GPtrArray) metrics = parse("\n  a\t 1   x  \r\n\r\n \t\nb -2 y");

    ck_assert_uint_eq(metrics->len, 2);
    assert_metric(metrics, 0, "a", 1, "x", RS_LOWER_IS_BETTER, 1);
    assert_metric(metrics, 1, "b", -2, "y", RS_LOWER_IS_BETTER, 1);
}
END_TEST

START_TEST(an_empty_file_holds_no_metrics)
{
    g_autoptr(GPtrArray) metrics = parse("");

    ck_assert_uint_eq(metrics->len, 0);
}
END_TEST

START_TEST(a_name_given_several_times_is_its_mean)
{
    g_autoptr(GPtrArray) metrics = parse("a 1 x\nb 5 y\na 2 x\na 6 x\n");

    ck_assert_uint_eq(metrics->len, 2);
    assert_metric(metrics, 0, "a", 3, "x", RS_LOWER_IS_BETTER, 3);
    assert_metric(metrics, 1, "b", 5, "y", RS_LOWER_IS_BETTER, 1);
}
END_TEST

START_TEST(a_mean_of_very_large_values_stays_finite_or_is_refused)
{
    static const char text[] = "a 1.7e308 x\na -1.7e308 x\n";
    g_autofree char *problem = NULL;
    g_autoptr(GPtrArray) metrics = rs_metrics_file_parse(text, strlen(text), &problem);

    if (metrics)
        ck_assert(isfinite(((const RsOwnMetric *)g_ptr_array_index(metrics, 0))->value));
    else
        ck_assert_str_eq(problem,
                         "RUSTSCOPE_METRICS, line 2: the mean of this name is no finite number");
}
END_TEST

static const struct {
    const char *text, *problem;
} bad[] = {
    {"a 1\n", "RUSTSCOPE_METRICS, line 1: expected NAME VALUE UNIT [lower|higher]"},
    {"a\n", "RUSTSCOPE_METRICS, line 1: expected NAME VALUE UNIT [lower|higher]"},
    {"ok 1 x\n\na 1 x lower y\n",
     "RUSTSCOPE_METRICS, line 3: expected NAME VALUE UNIT [lower|higher]"},
    {"a one x\n", "RUSTSCOPE_METRICS, line 1: the value is no finite number"},
    {"a 1.5q x\n", "RUSTSCOPE_METRICS, line 1: the value is no finite number"},
    {"a nan x\n", "RUSTSCOPE_METRICS, line 1: the value is no finite number"},
    {"a inf x\n", "RUSTSCOPE_METRICS, line 1: the value is no finite number"},
    {"a 1e999 x\n", "RUSTSCOPE_METRICS, line 1: the value is no finite number"},
    {"a 1,5 x\n", "RUSTSCOPE_METRICS, line 1: the value is no finite number"},
    {"a 1 x sideways\n", "RUSTSCOPE_METRICS, line 1: the direction is neither lower nor higher"},
    {"wall 1 ns\n", "RUSTSCOPE_METRICS, line 1: this name is one of the built-in metrics"},
    {"max_rss 1 bytes\n", "RUSTSCOPE_METRICS, line 1: this name is one of the built-in metrics"},
    {"a 1 x\na 1 y\n",
     "RUSTSCOPE_METRICS, line 2: too many names, or one name with two units or directions"},
    {"a 1 x lower\na 1 x higher\n",
     "RUSTSCOPE_METRICS, line 2: too many names, or one name with two units or directions"},
    {"a 1 \xff\n", "RUSTSCOPE_METRICS: the file is too long, or not UTF-8 text"},
};

START_TEST(a_line_that_cannot_be_read_is_named_with_the_reason)
{
    assert_refused(bad[_i].text, strlen(bad[_i].text), bad[_i].problem);
}
END_TEST

START_TEST(a_nul_byte_is_refused)
{
    assert_refused("a 1 x\0b", 8, "RUSTSCOPE_METRICS: the file is too long, or not UTF-8 text");
}
END_TEST

START_TEST(sixty_four_names_are_taken_and_no_more)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GPtrArray) metrics = NULL;

    for (guint i = 0; i < RS_METRICS_FILE_LIMIT_NAMES; i++)
        g_string_append_printf(text, "name-%u %u x\n", i, i);
    metrics = parse(text->str);
    ck_assert_uint_eq(metrics->len, RS_METRICS_FILE_LIMIT_NAMES);
    g_string_append(text, "name-0 9 x\none-more 1 x\n");
    assert_refused(text->str, text->len,
                   "RUSTSCOPE_METRICS, line 66: too many names, or one name with two units or "
                   "directions");
}
END_TEST

START_TEST(a_name_or_unit_beyond_128_bytes_is_refused)
{
    g_autofree char *word = g_strnfill(129, 'n');
    g_autofree char *name = g_strdup_printf("%s 1 x", word);
    g_autofree char *unit = g_strdup_printf("a 1 %s", word);
    g_autofree char *longest = g_strdup_printf("%s 1 x", word + 1);
    g_autoptr(GPtrArray) metrics = parse(longest);

    ck_assert_uint_eq(metrics->len, 1);
    assert_refused(name, strlen(name), "RUSTSCOPE_METRICS, line 1: a name is too long");
    assert_refused(unit, strlen(unit), "RUSTSCOPE_METRICS, line 1: a name is too long");
}
END_TEST

START_TEST(a_file_beyond_the_limit_is_refused)
{
    g_autofree char *text = g_strnfill(RS_METRICS_FILE_LIMIT_BYTES + 1, '\n');
    g_autofree char *problem = NULL;
    g_autoptr(GPtrArray) metrics =
        rs_metrics_file_parse(text, RS_METRICS_FILE_LIMIT_BYTES, &problem);

    ck_assert_ptr_nonnull(metrics);
    assert_refused(text, RS_METRICS_FILE_LIMIT_BYTES + 1,
                   "RUSTSCOPE_METRICS: the file is too long, or not UTF-8 text");
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("metrics_file");

    tcase_add_test(tcase, a_line_is_name_value_unit_and_direction);
    tcase_add_test(tcase, blanks_tabs_crlf_and_empty_lines_are_passed_over);
    tcase_add_test(tcase, an_empty_file_holds_no_metrics);
    tcase_add_test(tcase, a_name_given_several_times_is_its_mean);
    tcase_add_test(tcase, a_mean_of_very_large_values_stays_finite_or_is_refused);
    tcase_add_loop_test(tcase, a_line_that_cannot_be_read_is_named_with_the_reason, 0,
                        G_N_ELEMENTS(bad));
    tcase_add_test(tcase, a_nul_byte_is_refused);
    tcase_add_test(tcase, sixty_four_names_are_taken_and_no_more);
    tcase_add_test(tcase, a_name_or_unit_beyond_128_bytes_is_refused);
    tcase_add_test(tcase, a_file_beyond_the_limit_is_refused);
    tcase_set_timeout(tcase, 60);
    return run_tests("metrics_file", tcase);
}
