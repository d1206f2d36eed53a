/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Samples by stopping threads for some microseconds, where perf_event_open is denied. Each process
 * is looked at at the rate, at irregular times; threads that run then are stopped one after the
 * other, registers and stack are copied, and all else is done when they run again. Threads that
 * sleep are left alone. A sample weighs the CPU time that its thread used since its last one, so
 * rates need not be kept, and are not where stops take long: each thread is stopped for a small
 * share of the CPU time that it uses, and looking takes a small share of a CPU. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "capture/ptrace/probe.h"
#include "capture/ptrace/stop.h"
#include "capture/ptrace/tracer.h"
#include "capture/sampler.h"

#define DEFAULT_RATE_HZ     99.0
#define MAX_RATE_HZ         10000.0
#define DEFAULT_STACK_BYTES (256u * 1024)
#define MIN_STACK_BYTES     (4u * 1024)
#define MAX_STACK_BYTES     (4u * 1024 * 1024)
#define STOP_WAIT_NS        3000000  /* longer than that a thread is not waited for */
#define WAKE_NS             10000000 /* so often wake_fd is looked at */
/* A thread may be stopped for this share of the time that it runs or waits for a CPU. */
#define STOPPED_FRAC 0.01
#define STARTUP_FRAC 0.1 /* while the startup rate holds */
/* Yet as often as this, though a busy machine makes stops long: for as long a thread runs or waits
 * at most until it is stopped again. */
#define DEBT_NS         (RS_NS_PER_S / 5)
#define STARTUP_DEBT_NS (RS_NS_PER_S / 50)
#define PRIORITY        (-10) /* where it is permitted: what is stopped waits for us */
#define CREDIT_MAX_NS   2000000
#define LOOK_FRAC       0.05              /* looking at a process may take this share of a CPU */
#define RAN_NS          10000             /* what used less did not run */
#define LOAD_FRAC       0.05              /* reading mappings, likewise */
#define YOUNG_NS        (RS_NS_PER_S / 5) /* until then a program is still being loaded */

/* Lengths of stops, by their logarithm in quarters of an octave. */
#define N_STOP_BINS 160

typedef struct {
    RsSamplerOptions options;
    RsSamplerSink sink;
    RsTracer *tracer;
    RsStopCopy copy;
    gboolean has_copy; /* of the thread that stopped last */
    gint64 stopped_at_ns;
    int delay_fd;
    GRand *random;
    RsSamplerCounts counts;
    guint32 n_stops[N_STOP_BINS];
} PtraceSampler;

/* --- lengths of stops --- */

static guint bin_of(gint64 ns)
{
    guint64 value = (guint64)MAX(ns, 4);
    guint octave = 63 - (guint)__builtin_clzll(value);

    return MIN(octave * 4 + (guint)(value >> (octave - 2) & 3), N_STOP_BINS - 1);
}

/* The middle of the bin that holds this share of all stops; -1: there were none. */
static gint64 stop_quantile(const PtraceSampler *sampler, double frac)
{
    guint64 n = 0, n_below = 0;

    for (guint i = 0; i < N_STOP_BINS; i++)
        n += sampler->n_stops[i];
    for (guint i = 0; i < N_STOP_BINS; i++) {
        n_below += sampler->n_stops[i];
        if (n_below > 0 && (double)n_below >= frac * (double)n)
            return (gint64)(((guint64)(4 + i % 4) * 2 + 1) << (i / 4) >> 3);
    }
    return -1;
}

/* --- how often --- */

static gboolean is_in_startup(const RsTracedProcess *process, gint64 now)
{
    return now < process->startup_end_ns;
}

static gint64 period_of(const PtraceSampler *sampler, const RsTracedProcess *process, gint64 now)
{
    double rate_hz = sampler->options.sample_rate_hz;
    gint64 period_ns;

    if (is_in_startup(process, now) && sampler->options.startup_rate_hz > 0)
        rate_hz = sampler->options.startup_rate_hz;
    period_ns = (gint64)((double)RS_NS_PER_S / rate_hz);
    return MAX(period_ns, (gint64)((double)process->look_cost_ns / LOOK_FRAC));
}

