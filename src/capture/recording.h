/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where what was captured goes: a profile in memory that grows, or a history file that does not.
 * Takes samples out of a capture's ring, looks at /proc, and gives a profile at any time. Owned by
 * the analysis thread. Must not know terminals or files of ours other than the history. */
#ifndef RS_CAPTURE_RECORDING_H
#define RS_CAPTURE_RECORDING_H

#include <glib.h>

#include "capture/capture.h"
#include "capture/history.h"
#include "capture/locks.h"
#include "model/profile.h"

typedef struct RsRecording RsRecording;

/* capture and history (NULL: in memory) are borrowed. start_ns: CLOCK_MONOTONIC of the session's
 * begin. */
RsRecording *rs_recording_new(RsCapture *capture, RsHistory *history, gint64 start_ns);
void rs_recording_free(RsRecording *recording);

/* Has every sample shown to look when it is pumped (frames innermost first, borrowed); NULL: no
 * more. For live views. */
typedef void (*RsRecordingLook)(gpointer data, const RsRingEntry *entry, const RsRawFrame *frames,
                                guint n_frames);
void rs_recording_observe(RsRecording *recording, RsRecordingLook look, gpointer data);

/* Takes all samples out of the ring; returns how many. */
guint rs_recording_pump(RsRecording *recording);
/* at_ns of these is CLOCK_MONOTONIC. */
void rs_recording_process_sample(RsRecording *recording, const RsProcessSample *sample);
/* One that was told before and has grown replaces itself. */
void rs_recording_event(RsRecording *recording, const RsTimelineEvent *event);
void rs_recording_waits(RsRecording *recording, gint64 now_ns, const GArray *waits);
/* What is there now, with processes, threads and diagnostics; times since start_ns. last_ns > 0:
 * only that much before now. Yours. */
RsProfile *rs_recording_profile(RsRecording *recording, gint64 last_ns);
void rs_recording_clear(RsRecording *recording);
guint64 rs_recording_n_samples(const RsRecording *recording);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsRecording, rs_recording_free)

#endif
