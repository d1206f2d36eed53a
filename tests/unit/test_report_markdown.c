/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_report_verdicts.h"

#include "test_report_blames.h"
#include "tests/unit/run.h"

static const char *const render_markdown[] = {
    "cmark-gfm", "-e", "table", "-e", "autolink", "-e", "strikethrough", "--unsafe", NULL};

static char *markdown(const RsVerdict *verdict)
{
    return render("markdown", verdict, NULL);
}

static char *headline(const RsVerdict *verdict)
{
    g_autofree char *text = markdown(verdict);

    return g_strndup(text, strcspn(text, "\n"));
}

START_TEST(a_failed_gate_says_so_first_and_names_the_worst)
{
    g_autoptr(RsVerdict) verdict = failed_verdict();
    g_autofree char *text = markdown(verdict);
    g_autofree char *html = pipe_through(render_markdown, text);

    ck_assert_msg(g_str_has_prefix(text,
                                   "## 🔴 rustscope: 1 critical and 1 minor regressions – gate "
                                   "failed (the gate fails from +20 %)\n\n**`parse_large`** is "
                                   "slower, a **critical** regression: wall **+23.4 %** (95 % CI "
                                   "+21.0 … +25.9 %); the gate fails from +20 %.\n"),
                  "%s", text);
    assert_has(html, "<details>\n<summary>All measured rows</summary>\n<table>");
    assert_has(html, "<details>\n<summary>How this was measured</summary>\n<ul>");
    assert_has(text, "… and 1 unchanged.");
    assert_has_not(text, "<summary>Warnings");
    assert_has_not(text, "<summary>Failures");
    assert_has_not(text, "![");
}
END_TEST

START_TEST(the_table_is_sorted_and_shows_both_metrics_when_both_matter)
{
    g_autoptr(RsVerdict) verdict = failed_verdict();
    g_autofree char *text = markdown(verdict);
    const char *wall = strstr(text, "| 🔴 | `parse_large` | wall | 41.82\u00A0ms | 51.61\u00A0ms |");
    const char *cpu = strstr(text, "| 🟠 | `parse_large` | cpu |");
    const char *minor = strstr(text, "| 🟡 | `index_build` | wall |");
    const char *better = strstr(text, "| 🟢 | `query_hot` | wall |");

    ck_assert(wall && cpu && minor && better);
    ck_assert(wall < cpu && cpu < minor && minor < better);
    assert_has_not(text, "| 🟢 | `query_hot` | cpu |");
    assert_has_not(text, "| ⚪ | `query_cold`");
}
END_TEST

START_TEST(the_method_tells_what_is_needed_to_believe_it)
{
    g_autoptr(RsVerdict) verdict = failed_verdict();
    g_autofree char *text = markdown(verdict);

    assert_has(text, "34 pairs in random order");
    assert_has(text, "alpha 0.05");
    assert_has(text, "Holm-corrected over 6 gated rows");
    assert_has(text, "confidence level 95 %");
    assert_has(text, "would have caught a slowdown of 4.2 % 19 times in 20");
    assert_has(text, "Minor above +10 %, moderate above +15 %, critical above +20 %");
    assert_has(text, "AMD EPYC 7763");
    assert_has(text, "steal 1.25 %");
    assert_has(text, "Negative control");
    assert_has(text, "Decision rule version 1, seed 42");
    assert_has(text, "```\nrustscope bench-run -c rustscope.yml --seed 42 -o run.json\n```");
    assert_has(text, "`9f3c1ab7bb` against baseline `4be20d1aaa` · rustscope 1.0.0\n");
}
END_TEST

START_TEST(a_gate_that_never_fails_tells_what_it_would_have_said)
{
    g_autoptr(RsVerdict) verdict = new_verdict(RS_SEVERITY_NONE);
    g_autofree char *first = NULL;

    add_row(verdict, "parse", "wall", RS_VERDICT_REGRESSION, 31);
    finish(verdict, RS_GATE_PASSED, 0);
    verdict->gate.would_be = RS_GATE_FAILED;
    first = headline(verdict);
    ck_assert_str_eq(first, "## 🔴 rustscope: 1 critical regression – gate passed (fail-on none: "
                            "the gate never fails; with fail-on critical it would have failed)");
}
END_TEST

