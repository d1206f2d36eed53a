/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analyze/row.h"

#include <math.h>

#include "analyze/compare.h"
#include "analyze/pairs.h"
#include "analyze/plan.h"
#include "stats/pair_interval.h"
#include "stats/pair_mde.h"
#include "stats/power.h"
#include "stats/proportion.h"
#include "stats/series.h"
#include "stats/summary.h"
#include "stats/welch.h"

#define MDE_REPLAYS   100
#define POWER         0.95
#define MANY_OUTLIERS 0.1
#define FEW_OUTLIERS  3 /* not worth a word */

void rs_row_case_free(RsRowCase *row_case)
{
    if (!row_case)
        return;
    g_clear_pointer(&row_case->log_ratios, g_array_unref);
    g_free(row_case);
}

void rs_row_settle(RsRow *row, RsVerdictKind verdict, const char *reason)
{
    row->verdict = verdict;
    row->severity = RS_SEVERITY_NONE;
    g_free(row->reason);
    row->reason = g_strdup(reason);
}

static void warn(RsRow *row, char *sentence)
{
    g_ptr_array_add(row->warnings, sentence);
}

static double pct_of_log(double log_ratio)
{
    return 100 * expm1(log_ratio);
}

static void describe_side(RsRowSide *side, const GArray *values)
{
    RsSummary summary;

    side->n = values->len;
    if (!rs_summarize((double *)values->data, values->len, &summary, NULL))
        return;
    side->mean = summary.mean;
    side->median = summary.median;
    side->sd = summary.n > 1 ? summary.sd : NAN;
    side->mad = summary.mad;
    side->min = summary.min;
    side->max = summary.max;
    side->n_outliers = (guint)summary.n_outliers;
}

/* Keeps the values with their places for the plots of a gated row, or lets them go. */
static void keep_values(RsRowSide *side, GArray *values, GArray *positions, gboolean keep)
{
    if (!keep)
        return;
    g_array_append_vals(side->values, values->data, values->len);
    g_array_append_vals(side->positions, positions->data, positions->len);
}

/* One side of all complete pairs: pair k has the places 2k and 2k + 1. */
static void fill_paired_side(RsRowSide *side, const RsMetric *metric, const GArray *pairs,
                             RsArm arm, gboolean with_values)
{
    g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(double));
    g_autoptr(GArray) positions = g_array_new(FALSE, FALSE, sizeof(guint32));

    for (guint i = 0; i < pairs->len; i++) {
        const RsTrialPair *pair = &g_array_index(pairs, RsTrialPair, i);
        double value = rs_metric_value(metric, arm == RS_ARM_BASELINE ? pair->baseline_trial
                                                                      : pair->current_trial);
        guint32 position = 2 * i + (pair->first != arm);

        if (!isfinite(value))
            continue;
        g_array_append_val(values, value);
        g_array_append_val(positions, position);
    }
    describe_side(side, values);
    keep_values(side, values, positions, with_values);
}

static void fill_side(RsRowSide *side, const RsBenchmark *benchmark, const RsMetric *metric,
                      RsArm arm)
{
    g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(double));
    g_autoptr(GArray) positions = g_array_new(FALSE, FALSE, sizeof(guint32));

    for (guint i = 0; i < rs_benchmark_n_trials(benchmark); i++) {
        double value = rs_metric_value(metric, i);

        if (g_array_index(benchmark->trial_arm, guint8, i) != arm || !isfinite(value))
            continue;
        g_array_append_val(values, value);
        g_array_append_val(positions, i);
    }
    describe_side(side, values);
    keep_values(side, values, positions, TRUE);
}

static void warn_of_shape(RsRow *row, const RsRowSide *side, RsArm arm)
{
    RsBimodality modes;

    if (side->n_outliers >= FEW_OUTLIERS && side->n_outliers > MANY_OUTLIERS * side->n)
        warn(row, g_strdup_printf("%s: %u of %u trials are outliers (kept, not removed)",
                                  rs_arm_names[arm], side->n_outliers, side->n));
    if (side->values->len && !(side->min > 0))
        return;
    if (rs_series_bimodality((double *)side->values->data, side->values->len, &modes, NULL) &&
        modes.is_bimodal)
        warn(row, g_strdup_printf("%s: two modes, %.0f %% of the trials in the slower one",
                                  rs_arm_names[arm], 100 * modes.high_share_frac));
}

