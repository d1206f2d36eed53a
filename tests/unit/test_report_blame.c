/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blame in the comment, on the terminal and in the files that CI reads. */
#include <jansson.h>

#include "report/blame_view.h"
#include "report/source.h"
#include "test_report_blames.h"
#include "test_report_verdicts.h"
#include "tests/unit/run.h"

#define SKIP_WS "json::lexer::skip_ws"

static const char *const render_markdown[] = {
    "cmark-gfm", "-e", "table", "-e", "autolink", "-e", "strikethrough", "--unsafe", NULL};

static RsVerdict *blamed_verdict(const char *culprit)
{
    RsVerdict *verdict = failed_verdict();

    add_blame(verdict, "parse_large", culprit);
    set_repository(verdict, "https://github.com/OWNER/REPO.git");
    return verdict;
}

START_TEST(the_sentence_under_the_headline_names_the_guiltiest_and_its_line)
{
    g_autoptr(RsVerdict) verdict = blamed_verdict(SKIP_WS);
    g_autofree char *markdown = render("markdown", verdict, NULL);
    g_autofree char *text = render("text", verdict, NULL);

    assert_has(markdown, "the gate fails from +20 %. Most of it is in **`json::lexer::skip_ws`** "
                         "(71 % of the slowdown, +6.95 ms of own time): "
                         "[`src/lexer.rs:118`](https://github.com/OWNER/REPO/blob/"
                         "9f3c1ab7bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/src/lexer.rs#L118), lines that "
                         "this change touches.\n");
    assert_has(text, "json::lexer::skip_ws (71 %");
    assert_has_not(text, "https://");
}
END_TEST

START_TEST(the_comment_has_a_table_of_blame_that_renders)
{
    g_autoptr(RsVerdict) verdict = blamed_verdict(SKIP_WS);
    g_autofree char *markdown = render("markdown", verdict, NULL);
    g_autofree char *html = pipe_through(render_markdown, markdown);

    assert_has(markdown, "<details open>\n<summary><b>Blame for <code>parse&#95;large</code></b> "
                         "(critical) – 9.790 ms of CPU time more, 93 % attributed to 4 functions"
                         "</summary>\n\n| Function | Own time | Δ own | Of the slowdown | Where |");
    assert_has(markdown,
               "| `json::lexer::skip_ws` | 3.10\u00A0→\u00A010.05\u00A0ms | +6.95\u00A0ms | "
               "71\u00A0% | [`src/lexer.rs:118`](");
    assert_has(markdown, "src/lexer.rs#L118) ✎ |\n");
    assert_has(html, "<td align=\"left\"><code>alloc</code></td>");
    assert_has(markdown, "serde::fresh` – new | 0.0\u00A0→\u00A0100.0\u00A0µs");
    assert_has(html, "<code>serde-1.0.1/src/de.rs:40</code></td>");
    assert_has(markdown, "| *not attributed* | | +0.670\u00A0ms | 7\u00A0% | |\n");
    assert_has(markdown, "✎ = the function's lines are changed here\n");
    assert_has_not(markdown, "json::innocent");
}
END_TEST

START_TEST(the_notes_tell_crates_path_moves_and_limits)
{
    g_autoptr(RsVerdict) verdict = blamed_verdict(SKIP_WS);
    g_autofree char *markdown = render("markdown", verdict, NULL);

    assert_has(markdown, "- By crate: `json` 79 %, `alloc` 13 %.\n");
    assert_has(markdown, "- By module: `json::lexer` 71 %, `json::parser` 8 %.\n");
    assert_has(markdown, "- `json::lexer::skip_ws` is called through `_start` → `app::main` → "
                         "`json::parser::value`.\n");
    assert_has(markdown, "- `old::gone` is gone (−800.0 µs).\n");
    assert_has(markdown, "- `json::inlined` (+3.000 ms) moved: what it gained, others within "
                         "`json::parser::value` lost");
    assert_has(markdown, "- `json::quick` became faster (−0.200 ms).\n");
    assert_has(markdown, "- Not resolvable below 0.8 %: ");
    assert_has(markdown, "30 pairs, 1672 and 2064 samples, alpha 0.05 over all functions.\n");
}
END_TEST

