/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every index of a file is checked here, so that the rest of the program need not: a function's and
 * a frame's module, a line's function, a stack's frame and parent (which comes before it), a
 * sample's stack and thread. */
#include "format/parts.h"
#include "format/profile_fields.h"
#include "format/profile_json.h"

/* --- the code --- */

static void take_modules(RsTake *take, json_t *object, RsProfile *profile)
{
    json_t *modules =
        rs_take_array(take, object, "modules",
                      RS_PROFILE_MAX_MODULES - MIN(profile->modules->len, RS_PROFILE_MAX_MODULES));
    gsize mark = rs_take_enter(take, "modules");
    json_t *element;
    size_t i;

    json_array_foreach(modules, i, element)
    {
        gsize element_mark = rs_take_enter_index(take, i);
        RsProfileModule *module = g_new0(RsProfileModule, 1);

        module->n_bytes = -1;
        if (rs_take_is_object(take, element)) {
            rs_fields_take(take, element, rs_module_fields, module);
            rs_parts_take_rest(element, &module->extra_json);
        }
        if (!module->path)
            rs_take_fail(take, "path", "is missing");
        if (take->error)
            rs_profile_module_free(module);
        else
            g_ptr_array_add(profile->modules, module);
        rs_take_leave(take, element_mark);
    }
    rs_take_leave(take, mark);
    json_decref(modules);
}

/* Rows below an object of their own. */
static void take_columns(RsTake *take, json_t *object, const char *key, const RsColumn *columns,
                         gsize limit, GArray *rows)
{
    json_t *own = rs_take_object(take, object, key);
    gsize mark = rs_take_enter(take, key);

    if (own)
        rs_columns_take(take, own, columns, limit, rows);
    rs_take_leave(take, mark);
    rs_take_object_end(object, key);
}

/* Entry i of the list at key of the object at hand's member. */
static void fail_entry(RsTake *take, const char *member, const char *key, guint i,
                       const char *wanted)
{
    gsize mark = rs_take_enter(take, member);

    rs_take_enter(take, key);
    rs_take_enter_index(take, i);
    rs_take_fail(take, NULL, "%s", wanted);
    rs_take_leave(take, mark);
}

/* Of frames from n_frames on, which tell how many they have. */
static void take_lines(RsTake *take, json_t *object, RsProfile *profile, guint n_frames)
{
    guint n_known = profile->lines->len;
    guint64 n_told = n_known;

    take_columns(take, object, "lines", rs_line_columns, RS_PROFILE_MAX_LINES, profile->lines);
    for (guint i = n_frames; i < profile->frames->len && !take->error; i++) {
        RsProfileFrame *frame = &g_array_index(profile->frames, RsProfileFrame, i);

        frame->first_line = (guint32)MIN(n_told, profile->lines->len);
        n_told += frame->n_lines;
    }
    if (n_told != profile->lines->len)
        rs_take_fail(take, "lines", "%u entries, but the frames tell of %" G_GUINT64_FORMAT,
                     profile->lines->len - n_known, n_told - n_known);
}

/* From: rows that were there before have been checked. Entries are counted as in this object. */
static void take_code(RsTake *take, json_t *object, RsProfile *profile)
{
    guint n_frames = profile->frames->len, n_stacks = profile->stacks->len;

    take_modules(take, object, profile);
    take_columns(take, object, "frames", rs_symbolized_frame_columns, RS_PROFILE_MAX_FRAMES,
                 profile->frames);
    take_lines(take, object, profile, n_frames);
    take_columns(take, object, "stacks", rs_stack_columns, RS_PROFILE_MAX_STACKS, profile->stacks);
    for (guint i = n_frames; i < profile->frames->len && !take->error; i++)
        if (g_array_index(profile->frames, RsProfileFrame, i).module >= profile->modules->len)
            fail_entry(take, "frames", "module", i - n_frames, "there is no such module");
    for (guint i = n_stacks; i < profile->stacks->len && !take->error; i++) {
        const RsProfileStack *stack = &g_array_index(profile->stacks, RsProfileStack, i);

        if (stack->parent >= (gint64)i)
            fail_entry(take, "stacks", "parent", i - n_stacks,
                       "must be a stack that comes before it, or null");
        if (stack->frame >= profile->frames->len)
            fail_entry(take, "stacks", "frame", i - n_stacks, "there is no such frame");
    }
}

