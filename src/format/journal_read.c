/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading. The lines, each a JSON object:
 *   first     a session without trials, but "format" and "version" are the journal's
 *   metrics   {"b":0,"metrics":[{"name":"wall","unit":"ns","direction":...,"kind":...}]}: these are
 *             added to the metrics of benchmark b; values in later trials follow that order
 *   profile   {"profile":{"modules":[...],"frames":{...},"stacks":{...}}}: these are added to the
 *             profile; indices in them are those of the whole profile
 *   trial     {"b":0,"a":1,"p":12,"t":123456,"v":[...],"s":{"stack":[...],"n":[...],...}}: arm,
 *             pair, start in ns, values, and samples if there was a sampler
 *   benchmark {"b":0,"benchmark":{...},"sampling_diagnostics":{...}}: all of benchmark b but its
 *             trials; the diagnostics so far of a run with a profile
 * Lines of other kinds are of later versions and are passed over. */
#include <string.h>

#include "base/file.h"
#include "format/codec.h"
#include "format/document.h"
#include "format/journal.h"
#include "format/profile_json.h"
#include "format/session_json.h"

static void take_header_lists(RsTake *take, json_t *header, RsSession *session)
{
    json_t *benchmarks = rs_take_array(take, header, "benchmarks", G_MAXINT32);
    json_t *functions = rs_take_array(take, header, "functions", RS_PROFILE_MAX_FUNCTIONS);
    json_t *element;
    size_t i;

    json_array_foreach(benchmarks, i, element)
    {
        if (rs_take_is_object(take, element))
            g_ptr_array_add(session->benchmarks, rs_benchmark_take(take, element));
    }
    json_array_foreach(functions, i, element)
    {
        if (rs_take_is_object(take, element))
            g_ptr_array_add(rs_session_functions(session), rs_function_take(take, element));
    }
    json_decref(benchmarks);
    json_decref(functions);
}

static void take_header(RsTake *take, json_t *line, RsSession *session)
{
    g_autofree char *format = rs_take_text(take, line, "format");

    if (g_strcmp0(format, RS_JOURNAL_FORMAT) != 0) {
        rs_take_fail(take, NULL, "not the first line of a journal");
        return;
    }
    rs_document_check_version(take, line, RS_JOURNAL_FORMAT, RS_JOURNAL_VERSION);
    rs_take_int(take, line, "version_minor", 0, 0, G_MAXINT32);
    take_header_lists(take, line, session);
    rs_session_take_members(take, line, session);
    rs_session_check_names(take, session);
}

static void take_metrics(RsTake *take, json_t *metrics, RsBenchmark *benchmark)
{
    json_t *element;
    size_t i;

    json_array_foreach(metrics, i, element)
    {
        g_autofree char *name = NULL;
        g_autoptr(RsMetric) metric = NULL;

        if (!rs_take_is_object(take, element))
            return;
        name = rs_take_text(take, element, "name");
        if (!name || !*name || rs_benchmark_metric(benchmark, name) ||
            benchmark->metrics->len >= RS_SESSION_MAX_METRICS) {
            rs_take_fail(take, "metrics",
                         "a name is missing or there twice, or there are too many");
            return;
        }
        metric = rs_metric_take(take, element, name, RS_COUNT);
        rs_benchmark_add_metric(benchmark, metric->name, metric->unit, metric->direction,
                                metric->kind);
    }
}

/* Of the trial that was read last. */
static void take_samples(RsTake *take, json_t *line, RsBenchmark *benchmark, guint n_stacks)
{
    json_t *own = rs_take_object(take, line, "s");
    g_autoptr(GArray) rows = g_array_new(FALSE, TRUE, sizeof(RsTrialSample));
    gsize mark = rs_take_enter(take, "s");
    guint n_samples = benchmark->trial_samples ? benchmark->trial_samples->len : 0;

    if (own)
        rs_columns_take(take, own, rs_trial_sample_columns,
                        MIN(RS_TRIAL_MAX_STACKS, RS_SESSION_MAX_TRIAL_SAMPLES - n_samples), rows);
    for (guint i = 0; i < rows->len && !take->error; i++)
        if (g_array_index(rows, RsTrialSample, i).stack >= (gint64)n_stacks)
            rs_take_fail(take, "stack", "entry %u: the profile has no such stack", i);
    if (own && !take->error)
        rs_benchmark_set_samples(benchmark, rs_benchmark_n_trials(benchmark) - 1,
                                 (const RsTrialSample *)rows->data, rows->len);
    rs_take_leave(take, mark);
}

