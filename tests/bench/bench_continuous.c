/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What continuous profiling costs: the CPU time that a program with four busy threads needs for
 * its work, sampled and not, in random pairs of windows; then the profiler's own threads, its
 * losses, and how long a session takes from SIGUSR1 to the complete file, with the real command.
 * usage: bench_continuous [PAIRS [STACK_BYTES]] */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "capture/capture.h"
#include "capture/recording.h"
#include "stats/paired.h"

#define N_PAIRS         600
#define RATE_HZ         99
#define BUFFER_BYTES    (8 << 20)
#define N_THREADS       4
#define PUMP_US         20000
#define WINDOW_US       160000
#define STEADY_S        30
#define SESSION_LIMIT_S 1.0

static guint n_stack_bytes; /* 0: the default */

static gint64 now_ns(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return now.tv_sec * G_GINT64_CONSTANT(1000000000) + now.tv_nsec;
}

static const char *workers_path(void)
{
    static char path[4096];
    const char *folder = g_path_get_dirname(g_file_read_link("/proc/self/exe", NULL));

    snprintf(path, sizeof path, "%s/../programs/workers", folder);
    return path;
}

static pid_t start(char **argv)
{
    pid_t pid = 0;
    g_autoptr(GError) error = NULL;

    if (!g_spawn_async(NULL, argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL,
                       NULL, &pid, &error))
        g_error("%s", error->message);
    return pid;
}

typedef struct {
    pid_t pid;
    clockid_t clock;              /* its CPU time */
    const volatile glong *counts; /* rounds of work of each thread, eight apart */
    const char *history_path;
    guint64 n_samples;
} Target;

static gint64 n_rounds(const Target *target)
{
    gint64 n = 0;

    for (guint i = 0; i < N_THREADS; i++)
        n += target->counts[i * 8];
    return n;
}

/* CPU time of a round of work, ns, over a window. */
static double window_ns(const Target *target, RsRecording *recording)
{
    gint64 cpu_ns = now_ns(target->clock), rounds = n_rounds(target);

    for (guint i = 0; i < WINDOW_US / PUMP_US; i++) {
        g_usleep(PUMP_US);
        if (recording)
            rs_recording_pump(recording);
    }
    cpu_ns = now_ns(target->clock) - cpu_ns;
    return (double)cpu_ns / (double)(n_rounds(target) - rounds);
}

/* The same while it is sampled into a history, as `record --continuous` does. */
static double sampled_window_ns(Target *target)
{
    RsCaptureOptions options = {
        .sampler = {.sample_rate_hz = RATE_HZ, .n_stack_bytes = n_stack_bytes}};
    gint64 start_ns = now_ns(CLOCK_MONOTONIC);
    g_autoptr(GError) error = NULL;
    g_autoptr(RsCapture) capture = rs_capture_new(&options, &error);
    g_autoptr(RsHistory) history = NULL;
    RsRecording *recording;
    double round_ns;

    if (capture)
        history = rs_history_create(target->history_path, BUFFER_BYTES, 3600, start_ns,
                                    now_ns(CLOCK_REALTIME), &error);
    if (!history || !rs_capture_attach(capture, target->pid, FALSE, &error))
        g_error("%s", error->message);
    recording = rs_recording_new(capture, history, start_ns);
    round_ns = window_ns(target, recording);
    target->n_samples += rs_recording_n_samples(recording);
    rs_recording_free(recording);
    return round_ns;
}

static const volatile glong *map_counts(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    gpointer mapped = mmap(NULL, N_THREADS * 64, PROT_READ, MAP_SHARED, fd, 0);

    close(fd);
    if (mapped == MAP_FAILED)
        g_error("%s: %s", path, g_strerror(errno));
    return mapped;
}

static void bench_target(guint n_pairs, const char *folder)
{
    g_autofree char *history_path = g_build_filename(folder, "pairs.buffer", NULL);
    g_autofree char *counts_path = g_build_filename(folder, "counts", NULL);
    char *argv[] = {(char *)workers_path(), (char *)"4", (char *)"0", counts_path, NULL};
    g_autofree double *ratios = g_new(double, n_pairs);
    double low, high, centre, coverage;
    Target target = {.pid = start(argv), .history_path = history_path};

    g_usleep(200000);
    target.counts = map_counts(counts_path);
    clock_getcpuclockid(target.pid, &target.clock);
    for (guint i = 0; i < n_pairs; i++) {
        gboolean sampled_first = g_random_boolean();
        double first_ns = sampled_first ? sampled_window_ns(&target) : window_ns(&target, NULL);
        double second_ns = sampled_first ? window_ns(&target, NULL) : sampled_window_ns(&target);

        ratios[i] = log(sampled_first ? first_ns / second_ns : second_ns / first_ns);
    }
    kill(target.pid, SIGKILL);
    waitpid(target.pid, NULL, 0);
    rs_hodges_lehmann(ratios, n_pairs, &centre, NULL);
    rs_median_interval(ratios, n_pairs, 0.90, &low, &high, &coverage, NULL);
    printf(
        "target, 4 busy threads, %d Hz: CPU time of its work %+.2f %%, 95 %% upper bound %+.2f %% "
        "(wanted < 1 %%); %u pairs of windows of %d ms, %" G_GUINT64_FORMAT " samples: %s\n",
        RATE_HZ, 100 * expm1(centre), 100 * expm1(high), n_pairs, WINDOW_US / 1000,
        target.n_samples, expm1(high) < 0.01 ? "met" : "NOT MET");
}

