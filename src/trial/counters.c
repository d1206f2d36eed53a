/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/counters.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

const RsCounterRow rs_counter_rows[] = {
    {RS_METRIC_INSTRUCTIONS, PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS},
    {RS_METRIC_CYCLES, PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES},
    {RS_METRIC_BRANCH_MISSES, PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_MISSES},
    {RS_METRIC_CACHE_MISSES, PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES},
    {RS_N_METRICS, 0, 0},
};

/* As read from the kernel: PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING. */
typedef struct {
    guint64 count, enabled_ns, running_ns;
} Reading;

typedef struct {
    int fd;
    RsMetricId metric;
    Reading last;
} Counter;

struct RsCounters {
    GArray *counters; /* Counter; the first leads the group */
};

static int open_one(const RsCounterRow *row, int pid, int group_fd)
{
    struct perf_event_attr attr = {
        .size = sizeof attr,
        .type = row->type,
        .config = row->config,
        .inherit = 1,
        .exclude_kernel = 1,
        .exclude_hv = 1,
        .read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
    };

    return (int)syscall(SYS_perf_event_open, &attr, pid, -1, group_fd, PERF_FLAG_FD_CLOEXEC);
}

static char *explain(int code)
{
    switch (code) {
    case ENOENT:
    case EOPNOTSUPP:
    case ENODEV:
        return g_strdup("this machine offers no hardware counters (virtual machines often do not)");
    case EACCES:
    case EPERM:
        return g_strdup("hardware counters are not permitted here (kernel.perf_event_paranoid, "
                        "or a container's seccomp profile)");
    case ENOSYS:
        return g_strdup("the kernel has no perf_event_open");
    default:
        return g_strdup_printf("hardware counters cannot be opened: %s", g_strerror(code));
    }
}

RsCounters *rs_counters_open(const RsCounterRow *rows, int pid, char **why)
{
    g_autoptr(RsCounters) counters = g_new0(RsCounters, 1);
    int first_errno = ENOENT;

    counters->counters = g_array_new(FALSE, TRUE, sizeof(Counter));
    for (; rows->metric != RS_N_METRICS; rows++) {
        GArray *opened = counters->counters;
        Counter counter = {.metric = rows->metric};

        counter.fd = open_one(rows, pid, opened->len ? g_array_index(opened, Counter, 0).fd : -1);
        if (counter.fd >= 0)
            g_array_append_val(opened, counter);
        else if (!opened->len)
            first_errno = errno;
    }
    if (counters->counters->len)
        return g_steal_pointer(&counters);
    *why = explain(first_errno);
    return NULL;
}

void rs_counters_free(RsCounters *counters)
{
    if (!counters)
        return;
    for (guint i = 0; i < counters->counters->len; i++)
        close(g_array_index(counters->counters, Counter, i).fd);
    g_array_unref(counters->counters);
    g_free(counters);
}

void rs_counters_take(RsCounters *counters, gint64 values[RS_N_METRICS])
{
    for (guint i = 0; i < RS_N_METRICS; i++)
        values[i] = RS_COUNT_ABSENT;
    for (guint i = 0; counters && i < counters->counters->len; i++) {
        Counter *counter = &g_array_index(counters->counters, Counter, i);
        Reading now;
        double enabled_ns, running_ns;

        if (read(counter->fd, &now, sizeof now) != sizeof now)
            continue;
        enabled_ns = (double)(now.enabled_ns - counter->last.enabled_ns);
        running_ns = (double)(now.running_ns - counter->last.running_ns);
        if (running_ns >= enabled_ns && enabled_ns > 0)
            values[counter->metric] = (gint64)(now.count - counter->last.count);
        else if (running_ns > 0)
            values[counter->metric] =
                (gint64)((double)(now.count - counter->last.count) * enabled_ns / running_ns);
        counter->last = now;
    }
}
