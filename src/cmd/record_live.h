/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The live status of a recording: gathers what the view shows, and obeys its keys. */
#ifndef RS_CMD_RECORD_LIVE_H
#define RS_CMD_RECORD_LIVE_H

#include "cmd/record_run.h"

/* NULL: there is no terminal for it, or it is not wanted. After the capture and the recording are
 * there. */
RsLiveStatus *rs_live_status_new(RsRecordRun *run);
void rs_live_status_free(RsLiveStatus *live);
int rs_live_status_key_fd(const RsLiveStatus *live); /* -1: none */
/* 'q', 's' for the caller; the others are obeyed here. 0: none was pressed. */
char rs_live_status_key(RsLiveStatus *live);
/* All functions below do nothing without a live status (NULL). */
void rs_live_status_look(RsLiveStatus *live, const GPtrArray *samples, gint64 now_ns);
void rs_live_status_waits(RsLiveStatus *live, const GArray *waits);
void rs_live_status_show(RsLiveStatus *live, gint64 now_ns);
void rs_live_status_clear(RsLiveStatus *live);
void rs_live_status_suspend(RsLiveStatus *live);
void rs_live_status_resume(RsLiveStatus *live);

#endif
