/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ring between the sampler and the analysis thread: one producer, one consumer, fixed-size
 * entries in mmap'd memory, no locks, no system calls, no allocation after rs_ring_new. Full means
 * drop and count, never wait. Must not know what a stack is: entries carry interned ids.
 *
 * Two counters that only grow, head (entries pushed) and tail (entries popped), each written by one
 * side alone; entry number i lives in slot i mod capacity; the ring is empty when they are equal
 * and full when they are capacity apart.
 *
 * Why the orderings suffice.
 *   Entries are seen whole: the producer writes a slot, then stores head with release; the consumer
 * loads head with acquire before it reads the slot. The store is seen only after what was written
 * before it. Slots are not overwritten while being read: the consumer reads a slot, then stores
 * tail with release; the producer loads tail with acquire before it writes a slot that this tail
 * gives free. The read happens before that write. Each side loads its own counter relaxed: nobody
 * else writes it. Each keeps a copy of the other's counter and loads the counter anew only when the
 * copy says full or empty; an old copy is too small, so it errs to the safe side. The dropped
 * counter orders nothing and is relaxed. The counters and the copies of the two sides lie in cache
 * lines of their own, so that neither side's stores take a line away that the other one is using,
 * unless they have to tell each other something. */
#ifndef RS_CAPTURE_RING_H
#define RS_CAPTURE_RING_H

#include <glib.h>

/* One sample. 32 bytes: two to a cache line. */
typedef struct {
    gint64 time_ns;   /* CLOCK_MONOTONIC */
    guint32 stack_id; /* interned */
    guint32 thread_id;
    guint32 process_id;
    guint32 flags;
    guint64 weight_ns; /* time that the sample stands for */
} RsRingEntry;

typedef struct RsRing RsRing;

/* n_bytes of memory for entries, rounded down to a power of two of them; at least two entries.
 * Errors G_FILE_ERROR: no memory, or fewer bytes than two entries take. */
RsRing *rs_ring_new(gsize n_bytes, GError **error);
void rs_ring_free(RsRing *ring);            /* both sides have to be done */
gsize rs_ring_capacity(const RsRing *ring); /* entries */

/* Producer only. FALSE: the ring was full, the entry is dropped and counted. */
gboolean rs_ring_push(RsRing *ring, const RsRingEntry *entry);
/* Consumer only. FALSE: the ring was empty, entry is untouched. */
gboolean rs_ring_pop(RsRing *ring, RsRingEntry *entry);

/* Any thread. A moment's view. */
guint64 rs_ring_n_dropped(const RsRing *ring);
guint64 rs_ring_n_pushed(const RsRing *ring);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsRing, rs_ring_free)

#endif
