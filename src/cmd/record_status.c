/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/record_status.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "cmd/record_top.h"

#define MAX_HOTTEST 5
#define MAX_EVENTS  3
#define MAX_LOCKS   2

void rs_track_init(RsTrack *track)
{
    *track = (RsTrack){.now = NAN, .peak = NAN, .bucket_index = -1};
}

void rs_track_add(RsTrack *track, double value, gint64 bucket_index)
{
    track->now = value;
    if (isnan(value))
        return;
    track->peak = isnan(track->peak) ? value : MAX(track->peak, value);
    if (bucket_index == track->bucket_index && track->n_buckets) {
        double *newest = &track->buckets[track->n_buckets - 1];

        *newest = MAX(*newest, value);
        return;
    }
    track->bucket_index = bucket_index;
    if (track->n_buckets == RS_TRACK_N_BUCKETS)
        memmove(track->buckets, track->buckets + 1, (RS_TRACK_N_BUCKETS - 1) * sizeof(double));
    else
        track->n_buckets++;
    track->buckets[track->n_buckets - 1] = value;
}

char *rs_track_plot(const RsTrack *track)
{
    static const char *const heights[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    GString *plot = g_string_new(NULL);
    double largest = 0;

    for (guint i = 0; i < track->n_buckets; i++)
        largest = MAX(largest, track->buckets[i]);
    for (guint i = 0; i < track->n_buckets; i++) {
        double share = largest > 0 ? track->buckets[i] / largest : 0;
        int step = (int)floor(share * G_N_ELEMENTS(heights));

        g_string_append(plot, heights[CLAMP(step, 0, (int)G_N_ELEMENTS(heights) - 1)]);
    }
    return g_string_free(plot, FALSE);
}

static char *with_commas(guint64 n)
{
    g_autofree char *digits = g_strdup_printf("%" G_GUINT64_FORMAT, n);
    GString *text = g_string_new(NULL);
    gsize n_digits = strlen(digits);

    for (gsize i = 0; i < n_digits; i++) {
        if (i > 0 && (n_digits - i) % 3 == 0)
            g_string_append_c(text, ',');
        g_string_append_c(text, digits[i]);
    }
    return g_string_free(text, FALSE);
}

/* A figure in its unit, short enough for a column. */
static char *figure(double value, const char *unit)
{
    if (isnan(value))
        return g_strdup("not told");
    if (g_str_equal(unit, "%"))
        return g_strdup_printf("%.1f %%", value);
    if (g_str_equal(unit, "bytes") || g_str_equal(unit, "bytes/s")) {
        static const char *const names[] = {"B", "KiB", "MiB", "GiB", "TiB"};
        guint step = 0;

        for (; fabs(value) >= 1024 && step < G_N_ELEMENTS(names) - 1; step++)
            value /= 1024;
        return g_strdup_printf("%.*f %s%s", step ? 1 : 0, value, names[step],
                               g_str_equal(unit, "bytes/s") ? "/s" : "");
    }
    return g_strdup_printf("%.0f", value);
}

static char *heading(const RsRecordStatus *status)
{
    g_autofree char *name = rs_text_shown(status->target, -1, FALSE, 40);
    g_autofree char *elapsed = rs_units_format_duration(status->elapsed_s);
    g_autofree char *remaining =
        isnan(status->remaining_s) ? NULL : rs_units_format_duration(status->remaining_s);
    GString *text = g_string_new(" rustscope  ");

    g_string_append_printf(text, "%s  pid %d", name, status->pid);
    if (status->n_processes > 1)
        g_string_append_printf(text, " and %u more", status->n_processes - 1);
    g_string_append_printf(text, " · %s", elapsed);
    if (remaining)
        g_string_append_printf(text, ", %s to go", remaining);
    if (!isnan(status->retained_s)) {
        g_autofree char *retained = rs_units_format_duration(status->retained_s);

        g_string_append_printf(text, ", the last %s kept", retained);
    }
    if (status->is_frozen)
        g_string_append(text, " · FROZEN");
    return g_string_free(text, FALSE);
}

static char *samples_line(const RsRecordStatus *status)
{
    g_autofree char *n = with_commas(status->n_samples);
    GString *text = g_string_new(NULL);

    if (g_str_equal(status->backend, "none")) {
        g_autofree char *reason = rs_text_shown(status->reason, -1, FALSE, 300);

        g_string_append_printf(text, " samples   none: %s", reason);
        return g_string_free(text, FALSE);
    }
    g_string_append_printf(text, " samples   %s", n);
    if (!isnan(status->complete_frac))
        g_string_append_printf(text, " · %.1f %% of stacks complete", 100 * status->complete_frac);
    g_string_append_printf(
        text, " · %" G_GINT64_FORMAT " lost, %" G_GINT64_FORMAT " dropped · %s %s %g Hz",
        MAX(status->n_lost, 0), MAX(status->n_dropped, 0), status->backend,
        status->event ? status->event : "", status->sample_rate_hz);
    if (!isnan(status->own_cpu_pct))
        g_string_append_printf(text, " · costs %.2f %% CPU", status->own_cpu_pct);
    return g_string_free(text, FALSE);
}

static char *track_line(const char *label, const RsTrack *track, const char *unit)
{
    g_autofree char *now = figure(track->now, unit), *peak = figure(track->peak, unit);
    g_autofree char *plot = rs_track_plot(track);

    return g_strdup_printf(" %-9s %12s  peak %12s  %s", label, now, peak, plot);
}

static char *counts_line(const RsRecordStatus *status)
{
    g_autofree char *threads = figure(status->n_threads.now, "count");
    g_autofree char *threads_peak = figure(status->n_threads.peak, "count");
    g_autofree char *files = figure(status->n_open_fds.now, "count");
    g_autofree char *files_peak = figure(status->n_open_fds.peak, "count");

    return g_strdup_printf(" threads   %12s  peak %12s  · open files %s, peak %s", threads,
                           threads_peak, files, files_peak);
}

static char *io_line(const RsRecordStatus *status)
{
    g_autofree char *read = figure(status->read_rate.now, "bytes/s");
    g_autofree char *read_peak = figure(status->read_rate.peak, "bytes/s");
    g_autofree char *written = figure(status->written_rate.now, "bytes/s");
    g_autofree char *written_peak = figure(status->written_rate.peak, "bytes/s");

    return g_strdup_printf(" reads     %12s  peak %12s  · writes %s, peak %s", read, read_peak,
                           written, written_peak);
}

static char *keys_line(const RsRecordStatus *status)
{
    if (!status->has_keys)
        return g_strdup(" Ctrl-C ends it and writes the session (the keys are the command's)");
    return g_strdup_printf(" q stop · c clear peaks and events · s write a session now · f %s",
                           status->is_frozen ? "go on" : "freeze");
}

static void add_labelled(GPtrArray *lines, guint n_max, guint i, const char *label,
                         const char *text)
{
    if (lines->len < n_max)
        g_ptr_array_add(lines, g_strdup_printf(" %-9s %s", i ? "" : label, text));
}

static void add_lists(GPtrArray *lines, const RsRecordStatus *status, guint n_max)
{
    guint n_locks = status->locks ? MIN(status->locks->len, MAX_LOCKS) : 0;
    guint n_events = status->events ? MIN(status->events->len, MAX_EVENTS) : 0;
    guint n_hottest = status->hottest ? MIN(status->hottest->len, MAX_HOTTEST) : 0;
    guint n_free = n_max > lines->len ? n_max - lines->len : 0;

    /* At least one line of each before the second of any. */
    n_hottest =
        MIN(n_hottest, MAX(1, n_free > n_locks + n_events ? n_free - n_locks - n_events : 1));
    for (guint i = 0; i < n_hottest; i++) {
        const RsTopRow *row = &g_array_index(status->hottest, RsTopRow, i);
        g_autofree char *text = g_strdup_printf("%5.1f %%  %s", row->share_pct, row->name);

        add_labelled(lines, n_max, i, "hottest", text);
    }
    for (guint i = 0; i < n_locks; i++)
        add_labelled(lines, n_max, i, "locks", g_ptr_array_index(status->locks, i));
    for (guint i = 0; i < n_events; i++)
        add_labelled(lines, n_max, i, "events",
                     g_ptr_array_index(status->events, status->events->len - n_events + i));
}

/* Columns, not characters: what is written wide takes two. */
static char *cut_to(const char *line, guint n_columns)
{
    GString *cut = g_string_new(NULL);
    guint column = 0;

    for (const char *at = line; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);

        column += g_unichar_iszerowidth(c) ? 0 : g_unichar_iswide(c) ? 2 : 1;
        if (column > n_columns)
            break;
        g_string_append_unichar(cut, c);
    }
    return g_string_free(cut, FALSE);
}

