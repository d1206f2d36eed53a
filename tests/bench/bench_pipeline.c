/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the kernel's ring to interned stacks: samples for each second of CPU time that the sampler
 * thread takes, beside `perf record --call-graph dwarf` and `perf script` on the same workload at
 * the same rate and size of stack copies. Of perf only the second is counted, which reads its file
 * and unwinds. And what the sampler thread takes at the rate of continuous profiling. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture/capture.h"
#include "capture/launch.h"

#define STRV(...)     ((char *[]){__VA_ARGS__, NULL})
#define RATE_HZ       999
#define N_STACK_BYTES 16384
#define N_ROUNDS      3
#define N_UNITS       "700" /* of each of four threads: about a millisecond each */
#define CONTINUOUS_HZ 99
#define CONTINUOUS_S  10
#define NS_PER_S      1e9

typedef struct {
    double n_samples, n_frames, cpu_s, wall_s, complete_frac;
} Figures;

static char *workers; /* the workload */

static G_NORETURN void die(const char *what, const char *why)
{
    fprintf(stderr, "bench_pipeline: %s: %s\n", what, why);
    exit(EXIT_FAILURE);
}

static void pump(RsCapture *capture, Figures *figures)
{
    const RsRawFrame *frames;
    RsRingEntry entry;

    while (rs_capture_pop(capture, &entry)) {
        figures->n_samples++;
        figures->n_frames += rs_capture_frames(capture, &entry, &frames);
    }
}

/* seconds > 0: the program is stopped then; else it ends by itself. */
static Figures run_ours(double rate_hz, char **argv, double seconds)
{
    RsCaptureOptions options = {
        .choice = RS_SAMPLER_PERF,
        .sampler = {.sample_rate_hz = rate_hz, .n_stack_bytes = N_STACK_BYTES}};
    g_autoptr(GError) error = NULL;
    g_autoptr(RsCapture) capture = rs_capture_new(&options, &error);
    g_autoptr(RsHeld) held = capture ? rs_launch_hold(argv, environ, &error) : NULL;
    gint64 start_us = g_get_monotonic_time();
    RsDiagnostics diagnostics;
    Figures figures = {0};
    int status;

    if (!held || !rs_capture_attach(capture, rs_held_pid(held), TRUE, &error) ||
        !rs_held_release(held, &error))
        die("record", error->message);
    while (waitpid(rs_held_pid(held), &status, WNOHANG) == 0) {
        g_usleep(20000);
        pump(capture, &figures);
        if (seconds > 0 && (double)(g_get_monotonic_time() - start_us) > seconds * 1e6)
            kill(rs_held_pid(held), SIGKILL);
    }
    rs_capture_stop(capture);
    pump(capture, &figures);
    rs_diagnostics_init(&diagnostics);
    rs_capture_diagnose(capture, &diagnostics);
    figures.cpu_s = (double)diagnostics.sampler_cpu_ns / NS_PER_S;
    figures.wall_s = (double)(g_get_monotonic_time() - start_us) / 1e6;
    figures.complete_frac = rs_diagnostics_complete_frac(&diagnostics);
    if (diagnostics.n_lost_samples)
        printf("  (%" G_GINT64_FORMAT " samples lost)\n", diagnostics.n_lost_samples);
    rs_diagnostics_clear(&diagnostics);
    return figures;
}

/* Runs argv with its output in a pipe; its lines are counted: of samples, and of frames. Returns
 * its CPU time in seconds. */
