/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/progress.h"

#include <math.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"
#include "base/units.h"

#define REDRAW_EVERY_US (100 * 1000)
#define LOG_EVERY_US    (30 * G_USEC_PER_SEC)

struct RsProgressView {
    gboolean quiet, is_terminal, drawn;
    gint64 last_us;
};

RsProgressView *rs_progress_view_new(gboolean quiet)
{
    RsProgressView *view = g_new0(RsProgressView, 1);

    view->quiet = quiet;
    view->is_terminal = isatty(STDERR_FILENO) && g_strcmp0(g_getenv("TERM"), "dumb") != 0;
    view->last_us = view->is_terminal ? 0 : g_get_monotonic_time();
    return view;
}

static void clear_line(RsProgressView *view)
{
    if (view->drawn)
        fputs("\r\033[K", stderr);
    view->drawn = FALSE;
}

void rs_progress_view_free(RsProgressView *view)
{
    if (!view)
        return;
    clear_line(view);
    g_free(view);
}

static guint width_columns(void)
{
    struct winsize size;

    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

static char *line_for(const RsProgress *progress)
{
    g_autofree char *eta =
        isnan(progress->eta_s) ? NULL : rs_units_format_duration(progress->eta_s);
    g_autofree char *elapsed = rs_units_format_duration(progress->elapsed_s);
    g_autofree char *change = rs_units_format_change_pct(progress->change_pct);
    g_autofree char *name =
        progress->benchmark ? rs_text_shown(progress->benchmark->name, -1, FALSE, 40) : NULL;
    GString *text = g_string_new(NULL);

    if (progress->n_benchmarks > 1)
        g_string_append_printf(text, "[%u/%u] ", progress->n_ended, progress->n_benchmarks);
    g_string_append_printf(text, "%s%s%s", progress->phase, name ? " " : "", name ? name : "");
    if (progress->n_pairs)
        g_string_append_printf(text, ": %u %s", progress->n_pairs,
                               progress->benchmark->design == RS_DESIGN_PAIRED ? "pairs"
                                                                               : "trials");
    if (progress->n_pairs && !isnan(progress->change_pct))
        g_string_append_printf(text, ", %s so far", change);
    g_string_append_printf(text, " · %s", elapsed);
    if (eta)
        g_string_append_printf(text, ", about %s to go", eta);
    return g_string_free(text, FALSE);
}

void rs_progress_view_show(const RsProgress *progress, gpointer data)
{
    RsProgressView *view = data;
    gint64 now_us = g_get_monotonic_time();
    g_autofree char *line = NULL, *cut = NULL;

    if (view->quiet ||
        now_us - view->last_us < (view->is_terminal ? REDRAW_EVERY_US : LOG_EVERY_US))
        return;
    view->last_us = now_us;
    line = line_for(progress);
    if (!view->is_terminal) {
        fprintf(stderr, "rustscope: %s\n", line);
        return;
    }
    cut = g_utf8_substring(line, 0, MIN(g_utf8_strlen(line, -1), (glong)width_columns() - 1));
    fprintf(stderr, "\r%s\033[K", cut);
    view->drawn = TRUE;
}

static const char *const ends[] = {
    [RS_STOP_NONE] = "not measured",
    [RS_STOP_SETTLED] = "settled",
    [RS_STOP_FIXED] = "done",
    [RS_STOP_MAX_PAIRS] = "pair budget spent",
    [RS_STOP_MAX_TIME] = "time budget spent",
    [RS_STOP_IDENTICAL] = "both sides are the same program: not measured",
    [RS_STOP_FAILED] = "FAILED",
    [RS_STOP_INTERRUPTED] = "interrupted",
};

static void print_failures(const RsBenchmark *benchmark)
{
    for (guint i = 0; i < benchmark->failures->len; i++) {
        const RsFailure *failure = g_ptr_array_index(benchmark->failures, i);
        g_auto(GStrv) lines =
            g_strsplit(failure->output_tail ? failure->output_tail : "", "\n", -1);
        g_autofree char *message = rs_text_shown(failure->message, -1, FALSE, 500);

        fprintf(stderr, "  %s %s %s\n", rs_arm_names[failure->arm], failure->stage, message);
        for (char **line = lines; *line; line++)
            if (**line) {
                g_autofree char *plain = rs_text_shown(*line, -1, FALSE, 500);

                fprintf(stderr, "  | %s\n", plain);
            }
    }
}

void rs_progress_view_ended(RsProgressView *view, const RsBenchmark *benchmark, double change_pct)
{
    g_autofree char *name = rs_text_shown(benchmark->name, -1, FALSE, 100);
    g_autofree char *change = rs_units_format_change_pct(change_pct);
    guint n_trials = rs_benchmark_n_trials(benchmark);
    gboolean paired = benchmark->design == RS_DESIGN_PAIRED;

    if (view->quiet && benchmark->stop_reason != RS_STOP_FAILED && !benchmark->warnings->len)
        return;
    clear_line(view);
    fprintf(stderr, "%s: %s", name, ends[benchmark->stop_reason]);
    if (n_trials)
        fprintf(stderr, ", %u %s", paired ? n_trials / 2 : n_trials, paired ? "pairs" : "trials");
    if (benchmark->launches_per_trial > 1 && n_trials)
        fprintf(stderr, " of %u launches each", benchmark->launches_per_trial);
    if (!isnan(change_pct))
        fprintf(stderr, ", %s", change);
    fputc('\n', stderr);
    print_failures(benchmark);
    for (guint i = 0; i < benchmark->warnings->len; i++) {
        g_autofree char *plain =
            rs_text_shown(g_ptr_array_index(benchmark->warnings, i), -1, FALSE, 500);

        fprintf(stderr, "  warning: %s\n", plain);
    }
}
