/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The writing side. What is written goes through three floors: here it is decided what a record
 * says, history/chunk.c numbers and commits, history/file.c has the file. */
#include "capture/history.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "capture/capture.h"
#include "capture/history/chunk.h"
#include "capture/history/file.h"
#include "capture/history/note.h"
#include "capture/history/varint.h"

/* When the samples of a chunk were taken. sequence 0: the chunk holds nothing. */
typedef struct {
    guint64 sequence;
    gint64 first_us, last_us; /* first > last: no samples */
} Span;

/* What is remembered of a process, and in which chunk it was told last. */
typedef struct {
    RsProfileProcess facts;
    guint64 told_in, looked_in; /* sequence numbers; 0: never */
    gint64 look[RS_HISTORY_N_LOOK_VALUES];
} Process;

struct RsHistory {
    int fd;
    guint8 *file;
    RsHistoryHead head;
    RsHistoryChunk chunk;
    guint64 sequence; /* of the chunk in work; 0: none yet */
    Span *spans;      /* of all chunks */
    guint n_max_frames;
    GHashTable *processes; /* id -> Process */
    guint64 n_notes;
    RsHistoryCounts counts;
};

static gint64 floor_us(gint64 ns)
{
    return ns / 1000 - (ns % 1000 < 0);
}

static gint64 us_of(const RsHistory *history, gint64 time_ns)
{
    return CLAMP(floor_us(time_ns - history->head.start_ns), -RS_HISTORY_MAX_US, RS_HISTORY_MAX_US);
}

static void process_free(gpointer data)
{
    Process *process = data;

    g_free(process->facts.name);
    g_free(process);
}

RsHistory *rs_history_create(const char *path, gsize n_bytes, double retention_s, gint64 start_ns,
                             gint64 start_real_ns, GError **error)
{
    double retention_us = CLAMP(retention_s * 1e6, 0, (double)RS_HISTORY_MAX_US);
    RsHistoryHead head = {.n_file_bytes = n_bytes,
                          .start_ns = start_ns,
                          .start_real_ns = start_real_ns,
                          .retention_us = (gint64)retention_us};
    RsHistory *history;
    guint8 *file = NULL;
    int fd;

    if (n_bytes < RS_HISTORY_MIN_BYTES || n_bytes > RS_HISTORY_MAX_BYTES) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "%s: a history has from 256 KB to 4 GB, not %" G_GSIZE_FORMAT " bytes", path,
                    n_bytes);
        return NULL;
    }
    fd = rs_history_file_create(path, &head, &file, error);
    if (fd < 0)
        return NULL;
    history = g_new0(RsHistory, 1);
    history->fd = fd;
    history->file = file;
    history->head = head;
    history->spans = g_new0(Span, head.n_chunks);
    history->n_max_frames = G_MAXUINT;
    history->processes = g_hash_table_new_full(NULL, NULL, NULL, process_free);
    rs_history_chunk_init(&history->chunk, head.n_chunk_bytes);
    return history;
}

void rs_history_free(RsHistory *history)
{
    if (!history)
        return;
    rs_history_chunk_clear(&history->chunk);
    g_hash_table_unref(history->processes);
    munmap(history->file, history->head.n_file_bytes);
    close(history->fd);
    g_free(history->spans);
    g_free(history);
}

/* --- chunks --- */

static Span *current_span(const RsHistory *history)
{
    return &history->spans[(history->sequence - 1) % history->head.n_chunks];
}

static gboolean is_forgotten(gpointer key, gpointer value, gpointer data)
{
    const RsHistory *history = data;
    const Process *process = value;
    guint64 newest = MAX(process->told_in, process->looked_in);

    return (process->facts.end_ns != -1 || !process->told_in) && newest + 1 < history->sequence;
}

static void begin_again(RsHistory *history, gint64 base_us)
{
    guint64 i = (history->sequence - 1) % history->head.n_chunks;

    history->spans[i] = (Span){history->sequence, G_MAXINT64, G_MININT64};
    rs_history_chunk_begin(&history->chunk,
                           history->file + RS_HISTORY_CHUNKS_OFFSET +
                               (gsize)i * history->head.n_chunk_bytes,
                           history->sequence, base_us);
}