static double run_counting(char **argv, Figures *figures)
{
    g_autofree char *line = NULL;
    size_t n_line_bytes = 0;
    struct rusage used;
    int out[2], status;
    gboolean in_sample = FALSE;
    pid_t pid;
    FILE *file;

    if (pipe(out) != 0 || (pid = fork()) < 0)
        die("perf", g_strerror(errno));
    if (pid == 0) {
        dup2(out[1], STDOUT_FILENO);
        close(out[0]);
        if (!freopen("/dev/null", "w", stderr))
            _exit(127);
        execvp(argv[0], argv);
        _exit(127);
    }
    close(out[1]);
    file = fdopen(out[0], "r");
    while (file && getline(&line, &n_line_bytes, file) > 0) {
        gboolean is_frame = (line[0] == ' ' || line[0] == '\t') && line[1];

        figures->n_samples += is_frame && !in_sample;
        figures->n_frames += is_frame;
        in_sample = is_frame;
    }
    if (file)
        fclose(file);
    if (wait4(pid, &status, 0, &used) != pid || status)
        return -1;
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static gboolean record_with_perf(const char *data)
{
    g_autofree char *rate = g_strdup_printf("%d", RATE_HZ);
    g_autofree char *graph = g_strdup_printf("dwarf,%d", N_STACK_BYTES);
    int status;

    return g_spawn_sync(NULL,
                        STRV("perf", "record", "-q", "-e", "cpu-clock", "-F", rate, "--call-graph",
                             graph, "-o", (char *)data, "--", workers, "4", N_UNITS),
                        NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL,
                        NULL, &status, NULL) &&
           status == 0;
}

static double per_s(const Figures *figures)
{
    return figures->n_samples / figures->cpu_s;
}

static void print_figures(const char *what, const Figures *figures)
{
    printf("  %-34s %6.0f samples, %5.1f frames each, %7.3f s CPU, %9.0f samples/s\n", what,
           figures->n_samples, figures->n_frames / figures->n_samples, figures->cpu_s,
           per_s(figures));
}

static void compare_with_perf(const Figures *ours, const char *data)
{
    /* the frames' addresses alone, and as people use it */
    char **commands[] = {
        STRV("perf", "script", "--no-inline", "-i", (char *)data, "-F", "ip"),
        STRV("perf", "script", "--no-inline", "-i", (char *)data, "-F", "comm,tid,time,ip,sym")};
    static const char *const names[] = {"perf script --no-inline, addresses",
                                        "perf script --no-inline, names"};

    for (guint i = 0; i < G_N_ELEMENTS(commands); i++) {
        Figures theirs = {0};

        theirs.cpu_s = run_counting(commands[i], &theirs);
        if (theirs.cpu_s <= 0 || theirs.n_samples <= 0) {
            printf("  %s cannot be run here\n", names[i]);
            continue;
        }
        print_figures(names[i], &theirs);
        printf("  %-34s %.1f times as many samples/s\n", "rustscope", per_s(ours) / per_s(&theirs));
    }
}

static void bench_throughput(const char *data)
{
    for (guint round = 0; round < N_ROUNDS; round++) {
        Figures ours = run_ours(RATE_HZ, STRV(workers, "4", N_UNITS), 0);

        print_figures("rustscope, the sampler thread", &ours);
        printf("  %-34s %.2f %% of stacks complete\n", "", 100 * ours.complete_frac);
        if (record_with_perf(data))
            compare_with_perf(&ours, data);
        else
            printf("  perf record cannot be run here\n");
    }
}

int main(void)
{
    RsSamplerOptions options = {.sample_rate_hz = RATE_HZ};
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *here = g_path_get_dirname(self);
    g_autofree char *folder = g_dir_make_tmp("pipeline-XXXXXX", NULL);
    g_autofree char *data = g_build_filename(folder, "perf.data", NULL);
    g_autofree char *why = NULL;
    Figures continuous;

    workers = g_build_filename(here, "..", "programs", "workers", NULL);
    if (!rs_sampler_perf.probe(&options, &why)) {
        printf("SKIP: %s\n", why);
        return EXIT_SUCCESS;
    }
    printf("four busy threads, stacks of about 30 frames, %d Hz, %d bytes of each stack\n", RATE_HZ,
           N_STACK_BYTES);
    bench_throughput(data);
    continuous = run_ours(CONTINUOUS_HZ, STRV(workers, "4", "0"), CONTINUOUS_S);
    printf("the same at %d Hz for %d s: %.0f samples, sampler thread %.3f %% of one CPU\n",
           CONTINUOUS_HZ, CONTINUOUS_S, continuous.n_samples,
           100 * continuous.cpu_s / continuous.wall_s);
    unlink(data);
    rmdir(folder);
    g_free(workers);
    return EXIT_SUCCESS;
}
