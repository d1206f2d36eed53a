/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel moves data_head, we move data_tail; both only grow. It writes a record before it moves
 * the head, so the head is loaded with acquire; we are done with a record before we move the tail,
 * so the tail is stored with release. Records are multiples of 8 bytes in a ring whose size is one
 * as well, so a header never wraps. */
#include "capture/perf/ring.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "capture/perf/record.h"

struct RsPerfRing {
    int fd; /* -1: the memory is not ours */
    struct perf_event_mmap_page *page;
    const guint8 *data;
    gsize n_bytes, n_mapped_bytes;
    guint64 head, tail;
    gsize n_peeked_bytes; /* of the record at tail; 0: not peeked at */
    guint8 *wrapped;      /* made when the first one wraps */
    guint64 n_broken;
};

static RsPerfRing *ring_new(struct perf_event_mmap_page *page, const guint8 *data, gsize n_bytes)
{
    RsPerfRing *ring = g_new0(RsPerfRing, 1);

    ring->fd = -1;
    ring->page = page;
    ring->data = data;
    ring->n_bytes = n_bytes;
    ring->tail = ring->head = page->data_tail;
    return ring;
}

RsPerfRing *rs_perf_ring_over(struct perf_event_mmap_page *page, guint8 *data, gsize n_bytes)
{
    return ring_new(page, data, n_bytes);
}

RsPerfRing *rs_perf_ring_new(int event_fd, gsize n_bytes)
{
    gsize n_page_bytes = (gsize)sysconf(_SC_PAGESIZE);
    guint8 *map =
        mmap(NULL, n_page_bytes + n_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, event_fd, 0);
    RsPerfRing *ring;

    if (map == MAP_FAILED)
        return NULL;
    ring = ring_new((struct perf_event_mmap_page *)map, map + n_page_bytes, n_bytes);
    ring->fd = event_fd;
    ring->n_mapped_bytes = n_page_bytes + n_bytes;
    return ring;
}

void rs_perf_ring_free(RsPerfRing *ring)
{
    if (!ring)
        return;
    if (ring->fd >= 0) {
        munmap(ring->page, ring->n_mapped_bytes);
        close(ring->fd);
    }
    g_free(ring->wrapped);
    g_free(ring);
}

int rs_perf_ring_fd(const RsPerfRing *ring)
{
    return ring->fd;
}

guint64 rs_perf_ring_n_broken(const RsPerfRing *ring)
{
    return ring->n_broken;
}

void rs_perf_ring_look(RsPerfRing *ring)
{
    ring->head = __atomic_load_n(&ring->page->data_head, __ATOMIC_ACQUIRE);
}

static void move_tail(RsPerfRing *ring, guint64 tail)
{
    ring->tail = tail;
    ring->n_peeked_bytes = 0;
    __atomic_store_n(&ring->page->data_tail, tail, __ATOMIC_RELEASE);
}

const guint8 *rs_perf_ring_peek(RsPerfRing *ring, gsize *n_bytes)
{
    gsize at = (gsize)(ring->tail & (ring->n_bytes - 1)), n_until_end = ring->n_bytes - at;
    guint64 n_there = ring->head - ring->tail;
    gsize n_record_bytes;

    if (!n_there)
        return NULL;
    n_record_bytes = n_there < 8 || n_there > ring->n_bytes || at % 8
                         ? 0
                         : rs_perf_record_size(ring->data + at, n_until_end);
    if (!n_record_bytes || n_record_bytes > n_there) {
        ring->n_broken++;
        move_tail(ring, ring->head);
        return NULL;
    }
    *n_bytes = ring->n_peeked_bytes = n_record_bytes;
    if (n_record_bytes <= n_until_end)
        return ring->data + at;
    if (!ring->wrapped)
        ring->wrapped = g_malloc(RS_PERF_MAX_RECORD_BYTES);
    memcpy(ring->wrapped, ring->data + at, n_until_end);
    memcpy(ring->wrapped + n_until_end, ring->data, n_record_bytes - n_until_end);
    return ring->wrapped;
}

void rs_perf_ring_advance(RsPerfRing *ring)
{
    g_assert(ring->n_peeked_bytes);
    move_tail(ring, ring->tail + ring->n_peeked_bytes);
}
