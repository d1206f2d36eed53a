/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The memory that the kernel writes perf records into, read in place: look, then peek and advance
 * until there is no more. A record that wraps around the end is put together in a buffer of the
 * ring's own; all others are handed out where they are, and their room goes back to the kernel when
 * they are done with. Must not know what records say. */
#ifndef RS_CAPTURE_PERF_RING_H
#define RS_CAPTURE_PERF_RING_H

#include <glib.h>
#include <linux/perf_event.h>

typedef struct RsPerfRing RsPerfRing;

/* Maps the ring of an event, which it owns from then on; n_bytes: a power of two of pages. NULL:
 * the kernel does not grant it, errno says why; the event stays yours. */
RsPerfRing *rs_perf_ring_new(int event_fd, gsize n_bytes);
/* The same on memory that stays yours: for tests. n_bytes is a power of two. */
RsPerfRing *rs_perf_ring_over(struct perf_event_mmap_page *page, guint8 *data, gsize n_bytes);
void rs_perf_ring_free(RsPerfRing *ring);

int rs_perf_ring_fd(const RsPerfRing *ring); /* readable when the kernel woke its reader */

/* What was written until now is what peek goes through. */
void rs_perf_ring_look(RsPerfRing *ring);
/* The next whole record, aligned to 8, valid until advance; NULL: none. What cannot be a record
 * ends the look: the rest is given up and counted. */
const guint8 *rs_perf_ring_peek(RsPerfRing *ring, gsize *n_bytes);
void rs_perf_ring_advance(RsPerfRing *ring);
guint64 rs_perf_ring_n_broken(const RsPerfRing *ring);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsPerfRing, rs_perf_ring_free)

#endif
