/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/blame_json.h"
#include "format/codec.h"
#include "format/parts.h"
#include "format/verdict_fields.h"

const RsField rs_verdict_fields[] = {
    RS_TEXT_FIELD(RsVerdict, tool_version),
    RS_TEXT_FIELD(RsVerdict, rule_version),
    RS_TEXT_FIELD(RsVerdict, created_at),
    RS_TEXT_FIELD(RsVerdict, command),
    RS_INT64_OR_NULL(RsVerdict, seed, -1),
    RS_BOOL_FIELD(RsVerdict, side_by_side),
    RS_TEXT_FIELD(RsVerdict, sampler),
    RS_TEXT_FIELD(RsVerdict, change_head),
    {0},
};

const RsField rs_verdict_last_fields[] = {
    RS_SENTENCES_FIELD(RsVerdict, warnings),
    {0},
};

const RsField rs_gate_result_fields[] = {
    RS_WORD_FIELD(RsGateResult, status, rs_gate_status_names),
    RS_WORD_FIELD(RsGateResult, would_be, rs_gate_status_names),
    RS_INT_FIELD(RsGateResult, exit_status),
    RS_TEXT_FIELD(RsGateResult, reason),
    RS_REAL_FIELD(RsGateResult, bound_pct),
    {0},
};

const RsField rs_row_fields[] = {
    RS_TEXT_FIELD(RsRow, name),
    RS_TEXT_FIELD(RsRow, metric),
    RS_TEXT_FIELD(RsRow, unit),
    RS_WORD_FIELD(RsRow, direction, rs_direction_names),
    RS_BOOL_FIELD(RsRow, gated),
    RS_WORD_FIELD(RsRow, verdict, rs_verdict_kind_names),
    RS_WORD_FIELD(RsRow, severity, rs_severity_names),
    RS_REAL_FIELD(RsRow, change_pct),
    RS_REAL_FIELD(RsRow, ci_low_pct),
    RS_REAL_FIELD(RsRow, ci_high_pct),
    RS_REAL_FIELD(RsRow, ci_level_pct),
    RS_REAL_FIELD(RsRow, p_value),
    RS_REAL_FIELD(RsRow, p_adjusted),
    RS_REAL_FIELD(RsRow, p_improved),
    RS_WORD_FIELD(RsRow, method, rs_method_names),
    RS_UINT_FIELD(RsRow, n_baseline),
    RS_UINT_FIELD(RsRow, n_current),
    RS_REAL_FIELD(RsRow, mde_pct),
    RS_REAL_FIELD(RsRow, threshold_pct),
    RS_REAL_FIELD(RsRow, bound_pct),
    RS_UINT_FIELD(RsRow, launches_per_trial),
    RS_WORD_FIELD(RsRow, stop_reason, rs_stop_reason_names),
    RS_TEXT_FIELD(RsRow, reason),
    {0},
};

const RsField rs_row_last_fields[] = {
    RS_SENTENCES_FIELD(RsRow, warnings),
    {0},
};

const RsField rs_row_side_fields[] = {
    RS_UINT_FIELD(RsRowSide, n),
    RS_REAL_FIELD(RsRowSide, mean),
    RS_REAL_FIELD(RsRowSide, median),
    RS_REAL_FIELD(RsRowSide, sd),
    RS_REAL_FIELD(RsRowSide, mad),
    RS_REAL_FIELD(RsRowSide, min),
    RS_REAL_FIELD(RsRowSide, max),
    RS_UINT_FIELD(RsRowSide, n_outliers),
    {0},
};

const RsField rs_function_change_fields[] = {
    RS_TEXT_FIELD(RsFunctionChange, name),
    RS_TEXT_FIELD(RsFunctionChange, crate_name),
    RS_INT64_OR_NULL(RsFunctionChange, baseline_self_ns, -1),
    RS_INT64_OR_NULL(RsFunctionChange, current_self_ns, -1),
    RS_REAL_FIELD(RsFunctionChange, change_pct),
    {0},
};

const RsField rs_summary_fields[] = {
    RS_UINT_FIELD(RsVerdictSummary, n_benchmarks),
    RS_UINT_FIELD(RsVerdictSummary, n_rows),
    RS_UINT_FIELD(RsVerdictSummary, n_gated_rows),
    RS_UINT_FIELD(RsVerdictSummary, n_no_baseline),
    {0},
};

const RsField rs_acceptance_fields[] = {
    RS_TEXT_FIELD(RsAcceptance, by),     RS_TEXT_FIELD(RsAcceptance, how),
    RS_TEXT_FIELD(RsAcceptance, at),     RS_TEXT_FIELD(RsAcceptance, head),
    RS_TEXT_FIELD(RsAcceptance, reason), {0},
};

static void emit_gate(RsEmit *emit, const RsGateResult *result)
{
    rs_emit_object(emit, "gate", RS_EMIT_LINES, NULL);
    rs_fields_emit(emit, rs_gate_result_fields, result);
    rs_parts_emit_gate(emit, result->gate);
    rs_emit_end(emit);
}

static void emit_environment(RsEmit *emit, const RsVerdict *verdict)
{
    rs_emit_object(emit, "environment", RS_EMIT_LINES, NULL);
    rs_emit_object(emit, "machines", RS_EMIT_LINES, NULL);
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++)
        rs_parts_emit_machine(emit, rs_arm_names[arm], &verdict->machines[arm]);
    rs_emit_end(emit);
    rs_parts_emit_noise(emit, &verdict->noise);
    rs_emit_end(emit);
}

