/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "format/codec.h"
#include "format/document.h"
#include "format/parts.h"
#include "format/profile_json.h"
#include "format/session_fields.h"
#include "format/session_json.h"
#include "format/tables_json.h"

/* Doubles up to here hold every whole number. */
#define MAX_EXACT_REAL 9007199254740992.0
#define MAX_FAILURES   1000000

const char *const rs_metric_kind_names[] = {"count", "real", NULL};

const RsField rs_program_fields[] = {
    RS_TEXTS_FIELD(RsProgram, argv),
    RS_BOOL_FIELD(RsProgram, shell),
    RS_TEXT_FIELD(RsProgram, working_directory),
    RS_TEXT_FIELD(RsProgram, stdin_path),
    RS_TEXTS_FIELD(RsProgram, environment),
    RS_TEXT_FIELD(RsProgram, build_command),
    RS_TEXT_FIELD(RsProgram, executable_path),
    RS_TEXT_FIELD(RsProgram, executable_sha256),
    RS_INT64_OR_NULL(RsProgram, executable_bytes, -1),
    {0},
};

const RsField rs_benchmark_fields[] = {
    RS_TEXT_FIELD(RsBenchmark, name),
    RS_TEXTS_FIELD(RsBenchmark, tags),
    RS_WORD_FIELD(RsBenchmark, design, rs_design_names),
    RS_WORD_FIELD(RsBenchmark, stop_reason, rs_stop_reason_names),
    RS_REAL_FIELD(RsBenchmark, threshold_pct),
    RS_TEXTS_FIELD(RsBenchmark, gated_metrics),
    RS_UINT_FIELD(RsBenchmark, launches_per_trial),
    {0},
};

const RsField rs_benchmark_last_fields[] = {
    RS_SENTENCES_FIELD(RsBenchmark, warnings),
    {0},
};

const RsField rs_function_fields[] = {
    RS_TEXT_FIELD(RsFunction, name),
    RS_TEXT_FIELD(RsFunction, linkage_name),
    RS_TEXT_FIELD(RsFunction, crate_name),
    RS_TEXT_FIELD(RsFunction, module_path),
    RS_TEXT_FIELD(RsFunction, file),
    RS_INT64_OR_NULL(RsFunction, line, -1),
    RS_INT64_OR_NULL(RsFunction, last_line, -1),
    {"inline", RS_FIELD_BOOL, offsetof(RsFunction, is_inline), NULL, 0, 0},
    RS_INT_OR_NULL(RsFunction, module, -1),
    RS_WORD_FIELD(RsFunction, crate_kind, rs_crate_kind_names),
    RS_WORD_FIELD(RsFunction, source, rs_symbol_source_names),
    RS_INT64_OR_NULL(RsFunction, self_ns, -1),
    RS_INT64_OR_NULL(RsFunction, total_ns, -1),
    RS_INT64_OR_NULL(RsFunction, n_samples, -1),
    RS_INT64_OR_NULL(RsFunction, n_calls, -1),
    {0},
};

const RsField rs_session_fields[] = {
    RS_TEXT_FIELD(RsSession, tool_version),
    RS_TEXT_FIELD(RsSession, created_at),
    RS_TEXT_FIELD(RsSession, run_id),
    RS_TEXT_FIELD(RsSession, configuration_sha256),
    RS_TEXTS_FIELD(RsSession, expected_benchmarks),
    RS_INT64_OR_NULL(RsSession, seed, -1),
    RS_BOOL_FIELD(RsSession, complete),
    {0},
};

const RsField rs_session_last_fields[] = {
    RS_SENTENCES_FIELD(RsSession, warnings),
    {0},
};

