/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A mutex that is held until the end of a scope: g_autoptr(RsHeldMutex) held = rs_mutex_hold(&m).
 * Of pthreads: what GLib's locks order is not seen by the thread sanitizer. */
#ifndef RS_BASE_MUTEX_H
#define RS_BASE_MUTEX_H

#include <glib.h>
#include <pthread.h>

typedef pthread_mutex_t RsHeldMutex;

static inline RsHeldMutex *rs_mutex_hold(pthread_mutex_t *mutex)
{
    pthread_mutex_lock(mutex);
    return mutex;
}

static inline void rs_mutex_release(RsHeldMutex *held)
{
    pthread_mutex_unlock(held);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsHeldMutex, rs_mutex_release)

#endif
