/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/record_tell.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/units.h"
#include "cmd/record_status.h"
#include "cmd/record_top.h"

#define N_MODULES           3
#define N_VERBOSE_MODULES   10
#define N_FUNCTIONS         10
#define N_VERBOSE_FUNCTIONS 30

void rs_record_tell_start(RsRecordRun *run)
{
    const RsRecordOpts *opts = run->opts;
    const char *backend = rs_capture_backend(run->capture);
    gboolean has_samples = !g_str_equal(backend, "none");
    g_autofree char *how = has_samples
                               ? g_strdup_printf("%s at %g Hz", backend, opts->sample_rate_hz)
                               : g_strdup("no samples");

    if (!has_samples && opts->sampler == RS_SAMPLER_AUTO && opts->sample_rate_hz > 0)
        rs_record_warn(run,
                       "no samples are taken, only CPU use, memory and threads are recorded: %s",
                       rs_capture_reason(run->capture));
    rs_record_say(run, "recording %s (pid %d), %s; %s", run->target.name, (int)run->target.pid, how,
                  run->target.command ? "until it ends" : "Ctrl-C ends it and writes the session");
    if (opts->verbose)
        rs_record_say(run, "sampler %s: %s", backend, rs_capture_reason(run->capture));
    if (run->history)
        rs_record_say(run,
                      "the last %g minutes are kept in %s, as far as they fit into %u MB; "
                      "SIGUSR1 writes them out, SIGUSR2 clears them",
                      opts->retention_minutes, run->buffer_path, opts->buffer_mb);
}

/* --- the end --- */

static gint64 *weights_of_modules(const RsProfile *profile, gint64 *total_ns)
{
    gint64 *weights = g_new0(gint64, profile->modules->len + 1);

    *total_ns = 0;
    for (guint i = 0; i < profile->samples->len; i++) {
        const RsProfileSample *sample = &g_array_index(profile->samples, RsProfileSample, i);
        guint32 frame;

        *total_ns += sample->weight_ns;
        if (sample->stack < 0)
            continue;
        frame = g_array_index(profile->stacks, RsProfileStack, sample->stack).frame;
        weights[g_array_index(profile->frames, RsProfileFrame, frame).module] += sample->weight_ns;
    }
    return weights;
}

static void tell_modules(const RsRecordRun *run, const RsProfile *profile)
{
    gint64 total_ns;
    g_autofree gint64 *weights = weights_of_modules(profile, &total_ns);
    g_autoptr(GString) text = g_string_new(NULL);
    guint n = run->opts->verbose ? N_VERBOSE_MODULES : N_MODULES;

    for (guint row = 0; row < n && total_ns > 0; row++) {
        guint best = 0;
        const RsProfileModule *module;
        g_autofree char *base = NULL;

        for (guint i = 1; i < profile->modules->len; i++)
            if (weights[i] > weights[best])
                best = i;
        if (!profile->modules->len || weights[best] <= 0)
            break;
        module = g_ptr_array_index(profile->modules, best);
        base = module->kind == RS_MODULE_FILE ? g_path_get_basename(module->path)
                                              : g_strdup(module->path);
        g_string_append_printf(text, "%s%.1f %% %s", row ? ", " : "",
                               100 * (double)weights[best] / (double)total_ns, base);
        weights[best] = 0;
    }
    if (text->len)
        rs_record_say(run, "time was in %s", text->str);
}

static void tell_samples(const RsRecordRun *run, const RsProfile *profile)
{
    const RsDiagnostics *diagnostics = &profile->diagnostics;
    double complete_frac = rs_diagnostics_complete_frac(diagnostics);
    g_autofree char *complete =
        isnan(complete_frac)
            ? g_strdup("")
            : g_strdup_printf(", %.1f %% of all stacks complete", 100 * complete_frac);

    if (g_str_equal(rs_capture_backend(run->capture), "none"))
        return;
    rs_record_say(run,
                  "%u samples (%s, %s)%s, %" G_GINT64_FORMAT " lost, %" G_GINT64_FORMAT " dropped",
                  profile->samples->len, rs_capture_backend(run->capture),
                  diagnostics->event ? diagnostics->event : "?", complete,
                  MAX(diagnostics->n_lost_samples, 0), MAX(diagnostics->n_dropped_samples, 0));
}

static void tell_events(const RsRecordRun *run, const RsProfile *profile)
{
    guint n_counts[RS_EVENT_RESTART + 1] = {0};
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; i < profile->events->len; i++)
        n_counts[((const RsTimelineEvent *)g_ptr_array_index(profile->events, i))->kind]++;
    for (guint kind = 0; kind < G_N_ELEMENTS(n_counts); kind++)
        if (n_counts[kind])
            g_string_append_printf(text, "%s%u %s%s", text->len ? ", " : "", n_counts[kind],
                                   rs_event_kind_names[kind], n_counts[kind] > 1 ? "s" : "");
    if (text->len)
        rs_record_say(run, "events: %s", g_strdelimit(text->str, "_", ' '));
}

static void tell_functions(const RsRecordRun *run, RsSession *session)
{
    if (run->opts->quiet || !session->profile->lines->len)
        return;
    rs_names_tell_top(session, run->opts->verbose ? N_VERBOSE_FUNCTIONS : N_FUNCTIONS);
}

void rs_record_tell_end(const RsRecordRun *run, RsSession *session)
{
    const RsProfile *profile = session->profile;
    const RsTarget *target = &run->target;
    double seconds = (double)(run->end_ns - run->start_ns) / RS_NS_PER_S;
    g_autofree char *duration = rs_units_format_duration(seconds);
    g_autofree char *how = target->has_ended
                               ? rs_target_tell_end(target)
                               : g_strdup_printf("goes on (pid %d)", (int)target->pid);
    struct stat status;
    g_autofree char *size =
        stat(run->opts->output_path, &status) == 0 && S_ISREG(status.st_mode)
            ? rs_units_format((double)status.st_size, "bytes", (double)status.st_size)
            : NULL;

    rs_record_say(run, "%s after %s of recording: %s %s",
                  run->end == RS_END_SIGNAL ? "interrupted" : "done", duration, target->name, how);
    tell_samples(run, profile);
    tell_modules(run, profile);
    tell_functions(run, session);
    tell_events(run, profile);
    if (run->history) {
        g_autofree char *kept =
            rs_units_format_duration((double)rs_history_retained_ns(run->history) / RS_NS_PER_S);

        rs_record_say(run, "the buffer held the last %s", kept);
    }
    rs_record_say(run, "written to %s%s%s%s",
                  g_str_equal(run->opts->output_path, "-") ? "standard output"
                                                           : run->opts->output_path,
                  size ? " (" : "", size ? size : "", size ? ")" : "");
}