static void take_trial(RsTake *take, json_t *line, json_t *values, RsBenchmark *benchmark)
{
    gint64 max_arm = benchmark->design == RS_DESIGN_PAIRED ? RS_ARM_CURRENT : RS_ARM_BASELINE;
    gint64 arm = rs_take_int(take, line, "a", -1, 0, max_arm);
    gint64 pair = rs_take_int(take, line, "p", -1, -1, G_MAXINT32);
    gint64 start_ns = rs_take_int(take, line, "t", -1, G_MININT64, G_MAXINT64);
    guint trial;

    if (arm < 0)
        rs_take_fail(take, "a", "is missing");
    if (json_array_size(values) > benchmark->metrics->len)
        rs_take_fail(take, "v", "%zu values, but there are %u metrics", json_array_size(values),
                     benchmark->metrics->len);
    if (rs_benchmark_n_trials(benchmark) >= RS_SESSION_MAX_TRIALS)
        rs_take_fail(take, NULL, "more than %d trials", RS_SESSION_MAX_TRIALS);
    if (take->error)
        return;
    trial = rs_benchmark_add_trial(benchmark, (RsArm)arm, (gint32)pair, start_ns);
    for (guint i = 0; i < json_array_size(values); i++) {
        RsMetric *metric = g_ptr_array_index(benchmark->metrics, i);
        RsValue value;

        if (!rs_metric_parse_value(json_array_get(values, i), metric->kind, &value)) {
            rs_take_fail(take, "v", "entry %u must be a number of its metric's kind, or null", i);
            return;
        }
        rs_benchmark_set_value(benchmark, trial, metric, value);
    }
}

/* A benchmark line replaces everything but the trials. */
static void take_benchmark(RsTake *take, json_t *object, RsSession *session, guint b)
{
    RsBenchmark *old = g_ptr_array_index(session->benchmarks, b), *renewed;

    renewed = rs_benchmark_take(take, object);
    if (!take->error &&
        (rs_benchmark_n_trials(renewed) || renewed->metrics->len || renewed->trial_spans ||
         !g_str_equal(renewed->name, old->name) || renewed->design != old->design))
        rs_take_fail(take, NULL, "this is not the benchmark of the first line");
    if (take->error) {
        rs_benchmark_free(renewed);
        return;
    }
    g_array_unref(renewed->trial_arm);
    g_array_unref(renewed->trial_pair);
    g_array_unref(renewed->trial_start_ns);
    g_ptr_array_unref(renewed->metrics);
    renewed->trial_spans = g_steal_pointer(&old->trial_spans);
    renewed->trial_samples = g_steal_pointer(&old->trial_samples);
    renewed->trial_arm = g_array_ref(old->trial_arm);
    renewed->trial_pair = g_array_ref(old->trial_pair);
    renewed->trial_start_ns = g_array_ref(old->trial_start_ns);
    renewed->metrics = g_ptr_array_ref(old->metrics);
    g_ptr_array_index(session->benchmarks, b) = renewed;
    rs_benchmark_free(old);
}

static void take_event(RsTake *take, json_t *line, RsSession *session)
{
    gint64 b = rs_take_int(take, line, "b", -1, 0, (gint64)session->benchmarks->len - 1);
    json_t *metrics = rs_take_array(take, line, "metrics", RS_SESSION_MAX_METRICS);
    json_t *values = rs_take_array(take, line, "v", RS_SESSION_MAX_METRICS);
    json_t *benchmark = rs_take_object(take, line, "benchmark");
    json_t *growth = rs_take_object(take, line, "profile");

    if (growth && !session->profile)
        session->profile = rs_profile_new();
    if (growth) {
        session->profile->is_list = FALSE;
        rs_profile_take_growth(take, growth, session->profile);
    }
    if (session->profile)
        rs_diagnostics_take(take, line, &session->profile->diagnostics);
    if (!take->error && b < 0 && (metrics || values || benchmark))
        rs_take_fail(take, "b", "is missing");
    if (!take->error && b >= 0) {
        RsBenchmark *own = g_ptr_array_index(session->benchmarks, (guint)b);

        if (metrics)
            take_metrics(take, metrics, own);
        if (values)
            take_trial(take, line, values, own);
        if (values && !take->error)
            take_samples(take, line, own, session->profile ? session->profile->stacks->len : 0);
        if (benchmark)
            take_benchmark(take, benchmark, session, (guint)b);
    }
    json_decref(metrics);
    json_decref(values);
}

