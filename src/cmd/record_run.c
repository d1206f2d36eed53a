/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A recording from its options to its end: checks, sets up, runs the loop, writes, tells. */
#include "cmd/record_run.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "base/units.h"
#include "cmd/command.h"
#include "cmd/record_check.h"
#include "cmd/record_live.h"
#include "cmd/record_loop.h"
#include "cmd/record_session.h"
#include "cmd/record_tell.h"
#include "format/codec.h"

/* A command is sampled more often at first, so that one that lives for a few milliseconds is seen
 * as well; every sample weighs what it stands for. */
#define STARTUP_RATE_HZ       4000
#define STARTUP_MS            50
#define END_LIMIT_MS          1000 /* for a command that was told to end */
#define SECOND_SIGNAL_MS      100  /* a signal that comes twice within this is one */
#define SUCCESSOR_EVERY_US    (200 * 1000)
#define DEFAULT_INTERVAL_S    0.1
#define CONTINUOUS_INTERVAL_S 1.0

void rs_record_say(const RsRecordRun *run, const char *format, ...)
{
    g_autofree char *message = NULL, *plain = NULL;
    va_list arguments;

    if (run->opts->quiet)
        return;
    va_start(arguments, format);
    message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    plain = rs_text_shown(message, -1, TRUE, 20000);
    fprintf(stderr, "rustscope: %s\n", plain);
}

void rs_record_warn(RsRecordRun *run, const char *format, ...)
{
    g_autofree char *message = NULL;
    va_list arguments;

    va_start(arguments, format);
    message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    if (g_ptr_array_find_with_equal_func(run->warnings, message, g_str_equal, NULL))
        return;
    rs_warn("%s", message);
    g_ptr_array_add(run->warnings, g_steal_pointer(&message));
}

/* --- set-up --- */

static void run_clear(RsRecordRun *run)
{
    rs_live_status_free(run->live);
    rs_recording_free(run->recording);
    rs_names_free(run->names);
    rs_history_free(run->history);
    g_clear_pointer(&run->series, rs_tree_series_free);
    rs_locks_free(run->locks);
    rs_target_clear(&run->target);
    g_clear_pointer(&run->capture, rs_capture_free);
    rs_signals_free(run->signals);
    rs_events_free(run->events);
    g_clear_pointer(&run->found, g_ptr_array_unref);
    g_clear_pointer(&run->settled, g_byte_array_unref);
    g_clear_pointer(&run->warnings, g_ptr_array_unref);
    g_free(run->buffer_path);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RsRecordRun, run_clear)

static void run_init(RsRecordRun *run, const RsRecordOpts *opts)
{
    run->opts = opts;
    run->interval_s = opts->interval_s > 0 ? opts->interval_s
                      : opts->continuous   ? CONTINUOUS_INTERVAL_S
                                           : DEFAULT_INTERVAL_S;
    rs_target_init(&run->target);
    run->peak_rss_bytes = run->peak_threads = -1;
    run->found = g_ptr_array_new_with_free_func((GDestroyNotify)rs_timeline_event_free);
    run->settled = g_byte_array_new();
    run->warnings = g_ptr_array_new_with_free_func(g_free);
    run->events = rs_events_new(&rs_event_limits);
}

static RsCapture *open_capture(const RsRecordOpts *opts, gboolean is_launch, GError **error)
{
    RsCaptureOptions options = {
        .choice = opts->sample_rate_hz > 0 ? (RsSamplerChoice)opts->sampler : RS_SAMPLER_NONE,
        .sampler = {.sample_rate_hz = opts->sample_rate_hz,
                    .event = opts->event,
                    .n_stack_bytes = opts->n_stack_bytes},
    };

    if (is_launch && opts->sample_rate_hz < STARTUP_RATE_HZ) {
        options.sampler.startup_rate_hz = STARTUP_RATE_HZ;
        options.sampler.startup_ms = STARTUP_MS;
    }
    return rs_capture_new(&options, error);
}

static gboolean is_ended(RsRecordRun *run)
{
    RsSignal signal;

    while (rs_signals_next(run->signals, &signal))
        if (signal.number == SIGINT || signal.number == SIGTERM || signal.number == SIGHUP) {
            run->end = RS_END_SIGNAL;
            run->end_signal = signal.number;
        }
    return run->end != RS_END_NONE;
}

/* In continuous mode a process that is not there yet is waited for. */
static gboolean find_target(RsRecordRun *run, GError **error)
{
    const RsRecordOpts *opts = run->opts;
    gboolean told = FALSE;

    for (;;) {
        g_autoptr(GError) problem = NULL;

        if (rs_target_find(&run->target, opts->pid, opts->name, &problem))
            return TRUE;
        if (!opts->continuous || opts->pid >= 0 || is_ended(run)) {
            g_propagate_error(error, g_steal_pointer(&problem));
            return FALSE;
        }
        if (!told)
            rs_record_say(run, "waiting for a process named %s", opts->name);
        told = TRUE;
        g_usleep(SUCCESSOR_EVERY_US);
    }
}

static gboolean attach(RsRecordRun *run, GError **error)
{
    g_autoptr(GError) problem = NULL;

    if (rs_capture_attach(run->capture, run->target.pid, run->target.held != NULL, &problem))
        return TRUE;
    if (run->opts->sampler != RS_SAMPLER_AUTO) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
    /* It may have ended since it was found, or belong to somebody else: /proc is left. */
    rs_record_warn(run, "no samples are taken: %s", problem->message);
    return TRUE;
}

