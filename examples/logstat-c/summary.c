/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the bytes of a log to its summary, by one thread or several. Nothing depends on the order
 * of the hits. */
#include "logstat.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static uint64_t add_capped(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static int64_t second_of_day(int64_t time_s)
{
    int64_t second = time_s % 86400;

    return second < 0 ? second + 86400 : second;
}

#ifdef REGRESS_REPEAT
/* The mistake: works the route out again for everyone who asks, although the hit has it. */
static bool asks_for_page(const Hit *hit)
{
    Buffer route = {0};

    route_normalise(&route, slice_of(&hit->target));
    bool is_page = route_is_page(slice_of(&route));
    free(route.at);
    return is_page;
}
#else
static bool asks_for_page(const Hit *hit)
{
    return route_is_page(slice_of(&hit->route));
}
#endif

static void add_traffic(Summary *summary, const Hit *hit)
{
    summary->n_sent = add_capped(summary->n_sent, hit->n_sent);
    summary->n_pages += asks_for_page(hit);
    if (hit->time_s < summary->first_s)
        summary->first_s = hit->time_s;
    if (hit->time_s > summary->last_s)
        summary->last_s = hit->time_s;
    summary->by_hour[second_of_day(hit->time_s) / 3600]++;
    summary->by_status[hit->status]++;
}

static void add_route(Summary *summary, const Hit *hit)
{
    Row *row = table_row(&summary->routes, slice_of(&hit->route));

    row->n_hits++;
    row->n_sent = add_capped(row->n_sent, hit->n_sent);
    row->n_errors += hit->status >= 500;
    row_push_took(row, hit->took_us);
}

static void add_client(Summary *summary, const Hit *hit)
{
    bool is_page = asks_for_page(hit);
    Row *row = table_row(&summary->clients, slice_of(&hit->client));

    row->n_hits++;
    row->n_pages += is_page;
    row->n_sent = add_capped(row->n_sent, hit->n_sent);
    row->half_hours |= UINT64_C(1) << (second_of_day(hit->time_s) / 1800);
}

static bool ends_word(uint8_t byte)
{
    return byte < 0x21 || byte > 0x7e || strchr("()[];,\"\\", byte) != NULL;
}

/* Products with their major version, systems, remarks: a word ends at its first full stop. */
static void add_agent(Summary *summary, const Hit *hit)
{
    const uint8_t *at = hit->agent.at, *end = at + hit->agent.n_bytes;

    while (at < end) {
        const uint8_t *start = at;

        while (at < end && !ends_word(*at) && *at != '.')
            at++;
        if (at > start)
            table_row(&summary->agents, (Slice){start, (size_t)(at - start)})->n_hits++;
        while (at < end && !ends_word(*at))
            at++;
        at++;
    }
}

static size_t host_start(Slice referrer)
{
    for (size_t i = 0; i + 3 <= referrer.n_bytes; i++)
        if (memcmp(referrer.at + i, "://", 3) == 0)
            return i + 3;
    return 0;
}

static void add_referrer(Summary *summary, const Hit *hit)
{
    Slice referrer = slice_of(&hit->referrer);
    Buffer *host = &summary->scratch;

    if (referrer.n_bytes == 0 || (referrer.n_bytes == 1 && referrer.at[0] == '-'))
        return;
    host->n_bytes = 0;
    for (size_t i = host_start(referrer); i < referrer.n_bytes; i++) {
        uint8_t byte = referrer.at[i];

        if (byte == '/' || byte == ':' || byte == '?' || byte == '#')
            break;
        if (byte >= 'A' && byte <= 'Z')
            byte |= 32;
        buffer_push(host, is_alnum(byte) || byte == '-' || byte == '.' || byte == '_' ? byte : '?');
    }
    if (host->n_bytes > 0)
        table_row(&summary->referrers, slice_of(host))->n_hits++;
}

static void add_parameters(Summary *summary, const Hit *hit)
{
    const uint8_t *at = hit->target.at, *end = at + hit->target.n_bytes;
    Buffer *name = &summary->scratch;

    while (at < end && *at != '?' && *at != '#')
        at++;
    if (at == end || *at == '#')
        return;
    while (at < end && *at != '#') {
        const uint8_t *start = ++at;

        while (at < end && *at != '=' && *at != '&' && *at != '#')
            at++;
        name->n_bytes = 0;
        route_decode(name, (Slice){start, (size_t)(at - start)});
        if (name->n_bytes > 0)
            table_row(&summary->parameters, slice_of(name))->n_hits++;
        while (at < end && *at != '&' && *at != '#')
            at++;
    }
}

static void (*const SECTIONS[])(Summary *, const Hit *) = {
    add_traffic, add_route, add_client, add_agent, add_referrer, add_parameters,
};

#ifdef REGRESS_CLONE
/* The mistake: a copy for each section, although all of them only read. */
static void share_out(Summary *summary, const Hit *hit)
{
    for (size_t i = 0; i < sizeof(SECTIONS) / sizeof(*SECTIONS); i++) {
        Hit copy;

        hit_copy(&copy, hit);
        SECTIONS[i](summary, &copy);
        hit_free(&copy);
    }
}
#else
static void share_out(Summary *summary, const Hit *hit)
{
    for (size_t i = 0; i < sizeof(SECTIONS) / sizeof(*SECTIONS); i++)
        SECTIONS[i](summary, hit);
}
#endif

