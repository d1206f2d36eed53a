/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Samples by the kernel's perf events: which of them count and what they weigh, and when to fetch
 * them.
 *
 * Records of lives and mappings wake at once, so that files are pinned while the process is there;
 * when they come in storms, from look to look more of them are let pile up. Samples wake when a
 * quarter of the ring is full, and are fetched every 100 ms anyway; sooner while a program starts,
 * or while their stacks need the live process. */
#include "capture/sampler.h"

#include <errno.h>
#include <poll.h>

#include "base/clock.h"
#include "capture/perf/follow.h"

#define WAIT_MS         100
#define HASTY_WAIT_MS   10
#define STARTUP_WAIT_MS 5
#define STORM_MIN_MS    1
#define STORM_MAX_MS    8
#define CPUS_EVERY_US   (1000 * 1000)
#define CHECK_EVERY_US  (100 * 1000)
#define TOTALS_EVERY_US (10 * 1000)
#define PHASE_EVERY_US  (2 * 1000)
#define NS_PER_MS       G_GINT64_CONSTANT(1000000)

/* --- samples --- */

/* A root's events on a CPU that others have seen all of: they are closed. */
static void close_redundant(RsPerfSampler *sampler, const RsPerfSource *source)
{
    guint root = source->root, cpu = source->cpu;

    rs_perf_sources_close(sampler->sources, root, cpu);
    rs_perf_family_root_closed(sampler->family, cpu, root);
}

static gboolean counts(const RsPerfProcess *process, const RsPerfSource *source, gint64 time_ns)
{
    gboolean in_startup = time_ns <= process->startup_until_ns;

    return !process->is_held && in_startup == (source->role == RS_PERF_STARTUP);
}

static void apply_sample(RsPerfSampler *sampler, const RsPerfRecord *record)
{
    const RsPerfSource *source = rs_perf_sources_find(sampler->sources, record->event_id);
    const RsPerfProcess *process;
    double weight = (double)record->sample.period;
    RsRawSample sample = {
        .time_ns = record->time_ns,
        .process_id = record->pid,
        .thread_id = record->tid,
        .has_registers = record->sample.has_registers,
        .kernel_address = record->sample.in_kernel ? record->sample.address : 0,
        .registers = record->sample.registers,
        .stack = record->sample.stack,
    };

    /* ids of a thread that has all but ended are 0 or -1 */
    if (!source || record->pid <= 0 || record->tid <= 0 || record->pid == sampler->ignored_pid)
        return;
    process = rs_perf_family_find(sampler->family, record->pid);
    if (!process)
        process = rs_perf_follow_adopt(sampler, record->pid, record->tid);
    if (process && !counts(process, source, record->time_ns))
        return;
    if (rs_perf_sources_n_roots(sampler->sources) > 1 &&
        !rs_perf_family_may_count(sampler->family, record->tid, source->cpu, source->root)) {
        close_redundant(sampler, source);
        return;
    }
    if (sampler->phases && source->role == RS_PERF_BASE) {
        if (!rs_perf_phases_keep(sampler->phases, record->tid, source->cpu, record->sample.period))
            return;
        weight = RS_NS_PER_S / sampler->setup.rate_hz;
    }
    if (!sampler->setup.event->is_clock)
        weight *= sampler->ns_per_event;
    sample.weight_ns = weight < (double)G_MAXINT64 ? (gint64)weight : G_MAXINT64;
    sample.stack.live_pid = process ? record->pid : 0;
    sampler->counts.n_samples++;
    sampler->sink.sample(sampler->sink.data, &sample);
}

static void apply(gpointer data, const RsPerfRecord *record, gboolean of_samples)
{
    RsPerfSampler *sampler = data;

    switch (record->kind) {
    case RS_PERF_SAMPLE:
        apply_sample(sampler, record);
        break;
    case RS_PERF_MAP:
        if (record->pid > 0)
            rs_spaces_map(sampler->sink.spaces, record->pid, &record->map);
        break;
    case RS_PERF_EXEC:
    case RS_PERF_NAME:
    case RS_PERF_FORK:
    case RS_PERF_EXIT:
        if (sampler->phases && record->kind != RS_PERF_NAME)
            rs_perf_phases_forget(sampler->phases, record->tid);
        rs_perf_follow(sampler, record);
        break;
    case RS_PERF_LOST:
    case RS_PERF_LOST_SAMPLES:
        if (of_samples)
            sampler->counts.n_lost += (gint64)record->n_lost;
        else
            sampler->has_lost_records = TRUE;
        break;
    case RS_PERF_THROTTLE:
        sampler->counts.n_throttled++;
        break;
    case RS_PERF_OTHER:
        break;
    }
}