/* --- the real command --- */

/* CPU seconds of each thread of pid so far, by its name: the profiler's are two. */
static void thread_cpu_s(pid_t pid, double *sampler_s, double *analysis_s)
{
    g_autofree char *folder = g_strdup_printf("/proc/%d/task", pid);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *tid;

    *sampler_s = *analysis_s = 0;
    while (dir && (tid = g_dir_read_name(dir))) {
        g_autofree char *comm_path = g_build_filename(folder, tid, "comm", NULL);
        g_autofree char *path = g_build_filename(folder, tid, "schedstat", NULL);
        g_autofree char *comm = NULL, *text = NULL;

        if (!g_file_get_contents(comm_path, &comm, NULL, NULL) ||
            !g_file_get_contents(path, &text, NULL, NULL))
            continue;
        *(g_str_has_prefix(comm, "rs-sampler") ? sampler_s : analysis_s) +=
            g_ascii_strtod(text, NULL) / 1e9;
    }
}

static double wait_for_file_s(const char *path, gint64 since_ns)
{
    while (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        if (now_ns(CLOCK_MONOTONIC) - since_ns > G_GINT64_CONSTANT(60000000000))
            return NAN;
        g_usleep(1000);
    }
    return (double)(now_ns(CLOCK_MONOTONIC) - since_ns) / 1e9;
}

static void bench_profiler(const char *folder)
{
    char *workers[] = {(char *)workers_path(), (char *)"4", (char *)"0", NULL};
    pid_t target = start(workers), profiler;
    g_autofree char *pid_text = g_strdup_printf("%d", target);
    g_autofree char *rate = g_strdup_printf("%d", RATE_HZ);
    g_autofree char *output = g_build_filename(folder, "steady.json", NULL);
    g_autofree char *first = g_build_filename(folder, "steady-000001.json", NULL);
    g_autofree char *buffer = g_build_filename(folder, "steady.buffer", NULL);
    char *argv[] = {(char *)"rustscope",
                    (char *)"record",
                    (char *)"--pid",
                    pid_text,
                    (char *)"--continuous",
                    (char *)"--buffer-mb",
                    (char *)"8",
                    (char *)"--sample-rate",
                    rate,
                    (char *)"--output",
                    output,
                    (char *)"--buffer",
                    buffer,
                    (char *)"-q",
                    NULL};
    double sampler_s[2], analysis_s[2], session_s;
    gint64 from_ns;

    profiler = start(argv);
    g_usleep(2000000);
    thread_cpu_s(profiler, &sampler_s[0], &analysis_s[0]);
    from_ns = now_ns(CLOCK_MONOTONIC);
    g_usleep(STEADY_S * 1000000);
    thread_cpu_s(profiler, &sampler_s[1], &analysis_s[1]);
    from_ns = now_ns(CLOCK_MONOTONIC) - from_ns;
    printf("sampling thread %.2f %% CPU (wanted < 0.5 %%), analysis thread %.2f %% (wanted < 1 "
           "%%), over %d s\n",
           100 * (sampler_s[1] - sampler_s[0]) / ((double)from_ns / 1e9),
           100 * (analysis_s[1] - analysis_s[0]) / ((double)from_ns / 1e9), STEADY_S);
    from_ns = now_ns(CLOCK_MONOTONIC);
    kill(profiler, SIGUSR1);
    session_s = wait_for_file_s(first, from_ns);
    printf("SIGUSR1 to the complete session: %.3f s (wanted < %.0f s): %s\n", session_s,
           SESSION_LIMIT_S, session_s < SESSION_LIMIT_S ? "met" : "NOT MET");
    kill(profiler, SIGINT);
    waitpid(profiler, NULL, 0);
    kill(target, SIGKILL);
    waitpid(target, NULL, 0);
}

int main(int argc, char **argv)
{
    g_autofree char *folder = g_dir_make_tmp("bench-continuous-XXXXXX", NULL);
    g_autofree char *remove = g_strdup_printf("rm -rf '%s'", folder);

    n_stack_bytes = argc > 2 ? (guint)atoi(argv[2]) : 0;
    bench_profiler(folder);
    bench_target(argc > 1 ? (guint)atoi(argv[1]) : N_PAIRS, folder);
    return system(remove);
}
