/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analyze/compare.h"

#include "analyze/pairs.h"
#include "analyze/row.h"
#include "tests/unit/analyze_fixtures.h"

static void assert_pairs_say(guint n, double factor, RsVerdictKind kind, RsSeverity severity)
{
    g_autoptr(RsSession) session = rs_session_new();
    g_autoptr(RsVerdict) verdict = NULL;
    const RsRow *row;

    add_pairs(session, "b", n, factor);
    verdict = judge_pairs(session);
    row = row_of(verdict, "b", "wall");
    ck_assert_msg(row->verdict == kind, "%u pairs at %g: %s", n, factor,
                  rs_verdict_kind_names[row->verdict]);
    ck_assert_int_eq(row->severity, severity);
    ck_assert_double_eq_tol(row->change_pct, 100 * (factor - 1), 1);
    ck_assert(row->gated);
    ck_assert_int_eq(row->method, RS_METHOD_PAIRED);
}

START_TEST(pairs_get_the_verdict_and_severity_of_their_change)
{
    assert_pairs_say(40, 1.12, RS_VERDICT_REGRESSION, RS_SEVERITY_MINOR);
    assert_pairs_say(40, 1.17, RS_VERDICT_REGRESSION, RS_SEVERITY_MODERATE);
    assert_pairs_say(40, 1.30, RS_VERDICT_REGRESSION, RS_SEVERITY_CRITICAL);
    assert_pairs_say(40, 0.80, RS_VERDICT_IMPROVEMENT, RS_SEVERITY_NONE);
    assert_pairs_say(40, 1.05, RS_VERDICT_BELOW_THRESHOLD, RS_SEVERITY_NONE);
    assert_pairs_say(40, 1.00, RS_VERDICT_UNCHANGED, RS_SEVERITY_NONE);
    assert_pairs_say(3, 1.00, RS_VERDICT_INCONCLUSIVE, RS_SEVERITY_NONE);
    assert_pairs_say(3, 1.30, RS_VERDICT_INCONCLUSIVE, RS_SEVERITY_NONE);
}
END_TEST

START_TEST(three_won_pairs_have_the_p_value_computed_by_hand)
{
    /* stakes 1.2/3, (1.2 + 1/2)/4, (1.2 + 4/3)/5: wealth 1.4 x 1.425 x 1.5066... */
    double p = 1 / (1.4 * 1.425 * (1 + (1.2 + 4.0 / 3) / 5));
    g_autoptr(RsSession) session = rs_session_new();
    g_autoptr(RsVerdict) verdict = NULL;
    const RsRow *row;

    add_pairs(session, "b", 3, 1.3);
    verdict = judge_pairs(session);
    row = row_of(verdict, "b", "wall");
    ck_assert_double_eq_tol(row->p_value, p, 1e-9);
    ck_assert_double_eq_tol(row->p_adjusted, 2 * p, 1e-9);
    ck_assert_double_eq_tol(row->change_pct, 100 * (1.3 * 1.004 - 1), 1e-9);
}
END_TEST

START_TEST(a_regression_that_rounds_to_the_threshold_is_still_minor)
{
    g_autoptr(RsGate) gate = rs_gate_new();
    g_autoptr(RsSession) session = rs_session_new();
    RsBenchmark *benchmark = add_pairs(session, "b", 40, 1.3);
    guint n_incomplete;
    const char *why;
    g_autoptr(GArray) pairs = rs_trial_pairs(benchmark, &n_incomplete, &why);
    RsRowCase *row_case =
        rs_row_case_paired(gate, benchmark, rs_benchmark_metric(benchmark, "wall"), pairs);

    row_case->median_log_ratio = nextafter(log1p(0.1), 1);
    rs_row_case_decide_paired(row_case, gate, 0.001, 1, 1);
    ck_assert_int_eq(row_case->row->verdict, RS_VERDICT_REGRESSION);
    ck_assert_int_eq(row_case->row->severity, RS_SEVERITY_MINOR);
    row_case->median_log_ratio = row_case->state.log_threshold;
    rs_row_case_decide_paired(row_case, gate, 0.001, 1, 1);
    ck_assert_int_ne(row_case->row->verdict, RS_VERDICT_REGRESSION);
    rs_row_free(row_case->row);
    rs_row_case_free(row_case);
}
END_TEST

