/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analyze/compare.h"

#include <math.h>
#include <string.h>

#include "analyze/gate.h"
#include "analyze/pairs.h"
#include "analyze/plan.h"
#include "analyze/row.h"
#include "stats/adjust.h"
#include "stats/bet.h"
#include "stats/summary.h"

/* What is built up while a verdict is made. */
typedef struct {
    RsVerdict *verdict;
    RsGate *gate; /* the verdict's own copy */
    const RsCompareOptions *options;
    GPtrArray *cases; /* RsRowCase, of rows whose verdict is still to be decided */
} Judge;

static void judge_init(Judge *judge, const RsCompareOptions *options, const RsSession *current)
{
    RsVerdict *verdict = rs_verdict_new(options->gate);

    verdict->tool_version = g_strdup(RS_VERSION);
    verdict->created_at = g_strdup(options->created_at);
    verdict->seed = options->seed >= 0 ? options->seed : current->seed;
    verdict->noise = current->noise;
    if (current->profile && g_strcmp0(current->profile->diagnostics.backend, "none") != 0)
        verdict->sampler = g_strdup(current->profile->diagnostics.backend);
    *judge = (Judge){
        .verdict = verdict,
        .gate = verdict->gate.gate,
        .options = options,
        .cases = g_ptr_array_new_with_free_func((GDestroyNotify)rs_row_case_free),
    };
}

static void add_row(Judge *judge, RsRowCase *row_case, gboolean decided)
{
    g_ptr_array_add(judge->verdict->rows, row_case->row);
    if (decided)
        rs_row_case_free(row_case);
    else
        g_ptr_array_add(judge->cases, row_case);
}

static char **gated_metrics_of(const Judge *judge, const RsBenchmark *benchmark)
{
    return benchmark->gated_metrics ? benchmark->gated_metrics : judge->gate->metrics;
}

/* A row of a gated metric, without numbers. */
static void add_settled_row(Judge *judge, const RsBenchmark *benchmark, const char *metric,
                            RsVerdictKind verdict, const char *reason)
{
    const RsMetric *measured = rs_benchmark_metric(benchmark, metric);
    const RsMetricRow *known = rs_metric_row(metric);
    RsRow *row = rs_row_new(benchmark->name, metric,
                            measured ? measured->unit
                            : known  ? known->unit
                                     : "",
                            measured ? measured->direction : RS_LOWER_IS_BETTER);

    row->gated = TRUE;
    row->threshold_pct = rs_threshold_pct_of(judge->gate, benchmark);
    row->bound_pct = rs_gate_bound_pct(judge->gate, row->threshold_pct);
    row->stop_reason = benchmark->stop_reason;
    rs_row_settle(row, verdict, reason);
    g_ptr_array_add(judge->verdict->rows, row);
}

/* A row for each gated metric, without numbers. */
static void add_settled_rows(Judge *judge, const RsBenchmark *benchmark, RsVerdictKind verdict,
                             const char *reason)
{
    for (char **metric = gated_metrics_of(judge, benchmark); *metric; metric++)
        add_settled_row(judge, benchmark, *metric, verdict, reason);
}

static void copy_warnings(GPtrArray *to, const GPtrArray *from, const char *prefix)
{
    for (guint i = 0; i < from->len; i++)
        g_ptr_array_add(to, g_strdup_printf("%s%s%s", prefix ? prefix : "", prefix ? ": " : "",
                                            (char *)g_ptr_array_index(from, i)));
}

/* Failures of the programs themselves; those of one side only decide what the benchmark is called.
 */
static gboolean failed(const RsBenchmark *benchmark, RsArm arm)
{
    for (guint i = 0; i < benchmark->failures->len; i++)
        if (((const RsFailure *)g_ptr_array_index(benchmark->failures, i))->arm == arm)
            return TRUE;
    return FALSE;
}

/* The first failure of an arm in words; side: what that arm stands for. NULL: none failed. */
static char *failure_reason(const RsBenchmark *benchmark, RsArm arm, RsArm side)
{
    for (guint i = 0; i < benchmark->failures->len; i++) {
        const RsFailure *failure = g_ptr_array_index(benchmark->failures, i);

        if (failure->arm == arm)
            return g_strdup_printf("%s %s: %s", rs_arm_names[side], failure->stage,
                                   failure->message ? failure->message : "failed");
    }
    return NULL;
}

