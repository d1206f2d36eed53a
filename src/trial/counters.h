/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hardware counters of a process, the launcher, and of everything that it starts: opened on it with
 * inherit, and counting from then on. Not enable_on_exec: the kernel may swap the counters of a
 * process with the equal ones of its child, which then uses up the flag and takes the counter along
 * when it ends; every later launch would go uncounted. The little that the launcher does in user
 * mode is counted with each launch, the same for both arms. */
#ifndef RS_TRIAL_COUNTERS_H
#define RS_TRIAL_COUNTERS_H

#include <glib.h>

#include "model/metric.h"

typedef struct {
    RsMetricId metric; /* where the value goes */
    guint32 type;      /* PERF_TYPE_... */
    guint64 config;    /* PERF_COUNT_... */
} RsCounterRow;

/* instructions, cycles, branch and cache misses, in user mode. Ended by a row with metric
 * RS_N_METRICS. */
extern const RsCounterRow rs_counter_rows[];

typedef struct RsCounters RsCounters;

/* Opens the rows as one group on pid. NULL when the machine has none of them or does not allow it;
 * why then says so in a sentence (yours). A row that is missing alone is left out. */
RsCounters *rs_counters_open(const RsCounterRow *rows, int pid, char **why);
void rs_counters_free(RsCounters *counters);

/* Counts since the last call (since open, the first time), by RsMetricId; RS_COUNT_ABSENT where
 * there is no such counter, or where it was multiplexed away for the whole time. Scaled when it was
 * counted for part of the time. */
void rs_counters_take(RsCounters *counters, gint64 values[RS_N_METRICS]);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsCounters, rs_counters_free)

#endif
