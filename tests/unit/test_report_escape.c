/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/escape.h"

#include "test_report_verdicts.h"
#include "tests/unit/run.h"

static const char *const render_markdown[] = {
    "cmark-gfm", "-e", "table", "-e", "autolink", "-e", "strikethrough", "--unsafe", NULL};

/* Names that broke somebody's report, or would. */
static const char *const nasty_names[] = {
    "a|b",
    "a\\|b",
    "a\\\\|b|",
    "`",
    "``a`b```",
    "a`|`b",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</code></td></table><h1>",
    "</summary></details>",
    "[x](http://evil.example)",
    "![x](http://evil.example/x.png)",
    "](http://evil.example)",
    "http://evil.example/x",
    "www.evil.example",
    "mail@evil.example",
    "<http://evil.example>",
    "**bold** _it_ ~~no~~",
    "@octocat",
    "#123",
    "&lt;b&gt; &amp; &#60;b&#62;",
    "<!-- hidden",
    "a\nb\r\n# heading\n/approve",
    " leading",
    "trailing ",
    " ",
    "",
    "\\",
    "a\\",
    "<T as Foo<'a>>::bar",
    "\xff\xfe",
    "\x1b[31mred",
    "\xe2\x80\xaegnp.exe",
    "$x^2$",
    "😀 漢字",
};

static guint count(const char *text, const char *part)
{
    guint n = 0;

    for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
        n++;
    return n;
}

/* Nothing but what the page around it wrote. */
static void assert_harmless_html(const char *html, guint n_cells)
{
    static const char *const tags[] = {"<script", "<img", "<a ", "<h1",   "<strong",   "<em",
                                       "<del",    "<!--", "<b>", "<http", "</summary", "<T"};

    for (guint i = 0; i < G_N_ELEMENTS(tags); i++)
        assert_has_not(html, tags[i]);
    ck_assert_msg(count(html, "<td") == n_cells, "%s", html);
    ck_assert_uint_eq(count(html, "<table>"), 1);
    ck_assert_uint_eq(count(html, "</table>"), 1);
}

