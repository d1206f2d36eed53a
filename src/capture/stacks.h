/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stacks interned to numbers, by the sampler thread alone, into memory that is there from the
 * start: a prefix tree of frames with a hash over it. The analysis thread reads the stacks of ids
 * that came to it through the ring.
 *
 * Two arenas take turns so that a profiler that runs for weeks does not grow: when one is full, the
 * next stack goes into the other, which must have been released: the consumer has seen, by an id of
 * the newer arena, that no older id is still on its way, and says so. Until then stacks are refused
 * (RS_STACKS_FULL) and counted as dropped. An id says which arena it is of in its top bit. */
#ifndef RS_CAPTURE_STACKS_H
#define RS_CAPTURE_STACKS_H

#include <glib.h>

#include "capture/unwind.h"

#define RS_STACKS_FULL  G_MAXUINT32
#define RS_STACKS_EMPTY (G_MAXUINT32 - 1) /* a stack without frames */

typedef struct RsStacks RsStacks;

/* n_nodes for each of the two arenas (at least 1024). Errors G_FILE_ERROR: no memory. */
RsStacks *rs_stacks_new(guint n_nodes, GError **error);
void rs_stacks_free(RsStacks *stacks);

/* Producer. Frames innermost first. */
guint32 rs_stacks_intern(RsStacks *stacks, const RsRawFrame *frames, guint n_frames);
/* Consumer. The frames of an id, innermost first, at most n_max of them; returns how many. Sees
 * that a newer arena came into use and releases the older one: ids must be asked for in the order
 * in which they came through the ring, and each before the next. */
guint rs_stacks_frames(RsStacks *stacks, guint32 id, RsRawFrame *frames, guint n_max);
/* Consumer. Grows each time an arena's ids became invalid: what was remembered by id is stale. */
guint rs_stacks_epoch(const RsStacks *stacks);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsStacks, rs_stacks_free)

#endif
