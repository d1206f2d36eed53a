/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "base/text.h"
#include "format/blame_json.h"
#include "format/codec.h"
#include "format/document.h"
#include "format/parts.h"
#include "format/verdict_fields.h"

#define MAX_VALUES 10000000

/* What the elements of a file's lists go into. */
typedef struct {
    RsVerdict *verdict;
    RsBlameReader *blames;
} Reading;

static void take_gate(RsTake *take, json_t *object, RsGateResult *result)
{
    json_t *gate = rs_take_object(take, object, "gate");
    gsize mark = rs_take_enter(take, "gate");

    if (gate) {
        result->bound_pct = NAN;
        rs_fields_take(take, gate, rs_gate_result_fields, result);
        rs_parts_take_gate(take, gate, result->gate);
    } else {
        rs_take_fail(take, NULL, "is missing");
    }
    rs_take_leave(take, mark);
    rs_take_object_end(object, "gate");
}

static void take_acceptance(RsTake *take, json_t *object, RsVerdict *verdict)
{
    json_t *own = rs_take_object(take, object, "acceptance");
    gsize mark = rs_take_enter(take, "acceptance");

    if (own) {
        verdict->acceptance = g_new0(RsAcceptance, 1);
        rs_fields_take(take, own, rs_acceptance_fields, verdict->acceptance);
    }
    rs_take_leave(take, mark);
    rs_take_object_end(object, "acceptance");
}

static void take_environment(RsTake *take, json_t *object, RsVerdict *verdict)
{
    json_t *environment = rs_take_object(take, object, "environment");
    gsize mark = rs_take_enter(take, "environment");
    json_t *machines;

    if (environment) {
        gsize machines_mark;

        machines = rs_take_object(take, environment, "machines");
        machines_mark = rs_take_enter(take, "machines");
        for (RsArm arm = 0; machines && arm < RS_N_ARMS; arm++)
            rs_parts_take_machine(take, machines, rs_arm_names[arm], &verdict->machines[arm]);
        rs_take_leave(take, machines_mark);
        rs_take_object_end(environment, "machines");
        rs_parts_take_noise(take, environment, &verdict->noise);
    }
    rs_take_leave(take, mark);
    rs_take_object_end(object, "environment");
}

static void take_values(RsTake *take, json_t *object, RsRowSide *side)
{
    json_t *values = rs_take_array(take, object, "values", MAX_VALUES);
    json_t *value;
    size_t i;

    g_array_set_size(side->values, (guint)json_array_size(values));
    json_array_foreach(values, i, value)
    {
        if (!json_is_number(value) && !json_is_null(value))
            rs_take_fail(take, "values", "entry %zu must be a number or null", i);
        g_array_index(side->values, double, i) =
            json_is_number(value) ? json_number_value(value) : (double)NAN;
    }
    json_decref(values);
}

static void take_positions(RsTake *take, json_t *object, RsRowSide *side)
{
    json_t *positions = rs_take_array(take, object, "positions", MAX_VALUES);
    json_t *value;
    size_t i;

    g_array_set_size(side->positions, (guint)json_array_size(positions));
    json_array_foreach(positions, i, value)
    {
        json_int_t position = json_integer_value(value);

        if (!json_is_integer(value) || position < 0 || position > G_MAXUINT32)
            rs_take_fail(take, "positions", "entry %zu must be a whole number from 0 on", i);
        g_array_index(side->positions, guint32, i) = (guint32)position;
    }
    json_decref(positions);
    if (side->positions->len != side->values->len)
        rs_take_fail(take, "positions", "%u entries, but there are %u values", side->positions->len,
                     side->values->len);
}

static void take_side(RsTake *take, json_t *object, RsArm arm, RsRowSide *side)
{
    json_t *own = rs_take_object(take, object, rs_arm_names[arm]);
    gsize mark = rs_take_enter(take, rs_arm_names[arm]);

    if (own) {
        rs_fields_take(take, own, rs_row_side_fields, side);
        take_values(take, own, side);
        take_positions(take, own, side);
    }
    rs_take_leave(take, mark);
    rs_take_object_end(object, rs_arm_names[arm]);
}

static void take_row(RsTake *take, json_t *element, gsize i, gpointer into)
{
    RsRow *row = rs_row_new(NULL, NULL, NULL, RS_LOWER_IS_BETTER);

    g_ptr_array_add(((Reading *)into)->verdict->rows, row);
    if (!json_is_string(json_object_get(element, "verdict")))
        rs_take_fail(take, "verdict", "is missing");
    rs_fields_take(take, element, rs_row_fields, row);
    if (!row->name)
        rs_take_fail(take, "name", "is missing");
    if (!row->metric)
        rs_take_fail(take, "metric", "is missing");
    if (!row->unit)
        row->unit = g_strdup("");
    take_side(take, element, RS_ARM_BASELINE, &row->baseline);
    take_side(take, element, RS_ARM_CURRENT, &row->current);
    rs_fields_take(take, element, rs_row_last_fields, row);
    rs_parts_take_rest(element, &row->extra_json);
}

static void take_function(RsTake *take, json_t *element, gsize i, gpointer into)
{
    RsFunctionChange *change = rs_function_change_new(NULL);

    g_ptr_array_add(((Reading *)into)->verdict->functions, change);
    rs_fields_take(take, element, rs_function_change_fields, change);
    if (!change->name)
        rs_take_fail(take, "name", "is missing");
    rs_parts_take_rest(element, &change->extra_json);
}

static void take_blamed(RsTake *take, json_t *element, gsize i, gpointer into)
{
    rs_blame_reader_function(((Reading *)into)->blames, take, element);
}

