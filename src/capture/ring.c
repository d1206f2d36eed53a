/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/ring.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/mman.h>

#define CACHE_LINE_BYTES 64

/* A test that goes through all interleavings puts a switch of threads here, before each step that
 * others can see. */
#ifndef RS_RING_STEP
#define RS_RING_STEP() ((void)0)
#endif

struct RsRing {
    /* the producer's lines */
    _Alignas(CACHE_LINE_BYTES) _Atomic guint64 head;
    guint64 tail_copy;
    _Atomic guint64 n_dropped;
    /* the consumer's line */
    _Alignas(CACHE_LINE_BYTES) _Atomic guint64 tail;
    guint64 head_copy;
    /* read only */
    _Alignas(CACHE_LINE_BYTES) guint64 mask;
    gsize n_mapped_bytes;
    _Alignas(CACHE_LINE_BYTES) RsRingEntry entries[];
};

RsRing *rs_ring_new(gsize n_bytes, GError **error)
{
    gsize n_entries = 1, n_mapped_bytes;
    RsRing *ring;

    while (n_entries <= n_bytes / sizeof(RsRingEntry) / 2)
        n_entries *= 2;
    if (n_entries < 2 || n_bytes > G_MAXSSIZE / 2) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "a ring of %" G_GSIZE_FORMAT " bytes cannot be made", n_bytes);
        return NULL;
    }
    n_mapped_bytes = sizeof(RsRing) + n_entries * sizeof(RsRingEntry);
    ring = mmap(NULL, n_mapped_bytes, PROT_READ | PROT_WRITE,
                MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (ring == MAP_FAILED) {
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
                    "a ring of %" G_GSIZE_FORMAT " bytes cannot be made: %s", n_bytes,
                    g_strerror(errno));
        return NULL;
    }
    ring->mask = n_entries - 1;
    ring->n_mapped_bytes = n_mapped_bytes;
    return ring;
}

void rs_ring_free(RsRing *ring)
{
    if (ring)
        munmap(ring, ring->n_mapped_bytes);
}

gsize rs_ring_capacity(const RsRing *ring)
{
    return ring->mask + 1;
}

gboolean rs_ring_push(RsRing *ring, const RsRingEntry *entry)
{
    guint64 head = atomic_load_explicit(&ring->head, memory_order_relaxed);

    if (head - ring->tail_copy > ring->mask) {
        RS_RING_STEP();
        ring->tail_copy = atomic_load_explicit(&ring->tail, memory_order_acquire);
        if (head - ring->tail_copy > ring->mask) {
            guint64 n_dropped = atomic_load_explicit(&ring->n_dropped, memory_order_relaxed);

            atomic_store_explicit(&ring->n_dropped, n_dropped + 1, memory_order_relaxed);
            return FALSE;
        }
    }
    RS_RING_STEP();
    ring->entries[head & ring->mask] = *entry;
    RS_RING_STEP();
    atomic_store_explicit(&ring->head, head + 1, memory_order_release);
    return TRUE;
}

gboolean rs_ring_pop(RsRing *ring, RsRingEntry *entry)
{
    guint64 tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);

    if (tail == ring->head_copy) {
        RS_RING_STEP();
        ring->head_copy = atomic_load_explicit(&ring->head, memory_order_acquire);
        if (tail == ring->head_copy)
            return FALSE;
    }
    RS_RING_STEP();
    *entry = ring->entries[tail & ring->mask];
    RS_RING_STEP();
    atomic_store_explicit(&ring->tail, tail + 1, memory_order_release);
    return TRUE;
}

guint64 rs_ring_n_dropped(const RsRing *ring)
{
    return atomic_load_explicit(&ring->n_dropped, memory_order_relaxed);
}

guint64 rs_ring_n_pushed(const RsRing *ring)
{
    return atomic_load_explicit(&ring->head, memory_order_relaxed);
}