static void add(Summary *summary, HitResult parsed, const Hit *hit)
{
    summary->n_lines++;
    summary->n_hits += parsed == HIT_OK;
    summary->n_empty += parsed == HIT_EMPTY;
    summary->n_too_long += parsed == HIT_TOO_LONG;
    summary->n_broken += parsed == HIT_BROKEN;
    if (parsed == HIT_OK)
        share_out(summary, hit);
}

typedef struct {
    Slice stretch;
    Summary *summary;
    pthread_mutex_t *lock; /* only for the mistake of REGRESS_LOCK */
    pthread_t thread;
    bool has_thread;
} Worker;

static void *count(void *data)
{
    Worker *worker = data;
    const uint8_t *at = worker->stretch.at, *end = at + worker->stretch.n_bytes;
    Hit hit = {0};

    while (at < end) {
        const uint8_t *newline = memchr(at, '\n', (size_t)(end - at));
        const uint8_t *line_end = newline != NULL ? newline : end;
        HitResult parsed = hit_parse(&hit, (Slice){at, (size_t)(line_end - at)});

        if (worker->lock != NULL)
            pthread_mutex_lock(worker->lock);
        add(worker->summary, parsed, &hit);
        if (worker->lock != NULL)
            pthread_mutex_unlock(worker->lock);
        at = newline != NULL ? newline + 1 : end;
#ifdef REGRESS_CAPACITY
        /* The mistake: a new record for each line, whose buffers grow again from nothing. */
        hit_free(&hit);
        hit = (Hit){0};
#endif
    }
    hit_free(&hit);
    return NULL;
}

static void join_tables(Table *sum, const Table *other)
{
    for (size_t i = 0; i < other->n_rows; i++) {
        const Row *from = &other->rows[i];
        Row *to = table_row(sum, from->key);

        to->n_hits += from->n_hits;
        to->n_pages += from->n_pages;
        to->n_errors += from->n_errors;
        to->n_sent = add_capped(to->n_sent, from->n_sent);
        to->half_hours |= from->half_hours;
        for (size_t k = 0; k < from->n_took; k++)
            row_push_took(to, from->took_us[k]);
    }
}

static void join(Summary *sum, const Summary *other)
{
    sum->n_lines += other->n_lines;
    sum->n_hits += other->n_hits;
    sum->n_empty += other->n_empty;
    sum->n_too_long += other->n_too_long;
    sum->n_broken += other->n_broken;
    sum->n_sent = add_capped(sum->n_sent, other->n_sent);
    sum->n_pages += other->n_pages;
    sum->first_s = other->first_s < sum->first_s ? other->first_s : sum->first_s;
    sum->last_s = other->last_s > sum->last_s ? other->last_s : sum->last_s;
    for (size_t i = 0; i < 24; i++)
        sum->by_hour[i] += other->by_hour[i];
    for (size_t i = 0; i < 600; i++)
        sum->by_status[i] += other->by_status[i];
    join_tables(&sum->routes, &other->routes);
    join_tables(&sum->clients, &other->clients);
    join_tables(&sum->agents, &other->agents);
    join_tables(&sum->referrers, &other->referrers);
    join_tables(&sum->parameters, &other->parameters);
}

/* Cuts off about one of n_left equal shares of rest, to the end of a line. */
static Slice cut_stretch(Slice *rest, size_t n_left)
{
    size_t about = rest->n_bytes / n_left;
    const uint8_t *newline = NULL;

    if (n_left > 1 && rest->n_bytes > 0)
        newline = memchr(rest->at + about, '\n', rest->n_bytes - about);
    Slice head = {rest->at, newline != NULL ? (size_t)(newline + 1 - rest->at) : rest->n_bytes};
    rest->at += head.n_bytes;
    rest->n_bytes -= head.n_bytes;
    return head;
}

/* A thread that cannot be had is done without: the caller does its share. */
static void run(Worker *workers, size_t n_workers)
{
    for (size_t i = 1; i < n_workers; i++)
        workers[i].has_thread = pthread_create(&workers[i].thread, NULL, count, &workers[i]) == 0;
    for (size_t i = 0; i < n_workers; i++)
        if (!workers[i].has_thread)
            count(&workers[i]);
    for (size_t i = 1; i < n_workers; i++)
        if (workers[i].has_thread)
            pthread_join(workers[i].thread, NULL);
}

Summary summarise(Slice log, size_t n_threads)
{
    Worker *workers = grow(NULL, n_threads, sizeof(Worker));
    Summary *parts = grow(NULL, n_threads, sizeof(Summary));
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    bool is_shared = false;

#ifdef REGRESS_LOCK
    /* The mistake: one summary for all workers, behind a lock that is taken for every line. */
    is_shared = true;
#endif
    for (size_t i = 0; i < n_threads; i++) {
        parts[i] = (Summary){.first_s = INT64_MAX, .last_s = INT64_MIN};
        workers[i] = (Worker){.stretch = cut_stretch(&log, n_threads - i),
                              .summary = is_shared ? &parts[0] : &parts[i],
                              .lock = is_shared ? &lock : NULL};
    }
    run(workers, n_threads);
    for (size_t i = 1; i < n_threads; i++) {
        join(&parts[0], &parts[i]);
        summary_free(&parts[i]);
    }
    Summary whole = parts[0];
    free(parts);
    free(workers);
    return whole;
}

void summary_free(Summary *summary)
{
    table_free(&summary->routes);
    table_free(&summary->clients);
    table_free(&summary->agents);
    table_free(&summary->referrers);
    table_free(&summary->parameters);
    free(summary->scratch.at);
}
