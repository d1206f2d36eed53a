/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each thing has a time at which it is due; the loop sleeps until the first of them, or until a
 * signal, a key or the end of the target. Signals are read from a descriptor, so all work is done
 * here and none in a handler. */
#include "cmd/record_loop.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/units.h"
#include "capture/process_series.h"
#include "cmd/command.h"
#include "cmd/record_live.h"
#include "cmd/record_session.h"
#include "cmd/record_status.h"

#define PUMP_NS              (50 * RS_NS_PER_MS)
#define CONTINUOUS_PUMP_NS   (100 * RS_NS_PER_MS)
#define SHOW_NS              (250 * RS_NS_PER_MS)
#define RESCAN_NS            (1 * RS_NS_PER_S)
#define CONTINUOUS_RESCAN_NS (5 * RS_NS_PER_S)
#define DIAGNOSE_NS          (10 * RS_NS_PER_S)
#define SUCCESSOR_NS         (500 * RS_NS_PER_MS)
#define LOCKS_NS             (100 * RS_NS_PER_MS)
#define LOCKS_SLOWEST_NS     (10 * RS_NS_PER_S)
#define MAX_EVENTS           2000 /* then the detector begins anew */
#define SETTLED_INTERVALS    3

/* What looking at locks may cost: this share of a CPU in the long run, and so much at once (the
 * first look of a file compiles its unwind table). */
static const struct {
    double frac;
    gint64 burst_ns;
} lock_budgets[] = {{0.01, 200 * RS_NS_PER_MS}, {0.003, 50 * RS_NS_PER_MS}}; /* continuous */

typedef struct {
    RsRecordRun *run;
    gint64 pump_ns, series_ns, rescan_ns, locks_ns, show_ns, diagnose_ns, successor_ns;
    gint64 locks_debt_ns, locks_paid_ns; /* as of then */
    guint next_locks_process;
} Loop;

static gint64 thread_cpu_ns(void)
{
    struct timespec cpu;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
    return cpu.tv_sec * RS_NS_PER_S + cpu.tv_nsec;
}

/* --- events --- */

static void tell_event(const RsRecordRun *run, const RsTimelineEvent *event)
{
    g_autofree char *line = rs_status_event_line(event, event->start_ns - run->start_ns);

    rs_record_say(run, "%s", line);
}

/* Told to the recording at once, in case that we are killed. */
static void note_new_events(RsRecordRun *run)
{
    while (run->settled->len < run->found->len) {
        const RsTimelineEvent *event = g_ptr_array_index(run->found, run->settled->len);

        g_byte_array_append(run->settled, &(guint8){0}, 1);
        rs_recording_event(run->recording, event);
        if (run->opts->verbose && !run->live)
            tell_event(run, event);
    }
}

static gint64 grace_ns(const RsRecordRun *run)
{
    return (gint64)(SETTLED_INTERVALS * run->interval_s * RS_NS_PER_S);
}

void rs_record_settle_events(RsRecordRun *run)
{
    gint64 until_ns = rs_monotonic_ns() - grace_ns(run);

    for (guint i = 0; i < run->found->len; i++) {
        const RsTimelineEvent *event = g_ptr_array_index(run->found, i);

        if (run->settled->data[i])
            continue;
        rs_recording_event(run->recording, event);
        run->settled->data[i] = event->end_ns < until_ns;
    }
}

/* When one has ended; the others are told on the occasion. */
static void settle_old_events(RsRecordRun *run, gint64 now_ns)
{
    gboolean any = FALSE;

    for (guint i = 0; i < run->found->len && !any; i++) {
        const RsTimelineEvent *event = g_ptr_array_index(run->found, i);

        any = !run->settled->data[i] && event->end_ns < now_ns - grace_ns(run);
    }
    if (any || run->found->len >= MAX_EVENTS)
        rs_record_settle_events(run);
    if (run->found->len >= MAX_EVENTS)
        rs_record_forget_events(run);
}