/* --- the times --- */

static void take_threads(RsTake *take, json_t *object, RsProfile *profile)
{
    json_t *threads = rs_take_array(take, object, "threads", RS_PROFILE_MAX_THREADS);
    gsize mark = rs_take_enter(take, "threads");
    json_t *element;
    size_t i;

    json_array_foreach(threads, i, element)
    {
        gsize element_mark = rs_take_enter_index(take, i);
        RsProfileThread thread = {0};

        if (rs_take_is_object(take, element)) {
            rs_fields_take(take, element, rs_thread_fields, &thread);
            rs_parts_take_rest(element, &thread.extra_json);
        }
        g_array_append_val(profile->threads, thread);
        rs_take_leave(take, element_mark);
    }
    rs_take_leave(take, mark);
    json_decref(threads);
}

static void take_processes(RsTake *take, json_t *object, RsProfile *profile)
{
    json_t *processes = rs_take_array(take, object, "processes", RS_PROFILE_MAX_PROCESSES);
    gsize mark = rs_take_enter(take, "processes");
    json_t *element;
    size_t i;

    json_array_foreach(processes, i, element)
    {
        gsize element_mark = rs_take_enter_index(take, i);
        RsProfileProcess process = {.start_ns = -1, .end_ns = -1, .exit_status = -1};

        if (rs_take_is_object(take, element)) {
            rs_fields_take(take, element, rs_process_fields, &process);
            rs_parts_take_rest(element, &process.extra_json);
        }
        g_array_append_val(profile->processes, process);
        rs_take_leave(take, element_mark);
    }
    rs_take_leave(take, mark);
    json_decref(processes);
}

static void take_samples(RsTake *take, json_t *object, RsProfile *profile)
{
    take_columns(take, object, "samples", rs_sample_columns, RS_PROFILE_MAX_SAMPLES,
                 profile->samples);
    for (guint i = 0; i < profile->samples->len && !take->error; i++) {
        const RsProfileSample *sample = &g_array_index(profile->samples, RsProfileSample, i);

        if (sample->stack >= (gint64)profile->stacks->len)
            fail_entry(take, "samples", "stack", i, "there is no such stack");
        if (sample->thread >= profile->threads->len)
            fail_entry(take, "samples", "thread", i, "there is no such thread");
    }
}

static void take_process_samples(RsTake *take, json_t *object, RsProfile *profile)
{
    json_t *samples =
        rs_take_array(take, object, "process_samples", RS_PROFILE_MAX_PROCESS_SAMPLES);
    gsize mark = rs_take_enter(take, "process_samples");
    json_t *element;
    size_t i;

    json_array_foreach(samples, i, element)
    {
        gsize element_mark = rs_take_enter_index(take, i);
        RsProcessSample *sample = rs_process_sample_new();

        g_ptr_array_add(profile->process_samples, sample);
        if (rs_take_is_object(take, element)) {
            rs_fields_take(take, element, rs_process_sample_fields, sample);
            rs_parts_take_rest(element, &sample->extra_json);
        }
        rs_take_leave(take, element_mark);
    }
    rs_take_leave(take, mark);
    json_decref(samples);
}

static void take_events(RsTake *take, json_t *object, RsProfile *profile)
{
    json_t *events = rs_take_array(take, object, "timeline_events", RS_PROFILE_MAX_EVENTS);
    gsize mark = rs_take_enter(take, "timeline_events");
    json_t *element;
    size_t i;

    json_array_foreach(events, i, element)
    {
        gsize element_mark = rs_take_enter_index(take, i);
        RsTimelineEvent *event = rs_timeline_event_new(RS_EVENT_SPIKE);

        g_ptr_array_add(profile->events, event);
        if (rs_take_is_object(take, element)) {
            if (!json_object_get(element, "kind"))
                rs_take_fail(take, "kind", "is missing");
            rs_fields_take(take, element, rs_event_fields, event);
            rs_parts_take_rest(element, &event->extra_json);
        }
        rs_take_leave(take, element_mark);
    }
    rs_take_leave(take, mark);
    json_decref(events);
}

