/* SPDX-License-Identifier: GPL-3.0-or-later */
/* us of CPU time for a look at a process, beside what reads the same files as `cat` does: open,
 * read, close, and a count of the entries of /proc/PID/fd. On this process, with more and more
 * threads. */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "capture/process_series.h"

#define N_ROUNDS 9
#define N_LOOKS  200

static double now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void cat(const char *path)
{
    char bytes[4096];
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    while (fd >= 0 && read(fd, bytes, sizeof bytes) > 0)
        ;
    if (fd >= 0)
        close(fd);
}

static void list(const char *path, gboolean cat_status)
{
    DIR *directory = opendir(path);

    for (const struct dirent *entry; directory && (entry = readdir(directory));) {
        char status[320];

        if (!cat_status || entry->d_name[0] == '.')
            continue;
        g_snprintf(status, sizeof status, "%s/%s/status", path, entry->d_name);
        cat(status);
    }
    if (directory)
        closedir(directory);
}

static void look_like_cat(void)
{
    cat("/proc/self/stat");
    cat("/proc/self/statm");
    cat("/proc/self/io");
    list("/proc/self/fd", FALSE);
    list("/proc/self/task", TRUE);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void *sleep_on(void *data)
{
    for (;;)
        pause();
    return data;
}

static void compare(guint n_threads)
{
    g_autoptr(RsProcessSeries) series = rs_process_series_new(getpid(), NULL);
    double ours[N_ROUNDS], cats[N_ROUNDS];

    for (guint round = 0; round < N_ROUNDS; round++) {
        double start_us = now_us();

        for (guint i = 0; i < N_LOOKS; i++)
            rs_process_sample_free(rs_process_series_look(series));
        ours[round] = (now_us() - start_us) / N_LOOKS;
        start_us = now_us();
        for (guint i = 0; i < N_LOOKS; i++)
            look_like_cat();
        cats[round] = (now_us() - start_us) / N_LOOKS;
    }
    qsort(ours, N_ROUNDS, sizeof *ours, by_value);
    qsort(cats, N_ROUNDS, sizeof *cats, by_value);
    printf("%3u threads: %6.1f us a look, %6.1f us as cat would; at 10 looks a second %.3f %% of a "
           "CPU\n",
           n_threads, ours[N_ROUNDS / 2], cats[N_ROUNDS / 2], ours[N_ROUNDS / 2] * 10 / 1e4);
}

int main(void)
{
    static const guint counts[] = {1, 4, 16, 64, 256};
    guint n_threads = 1;

    for (guint i = 0; i < G_N_ELEMENTS(counts); i++) {
        for (pthread_t thread; n_threads < counts[i]; n_threads++) {
            if (pthread_create(&thread, NULL, sleep_on, NULL) != 0)
                return 3;
        }
        compare(n_threads);
    }
    return 0;
}
