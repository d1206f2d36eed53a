/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/session.h"

#include <math.h>

RsSession *rs_session_new(void)
{
    RsSession *session = g_new0(RsSession, 1);

    session->version = RS_SESSION_VERSION;
    session->version_minor = RS_SESSION_VERSION_MINOR;
    session->seed = -1;
    rs_machine_init(&session->machine);
    rs_noise_init(&session->noise);
    session->benchmarks = g_ptr_array_new_with_free_func((GDestroyNotify)rs_benchmark_free);
    session->warnings = g_ptr_array_new_with_free_func(g_free);
    session->policy_changes = g_ptr_array_new_with_free_func((GDestroyNotify)rs_policy_change_free);
    return session;
}

void rs_session_free(RsSession *session)
{
    if (!session)
        return;
    g_free(session->source_format);
    g_free(session->tool_version);
    g_free(session->created_at);
    g_free(session->run_id);
    g_free(session->configuration_sha256);
    g_strfreev(session->expected_benchmarks);
    rs_gate_free(session->gate);
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++)
        rs_revision_clear(&session->revisions[arm]);
    rs_machine_clear(&session->machine);
    g_ptr_array_unref(session->benchmarks);
    g_ptr_array_unref(session->warnings);
    g_ptr_array_unref(session->policy_changes);
    g_free(session->change_head);
    rs_profile_free(session->profile);
    g_free(session->extra_json);
    g_free(session);
}

GPtrArray *rs_session_functions(RsSession *session)
{
    if (!session->profile) {
        session->profile = rs_profile_new();
        session->profile->is_list = TRUE;
    }
    return session->profile->functions;
}

RsBenchmark *rs_session_find(const RsSession *session, const char *benchmark_name)
{
    for (guint i = 0; i < session->benchmarks->len; i++) {
        RsBenchmark *benchmark = g_ptr_array_index(session->benchmarks, i);

        if (g_str_equal(benchmark->name, benchmark_name))
            return benchmark;
    }
    return NULL;
}

RsBenchmark *rs_benchmark_new(const char *name, RsDesign design)
{
    RsBenchmark *benchmark = g_new0(RsBenchmark, 1);

    benchmark->name = g_strdup(name);
    benchmark->design = design;
    benchmark->threshold_pct = NAN;
    benchmark->launches_per_trial = 1;
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++)
        benchmark->programs[arm].executable_bytes = -1;
    benchmark->trial_arm = g_array_new(FALSE, FALSE, sizeof(guint8));
    benchmark->trial_pair = g_array_new(FALSE, FALSE, sizeof(gint32));
    benchmark->trial_start_ns = g_array_new(FALSE, FALSE, sizeof(gint64));
    benchmark->metrics = g_ptr_array_new_with_free_func((GDestroyNotify)rs_metric_free);
    benchmark->failures = g_ptr_array_new_with_free_func((GDestroyNotify)rs_failure_free);
    benchmark->warnings = g_ptr_array_new_with_free_func(g_free);
    return benchmark;
}

void rs_benchmark_free(RsBenchmark *benchmark)
{
    if (!benchmark)
        return;
    g_free(benchmark->name);
    g_strfreev(benchmark->tags);
    g_strfreev(benchmark->parameters);
    g_strfreev(benchmark->gated_metrics);
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++)
        rs_program_clear(&benchmark->programs[arm]);
    g_array_unref(benchmark->trial_arm);
    g_array_unref(benchmark->trial_pair);
    g_array_unref(benchmark->trial_start_ns);
    g_ptr_array_unref(benchmark->metrics);
    g_clear_pointer(&benchmark->trial_spans, g_array_unref);
    g_clear_pointer(&benchmark->trial_samples, g_array_unref);
    g_ptr_array_unref(benchmark->failures);
    g_ptr_array_unref(benchmark->warnings);
    g_free(benchmark->extra_json);
    g_free(benchmark);
}

guint rs_benchmark_n_trials(const RsBenchmark *benchmark)
{
    return benchmark->trial_arm->len;
}

RsMetric *rs_benchmark_metric(const RsBenchmark *benchmark, const char *metric_name)
{
    for (guint i = 0; i < benchmark->metrics->len; i++) {
        RsMetric *metric = g_ptr_array_index(benchmark->metrics, i);

        if (g_str_equal(metric->name, metric_name))
            return metric;
    }
    return NULL;
}