static double stopped_frac(const RsTracedProcess *process, gint64 now)
{
    return is_in_startup(process, now) ? STARTUP_FRAC : STOPPED_FRAC;
}

/* --- one sample --- */

static void on_stopped(gpointer data, RsTracedThread *thread)
{
    PtraceSampler *sampler = data;

    sampler->stopped_at_ns = rs_monotonic_ns();
    sampler->has_copy =
        rs_stop_copy(thread->tid, thread->stack_low, thread->stack_end, &sampler->copy);
    if (sampler->has_copy &&
        !thread->process->has_code) /* now, as it may be gone before its first sample is unwound */
        thread->process->has_code = rs_spaces_load(sampler->sink.spaces, thread->process->pid);
}

/* From when we saw it to when it went on, and what we waited for a CPU ourselves. How long the
 * thread took to stop does not count: it may not have been running at all. */
static void account_stop(PtraceSampler *sampler, RsTracedThread *thread)
{
    gint64 now = rs_monotonic_ns();
    gint64 stop_ns = now - sampler->stopped_at_ns +
                     MAX(rs_traced_own_delay(sampler->delay_fd) - thread->asked_delay_ns, 0);

    double debt_ns = stopped_frac(thread->process, now) *
                     (double)(is_in_startup(thread->process, now) ? STARTUP_DEBT_NS : DEBT_NS);

    thread->credit_ns = MAX(thread->credit_ns - stop_ns, -(gint64)debt_ns);
    sampler->counts.stopped_ns += stop_ns;
    sampler->n_stops[bin_of(stop_ns)]++;
}

static void refresh_mappings(PtraceSampler *sampler, RsTracedThread *thread)
{
    RsTracedProcess *process = thread->process;
    RsSpace *space = rs_spaces_find(sampler->sink.spaces, process->pid);
    const RsRegisters *registers = &sampler->copy.registers;
    gint64 start_ns = rs_monotonic_ns();
    gboolean is_new_stack = registers->r[RS_REG_RSP] < thread->stack_low ||
                            registers->r[RS_REG_RSP] >= thread->stack_end;
    gboolean is_new_code = !space || start_ns - process->exec_ns < YOUNG_NS ||
                           !rs_space_find(space, registers->r[RS_REG_RIP]);

    if ((!is_new_stack && !is_new_code) || start_ns < process->next_load_ns)
        return;
    if (is_new_code)
        rs_spaces_load(sampler->sink.spaces, process->pid);
    if (is_new_stack && !rs_stop_find_mapping(thread->tid, registers->r[RS_REG_RSP],
                                              &thread->stack_low, &thread->stack_end))
        thread->stack_low = thread->stack_end = 0;
    process->next_load_ns =
        start_ns + (gint64)((double)(rs_monotonic_ns() - start_ns) * ((1 - LOAD_FRAC) / LOAD_FRAC));
}

/* Threads are named after their birth, and some again: looked up ever more seldom. */
static void refresh_name(PtraceSampler *sampler, RsTracedThread *thread)
{
    guint n = thread->n_samples++;

    if ((n & (n - 1)) == 0 || n % 1024 == 0)
        rs_tracer_tell_name(sampler->tracer, thread);
}

