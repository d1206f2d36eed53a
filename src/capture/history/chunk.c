/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/history/chunk.h"

#include <string.h>

#include "capture/history/checksum.h"
#include "capture/history/file.h"
#include "capture/history/varint.h"

/* --- bytes --- */

static void buffer_init(RsHistoryBuffer *buffer, gsize n_bytes)
{
    buffer->bytes = buffer->at = g_malloc(n_bytes);
    buffer->end = buffer->bytes + n_bytes;
}

static void buffer_reset(RsHistoryBuffer *buffer)
{
    buffer->at = buffer->bytes;
    buffer->is_full = FALSE;
}

static gboolean has_room(RsHistoryBuffer *buffer, gsize n_bytes)
{
    if ((gsize)(buffer->end - buffer->at) < n_bytes)
        buffer->is_full = TRUE;
    return !buffer->is_full;
}

void rs_history_put(RsHistoryBuffer *buffer, guint64 value)
{
    if (has_room(buffer, RS_VARINT_MAX_BYTES))
        buffer->at = rs_varint_put(buffer->at, value);
}

void rs_history_put_signed(RsHistoryBuffer *buffer, gint64 value)
{
    rs_history_put(buffer, rs_varint_fold(value));
}

void rs_history_put_bytes(RsHistoryBuffer *buffer, const void *bytes, gsize n_bytes)
{
    if (!has_room(buffer, n_bytes))
        return;
    memcpy(buffer->at, bytes, n_bytes);
    buffer->at += n_bytes;
}

void rs_history_put_real(RsHistoryBuffer *buffer, double value)
{
    rs_history_put_bytes(buffer, &value, sizeof value);
}

void rs_history_put_text(RsHistoryBuffer *buffer, const char *text)
{
    gsize n_bytes = text ? strnlen(text, RS_HISTORY_MAX_TEXT) : 0;

    rs_history_put(buffer, text ? n_bytes + 1 : 0);
    if (n_bytes)
        rs_history_put_bytes(buffer, text, n_bytes);
}

static void put_tag(RsHistoryBuffer *buffer, guint8 tag)
{
    rs_history_put_bytes(buffer, &tag, 1);
}

/* --- the chunk --- */

void rs_history_chunk_init(RsHistoryChunk *chunk, gsize n_chunk_bytes)
{
    memset(chunk, 0, sizeof *chunk);
    chunk->n_bytes = n_chunk_bytes - sizeof(RsHistoryChunkHead);
    buffer_init(&chunk->out, chunk->n_bytes);
    buffer_init(&chunk->body, chunk->n_bytes);
    chunk->modules = rs_id_map_new();
    chunk->frames = rs_id_map_new();
    chunk->stacks = rs_id_map_new();
    chunk->threads = rs_id_map_new();
    chunk->locks = rs_id_map_new();
    chunk->known = rs_id_map_new();
    chunk->last_addresses = g_array_new(FALSE, FALSE, sizeof(guint64));
    chunk->thread_states = g_array_new(FALSE, FALSE, sizeof(RsHistoryThread));
}

void rs_history_chunk_clear(RsHistoryChunk *chunk)
{
    g_free(chunk->out.bytes);
    g_free(chunk->body.bytes);
    rs_id_map_free(chunk->modules);
    rs_id_map_free(chunk->frames);
    rs_id_map_free(chunk->stacks);
    rs_id_map_free(chunk->threads);
    rs_id_map_free(chunk->locks);
    rs_id_map_free(chunk->known);
    g_array_unref(chunk->last_addresses);
    g_array_unref(chunk->thread_states);
}