static RsVerdictKind verdict_in_family_of(guint n_family, RsCorrection correction)
{
    g_autoptr(RsGate) gate = rs_gate_new();
    g_autoptr(RsSession) session = rs_session_new();
    g_autoptr(RsVerdict) verdict = NULL;

    gate->n_family = n_family;
    gate->correction = correction;
    add_pairs(session, "b", 12, 1.3);
    verdict = judge_with(session, gate);
    return row_of(verdict, "b", "wall")->verdict;
}

START_TEST(the_whole_configuration_is_corrected_for_not_the_rows_at_hand)
{
    ck_assert_int_eq(verdict_in_family_of(2, RS_CORRECTION_HOLM), RS_VERDICT_REGRESSION);
    ck_assert_int_eq(verdict_in_family_of(10000, RS_CORRECTION_HOLM), RS_VERDICT_INCONCLUSIVE);
    ck_assert_int_eq(verdict_in_family_of(10000, RS_CORRECTION_NONE), RS_VERDICT_REGRESSION);
}
END_TEST

START_TEST(a_benchmark_has_its_own_threshold_and_metrics)
{
    g_autoptr(RsSession) session = rs_session_new();
    g_autoptr(RsVerdict) verdict = NULL;
    RsBenchmark *loose = add_pairs(session, "loose", 40, 1.3);
    const char *const only_cpu[] = {"cpu", NULL};
    const RsRow *row;

    loose->threshold_pct = 50;
    loose->gated_metrics = g_strdupv((char **)only_cpu);
    add_pairs(session, "strict", 40, 1.3);
    verdict = judge_pairs(session);
    row = row_of(verdict, "loose", "cpu");
    ck_assert_int_eq(row->verdict, RS_VERDICT_BELOW_THRESHOLD);
    ck_assert_double_eq(row->threshold_pct, 50);
    ck_assert_double_eq(row->bound_pct, 100);
    ck_assert(!row_of(verdict, "loose", "wall")->gated);
    ck_assert_int_eq(row_of(verdict, "strict", "wall")->verdict, RS_VERDICT_REGRESSION);
    ck_assert_uint_eq(verdict->gate.gate->n_family, 3);
}
END_TEST

START_TEST(a_gated_metric_that_was_not_measured_is_incomparable)
{
    g_autoptr(RsGate) gate = rs_gate_new();
    g_autoptr(RsSession) session = rs_session_new();
    g_autoptr(RsVerdict) verdict = NULL;

    gate_only(gate, "instructions");
    add_pairs(session, "b", 40, 1);
    verdict = judge_with(session, gate);
    ck_assert_int_eq(row_of(verdict, "b", "instructions")->verdict, RS_VERDICT_INCOMPARABLE);
    ck_assert_double_eq(row_of(verdict, "b", "instructions")->threshold_pct, 10);
    ck_assert_int_eq(verdict->gate.status, RS_GATE_UNDECIDED);
}
END_TEST

static void assert_value_is_incomparable(double value, const char *reason)
{
    g_autoptr(RsSession) session = rs_session_new();
    g_autoptr(RsVerdict) verdict = NULL;
    RsBenchmark *benchmark = add_pairs(session, "b", 40, 1);
    const RsRow *row;

    set_real(benchmark, 5, "wall", value);
    verdict = judge_pairs(session);
    row = row_of(verdict, "b", "wall");
    ck_assert_int_eq(row->verdict, RS_VERDICT_INCOMPARABLE);
    ck_assert_msg(strstr(row->reason, reason) != NULL, "%s", row->reason);
    ck_assert_int_eq(row_of(verdict, "b", "cpu")->verdict, RS_VERDICT_UNCHANGED);
}

START_TEST(a_zero_negative_or_absent_time_makes_its_row_incomparable)
{
    assert_value_is_incomparable(0, "zero in some trials");
    assert_value_is_incomparable(-1, "negative or non-finite");
    assert_value_is_incomparable(INFINITY, "negative or non-finite");
    assert_value_is_incomparable(NAN, "not measured in every trial");
}
END_TEST

