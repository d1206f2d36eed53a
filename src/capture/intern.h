/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a capture's stacks and modules to a profile's: what comes out of the ring becomes a stack of
 * the profile, looked up once for each id. Of the thread that pops. */
#ifndef RS_CAPTURE_INTERN_H
#define RS_CAPTURE_INTERN_H

#include <glib.h>

#include "capture/capture.h"
#include "model/profile.h"

typedef struct RsIntern RsIntern;

/* capture is borrowed; the profile that rs_intern_entry is given must stay the same. */
RsIntern *rs_intern_new(RsCapture *capture);
void rs_intern_free(RsIntern *intern);

/* The stack of an entry that was popped just now; RS_STACK_NONE: it has no frames. */
gint32 rs_intern_entry(RsIntern *intern, RsProfile *profile, const RsRingEntry *entry);
/* The stack of frames that did not come out of the ring, innermost first. */
gint32 rs_intern_frames(RsIntern *intern, RsProfile *profile, const RsRawFrame *frames,
                        guint n_frames);
/* An entry that is not wanted. Every entry is given to one of the two, in the order of the ring:
 * that is how ids that became invalid are noticed. */
void rs_intern_pass(RsIntern *intern, const RsRingEntry *entry);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsIntern, rs_intern_free)

#endif