/* --- housekeeping --- */

static gboolean is_due(gint64 *last_us, gint64 every_us)
{
    gint64 now_us = g_get_monotonic_time();

    if (*last_us && now_us - *last_us < every_us)
        return FALSE;
    *last_us = now_us;
    return TRUE;
}

/* When the first of the processes that are starting has done so; 0: none is. */
static gint64 startup_end_ns(RsPerfSampler *sampler)
{
    g_autoptr(GPtrArray) all = NULL;
    gint64 first_ns = 0;

    if (sampler->setup.startup_rate_hz <= 0)
        return 0;
    all = rs_perf_family_all(sampler->family);
    for (guint i = 0; i < all->len; i++) {
        gint64 until_ns = ((const RsPerfProcess *)g_ptr_array_index(all, i))->startup_until_ns;

        if (until_ns > sampler->startup_ended_ns && (!first_ns || until_ns < first_ns))
            first_ns = until_ns;
    }
    return first_ns;
}

/* Events can only be switched for all that inherited them: others that are starting go on at the
 * base rate as well. */
static void end_startup(RsPerfSampler *sampler)
{
    gint64 end_ns = startup_end_ns(sampler);
    g_autoptr(GPtrArray) all = NULL;

    if (end_ns ? rs_monotonic_ns() < end_ns : !sampler->has_strays)
        return;
    sampler->has_strays = FALSE;
    sampler->startup_ended_ns = rs_perf_sources_end_startup(sampler->sources);
    sampler->startup_off_ns = rs_monotonic_ns();
    all = rs_perf_family_all(sampler->family);
    for (guint i = 0; i < all->len; i++) {
        RsPerfProcess *process = g_ptr_array_index(all, i);

        process->startup_until_ns = MIN(process->startup_until_ns, sampler->startup_ended_ns);
    }
}

static void keep_house(RsPerfSampler *sampler)
{
    end_startup(sampler);
    if (sampler->phases && is_due(&sampler->phase_us, PHASE_EVERY_US))
        rs_perf_sources_set_period(sampler->sources, rs_perf_phases_draw(sampler->phases));
    if ((sampler->needs_check || sampler->has_lost_records) &&
        is_due(&sampler->check_us, CHECK_EVERY_US))
        rs_perf_follow_check(sampler);
    if (is_due(&sampler->cpus_us, CPUS_EVERY_US))
        rs_perf_follow_cpus(sampler);
}

/* Events that are no clocks share out the CPU time in which they happened. */
static void weigh_events(RsPerfSampler *sampler)
{
    RsPerfTotals before = sampler->totals, *now = &sampler->totals;

    if (sampler->setup.event->is_clock || !is_due(&sampler->totals_us, TOTALS_EVERY_US))
        return;
    *now = rs_perf_sources_totals(sampler->sources);
    if (now->n_events > before.n_events && now->running_ns > before.running_ns)
        sampler->ns_per_event =
            (now->running_ns - before.running_ns) / (now->n_events - before.n_events);
}

static gboolean perf_drain(gpointer data, GError **error)
{
    RsPerfSampler *sampler = data;
    guint n_records;

    weigh_events(sampler);
    n_records = rs_perf_merge_run(sampler->merge);
    sampler->storm_ms = n_records ? CLAMP(2 * sampler->storm_ms, STORM_MIN_MS, STORM_MAX_MS) : 0;
    keep_house(sampler);
    return TRUE;
}

/* --- waiting --- */

static int wait_ms(RsPerfSampler *sampler)
{
    gint64 end_ns = startup_end_ns(sampler), left_ms;
    int ms = WAIT_MS;

    if (sampler->sink.is_hasty && sampler->sink.is_hasty(sampler->sink.data))
        ms = HASTY_WAIT_MS;
    if (!end_ns)
        return ms;
    left_ms = CLAMP((end_ns - rs_monotonic_ns()) / NS_PER_MS + 1, 0, STARTUP_WAIT_MS);
    return MIN(ms, (int)left_ms);
}

