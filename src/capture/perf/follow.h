/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The perf sampler's state, and the part of it that follows processes: what records of lives mean,
 * and attaching. For sampler.c. */
#ifndef RS_CAPTURE_PERF_FOLLOW_H
#define RS_CAPTURE_PERF_FOLLOW_H

#include "capture/perf/family.h"
#include "capture/perf/merge.h"
#include "capture/perf/phase.h"
#include "capture/perf/record.h"
#include "capture/perf/sources.h"
#include "capture/sampler.h"

typedef struct {
    RsSamplerSink sink;
    RsPerfSetup setup;
    pid_t ignored_pid;
    gint64 startup_ns;
    RsPerfSources *sources;
    RsPerfFamily *family;
    GHashTable *launched; /* root + 1 -> pid that it waits to execute its program */
    RsPerfMerge *merge;
    RsPerfPhases *phases; /* NULL: samples are as the kernel has them */
    gint64 phase_us;      /* when a period was last drawn */
    /* When startup events were last switched off: both rates run at the first moment, and only the
     * base rate at the second. */
    gint64 startup_ended_ns, startup_off_ns;
    RsSamplerCounts counts;
    RsPerfTotals totals;
    double ns_per_event;                 /* of events that are no clocks */
    gint64 totals_us, cpus_us, check_us; /* when they were last looked at */
    gboolean needs_check;                /* ends of threads may have been missed */
    gboolean has_lost_records;
    gboolean has_strays; /* startup events are on where they do not count */
    int storm_ms;        /* 0: none */
} RsPerfSampler;

/* A record of kind EXEC, NAME, FORK or EXIT. */
void rs_perf_follow(RsPerfSampler *sampler, const RsPerfRecord *record);
/* A process whose birth we were not told: it was born while its parent was being attached to, or
 * the record was lost. NULL: it has ended. */
RsPerfProcess *rs_perf_follow_adopt(RsPerfSampler *sampler, pid_t pid, pid_t tid);
/* Ends that were not told, and after a loss of records what else was not. */
void rs_perf_follow_check(RsPerfSampler *sampler);
/* Has the rings from that index on read. */
void rs_perf_follow_rings(RsPerfSampler *sampler, guint first);
/* Rings and events for CPUs that came online. */
void rs_perf_follow_cpus(RsPerfSampler *sampler);
/* pid is a child of ours that waits to execute its program. Errors RS_SAMPLER_ERROR. */
gboolean rs_perf_follow_launched(RsPerfSampler *sampler, pid_t pid, GError **error);
gboolean rs_perf_follow_running(RsPerfSampler *sampler, pid_t pid, GError **error);

#endif
