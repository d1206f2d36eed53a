/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The records of all rings, in the order of their times.
 *
 * What happens on several CPUs comes through several rings. A sample must not be handed over before
 * the fork, exec or mapping that it needs. Those are written before the thread goes on, so whoever
 * sees the sample can see them: the rings of samples are looked at first, and then those of
 * records, and all that was seen is handed over, the oldest first. What is written meanwhile waits
 * for the next look; nothing waits for a timeout. Samples of different CPUs may therefore be handed
 * over out of order by the length of a look. */
#ifndef RS_CAPTURE_PERF_MERGE_H
#define RS_CAPTURE_PERF_MERGE_H

#include <glib.h>
#include <poll.h>

#include "capture/perf/record.h"
#include "capture/perf/sources.h"

typedef struct RsPerfMerge RsPerfMerge;

/* of_samples: which ring it came from. What record points to lives for the call. */
typedef void (*RsPerfMergeApply)(gpointer data, const RsPerfRecord *record, gboolean of_samples);

RsPerfMerge *rs_perf_merge_new(RsPerfMergeApply apply, gpointer data);
void rs_perf_merge_free(RsPerfMerge *merge);
/* Adds the rings of a CPU. */
void rs_perf_merge_add(RsPerfMerge *merge, RsPerfRing *records, RsPerfRing *samples);
/* Hands over what was written up to now. A record that cannot be read is handed over as one that
 * was lost. Returns how many came from rings of records. */
guint rs_perf_merge_run(RsPerfMerge *merge);

/* What to poll: the first entry is left for the caller. with_records: else only for samples. Valid
 * until the next call. */
struct pollfd *rs_perf_merge_poll_fds(RsPerfMerge *merge, gboolean with_records, guint *n_fds);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsPerfMerge, rs_perf_merge_free)

#endif
