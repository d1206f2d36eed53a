/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/tasks.h"

#include <string.h>

#include "base/mutex.h"

/* Of processes that have ended; beyond that the oldest are forgotten. */
#define TASKS_LIMIT 16384
#define NAMES_LIMIT 65536

typedef struct {
    char name[16];
} Name;

struct RsTasks {
    pthread_mutex_t mutex;
    GPtrArray *all;        /* RsTask, in order of birth */
    GHashTable *processes; /* pid -> RsTask of all, the latest of that id */
    GHashTable *names;     /* pid, tid -> Name */
};

RsTasks *rs_tasks_new(void)
{
    RsTasks *tasks = g_new0(RsTasks, 1);

    pthread_mutex_init(&tasks->mutex, NULL);
    tasks->all = g_ptr_array_new_with_free_func(g_free);
    tasks->processes = g_hash_table_new(NULL, NULL);
    tasks->names = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    return tasks;
}

void rs_tasks_free(RsTasks *tasks)
{
    if (!tasks)
        return;
    g_hash_table_unref(tasks->processes);
    g_hash_table_unref(tasks->names);
    g_ptr_array_unref(tasks->all);
    pthread_mutex_destroy(&tasks->mutex);
    g_free(tasks);
}

static RsTask *find(RsTasks *tasks, pid_t pid)
{
    return g_hash_table_lookup(tasks->processes, GINT_TO_POINTER(pid));
}

static gint64 name_key(pid_t pid, pid_t tid)
{
    return (gint64)((guint64)pid << 32 | (guint32)tid);
}

/* Makes room: those that ended longest ago go first. */
static void forget_ended(RsTasks *tasks)
{
    guint n_too_many = tasks->all->len / 2, n_kept = 0;

    for (guint i = 0; i < tasks->all->len; i++) {
        RsTask *task = g_ptr_array_index(tasks->all, i);

        if (n_too_many && task->end_ns >= 0) {
            n_too_many--;
            if (find(tasks, task->process_id) == task)
                g_hash_table_remove(tasks->processes, GINT_TO_POINTER(task->process_id));
            g_free(task);
        } else {
            tasks->all->pdata[n_kept++] = task;
        }
    }
    tasks->all->len = n_kept;
}

static RsTask *add(RsTasks *tasks, pid_t pid)
{
    RsTask *task = g_new0(RsTask, 1);

    if (tasks->all->len >= TASKS_LIMIT)
        forget_ended(tasks);
    task->process_id = pid;
    task->end_ns = -1;
    g_ptr_array_add(tasks->all, task);
    g_hash_table_insert(tasks->processes, GINT_TO_POINTER(pid), task);
    return task;
}

static RsTask *find_or_add(RsTasks *tasks, pid_t pid)
{
    RsTask *task = find(tasks, pid);

    return task ? task : add(tasks, pid);
}

void rs_tasks_process(RsTasks *tasks, pid_t pid, pid_t parent, gint64 start_ns)
{
    g_autoptr(RsHeldMutex) held = rs_mutex_hold(&tasks->mutex);
    RsTask *task = find(tasks, pid), *parent_task = find(tasks, parent);

    if (!task || task->end_ns >= 0)
        task = add(tasks, pid);
    if (parent > 0)
        task->parent_id = parent;
    if (start_ns > 0)
        task->start_ns = start_ns;
    if (!*task->name && parent_task)
        memcpy(task->name, parent_task->name, sizeof task->name);
}

static void set_name(char to[16], const char *name)
{
    memset(to, 0, 16);
    memcpy(to, name, strnlen(name, 15));
}

void rs_tasks_name(RsTasks *tasks, pid_t pid, pid_t tid, const char *name)
{
    g_autoptr(RsHeldMutex) held = rs_mutex_hold(&tasks->mutex);
    gint64 key = name_key(pid, tid);
    Name *known = g_hash_table_lookup(tasks->names, &key);

    if (pid == tid)
        set_name(find_or_add(tasks, pid)->name, name);
    if (!known) {
        gint64 *own_key = g_new(gint64, 1);

        if (g_hash_table_size(tasks->names) >= NAMES_LIMIT)
            g_hash_table_remove_all(tasks->names);
        *own_key = key;
        known = g_new0(Name, 1);
        g_hash_table_insert(tasks->names, own_key, known);
    }
    set_name(known->name, name);
}

void rs_tasks_ended(RsTasks *tasks, pid_t pid, gint64 end_ns)
{
    g_autoptr(RsHeldMutex) held = rs_mutex_hold(&tasks->mutex);

    find_or_add(tasks, pid)->end_ns = MAX(end_ns, 0);
}

void rs_tasks_status(RsTasks *tasks, pid_t pid, int wait_status)
{
    g_autoptr(RsHeldMutex) held = rs_mutex_hold(&tasks->mutex);
    RsTask *task = find_or_add(tasks, pid);

    task->has_status = TRUE;
    task->wait_status = wait_status;
}

gboolean rs_tasks_find(RsTasks *tasks, pid_t pid, RsTask *task)
{
    g_autoptr(RsHeldMutex) held = rs_mutex_hold(&tasks->mutex);
    const RsTask *found = find(tasks, pid);

    if (found)
        *task = *found;
    return found != NULL;
}

gboolean rs_tasks_thread_name(RsTasks *tasks, pid_t pid, pid_t tid, char name[16])
{
    g_autoptr(RsHeldMutex) held = rs_mutex_hold(&tasks->mutex);
    gint64 key = name_key(pid, tid);
    const Name *known = g_hash_table_lookup(tasks->names, &key);
    const RsTask *task = find(tasks, pid);

    if (known)
        memcpy(name, known->name, sizeof known->name);
    else if (task && *task->name)
        memcpy(name, task->name, sizeof task->name);
    else
        return FALSE;
    return TRUE;
}

GArray *rs_tasks_all(RsTasks *tasks)
{
    g_autoptr(RsHeldMutex) held = rs_mutex_hold(&tasks->mutex);
    GArray *all = g_array_sized_new(FALSE, FALSE, sizeof(RsTask), tasks->all->len);

    for (guint i = 0; i < tasks->all->len; i++)
        g_array_append_vals(all, g_ptr_array_index(tasks->all, i), 1);
    return all;
}

guint rs_tasks_n_alive(RsTasks *tasks)
{
    g_autoptr(RsHeldMutex) held = rs_mutex_hold(&tasks->mutex);
    guint n = 0;

    for (guint i = 0; i < tasks->all->len; i++)
        n += ((const RsTask *)g_ptr_array_index(tasks->all, i))->end_ns < 0;
    return n;
}
