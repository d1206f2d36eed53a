/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How compare and report grow with the session: time and memory for 200 benchmarks of 1,000 pairs
 * beside their limits, for wall and CPU alone, for every metric there is, and with the stacks that
 * a sampler saw in each trial; and against half as many benchmarks. The sessions are made up
 * (log-normal times, some benchmarks slower by known amounts) by a process that has left before
 * anything is measured: a child begins with the peak memory of its parent. Expects rustscope on
 * PATH. A line of a target starts with "ok" or "MISSED". Exit status 1 when one is missed, 2 when
 * the bench cannot run. */
#include "format/codec.h"
#include "model/session.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define N_BENCHMARKS 200
#define N_PAIRS      1000
#define N_STACKS     30   /* of a trial with samples ... */
#define N_KNOWN      5000 /* ... out of these */
#define STACK_DEPTH  25
#define N_ROUNDS     3 /* of each command; the fastest counts */
#define SEED         20260101
#define MAX_GROWTH   2.3 /* of CPU time, for twice the benchmarks: linear, and room for noise */

typedef struct {
    double wall_s, cpu_s, rss_mb;
} Cost;

typedef struct {
    Cost compare, report;
    double session_mb;
} Costs;

/* --- a made-up session --- */

static double gaussian(GRand *rand)
{
    double radius = sqrt(-2 * log(1 - g_rand_double(rand)));

    return radius * cos(2 * G_PI * g_rand_double(rand));
}

/* Stacks of some depth that share their outer frames. */
static RsProfile *make_up_profile(GRand *rand)
{
    RsProfile *profile = rs_profile_new();
    guint32 module = rs_profile_add_module(profile, RS_MODULE_FILE, "/srv/app", "00ff", 1 << 24);

    while (profile->stacks->len < N_KNOWN) {
        gint32 stack = RS_STACK_NONE;

        for (guint i = 0; i < STACK_DEPTH; i++) {
            guint64 address = 0x1000 * (i + 1) + (guint64)g_rand_int_range(rand, 0, 2 + (gint32)i);

            stack = rs_profile_add_stack(profile, stack,
                                         rs_profile_add_frame(profile, module, address));
        }
    }
    return profile;
}

static void add_samples(RsBenchmark *benchmark, guint trial, GRand *rand)
{
    RsTrialSample samples[N_STACKS];

    for (guint i = 0; i < N_STACKS; i++) {
        guint32 n = (guint32)g_rand_int_range(rand, 1, 20);

        samples[i] = (RsTrialSample){g_rand_int_range(rand, 0, N_KNOWN), n, n * 2004008};
    }
    rs_benchmark_set_samples(benchmark, trial, samples, N_STACKS);
}

static void add_trial(RsBenchmark *benchmark, RsArm arm, gint32 pair, double log_slowdown,
                      gboolean sampled, GRand *rand)
{
    guint trial = rs_benchmark_add_trial(benchmark, arm, pair, 20000000 * (2 * (gint64)pair + arm));
    double shift = arm == RS_ARM_CURRENT ? log_slowdown : 0;

    for (guint i = 0; i < benchmark->metrics->len; i++) {
        RsMetric *metric = g_ptr_array_index(benchmark->metrics, i);
        double value = 5e6 * exp(shift + 0.05 * gaussian(rand));

        rs_benchmark_set_value(benchmark, trial, metric, (RsValue){.count = (gint64)value});
    }
    if (sampled)
        add_samples(benchmark, trial, rand);
}

static RsBenchmark *make_up_benchmark(guint index, guint n_metrics, gboolean sampled, GRand *rand)
{
    static const double slowdowns[] = {0, 0, 0, 0, 0, 0, 0.03, 0.09, 0.15, 0.30};
    g_autofree char *name = g_strdup_printf("group%02u/benchmark%03u", index / 10, index);
    RsBenchmark *benchmark = rs_benchmark_new(name, RS_DESIGN_PAIRED);
    double log_slowdown = log1p(slowdowns[index % G_N_ELEMENTS(slowdowns)]);

    benchmark->stop_reason = RS_STOP_FIXED;
    for (guint i = 0; i < n_metrics; i++)
        rs_benchmark_add_metric(benchmark, rs_metric_rows[i].name, rs_metric_rows[i].unit,
                                rs_metric_rows[i].direction, RS_COUNT);
    for (gint32 pair = 0; pair < N_PAIRS; pair++) {
        RsArm first = g_rand_boolean(rand) ? RS_ARM_CURRENT : RS_ARM_BASELINE;

        add_trial(benchmark, first, pair, log_slowdown, sampled, rand);
        add_trial(benchmark, !first, pair, log_slowdown, sampled, rand);
    }
    return benchmark;
}

static int write_session(const char *path, guint n_benchmarks, guint n_metrics, gboolean sampled)
{
    g_autoptr(RsSession) session = rs_session_new();
    g_autoptr(GRand) rand = g_rand_new_with_seed(SEED);
    g_autoptr(GError) error = NULL;

    session->run_id = g_strdup("scale");
    session->complete = TRUE;
    session->gate = rs_gate_new();
    session->gate->n_family = 2 * n_benchmarks;
    session->profile = sampled ? make_up_profile(rand) : NULL;
    for (guint i = 0; i < n_benchmarks; i++)
        g_ptr_array_add(session->benchmarks, make_up_benchmark(i, n_metrics, sampled, rand));
    if (rs_session_write(session, path, &error))
        return 0;
    fprintf(stderr, "bench_scale: %s\n", error->message);
    return 2;
}