static void one_row(RsVerdictKind kind, double change_pct, RsGateStatus status,
                    const char *expected_headline, const char *expected_part)
{
    g_autoptr(RsVerdict) verdict = new_verdict(RS_SEVERITY_CRITICAL);
    g_autofree char *text = NULL, *first = NULL;
    RsRow *row = add_row(verdict, "parse", "wall", kind, change_pct);

    if (kind == RS_VERDICT_INCONCLUSIVE || kind == RS_VERDICT_INCOMPARABLE ||
        kind == RS_VERDICT_NEW)
        row->reason = g_strdup("a reason was given");
    finish(verdict, status, 0);
    text = markdown(verdict);
    first = headline(verdict);
    ck_assert_str_eq(first, expected_headline);
    assert_has(text, expected_part);
}

START_TEST(each_state_has_its_own_words)
{
    one_row(RS_VERDICT_UNCHANGED, 0.3, RS_GATE_PASSED,
            "## 🟢 rustscope: no regression – gate passed (the gate fails from +20 %)",
            "1 benchmark, none slower by more than the threshold of 10 %.");
    one_row(RS_VERDICT_REGRESSION, 12, RS_GATE_PASSED,
            "## 🟡 rustscope: 1 minor regression – gate passed (the gate fails from +20 %)",
            "a **minor** regression");
    one_row(RS_VERDICT_REGRESSION, 25, RS_GATE_ACCEPTED,
            "## 🔵 rustscope: 1 critical regression – accepted, gate passed (the gate fails from "
            "+20 %)",
            "**critical**");
    one_row(RS_VERDICT_IMPROVEMENT, -12, RS_GATE_PASSED,
            "## 🟢 rustscope: no regression, 1 improved – gate passed (the gate fails from "
            "+20 %)",
            "**`parse`** is faster: wall **−12.0 %**");
    one_row(RS_VERDICT_INCONCLUSIVE, 8, RS_GATE_UNDECIDED,
            "## ❔ rustscope: 1 inconclusive of 1 benchmark – gate undecided (the gate fails from "
            "+20 %)",
            "could not be decided: a reason was given. wall +8.0 % (95 % CI +5.6 … +10.5 %). This "
            "run would have caught a slowdown of 4.2 % 19 times in 20.");
    one_row(RS_VERDICT_INCOMPARABLE, NAN, RS_GATE_UNDECIDED,
            "## ❔ rustscope: 1 incomparable of 1 benchmark – gate undecided (the gate fails from "
            "+20 %)",
            "cannot be compared: a reason was given.");
    one_row(RS_VERDICT_MISSING, NAN, RS_GATE_UNDECIDED,
            "## ❔ rustscope: 1 missing of 1 benchmark – gate undecided (the gate fails from +20 "
            "%)",
            "is missing on the current side.");
    one_row(RS_VERDICT_NEW, NAN, RS_GATE_PASSED,
            "## ⚪ rustscope: nothing to compare with yet – gate passed (the gate fails from +20 "
            "%)",
            "has no baseline yet: a reason was given.");
}
END_TEST

START_TEST(identical_sides_are_said_not_to_be_measured)
{
    g_autoptr(RsVerdict) verdict = new_verdict(RS_SEVERITY_CRITICAL);
    g_autofree char *text = NULL;

    add_row(verdict, "same", "wall", RS_VERDICT_UNCHANGED, NAN)->stop_reason = RS_STOP_IDENTICAL;
    finish(verdict, RS_GATE_PASSED, 0);
    text = markdown(verdict);
    assert_has(text, "nothing measured, both sides are the same files – gate passed");
    assert_has(text, "**`same`** was not measured: both sides are the same files.");
}
END_TEST

