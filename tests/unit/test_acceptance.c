/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analyze/acceptance.h"

#include <check.h>
#include <stdlib.h>

#include "analyze/gate.h"
#include "tests/unit/run.h"

#define HEAD  "9f3c1ab7bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define OTHER "0000000000000000000000000000000000000000"

static const RsGateAnswers warn = {0};

static RsVerdict *verdict_of(RsSeverity fail_on, RsVerdictKind kind, RsSeverity severity)
{
    g_autoptr(RsGate) gate = rs_gate_new();
    RsRow *row = rs_row_new("parse", "wall", "ns", RS_LOWER_IS_BETTER);
    RsVerdict *verdict;

    gate->fail_on = fail_on;
    verdict = rs_verdict_new(gate);
    row->gated = TRUE;
    row->verdict = kind;
    row->severity = severity;
    g_ptr_array_add(verdict->rows, row);
    verdict->change_head = g_strdup(HEAD);
    rs_gate_decide(verdict, FALSE, TRUE);
    verdict->gate.exit_status = rs_gate_exit_status(verdict, &warn);
    return verdict;
}

static void change_policy(RsVerdict *verdict, RsPolicyKind kind, const char *benchmark,
                          const char *before, const char *after, gboolean weakens)
{
    g_ptr_array_add(verdict->policy_changes,
                    rs_policy_change_new(kind, benchmark, before, after, weakens));
    rs_gate_decide(verdict, FALSE, TRUE);
    verdict->gate.exit_status = rs_gate_exit_status(verdict, &warn);
}

static RsAcceptance *acceptance_of(const char *head)
{
    RsAcceptance *acceptance = g_new0(RsAcceptance, 1);

    acceptance->by = g_strdup("octocat");
    acceptance->how = g_strdup("label rustscope:accept");
    acceptance->head = g_strdup(head);
    return acceptance;
}

START_TEST(a_loosened_threshold_fails_a_gate_that_nothing_else_fails)
{
    g_autoptr(RsVerdict) verdict =
        verdict_of(RS_SEVERITY_CRITICAL, RS_VERDICT_UNCHANGED, RS_SEVERITY_NONE);

    ck_assert_int_eq(verdict->gate.status, RS_GATE_PASSED);
    change_policy(verdict, RS_POLICY_BENCHMARK_ADDED, "render", NULL, "measured", FALSE);
    ck_assert_int_eq(verdict->gate.status, RS_GATE_PASSED);
    change_policy(verdict, RS_POLICY_THRESHOLD, "parse_large", "10 %", "50 %", TRUE);
    ck_assert_int_eq(verdict->gate.status, RS_GATE_FAILED);
    ck_assert_int_eq(verdict->gate.exit_status, 1);
    ck_assert_str_eq(verdict->gate.reason, "the change raises the threshold of parse_large from 10 "
                                           "% to 50 %: needs acceptance");
    change_policy(verdict, RS_POLICY_BENCHMARK_DELETED, "index", "measured", NULL, TRUE);
    ck_assert_str_eq(verdict->gate.reason, "the change raises the threshold of parse_large from 10 "
                                           "% to 50 %, and loosens the gate in 1 more way: needs "
                                           "acceptance");
}
END_TEST

START_TEST(an_advisory_gate_says_what_it_would_have_been)
{
    g_autoptr(RsVerdict) verdict =
        verdict_of(RS_SEVERITY_NONE, RS_VERDICT_UNCHANGED, RS_SEVERITY_NONE);

    change_policy(verdict, RS_POLICY_FILE_DELETED, NULL, "2 benchmarks", NULL, TRUE);
    ck_assert_int_eq(verdict->gate.status, RS_GATE_PASSED);
    ck_assert_int_eq(verdict->gate.would_be, RS_GATE_FAILED);
    ck_assert_int_eq(verdict->gate.exit_status, 0);
    ck_assert_str_eq(verdict->gate.reason,
                     "no regression; the change deletes the configuration: needs acceptance");
}
END_TEST