static void begin_chunk(RsHistory *history, gint64 base_us)
{
    history->sequence++;
    history->counts.n_chunks++;
    begin_again(history, base_us);
    g_hash_table_foreach_remove(history->processes, is_forgotten, history);
}

/* What a record says, and how it is put: perhaps twice, when the first chunk has no room. */
typedef void (*PutRecord)(RsHistory *history, gpointer data);

/* FALSE: it is too large for any chunk; nothing was written. */
static gboolean write_record(RsHistory *history, gint64 at_us, PutRecord put, gpointer data)
{
    if (!history->sequence)
        begin_chunk(history, at_us);
    put(history, data);
    if (rs_history_chunk_commit(&history->chunk))
        return TRUE;
    if (history->chunk.n_used_bytes) {
        begin_chunk(history, at_us);
        put(history, data);
        if (rs_history_chunk_commit(&history->chunk))
            return TRUE;
    }
    begin_again(history, at_us); /* numbers were given that nobody was told */
    return FALSE;
}

/* --- samples --- */

typedef struct {
    RsModules *modules;
    const RsRingEntry *entry;
    guint epoch;
    const RsRawFrame *frames;
    guint n_frames;
    const char *thread_name;
    gint64 at_us, weight_ns;
    guint64 n_told_bytes; /* of what was put: all but the sample itself */
    guint n_told_stacks;
} Sample;

static guint32 stack_of(RsHistory *history, const Sample *sample)
{
    RsHistoryChunk *chunk = &history->chunk;
    guint32 id = sample->entry->stack_id, stack;

    if (!sample->n_frames)
        return 0;
    if (chunk->epoch != sample->epoch) {
        rs_id_map_clear(chunk->known);
        chunk->epoch = sample->epoch;
    }
    stack = rs_id_map_find(chunk->known, id, 0);
    if (stack != RS_ID_NONE)
        return stack;
    stack = rs_history_chunk_stack(chunk, sample->modules, sample->frames,
                                   MIN(sample->n_frames, history->n_max_frames));
    rs_id_map_add(chunk->known, id, 0, stack);
    return stack;
}

static guint32 flags_of(const RsHistory *history, const Sample *sample)
{
    if (sample->n_frames <= history->n_max_frames)
        return sample->entry->flags;
    return (sample->entry->flags & ~RS_ENTRY_END_MASK) | RS_STACK_TOO_DEEP;
}

/* A process that was told of is told again in each chunk that has something of it. */
static void need_process(RsHistory *history, gint32 process_id);

static void put_sample(RsHistory *history, gpointer data)
{
    Sample *sample = data;
    RsHistoryChunk *chunk = &history->chunk;
    guint n_stacks = rs_id_map_n(chunk->stacks);
    guint32 flags = flags_of(history, sample), number, stack;
    RsHistoryThread *thread;
    guint8 tag = RS_HISTORY_SAMPLE;

    need_process(history, (gint32)sample->entry->process_id);
    number = rs_history_chunk_thread(chunk, (pid_t)sample->entry->process_id,
                                     (pid_t)sample->entry->thread_id, sample->thread_name);
    thread = &g_array_index(chunk->thread_states, RsHistoryThread, number);
    stack = stack_of(history, sample);
    sample->n_told_stacks = rs_id_map_n(chunk->stacks) - n_stacks;
    sample->n_told_bytes = rs_history_chunk_n_put(chunk);
    if (sample->at_us < chunk->clock_us) {
        rs_history_put_signed(rs_history_chunk_body(chunk), sample->at_us - chunk->clock_us);
        rs_history_chunk_end(chunk, RS_HISTORY_TIME);
        chunk->clock_us = sample->at_us;
    }
    tag |= stack == thread->stack ? RS_HISTORY_SAMPLE_SAME_STACK : 0;
    tag |= sample->weight_ns == thread->weight_ns ? 0 : RS_HISTORY_SAMPLE_NEW_WEIGHT;
    tag |= flags == thread->flags ? 0 : RS_HISTORY_SAMPLE_NEW_FLAGS;
    tag |= MIN(number, RS_HISTORY_SAMPLE_FAR) << RS_HISTORY_SHIFT;
    rs_history_put_bytes(&chunk->out, &tag, 1);
    if (number >= RS_HISTORY_SAMPLE_FAR)
        rs_history_put(&chunk->out, number);
    rs_history_put(&chunk->out, (guint64)(sample->at_us - chunk->clock_us));
    if (stack != thread->stack)
        rs_history_put(&chunk->out, stack);
    if (sample->weight_ns != thread->weight_ns)
        rs_history_put_signed(&chunk->out, sample->weight_ns - thread->weight_ns);
    if (flags != thread->flags)
        rs_history_put(&chunk->out, flags);
    chunk->clock_us = sample->at_us;
    thread->stack = stack;
    thread->weight_ns = sample->weight_ns;
    thread->flags = flags;
}