START_TEST(blame_of_the_worst_is_open_and_of_others_folded)
{
    g_autoptr(RsVerdict) verdict = blamed_verdict(SKIP_WS);
    g_autofree char *markdown = NULL;
    RsBlame *minor = add_blame(verdict, "index_build", "index::push");

    minor->note = g_strdup("Half of the samples have no *name*.");
    markdown = render("markdown", verdict, NULL);
    ck_assert(strstr(markdown, "<details open>") < strstr(markdown, "Blame for <code>index"));
    ck_assert_ptr_null(strstr(strstr(markdown, "<details open>") + 1, "<details open>"));
    assert_has(markdown, "- Half of the samples have no &#42;name&#42;.\n");
}
END_TEST

START_TEST(blame_climbs_down_the_ladder_of_sizes)
{
    g_autoptr(RsVerdict) verdict = blamed_verdict(SKIP_WS);
    gsize most_bytes = G_MAXSIZE;
    guint n_seen = 0;
    const char *const seen[] = {"Blame for <code>index", "Blame for <code>parse", SKIP_WS};

    add_blame(verdict, "index_build", "index::push");
    for (gsize limit_bytes = 20000; limit_bytes >= 500; limit_bytes -= 250) {
        RsReportOptions options = {.limit_bytes = limit_bytes};
        g_autofree char *markdown = render("markdown", verdict, &options);

        ck_assert_uint_le(strlen(markdown), limit_bytes);
        if (strlen(markdown) == most_bytes)
            continue;
        most_bytes = strlen(markdown);
        /* What has gone does not come back: first the minor one's blame, then the tables. */
        while (n_seen < G_N_ELEMENTS(seen) && !strstr(markdown, seen[n_seen]))
            n_seen++;
        for (guint i = 0; i < n_seen; i++)
            assert_has_not(markdown, seen[i]);
        for (guint i = n_seen; i < G_N_ELEMENTS(seen); i++)
            assert_has(markdown, seen[i]);
    }
    ck_assert_uint_ge(n_seen, 2);
}
END_TEST

START_TEST(without_proof_nobody_is_named)
{
    g_autoptr(RsVerdict) verdict = failed_verdict();
    RsBlame *blame = rs_blame_new("parse_large");
    g_autofree char *markdown = NULL, *text = NULL;

    blame->delta_ns = 9.79e6;
    blame->n_pairs = 8;
    blame->note = g_strdup("8 pairs are too few to tell functions apart.");
    add_blamed(blame->functions, SKIP_WS, RS_BLAME_UNPROVED, 3, 10, 71);
    g_ptr_array_add(verdict->blames, blame);
    markdown = render("markdown", verdict, NULL);
    text = render("text", verdict, NULL);
    assert_has(markdown, "no function is proved to be slower</summary>");
    assert_has(markdown, "- 8 pairs are too few to tell functions apart.\n");
    assert_has(text, "blame for parse_large: 9.790 ms of CPU time more, no function is proved");
    assert_has_not(markdown, "skip&#95;ws");
    assert_has_not(markdown, "skip_ws");
    assert_has_not(text, "skip_ws");
}
END_TEST

START_TEST(the_terminal_draws_shares_within_its_width)
{
    g_autoptr(RsVerdict) verdict = blamed_verdict(SKIP_WS);
    static const guint widths[] = {60, 80, 100, 160};

    for (guint i = 0; i < G_N_ELEMENTS(widths); i++) {
        RsReportOptions plain = {.width_columns = widths[i]};
        RsReportOptions colored = {.width_columns = widths[i], .color = TRUE};
        g_autofree char *text = render("text", verdict, &plain);
        g_autofree char *color = render("text", verdict, &colored);
        g_auto(GStrv) lines = g_strsplit(strstr(text, "blame for parse_large"), "\n\n", 2);

        assert_has(text, "  71 %  ████████▌      +6.95 ms   3.10 → 10.05 ms  json::lexer::skip_ws");
        assert_has(text, "(not attributed)");
        assert_has(text, "src/lexer.rs:118 ✎");
        assert_has(text, "serde-1.0.1/src/de.rs:40 (new)\n");
        assert_has_not(text, "\033[");
        assert_has(color, "\033[31m████████▌   \033[0m");
        if (widths[i] >= 80)
            for (char *at = strtok(lines[0], "\n"); at; at = strtok(NULL, "\n"))
                ck_assert_msg(g_utf8_strlen(at, -1) <= widths[i], "%u: %s", widths[i], at);
    }
}
END_TEST