START_TEST(a_loosened_policy_fails_undecided_gates_and_no_error)
{
    g_autoptr(RsVerdict) verdict =
        verdict_of(RS_SEVERITY_CRITICAL, RS_VERDICT_INCONCLUSIVE, RS_SEVERITY_NONE);
    g_autoptr(RsFailure) failure = rs_failure_new(RS_ARM_CURRENT, "build");

    change_policy(verdict, RS_POLICY_ALPHA, NULL, "0.05", "0.001", TRUE);
    ck_assert_int_eq(verdict->gate.status, RS_GATE_FAILED);
    rs_gate_decide(verdict, FALSE, FALSE);
    ck_assert_int_eq(verdict->gate.status, RS_GATE_FAILED);
    g_ptr_array_add(verdict->failures, rs_verdict_failure_new("parse", failure));
    rs_gate_decide(verdict, FALSE, TRUE);
    ck_assert_int_eq(verdict->gate.status, RS_GATE_ERROR);
    ck_assert_int_eq(rs_gate_exit_status(verdict, &warn), 3);
}
END_TEST

START_TEST(every_kind_of_change_has_its_sentence)
{
    static const struct {
        RsPolicyKind kind;
        gboolean weakens;
        const char *words;
    } cases[] = {
        {RS_POLICY_THRESHOLD, FALSE, "lowers the threshold of b from x to y"},
        {RS_POLICY_FAIL_ON, TRUE, "changes the fail-on of b from x to y"},
        {RS_POLICY_SEVERITY_BOUNDS, TRUE, "changes the severity bounds of b from x to y"},
        {RS_POLICY_METRICS, TRUE, "changes the gated metrics of b from x to y"},
        {RS_POLICY_BENCHMARK_DELETED, TRUE, "renames the benchmark b (y)"},
        {RS_POLICY_BENCHMARK_ADDED, FALSE, "adds the benchmark b"},
        {RS_POLICY_COMMAND, TRUE, "changes what is measured of b from x to y"},
        {RS_POLICY_EXIT_CODES, TRUE, "changes the exit codes of b from x to y"},
        {RS_POLICY_ACCEPTANCE, TRUE, "changes what accepts a failed gate of b from x to y"},
        {RS_POLICY_FILE_DELETED, TRUE, "deletes the configuration"},
        {RS_POLICY_FILE_ADDED, FALSE, "adds a configuration"},
        {RS_POLICY_UNKNOWN, TRUE,
         "changes the rules in a way that this version does not know (no kind is told of b from x "
         "to y)"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(RsPolicyChange) change =
            rs_policy_change_new(cases[i].kind, "b", "x", "y", cases[i].weakens);
        g_autofree char *words = rs_policy_change_words(change);

        ck_assert_str_eq(words, cases[i].words);
        ck_assert_ptr_nonnull(rs_policy_change_label(change));
    }
}
END_TEST

START_TEST(an_accepted_gate_passes_and_says_who_and_why_it_had_failed)
{
    g_autoptr(RsVerdict) verdict =
        verdict_of(RS_SEVERITY_CRITICAL, RS_VERDICT_REGRESSION, RS_SEVERITY_CRITICAL);
    char *why = NULL;

    ck_assert_int_eq(verdict->gate.exit_status, 1);
    ck_assert(rs_accept(verdict, acceptance_of(HEAD), &why));
    ck_assert_ptr_null(why);
    ck_assert_int_eq(verdict->gate.status, RS_GATE_ACCEPTED);
    ck_assert_int_eq(verdict->gate.exit_status, 0);
    ck_assert_int_eq(rs_gate_exit_status(verdict, &warn), 0);
    ck_assert_str_eq(verdict->gate.reason,
                     "accepted by octocat with label rustscope:accept: regressions: 1 critical");
    ck_assert_str_eq(verdict->acceptance->by, "octocat");
    ck_assert_int_eq(((RsRow *)verdict->rows->pdata[0])->verdict, RS_VERDICT_REGRESSION);
}
END_TEST

static void refused(RsVerdict *verdict, const char *head, const char *expected)
{
    RsGateStatus status = verdict->gate.status;
    int exit_status = verdict->gate.exit_status;
    g_autofree char *reason = g_strdup(verdict->gate.reason);
    g_autofree char *why = NULL;

    ck_assert(!rs_accept(verdict, acceptance_of(head), &why));
    ck_assert_str_eq(why, expected);
    ck_assert(!rs_accept(verdict, acceptance_of(head), NULL));
    ck_assert_int_eq(verdict->gate.status, status);
    ck_assert_int_eq(verdict->gate.exit_status, exit_status);
    ck_assert_str_eq(verdict->gate.reason, reason);
    ck_assert_ptr_null(verdict->acceptance);
}

START_TEST(what_did_not_fail_or_is_of_another_revision_is_not_accepted)
{
    g_autoptr(RsVerdict) failed =
        verdict_of(RS_SEVERITY_CRITICAL, RS_VERDICT_REGRESSION, RS_SEVERITY_CRITICAL);
    g_autoptr(RsVerdict) passed =
        verdict_of(RS_SEVERITY_CRITICAL, RS_VERDICT_UNCHANGED, RS_SEVERITY_NONE);
    g_autoptr(RsVerdict) undecided =
        verdict_of(RS_SEVERITY_CRITICAL, RS_VERDICT_INCONCLUSIVE, RS_SEVERITY_NONE);

    refused(failed, OTHER,
            "the acceptance is for revision 0000000000, and 9f3c1ab7bb was measured");
    refused(failed, "9f3c1ab7",
            "the acceptance is for revision 9f3c1ab7, and 9f3c1ab7bb was measured");
    refused(failed, "", "the acceptance does not tell which revision it is for");
    refused(failed, NULL, "the acceptance does not tell which revision it is for");
    refused(passed, HEAD, "the gate did not fail: there is nothing to accept");
    refused(undecided, HEAD, "the gate did not fail: there is nothing to accept");
    g_clear_pointer(&failed->change_head, g_free);
    refused(failed, HEAD, "the verdict does not tell which revision was measured");
}
END_TEST

START_TEST(errors_of_measuring_are_never_accepted)
{
    g_autoptr(RsVerdict) verdict =
        verdict_of(RS_SEVERITY_CRITICAL, RS_VERDICT_REGRESSION, RS_SEVERITY_CRITICAL);
    g_autoptr(RsFailure) failure = rs_failure_new(RS_ARM_CURRENT, "build");

    g_ptr_array_add(verdict->failures, rs_verdict_failure_new("parse", failure));
    rs_gate_decide(verdict, FALSE, TRUE);
    verdict->gate.exit_status = rs_gate_exit_status(verdict, &warn);
    refused(verdict, HEAD, "what could not be measured cannot be accepted");
    ck_assert_int_eq(verdict->gate.exit_status, 3);
}
END_TEST

START_TEST(an_acceptance_hides_no_missing_baseline_that_was_asked_for)
{
    const RsGateAnswers fail = {TRUE, TRUE, TRUE};
    g_autoptr(RsVerdict) verdict =
        verdict_of(RS_SEVERITY_CRITICAL, RS_VERDICT_REGRESSION, RS_SEVERITY_CRITICAL);

    ck_assert(rs_accept(verdict, acceptance_of(HEAD), NULL));
    ck_assert_int_eq(rs_gate_exit_status(verdict, &fail), 0);
    verdict->summary.n_no_baseline = 1;
    ck_assert_int_eq(rs_gate_exit_status(verdict, &fail), 4);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("all");

    tcase_add_test(tests, a_loosened_threshold_fails_a_gate_that_nothing_else_fails);
    tcase_add_test(tests, an_advisory_gate_says_what_it_would_have_been);
    tcase_add_test(tests, a_loosened_policy_fails_undecided_gates_and_no_error);
    tcase_add_test(tests, every_kind_of_change_has_its_sentence);
    tcase_add_test(tests, an_accepted_gate_passes_and_says_who_and_why_it_had_failed);
    tcase_add_test(tests, what_did_not_fail_or_is_of_another_revision_is_not_accepted);
    tcase_add_test(tests, errors_of_measuring_are_never_accepted);
    tcase_add_test(tests, an_acceptance_hides_no_missing_baseline_that_was_asked_for);
    return run_tests("acceptance", tests);
}
