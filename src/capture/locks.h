/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who waits for which lock: looks at the blocked threads of a process through /proc/PID/task and
 * reads the stacks of those in a futex wait, without stopping them and without privileges beyond
 * those of ptrace. Waits that go on from look to look are one wait. Threads that are merely idle (a
 * condition variable, a parked worker) are told apart from those that wait for a mutex as far as
 * the futex operation and value say. Owned by one thread. */
#ifndef RS_CAPTURE_LOCKS_H
#define RS_CAPTURE_LOCKS_H

#include <glib.h>
#include <sys/types.h>

#include "capture/module.h"
#include "capture/unwind.h"
#include "model/profile.h"

/* What one look saw of one thread. */
typedef struct {
    pid_t process_id, thread_id;
    guint64 address;    /* of the futex */
    const char *place;  /* "heap", "stack", "anonymous", or the path of the file mapped there */
    gboolean has_begun; /* it did not wait there at the last look */
    gint64 wait_ns;     /* since the last look; 0 at the first one */
    const RsRawFrame *frames; /* innermost first */
    guint n_frames;           /* 0: the stack could not be read */
} RsWait;

typedef struct RsLocks RsLocks;

RsLocks *rs_locks_new(RsModules *modules);
void rs_locks_free(RsLocks *locks);
/* One look at all threads of pid: the waits it saw, RsWait, valid until the next look. now_ns:
 * CLOCK_MONOTONIC. NULL: the process is gone or may not be looked at; why (a static sentence; may
 * be NULL) says which. */
const GArray *rs_locks_look(RsLocks *locks, pid_t pid, gint64 now_ns, const char **why);

/* The stack of a thread that is blocked in a system call, without stopping it. FALSE: it is not
 * blocked, moved meanwhile, or may not be read. */
gboolean rs_blocked_walk(RsUnwinder *unwinder, RsSpace *space, pid_t tid, RsWalk *walk);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsLocks, rs_locks_free)

#endif
