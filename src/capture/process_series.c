/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/process_series.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "capture/process/proc_file.h"
#include "capture/process/switches.h"

#define IO_BYTES        512
#define STATM_BYTES     160
#define N_MANY_FDS      512 /* more are counted at every N_RARE-th look */
#define N_RARE          16
#define COMM_LENGTH     15
#define MIN_AGE_TICKS   2
#define DELETED         " (deleted)"
#define N_MAX_PROCESSES (1 << 22) /* the kernel's own limit of ids */
#define PATH_BYTES      4096

struct RsProcessSeries {
    pid_t pid;
    int dir_fd, stat_fd, statm_fd, io_fd;
    RsSwitches *switches;
    DIR *descriptors; /* where entries must be counted */
    gint64 n_last_fds;
    guint n_looks;
    gboolean has_clock;
    clockid_t clock;
    gint64 ns_per_tick, page_bytes;
    gint64 cpu_ns, system_ns; /* -1: no look yet */
    gint64 last_cpu_ns, last_ns;
};

static gint64 ns_of(clockid_t clock)
{
    struct timespec time;

    if (clock_gettime(clock, &time) != 0)
        return -1;
    return (gint64)time.tv_sec * RS_NS_PER_S + time.tv_nsec;
}

RsProcessSeries *rs_process_series_new(pid_t pid, GError **error)
{
    g_autoptr(RsProcessSeries) series = g_new0(RsProcessSeries, 1);

    series->pid = pid;
    series->stat_fd = series->statm_fd = series->io_fd = -1;
    series->cpu_ns = series->system_ns = series->last_cpu_ns = -1;
    series->dir_fd = rs_proc_open_dir(pid);
    if (series->dir_fd >= 0)
        series->stat_fd = rs_proc_open(series->dir_fd, "stat");
    if (series->stat_fd < 0) {
        int code = errno;

        g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(code), "process %d: %s",
                    (int)pid, g_strerror(code));
        return NULL;
    }
    series->statm_fd = rs_proc_open(series->dir_fd, "statm");
    series->switches = rs_switches_new(series->dir_fd, pid);
    series->has_clock = clock_getcpuclockid(pid, &series->clock) == 0;
    series->ns_per_tick = RS_NS_PER_S / MAX(1, sysconf(_SC_CLK_TCK));
    series->page_bytes = sysconf(_SC_PAGESIZE);
    return g_steal_pointer(&series);
}

static void close_fd(int fd)
{
    if (fd >= 0)
        close(fd);
}

void rs_process_series_free(RsProcessSeries *series)
{
    if (!series)
        return;
    g_clear_pointer(&series->switches, rs_switches_free);
    if (series->descriptors)
        closedir(series->descriptors);
    close_fd(series->io_fd);
    close_fd(series->statm_fd);
    close_fd(series->stat_fd);
    close_fd(series->dir_fd);
    g_free(series);
}

/* --- CPU --- */

/* Takes the CPU time as of now; returns when that was. The clock goes by the id, and may by now be
 * that of another process: then it stands before what was seen already, and is not asked again. */
static gint64 read_cpu(RsProcessSeries *series, const RsProcStat *stat)
{
    gint64 user_ns = (gint64)stat->user_ticks * series->ns_per_tick;
    gint64 system_ns = (gint64)stat->system_ticks * series->ns_per_tick;
    gint64 clock_ns = series->has_clock ? ns_of(series->clock) : -1;
    gint64 now_ns = ns_of(CLOCK_MONOTONIC);

    if (clock_ns < MAX(series->cpu_ns, 0))
        series->has_clock = FALSE;
    series->cpu_ns = MAX(series->cpu_ns, MAX(user_ns + system_ns, clock_ns));
    series->system_ns = MAX(series->system_ns, system_ns);
    return now_ns;
}

static double cpu_pct(RsProcessSeries *series, const RsProcStat *stat, gint64 now_ns)
{
    gint64 used_ns, age_ns;

    if (series->last_cpu_ns >= 0) {
        used_ns = series->cpu_ns - series->last_cpu_ns;
        age_ns = now_ns - series->last_ns;
    } else {
        /* starttime is since the boot, suspended time included */
        gint64 since_boot_ns = ns_of(CLOCK_BOOTTIME);

        used_ns = series->cpu_ns;
        age_ns = since_boot_ns - (gint64)stat->start_ticks * series->ns_per_tick;
        if (age_ns < MIN_AGE_TICKS * series->ns_per_tick)
            age_ns = 0;
    }
    series->last_cpu_ns = series->cpu_ns;
    series->last_ns = now_ns;
    return age_ns > 0 ? 100.0 * (double)used_ns / (double)age_ns : NAN;
}

