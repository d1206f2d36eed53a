/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/verdict.h"

#include <math.h>

static void side_init(RsRowSide *side)
{
    *side = (RsRowSide){.mean = NAN, .median = NAN, .sd = NAN, .mad = NAN, .min = NAN, .max = NAN};
    side->values = g_array_new(FALSE, FALSE, sizeof(double));
    side->positions = g_array_new(FALSE, FALSE, sizeof(guint32));
}

static void side_clear(RsRowSide *side)
{
    g_array_unref(side->values);
    g_array_unref(side->positions);
}

RsRow *rs_row_new(const char *name, const char *metric, const char *unit, RsDirection direction)
{
    RsRow *row = g_new0(RsRow, 1);

    row->name = g_strdup(name);
    row->metric = g_strdup(metric);
    row->unit = g_strdup(unit);
    row->direction = direction;
    row->threshold_pct = row->bound_pct = NAN;
    row->change_pct = row->ci_low_pct = row->ci_high_pct = row->ci_level_pct = NAN;
    row->p_value = row->p_adjusted = row->p_improved = row->mde_pct = NAN;
    row->launches_per_trial = 1;
    side_init(&row->baseline);
    side_init(&row->current);
    row->warnings = g_ptr_array_new_with_free_func(g_free);
    return row;
}

void rs_row_free(RsRow *row)
{
    if (!row)
        return;
    g_free(row->name);
    g_free(row->metric);
    g_free(row->unit);
    g_free(row->reason);
    side_clear(&row->baseline);
    side_clear(&row->current);
    g_ptr_array_unref(row->warnings);
    g_free(row->extra_json);
    g_free(row);
}

RsFunctionChange *rs_function_change_new(const char *name)
{
    RsFunctionChange *change = g_new0(RsFunctionChange, 1);

    change->name = g_strdup(name);
    change->baseline_self_ns = change->current_self_ns = -1;
    change->change_pct = NAN;
    return change;
}

void rs_function_change_free(RsFunctionChange *change)
{
    if (!change)
        return;
    g_free(change->name);
    g_free(change->crate_name);
    g_free(change->extra_json);
    g_free(change);
}

RsVerdictFailure *rs_verdict_failure_new(const char *benchmark, const RsFailure *failure)
{
    RsVerdictFailure *copy = g_new0(RsVerdictFailure, 1);

    copy->benchmark = g_strdup(benchmark);
    copy->failure = g_memdup2(failure, sizeof *failure);
    copy->failure->stage = g_strdup(failure->stage);
    copy->failure->message = g_strdup(failure->message);
    copy->failure->output_tail = g_strdup(failure->output_tail);
    copy->failure->extra_json = g_strdup(failure->extra_json);
    return copy;
}

void rs_verdict_failure_free(RsVerdictFailure *failure)
{
    if (!failure)
        return;
    g_free(failure->benchmark);
    rs_failure_free(failure->failure);
    g_free(failure);
}

RsVerdict *rs_verdict_new(const RsGate *gate)
{
    RsVerdict *verdict = g_new0(RsVerdict, 1);

    verdict->seed = -1;
    verdict->rule_version = g_strdup(RS_RULE_VERSION);
    verdict->gate.gate = rs_gate_copy(gate);
    verdict->gate.bound_pct = rs_gate_bound_pct(gate, gate->threshold_pct);
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++)
        rs_machine_init(&verdict->machines[arm]);
    rs_noise_init(&verdict->noise);
    verdict->rows = g_ptr_array_new_with_free_func((GDestroyNotify)rs_row_free);
    verdict->blames = g_ptr_array_new_with_free_func((GDestroyNotify)rs_blame_free);
    verdict->functions = g_ptr_array_new_with_free_func((GDestroyNotify)rs_function_change_free);
    verdict->failures = g_ptr_array_new_with_free_func((GDestroyNotify)rs_verdict_failure_free);
    verdict->policy_changes = g_ptr_array_new_with_free_func((GDestroyNotify)rs_policy_change_free);
    verdict->warnings = g_ptr_array_new_with_free_func(g_free);
    return verdict;
}

