/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/names.h"

#include "tests/unit/analyze_fixtures.h"

START_TEST(every_word_is_found_at_its_own_value)
{
    for (int i = 0; i < RS_N_VERDICTS; i++)
        ck_assert_int_eq(rs_name_index(rs_verdict_kind_names, rs_verdict_kind_names[i]), i);
    ck_assert_int_eq(rs_name_index(rs_verdict_kind_names, "fine"), -1);
    ck_assert_int_eq(rs_name_index(rs_verdict_kind_names, NULL), -1);
}
END_TEST

START_TEST(any_is_minor_and_other_words_are_refused)
{
    RsSeverity fail_on = RS_SEVERITY_CRITICAL;

    ck_assert(rs_fail_on_parse("any", &fail_on));
    ck_assert_int_eq(fail_on, RS_SEVERITY_MINOR);
    ck_assert(rs_fail_on_parse("none", &fail_on));
    ck_assert_int_eq(fail_on, RS_SEVERITY_NONE);
    ck_assert(!rs_fail_on_parse("major", &fail_on));
    ck_assert(!rs_fail_on_parse(NULL, &fail_on));
    ck_assert_int_eq(fail_on, RS_SEVERITY_NONE);
}
END_TEST

START_TEST(the_bound_is_the_severity_asked_for_times_the_threshold)
{
    g_autoptr(RsGate) gate = rs_gate_new();

    ck_assert_double_eq(rs_gate_bound_pct(gate, 10), 20);
    gate->fail_on = RS_SEVERITY_MODERATE;
    ck_assert_double_eq(rs_gate_bound_pct(gate, 10), 15);
    gate->fail_on = RS_SEVERITY_MINOR;
    ck_assert_double_eq(rs_gate_bound_pct(gate, 10), 10);
    gate->fail_on = RS_SEVERITY_NONE;
    ck_assert(isinf(rs_gate_bound_pct(gate, 10)));
}
END_TEST

START_TEST(a_metric_that_appears_late_is_absent_before)
{
    g_autoptr(RsBenchmark) benchmark = rs_benchmark_new("b", RS_DESIGN_SINGLE);
    RsMetric *metric;
    guint trial;

    rs_benchmark_add_trial(benchmark, RS_ARM_BASELINE, 0, 0);
    metric = rs_benchmark_add_metric(benchmark, "m", "count", RS_LOWER_IS_BETTER, RS_COUNT);
    trial = rs_benchmark_add_trial(benchmark, RS_ARM_BASELINE, 1, 0);
    ck_assert(isnan(rs_metric_value(metric, 0)) && isnan(rs_metric_value(metric, 1)));
    rs_benchmark_set_value(benchmark, trial, metric, (RsValue){.count = 0});
    ck_assert_double_eq(rs_metric_value(metric, 1), 0);
    ck_assert_uint_eq(metric->values->len, rs_benchmark_n_trials(benchmark));
}
END_TEST

static RsRow *add_row(RsVerdict *verdict, const char *metric, RsVerdictKind kind, gboolean gated)
{
    RsRow *row = rs_row_new("b", metric, "ns", RS_LOWER_IS_BETTER);

    row->verdict = kind;
    row->gated = gated;
    g_ptr_array_add(verdict->rows, row);
    return row;
}

START_TEST(a_benchmark_is_as_bad_as_its_worst_gated_row)
{
    static const RsVerdictKind from_good_to_bad[] = {
        RS_VERDICT_UNCHANGED,    RS_VERDICT_BELOW_THRESHOLD, RS_VERDICT_IMPROVEMENT,
        RS_VERDICT_NEW,          RS_VERDICT_MISSING,         RS_VERDICT_INCOMPARABLE,
        RS_VERDICT_INCONCLUSIVE, RS_VERDICT_REGRESSION};
    g_autoptr(RsGate) gate = rs_gate_new();
    g_autoptr(RsVerdict) verdict = rs_verdict_new(gate);

    add_row(verdict, "max_rss", RS_VERDICT_REGRESSION, FALSE)->severity = RS_SEVERITY_CRITICAL;
    for (guint i = 0; i < G_N_ELEMENTS(from_good_to_bad); i++) {
        RsRow *row = add_row(verdict, "wall", from_good_to_bad[i], TRUE);

        if (row->verdict == RS_VERDICT_REGRESSION)
            row->severity = RS_SEVERITY_MINOR;
        ck_assert_ptr_eq(rs_verdict_worst_row(verdict, "b"), row);
        rs_verdict_summarize(verdict);
        ck_assert_uint_eq(verdict->summary.n_benchmarks, 1);
        ck_assert_uint_eq(verdict->summary.n_by_verdict[row->verdict], 1);
        ck_assert_uint_eq(verdict->summary.n_gated_rows, i + 1);
        ck_assert_uint_eq(verdict->summary.n_rows, i + 2);
    }
    ck_assert_uint_eq(verdict->summary.n_by_severity[RS_SEVERITY_MINOR], 1);
    ck_assert_uint_eq(verdict->summary.n_by_severity[RS_SEVERITY_CRITICAL], 0);
    ck_assert_ptr_null(rs_verdict_worst_row(verdict, "other"));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        every_word_is_found_at_its_own_value,
        any_is_minor_and_other_words_are_refused,
        the_bound_is_the_severity_asked_for_times_the_threshold,
        a_metric_that_appears_late_is_absent_before,
        a_benchmark_is_as_bad_as_its_worst_gated_row,
    };

    return run_claims("model", tests, G_N_ELEMENTS(tests));
}
