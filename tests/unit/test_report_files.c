/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The formats that programs read: each is read here by a program that is not ours. */
#include <jansson.h>

#include "test_report_verdicts.h"

#include "tests/unit/run.h"

static const char *const xmllint[] = {"xmllint", "--noout", NULL};
static const char parse_metrics[] =
    "import sys\n"
    "from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse\n"
    "for family in parse(open(sys.argv[1], encoding='utf-8').read()):\n"
    "    for s in family.samples:\n"
    "        print(family.type, family.unit, s.name, sorted(s.labels.items()), s.value)\n";
static const char *const metrics_parser[] = {"/usr/bin/python3", "-c", parse_metrics, NULL};

START_TEST(junit_is_red_for_what_fails_the_gate_alone)
{
    g_autoptr(RsVerdict) verdict = failed_verdict();
    g_autofree char *text = render("junit", verdict, NULL);
    g_autofree char *checked = pipe_through(xmllint, text);

    assert_has(text, "tests=\"4\" failures=\"1\" errors=\"0\" skipped=\"0\"");
    assert_has(text, "<testcase classname=\"rustscope\" name=\"parse_large\">\n      <failure ");
    assert_has(text, "name=\"index_build\">\n      <system-out>");
}
END_TEST

START_TEST(junit_skips_what_was_not_decided)
{
    g_autoptr(RsVerdict) verdict = mixed_verdict("strange");
    g_autofree char *text = render("junit", verdict, NULL);
    g_autofree char *checked = pipe_through(xmllint, text);

    assert_has(text, "tests=\"7\" failures=\"0\" errors=\"1\" skipped=\"4\"");
    assert_has(text, "name=\"strange\">\n      <error ");
    assert_has(text, "name=\"apart\">\n      <skipped ");
}
END_TEST

START_TEST(junit_is_green_when_the_regression_was_accepted)
{
    g_autoptr(RsVerdict) verdict = failed_verdict();
    g_autofree char *text = NULL;

    verdict->gate.status = RS_GATE_ACCEPTED;
    text = render("junit", verdict, NULL);
    assert_has(text, "failures=\"0\" errors=\"0\" skipped=\"1\"");
    assert_has(text, "<skipped message=\"accepted\">");
}
END_TEST

START_TEST(junit_of_hostile_names_is_xml)
{
    g_autoptr(RsVerdict) verdict = mixed_verdict(hostile_name);
    g_autofree char *text = render("junit", verdict, NULL);
    g_autofree char *checked = pipe_through(xmllint, text);

    for (const char *at = text; *at; at++)
        ck_assert((guchar)*at >= 0x20 || *at == '\n' || *at == '\t');
    assert_has_not(text, "]]>");
}
END_TEST

static json_t *code_quality(const RsVerdict *verdict)
{
    g_autofree char *text = render("codequality", verdict, NULL);
    json_error_t error;
    json_t *findings = json_loads(text, JSON_REJECT_DUPLICATES, &error);

    ck_assert_msg(json_is_array(findings), "%s: %s", error.text, text);
    return findings;
}

static const char *finding(json_t *findings, gsize i, const char *key)
{
    return json_string_value(json_object_get(json_array_get(findings, i), key));
}

START_TEST(code_quality_has_gitlabs_words_and_places)
{
    g_autoptr(RsVerdict) verdict = failed_verdict();
    json_auto_t *findings = code_quality(verdict);
    json_t *location = json_object_get(json_array_get(findings, 0), "location");

    ck_assert_uint_eq(json_array_size(findings), 3);
    ck_assert_str_eq(finding(findings, 0, "severity"), "critical");
    ck_assert_str_eq(finding(findings, 1, "severity"), "major");
    ck_assert_str_eq(finding(findings, 2, "severity"), "minor");
    ck_assert_str_eq(finding(findings, 0, "check_name"), "rustscope/regression");
    ck_assert_str_eq(json_string_value(json_object_get(location, "path")), "rustscope.yml");
    ck_assert_int_eq(
        json_integer_value(json_object_get(json_object_get(location, "lines"), "begin")), 1);
}
END_TEST