void rs_process_series_cpu(const RsProcessSeries *series, gint64 *user_ns, gint64 *system_ns)
{
    *user_ns = series->cpu_ns < 0 ? -1 : MAX(0, series->cpu_ns - series->system_ns);
    *system_ns = series->system_ns;
}

gint64 rs_process_series_peak_rss(const RsProcessSeries *series)
{
    return rs_switches_peak_rss(series->switches);
}

/* --- memory, descriptors, I/O --- */

static gint64 read_rss(const RsProcessSeries *series, const RsProcStat *stat)
{
    char text[STATM_BYTES], *end;
    guint64 n_pages;

    /* Of a first thread that ended before the others it tells zeros. */
    if (stat->state == 'Z' || series->statm_fd < 0 ||
        rs_proc_read(series->statm_fd, text, sizeof text) <= 0)
        return -1;
    (void)g_ascii_strtoull(text, &end, 10);
    n_pages = g_ascii_strtoull(end, NULL, 10);
    return n_pages > (guint64)(G_MAXINT64 / series->page_bytes)
               ? -1
               : (gint64)n_pages * series->page_bytes;
}

static gint64 count_fds(RsProcessSeries *series)
{
    gint64 n_fds = 0;

    if (!series->descriptors) {
        int fd = openat(series->dir_fd, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (fd < 0)
            return -1;
        series->descriptors = fdopendir(fd);
        if (!series->descriptors) {
            close(fd);
            return -1;
        }
    }
    rewinddir(series->descriptors);
    for (const struct dirent *entry; (entry = readdir(series->descriptors));)
        n_fds += entry->d_name[0] != '.';
    return n_fds;
}

static gint64 read_fds(RsProcessSeries *series, const RsProcStat *stat)
{
    struct stat status;

    if (stat->state == 'Z' || fstatat(series->dir_fd, "fd", &status, 0) != 0)
        return -1;
    if (status.st_size > 0)
        return status.st_size;
    /* An older kernel, or a process without any. */
    if (series->n_last_fds > N_MANY_FDS && series->n_looks % N_RARE != 0)
        return -1;
    return series->n_last_fds = count_fds(series);
}

static void read_io(RsProcessSeries *series, RsProcessSample *sample)
{
    char text[IO_BYTES];

    if (series->io_fd < 0)
        series->io_fd = rs_proc_open(series->dir_fd, "io");
    if (series->io_fd < 0 || rs_proc_read(series->io_fd, text, sizeof text) <= 0)
        return;
    sample->read_bytes = rs_proc_number(text, "rchar:");
    sample->written_bytes = rs_proc_number(text, "wchar:");
}

RsProcessSample *rs_process_series_look(RsProcessSeries *series)
{
    RsProcStat stat;
    RsProcessSample *sample;
    gint64 now_ns;

    if (!rs_proc_read_stat(series->stat_fd, &stat))
        return NULL;
    now_ns = read_cpu(series, &stat);
    if (rs_proc_has_ended(&stat))
        return NULL;
    sample = rs_process_sample_new();
    sample->process_id = series->pid;
    sample->cpu_pct = cpu_pct(series, &stat, now_ns);
    sample->n_threads = stat.n_threads;
    sample->rss_bytes = read_rss(series, &stat);
    sample->n_open_fds = read_fds(series, &stat);
    sample->n_syscalls = -1;
    sample->read_bytes = sample->written_bytes = -1;
    read_io(series, sample);
    rs_switches_look(series->switches, stat.n_threads, &sample->n_voluntary_switches,
                     &sample->n_involuntary_switches);
    series->n_looks++;
    return sample;
}

/* --- names and families --- */

/* The base name of its executable; NULL: not told. */
static char *executable_of(int dir_fd)
{
    char path[PATH_BYTES];
    gssize n_bytes = readlinkat(dir_fd, "exe", path, sizeof path - 1);

    if (n_bytes <= 0)
        return NULL;
    path[n_bytes] = '\0';
    if (g_str_has_suffix(path, DELETED))
        path[(gsize)n_bytes - strlen(DELETED)] = '\0';
    return g_path_get_basename(path);
}

/* FALSE: it is gone. dir_fd: to be closed. */
static gboolean open_process(pid_t pid, int *dir_fd, RsProcStat *stat)
{
    int stat_fd;
    gboolean is_there;

    *dir_fd = rs_proc_open_dir(pid);
    if (*dir_fd < 0)
        return FALSE;
    stat_fd = rs_proc_open(*dir_fd, "stat");
    is_there = stat_fd >= 0 && rs_proc_read_stat(stat_fd, stat);
    close_fd(stat_fd);
    if (!is_there)
        close(*dir_fd);
    return is_there;
}

char *rs_process_name(pid_t pid)
{
    g_autofree char *executable = NULL;
    RsProcStat stat;
    int dir_fd;

    if (!open_process(pid, &dir_fd, &stat))
        return NULL;
    executable = executable_of(dir_fd);
    close(dir_fd);
    /* comm is the beginning of the executable's name unless it was given otherwise. */
    if (executable && strncmp(executable, stat.name, COMM_LENGTH) == 0)
        return g_steal_pointer(&executable);
    return g_strdup(stat.name);
}

static gboolean has_name(int dir_fd, const RsProcStat *stat, const char *name)
{
    g_autofree char *executable = NULL;

    if (strcmp(stat->name, name) == 0)
        return TRUE;
    executable = executable_of(dir_fd);
    if (executable)
        return strcmp(executable, name) == 0;
    return strlen(name) > COMM_LENGTH && strlen(stat->name) == COMM_LENGTH &&
           g_str_has_prefix(name, stat->name);
}

typedef struct {
    gint32 pid;
    pid_t parent_id;
    guint64 start_ticks;
} Seen;

static gint newest_first(gconstpointer a, gconstpointer b)
{
    const Seen *x = a, *y = b;

    if (x->start_ticks != y->start_ticks)
        return x->start_ticks < y->start_ticks ? 1 : -1;
    return (x->pid < y->pid) - (x->pid > y->pid);
}

/* All processes, or those of a name. Seen. */
static GArray *see_processes(const char *name)
{
    GArray *seen = g_array_new(FALSE, FALSE, sizeof(Seen));
    DIR *directory = opendir("/proc");

    if (!directory)
        return seen;
    for (const struct dirent *entry; (entry = readdir(directory)) && seen->len < N_MAX_PROCESSES;) {
        pid_t pid = rs_proc_id(entry->d_name);
        RsProcStat stat;
        int dir_fd;

        if (pid == 0 || !open_process(pid, &dir_fd, &stat))
            continue;
        if (!name || (!rs_proc_has_ended(&stat) && has_name(dir_fd, &stat, name)))
            g_array_append_val(seen, ((Seen){pid, stat.parent_id, stat.start_ticks}));
        close(dir_fd);
    }
    closedir(directory);
    return seen;
}

GArray *rs_process_find_by_name(const char *name)
{
    g_autoptr(GArray) seen = see_processes(name);
    GArray *found = g_array_new(FALSE, FALSE, sizeof(gint32));
    gint32 own_pid = getpid();

    g_array_sort(seen, newest_first);
    for (guint i = 0; i < seen->len; i++) {
        const Seen *process = &g_array_index(seen, Seen, i);

        if (process->pid != own_pid)
            g_array_append_val(found, process->pid);
    }
    return found;
}

GArray *rs_process_tree(pid_t pid)
{
    g_autoptr(GArray) seen = see_processes(NULL);
    GArray *tree = g_array_new(FALSE, FALSE, sizeof(gint32));

    for (guint i = 0; i < seen->len && tree->len == 0; i++) {
        if (g_array_index(seen, Seen, i).pid == pid)
            g_array_append_val(tree, g_array_index(seen, Seen, i).pid);
    }
    /* Each process is looked for as a parent once, so the tree ends even if ids were reused while
     * we looked. */
    for (guint next = 0; next < tree->len; next++) {
        gint32 parent = g_array_index(tree, gint32, next);

        for (guint i = 0; i < seen->len && tree->len <= seen->len; i++) {
            const Seen *process = &g_array_index(seen, Seen, i);

            if (process->parent_id == parent && process->pid != parent)
                g_array_append_val(tree, process->pid);
        }
    }
    return tree;
}