static void take_lock(RsTake *take, json_t *element, RsLock *lock, guint n_stacks)
{
    g_autofree char *address = rs_take_text(take, element, "address");

    if (address && !rs_hex_parse(address, &lock->address))
        rs_take_fail(take, "address", "must be a text of \"0x\" and 1 to 16 hexadecimal digits");
    rs_fields_take(take, element, rs_lock_fields, lock);
    take_columns(take, element, "sites", rs_site_columns, RS_PROFILE_MAX_SITES, lock->sites);
    for (guint i = 0; i < lock->sites->len && !take->error; i++)
        if (g_array_index(lock->sites, RsLockSite, i).stack >= (gint64)n_stacks)
            fail_entry(take, "sites", "stack", i, "there is no such stack");
    rs_parts_take_rest(element, &lock->extra_json);
}

static void take_locks(RsTake *take, json_t *object, RsProfile *profile)
{
    json_t *locks = rs_take_array(take, object, "locks", RS_PROFILE_MAX_LOCKS);
    gsize mark = rs_take_enter(take, "locks");
    json_t *element;
    size_t i;

    json_array_foreach(locks, i, element)
    {
        gsize element_mark = rs_take_enter_index(take, i);
        RsLock *lock = rs_lock_new(0, 0);

        g_ptr_array_add(profile->locks, lock);
        if (rs_take_is_object(take, element))
            take_lock(take, element, lock, profile->stacks->len);
        rs_take_leave(take, element_mark);
    }
    rs_take_leave(take, mark);
    json_decref(locks);
}

/* --- how it came about --- */

static void take_summary(RsTake *take, json_t *object, RsProfile *profile)
{
    json_t *own = rs_take_object(take, object, "process_summary");
    gsize mark = rs_take_enter(take, "process_summary");

    if (own) {
        rs_fields_take(take, own, rs_process_summary_fields, &profile->summary);
        rs_parts_take_rest(own, &profile->summary.extra_json);
        json_object_del(object, "process_summary");
    }
    rs_take_leave(take, mark);
}

/* Such that their sum is a number as well. */
static void take_counts(RsTake *take, json_t *object, const char *key, const char *const *names,
                        gint64 *counts)
{
    json_t *own = rs_take_object(take, object, key);
    gsize mark = rs_take_enter(take, key);
    guint n_names = g_strv_length((char **)names);

    for (guint i = 0; own && i < n_names; i++)
        counts[i] = rs_take_int(take, own, names[i], 0, 0, G_MAXINT64 / n_names);
    rs_take_leave(take, mark);
    rs_take_object_end(object, key);
}

void rs_diagnostics_take(RsTake *take, json_t *object, RsDiagnostics *diagnostics)
{
    json_t *own = rs_take_object(take, object, "sampling_diagnostics");
    gsize mark = rs_take_enter(take, "sampling_diagnostics");

    if (own) {
        rs_diagnostics_clear(diagnostics);
        rs_fields_take(take, own, rs_diagnostics_fields, diagnostics);
        take_counts(take, own, "n_by_source", rs_symbol_source_names, diagnostics->n_by_source);
        take_counts(take, own, "n_unnamed", rs_unnamed_names, diagnostics->n_unnamed);
        take_counts(take, own, "stack_ends", rs_stack_end_names, diagnostics->n_ends);
        rs_parts_take_rest(own, &diagnostics->extra_json);
        json_object_del(object, "sampling_diagnostics");
    }
    rs_take_leave(take, mark);
}

void rs_profile_take(RsTake *take, json_t *object, RsSession *session)
{
    json_t *own = rs_take_object(take, object, "profile");
    RsProfile *profile;
    gsize mark;

    if (!own)
        return;
    if (!session->profile)
        session->profile = rs_profile_new();
    profile = session->profile;
    profile->is_list = FALSE;
    mark = rs_take_enter(take, "profile");
    take_code(take, own, profile);
    take_threads(take, own, profile);
    take_processes(take, own, profile);
    take_samples(take, own, profile);
    rs_take_leave(take, mark);
    rs_take_object_end(object, "profile");
    take_process_samples(take, object, profile);
    take_events(take, object, profile);
    take_locks(take, object, profile);
    take_summary(take, object, profile);
    rs_diagnostics_take(take, object, &profile->diagnostics);
}

void rs_profile_take_growth(RsTake *take, json_t *object, RsProfile *profile)
{
    gsize mark = rs_take_enter(take, "profile");

    take_code(take, object, profile);
    rs_take_leave(take, mark);
}

/* --- functions --- */

