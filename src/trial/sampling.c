/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/sampling.h"

#include <math.h>

#include "capture/intern.h"

/* Half a million samples wait for the end of a trial: ten minutes of two threads at the default
 * rate. Memory is taken as it is used. */
#define RING_BYTES (16 * 1024 * 1024)

struct RsSampling {
    RsCapture *capture;
    RsIntern *intern;
    RsSession *session;
    gboolean is_on, is_finished;
    RsDiagnostics earlier; /* of the runs that this one goes on with */
    char *given_up;        /* why; NULL: not */
    RsSamplingCost cost;
    GArray *samples;    /* RsTrialSample, of the trial at hand; reused */
    GHashTable *places; /* stack and 1 more -> place in samples and 1 more; reused */
};

static RsCapture *open_capture(RsSamplerChoice choice, double sample_rate_hz, int launcher_pid,
                               GError **error)
{
    RsCaptureOptions options = {
        .choice = choice,
        .sampler = {.sample_rate_hz = sample_rate_hz,
                    .random_phase = TRUE,
                    .ignored_pid = launcher_pid},
        .n_ring_bytes = RING_BYTES,
    };

    return rs_capture_new(&options, error);
}

RsSampling *rs_sampling_new(RsSamplerChoice choice, double sample_rate_hz, int launcher_pid,
                            RsSession *session, GError **error)
{
    g_autoptr(RsSampling) sampling = g_new0(RsSampling, 1);
    g_autoptr(GError) failure = NULL;

    rs_diagnostics_init(&sampling->earlier);
    sampling->samples = g_array_new(FALSE, FALSE, sizeof(RsTrialSample));
    sampling->places = g_hash_table_new(NULL, NULL);
    sampling->capture = open_capture(choice, sample_rate_hz, launcher_pid, error);
    if (!sampling->capture)
        return NULL;
    sampling->intern = rs_intern_new(sampling->capture);
    sampling->is_on = !g_str_equal(rs_capture_backend(sampling->capture), "none");
    if (!session->profile)
        session->profile = rs_profile_new();
    sampling->earlier = session->profile->diagnostics; /* moved */
    rs_diagnostics_init(&session->profile->diagnostics);
    sampling->session = session;
    if (sampling->is_on && !rs_capture_attach(sampling->capture, launcher_pid, TRUE, &failure)) {
        if (choice != RS_SAMPLER_AUTO) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return NULL;
        }
        rs_sampling_give_up(sampling, failure->message);
    }
    rs_sampling_diagnose(sampling);
    return g_steal_pointer(&sampling);
}

void rs_sampling_free(RsSampling *sampling)
{
    if (!sampling)
        return;
    if (sampling->session)
        rs_sampling_finish(sampling);
    rs_intern_free(sampling->intern);
    rs_capture_free(sampling->capture);
    rs_diagnostics_clear(&sampling->earlier);
    g_array_unref(sampling->samples);
    g_hash_table_unref(sampling->places);
    g_free(sampling->given_up);
    g_free(sampling);
}

gboolean rs_sampling_is_on(const RsSampling *sampling)
{
    return sampling->is_on;
}

void rs_sampling_pass(RsSampling *sampling)
{
    RsRingEntry entry;

    if (!sampling->is_on)
        return;
    rs_capture_sync(sampling->capture);
    while (rs_capture_pop(sampling->capture, &entry))
        rs_intern_pass(sampling->intern, &entry);
}

static void add(RsSampling *sampling, gint32 stack, gint64 weight_ns)
{
    GArray *samples = sampling->samples;
    gpointer key = GSIZE_TO_POINTER((gsize)(stack + 1)), known;
    RsTrialSample fresh = {.stack = stack}, *sample;

    known = g_hash_table_lookup(sampling->places, key);
    if (!known) {
        if (samples->len >= RS_TRIAL_MAX_STACKS)
            return;
        g_array_append_val(samples, fresh);
        known = GSIZE_TO_POINTER((gsize)samples->len);
        g_hash_table_insert(sampling->places, key, known);
    }
    sample = &g_array_index(samples, RsTrialSample, GPOINTER_TO_SIZE(known) - 1);
    sample->n++;
    sample->weight_ns += weight_ns;
}

