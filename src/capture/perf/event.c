/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/perf/event.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "capture/perf/record.h"

#define DEFAULT_STACK_BYTES RS_PERF_MAX_RECORD_BYTES /* what fits */
#define MAX_STACK_BYTES     ((RS_PERF_MAX_RECORD_BYTES - RS_PERF_SAMPLE_OVERHEAD_BYTES) & ~7u)
#define MIN_PERIOD_NS       10000.0 /* the kernel's own limit for clocks */
#define CPUS_LIMIT          65536
#define PARANOID_FILE       "/proc/sys/kernel/perf_event_paranoid"
#define MAX_RATE_FILE       "/proc/sys/kernel/perf_event_max_sample_rate"

const RsPerfEvent rs_perf_events[] = {
    {"cpu-clock", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK, TRUE, FALSE},
    {"task-clock", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK, TRUE, FALSE},
    {"cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, FALSE, FALSE},
    {"instructions", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS, FALSE, FALSE},
    {"page-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS, FALSE, FALSE},
    {"context-switches", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CONTEXT_SWITCHES, FALSE, TRUE},
    {NULL, 0, 0, FALSE, FALSE},
};

/* --- opening --- */

static void set_rate(struct perf_event_attr *attr, const RsPerfSetup *setup, double rate_hz)
{
    attr->type = setup->event->type;
    attr->config = setup->event->config;
    if (setup->event->is_clock) {
        attr->sample_period = (guint64)MAX(RS_NS_PER_S / rate_hz, MIN_PERIOD_NS);
    } else {
        attr->freq = 1;
        attr->sample_freq = (guint64)MAX(rate_hz, 1);
    }
}

static void set_tracking(struct perf_event_attr *attr, const RsPerfSetup *setup)
{
    attr->mmap = attr->mmap2 = attr->comm = attr->comm_exec = attr->task = 1;
    attr->build_id = setup->has_build_ids;
}

int rs_perf_open(const RsPerfSetup *setup, RsPerfRole role, RsPerfStart start, pid_t tid, int cpu,
                 gsize n_wake_bytes)
{
    struct perf_event_attr attr = {
        .size = sizeof attr,
        .type = PERF_TYPE_SOFTWARE,
        .config = PERF_COUNT_SW_DUMMY,
        .sample_type = RS_PERF_SAMPLE_TYPE, /* of all that share a ring */
        .sample_regs_user = rs_perf_user_registers,
        .sample_stack_user = setup->n_stack_bytes,
        .sample_id_all = 1,
        .use_clockid = 1,
        .clockid = CLOCK_MONOTONIC,
        .read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
        .exclude_kernel = !setup->sees_kernel,
        .exclude_hv = 1,
        .disabled = start != RS_PERF_ENABLED,
        .enable_on_exec = start == RS_PERF_AT_EXEC,
        .inherit = role <= RS_PERF_STARTUP,
        .watermark = n_wake_bytes > 0,
        .wakeup_watermark = (guint32)n_wake_bytes,
    };

    if (role == RS_PERF_TRACK)
        set_tracking(&attr, setup);
    else if (role == RS_PERF_BASE)
        set_rate(&attr, setup, setup->rate_hz);
    else if (role == RS_PERF_STARTUP)
        set_rate(&attr, setup, setup->startup_rate_hz);
    return (int)syscall(SYS_perf_event_open, &attr, tid, cpu, -1, PERF_FLAG_FD_CLOEXEC);
}

/* --- what may be had --- */

static gboolean read_number(const char *path, gint64 *number)
{
    g_autofree char *text = NULL;
    char *end;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return FALSE;
    *number = g_ascii_strtoll(text, &end, 10);
    return end != text;
}

static void set_denied(GError **error, const char *sentence)
{
    g_set_error_literal(error, RS_SAMPLER_ERROR, RS_SAMPLER_ERROR_DENIED, sentence);
}

static void set_access_error(GError **error)
{
    g_autofree char *sentence = NULL;
    gint64 paranoid;

    if (!read_number(PARANOID_FILE, &paranoid))
        sentence = g_strdup("the kernel denies perf events: it needs root or CAP_PERFMON");
    else if (paranoid > 2)
        sentence = g_strdup_printf(
            "kernel.perf_event_paranoid is %" G_GINT64_FORMAT ", which denies perf events: "
            "`sysctl kernel.perf_event_paranoid=1`, root or CAP_PERFMON permit them",
            paranoid);
    else
        sentence = g_strdup_printf(
            "a security module denies perf events (kernel.perf_event_paranoid is %" G_GINT64_FORMAT
            ", which would permit them): its policy must allow perf_event for this user",
            paranoid);
    set_denied(error, sentence);
}

void rs_perf_set_error(GError **error, const RsPerfSetup *setup, int code)
{
    switch (code) {
    case EACCES:
        set_access_error(error);
        break;
    case EPERM:
        set_denied(error,
                   "perf_event_open is forbidden here, as by the seccomp profile of a container: "
                   "`--cap-add PERFMON` or another profile (`--security-opt seccomp=...`) "
                   "permits it");
        break;
    case ENOSYS:
        g_set_error(error, RS_SAMPLER_ERROR, RS_SAMPLER_ERROR_UNSUPPORTED,
                    "the kernel has no perf_event_open");
        break;
    case ENOENT:
    case EOPNOTSUPP:
    case ENODEV:
        g_set_error(error, RS_SAMPLER_ERROR, RS_SAMPLER_ERROR_UNSUPPORTED,
                    "this machine cannot count '%s' (virtual machines often have no hardware "
                    "counters): '%s' works everywhere",
                    setup->event->name, rs_perf_events[0].name);
        break;
    case EMFILE:
    case ENFILE:
        g_set_error(error, RS_SAMPLER_ERROR, RS_SAMPLER_ERROR_FAILED,
                    "too many open files for an event on each CPU: raise `ulimit -Hn`");
        break;
    default:
        g_set_error(error, RS_SAMPLER_ERROR, RS_SAMPLER_ERROR_FAILED,
                    "a perf event cannot be opened: %s", g_strerror(code));
    }
}

void rs_perf_set_target_error(GError **error, pid_t pid, int code)
{
    switch (code) {
    case ESRCH:
        g_set_error(error, RS_SAMPLER_ERROR, RS_SAMPLER_ERROR_GONE, "process %d has ended", pid);
        break;
    case EACCES:
    case EPERM:
        g_set_error(error, RS_SAMPLER_ERROR, RS_SAMPLER_ERROR_DENIED,
                    "process %d may not be looked at: it needs the same user, root, or CAP_PERFMON "
                    "and CAP_SYS_PTRACE",
                    pid);
        break;
    case EMFILE:
    case ENFILE:
        g_set_error(error, RS_SAMPLER_ERROR, RS_SAMPLER_ERROR_FAILED,
                    "too many open files for two events for each thread of process %d on each CPU: "
                    "raise `ulimit -Hn`",
                    pid);
        break;
    default:
        g_set_error(error, RS_SAMPLER_ERROR, RS_SAMPLER_ERROR_FAILED,
                    "a perf event cannot be opened on process %d: %s", pid, g_strerror(code));
    }
}

static const RsPerfEvent *find_event(const char *name)
{
    if (!name)
        return rs_perf_events;
    for (const RsPerfEvent *event = rs_perf_events; event->name; event++)
        if (g_str_equal(event->name, name))
            return event;
    return NULL;
}

static gboolean take_options(const RsSamplerOptions *options, RsPerfSetup *setup, GError **error)
{
    gint64 max_rate_hz;

    setup->event = find_event(options->event);
    if (!setup->event) {
        g_autoptr(GString) names = g_string_new(NULL);

        for (const RsPerfEvent *event = rs_perf_events; event->name; event++)
            g_string_append_printf(names, "%s%s", names->len ? ", " : "", event->name);
        g_set_error(error, RS_SAMPLER_ERROR, RS_SAMPLER_ERROR_UNSUPPORTED,
                    "there is no event '%s' (there are %s)", options->event, names->str);
        return FALSE;
    }
    if (!(options->sample_rate_hz > 0)) {
        g_set_error(error, RS_SAMPLER_ERROR, RS_SAMPLER_ERROR_FAILED,
                    "a rate of %g samples a second takes none", options->sample_rate_hz);
        return FALSE;
    }
    setup->rate_hz = options->sample_rate_hz;
    setup->startup_rate_hz =
        options->startup_ms && options->startup_rate_hz > options->sample_rate_hz
            ? options->startup_rate_hz
            : 0;
    if (read_number(MAX_RATE_FILE, &max_rate_hz) && max_rate_hz > 0) {
        setup->rate_hz = MIN(setup->rate_hz, (double)max_rate_hz);
        setup->startup_rate_hz = MIN(setup->startup_rate_hz, (double)max_rate_hz);
    }
    setup->n_stack_bytes = options->n_stack_bytes ? options->n_stack_bytes : DEFAULT_STACK_BYTES;
    setup->n_stack_bytes = MIN((setup->n_stack_bytes + 7) & ~7u, MAX_STACK_BYTES);
    return TRUE;
}

/* 0, or why it cannot be opened. */
static int try_open(const RsPerfSetup *setup, RsPerfRole role)
{
    int fd = rs_perf_open(setup, role, RS_PERF_DISABLED, 0, -1, 0);

    if (fd < 0)
        return errno;
    close(fd);
    return 0;
}

gboolean rs_perf_setup(const RsSamplerOptions *options, RsPerfSetup *setup, GError **error)
{
    RsPerfSetup tried = {.sees_kernel = TRUE, .has_build_ids = TRUE};
    int code;

    if (!take_options(options, &tried, error))
        return FALSE;
    code = try_open(&tried, RS_PERF_BASE);
    if (code == EACCES) {
        tried.sees_kernel = FALSE;
        code = try_open(&tried, RS_PERF_BASE);
    }
    if (!code && tried.event->needs_kernel && !tried.sees_kernel) {
        g_set_error(error, RS_SAMPLER_ERROR, RS_SAMPLER_ERROR_DENIED,
                    "'%s' happens in the kernel, which may not be looked at: "
                    "`sysctl kernel.perf_event_paranoid=1`, root or CAP_PERFMON permit it",
                    tried.event->name);
        return FALSE;
    }
    if (!code && try_open(&tried, RS_PERF_TRACK) == EINVAL)
        tried.has_build_ids = FALSE;
    if (!code)
        code = try_open(&tried, RS_PERF_TRACK);
    if (code) {
        rs_perf_set_error(error, &tried, code);
        return FALSE;
    }
    *setup = tried;
    return TRUE;
}

/* --- limits and CPUs --- */

gboolean rs_perf_raise_file_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max)
        return FALSE;
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

GArray *rs_perf_parse_cpus(const char *list)
{
    g_autoptr(GArray) cpus = g_array_new(FALSE, FALSE, sizeof(gint));

    while (*list && *list != '\n') {
        guint64 first, last;
        char *end;

        if (!g_ascii_isdigit(*list))
            return NULL;
        first = last = g_ascii_strtoull(list, &end, 10);
        if (*end == '-') {
            if (!g_ascii_isdigit(end[1]))
                return NULL;
            last = g_ascii_strtoull(end + 1, &end, 10);
        }
        if (last < first || last >= CPUS_LIMIT || (*end && *end != ',' && *end != '\n'))
            return NULL;
        for (gint cpu = (gint)first; cpu <= (gint)last; cpu++)
            g_array_append_val(cpus, cpu);
        list = *end == ',' ? end + 1 : end;
    }
    return cpus->len ? g_steal_pointer(&cpus) : NULL;
}

const char *rs_perf_online_file = "/sys/devices/system/cpu/online";

GArray *rs_perf_online_cpus(void)
{
    g_autofree char *list = NULL;
    GArray *cpus = NULL;

    if (g_file_get_contents(rs_perf_online_file, &list, NULL, NULL))
        cpus = rs_perf_parse_cpus(list);
    if (cpus)
        return cpus;
    cpus = g_array_new(FALSE, FALSE, sizeof(gint)); /* no /sys here */
    for (gint cpu = 0; cpu < (gint)sysconf(_SC_NPROCESSORS_CONF); cpu++)
        g_array_append_val(cpus, cpu);
    return cpus;
}
