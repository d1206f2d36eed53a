/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/perf/merge.h"

/* One ring's next record. */
typedef struct {
    RsPerfRing *ring;
    gboolean of_samples, is_there;
    RsPerfRecord record;
} Cursor;

struct RsPerfMerge {
    RsPerfMergeApply apply;
    gpointer data;
    GArray *cursors; /* Cursor */
    GArray *fds;     /* struct pollfd: the caller's, then one for each cursor */
};

RsPerfMerge *rs_perf_merge_new(RsPerfMergeApply apply, gpointer data)
{
    RsPerfMerge *merge = g_new0(RsPerfMerge, 1);

    merge->apply = apply;
    merge->data = data;
    merge->cursors = g_array_new(FALSE, TRUE, sizeof(Cursor));
    merge->fds = g_array_new(FALSE, TRUE, sizeof(struct pollfd));
    g_array_set_size(merge->fds, 1);
    return merge;
}

void rs_perf_merge_free(RsPerfMerge *merge)
{
    if (!merge)
        return;
    g_array_unref(merge->cursors);
    g_array_unref(merge->fds);
    g_free(merge);
}

static void add(RsPerfMerge *merge, RsPerfRing *ring, gboolean of_samples)
{
    Cursor cursor = {.ring = ring, .of_samples = of_samples};
    struct pollfd fd = {.events = POLLIN};

    g_array_append_val(merge->cursors, cursor);
    g_array_append_val(merge->fds, fd);
}

void rs_perf_merge_add(RsPerfMerge *merge, RsPerfRing *records, RsPerfRing *samples)
{
    add(merge, records, FALSE);
    add(merge, samples, TRUE);
}

static Cursor *cursor_at(RsPerfMerge *merge, guint i)
{
    return &g_array_index(merge->cursors, Cursor, i);
}

static void tell_lost(RsPerfMerge *merge, const Cursor *cursor)
{
    RsPerfRecord lost = {.kind = RS_PERF_LOST, .n_lost = 1};

    merge->apply(merge->data, &lost, cursor->of_samples);
}

static void fetch(RsPerfMerge *merge, Cursor *cursor)
{
    guint64 n_broken = rs_perf_ring_n_broken(cursor->ring);
    const guint8 *bytes;
    gsize n_bytes;

    cursor->is_there = FALSE;
    while (!cursor->is_there && (bytes = rs_perf_ring_peek(cursor->ring, &n_bytes))) {
        cursor->is_there = rs_perf_record_parse(bytes, n_bytes, &cursor->record);
        if (!cursor->is_there) {
            tell_lost(merge, cursor);
            rs_perf_ring_advance(cursor->ring);
        }
    }
    if (rs_perf_ring_n_broken(cursor->ring) != n_broken)
        tell_lost(merge, cursor);
}

static gboolean comes_before(const Cursor *a, const Cursor *b)
{
    if (a->record.time_ns != b->record.time_ns)
        return a->record.time_ns < b->record.time_ns;
    return !a->of_samples && b->of_samples;
}

/* The one with the oldest record; NULL: there is no more. A few CPUs' rings do not need a heap. */
static Cursor *oldest(RsPerfMerge *merge)
{
    Cursor *found = NULL;

    for (guint i = 0; i < merge->cursors->len; i++) {
        Cursor *cursor = cursor_at(merge, i);

        if (cursor->is_there && (!found || comes_before(cursor, found)))
            found = cursor;
    }
    return found;
}

static void look(RsPerfMerge *merge, gboolean of_samples)
{
    for (guint i = 0; i < merge->cursors->len; i++)
        if (cursor_at(merge, i)->of_samples == of_samples)
            rs_perf_ring_look(cursor_at(merge, i)->ring);
}

guint rs_perf_merge_run(RsPerfMerge *merge)
{
    guint n_records = 0;
    Cursor *cursor;

    look(merge, TRUE);
    look(merge, FALSE);
    for (guint i = 0; i < merge->cursors->len; i++)
        fetch(merge, cursor_at(merge, i));
    while ((cursor = oldest(merge))) {
        n_records += !cursor->of_samples;
        merge->apply(merge->data, &cursor->record, cursor->of_samples);
        rs_perf_ring_advance(cursor->ring);
        fetch(merge, cursor);
    }
    return n_records;
}

struct pollfd *rs_perf_merge_poll_fds(RsPerfMerge *merge, gboolean with_records, guint *n_fds)
{
    struct pollfd *fds = (struct pollfd *)merge->fds->data;

    for (guint i = 0; i < merge->cursors->len; i++) {
        const Cursor *cursor = cursor_at(merge, i);

        /* poll skips what is negative */
        fds[i + 1].fd = cursor->of_samples || with_records ? rs_perf_ring_fd(cursor->ring) : -1;
    }
    *n_fds = merge->fds->len;
    return fds;
}