static RsRowCase *row_case_new(const RsGate *gate, const RsBenchmark *benchmark,
                               const RsMetric *metric)
{
    RsRowCase *row_case = g_new0(RsRowCase, 1);
    RsRow *row = rs_row_new(benchmark->name, metric->name, metric->unit, metric->direction);

    row->threshold_pct = rs_threshold_pct_of(gate, benchmark);
    row->bound_pct = rs_gate_bound_pct(gate, row->threshold_pct);
    row->gated = rs_benchmark_gates(gate, benchmark, metric->name);
    row->launches_per_trial = benchmark->launches_per_trial;
    row->stop_reason = benchmark->stop_reason;
    row_case->row = row;
    row_case->p_slower = row_case->p_faster = 1;
    return row_case;
}

/* --- pairs --- */

/* Of one trial; its wall time is added to wall_ns. */
static double throttled_ns(const RsBenchmark *benchmark, guint trial, double *wall_ns)
{
    const RsMetric *throttled = rs_benchmark_metric(benchmark, "throttled");
    const RsMetric *wall = rs_benchmark_metric(benchmark, "wall");
    double ns = throttled ? rs_metric_value(throttled, trial) : NAN;
    double trial_ns = wall ? rs_metric_value(wall, trial) : NAN;

    if (!isfinite(ns) || !(trial_ns > 0) || !isfinite(trial_ns))
        return 0;
    *wall_ns += trial_ns;
    return ns;
}

#define THROTTLING_MAY_DIFFER_FRAC 0.01

typedef struct {
    double baseline_frac, current_frac; /* of the wall time of the side's trials */
    gboolean goes_with_side;
} Throttling;

/* Throttling that comes at random is noise like any other, and a few pairs have it in the mean: the
 * tests stand it. What the pairs have on the same side, by a sign test, is a difference. */
static Throttling throttling_of(const RsBenchmark *benchmark, const GArray *pairs)
{
    double ns[2] = {0}, wall_ns[2] = {0}, low, high;
    guint n_differ = 0, n_current = 0;
    Throttling throttling = {0};

    for (guint i = 0; i < pairs->len; i++) {
        const RsTrialPair *pair = &g_array_index(pairs, RsTrialPair, i);
        double wall[2] = {0};
        double of_pair[2] = {throttled_ns(benchmark, pair->baseline_trial, &wall[0]),
                             throttled_ns(benchmark, pair->current_trial, &wall[1])};
        double more = wall[0] > 0 && wall[1] > 0 ? of_pair[1] / wall[1] - of_pair[0] / wall[0] : 0;

        n_differ += fabs(more) > THROTTLING_MAY_DIFFER_FRAC;
        n_current += more > THROTTLING_MAY_DIFFER_FRAC;
        for (int arm = 0; arm < 2; arm++) {
            ns[arm] += of_pair[arm];
            wall_ns[arm] += wall[arm];
        }
    }
    throttling.baseline_frac = wall_ns[0] > 0 ? ns[0] / wall_ns[0] : 0;
    throttling.current_frac = wall_ns[1] > 0 ? ns[1] / wall_ns[1] : 0;
    throttling.goes_with_side =
        fabs(throttling.current_frac - throttling.baseline_frac) > THROTTLING_MAY_DIFFER_FRAC &&
        n_differ && rs_clopper_pearson(n_current, n_differ, 0.95, &low, &high, NULL) &&
        (low > 0.5 || high < 0.5);
    return throttling;
}

static void note_throttling(RsRowCase *row_case, const RsBenchmark *benchmark, const GArray *pairs)
{
    Throttling throttling = throttling_of(benchmark, pairs);
    double baseline = throttling.baseline_frac, current = throttling.current_frac;
    const RsMetricRow *known = rs_metric_row(row_case->row->metric);

    if (MAX(baseline, current) <= THROTTLING_MAY_DIFFER_FRAC)
        return;
    row_case->capped = throttling.goes_with_side && known && known->is_time;
    warn(row_case->row,
         g_strdup_printf("the CPU limit of the cgroup stopped baseline for %.1f %% and current for "
                         "%.1f %% of the time%s",
                         100 * baseline, 100 * current,
                         row_case->capped ? ": no verdict is based on this" : ""));
}

static void note_series(RsRowCase *row_case)
{
    const GArray *ratios = row_case->log_ratios;
    double lag1;

    if (ratios->len >= 10 && rs_series_lag1((double *)ratios->data, ratios->len, &lag1, NULL) &&
        lag1 > RS_SERIES_LAG1_NOTABLE)
        warn(row_case->row,
             g_strdup_printf("neighbouring pairs resemble each other (autocorrelation %.2f): %u "
                             "pairs tell about as much as %.0f; the test stays valid",
                             lag1, ratios->len, rs_series_effective_n(ratios->len, lag1)));
}