START_TEST(a_fingerprint_survives_other_figures)
{
    g_autoptr(RsVerdict) one = failed_verdict();
    g_autoptr(RsVerdict) other = failed_verdict();
    json_auto_t *a = NULL, *b = NULL;

    ((RsRow *)g_ptr_array_index(other->rows, 2))->change_pct = 77;
    a = code_quality(one);
    b = code_quality(other);
    ck_assert_uint_eq(strlen(finding(a, 0, "fingerprint")), 64);
    ck_assert_str_eq(finding(a, 0, "fingerprint"), finding(b, 0, "fingerprint"));
    ck_assert_str_ne(finding(a, 0, "description"), finding(b, 0, "description"));
    ck_assert_str_ne(finding(a, 0, "fingerprint"), finding(a, 1, "fingerprint"));
}
END_TEST

START_TEST(code_quality_of_a_calm_verdict_is_an_empty_array)
{
    g_autoptr(RsVerdict) verdict = new_verdict(RS_SEVERITY_CRITICAL);
    g_autofree char *text = NULL;

    add_row(verdict, "calm", "wall", RS_VERDICT_UNCHANGED, 0.1);
    finish(verdict, RS_GATE_PASSED, 0);
    text = render("codequality", verdict, NULL);
    ck_assert_str_eq(text, "[]\n");
}
END_TEST

START_TEST(code_quality_takes_hostile_names)
{
    g_autoptr(RsVerdict) verdict = mixed_verdict(hostile_name);
    json_auto_t *findings = code_quality(verdict);

    ck_assert_uint_eq(json_array_size(findings), 5);
}
END_TEST

START_TEST(open_metrics_are_in_base_units)
{
    g_autoptr(RsVerdict) verdict = failed_verdict();
    g_autofree char *text = render("openmetrics", verdict, NULL);
    g_autofree char *seen = pipe_through(metrics_parser, text);

    ck_assert(g_str_has_suffix(text, "\n# EOF\n"));
    assert_has(seen, "gauge seconds rustscope_benchmark_wall_seconds [('benchmark', "
                     "'parse_large'), ('side', 'current')] 0.0516");
    assert_has(seen, "gauge ratio rustscope_change_ratio [('benchmark', 'parse_large'), "
                     "('metric', 'wall')] 1.23");
    assert_has(seen, "stateset  rustscope_gate_status [('rustscope_gate_status', 'failed')] 1");
}
END_TEST

START_TEST(open_metrics_hide_what_three_digits_do_not_show)
{
    g_autoptr(RsVerdict) one = failed_verdict();
    g_autoptr(RsVerdict) other = failed_verdict();
    g_autofree char *a = NULL, *b = NULL;

    ((RsRow *)g_ptr_array_index(other->rows, 0))->current.median *= 1.0003;
    a = render("openmetrics", one, NULL);
    b = render("openmetrics", other, NULL);
    ck_assert_str_eq(a, b);
}
END_TEST

START_TEST(open_metrics_take_hostile_names_and_colliding_metrics)
{
    g_autoptr(RsVerdict) verdict = mixed_verdict(hostile_name);
    g_autofree char *text = NULL, *seen = NULL;

    add_row(verdict, "calm", "my-metric", RS_VERDICT_UNCHANGED, 1);
    add_row(verdict, "calm", "my.metric", RS_VERDICT_UNCHANGED, 2);
    add_row(verdict, "calm", "1\n# EOF\"}", RS_VERDICT_UNCHANGED, 2);
    finish(verdict, RS_GATE_UNDECIDED, 0);
    text = render("openmetrics", verdict, NULL);
    seen = pipe_through(metrics_parser, text);
    assert_has(seen, "rustscope_benchmark_my_metric_seconds");
}
END_TEST

static guint count_lines(const char *text, const char *prefix)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    guint n = 0;

    for (char **line = lines; *line; line++)
        n += g_str_has_prefix(*line, prefix);
    return n;
}