static gboolean add_failures(Judge *judge, const RsBenchmark *benchmark)
{
    for (guint i = 0; i < benchmark->failures->len; i++)
        g_ptr_array_add(
            judge->verdict->failures,
            rs_verdict_failure_new(benchmark->name, g_ptr_array_index(benchmark->failures, i)));
    for (int arm = RS_ARM_CURRENT; arm >= RS_ARM_BASELINE; arm--) {
        g_autofree char *reason = failure_reason(benchmark, arm, arm);

        if (!failed(benchmark, arm))
            continue;
        if (arm == RS_ARM_BASELINE)
            judge->verdict->summary.n_no_baseline++;
        add_settled_rows(judge, benchmark,
                         arm == RS_ARM_CURRENT ? RS_VERDICT_INCOMPARABLE : RS_VERDICT_NEW, reason);
        return TRUE;
    }
    return FALSE;
}

/* --- pairs --- */

/* Second against first run of each pair, whichever side that was, with the benchmark's own change
 * taken out: what is left is the machine's. */
static void note_position_effect(const RsBenchmark *benchmark, const GArray *pairs,
                                 GArray *all_effects)
{
    const RsMetric *wall = rs_benchmark_metric(benchmark, "wall");
    const char *why;
    g_autoptr(GArray) ratios = wall && pairs->len ? rs_log_ratios_of(wall, pairs, &why) : NULL;
    double change = ratios ? rs_median((double *)ratios->data, ratios->len) : 0;

    for (guint i = 0; ratios && i < ratios->len; i++) {
        double effect = g_array_index(ratios, double, i) - change;

        if (g_array_index(pairs, RsTrialPair, i).first == RS_ARM_CURRENT)
            effect = -effect;
        g_array_append_val(all_effects, effect);
    }
}

static void finish_position_effect(RsNoise *noise, const GArray *effects)
{
    RsBet later_slower, later_faster;

    if (!effects->len)
        return;
    rs_bet_init(&later_slower);
    rs_bet_init(&later_faster);
    for (guint i = 0; i < effects->len; i++) {
        double effect = g_array_index(effects, double, i);

        rs_bet_add(&later_slower, (effect > 0) - (effect < 0));
        rs_bet_add(&later_faster, (effect < 0) - (effect > 0));
    }
    noise->position_effect_pct = 100 * expm1(rs_median((double *)effects->data, effects->len));
    noise->position_p_value = MIN(1, 2 * MIN(rs_bet_p(&later_slower), rs_bet_p(&later_faster)));
}

static void add_pair_rows(Judge *judge, const RsBenchmark *benchmark, GArray *position_effects)
{
    const char *why = NULL;
    guint n_incomplete = 0;
    g_autoptr(GArray) pairs = rs_trial_pairs(benchmark, &n_incomplete, &why);
    char **gated = gated_metrics_of(judge, benchmark);

    if (!pairs) {
        add_settled_rows(judge, benchmark, RS_VERDICT_INCOMPARABLE, why);
        return;
    }
    if (n_incomplete)
        g_ptr_array_add(judge->verdict->warnings,
                        g_strdup_printf("%s: %u trials have no partner and are not used",
                                        benchmark->name, n_incomplete));
    note_position_effect(benchmark, pairs, position_effects);
    for (guint i = 0; i < benchmark->metrics->len; i++) {
        RsRowCase *row_case = rs_row_case_paired(judge->gate, benchmark,
                                                 g_ptr_array_index(benchmark->metrics, i), pairs);

        add_row(judge, row_case, row_case->log_ratios == NULL);
    }
    for (; *gated; gated++)
        if (!rs_benchmark_metric(benchmark, *gated))
            add_settled_row(judge, benchmark, *gated,
                            rs_benchmark_n_trials(benchmark) ? RS_VERDICT_INCOMPARABLE
                                                             : RS_VERDICT_INCONCLUSIVE,
                            rs_benchmark_n_trials(benchmark) ? "it was not measured"
                                                             : "no pair was measured");
}

static void judge_pairs_of(Judge *judge, const RsBenchmark *benchmark, GArray *position_effects)
{
    copy_warnings(judge->verdict->warnings, benchmark->warnings, benchmark->name);
    if (benchmark->stop_reason == RS_STOP_IDENTICAL) {
        add_settled_rows(judge, benchmark, RS_VERDICT_UNCHANGED,
                         "both sides are the same files, arguments and inputs: not measured");
        return;
    }
    if (add_failures(judge, benchmark))
        return;
    if (benchmark->design == RS_DESIGN_PAIRED && !benchmark->programs[RS_ARM_BASELINE].argv &&
        benchmark->programs[RS_ARM_CURRENT].argv && rs_benchmark_n_trials(benchmark) == 0) {
        judge->verdict->summary.n_no_baseline++;
        add_settled_rows(judge, benchmark, RS_VERDICT_NEW,
                         "this change adds the benchmark to the configuration");
        return;
    }
    if (benchmark->design != RS_DESIGN_PAIRED) {
        add_settled_rows(judge, benchmark, RS_VERDICT_INCOMPARABLE,
                         "this file holds one side only; give the other side's file as well");
        return;
    }
    add_pair_rows(judge, benchmark, position_effects);
}

