/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/locks/futex_wait.h"

#include <linux/futex.h>
#include <sys/syscall.h>

#define NR_FUTEX_WAIT 455 /* Linux 6.7; not in the headers of Debian 12 */
#define UPPER_BITS    0xc0000000u
#define FRAMES_BYTES  1024 /* the innermost frames of a wait in musl */
#define MUTEX_WAITERS 2u   /* locked, and somebody waits: glibc, Rust, Go */
#define PARKED        G_MAXUINT32
#define N_MAX_READERS 32768
#define WRITE_LOCKED  0x3fffffffu
#define WRITERS_WAIT  0x80000000u

const char *const rs_wait_kind_names[] = {"unknown", "mutex", "rwlock", "condition", "join", NULL};

gboolean rs_futex_is_vector(const RsBlocked *blocked)
{
    return blocked->number == SYS_futex_waitv;
}

gboolean rs_futex_wait_of(const RsBlocked *blocked, RsFutexWait *wait)
{
    RsFutexWait found = {
        .address = blocked->arguments[0],
        .operation = FUTEX_WAIT_BITSET,
        .has_timeout = blocked->arguments[4] != 0,
        .sp = blocked->sp,
    };

    switch (blocked->number) {
    case SYS_futex: /* uaddr, op, val, timeout, ... */
        found.operation = (guint32)blocked->arguments[1];
        found.value = (guint32)blocked->arguments[2];
        found.has_timeout = blocked->arguments[3] != 0;
        break;
    case SYS_futex_waitv: /* waiters, n, flags, timeout, clockid */
        found.has_timeout = blocked->arguments[3] != 0;
        break;
    case NR_FUTEX_WAIT: /* uaddr, val, mask, flags, timeout, clockid */
        found.value = blocked->arguments[1];
        break;
    default:
        return FALSE;
    }
    switch (found.operation & FUTEX_CMD_MASK) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET:
    case FUTEX_WAIT_REQUEUE_PI:
    case FUTEX_LOCK_PI:
    case FUTEX_LOCK_PI2:
        *wait = found;
        return TRUE;
    default: /* a wake is over at once */
        return FALSE;
    }
}

/* glibc, musl, Go: FUTEX_WAIT. */
static RsWaitKind kind_of_plain(const RsFutexWait *wait)
{
    gboolean is_in_own_frames = wait->address - wait->sp < FRAMES_BYTES;

    if (wait->value == MUTEX_WAITERS && !wait->has_timeout)
        return is_in_own_frames ? RS_WAIT_CONDITION : RS_WAIT_MUTEX;
    if ((wait->value & UPPER_BITS) && wait->is_value_a_thread)
        return RS_WAIT_MUTEX;
    return RS_WAIT_UNKNOWN;
}

/* RwLock's state is followed by the word that its writers wait for. */
static gboolean is_rwlock_state(guint32 word)
{
    guint32 n_readers = word & WRITE_LOCKED;

    return (word & WRITERS_WAIT) && n_readers > 0 &&
           (n_readers == WRITE_LOCKED || n_readers < N_MAX_READERS);
}

/* Rust's std: FUTEX_WAIT_BITSET, timeouts by the monotonic clock. */
static RsWaitKind kind_of_std(const RsFutexWait *wait)
{
    if (wait->value == PARKED || wait->has_timeout)
        return RS_WAIT_CONDITION;
    if (wait->value == MUTEX_WAITERS)
        return RS_WAIT_MUTEX;
    if ((wait->value & UPPER_BITS) || is_rwlock_state(wait->word_before))
        return RS_WAIT_RWLOCK;
    return RS_WAIT_UNKNOWN;
}

/* glibc waits by the real-time clock when there is no timeout. */
static RsWaitKind kind_of_glibc(const RsFutexWait *wait)
{
    if (!(wait->operation & FUTEX_PRIVATE_FLAG) && wait->is_value_a_thread && !wait->has_timeout)
        return RS_WAIT_JOIN;
    return wait->value == 0 ? RS_WAIT_CONDITION : RS_WAIT_UNKNOWN;
}

RsWaitKind rs_futex_wait_kind(const RsFutexWait *wait)
{
    switch (wait->operation & FUTEX_CMD_MASK) {
    case FUTEX_LOCK_PI:
    case FUTEX_LOCK_PI2:
        return RS_WAIT_MUTEX;
    case FUTEX_WAIT_REQUEUE_PI:
        return RS_WAIT_CONDITION;
    case FUTEX_WAIT:
        return kind_of_plain(wait);
    default:
        if (wait->operation & FUTEX_CLOCK_REALTIME)
            return kind_of_glibc(wait);
        return (wait->operation & FUTEX_PRIVATE_FLAG) ? kind_of_std(wait) : RS_WAIT_UNKNOWN;
    }
}