START_TEST(an_error_shows_what_the_program_printed)
{
    g_autoptr(RsVerdict) verdict = new_verdict(RS_SEVERITY_CRITICAL);
    g_autoptr(RsFailure) failure = rs_failure_new(RS_ARM_CURRENT, "build");
    g_autofree char *text = NULL;

    failure->pair = -1;
    failure->message = g_strdup("it exited with status 2");
    failure->output_tail = g_strdup("error: no such crate\n");
    g_ptr_array_add(verdict->failures, rs_verdict_failure_new("parse", failure));
    finish(verdict, RS_GATE_ERROR, 3);
    text = markdown(verdict);
    ck_assert(g_str_has_prefix(text, "## ⚫ rustscope: could not measure – gate ended in an error "
                                     "(the gate fails from +20 %)\n"));
    assert_has(text, "**`parse`**: build of the current side failed: it exited with status 2");
    assert_has(text, "```\nerror: no such crate\n```");
}
END_TEST

START_TEST(every_format_says_that_files_were_measured_apart)
{
    g_autoptr(RsVerdict) apart = failed_verdict();
    g_autoptr(RsVerdict) pairs = failed_verdict();

    apart->side_by_side = FALSE;
    for (const RsRenderer *renderer = rs_renderers; renderer->name; renderer++) {
        g_autofree char *said = NULL, *unsaid = NULL;
        g_auto(GStrv) words = NULL;

        if (g_str_equal(renderer->name, "html"))
            continue;
        said = render(renderer->name, apart, NULL);
        unsaid = render(renderer->name, pairs, NULL);
        words = g_strsplit_set(said, " \n", -1);
        g_free(said);
        said = g_strjoinv(" ", words);
        assert_has(said, "no promise on false alarms");
        assert_has(said, "13–50 %");
        assert_has_not(unsaid, "no promise");
    }
}
END_TEST

START_TEST(every_headline_tells_the_bound)
{
    static const char *const formats[] = {"text", "markdown", "junit", "openmetrics",
                                          "annotations"};
    g_autoptr(RsVerdict) verdict = failed_verdict();

    for (guint i = 0; i < G_N_ELEMENTS(formats); i++) {
        g_autofree char *text = render(formats[i], verdict, NULL);

        assert_has(text, "the gate fails from +20 %");
    }
}
END_TEST

START_TEST(files_without_trials_are_listed_not_judged)
{
    g_autoptr(RsVerdict) verdict = new_verdict(RS_SEVERITY_CRITICAL);
    RsFunctionChange *change = rs_function_change_new("json::lexer::skip_ws");
    g_autofree char *text = NULL;

    change->baseline_self_ns = 3100000;
    change->current_self_ns = 10050000;
    change->change_pct = 224.2;
    g_ptr_array_add(verdict->functions, change);
    verdict->side_by_side = FALSE;
    finish(verdict, RS_GATE_PASSED, 0);
    text = markdown(verdict);
    assert_has(text, "1 function listed, nothing judged");
    assert_has(text, "| `json::lexer::skip_ws` | 3.100\u00A0ms | 10.05\u00A0ms | +224.2\u00A0% |");
    assert_has_not(text, "| Benchmark |");
    assert_has(text, "descriptive");
}
END_TEST

START_TEST(at_most_ten_benchmarks_are_in_the_table)
{
    g_autoptr(RsVerdict) verdict = new_verdict(RS_SEVERITY_CRITICAL);
    g_autofree char *text = NULL;

    for (guint i = 0; i < 30; i++) {
        g_autofree char *name = g_strdup_printf("bench_%02u", i);

        add_row(verdict, name, "wall", i < 13 ? RS_VERDICT_REGRESSION : RS_VERDICT_UNCHANGED,
                i < 13 ? 30 + i : 0);
    }
    finish(verdict, RS_GATE_FAILED, 1);
    text = markdown(verdict);
    assert_has(text, "| 🔴 | `bench_12` |");
    assert_has(text, "| 🔴 | `bench_03` |");
    assert_has_not(text, "| 🔴 | `bench_02` |");
    assert_has(text, "… and 3 more changed or undecided, 17 unchanged.");
}
END_TEST

