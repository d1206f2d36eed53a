/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/ptrace/threads.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

/* Files kept open: this share of what the process may have open. */
#define FDS_SHARE  4
#define FDS_LIMIT  4096
#define N_LINE_MAX 1024

struct RsTracedThreads {
    GHashTable *by_tid; /* RsTracedThread, owned */
    GHashTable *by_pid; /* RsTracedProcess, owned by processes */
    GPtrArray *processes;
    guint n_fds, n_max_fds; /* kept open */
};

static void process_free(gpointer data)
{
    RsTracedProcess *process = data;

    g_ptr_array_unref(process->threads);
    g_free(process);
}

static void close_files(RsTracedThreads *threads, RsTracedThread *thread)
{
    if (thread->schedstat_fd >= 0) {
        close(thread->schedstat_fd);
        close(thread->stat_fd);
        threads->n_fds -= 2;
    }
    thread->schedstat_fd = thread->stat_fd = -1;
}

RsTracedThreads *rs_traced_threads_new(void)
{
    RsTracedThreads *threads = g_new0(RsTracedThreads, 1);
    struct rlimit limit;

    threads->by_tid = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    threads->by_pid = g_hash_table_new(NULL, NULL);
    threads->processes = g_ptr_array_new_with_free_func(process_free);
    threads->n_max_fds = 64;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        threads->n_max_fds = (guint)MIN(limit.rlim_cur / FDS_SHARE, FDS_LIMIT);
    return threads;
}

void rs_traced_threads_free(RsTracedThreads *threads)
{
    GHashTableIter iter;
    gpointer thread;

    if (!threads)
        return;
    g_hash_table_iter_init(&iter, threads->by_tid);
    while (g_hash_table_iter_next(&iter, NULL, &thread))
        close_files(threads, thread);
    g_hash_table_unref(threads->by_tid);
    g_hash_table_unref(threads->by_pid);
    g_ptr_array_unref(threads->processes);
    g_free(threads);
}

RsTracedThread *rs_traced_find(RsTracedThreads *threads, pid_t tid)
{
    return g_hash_table_lookup(threads->by_tid, GINT_TO_POINTER(tid));
}

RsTracedProcess *rs_traced_find_process(RsTracedThreads *threads, pid_t pid)
{
    return g_hash_table_lookup(threads->by_pid, GINT_TO_POINTER(pid));
}

guint rs_traced_n(const RsTracedThreads *threads)
{
    return g_hash_table_size(threads->by_tid);
}

GPtrArray *rs_traced_processes(RsTracedThreads *threads)
{
    return threads->processes;
}

GArray *rs_traced_ids(const RsTracedThreads *threads)
{
    GArray *ids = g_array_new(FALSE, FALSE, sizeof(gint32));
    GHashTableIter iter;
    gpointer key;

    g_hash_table_iter_init(&iter, threads->by_tid);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        gint32 tid = GPOINTER_TO_INT(key);

        g_array_append_val(ids, tid);
    }
    return ids;
}

/* --- files of /proc --- */

static int open_of(pid_t pid, pid_t tid, const char *name)
{
    char path[64];

    g_snprintf(path, sizeof path, "/proc/%d/task/%d/%s", pid, tid, name);
    return open(path, O_RDONLY | O_CLOEXEC);
}

static void open_files(RsTracedThreads *threads, RsTracedThread *thread)
{
    thread->schedstat_fd = thread->stat_fd = -1;
    if (threads->n_fds + 2 > threads->n_max_fds)
        return;
    thread->schedstat_fd = open_of(thread->process->pid, thread->tid, "schedstat");
    thread->stat_fd = open_of(thread->process->pid, thread->tid, "stat");
    if (thread->schedstat_fd >= 0 && thread->stat_fd >= 0) {
        threads->n_fds += 2;
        return;
    }
    if (thread->schedstat_fd >= 0)
        close(thread->schedstat_fd);
    if (thread->stat_fd >= 0)
        close(thread->stat_fd);
    thread->schedstat_fd = thread->stat_fd = -1;
}

/* The beginning of the file as text. FALSE: it is gone. */
static gboolean read_of(const RsTracedThread *thread, int fd, const char *name,
                        char text[N_LINE_MAX])
{
    int used = fd >= 0 ? fd : open_of(thread->process->pid, thread->tid, name);
    gssize n = used >= 0 ? pread(used, text, N_LINE_MAX - 1, 0) : -1;

    if (used >= 0 && used != fd)
        close(used);
    text[MAX(n, 0)] = '\0';
    return n > 0;
}

/* From its state on, behind the name, which may hold anything: "R 1 2 ..."; NULL: gone. */
static const char *read_stat(const RsTracedThread *thread, char text[N_LINE_MAX])
{
    const char *state;

    if (!read_of(thread, thread->stat_fd, "stat", text))
        return NULL;
    state = strrchr(text, ')');
    return state && state[1] == ' ' ? state + 2 : NULL;
}

/* utime and stime, fields 14 and 15 of proc(5), where there is no schedstat. In clock ticks. */
static gboolean cpu_of_stat(const RsTracedThread *thread, gint64 *cpu_ns)
{
    char text[N_LINE_MAX];
    const char *state = read_stat(thread, text);
    unsigned long user, kernel;

    if (!state ||
        sscanf(state, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &kernel) != 2)
        return FALSE;
    *cpu_ns = (gint64)(user + kernel) * (RS_NS_PER_S / sysconf(_SC_CLK_TCK));
    return TRUE;
}