gboolean rs_record_begin(RsRecordRun *run, GError **error)
{
    if (!attach(run, error))
        return FALSE;
    if (run->target.held && !rs_target_release(&run->target, run->capture, error))
        return FALSE;
    run->series = rs_tree_series_new(run->target.pid);
    rs_names_set_process(run->names, run->target.pid);
    return TRUE;
}

/* Here, where it is found again after a crash; else where this user may write. */
static char *default_buffer_path(void)
{
    const char *folders[] = {".", g_getenv("XDG_RUNTIME_DIR"), "/dev/shm", g_get_tmp_dir()};
    g_autofree char *name = g_strdup_printf("rustscope-%d.buffer", (int)getpid());

    for (guint i = 0; i < G_N_ELEMENTS(folders); i++)
        if (folders[i] && access(folders[i], W_OK | X_OK) == 0)
            return i ? g_build_filename(folders[i], name, NULL) : g_steal_pointer(&name);
    return g_steal_pointer(&name);
}

static gboolean open_history(RsRecordRun *run, GError **error)
{
    const RsRecordOpts *opts = run->opts;

    if (!opts->continuous)
        return TRUE;
    run->buffer_path = opts->buffer_path ? g_strdup(opts->buffer_path) : default_buffer_path();
    run->history =
        rs_history_create(run->buffer_path, (gsize)opts->buffer_mb * 1024 * 1024,
                          opts->retention_minutes * 60, run->start_ns, run->start_real_ns, error);
    return run->history != NULL;
}

static gboolean set_up(RsRecordRun *run, char **command, GError **error)
{
    run->start_ns = rs_monotonic_ns();
    run->start_real_ns = g_get_real_time() * 1000;
    run->capture = open_capture(run->opts, command != NULL, error);
    if (!run->capture || !open_history(run, error))
        return FALSE;
    run->recording = rs_recording_new(run->capture, run->history, run->start_ns);
    run->names = rs_names_new(&run->opts->names, rs_capture_modules(run->capture));
    run->locks = rs_locks_new(rs_capture_modules(run->capture));
    return !command || rs_target_hold(&run->target, command, error);
}

/* --- the end --- */

static void end_capture(RsRecordRun *run)
{
    rs_recording_pump(run->recording); /* room in the ring for what comes now */
    rs_capture_sync(run->capture);
    rs_recording_pump(run->recording);
    rs_capture_stop(run->capture);
    rs_recording_pump(run->recording);
}

/* From now on another signal ends us at once; but one that was sent twice, by a terminal and by the
 * program that started us, is still the first. */
static void let_second_signal_kill(RsRecordRun *run)
{
    gint64 passed_ms = (rs_monotonic_ns() - run->end_ns) / RS_NS_PER_MS;
    RsSignal signal;

    if (run->end != RS_END_SIGNAL)
        return;
    if (passed_ms < SECOND_SIGNAL_MS)
        g_usleep((gulong)(SECOND_SIGNAL_MS - passed_ms) * 1000);
    while (rs_signals_next(run->signals, &signal))
        ;
    rs_signals_let_kill(run->signals);
}

static int write_session(RsRecordRun *run)
{
    g_autoptr(RsSession) session = NULL;
    g_autoptr(GError) error = NULL;

    if (!run->locks_seen && run->locks_why)
        g_ptr_array_add(run->warnings,
                        g_strdup_printf("waits for locks were not seen: %s", run->locks_why));
    session = rs_record_session(run);
    if (!rs_session_write(session, run->opts->output_path, &error)) {
        if (run->history)
            return rs_complain(RS_EXIT_CANNOT,
                               "%s; what was recorded is kept in %s (rustscope recover)",
                               error->message, run->buffer_path);
        return rs_complain(RS_EXIT_CANNOT, "%s", error->message);
    }
    /* It was there for the case that this point is never reached. */
    if (run->history && !run->opts->buffer_path)
        g_unlink(run->buffer_path);
    rs_record_tell_end(run, session);
    return RS_EXIT_PASSED;
}

static int finish(RsRecordRun *run)
{
    if (run->end == RS_END_SIGNAL && run->target.command)
        rs_target_wait(&run->target, run->capture, END_LIMIT_MS);
    g_clear_pointer(&run->live, rs_live_status_free);
    end_capture(run);
    let_second_signal_kill(run);
    return write_session(run);
}

static int refuse(const RsRecordRun *run, const GError *error)
{
    if (run->end == RS_END_SIGNAL)
        return RS_EXIT_SIGNAL + run->end_signal;
    return rs_complain(RS_EXIT_CANNOT, "%s", error->message);
}

int rs_record(const RsRecordOpts *opts, const RsOpt *rows, const RsOptBase *base)
{
    g_auto(RsRecordRun) run = {0};
    g_autoptr(GError) error = NULL;

    if (!rs_record_check(opts, rows, base, &error))
        return rs_complain(RS_EXIT_USAGE, "%s", error->message);
    run_init(&run, opts);
    run.signals = rs_signals_new(isatty(STDERR_FILENO), &error);
    if (!run.signals || (!base->command && !find_target(&run, &error)) ||
        !set_up(&run, base->command, &error) || !rs_record_begin(&run, &error))
        return refuse(&run, error);
    rs_record_tell_start(&run);
    run.live = rs_live_status_new(&run);
    rs_record_loop(&run);
    return finish(&run);
}