RsRowCase *rs_row_case_paired(const RsGate *gate, const RsBenchmark *benchmark,
                              const RsMetric *metric, const GArray *pairs)
{
    RsRowCase *row_case = row_case_new(gate, benchmark, metric);
    RsRow *row = row_case->row;
    const char *why = NULL;

    row->method = RS_METHOD_PAIRED;
    row->n_baseline = row->n_current = pairs->len;
    row->ci_level_pct = 100 * (1 - gate->alpha);
    fill_paired_side(&row->baseline, metric, pairs, RS_ARM_BASELINE, row->gated);
    fill_paired_side(&row->current, metric, pairs, RS_ARM_CURRENT, row->gated);
    row_case->log_ratios = rs_log_ratios_of(metric, pairs, &why);
    if (!row_case->log_ratios) {
        rs_row_settle(row, RS_VERDICT_INCOMPARABLE, why);
        row->method = RS_METHOD_NONE;
        return row_case;
    }
    rs_pair_plan_of(gate, benchmark, &row_case->plan);
    rs_pair_state_init(&row_case->state, &row_case->plan);
    for (guint i = 0; i < row_case->log_ratios->len; i++)
        rs_pair_state_add(&row_case->state, g_array_index(row_case->log_ratios, double, i));
    row_case->p_slower = rs_pair_state_p_slower(&row_case->state);
    row_case->p_faster = rs_pair_state_p_faster(&row_case->state);
    row_case->median_log_ratio =
        pairs->len ? rs_median((double *)row_case->log_ratios->data, pairs->len) : NAN;
    note_throttling(row_case, benchmark, pairs);
    if (row->gated) {
        note_series(row_case);
        warn_of_shape(row, &row->baseline, RS_ARM_BASELINE);
        warn_of_shape(row, &row->current, RS_ARM_CURRENT);
    }
    return row_case;
}

static RsVerdictKind kind_of(RsPairVerdict verdict)
{
    static const RsVerdictKind kinds[] = {
        [RS_PAIR_REGRESSION] = RS_VERDICT_REGRESSION,
        [RS_PAIR_IMPROVEMENT] = RS_VERDICT_IMPROVEMENT,
        [RS_PAIR_BELOW_THRESHOLD] = RS_VERDICT_BELOW_THRESHOLD,
        [RS_PAIR_UNCHANGED] = RS_VERDICT_UNCHANGED,
        [RS_PAIR_INCONCLUSIVE] = RS_VERDICT_INCONCLUSIVE,
    };

    return kinds[verdict];
}

static char *why_inconclusive(const RsRowCase *row_case)
{
    static const char *const ends[] = {
        [RS_STOP_NONE] = "collection did not end",
        [RS_STOP_SETTLED] = "the numbers moved after collection had settled",
        [RS_STOP_FIXED] = "the fixed number of pairs was not enough",
        [RS_STOP_MAX_PAIRS] = "the pair budget is spent",
        [RS_STOP_MAX_TIME] = "the time budget is spent",
        [RS_STOP_IDENTICAL] = "nothing was measured",
        [RS_STOP_FAILED] = "a failure ended the measurement",
        [RS_STOP_INTERRUPTED] = "the run was interrupted",
    };
    guint n_needed = rs_pair_min_pairs(&row_case->plan);
    guint n = row_case->state.n;

    if (row_case->capped)
        return g_strdup("throttling differed between the two sides");
    if (n == 0)
        return g_strdup_printf("no pair was measured: %s", ends[row_case->row->stop_reason]);
    if (n < n_needed)
        return g_strdup_printf("%s: %u pairs, at least %u are needed",
                               ends[row_case->row->stop_reason], n, n_needed);
    return g_strdup_printf("%s: %u pairs neither prove a slowdown above %g %% nor exclude it",
                           ends[row_case->row->stop_reason], n, row_case->row->threshold_pct);
}

/* The budget that a run like this one has: a run that was cut short is judged by the pairs it took.
 */
static RsPairPlan plan_of_such_runs(const RsRowCase *row_case)
{
    RsPairPlan plan = row_case->plan;
    RsStopReason reason = row_case->row->stop_reason;

    if (reason != RS_STOP_SETTLED && reason != RS_STOP_MAX_PAIRS)
        plan.max_pairs = MAX(row_case->state.n, 1);
    plan.min_pairs = MIN(plan.min_pairs, plan.max_pairs);
    return plan;
}

