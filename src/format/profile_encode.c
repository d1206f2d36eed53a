/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/profile_fields.h"
#include "format/profile_json.h"

const RsField rs_module_fields[] = {
    RS_WORD_FIELD(RsProfileModule, kind, rs_module_kind_names),
    RS_TEXT_FIELD(RsProfileModule, path),
    RS_TEXT_FIELD(RsProfileModule, build_id),
    RS_INT64_OR_NULL(RsProfileModule, n_bytes, -1),
    {0},
};

#define PLACE_COLUMNS                                                                              \
    {"module", RS_COLUMN_UINT32, offsetof(RsProfileFrame, module), 0, G_MAXUINT32, 0, 0},          \
    {                                                                                              \
        "address", RS_COLUMN_HEX64, offsetof(RsProfileFrame, address), 0, 0, 0, 0                  \
    }

const RsColumn rs_frame_columns[] = {PLACE_COLUMNS, {0}};

const RsColumn rs_symbolized_frame_columns[] = {
    PLACE_COLUMNS,
    {"n_lines", RS_COLUMN_UINT32, offsetof(RsProfileFrame, n_lines), 0, RS_PROFILE_MAX_FRAME_LINES,
     0, TRUE},
    {0},
};

const RsColumn rs_line_columns[] = {
    {"function", RS_COLUMN_UINT32, offsetof(RsProfileLine, function), 0, G_MAXUINT32, 0, 0},
    {"line", RS_COLUMN_UINT32, offsetof(RsProfileLine, line), 0, G_MAXUINT32, 0, 0},
    {0},
};

const RsColumn rs_stack_columns[] = {
    {"parent", RS_COLUMN_INT32, offsetof(RsProfileStack, parent), 0, G_MAXINT32, TRUE, 0},
    {"frame", RS_COLUMN_UINT32, offsetof(RsProfileStack, frame), 0, G_MAXUINT32, 0, 0},
    {0},
};

const RsColumn rs_sample_columns[] = {
    {"at_ns", RS_COLUMN_INT64, offsetof(RsProfileSample, at_ns), G_MININT64, G_MAXINT64, 0, 0},
    {"stack", RS_COLUMN_INT32, offsetof(RsProfileSample, stack), 0, G_MAXINT32, TRUE, 0},
    {"thread", RS_COLUMN_UINT32, offsetof(RsProfileSample, thread), 0, G_MAXUINT32, 0, 0},
    {"weight_ns", RS_COLUMN_INT64, offsetof(RsProfileSample, weight_ns), 0, G_MAXINT64, 0, 0},
    {"end", RS_COLUMN_UINT8, offsetof(RsProfileSample, end), 0, RS_N_STACK_ENDS - 1, 0, TRUE},
    {"late", RS_COLUMN_UINT8, offsetof(RsProfileSample, is_late), 0, 1, 0, TRUE},
    {0},
};

const RsColumn rs_site_columns[] = {
    {"stack", RS_COLUMN_INT32, offsetof(RsLockSite, stack), 0, G_MAXINT32, TRUE, 0},
    {"n_waits", RS_COLUMN_INT64, offsetof(RsLockSite, n_waits), 0, G_MAXINT64, 0, 0},
    {"wait_ns", RS_COLUMN_INT64, offsetof(RsLockSite, wait_ns), 0, G_MAXINT64, 0, 0},
    {0},
};

const RsColumn rs_trial_sample_columns[] = {
    {"stack", RS_COLUMN_INT32, offsetof(RsTrialSample, stack), 0, G_MAXINT32, TRUE, 0},
    {"n", RS_COLUMN_UINT32, offsetof(RsTrialSample, n), 0, G_MAXUINT32, 0, 0},
    {"weight_ns", RS_COLUMN_INT64, offsetof(RsTrialSample, weight_ns), 0, G_MAXINT64, 0, 0},
    {0},
};

const RsField rs_thread_fields[] = {
    RS_INT_FIELD(RsProfileThread, process_id),
    RS_INT_FIELD(RsProfileThread, thread_id),
    RS_TEXT_FIELD(RsProfileThread, name),
    {0},
};

