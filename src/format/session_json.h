/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The JSON of a session (session.schema.json), whole and in the parts that a journal writes. */
#ifndef RS_FORMAT_SESSION_JSON_H
#define RS_FORMAT_SESSION_JSON_H

#include "format/emit.h"
#include "format/take.h"
#include "model/session.h"

#define RS_SESSION_MAX_TRIALS  10000000
#define RS_SESSION_MAX_METRICS 1000

RsSession *rs_session_decode(GBytes *data, GError **error);
GBytes *rs_session_encode(const RsSession *session, GError **error);

/* The members of a session into the open object; its trials only when with_trials. */
void rs_session_emit_members(RsEmit *emit, const RsSession *session, gboolean with_trials);
void rs_benchmark_emit(RsEmit *emit, const char *key, const RsBenchmark *benchmark,
                       gboolean with_trials);
/* "unit", "direction", "kind" into the open object. */
void rs_metric_emit_members(RsEmit *emit, const RsMetric *metric);
void rs_metric_emit_value(RsEmit *emit, const RsMetric *metric, guint trial);

/* Everything of the object but "benchmarks" and "functions", and what is left over. */
void rs_session_take_members(RsTake *take, json_t *object, RsSession *session);
/* Yours; never NULL, whatever take found. */
RsBenchmark *rs_benchmark_take(RsTake *take, json_t *object);
RsFunction *rs_function_take(RsTake *take, json_t *object);
/* A metric without values. */
RsMetric *rs_metric_take(RsTake *take, json_t *object, const char *name, RsMetricKind kind);
/* A number of the metric's kind; null is an absent one. FALSE: it is neither. */
gboolean rs_metric_parse_value(const json_t *value, RsMetricKind kind, RsValue *out);
/* Two benchmarks of one name, three trials of one pair: refused. */
void rs_session_check_names(RsTake *take, const RsSession *session);
void rs_benchmark_check_pairs(RsTake *take, const RsBenchmark *benchmark);

/* RustScope 0.5, see rustscope05.c. */
RsSession *rs_rustscope05_decode(GBytes *data, GError **error);

#endif