static void take_parameters(RsTake *take, json_t *object, RsBenchmark *benchmark)
{
    json_t *parameters = rs_take_object(take, object, "parameters");
    g_autoptr(GPtrArray) texts = NULL;
    const char *name;
    json_t *value;

    if (!parameters)
        return;
    texts = g_ptr_array_new_with_free_func(g_free);
    json_object_foreach(parameters, name, value)
    {
        if (!json_is_string(value) || !*name || strchr(name, '='))
            rs_take_fail(take, "parameters",
                         "must hold strings by names that are not empty and have no '='");
        else
            g_ptr_array_add(texts, g_strconcat(name, "=", json_string_value(value), NULL));
    }
    g_ptr_array_add(texts, NULL);
    benchmark->parameters = (char **)g_ptr_array_free(g_steal_pointer(&texts), FALSE);
    json_object_del(object, "parameters");
}

static void take_programs(RsTake *take, json_t *object, RsBenchmark *benchmark)
{
    json_t *programs = rs_take_object(take, object, "programs");
    gsize mark = rs_take_enter(take, "programs");

    for (RsArm arm = 0; programs && arm < RS_N_ARMS; arm++) {
        json_t *program = rs_take_object(take, programs, rs_arm_names[arm]);
        gsize arm_mark = rs_take_enter(take, rs_arm_names[arm]);

        if (program) {
            rs_fields_take(take, program, rs_program_fields, &benchmark->programs[arm]);
            rs_parts_take_rest(program, &benchmark->programs[arm].extra_json);
            json_object_del(programs, rs_arm_names[arm]);
        }
        rs_take_leave(take, arm_mark);
    }
    rs_take_leave(take, mark);
    rs_take_object_end(object, "programs");
}

/* A column of trials: n_trials whole numbers between min and max, null read as -1. NULL: absent. */
static json_t *take_column(RsTake *take, json_t *trials, const char *key, gsize n_trials,
                           gint64 min, gint64 max)
{
    json_t *column = rs_take_array(take, trials, key, RS_SESSION_MAX_TRIALS);
    gsize mark = rs_take_enter(take, key);
    json_t *value;
    size_t i;

    if (column && json_array_size(column) != n_trials)
        rs_take_fail(take, NULL, "%zu entries, but there are %" G_GSIZE_FORMAT " trials",
                     json_array_size(column), n_trials);
    json_array_foreach(column, i, value)
    {
        json_int_t number = json_integer_value(value);

        if (take->error)
            break;
        if (!json_is_null(value) && !(json_is_integer(value) && number >= min && number <= max)) {
            rs_take_enter_index(take, i);
            rs_take_fail(take, NULL,
                         "must be a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
                         min, max);
        }
    }
    rs_take_leave(take, mark);
    if (take->error)
        g_clear_pointer(&column, json_decref);
    return column;
}

static gint64 int_or_absent(const json_t *column, gsize i)
{
    const json_t *value = json_array_get(column, i);

    return json_is_integer(value) ? json_integer_value(value) : -1;
}

static void take_order(RsTake *take, json_t *trials, RsBenchmark *benchmark)
{
    gsize n_trials = json_array_size(json_object_get(trials, "arm"));
    gint64 max_arm = benchmark->design == RS_DESIGN_PAIRED ? RS_ARM_CURRENT : RS_ARM_BASELINE;
    json_t *arms = take_column(take, trials, "arm", n_trials, 0, max_arm);
    json_t *pairs = take_column(take, trials, "pair", n_trials, -1, G_MAXINT32);
    json_t *starts = take_column(take, trials, "start_ns", n_trials, G_MININT64, G_MAXINT64);

    if (!take->error) {
        g_array_set_size(benchmark->trial_arm, (guint)n_trials);
        g_array_set_size(benchmark->trial_pair, (guint)n_trials);
        g_array_set_size(benchmark->trial_start_ns, (guint)n_trials);
    }
    for (gsize i = 0; i < n_trials && !take->error; i++) {
        if (!json_is_integer(json_array_get(arms, i)))
            rs_take_fail(take, "arm", "trial %" G_GSIZE_FORMAT " has none", i);
        g_array_index(benchmark->trial_arm, guint8, i) = (guint8)int_or_absent(arms, i);
        g_array_index(benchmark->trial_pair, gint32, i) = (gint32)int_or_absent(pairs, i);
        g_array_index(benchmark->trial_start_ns, gint64, i) = int_or_absent(starts, i);
    }
    json_decref(arms);
    json_decref(pairs);
    json_decref(starts);
}

