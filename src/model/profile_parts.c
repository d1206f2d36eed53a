/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a profile is made of: its words, its structs, its diagnostics. */
#include <math.h>

#include "model/profile.h"

const char *const rs_module_kind_names[] = {"file", "vdso", "jit", "kernel", "unknown", NULL};
const char *const rs_stack_end_names[] = {"complete", "cut_copy",   "no_rule", "bad_address",
                                          "too_deep", "not_walked", NULL};
const char *const rs_event_kind_names[] = {"spike", "plateau", "dip", "thread_burst",
                                           "mark",  "restart", NULL};

void rs_profile_module_free(RsProfileModule *module)
{
    if (!module)
        return;
    g_free(module->path);
    g_free(module->build_id);
    g_free(module->extra_json);
    g_free(module);
}

RsProcessSample *rs_process_sample_new(void)
{
    RsProcessSample *sample = g_new0(RsProcessSample, 1);

    sample->cpu_pct = NAN;
    sample->rss_bytes = sample->n_threads = sample->n_open_fds = sample->n_syscalls = -1;
    sample->n_voluntary_switches = sample->n_involuntary_switches = -1;
    sample->read_bytes = sample->written_bytes = -1;
    return sample;
}

void rs_process_sample_free(RsProcessSample *sample)
{
    if (!sample)
        return;
    g_free(sample->extra_json);
    g_free(sample);
}

RsTimelineEvent *rs_timeline_event_new(RsEventKind kind)
{
    RsTimelineEvent *event = g_new0(RsTimelineEvent, 1);

    event->kind = kind;
    event->before = event->peak = NAN;
    return event;
}

void rs_timeline_event_free(RsTimelineEvent *event)
{
    if (!event)
        return;
    g_free(event->series);
    g_free(event->label);
    g_free(event->extra_json);
    g_free(event);
}

RsLock *rs_lock_new(gint32 process_id, guint64 address)
{
    RsLock *lock = g_new0(RsLock, 1);

    lock->process_id = process_id;
    lock->address = address;
    lock->sites = g_array_new(FALSE, TRUE, sizeof(RsLockSite));
    return lock;
}

void rs_lock_free(RsLock *lock)
{
    if (!lock)
        return;
    g_free(lock->place);
    g_array_unref(lock->sites);
    g_free(lock->extra_json);
    g_free(lock);
}

void rs_diagnostics_init(RsDiagnostics *diagnostics)
{
    *diagnostics = (RsDiagnostics){
        .n_symbolized_samples = -1,
        .n_unknown_symbols = -1,
        .sampler_cpu_ns = -1,
        .analysis_cpu_ns = -1,
        .wall_ns = -1,
        .cost_wall_pct = NAN,
        .cost_wall_low_pct = NAN,
        .cost_wall_high_pct = NAN,
        .cost_cpu_pct = NAN,
        .cost_cpu_low_pct = NAN,
        .cost_cpu_high_pct = NAN,
    };
}

void rs_diagnostics_clear(RsDiagnostics *diagnostics)
{
    g_free(diagnostics->backend);
    g_free(diagnostics->backend_reason);
    g_free(diagnostics->event);
    g_free(diagnostics->fidelity);
    g_free(diagnostics->extra_json);
    rs_diagnostics_init(diagnostics);
}

double rs_diagnostics_complete_frac(const RsDiagnostics *diagnostics)
{
    gint64 n = 0;

    for (guint i = 0; i < RS_N_STACK_ENDS; i++)
        n += diagnostics->n_ends[i];
    return n ? (double)diagnostics->n_ends[RS_STACK_COMPLETE] / (double)n : NAN;
}

/* A count that only one of two tells is that one. */
static void join_count(gint64 *count, gint64 other)
{
    if (other < 0)
        return;
    if (*count < 0)
        *count = other;
    else
        *count = other > G_MAXINT64 - *count ? G_MAXINT64 : *count + other;
}

static void join_text(char **text, const char *other)
{
    if (!*text)
        *text = g_strdup(other);
}

/* The cost where it was told with less room for doubt. */
static void join_cost(RsDiagnostics *diagnostics, const RsDiagnostics *other)
{
    if (other->n_cost_pairs <= diagnostics->n_cost_pairs)
        return;
    diagnostics->cost_wall_pct = other->cost_wall_pct;
    diagnostics->cost_wall_low_pct = other->cost_wall_low_pct;
    diagnostics->cost_wall_high_pct = other->cost_wall_high_pct;
    diagnostics->cost_cpu_pct = other->cost_cpu_pct;
    diagnostics->cost_cpu_low_pct = other->cost_cpu_low_pct;
    diagnostics->cost_cpu_high_pct = other->cost_cpu_high_pct;
    diagnostics->n_cost_pairs = other->n_cost_pairs;
    g_free(diagnostics->fidelity);
    diagnostics->fidelity = g_strdup(other->fidelity);
}

void rs_diagnostics_join(RsDiagnostics *diagnostics, const RsDiagnostics *other)
{
    join_text(&diagnostics->backend, other->backend);
    join_text(&diagnostics->backend_reason, other->backend_reason);
    join_text(&diagnostics->event, other->event);
    join_cost(diagnostics, other);
    join_text(&diagnostics->fidelity, other->fidelity);
    diagnostics->sample_rate_hz = fmax(diagnostics->sample_rate_hz, other->sample_rate_hz);
    diagnostics->fallback_used |= other->fallback_used;
    diagnostics->sees_kernel |= other->sees_kernel;
    join_count(&diagnostics->n_raw_samples, other->n_raw_samples);
    join_count(&diagnostics->n_symbolized_samples, other->n_symbolized_samples);
    join_count(&diagnostics->n_unknown_symbols, other->n_unknown_symbols);
    for (guint i = 0; i < RS_N_SYMBOL_SOURCES; i++)
        join_count(&diagnostics->n_by_source[i], other->n_by_source[i]);
    for (guint i = 0; i < RS_N_UNNAMED; i++)
        join_count(&diagnostics->n_unnamed[i], other->n_unnamed[i]);
    join_count(&diagnostics->n_dropped_samples, other->n_dropped_samples);
    join_count(&diagnostics->n_lost_samples, other->n_lost_samples);
    join_count(&diagnostics->n_throttled, other->n_throttled);
    for (guint i = 0; i < RS_N_STACK_ENDS; i++)
        join_count(&diagnostics->n_ends[i], other->n_ends[i]);
    join_count(&diagnostics->n_late_samples, other->n_late_samples);
    join_count(&diagnostics->sampler_cpu_ns, other->sampler_cpu_ns);
    join_count(&diagnostics->analysis_cpu_ns, other->analysis_cpu_ns);
    join_count(&diagnostics->wall_ns, other->wall_ns);
}
