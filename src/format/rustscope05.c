/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of RustScope 0.5: "schema_version": 3 and no "format". Its field names are known from the
 * list of its interface, not from a schema, so reading is liberal: usual spellings of a name, any
 * unit that the name tells, whole numbers or reals. Nothing is dropped: what has no place in a
 * session stays in extra_json, and keys that would be taken for ours go below "rustscope_0_5". */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "format/codec.h"
#include "format/document.h"
#include "format/parts.h"
#include "format/session_json.h"

#define SCHEMA_VERSION 3
#define OWN_KEY        "rustscope_0_5"

typedef struct {
    const char *suffix;
    double ns;
} Unit;

static const Unit units[] = {
    {"_ns", 1},       {"_nanos", 1}, {"_us", 1e3},   {"_micros", 1e3},  {"_ms", 1e6},
    {"_millis", 1e6}, {"_s", 1e9},   {"_secs", 1e9}, {"_seconds", 1e9}, {"_sec", 1e9},
};

static const char *const self_names[] = {"self",           "self_time", "exclusive",
                                         "exclusive_time", "self_wall", NULL};
static const char *const total_names[] = {
    "total", "total_time", "inclusive", "inclusive_time", "cumulative", "cumulative_time", NULL};
static const char *const name_names[] = {"name", "function", "function_name", "symbol", NULL};
static const char *const crate_names[] = {"crate_name", "crate", NULL};
static const char *const module_names[] = {"module_path", "module", NULL};
static const char *const file_names[] = {"file", "file_path", "source_file", "filename", NULL};
static const char *const line_names[] = {"line", "line_number", "lineno", NULL};
static const char *const inline_names[] = {"inline", "is_inline", "inlined", NULL};
static const char *const calls_names[] = {"call_count", "calls", "n_calls", "count", NULL};
static const char *const samples_names[] = {"samples", "sample_count", "n_samples", NULL};
static const char *const trials_names[] = {"raw_samples_ns", "raw_samples", "samples_ns", NULL};
/* Objects that the timing statistics of a function may be wrapped in. */
static const char *const wrapper_names[] = {"timing", "timing_stats", "stats", NULL};

/* The first of names that object has, if it has the right type. */
static const char *find_key(const json_t *object, const char *const *names, json_type type)
{
    for (; *names; names++) {
        const json_t *value = json_object_get(object, *names);

        if (value && json_typeof(value) == type)
            return *names;
        if (value && type == JSON_INTEGER && json_is_real(value))
            return *names;
    }
    return NULL;
}

static char *take_text(RsTake *take, json_t *object, const char *const *names)
{
    const char *key = find_key(object, names, JSON_STRING);

    return key ? rs_take_text(take, object, key) : NULL;
}

/* Rounded, and refused when 64 bits do not hold it. */
static gint64 whole(RsTake *take, const char *key, double number)
{
    if (fabs(number) < 9.2e18)
        return (gint64)llround(number);
    rs_take_fail(take, key, "does not fit into 64 bits");
    return -1;
}

static gint64 take_scaled(RsTake *take, json_t *object, const char *key, double scale)
{
    json_t *value = rs_take_any(take, object, key);
    gint64 number = -1;

    if (json_is_integer(value) && scale == 1)
        number = json_integer_value(value);
    else if (value)
        number = whole(take, key, json_number_value(value) * scale);
    json_decref(value);
    return number;
}

static gint64 take_number(RsTake *take, json_t *object, const char *const *names)
{
    const char *key = find_key(object, names, JSON_INTEGER);

    return key ? take_scaled(take, object, key, 1) : -1;
}

static gint64 take_time_ns(RsTake *take, json_t *object, const char *const *stems)
{
    for (; *stems; stems++)
        for (guint i = 0; i < G_N_ELEMENTS(units); i++) {
            g_autofree char *key = g_strconcat(*stems, units[i].suffix, NULL);

            if (json_is_number(json_object_get(object, key)))
                return take_scaled(take, object, key, units[i].ns);
        }
    return -1;
}

static void take_stats(RsTake *take, json_t *object, RsFunction *function)
{
    if (function->self_ns < 0)
        function->self_ns = take_time_ns(take, object, self_names);
    if (function->total_ns < 0)
        function->total_ns = take_time_ns(take, object, total_names);
    if (function->n_calls < 0)
        function->n_calls = take_number(take, object, calls_names);
    if (function->n_samples < 0)
        function->n_samples = take_number(take, object, samples_names);
}

/* Moves keys that a session file knows at this level out of the way. */
static char *take_rest(json_t *object, const char *const *taken)
{
    json_t *own = json_object();
    char *rest;

    for (; *taken; taken++) {
        json_t *value = json_object_get(object, *taken);

        if (value)
            json_object_set(own, *taken, value);
        json_object_del(object, *taken);
    }
    if (json_object_size(own) && !json_object_get(object, OWN_KEY))
        json_object_set(object, OWN_KEY, own);
    json_decref(own);
    rest = rs_take_rest(object);
    return rest;
}

