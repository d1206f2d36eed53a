/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/record_check.h"

#include <stdarg.h>

#define MAX_RATE_HZ     20000
#define MAX_STACK_BYTES 65528 /* the kernel's own limit */
#define MIN_INTERVAL_S  0.001
#define MAX_INTERVAL_S  3600
#define MAX_BUFFER_MB   65536
#define MAX_WINDOW_MS   3600e3

const char *const rs_live_names[] = {"auto", "on", "off", NULL};

static gboolean bad(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static gboolean bad(GError **error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    if (error)
        *error = g_error_new_valist(G_OPTION_ERROR, G_OPTION_ERROR_FAILED, format, arguments);
    va_end(arguments);
    return FALSE;
}

static gboolean check_target(const RsRecordOpts *opts, const RsOptBase *base, GError **error)
{
    if (base->operands[0])
        return bad(error, "unexpected argument '%s' (a command goes behind --)", base->operands[0]);
    if (base->command && !base->command[0])
        return bad(error, "there is no command behind --");
    if (base->command && (opts->pid >= 0 || opts->name))
        return bad(error, "a process (--pid, --name) and a command behind -- are two targets: "
                          "give one");
    if (!base->command && opts->pid < 0 && !opts->name)
        return bad(error, "what is to be recorded? --pid PID, --name NAME, or a command behind --");
    if (opts->pid == 0 || opts->pid > G_MAXINT32)
        return bad(error, "--pid %" G_GINT64_FORMAT ": that is no process id", opts->pid);
    if (base->command && g_str_equal(opts->output_path, "-"))
        return bad(error, "--output -: standard output is the command's; name a file");
    return TRUE;
}

static gboolean check_figures(const RsRecordOpts *opts, const RsOpt *rows, const RsOptBase *base,
                              GError **error)
{
    if (opts->sample_rate_hz < 0 || opts->sample_rate_hz > MAX_RATE_HZ)
        return bad(error, "--sample-rate %g: expected 0 to %d", opts->sample_rate_hz, MAX_RATE_HZ);
    if (opts->n_stack_bytes > MAX_STACK_BYTES)
        return bad(error, "--stack-size %u: expected at most %d", opts->n_stack_bytes,
                   MAX_STACK_BYTES);
    if (rs_opt_given(rows, base, "interval") &&
        (opts->interval_s < MIN_INTERVAL_S || opts->interval_s > MAX_INTERVAL_S))
        return bad(error, "--interval %gs: expected 1ms to 1h", opts->interval_s);
    if (rs_opt_given(rows, base, "duration") && opts->duration_s <= 0)
        return bad(error, "--duration 0: expected a time above 0");
    if (rs_opt_given(rows, base, "last") && opts->last_s <= 0)
        return bad(error, "--last 0: expected a time above 0");
    return TRUE;
}

/* An option that would do nothing is a misunderstanding. */
static gboolean check_dependent(const RsOpt *rows, const RsOptBase *base, const char *option,
                                gboolean has_master, const char *master, GError **error)
{
    return has_master || !rs_opt_given(rows, base, option) ||
           bad(error, "--%s goes with --%s", option, master);
}

static gboolean check_modes(const RsRecordOpts *opts, const RsOpt *rows, const RsOptBase *base,
                            GError **error)
{
    static const char *const of_continuous[] = {"retention-minutes", "buffer-mb", "buffer"};
    static const char *const of_snapshots[] = {"snapshot-interval", "correlation-padding-ms"};

    for (guint i = 0; i < G_N_ELEMENTS(of_continuous); i++)
        if (!check_dependent(rows, base, of_continuous[i], opts->continuous, "continuous", error))
            return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(of_snapshots); i++)
        if (!check_dependent(rows, base, of_snapshots[i], opts->enable_snapshots,
                             "enable-snapshots", error))
            return FALSE;
    if (opts->retention_minutes < 0 || opts->retention_minutes > 60 * 24 * 366)
        return bad(error,
                   "--retention-minutes %g: expected 0 (as much as there is room for) or "
                   "more",
                   opts->retention_minutes);
    if (opts->buffer_mb < 1 || opts->buffer_mb > MAX_BUFFER_MB)
        return bad(error, "--buffer-mb %u: expected 1 to %d", opts->buffer_mb, MAX_BUFFER_MB);
    if (opts->snapshot_interval_ms < 1 || opts->snapshot_interval_ms > MAX_WINDOW_MS)
        return bad(error, "--snapshot-interval %g: expected 1 to %g", opts->snapshot_interval_ms,
                   MAX_WINDOW_MS);
    if (opts->correlation_padding_ms < 0 || opts->correlation_padding_ms > MAX_WINDOW_MS)
        return bad(error, "--correlation-padding-ms %g: expected 0 to %g",
                   opts->correlation_padding_ms, MAX_WINDOW_MS);
    return TRUE;
}

gboolean rs_record_check(const RsRecordOpts *opts, const RsOpt *rows, const RsOptBase *base,
                         GError **error)
{
    return check_target(opts, base, error) && check_figures(opts, rows, base, error) &&
           check_modes(opts, rows, base, error);
}