static void emit_side(RsEmit *emit, RsArm arm, const RsRowSide *side)
{
    rs_emit_object(emit, rs_arm_names[arm], RS_EMIT_LINES, NULL);
    rs_fields_emit(emit, rs_row_side_fields, side);
    rs_emit_array(emit, "values", RS_EMIT_INLINE);
    for (guint i = 0; i < side->values->len; i++)
        rs_emit_real(emit, NULL, g_array_index(side->values, double, i));
    rs_emit_end(emit);
    rs_emit_array(emit, "positions", RS_EMIT_INLINE);
    for (guint i = 0; i < side->positions->len; i++)
        rs_emit_int(emit, NULL, g_array_index(side->positions, guint32, i));
    rs_emit_end(emit);
    rs_emit_end(emit);
}

static void emit_row(RsEmit *emit, const RsRow *row)
{
    rs_emit_object(emit, NULL, RS_EMIT_LINES, row->extra_json);
    rs_fields_emit(emit, rs_row_fields, row);
    emit_side(emit, RS_ARM_BASELINE, &row->baseline);
    emit_side(emit, RS_ARM_CURRENT, &row->current);
    rs_fields_emit(emit, rs_row_last_fields, row);
    rs_emit_end(emit);
}

static void emit_function(RsEmit *emit, const RsFunctionChange *change)
{
    rs_emit_object(emit, NULL, RS_EMIT_INLINE, change->extra_json);
    rs_fields_emit(emit, rs_function_change_fields, change);
    rs_emit_end(emit);
}

static void emit_failure(RsEmit *emit, const RsVerdictFailure *failure)
{
    rs_emit_object(emit, NULL, RS_EMIT_INLINE, failure->failure->extra_json);
    rs_emit_text(emit, "benchmark", failure->benchmark);
    rs_fields_emit(emit, rs_failure_fields, failure->failure);
    rs_emit_end(emit);
}

static void emit_acceptance(RsEmit *emit, const RsAcceptance *acceptance)
{
    if (!acceptance) {
        rs_emit_null(emit, "acceptance");
        return;
    }
    rs_emit_object(emit, "acceptance", RS_EMIT_LINES, NULL);
    rs_fields_emit(emit, rs_acceptance_fields, acceptance);
    rs_emit_end(emit);
}

static void emit_counts(RsEmit *emit, const char *key, const char *const *names,
                        const guint *counts)
{
    rs_emit_object(emit, key, RS_EMIT_INLINE, NULL);
    for (guint i = 0; names[i]; i++)
        rs_emit_int(emit, names[i], counts[i]);
    rs_emit_end(emit);
}

static void emit_summary(RsEmit *emit, const RsVerdictSummary *summary)
{
    rs_emit_object(emit, "summary", RS_EMIT_LINES, NULL);
    rs_fields_emit(emit, rs_summary_fields, summary);
    emit_counts(emit, "n_by_verdict", rs_verdict_kind_names, summary->n_by_verdict);
    emit_counts(emit, "n_by_severity", rs_severity_names, summary->n_by_severity);
    rs_emit_end(emit);
}

static void emit_lists(RsEmit *emit, const RsVerdict *verdict)
{
    rs_emit_array(emit, "benchmarks", RS_EMIT_LINES);
    for (guint i = 0; i < verdict->rows->len; i++)
        emit_row(emit, g_ptr_array_index(verdict->rows, i));
    rs_emit_end(emit);
    rs_emit_array(emit, "functions", RS_EMIT_LINES);
    for (guint i = 0; i < verdict->functions->len; i++)
        emit_function(emit, g_ptr_array_index(verdict->functions, i));
    rs_emit_end(emit);
    rs_blames_emit(emit, verdict->blames);
    rs_emit_array(emit, "failures", RS_EMIT_LINES);
    for (guint i = 0; i < verdict->failures->len; i++)
        emit_failure(emit, g_ptr_array_index(verdict->failures, i));
    rs_emit_end(emit);
    rs_parts_emit_policy_changes(emit, verdict->policy_changes);
}

/* So that the text grows without copies of itself. */
static gsize expected_bytes(const RsVerdict *verdict)
{
    gsize n_bytes = 8192;

    for (guint i = 0; i < verdict->rows->len; i++) {
        const RsRow *row = g_ptr_array_index(verdict->rows, i);

        n_bytes += 1536 + ((gsize)row->baseline.values->len + row->current.values->len) * 14;
    }
    for (guint i = 0; i < verdict->blames->len; i++) {
        const RsBlame *blame = g_ptr_array_index(verdict->blames, i);

        n_bytes += 1024 + (gsize)blame->functions->len * 640;
        if (blame->tree)
            n_bytes += (gsize)blame->tree->nodes->len * 48 + (gsize)blame->tree->names->len * 64;
    }
    return n_bytes;
}

GBytes *rs_verdict_encode(const RsVerdict *verdict, GError **error)
{
    g_autoptr(RsEmit) emit = rs_emit_new(RS_EMIT_LINES, expected_bytes(verdict));
    GString *text;

    rs_emit_object(emit, NULL, RS_EMIT_LINES, verdict->extra_json);
    rs_emit_text(emit, "format", RS_VERDICT_FORMAT);
    rs_emit_int(emit, "version", RS_VERDICT_VERSION);
    rs_emit_int(emit, "version_minor", RS_VERDICT_VERSION_MINOR);
    rs_fields_emit(emit, rs_verdict_fields, verdict);
    emit_gate(emit, &verdict->gate);
    emit_acceptance(emit, verdict->acceptance);
    emit_summary(emit, &verdict->summary);
    rs_parts_emit_revisions(emit, verdict->revisions);
    emit_environment(emit, verdict);
    rs_fields_emit(emit, rs_verdict_last_fields, verdict);
    emit_lists(emit, verdict);
    rs_emit_end(emit);
    text = rs_emit_finish(emit, error);
    return text ? g_string_free_to_bytes(text) : NULL;
}
