/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analyze/gate.h"

#include "tests/unit/analyze_fixtures.h"

static void add_row(RsVerdict *verdict, const char *name, RsVerdictKind kind, RsSeverity severity)
{
    RsRow *row = rs_row_new(name, "wall", "ns", RS_LOWER_IS_BETTER);

    row->gated = TRUE;
    row->verdict = kind;
    row->severity = severity;
    g_ptr_array_add(verdict->rows, row);
}

static RsVerdict *verdict_of(RsSeverity fail_on, RsVerdictKind kind, RsSeverity severity)
{
    g_autoptr(RsGate) gate = rs_gate_new();
    RsVerdict *verdict = NULL;

    gate->fail_on = fail_on;
    verdict = rs_verdict_new(gate);
    add_row(verdict, "b", kind, severity);
    return verdict;
}

static void fail_current(RsVerdict *verdict)
{
    g_autoptr(RsFailure) failure = rs_failure_new(RS_ARM_CURRENT, "build");

    g_ptr_array_add(verdict->failures, rs_verdict_failure_new("b", failure));
}

START_TEST(severity_begins_above_its_bound_not_at_it)
{
    g_autoptr(RsGate) gate = rs_gate_new();

    ck_assert_int_eq(rs_gate_severity(gate, 10, 10), RS_SEVERITY_NONE);
    ck_assert_int_eq(rs_gate_severity(gate, 10, 10.01), RS_SEVERITY_MINOR);
    ck_assert_int_eq(rs_gate_severity(gate, 10, 15), RS_SEVERITY_MINOR);
    ck_assert_int_eq(rs_gate_severity(gate, 10, 15.01), RS_SEVERITY_MODERATE);
    ck_assert_int_eq(rs_gate_severity(gate, 10, 20), RS_SEVERITY_MODERATE);
    ck_assert_int_eq(rs_gate_severity(gate, 10, 20.01), RS_SEVERITY_CRITICAL);
    gate->moderate_factor = 2;
    gate->critical_factor = 5;
    ck_assert_int_eq(rs_gate_severity(gate, 10, 20), RS_SEVERITY_MINOR);
    ck_assert_int_eq(rs_gate_severity(gate, 10, 50), RS_SEVERITY_MODERATE);
    ck_assert_int_eq(rs_gate_severity(gate, 10, 51), RS_SEVERITY_CRITICAL);
}
END_TEST

START_TEST(the_gate_fails_from_the_severity_asked_for)
{
    for (RsSeverity fail_on = RS_SEVERITY_NONE; fail_on < RS_N_SEVERITIES; fail_on++)
        for (RsSeverity severity = RS_SEVERITY_MINOR; severity < RS_N_SEVERITIES; severity++) {
            g_autoptr(RsVerdict) verdict = verdict_of(fail_on, RS_VERDICT_REGRESSION, severity);
            gboolean fails = fail_on != RS_SEVERITY_NONE && severity >= fail_on;

            rs_gate_decide(verdict, FALSE, TRUE);
            ck_assert_int_eq(verdict->gate.status, fails ? RS_GATE_FAILED : RS_GATE_PASSED);
            ck_assert_int_eq(verdict->gate.would_be,
                             fails || (!fail_on && severity == RS_SEVERITY_CRITICAL)
                                 ? RS_GATE_FAILED
                                 : RS_GATE_PASSED);
        }
}
END_TEST

START_TEST(a_failure_hides_no_undecided_row_and_an_error_tops_both)
{
    g_autoptr(RsVerdict) verdict =
        verdict_of(RS_SEVERITY_MINOR, RS_VERDICT_INCONCLUSIVE, RS_SEVERITY_NONE);

    rs_gate_decide(verdict, FALSE, TRUE);
    ck_assert_int_eq(verdict->gate.status, RS_GATE_UNDECIDED);
    add_row(verdict, "c", RS_VERDICT_REGRESSION, RS_SEVERITY_MINOR);
    rs_gate_decide(verdict, FALSE, TRUE);
    ck_assert_int_eq(verdict->gate.status, RS_GATE_FAILED);
    fail_current(verdict);
    rs_gate_decide(verdict, FALSE, TRUE);
    ck_assert_int_eq(verdict->gate.status, RS_GATE_ERROR);
}
END_TEST

