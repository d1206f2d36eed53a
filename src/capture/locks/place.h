/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where in a process's memory a lock lies, in a word or by the file that is mapped there. */
#ifndef RS_CAPTURE_LOCKS_PLACE_H
#define RS_CAPTURE_LOCKS_PLACE_H

#include <glib.h>

typedef struct RsLockPlaces RsLockPlaces;

/* dir_fd: of /proc/PID, borrowed for as long as this lives. */
RsLockPlaces *rs_lock_places_new(int dir_fd);
void rs_lock_places_free(RsLockPlaces *places);
/* A new look: /proc/PID/maps may be read once in it. What was given out before may be gone. */
void rs_lock_places_begin(RsLockPlaces *places);
/* "heap"; "stack" when the mapping is the first thread's stack, or one of the n_sps stack pointers
 * of threads lies in it; the path of a file that is mapped there, or right before (the part of a
 * program's data that is zero at its start); else "anonymous". NULL: nothing is mapped there, or it
 * cannot be read. Valid until the next begin. */
const char *rs_lock_places_find(RsLockPlaces *places, guint64 address, const guint64 *sps,
                                guint n_sps);
/* From the text of a maps file, as if it had been read in this look. */
void rs_lock_places_parse(RsLockPlaces *places, const char *maps);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsLockPlaces, rs_lock_places_free)

#endif