void rs_history_chunk_begin(RsHistoryChunk *chunk, guint8 *where, guint64 sequence, gint64 base_us)
{
    RsHistoryChunkHead *head = (RsHistoryChunkHead *)(gpointer)where;

    /* Nobody may take the old bytes for the new chunk's or the other way round: first it is empty,
     * then it is another, then it is written to. */
    atomic_store_explicit(&head->committed, 0, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
    head->sequence = sequence;
    head->base_us = base_us;
    atomic_thread_fence(memory_order_release);
    chunk->head = head;
    chunk->records = where + sizeof *head;
    chunk->n_used_bytes = 0;
    chunk->checksum = rs_history_seed(sequence, base_us);
    chunk->clock_us = base_us;
    buffer_reset(&chunk->out);
    rs_id_map_clear(chunk->modules);
    rs_id_map_clear(chunk->frames);
    rs_id_map_clear(chunk->stacks);
    rs_id_map_clear(chunk->threads);
    rs_id_map_clear(chunk->locks);
    rs_id_map_clear(chunk->known);
    g_array_set_size(chunk->last_addresses, 0);
    g_array_set_size(chunk->thread_states, 0);
}

gsize rs_history_chunk_n_put(const RsHistoryChunk *chunk)
{
    return (gsize)(chunk->out.at - chunk->out.bytes);
}

gboolean rs_history_chunk_commit(RsHistoryChunk *chunk)
{
    gsize n_bytes = rs_history_chunk_n_put(chunk);

    if (chunk->out.is_full || n_bytes > chunk->n_bytes - chunk->n_used_bytes)
        return FALSE;
    memcpy(chunk->records + chunk->n_used_bytes, chunk->out.bytes, n_bytes);
    chunk->n_used_bytes += n_bytes;
    chunk->checksum = rs_checksum(chunk->checksum, chunk->out.bytes, n_bytes);
    atomic_store_explicit(&chunk->head->committed,
                          (guint64)chunk->checksum << 32 | chunk->n_used_bytes,
                          memory_order_release);
    buffer_reset(&chunk->out);
    return TRUE;
}

RsHistoryBuffer *rs_history_chunk_body(RsHistoryChunk *chunk)
{
    buffer_reset(&chunk->body);
    return &chunk->body;
}

void rs_history_chunk_end(RsHistoryChunk *chunk, guint8 tag)
{
    gsize n_bytes = (gsize)(chunk->body.at - chunk->body.bytes);

    put_tag(&chunk->out, tag);
    rs_history_put(&chunk->out, n_bytes);
    rs_history_put_bytes(&chunk->out, chunk->body.bytes, n_bytes);
    chunk->out.is_full |= chunk->body.is_full;
}

/* --- numbers --- */

guint32 rs_history_chunk_thread(RsHistoryChunk *chunk, pid_t process_id, pid_t thread_id,
                                const char *name)
{
    guint64 key = (guint64)(guint32)process_id << 32 | (guint32)thread_id;
    guint32 number = rs_id_map_find(chunk->threads, key, 0);
    RsHistoryThread state = {0};
    RsHistoryBuffer *body;

    if (name)
        g_strlcpy(state.name, name, sizeof state.name);
    if (number != RS_ID_NONE) {
        RsHistoryThread *known = &g_array_index(chunk->thread_states, RsHistoryThread, number);

        if (!name || g_str_equal(known->name, state.name))
            return number;
        g_strlcpy(known->name, state.name, sizeof known->name); /* and told again, as the same */
    } else {
        number = chunk->thread_states->len;
        rs_id_map_add(chunk->threads, key, 0, number);
        g_array_append_val(chunk->thread_states, state);
    }
    body = rs_history_chunk_body(chunk);
    rs_history_put(body, number);
    rs_history_put(body, (guint32)process_id);
    rs_history_put(body, (guint32)thread_id);
    rs_history_put_text(body, *state.name ? state.name : NULL);
    rs_history_chunk_end(chunk, RS_HISTORY_THREAD);
    return number;
}

guint32 rs_history_chunk_lock(RsHistoryChunk *chunk, pid_t process_id, guint64 address,
                              const char *place)
{
    guint32 number = rs_id_map_find(chunk->locks, address, (guint32)process_id);
    RsHistoryBuffer *body;

    if (number != RS_ID_NONE)
        return number;
    number = rs_id_map_n(chunk->locks);
    rs_id_map_add(chunk->locks, address, (guint32)process_id, number);
    body = rs_history_chunk_body(chunk);
    rs_history_put(body, (guint32)process_id);
    rs_history_put(body, address);
    rs_history_put_text(body, place);
    rs_history_chunk_end(chunk, RS_HISTORY_LOCK);
    return number;
}

static void need_module(RsHistoryChunk *chunk, RsModules *modules, guint32 id)
{
    const RsModule *module;
    const guint64 none = 0;
    RsHistoryBuffer *body;

    if (rs_id_map_find(chunk->modules, id, 0) != RS_ID_NONE)
        return;
    module = rs_modules_by_id(modules, id);
    rs_id_map_add(chunk->modules, id, 0, rs_id_map_n(chunk->modules));
    g_array_append_val(chunk->last_addresses, none);
    body = rs_history_chunk_body(chunk);
    rs_history_put(body, rs_module_kind(module));
    rs_history_put(body, (guint64)(rs_module_n_bytes(module) + 1));
    rs_history_put_text(body, rs_module_path(module));
    rs_history_put_text(body, rs_module_build_id(module));
    rs_history_chunk_end(chunk, RS_HISTORY_MODULE);
}

static guint32 put_frame(RsHistoryChunk *chunk, const RsRawFrame *frame)
{
    guint32 number = rs_id_map_find(chunk->frames, frame->address, frame->module), module;
    guint64 *last_address;

    if (number != RS_ID_NONE) {
        rs_history_put(&chunk->body, (guint64)number + 1);
        return number;
    }
    number = rs_id_map_n(chunk->frames);
    rs_id_map_add(chunk->frames, frame->address, frame->module, number);
    module = rs_id_map_find(chunk->modules, frame->module, 0);
    last_address = &g_array_index(chunk->last_addresses, guint64, module);
    rs_history_put(&chunk->body, 0);
    rs_history_put(&chunk->body, module);
    rs_history_put_signed(&chunk->body, (gint64)(frame->address - *last_address));
    *last_address = frame->address;
    return number;
}

guint32 rs_history_chunk_stack(RsHistoryChunk *chunk, RsModules *modules, const RsRawFrame *frames,
                               guint n_frames)
{
    guint32 stack = 0;

    while (n_frames) { /* inwards, as far as it is known */
        const RsRawFrame *frame = &frames[n_frames - 1];
        guint32 number = rs_id_map_find(chunk->frames, frame->address, frame->module), inner;

        if (number == RS_ID_NONE)
            break;
        inner = rs_id_map_find(chunk->stacks, (guint64)stack << 32 | number, 0);
        if (inner == RS_ID_NONE)
            break;
        stack = inner;
        n_frames--;
    }
    if (!n_frames)
        return stack;
    for (guint i = 0; i < n_frames; i++)
        need_module(chunk, modules, frames[i].module);
    rs_history_put(rs_history_chunk_body(chunk), stack);
    while (n_frames && !chunk->body.is_full) {
        guint32 number = put_frame(chunk, &frames[--n_frames]);
        guint32 inner = rs_id_map_n(chunk->stacks) + 1;

        rs_id_map_add(chunk->stacks, (guint64)stack << 32 | number, 0, inner);
        stack = inner;
    }
    rs_history_chunk_end(chunk, RS_HISTORY_STACK);
    return stack;
}
