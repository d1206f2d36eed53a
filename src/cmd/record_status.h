/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the live status shows, and its lines as text. Must not know terminals. */
#ifndef RS_CMD_RECORD_STATUS_H
#define RS_CMD_RECORD_STATUS_H

#include <glib.h>

#include "model/profile.h"

#define RS_TRACK_N_BUCKETS 24 /* of the small plots */

/* A figure over time: now, its peak, and the largest value of each of the last buckets. */
typedef struct {
    double now, peak; /* NaN: not told */
    double buckets[RS_TRACK_N_BUCKETS];
    guint n_buckets;
    gint64 bucket_index; /* of the newest */
} RsTrack;

void rs_track_init(RsTrack *track);
/* bucket_index: grows with time; values of one bucket share it. */
void rs_track_add(RsTrack *track, double value, gint64 bucket_index);
/* "▁▂▅█", oldest first, scaled from 0 to the largest; "" without values. Yours. */
char *rs_track_plot(const RsTrack *track);

typedef struct {
    const char *target; /* borrowed, as all text here */
    int pid;
    guint n_processes;
    double elapsed_s, remaining_s; /* remaining NaN: until it ends */
    double retained_s;             /* NaN: not continuous */
    const char *backend, *event, *reason;
    double sample_rate_hz;
    guint64 n_samples;
    double complete_frac; /* NaN: no samples */
    gint64 n_lost, n_dropped;
    double own_cpu_pct; /* of rustscope itself */
    RsTrack cpu_pct, rss_bytes, n_threads, n_open_fds, read_rate, written_rate; /* bytes/s */
    const GArray *hottest;                                                      /* RsTopRow */
    const GPtrArray *locks;  /* char*, one line each */
    const GPtrArray *events; /* char*, newest last */
    gboolean is_frozen, has_keys;
} RsRecordStatus;

#define RS_STATUS_MAX_LINES 16
#define RS_STATUS_MIN_LINES 6

/* Exactly n_lines lines (RS_STATUS_MIN_LINES or more), none wider than n_columns; the first is a
 * heading, the last one the keys. What does not fit is left out. char*, owned by the array. */
GPtrArray *rs_status_lines(const RsRecordStatus *status, guint n_lines, guint n_columns);

/* "  3.2 s  memory spike, 10.0 MiB to 25.0 MiB". at_ns: since the session began. Yours. */
char *rs_status_event_line(const RsTimelineEvent *event, gint64 at_ns);

#endif