START_TEST(equal_times_throughout_are_unchanged_not_an_error)
{
    g_autoptr(RsSession) session = rs_session_new();
    g_autoptr(RsVerdict) verdict = NULL;
    RsBenchmark *benchmark = add_pairs(session, "b", 40, 1);

    for (guint i = 0; i < rs_benchmark_n_trials(benchmark); i++)
        set_real(benchmark, i, "wall", 5e6);
    verdict = judge_pairs(session);
    ck_assert_int_eq(row_of(verdict, "b", "wall")->verdict, RS_VERDICT_UNCHANGED);
    ck_assert_double_eq(row_of(verdict, "b", "wall")->change_pct, 0);
}
END_TEST

START_TEST(where_higher_is_better_more_is_an_improvement)
{
    g_autoptr(RsSession) session = rs_session_new();
    g_autoptr(RsVerdict) verdict = NULL;
    RsBenchmark *more = add_pairs(session, "more", 40, 1.3);
    RsBenchmark *less = add_pairs(session, "less", 40, 0.7);

    rs_benchmark_metric(more, "wall")->direction = RS_HIGHER_IS_BETTER;
    rs_benchmark_metric(less, "wall")->direction = RS_HIGHER_IS_BETTER;
    verdict = judge_pairs(session);
    ck_assert_int_eq(row_of(verdict, "more", "wall")->verdict, RS_VERDICT_IMPROVEMENT);
    ck_assert_int_eq(row_of(verdict, "less", "wall")->verdict, RS_VERDICT_REGRESSION);
    ck_assert_double_eq_tol(row_of(verdict, "less", "wall")->change_pct, 100 * (1 / 0.7 - 1), 1);
}
END_TEST

/* Of every so many trials of the current side. */
static RsVerdict *throttled(double baseline_ns, double current_ns, guint every)
{
    g_autoptr(RsSession) session = rs_session_new();
    RsBenchmark *benchmark = add_pairs(session, "b", 40, 1.3);

    add_real(benchmark, "throttled", "ns", RS_LOWER_IS_BETTER);
    add_real(benchmark, "user", "ns", RS_LOWER_IS_BETTER);
    add_real(benchmark, "max_rss", "bytes", RS_LOWER_IS_BETTER);
    for (guint i = 0; i < rs_benchmark_n_trials(benchmark); i++) {
        gboolean is_current = g_array_index(benchmark->trial_arm, guint8, i) == RS_ARM_CURRENT;

        set_real(benchmark, i, "throttled", is_current && i % every < 2 ? current_ns : baseline_ns);
        set_real(benchmark, i, "user", is_current ? 2e6 : 1e6);
        set_real(benchmark, i, "max_rss", is_current ? 2e6 : 1e6);
    }
    return judge_pairs(session);
}

START_TEST(throttling_that_differs_caps_every_time_row_at_inconclusive)
{
    g_autoptr(RsVerdict) verdict = throttled(0, 20e6, 2);

    ck_assert_int_eq(row_of(verdict, "b", "wall")->verdict, RS_VERDICT_INCONCLUSIVE);
    ck_assert_int_eq(row_of(verdict, "b", "cpu")->verdict, RS_VERDICT_INCONCLUSIVE);
    ck_assert_int_eq(row_of(verdict, "b", "user")->verdict, RS_VERDICT_INCONCLUSIVE);
    ck_assert_int_eq(row_of(verdict, "b", "max_rss")->verdict, RS_VERDICT_REGRESSION);
    ck_assert_str_eq(row_of(verdict, "b", "wall")->reason,
                     "throttling differed between the two sides");
    ck_assert_int_eq(verdict->gate.status, RS_GATE_UNDECIDED);
}
END_TEST

START_TEST(throttling_of_a_few_trials_of_one_side_is_noise_that_the_test_stands)
{
    g_autoptr(RsVerdict) verdict = throttled(0, 50e6, 16); /* in 5 of 40 pairs, 5 % of the time */
    const RsRow *row = row_of(verdict, "b", "wall");

    ck_assert_int_eq(row->verdict, RS_VERDICT_REGRESSION);
    ck_assert(any_has(row->warnings, "stopped baseline for 0.0 % and current for 4."));
}
END_TEST

