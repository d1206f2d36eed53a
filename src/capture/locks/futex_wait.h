/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a futex wait is for, as far as the system call says. Libraries give the futex word and the
 * operation their meaning, so it is told by patterns of glibc (2.36 to 2.41), musl and Rust's
 * std, and where two of them look alike it is unknown:
 *
 *   mutex      an operation with priority inheritance; FUTEX_WAIT for value 2 (glibc, Go) unless
 *              the word lies in the waiter's own innermost frames (musl's condition variable); for
 *              a value that is a thread of the process with the waiters bit (musl, robust
 *              mutexes); FUTEX_WAIT_BITSET by the monotonic clock for value 2 without a timeout
 *              (std::sync::Mutex)
 *   rwlock     the latter with one of the two upper bits of the value set (readers of
 *              std::sync::RwLock), or behind a word like that (its writers)
 *   condition  FUTEX_WAIT_BITSET by the real-time clock for value 0 (glibc's condition variables
 *              and semaphores); by the monotonic clock for value -1 (thread::park), or with a
 *              timeout; FUTEX_WAIT_REQUEUE_PI
 *              (a std::sync::RwLock for which both readers and writers wait has the value -1 too)
 *   join       for a value that is a thread of the process, shared (pthread_join)
 *   unknown    everything else: parking_lot's and Go's parked threads, glibc's read-write locks and
 *              timed mutexes, std::sync::Condvar without a timeout, ...
 *
 * Must not know processes. */
#ifndef RS_CAPTURE_LOCKS_FUTEX_WAIT_H
#define RS_CAPTURE_LOCKS_FUTEX_WAIT_H

#include <glib.h>

#include "capture/locks/blocked.h"

typedef enum {
    RS_WAIT_UNKNOWN,
    RS_WAIT_MUTEX,
    RS_WAIT_RWLOCK,
    RS_WAIT_CONDITION, /* a condition variable, a semaphore, a parked thread: idle, as a rule */
    RS_WAIT_JOIN,      /* for the end of a thread */
    RS_N_WAITS,
} RsWaitKind;
extern const char *const rs_wait_kind_names[]; /* "unknown", "mutex", ..., NULL */

typedef struct {
    guint64 address;
    guint32 operation; /* with its flags; of futex_wait(2): as the bitset one */
    guint64 value;
    gboolean has_timeout;
    guint64 sp;                 /* of the waiter */
    gboolean is_value_a_thread; /* of the process: the value without its upper two bits */
    guint32 word_before;        /* in front of the futex; 0: not known */
} RsFutexWait;

/* FALSE: it does not wait for a futex. The last two are left for the caller; for futex_waitv(2) the
 * address is that of the array, see rs_futex_is_vector. Source: futex(2). */
gboolean rs_futex_wait_of(const RsBlocked *blocked, RsFutexWait *wait);
gboolean rs_futex_is_vector(const RsBlocked *blocked);
RsWaitKind rs_futex_wait_kind(const RsFutexWait *wait);

#endif
