/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A recording while it runs: what its parts (set-up, loop, live status, session) share. */
#ifndef RS_CMD_RECORD_RUN_H
#define RS_CMD_RECORD_RUN_H

#include "analyze/events.h"
#include "base/clock.h"
#include "capture/recording.h"
#include "cmd/record_opts.h"
#include "cmd/record_series.h"
#include "cmd/record_signals.h"
#include "cmd/record_target.h"
#include "model/session.h"

#define RS_NS_PER_MS G_GINT64_CONSTANT(1000000)

typedef enum { RS_END_NONE, RS_END_TARGET, RS_END_DURATION, RS_END_KEY, RS_END_SIGNAL } RsRecordEnd;

typedef struct RsLiveStatus RsLiveStatus;

typedef struct {
    const RsRecordOpts *opts;
    double interval_s;
    RsTarget target;
    gboolean is_waiting; /* the target has ended; a successor is looked for */
    RsSignals *signals;
    RsCapture *capture;
    RsHistory *history; /* NULL: in memory */
    char *buffer_path;
    RsRecording *recording;
    RsNames *names;
    RsTreeSeries *series; /* NULL while waiting */
    RsEvents *events;
    GPtrArray *found;    /* RsTimelineEvent, monotonic times */
    GByteArray *settled; /* beside found: 1 once it has ended and the recording knows it whole */
    RsLocks *locks;
    const char *locks_why; /* why waits cannot be seen; NULL: they can */
    gboolean locks_seen;
    RsLiveStatus *live; /* NULL: no live status */
    GPtrArray *warnings;
    gint64 start_ns, start_real_ns;
    gint64 peak_threads, peak_rss_bytes;   /* of the whole tree, at once; -1: not told */
    gint64 ended_user_ns, ended_system_ns; /* of targets before a restart */
    guint n_written;                       /* numbered sessions so far */
    RsRecordEnd end;
    int end_signal;
    gint64 end_ns;
} RsRecordRun;

/* "rustscope: message" on stderr, unless --quiet. */
void rs_record_say(const RsRecordRun *run, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* A warning on stderr and in the session, once. */
void rs_record_warn(RsRecordRun *run, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* Tells the recording of all events that go on, as they are now. */
void rs_record_settle_events(RsRecordRun *run);
void rs_record_forget_events(RsRecordRun *run);
/* Attaches to a target that was found, or lets a held one go, and begins its series.
 * Errors RS_SAMPLER_ERROR, G_SPAWN_ERROR. */
gboolean rs_record_begin(RsRecordRun *run, GError **error);

#endif