void rs_history_sample(RsHistory *history, RsModules *modules, const RsRingEntry *entry,
                       guint epoch, const RsRawFrame *frames, guint n_frames,
                       const char *thread_name)
{
    Sample sample = {.modules = modules,
                     .entry = entry,
                     .epoch = epoch,
                     .frames = frames,
                     .n_frames = n_frames,
                     .thread_name = thread_name,
                     .at_us = us_of(history, entry->time_ns),
                     .weight_ns = (gint64)MIN(entry->weight_ns, RS_HISTORY_MAX_WEIGHT_NS)};
    guint64 n_before = history->chunk.n_used_bytes, sequence = history->sequence;
    Span *span;

    /* A stack that is too large for a chunk loses its outer frames, as deep as it has to be. */
    while (!write_record(history, sample.at_us, put_sample, &sample))
        history->n_max_frames = MIN(n_frames, history->n_max_frames) / 2;
    span = current_span(history);
    span->first_us = MIN(span->first_us, sample.at_us);
    span->last_us = MAX(span->last_us, sample.at_us);
    if (sequence != history->sequence)
        n_before = 0;
    history->counts.n_samples++;
    history->counts.n_stacks += sample.n_told_stacks;
    history->counts.n_told_bytes += sample.n_told_bytes;
    history->counts.n_sample_bytes += history->chunk.n_used_bytes - n_before - sample.n_told_bytes;
}

/* --- what is not a sample --- */

static void write_other(RsHistory *history, gint64 at_us, PutRecord put, gpointer data)
{
    guint64 n_before = history->chunk.n_used_bytes, sequence = history->sequence;

    if (write_record(history, at_us, put, data))
        history->counts.n_other_bytes +=
            history->chunk.n_used_bytes - (sequence == history->sequence ? n_before : 0);
}

/* Sets the clock. */
static void put_time(RsHistoryChunk *chunk, RsHistoryBuffer *buffer, gint64 at_us)
{
    rs_history_put_signed(buffer, at_us - chunk->clock_us);
    chunk->clock_us = at_us;
}

static Process *process_of(RsHistory *history, gint32 process_id)
{
    Process *process = g_hash_table_lookup(history->processes, GINT_TO_POINTER(process_id));

    if (process)
        return process;
    process = g_new0(Process, 1);
    process->facts.process_id = process_id;
    process->facts.start_ns = process->facts.end_ns = process->facts.exit_status = -1;
    g_hash_table_insert(history->processes, GINT_TO_POINTER(process_id), process);
    return process;
}

