/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_report_verdicts.h"

#include "test_report_blames.h"
#include "tests/unit/run.h"

static void change_policy(RsVerdict *verdict, RsPolicyKind kind, const char *benchmark,
                          const char *before, const char *after, gboolean weakens)
{
    g_ptr_array_add(verdict->policy_changes,
                    rs_policy_change_new(kind, benchmark, before, after, weakens));
}

/* Nothing regressed, the threshold was raised and a benchmark added. */
static RsVerdict *loosened_verdict(RsGateStatus status, int exit_status)
{
    RsVerdict *verdict = new_verdict(RS_SEVERITY_CRITICAL);

    add_row(verdict, "parse_large", "wall", RS_VERDICT_UNCHANGED, 0.4);
    change_policy(verdict, RS_POLICY_THRESHOLD, "parse_large", "10 %", "50 %", TRUE);
    change_policy(verdict, RS_POLICY_COMMAND, "parse_large", "command: parse *big* | wc",
                  "command: parse small", TRUE);
    change_policy(verdict, RS_POLICY_BENCHMARK_ADDED, "render", NULL, "measured", FALSE);
    verdict->change_head = g_strdup("1234567890bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");
    finish(verdict, status, exit_status);
    verdict->gate.reason = g_strdup("the change raises the threshold");
    return verdict;
}

static RsVerdict *accepted_verdict(void)
{
    RsVerdict *verdict = failed_verdict();

    verdict->gate.status = verdict->gate.would_be = RS_GATE_ACCEPTED;
    verdict->gate.exit_status = 0;
    verdict->gate.reason = g_strdup("accepted by octocat");
    verdict->change_head = g_strdup("1234567890bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");
    verdict->acceptance = g_new0(RsAcceptance, 1);
    verdict->acceptance->by = g_strdup("octocat");
    verdict->acceptance->how = g_strdup("label rustscope:accept");
    verdict->acceptance->at = g_strdup("2026-03-01T12:30:00Z");
    verdict->acceptance->head = g_strdup(verdict->change_head);
    verdict->acceptance->reason = g_strdup("the new parser checks more");
    return verdict;
}

START_TEST(a_loosened_rule_is_the_reason_the_comment_gives_first)
{
    g_autoptr(RsVerdict) verdict = loosened_verdict(RS_GATE_FAILED, 1);
    g_autofree char *text = render("markdown", verdict, NULL);

    ck_assert_msg(g_str_has_prefix(text, "## 🔴 rustscope: no regression, the change loosens the "
                                         "gate – gate failed (the gate fails from +20 %)\n\n"
                                         "The change raises the threshold of parse"),
                  "%s", text);
    assert_has(text, "from 10 % to 50 %: it loosens the gate.\n\n1 benchmark, none slower");
}
END_TEST

START_TEST(the_rules_are_a_short_table)
{
    g_autoptr(RsVerdict) verdict = loosened_verdict(RS_GATE_FAILED, 1);
    g_autofree char *text = render("markdown", verdict, NULL);

    assert_has(text, "**What this change does to the gate**\n\n"
                     "| | Rule | Benchmark | Base | Change |\n|:-:|:--|:--|:--|:--|\n"
                     "| ⚠️ | **threshold** | `parse_large` | 10 % | 50 % |\n");
    assert_has(text, "| <code>command&#58; parse &#42;big&#42; &#124; wc</code> | "
                     "`command: parse small` |\n");
    assert_has(text, "|  | benchmark added | `render` | – | measured |\n");
    assert_has(text, "until a person accepts it.\n");
}
END_TEST

START_TEST(a_comment_tells_how_to_accept_only_when_that_is_possible)
{
    g_autoptr(RsVerdict) failed = failed_verdict();
    g_autoptr(RsVerdict) accepted = accepted_verdict();
    RsReportOptions options = {.accept_label = "rustscope:accept"};
    g_autofree char *told = render("markdown", failed, &options);
    g_autofree char *without_label = render("markdown", failed, NULL);
    g_autofree char *done = render("markdown", accepted, &options);

    assert_has(told, "to accept it on purpose, add the label `rustscope:accept` · ");
    assert_has_not(without_label, "on purpose");
    assert_has_not(done, "on purpose");
}
END_TEST

START_TEST(an_accepted_comment_says_who_and_how_and_still_shows_what_regressed)
{
    g_autoptr(RsVerdict) verdict = accepted_verdict();
    g_autofree char *text = render("markdown", verdict, NULL);

    ck_assert_msg(g_str_has_prefix(text, "## 🔵 rustscope: 1 critical and 1 minor regressions – "
                                         "accepted, gate passed (the gate fails from +20 %)\n\n"
                                         "**`parse_large`** is slower, a **critical**"),
                  "%s", text);
    assert_has(text, "\n\n**Accepted** by `octocat` with label rustscope");
    assert_has(text, " for revision 1234567890 and no other. They say: the new parser checks more");
    assert_has(text, "| 🔴 | `parse_large` | wall |");
    assert_has(text, "`1234567890` against baseline");
}
END_TEST

START_TEST(every_format_that_people_read_names_the_rules_and_the_acceptance)
{
    static const char *const formats[] = {"text", "markdown", "html", "junit"};
    g_autoptr(RsVerdict) loosened = loosened_verdict(RS_GATE_FAILED, 1);
    g_autoptr(RsVerdict) accepted = accepted_verdict();

    for (guint i = 0; i < G_N_ELEMENTS(formats); i++) {
        g_autofree char *rules = render(formats[i], loosened, NULL);
        g_autofree char *who = render(formats[i], accepted, NULL);

        assert_has(rules, "What this change does to the gate");
        assert_has(rules, "loosens the gate");
        assert_has(who, "octocat");
        assert_has(who, "the new parser checks more");
        assert_has(who, "1234567890");
        assert_has_not(who, "What this change does");
    }
}
END_TEST