START_TEST(hostile_functions_change_nothing_around_them)
{
    g_autoptr(RsVerdict) hostile = blamed_verdict(hostile_name);
    g_autoptr(RsVerdict) harmless = blamed_verdict("harmless");
    static const char *const tags[] = {"<script", "<img", "<h1", "<p>",     "<td",
                                       "<tr",     "<li",  "<a ", "<strong", "<details"};
    g_autofree char *text = NULL, *html = NULL, *other = NULL, *other_html = NULL;
    g_auto(GStrv) lines = NULL;

    for (guint i = 0; i < 2; i++) {
        RsBlame *blame = g_ptr_array_index((i ? harmless : hostile)->blames, 0);
        RsBlamed *blamed = g_ptr_array_index(blame->functions, 2);

        g_free(blamed->file);
        blamed->file = g_strdup_printf("/abs/%s", i ? "x" : hostile_name);
        blame->note = g_strdup(i ? "x" : hostile_name);
        add_blamed(blame->crates, i ? "x" : hostile_name, RS_BLAME_SLOWER, 1, 2, 12);
    }
    text = render("markdown", hostile, NULL);
    other = render("markdown", harmless, NULL);
    html = pipe_through(render_markdown, text);
    other_html = pipe_through(render_markdown, other);
    for (guint i = 0; i < G_N_ELEMENTS(tags); i++) {
        g_auto(GStrv) parts = g_strsplit(html, tags[i], -1);
        g_auto(GStrv) other_parts = g_strsplit(other_html, tags[i], -1);

        ck_assert_msg(g_strv_length(parts) == g_strv_length(other_parts), "%s: %s", tags[i], html);
    }
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        ck_assert_msg(**line != '/', "%s", *line);
        ck_assert_msg(!g_str_has_prefix(g_strchug(*line), "::"), "%s", *line);
        assert_has_not(*line, "##[");
    }
}
END_TEST

START_TEST(more_than_all_of_it_is_offset_by_the_others)
{
    g_autoptr(RsVerdict) verdict = blamed_verdict(SKIP_WS);
    RsBlame *blame = g_ptr_array_index(verdict->blames, 0);
    g_autofree char *text = NULL;

    blame->delta_ns = 8e6;
    blame->attributed_pct = 114;
    text = render("markdown", verdict, NULL);
    assert_has(text, "| *offset by all others* | | −1.120\u00A0ms | −14\u00A0% | |\n");
}
END_TEST

START_TEST(what_is_not_known_is_a_dash)
{
    g_autoptr(RsVerdict) verdict = failed_verdict();
    RsBlame *blame = unknown_blame(verdict, "parse_large");

    add_blamed(blame->functions, "f", RS_BLAME_SLOWER, NAN, INFINITY, NAN);
    add_blamed(blame->others, "g", RS_BLAME_SHIFT, NAN, 1, INFINITY);
    for (const RsRenderer *renderer = rs_renderers; renderer->name; renderer++) {
        g_autofree char *text = render(renderer->name, verdict, NULL);
        g_autofree char *lower = g_ascii_strdown(text, -1);

        assert_has_not(lower, " nan");
        assert_has_not(lower, "+nan");
        assert_has_not(lower, "inf ");
        assert_has_not(lower, "inf\u00A0");
    }
}
END_TEST

/* ---- places and links ---- */

static void place_is(const char *file, gint64 line, const char *expected)
{
    g_autoptr(RsBlamed) blamed = rs_blamed_new("f");
    g_autofree char *place = NULL;

    blamed->file = g_strdup(file);
    blamed->line = line;
    place = rs_source_place(blamed);
    ck_assert_str_eq(place, expected);
}

START_TEST(places_are_short_and_recognisable)
{
    g_autoptr(RsBlamed) nothing = rs_blamed_new("f");

    place_is("src/main.rs", 3, "src/main.rs:3");
    place_is("src/main.rs", -1, "src/main.rs");
    place_is("/rustc/90b35a6239c3d8bdabc530a6a0816f7ff89a0aaf/library/core/src/iter/mod.rs", 9,
             "core");
    place_is("/rustc/90b35a6239c3d8bdabc530a6a0816f7ff89a0aaf/library/std/src/io/mod.rs", 9, "std");
    place_is("/usr/lib/rustlib/src/rust/library/alloc/src/vec.rs", 1, "alloc");
    place_is("/root/.cargo/registry/src/github.com-1ecc6299db9ec823/memchr-2.5.0/src/lib.rs", 7,
             "memchr-2.5.0/src/lib.rs:7");
    place_is("/root/.cargo/git/checkouts/foo-1234/abcd/src/lib.rs", 7,
             "foo-1234/abcd/src/lib.rs:7");
    place_is("/usr/src/thing.c", 12, "/usr/src/thing.c:12");
    ck_assert_ptr_null(rs_source_place(nothing));
    nothing->binary = g_strdup("/lib/x86_64-linux-gnu/libc.so.6");
    {
        g_autofree char *place = rs_source_place(nothing);

        ck_assert_str_eq(place, "libc.so.6");
    }
}
END_TEST

