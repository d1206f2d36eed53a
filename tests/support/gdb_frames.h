/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The frames of a stopped process as gdb sees them: a judge that shares nothing with us. */
#ifndef RS_TESTS_GDB_FRAMES_H
#define RS_TESTS_GDB_FRAMES_H

#include <glib.h>
#include <sys/types.h>

typedef struct {
    gint32 tid;
    guint64 address; /* to look up: less one for callers */
} GdbFrame;

/* Of all threads of pid, which must not be traced by anyone, innermost first; without those of
 * inlined functions and of tail calls, which are not on the stack. GdbFrame; free with
 * g_array_unref. NULL: gdb is not there, or may not. */
GArray *gdb_frames(pid_t pid);

#endif
