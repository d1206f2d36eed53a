/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The series of a process and of its descendants, and what they add up to. Must not know where the
 * samples go. */
#ifndef RS_CMD_RECORD_SERIES_H
#define RS_CMD_RECORD_SERIES_H

#include <glib.h>
#include <sys/types.h>

#include "model/profile.h"

#define RS_TREE_MAX_PROCESSES 32 /* that are looked at; the oldest */

typedef struct RsTreeSeries RsTreeSeries;

RsTreeSeries *rs_tree_series_new(pid_t root);
void rs_tree_series_free(RsTreeSeries *series);
/* Processes that were born since; costs a look at all of /proc. */
void rs_tree_series_rescan(RsTreeSeries *series);
/* One look at each: RsProcessSample with at_ns = now_ns, the root's first while it lives. Yours. */
GPtrArray *rs_tree_series_look(RsTreeSeries *series, gint64 now_ns);
guint rs_tree_series_n_processes(const RsTreeSeries *series); /* alive at the last look */
const gint32 *rs_tree_series_pids(const RsTreeSeries *series);
guint rs_tree_series_n_left_out(
    const RsTreeSeries *series); /* beyond the limit, at the last scan */
/* CPU time since the first look at each (of those born later: all). -1: not told. */
void rs_tree_series_cpu(const RsTreeSeries *series, gint64 *user_ns, gint64 *system_ns);
/* The root's largest resident memory ever, as the kernel counts it; -1: not told. */
gint64 rs_tree_series_peak_rss_bytes(const RsTreeSeries *series);

/* The sum of one look: what is absent in all of them is absent. */
RsProcessSample rs_process_samples_sum(const GPtrArray *samples);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsTreeSeries, rs_tree_series_free)

#endif
