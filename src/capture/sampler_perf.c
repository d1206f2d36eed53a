/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Samples by the kernel's perf events: what their records mean for processes, and when to fetch
 * them.
 *
 * Records of lives and mappings wake at once, so that files are pinned while the process is there;
 * when they come in storms, from look to look more of them are let pile up. Samples wake when a
 * quarter of the ring is full, and are fetched every 100 ms anyway; sooner while a program starts,
 * or while their stacks need the live process. */
#include "capture/sampler.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "capture/perf_family.h"
#include "capture/perf_merge.h"
#include "capture/perf_phase.h"
#include "capture/perf_record.h"
#include "capture/perf_sources.h"

#define WAIT_MS         100
#define HASTY_WAIT_MS   10
#define STARTUP_WAIT_MS 5
#define CHECK_WAIT_MS   20
#define STORM_MIN_MS    1
#define STORM_MAX_MS    8
#define CPUS_EVERY_US   (1000 * 1000)
#define CHECK_EVERY_US  (100 * 1000)
#define RATIO_EVERY_US  (250 * 1000)
#define PHASE_EVERY_US  (2 * 1000)
#define SCANS_LIMIT     1000 /* of the threads of a process that makes them faster than we attach */
#define NS_PER_S        1e9
#define NS_PER_MS       G_GINT64_CONSTANT(1000000)

typedef struct {
    RsSamplerSink sink;
    RsPerfSetup setup;
    pid_t ignored_pid;
    gint64 startup_ns;
    RsPerfSources *sources;
    RsPerfFamily *family;
    GHashTable *launched; /* root + 1 -> pid that it waits to execute its program */
    RsPerfMerge *merge;
    RsPerfPhases *phases;    /* NULL: samples are as the kernel has them */
    gint64 phase_us;         /* when the period was last drawn */
    gint64 startup_ended_ns; /* when startup events were last switched off */
    RsSamplerCounts counts;
    double ns_per_event;                /* of events that are no clocks */
    gint64 ratio_us, cpus_us, check_us; /* when they were last looked at */
    gboolean needs_check;               /* ends of threads may have been missed */
    gboolean has_lost_records;
    int storm_ms; /* 0: none */
} Sampler;

/* --- lives --- */

static void process_ended(Sampler *sampler, pid_t pid, gint64 time_ns)
{
    rs_spaces_exit(sampler->sink.spaces, pid);
    if (pid != sampler->ignored_pid)
        rs_tasks_ended(sampler->sink.tasks, pid, time_ns);
}

/* A process that was not followed up to now. */
static RsPerfProcess *process_begins(Sampler *sampler, pid_t pid, pid_t parent, gint64 born_ns)
{
    RsPerfProcess *process = rs_perf_family_add(sampler->family, pid);

    process->born_ns = born_ns;
    if (pid != sampler->ignored_pid)
        rs_tasks_process(sampler->sink.tasks, pid, parent, born_ns);
    return process;
}

static void check_later(Sampler *sampler, RsPerfProcess *process)
{
    if (process)
        process->needs_check = sampler->needs_check = TRUE;
}

static void take_thread_name(Sampler *sampler, pid_t pid, pid_t tid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/task/%d/comm", pid, tid);
    g_autofree char *name = NULL;

    if (g_file_get_contents(path, &name, NULL, NULL))
        rs_tasks_name(sampler->sink.tasks, pid, tid, g_strchomp(name));
}

/* A process whose birth we were not told: it was born while its parent was being attached to, or
 * the record was lost. NULL: it has ended. */
static RsPerfProcess *adopt(Sampler *sampler, pid_t pid, pid_t tid)
{
    RsPerfProcess *process;

    if (!rs_perf_is_running(pid, tid))
        return NULL;
    process = process_begins(sampler, pid, 0, 0);
    process->has_executed = TRUE;
    rs_perf_family_thread(sampler->family, process, pid);
    rs_perf_family_thread(sampler->family, process, tid);
    check_later(sampler, process);
    rs_spaces_load(sampler->sink.spaces, pid);
    take_thread_name(sampler, pid, pid);
    return process;
}