START_TEST(throttling_that_hits_both_sides_alike_only_warns)
{
    g_autoptr(RsVerdict) verdict = throttled(20e6, 26e6, 2);
    const RsRow *row = row_of(verdict, "b", "wall");

    ck_assert_int_eq(row->verdict, RS_VERDICT_REGRESSION);
    ck_assert(any_has(row->warnings, "stopped baseline for "));
}
END_TEST

START_TEST(identical_programs_are_unchanged_without_a_pair)
{
    g_autoptr(RsSession) session = rs_session_new();
    g_autoptr(RsVerdict) verdict = NULL;

    add_pairs(session, "b", 0, 1)->stop_reason = RS_STOP_IDENTICAL;
    verdict = judge_pairs(session);
    ck_assert_int_eq(row_of(verdict, "b", "wall")->verdict, RS_VERDICT_UNCHANGED);
    ck_assert_int_eq(verdict->gate.status, RS_GATE_PASSED);
}
END_TEST

static void assert_failures_mean(gboolean baseline, gboolean current, RsVerdictKind kind,
                                 RsGateStatus status, guint n_no_baseline)
{
    g_autoptr(RsSession) session = rs_session_new();
    g_autoptr(RsVerdict) verdict = NULL;
    RsBenchmark *benchmark = add_pairs(session, "b", 40, 1.5);

    if (baseline)
        add_failure(benchmark, RS_ARM_BASELINE, "exit status 1");
    if (current)
        add_failure(benchmark, RS_ARM_CURRENT, "exit status 2");
    verdict = judge_pairs(session);
    ck_assert_int_eq(row_of(verdict, "b", "wall")->verdict, kind);
    ck_assert_str_eq(row_of(verdict, "b", "wall")->reason,
                     current ? "current trial: exit status 2" : "baseline trial: exit status 1");
    ck_assert_int_eq(verdict->gate.status, status);
    ck_assert_uint_eq(verdict->summary.n_no_baseline, n_no_baseline);
    ck_assert_uint_eq(verdict->failures->len, (guint)(baseline + current));
}

START_TEST(a_failed_baseline_is_no_baseline_and_a_failed_current_an_error)
{
    assert_failures_mean(TRUE, FALSE, RS_VERDICT_NEW, RS_GATE_PASSED, 1);
    assert_failures_mean(FALSE, TRUE, RS_VERDICT_INCOMPARABLE, RS_GATE_ERROR, 0);
    assert_failures_mean(TRUE, TRUE, RS_VERDICT_INCOMPARABLE, RS_GATE_ERROR, 0);
}
END_TEST

START_TEST(a_benchmark_that_the_change_adds_is_new_and_no_failure)
{
    static const char *const argv[] = {"render", NULL};
    g_autoptr(RsSession) session = rs_session_new();
    g_autoptr(RsVerdict) verdict = NULL;
    RsBenchmark *added = rs_benchmark_new("added", RS_DESIGN_PAIRED);

    add_pairs(session, "b", 40, 1);
    added->programs[RS_ARM_CURRENT].argv = g_strdupv((char **)argv);
    added->stop_reason = RS_STOP_FAILED;
    g_ptr_array_add(session->benchmarks, added);
    session->profile = rs_profile_new();
    session->profile->diagnostics.backend = g_strdup("ptrace");
    verdict = judge_pairs(session);
    ck_assert_int_eq(row_of(verdict, "added", "wall")->verdict, RS_VERDICT_NEW);
    ck_assert_uint_eq(verdict->summary.n_no_baseline, 1);
    ck_assert_uint_eq(verdict->failures->len, 0);
    ck_assert_int_eq(verdict->gate.status, RS_GATE_PASSED);
    ck_assert_str_eq(verdict->sampler, "ptrace");
}
END_TEST