START_TEST(each_answer_concerns_its_own_verdict)
{
    const RsGateAnswers inconclusive = {.fail_on_inconclusive = TRUE};
    const RsGateAnswers incomparable = {.fail_on_incomparable = TRUE};
    g_autoptr(RsVerdict) undecided =
        verdict_of(RS_SEVERITY_CRITICAL, RS_VERDICT_INCONCLUSIVE, RS_SEVERITY_NONE);
    g_autoptr(RsVerdict) other =
        verdict_of(RS_SEVERITY_CRITICAL, RS_VERDICT_INCOMPARABLE, RS_SEVERITY_NONE);

    rs_gate_decide(undecided, FALSE, TRUE);
    rs_gate_decide(other, FALSE, TRUE);
    ck_assert_int_eq(rs_gate_exit_status(undecided, &inconclusive), 6);
    ck_assert_int_eq(rs_gate_exit_status(undecided, &incomparable), 0);
    ck_assert_int_eq(rs_gate_exit_status(other, &inconclusive), 0);
    ck_assert_int_eq(rs_gate_exit_status(other, &incomparable), 6);
}
END_TEST

START_TEST(files_that_may_not_gate_are_undecided_whatever_their_rows)
{
    static const RsVerdictKind kinds[] = {RS_VERDICT_UNCHANGED, RS_VERDICT_REGRESSION,
                                          RS_VERDICT_INCOMPARABLE, RS_VERDICT_MISSING};
    const RsGateAnswers inconclusive = {.fail_on_inconclusive = TRUE}, warn = {0};

    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autoptr(RsVerdict) verdict =
            verdict_of(RS_SEVERITY_CRITICAL, kinds[i],
                       kinds[i] == RS_VERDICT_REGRESSION ? RS_SEVERITY_CRITICAL : RS_SEVERITY_NONE);

        rs_gate_decide(verdict, FALSE, FALSE);
        ck_assert_int_eq(verdict->gate.status, RS_GATE_UNDECIDED);
        ck_assert_int_eq(rs_gate_exit_status(verdict, &inconclusive), 6);
        ck_assert_int_eq(rs_gate_exit_status(verdict, &warn), 0);
    }
}
END_TEST

START_TEST(each_status_has_its_exit_status_with_and_without_its_answer)
{
    static const struct {
        RsVerdictKind kind;
        guint n_no_baseline;
        gboolean fail_on_missing, has_failure;
        int warned, failed;
    } cases[] = {
        {RS_VERDICT_UNCHANGED, 0, FALSE, FALSE, 0, 0},
        {RS_VERDICT_REGRESSION, 0, FALSE, FALSE, 1, 1},
        {RS_VERDICT_REGRESSION, 1, FALSE, FALSE, 1, 1},
        {RS_VERDICT_REGRESSION, 1, FALSE, TRUE, 3, 3},
        {RS_VERDICT_INCONCLUSIVE, 0, FALSE, FALSE, 0, 6},
        {RS_VERDICT_INCOMPARABLE, 0, FALSE, FALSE, 0, 6},
        {RS_VERDICT_INCONCLUSIVE, 1, FALSE, FALSE, 0, 4},
        {RS_VERDICT_NEW, 1, FALSE, FALSE, 0, 4},
        {RS_VERDICT_MISSING, 0, FALSE, FALSE, 0, 0},
        {RS_VERDICT_MISSING, 0, TRUE, FALSE, 1, 1},
    };
    const RsGateAnswers warn = {0}, fail = {TRUE, TRUE, TRUE};

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(RsVerdict) verdict = verdict_of(
            RS_SEVERITY_CRITICAL, cases[i].kind,
            cases[i].kind == RS_VERDICT_REGRESSION ? RS_SEVERITY_CRITICAL : RS_SEVERITY_NONE);

        verdict->summary.n_no_baseline = cases[i].n_no_baseline;
        if (cases[i].has_failure)
            fail_current(verdict);
        rs_gate_decide(verdict, cases[i].fail_on_missing, TRUE);
        ck_assert_msg(rs_gate_exit_status(verdict, &warn) == cases[i].warned, "case %u", i);
        ck_assert_msg(rs_gate_exit_status(verdict, &fail) == cases[i].failed, "case %u", i);
    }
}
END_TEST

START_TEST(nothing_to_judge_is_undecided)
{
    g_autoptr(RsGate) gate = rs_gate_new();
    g_autoptr(RsVerdict) verdict = rs_verdict_new(gate);

    rs_gate_decide(verdict, FALSE, TRUE);
    ck_assert_int_eq(verdict->gate.status, RS_GATE_UNDECIDED);
    ck_assert_str_eq(verdict->gate.reason, "there is nothing to judge");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        severity_begins_above_its_bound_not_at_it,
        the_gate_fails_from_the_severity_asked_for,
        a_failure_hides_no_undecided_row_and_an_error_tops_both,
        each_answer_concerns_its_own_verdict,
        files_that_may_not_gate_are_undecided_whatever_their_rows,
        each_status_has_its_exit_status_with_and_without_its_answer,
        nothing_to_judge_is_undecided,
    };

    return run_claims("gate", tests, G_N_ELEMENTS(tests));
}
