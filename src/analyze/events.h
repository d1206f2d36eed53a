/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events in the series of a process: spikes, plateaus, dips, thread bursts. Looks at each sample as
 * it comes, so a live view and a finished session show the same ones. Must not know where samples
 * come from. */
#ifndef RS_ANALYZE_EVENTS_H
#define RS_ANALYZE_EVENTS_H

#include <glib.h>

#include "model/profile.h"

/* What counts as one. Defaults: rs_event_limits. */
typedef struct {
    gint64 rss_spike_bytes;   /* growth between two samples: 5 MB */
    double cpu_spike_pct;     /* above: 80 */
    double plateau_band_frac; /* a plateau stays within this share of its mean: 0.05 ... */
    gint64 plateau_min_ns;    /* ... for this long: 5 s, at a level that is not idle */
    double dip_frac;          /* a fall by this share of the level before: 0.5 */
    guint n_burst_threads;    /* more threads than at the last sample by: 4 */
} RsEventLimits;
extern const RsEventLimits rs_event_limits;

typedef struct RsEvents RsEvents;
RsEvents *rs_events_new(const RsEventLimits *limits);
void rs_events_free(RsEvents *events);
/* Adds the events that begin with, or are extended by, this sample to found (RsTimelineEvent, owned
 * by found); an event that goes on keeps its place and grows. Samples of a process in order of
 * time. Returns how many are new. */
guint rs_events_look(RsEvents *events, const RsProcessSample *sample, GPtrArray *found);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsEvents, rs_events_free)

#endif