START_TEST(hostile_names_change_nothing_around_them)
{
    g_autoptr(RsVerdict) hostile = mixed_verdict(hostile_name);
    g_autoptr(RsVerdict) harmless = mixed_verdict("harmless");
    g_autofree char *text = markdown(hostile);
    g_autofree char *html = pipe_through(render_markdown, text);
    g_autofree char *other = markdown(harmless);
    g_autofree char *other_html = pipe_through(render_markdown, other);
    static const char *const tags[] = {"<script", "<img",     "<a ",       "<h1",
                                       "<p>",     "<td",      "<li",       "<strong",
                                       "<pre",    "<details", "</details", "<table"};
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (guint i = 0; i < G_N_ELEMENTS(tags); i++) {
        g_auto(GStrv) parts = g_strsplit(html, tags[i], -1);
        g_auto(GStrv) other_parts = g_strsplit(other_html, tags[i], -1);

        ck_assert_msg(g_strv_length(parts) == g_strv_length(other_parts), "%s: %s", tags[i], html);
    }
    for (char **line = lines; *line; line++) {
        ck_assert_msg(**line != '/', "%s", *line);
        ck_assert_msg(!g_str_has_prefix(g_strchug(*line), "::"), "%s", *line);
        assert_has_not(*line, "##[");
        for (const char *at = *line; *at; at++)
            ck_assert((guchar)*at >= 0x20 || *at == '\t');
    }
}
END_TEST

START_TEST(any_limit_is_kept)
{
    static const gsize limits_bytes[] = {1, 17, 100, 500, 1000, 2000, 5000, 20000, 60000, 1000000};
    g_autoptr(RsVerdict) verdict = mixed_verdict(hostile_name);

    for (guint i = 0; i < 400; i++) {
        g_autofree char *name = g_strdup_printf("%u %s", i, hostile_name);

        g_ptr_array_add(add_row(verdict, name, "wall", RS_VERDICT_REGRESSION, 25)->warnings,
                        g_strdup(hostile_name));
    }
    finish(verdict, RS_GATE_FAILED, 1);
    for (guint i = 0; i < G_N_ELEMENTS(limits_bytes); i++) {
        RsReportOptions options = {.limit_bytes = limits_bytes[i],
                                   .marker = "rustscope:report",
                                   .run_url = "https://github.com/o/r/actions/runs/1"};
        g_autofree char *text = render("markdown", verdict, &options);

        ck_assert_uint_le(strlen(text), limits_bytes[i]);
        if (limits_bytes[i] < 3000)
            continue;
        assert_has(text, "400 critical");
        assert_has(text, "[Full report](https://github.com/o/r/actions/runs/1)");
        ck_assert(g_str_has_prefix(text, "<!-- rustscope:report -->\n## "));
    }
}
END_TEST

static guint n_times(const char *text, const char *part)
{
    guint n = 0;

    for (; (text = strstr(text, part)); text += strlen(part))
        n++;
    return n;
}

