/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/parts.h"

const RsField rs_failure_fields[] = {
    RS_WORD_FIELD(RsFailure, arm, rs_arm_names),
    RS_TEXT_FIELD(RsFailure, stage),
    RS_INT64_OR_NULL(RsFailure, pair, -1),
    RS_INT_OR_NULL(RsFailure, exit_status, -1),
    RS_INT_OR_NULL(RsFailure, signal_number, 0),
    RS_BOOL_FIELD(RsFailure, timed_out),
    RS_TEXT_FIELD(RsFailure, message),
    RS_TEXT_FIELD(RsFailure, output_tail),
    {0},
};

static const RsField gate_fields[] = {
    RS_REAL_FIELD(RsGate, threshold_pct),
    RS_REAL_FIELD(RsGate, alpha),
    RS_REAL_FIELD(RsGate, beta),
    RS_WORD_FIELD(RsGate, fail_on, rs_severity_names),
    RS_WORD_FIELD(RsGate, correction, rs_correction_names),
    RS_TEXTS_FIELD(RsGate, metrics),
    RS_UINT_OR_NULL(RsGate, n_family, 0),
    RS_UINT_FIELD(RsGate, max_pairs),
    RS_REAL_FIELD(RsGate, max_time_s),
    {0},
};

static const RsField revision_fields[] = {
    RS_TEXT_FIELD(RsRevision, revision),   RS_TEXT_FIELD(RsRevision, branch),
    RS_TEXT_FIELD(RsRevision, repository), RS_TEXT_FIELD(RsRevision, describe),
    RS_BOOL_FIELD(RsRevision, dirty),      {0},
};

static const RsField machine_fields[] = {
    RS_TEXT_FIELD(RsMachine, hostname),
    RS_TEXT_FIELD(RsMachine, cpu_model),
    RS_TEXT_FIELD(RsMachine, architecture),
    RS_TEXT_FIELD(RsMachine, kernel),
    RS_TEXT_FIELD(RsMachine, libc),
    RS_TEXT_FIELD(RsMachine, hypervisor),
    RS_TEXT_FIELD(RsMachine, governor),
    RS_TEXT_FIELD(RsMachine, microcode),
    RS_TEXT_FIELD(RsMachine, container),
    RS_TEXT_FIELD(RsMachine, cpu_flags_sha256),
    RS_INT64_OR_NULL(RsMachine, cpu_family, -1),
    RS_INT64_OR_NULL(RsMachine, cpu_model_number, -1),
    RS_INT64_OR_NULL(RsMachine, cpu_stepping, -1),
    RS_INT64_OR_NULL(RsMachine, n_cpus_online, -1),
    RS_INT64_OR_NULL(RsMachine, n_cpus_allowed, -1),
    RS_INT64_OR_NULL(RsMachine, n_cores, -1),
    RS_INT64_OR_NULL(RsMachine, memory_bytes, -1),
    RS_INT64_OR_NULL(RsMachine, cgroup_memory_limit_bytes, -1),
    RS_REAL_FIELD(RsMachine, cgroup_cpu_limit_cpus),
    RS_TEXT_FIELD(RsMachine, fingerprint),
    RS_TEXT_FIELD(RsMachine, pmu),
    {0},
};

static const RsField noise_fields[] = {
    RS_REAL_FIELD(RsNoise, load_start),          RS_REAL_FIELD(RsNoise, load_end),
    RS_REAL_FIELD(RsNoise, steal_pct),           RS_REAL_FIELD(RsNoise, throttled_pct),
    RS_INT64_FIELD(RsNoise, n_oom_kills),        RS_REAL_FIELD(RsNoise, calibration_median_ns),
    RS_REAL_FIELD(RsNoise, calibration_cv_pct),  RS_INT64_FIELD(RsNoise, n_calibrations),
    RS_REAL_FIELD(RsNoise, position_effect_pct), RS_REAL_FIELD(RsNoise, position_p_value),
    RS_REAL_FIELD(RsNoise, sampling_rate_hz),    {0},
};

void rs_parts_emit_gate(RsEmit *emit, const RsGate *gate)
{
    rs_fields_emit(emit, gate_fields, gate);
    rs_emit_array(emit, "severity_bounds", RS_EMIT_INLINE);
    rs_emit_real(emit, NULL, gate->moderate_factor);
    rs_emit_real(emit, NULL, gate->critical_factor);
    rs_emit_end(emit);
}

static void check_gate(RsTake *take, const RsGate *gate)
{
    const struct {
        const char *key;
        gboolean ok;
        const char *wanted;
    } rules[] = {
        {"threshold_pct", gate->threshold_pct >= 0, "must not be negative"},
        {"alpha", gate->alpha > 0 && gate->alpha < 1, "must be between 0 and 1"},
        {"beta", gate->beta > 0 && gate->beta < 1, "must be between 0 and 1"},
        {"severity_bounds",
         gate->moderate_factor >= 1 && gate->critical_factor >= gate->moderate_factor,
         "must be at least 1, and in ascending order"},
        {"max_time_s", gate->max_time_s >= 0, "must not be negative"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rules); i++)
        if (!rules[i].ok)
            rs_take_fail(take, rules[i].key, "%s", rules[i].wanted);
}

void rs_parts_take_gate(RsTake *take, json_t *object, RsGate *gate)
{
    json_t *bounds = rs_take_array(take, object, "severity_bounds", 2);

    if (bounds) {
        const json_t *moderate = json_array_get(bounds, 0), *critical = json_array_get(bounds, 1);

        if (!json_is_number(moderate) || !json_is_number(critical))
            rs_take_fail(take, "severity_bounds", "must be two numbers");
        gate->moderate_factor = json_number_value(moderate);
        gate->critical_factor = json_number_value(critical);
        json_decref(bounds);
    }
    rs_fields_take(take, object, gate_fields, gate);
    check_gate(take, gate);
}

