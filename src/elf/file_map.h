/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file mapped for reading that may be cut short by someone else while it is being read. Touching
 * a page that is gone raises SIGBUS; here such a page becomes one of zeros, so that a library that
 * is overwritten in place ends a stack early and not the profiler. It costs nothing until it
 * happens, and holds for every reader of the bytes, libraries included, which copying the parts
 * that we know of would not. Files that we execute cannot be cut short; shared libraries can. */
#ifndef RS_ELF_FILE_MAP_H
#define RS_ELF_FILE_MAP_H

#include <glib.h>

/* Private and read-only; n_bytes > 0. NULL: errno says why. The first call installs a handler for
 * SIGBUS, which hands signals that are of no file mapped here to the handler before it. */
const guint8 *rs_file_map(int fd, gsize n_bytes);
void rs_file_unmap(const guint8 *bytes, gsize n_bytes);

#endif