#define SHA "9f3c1ab7bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static void url_is(const char *repository, const char *revision, const char *file,
                   const char *expected)
{
    g_autoptr(RsVerdict) verdict = failed_verdict();
    g_autoptr(RsBlamed) blamed = rs_blamed_new("f");
    g_autofree char *url = NULL;

    set_repository(verdict, repository);
    g_free(verdict->revisions[RS_ARM_CURRENT].revision);
    verdict->revisions[RS_ARM_CURRENT].revision = g_strdup(revision);
    blamed->kind = RS_BLAME_SLOWER;
    blamed->file = g_strdup(file);
    blamed->line = 7;
    url = rs_source_url(verdict, blamed);
    ck_assert_msg(g_strcmp0(url, expected) == 0, "%s, %s: %s, not %s", repository, file, url,
                  expected);
}

START_TEST(links_lead_to_the_measured_revision)
{
    url_is("https://github.com/o/r", SHA, "src/a.rs",
           "https://github.com/o/r/blob/" SHA "/src/a.rs#L7");
    url_is("https://github.com/o/r.git/", SHA, "./a.rs",
           "https://github.com/o/r/blob/" SHA "/a.rs#L7");
    url_is("https://gitlab.example.com/g/r.git", SHA, "a.rs",
           "https://gitlab.example.com/g/r/-/blob/" SHA "/a.rs#L7");
    url_is("https://git.example.com:8443/g/sub/r", SHA, "a.rs",
           "https://git.example.com:8443/g/sub/r/-/blob/" SHA "/a.rs#L7");
    url_is("https://codeberg.org/o/r", SHA, "a.rs",
           "https://codeberg.org/o/r/src/commit/" SHA "/a.rs#L7");
    url_is("git@github.com:o/r.git", SHA, "a.rs", "https://github.com/o/r/blob/" SHA "/a.rs#L7");
    url_is("ssh://git@github.com/o/r.git", SHA, "a.rs",
           "https://github.com/o/r/blob/" SHA "/a.rs#L7");
    url_is("https://github.com/o/r", SHA, "a b/(ü)|`.rs",
           "https://github.com/o/r/blob/" SHA "/a%20b/%28%C3%BC%29%7C%60.rs#L7");
}
END_TEST

START_TEST(a_password_in_the_address_goes_no_further)
{
    url_is("https://x-access-token:ghs_secret@github.com/o/r", SHA, "a.rs",
           "https://github.com/o/r/blob/" SHA "/a.rs#L7");
    url_is("https://a:b@c:d@github.com/o/r", SHA, "a.rs",
           "https://github.com/o/r/blob/" SHA "/a.rs#L7");
}
END_TEST

START_TEST(what_is_no_web_address_becomes_no_link)
{
    static const char *const repositories[] = {"http://github.com/o/r",
                                               "javascript:alert(1)//o/r",
                                               "/srv/git/o/r",
                                               "https://github.com",
                                               "https://github.com/o",
                                               "https://github.com//r",
                                               "https://evil.example/o/r)",
                                               "https://e.example/o/../r",
                                               "https://e.example/o/r?x=\"",
                                               "ssh://git@host:22/o/r",
                                               "file:///o/r",
                                               "https:///o/r",
                                               "https://e.ex<b>/o/r",
                                               NULL};
    static const char *const files[] = {"/abs/a.rs", "../a.rs", "a/../b.rs", "a//b.rs",
                                        "C:\\a.rs",  "",        "a\nb.rs",   "a/./b.rs"};
    static const char *const revisions[] = {"main", "9f3c1a", "", "9f3c1ab7/../x"};

    for (guint i = 0; i < G_N_ELEMENTS(repositories); i++)
        url_is(repositories[i], SHA, "a.rs", NULL);
    for (guint i = 0; i < G_N_ELEMENTS(files); i++)
        url_is("https://github.com/o/r", SHA, files[i], NULL);
    for (guint i = 0; i < G_N_ELEMENTS(revisions); i++)
        url_is("https://github.com/o/r", revisions[i], "a.rs", NULL);
}
END_TEST

