/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Threads that compute, each with a stack of about thirty frames: a fixed amount of work, so that
 * its CPU time can be compared. usage: workers THREADS UNITS [FILE]; UNITS 0: until killed. A unit
 * is ten rounds of some 40 us; each thread counts its rounds in FILE, 64 bytes apart. */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define DEPTH    28
#define N_STEPS  25000
#define N_ROUNDS 10 /* of a unit */

static long n_units;
static volatile long *counts; /* of rounds, eight apart; NULL */

static __attribute__((noinline)) unsigned long compute(unsigned long seed)
{
    for (int i = 0; i < N_STEPS; i++)
        seed = seed * 6364136223846793005UL + 1442695040888963407UL;
    return seed;
}

static __attribute__((noinline)) unsigned long descend(int depth, unsigned long seed)
{
    unsigned long below = depth ? descend(depth - 1, seed + 1) : compute(seed);

    return below ^ seed;
}

static void *work(void *data)
{
    unsigned long number = (unsigned long)data, sum = number;

    for (long i = 0; n_units == 0 || i < n_units * N_ROUNDS; i++) {
        sum += descend(DEPTH, sum);
        if (counts)
            counts[number * 8]++;
    }
    return (void *)sum;
}

static volatile long *map_counts(const char *path, size_t n_bytes)
{
    int fd = open(path, O_RDWR | O_CREAT, 0600);
    void *mapped = MAP_FAILED;

    if (fd >= 0 && ftruncate(fd, (off_t)n_bytes) == 0)
        mapped = mmap(NULL, n_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (mapped == MAP_FAILED) {
        perror(path);
        exit(1);
    }
    return mapped;
}

int main(int argc, char **argv)
{
    int n_threads = argc > 1 ? atoi(argv[1]) : 4;
    pthread_t *threads = calloc((size_t)n_threads, sizeof *threads);

    n_units = argc > 2 ? atol(argv[2]) : 100;
    if (argc > 3)
        counts = map_counts(argv[3], (size_t)n_threads * 64);
    for (long i = 0; i < n_threads; i++)
        if (pthread_create(&threads[i], NULL, work, (void *)i) != 0)
            return 1;
    for (int i = 0; i < n_threads; i++)
        pthread_join(threads[i], NULL);
    free(threads);
    return 0;
}