void rs_record_forget_events(RsRecordRun *run)
{
    rs_events_free(run->events);
    run->events = rs_events_new(&rs_event_limits);
    g_ptr_array_set_size(run->found, 0);
    g_byte_array_set_size(run->settled, 0);
    rs_live_status_clear(run->live);
}

/* --- looks --- */

static void remember_peaks(RsRecordRun *run, const GPtrArray *samples)
{
    RsProcessSample sum = rs_process_samples_sum(samples);

    run->peak_rss_bytes = MAX(run->peak_rss_bytes, sum.rss_bytes);
    run->peak_threads = MAX(run->peak_threads, sum.n_threads);
}

static void look_at_processes(Loop *loop, gint64 now_ns)
{
    RsRecordRun *run = loop->run;
    g_autoptr(GPtrArray) samples = NULL;

    if (!run->series)
        return;
    if (now_ns >= loop->rescan_ns) {
        rs_tree_series_rescan(run->series);
        if (rs_tree_series_n_left_out(run->series))
            rs_record_warn(run, "it has more than %d processes: only the oldest have their series",
                           RS_TREE_MAX_PROCESSES);
        loop->rescan_ns = now_ns + (run->opts->continuous ? CONTINUOUS_RESCAN_NS : RESCAN_NS);
    }
    samples = rs_tree_series_look(run->series, now_ns);
    for (guint i = 0; i < samples->len; i++) {
        const RsProcessSample *sample = g_ptr_array_index(samples, i);

        rs_recording_process_sample(run->recording, sample);
        rs_events_look(run->events, sample, run->found);
    }
    note_new_events(run);
    settle_old_events(run, now_ns);
    remember_peaks(run, samples);
    rs_live_status_look(run->live, samples, now_ns);
}

/* When the next look may be: as soon as what the last ones cost is down to a burst. */
static void charge_locks(Loop *loop, gint64 now_ns, gint64 cost_ns)
{
    gboolean continuous = loop->run->opts->continuous;
    double frac = lock_budgets[continuous].frac;
    gint64 paid_ns = (gint64)((double)(now_ns - loop->locks_paid_ns) * frac);
    gint64 wait_ns;

    loop->locks_debt_ns = MAX(loop->locks_debt_ns - paid_ns, 0) + cost_ns;
    loop->locks_paid_ns = now_ns;
    wait_ns = (gint64)((double)(loop->locks_debt_ns - lock_budgets[continuous].burst_ns) / frac);
    loop->locks_ns = now_ns + CLAMP(wait_ns, LOCKS_NS, LOCKS_SLOWEST_NS);
}

/* One process at a time, in turn. */
static void look_at_locks(Loop *loop, gint64 now_ns)
{
    RsRecordRun *run = loop->run;
    gint64 before_ns = thread_cpu_ns();
    guint n_processes = run->series ? rs_tree_series_n_processes(run->series) : 0;
    const GArray *waits = NULL;
    const char *why = NULL;
    pid_t pid = 0;

    if (n_processes) {
        pid = rs_tree_series_pids(run->series)[loop->next_locks_process++ % n_processes];
        waits = rs_locks_look(run->locks, pid, now_ns, &why);
    }
    if (waits) {
        run->locks_seen = TRUE;
        rs_recording_waits(run->recording, now_ns, waits);
        rs_live_status_waits(run->live, waits);
    } else if (why && pid == run->target.pid && !rs_target_look(&run->target, run->capture)) {
        run->locks_why = why; /* not just because it ended meanwhile */
    }
    charge_locks(loop, now_ns, thread_cpu_ns() - before_ns);
}

static void write_diagnostics(RsRecordRun *run)
{
    RsDiagnostics diagnostics;

    if (!run->history)
        return;
    rs_diagnostics_init(&diagnostics);
    rs_capture_diagnose(run->capture, &diagnostics);
    diagnostics.analysis_cpu_ns = thread_cpu_ns();
    diagnostics.wall_ns = rs_monotonic_ns() - run->start_ns;
    rs_history_diagnostics(run->history, &diagnostics);
    rs_diagnostics_clear(&diagnostics);
}

/* --- what people ask for --- */