static gboolean take_line(const char *text, gsize n_bytes, gsize n_line, RsSession *session,
                          GError **error)
{
    json_t *line = rs_document_parse_value(text, n_bytes, error);
    gboolean ok;
    RsTake take;

    if (!line) {
        g_prefix_error(error, "line %" G_GSIZE_FORMAT " of the journal: ", n_line);
        return FALSE;
    }
    rs_take_init(&take);
    g_string_printf(take.path, "line %" G_GSIZE_FORMAT " of the journal", n_line);
    if (rs_take_is_object(&take, line)) {
        if (n_line == 1)
            take_header(&take, line, session);
        else
            take_event(&take, line, session);
    }
    ok = rs_take_finish(&take, error);
    rs_take_clear(&take);
    json_decref(line);
    return ok;
}

/* What no line can tell for itself. */
static gboolean check_whole(const RsSession *session, GError **error)
{
    RsTake take;
    gboolean ok;

    rs_take_init(&take);
    rs_symbols_check(&take, session);
    for (guint b = 0; b < session->benchmarks->len && !take.error; b++) {
        gsize mark = rs_take_enter(&take, "benchmarks");

        rs_take_enter_index(&take, b);
        rs_benchmark_check_pairs(&take, g_ptr_array_index(session->benchmarks, b));
        rs_take_leave(&take, mark);
    }
    ok = rs_take_finish(&take, error);
    rs_take_clear(&take);
    return ok;
}

/* Ends of their own are those that the benchmark came to without being stopped from outside. */
static void settle_ends(RsSession *session)
{
    session->complete = TRUE;
    for (guint b = 0; b < session->benchmarks->len; b++) {
        RsBenchmark *benchmark = g_ptr_array_index(session->benchmarks, b);

        if (benchmark->stop_reason == RS_STOP_NONE)
            benchmark->stop_reason = RS_STOP_INTERRUPTED;
        if (benchmark->stop_reason == RS_STOP_INTERRUPTED ||
            benchmark->stop_reason == RS_STOP_FAILED)
            session->complete = FALSE;
    }
}

RsSession *rs_journal_parse(const char *text, gsize n_bytes, gsize *n_valid_bytes, GError **error)
{
    g_autoptr(RsSession) session = rs_session_new();
    const char *at = text, *end = text + n_bytes, *newline;
    gsize n_line = 0;

    while (at < end && (newline = memchr(at, '\n', (gsize)(end - at)))) {
        if (!take_line(at, (gsize)(newline - at), ++n_line, session, error))
            return NULL;
        at = newline + 1;
    }
    if (n_line == 0) {
        g_set_error(error, RS_FORMAT_ERROR, RS_FORMAT_ERROR_SYNTAX,
                    "not even the first line of the journal is whole");
        return NULL;
    }
    if (!check_whole(session, error))
        return NULL;
    settle_ends(session);
    session->source_format = g_strdup_printf("%s %d.0", RS_JOURNAL_FORMAT, RS_JOURNAL_VERSION);
    if (n_valid_bytes)
        *n_valid_bytes = (gsize)(at - text);
    return g_steal_pointer(&session);
}

RsSession *rs_journal_read(const char *path, GError **error)
{
    gsize n_bytes;
    g_autofree guint8 *text = rs_file_read(path, RS_DOCUMENT_MAX_BYTES, &n_bytes, error);
    RsSession *session;

    if (!text)
        return NULL;
    session = rs_journal_parse((const char *)text, n_bytes, NULL, error);
    if (!session)
        g_prefix_error(error, "%s: ", path);
    return session;
}