static void inherit_name(Sampler *sampler, const RsPerfRecord *record)
{
    char name[16];

    if (rs_tasks_thread_name(sampler->sink.tasks, record->parent.pid, record->parent.tid, name))
        rs_tasks_name(sampler->sink.tasks, record->pid, record->tid, name);
}

static void apply_thread(Sampler *sampler, const RsPerfRecord *record)
{
    RsPerfProcess *process = rs_perf_family_find(sampler->family, record->pid);

    if (!process && !(process = adopt(sampler, record->pid, record->tid)))
        return;
    if (rs_perf_family_thread(sampler->family, process, record->tid))
        inherit_name(sampler, record);
}

/* The record comes once for each root that the parent has events of. */
static void apply_fork(Sampler *sampler, const RsPerfRecord *record)
{
    RsPerfProcess *parent = rs_perf_family_find(sampler->family, record->parent.pid);
    RsPerfProcess *child = rs_perf_family_find(sampler->family, record->pid);

    if (record->pid == record->parent.pid) {
        apply_thread(sampler, record);
        return;
    }
    if (child && record->time_ns - child->born_ns < NS_PER_MS)
        return;
    if (child) { /* the end of the one that had this id before was not seen */
        rs_perf_family_forget(sampler->family, child);
        process_ended(sampler, record->pid, record->time_ns);
    }
    child = process_begins(sampler, record->pid, record->parent.pid, record->time_ns);
    if (parent) {
        child->root = parent->root;
        child->startup_until_ns = parent->startup_until_ns;
        child->is_held = parent->is_held || parent->pid == sampler->ignored_pid;
    }
    rs_perf_family_thread(sampler->family, child, record->tid);
    rs_spaces_fork(sampler->sink.spaces, record->parent.pid, record->pid);
    inherit_name(sampler, record);
}

/* Startup events are switched on by the first exec of the thread that they were opened on, and of
 * what was born of it before that. */
static void begin_startup(Sampler *sampler, RsPerfProcess *process, gint64 time_ns)
{
    gpointer root = GUINT_TO_POINTER(process->root + 1);
    pid_t launched = GPOINTER_TO_INT(g_hash_table_lookup(sampler->launched, root));

    if (sampler->setup.startup_rate_hz > 0 && launched && !process->has_executed)
        process->startup_until_ns = time_ns + sampler->startup_ns;
    if (launched == process->pid)
        g_hash_table_remove(sampler->launched, root);
    process->has_executed = TRUE;
}

static void apply_exec(Sampler *sampler, const RsPerfRecord *record)
{
    RsPerfProcess *process = rs_perf_family_find(sampler->family, record->pid);

    if (!process)
        process = process_begins(sampler, record->pid, 0, record->time_ns);
    rs_perf_family_exec(sampler->family, process);
    process->is_held = FALSE;
    begin_startup(sampler, process, record->time_ns);
    rs_spaces_exec(sampler->sink.spaces, record->pid);
    rs_tasks_name(sampler->sink.tasks, record->pid, record->pid, record->name);
}

static void apply_exit(Sampler *sampler, const RsPerfRecord *record)
{
    if (rs_perf_family_thread_ended(sampler->family, record->pid, record->tid))
        process_ended(sampler, record->pid, record->time_ns);
    else if (record->tid == record->pid) /* others may go on, or their ends were missed */
        check_later(sampler, rs_perf_family_find(sampler->family, record->pid));
}

/* --- samples --- */

static void count_duplicate(Sampler *sampler, const RsPerfSource *source)
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

