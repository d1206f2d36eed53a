/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/run.h"

#define MARK "\xEF\xBF\xBD" /* U+FFFD */

static const struct {
    const char *text;
    gboolean keep_lines;
    gsize max_chars;
    const char *expected;
} rows[] = {
    {"", FALSE, 10, ""},
    {"plain text", FALSE, 100, "plain text"},
    {"Grüße, 世界 🦀", FALSE, 100, "Grüße, 世界 🦀"},
    {"a\nb\tc", FALSE, 100, "a b c"},
    {"a\nb\tc", TRUE, 100, "a\nb\tc"},
    {"a\rb", TRUE, 100, "a" MARK "b"},
    {"\x1b[31mred\x1b[0m", TRUE, 100, MARK "[31mred" MARK "[0m"},
    {"bell\a back\b del\x7f", FALSE, 100, "bell" MARK " back" MARK " del" MARK},
    {"\xC2\x85 \xC2\x9B", FALSE, 100, MARK " " MARK}, /* C1: NEL, CSI */
    {"a\xE2\x80\xAE"
     "b\xE2\x81\xA6"
     "c",
     FALSE, 100, "a" MARK "b" MARK "c"},                                  /* RLO, LRI */
    {"\xE2\x80\x8E\xE2\x80\x8F\xD8\x9C", FALSE, 100, MARK MARK MARK},     /* LRM RLM ALM */
    {"\xE2\x80\xA8\xE2\x80\xA9\xEF\xBB\xBF", FALSE, 100, MARK MARK MARK}, /* LS PS BOM */
    {"bad \xFF\xC3 bytes", FALSE, 100, "bad " MARK MARK " bytes"},
    {"cut \xE4\xB8", FALSE, 100, "cut " MARK MARK},
    {"12345", FALSE, 5, "12345"},
    {"123456", FALSE, 5, "12345…"},
    {"世界世界", FALSE, 2, "世界…"},
    {"x", FALSE, 0, "…"},
};

START_TEST(text_from_outside_becomes_harmless)
{
    g_autofree char *plain =
        rs_text_plain(rows[_i].text, -1, rows[_i].keep_lines, rows[_i].max_chars);

    ck_assert_str_eq(plain, rows[_i].expected);
    ck_assert(g_utf8_validate(plain, -1, NULL));
}
END_TEST

/* With "|" for a character without width. */
static const struct {
    const char *text, *expected;
} commands[] = {
    {"", ""},
    {"plain: text :: ## [x]", "plain: text :: ## [x]"},
    {"::error::x", ":|:error::x"},
    {" \t::error::x", " \t:|:error::x"},
    {":::", ":|::"},
    {"a::b\n::c", "a::b\n:|:c"},
    {"a\r::c\r\n::d", "a\r:|:c\r\n:|:d"},
    {"\u00A0\u3000\u2003::c", "\u00A0\u3000\u2003:|:c"},
    {"##[error]", "#|#[error]"},
    {"a ##[b ###[c", "a #|#[b ##|#[c"},
    {"é::", "é::"},
};

START_TEST(no_line_is_a_command_to_a_runner)
{
    g_autofree char *safe = rs_text_without_commands(commands[_i].text);
    g_auto(GStrv) parts = g_strsplit(safe, "\u200B", -1);
    g_autofree char *shown = g_strjoinv("|", parts);

    ck_assert_str_eq(shown, commands[_i].expected);
}
END_TEST

START_TEST(what_is_shown_is_harmless_and_no_command)
{
    g_autofree char *shown = rs_text_shown("\x1b::a\n##[b", -1, TRUE, 6);

    ck_assert_str_eq(shown, MARK "::a\n#…");
}
END_TEST

START_TEST(no_byte_sequence_gets_through_as_a_control)
{
    for (guint first = 0; first < 256; first++)
        for (guint second = 0; second < 256; second++) {
            const char bytes[] = {'a', (char)first, (char)second, 'z'};
            g_autofree char *plain = rs_text_plain(bytes, sizeof bytes, FALSE, 100);

            ck_assert(g_utf8_validate(plain, -1, NULL));
            for (const char *at = plain; *at; at = g_utf8_next_char(at))
                ck_assert(!g_unichar_iscntrl(g_utf8_get_char(at)));
            ck_assert_int_eq(plain[0], 'a');
            ck_assert_int_eq(plain[strlen(plain) - 1], 'z');
        }
}
END_TEST

START_TEST(a_length_limits_what_is_read)
{
    g_autofree char *plain = rs_text_plain("abcdef", 3, FALSE, 100);

    ck_assert_str_eq(plain, "abc");
}
END_TEST

START_TEST(a_nul_byte_does_not_hide_what_follows)
{
    g_autofree char *plain = rs_text_plain("a\0b", 3, FALSE, 100);

    ck_assert_str_eq(plain, "a" MARK "b");
}
END_TEST

START_TEST(a_path_down_has_no_way_out)
{
    static const char *const down[] = {"a", "a/b.c", "...", "a/..b", "-a"};
    static const char *const not_down[] = {"", "/", "/a", "a/", "a//b", ".", "a/./b", "..", "../a"};

    for (gsize i = 0; i < G_N_ELEMENTS(down); i++)
        ck_assert_msg(rs_text_is_path_down(down[i]), "%s", down[i]);
    for (gsize i = 0; i < G_N_ELEMENTS(not_down); i++)
        ck_assert_msg(!rs_text_is_path_down(not_down[i]), "%s", not_down[i]);
}
END_TEST

START_TEST(what_is_below_a_folder_is_told)
{
    ck_assert_str_eq(rs_text_path_below("/a/b/c", "/a"), "b/c");
    ck_assert_str_eq(rs_text_path_below("/a/", "/a"), "");
    ck_assert_ptr_null(rs_text_path_below("/a", "/a"));
    ck_assert_ptr_null(rs_text_path_below("/ab/c", "/a"));
    ck_assert_ptr_null(rs_text_path_below("/b/a/c", "/a"));
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("text");

    tcase_add_loop_test(tcase, text_from_outside_becomes_harmless, 0, G_N_ELEMENTS(rows));
    tcase_add_test(tcase, no_byte_sequence_gets_through_as_a_control);
    tcase_add_test(tcase, a_length_limits_what_is_read);
    tcase_add_test(tcase, a_nul_byte_does_not_hide_what_follows);
    tcase_add_test(tcase, what_is_below_a_folder_is_told);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, no_line_is_a_command_to_a_runner, 0, G_N_ELEMENTS(commands));
    tcase_add_test(tcase, what_is_shown_is_harmless_and_no_command);
    tcase_add_test(tcase, a_path_down_has_no_way_out);
    return run_tests("text", tcase);
}
