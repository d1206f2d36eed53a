/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A process over time, from /proc: CPU use, memory, threads, descriptors, switches, I/O. Files stay
 * open between looks. What cannot be read is absent, never zero. */
#ifndef RS_CAPTURE_PROCESS_SERIES_H
#define RS_CAPTURE_PROCESS_SERIES_H

#include <glib.h>
#include <sys/types.h>

#include "model/profile.h"

typedef struct RsProcessSeries RsProcessSeries;

/* Errors G_FILE_ERROR: there is no such process. */
RsProcessSeries *rs_process_series_new(pid_t pid, GError **error);
void rs_process_series_free(RsProcessSeries *series);
/* A look now; at_ns is left 0 for the caller to fill in. NULL: the process has ended. The first
 * look's CPU use is that since the process began. Yours. */
RsProcessSample *rs_process_series_look(RsProcessSeries *series);
/* CPU time so far, ns, -1: not told. As of the last look. */
void rs_process_series_cpu(const RsProcessSeries *series, gint64 *user_ns, gint64 *system_ns);

/* Processes whose comm or the base name of whose executable is name, without this one, newest
 * first. gint32; free with g_array_unref. */
GArray *rs_process_find_by_name(const char *name);
/* The name by which it could be found again; NULL: gone. Yours. */
char *rs_process_name(pid_t pid);
/* pid and all its descendants. gint32. */
GArray *rs_process_tree(pid_t pid);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsProcessSeries, rs_process_series_free)

#endif
