/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A process over time, from /proc: CPU use, memory, threads, descriptors, switches, I/O. Files stay
 * open between looks. What cannot be read is absent, never zero.
 *
 * Where the figures come from:
 *   CPU            the process's CPU clock, to the ns; where there is none, clock ticks
 *   rss, threads   statm, stat
 *   descriptors    the size of /proc/PID/fd (Linux 6.2); before, the entries are counted, at every
 *                  16th look only when there are more than 512 of them
 *   switches       the sum over all threads, ended ones as of the last look at them; a process has
 *                  no such figure of its own. At most 8 threads are asked at a look, in turn
 *   I/O            rchar and wchar of /proc/PID/io: what read and write calls moved, cached or not,
 *                  since that is what the program did. Needs permission to trace it
 *   system calls   the kernel does not tell without privileges: always absent here */
#ifndef RS_CAPTURE_PROCESS_SERIES_H
#define RS_CAPTURE_PROCESS_SERIES_H

#include <glib.h>
#include <sys/types.h>

#include "model/profile.h"

typedef struct RsProcessSeries RsProcessSeries;

/* Errors G_FILE_ERROR: there is no such process. */
RsProcessSeries *rs_process_series_new(pid_t pid, GError **error);
void rs_process_series_free(RsProcessSeries *series);
/* A look now; at_ns is left 0 for the caller to fill in. NULL: the process has ended, whether or
 * not it was reaped. The first look's CPU use is that since the process began (absent for one that
 * is younger than two clock ticks). Yours. */
RsProcessSample *rs_process_series_look(RsProcessSeries *series);
/* CPU time so far, ns, -1: not told. As of the last look, the one that found it ended included. The
 * sum is exact; the kernel divides it by clock ticks. */
void rs_process_series_cpu(const RsProcessSeries *series, gint64 *user_ns, gint64 *system_ns);
/* The highest RSS that it ever had, also between looks, as of the last one; -1: not told. */
gint64 rs_process_series_peak_rss(const RsProcessSeries *series);

/* Processes whose comm or the base name of whose executable is name, without this one, newest
 * first. A name that is longer than comm can be matches its beginning where the executable is not
 * told. Zombies are left out. gint32; free with g_array_unref. */
GArray *rs_process_find_by_name(const char *name);
/* The name by which it could be found again: that of its executable, or comm where that says more
 * (a script, a name that it gave itself). NULL: gone. Yours. */
char *rs_process_name(pid_t pid);
/* pid and all its descendants, parents first; empty: gone. gint32. */
GArray *rs_process_tree(pid_t pid);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsProcessSeries, rs_process_series_free)

#endif
