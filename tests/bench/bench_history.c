/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much of the past a history of a given size holds: hours of samples, written as fast as it
 * goes. Prints the least that was there at the end of any minute, what a sample and a node
 * of the stacks' tree take, and the time to write a sample beside a memcpy of as many bytes.
 *
 * The samples are made up, but as programs make them: stacks of 30 frames that share their outer
 * frames, some seen all the time and most of them seldom (Zipf), about 2,000 different ones a
 * minute at 99 Hz, a twentieth of them replaced by new ones each minute; call sites that occur in
 * many stacks, and innermost frames all over their functions; threads that move about; clocks that
 * jitter. Beside them a look at /proc, a note of diagnostics and two lock waits each second. */
#include <glib/gstdio.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "capture/history.h"

#define N_FRAMES       30
#define N_POOL         6000
#define N_SITES        3000
#define N_THREADS      8
#define N_MINUTES      240
#define TARGET_SAMPLE  8.0
#define TARGET_NODE    5.0
#define TARGET_MINUTES 60.0
#define NS_PER_S       G_GINT64_CONSTANT(1000000000)
#define START_NS       (1000 * NS_PER_S)

typedef struct {
    RsRawFrame frames[N_FRAMES];
    guint32 id; /* as a capture interns: never used for two stacks */
} Stack;

static GRand *dice;
static RsModules *modules;
static Stack pool[N_POOL];
static double rank_up_to[N_POOL]; /* cumulative: how often ranks below come */
static RsRawFrame sites[N_SITES];
static guint32 n_ids;

static double now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now); /* others may be using the machine */
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* Half of what is drawn is among the first few. */
static guint draw_small(guint n)
{
    double u = g_rand_double(dice);

    return (guint)(n * u * u * u);
}

static guint draw_rank(void)
{
    double u = g_rand_double(dice) * rank_up_to[N_POOL - 1];
    guint low = 0, high = N_POOL - 1;

    while (low < high) {
        guint middle = (low + high) / 2;

        if (rank_up_to[middle] < u)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void make_sites(void)
{
    RsMapping program = {.start = 0x400000, .end = 0x800000, .path = "/proc/self/exe"};
    guint32 ids[] = {rs_module_id(rs_modules_get(modules, 0, &program)),
                     rs_module_id(rs_modules_kernel(modules)),
                     rs_module_id(rs_modules_vdso(modules)),
                     rs_module_id(rs_modules_unknown(modules))};

    for (guint i = 0; i < N_SITES; i++)
        sites[i] = (RsRawFrame){.module = ids[i % 20 ? 0 : i / 20 % 4],
                                .address = 0x1000 + g_rand_int(dice) % (4 << 20)};
}

/* Goes as another one does for a while, then its own way; where it stands in its innermost function
 * is anywhere. */
static void make_stack(Stack *stack, guint n_others)
{
    guint n_shared = n_others ? 8 + g_rand_int(dice) % (N_FRAMES - 9) : 0;
    guint other = n_others ? draw_small(n_others) : 0;

    for (guint i = 0; i < N_FRAMES; i++) {
        guint depth = N_FRAMES - 1 - i;

        stack->frames[depth] =
            i < n_shared ? pool[other].frames[depth] : sites[draw_small(N_SITES)];
    }
    stack->frames[0].address += g_rand_int(dice) % 512;
    stack->id = n_ids++;
}

static void make_pool(double exponent)
{
    n_ids = 0;
    for (guint i = 0; i < N_POOL; i++) {
        rank_up_to[i] = (i ? rank_up_to[i - 1] : 0) + pow(i + 1.0, -exponent);
        make_stack(&pool[i], i);
    }
}

static guint count_different(const guint32 *ids, guint n)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);

    for (guint i = 0; i < n; i++)
        g_hash_table_add(seen, GUINT_TO_POINTER(ids[i]));
    return g_hash_table_size(seen);
}