typedef gboolean (*Adjust)(const double *, gsize, gsize, double *, GError **);

static gboolean adjust_none(const double *p, gsize n, gsize n_family, double *adjusted,
                            GError **error)
{
    memmove(adjusted, p, n * sizeof *p);
    return TRUE;
}

/* Corrects p over the gated cases; rows that are not gated keep their own p, as information. */
static double *adjusted(const Judge *judge, gboolean faster)
{
    static const Adjust adjusts[] = {
        [RS_CORRECTION_HOLM] = rs_holm,
        [RS_CORRECTION_BH] = rs_benjamini_hochberg,
        [RS_CORRECTION_NONE] = adjust_none,
    };
    g_autofree double *p = g_new(double, judge->cases->len + 1);
    double *result = g_new(double, judge->cases->len + 1);
    guint n = 0;

    for (guint i = 0; i < judge->cases->len; i++) {
        const RsRowCase *row_case = g_ptr_array_index(judge->cases, i);

        if (row_case->row->gated)
            p[n++] = faster ? row_case->p_faster : row_case->p_slower;
    }
    if (n > 0)
        g_assert_true(
            adjusts[judge->gate->correction](p, n, MAX(n, judge->gate->n_family), p, NULL));
    for (guint i = judge->cases->len, gated = n; i-- > 0;) {
        const RsRowCase *row_case = g_ptr_array_index(judge->cases, i);

        result[i] = row_case->row->gated ? p[--gated]
                    : faster             ? row_case->p_faster
                                         : row_case->p_slower;
    }
    return result;
}

static void decide(Judge *judge)
{
    g_autofree double *p_slower = adjusted(judge, FALSE);
    g_autofree double *p_faster = adjusted(judge, TRUE);
    guint64 seed = (guint64)MAX(judge->verdict->seed, 0);

    for (guint i = 0; i < judge->cases->len; i++) {
        RsRowCase *row_case = g_ptr_array_index(judge->cases, i);

        if (judge->verdict->side_by_side)
            rs_row_case_decide_paired(row_case, judge->gate, p_slower[i], p_faster[i], seed + i);
        else
            rs_row_case_decide_apart(row_case, judge->gate, p_slower[i]);
    }
    g_clear_pointer(&judge->cases, g_ptr_array_unref);
}

static guint count_gated(const RsSession *session, const RsGate *gate)
{
    guint n = 0;

    for (guint i = 0; i < session->benchmarks->len; i++) {
        const RsBenchmark *benchmark = g_ptr_array_index(session->benchmarks, i);

        n += g_strv_length(benchmark->gated_metrics ? benchmark->gated_metrics : gate->metrics);
    }
    return n;
}

/* Asked for as a failure: a row for each metric that the configuration would have gated. */
static void add_absent(Judge *judge, const char *name)
{
    RsBenchmark *absent = rs_benchmark_new(name, RS_DESIGN_PAIRED);

    add_settled_rows(judge, absent, RS_VERDICT_MISSING, "the file does not hold it");
    rs_benchmark_free(absent);
}

/* Benchmarks that the configuration names and the session does not hold. */
static void add_missing(Judge *judge, const RsSession *session)
{
    g_autoptr(GString) names = g_string_new(NULL);
    guint n_missing = 0;

    for (char **name = session->expected_benchmarks; name && *name; name++)
        if (!rs_session_find(session, *name)) {
            if (judge->options->fail_on_missing)
                add_absent(judge, *name);
            n_missing++;
            if (n_missing <= 5)
                g_string_append_printf(names, "%s%s", n_missing > 1 ? ", " : "", *name);
        }
    if (n_missing)
        g_ptr_array_add(judge->verdict->warnings,
                        g_strdup_printf("this file holds a part of the configuration: %u "
                                        "benchmarks are not in it (%s%s)",
                                        n_missing, names->str, n_missing > 5 ? ", …" : ""));
    if (session->shard_count > 1)
        g_ptr_array_add(
            judge->verdict->warnings,
            g_strdup_printf("this is shard %u of %u alone; `rustscope merge` joins them",
                            session->shard_index, session->shard_count));
}