static void measure_resolution(RsRowCase *row_case, const RsGate *gate, guint64 seed)
{
    const GArray *ratios = row_case->log_ratios;
    RsPairPlan plan = plan_of_such_runs(row_case);
    RsRow *row = row_case->row;
    double low = -INFINITY, high = INFINITY, mde;

    if (ratios->len)
        rs_pair_interval((double *)ratios->data, ratios->len, gate->alpha / 2, &low, &high);
    row->ci_low_pct = isfinite(low) ? pct_of_log(low) : NAN;
    row->ci_high_pct = isfinite(high) ? pct_of_log(high) : NAN;
    if (row_case->median_log_ratio < low || row_case->median_log_ratio > high)
        warn(row, g_strdup("the change itself drifted during the run: its median lies outside the "
                           "interval of the earlier pairs"));
    if (row->gated && ratios->len >= 2 &&
        rs_pair_mde((double *)ratios->data, ratios->len, &plan, MDE_REPLAYS, seed, &mde, NULL) &&
        isfinite(mde))
        row->mde_pct = 100 * mde;
}

void rs_row_case_decide_paired(RsRowCase *row_case, const RsGate *gate, double p_slower_adjusted,
                               double p_faster_adjusted, guint64 seed)
{
    RsRow *row = row_case->row;
    RsPairVerdict verdict =
        rs_pair_state_verdict(&row_case->state, &row_case->plan, row_case->median_log_ratio,
                              p_slower_adjusted, p_faster_adjusted);

    row->p_value = row_case->p_slower;
    row->p_adjusted = p_slower_adjusted;
    row->p_improved = p_faster_adjusted;
    row->change_pct = pct_of_log(row_case->median_log_ratio);
    measure_resolution(row_case, gate, seed);
    if (row_case->capped)
        verdict = RS_PAIR_INCONCLUSIVE;
    rs_row_settle(row, kind_of(verdict), NULL);
    if (verdict == RS_PAIR_REGRESSION) /* per cent may round down to T itself */
        row->severity =
            MAX(RS_SEVERITY_MINOR, rs_gate_severity(gate, row->threshold_pct, row->change_pct));
    if (verdict == RS_PAIR_INCONCLUSIVE)
        row->reason = why_inconclusive(row_case);
}

/* --- two files --- */

static const char *unusable(const RsMetric *metric, const RsBenchmark *benchmark, RsArm arm)
{
    for (guint i = 0; i < rs_benchmark_n_trials(benchmark); i++) {
        double value = rs_metric_value(metric, i);

        if (g_array_index(benchmark->trial_arm, guint8, i) == arm && (isinf(value) || value < 0))
            return "holds negative or non-finite values";
    }
    return NULL;
}

static char *why_incomparable(const RsRow *row, const RsMetric *baseline, const RsMetric *current,
                              const char *broken_baseline, const char *broken_current)
{
    if (g_strcmp0(baseline->unit, current->unit) != 0)
        return g_strdup_printf("mixed units: %s in the baseline, %s now", baseline->unit,
                               current->unit);
    if (baseline->direction != current->direction)
        return g_strdup("the two files disagree on whether higher or lower is better");
    if (broken_baseline || broken_current)
        return g_strdup_printf("%s %s", broken_baseline ? "the baseline" : "the current file",
                               broken_baseline ? broken_baseline : broken_current);
    if (row->baseline.n < RS_WELCH_MIN_TRIALS || row->current.n < RS_WELCH_MIN_TRIALS)
        return g_strdup_printf("too few trials: %u and %u, at least %d of each are needed",
                               row->baseline.n, row->current.n, RS_WELCH_MIN_TRIALS);
    if (!(row->baseline.mean > 0) || !(row->current.mean > 0))
        return g_strdup("a mean of zero has no change in per cent");
    return NULL;
}

static void note_drift(RsRow *row, const RsRowSide *side, RsArm arm)
{
    double lag1;

    if (side->values->len >= 10 &&
        rs_series_lag1((double *)side->values->data, side->values->len, &lag1, NULL) &&
        lag1 > RS_SERIES_LAG1_NOTABLE)
        warn(row, g_strdup_printf("%s: neighbouring trials resemble each other (autocorrelation "
                                  "%.2f): p is too small, %u trials tell about as much as %.0f",
                                  rs_arm_names[arm], lag1, side->n,
                                  rs_series_effective_n(side->n, lag1)));
}