static void take_blame_details(RsTake *take, json_t *element, gsize i, gpointer into)
{
    rs_blame_reader_details(((Reading *)into)->blames, take, element);
}

static void take_failure(RsTake *take, json_t *element, gsize i, gpointer into)
{
    g_autoptr(RsFailure) failure = rs_failure_new(RS_ARM_BASELINE, NULL);
    g_autofree char *benchmark = rs_take_text(take, element, "benchmark");

    rs_fields_take(take, element, rs_failure_fields, failure);
    rs_parts_take_rest(element, &failure->extra_json);
    g_ptr_array_add(((Reading *)into)->verdict->failures,
                    rs_verdict_failure_new(benchmark, failure));
}

static void take_policy_change(RsTake *take, json_t *element, gsize i, gpointer into)
{
    rs_parts_take_policy_change(take, element, ((Reading *)into)->verdict->policy_changes);
}

static void take_counts(RsTake *take, json_t *object, const char *key, const char *const *names,
                        guint *counts)
{
    json_t *own = rs_take_object(take, object, key);
    gsize mark = rs_take_enter(take, key);

    for (guint i = 0; own && names[i]; i++)
        counts[i] = (guint)rs_take_int(take, own, names[i], 0, 0, G_MAXUINT);
    rs_take_leave(take, mark);
    rs_take_object_end(object, key);
}

static void take_summary(RsTake *take, json_t *object, RsVerdictSummary *summary)
{
    json_t *own = rs_take_object(take, object, "summary");
    gsize mark = rs_take_enter(take, "summary");

    if (own) {
        rs_fields_take(take, own, rs_summary_fields, summary);
        take_counts(take, own, "n_by_verdict", rs_verdict_kind_names, summary->n_by_verdict);
        take_counts(take, own, "n_by_severity", rs_severity_names, summary->n_by_severity);
    }
    rs_take_leave(take, mark);
    rs_take_object_end(object, "summary");
}

/* null is "no bound" where the gate never fails, and "not known" elsewhere. */
static void restore_bounds(RsVerdict *verdict)
{
    if (verdict->gate.gate->fail_on != RS_SEVERITY_NONE)
        return;
    if (isnan(verdict->gate.bound_pct))
        verdict->gate.bound_pct = INFINITY;
    for (guint i = 0; i < verdict->rows->len; i++) {
        RsRow *row = g_ptr_array_index(verdict->rows, i);

        if (isnan(row->bound_pct))
            row->bound_pct = INFINITY;
    }
}

static void take_members(RsTake *take, json_t *head, RsVerdict *verdict)
{
    json_object_del(head, "format");
    rs_take_int(take, head, "version_minor", 0, 0, G_MAXINT32);
    g_clear_pointer(&verdict->rule_version, g_free);
    rs_fields_take(take, head, rs_verdict_fields, verdict);
    take_gate(take, head, &verdict->gate);
    take_acceptance(take, head, verdict);
    take_summary(take, head, &verdict->summary);
    rs_parts_take_revisions(take, head, verdict->revisions);
    take_environment(take, head, verdict);
    rs_fields_take(take, head, rs_verdict_last_fields, verdict);
    rs_parts_take_rest(head, &verdict->extra_json);
    restore_bounds(verdict);
}

static gboolean has_version(json_t *head)
{
    return json_object_get(head, "format") && json_object_get(head, "version");
}

static void begin(RsTake *take, json_t *head, gpointer into)
{
    const char *format = json_string_value(json_object_get(head, "format"));

    if (g_strcmp0(format, RS_VERDICT_FORMAT) == 0) {
        rs_document_check_version(take, head, RS_VERDICT_FORMAT, RS_VERDICT_VERSION);
    } else if (!take->error && format) {
        g_autofree char *shown = rs_text_plain(format, -1, FALSE, 80);

        g_set_error(&take->error, RS_FORMAT_ERROR, RS_FORMAT_ERROR_UNKNOWN,
                    "format is \"%s\"; a verdict file (\"%s\") is wanted here", shown,
                    RS_VERDICT_FORMAT);
    } else if (!take->error) {
        g_set_error(&take->error, RS_FORMAT_ERROR, RS_FORMAT_ERROR_UNKNOWN,
                    "JSON without \"format\": not a verdict file");
    }
}

RsVerdict *rs_verdict_decode(GBytes *data, GError **error)
{
    static const RsDocumentList lists[] = {
        {"benchmarks", take_row},
        {"functions", take_function},
        {"blame", take_blamed},
        {"blame_details", take_blame_details},
        {"failures", take_failure},
        {"policy_changes", take_policy_change},
        {0},
    };
    static const RsDocumentReader reader = {lists, has_version, begin};
    g_autoptr(RsGate) defaults = rs_gate_new();
    g_autoptr(RsVerdict) verdict = rs_verdict_new(defaults);
    g_autoptr(RsBlameReader) blames = rs_blame_reader_new();
    Reading reading = {verdict, blames};
    gsize n_bytes;
    const char *text = g_bytes_get_data(data, &n_bytes);
    json_t *head = rs_document_read(&reader, text, n_bytes, &reading, error);
    gboolean ok;
    RsTake take;

    if (!head)
        return NULL;
    rs_blame_reader_finish(blames, verdict->blames);
    rs_take_init(&take);
    take_members(&take, head, verdict);
    ok = rs_take_finish(&take, error);
    rs_take_clear(&take);
    json_decref(head);
    return ok ? g_steal_pointer(&verdict) : NULL;
}
