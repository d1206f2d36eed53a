/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is done to a thread while it is stopped: its registers and its stack are copied, and a call
 * that the stop broke off is made to go on. Must not know why it stopped. */
#ifndef RS_CAPTURE_PTRACE_STOP_H
#define RS_CAPTURE_PTRACE_STOP_H

#include <glib.h>
#include <sys/types.h>

#include "capture/unwind.h"

typedef struct {
    gboolean has_registers; /* FALSE: a 32-bit program */
    RsRegisters registers;
    guint64 stack_base;
    guint8 *stack; /* room for n_max_bytes */
    gsize n_stack_bytes, n_max_bytes;
} RsStopCopy;

/* low, end: the mapping that the stack was in last time, 0: not known. Then, and when the stack is
 * elsewhere, less is copied. FALSE: the thread is gone. */
gboolean rs_stop_copy(pid_t tid, guint64 low, guint64 end, RsStopCopy *copy);

/* Some calls give EINTR after any stop, though no handler ran (signal(7): epoll_wait, semop,
 * sigtimedwait, ...), and tracing makes even ignored signals stop a thread. If the thread is in one
 * that did, it is told to begin anew unless a handler runs: what the kernel does with others by
 * itself. A timeout would begin anew as well; with_timeout: so be it. TRUE: it was done, and the
 * call may have a timeout. */
gboolean rs_stop_restart_call(pid_t tid, gboolean with_timeout);

/* The mapping around address, from /proc/TID/maps. FALSE: none. */
gboolean rs_stop_find_mapping(pid_t tid, guint64 address, guint64 *low, guint64 *end);

#endif
