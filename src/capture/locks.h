/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who waits for which lock: looks at the blocked threads of a process through /proc/PID/task and
 * reads the stacks of those in a futex wait, without stopping them and without privileges beyond
 * those of ptrace. Threads that are merely idle (a condition variable, a parked worker) are told
 * apart from those that wait for a mutex as far as the system call says: see locks/futex_wait.h.
 * Owned by one thread.
 *
 * What the times are worth: each sight of a waiting thread stands for the time since the last look
 * at that thread. Over many looks the sum is what was waited, however short the single waits, as
 * with any sampling; a single wait is known to within the time between two looks at each end. A
 * wait goes on while the thread has not been on a CPU since the last look (where the kernel counts
 * that; else while its system call and stack pointer are the same).
 *
 * What a look costs is bounded: at most RS_LOCKS_MAX_THREADS threads are looked at and
 * RS_LOCKS_MAX_WALKS new stacks walked; of a process with more, the others have their turn at the
 * next look. A thread that did not run since the last look costs one read, of a file that is kept
 * open: up to a quarter of the limit of open files (RLIMIT_NOFILE), and 1024, are used for that. */
#ifndef RS_CAPTURE_LOCKS_H
#define RS_CAPTURE_LOCKS_H

#include <glib.h>
#include <sys/types.h>

#include "capture/locks/futex_wait.h"
#include "capture/module.h"
#include "capture/unwind.h"
#include "model/profile.h"

#define RS_LOCKS_MAX_THREADS 128
#define RS_LOCKS_MAX_WALKS   32
#define RS_LOCKS_MAX_FRAMES  512

/* What one look saw of one thread. */
typedef struct {
    pid_t process_id, thread_id;
    guint64 address;    /* of the futex */
    RsWaitKind kind;    /* what it waits for, as far as can be told */
    const char *place;  /* "heap", "stack", "anonymous", or the path of the file mapped there; NULL:
                           not told */
    gboolean has_begun; /* another wait than at the last look */
    gint64 wait_ns;     /* since the last look at this thread; 0 at the first look */
    const RsRawFrame *frames; /* innermost first */
    guint n_frames;           /* 0: the stack could not be read, or not yet */
} RsWait;

typedef struct RsLocks RsLocks;

RsLocks *rs_locks_new(RsModules *modules);
void rs_locks_free(RsLocks *locks);
/* One look at the threads of pid: the waits it saw, RsWait, valid until the next look. now_ns:
 * CLOCK_MONOTONIC. NULL: the process is gone or may not be looked at; why (a static sentence; may
 * be NULL) says which. */
const GArray *rs_locks_look(RsLocks *locks, pid_t pid, gint64 now_ns, const char **why);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsLocks, rs_locks_free)

#endif