/* Slowdown in per cent of a ratio current/baseline of means. Where higher is better, a ratio that
 * may be zero or less is a slowdown without bound. */
static double slowdown_pct(const RsRow *row, double ratio)
{
    if (row->direction == RS_HIGHER_IS_BETTER && !(ratio > 0))
        return INFINITY;
    return 100 * ((row->direction == RS_HIGHER_IS_BETTER ? 1 / ratio : ratio) - 1);
}

static void test_apart(RsRowCase *row_case, const RsGate *gate, const double *baseline,
                       const double *current)
{
    RsRow *row = row_case->row;
    gboolean inverted = row->direction == RS_HIGHER_IS_BETTER;
    double low, high, mde_frac;
    RsTTest test;

    if (!rs_welch(baseline, row->baseline.n, current, row->current.n, &test, NULL))
        return;
    row->method = RS_METHOD_WELCH;
    row->ci_level_pct = 100 * (1 - gate->alpha);
    row->p_value = row_case->p_slower = test.p;
    row->change_pct = slowdown_pct(row, test.ratio);
    rs_welch_ratio_interval(&test, 1 - gate->alpha, &low, &high);
    low = slowdown_pct(row, low);
    high = slowdown_pct(row, high);
    row->ci_low_pct = isfinite(low) && isfinite(high) ? (inverted ? high : low) : NAN;
    row->ci_high_pct = isfinite(low) && isfinite(high) ? (inverted ? low : high) : NAN;
    if (test.se_a + test.se_b == 0) {
        warn(row, g_strdup("no variance in either side: the times look rounded or made up"));
        row->mde_pct = 0;
    } else if (rs_power_welch_mde(test.mean_a, test.se_a, test.se_b, test.df, gate->alpha, POWER,
                                  &mde_frac, NULL)) {
        row->mde_pct = MAX(100 * mde_frac, row->threshold_pct);
    }
}

RsRowCase *rs_row_case_apart(const RsGate *gate, const RsBenchmark *baseline, RsArm baseline_arm,
                             const RsMetric *baseline_metric, const RsBenchmark *current,
                             RsArm current_arm, const RsMetric *current_metric)
{
    RsRowCase *row_case = row_case_new(gate, current, current_metric);
    RsRow *row = row_case->row;
    g_autofree char *reason = NULL;

    fill_side(&row->baseline, baseline, baseline_metric, baseline_arm);
    fill_side(&row->current, current, current_metric, current_arm);
    row->n_baseline = row->baseline.n;
    row->n_current = row->current.n;
    reason = why_incomparable(row, baseline_metric, current_metric,
                              unusable(baseline_metric, baseline, baseline_arm),
                              unusable(current_metric, current, current_arm));
    if (reason) {
        rs_row_settle(row, RS_VERDICT_INCOMPARABLE, reason);
        return row_case;
    }
    test_apart(row_case, gate, (double *)row->baseline.values->data,
               (double *)row->current.values->data);
    if (row->gated) {
        note_drift(row, &row->baseline, RS_ARM_BASELINE);
        note_drift(row, &row->current, RS_ARM_CURRENT);
        warn_of_shape(row, &row->baseline, RS_ARM_BASELINE);
        warn_of_shape(row, &row->current, RS_ARM_CURRENT);
    } else {
        g_array_set_size(row->baseline.values, 0);
        g_array_set_size(row->baseline.positions, 0);
        g_array_set_size(row->current.values, 0);
        g_array_set_size(row->current.positions, 0);
    }
    return row_case;
}

void rs_row_case_decide_apart(RsRowCase *row_case, const RsGate *gate, double p_adjusted)
{
    RsRow *row = row_case->row;
    gboolean significant = p_adjusted < gate->alpha;

    row->p_adjusted = p_adjusted;
    if (significant && row->change_pct > row->threshold_pct) {
        rs_row_settle(row, RS_VERDICT_REGRESSION, NULL);
        row->severity = rs_gate_severity(gate, row->threshold_pct, row->change_pct);
    } else if (significant && row->change_pct < -row->threshold_pct) {
        rs_row_settle(row, RS_VERDICT_IMPROVEMENT, NULL);
    } else if (row->ci_high_pct < row->threshold_pct) {
        rs_row_settle(row, significant ? RS_VERDICT_BELOW_THRESHOLD : RS_VERDICT_UNCHANGED, NULL);
    } else {
        rs_row_settle(row, RS_VERDICT_INCONCLUSIVE,
                      "the trials neither prove a slowdown above the threshold nor exclude it");
    }
}