/* The text that people see of the first code element. */
static char *first_code(const char *html)
{
    static const struct {
        const char *entity, *text;
    } entities[] = {{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&amp;", "&"}};
    const char *start = strstr(html, "<code>");
    const char *end = start ? strstr(start, "</code>") : NULL;
    GString *text;

    ck_assert_msg(end != NULL, "no code element in %s", html);
    text = g_string_new_len(start + strlen("<code>"), end - start - (gssize)strlen("<code>"));
    for (guint i = 0; i < G_N_ELEMENTS(entities); i++)
        g_string_replace(text, entities[i].entity, entities[i].text, 0);
    return g_string_free(text, FALSE);
}

START_TEST(a_name_in_a_table_is_code_and_nothing_else)
{
    const char *name = nasty_names[_i];
    g_autofree char *code = rs_escape_markdown_name(name);
    g_autofree char *page = g_strdup_printf("| A | B |\n|--|--|\n| %s | x |\n", code);
    g_autofree char *html = pipe_through(render_markdown, page);
    g_autofree char *seen = first_code(html);
    g_autofree char *expected = rs_escape_name(name, RS_ESCAPE_NAME_CHARS);

    assert_harmless_html(html, 2);
    ck_assert_str_eq(seen, expected);
}
END_TEST

START_TEST(a_name_in_a_paragraph_is_code_and_nothing_else)
{
    g_autofree char *code = rs_escape_markdown_name(nasty_names[_i]);
    g_autofree char *page = g_strdup_printf("**%s** is slower\n\n| A |\n|--|\n| x |\n", code);
    g_autofree char *html = pipe_through(render_markdown, page);
    g_autofree char *seen = first_code(html);
    g_autofree char *expected = rs_escape_name(nasty_names[_i], RS_ESCAPE_NAME_CHARS);

    ck_assert_uint_eq(count(html, "<strong>"), 1);
    ck_assert_uint_eq(count(html, "<a "), 0);
    ck_assert_uint_eq(count(html, "<h1"), 0);
    ck_assert_str_eq(seen, expected);
}
END_TEST

START_TEST(prose_holds_no_markup_mention_or_link)
{
    g_autofree char *prose = rs_escape_markdown(nasty_names[_i], 400);
    g_autofree char *page = g_strdup_printf("| A | B |\n|--|--|\n| %s | x |\n", prose);
    g_autofree char *html = pipe_through(render_markdown, page);

    assert_harmless_html(html, 2);
    assert_has_not(html, "@o");
    assert_has_not(html, "@e");
    assert_has_not(html, "#1");
}
END_TEST

START_TEST(nothing_ends_a_fence_but_the_fence)
{
    g_autofree char *fence = rs_escape_markdown_fence(
        "a\n```\n`````\n</details>\n/approve\n::error::x\n##[error]y\n\n\n", 40, 8000);
    g_autofree char *page = g_strconcat("| A |\n|--|\n| x |\n\n", fence, NULL);
    g_autofree char *html = pipe_through(render_markdown, page);

    assert_harmless_html(html, 1);
    ck_assert(g_str_has_prefix(fence, "``````\n"));
    ck_assert(g_str_has_suffix(fence, "\n``````\n"));
    assert_has(html, "&lt;/details&gt;");
    assert_has_not(fence, "\n/approve");
    assert_has_not(fence, "\n::error");
    assert_has_not(fence, "##[");
}
END_TEST

START_TEST(a_fence_keeps_the_last_lines)
{
    g_autofree char *fence = rs_escape_markdown_fence("one\ntwo\r\nthree\n", 2, 100);

    ck_assert_str_eq(fence, "```\ntwo\nthree\n```\n");
}
END_TEST

START_TEST(names_that_look_alike_are_told_apart)
{
    g_autofree char *a = rs_escape_name("bench\x01", 100);
    g_autofree char *b = rs_escape_name("bench\x02", 100);
    g_autofree char *plain = rs_escape_name("bench", 100);
    g_autofree char *long_a = g_strnfill(10240, 'x');
    g_autofree char *long_b = g_strnfill(10241, 'x');
    g_autofree char *cut_a = rs_escape_name(long_a, RS_ESCAPE_NAME_CHARS);
    g_autofree char *cut_b = rs_escape_name(long_b, RS_ESCAPE_NAME_CHARS);

    ck_assert_str_ne(a, b);
    ck_assert_str_eq(plain, "bench");
    ck_assert_str_ne(cut_a, cut_b);
    ck_assert_uint_le(strlen(cut_a), RS_ESCAPE_NAME_CHARS + 20);
}
END_TEST

START_TEST(a_runner_finds_no_command_in_a_line)
{
    g_autofree char *start = rs_escape_line("  ::error::x", 100);
    g_autofree char *inside = rs_escape_line("a ##[error]x", 100);
    g_autofree char *action = rs_escape_line("/approve", 100);
    g_autofree char *path = rs_escape_line("std::vec::Vec of a/b", 100);

    assert_has_not(start, "::error");
    assert_has_not(inside, "##[");
    ck_assert(*action != '/');
    ck_assert_str_eq(path, "std::vec::Vec of a/b");
}
END_TEST

START_TEST(xml_holds_legal_characters_alone)
{
    g_autofree char *safe = rs_escape_xml("<a b=\"c\">&\x01\x1b\xef\xbf\xbf\xff\t\n");

    ck_assert_str_eq(safe, "&lt;a b=&quot;c&quot;&gt;&amp;\uFFFD\uFFFD\uFFFD\uFFFD\t\n");
}
END_TEST

START_TEST(a_workflow_command_cannot_be_ended_from_inside)
{
    g_autofree char *data = rs_escape_github_data("50 %\r\n::error::x, y: z");
    g_autofree char *property = rs_escape_github_property("50 %\r\n::error::x, y: z");

    ck_assert_str_eq(data, "50 %25%0D%0A::error::x, y: z");
    ck_assert_str_eq(property, "50 %25%0D%0A%3A%3Aerror%3A%3Ax%2C y%3A z");
}
END_TEST

START_TEST(a_cut_never_splits_a_character)
{
    for (gsize limit_bytes = 0; limit_bytes < 12; limit_bytes++) {
        g_autoptr(GString) text = g_string_new("aé漢😀b");

        rs_escape_truncate(text, limit_bytes);
        ck_assert_uint_le(text->len, limit_bytes);
        ck_assert(g_utf8_validate(text->str, (gssize)text->len, NULL));
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("escape");

    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, a_name_in_a_table_is_code_and_nothing_else, 0,
                        G_N_ELEMENTS(nasty_names));
    tcase_add_loop_test(tests, a_name_in_a_paragraph_is_code_and_nothing_else, 0,
                        G_N_ELEMENTS(nasty_names));
    tcase_add_loop_test(tests, prose_holds_no_markup_mention_or_link, 0, G_N_ELEMENTS(nasty_names));
    tcase_add_test(tests, nothing_ends_a_fence_but_the_fence);
    tcase_add_test(tests, a_fence_keeps_the_last_lines);
    tcase_add_test(tests, names_that_look_alike_are_told_apart);
    tcase_add_test(tests, a_runner_finds_no_command_in_a_line);
    tcase_add_test(tests, xml_holds_legal_characters_alone);
    tcase_add_test(tests, a_workflow_command_cannot_be_ended_from_inside);
    tcase_add_test(tests, a_cut_never_splits_a_character);
    return run_tests("report/escape", tests);
}
