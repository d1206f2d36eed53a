/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole files in and out. Regular files are replaced atomically (temporary file, fsync, rename), so
 * a crash or a full disk never leaves half of one; "-" is stdout, and pipes and devices are written
 * to as they are. */
#ifndef RS_BASE_FILE_H
#define RS_BASE_FILE_H

#include <glib.h>

/* Errors G_FILE_ERROR, with the path in the message. */
gboolean rs_file_write(const char *path, const void *data, gsize n_bytes, GError **error);

/* The file's bytes, yours; the bytes are followed by a NUL that is not counted. "-" is stdin.
 * Errors G_FILE_ERROR: cannot be read, or is longer than limit_bytes. */
guint8 *rs_file_read(const char *path, gsize limit_bytes, gsize *n_bytes, GError **error);

#endif
