/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A thread that is blocked in a system call, seen through /proc without stopping it: which call,
 * with what, and its stack. The kernel tells rsp and rip only; rbp is found again, see
 * rs_blocked_walk. Must not know locks. */
#ifndef RS_CAPTURE_LOCKS_BLOCKED_H
#define RS_CAPTURE_LOCKS_BLOCKED_H

#include <glib.h>
#include <sys/types.h>

#include "capture/space.h"
#include "capture/unwind.h"

typedef struct {
    gint64 number; /* of the system call; -1: blocked otherwise (a page fault) */
    guint64 arguments[6];
    guint64 sp, pc;
} RsBlocked;

/* FALSE: "running", or not such a line. Source: proc(5), /proc/PID/syscall. */
gboolean rs_blocked_parse(const char *text, RsBlocked *blocked);
/* From an open /proc/PID/task/TID/syscall. FALSE with errno 0: it runs. With another: why it could
 * not be read (ESRCH: the thread has ended; EPERM: it may not be traced). */
gboolean rs_blocked_read(int syscall_fd, RsBlocked *blocked);

/* The stack of such a thread, innermost first. Reads the live stack, and then the system call
 * again: FALSE: the thread is not blocked, moved meanwhile, or may not be read.
 *
 * Functions that find their frame through rsp need no rbp, and one that saved rbp tells its
 * caller's. The first that needs it before is told by its return address: the stack is searched
 * upwards for an address behind a call of just this function (directly, through the PLT or the
 * GOT), then for one behind an indirect call, then behind any call (it may have been jumped to);
 * the first from which the stack can be walked to its end is taken. When there is none, the walk
 * ends there with RS_STACK_NO_RULE. */
gboolean rs_blocked_walk(RsUnwinder *unwinder, RsSpace *space, pid_t tid, RsWalk *walk);
/* The same when the file is open and was read: blocked is what it said. */
gboolean rs_blocked_walk_at(RsUnwinder *unwinder, RsSpace *space, int syscall_fd,
                            const RsBlocked *blocked, RsWalk *walk);

#endif