START_TEST(annotations_are_errors_from_the_bound_and_warnings_below)
{
    g_autoptr(RsVerdict) verdict = failed_verdict();
    g_autofree char *text = render("annotations", verdict, NULL);

    ck_assert_uint_eq(count_lines(text, "::notice title=rustscope::"), 1);
    ck_assert_uint_eq(count_lines(text, "::error "), 1);
    ck_assert_uint_eq(count_lines(text, "::warning "), 2);
    assert_has(text, "::error title=rustscope%3A critical%3A parse_large::parse_large is slower");
    assert_has(text, "wall +23.4 %25 (95 %25 CI");
}
END_TEST

START_TEST(annotations_keep_to_what_github_shows)
{
    g_autoptr(RsVerdict) verdict = new_verdict(RS_SEVERITY_CRITICAL);
    g_autofree char *text = NULL;

    for (guint i = 0; i < 50; i++) {
        g_autofree char *name = g_strdup_printf("%u %s", i, hostile_name);

        add_row(verdict, name, "wall", RS_VERDICT_REGRESSION, i < 25 ? 30 : 12);
    }
    finish(verdict, RS_GATE_FAILED, 1);
    text = render("annotations", verdict, NULL);
    ck_assert_uint_eq(count_lines(text, "::error "), 10);
    ck_assert_uint_eq(count_lines(text, "::warning "), 10);
    ck_assert_uint_eq(count_lines(text, ""), 22); /* 21 lines and what follows the last */
    assert_has(text, "… and 16 more");
    assert_has_not(text, "##[");
}
END_TEST

START_TEST(outputs_hold_foreign_text_between_random_lines)
{
    g_autoptr(RsVerdict) verdict = new_verdict(RS_SEVERITY_CRITICAL);
    g_autofree char *one = NULL, *other = NULL;

    add_row(verdict, "x\ngate=passed\nEOF", "wall", RS_VERDICT_REGRESSION, 31.26);
    g_free(verdict->revisions[RS_ARM_CURRENT].revision);
    verdict->revisions[RS_ARM_CURRENT].revision = g_strdup("abc\ngate=passed");
    finish(verdict, RS_GATE_FAILED, 1);
    one = rs_report_github_outputs(verdict, NULL, NULL, NULL);
    other = rs_report_github_outputs(verdict, NULL, NULL, NULL);
    ck_assert_uint_eq(count_lines(one, "gate="), 1);
    assert_has(one, "severity=critical\ngate=failed\nexit-code=1\nbenchmarks=1\ncritical=1\n"
                    "moderate=0\nminor=0\nimproved=0\nworst-benchmark<<rustscope_");
    assert_has(one, "worst-change-percent=31.26\n");
    ck_assert_uint_eq(count_lines(one, "baseline-sha<<rustscope_"), 1);
    ck_assert_uint_eq(count_lines(one, "head-sha<<rustscope_"), 1);
    ck_assert_str_ne(one, other);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("files");

    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, junit_is_red_for_what_fails_the_gate_alone);
    tcase_add_test(tests, junit_skips_what_was_not_decided);
    tcase_add_test(tests, junit_is_green_when_the_regression_was_accepted);
    tcase_add_test(tests, junit_of_hostile_names_is_xml);
    tcase_add_test(tests, code_quality_has_gitlabs_words_and_places);
    tcase_add_test(tests, a_fingerprint_survives_other_figures);
    tcase_add_test(tests, code_quality_of_a_calm_verdict_is_an_empty_array);
    tcase_add_test(tests, code_quality_takes_hostile_names);
    tcase_add_test(tests, open_metrics_are_in_base_units);
    tcase_add_test(tests, open_metrics_hide_what_three_digits_do_not_show);
    tcase_add_test(tests, open_metrics_take_hostile_names_and_colliding_metrics);
    tcase_add_test(tests, annotations_are_errors_from_the_bound_and_warnings_below);
    tcase_add_test(tests, annotations_keep_to_what_github_shows);
    tcase_add_test(tests, outputs_hold_foreign_text_between_random_lines);
    return run_tests("report/files", tests);
}
