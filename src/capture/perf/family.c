/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/perf/family.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#define THREADS_LIMIT 4194304 /* the kernel's own limit of thread ids */

typedef struct {
    pid_t pid;
    GArray *roots; /* guint by CPU, plus one: whose events count there; 0: not decided */
} Thread;

struct RsPerfFamily {
    GHashTable *processes; /* pid -> RsPerfProcess */
    GHashTable *threads;   /* tid -> Thread */
};

static void thread_free(Thread *thread)
{
    if (thread->roots)
        g_array_unref(thread->roots);
    g_free(thread);
}

RsPerfFamily *rs_perf_family_new(void)
{
    RsPerfFamily *family = g_new0(RsPerfFamily, 1);

    family->processes = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    family->threads = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)thread_free);
    return family;
}

void rs_perf_family_free(RsPerfFamily *family)
{
    if (!family)
        return;
    g_hash_table_unref(family->processes);
    g_hash_table_unref(family->threads);
    g_free(family);
}

/* --- processes --- */

RsPerfProcess *rs_perf_family_find(RsPerfFamily *family, pid_t pid)
{
    return g_hash_table_lookup(family->processes, GINT_TO_POINTER(pid));
}

RsPerfProcess *rs_perf_family_add(RsPerfFamily *family, pid_t pid)
{
    RsPerfProcess *process = rs_perf_family_find(family, pid);

    if (process)
        return process;
    process = g_new0(RsPerfProcess, 1);
    process->pid = pid;
    g_hash_table_insert(family->processes, GINT_TO_POINTER(pid), process);
    return process;
}

guint rs_perf_family_n_processes(const RsPerfFamily *family)
{
    return g_hash_table_size(family->processes);
}

GPtrArray *rs_perf_family_all(RsPerfFamily *family)
{
    GPtrArray *all = g_ptr_array_new();
    GHashTableIter iter;
    gpointer process;

    g_hash_table_iter_init(&iter, family->processes);
    while (g_hash_table_iter_next(&iter, NULL, &process))
        g_ptr_array_add(all, process);
    return all;
}

/* --- threads --- */

static Thread *find_thread(RsPerfFamily *family, pid_t tid)
{
    return g_hash_table_lookup(family->threads, GINT_TO_POINTER(tid));
}

gboolean rs_perf_family_thread(RsPerfFamily *family, RsPerfProcess *process, pid_t tid)
{
    Thread *thread = find_thread(family, tid);

    if (thread && thread->pid == process->pid)
        return FALSE;
    if (thread) /* of a process whose end was not seen */
        rs_perf_family_thread_ended(family, thread->pid, tid);
    thread = g_new0(Thread, 1);
    thread->pid = process->pid;
    g_hash_table_insert(family->threads, GINT_TO_POINTER(tid), thread);
    process->n_threads++;
    return TRUE;
}

static GArray *known_threads(RsPerfFamily *family, pid_t pid)
{
    GArray *tids = g_array_new(FALSE, FALSE, sizeof(pid_t));
    GHashTableIter iter;
    gpointer key, value;

    g_hash_table_iter_init(&iter, family->threads);
    while (g_hash_table_iter_next(&iter, &key, &value)) {
        pid_t tid = GPOINTER_TO_INT(key);

        if (((const Thread *)value)->pid == pid)
            g_array_append_val(tids, tid);
    }
    return tids;
}

void rs_perf_family_exec(RsPerfFamily *family, RsPerfProcess *process)
{
    if (process->n_threads != 1 || !find_thread(family, process->pid)) {
        g_autoptr(GArray) tids = known_threads(family, process->pid);

        for (guint i = 0; i < tids->len; i++)
            g_hash_table_remove(family->threads, GINT_TO_POINTER(g_array_index(tids, pid_t, i)));
        process->n_threads = 0;
        rs_perf_family_thread(family, process, process->pid);
    }
    process->leader_ended = FALSE;
}

gboolean rs_perf_family_thread_ended(RsPerfFamily *family, pid_t pid, pid_t tid)
{
    RsPerfProcess *process = rs_perf_family_find(family, pid);
    const Thread *thread = find_thread(family, tid);

    if (!process || !thread || thread->pid != pid)
        return FALSE;
    g_hash_table_remove(family->threads, GINT_TO_POINTER(tid));
    process->n_threads--;
    process->leader_ended |= tid == pid;
    if (process->n_threads)
        return FALSE;
    g_hash_table_remove(family->processes, GINT_TO_POINTER(pid));
    return TRUE;
}

void rs_perf_family_forget(RsPerfFamily *family, RsPerfProcess *process)
{
    g_autoptr(GArray) tids = known_threads(family, process->pid);

    for (guint i = 0; i < tids->len; i++)
        g_hash_table_remove(family->threads, GINT_TO_POINTER(g_array_index(tids, pid_t, i)));
    g_hash_table_remove(family->processes, GINT_TO_POINTER(process->pid));
}

gboolean rs_perf_family_check(RsPerfFamily *family, RsPerfProcess *process)
{
    pid_t pid = process->pid;
    g_autoptr(GArray) tids = known_threads(family, pid);

    for (guint i = 0; i < tids->len; i++) {
        pid_t tid = g_array_index(tids, pid_t, i);

        if (!rs_perf_is_running(pid, tid) && rs_perf_family_thread_ended(family, pid, tid))
            return TRUE;
    }
    if (tids->len)
        return FALSE;
    g_hash_table_remove(family->processes, GINT_TO_POINTER(pid)); /* no thread was ever told */
    return TRUE;
}

/* --- roots --- */

gboolean rs_perf_family_may_count(RsPerfFamily *family, pid_t tid, guint cpu, guint root)
{
    Thread *thread = find_thread(family, tid);
    guint *counted;

    if (!thread)
        return TRUE;
    if (!thread->roots)
        thread->roots = g_array_new(FALSE, TRUE, sizeof(guint));
    if (thread->roots->len <= cpu)
        g_array_set_size(thread->roots, cpu + 1);
    counted = &g_array_index(thread->roots, guint, cpu);
    if (!*counted || root + 1 < *counted)
        *counted = root + 1;
    return *counted == root + 1;
}

void rs_perf_family_root_closed(RsPerfFamily *family, guint cpu, guint root)
{
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, family->threads);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        GArray *roots = ((Thread *)value)->roots;

        if (roots && cpu < roots->len && g_array_index(roots, guint, cpu) == root + 1)
            g_array_index(roots, guint, cpu) = 0;
    }
}

/* --- /proc --- */

GArray *rs_perf_threads_of(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/task", pid);
    DIR *folder = opendir(path);
    GArray *tids;
    struct dirent *entry;

    if (!folder)
        return NULL;
    tids = g_array_new(FALSE, FALSE, sizeof(pid_t));
    while ((entry = readdir(folder)) && tids->len < THREADS_LIMIT) {
        pid_t tid = (pid_t)strtol(entry->d_name, NULL, 10);

        if (tid > 0)
            g_array_append_val(tids, tid);
    }
    closedir(folder);
    return tids;
}

gboolean rs_perf_is_running(pid_t pid, pid_t tid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/task/%d/stat", pid, tid);
    g_autofree char *text = NULL;
    const char *name_end;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return FALSE;
    name_end = strrchr(text, ')'); /* the name may hold anything */
    return name_end && name_end[1] == ' ' && !strchr("ZXx", name_end[2]);
}