static void write_session_now(RsRecordRun *run)
{
    gint64 before_ns = rs_monotonic_ns();
    g_autofree char *path = NULL, *size = NULL, *took = NULL;
    g_autoptr(GError) error = NULL;
    struct stat status;

    if (!rs_record_write_numbered(run, &path, &error)) {
        rs_complain(0, "%s", error->message);
        return;
    }
    took = rs_units_format((double)(rs_monotonic_ns() - before_ns), "ns",
                           (double)(rs_monotonic_ns() - before_ns));
    size = stat(path, &status) == 0
               ? rs_units_format((double)status.st_size, "bytes", (double)status.st_size)
               : g_strdup("?");
    /* Asked for by a signal: told even with --quiet. */
    fprintf(stderr, "rustscope: wrote %s, %s in %s", path, size, took);
    if (run->history) {
        g_autofree char *kept =
            rs_units_format_duration((double)rs_history_retained_ns(run->history) / RS_NS_PER_S);

        fprintf(stderr, "; the buffer holds %s", kept);
    }
    fputc('\n', stderr);
}

static void clear(RsRecordRun *run)
{
    rs_recording_clear(run->recording);
    rs_record_forget_events(run);
    run->peak_rss_bytes = run->peak_threads = -1;
    rs_record_say(run, "cleared: what was recorded so far is forgotten");
}

static void end(RsRecordRun *run, RsRecordEnd why)
{
    if (run->end == RS_END_NONE)
        run->end = why;
}

/* Ctrl-C reaches the command by itself; what was sent to us alone is passed on. */
static void end_by_signal(RsRecordRun *run, const RsSignal *signal)
{
    end(run, RS_END_SIGNAL);
    run->end_signal = signal->number;
    if (run->target.command && !signal->from_terminal && !run->target.has_ended)
        kill(run->target.pid, signal->number);
}

static void stop_for_a_while(RsRecordRun *run)
{
    if (!run->target.command && g_str_equal(rs_capture_backend(run->capture), "ptrace")) {
        rs_record_say(run, "not stopped: the recorded process would be stopped as well");
        return;
    }
    rs_live_status_suspend(run->live);
    kill(getpid(), SIGSTOP); /* goes on at SIGCONT, which is read next */
}

static void mind_signals(RsRecordRun *run)
{
    RsSignal signal;

    while (rs_signals_next(run->signals, &signal))
        switch (signal.number) {
        case SIGUSR1:
            write_session_now(run);
            break;
        case SIGUSR2:
            clear(run);
            break;
        case SIGTSTP:
            stop_for_a_while(run);
            break;
        case SIGCONT:
        case SIGWINCH:
            rs_live_status_resume(run->live);
            break;
        default:
            end_by_signal(run, &signal);
        }
}

static void mind_keys(Loop *loop)
{
    char key;

    while (loop->run->live && (key = rs_live_status_key(loop->run->live))) {
        if (key == 'q')
            end(loop->run, RS_END_KEY);
        else
            write_session_now(loop->run);
    }
    loop->show_ns = 0;
}

/* --- the end of the target, and its successor --- */

static void begin_waiting(RsRecordRun *run)
{
    gint64 user_ns, system_ns;
    g_autofree char *how = rs_target_tell_end(&run->target);

    rs_tree_series_cpu(run->series, &user_ns, &system_ns);
    run->ended_user_ns += MAX(user_ns, 0);
    run->ended_system_ns += MAX(system_ns, 0);
    g_clear_pointer(&run->series, rs_tree_series_free);
    run->is_waiting = TRUE;
    rs_record_say(run, "%s (pid %d) %s; waiting for another process named %s", run->target.name,
                  (int)run->target.pid, how, run->target.again_name);
}

static void tell_restart(RsRecordRun *run, pid_t old_pid)
{
    RsTimelineEvent *event = rs_timeline_event_new(RS_EVENT_RESTART);

    event->start_ns = event->end_ns = rs_monotonic_ns();
    event->process_id = run->target.pid;
    event->label = g_strdup_printf("%s: process %d took the place of %d", run->target.again_name,
                                   (int)run->target.pid, (int)old_pid);
    g_ptr_array_add(run->found, event);
    note_new_events(run);
    rs_record_say(run, "recording %s (pid %d)", run->target.name, (int)run->target.pid);
}