void rs_verdict_free(RsVerdict *verdict)
{
    if (!verdict)
        return;
    g_free(verdict->tool_version);
    g_free(verdict->rule_version);
    g_free(verdict->created_at);
    g_free(verdict->command);
    g_free(verdict->sampler);
    g_free(verdict->gate.reason);
    rs_gate_free(verdict->gate.gate);
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++) {
        rs_revision_clear(&verdict->revisions[arm]);
        rs_machine_clear(&verdict->machines[arm]);
    }
    g_ptr_array_unref(verdict->rows);
    g_ptr_array_unref(verdict->blames);
    g_ptr_array_unref(verdict->functions);
    g_ptr_array_unref(verdict->failures);
    g_ptr_array_unref(verdict->policy_changes);
    rs_acceptance_free(verdict->acceptance);
    g_free(verdict->change_head);
    g_ptr_array_unref(verdict->warnings);
    g_free(verdict->extra_json);
    g_free(verdict);
}

int rs_row_badness(const RsRow *row)
{
    static const int by_verdict[RS_N_VERDICTS] = {
        [RS_VERDICT_UNCHANGED] = 0,    [RS_VERDICT_BELOW_THRESHOLD] = 1,
        [RS_VERDICT_IMPROVEMENT] = 2,  [RS_VERDICT_NEW] = 3,
        [RS_VERDICT_MISSING] = 4,      [RS_VERDICT_INCOMPARABLE] = 5,
        [RS_VERDICT_INCONCLUSIVE] = 6, [RS_VERDICT_REGRESSION] = 7,
    };

    return by_verdict[row->verdict] +
           (row->verdict == RS_VERDICT_REGRESSION ? (int)row->severity : 0);
}

const RsRow *rs_verdict_worst_row(const RsVerdict *verdict, const char *name)
{
    const RsRow *worst = NULL;

    for (guint i = 0; i < verdict->rows->len; i++) {
        const RsRow *row = g_ptr_array_index(verdict->rows, i);

        if (!row->gated || !g_str_equal(row->name, name))
            continue;
        if (!worst || rs_row_badness(row) > rs_row_badness(worst) ||
            (rs_row_badness(row) == rs_row_badness(worst) && row->change_pct > worst->change_pct))
            worst = row;
    }
    return worst;
}

const RsBlame *rs_verdict_blame(const RsVerdict *verdict, const char *name)
{
    for (guint i = 0; i < verdict->blames->len; i++) {
        const RsBlame *blame = g_ptr_array_index(verdict->blames, i);

        if (g_str_equal(blame->benchmark, name))
            return blame;
    }
    return NULL;
}

GPtrArray *rs_verdict_benchmark_names(const RsVerdict *verdict)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    GPtrArray *names = g_ptr_array_new();

    for (guint i = 0; i < verdict->rows->len; i++) {
        const RsRow *row = g_ptr_array_index(verdict->rows, i);

        if (g_hash_table_add(seen, row->name))
            g_ptr_array_add(names, row->name);
    }
    return names;
}

gboolean rs_verdict_weakens_policy(const RsVerdict *verdict)
{
    for (guint i = 0; i < verdict->policy_changes->len; i++)
        if (((const RsPolicyChange *)g_ptr_array_index(verdict->policy_changes, i))->weakens)
            return TRUE;
    return FALSE;
}

void rs_verdict_summarize(RsVerdict *verdict)
{
    g_autoptr(GHashTable) worst = g_hash_table_new(g_str_hash, g_str_equal);
    RsVerdictSummary summary = {.n_no_baseline = verdict->summary.n_no_baseline};
    GHashTableIter iter;
    gpointer value;

    for (guint i = 0; i < verdict->rows->len; i++) {
        RsRow *row = g_ptr_array_index(verdict->rows, i);
        const RsRow *other = g_hash_table_lookup(worst, row->name);

        summary.n_rows++;
        if (!row->gated)
            continue;
        summary.n_gated_rows++;
        if (!other || rs_row_badness(row) > rs_row_badness(other))
            g_hash_table_insert(worst, row->name, row);
    }
    summary.n_benchmarks = g_hash_table_size(worst);
    g_hash_table_iter_init(&iter, worst);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const RsRow *row = value;

        summary.n_by_verdict[row->verdict]++;
        summary.n_by_severity[row->severity]++;
    }
    verdict->summary = summary;
}
