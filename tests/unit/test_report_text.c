/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/plot.h"

#include "test_report_verdicts.h"
#include "tests/unit/run.h"

static char *text_of(const RsVerdict *verdict, guint width_columns, gboolean color)
{
    RsReportOptions options = {.width_columns = width_columns, .color = color};

    return render("text", verdict, &options);
}

static guint columns(const char *text)
{
    guint n = 0;

    for (; *text; text = g_utf8_next_char(text)) {
        gunichar c = g_utf8_get_char(text);

        n += g_unichar_iszerowidth(c) ? 0 : g_unichar_iswide(c) ? 2 : 1;
    }
    return n;
}

START_TEST(headline_and_reason_come_first)
{
    g_autoptr(RsVerdict) verdict = failed_verdict();
    g_autofree char *text = text_of(verdict, 200, FALSE);

    ck_assert(g_str_has_prefix(
        text, "rustscope: 1 critical and 1 minor regressions – gate failed (the gate fails from "
              "+20 %)\nparse_large is slower, a critical regression: wall +23.4 %"));
}
END_TEST

START_TEST(colour_comes_only_when_asked_for)
{
    g_autoptr(RsVerdict) verdict = mixed_verdict(hostile_name);
    g_autofree char *plain = text_of(verdict, 0, FALSE);
    g_autofree char *colored = text_of(verdict, 0, TRUE);

    ck_assert(strchr(plain, '\033') == NULL);
    assert_has(colored, "\033[35;1mrustscope:");
    assert_has_not(colored, "\033[31m \xe2\x80\xae");
}
END_TEST

START_TEST(columns_line_up_under_wide_and_combining_characters)
{
    g_autoptr(RsVerdict) verdict = new_verdict(RS_SEVERITY_CRITICAL);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    guint expected = 0, n_checked = 0;

    add_row(verdict, "漢字", "wall", RS_VERDICT_REGRESSION, 25);
    add_row(verdict, "e\xcc\x81galite", "wall", RS_VERDICT_REGRESSION, 24);
    add_row(verdict, "plain_name", "wall", RS_VERDICT_REGRESSION, 23);
    finish(verdict, RS_GATE_FAILED, 1);
    text = text_of(verdict, 120, FALSE);
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        const char *at = strstr(*line, "wall  ");
        g_autofree char *before = at ? g_strndup(*line, (gsize)(at - *line)) : NULL;

        if (!at)
            continue;
        expected = expected ? expected : columns(before);
        ck_assert_uint_eq(columns(before), expected);
        n_checked++;
    }
    ck_assert_uint_eq(n_checked, 3);
}
END_TEST

START_TEST(table_lines_fit_the_width_when_they_can)
{
    g_autoptr(RsVerdict) verdict = failed_verdict();

    for (guint width = 80; width <= 160; width += 5) {
        g_autofree char *text = text_of(verdict, width, FALSE);
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

        for (char **line = lines; *line; line++)
            ck_assert_msg(columns(*line) <= width, "%u: %s", width, *line);
    }
}
END_TEST

START_TEST(the_plot_leaves_when_there_is_no_room)
{
    g_autoptr(RsVerdict) verdict = failed_verdict();
    g_autofree char *wide = text_of(verdict, 120, FALSE);
    g_autofree char *narrow = text_of(verdict, 80, FALSE);

    assert_has(wide, "●");
    assert_has(wide, "plot: −20 % to +40 %");
    assert_has_not(narrow, "●");
    assert_has_not(narrow, "plot:");
}
END_TEST

START_TEST(a_plot_has_its_width_and_shows_where_it_was_cut)
{
    g_autoptr(RsVerdict) verdict = new_verdict(RS_SEVERITY_CRITICAL);
    const RsRow *inside = add_row(verdict, "a", "wall", RS_VERDICT_REGRESSION, 23);
    const RsRow *far = add_row(verdict, "b", "wall", RS_VERDICT_REGRESSION, 500);

    for (guint n = RS_PLOT_MIN_COLUMNS; n <= RS_PLOT_MAX_COLUMNS; n++) {
        g_autoptr(GString) heading = g_string_new(NULL);
        g_autoptr(GString) near_plot = g_string_new(NULL);
        g_autoptr(GString) far_plot = g_string_new(NULL);

        rs_plot_heading(verdict, n, heading);
        rs_plot_row(verdict, inside, n, near_plot);
        rs_plot_row(verdict, far, n, far_plot);
        ck_assert_uint_eq(columns(heading->str), n);
        ck_assert_uint_eq(columns(near_plot->str), n);
        ck_assert_uint_eq(columns(far_plot->str), n);
        assert_has(near_plot->str, "●");
        assert_has(far_plot->str, "›");
    }
}
END_TEST

START_TEST(no_line_is_a_command_to_a_runner)
{
    g_autoptr(RsVerdict) verdict = mixed_verdict(hostile_name);

    for (guint width = 40; width < 140; width++) {
        g_autofree char *text = text_of(verdict, width, FALSE);
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

        for (char **line = lines; *line; line++) {
            ck_assert_msg(!g_str_has_prefix(g_strchug(*line), "::"), "%u: %s", width, *line);
            ck_assert_msg(**line != '/', "%u: %s", width, *line);
            assert_has_not(*line, "##[");
        }
    }
}
END_TEST

START_TEST(many_unchanged_rows_are_counted_not_listed)
{
    g_autoptr(RsVerdict) verdict = new_verdict(RS_SEVERITY_CRITICAL);
    g_autofree char *text = NULL;

    for (guint i = 0; i < 200; i++) {
        g_autofree char *name = g_strdup_printf("bench_%u", i);

        add_row(verdict, name, "wall", i < 3 ? RS_VERDICT_REGRESSION : RS_VERDICT_UNCHANGED,
                i < 3 ? 25 : 0.1);
    }
    finish(verdict, RS_GATE_FAILED, 1);
    text = text_of(verdict, 100, FALSE);
    assert_has(text, "… and 140 unchanged rows");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("text");

    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, headline_and_reason_come_first);
    tcase_add_test(tests, colour_comes_only_when_asked_for);
    tcase_add_test(tests, columns_line_up_under_wide_and_combining_characters);
    tcase_add_test(tests, table_lines_fit_the_width_when_they_can);
    tcase_add_test(tests, the_plot_leaves_when_there_is_no_room);
    tcase_add_test(tests, a_plot_has_its_width_and_shows_where_it_was_cut);
    tcase_add_test(tests, no_line_is_a_command_to_a_runner);
    tcase_add_test(tests, many_unchanged_rows_are_counted_not_listed);
    return run_tests("report/text", tests);
}