gboolean rs_metric_parse_value(const json_t *value, RsMetricKind kind, RsValue *out)
{
    double real = json_number_value(value);

    if (!json_is_null(value) && !json_is_number(value))
        return FALSE;
    if (kind == RS_REAL) {
        out->real = json_is_null(value) ? RS_REAL_ABSENT : real;
        return TRUE;
    }
    if (json_is_null(value))
        out->count = RS_COUNT_ABSENT;
    else if (json_is_integer(value))
        out->count = json_integer_value(value);
    else if (real == floor(real) && fabs(real) < MAX_EXACT_REAL)
        out->count = (gint64)real; /* some writers know no other numbers */
    else
        return FALSE;
    return json_is_null(value) || out->count != RS_COUNT_ABSENT;
}

RsMetric *rs_metric_take(RsTake *take, json_t *object, const char *name, RsMetricKind kind)
{
    const RsMetricRow *row = rs_metric_row(name);
    g_autofree char *unit = rs_take_text(take, object, "unit");
    int direction = rs_take_word(take, object, "direction", rs_direction_names,
                                 row ? (int)row->direction : RS_LOWER_IS_BETTER);
    int own_kind = rs_take_word(take, object, "kind", rs_metric_kind_names, (int)kind);

    return rs_metric_new(name,
                         unit  ? unit
                         : row ? row->unit
                               : "",
                         (RsDirection)direction, (RsMetricKind)own_kind);
}

static RsMetricKind kind_of(const json_t *values)
{
    const json_t *value;
    size_t i;

    json_array_foreach(values, i, value) if (json_is_real(value)) return RS_REAL;
    return RS_COUNT;
}

static void take_values(RsTake *take, const json_t *values, RsMetric *metric, guint n_trials)
{
    gsize mark = rs_take_enter(take, "values");

    if (json_array_size(values) != n_trials)
        rs_take_fail(take, NULL, "%zu entries, but there are %u trials", json_array_size(values),
                     n_trials);
    if (!take->error)
        g_array_set_size(metric->values, n_trials);
    for (guint i = 0; i < n_trials && !take->error; i++) {
        RsValue *value = &g_array_index(metric->values, RsValue, i);

        if (rs_metric_parse_value(json_array_get(values, i), metric->kind, value))
            continue;
        rs_take_enter_index(take, i);
        rs_take_fail(take, NULL, "must be a %s number or null",
                     metric->kind == RS_COUNT ? "whole" : "real");
    }
    rs_take_leave(take, mark);
}

static void take_metric(RsTake *take, json_t *object, const char *name, RsBenchmark *benchmark)
{
    json_t *values;
    RsMetric *metric;

    if (!rs_take_is_object(take, object))
        return;
    values = rs_take_array(take, object, "values", RS_SESSION_MAX_TRIALS);
    metric = rs_metric_take(take, object, name, kind_of(values));
    g_ptr_array_add(benchmark->metrics, metric);
    take_values(take, values, metric, rs_benchmark_n_trials(benchmark));
    json_decref(values);
}

static void take_metrics(RsTake *take, json_t *trials, RsBenchmark *benchmark)
{
    json_t *metrics = rs_take_object(take, trials, "metrics");
    gsize mark = rs_take_enter(take, "metrics");
    const char *name;
    json_t *metric;
    void *next;

    if (json_object_size(metrics) > RS_SESSION_MAX_METRICS)
        rs_take_fail(take, NULL, "more than %d metrics", RS_SESSION_MAX_METRICS);
    json_object_foreach_safe(metrics, next, name, metric)
    {
        gsize metric_mark = rs_take_enter(take, name);

        if (!*name)
            rs_take_fail(take, NULL, "a metric without a name");
        if (!take->error)
            take_metric(take, metric, name, benchmark);
        rs_take_leave(take, metric_mark);
        rs_take_object_end(metrics, name);
    }
    rs_take_leave(take, mark);
    rs_take_object_end(trials, "metrics");
}