void rs_parts_emit_revisions(RsEmit *emit, const RsRevision *revisions)
{
    rs_emit_object(emit, "revisions", RS_EMIT_LINES, NULL);
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++) {
        rs_emit_object(emit, rs_arm_names[arm], RS_EMIT_INLINE, NULL);
        rs_fields_emit(emit, revision_fields, &revisions[arm]);
        rs_emit_end(emit);
    }
    rs_emit_end(emit);
}

void rs_parts_take_revisions(RsTake *take, json_t *object, RsRevision *revisions)
{
    json_t *both = rs_take_object(take, object, "revisions");
    gsize mark = rs_take_enter(take, "revisions");

    for (RsArm arm = 0; both && arm < RS_N_ARMS; arm++) {
        const char *key = rs_arm_names[arm];
        json_t *one = rs_take_object(take, both, key);
        gsize arm_mark = rs_take_enter(take, key);

        if (one)
            rs_fields_take(take, one, revision_fields, &revisions[arm]);
        rs_take_leave(take, arm_mark);
        rs_take_object_end(both, key);
    }
    rs_take_leave(take, mark);
    rs_take_object_end(object, "revisions");
}

void rs_parts_emit_machine(RsEmit *emit, const char *key, const RsMachine *machine)
{
    rs_emit_object(emit, key, RS_EMIT_LINES, machine->extra_json);
    rs_fields_emit(emit, machine_fields, machine);
    rs_emit_end(emit);
}

void rs_parts_take_machine(RsTake *take, json_t *object, const char *key, RsMachine *machine)
{
    json_t *own = rs_take_object(take, object, key);
    gsize mark = rs_take_enter(take, key);

    if (own) {
        rs_fields_take(take, own, machine_fields, machine);
        rs_parts_take_rest(own, &machine->extra_json);
        json_object_del(object, key);
    }
    rs_take_leave(take, mark);
}

void rs_parts_emit_noise(RsEmit *emit, const RsNoise *noise)
{
    rs_emit_object(emit, "noise", RS_EMIT_LINES, NULL);
    rs_fields_emit(emit, noise_fields, noise);
    rs_emit_end(emit);
}

void rs_parts_take_noise(RsTake *take, json_t *object, RsNoise *noise)
{
    json_t *own = rs_take_object(take, object, "noise");
    gsize mark = rs_take_enter(take, "noise");

    if (own)
        rs_fields_take(take, own, noise_fields, noise);
    rs_take_leave(take, mark);
    rs_take_object_end(object, "noise");
}

void rs_parts_take_rest(const json_t *object, char **extra_json)
{
    g_free(*extra_json);
    *extra_json = rs_take_rest(object);
}

#define MAX_POLICY_CHANGES 10000

static const RsField policy_change_fields[] = {
    RS_TEXT_FIELD(RsPolicyChange, benchmark),
    RS_TEXT_FIELD(RsPolicyChange, before),
    RS_TEXT_FIELD(RsPolicyChange, after),
    RS_BOOL_FIELD(RsPolicyChange, weakens),
    {0},
};

static void emit_policy_change(RsEmit *emit, const RsPolicyChange *change)
{
    rs_emit_object(emit, NULL, RS_EMIT_INLINE, change->extra_json);
    rs_emit_text(emit, "kind",
                 change->kind == RS_POLICY_UNKNOWN ? change->unknown_kind
                                                   : rs_policy_kind_names[change->kind]);
    rs_fields_emit(emit, policy_change_fields, change);
    rs_emit_end(emit);
}

void rs_parts_emit_policy_changes(RsEmit *emit, const GPtrArray *changes)
{
    rs_emit_array(emit, "policy_changes", RS_EMIT_LINES);
    for (guint i = 0; i < changes->len; i++)
        emit_policy_change(emit, g_ptr_array_index(changes, i));
    rs_emit_end(emit);
}

/* A kind of a later version may be anything, so it counts as loosening the gate; so does a change
 * that does not tell. */
void rs_parts_take_policy_change(RsTake *take, json_t *element, GPtrArray *changes)
{
    RsPolicyChange *change = rs_policy_change_new(RS_POLICY_UNKNOWN, NULL, NULL, NULL, TRUE);
    g_autofree char *kind = rs_take_text(take, element, "kind");
    int known = rs_name_index(rs_policy_kind_names, kind);

    g_ptr_array_add(changes, change);
    rs_fields_take(take, element, policy_change_fields, change);
    if (known >= 0) {
        change->kind = (RsPolicyKind)known;
    } else {
        change->unknown_kind = g_steal_pointer(&kind);
        change->weakens = TRUE;
    }
    rs_parts_take_rest(element, &change->extra_json);
}

void rs_parts_take_policy_changes(RsTake *take, json_t *object, GPtrArray *changes)
{
    json_t *array = rs_take_array(take, object, "policy_changes", MAX_POLICY_CHANGES);
    gsize mark = rs_take_enter(take, "policy_changes");
    json_t *element;
    size_t i;

    json_array_foreach(array, i, element)
    {
        gsize element_mark = rs_take_enter_index(take, i);

        if (rs_take_is_object(take, element))
            rs_parts_take_policy_change(take, element, changes);
        rs_take_leave(take, element_mark);
    }
    rs_take_leave(take, mark);
    json_decref(array);
}