/* CPU time since the last sample, and with a first one what others left to it. */
static gint64 take_weight(PtraceSampler *sampler, RsTracedThread *thread)
{
    RsTracedProcess *process = thread->process, *parent;
    gint64 cpu_ns, weight_ns;

    if (!rs_traced_cpu(thread, &cpu_ns))
        cpu_ns = thread->seen_cpu_ns;
    thread->seen_cpu_ns = cpu_ns;
    weight_ns = cpu_ns - thread->cpu_ns;
    if (weight_ns <= 0)
        return 0;
    thread->cpu_ns = cpu_ns;
    if (thread->n_samples > 0)
        return weight_ns;
    weight_ns += process->threads_left_ns;
    process->threads_left_ns = 0;
    parent = thread->tid == process->pid
                 ? rs_traced_find_process(rs_tracer_threads(sampler->tracer), process->parent)
                 : NULL;
    if (parent) {
        weight_ns += parent->children_left_ns;
        parent->children_left_ns = 0;
    }
    return weight_ns;
}

static void on_resumed(gpointer data, RsTracedThread *thread)
{
    PtraceSampler *sampler = data;
    const RsStopCopy *copy = &sampler->copy;
    RsRawSample sample = {
        .time_ns = sampler->stopped_at_ns,
        .process_id = thread->process->pid,
        .thread_id = thread->tid,
        .has_registers = copy->has_registers,
        .registers = copy->registers,
        .stack = {copy->stack_base, copy->stack, copy->n_stack_bytes, thread->tid},
    };

    account_stop(sampler, thread);
    if (sampler->has_copy)
        sample.weight_ns = take_weight(sampler, thread);
    if (sample.weight_ns == 0)
        return;
    if (copy->has_registers)
        refresh_mappings(sampler, thread);
    refresh_name(sampler, thread);
    sampler->counts.n_samples++;
    sampler->sink.sample(sampler->sink.data, &sample);
}

/* --- looking --- */

/* Runs now, and may be stopped. */
static gboolean should_stop(PtraceSampler *sampler, RsTracedThread *thread, gint64 now)
{
    gint64 cpu_ns, grown_ns;

    if (thread->is_asked || thread->is_listening || !rs_traced_cpu(thread, &cpu_ns))
        return FALSE;
    grown_ns = cpu_ns - thread->seen_cpu_ns;
    if (grown_ns <= 0)
        return FALSE;
    thread->credit_ns += (gint64)(stopped_frac(thread->process, now) *
                                  (double)(grown_ns + thread->delay_ns - thread->seen_delay_ns));
    thread->seen_cpu_ns = cpu_ns;
    thread->seen_delay_ns = thread->delay_ns;
    thread->credit_ns = MIN(thread->credit_ns, CREDIT_MAX_NS);
    if (!rs_traced_is_running(thread))
        return FALSE;
    if (thread->credit_ns >= 0)
        return TRUE;
    sampler->counts.n_throttled++;
    return FALSE;
}

/* Any event may end threads: they are found anew by their ids. */
static void sample_thread(PtraceSampler *sampler, pid_t tid)
{
    RsTracedThreads *threads = rs_tracer_threads(sampler->tracer);
    RsTracedThread *thread = rs_traced_find(threads, tid);
    gint64 start_ns = rs_monotonic_ns();

    if (!thread || !should_stop(sampler, thread, start_ns))
        return;
    thread->asked_delay_ns = rs_traced_own_delay(sampler->delay_fd);
    if (!rs_tracer_ask(sampler->tracer, thread))
        return;
    while ((thread = rs_traced_find(threads, tid)) && thread->is_asked)
        if (rs_tracer_step(sampler->tracer, start_ns + STOP_WAIT_NS) >= RS_PTRACE_WAIT_TIMEOUT)
            return; /* it is sampled when it stops */
}

static void look_at_threads(PtraceSampler *sampler, const RsTracedProcess *process)
{
    g_autoptr(GArray) ids = g_array_sized_new(FALSE, FALSE, sizeof(pid_t), process->threads->len);
    guint first;

    for (guint i = 0; i < process->threads->len; i++) {
        const RsTracedThread *thread = g_ptr_array_index(process->threads, i);

        g_array_append_val(ids, thread->tid);
    }
    if (ids->len == 0)
        return;
    first = g_rand_int_range(sampler->random, 0, (gint32)ids->len);
    for (guint i = 0; i < ids->len; i++)
        sample_thread(sampler, g_array_index(ids, pid_t, (first + i) % ids->len));
}