START_TEST(what_is_gone_is_linked_where_it_was)
{
    g_autoptr(RsVerdict) verdict = blamed_verdict(SKIP_WS);
    g_autoptr(RsBlamed) gone = rs_blamed_new("f");
    g_autofree char *url = NULL;

    gone->kind = RS_BLAME_VANISHED;
    gone->file = g_strdup("src/old.rs");
    url = rs_source_url(verdict, gone);
    ck_assert_str_eq(url, "https://github.com/OWNER/REPO/blob/"
                          "4be20d1aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/src/old.rs");
}
END_TEST

/* ---- files that CI reads ---- */

START_TEST(a_finding_lies_at_the_guiltiest_line_of_the_repository)
{
    g_autoptr(RsVerdict) verdict = blamed_verdict(SKIP_WS);
    RsBlame *blame = g_ptr_array_index(verdict->blames, 0);
    g_autofree char *quality = render("codequality", verdict, NULL);
    g_autofree char *annotations = render("annotations", verdict, NULL);
    g_autofree char *junit = render("junit", verdict, NULL);
    g_autofree char *other = NULL;
    json_auto_t *findings = json_loads(quality, 0, NULL);
    json_t *location = json_object_get(json_array_get(findings, 0), "location");

    ck_assert_str_eq(json_string_value(json_object_get(location, "path")), "src/lexer.rs");
    ck_assert_int_eq(
        json_integer_value(json_object_get(json_object_get(location, "lines"), "begin")), 118);
    assert_has(annotations, "::error file=src/lexer.rs,line=118,title=rustscope%3A critical%3A "
                            "parse_large::");
    assert_has(annotations, "::warning title=rustscope%3A minor%3A index_build::");
    assert_has(junit, "name=\"parse_large\" file=\"src/lexer.rs\">");
    assert_has(junit, "By crate: json 79 %");
    /* When the guiltiest is not of the repository, the next one that is. */
    ((RsBlamed *)g_ptr_array_index(blame->functions, 0))->line = -1;
    other = render("annotations", verdict, NULL);
    assert_has(other, "::error file=src/parser.rs,line=64,title=");
}
END_TEST

START_TEST(a_path_is_found_from_callers_when_there_is_no_tree)
{
    g_autoptr(RsVerdict) verdict = blamed_verdict(SKIP_WS);
    RsBlame *blame = g_ptr_array_index(verdict->blames, 0);
    g_autoptr(GPtrArray) path = NULL;

    g_clear_pointer(&blame->tree, rs_call_tree_free);
    path = rs_blame_view_path(blame, rs_blame_view_guiltiest(blame));
    ck_assert_uint_eq(path->len, 2);
    ck_assert_str_eq(g_ptr_array_index(path, 0), "app::main");
    ck_assert_str_eq(g_ptr_array_index(path, 1), "json::parser::value");
}
END_TEST

static Suite *blame_suite(void)
{
    Suite *suite = suite_create("report/blame");
    TCase *words = tcase_create("words"), *places = tcase_create("places");
    TCase *files = tcase_create("files");

    tcase_set_timeout(words, 30);
    tcase_add_test(words, the_sentence_under_the_headline_names_the_guiltiest_and_its_line);
    tcase_add_test(words, the_comment_has_a_table_of_blame_that_renders);
    tcase_add_test(words, the_notes_tell_crates_path_moves_and_limits);
    tcase_add_test(words, blame_of_the_worst_is_open_and_of_others_folded);
    tcase_add_test(words, blame_climbs_down_the_ladder_of_sizes);
    tcase_add_test(words, without_proof_nobody_is_named);
    tcase_add_test(words, the_terminal_draws_shares_within_its_width);
    tcase_add_test(words, hostile_functions_change_nothing_around_them);
    tcase_add_test(words, more_than_all_of_it_is_offset_by_the_others);
    tcase_add_test(words, what_is_not_known_is_a_dash);
    tcase_add_test(places, places_are_short_and_recognisable);
    tcase_add_test(places, links_lead_to_the_measured_revision);
    tcase_add_test(places, a_password_in_the_address_goes_no_further);
    tcase_add_test(places, what_is_no_web_address_becomes_no_link);
    tcase_add_test(places, what_is_gone_is_linked_where_it_was);
    tcase_add_test(files, a_finding_lies_at_the_guiltiest_line_of_the_repository);
    tcase_add_test(files, a_path_is_found_from_callers_when_there_is_no_tree);
    suite_add_tcase(suite, words);
    suite_add_tcase(suite, places);
    suite_add_tcase(suite, files);
    return suite;
}

int main(void)
{
    return run_suite(blame_suite());
}
