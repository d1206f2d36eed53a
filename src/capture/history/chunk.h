/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The chunk of a history that is being written: numbers modules, threads, locks, frames and stacks
 * as they come, and commits records whole. A record, with all that it needs to be told first, is
 * put together in memory and copied into the chunk at once. Must not know files.
 *
 * Order: rs_history_chunk_begin; then for each record put..., commit. When commit says that there
 * is no room, the numbers given meanwhile mean nothing: begin another chunk and put it all again.
 */
#ifndef RS_CAPTURE_HISTORY_CHUNK_H
#define RS_CAPTURE_HISTORY_CHUNK_H

#include <glib.h>

#include "capture/history/format.h"
#include "capture/history/id_map.h"
#include "capture/module.h"
#include "capture/unwind.h"

/* Bytes being put together; what does not fit makes it full, and it stays so. */
typedef struct {
    guint8 *bytes, *at, *end;
    gboolean is_full;
} RsHistoryBuffer;

typedef struct {
    char name[16];
    guint32 stack, flags; /* of its last sample */
    gint64 weight_ns;
} RsHistoryThread;

typedef struct {
    RsHistoryChunkHead *head; /* in the file */
    guint8 *records;
    gsize n_bytes, n_used_bytes;
    guint32 checksum;
    gint64 clock_us;
    RsHistoryBuffer out, body; /* what is to be committed; the record in work */
    RsIdMap *modules, *frames, *stacks, *threads, *locks;
    RsIdMap *known; /* a capture's stack ids, of one epoch */
    guint epoch;
    GArray *last_addresses; /* of modules' new frames: guint64 */
    GArray *thread_states;  /* RsHistoryThread, by number */
} RsHistoryChunk;

void rs_history_chunk_init(RsHistoryChunk *chunk, gsize n_chunk_bytes);
void rs_history_chunk_clear(RsHistoryChunk *chunk);

void rs_history_chunk_begin(RsHistoryChunk *chunk, guint8 *where, guint64 sequence, gint64 base_us);
/* FALSE: no room. */
gboolean rs_history_chunk_commit(RsHistoryChunk *chunk);
/* Bytes put and not yet committed. */
gsize rs_history_chunk_n_put(const RsHistoryChunk *chunk);

void rs_history_put(RsHistoryBuffer *buffer, guint64 value);
void rs_history_put_signed(RsHistoryBuffer *buffer, gint64 value);
void rs_history_put_real(RsHistoryBuffer *buffer, double value);
void rs_history_put_text(RsHistoryBuffer *buffer, const char *text);
void rs_history_put_bytes(RsHistoryBuffer *buffer, const void *bytes, gsize n_bytes);
/* The body, begun anew, for the record that rs_history_chunk_end gives its tag and length. */
RsHistoryBuffer *rs_history_chunk_body(RsHistoryChunk *chunk);
void rs_history_chunk_end(RsHistoryChunk *chunk, guint8 tag);

/* Numbers, told first where they are new. name NULL: not told. */
guint32 rs_history_chunk_thread(RsHistoryChunk *chunk, pid_t process_id, pid_t thread_id,
                                const char *name);
guint32 rs_history_chunk_lock(RsHistoryChunk *chunk, pid_t process_id, guint64 address,
                              const char *place);
/* From 1; 0: no frames. Frames innermost first. */
guint32 rs_history_chunk_stack(RsHistoryChunk *chunk, RsModules *modules, const RsRawFrame *frames,
                               guint n_frames);

#endif
