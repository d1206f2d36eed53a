/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events in the series of a process: spikes, plateaus, dips, thread bursts. Looks at each sample as
 * it comes, so a live view and a finished session show the same ones. Must not know where samples
 * come from.
 *
 * What a sample says holds for the time since the one before, so an event starts at the sample
 * before the first that shows it (at the first itself when there is none before) and ends at the
 * last that shows it. Values that are missing (-1, NaN) are passed over, as if there had been no
 * look; a gap longer than plateau_min_ns starts a series anew.
 *
 *   spike, cpu_pct      above cpu_spike_pct; goes on while above 9/10 of it.
 *   spike, rss_bytes    grows by rss_spike_bytes or more from one sample to the next; goes on while
 *                       it grows by half of that.
 *   burst, n_threads    n_burst_threads or more are added from one sample to the next; goes on
 *                       while any are added.
 * These three are over when settle_ns have passed without a sample that shows them, or with the
 * next sample when samples are further apart: what comes back sooner is the same event. before is
 * the sample before, peak the highest value.
 *
 *   dip, cpu_pct and    two samples in a row at or below (1 - dip_frac) of the level before: the
 *   rss_bytes           mean that forgets over settle_ns, of at least 5 samples and settle_ns, none
 *                       of them that low, at cpu_idle_pct or more (rss_bytes: falling by
 *                       rss_spike_bytes at least). Over when half of the fall is made good, or
 *                       after plateau_min_ns: then it is a new level. before is the level, peak the
 *                       lowest value.
 *   plateau, cpu_pct    the means of whole seconds in a row all lie within plateau_band_frac of
 *   and rss_bytes       their mean for plateau_min_ns, at cpu_idle_pct or more (rss_bytes: at
 *                       rss_spike_bytes or more above the lowest second so far, so that a program
 *                       that never grew has none). before is the mean of the second before, peak
 *                       the highest second. */
#ifndef RS_ANALYZE_EVENTS_H
#define RS_ANALYZE_EVENTS_H

#include <glib.h>

#include "model/profile.h"

/* What counts as one. Defaults: rs_event_limits. */
typedef struct {
    gint64 rss_spike_bytes;   /* growth between two samples: 5 MB */
    double cpu_spike_pct;     /* above: 80 */
    double cpu_idle_pct;      /* below, there are neither plateaus nor dips: 10 */
    double plateau_band_frac; /* a plateau stays within this share of its mean: 0.05 ... */
    gint64 plateau_min_ns;    /* ... for this long: 5 s */
    double dip_frac;          /* a fall by this share of the level before: 0.5 */
    guint n_burst_threads;    /* more threads than at the last sample by: 4 */
    gint64 settle_ns;         /* what comes back within this is the same event: 1 s */
} RsEventLimits;
extern const RsEventLimits rs_event_limits;

typedef struct RsEvents RsEvents;
RsEvents *rs_events_new(const RsEventLimits *limits); /* copied; NULL: the defaults */
void rs_events_free(RsEvents *events);
/* Adds the events that begin with this sample to found (RsTimelineEvent, owned by found), and lets
 * those grow that it extends: found is the same array each time, and an event keeps its place.
 * Events that were taken out of it are let go. Samples of a process in order of time: one that is
 * not later than the last is passed over. Returns how many are new. */
guint rs_events_look(RsEvents *events, const RsProcessSample *sample, GPtrArray *found);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsEvents, rs_events_free)

#endif
