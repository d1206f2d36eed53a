/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The threads and processes that the ptrace sampler traces: who belongs to whom, and how much CPU
 * time each has used, from /proc. Must not know ptrace. */
#ifndef RS_CAPTURE_PTRACE_THREADS_H
#define RS_CAPTURE_PTRACE_THREADS_H

#include <glib.h>
#include <sys/types.h>

typedef struct {
    pid_t pid, parent;
    gboolean is_ignored;   /* followed, not sampled */
    gboolean awaits_exec;  /* not sampled before it has executed a program */
    gboolean is_launch;    /* its first exec begins the startup time */
    gboolean has_code;     /* its mappings were told since its exec, or since we came to it */
    GPtrArray *threads;    /* RsTracedThread, borrowed */
    gint64 exec_ns;        /* CLOCK_MONOTONIC of the last exec seen; 0: none */
    gint64 startup_end_ns; /* until then the startup rate holds */
    gint64 next_look_ns;
    gint64 clock_ns;     /* the process's CPU clock at the last look; -1: not told */
    gint64 look_cost_ns; /* CPU time that a look takes, smoothed */
    gint64 next_load_ns; /* not earlier are its mappings read again */
    /* CPU time of what ended before it was sampled (again): goes to the first sample of the next
     * thread (threads_left_ns) or child (children_left_ns), which stands for such ones. Else code
     * that lives shorter than a sampling period would count for less than it takes. */
    gint64 threads_left_ns, children_left_ns;
} RsTracedProcess;

typedef struct {
    pid_t tid;
    RsTracedProcess *process;
    int schedstat_fd, stat_fd; /* -1: opened for each look */
    gint64 cpu_ns;             /* as far as samples account for it */
    gint64 seen_cpu_ns;        /* at the last look */
    gint64 delay_ns; /* for how long it has waited for a CPU, when its CPU time was told */
    gint64 seen_delay_ns;
    gint64 credit_ns; /* how long it may be stopped now; negative: later */
    guint n_samples;
    gboolean is_asked;            /* an interrupt is on its way, for a sample */
    gint64 asked_delay_ns;        /* how long the sampler had waited for a CPU by then */
    gboolean is_listening;        /* in a group stop */
    gint64 last_restart_ns;       /* when a timeout of it was last renewed */
    guint64 stack_low, stack_end; /* of the mapping that its stack was last in; 0: not known */
} RsTracedThread;

typedef struct RsTracedThreads RsTracedThreads;

RsTracedThreads *rs_traced_threads_new(void);
void rs_traced_threads_free(RsTracedThreads *threads);

RsTracedThread *rs_traced_find(RsTracedThreads *threads, pid_t tid);          /* NULL: none */
RsTracedProcess *rs_traced_find_process(RsTracedThreads *threads, pid_t pid); /* NULL: none */
/* The one that is there, or a new one; its CPU time counts from zero. */
RsTracedThread *rs_traced_add(RsTracedThreads *threads, pid_t pid, pid_t parent, pid_t tid);
/* What it used since its last sample is left to its process, or, with the last thread, to the
 * process's parent; the process goes with its last thread. */
void rs_traced_remove(RsTracedThreads *threads, RsTracedThread *thread);
/* Process pid has executed a program, in its thread former, which has the process's id now; its
 * other threads are gone. The thread. */
RsTracedThread *rs_traced_exec(RsTracedThreads *threads, RsTracedThread *leader, pid_t former);
guint rs_traced_n(const RsTracedThreads *threads);
/* Ids of the threads that there are: gint32; free with g_array_unref. */
GArray *rs_traced_ids(const RsTracedThreads *threads);
/* The processes, RsTracedProcess: valid until a thread is added or removed. */
GPtrArray *rs_traced_processes(RsTracedThreads *threads);

/* CPU time so far; FALSE: not told (it is gone). Exact for a thread that does not run and for all
 * threads right after rs_traced_clock. */
gboolean rs_traced_cpu(RsTracedThread *thread, gint64 *cpu_ns);
/* TRUE: it runs or is about to ('R'). */
gboolean rs_traced_is_running(RsTracedThread *thread);
/* CPU time of the process, up to now; -1: not told. */
gint64 rs_traced_clock(const RsTracedProcess *process);
/* What this thread waited for a CPU so far; 0: not told. fd: of rs_traced_open_own_delay. */
gint64 rs_traced_own_delay(int fd);
int rs_traced_open_own_delay(void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsTracedThreads, rs_traced_threads_free)

#endif