/* The heaviest first, so that a look at the first ones is a look at most of the time. */
static gint compare_samples(gconstpointer a, gconstpointer b)
{
    const RsTrialSample *one = a, *other = b;

    if (one->weight_ns != other->weight_ns)
        return one->weight_ns < other->weight_ns ? 1 : -1;
    return one->stack < other->stack ? -1 : one->stack > other->stack;
}

void rs_sampling_take(RsSampling *sampling, RsBenchmark *benchmark, guint trial, double scale)
{
    RsRingEntry entry;

    if (!sampling->is_on)
        return;
    g_array_set_size(sampling->samples, 0);
    g_hash_table_remove_all(sampling->places);
    rs_capture_sync(sampling->capture);
    while (rs_capture_pop(sampling->capture, &entry))
        add(sampling, rs_intern_entry(sampling->intern, sampling->session->profile, &entry),
            (gint64)((double)entry.weight_ns * scale));
    g_array_sort(sampling->samples, compare_samples);
    rs_benchmark_set_samples(benchmark, trial, (const RsTrialSample *)sampling->samples->data,
                             sampling->samples->len);
}

void rs_sampling_give_up(RsSampling *sampling, const char *why)
{
    rs_capture_stop(sampling->capture);
    sampling->is_on = FALSE;
    g_free(sampling->given_up);
    sampling->given_up = g_strdup(why);
}

RsModules *rs_sampling_finish(RsSampling *sampling)
{
    if (!sampling->is_finished) {
        rs_capture_stop(sampling->capture);
        rs_sampling_diagnose(sampling);
    }
    sampling->is_finished = TRUE;
    return rs_capture_modules(sampling->capture);
}

void rs_sampling_set_cost(RsSampling *sampling, const RsSamplingCost *cost)
{
    sampling->cost = *cost;
}

/* One sentence for people. */
static char *describe_cost(const RsSamplingCost *cost, double rate_hz)
{
    if (!cost->n_pairs || !isfinite(cost->wall_high_pct))
        return NULL;
    if (cost->wall_low_pct > 0)
        return g_strdup_printf("sampling at %g Hz costs about %.1f %% of wall time (95 %% "
                               "interval %.1f to %.1f %%)",
                               rate_hz, cost->wall_pct, cost->wall_low_pct, cost->wall_high_pct);
    return g_strdup_printf("sampling at %g Hz costs less than %.1f %% of wall time (95 %% bound)",
                           rate_hz, MAX(cost->wall_high_pct, 0.1));
}

static void tell_cost(const RsSampling *sampling, RsDiagnostics *diagnostics)
{
    const RsSamplingCost *cost = &sampling->cost;

    if (!cost->n_pairs)
        return;
    diagnostics->cost_wall_pct = cost->wall_pct;
    diagnostics->cost_wall_low_pct = cost->wall_low_pct;
    diagnostics->cost_wall_high_pct = cost->wall_high_pct;
    diagnostics->cost_cpu_pct = cost->cpu_pct;
    diagnostics->cost_cpu_low_pct = cost->cpu_low_pct;
    diagnostics->cost_cpu_high_pct = cost->cpu_high_pct;
    diagnostics->n_cost_pairs = cost->n_pairs;
    if (!diagnostics->fidelity)
        diagnostics->fidelity = describe_cost(cost, diagnostics->sample_rate_hz);
}

/* Made anew each time: the sampler's counts so far, and those of the runs before. */
void rs_sampling_diagnose(RsSampling *sampling)
{
    RsDiagnostics *diagnostics = &sampling->session->profile->diagnostics;

    rs_diagnostics_clear(diagnostics);
    rs_capture_diagnose(sampling->capture, diagnostics);
    tell_cost(sampling, diagnostics);
    if (sampling->given_up) {
        g_autofree char *backend = g_steal_pointer(&diagnostics->backend);

        g_free(diagnostics->backend_reason);
        diagnostics->backend = g_strdup("none");
        diagnostics->backend_reason = g_strdup_printf("%s: %s", backend, sampling->given_up);
        diagnostics->sample_rate_hz = 0;
    }
    rs_diagnostics_join(diagnostics, &sampling->earlier);
    diagnostics->extra_json = g_strdup(sampling->earlier.extra_json);
}
