/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The JSON of a call tree, in sessions and verdicts: {"names":{"name":[...],"crate_name":[...],
 * "crate_kind":[...],"inline":[...]},"nodes":{"parent":[...],"name":[...],"total_ns":[...],
 * "self_ns":[...]}}. A tree of two sides has "total_ns_baseline", "self_ns_baseline",
 * "total_ns_current" and "self_ns_current" in place of the last two. */
#ifndef RS_FORMAT_CALL_TREE_JSON_H
#define RS_FORMAT_CALL_TREE_JSON_H

#include "format/emit.h"
#include "format/take.h"
#include "model/call_tree.h"

#define RS_CALL_TREE_MAX_NODES 1000000
#define RS_CALL_TREE_MAX_NAMES 1000000

/* "names" and "nodes" into the open object. */
void rs_call_tree_emit_members(RsEmit *emit, const RsCallTree *tree);
/* Reads them out of object. Yours; NULL only after an error. */
RsCallTree *rs_call_tree_take_members(RsTake *take, json_t *object);

#endif
