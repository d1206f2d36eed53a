/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the bytes of code around a return address say, where unwind information says nothing or is
 * not to be trusted alone. */
#ifndef RS_CAPTURE_UNWIND_CODE_H
#define RS_CAPTURE_UNWIND_CODE_H

#include "capture/space.h"

/* Up to n_bytes of code from an address of the process on, of the module's file, or of the living
 * process (0: none) where it has no file. Returns how many. */
guint rs_code_read(const RsSpaceEntry *entry, pid_t live_pid, guint64 address, guint8 *bytes,
                   guint n_bytes);
/* The instruction before address is a call. */
gboolean rs_code_follows_call(const RsSpaceEntry *entry, pid_t live_pid, guint64 address);
/* A signal handler returns to address, or a signal's return is being done there: C libraries
 * without unwind information for it (musl) can be told by its two instructions alone. */
gboolean rs_code_is_signal_return(const RsSpaceEntry *entry, pid_t live_pid, guint64 address);
/* address is among the first instructions of a program, which nobody called. */
gboolean rs_code_is_entry(const RsSpaceEntry *entry, guint64 address);
/* What returns to address is a new thread's function, behind whose call that thread ends itself. */
gboolean rs_code_ends_thread(const RsSpaceEntry *entry, pid_t live_pid, guint64 address);
/* address is right behind the system call that made a thread: when that returned 0, it is the new
 * one's first. The C libraries have no unwind information there. */
gboolean rs_code_begins_thread(const RsSpaceEntry *entry, pid_t live_pid, guint64 address);
/* What returns to address is outermost: a program's entry or a thread's end. */
gboolean rs_code_is_outermost(const RsSpaceEntry *entry, pid_t live_pid, guint64 address);

#endif
