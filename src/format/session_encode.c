/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "analyze/call_tree.h"
#include "format/parts.h"
#include "format/profile_json.h"
#include "format/session_fields.h"
#include "format/session_json.h"
#include "format/tables_json.h"

static void emit_parameters(RsEmit *emit, const RsBenchmark *benchmark)
{
    g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);

    if (!benchmark->parameters) {
        rs_emit_null(emit, "parameters");
        return;
    }
    rs_emit_object(emit, "parameters", RS_EMIT_INLINE, "{}");
    for (char **parameter = benchmark->parameters; *parameter; parameter++) {
        const char *equals = strchr(*parameter, '=');
        char *key =
            equals ? g_strndup(*parameter, (gsize)(equals - *parameter)) : g_strdup(*parameter);

        g_ptr_array_add(keys, key);
        rs_emit_text(emit, key, equals ? equals + 1 : "");
    }
    rs_emit_end(emit);
}

static gboolean program_is_empty(const RsProgram *program)
{
    return !program->argv && !program->shell && !program->working_directory &&
           !program->stdin_path && !program->environment && !program->build_command &&
           !program->executable_path && !program->executable_sha256 &&
           program->executable_bytes == -1 && !program->extra_json;
}

static void emit_programs(RsEmit *emit, const RsProgram *programs)
{
    rs_emit_object(emit, "programs", RS_EMIT_LINES, NULL);
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++) {
        if (program_is_empty(&programs[arm])) {
            rs_emit_null(emit, rs_arm_names[arm]);
            continue;
        }
        rs_emit_object(emit, rs_arm_names[arm], RS_EMIT_LINES, programs[arm].extra_json);
        rs_fields_emit(emit, rs_program_fields, &programs[arm]);
        rs_emit_end(emit);
    }
    rs_emit_end(emit);
}

void rs_metric_emit_members(RsEmit *emit, const RsMetric *metric)
{
    rs_emit_text(emit, "unit", metric->unit);
    rs_emit_text(emit, "direction", rs_direction_names[metric->direction]);
    rs_emit_text(emit, "kind", rs_metric_kind_names[metric->kind]);
}

void rs_metric_emit_value(RsEmit *emit, const RsMetric *metric, guint trial)
{
    const RsValue *value = &g_array_index(metric->values, RsValue, trial);

    if (metric->kind == RS_REAL)
        rs_emit_real(emit, NULL, value->real);
    else if (value->count == RS_COUNT_ABSENT)
        rs_emit_null(emit, NULL);
    else
        rs_emit_int(emit, NULL, value->count);
}

static void emit_metric(RsEmit *emit, const RsMetric *metric, guint n_trials)
{
    g_assert(metric->values->len == n_trials);
    rs_emit_object(emit, metric->name, RS_EMIT_INLINE, NULL);
    rs_metric_emit_members(emit, metric);
    rs_emit_array(emit, "values", RS_EMIT_INLINE);
    for (guint i = 0; i < n_trials; i++)
        rs_metric_emit_value(emit, metric, i);
    rs_emit_end(emit);
    rs_emit_end(emit);
}

static void emit_int_or_null(RsEmit *emit, gint64 value)
{
    if (value == -1)
        rs_emit_null(emit, NULL);
    else
        rs_emit_int(emit, NULL, value);
}

static void emit_trials(RsEmit *emit, const RsBenchmark *benchmark)
{
    guint n_trials = rs_benchmark_n_trials(benchmark);

    rs_emit_object(emit, "trials", RS_EMIT_LINES, NULL);
    rs_emit_array(emit, "arm", RS_EMIT_INLINE);
    for (guint i = 0; i < n_trials; i++)
        rs_emit_int(emit, NULL, g_array_index(benchmark->trial_arm, guint8, i));
    rs_emit_end(emit);
    rs_emit_array(emit, "pair", RS_EMIT_INLINE);
    for (guint i = 0; i < n_trials; i++)
        emit_int_or_null(emit, g_array_index(benchmark->trial_pair, gint32, i));
    rs_emit_end(emit);
    rs_emit_array(emit, "start_ns", RS_EMIT_INLINE);
    for (guint i = 0; i < n_trials; i++)
        emit_int_or_null(emit, g_array_index(benchmark->trial_start_ns, gint64, i));
    rs_emit_end(emit);
    rs_emit_object(emit, "metrics", RS_EMIT_LINES, NULL);
    for (guint i = 0; i < benchmark->metrics->len; i++)
        emit_metric(emit, g_ptr_array_index(benchmark->metrics, i), n_trials);
    rs_emit_end(emit);
    rs_trial_samples_emit(emit, benchmark);
    rs_emit_end(emit);
}

