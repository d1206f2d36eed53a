/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The JSON of what sessions and verdicts have in common. _emit writes members into the object that
 * is open, or a whole object where a key is given; _take reads them. */
#ifndef RS_FORMAT_PARTS_H
#define RS_FORMAT_PARTS_H

#include "format/emit.h"
#include "format/fields.h"
#include "format/take.h"
#include "model/policy.h"
#include "model/session.h"

extern const RsField rs_failure_fields[];

void rs_parts_emit_gate(RsEmit *emit, const RsGate *gate);
void rs_parts_take_gate(RsTake *take, json_t *object, RsGate *gate);

/* "revisions": an object with one object for each arm. */
void rs_parts_emit_revisions(RsEmit *emit, const RsRevision *revisions);
void rs_parts_take_revisions(RsTake *take, json_t *object, RsRevision *revisions);

void rs_parts_emit_machine(RsEmit *emit, const char *key, const RsMachine *machine);
void rs_parts_take_machine(RsTake *take, json_t *object, const char *key, RsMachine *machine);

void rs_parts_emit_noise(RsEmit *emit, const RsNoise *noise);
void rs_parts_take_noise(RsTake *take, json_t *object, RsNoise *noise);

/* "policy_changes": RsPolicyChange each. */
void rs_parts_emit_policy_changes(RsEmit *emit, const GPtrArray *changes);
void rs_parts_take_policy_change(RsTake *take, json_t *element, GPtrArray *changes);
void rs_parts_take_policy_changes(RsTake *take, json_t *object, GPtrArray *changes);

/* Replaces *extra_json by what is left over in object. */
void rs_parts_take_rest(const json_t *object, char **extra_json);

#endif