static void add_blames(Judge *judge, const RsSession *baseline, const RsSession *current)
{
    RsBlameOptions options;

    rs_blame_options_init(&options);
    options.seed = (guint64)MAX(judge->verdict->seed, 0);
    rs_blame_verdict(judge->verdict, baseline, current, judge->options->blame, &options);
}

static void copy_change(const RsSession *session, RsVerdict *verdict)
{
    verdict->change_head = g_strdup(session->change_head);
    for (guint i = 0; i < session->policy_changes->len; i++)
        g_ptr_array_add(verdict->policy_changes,
                        rs_policy_change_copy(g_ptr_array_index(session->policy_changes, i)));
}

RsVerdict *rs_compare_pairs(const RsSession *session, const RsCompareOptions *options)
{
    g_autoptr(GArray) position_effects = g_array_new(FALSE, FALSE, sizeof(double));
    Judge judge;

    judge_init(&judge, options, session);
    judge.verdict->side_by_side = TRUE;
    judge.gate->n_family = MAX(judge.gate->n_family, count_gated(session, judge.gate));
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++) {
        rs_revision_copy(&session->revisions[arm], &judge.verdict->revisions[arm]);
        rs_machine_copy(&session->machine, &judge.verdict->machines[arm]);
    }
    copy_change(session, judge.verdict);
    copy_warnings(judge.verdict->warnings, session->warnings, NULL);
    add_missing(&judge, session);
    for (guint i = 0; i < session->benchmarks->len; i++)
        judge_pairs_of(&judge, g_ptr_array_index(session->benchmarks, i), position_effects);
    finish_position_effect(&judge.verdict->noise, position_effects);
    decide(&judge);
    add_blames(&judge, NULL, session);
    rs_gate_decide(judge.verdict, options->fail_on_missing, TRUE);
    return judge.verdict;
}

/* --- two files --- */

/* The side that a file stands for: what was current then, if it held pairs. */
static RsArm arm_of(const RsBenchmark *benchmark)
{
    return benchmark->design == RS_DESIGN_PAIRED ? RS_ARM_CURRENT : RS_ARM_BASELINE;
}

static const char *machines_differ(const RsSession *baseline, const RsSession *current)
{
    const char *a = baseline->machine.fingerprint, *b = current->machine.fingerprint;

    return a && b && !g_str_equal(a, b)
               ? "the two files were measured on different machines; measure both sides in one "
                 "job (bench-run --baseline ... --current ...)"
               : NULL;
}

static gboolean is_old_format(const RsSession *session)
{
    return session->source_format && g_str_has_prefix(session->source_format, "rustscope 0.");
}

static void judge_metric_apart(Judge *judge, const RsBenchmark *baseline,
                               const RsBenchmark *current, const RsMetric *metric)
{
    const RsMetric *before = rs_benchmark_metric(baseline, metric->name);
    RsRowCase *row_case;

    if (!before) {
        RsRow *row = rs_row_new(current->name, metric->name, metric->unit, metric->direction);

        row->gated = rs_benchmark_gates(judge->gate, current, metric->name);
        rs_row_settle(row, RS_VERDICT_INCOMPARABLE, "the baseline did not measure it");
        g_ptr_array_add(judge->verdict->rows, row);
        return;
    }
    row_case = rs_row_case_apart(judge->gate, baseline, arm_of(baseline), before, current,
                                 arm_of(current), metric);
    add_row(judge, row_case, row_case->row->verdict == RS_VERDICT_INCOMPARABLE);
}

/* A file of one side records its failures under the baseline's slot; here it stands for the current
 * side, whose failures are errors. */
static gboolean add_failure_apart(Judge *judge, const RsBenchmark *current)
{
    RsArm arm = arm_of(current);
    g_autofree char *reason = failure_reason(current, arm, RS_ARM_CURRENT);

    for (guint i = 0; i < current->failures->len; i++) {
        const RsFailure *failure = g_ptr_array_index(current->failures, i);
        RsVerdictFailure *copy;

        if (failure->arm != arm)
            continue;
        copy = rs_verdict_failure_new(current->name, failure);
        copy->failure->arm = RS_ARM_CURRENT;
        g_ptr_array_add(judge->verdict->failures, copy);
    }
    if (reason)
        add_settled_rows(judge, current, RS_VERDICT_INCOMPARABLE, reason);
    return reason != NULL;
}

