/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The events that are open, by thread and CPU, and the rings that they write to: two for each CPU,
 * one for samples and a small one for records of lives and mappings, whose reader is woken at once,
 * so that files are pinned while the process is there. (An event that is inherited can only be read
 * through a ring of its CPU.) Rings belong to events of our own that never write, so they last
 * whatever becomes of those that are looked at. Must not know what records say. */
#ifndef RS_CAPTURE_PERF_SOURCES_H
#define RS_CAPTURE_PERF_SOURCES_H

#include <glib.h>
#include <sys/types.h>

#include "capture/perf/event.h"
#include "capture/perf/ring.h"

/* The events on one thread, a root: threads and processes born of it inherit them. */
typedef struct {
    int fd;
    guint64 id; /* in each record of it and of what inherited it */
    RsPerfRole role;
    guint root; /* numbered in the order of opening */
    guint cpu;
} RsPerfSource;

#define RS_PERF_ALL_CPUS G_MAXUINT

typedef struct {
    guint cpu;
    RsPerfRing *records, *samples;
} RsPerfRings;

typedef struct RsPerfSources RsPerfSources;

/* Opens the rings. n_buffer_bytes: of the samples on each CPU; 0: by the rate. Gets along with less
 * where no more is granted. Errors RS_SAMPLER_ERROR. */
RsPerfSources *rs_perf_sources_new(const RsPerfSetup *setup, gsize n_buffer_bytes, GError **error);
void rs_perf_sources_free(RsPerfSources *sources);

guint rs_perf_sources_n_cpus(const RsPerfSources *sources);
const RsPerfRings *rs_perf_sources_rings(const RsPerfSources *sources, guint i);

typedef enum {
    RS_PERF_NOW,    /* lives and samples, from now on */
    RS_PERF_LAUNCH, /* lives from now on, samples when it executes a program */
} RsPerfAttachment;
/* Opens the events of a thread on every CPU, or on those from index first_cpu on, as a new root.
 * is_launcher: it starts programs one after the other, and what it hands down to them must stay
 * with it (see RS_PERF_ANCHOR); others save switches by it. Returns 0, or an errno; then nothing
 * of it is open. */
int rs_perf_sources_open(RsPerfSources *sources, pid_t tid, RsPerfAttachment attachment,
                         gboolean is_launcher, guint first_cpu);
guint rs_perf_sources_n_roots(const RsPerfSources *sources); /* opened so far */
const RsPerfSource *rs_perf_sources_find(const RsPerfSources *sources, guint64 id);
/* Closes a root's events on a CPU. */
void rs_perf_sources_close(RsPerfSources *sources, guint root, guint cpu);
/* Closes those of this root and of all later ones. The rings stay. */
void rs_perf_sources_close_since(RsPerfSources *sources, guint first_root);

/* Base events on, startup events off, in all that inherited them too; both are on in between, and
 * the time of that is returned. */
gint64 rs_perf_sources_end_startup(RsPerfSources *sources);
/* Of base events that are inherited from now on. */
void rs_perf_sources_set_period(RsPerfSources *sources, guint64 period_ns);
/* Events that were counted, and the CPU time in which they were, up to now. */
typedef struct {
    double n_events, running_ns;
} RsPerfTotals;
RsPerfTotals rs_perf_sources_totals(const RsPerfSources *sources);
/* Opens rings for CPUs that came online. Returns how many; they are the last ones. */
guint rs_perf_sources_add_cpus(RsPerfSources *sources);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsPerfSources, rs_perf_sources_free)

#endif