START_TEST(a_trial_without_partner_is_said_and_not_used)
{
    g_autoptr(RsSession) session = rs_session_new();
    g_autoptr(RsVerdict) verdict = NULL;
    RsBenchmark *benchmark = add_pairs(session, "b", 40, 1);
    guint lone = rs_benchmark_add_trial(benchmark, RS_ARM_BASELINE, 40, 0);

    set_real(benchmark, lone, "wall", 1);
    verdict = judge_pairs(session);
    ck_assert(any_has(verdict->warnings, "b: 1 trials have no partner"));
    ck_assert_uint_eq(row_of(verdict, "b", "wall")->n_baseline, 40);
    ck_assert_uint_eq(row_of(verdict, "b", "wall")->baseline.n, 40);
}
END_TEST

START_TEST(every_trial_of_a_gated_row_is_there_once_at_its_place)
{
    g_autoptr(RsSession) session = rs_session_new();
    g_autoptr(RsVerdict) verdict = NULL;
    const RsRow *row;
    guint seen[80] = {0};

    add_real(add_pairs(session, "b", 40, 1.3), "max_rss", "bytes", RS_LOWER_IS_BETTER);
    verdict = judge_pairs(session);
    row = row_of(verdict, "b", "wall");
    ck_assert_uint_eq(row->baseline.values->len + row->current.values->len, 80);
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++) {
        const RsRowSide *side = arm == RS_ARM_BASELINE ? &row->baseline : &row->current;

        ck_assert_uint_eq(side->positions->len, side->values->len);
        for (guint i = 0; i < side->positions->len; i++) {
            guint32 at = g_array_index(side->positions, guint32, i);

            ck_assert_uint_lt(at, 80);
            seen[at]++;
            ck_assert_uint_eq((at + at / 2) % 2, arm);
        }
    }
    for (guint i = 0; i < 80; i++)
        ck_assert_uint_eq(seen[i], 1);
    ck_assert_uint_eq(row_of(verdict, "b", "max_rss")->baseline.values->len, 0);
}
END_TEST

START_TEST(a_slower_second_place_is_detected_and_its_absence_is_not)
{
    g_autoptr(RsSession) slow = rs_session_new();
    g_autoptr(RsSession) fair = rs_session_new();
    g_autoptr(RsVerdict) slow_verdict = NULL;
    g_autoptr(RsVerdict) fair_verdict = NULL;

    add_pairs_at(slow, "b", 40, 1, 1.05);
    add_pairs(fair, "b", 40, 1);
    slow_verdict = judge_pairs(slow);
    fair_verdict = judge_pairs(fair);
    ck_assert_double_lt(slow_verdict->noise.position_p_value, 0.001);
    ck_assert_double_eq_tol(slow_verdict->noise.position_effect_pct, 5, 1.5);
    ck_assert_double_gt(fair_verdict->noise.position_p_value, 0.2);
}
END_TEST

static double mde_of(guint n)
{
    g_autoptr(RsSession) session = rs_session_new();
    g_autoptr(RsVerdict) verdict = NULL;
    const RsRow *row;

    add_pairs(session, "b", n, 1.02);
    verdict = judge_pairs(session);
    row = row_of(verdict, "b", "wall");
    ck_assert_double_le(row->ci_low_pct, row->change_pct);
    ck_assert_double_ge(row->ci_high_pct, row->change_pct);
    ck_assert_double_eq_tol(row->ci_level_pct, 95, 1e-9);
    return row->mde_pct;
}

START_TEST(the_interval_holds_the_effect_and_more_pairs_resolve_more)
{
    double few = mde_of(14), many = mde_of(60);

    ck_assert(isfinite(few) && isfinite(many));
    ck_assert_double_gt(many, 10);
    ck_assert_double_lt(many, few);
}
END_TEST

START_TEST(one_seed_gives_one_verdict)
{
    ck_assert_double_eq(mde_of(30), mde_of(30));
}
END_TEST

/* --- two files --- */

static RsVerdict *judge_files(const RsSession *baseline, const RsSession *current,
                              gboolean gate_unpaired)
{
    g_autoptr(RsGate) gate = rs_gate_new();
    RsCompareOptions options = {.gate = gate, .gate_unpaired = gate_unpaired, .seed = 1};

    gate_only(gate, "wall");
    return rs_compare_files(baseline, current, &options);
}

