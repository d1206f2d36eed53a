/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A note is the texts, the rate, the flags and the counts of RsDiagnostics, in this order; counts
 * that a later minor version adds come behind. */
#include "capture/history/note.h"

#include <math.h>
#include <string.h>

#include "capture/history/checksum.h"
#include "capture/history/format.h"
#include "capture/history/varint.h"

#define N_TEXTS        4
#define MAX_TEXT_BYTES 255
#define N_COUNTS       (10 + RS_N_STACK_ENDS)
#define MAX_BODY_BYTES (RS_HISTORY_NOTE_BYTES - sizeof(RsHistoryNoteHead))

enum { FALLBACK_USED = 1, SEES_KERNEL = 2 };

G_STATIC_ASSERT(N_TEXTS *(MAX_TEXT_BYTES + RS_VARINT_MAX_BYTES) + sizeof(double) +
                    (N_COUNTS + 2) * RS_VARINT_MAX_BYTES <=
                MAX_BODY_BYTES);

static void list_texts(RsDiagnostics *diagnostics, char **texts[N_TEXTS])
{
    texts[0] = &diagnostics->backend;
    texts[1] = &diagnostics->backend_reason;
    texts[2] = &diagnostics->event;
    texts[3] = &diagnostics->fidelity;
}

static void list_counts(RsDiagnostics *diagnostics, gint64 *counts[N_COUNTS])
{
    gint64 *const all[] = {&diagnostics->n_raw_samples,     &diagnostics->n_symbolized_samples,
                           &diagnostics->n_unknown_symbols, &diagnostics->n_dropped_samples,
                           &diagnostics->n_lost_samples,    &diagnostics->n_throttled,
                           &diagnostics->n_late_samples,    &diagnostics->sampler_cpu_ns,
                           &diagnostics->analysis_cpu_ns,   &diagnostics->wall_ns};

    G_STATIC_ASSERT(G_N_ELEMENTS(all) + RS_N_STACK_ENDS == N_COUNTS);
    memcpy(counts, all, sizeof all);
    for (guint i = 0; i < RS_N_STACK_ENDS; i++)
        counts[G_N_ELEMENTS(all) + i] = &diagnostics->n_ends[i];
}

/* At most MAX_TEXT_BYTES of it, and no half character at its end. */
static gsize clipped_bytes(const char *text)
{
    gsize n_bytes = strlen(text);

    if (n_bytes <= MAX_TEXT_BYTES)
        return n_bytes;
    n_bytes = MAX_TEXT_BYTES;
    while (n_bytes && ((guint8)text[n_bytes] & 0xc0) == 0x80)
        n_bytes--;
    return n_bytes;
}

static guint8 *put_body(guint8 *at, const RsDiagnostics *diagnostics)
{
    RsDiagnostics copy = *diagnostics; /* shallow: to be listed */
    char **texts[N_TEXTS];
    gint64 *counts[N_COUNTS];

    list_texts(&copy, texts);
    list_counts(&copy, counts);
    for (guint i = 0; i < N_TEXTS; i++) {
        gsize n_bytes = *texts[i] ? clipped_bytes(*texts[i]) : 0;

        at = rs_varint_put(at, *texts[i] ? n_bytes + 1 : 0);
        if (n_bytes)
            memcpy(at, *texts[i], n_bytes);
        at += n_bytes;
    }
    memcpy(at, &copy.sample_rate_hz, sizeof(double));
    at = rs_varint_put(at + sizeof(double), (copy.fallback_used ? FALLBACK_USED : 0) |
                                                (copy.sees_kernel ? SEES_KERNEL : 0));
    at = rs_varint_put(at, N_COUNTS);
    for (guint i = 0; i < N_COUNTS; i++)
        at = rs_varint_put(at, rs_varint_fold(*counts[i]));
    return at;
}

static guint32 checksum_of(const guint8 *note, gsize n_body_bytes)
{
    return rs_checksum(0, note + sizeof(guint32),
                       sizeof(RsHistoryNoteHead) - sizeof(guint32) + n_body_bytes);
}

void rs_history_note_write(guint8 *file, guint64 number, const RsDiagnostics *diagnostics)
{
    guint8 *note = file + RS_HISTORY_NOTES_OFFSET + number % 2 * RS_HISTORY_NOTE_BYTES;
    guint8 body[MAX_BODY_BYTES];
    RsHistoryNoteHead head = {.sequence = number};

    head.n_bytes = (guint32)(put_body(body, diagnostics) - body);
    memcpy(note, &head, sizeof head);
    memcpy(note + sizeof head, body, head.n_bytes);
    head.checksum = checksum_of(note, head.n_bytes);
    memcpy(note, &head.checksum, sizeof head.checksum);
}

static void take_body(RsVarintReader *reader, RsDiagnostics *diagnostics)
{
    char **texts[N_TEXTS];
    gint64 *counts[N_COUNTS];
    const guint8 *bytes;
    double rate_hz = 0;
    guint64 n, flags;

    list_texts(diagnostics, texts);
    list_counts(diagnostics, counts);
    for (guint i = 0; i < N_TEXTS; i++) {
        n = rs_varint_take(reader);
        bytes = n ? rs_varint_take_bytes(reader, n - 1) : NULL;
        if (!bytes)
            continue;
        g_free(*texts[i]);
        *texts[i] = g_strndup((const char *)bytes, n - 1);
    }
    bytes = rs_varint_take_bytes(reader, sizeof(double));
    if (bytes)
        memcpy(&rate_hz, bytes, sizeof rate_hz);
    if (isfinite(rate_hz) && rate_hz >= 0)
        diagnostics->sample_rate_hz = rate_hz;
    flags = rs_varint_take(reader);
    diagnostics->fallback_used = (flags & FALLBACK_USED) != 0;
    diagnostics->sees_kernel = (flags & SEES_KERNEL) != 0;
    n = rs_varint_take(reader);
    for (guint i = 0; i < MIN(n, N_COUNTS) && !reader->failed; i++) {
        gint64 count = rs_varint_take_signed(reader);

        *counts[i] = MAX(count, -1);
    }
}

gboolean rs_history_note_read(const guint8 *file, gsize n_bytes, RsDiagnostics *diagnostics)
{
    const guint8 *newest = NULL;
    RsHistoryNoteHead newest_head = {0};
    RsVarintReader reader = {0};

    for (guint i = 0; i < 2; i++) {
        gsize offset = RS_HISTORY_NOTES_OFFSET + (gsize)i * RS_HISTORY_NOTE_BYTES;
        RsHistoryNoteHead head;

        if (n_bytes < offset + RS_HISTORY_NOTE_BYTES)
            break;
        memcpy(&head, file + offset, sizeof head);
        if (head.sequence <= newest_head.sequence || head.n_bytes > MAX_BODY_BYTES ||
            head.checksum != checksum_of(file + offset, head.n_bytes))
            continue;
        newest = file + offset + sizeof head;
        newest_head = head;
    }
    if (!newest)
        return FALSE;
    reader = (RsVarintReader){.at = newest, .end = newest + newest_head.n_bytes};
    take_body(&reader, diagnostics);
    return TRUE;
}
