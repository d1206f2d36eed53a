/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reading side. Chunks are looked at first, all of them: what is damaged takes no part, and
 * only then is known how old the oldest may be that is kept. */
#include <string.h>

#include "capture/history.h"
#include "capture/history/checksum.h"
#include "capture/history/decode.h"
#include "capture/history/file.h"
#include "capture/history/note.h"

typedef struct {
    guint64 sequence;
    gint64 base_us, newest_us;
    const guint8 *records;
    gsize n_bytes;
} ReadChunk;

typedef enum { CHUNK_EMPTY, CHUNK_SOUND, CHUNK_DAMAGED } ChunkState;

static ChunkState look_at(const guint8 *bytes, gsize n_there, ReadChunk *chunk)
{
    RsHistoryChunkHead head;
    guint64 committed;

    if (n_there < sizeof head)
        return CHUNK_EMPTY;
    memcpy(&head, bytes, sizeof head);
    committed = atomic_load_explicit(&head.committed, memory_order_relaxed);
    if (!head.sequence || !committed)
        return CHUNK_EMPTY;
    *chunk = (ReadChunk){.sequence = head.sequence,
                         .base_us = head.base_us,
                         .records = bytes + sizeof head,
                         .n_bytes = (guint32)committed};
    if (chunk->n_bytes > n_there - sizeof head ||
        committed >> 32 != rs_checksum(rs_history_seed(head.sequence, head.base_us), chunk->records,
                                       chunk->n_bytes) ||
        !rs_history_decode(chunk->records, chunk->n_bytes, chunk->base_us, NULL, &chunk->newest_us))
        return CHUNK_DAMAGED;
    return CHUNK_SOUND;
}

static int by_sequence(gconstpointer a, gconstpointer b)
{
    const ReadChunk *x = a, *y = b;

    return (x->sequence > y->sequence) - (x->sequence < y->sequence);
}

/* The sound ones, oldest first. */
static GArray *find_chunks(const RsHistoryHead *head, const guint8 *bytes, gsize n_bytes,
                           RsHistoryFacts *facts)
{
    GArray *chunks = g_array_new(FALSE, FALSE, sizeof(ReadChunk));

    for (guint i = 0; i < rs_history_n_chunks(head, n_bytes); i++) {
        gsize offset = RS_HISTORY_CHUNKS_OFFSET + (gsize)i * head->n_chunk_bytes;
        ReadChunk chunk;
        ChunkState state =
            look_at(bytes + offset, MIN(n_bytes - offset, head->n_chunk_bytes), &chunk);

        facts->n_chunks += state != CHUNK_EMPTY;
        facts->n_damaged_chunks += state == CHUNK_DAMAGED;
        if (state == CHUNK_SOUND)
            g_array_append_val(chunks, chunk);
    }
    g_array_sort(chunks, by_sequence);
    return chunks;
}

/* The time from which on things are kept. */
static gint64 from_us(const RsHistoryHead *head, const GArray *chunks, gint64 last_ns)
{
    gint64 newest_us = G_MININT64, kept_us = head->retention_us;

    for (guint i = 0; i < chunks->len; i++)
        newest_us = MAX(newest_us, g_array_index(chunks, ReadChunk, i).newest_us);
    if (last_ns > 0 && (!kept_us || last_ns / 1000 < kept_us))
        kept_us = last_ns / 1000;
    if (newest_us == G_MININT64 || (!kept_us && last_ns <= 0))
        return -RS_HISTORY_MAX_US;
    return MAX(newest_us - kept_us, -RS_HISTORY_MAX_US);
}

static RsProfile *gather(const GArray *chunks, gint64 since_us)
{
    RsHistoryGather all;

    rs_history_gather_init(&all, since_us);
    for (guint i = 0; i < chunks->len; i++) {
        const ReadChunk *chunk = &g_array_index(chunks, ReadChunk, i);

        rs_history_decode(chunk->records, chunk->n_bytes, chunk->base_us, &all, NULL);
    }
    return rs_history_gather_finish(&all);
}

static void tell_span(const RsProfile *profile, RsHistoryFacts *facts)
{
    guint n = profile->samples->len, n_looks = profile->process_samples->len;
    gint64 oldest_ns = G_MAXINT64, newest_ns = G_MININT64;

    if (n) {
        oldest_ns = g_array_index(profile->samples, RsProfileSample, 0).at_ns;
        newest_ns = g_array_index(profile->samples, RsProfileSample, n - 1).at_ns;
    }
    if (n_looks) {
        const RsProcessSample *first = g_ptr_array_index(profile->process_samples, 0);
        const RsProcessSample *last = g_ptr_array_index(profile->process_samples, n_looks - 1);

        oldest_ns = MIN(oldest_ns, first->at_ns);
        newest_ns = MAX(newest_ns, last->at_ns);
    }
    if (n || n_looks) {
        facts->oldest_ns = oldest_ns;
        facts->newest_ns = newest_ns;
    }
}

RsProfile *rs_history_parse(const guint8 *bytes, gsize n_bytes, gint64 last_ns,
                            RsHistoryFacts *facts, GError **error)
{
    RsHistoryFacts found = {0};
    g_autoptr(GArray) chunks = NULL;
    RsProfile *profile;
    RsHistoryHead head;

    if (!rs_history_head_take(bytes, n_bytes, &head, error))
        return NULL;
    found.start_ns = head.start_ns;
    found.start_real_ns = head.start_real_ns;
    found.writer_pid = (pid_t)head.writer_pid;
    chunks = find_chunks(&head, bytes, n_bytes, &found);
    if (!chunks->len && found.n_damaged_chunks) {
        g_set_error(error, RS_HISTORY_ERROR, RS_HISTORY_ERROR_DAMAGED,
                    "everything that it holds is damaged");
        return NULL;
    }
    profile = gather(chunks, from_us(&head, chunks, last_ns));
    rs_history_note_read(bytes, n_bytes, &profile->diagnostics);
    tell_span(profile, &found);
    if (facts)
        *facts = found;
    return profile;
}

RsProfile *rs_history_read(const char *path, gint64 last_ns, RsHistoryFacts *facts, GError **error)
{
    gboolean writer_lives = FALSE;
    gsize n_bytes = 0;
    g_autofree guint8 *bytes = rs_history_file_copy(path, &n_bytes, &writer_lives, error);
    RsProfile *profile;

    if (!bytes)
        return NULL;
    profile = rs_history_parse(bytes, n_bytes, last_ns, facts, error);
    if (!profile)
        g_prefix_error(error, "%s: ", path);
    else if (facts)
        facts->writer_lives = writer_lives;
    return profile;
}