static void take_trials(RsTake *take, json_t *object, RsBenchmark *benchmark)
{
    json_t *trials = rs_take_object(take, object, "trials");
    gsize mark = rs_take_enter(take, "trials");

    if (trials) {
        take_order(take, trials, benchmark);
        take_metrics(take, trials, benchmark);
        rs_trial_samples_take(take, trials, benchmark);
    }
    rs_benchmark_check_pairs(take, benchmark);
    rs_take_leave(take, mark);
    rs_take_object_end(object, "trials");
}

void rs_benchmark_check_pairs(RsTake *take, const RsBenchmark *benchmark)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);

    if (benchmark->design != RS_DESIGN_PAIRED)
        return;
    for (guint i = 0; i < rs_benchmark_n_trials(benchmark) && !take->error; i++) {
        gint32 pair = g_array_index(benchmark->trial_pair, gint32, i);
        guint8 arm = g_array_index(benchmark->trial_arm, guint8, i);

        if (pair < 0)
            rs_take_fail(take, "pair", "trial %u has none", i);
        else if (!g_hash_table_add(seen, GSIZE_TO_POINTER((gsize)pair * 2 + arm)))
            rs_take_fail(take, "pair", "pair %d has two trials of the %s program", pair,
                         rs_arm_names[arm]);
    }
}

static void take_failures(RsTake *take, json_t *object, RsBenchmark *benchmark)
{
    json_t *failures = rs_take_array(take, object, "failures", MAX_FAILURES);
    gsize mark = rs_take_enter(take, "failures");
    json_t *element;
    size_t i;

    json_array_foreach(failures, i, element)
    {
        gsize element_mark = rs_take_enter_index(take, i);

        if (rs_take_is_object(take, element)) {
            RsFailure *failure = rs_failure_new(RS_ARM_BASELINE, NULL);

            g_ptr_array_add(benchmark->failures, failure);
            rs_fields_take(take, element, rs_failure_fields, failure);
            rs_parts_take_rest(element, &failure->extra_json);
        }
        rs_take_leave(take, element_mark);
    }
    rs_take_leave(take, mark);
    json_decref(failures);
}

RsBenchmark *rs_benchmark_take(RsTake *take, json_t *object)
{
    RsBenchmark *benchmark = rs_benchmark_new(NULL, RS_DESIGN_PAIRED);

    rs_fields_take(take, object, rs_benchmark_fields, benchmark);
    if (!benchmark->name || !*benchmark->name)
        rs_take_fail(take, "name", "is missing");
    if (benchmark->launches_per_trial < 1)
        rs_take_fail(take, "launches_per_trial", "must be at least 1");
    take_parameters(take, object, benchmark);
    take_programs(take, object, benchmark);
    take_trials(take, object, benchmark);
    take_failures(take, object, benchmark);
    rs_fields_take(take, object, rs_benchmark_last_fields, benchmark);
    rs_parts_take_rest(object, &benchmark->extra_json);
    return benchmark;
}

RsFunction *rs_function_take(RsTake *take, json_t *object)
{
    RsFunction *function = rs_function_new(NULL);

    rs_fields_take(take, object, rs_function_fields, function);
    if (!function->name)
        rs_take_fail(take, "name", "is missing");
    rs_parts_take_rest(object, &function->extra_json);
    return function;
}

static void take_shard(RsTake *take, json_t *object, RsSession *session)
{
    json_t *shard = rs_take_object(take, object, "shard");
    gsize mark = rs_take_enter(take, "shard");

    if (shard) {
        session->shard_count = (guint)rs_take_int(take, shard, "count", 0, 1, G_MAXINT32);
        session->shard_index = (guint)rs_take_int(take, shard, "index", 0, 1, G_MAXINT32);
        if (session->shard_index < 1 || session->shard_index > session->shard_count)
            rs_take_fail(take, NULL, "index must be from 1 to count");
    }
    rs_take_leave(take, mark);
    rs_take_object_end(object, "shard");
}