typedef struct {
    RsSession *baseline, *current;
    RsVerdict *verdict;
} Files;

static Files two_files(guint n, double factor)
{
    Files files = {.baseline = rs_session_new(), .current = rs_session_new()};

    add_single(files.baseline, "b", n, 1);
    add_single(files.current, "b", n, factor);
    return files;
}

static const RsRow *row_of_files(Files *files)
{
    files->verdict = judge_files(files->baseline, files->current, TRUE);
    return row_of(files->verdict, "b", "wall");
}

static void files_clear(Files *files)
{
    rs_session_free(files->baseline);
    rs_session_free(files->current);
    rs_verdict_free(files->verdict);
}

static void assert_files_say(guint n, double factor, RsVerdictKind kind, RsSeverity severity)
{
    Files files = two_files(n, factor);
    const RsRow *row = row_of_files(&files);

    ck_assert_msg(row->verdict == kind, "%u at %g: %s", n, factor,
                  rs_verdict_kind_names[row->verdict]);
    ck_assert_int_eq(row->severity, severity);
    files_clear(&files);
}

START_TEST(files_measured_apart_get_their_verdict)
{
    assert_files_say(20, 1.12, RS_VERDICT_REGRESSION, RS_SEVERITY_MINOR);
    assert_files_say(20, 1.3, RS_VERDICT_REGRESSION, RS_SEVERITY_CRITICAL);
    assert_files_say(20, 0.8, RS_VERDICT_IMPROVEMENT, RS_SEVERITY_NONE);
    assert_files_say(20, 1.05, RS_VERDICT_BELOW_THRESHOLD, RS_SEVERITY_NONE);
    assert_files_say(20, 1, RS_VERDICT_UNCHANGED, RS_SEVERITY_NONE);
    assert_files_say(4, 1.3, RS_VERDICT_INCOMPARABLE, RS_SEVERITY_NONE);
}
END_TEST

START_TEST(a_large_change_that_is_not_significant_is_inconclusive)
{
    Files files = two_files(5, 1);
    RsBenchmark *current = rs_session_find(files.current, "b");
    const RsRow *row;

    set_real(current, 0, "wall", 3 * BASE_NS);
    row = row_of_files(&files);
    ck_assert_double_gt(row->change_pct, 10);
    ck_assert_double_gt(row->p_value, 0.05);
    ck_assert_int_eq(row->verdict, RS_VERDICT_INCONCLUSIVE);
    files_clear(&files);
}
END_TEST

START_TEST(welch_agrees_with_a_case_computed_by_hand)
{
    /* 1..5 and 2,4..10: means 3 and 6, squared errors 0.5 and 2; t = 3 / sqrt 2.5 = 1.8974,
     * df = 2.5^2 / (0.25/4 + 4/4) = 5.882; p = 0.1073 (two-sided) */
    Files files = two_files(5, 1);
    const RsRow *row;

    for (guint i = 0; i < 5; i++) {
        set_real(rs_session_find(files.baseline, "b"), i, "wall", i + 1);
        set_real(rs_session_find(files.current, "b"), i, "wall", 2 * (i + 1));
    }
    row = row_of_files(&files);
    ck_assert_double_eq_tol(row->change_pct, 100, 1e-9);
    ck_assert_double_eq_tol(row->p_value, 0.1073, 0.0005);
    files_clear(&files);
}
END_TEST

START_TEST(a_rate_that_may_be_zero_is_not_called_unchanged)
{
    Files files = two_files(5, 1);
    RsBenchmark *current = rs_session_find(files.current, "b");
    const RsRow *row;

    rs_benchmark_metric(current, "wall")->direction = RS_HIGHER_IS_BETTER;
    rs_benchmark_metric(rs_session_find(files.baseline, "b"), "wall")->direction =
        RS_HIGHER_IS_BETTER;
    for (guint i = 0; i < 5; i++)
        set_real(current, i, "wall", i ? BASE_NS / 100 : 5 * BASE_NS);
    row = row_of_files(&files);
    ck_assert_int_eq(row->verdict, RS_VERDICT_INCONCLUSIVE);
    ck_assert(isnan(row->ci_high_pct));
    files_clear(&files);
}
END_TEST