static void look_at(PtraceSampler *sampler, pid_t pid, gint64 now)
{
    RsTracedThreads *threads = rs_tracer_threads(sampler->tracer);
    RsTracedProcess *process = rs_traced_find_process(threads, pid);
    gint64 period_ns = period_of(sampler, process, now), start_ns, clock;
    gboolean is_new = process->next_look_ns == 0;

    /* Not at the beat of anything in the target; the first time anywhere in the period. */
    process->next_look_ns =
        now +
        (gint64)((double)period_ns * (is_new ? g_rand_double(sampler->random)
                                             : g_rand_double_range(sampler->random, 0.75, 1.25)));
    if (is_new || process->is_ignored || process->awaits_exec)
        return;
    start_ns = rs_clock_ns(CLOCK_THREAD_CPUTIME_ID);
    clock = rs_traced_clock(process);
    if (clock >= 0 && process->clock_ns >= 0 && clock - process->clock_ns < RAN_NS)
        return;
    process->clock_ns = clock;
    look_at_threads(sampler, process);
    process = rs_traced_find_process(threads, pid);
    if (process)
        process->look_cost_ns +=
            (rs_clock_ns(CLOCK_THREAD_CPUTIME_ID) - start_ns - process->look_cost_ns) / 8;
}

/* Those whose time has come; when the next one is, at most until_ns. */
static gint64 look_at_due(PtraceSampler *sampler, gint64 until_ns)
{
    RsTracedThreads *threads = rs_tracer_threads(sampler->tracer);
    g_autoptr(GArray) due = g_array_new(FALSE, FALSE, sizeof(pid_t));
    const GPtrArray *processes = rs_traced_processes(threads);
    gint64 now = rs_monotonic_ns();

    for (guint i = 0; i < processes->len; i++) {
        const RsTracedProcess *process = g_ptr_array_index(processes, i);

        if (process->next_look_ns <= now)
            g_array_append_val(due, process->pid);
    }
    for (guint i = 0; i < due->len; i++) {
        pid_t pid = g_array_index(due, pid_t, i);

        if (rs_traced_find_process(threads, pid))
            look_at(sampler, pid, rs_monotonic_ns());
    }
    for (guint i = 0; i < processes->len; i++) {
        const RsTracedProcess *process = g_ptr_array_index(processes, i);

        until_ns = MIN(until_ns, process->next_look_ns);
    }
    return until_ns;
}

/* --- the row --- */

static gboolean probe(const RsSamplerOptions *options, char **why)
{
    return rs_ptrace_probe(why);
}

static gboolean is_known_event(const char *event)
{
    return !event || g_str_equal(event, "cpu-clock") || g_str_equal(event, "task-clock");
}

static void close_sampler(gpointer data)
{
    PtraceSampler *sampler = data;

    rs_tracer_free(sampler->tracer);
    if (sampler->delay_fd >= 0)
        close(sampler->delay_fd);
    g_rand_free(sampler->random);
    g_free(sampler->copy.stack);
    g_free(sampler);
}