static void write_second(RsHistory *history, gint64 at_ns)
{
    static gint64 n_switches, n_read_bytes;
    RsProcessSample look = {.at_ns = at_ns,
                            .process_id = 4711,
                            .cpu_pct = 100 * g_rand_double(dice),
                            .rss_bytes = (gint64)(60000 + g_rand_int(dice) % 500) * 4096,
                            .n_threads = N_THREADS,
                            .n_open_fds = 30 + (gint64)(g_rand_int(dice) % 5),
                            .n_syscalls = -1,
                            .n_voluntary_switches = n_switches,
                            .n_involuntary_switches = n_switches / 8,
                            .read_bytes = n_read_bytes,
                            .written_bytes = n_read_bytes / 3};
    RsDiagnostics diagnostics;

    n_switches += g_rand_int(dice) % 1000;
    n_read_bytes += g_rand_int(dice) % 100000;
    rs_history_process_sample(history, &look);
    for (guint i = 0; i < 2; i++) {
        RsWait wait = {.process_id = 4711,
                       .thread_id = 4711,
                       .address = 0x7f0000001000 + g_rand_int(dice) % 16 * 64,
                       .place = "heap",
                       .has_begun = g_rand_int(dice) % 2,
                       .wait_ns = 10000000 + g_rand_int(dice) % 1000000,
                       .frames = pool[draw_rank()].frames,
                       .n_frames = N_FRAMES};

        rs_history_wait(history, modules, at_ns, &wait);
    }
    rs_diagnostics_init(&diagnostics);
    rs_history_diagnostics(history, &diagnostics);
}

typedef struct {
    guint n_megabytes, rate_hz, n_busy;
    guint n_new_pct; /* stacks of the pool that are replaced each minute */
    gboolean is_target;
} Case;

typedef struct {
    double write_ns;   /* in all */
    guint n_different; /* stacks in the last minute */
} Run;

/* One minute: the samples first, then they are written, a second's worth at a time. */
static void write_minute(RsHistory *history, guint minute, const Case *given, Run *run)
{
    static guint32 ids[60 * 99 * 16];
    static RsRingEntry entries[99 * 16];
    static const Stack *stacks[99 * 16];
    guint rate_hz = given->rate_hz, n_busy = given->n_busy;
    guint n = 0, per_second = rate_hz * n_busy;

    for (guint i = 0; i < N_POOL * given->n_new_pct / 100; i++) /* seldom and frequent ones alike */
        make_stack(&pool[given->n_new_pct == 100 ? i : g_rand_int(dice) % N_POOL],
                   given->n_new_pct == 100 ? i : N_POOL);
    for (guint second = 0; second < 60; second++) {
        gint64 at_ns = START_NS + (gint64)(minute * 60 + second) * NS_PER_S;
        double before_ns;

        for (guint i = 0; i < per_second; i++) {
            gint64 tick_ns = NS_PER_S / rate_hz;

            stacks[i] = &pool[draw_rank()];
            ids[n++] = stacks[i]->id;
            entries[i] = (RsRingEntry){
                .time_ns = at_ns + i / n_busy * tick_ns + i % n_busy * (tick_ns / n_busy) +
                           g_rand_int(dice) % 60000,
                .stack_id = stacks[i]->id,
                .thread_id =
                    4711 + (i + (g_rand_int(dice) % 10 ? 0 : g_rand_int(dice))) % N_THREADS,
                .process_id = 4711,
                .weight_ns = (guint64)tick_ns};
        }
        before_ns = now_ns();
        for (guint i = 0; i < per_second; i++)
            rs_history_sample(history, modules, &entries[i], 1, stacks[i]->frames, N_FRAMES,
                              "worker");
        run->write_ns += now_ns() - before_ns;
        write_second(history, at_ns + NS_PER_S - 1);
    }
    run->n_different = count_different(ids, n);
}

