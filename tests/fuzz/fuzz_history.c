/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes are a history or an error, and what is read is a profile whose indices are all good.
 * Checksums would keep the fuzzer out of the records, so the bytes are also tried with the right
 * ones put in. */
#include <string.h>

#include "capture/history.h"
#include "capture/history/checksum.h"
#include "capture/history/file.h"
#include "capture/history/format.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize n_bytes);

static void check_times(const RsProfile *profile)
{
    gint64 last_ns = G_MININT64;

    for (guint i = 0; i < profile->samples->len; i++) {
        const RsProfileSample *sample = &g_array_index(profile->samples, RsProfileSample, i);

        g_assert(sample->at_ns >= last_ns && sample->weight_ns >= 0);
        g_assert(sample->stack >= RS_STACK_NONE && sample->stack < (gint64)profile->stacks->len);
        g_assert(sample->thread < profile->threads->len && sample->end < RS_N_STACK_ENDS);
        last_ns = sample->at_ns;
    }
    for (guint i = 1; i < profile->process_samples->len; i++) {
        const RsProcessSample *before = g_ptr_array_index(profile->process_samples, i - 1);
        const RsProcessSample *sample = g_ptr_array_index(profile->process_samples, i);

        g_assert(sample->at_ns >= before->at_ns && sample->rss_bytes >= -1);
    }
    for (guint i = 0; i < profile->events->len; i++) {
        const RsTimelineEvent *event = g_ptr_array_index(profile->events, i);

        g_assert(event->end_ns >= event->start_ns && event->kind <= RS_EVENT_RESTART);
    }
}

static void check_tables(const RsProfile *profile)
{
    for (guint i = 0; i < profile->stacks->len; i++) {
        const RsProfileStack *stack = &g_array_index(profile->stacks, RsProfileStack, i);

        g_assert(stack->parent >= RS_STACK_NONE && stack->parent < (gint64)i);
        g_assert(stack->frame < profile->frames->len);
    }
    for (guint i = 0; i < profile->frames->len; i++)
        g_assert(g_array_index(profile->frames, RsProfileFrame, i).module < profile->modules->len);
    for (guint i = 0; i < profile->locks->len; i++) {
        const RsLock *lock = g_ptr_array_index(profile->locks, i);

        for (guint k = 0; k < lock->sites->len; k++)
            g_assert(g_array_index(lock->sites, RsLockSite, k).stack <
                     (gint64)profile->stacks->len);
    }
}

static void try_bytes(const guint8 *bytes, gsize n_bytes, gint64 last_ns)
{
    RsHistoryFacts facts = {0};
    g_autoptr(GError) error = NULL;
    g_autoptr(RsProfile) profile = rs_history_parse(bytes, n_bytes, last_ns, &facts, &error);

    g_assert((profile == NULL) == (error != NULL));
    if (!profile)
        return;
    g_assert(facts.n_damaged_chunks <= facts.n_chunks);
    check_times(profile);
    check_tables(profile);
}

/* Makes the first head and all chunks sound, as far as they are there. */
static void put_checksums(guint8 *bytes, gsize n_bytes)
{
    RsHistoryHead head;

    if (n_bytes < sizeof head)
        return;
    memcpy(&head, bytes, sizeof head);
    head.checksum = rs_checksum(0, &head, offsetof(RsHistoryHead, checksum));
    memcpy(bytes, &head, sizeof head);
    if (!rs_history_head_take(bytes, n_bytes, &head, NULL))
        return;
    for (guint i = 0; i < rs_history_n_chunks(&head, n_bytes); i++) {
        gsize offset = RS_HISTORY_CHUNKS_OFFSET + (gsize)i * head.n_chunk_bytes;
        gsize n_there = MIN(n_bytes - offset, head.n_chunk_bytes);
        RsHistoryChunkHead chunk;
        guint32 n_records, checksum;

        if (n_there < sizeof chunk)
            return;
        memcpy(&chunk, bytes + offset, sizeof chunk);
        n_records = MIN((guint32)atomic_load(&chunk.committed), (guint32)(n_there - sizeof chunk));
        checksum = rs_checksum(rs_history_seed(chunk.sequence, chunk.base_us),
                               bytes + offset + sizeof chunk, n_records);
        atomic_store(&chunk.committed, (guint64)checksum << 32 | n_records);
        memcpy(bytes + offset, &chunk, sizeof chunk);
    }
}

/* One chunk's records alone, in a file as it should be. */
static void try_records(const guint8 *data, gsize n_bytes)
{
    gsize n_all = RS_HISTORY_CHUNKS_OFFSET + sizeof(RsHistoryChunkHead) + n_bytes;
    g_autofree guint8 *bytes = g_malloc0(n_all);
    RsHistoryHead head = {.magic = RS_HISTORY_MAGIC,
                          .major = RS_HISTORY_MAJOR,
                          .n_chunk_bytes = 1 << 20,
                          .n_chunks = 1};
    RsHistoryChunkHead chunk = {.sequence = 1, .committed = n_bytes};

    if (n_bytes > (1 << 20) - sizeof chunk)
        return;
    memcpy(bytes, &head, sizeof head);
    memcpy(bytes + RS_HISTORY_CHUNKS_OFFSET, &chunk, sizeof chunk);
    if (n_bytes)
        memcpy(bytes + RS_HISTORY_CHUNKS_OFFSET + sizeof chunk, data, n_bytes);
    put_checksums(bytes, n_all);
    try_bytes(bytes, n_all, 0);
    try_bytes(bytes, n_all, 1000000);
}

int LLVMFuzzerTestOneInput(const guint8 *data, gsize n_bytes)
{
    g_autofree guint8 *copy = g_memdup2(data, n_bytes);

    try_bytes(data, n_bytes, 0);
    if (n_bytes)
        put_checksums(copy, n_bytes);
    try_bytes(copy ? copy : data, n_bytes, 5000000);
    try_records(data, n_bytes);
    return 0;
}
