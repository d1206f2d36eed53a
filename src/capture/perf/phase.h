/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where in its first period a thread is sampled first. The kernel begins every thread with a whole
 * period: one that lives shorter is never sampled, and each launch of a program is sampled at the
 * same moments, however often it is launched. So threads are given periods drawn from below the
 * wanted one, which places their first sample anywhere in it, and of the samples that follow those
 * are kept that are a wanted period apart. Each sample that is kept stands for a wanted period:
 * lives of any length get their share. Must not know perf's records.
 *
 * Of samples at multiples of the drawn period p, with the wanted period P, k p is kept for the
 * first k, and from then on where k p is the nearest to p + m P. With p uniform in (0, P) a life of
 * length L has L / P kept ones in the mean. p stays above 0.1 ms, for what lies nearer to the
 * beginning would cost too many samples, and above L / 16 or P / 2 where lives are seen to be
 * longer: what is missed then is 3 % at most. */
#ifndef RS_CAPTURE_PERF_PHASE_H
#define RS_CAPTURE_PERF_PHASE_H

#include <glib.h>
#include <sys/types.h>

typedef struct RsPerfPhases RsPerfPhases;

RsPerfPhases *rs_perf_phases_new(guint64 period_ns);
void rs_perf_phases_free(RsPerfPhases *phases);

/* The period of threads that begin from now on. */
guint64 rs_perf_phases_draw(RsPerfPhases *phases);
/* A sample that came after drawn_ns of a thread's time on a CPU. FALSE: it is one too many. */
gboolean rs_perf_phases_keep(RsPerfPhases *phases, pid_t tid, guint cpu, guint64 drawn_ns);
/* The thread has begun, or ended. */
void rs_perf_phases_forget(RsPerfPhases *phases, pid_t tid);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsPerfPhases, rs_perf_phases_free)

#endif