START_TEST(the_text_lists_each_rule_on_a_line)
{
    g_autoptr(RsVerdict) verdict = loosened_verdict(RS_GATE_FAILED, 1);
    g_autofree char *text = render("text", verdict, NULL);

    assert_has(text, "\nWhat this change does to the gate\n"
                     "! threshold, parse_large: 10 % → 50 %\n");
    assert_has(text, "\n  benchmark added, render: – → measured\n");
}
END_TEST

START_TEST(junit_has_a_case_for_the_rules)
{
    g_autoptr(RsVerdict) failed = loosened_verdict(RS_GATE_FAILED, 1);
    g_autoptr(RsVerdict) accepted = loosened_verdict(RS_GATE_ACCEPTED, 0);
    g_autofree char *red = render("junit", failed, NULL);
    g_autofree char *skipped = NULL;

    accepted->acceptance = g_new0(RsAcceptance, 1);
    accepted->acceptance->by = g_strdup("octocat");
    skipped = render("junit", accepted, NULL);
    assert_has(red, "tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"0\"");
    assert_has(red, "<failure message=\"The change raises the threshold of parse_large from 10 % "
                    "to 50 %: it loosens the gate.\" type=\"policy\">");
    assert_has(skipped, "tests=\"2\" failures=\"0\" errors=\"0\" skipped=\"1\"");
    assert_has(skipped, "<skipped message=\"accepted\">");
}
END_TEST

START_TEST(annotations_are_errors_until_the_rules_are_accepted)
{
    g_autoptr(RsVerdict) failed = loosened_verdict(RS_GATE_FAILED, 1);
    g_autoptr(RsVerdict) accepted = loosened_verdict(RS_GATE_ACCEPTED, 0);
    g_autofree char *red = render("annotations", failed, NULL);
    g_autofree char *calm = NULL;

    accepted->acceptance = g_new0(RsAcceptance, 1);
    accepted->acceptance->by = g_strdup("octocat");
    calm = render("annotations", accepted, NULL);
    assert_has(red, "::error title=rustscope%3A the change loosens the gate::The change raises "
                    "the threshold of parse_large from 10 %25 to 50 %25: it loosens the gate.\n");
    assert_has_not(red, "render");
    assert_has(calm, "::warning title=rustscope%3A the change loosens the gate::");
    assert_has(calm, "::notice title=rustscope%3A accepted::Accepted by octocat");
    assert_has_not(calm, "::error");
}
END_TEST

START_TEST(code_quality_points_to_the_configuration)
{
    g_autoptr(RsVerdict) failed = loosened_verdict(RS_GATE_FAILED, 1);
    g_autofree char *text = render("codequality", failed, NULL);

    assert_has(text, "\"check_name\": \"rustscope/policy\"");
    assert_has(text, "\"severity\": \"critical\"");
    assert_has(text, "\"path\": \"rustscope.yml\"");
}
END_TEST

START_TEST(outputs_name_the_worst_function_the_sampler_and_the_head)
{
    g_autoptr(RsVerdict) verdict = failed_verdict();
    g_autoptr(RsVerdict) calm = loosened_verdict(RS_GATE_FAILED, 1);
    gsize n_bytes;
    g_autofree char *text = NULL, *other = NULL;

    add_blame(verdict, "parse_large", "json::lexer::skip_ws");
    verdict->sampler = g_strdup("ptrace");
    text = rs_report_github_outputs(verdict, NULL, &n_bytes, NULL);
    other = rs_report_github_outputs(calm, NULL, &n_bytes, NULL);
    assert_has(text, "\njson::lexer::skip_ws\n");
    assert_has(text, "\nptrace\n");
    assert_has(other, "\nnone\n");
    assert_has(other, "\n1234567890bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n");
    assert_has(other, "worst-function<<");
}
END_TEST

START_TEST(many_rules_are_counted)
{
    static const char *const formats[] = {"text", "markdown", "html", "junit", "annotations"};
    g_autoptr(RsVerdict) verdict = loosened_verdict(RS_GATE_FAILED, 1);

    for (guint i = 0; i < 500; i++) {
        g_autofree char *name = g_strdup_printf("b%u", i);

        change_policy(verdict, RS_POLICY_EXIT_CODES, name, "0", "0, 1", TRUE);
    }
    for (guint i = 0; i < G_N_ELEMENTS(formats); i++) {
        g_autofree char *text = render(formats[i], verdict, NULL);

        assert_has(text, "more");
        ck_assert_uint_lt(strlen(text), 60000);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("all");

    tcase_add_test(tests, a_loosened_rule_is_the_reason_the_comment_gives_first);
    tcase_add_test(tests, the_rules_are_a_short_table);
    tcase_add_test(tests, a_comment_tells_how_to_accept_only_when_that_is_possible);
    tcase_add_test(tests, an_accepted_comment_says_who_and_how_and_still_shows_what_regressed);
    tcase_add_test(tests, every_format_that_people_read_names_the_rules_and_the_acceptance);
    tcase_add_test(tests, the_text_lists_each_rule_on_a_line);
    tcase_add_test(tests, junit_has_a_case_for_the_rules);
    tcase_add_test(tests, annotations_are_errors_until_the_rules_are_accepted);
    tcase_add_test(tests, code_quality_points_to_the_configuration);
    tcase_add_test(tests, outputs_name_the_worst_function_the_sampler_and_the_head);
    tcase_add_test(tests, many_rules_are_counted);
    return run_tests("report policy", tests);
}
