/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a trial measures: the table of built-in metrics, and one metric's values over all trials of
 * a benchmark. Must not know where values come from or what is decided from them. Counts are exact
 * 64-bit integers; a value that could not be measured is absent (null in files), never zero. */
#ifndef RS_MODEL_METRIC_H
#define RS_MODEL_METRIC_H

#include <glib.h>
#include <math.h>

#include "model/names.h"

typedef enum { RS_COUNT, RS_REAL } RsMetricKind;

#define RS_COUNT_ABSENT G_MININT64
#define RS_REAL_ABSENT  ((double)NAN)

/* Indices of rs_metric_rows, which is in this order. */
typedef enum {
    RS_METRIC_WALL,
    RS_METRIC_CPU,
    RS_METRIC_USER,
    RS_METRIC_SYSTEM,
    RS_METRIC_MAX_RSS,
    RS_METRIC_MINOR_FAULTS,
    RS_METRIC_MAJOR_FAULTS,
    RS_METRIC_VOLUNTARY_SWITCHES,
    RS_METRIC_INVOLUNTARY_SWITCHES,
    RS_METRIC_STEAL,
    RS_METRIC_THROTTLED,
    RS_METRIC_INSTRUCTIONS,
    RS_METRIC_CYCLES,
    RS_METRIC_BRANCH_MISSES,
    RS_METRIC_CACHE_MISSES,
    RS_N_METRICS,
} RsMetricId;

typedef struct {
    const char *name;    /* as in files and --metric */
    const char *unit;    /* "ns", "bytes", "count" */
    const char *summary; /* one phrase for people */
    RsDirection direction;
    gboolean is_time;  /* capped at inconclusive when throttling differs between arms */
    gboolean may_gate; /* steal and throttled describe the machine, not the program */
} RsMetricRow;

extern const RsMetricRow rs_metric_rows[RS_N_METRICS];

/* The row of that name; NULL when it is a metric of the benchmark's own. */
const RsMetricRow *rs_metric_row(const char *name);

/* One value of one trial; which member holds is said by the metric's kind. */
typedef union {
    gint64 count;
    double real;
} RsValue;

/* One metric of one benchmark: values in run order, one for each trial. */
typedef struct {
    char *name, *unit;
    RsDirection direction;
    RsMetricKind kind;
    GArray *values; /* RsValue */
} RsMetric;

RsMetric *rs_metric_new(const char *name, const char *unit, RsDirection direction,
                        RsMetricKind kind);
void rs_metric_free(RsMetric *metric);

/* The value of trial i as a double; NaN when absent. */
double rs_metric_value(const RsMetric *metric, guint i);
/* Appends; an absent value where n_trials runs ahead of the values (a metric that appears late). */
void rs_metric_append(RsMetric *metric, RsValue value);
RsValue rs_metric_absent(const RsMetric *metric);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsMetric, rs_metric_free)

#endif