static gpointer open_sampler(const RsSamplerOptions *options, const RsSamplerSink *sink,
                             GError **error)
{
    PtraceSampler *sampler;
    RsTracerOptions tracer_options = {
        .spaces = sink->spaces,
        .tasks = sink->tasks,
        .startup_ns = options->startup_rate_hz > 0 ? options->startup_ms * (RS_NS_PER_S / 1000) : 0,
        .ignored_pid = options->ignored_pid,
        .stopped = on_stopped,
        .resumed = on_resumed,
    };

    if (!is_known_event(options->event)) {
        g_set_error(error, RS_SAMPLER_ERROR, RS_SAMPLER_ERROR_UNSUPPORTED,
                    "the ptrace sampler samples CPU time alone, not '%s'", options->event);
        return NULL;
    }
    sampler = tracer_options.data = g_new0(PtraceSampler, 1);
    sampler->tracer = rs_tracer_new(&tracer_options, error);
    if (!sampler->tracer) {
        g_free(sampler);
        return NULL;
    }
    sampler->options = *options;
    sampler->options.event = NULL;
    sampler->options.sample_rate_hz =
        options->sample_rate_hz > 0 ? MIN(options->sample_rate_hz, MAX_RATE_HZ) : DEFAULT_RATE_HZ;
    sampler->options.startup_rate_hz = MIN(options->startup_rate_hz, MAX_RATE_HZ);
    sampler->sink = *sink;
    sampler->copy.n_max_bytes =
        options->n_stack_bytes ? CLAMP(options->n_stack_bytes, MIN_STACK_BYTES, MAX_STACK_BYTES)
                               : DEFAULT_STACK_BYTES;
    sampler->copy.stack = g_malloc(sampler->copy.n_max_bytes);
    sampler->delay_fd = rs_traced_open_own_delay();
    setpriority(PRIO_PROCESS, 0, PRIORITY); /* of this thread alone, on Linux */
    sampler->random = g_rand_new();
    return sampler;
}

static gboolean attach(gpointer data, pid_t pid, gboolean at_exec, GError **error)
{
    PtraceSampler *sampler = data;

    return rs_tracer_attach(sampler->tracer, pid, at_exec, error);
}

static gboolean is_woken(int wake_fd, int timeout_ms)
{
    struct pollfd fd = {.fd = wake_fd, .events = POLLIN};

    return poll(&fd, 1, timeout_ms) > 0;
}

static gboolean drain(gpointer data, GError **error)
{
    PtraceSampler *sampler = data;
    gint64 end_ns = rs_monotonic_ns() + WAKE_NS; /* a target can make events without end */

    while (rs_monotonic_ns() < end_ns && rs_tracer_step(sampler->tracer, 0) <= RS_PTRACE_WAIT_ENDED)
        ;
    return TRUE;
}

static gboolean poll_sampler(gpointer data, int wake_fd, int timeout_ms, GError **error)
{
    PtraceSampler *sampler = data;
    gint64 end_ns = rs_monotonic_ns() + (gint64)timeout_ms * (RS_NS_PER_S / 1000), now, next_ns;
    RsPtraceWaitResult result;

    while ((now = rs_monotonic_ns()) < end_ns) {
        next_ns = look_at_due(sampler, MIN(end_ns, now + WAKE_NS));
        if (is_woken(wake_fd, 0)) /* what has stopped still has to go on */
            return drain(sampler, error);
        do
            result = rs_tracer_step(sampler->tracer, next_ns);
        while (result <= RS_PTRACE_WAIT_ENDED && rs_monotonic_ns() < next_ns);
        if (result == RS_PTRACE_WAIT_NOBODY) {
            is_woken(wake_fd, timeout_ms);
            break;
        }
    }
    return TRUE;
}

static void counts_of(gpointer data, RsSamplerCounts *counts)
{
    PtraceSampler *sampler = data;

    sampler->counts.n_targets = rs_tracer_n_attached(sampler->tracer);
    sampler->counts.stop_p50_ns = stop_quantile(sampler, 0.5);
    sampler->counts.stop_p99_ns = stop_quantile(sampler, 0.99);
    *counts = sampler->counts;
}

static const char *describe(gpointer data, gboolean *sees_kernel)
{
    *sees_kernel = TRUE; /* it counts for the function that called the kernel */
    return "task-clock";
}

const RsSamplerRow rs_sampler_ptrace = {
    .name = "ptrace",
    .summary = "stops running threads for some microseconds",
    .probe = probe,
    .open = open_sampler,
    .close = close_sampler,
    .attach = attach,
    .poll = poll_sampler,
    .drain = drain,
    .counts = counts_of,
    .describe = describe,
    .reaps = TRUE,
};
