/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Growing memory, and rows found by a key of bytes in the order in which they first came. */
#include "logstat.h"

#include <stdlib.h>
#include <string.h>

void *grow(void *old, size_t n_items, size_t item_bytes)
{
    void *new = n_items <= SIZE_MAX / item_bytes ? realloc(old, n_items * item_bytes) : NULL;

    if (new == NULL) {
        fputs("logstat: out of memory\n", stderr);
        exit(1);
    }
    return new;
}

void buffer_push(Buffer *buffer, uint8_t byte)
{
    if (buffer->n_bytes == buffer->n_room) {
        buffer->n_room = buffer->n_room == 0 ? 8 : buffer->n_room * 2;
        buffer->at = grow(buffer->at, buffer->n_room, 1);
    }
    buffer->at[buffer->n_bytes++] = byte;
}

void buffer_set(Buffer *buffer, const uint8_t *from, size_t n_bytes)
{
    if (n_bytes > buffer->n_room) {
        buffer->n_room = n_bytes;
        buffer->at = grow(buffer->at, buffer->n_room, 1);
    }
    if (n_bytes > 0)
        memcpy(buffer->at, from, n_bytes);
    buffer->n_bytes = n_bytes;
}

int slice_compare(Slice a, Slice b)
{
    size_t n_bytes = a.n_bytes < b.n_bytes ? a.n_bytes : b.n_bytes;
    int order = n_bytes > 0 ? memcmp(a.at, b.at, n_bytes) : 0;

    return order != 0 ? order : (a.n_bytes > b.n_bytes) - (a.n_bytes < b.n_bytes);
}

static bool is_same(Slice a, Slice b)
{
    return a.n_bytes == b.n_bytes && (a.n_bytes == 0 || memcmp(a.at, b.at, a.n_bytes) == 0);
}

static Row *append(Table *table, Slice key, uint64_t hash)
{
    uint8_t *copy = grow(NULL, key.n_bytes + 1, 1);

    if (key.n_bytes > 0)
        memcpy(copy, key.at, key.n_bytes);
    if (table->n_rows == table->n_rows_room) {
        table->n_rows_room = table->n_rows_room == 0 ? 16 : table->n_rows_room * 2;
        table->rows = grow(table->rows, table->n_rows_room, sizeof(Row));
    }
    table->rows[table->n_rows] = (Row){.key = {copy, key.n_bytes}, .hash = hash};
    return &table->rows[table->n_rows++];
}

#ifdef REGRESS_LIST
/* The mistake: "there are only a few keys", so look at them all. */
Row *table_row(Table *table, Slice key)
{
    for (size_t i = 0; i < table->n_rows; i++)
        if (is_same(table->rows[i].key, key))
            return &table->rows[i];
    return append(table, key, 0);
}
#else
/* FNV-1a, 64 bits. */
static uint64_t hash_of(Slice key)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < key.n_bytes; i++)
        hash = (hash ^ key.at[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static void rehash(Table *table)
{
    free(table->slots);
    table->n_slots = table->n_slots == 0 ? 64 : table->n_slots * 2;
    table->slots = grow(NULL, table->n_slots, sizeof(*table->slots));
    memset(table->slots, 0, table->n_slots * sizeof(*table->slots));
    for (size_t i = 0; i < table->n_rows; i++) {
        size_t slot = table->rows[i].hash & (table->n_slots - 1);

        while (table->slots[slot] != 0)
            slot = (slot + 1) & (table->n_slots - 1);
        table->slots[slot] = (uint32_t)i + 1;
    }
}

Row *table_row(Table *table, Slice key)
{
    uint64_t hash = hash_of(key);

    if (table->n_rows * 2 >= table->n_slots)
        rehash(table);
    size_t slot = hash & (table->n_slots - 1);
    while (table->slots[slot] != 0) {
        Row *row = &table->rows[table->slots[slot] - 1];

        if (row->hash == hash && is_same(row->key, key))
            return row;
        slot = (slot + 1) & (table->n_slots - 1);
    }
    table->slots[slot] = (uint32_t)table->n_rows + 1;
    return append(table, key, hash);
}
#endif

void row_push_took(Row *row, uint32_t took_us)
{
    if (row->n_took == row->n_took_room) {
        row->n_took_room = row->n_took_room == 0 ? 4 : row->n_took_room * 2;
        row->took_us = grow(row->took_us, row->n_took_room, sizeof(*row->took_us));
    }
    row->took_us[row->n_took++] = took_us;
}

void table_free(Table *table)
{
    for (size_t i = 0; i < table->n_rows; i++) {
        free((void *)table->rows[i].key.at);
        free(table->rows[i].took_us);
    }
    free(table->rows);
    free(table->slots);
}
