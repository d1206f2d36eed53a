/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of a session file that say what its stacks say, for readers that want no stacks:
 * "crate_rollups", "module_rollups" and "call_trees". They are made from the stacks whenever a file
 * is written, and are nothing to a reader that has these, so they are never out of date. Only a
 * profile with lines has them: in a file without one these keys are another writer's. */
#ifndef RS_FORMAT_TABLES_JSON_H
#define RS_FORMAT_TABLES_JSON_H

#include "format/emit.h"
#include "format/take.h"
#include "model/session.h"

#define RS_TABLES_MIN_FRAC      0.001 /* of the time of a tree; less is joined */
#define RS_TABLES_MAX_NODES     5000  /* of a tree */
#define RS_TABLES_MAX_ALL_NODES 100000
#define RS_TABLES_MIN_NODES     100 /* that a tree may have, however many there are */

/* Into the open object, which is the session's. */
void rs_tables_emit(RsEmit *emit, const RsSession *session);
/* Drops them, of a session that was read but for its additional keys. */
void rs_tables_drop(json_t *object, const RsSession *session);

#endif