static void apply_sample(Sampler *sampler, const RsPerfRecord *record)
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
        process = adopt(sampler, record->pid, record->tid);
    if (process && !counts(process, source, record->time_ns))
        return;
    if (rs_perf_sources_n_roots(sampler->sources) > 1 &&
        !rs_perf_family_may_count(sampler->family, record->tid, source->cpu, source->root)) {
        count_duplicate(sampler, source);
        return;
    }
    if (sampler->phases && source->role == RS_PERF_BASE) {
        if (!rs_perf_phases_keep(sampler->phases, record->tid, source->cpu, record->sample.period))
            return;
        weight = NS_PER_S / sampler->setup.rate_hz;
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
    Sampler *sampler = data;

    if (sampler->phases && (record->kind == RS_PERF_EXEC || record->kind == RS_PERF_FORK ||
                            record->kind == RS_PERF_EXIT))
        rs_perf_phases_forget(sampler->phases, record->tid);
    switch (record->kind) {
    case RS_PERF_SAMPLE:
        apply_sample(sampler, record);
        break;
    case RS_PERF_MAP:
        if (record->pid > 0)
            rs_spaces_map(sampler->sink.spaces, record->pid, &record->map);
        break;
    case RS_PERF_EXEC:
        apply_exec(sampler, record);
        break;
    case RS_PERF_NAME:
        rs_tasks_name(sampler->sink.tasks, record->pid, record->tid, record->name);
        break;
    case RS_PERF_FORK:
        apply_fork(sampler, record);
        break;
    case RS_PERF_EXIT:
        apply_exit(sampler, record);
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

static void merge_rings_from(Sampler *sampler, guint first)
{
    for (guint i = first; i < rs_perf_sources_n_cpus(sampler->sources); i++) {
        const RsPerfRings *rings = rs_perf_sources_rings(sampler->sources, i);

        rs_perf_merge_add(sampler->merge, rings->records, rings->samples);
    }
}

/* --- housekeeping --- */

static gint64 now_ns(void)
{
    return g_get_monotonic_time() * 1000;
}

static gboolean is_due(gint64 *last_us, gint64 every_us)
{
    gint64 now_us = g_get_monotonic_time();

    if (*last_us && now_us - *last_us < every_us)
        return FALSE;
    *last_us = now_us;
    return TRUE;
}

/* When the first of the processes that are starting has done so; 0: none is. */
static gint64 startup_end_ns(Sampler *sampler)
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
static void end_startup(Sampler *sampler)
{
    gint64 end_ns = startup_end_ns(sampler);
    g_autoptr(GPtrArray) all = NULL;

    if (!end_ns || now_ns() < end_ns)
        return;
    sampler->startup_ended_ns = rs_perf_sources_end_startup(sampler->sources);
    all = rs_perf_family_all(sampler->family);
    for (guint i = 0; i < all->len; i++) {
        RsPerfProcess *process = g_ptr_array_index(all, i);

        process->startup_until_ns = MIN(process->startup_until_ns, sampler->startup_ended_ns);
    }
}

/* Ends that were not told, and after a loss of records what else was not. */
static void check_processes(Sampler *sampler)
{
    g_autoptr(GPtrArray) all = rs_perf_family_all(sampler->family);
    gboolean has_lost = sampler->has_lost_records;

    sampler->needs_check = sampler->has_lost_records = FALSE;
    for (guint i = 0; i < all->len; i++) {
        RsPerfProcess *process = g_ptr_array_index(all, i);
        pid_t pid = process->pid;

        if (!process->needs_check && !has_lost)
            continue;
        if (rs_perf_family_check(sampler->family, process)) {
            process_ended(sampler, pid, now_ns());
            continue;
        }
        if (has_lost)
            rs_spaces_load(sampler->sink.spaces, pid);
        process->needs_check = process->leader_ended;
        sampler->needs_check |= process->needs_check;
    }
}

/* CPUs that came online: the threads that there are get events on them as well. Those that end
 * meanwhile need none. */
static void follow_cpus(Sampler *sampler)
{
    guint n_cpus = rs_perf_sources_n_cpus(sampler->sources);
    g_autoptr(GPtrArray) all = NULL;

    if (!rs_perf_sources_add_cpus(sampler->sources))
        return;
    merge_rings_from(sampler, n_cpus);
    all = rs_perf_family_all(sampler->family);
    for (guint i = 0; i < all->len; i++) {
        const RsPerfProcess *process = g_ptr_array_index(all, i);
        g_autoptr(GArray) tids = rs_perf_threads_of(process->pid);
        gboolean waits = process->is_held || process->pid == sampler->ignored_pid;

        for (guint k = 0; tids && k < tids->len; k++)
            rs_perf_sources_open(sampler->sources, g_array_index(tids, pid_t, k),
                                 waits ? RS_PERF_LAUNCH : RS_PERF_NOW, n_cpus);
    }
}

static void keep_house(Sampler *sampler)
{
    end_startup(sampler);
    if (sampler->phases && is_due(&sampler->phase_us, PHASE_EVERY_US))
        rs_perf_sources_set_period(sampler->sources, rs_perf_phases_draw(sampler->phases));
    if ((sampler->needs_check || sampler->has_lost_records) &&
        is_due(&sampler->check_us, CHECK_EVERY_US))
        check_processes(sampler);
    if (is_due(&sampler->cpus_us, CPUS_EVERY_US))
        follow_cpus(sampler);
}

static gboolean perf_drain(gpointer data, GError **error)
{
    Sampler *sampler = data;
    guint n_records;

    if (!sampler->setup.event->is_clock &&
        (sampler->ns_per_event <= 0 || is_due(&sampler->ratio_us, RATIO_EVERY_US)))
        sampler->ns_per_event = rs_perf_sources_ns_per_event(sampler->sources);
    n_records = rs_perf_merge_run(sampler->merge);
    sampler->storm_ms = n_records ? CLAMP(2 * sampler->storm_ms, STORM_MIN_MS, STORM_MAX_MS) : 0;
    keep_house(sampler);
    return TRUE;
}

/* --- waiting --- */

static int wait_ms(Sampler *sampler)
{
    gint64 end_ns = startup_end_ns(sampler), left_ms;
    int ms = WAIT_MS;

    if (sampler->sink.is_hasty && sampler->sink.is_hasty(sampler->sink.data))
        ms = HASTY_WAIT_MS;
    if (sampler->needs_check || sampler->has_lost_records)
        ms = MIN(ms, CHECK_WAIT_MS);
    if (!end_ns)
        return ms;
    left_ms = CLAMP((end_ns - now_ns()) / NS_PER_MS + 1, 0, STARTUP_WAIT_MS);
    return MIN(ms, (int)left_ms);
}

static gboolean perf_poll(gpointer data, int wake_fd, int timeout_ms, GError **error)
{
    Sampler *sampler = data;
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

/* --- attaching --- */

static pid_t parent_of(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", pid);
    g_autofree char *text = NULL;
    const char *name_end;

    if (!g_file_get_contents(path, &text, NULL, NULL) || !(name_end = strrchr(text, ')')) ||
        strlen(name_end) < 4)
        return 0;
    return (pid_t)strtol(name_end + 4, NULL, 10); /* ") S PPID" */
}

static gboolean attach_launched(Sampler *sampler, pid_t pid, GError **error)
{
    guint root = rs_perf_sources_n_roots(sampler->sources);
    int code = rs_perf_sources_open(sampler->sources, pid, RS_PERF_LAUNCH, 0);
    RsPerfProcess *process;

    if (code) {
        rs_perf_set_target_error(error, pid, code);
        return FALSE;
    }
    process = process_begins(sampler, pid, parent_of(pid), now_ns());
    process->root = root;
    process->is_held = TRUE;
    rs_perf_family_thread(sampler->family, process, pid);
    g_hash_table_insert(sampler->launched, GUINT_TO_POINTER(root + 1), GINT_TO_POINTER(pid));
    sampler->counts.n_targets++;
    return TRUE;
}

/* Threads may be born while we go through them: of one that has been attached to they inherit, and
 * of the others they are found by looking again, until there is none that is new. Returns 0 or an
 * errno. */
static int attach_threads(Sampler *sampler, pid_t pid, GHashTable *attached)
{
    gboolean found = TRUE;

    for (guint n_scans = 0; found && n_scans < SCANS_LIMIT; n_scans++) {
        g_autoptr(GArray) tids = rs_perf_threads_of(pid);

        found = FALSE;
        for (guint i = 0; tids && i < tids->len; i++) {
            gpointer tid = GINT_TO_POINTER(g_array_index(tids, pid_t, i));
            int code;

            if (g_hash_table_contains(attached, tid))
                continue;
            code = rs_perf_sources_open(sampler->sources, GPOINTER_TO_INT(tid), RS_PERF_NOW, 0);
            if (code && code != ESRCH) /* it has ended */
                return code;
            if (!code)
                g_hash_table_add(attached, tid);
            found |= !code;
        }
    }
    return g_hash_table_size(attached) ? 0 : ESRCH;
}

static gboolean attach_running(Sampler *sampler, pid_t pid, GError **error)
{
    g_autoptr(GHashTable) attached = g_hash_table_new(NULL, NULL);
    guint first_root = rs_perf_sources_n_roots(sampler->sources);
    int code = attach_threads(sampler, pid, attached);
    RsPerfProcess *process;
    GHashTableIter iter;
    gpointer tid;

    if (code) {
        rs_perf_sources_close_since(sampler->sources, first_root);
        rs_perf_set_target_error(error, pid, code);
        return FALSE;
    }
    process = process_begins(sampler, pid, parent_of(pid), 0);
    process->root = first_root;
    process->has_executed = TRUE;
    rs_spaces_load(sampler->sink.spaces, pid);
    g_hash_table_iter_init(&iter, attached);
    while (g_hash_table_iter_next(&iter, &tid, NULL)) {
        rs_perf_family_thread(sampler->family, process, GPOINTER_TO_INT(tid));
        take_thread_name(sampler, pid, GPOINTER_TO_INT(tid));
    }
    sampler->counts.n_targets += g_hash_table_size(attached);
    check_later(sampler, process); /* threads may have ended before that would have been told */
    return TRUE;
}

static gboolean perf_attach(gpointer data, pid_t pid, gboolean at_exec, GError **error)
{
    Sampler *sampler = data;

    if (!rs_perf_family_n_processes(sampler->family)) { /* nobody has what is open */
        rs_perf_sources_close_since(sampler->sources, 0);
        g_hash_table_remove_all(sampler->launched);
    }
    return at_exec ? attach_launched(sampler, pid, error) : attach_running(sampler, pid, error);
}

/* --- the row --- */

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
    Sampler *sampler = data;

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
    Sampler *sampler;

    if (!rs_perf_setup(options, &setup, error) ||
        !(sources = rs_perf_sources_new(&setup, options->n_buffer_bytes, error)))
        return NULL;
    sampler = g_new0(Sampler, 1);
    sampler->sink = *sink;
    sampler->setup = setup;
    sampler->ignored_pid = options->ignored_pid;
    sampler->startup_ns = options->startup_ms * NS_PER_MS;
    sampler->sources = sources;
    sampler->family = rs_perf_family_new();
    sampler->launched = g_hash_table_new(NULL, NULL);
    if (options->random_phase && setup.event->is_clock)
        sampler->phases = rs_perf_phases_new((guint64)(NS_PER_S / setup.rate_hz));
    sampler->merge = rs_perf_merge_new(apply, sampler);
    merge_rings_from(sampler, 0);
    is_due(&sampler->cpus_us, CPUS_EVERY_US);
    return sampler;
}

static void perf_counts(gpointer data, RsSamplerCounts *to)
{
    *to = ((const Sampler *)data)->counts;
}

static const char *perf_describe(gpointer data, gboolean *sees_kernel)
{
    const Sampler *sampler = data;

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