gboolean rs_traced_cpu(RsTracedThread *thread, gint64 *cpu_ns)
{
    char text[N_LINE_MAX], *end;

    if (!read_of(thread, thread->schedstat_fd, "schedstat", text))
        return cpu_of_stat(thread, cpu_ns);
    *cpu_ns = g_ascii_strtoll(text, &end, 10);
    thread->delay_ns = g_ascii_strtoll(end, NULL, 10);
    return *cpu_ns > 0 || cpu_of_stat(thread, cpu_ns); /* 0: a kernel that does not count */
}

gboolean rs_traced_is_running(RsTracedThread *thread)
{
    char text[N_LINE_MAX];
    const char *state = read_stat(thread, text);

    return state && *state == 'R';
}

/* The clock of another process, as clock_getcpuclockid(3) makes it. Asking for it brings the
 * schedstat of its running threads up to date. */
gint64 rs_traced_clock(const RsTracedProcess *process)
{
    struct timespec cpu;
    clockid_t clock;

    if (clock_getcpuclockid(process->pid, &clock) != 0 || clock_gettime(clock, &cpu) != 0)
        return -1;
    return cpu.tv_sec * RS_NS_PER_S + cpu.tv_nsec;
}

int rs_traced_open_own_delay(void)
{
    return open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
}

gint64 rs_traced_own_delay(int fd)
{
    char text[128], *end;
    gssize n = fd >= 0 ? pread(fd, text, sizeof text - 1, 0) : -1;

    if (n <= 0)
        return 0;
    text[n] = '\0';
    g_ascii_strtoll(text, &end, 10);
    return g_ascii_strtoll(end, NULL, 10);
}

/* --- who is there --- */

static RsTracedProcess *add_process(RsTracedThreads *threads, pid_t pid, pid_t parent)
{
    RsTracedProcess *process = rs_traced_find_process(threads, pid);

    if (process)
        return process;
    process = g_new0(RsTracedProcess, 1);
    process->pid = pid;
    process->parent = parent;
    process->clock_ns = -1;
    process->threads = g_ptr_array_new();
    g_ptr_array_add(threads->processes, process);
    g_hash_table_insert(threads->by_pid, GINT_TO_POINTER(pid), process);
    return process;
}

RsTracedThread *rs_traced_add(RsTracedThreads *threads, pid_t pid, pid_t parent, pid_t tid)
{
    RsTracedThread *thread = rs_traced_find(threads, tid);

    if (thread)
        return thread;
    thread = g_new0(RsTracedThread, 1);
    thread->tid = tid;
    thread->process = add_process(threads, pid, parent);
    g_ptr_array_add(thread->process->threads, thread);
    g_hash_table_insert(threads->by_tid, GINT_TO_POINTER(tid), thread);
    open_files(threads, thread);
    return thread;
}

static void leave_to_parent(RsTracedThreads *threads, RsTracedProcess *process)
{
    RsTracedProcess *parent = rs_traced_find_process(threads, process->parent);

    /* Children of one that is only followed are strangers to each other. */
    if (parent && !parent->is_ignored && !process->awaits_exec)
        parent->children_left_ns += process->threads_left_ns + process->children_left_ns;
    process->threads_left_ns = process->children_left_ns = 0;
}

void rs_traced_remove(RsTracedThreads *threads, RsTracedThread *thread)
{
    RsTracedProcess *process = thread->process;
    gint64 cpu_ns;

    if (rs_traced_cpu(thread, &cpu_ns) || (cpu_ns = thread->seen_cpu_ns) > 0)
        process->threads_left_ns += MAX(cpu_ns - thread->cpu_ns, 0);
    close_files(threads, thread);
    g_ptr_array_remove_fast(process->threads, thread);
    g_hash_table_remove(threads->by_tid, GINT_TO_POINTER(thread->tid));
    if (process->threads->len > 0)
        return;
    leave_to_parent(threads, process);
    g_hash_table_remove(threads->by_pid, GINT_TO_POINTER(process->pid));
    g_ptr_array_remove_fast(threads->processes, process);
}

RsTracedThread *rs_traced_exec(RsTracedThreads *threads, RsTracedThread *leader, pid_t former)
{
    RsTracedProcess *process = leader->process;
    RsTracedThread *survivor = rs_traced_find(threads, former);
    gint64 accounted_ns = (survivor ? survivor : leader)->cpu_ns, cpu_ns;

    if (survivor && survivor != leader) { /* the leader's thread is gone, the other has its id */
        process->threads_left_ns += MAX(leader->seen_cpu_ns - leader->cpu_ns, 0);
        survivor->cpu_ns = G_MAXINT64;
    }

    for (guint i = process->threads->len; i-- > 0;) {
        RsTracedThread *other = g_ptr_array_index(process->threads, i);

        if (other != leader)
            rs_traced_remove(threads, other);
    }
    close_files(threads, leader);
    open_files(threads, leader);
    leader->cpu_ns = accounted_ns;
    if (rs_traced_cpu(leader, &cpu_ns)) { /* what came before is not the new program's */
        process->threads_left_ns += MAX(cpu_ns - accounted_ns, 0);
        leader->cpu_ns = leader->seen_cpu_ns = cpu_ns;
    }
    leave_to_parent(threads, process);
    leader->n_samples = 0;
    leader->stack_low = leader->stack_end = 0;
    leader->is_asked = leader->is_listening = FALSE;
    return leader;
}
