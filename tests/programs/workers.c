/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Threads that compute, each with a stack of about thirty frames: a fixed amount of work, so that
 * its CPU time can be compared. usage: workers THREADS UNITS (0: until killed); a unit is about a
 * millisecond. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define DEPTH    28
#define N_ROUNDS 250000

static long n_units;

static __attribute__((noinline)) unsigned long compute(unsigned long seed)
{
    for (int i = 0; i < N_ROUNDS; i++)
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
    unsigned long sum = (unsigned long)data;

    for (long i = 0; n_units == 0 || i < n_units; i++)
        sum += descend(DEPTH, sum);
    return (void *)sum;
}

int main(int argc, char **argv)
{
    int n_threads = argc > 1 ? atoi(argv[1]) : 4;
    pthread_t *threads = calloc((size_t)n_threads, sizeof *threads);

    n_units = argc > 2 ? atol(argv[2]) : 100;
    for (long i = 0; i < n_threads; i++)
        if (pthread_create(&threads[i], NULL, work, (void *)i) != 0)
            return 1;
    for (int i = 0; i < n_threads; i++)
        pthread_join(threads[i], NULL);
    free(threads);
    return 0;
}