static void judge_apart(Judge *judge, const RsSession *baseline_file, const RsSession *current_file,
                        const RsBenchmark *current)
{
    const RsBenchmark *baseline = rs_session_find(baseline_file, current->name);
    const char *differ = machines_differ(baseline_file, current_file);

    copy_warnings(judge->verdict->warnings, current->warnings, current->name);
    if (add_failure_apart(judge, current))
        return;
    if (!baseline || failed(baseline, arm_of(baseline))) {
        judge->verdict->summary.n_no_baseline++;
        add_settled_rows(judge, current, RS_VERDICT_NEW,
                         baseline ? "its baseline could not be run" : "the baseline file lacks it");
        return;
    }
    if (differ) {
        add_settled_rows(judge, current, RS_VERDICT_INCOMPARABLE, differ);
        return;
    }
    for (guint i = 0; i < current->metrics->len; i++)
        judge_metric_apart(judge, baseline, current, g_ptr_array_index(current->metrics, i));
    for (char **gated = gated_metrics_of(judge, current); *gated; gated++)
        if (!rs_benchmark_metric(current, *gated) &&
            !(is_old_format(baseline_file) || is_old_format(current_file)))
            add_settled_row(judge, current, *gated, RS_VERDICT_INCOMPARABLE, "it was not measured");
}

/* Files without trials: their functions side by side, described and not judged. */
static void describe_functions(Judge *judge, const RsSession *baseline, const RsSession *current)
{
    g_autoptr(GHashTable) before = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; baseline->profile && i < baseline->profile->functions->len; i++) {
        RsFunction *function = g_ptr_array_index(baseline->profile->functions, i);

        g_hash_table_insert(before, function->name, function);
    }
    for (guint i = 0; current->profile && i < current->profile->functions->len; i++) {
        const RsFunction *function = g_ptr_array_index(current->profile->functions, i);
        const RsFunction *old = g_hash_table_lookup(before, function->name);
        RsFunctionChange *change = rs_function_change_new(function->name);

        change->crate_name = g_strdup(function->crate_name);
        change->current_self_ns = function->self_ns >= 0 ? function->self_ns : function->total_ns;
        if (old)
            change->baseline_self_ns = old->self_ns >= 0 ? old->self_ns : old->total_ns;
        if (change->baseline_self_ns > 0 && change->current_self_ns >= 0)
            change->change_pct =
                100 * ((double)change->current_self_ns / (double)change->baseline_self_ns - 1);
        g_ptr_array_add(judge->verdict->functions, change);
    }
}

static void note_apart(Judge *judge, const RsSession *baseline, const RsSession *current)
{
    GPtrArray *warnings = judge->verdict->warnings;

    copy_warnings(warnings, current->warnings, NULL);
    if (!baseline->machine.fingerprint || !current->machine.fingerprint)
        g_ptr_array_add(warnings, g_strdup("it is not recorded whether both files were measured "
                                           "on the same machine"));
    if (!baseline->benchmarks->len && !current->benchmarks->len)
        g_ptr_array_add(warnings, g_strdup("neither file holds trials of a benchmark: its "
                                           "functions are listed, nothing can be decided"));
}

RsVerdict *rs_compare_files(const RsSession *baseline, const RsSession *current,
                            const RsCompareOptions *options)
{
    Judge judge;

    judge_init(&judge, options, current);
    judge.gate->n_family = 0; /* the rows at hand are the family */
    rs_revision_copy(&baseline->revisions[RS_ARM_BASELINE],
                     &judge.verdict->revisions[RS_ARM_BASELINE]);
    rs_revision_copy(&current->revisions[RS_ARM_CURRENT],
                     &judge.verdict->revisions[RS_ARM_CURRENT]);
    rs_machine_copy(&baseline->machine, &judge.verdict->machines[RS_ARM_BASELINE]);
    rs_machine_copy(&current->machine, &judge.verdict->machines[RS_ARM_CURRENT]);
    note_apart(&judge, baseline, current);
    for (guint i = 0; i < current->benchmarks->len; i++)
        judge_apart(&judge, baseline, current, g_ptr_array_index(current->benchmarks, i));
    for (guint i = 0; i < baseline->benchmarks->len; i++) {
        const RsBenchmark *benchmark = g_ptr_array_index(baseline->benchmarks, i);

        if (!rs_session_find(current, benchmark->name))
            add_settled_rows(&judge, benchmark, RS_VERDICT_MISSING, "the current file lacks it");
    }
    if (!current->benchmarks->len || !baseline->benchmarks->len)
        describe_functions(&judge, baseline, current);
    decide(&judge);
    add_blames(&judge, baseline, current);
    copy_change(current, judge.verdict);
    rs_gate_decide(judge.verdict, options->fail_on_missing, options->gate_unpaired);
    return judge.verdict;
}