START_TEST(files_of_mixed_units_or_broken_values_are_incomparable)
{
    static const char *const reasons[] = {"mixed units: ns in the baseline, ms now",
                                          "the current file holds negative or non-finite values",
                                          "a mean of zero has no change in per cent"};

    for (guint i = 0; i < G_N_ELEMENTS(reasons); i++) {
        Files files = two_files(20, 1.3);
        RsBenchmark *current = rs_session_find(files.current, "b");
        const RsRow *row;

        if (i == 0) {
            g_free(rs_benchmark_metric(current, "wall")->unit);
            rs_benchmark_metric(current, "wall")->unit = g_strdup("ms");
        }
        set_real(current, 3, "wall", i == 1 ? -1 : BASE_NS);
        for (guint j = 0; i == 2 && j < 20; j++)
            set_real(current, j, "wall", 0);
        row = row_of_files(&files);
        ck_assert_int_eq(row->verdict, RS_VERDICT_INCOMPARABLE);
        ck_assert_str_eq(row->reason, reasons[i]);
        files_clear(&files);
    }
}
END_TEST

START_TEST(constant_times_are_judged_with_a_warning)
{
    Files files = two_files(6, 1);
    const RsRow *row;

    for (guint i = 0; i < 6; i++) {
        set_real(rs_session_find(files.baseline, "b"), i, "wall", 10);
        set_real(rs_session_find(files.current, "b"), i, "wall", 13);
    }
    row = row_of_files(&files);
    ck_assert_int_eq(row->verdict, RS_VERDICT_REGRESSION);
    ck_assert(any_has(row->warnings, "no variance in either side"));
    files_clear(&files);
}
END_TEST

START_TEST(trials_that_drift_are_warned_of)
{
    Files files = two_files(20, 1);
    const RsRow *row;

    for (guint i = 0; i < 20; i++)
        set_real(rs_session_find(files.current, "b"), i, "wall", BASE_NS + i * 1e5);
    row = row_of_files(&files);
    ck_assert(any_has(row->warnings, "current: neighbouring trials resemble each other"));
    files_clear(&files);
}
END_TEST

START_TEST(different_machines_are_incomparable)
{
    Files files = two_files(20, 1.5);
    const RsRow *row;

    files.baseline->machine.fingerprint = g_strdup("a");
    files.current->machine.fingerprint = g_strdup("b");
    row = row_of_files(&files);
    ck_assert_int_eq(row->verdict, RS_VERDICT_INCOMPARABLE);
    ck_assert_int_eq(files.verdict->gate.status, RS_GATE_UNDECIDED);
    files_clear(&files);
}
END_TEST

START_TEST(files_measured_apart_gate_only_when_allowed)
{
    Files files = two_files(20, 1.5);
    g_autoptr(RsVerdict) not_allowed = judge_files(files.baseline, files.current, FALSE);

    row_of_files(&files);
    ck_assert_int_eq(files.verdict->gate.status, RS_GATE_FAILED);
    ck_assert_int_eq(not_allowed->gate.status, RS_GATE_UNDECIDED);
    ck_assert(strstr(not_allowed->gate.reason, "--allow-unpaired") != NULL);
    files_clear(&files);
}
END_TEST

START_TEST(benchmarks_of_one_file_only_are_new_or_missing)
{
    Files files = two_files(20, 1);

    add_single(files.baseline, "old", 20, 1);
    add_single(files.current, "young", 20, 1);
    row_of_files(&files);
    ck_assert_int_eq(row_of(files.verdict, "old", "wall")->verdict, RS_VERDICT_MISSING);
    ck_assert_int_eq(row_of(files.verdict, "young", "wall")->verdict, RS_VERDICT_NEW);
    ck_assert_uint_eq(files.verdict->summary.n_no_baseline, 1);
    ck_assert_int_eq(files.verdict->gate.status, RS_GATE_UNDECIDED);
    files_clear(&files);
}
END_TEST

