/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/perf/follow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define NS_PER_MS   G_GINT64_CONSTANT(1000000)
#define SCANS_LIMIT 1000 /* of the threads of a process that makes them faster than we attach */

/* --- lives --- */

static void process_ended(RsPerfSampler *sampler, pid_t pid, gint64 time_ns)
{
    rs_spaces_exit(sampler->sink.spaces, pid);
    if (pid != sampler->ignored_pid)
        rs_tasks_ended(sampler->sink.tasks, pid, time_ns);
}

/* A process that was not followed up to now. */
static RsPerfProcess *process_begins(RsPerfSampler *sampler, pid_t pid, pid_t parent,
                                     gint64 born_ns)
{
    RsPerfProcess *process = rs_perf_family_add(sampler->family, pid);

    process->born_ns = born_ns;
    if (pid != sampler->ignored_pid)
        rs_tasks_process(sampler->sink.tasks, pid, parent, born_ns);
    return process;
}

static void check_later(RsPerfSampler *sampler, RsPerfProcess *process)
{
    if (process)
        process->needs_check = sampler->needs_check = TRUE;
}

static void take_thread_name(RsPerfSampler *sampler, pid_t pid, pid_t tid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/task/%d/comm", pid, tid);
    g_autofree char *name = NULL;

    if (g_file_get_contents(path, &name, NULL, NULL))
        rs_tasks_name(sampler->sink.tasks, pid, tid, g_strchomp(name));
}

RsPerfProcess *rs_perf_follow_adopt(RsPerfSampler *sampler, pid_t pid, pid_t tid)
{
    RsPerfProcess *process;

    if (!rs_perf_is_running(pid, tid))
        return NULL;
    process = process_begins(sampler, pid, 0, 0);
    rs_perf_family_thread(sampler->family, process, pid);
    rs_perf_family_thread(sampler->family, process, tid);
    check_later(sampler, process);
    rs_spaces_load(sampler->sink.spaces, pid);
    take_thread_name(sampler, pid, pid);
    return process;
}

static void inherit_name(RsPerfSampler *sampler, const RsPerfRecord *record)
{
    char name[16];

    if (rs_tasks_thread_name(sampler->sink.tasks, record->parent.pid, record->parent.tid, name))
        rs_tasks_name(sampler->sink.tasks, record->pid, record->tid, name);
}

static void apply_thread(RsPerfSampler *sampler, const RsPerfRecord *record)
{
    RsPerfProcess *process = rs_perf_family_find(sampler->family, record->pid);

    if (!process && !(process = rs_perf_follow_adopt(sampler, record->pid, record->tid)))
        return;
    if (rs_perf_family_thread(sampler->family, process, record->tid))
        inherit_name(sampler, record);
}

/* The record comes once for each root that the parent has events of, and after the process when
 * that was attached to meanwhile. */
static void apply_fork(RsPerfSampler *sampler, const RsPerfRecord *record)
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
        child->will_start = child->is_held && sampler->setup.startup_rate_hz > 0;
    }
    rs_perf_family_thread(sampler->family, child, record->tid);
    rs_spaces_fork(sampler->sink.spaces, record->parent.pid, record->pid);
    inherit_name(sampler, record);
}

/* Startup events are switched on by the first exec of the thread that they were opened on, and of
 * what was born of it before that. It is them that count in a launched program and in the children
 * of a launcher; further descendants of a launcher may have them switched on or not (see
 * RS_PERF_ANCHOR), so with those they do not count, and are switched off again. */
static void begin_startup(RsPerfSampler *sampler, RsPerfProcess *process, gint64 time_ns)
{
    gpointer root = GUINT_TO_POINTER(process->root + 1);
    pid_t launched = GPOINTER_TO_INT(g_hash_table_lookup(sampler->launched, root));

    if (process->will_start && time_ns > sampler->startup_off_ns)
        process->startup_until_ns = time_ns + sampler->startup_ns;
    else if (process->will_start) /* switched off again before we heard of it */
        process->startup_until_ns = MAX(time_ns, sampler->startup_ended_ns);
    else if (launched && sampler->setup.startup_rate_hz > 0)
        sampler->has_strays = TRUE;
    if (launched == process->pid) /* what is born of it from now on does not inherit that */
        g_hash_table_remove(sampler->launched, root);
    process->will_start = FALSE;
}

static void apply_exec(RsPerfSampler *sampler, const RsPerfRecord *record)
{
    RsPerfProcess *process = rs_perf_family_find(sampler->family, record->pid);

    if (!process)
        process = process_begins(sampler, record->pid, 0, record->time_ns);
    rs_perf_family_exec(sampler->family, process);
    process->is_held = FALSE;
    begin_startup(sampler, process, record->time_ns);
    rs_spaces_exec(sampler->sink.spaces, record->pid);
    if (record->pid != sampler->ignored_pid)
        rs_tasks_name(sampler->sink.tasks, record->pid, record->pid, record->name);
}