static gboolean perf_poll(gpointer data, int wake_fd, int timeout_ms, GError **error)
{
    RsPerfSampler *sampler = data;
    int ms = sampler->storm_ms ? sampler->storm_ms : wait_ms(sampler);
    guint n_fds;
    struct pollfd *fds = rs_perf_merge_poll_fds(sampler->merge, !sampler->storm_ms, &n_fds);

    fds[0] = (struct pollfd){.fd = wake_fd, .events = POLLIN};
    if (timeout_ms >= 0)
        ms = MIN(ms, timeout_ms);
    if (poll(fds, n_fds, ms) < 0 && errno != EINTR) {
        g_set_error(error, RS_SAMPLER_ERROR, RS_SAMPLER_ERROR_FAILED, "poll: %s",
                    g_strerror(errno));
        return FALSE;
    }
    return perf_drain(sampler, error);
}

/* --- the row --- */

static gboolean perf_attach(gpointer data, pid_t pid, gboolean at_exec, GError **error)
{
    RsPerfSampler *sampler = data;

    if (!perf_drain(sampler, error)) /* what is known of processes is up to date */
        return FALSE;
    if (!rs_perf_family_n_processes(sampler->family)) { /* nobody has what is open */
        rs_perf_sources_close_since(sampler->sources, 0);
        g_hash_table_remove_all(sampler->launched);
    }
    return at_exec ? rs_perf_follow_launched(sampler, pid, error)
                   : rs_perf_follow_running(sampler, pid, error);
}

static gboolean perf_probe(const RsSamplerOptions *options, char **why)
{
    g_autoptr(GError) error = NULL;
    RsPerfSetup setup;

    if (rs_perf_setup(options, &setup, &error))
        return TRUE;
    *why = g_strdup(error->message);
    return FALSE;
}

static void perf_close(gpointer data)
{
    RsPerfSampler *sampler = data;

    rs_perf_sources_free(sampler->sources);
    rs_perf_family_free(sampler->family);
    g_hash_table_unref(sampler->launched);
    rs_perf_merge_free(sampler->merge);
    rs_perf_phases_free(sampler->phases);
    g_free(sampler);
}

static gpointer perf_open(const RsSamplerOptions *options, const RsSamplerSink *sink,
                          GError **error)
{
    RsPerfSetup setup;
    RsPerfSources *sources;
    RsPerfSampler *sampler;

    if (!rs_perf_setup(options, &setup, error) ||
        !(sources = rs_perf_sources_new(&setup, options->n_buffer_bytes, error)))
        return NULL;
    sampler = g_new0(RsPerfSampler, 1);
    sampler->sink = *sink;
    sampler->setup = setup;
    sampler->ignored_pid = options->ignored_pid;
    sampler->startup_ns = options->startup_ms * NS_PER_MS;
    sampler->sources = sources;
    sampler->family = rs_perf_family_new();
    sampler->launched = g_hash_table_new(NULL, NULL);
    if (options->random_phase && setup.event->is_clock)
        sampler->phases = rs_perf_phases_new((guint64)(RS_NS_PER_S / setup.rate_hz));
    sampler->merge = rs_perf_merge_new(apply, sampler);
    rs_perf_follow_rings(sampler, 0);
    is_due(&sampler->cpus_us, CPUS_EVERY_US);
    return sampler;
}

static void perf_counts(gpointer data, RsSamplerCounts *to)
{
    *to = ((const RsPerfSampler *)data)->counts;
}

static const char *perf_describe(gpointer data, gboolean *sees_kernel)
{
    const RsPerfSampler *sampler = data;

    *sees_kernel = sampler->setup.sees_kernel;
    return sampler->setup.event->name;
}

const RsSamplerRow rs_sampler_perf = {
    .name = "perf",
    .summary = "the kernel's perf events: low cost, time in the kernel where permitted",
    .probe = perf_probe,
    .open = perf_open,
    .close = perf_close,
    .attach = perf_attach,
    .poll = perf_poll,
    .drain = perf_drain,
    .counts = perf_counts,
    .describe = perf_describe,
};