const RsField rs_process_fields[] = {
    RS_INT_FIELD(RsProfileProcess, process_id),
    RS_INT_OR_NULL(RsProfileProcess, parent_id, 0),
    RS_TEXT_FIELD(RsProfileProcess, name),
    RS_INT64_OR_NULL(RsProfileProcess, start_ns, -1),
    RS_INT64_OR_NULL(RsProfileProcess, end_ns, -1),
    RS_INT_OR_NULL(RsProfileProcess, exit_status, -1),
    RS_INT_OR_NULL(RsProfileProcess, signal_number, 0),
    {0},
};

const RsField rs_process_sample_fields[] = {
    RS_INT64_FIELD(RsProcessSample, at_ns),
    RS_INT_FIELD(RsProcessSample, process_id),
    RS_REAL_FIELD(RsProcessSample, cpu_pct),
    RS_INT64_OR_NULL(RsProcessSample, rss_bytes, -1),
    RS_INT64_OR_NULL(RsProcessSample, n_threads, -1),
    RS_INT64_OR_NULL(RsProcessSample, n_open_fds, -1),
    RS_INT64_OR_NULL(RsProcessSample, n_syscalls, -1),
    RS_INT64_OR_NULL(RsProcessSample, n_voluntary_switches, -1),
    RS_INT64_OR_NULL(RsProcessSample, n_involuntary_switches, -1),
    RS_INT64_OR_NULL(RsProcessSample, read_bytes, -1),
    RS_INT64_OR_NULL(RsProcessSample, written_bytes, -1),
    {0},
};

const RsField rs_event_fields[] = {
    RS_WORD_FIELD(RsTimelineEvent, kind, rs_event_kind_names),
    RS_TEXT_FIELD(RsTimelineEvent, series),
    RS_INT_OR_NULL(RsTimelineEvent, process_id, 0),
    RS_INT64_FIELD(RsTimelineEvent, start_ns),
    RS_INT64_FIELD(RsTimelineEvent, end_ns),
    RS_REAL_FIELD(RsTimelineEvent, before),
    RS_REAL_FIELD(RsTimelineEvent, peak),
    RS_TEXT_FIELD(RsTimelineEvent, label),
    {0},
};

const RsField rs_lock_fields[] = {
    RS_INT_FIELD(RsLock, process_id),      RS_TEXT_FIELD(RsLock, place),
    RS_INT64_FIELD(RsLock, n_waits),       RS_INT64_FIELD(RsLock, wait_ns),
    RS_INT64_FIELD(RsLock, n_max_waiters), {0},
};

const RsField rs_process_summary_fields[] = {
    RS_INT64_OR_NULL(RsProcessSummary, duration_ns, -1),
    RS_INT64_OR_NULL(RsProcessSummary, cpu_user_ns, -1),
    RS_INT64_OR_NULL(RsProcessSummary, cpu_system_ns, -1),
    RS_INT64_OR_NULL(RsProcessSummary, peak_rss_bytes, -1),
    RS_INT64_OR_NULL(RsProcessSummary, peak_threads, -1),
    RS_INT_OR_NULL(RsProcessSummary, exit_status, -1),
    RS_INT_OR_NULL(RsProcessSummary, signal_number, 0),
    {0},
};

const RsField rs_diagnostics_fields[] = {
    RS_TEXT_FIELD(RsDiagnostics, backend),
    RS_TEXT_FIELD(RsDiagnostics, backend_reason),
    RS_TEXT_FIELD(RsDiagnostics, event),
    RS_REAL_FIELD(RsDiagnostics, sample_rate_hz),
    RS_BOOL_FIELD(RsDiagnostics, fallback_used),
    RS_BOOL_FIELD(RsDiagnostics, sees_kernel),
    RS_INT64_OR_NULL(RsDiagnostics, n_raw_samples, -1),
    RS_INT64_OR_NULL(RsDiagnostics, n_symbolized_samples, -1),
    RS_INT64_OR_NULL(RsDiagnostics, n_unknown_symbols, -1),
    RS_INT64_OR_NULL(RsDiagnostics, n_dropped_samples, -1),
    RS_INT64_OR_NULL(RsDiagnostics, n_lost_samples, -1),
    RS_INT64_OR_NULL(RsDiagnostics, n_throttled, -1),
    RS_INT64_OR_NULL(RsDiagnostics, n_late_samples, -1),
    RS_INT64_OR_NULL(RsDiagnostics, sampler_cpu_ns, -1),
    RS_INT64_OR_NULL(RsDiagnostics, analysis_cpu_ns, -1),
    RS_INT64_OR_NULL(RsDiagnostics, wall_ns, -1),
    RS_REAL_FIELD(RsDiagnostics, cost_wall_pct),
    RS_REAL_FIELD(RsDiagnostics, cost_wall_low_pct),
    RS_REAL_FIELD(RsDiagnostics, cost_wall_high_pct),
    RS_REAL_FIELD(RsDiagnostics, cost_cpu_pct),
    RS_REAL_FIELD(RsDiagnostics, cost_cpu_low_pct),
    RS_REAL_FIELD(RsDiagnostics, cost_cpu_high_pct),
    RS_INT64_FIELD(RsDiagnostics, n_cost_pairs),
    RS_TEXT_FIELD(RsDiagnostics, fidelity),
    {0},
};