START_TEST(a_current_file_whose_program_failed_is_an_error)
{
    Files files = two_files(20, 1);
    const RsRow *row;

    add_failure(rs_session_find(files.current, "b"), RS_ARM_BASELINE, "killed");
    row = row_of_files(&files);
    ck_assert_int_eq(files.verdict->gate.status, RS_GATE_ERROR);
    ck_assert_str_eq(row->reason, "current trial: killed");
    ck_assert_uint_eq(files.verdict->summary.n_no_baseline, 0);
    files_clear(&files);
}
END_TEST

START_TEST(a_baseline_file_whose_program_failed_is_no_baseline)
{
    Files files = two_files(20, 1);

    add_failure(rs_session_find(files.baseline, "b"), RS_ARM_BASELINE, "killed");
    ck_assert_int_eq(row_of_files(&files)->verdict, RS_VERDICT_NEW);
    ck_assert_uint_eq(files.verdict->summary.n_no_baseline, 1);
    ck_assert_int_eq(files.verdict->gate.status, RS_GATE_PASSED);
    files_clear(&files);
}
END_TEST

START_TEST(files_without_trials_list_their_functions)
{
    g_autoptr(RsSession) baseline = rs_session_new();
    g_autoptr(RsSession) current = rs_session_new();
    g_autoptr(RsVerdict) verdict = NULL;
    RsFunction *before = rs_function_new("parse"), *after = rs_function_new("parse");
    const RsFunctionChange *change;

    before->self_ns = 100;
    after->self_ns = 150;
    g_ptr_array_add(rs_session_functions(baseline), before);
    g_ptr_array_add(rs_session_functions(current), after);
    verdict = judge_files(baseline, current, TRUE);
    ck_assert_uint_eq(verdict->functions->len, 1);
    change = g_ptr_array_index(verdict->functions, 0);
    ck_assert_double_eq_tol(change->change_pct, 50, 1e-9);
    ck_assert_uint_eq(verdict->rows->len, 0);
    ck_assert_int_eq(verdict->gate.status, RS_GATE_UNDECIDED);
    ck_assert(any_has(verdict->warnings, "neither file holds trials"));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        pairs_get_the_verdict_and_severity_of_their_change,
        three_won_pairs_have_the_p_value_computed_by_hand,
        a_regression_that_rounds_to_the_threshold_is_still_minor,
        the_whole_configuration_is_corrected_for_not_the_rows_at_hand,
        a_benchmark_has_its_own_threshold_and_metrics,
        a_gated_metric_that_was_not_measured_is_incomparable,
        a_zero_negative_or_absent_time_makes_its_row_incomparable,
        equal_times_throughout_are_unchanged_not_an_error,
        where_higher_is_better_more_is_an_improvement,
        throttling_that_differs_caps_every_time_row_at_inconclusive,
        throttling_of_a_few_trials_of_one_side_is_noise_that_the_test_stands,
        throttling_that_hits_both_sides_alike_only_warns,
        identical_programs_are_unchanged_without_a_pair,
        a_benchmark_that_the_change_adds_is_new_and_no_failure,
        a_failed_baseline_is_no_baseline_and_a_failed_current_an_error,
        a_trial_without_partner_is_said_and_not_used,
        every_trial_of_a_gated_row_is_there_once_at_its_place,
        a_slower_second_place_is_detected_and_its_absence_is_not,
        the_interval_holds_the_effect_and_more_pairs_resolve_more,
        one_seed_gives_one_verdict,
        files_measured_apart_get_their_verdict,
        a_large_change_that_is_not_significant_is_inconclusive,
        welch_agrees_with_a_case_computed_by_hand,
        a_rate_that_may_be_zero_is_not_called_unchanged,
        files_of_mixed_units_or_broken_values_are_incomparable,
        constant_times_are_judged_with_a_warning,
        trials_that_drift_are_warned_of,
        different_machines_are_incomparable,
        files_measured_apart_gate_only_when_allowed,
        benchmarks_of_one_file_only_are_new_or_missing,
        a_current_file_whose_program_failed_is_an_error,
        a_baseline_file_whose_program_failed_is_no_baseline,
        files_without_trials_list_their_functions,
    };

    return run_claims("compare", tests, G_N_ELEMENTS(tests));
}
