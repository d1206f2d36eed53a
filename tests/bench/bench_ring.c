/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ns for a push and a pop of the ring, beside a memcpy of an entry in and out in the same run; then
 * with a thread on each side, and what is lost at ten times the rate of continuous profiling. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "capture/ring.h"

#define N_ENTRIES      (1 << 22)
#define RING_BYTES     (2 * 1024 * 1024)
#define N_ROUNDS       7
#define TARGET_PAIR_NS 15.0
#define BUSY_RATE_HZ   (10 * 99 * 4) /* ten times 99 Hz on 4 threads */

static double now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static double pair_ns(RsRing *ring)
{
    RsRingEntry entry = {0};
    double start_ns = now_ns();

    for (guint i = 0; i < N_ENTRIES; i++) {
        entry.time_ns = i;
        rs_ring_push(ring, &entry);
        rs_ring_pop(ring, &entry);
    }
    return (now_ns() - start_ns) / N_ENTRIES;
}

static double memcpy_ns(char *memory)
{
    RsRingEntry entry = {0};
    double start_ns = now_ns();

    for (guint i = 0; i < N_ENTRIES; i++) {
        char *slot = memory + i % (RING_BYTES / sizeof entry) * sizeof entry;

        entry.time_ns = i;
        memcpy(slot, &entry, sizeof entry);
        __asm__ volatile("" ::: "memory");
        memcpy(&entry, slot, sizeof entry);
        __asm__ volatile("" ::: "memory");
    }
    return (now_ns() - start_ns) / N_ENTRIES;
}

typedef struct {
    RsRing *ring;
    guint64 n_entries;
    guint rate_hz; /* 0: as fast as it goes, waiting when the ring is full */
} Stream;

static void *produce(void *data)
{
    const Stream *stream = data;
    struct timespec gap = {.tv_nsec = stream->rate_hz ? 1000000000 / stream->rate_hz : 0};
    RsRingEntry entry = {0};

    for (guint64 i = 0; i < stream->n_entries;) {
        if (stream->rate_hz)
            nanosleep(&gap, NULL);
        if (rs_ring_push(stream->ring, &entry) || stream->rate_hz)
            i++;
    }
    return NULL;
}

static double contended_ns(RsRing *ring, guint64 n_entries, guint rate_hz)
{
    Stream stream = {ring, n_entries, rate_hz};
    guint64 n_out = 0, n_lost = rs_ring_n_dropped(ring);
    double start_ns = now_ns();
    RsRingEntry entry;
    pthread_t producer;

    if (pthread_create(&producer, NULL, produce, &stream) != 0)
        exit(3);
    while (n_out + (rate_hz ? rs_ring_n_dropped(ring) - n_lost : 0) < n_entries)
        n_out += rs_ring_pop(ring, &entry);
    pthread_join(producer, NULL);
    return (now_ns() - start_ns) / (double)n_entries;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

int main(void)
{
    g_autoptr(RsRing) ring = rs_ring_new(RING_BYTES, NULL);
    g_autofree char *memory = g_malloc0(RING_BYTES);
    double pairs[N_ROUNDS], copies[N_ROUNDS], contended[N_ROUNDS];
    guint64 n_lost;

    for (guint i = 0; i < N_ROUNDS; i++) {
        pairs[i] = pair_ns(ring);
        copies[i] = memcpy_ns(memory);
        contended[i] = contended_ns(ring, N_ENTRIES / 4, 0);
    }
    qsort(pairs, N_ROUNDS, sizeof *pairs, by_value);
    qsort(copies, N_ROUNDS, sizeof *copies, by_value);
    qsort(contended, N_ROUNDS, sizeof *contended, by_value);
    n_lost = rs_ring_n_dropped(ring);
    contended_ns(ring, 2000, BUSY_RATE_HZ);
    n_lost = rs_ring_n_dropped(ring) - n_lost;
    printf("%s  ring push+pop %.1f ns (target <= %.0f), memcpy of the same in and out %.1f ns\n",
           pairs[N_ROUNDS / 2] <= TARGET_PAIR_NS ? "ok    " : "MISSED", pairs[N_ROUNDS / 2],
           TARGET_PAIR_NS, copies[N_ROUNDS / 2]);
    printf("        with a thread on each side, as fast as it goes: %.1f ns an entry\n",
           contended[N_ROUNDS / 2]);
    printf("%s  %u entries a second, ten times the continuous rate: %" G_GUINT64_FORMAT
           " of 2000 lost (target 0)\n",
           n_lost ? "MISSED" : "ok    ", BUSY_RATE_HZ, n_lost);
    return pairs[N_ROUNDS / 2] > TARGET_PAIR_NS || n_lost;
}
