/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The processes that are followed: which threads they have, so that it is known when one has ended,
 * and which samples of theirs count. Told by records and by looks at /proc. Two things make a
 * moment of a thread be sampled twice, and each is decided here, sample by sample:
 *
 * Two rates. For the first milliseconds of a program the startup events run, then the base events;
 * where the one is switched off and the other on both run, and a process that begins later brings
 * its startup events along while the base events are running. So each process has a moment up to
 * which its startup samples count, and after which its base samples do.
 *
 * Two roots. A thread that is born while its siblings are being attached to inherits their events
 * and may then be found and attached to itself. Of the events of several roots on one thread and
 * CPU those of the oldest count: the others were opened on the thread or an ancestor of its that
 * had the older ones already, so they see nothing that the older ones do not. */
#ifndef RS_CAPTURE_PERF_FAMILY_H
#define RS_CAPTURE_PERF_FAMILY_H

#include <glib.h>
#include <sys/types.h>

typedef struct {
    pid_t pid;
    guint root;      /* whose events it inherited */
    guint n_threads; /* as far as is known; a thread that ended unseen is found out later */
    gint64 born_ns;  /* or when it began to be followed; 0: not known */
    gboolean leader_ended;
    gboolean needs_check;    /* the end of a thread may have been missed: the caller's own */
    gboolean is_held;        /* it waits to execute its program: nothing of it counts yet */
    gboolean will_start;     /* that begins its startup */
    gint64 startup_until_ns; /* startup samples count up to here, base samples from here on */
} RsPerfProcess;

typedef struct RsPerfFamily RsPerfFamily;

RsPerfFamily *rs_perf_family_new(void);
void rs_perf_family_free(RsPerfFamily *family);

RsPerfProcess *rs_perf_family_find(RsPerfFamily *family, pid_t pid); /* NULL: not followed */
/* The process, followed from now on; its threads have to be told. */
RsPerfProcess *rs_perf_family_add(RsPerfFamily *family, pid_t pid);
guint rs_perf_family_n_processes(const RsPerfFamily *family);
/* All of them, RsPerfProcess; free the array with g_ptr_array_unref. */
GPtrArray *rs_perf_family_all(RsPerfFamily *family);

/* FALSE: it is known already. */
gboolean rs_perf_family_thread(RsPerfFamily *family, RsPerfProcess *process, pid_t tid);
/* Only the leader is left. */
void rs_perf_family_exec(RsPerfFamily *family, RsPerfProcess *process);
/* TRUE: it was the last one, and the process is not followed any more. */
gboolean rs_perf_family_thread_ended(RsPerfFamily *family, pid_t pid, pid_t tid);
/* It is not followed any more. */
void rs_perf_family_forget(RsPerfFamily *family, RsPerfProcess *process);
/* Looks at /proc for threads whose end was not seen. TRUE: the process has ended and is not
 * followed any more. */
gboolean rs_perf_family_check(RsPerfFamily *family, RsPerfProcess *process);

/* Whether a sample that a root's events took of a thread on a CPU counts. Roots are numbered in the
 * order of their opening. */
gboolean rs_perf_family_may_count(RsPerfFamily *family, pid_t tid, guint cpu, guint root);
/* A root's events on a CPU are gone: others may take their place. */
void rs_perf_family_root_closed(RsPerfFamily *family, guint cpu, guint root);

/* The threads of a process, pid_t; NULL: there is no such process. Free with g_array_unref. */
GArray *rs_perf_threads_of(pid_t pid);
/* FALSE: it has ended, maybe without having been reaped. */
gboolean rs_perf_is_running(pid_t pid, pid_t tid);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsPerfFamily, rs_perf_family_free)

#endif