static void emit_columns(RsEmit *emit, const char *key, const RsColumn *columns, const GArray *rows,
                         guint from)
{
    rs_emit_object(emit, key, RS_EMIT_LINES, NULL);
    rs_columns_emit(emit, columns, rows, from);
    rs_emit_end(emit);
}

static void emit_element(RsEmit *emit, const RsField *fields, gconstpointer base,
                         const char *extra_json)
{
    rs_emit_object(emit, NULL, RS_EMIT_INLINE, extra_json);
    rs_fields_emit(emit, fields, base);
    rs_emit_end(emit);
}

static void emit_modules(RsEmit *emit, const RsProfile *profile, guint from)
{
    rs_emit_array(emit, "modules", RS_EMIT_LINES);
    for (guint i = from; i < profile->modules->len; i++) {
        const RsProfileModule *module = g_ptr_array_index(profile->modules, i);

        emit_element(emit, rs_module_fields, module, module->extra_json);
    }
    rs_emit_end(emit);
}

/* Those of frame 0, those of frame 1, ...: a file says where they begin by their number alone. */
static void emit_lines(RsEmit *emit, const RsProfile *profile)
{
    g_autoptr(GArray) rows = NULL;

    if (!profile->lines->len)
        return;
    rows = g_array_sized_new(FALSE, FALSE, sizeof(RsProfileLine), profile->lines->len);
    for (guint i = 0; i < profile->frames->len; i++) {
        const RsProfileFrame *frame = &g_array_index(profile->frames, RsProfileFrame, i);

        if (frame->n_lines)
            g_array_append_vals(rows,
                                &g_array_index(profile->lines, RsProfileLine, frame->first_line),
                                frame->n_lines);
    }
    emit_columns(emit, "lines", rs_line_columns, rows, 0);
}

static void emit_lives(RsEmit *emit, const RsProfile *profile)
{
    rs_emit_array(emit, "threads", RS_EMIT_LINES);
    for (guint i = 0; i < profile->threads->len; i++) {
        const RsProfileThread *thread = &g_array_index(profile->threads, RsProfileThread, i);

        emit_element(emit, rs_thread_fields, thread, thread->extra_json);
    }
    rs_emit_end(emit);
    rs_emit_array(emit, "processes", RS_EMIT_LINES);
    for (guint i = 0; i < profile->processes->len; i++) {
        const RsProfileProcess *process = &g_array_index(profile->processes, RsProfileProcess, i);

        emit_element(emit, rs_process_fields, process, process->extra_json);
    }
    rs_emit_end(emit);
}

static void emit_locks(RsEmit *emit, const GPtrArray *locks)
{
    rs_emit_array(emit, "locks", RS_EMIT_LINES);
    for (guint i = 0; i < locks->len; i++) {
        const RsLock *lock = g_ptr_array_index(locks, i);

        rs_emit_object(emit, NULL, RS_EMIT_INLINE, lock->extra_json);
        rs_hex_emit(emit, "address", lock->address);
        rs_fields_emit(emit, rs_lock_fields, lock);
        emit_columns(emit, "sites", rs_site_columns, lock->sites, 0);
        rs_emit_end(emit);
    }
    rs_emit_end(emit);
}