static void check_functions(RsTake *take, const RsProfile *profile)
{
    for (guint i = 0; i < profile->functions->len && !take->error; i++) {
        const RsFunction *function = g_ptr_array_index(profile->functions, i);

        if (function->module < -1 || function->module >= (gint64)profile->modules->len)
            rs_take_fail(take, NULL, "functions[%u].module: there is no such module", i);
    }
}

void rs_symbols_check(RsTake *take, const RsSession *session)
{
    const RsProfile *profile = session->profile;
    gsize mark;

    if (!profile)
        return;
    check_functions(take, profile);
    mark = rs_take_enter(take, "profile");
    for (guint i = 0; i < profile->lines->len && !take->error; i++)
        if (g_array_index(profile->lines, RsProfileLine, i).function >= profile->functions->len)
            fail_entry(take, "lines", "function", i, "there is no such function");
    rs_take_leave(take, mark);
}

/* --- of trials --- */

static void take_spans(RsTake *take, const json_t *counts, RsBenchmark *benchmark)
{
    gsize mark = rs_take_enter(take, "n_stacks");
    guint first = 0;

    if (json_array_size(counts) != rs_benchmark_n_trials(benchmark))
        rs_take_fail(take, NULL, "%zu entries, but there are %u trials", json_array_size(counts),
                     rs_benchmark_n_trials(benchmark));
    for (guint i = 0; i < rs_benchmark_n_trials(benchmark) && !take->error; i++) {
        const json_t *value = json_array_get(counts, i);
        json_int_t n = json_is_null(value) ? -1 : json_integer_value(value);
        RsTrialSpan span = {.first = first, .n = (gint32)n};

        if (!json_is_null(value) &&
            !(json_is_integer(value) && n >= 0 && n <= RS_TRIAL_MAX_STACKS)) {
            rs_take_enter_index(take, i);
            rs_take_fail(take, NULL, "must be a whole number from 0 to %d, or null",
                         RS_TRIAL_MAX_STACKS);
        } else if (n > (json_int_t)(benchmark->trial_samples->len - first)) {
            rs_take_fail(take, NULL, "more than the %u stacks that there are",
                         benchmark->trial_samples->len);
        }
        g_array_append_val(benchmark->trial_spans, span);
        first += n > 0 && !take->error ? (guint)n : 0;
    }
    if (first != benchmark->trial_samples->len)
        rs_take_fail(take, NULL, "%u stacks, but there are %u", first,
                     benchmark->trial_samples->len);
    rs_take_leave(take, mark);
}

void rs_trial_samples_take(RsTake *take, json_t *trials, RsBenchmark *benchmark)
{
    json_t *own = rs_take_object(take, trials, "samples");
    gsize mark = rs_take_enter(take, "samples");

    if (own) {
        json_t *counts = rs_take_array(take, own, "n_stacks", G_MAXINT32);

        benchmark->trial_spans = g_array_new(FALSE, FALSE, sizeof(RsTrialSpan));
        benchmark->trial_samples = g_array_sized_new(FALSE, TRUE, sizeof(RsTrialSample), 16);
        rs_columns_take(take, own, rs_trial_sample_columns, RS_SESSION_MAX_TRIAL_SAMPLES,
                        benchmark->trial_samples);
        take_spans(take, counts, benchmark);
        json_decref(counts);
    }
    rs_take_leave(take, mark);
    rs_take_object_end(trials, "samples");
}

static void check_samples(RsTake *take, const GArray *samples, guint n_stacks)
{
    for (guint i = 0; i < samples->len; i++) {
        if (g_array_index(samples, RsTrialSample, i).stack < (gint64)n_stacks)
            continue;
        fail_entry(take, "trials.samples", "stack", i, "the profile has no such stack");
        return;
    }
}

void rs_trial_samples_check(RsTake *take, const RsSession *session)
{
    guint n_stacks = session->profile ? session->profile->stacks->len : 0;

    for (guint b = 0; b < session->benchmarks->len && !take->error; b++) {
        const RsBenchmark *benchmark = g_ptr_array_index(session->benchmarks, b);
        gsize mark = rs_take_enter(take, "benchmarks");

        rs_take_enter_index(take, b);
        if (benchmark->trial_samples)
            check_samples(take, benchmark->trial_samples, n_stacks);
        rs_take_leave(take, mark);
    }
}