void rs_benchmark_emit(RsEmit *emit, const char *key, const RsBenchmark *benchmark,
                       gboolean with_trials)
{
    rs_emit_object(emit, key, RS_EMIT_LINES, benchmark->extra_json);
    rs_fields_emit(emit, rs_benchmark_fields, benchmark);
    emit_parameters(emit, benchmark);
    emit_programs(emit, benchmark->programs);
    if (with_trials)
        emit_trials(emit, benchmark);
    rs_emit_array(emit, "failures", RS_EMIT_LINES);
    for (guint i = 0; i < benchmark->failures->len; i++) {
        const RsFailure *failure = g_ptr_array_index(benchmark->failures, i);

        rs_emit_object(emit, NULL, RS_EMIT_INLINE, failure->extra_json);
        rs_fields_emit(emit, rs_failure_fields, failure);
        rs_emit_end(emit);
    }
    rs_emit_end(emit);
    rs_fields_emit(emit, rs_benchmark_last_fields, benchmark);
    rs_emit_end(emit);
}

static void emit_shard(RsEmit *emit, const RsSession *session)
{
    if (session->shard_count == 0) {
        rs_emit_null(emit, "shard");
        return;
    }
    rs_emit_object(emit, "shard", RS_EMIT_INLINE, NULL);
    rs_emit_int(emit, "index", session->shard_index);
    rs_emit_int(emit, "count", session->shard_count);
    rs_emit_end(emit);
}

static void emit_gate(RsEmit *emit, const RsGate *gate)
{
    if (!gate) {
        rs_emit_null(emit, "gate");
        return;
    }
    rs_emit_object(emit, "gate", RS_EMIT_LINES, NULL);
    rs_parts_emit_gate(emit, gate);
    rs_emit_end(emit);
}

/* With the times that their samples add up to, where there are any. */
static void emit_functions(RsEmit *emit, const RsSession *session, gboolean with_sums)
{
    g_autofree RsTimeSum *sums = with_sums ? rs_functions_sums(session) : NULL;

    rs_emit_array(emit, "functions", RS_EMIT_LINES);
    for (guint i = 0; session->profile && i < session->profile->functions->len; i++) {
        RsFunction function =
            *(const RsFunction *)g_ptr_array_index(session->profile->functions, i);

        if (sums) {
            function.self_ns = sums[i].self_ns;
            function.total_ns = sums[i].total_ns;
            function.n_samples = sums[i].n_samples;
        }
        rs_emit_object(emit, NULL, RS_EMIT_INLINE, function.extra_json);
        rs_fields_emit(emit, rs_function_fields, &function);
        rs_emit_end(emit);
    }
    rs_emit_end(emit);
}

void rs_session_emit_members(RsEmit *emit, const RsSession *session, gboolean with_trials)
{
    rs_fields_emit(emit, rs_session_fields, session);
    emit_shard(emit, session);
    emit_gate(emit, session->gate);
    rs_parts_emit_revisions(emit, session->revisions);
    rs_parts_emit_machine(emit, "machine", &session->machine);
    rs_parts_emit_noise(emit, &session->noise);
    rs_fields_emit(emit, rs_session_last_fields, session);
    if (session->change_head)
        rs_emit_text(emit, "change_head", session->change_head);
    if (session->policy_changes->len)
        rs_parts_emit_policy_changes(emit, session->policy_changes);
    rs_emit_array(emit, "benchmarks", RS_EMIT_LINES);
    for (guint i = 0; i < session->benchmarks->len; i++)
        rs_benchmark_emit(emit, NULL, g_ptr_array_index(session->benchmarks, i), with_trials);
    rs_emit_end(emit);
    emit_functions(emit, session, with_trials);
    rs_profile_emit(emit, session->profile);
}

/* So that the text grows without copies of itself. */
static gsize expected_bytes(const RsSession *session)
{
    gsize n_bytes = 4096;

    for (guint i = 0; i < session->benchmarks->len; i++) {
        const RsBenchmark *benchmark = g_ptr_array_index(session->benchmarks, i);

        n_bytes += 2048 + (gsize)rs_benchmark_n_trials(benchmark) *
                              (20 + (gsize)benchmark->metrics->len * 9);
        if (benchmark->trial_samples)
            n_bytes += (gsize)benchmark->trial_samples->len * 18;
    }
    if (session->profile)
        n_bytes += (gsize)session->profile->samples->len * 36 +
                   (gsize)(session->profile->stacks->len + session->profile->frames->len) * 16 +
                   (gsize)session->profile->functions->len * 480 +
                   (gsize)session->profile->lines->len * 10;
    return n_bytes;
}

GBytes *rs_session_encode(const RsSession *session, GError **error)
{
    g_autoptr(RsEmit) emit = rs_emit_new(RS_EMIT_LINES, expected_bytes(session));
    GString *text;

    rs_emit_object(emit, NULL, RS_EMIT_LINES, session->extra_json);
    rs_emit_text(emit, "format", RS_SESSION_FORMAT);
    rs_emit_int(emit, "version", RS_SESSION_VERSION);
    rs_emit_int(emit, "version_minor", RS_SESSION_VERSION_MINOR);
    rs_session_emit_members(emit, session, TRUE);
    rs_tables_emit(emit, session);
    rs_emit_end(emit);
    text = rs_emit_finish(emit, error);
    return text ? g_string_free_to_bytes(text) : NULL;
}