static void emit_timeline(RsEmit *emit, const RsProfile *profile)
{
    rs_emit_array(emit, "process_samples", RS_EMIT_LINES);
    for (guint i = 0; i < profile->process_samples->len; i++) {
        const RsProcessSample *sample = g_ptr_array_index(profile->process_samples, i);

        emit_element(emit, rs_process_sample_fields, sample, sample->extra_json);
    }
    rs_emit_end(emit);
    rs_emit_array(emit, "timeline_events", RS_EMIT_LINES);
    for (guint i = 0; i < profile->events->len; i++) {
        const RsTimelineEvent *event = g_ptr_array_index(profile->events, i);

        emit_element(emit, rs_event_fields, event, event->extra_json);
    }
    rs_emit_end(emit);
}

static void emit_counts(RsEmit *emit, const char *key, const char *const *names,
                        const gint64 *counts)
{
    rs_emit_object(emit, key, RS_EMIT_INLINE, NULL);
    for (guint i = 0; names[i]; i++)
        rs_emit_int(emit, names[i], counts[i]);
    rs_emit_end(emit);
}

void rs_diagnostics_emit(RsEmit *emit, const RsDiagnostics *diagnostics)
{
    rs_emit_object(emit, "sampling_diagnostics", RS_EMIT_LINES, diagnostics->extra_json);
    rs_fields_emit(emit, rs_diagnostics_fields, diagnostics);
    emit_counts(emit, "n_by_source", rs_symbol_source_names, diagnostics->n_by_source);
    emit_counts(emit, "n_unnamed", rs_unnamed_names, diagnostics->n_unnamed);
    emit_counts(emit, "stack_ends", rs_stack_end_names, diagnostics->n_ends);
    rs_emit_end(emit);
}

void rs_profile_emit(RsEmit *emit, const RsProfile *profile)
{
    if (!profile || profile->is_list)
        return;
    rs_emit_object(emit, "profile", RS_EMIT_LINES, NULL);
    emit_modules(emit, profile, 0);
    emit_columns(emit, "frames",
                 profile->lines->len ? rs_symbolized_frame_columns : rs_frame_columns,
                 profile->frames, 0);
    emit_lines(emit, profile);
    emit_columns(emit, "stacks", rs_stack_columns, profile->stacks, 0);
    emit_lives(emit, profile);
    emit_columns(emit, "samples", rs_sample_columns, profile->samples, 0);
    rs_emit_end(emit);
    emit_timeline(emit, profile);
    emit_locks(emit, profile->locks);
    rs_emit_object(emit, "process_summary", RS_EMIT_LINES, profile->summary.extra_json);
    rs_fields_emit(emit, rs_process_summary_fields, &profile->summary);
    rs_emit_end(emit);
    rs_diagnostics_emit(emit, &profile->diagnostics);
}

RsProfileExtent rs_profile_extent(const RsProfile *profile)
{
    if (!profile)
        return (RsProfileExtent){0};
    return (RsProfileExtent){profile->modules->len, profile->frames->len, profile->stacks->len};
}

void rs_profile_emit_growth(RsEmit *emit, const RsProfile *profile, const RsProfileExtent *told)
{
    rs_emit_object(emit, "profile", RS_EMIT_INLINE, NULL);
    emit_modules(emit, profile, told->n_modules);
    emit_columns(emit, "frames", rs_frame_columns, profile->frames, told->n_frames);
    emit_columns(emit, "stacks", rs_stack_columns, profile->stacks, told->n_stacks);
    rs_emit_end(emit);
}

void rs_trial_samples_emit(RsEmit *emit, const RsBenchmark *benchmark)
{
    const GArray *spans = benchmark->trial_spans;

    if (!spans)
        return;
    rs_emit_object(emit, "samples", RS_EMIT_LINES, NULL);
    rs_emit_array(emit, "n_stacks", RS_EMIT_INLINE);
    for (guint i = 0; i < spans->len; i++) {
        gint32 n = g_array_index(spans, RsTrialSpan, i).n;

        if (n < 0)
            rs_emit_null(emit, NULL);
        else
            rs_emit_int(emit, NULL, n);
    }
    rs_emit_end(emit);
    rs_columns_emit(emit, rs_trial_sample_columns, benchmark->trial_samples, 0);
    rs_emit_end(emit);
}
