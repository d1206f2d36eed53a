/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/metric.h"

#define LOWER RS_LOWER_IS_BETTER

const RsMetricRow rs_metric_rows[RS_N_METRICS] = {
    [RS_METRIC_WALL] = {"wall", "ns", "wall-clock time", LOWER, TRUE, TRUE},
    [RS_METRIC_CPU] = {"cpu", "ns", "CPU time, user and system", LOWER, TRUE, TRUE},
    [RS_METRIC_USER] = {"user", "ns", "CPU time in user mode", LOWER, TRUE, TRUE},
    [RS_METRIC_SYSTEM] = {"system", "ns", "CPU time in the kernel", LOWER, TRUE, TRUE},
    [RS_METRIC_MAX_RSS] = {"max_rss", "bytes", "largest resident memory", LOWER, FALSE, TRUE},
    [RS_METRIC_MINOR_FAULTS] = {"minor_faults", "count", "page faults without I/O", LOWER, FALSE,
                                TRUE},
    [RS_METRIC_MAJOR_FAULTS] = {"major_faults", "count", "page faults with I/O", LOWER, FALSE,
                                TRUE},
    [RS_METRIC_VOLUNTARY_SWITCHES] = {"voluntary_switches", "count", "context switches by waiting",
                                      LOWER, FALSE, TRUE},
    [RS_METRIC_INVOLUNTARY_SWITCHES] = {"involuntary_switches", "count",
                                        "context switches by preemption", LOWER, FALSE, FALSE},
    [RS_METRIC_STEAL] = {"steal", "ns", "CPU time the hypervisor took from the machine", LOWER,
                         FALSE, FALSE},
    [RS_METRIC_THROTTLED] = {"throttled", "ns", "time the cgroup's CPU limit stopped us", LOWER,
                             FALSE, FALSE},
    [RS_METRIC_INSTRUCTIONS] = {"instructions", "count", "instructions in user mode", LOWER, FALSE,
                                TRUE},
    [RS_METRIC_CYCLES] = {"cycles", "count", "CPU cycles in user mode", LOWER, FALSE, TRUE},
    [RS_METRIC_BRANCH_MISSES] = {"branch_misses", "count", "mispredicted branches", LOWER, FALSE,
                                 TRUE},
    [RS_METRIC_CACHE_MISSES] = {"cache_misses", "count", "last-level cache misses", LOWER, FALSE,
                                TRUE},
};

const RsMetricRow *rs_metric_row(const char *name)
{
    for (guint i = 0; i < RS_N_METRICS; i++)
        if (g_strcmp0(rs_metric_rows[i].name, name) == 0)
            return &rs_metric_rows[i];
    return NULL;
}

RsMetric *rs_metric_new(const char *name, const char *unit, RsDirection direction,
                        RsMetricKind kind)
{
    RsMetric *metric = g_new0(RsMetric, 1);

    metric->name = g_strdup(name);
    metric->unit = g_strdup(unit);
    metric->direction = direction;
    metric->kind = kind;
    metric->values = g_array_new(FALSE, FALSE, sizeof(RsValue));
    return metric;
}

void rs_metric_free(RsMetric *metric)
{
    if (!metric)
        return;
    g_free(metric->name);
    g_free(metric->unit);
    g_array_unref(metric->values);
    g_free(metric);
}

double rs_metric_value(const RsMetric *metric, guint i)
{
    const RsValue *value = &g_array_index(metric->values, RsValue, i);

    if (metric->kind == RS_REAL)
        return value->real;
    return value->count == RS_COUNT_ABSENT ? RS_REAL_ABSENT : (double)value->count;
}

void rs_metric_append(RsMetric *metric, RsValue value)
{
    g_array_append_val(metric->values, value);
}

RsValue rs_metric_absent(const RsMetric *metric)
{
    return metric->kind == RS_COUNT ? (RsValue){.count = RS_COUNT_ABSENT}
                                    : (RsValue){.real = RS_REAL_ABSENT};
}