GPtrArray *rs_status_lines(const RsRecordStatus *status, guint n_lines, guint n_columns)
{
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    GPtrArray *cut = g_ptr_array_new_with_free_func(g_free);

    g_ptr_array_add(lines, heading(status));
    g_ptr_array_add(lines, samples_line(status));
    g_ptr_array_add(lines, track_line("CPU", &status->cpu_pct, "%"));
    g_ptr_array_add(lines, track_line("memory", &status->rss_bytes, "bytes"));
    if (n_lines > RS_STATUS_MIN_LINES + 1)
        g_ptr_array_add(lines, counts_line(status));
    if (n_lines > RS_STATUS_MIN_LINES + 3)
        g_ptr_array_add(lines, io_line(status));
    add_lists(lines, status, n_lines - 1);
    while (lines->len < n_lines - 1)
        g_ptr_array_add(lines, g_strdup(""));
    g_ptr_array_add(lines, keys_line(status));
    for (guint i = 0; i < lines->len; i++)
        g_ptr_array_add(cut, cut_to(g_ptr_array_index(lines, i), n_columns));
    return cut;
}

char *rs_status_event_line(const RsTimelineEvent *event, gint64 at_ns)
{
    static const struct {
        const char *series, *name, *unit;
    } known[] = {{"cpu_pct", "CPU", "%"},
                 {"rss_bytes", "memory", "bytes"},
                 {"n_threads", "threads", "count"}};
    const char *name = "", *unit = "count";
    g_autofree char *when = rs_units_format_duration((double)at_ns / 1e9);
    g_autofree char *kind = g_strdelimit(g_strdup(rs_event_kind_names[event->kind]), "_", ' ');
    g_autofree char *label = event->label ? rs_text_shown(event->label, -1, FALSE, 100) : NULL;
    g_autofree char *before = NULL, *peak = NULL;

    for (guint i = 0; i < G_N_ELEMENTS(known); i++)
        if (g_strcmp0(event->series, known[i].series) == 0) {
            name = known[i].name;
            unit = known[i].unit;
        }
    if (isnan(event->peak))
        return g_strdup_printf("%s  %s%s%s", when, kind, label ? ": " : "", label ? label : "");
    before = figure(event->before, unit);
    peak = figure(event->peak, unit);
    if (isnan(event->before))
        return g_strdup_printf("%s  %s %s, %s", when, name, kind, peak);
    return g_strdup_printf("%s  %s %s, %s to %s", when, name, kind, before, peak);
}
