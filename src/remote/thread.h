/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GitLab's resolvable thread in place of a note: open while the gate fails, so that "all threads
 * must be resolved" holds the merge back until it passes or a person resolves it; resolved by the
 * run that passes. Found again by the marker of its first note, as sticky.h does; a plain note of
 * ours from before there was a thread goes when the thread comes. */
#ifndef RS_REMOTE_THREAD_H
#define RS_REMOTE_THREAD_H

#include "remote/sticky.h"

/* As rs_sticky_post; is_open: the gate fails, without which no thread is begun. What a person
 * resolved stays resolved for the head it was resolved for. Errors RS_HTTP_ERROR; INVALID: the
 * forge has no threads. */
gboolean rs_thread_post(RsForge *forge, const RsStickyRequest *request, gboolean is_open,
                        RsStickyResult *result, GError **error);

#endif