/* ns to copy blocks of that many bytes into a memory of that size, one after the other. */
static double copy_ns(gsize n_bytes, gsize n_block_bytes)
{
    g_autofree char *memory = g_malloc0(n_bytes);
    char block[64] = {0};
    gsize at = 0;
    double before_ns = now_ns();

    for (guint i = 0; i < 4000000; i++) {
        __asm__ volatile("" : : "r"(block) : "memory");
        memcpy(memory + at, block, MIN(n_block_bytes, sizeof block));
        at = at + 2 * sizeof block < n_bytes ? at + n_block_bytes : 0;
    }
    return (now_ns() - before_ns) / 4000000;
}

static gboolean bench(const char *folder, const Case *given)
{
    guint n_megabytes = given->n_megabytes;
    gboolean is_target = given->is_target;
    g_autofree char *path = g_build_filename(folder, "history", NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(RsProfile) profile = NULL;
    RsHistory *history = rs_history_create(path, (gsize)n_megabytes << 20, 0, START_NS, 0, &error);
    double minutes = N_MINUTES, sample_bytes, node_bytes, write_ns, read_ms;
    RsHistoryCounts counts;
    Run run = {0};
    gboolean is_good;

    if (!history) {
        fprintf(stderr, "%s\n", error->message);
        exit(3);
    }
    g_rand_set_seed(dice, 7);
    make_pool(0.75);
    for (guint i = 0; i < N_MINUTES; i++) {
        write_minute(history, i, given, &run);
        if (rs_history_retained_ns(history) < i * 60 * NS_PER_S) /* the oldest are overwritten */
            minutes = MIN(minutes, (double)rs_history_retained_ns(history) / NS_PER_S / 60);
    }
    rs_history_counts(history, &counts);
    sample_bytes = (double)counts.n_sample_bytes / (double)counts.n_samples;
    node_bytes = (double)counts.n_told_bytes / (double)counts.n_stacks;
    write_ns = run.write_ns / (double)counts.n_samples;
    read_ms = now_ns();
    profile = rs_history_profile(history, 0);
    read_ms = (now_ns() - read_ms) / 1e6;
    is_good = (!is_target || minutes >= TARGET_MINUTES) && sample_bytes <= TARGET_SAMPLE &&
              node_bytes <= TARGET_NODE;
    printf("%s  %u MB, %u Hz x %u busy, %u %% new a minute: %5.1f min%s, %.2f bytes a sample, %.2f "
           "a node, %.1f of all\n",
           is_good ? "ok    " : "MISSED", n_megabytes, given->rate_hz, given->n_busy,
           given->n_new_pct, minutes, is_target ? " (target >= 60)" : "", sample_bytes, node_bytes,
           (double)(counts.n_sample_bytes + counts.n_told_bytes + counts.n_other_bytes) /
               (double)counts.n_samples);
    printf("        %u different stacks a minute; %.0f ns to write a sample, %.1f ns to memcpy its "
           "bytes; %u samples read in %.0f ms\n",
           run.n_different, write_ns,
           copy_ns((gsize)n_megabytes << 20, (gsize)lround(sample_bytes)), profile->samples->len,
           read_ms);
    rs_history_free(history);
    g_unlink(path);
    return is_good;
}

static const Case cases[] = {
    {2, 99, 1, 5, FALSE},   {2, 19, 4, 5, FALSE},   {2, 99, 4, 5, FALSE},
    {8, 99, 1, 5, TRUE},    {8, 19, 4, 5, TRUE},    {8, 99, 4, 5, FALSE},
    {8, 99, 1, 100, FALSE}, {8, 19, 4, 100, FALSE}, /* the worst: no stack lives for two minutes */
};

int main(void)
{
    g_autofree char *folder = g_dir_make_tmp("history.XXXXXX", NULL);
    gboolean is_good = TRUE;

    dice = g_rand_new_with_seed(7);
    modules = rs_modules_new();
    make_sites();
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
        is_good &= bench(folder, &cases[i]);
    g_rmdir(folder);
    rs_modules_free(modules);
    g_rand_free(dice);
    return !is_good;
}
