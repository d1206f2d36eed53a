/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file of a history: made, locked by its writer for the writer's life, and copied out, also
 * from under a living writer. Must not know records. */
#ifndef RS_CAPTURE_HISTORY_FILE_H
#define RS_CAPTURE_HISTORY_FILE_H

#include <glib.h>

#include "capture/history/format.h"

/* Fills in the head's sizes, writer and checksum, makes the file with all its bytes allocated, puts
 * it where path is (see rs_history_create) and maps it. Returns the descriptor that holds the lock;
 * -1: error. Errors G_FILE_ERROR, RS_HISTORY_ERROR_IN_USE. */
int rs_history_file_create(const char *path, RsHistoryHead *head, guint8 **mapped, GError **error);

/* The file's bytes as far as they are committed, the rest 0; yours, g_free. writer_lives: as told
 * by the lock, or where the file system has none, by the process of the head.
 * Errors G_FILE_ERROR, RS_HISTORY_ERROR_NOT_HISTORY. */
guint8 *rs_history_file_copy(const char *path, gsize *n_bytes, gboolean *writer_lives,
                             GError **error);

/* The head out of a history's bytes, from whichever copy is sound.
 * Errors RS_HISTORY_ERROR, without a path. */
gboolean rs_history_head_take(const guint8 *bytes, gsize n_bytes, RsHistoryHead *head,
                              GError **error);

/* How many chunks the bytes hold, the last one perhaps in part. */
guint rs_history_n_chunks(const RsHistoryHead *head, gsize n_bytes);
guint32 rs_history_seed(guint64 sequence, gint64 base_us);

#endif
