/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How often the threads of a process gave up the CPU or lost it: /proc tells it of each thread
 * alone, so the sum is kept here. A thread that ended counts as of the last look at it. The file
 * is a long one for the kernel to write (some 15 us), so at most RS_SWITCHES_MAX_THREADS are asked
 * at a look, the first thread and others in turn; the rest count as of the look before. */
#ifndef RS_CAPTURE_PROCESS_SWITCHES_H
#define RS_CAPTURE_PROCESS_SWITCHES_H

#include <glib.h>
#include <sys/types.h>

#define RS_SWITCHES_MAX_THREADS 8

typedef struct RsSwitches RsSwitches;

/* dir_fd: of /proc/PID, borrowed for as long as this lives. */
RsSwitches *rs_switches_new(int dir_fd, pid_t pid);
void rs_switches_free(RsSwitches *switches);
/* -1: not told. n_threads: as of now, so that births and deaths are noticed. */
void rs_switches_look(RsSwitches *switches, gint64 n_threads, gint64 *n_voluntary,
                      gint64 *n_involuntary);
/* The highest RSS ever, which the same file tells, as of the last look; -1: not told. */
gint64 rs_switches_peak_rss(const RsSwitches *switches);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsSwitches, rs_switches_free)

#endif