static void take_gate(RsTake *take, json_t *object, RsSession *session)
{
    json_t *gate = rs_take_object(take, object, "gate");
    gsize mark = rs_take_enter(take, "gate");

    if (gate) {
        session->gate = rs_gate_new();
        rs_parts_take_gate(take, gate, session->gate);
    }
    rs_take_leave(take, mark);
    rs_take_object_end(object, "gate");
}

void rs_session_take_members(RsTake *take, json_t *object, RsSession *session)
{
    rs_fields_take(take, object, rs_session_fields, session);
    take_shard(take, object, session);
    take_gate(take, object, session);
    rs_parts_take_revisions(take, object, session->revisions);
    rs_parts_take_machine(take, object, "machine", &session->machine);
    rs_parts_take_noise(take, object, &session->noise);
    rs_fields_take(take, object, rs_session_last_fields, session);
    session->change_head = rs_take_text(take, object, "change_head");
    rs_parts_take_policy_changes(take, object, session->policy_changes);
    rs_profile_take(take, object, session);
    rs_tables_drop(object, session);
    rs_parts_take_rest(object, &session->extra_json);
}

void rs_session_check_names(RsTake *take, const RsSession *session)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < session->benchmarks->len && !take->error; i++) {
        const RsBenchmark *benchmark = g_ptr_array_index(session->benchmarks, i);
        gpointer earlier;

        if (g_hash_table_lookup_extended(seen, benchmark->name, NULL, &earlier)) {
            rs_take_enter(take, "benchmarks");
            rs_take_enter_index(take, i);
            rs_take_fail(take, "name", "is that of benchmarks[%u] as well",
                         GPOINTER_TO_UINT(earlier));
            return;
        }
        g_hash_table_insert(seen, benchmark->name, GUINT_TO_POINTER(i));
    }
}

static void take_benchmark_element(RsTake *take, json_t *element, gsize i, gpointer into)
{
    g_ptr_array_add(((RsSession *)into)->benchmarks, rs_benchmark_take(take, element));
}

static void take_function_element(RsTake *take, json_t *element, gsize i, gpointer into)
{
    if (i >= RS_PROFILE_MAX_FUNCTIONS) {
        rs_take_fail(take, NULL, "more than %d functions", RS_PROFILE_MAX_FUNCTIONS);
        return;
    }
    g_ptr_array_add(rs_session_functions(into), rs_function_take(take, element));
}

static gboolean has_version(json_t *head)
{
    return json_object_get(head, "version") != NULL;
}

static void begin(RsTake *take, json_t *head, gpointer into)
{
    rs_document_check_version(take, head, RS_SESSION_FORMAT, RS_SESSION_VERSION);
}

RsSession *rs_session_decode(GBytes *data, GError **error)
{
    static const RsDocumentList lists[] = {
        {"benchmarks", take_benchmark_element},
        {"functions", take_function_element},
        {0},
    };
    static const RsDocumentReader reader = {lists, has_version, begin};
    g_autoptr(RsSession) session = rs_session_new();
    gsize n_bytes;
    const char *text = g_bytes_get_data(data, &n_bytes);
    json_t *head = rs_document_read(&reader, text, n_bytes, session, error);
    gboolean ok;
    RsTake take;

    if (!head)
        return NULL;
    rs_take_init(&take);
    json_object_del(head, "format");
    session->version_minor = (int)rs_take_int(&take, head, "version_minor", 0, 0, G_MAXINT32);
    rs_session_take_members(&take, head, session);
    rs_session_check_names(&take, session);
    rs_symbols_check(&take, session);
    rs_trial_samples_check(&take, session);
    session->source_format =
        g_strdup_printf("%s %d.%d", RS_SESSION_FORMAT, session->version, session->version_minor);
    ok = rs_take_finish(&take, error);
    rs_take_clear(&take);
    json_decref(head);
    return ok ? g_steal_pointer(&session) : NULL;
}
