/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A summary as text for people and as JSON. Keys come in printable ASCII without quotes and
 * backslashes, so JSON needs no escapes. */
#include "logstat.h"

#include <inttypes.h>
#include <stdlib.h>

static int compare_us(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

    return (left > right) - (left < right);
}

/* Most hits first; rows of equal weight by their key. */
static int compare_rows(const void *a, const void *b)
{
    const Row *left = *(const Row *const *)a, *right = *(const Row *const *)b;

    if (left->n_hits != right->n_hits)
        return left->n_hits < right->n_hits ? 1 : -1;
    return slice_compare(left->key, right->key);
}

static const Row **sorted_rows(const Table *table)
{
    const Row **rows = grow(NULL, table->n_rows + 1, sizeof(*rows));

    for (size_t i = 0; i < table->n_rows; i++)
        rows[i] = &table->rows[i];
    qsort(rows, table->n_rows, sizeof(*rows), compare_rows);
    return rows;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Nearest rank of sorted values. 0 for none. */
static uint32_t percentile(const uint32_t *sorted, size_t n, size_t pct)
{
    size_t rank = (n * pct + 99) / 100;

    return n == 0 ? 0 : sorted[rank > 0 ? rank - 1 : 0];
}

/* All values of n rows in order, as one allocation. */
static uint32_t *sorted_took(const Row *rows, size_t n_rows, size_t *n_took)
{
    *n_took = 0;
    for (size_t i = 0; i < n_rows; i++)
        *n_took += rows[i].n_took;
    uint32_t *all = grow(NULL, *n_took + 1, sizeof(*all));
    size_t at = 0;
    for (size_t i = 0; i < n_rows; i++)
        for (size_t k = 0; k < rows[i].n_took; k++)
            all[at++] = rows[i].took_us[k];
    qsort(all, *n_took, sizeof(*all), compare_us);
    return all;
}

static void put_percentiles(FILE *out, const Row *rows, size_t n_rows)
{
    size_t n;
    uint32_t *took_us = sorted_took(rows, n_rows, &n);

    fprintf(out,
            "\"p50\": %" PRIu32 ", \"p90\": %" PRIu32 ", \"p99\": %" PRIu32 ", \"max\": %" PRIu32,
            percentile(took_us, n, 50), percentile(took_us, n, 90), percentile(took_us, n, 99),
            percentile(took_us, n, 100));
    free(took_us);
}

static void put_routes(FILE *out, const Table *routes, size_t n_top)
{
    const Row **rows = sorted_rows(routes);

    fprintf(out, " \"n_routes\": %zu, \"routes\": [", routes->n_rows);
    for (size_t i = 0; i < least(n_top, routes->n_rows); i++) {
        fprintf(out,
                "%s\n  {\"route\": \"%.*s\", \"hits\": %" PRIu64 ", \"bytes\": %" PRIu64
                ", \"errors\": %" PRIu64 ", ",
                i > 0 ? "," : "", (int)rows[i]->key.n_bytes, (const char *)rows[i]->key.at,
                rows[i]->n_hits, rows[i]->n_sent, rows[i]->n_errors);
        put_percentiles(out, rows[i], 1);
        fputs("}", out);
    }
    fputs("],\n", out);
    free(rows);
}

static void put_clients(FILE *out, const Table *clients, size_t n_top)
{
    const Row **rows = sorted_rows(clients);
    int n_half_hours = 0;

    for (size_t i = 0; i < clients->n_rows; i++)
        n_half_hours += __builtin_popcountll(rows[i]->half_hours);
    fprintf(out, " \"n_clients\": %zu, \"n_half_hours\": %d, \"clients\": [", clients->n_rows,
            n_half_hours);
    for (size_t i = 0; i < least(n_top, clients->n_rows); i++)
        fprintf(out,
                "%s\n  {\"client\": \"%.*s\", \"hits\": %" PRIu64 ", \"pages\": %" PRIu64
                ", \"bytes\": %" PRIu64 ", \"half_hours\": %d}",
                i > 0 ? "," : "", (int)rows[i]->key.n_bytes, (const char *)rows[i]->key.at,
                rows[i]->n_hits, rows[i]->n_pages, rows[i]->n_sent,
                __builtin_popcountll(rows[i]->half_hours));
    fputs("],\n", out);
    free(rows);
}

static void put_counts(FILE *out, const char *name, const Table *table, size_t n_top)
{
    const Row **rows = sorted_rows(table);

    fprintf(out, " \"n_%s\": %zu, \"%s\": {", name, table->n_rows, name);
    for (size_t i = 0; i < least(n_top, table->n_rows); i++)
        fprintf(out, "%s\n  \"%.*s\": %" PRIu64, i > 0 ? "," : "", (int)rows[i]->key.n_bytes,
                (const char *)rows[i]->key.at, rows[i]->n_hits);
    fputs("}", out);
    free(rows);
}

void report_json(FILE *out, const Summary *summary, size_t n_top)
{
    const char *comma = "";

    fprintf(out,
            "{\n \"lines\": %" PRIu64 ", \"hits\": %" PRIu64 ", \"empty\": %" PRIu64
            ", \"too_long\": %" PRIu64 ", \"broken\": %" PRIu64 ",\n",
            summary->n_lines, summary->n_hits, summary->n_empty, summary->n_too_long,
            summary->n_broken);
    fprintf(out,
            " \"bytes\": %" PRIu64 ", \"pages\": %" PRIu64 ", \"first_s\": %" PRId64
            ", \"last_s\": %" PRId64 ",\n \"took_us\": {",
            summary->n_sent, summary->n_pages, summary->n_hits > 0 ? summary->first_s : 0,
            summary->n_hits > 0 ? summary->last_s : 0);
    put_percentiles(out, summary->routes.rows, summary->routes.n_rows);
    fputs("},\n \"hours\": [", out);
    for (size_t i = 0; i < 24; i++)
        fprintf(out, "%s%" PRIu64, i > 0 ? ", " : "", summary->by_hour[i]);
    fputs("],\n \"status\": {", out);
    for (size_t i = 0; i < 600; i++) {
        if (summary->by_status[i] == 0)
            continue;
        fprintf(out, "%s\"%zu\": %" PRIu64, comma, i, summary->by_status[i]);
        comma = ", ";
    }
    fputs("},\n", out);
    put_routes(out, &summary->routes, n_top);
    put_clients(out, &summary->clients, n_top);
    put_counts(out, "agent_words", &summary->agents, n_top);
    fputs(",\n", out);
    put_counts(out, "referrers", &summary->referrers, n_top);
    fputs(",\n", out);
    put_counts(out, "parameters", &summary->parameters, n_top);
    fputs("\n}\n", out);
}

static void put_text_counts(FILE *out, const char *title, const Table *table, size_t n_top)
{
    const Row **rows = sorted_rows(table);

    fprintf(out, "\n%9s  %s\n", "count", title);
    for (size_t i = 0; i < least(n_top, table->n_rows); i++)
        fprintf(out, "%9" PRIu64 "  %.*s\n", rows[i]->n_hits, (int)rows[i]->key.n_bytes,
                (const char *)rows[i]->key.at);
    free(rows);
}

static void put_text_routes(FILE *out, const Table *routes, size_t n_top)
{
    const Row **rows = sorted_rows(routes);

    fprintf(out, "\n%9s %9s %9s  route\n", "hits", "p50 us", "p99 us");
    for (size_t i = 0; i < least(n_top, routes->n_rows); i++) {
        size_t n;
        uint32_t *took_us = sorted_took(rows[i], 1, &n);

        fprintf(out, "%9zu %9" PRIu32 " %9" PRIu32 "  %.*s\n", n, percentile(took_us, n, 50),
                percentile(took_us, n, 99), (int)rows[i]->key.n_bytes,
                (const char *)rows[i]->key.at);
        free(took_us);
    }
    free(rows);
}

static void put_text_clients(FILE *out, const Table *clients, size_t n_top)
{
    const Row **rows = sorted_rows(clients);

    fprintf(out, "\n%9s %9s  client\n", "hits", "pages");
    for (size_t i = 0; i < least(n_top, clients->n_rows); i++)
        fprintf(out, "%9" PRIu64 " %9" PRIu64 "  %.*s\n", rows[i]->n_hits, rows[i]->n_pages,
                (int)rows[i]->key.n_bytes, (const char *)rows[i]->key.at);
    free(rows);
}

void report_text(FILE *out, const Summary *summary, size_t n_top)
{
    size_t n;
    uint32_t *took_us = sorted_took(summary->routes.rows, summary->routes.n_rows, &n);

    fprintf(out,
            "%" PRIu64 " hits in %" PRIu64 " lines (%" PRIu64 " empty, %" PRIu64
            " too long, %" PRIu64 " broken), %" PRIu64 " bytes sent\n",
            summary->n_hits, summary->n_lines, summary->n_empty, summary->n_too_long,
            summary->n_broken, summary->n_sent);
    fprintf(out,
            "p50 %" PRIu32 " us, p90 %" PRIu32 " us, p99 %" PRIu32 " us, %zu clients, %zu routes\n",
            percentile(took_us, n, 50), percentile(took_us, n, 90), percentile(took_us, n, 99),
            summary->clients.n_rows, summary->routes.n_rows);
    free(took_us);
    put_text_routes(out, &summary->routes, n_top);
    put_text_clients(out, &summary->clients, n_top);
    put_text_counts(out, "agent word", &summary->agents, n_top);
    put_text_counts(out, "referrer", &summary->referrers, n_top);
    put_text_counts(out, "parameter", &summary->parameters, n_top);
}