static void apply_exit(RsPerfSampler *sampler, const RsPerfRecord *record)
{
    if (rs_perf_family_thread_ended(sampler->family, record->pid, record->tid))
        process_ended(sampler, record->pid, record->time_ns);
    else if (record->tid == record->pid) /* others may go on, or their ends were missed */
        check_later(sampler, rs_perf_family_find(sampler->family, record->pid));
}

void rs_perf_follow(RsPerfSampler *sampler, const RsPerfRecord *record)
{
    if (record->kind == RS_PERF_EXEC)
        apply_exec(sampler, record);
    else if (record->kind == RS_PERF_FORK)
        apply_fork(sampler, record);
    else if (record->kind == RS_PERF_EXIT)
        apply_exit(sampler, record);
    else if (record->kind == RS_PERF_NAME && record->pid != sampler->ignored_pid &&
             rs_perf_family_find(sampler->family, record->pid)) /* a name makes a task, too */
        rs_tasks_name(sampler->sink.tasks, record->pid, record->tid, record->name);
}

/* --- looking again --- */

void rs_perf_follow_check(RsPerfSampler *sampler)
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
            process_ended(sampler, pid, rs_monotonic_ns());
            continue;
        }
        if (has_lost)
            rs_spaces_load(sampler->sink.spaces, pid);
        process->needs_check = process->leader_ended;
        sampler->needs_check |= process->needs_check;
    }
}

void rs_perf_follow_rings(RsPerfSampler *sampler, guint first)
{
    for (guint i = first; i < rs_perf_sources_n_cpus(sampler->sources); i++) {
        const RsPerfRings *rings = rs_perf_sources_rings(sampler->sources, i);

        rs_perf_merge_add(sampler->merge, rings->records, rings->samples);
    }
}

/* CPUs that came online: the threads that there are get events on them as well. Those that end
 * meanwhile need none. */
void rs_perf_follow_cpus(RsPerfSampler *sampler)
{
    guint n_cpus = rs_perf_sources_n_cpus(sampler->sources);
    g_autoptr(GPtrArray) all = NULL;

    if (!rs_perf_sources_add_cpus(sampler->sources))
        return;
    rs_perf_follow_rings(sampler, n_cpus);
    all = rs_perf_family_all(sampler->family);
    for (guint i = 0; i < all->len; i++) {
        const RsPerfProcess *process = g_ptr_array_index(all, i);
        g_autoptr(GArray) tids = rs_perf_threads_of(process->pid);
        gboolean waits = process->is_held || process->pid == sampler->ignored_pid;

        for (guint k = 0; tids && k < tids->len; k++)
            rs_perf_sources_open(sampler->sources, g_array_index(tids, pid_t, k),
                                 waits ? RS_PERF_LAUNCH : RS_PERF_NOW, FALSE, n_cpus);
    }
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

gboolean rs_perf_follow_launched(RsPerfSampler *sampler, pid_t pid, GError **error)
{
    guint root = rs_perf_sources_n_roots(sampler->sources);
    int code =
        rs_perf_sources_open(sampler->sources, pid, RS_PERF_LAUNCH, pid == sampler->ignored_pid, 0);
    RsPerfProcess *process;

    if (code) {
        rs_perf_set_target_error(error, pid, code);
        return FALSE;
    }
    process = process_begins(sampler, pid, parent_of(pid), rs_monotonic_ns());
    process->root = root;
    process->is_held = TRUE;
    process->will_start = sampler->setup.startup_rate_hz > 0;
    rs_perf_family_thread(sampler->family, process, pid);
    g_hash_table_insert(sampler->launched, GUINT_TO_POINTER(root + 1), GINT_TO_POINTER(pid));
    sampler->counts.n_targets++;
    return TRUE;
}

/* Threads may be born while we go through them: of one that has been attached to they inherit, and
 * of the others they are found by looking again, until there is none that is new. Returns 0 or an
 * errno. */
static int attach_threads(RsPerfSampler *sampler, pid_t pid, GHashTable *attached)
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
            code = rs_perf_sources_open(sampler->sources, GPOINTER_TO_INT(tid), RS_PERF_NOW,
                                        pid == sampler->ignored_pid, 0);
            if (code && code != ESRCH) /* it has ended */
                return code;
            if (!code)
                g_hash_table_add(attached, tid);
            found |= !code;
        }
    }
    return g_hash_table_size(attached) ? 0 : ESRCH;
}

gboolean rs_perf_follow_running(RsPerfSampler *sampler, pid_t pid, GError **error)
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
    process->born_ns = rs_monotonic_ns();
    process->root = first_root;
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