static void put_process(RsHistory *history, gpointer data)
{
    Process *process = data;
    const RsProfileProcess *facts = &process->facts;
    RsHistoryBuffer *body = rs_history_chunk_body(&history->chunk);

    rs_history_put(body, (guint32)facts->process_id);
    rs_history_put(body, (guint32)facts->parent_id);
    rs_history_put_text(body, facts->name);
    rs_history_put(body, (facts->start_ns == -1 ? 0 : RS_HISTORY_HAS_START) |
                             (facts->end_ns == -1 ? 0 : RS_HISTORY_HAS_END));
    rs_history_put_signed(body, facts->start_ns == -1 ? 0 : us_of(history, facts->start_ns));
    rs_history_put_signed(body, facts->end_ns == -1 ? 0 : us_of(history, facts->end_ns));
    rs_history_put_signed(body, facts->exit_status);
    rs_history_put_signed(body, facts->signal_number);
    rs_history_chunk_end(&history->chunk, RS_HISTORY_PROCESS);
    process->told_in = history->sequence;
}

static void need_process(RsHistory *history, gint32 process_id)
{
    Process *process = g_hash_table_lookup(history->processes, GINT_TO_POINTER(process_id));

    if (process && process->told_in && process->told_in != history->sequence)
        put_process(history, process);
}

static gboolean is_same(const RsProfileProcess *a, const RsProfileProcess *b)
{
    return a->parent_id == b->parent_id && a->start_ns == b->start_ns && a->end_ns == b->end_ns &&
           a->exit_status == b->exit_status && a->signal_number == b->signal_number &&
           g_strcmp0(a->name, b->name) == 0;
}

void rs_history_process(RsHistory *history, const RsProfileProcess *told)
{
    Process *process = process_of(history, told->process_id);
    gint64 at_ns = told->end_ns != -1 ? told->end_ns : told->start_ns;

    if (process->told_in && is_same(&process->facts, told))
        return;
    g_free(process->facts.name);
    process->facts = *told;
    process->facts.name = g_strdup(told->name);
    write_other(history, at_ns == -1 ? history->chunk.clock_us : us_of(history, at_ns), put_process,
                process);
}

typedef struct {
    const RsProcessSample *sample;
    gint64 at_us;
} Look;

static void put_look(RsHistory *history, gpointer data)
{
    const RsProcessSample *sample = ((const Look *)data)->sample;
    const gint64 values[RS_HISTORY_N_LOOK_VALUES] = {sample->rss_bytes,
                                                     sample->n_threads,
                                                     sample->n_open_fds,
                                                     sample->n_syscalls,
                                                     sample->n_voluntary_switches,
                                                     sample->n_involuntary_switches,
                                                     sample->read_bytes,
                                                     sample->written_bytes};
    Process *process = process_of(history, sample->process_id);
    RsHistoryBuffer *body;

    need_process(history, sample->process_id);
    if (process->looked_in != history->sequence)
        memset(process->look, 0, sizeof process->look);
    process->looked_in = history->sequence;
    body = rs_history_chunk_body(&history->chunk);
    put_time(&history->chunk, body, ((const Look *)data)->at_us);
    rs_history_put(body, (guint32)sample->process_id);
    rs_history_put_real(body, sample->cpu_pct);
    for (guint i = 0; i < G_N_ELEMENTS(values); i++) {
        rs_history_put_signed(body, rs_varint_difference(values[i], process->look[i]));
        process->look[i] = values[i];
    }
    rs_history_chunk_end(&history->chunk, RS_HISTORY_LOOK);
}

void rs_history_process_sample(RsHistory *history, const RsProcessSample *sample)
{
    Look look = {sample, us_of(history, sample->at_ns)};

    write_other(history, look.at_us, put_look, &look);
}

static void put_event(RsHistory *history, gpointer data)
{
    const RsTimelineEvent *event = data;
    gint64 start_us = us_of(history, event->start_ns), end_us = us_of(history, event->end_ns);
    RsHistoryBuffer *body = rs_history_chunk_body(&history->chunk);

    rs_history_put(body, event->kind);
    rs_history_put(body, (guint32)event->process_id);
    rs_history_put_signed(body, start_us - history->chunk.clock_us);
    rs_history_put_signed(body, end_us - start_us);
    rs_history_put_real(body, event->before);
    rs_history_put_real(body, event->peak);
    rs_history_put_text(body, event->series);
    rs_history_put_text(body, event->label);
    rs_history_chunk_end(&history->chunk, RS_HISTORY_EVENT);
}

