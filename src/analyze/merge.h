/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Joins the shards of one run. */
#ifndef RS_ANALYZE_MERGE_H
#define RS_ANALYZE_MERGE_H

#include <glib.h>

#include "model/session.h"

#define RS_MERGE_ERROR (rs_merge_error_quark())
GQuark rs_merge_error_quark(void);
typedef enum { RS_MERGE_ERROR_MISMATCH, RS_MERGE_ERROR_MISSING } RsMergeError;

/* Moves the benchmarks of all parts (RsSession*) into one session, in the order of the
 * configuration, with one profile for the samples of all their trials; the parts are left without
 * them. Errors RS_MERGE_ERROR: parts of different runs, a
 * shard or a benchmark missing or there twice. */
RsSession *rs_merge(GPtrArray *parts, GError **error);

#endif
