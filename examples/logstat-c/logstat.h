/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The types of logstat in C, and who offers what. The Rust program beside it says what the parts
 * are for; this one does the same job, to the byte, where there is no Rust.
 *
 *     cc -O2 -g -pthread [-DREGRESS_CLONE] -o logstat hit.c route.c table.c summary.c report.c \
 *         gen.c main.c
 *
 * A macro builds in one mistake. What it costs, approximately: CPU time against the plain build,
 * median ratio of 40 interleaved rounds, gcc 12 -O2, 10 MB, seed 1, one thread, on a virtual
 * machine with two cores that was busy with other work. Measure again where it matters.
 *
 *     REGRESS_CLONE     1.4  summary.c  a copy of the record for each section
 *     REGRESS_LIST      1.5  table.c    a hash table replaced by a list
 *     REGRESS_CAPACITY  1.2  summary.c  buffers made anew for each line instead of reused
 *     REGRESS_REPEAT    1.4  summary.c  a path normalised three times instead of once
 *     REGRESS_DECODE    1.1  route.c    bytes removed from the front of a buffer
 *     REGRESS_LOCK      -    summary.c  a lock per line. Nothing with one thread; wall time with
 *                                       --threads 2 came out between 1.1 (busy cores) and 1.75
 *                                       (less busy ones), so do not build on it
 */
#ifndef LOGSTAT_H
#define LOGSTAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define MAX_LINE_BYTES 8192

typedef struct {
    uint8_t *at;
    size_t n_bytes, n_room;
} Buffer;

typedef struct {
    const uint8_t *at;
    size_t n_bytes;
} Slice;

typedef struct {
    Buffer client, method, target, route, referrer, agent;
    int64_t time_s;
    uint64_t n_sent;
    uint32_t took_us;
    int status;
} Hit;

typedef enum { HIT_OK, HIT_EMPTY, HIT_TOO_LONG, HIT_BROKEN } HitResult;

/* One row serves all tables; each uses the fields it needs. */
typedef struct {
    Slice key;
    uint64_t hash, n_hits, n_pages, n_errors, n_sent, half_hours;
    uint32_t *took_us; /* one for each hit of a route */
    size_t n_took, n_took_room;
} Row;

typedef struct {
    Row *rows;
    size_t n_rows, n_rows_room;
    uint32_t *slots; /* open addressing; row index + 1, 0 for free */
    size_t n_slots;
} Table;

typedef struct {
    uint64_t n_lines, n_hits, n_empty, n_too_long, n_broken;
    uint64_t n_sent, n_pages, by_hour[24], by_status[600];
    int64_t first_s, last_s;
    Table routes, clients, agents, referrers, parameters;
    Buffer scratch;
} Summary;

/* table.c: memory and rows. A failed allocation ends the program. */
void *grow(void *old, size_t n_items, size_t item_bytes);
void buffer_push(Buffer *buffer, uint8_t byte);
void buffer_set(Buffer *buffer, const uint8_t *from, size_t n_bytes);
Row *table_row(Table *table, Slice key);
void row_push_took(Row *row, uint32_t took_us);
void table_free(Table *table);
int slice_compare(Slice a, Slice b);

/* hit.c: a line taken apart. */
HitResult hit_parse(Hit *hit, Slice line);
void hit_copy(Hit *copy, const Hit *hit);
void hit_free(Hit *hit);

/* route.c: paths and queries. */
void route_normalise(Buffer *route, Slice target);
void route_decode(Buffer *out, Slice raw);
bool route_is_page(Slice route);

/* summary.c: from a log to its numbers. */
Summary summarise(Slice log, size_t n_threads);
void summary_free(Summary *summary);

/* report.c: the numbers in print. */
void report_json(FILE *out, const Summary *summary, size_t n_top);
void report_text(FILE *out, const Summary *summary, size_t n_top);

/* gen.c: a log out of a seed. */
void write_log(FILE *out, uint64_t seed, uint64_t n_bytes);

static inline Slice slice_of(const Buffer *buffer)
{
    return (Slice){buffer->at, buffer->n_bytes};
}

static inline bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static inline bool is_alnum(uint8_t byte)
{
    return is_digit(byte) || ((byte | 32) >= 'a' && (byte | 32) <= 'z');
}

#endif