void rs_history_event(RsHistory *history, const RsTimelineEvent *event)
{
    RsTimelineEvent copy = *event; /* shallow */

    write_other(history, us_of(history, event->end_ns), put_event, &copy);
}

typedef struct {
    RsModules *modules;
    const RsWait *wait;
    gint64 at_us;
} Wait;

static void put_wait(RsHistory *history, gpointer data)
{
    const Wait *told = data;
    const RsWait *wait = told->wait;
    RsHistoryChunk *chunk = &history->chunk;
    guint32 number, stack;
    guint8 tag = RS_HISTORY_WAIT;

    need_process(history, wait->process_id);
    number = rs_history_chunk_lock(chunk, wait->process_id, wait->address, wait->place);
    stack = rs_history_chunk_stack(chunk, told->modules, wait->frames,
                                   MIN(wait->n_frames, history->n_max_frames));
    tag |= MIN(number, RS_HISTORY_WAIT_FAR) << RS_HISTORY_SHIFT;
    tag |= told->at_us == chunk->clock_us ? 0 : RS_HISTORY_WAIT_LATER;
    tag |= stack ? RS_HISTORY_WAIT_HAS_STACK : 0;
    tag |= wait->has_begun ? RS_HISTORY_WAIT_HAS_BEGUN : 0;
    rs_history_put_bytes(&chunk->out, &tag, 1);
    if (number >= RS_HISTORY_WAIT_FAR)
        rs_history_put(&chunk->out, number);
    if (told->at_us != chunk->clock_us)
        put_time(chunk, &chunk->out, told->at_us);
    if (stack)
        rs_history_put(&chunk->out, stack);
    rs_history_put(&chunk->out,
                   (guint64)(CLAMP(wait->wait_ns, 0, RS_HISTORY_MAX_WEIGHT_NS) / 1000));
}

void rs_history_wait(RsHistory *history, RsModules *modules, gint64 now_ns, const RsWait *wait)
{
    Wait told = {modules, wait, us_of(history, now_ns)};

    write_other(history, told.at_us, put_wait, &told);
}

void rs_history_diagnostics(RsHistory *history, const RsDiagnostics *diagnostics)
{
    rs_history_note_write(history->file, ++history->n_notes, diagnostics);
}

/* --- as a whole --- */

/* The oldest first, so that a death in between leaves the newest. */
void rs_history_clear(RsHistory *history)
{
    guint n_chunks = history->head.n_chunks;

    for (guint k = 0; k < n_chunks; k++) {
        guint i = (guint)((history->sequence + k) % n_chunks);
        RsHistoryChunkHead *head =
            (RsHistoryChunkHead *)(gpointer)(history->file + RS_HISTORY_CHUNKS_OFFSET +
                                             (gsize)i * history->head.n_chunk_bytes);

        atomic_store_explicit(&head->committed, 0, memory_order_release);
        history->spans[i].sequence = 0;
    }
    if (history->sequence)
        begin_chunk(history, history->chunk.clock_us);
}

gint64 rs_history_retained_ns(const RsHistory *history)
{
    gint64 first_us = G_MAXINT64, last_us = G_MININT64, retained_us;

    for (guint i = 0; i < history->head.n_chunks; i++) {
        const Span *span = &history->spans[i];

        if (span->sequence && span->first_us <= span->last_us) {
            first_us = MIN(first_us, span->first_us);
            last_us = MAX(last_us, span->last_us);
        }
    }
    if (first_us > last_us)
        return 0;
    retained_us = last_us - first_us;
    if (history->head.retention_us)
        retained_us = MIN(retained_us, history->head.retention_us);
    return retained_us * 1000;
}

void rs_history_counts(const RsHistory *history, RsHistoryCounts *counts)
{
    *counts = history->counts;
}

RsProfile *rs_history_profile(const RsHistory *history, gint64 last_ns)
{
    return rs_history_parse(history->file, history->head.n_file_bytes, last_ns, NULL, NULL);
}