static void take_function(RsTake *take, json_t *element, gsize i, gpointer into)
{
    static const char *const taken[] = {"name",     "linkage_name", "crate_name", "module_path",
                                        "file",     "line",         "last_line",  "inline",
                                        "module",   "crate_kind",   "source",     "self_ns",
                                        "total_ns", "n_samples",    "n_calls",    NULL};
    RsFunction *function = rs_function_new(NULL);
    const char *key;

    g_ptr_array_add(rs_session_functions(into), function);
    function->name = take_text(take, element, name_names);
    if (!function->name)
        rs_take_fail(take, "name", "is missing");
    function->crate_name = take_text(take, element, crate_names);
    function->module_path = take_text(take, element, module_names);
    function->file = take_text(take, element, file_names);
    function->line = take_number(take, element, line_names);
    if ((key = find_key(element, inline_names, JSON_TRUE))) {
        function->is_inline = TRUE;
        json_object_del(element, key);
    }
    take_stats(take, element, function);
    for (const char *const *wrapper = wrapper_names; *wrapper; wrapper++) {
        json_t *stats = json_object_get(element, *wrapper);

        if (!json_is_object(stats))
            continue;
        take_stats(take, stats, function);
        rs_take_object_end(element, *wrapper);
    }
    function->extra_json = take_rest(element, taken);
}

static RsMetricKind kind_of(const json_t *values)
{
    const json_t *value;
    size_t i;

    json_array_foreach(values, i, value) if (json_is_real(value)) return RS_REAL;
    return RS_COUNT;
}

static void take_raw_samples(RsTake *take, const char *key, const json_t *values,
                             RsBenchmark *benchmark)
{
    const RsMetricRow *wall = &rs_metric_rows[RS_METRIC_WALL];
    RsMetric *metric = rs_benchmark_add_metric(benchmark, wall->name, wall->unit, wall->direction,
                                               kind_of(values));
    const json_t *number;
    size_t i;

    json_array_foreach(values, i, number)
    {
        guint trial = rs_benchmark_add_trial(benchmark, RS_ARM_BASELINE, -1, -1);
        RsValue value;

        if (!rs_metric_parse_value(number, metric->kind, &value)) {
            rs_take_fail(take, key, "entry %zu is not a number", i);
            return;
        }
        rs_benchmark_set_value(benchmark, trial, metric, value);
    }
}

static void take_benchmark(RsTake *take, json_t *element, gsize i, gpointer into)
{
    static const char *const taken[] = {
        "name",        "tags",          "parameters",    "design",
        "stop_reason", "threshold_pct", "gated_metrics", "launches_per_trial",
        "programs",    "trials",        "failures",      "warnings",
        NULL};
    RsBenchmark *benchmark = rs_benchmark_new(NULL, RS_DESIGN_SINGLE);
    const char *key = find_key(element, trials_names, JSON_ARRAY);
    json_t *values = key ? rs_take_array(take, element, key, RS_SESSION_MAX_TRIALS) : NULL;

    g_ptr_array_add(((RsSession *)into)->benchmarks, benchmark);
    benchmark->stop_reason = RS_STOP_FIXED;
    benchmark->name = take_text(take, element, name_names);
    if (!benchmark->name || !*benchmark->name)
        rs_take_fail(take, "name", "is missing");
    if (values)
        take_raw_samples(take, key, values, benchmark);
    json_decref(values);
    benchmark->extra_json = take_rest(element, taken);
}

static gboolean has_schema_version(json_t *head)
{
    return json_object_get(head, "schema_version") != NULL;
}

static void begin(RsTake *take, json_t *head, gpointer into)
{
    gint64 version = rs_take_int(take, head, "schema_version", -1, G_MININT64, G_MAXINT64);

    if (!take->error && version != SCHEMA_VERSION)
        g_set_error(&take->error, RS_FORMAT_ERROR,
                    version > SCHEMA_VERSION ? RS_FORMAT_ERROR_NEWER : RS_FORMAT_ERROR_UNKNOWN,
                    "schema_version is %" G_GINT64_FORMAT
                    "; of the files of RustScope this program reads %d (RustScope 0.5)",
                    version, SCHEMA_VERSION);
}

static void take_head(RsTake *take, json_t *head, RsSession *session)
{
    static const char *const taken[] = {"format",
                                        "version",
                                        "version_minor",
                                        "tool_version",
                                        "created_at",
                                        "run_id",
                                        "configuration_sha256",
                                        "expected_benchmarks",
                                        "seed",
                                        "complete",
                                        "shard",
                                        "gate",
                                        "revisions",
                                        "machine",
                                        "noise",
                                        "warnings",
                                        "benchmarks",
                                        "functions",
                                        "profile",
                                        NULL};
    static const char *const tool_names[] = {"tool_version", "rustscope_version", NULL};
    static const char *const date_names[] = {"created_at", "timestamp", "generated_at", NULL};
    static const char *const host_names[] = {"hostname", "host", NULL};

    session->tool_version = take_text(take, head, tool_names);
    session->created_at = take_text(take, head, date_names);
    session->machine.hostname = take_text(take, head, host_names);
    session->extra_json = take_rest(head, taken);
}

RsSession *rs_rustscope05_decode(GBytes *data, GError **error)
{
    static const RsDocumentList lists[] = {
        {"functions", take_function},
        {"benchmarks", take_benchmark},
        {0},
    };
    static const RsDocumentReader reader = {lists, has_schema_version, begin};
    g_autoptr(RsSession) session = rs_session_new();
    gsize n_bytes;
    const char *text = g_bytes_get_data(data, &n_bytes);
    json_t *head = rs_document_read(&reader, text, n_bytes, session, error);
    gboolean ok;
    RsTake take;

    if (!head)
        return NULL;
    rs_take_init(&take);
    session->complete = TRUE;
    session->source_format = g_strdup("rustscope 0.5");
    take_head(&take, head, session);
    rs_session_check_names(&take, session);
    ok = rs_take_finish(&take, error);
    rs_take_clear(&take);
    json_decref(head);
    return ok ? g_steal_pointer(&session) : NULL;
}
