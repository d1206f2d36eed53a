/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sleeps until something happens to a thread that the calling thread traces, or until a time. Sees
 * nothing of what other threads of this process trace or have forked, so that their children are
 * never reaped here. The calling thread should have no children of its own.
 *
 * How: waitid in this thread, ended by a timer that sends a real-time signal to this thread alone.
 * The signal is RS_PTRACE_WAIT_SIGNAL; its handler, which does nothing, is installed for the whole
 * process when the first of these is made, and stays; outside of the wait it is blocked here.
 *
 * The kernel sends SIGCHLD for each stop. While it has its default action and this thread does not
 * block it, it is dropped where it arises; therefore this thread unblocks it then. Where the
 * program handles SIGCHLD it has to cope with many of them. */
#ifndef RS_CAPTURE_PTRACE_WAIT_H
#define RS_CAPTURE_PTRACE_WAIT_H

#include <glib.h>
#include <signal.h>
#include <sys/types.h>

#define RS_PTRACE_WAIT_SIGNAL (SIGRTMIN + 11)

typedef struct RsPtraceWait RsPtraceWait;

typedef enum {
    RS_PTRACE_WAIT_STOPPED, /* tid has stopped */
    RS_PTRACE_WAIT_ENDED,   /* tid has ended; until it is reaped, /proc still knows it */
    RS_PTRACE_WAIT_TIMEOUT,
    RS_PTRACE_WAIT_NOBODY, /* there is nothing to wait for */
} RsPtraceWaitResult;

/* Errors RS_SAMPLER_ERROR: no timer is to be had. */
RsPtraceWait *rs_ptrace_wait_new(GError **error);
void rs_ptrace_wait_free(RsPtraceWait *wait);

/* until_ns: CLOCK_MONOTONIC; in the past: does not sleep. May return up to half a millisecond
 * late. What is told is not consumed: rs_ptrace_wait_consume has to follow. */
RsPtraceWaitResult rs_ptrace_wait(RsPtraceWait *wait, gint64 until_ns, pid_t *tid);
/* The wait status of tid. FALSE: it has none by now. */
gboolean rs_ptrace_wait_consume(pid_t tid, int *status);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsPtraceWait, rs_ptrace_wait_free)

#endif