RsMetric *rs_benchmark_add_metric(RsBenchmark *benchmark, const char *name, const char *unit,
                                  RsDirection direction, RsMetricKind kind)
{
    RsMetric *metric = rs_metric_new(name, unit, direction, kind);

    while (metric->values->len < rs_benchmark_n_trials(benchmark))
        rs_metric_append(metric, rs_metric_absent(metric));
    g_ptr_array_add(benchmark->metrics, metric);
    return metric;
}

static const RsTrialSpan not_sampled = {.n = -1};

guint rs_benchmark_add_trial(RsBenchmark *benchmark, RsArm arm, gint32 pair, gint64 start_ns)
{
    guint8 small_arm = (guint8)arm;

    g_array_append_val(benchmark->trial_arm, small_arm);
    g_array_append_val(benchmark->trial_pair, pair);
    g_array_append_val(benchmark->trial_start_ns, start_ns);
    if (benchmark->trial_spans)
        g_array_append_val(benchmark->trial_spans, not_sampled);
    for (guint i = 0; i < benchmark->metrics->len; i++) {
        RsMetric *metric = g_ptr_array_index(benchmark->metrics, i);

        rs_metric_append(metric, rs_metric_absent(metric));
    }
    return rs_benchmark_n_trials(benchmark) - 1;
}

void rs_benchmark_set_value(RsBenchmark *benchmark, guint trial, RsMetric *metric, RsValue value)
{
    g_assert(trial < rs_benchmark_n_trials(benchmark));
    g_array_index(metric->values, RsValue, trial) = value;
}

void rs_benchmark_set_samples(RsBenchmark *benchmark, guint trial, const RsTrialSample *samples,
                              guint n)
{
    RsTrialSpan *span;

    g_assert(trial < rs_benchmark_n_trials(benchmark) && n <= RS_TRIAL_MAX_STACKS);
    if (!benchmark->trial_spans) {
        benchmark->trial_spans = g_array_new(FALSE, FALSE, sizeof(RsTrialSpan));
        /* With room from the start: a trial without any stack still has an address to give. */
        benchmark->trial_samples = g_array_sized_new(FALSE, TRUE, sizeof(RsTrialSample), 16);
        for (guint i = 0; i < rs_benchmark_n_trials(benchmark); i++)
            g_array_append_val(benchmark->trial_spans, not_sampled);
    }
    span = &g_array_index(benchmark->trial_spans, RsTrialSpan, trial);
    g_assert(span->n < 0);
    *span = (RsTrialSpan){.first = benchmark->trial_samples->len, .n = (gint32)n};
    g_array_append_vals(benchmark->trial_samples, samples, n);
}

const RsTrialSample *rs_benchmark_samples(const RsBenchmark *benchmark, guint trial, guint *n)
{
    const RsTrialSpan *span;

    *n = 0;
    g_assert(trial < rs_benchmark_n_trials(benchmark));
    if (!benchmark->trial_spans)
        return NULL;
    span = &g_array_index(benchmark->trial_spans, RsTrialSpan, trial);
    if (span->n < 0)
        return NULL;
    *n = (guint)span->n;
    return (const RsTrialSample *)benchmark->trial_samples->data + span->first;
}

RsFailure *rs_failure_new(RsArm arm, const char *stage)
{
    RsFailure *failure = g_new0(RsFailure, 1);

    failure->arm = arm;
    failure->stage = g_strdup(stage);
    failure->pair = -1;
    failure->exit_status = -1;
    return failure;
}

void rs_failure_free(RsFailure *failure)
{
    if (!failure)
        return;
    g_free(failure->stage);
    g_free(failure->message);
    g_free(failure->output_tail);
    g_free(failure->extra_json);
    g_free(failure);
}

void rs_program_clear(RsProgram *program)
{
    g_strfreev(program->argv);
    g_strfreev(program->environment);
    g_free(program->working_directory);
    g_free(program->stdin_path);
    g_free(program->build_command);
    g_free(program->executable_path);
    g_free(program->executable_sha256);
    g_free(program->extra_json);
    *program = (RsProgram){.executable_bytes = -1};
}

void rs_revision_clear(RsRevision *revision)
{
    g_free(revision->revision);
    g_free(revision->branch);
    g_free(revision->repository);
    g_free(revision->describe);
    *revision = (RsRevision){0};
}

void rs_revision_copy(const RsRevision *from, RsRevision *to)
{
    *to = (RsRevision){
        .revision = g_strdup(from->revision),
        .branch = g_strdup(from->branch),
        .repository = g_strdup(from->repository),
        .describe = g_strdup(from->describe),
        .dirty = from->dirty,
    };
}