/* The comment of a large configuration in the limits of GitHub, of GitLab, and in less. */
START_TEST(five_hundred_benchmarks_fit_at_every_level_and_nothing_is_cut_off)
{
    static const struct {
        gsize limit_bytes;
        guint n_blames;
    } cases[] = {{10000, 1}, {60000, 0}, {1000000, 50}};
    g_autoptr(RsVerdict) verdict = new_verdict(RS_SEVERITY_CRITICAL);

    for (guint i = 0; i < 500; i++) {
        g_autofree char *name = g_strdup_printf("engine::<Codec<%u>>::decode", i);

        add_row(verdict, name, "wall", RS_VERDICT_REGRESSION, 21 + i / 10.0);
        g_ptr_array_add(add_row(verdict, name, "cpu", RS_VERDICT_REGRESSION, 15)->warnings,
                        g_strdup("the trials drift"));
        add_blame(verdict, name, "engine::Codec<T>::skip");
        g_ptr_array_add(verdict->policy_changes,
                        rs_policy_change_new(RS_POLICY_THRESHOLD, name, "10 %", "50 %", i % 2));
    }
    finish(verdict, RS_GATE_FAILED, 1);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        RsReportOptions options = {.limit_bytes = cases[i].limit_bytes,
                                   .marker = "rustscope:report",
                                   .accept_label = "rustscope:accept",
                                   .run_url = "https://gitlab.example/g/p/-/jobs/1"};
        g_autofree char *text = render("markdown", verdict, &options);

        ck_assert_uint_le(strlen(text), cases[i].limit_bytes);
        ck_assert(
            g_str_has_prefix(text, "<!-- rustscope:report -->\n## 🔴 rustscope: 500 critical "));
        assert_has(text, "gate failed (the gate fails from +20 %)");
        assert_has(text, "| Benchmark |");
        assert_has(text, "… and 490 more changed or undecided.");
        assert_has(text, "[Full report](https://gitlab.example/g/p/-/jobs/1) · to accept it on "
                         "purpose, add the label `rustscope:accept` · ");
        ck_assert(g_str_has_suffix(text, "rustscope 1.0.0\n"));
        ck_assert_uint_eq(n_times(text, "<details"), n_times(text, "</details>"));
        if (cases[i].n_blames > 0)
            ck_assert_uint_eq(n_times(text, "<b>Blame for"), cases[i].n_blames);
        ck_assert_uint_ge(n_times(text, "<b>Blame for"), 1);
        ck_assert_uint_eq(n_times(text, "<details open>"), 1);
    }
}
END_TEST

START_TEST(the_smallest_level_keeps_verdict_counts_and_link)
{
    g_autoptr(RsVerdict) verdict = failed_verdict();
    RsReportOptions options = {.limit_bytes = 600, .run_url = "https://ci.example/1"};
    g_autofree char *text = render("markdown", verdict, &options);

    assert_has(text, "gate failed (the gate fails from +20 %)");
    assert_has(text, "4 benchmarks: 2 regressed, 1 improved, 1 unchanged.");
    assert_has(text, "[Full report](https://ci.example/1)");
    assert_has_not(text, "| Benchmark |");
}
END_TEST

START_TEST(links_and_markers_are_made_harmless)
{
    g_autoptr(RsVerdict) verdict = failed_verdict();
    RsReportOptions bad = {.run_url = "javascript:alert(1)", .marker = "x --> <b>"};
    RsReportOptions odd = {.run_url = "https://ci.example/a) [x](y"};
    g_autofree char *bad_text = render("markdown", verdict, &bad);
    g_autofree char *odd_text = render("markdown", verdict, &odd);

    assert_has_not(bad_text, "javascript");
    ck_assert(g_str_has_prefix(bad_text, "<!-- x _-_ _b_ -->\n"));
    assert_has(odd_text, "(https://ci.example/a%29%20%5Bx%5D%28y)");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("markdown");

    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, a_failed_gate_says_so_first_and_names_the_worst);
    tcase_add_test(tests, the_table_is_sorted_and_shows_both_metrics_when_both_matter);
    tcase_add_test(tests, the_method_tells_what_is_needed_to_believe_it);
    tcase_add_test(tests, a_gate_that_never_fails_tells_what_it_would_have_said);
    tcase_add_test(tests, each_state_has_its_own_words);
    tcase_add_test(tests, identical_sides_are_said_not_to_be_measured);
    tcase_add_test(tests, an_error_shows_what_the_program_printed);
    tcase_add_test(tests, every_format_says_that_files_were_measured_apart);
    tcase_add_test(tests, every_headline_tells_the_bound);
    tcase_add_test(tests, files_without_trials_are_listed_not_judged);
    tcase_add_test(tests, at_most_ten_benchmarks_are_in_the_table);
    tcase_add_test(tests, hostile_names_change_nothing_around_them);
    tcase_add_test(tests, any_limit_is_kept);
    tcase_add_test(tests, five_hundred_benchmarks_fit_at_every_level_and_nothing_is_cut_off);
    tcase_add_test(tests, the_smallest_level_keeps_verdict_counts_and_link);
    tcase_add_test(tests, links_and_markers_are_made_harmless);
    return run_tests("report/markdown", tests);
}