static gboolean make_up(const char *path, guint n_benchmarks, guint n_metrics, gboolean sampled)
{
    pid_t pid = fork();
    int status = -1;

    if (pid == 0)
        _exit(write_session(path, n_benchmarks, n_metrics, sampled));
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status == 0;
}

/* --- what a command costs --- */

static double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

/* FALSE: it ended with anything but 0 (passed) or 1 (gate failed). */
static gboolean run(char **argv, Cost *cost)
{
    posix_spawn_file_actions_t silent;
    struct rusage usage = {0};
    double start_s = now_s();
    int status = -1, code;
    pid_t pid;

    posix_spawn_file_actions_init(&silent);
    posix_spawn_file_actions_addopen(&silent, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&silent, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    code = posix_spawnp(&pid, argv[0], &silent, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&silent);
    while (code == 0 && wait4(pid, &status, 0, &usage) < 0 && errno == EINTR)
        ;
    if (code != 0 || !WIFEXITED(status) || WEXITSTATUS(status) > 1) {
        fprintf(stderr, "bench_scale: %s %s failed: %s\n", argv[0], argv[1],
                code ? g_strerror(code) : "see its exit status");
        return FALSE;
    }
    cost->wall_s = MIN(cost->wall_s, now_s() - start_s);
    cost->cpu_s = MIN(cost->cpu_s, seconds(usage.ru_utime) + seconds(usage.ru_stime));
    cost->rss_mb = MAX(cost->rss_mb, (double)usage.ru_maxrss * 1024 / 1e6);
    return TRUE;
}

static gboolean measure(const char *folder, guint n_benchmarks, guint n_metrics, gboolean sampled,
                        Costs *costs)
{
    g_autofree char *session = g_build_filename(folder, "run.json", NULL);
    g_autofree char *verdict = g_build_filename(folder, "verdict.json", NULL);
    g_autofree char *page = g_build_filename(folder, "report.html", NULL);
    char *compare[] = {(char *)"rustscope", (char *)"compare", session,
                       (char *)"-o",        verdict,           NULL};
    char *report[] = {(char *)"rustscope", (char *)"report", verdict, (char *)"--format",
                      (char *)"html",      (char *)"-o",     page,    NULL};
    gboolean ok = make_up(session, n_benchmarks, n_metrics, sampled);
    GStatBuf status;

    *costs = (Costs){{INFINITY, INFINITY, 0}, {INFINITY, INFINITY, 0}, 0};
    if (ok && g_stat(session, &status) == 0)
        costs->session_mb = (double)status.st_size / 1e6;
    for (guint i = 0; i < N_ROUNDS && ok; i++)
        ok = run(compare, &costs->compare) && run(report, &costs->report);
    g_unlink(session);
    g_unlink(verdict);
    g_unlink(page);
    return ok;
}

/* --- beside the limits --- */

static guint tell(const char *what, double value, double limit, const char *unit)
{
    gboolean ok = value < limit;

    printf("%s %s: %.2f %s (limit %g %s)\n", ok ? "ok" : "MISSED", what, value, unit, limit, unit);
    return !ok;
}

static guint tell_costs(const char *metrics, const Costs *costs, double limit_s, double limit_mb)
{
    g_autofree char *compare = g_strdup_printf("compare, %s", metrics);
    g_autofree char *report = g_strdup_printf("report --format html, %s", metrics);
    guint n_missed = 0;

    if (isfinite(limit_s)) {
        n_missed += tell(compare, costs->compare.wall_s, limit_s, "s");
        n_missed += tell(report, costs->report.wall_s, limit_s, "s");
        printf("   of CPU time: compare %.2f s, report %.2f s\n", costs->compare.cpu_s,
               costs->report.cpu_s);
    } else {
        printf("   %s: %.2f s; report: %.2f s; session: %.1f MB (no limit)\n", compare,
               costs->compare.wall_s, costs->report.wall_s, costs->session_mb);
    }
    n_missed += tell(compare, costs->compare.rss_mb, limit_mb, "MB");
    n_missed += tell(report, costs->report.rss_mb, limit_mb, "MB");
    return n_missed;
}

int main(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_dir_make_tmp("rustscope-scale-XXXXXX", &error);
    Costs half, two, all, sampled;
    guint n_missed = 0;
    gboolean ok;

    if (!folder) {
        fprintf(stderr, "bench_scale: %s\n", error->message);
        return 2;
    }
    printf("%d benchmarks of %d pairs; time: fastest of %d, memory: largest\n", N_BENCHMARKS,
           N_PAIRS, N_ROUNDS);
    fflush(stdout);
    ok = measure(folder, N_BENCHMARKS / 2, 2, FALSE, &half) &&
         measure(folder, N_BENCHMARKS, 2, FALSE, &two) &&
         measure(folder, N_BENCHMARKS, RS_N_METRICS, FALSE, &all) &&
         measure(folder, N_BENCHMARKS, 2, TRUE, &sampled);
    g_rmdir(folder);
    if (!ok)
        return 2;
    n_missed += tell_costs("wall and CPU", &two, 2, 200);
    n_missed += tell_costs("all metrics", &all, INFINITY, 600);
    n_missed += tell_costs("wall and CPU with samples", &sampled, INFINITY, 600);
    n_missed += tell("compare, twice the benchmarks", two.compare.cpu_s / half.compare.cpu_s,
                     MAX_GROWTH, "times the CPU time");
    n_missed += tell("report, twice the benchmarks", two.report.cpu_s / half.report.cpu_s,
                     MAX_GROWTH, "times the CPU time");
    return n_missed > 0;
}
