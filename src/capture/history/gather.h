/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A profile out of the chunks of a history, one after the other: keeps what is young enough, and
 * joins what several chunks tell of one thing. Must not know bytes. Times are us since the session
 * began. */
#ifndef RS_CAPTURE_HISTORY_GATHER_H
#define RS_CAPTURE_HISTORY_GATHER_H

#include <glib.h>

#include "model/profile.h"

typedef struct {
    gint64 at_us;
    gint32 process_id;
    guint64 address;
    const char *place; /* as long as the gathering goes */
    gint32 stack;
    gboolean has_begun;
    gint64 wait_ns;
} RsHistoryWait;

typedef struct {
    RsProfile *profile;
    gint64 from_us; /* what ended before it is not kept */
    gboolean is_unsorted;
    GArray *waits;             /* RsHistoryWait */
    GHashTable *events;        /* what makes it the same one -> RsTimelineEvent of the profile */
    GArray *processes;         /* RsProfileProcess, in the order in which they were told */
    GHashTable *process_index; /* process and start -> index into processes */
    GStringChunk *places;
} RsHistoryGather;

void rs_history_gather_init(RsHistoryGather *gather, gint64 from_us);
void rs_history_gather_sample(RsHistoryGather *gather, const RsProfileSample *sample);
/* Both are taken; at_ns, start_ns and end_ns are set already. */
void rs_history_gather_look(RsHistoryGather *gather, RsProcessSample *sample);
void rs_history_gather_event(RsHistoryGather *gather, RsTimelineEvent *event);
/* name is borrowed; start_ns and end_ns as in the profile. */
void rs_history_gather_process(RsHistoryGather *gather, const RsProfileProcess *process);
void rs_history_gather_wait(RsHistoryGather *gather, const RsHistoryWait *wait);
/* The profile, and the end of the gathering. */
RsProfile *rs_history_gather_finish(RsHistoryGather *gather);

#endif