static void look_for_successor(RsRecordRun *run)
{
    g_autoptr(GArray) found = rs_process_find_by_name(run->target.again_name);
    g_autoptr(GError) error = NULL;
    g_autofree char *name = NULL;
    pid_t old_pid = run->target.pid;

    if (!found->len || g_array_index(found, gint32, 0) == old_pid)
        return;
    name = g_strdup(run->target.name);
    if (!rs_target_find(&run->target, g_array_index(found, gint32, 0), name, NULL))
        return; /* it ended meanwhile */
    if (!rs_record_begin(run, &error)) {
        rs_record_warn(run, "%s", error->message);
        return;
    }
    run->is_waiting = FALSE;
    tell_restart(run, old_pid);
}

static void mind_target(Loop *loop, gint64 now_ns)
{
    RsRecordRun *run = loop->run;

    if (run->is_waiting && now_ns >= loop->successor_ns) {
        look_for_successor(run);
        loop->successor_ns = now_ns + SUCCESSOR_NS;
    } else if (!run->is_waiting && rs_target_look(&run->target, run->capture)) {
        if (run->opts->continuous && run->target.again_name)
            begin_waiting(run);
        else
            end(run, RS_END_TARGET);
    }
}

/* --- the loop --- */

static void do_what_is_due(Loop *loop, gint64 now_ns)
{
    RsRecordRun *run = loop->run;

    if (now_ns >= loop->pump_ns) {
        rs_recording_pump(run->recording);
        loop->pump_ns = now_ns + (run->opts->continuous ? CONTINUOUS_PUMP_NS : PUMP_NS);
    }
    if (now_ns >= loop->series_ns) {
        look_at_processes(loop, now_ns);
        loop->series_ns = now_ns + (gint64)(run->interval_s * RS_NS_PER_S);
    }
    if (now_ns >= loop->locks_ns)
        look_at_locks(loop, now_ns);
    if (now_ns >= loop->diagnose_ns) {
        write_diagnostics(run);
        loop->diagnose_ns = now_ns + DIAGNOSE_NS;
    }
    if (run->live && now_ns >= loop->show_ns) {
        rs_live_status_show(run->live, now_ns);
        loop->show_ns = now_ns + SHOW_NS;
    }
    if (run->opts->duration_s > 0 &&
        now_ns - run->start_ns >= (gint64)(run->opts->duration_s * RS_NS_PER_S))
        end(run, RS_END_DURATION);
}

static int time_to_next_ms(const Loop *loop)
{
    const RsRecordRun *run = loop->run;
    gint64 now_ns = rs_monotonic_ns();
    gint64 next_ns = MIN(MIN(loop->pump_ns, loop->series_ns), loop->locks_ns);

    if (run->live)
        next_ns = MIN(next_ns, loop->show_ns);
    if (run->opts->duration_s > 0)
        next_ns = MIN(next_ns, run->start_ns + (gint64)(run->opts->duration_s * RS_NS_PER_S));
    return (int)CLAMP((next_ns - now_ns + RS_NS_PER_MS - 1) / RS_NS_PER_MS, 0, 1000);
}

void rs_record_loop(RsRecordRun *run)
{
    Loop loop = {.run = run};

    while (run->end == RS_END_NONE) {
        struct pollfd wakers[] = {
            {.fd = rs_signals_fd(run->signals), .events = POLLIN},
            {.fd = run->target.has_ended ? -1 : run->target.pid_fd, .events = POLLIN},
            {.fd = rs_live_status_key_fd(run->live), .events = POLLIN},
        };

        poll(wakers, G_N_ELEMENTS(wakers), time_to_next_ms(&loop));
        mind_signals(run);
        if (wakers[2].revents)
            mind_keys(&loop);
        mind_target(&loop, rs_monotonic_ns());
        do_what_is_due(&loop, rs_monotonic_ns());
    }
    run->end_ns = rs_monotonic_ns();
}
