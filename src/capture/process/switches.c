/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/process/switches.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "capture/process/proc_file.h"

#define STATUS_BYTES  8192 /* Cpus_allowed grows with the machine */
#define N_MAX_THREADS 65536
#define N_OPEN_FILES  8  /* kept open; of further threads they are opened at each look */
#define N_RELIST      16 /* looks after which threads are listed again in any case */

typedef struct {
    pid_t tid;
    int fd; /* of status; -1: not kept open */
    gint64 n_voluntary, n_involuntary;
    gboolean is_listed;
} Thread;

struct RsSwitches {
    int dir_fd;
    pid_t pid;
    DIR *tasks;
    GArray *threads;   /* Thread; the first one first */
    GHashTable *known; /* tid -> index + 1, while listing */
    gint64 n_ended_voluntary, n_ended_involuntary;
    gint64 peak_rss_bytes;
    guint n_open, n_looks, next;
    gboolean is_told;
};

RsSwitches *rs_switches_new(int dir_fd, pid_t pid)
{
    RsSwitches *switches = g_new0(RsSwitches, 1);
    int tasks_fd = openat(dir_fd, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    switches->dir_fd = dir_fd;
    switches->pid = pid;
    switches->peak_rss_bytes = -1;
    switches->threads = g_array_new(FALSE, FALSE, sizeof(Thread));
    switches->known = g_hash_table_new(NULL, NULL);
    switches->tasks = tasks_fd >= 0 ? fdopendir(tasks_fd) : NULL;
    if (!switches->tasks && tasks_fd >= 0)
        close(tasks_fd);
    return switches;
}

static void close_status(RsSwitches *switches, Thread *thread)
{
    if (thread->fd < 0)
        return;
    close(thread->fd);
    thread->fd = -1;
    switches->n_open--;
}

void rs_switches_free(RsSwitches *switches)
{
    if (!switches)
        return;
    for (guint i = 0; i < switches->threads->len; i++)
        close_status(switches, &g_array_index(switches->threads, Thread, i));
    if (switches->tasks)
        closedir(switches->tasks);
    g_array_unref(switches->threads);
    g_hash_table_unref(switches->known);
    g_free(switches);
}

/* The thread has ended: what is known of it is kept in the sum. */
static void retire(RsSwitches *switches, guint i)
{
    Thread *thread = &g_array_index(switches->threads, Thread, i);

    switches->n_ended_voluntary += thread->n_voluntary;
    switches->n_ended_involuntary += thread->n_involuntary;
    close_status(switches, thread);
    g_array_remove_index_fast(switches->threads, i);
}

static void list_threads(RsSwitches *switches)
{
    GArray *threads = switches->threads;

    if (!switches->tasks)
        return;
    g_hash_table_remove_all(switches->known);
    for (guint i = 0; i < threads->len; i++) {
        Thread *thread = &g_array_index(threads, Thread, i);

        thread->is_listed = FALSE;
        g_hash_table_insert(switches->known, GINT_TO_POINTER(thread->tid), GUINT_TO_POINTER(i + 1));
    }
    rewinddir(switches->tasks);
    for (const struct dirent *entry; (entry = readdir(switches->tasks));) {
        pid_t tid = rs_proc_id(entry->d_name);
        guint index = GPOINTER_TO_UINT(g_hash_table_lookup(switches->known, GINT_TO_POINTER(tid)));

        if (index > 0)
            g_array_index(threads, Thread, index - 1).is_listed = TRUE;
        else if (tid > 0 && threads->len < N_MAX_THREADS)
            g_array_append_val(threads, ((Thread){.tid = tid, .fd = -1, .is_listed = TRUE}));
    }
    for (guint i = threads->len; i-- > 0;) {
        if (!g_array_index(threads, Thread, i).is_listed)
            retire(switches, i);
    }
}

static gboolean ask_thread(RsSwitches *switches, Thread *thread)
{
    char text[STATUS_BYTES], path[48];
    int fd = thread->fd;
    gssize n_bytes;

    if (fd < 0) {
        g_snprintf(path, sizeof path, "task/%d/status", (int)thread->tid);
        fd = rs_proc_open(switches->dir_fd, path);
        if (fd < 0)
            return FALSE;
        if (switches->n_open < N_OPEN_FILES) {
            thread->fd = fd;
            switches->n_open++;
        }
    }
    n_bytes = rs_proc_read(fd, text, sizeof text);
    if (fd != thread->fd)
        close(fd);
    if (n_bytes <= 0)
        return FALSE;
    thread->n_voluntary = MAX(0, rs_proc_number(text, "voluntary_ctxt_switches:"));
    thread->n_involuntary = MAX(0, rs_proc_number(text, "nonvoluntary_ctxt_switches:"));
    if (thread->tid == switches->pid) {
        gint64 peak_kib = rs_proc_number(text, "VmHWM:");

        if (peak_kib >= 0 && peak_kib < G_MAXINT64 / 1024)
            switches->peak_rss_bytes = peak_kib * 1024;
    }
    return switches->is_told = TRUE;
}

void rs_switches_look(RsSwitches *switches, gint64 n_threads, gint64 *n_voluntary,
                      gint64 *n_involuntary)
{
    GArray *threads = switches->threads;
    guint n_asked;

    if (switches->n_looks++ % N_RELIST == 0 || n_threads != threads->len)
        list_threads(switches);
    for (guint i = 0; i < threads->len; i++) { /* its file tells of memory as well */
        Thread *thread = &g_array_index(threads, Thread, i);

        if (thread->tid == switches->pid && threads->len > RS_SWITCHES_MAX_THREADS)
            ask_thread(switches, thread);
    }
    n_asked = MIN(threads->len, RS_SWITCHES_MAX_THREADS);
    for (guint i = 0; i < n_asked && threads->len > 0; i++) {
        switches->next = (switches->next + 1) % threads->len;
        ask_thread(switches, &g_array_index(threads, Thread, switches->next));
    }
    *n_voluntary = switches->is_told ? switches->n_ended_voluntary : -1;
    *n_involuntary = switches->is_told ? switches->n_ended_involuntary : -1;
    for (guint i = 0; i < threads->len && switches->is_told; i++) {
        *n_voluntary += g_array_index(threads, Thread, i).n_voluntary;
        *n_involuntary += g_array_index(threads, Thread, i).n_involuntary;
    }
}

gint64 rs_switches_peak_rss(const RsSwitches *switches)
{
    return switches->peak_rss_bytes;
}
