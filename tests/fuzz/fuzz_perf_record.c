/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Perf records: the first two bytes say where in a ring the rest lies; it is read as the sampler
 * reads it, and each record is read again in memory of exactly its size. */
#include <stdlib.h>
#include <string.h>

#include "capture/perf/record.h"
#include "capture/perf/ring.h"

#define N_RING_BYTES (256 * 1024)

int LLVMFuzzerTestOneInput(const guint8 *bytes, size_t n_bytes);

static volatile gsize kept;

/* Everything that a record points to. */
static void touch(const RsPerfRecord *record)
{
    gsize sum = 0;

    if (record->kind == RS_PERF_SAMPLE)
        for (gsize i = 0; i < record->sample.stack.n_bytes; i++)
            sum += record->sample.stack.bytes[i];
    else if (record->kind == RS_PERF_MAP)
        sum = strlen(record->map.path) + record->map.n_build_id_bytes;
    else if (record->kind == RS_PERF_EXEC || record->kind == RS_PERF_NAME)
        sum = strlen(record->name);
    kept += sum;
}

static void read_alone(const guint8 *bytes, gsize n_bytes)
{
    g_autofree guint8 *copy = g_memdup2(bytes, n_bytes);
    RsPerfRecord record;

    if (rs_perf_record_parse(copy, n_bytes, &record))
        touch(&record);
}

int LLVMFuzzerTestOneInput(const guint8 *bytes, size_t n_bytes)
{
    static struct perf_event_mmap_page page;
    g_autofree guint8 *data = g_malloc0(N_RING_BYTES);
    g_autoptr(RsPerfRing) ring = NULL;
    const guint8 *peeked;
    guint64 position;
    gsize n_record_bytes;

    if (n_bytes < 2 || n_bytes > N_RING_BYTES)
        return 0;
    position = (guint64)(bytes[0] | bytes[1] << 8) * 8;
    memset(&page, 0, sizeof page);
    page.data_head = page.data_tail = position;
    ring = rs_perf_ring_over(&page, data, N_RING_BYTES);
    for (gsize i = 2; i < n_bytes; i++)
        data[page.data_head++ % N_RING_BYTES] = bytes[i];
    rs_perf_ring_look(ring);
    while ((peeked = rs_perf_ring_peek(ring, &n_record_bytes))) {
        RsPerfRecord record;

        read_alone(peeked, n_record_bytes);
        if (rs_perf_record_parse(peeked, n_record_bytes, &record))
            touch(&record);
        rs_perf_ring_advance(ring);
    }
    if (page.data_tail != page.data_head) /* all is read or given up */
        abort();
    return 0;
}
