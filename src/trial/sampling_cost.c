/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/sampling_cost.h"

#include <math.h>

#include "base/clock.h"
#include "stats/paired.h"
#include "stats/summary.h"

#define UNIT_NS     (5 * 1000 * 1000) /* launches of less are put together to about this */
#define PAIRS_LIMIT 24                /* of a benchmark */
#define CONFIDENCE  0.95

struct RsCostMeter {
    gint64 left_ns;
    GArray *wall, *cpu; /* double, log ratios of the pairs */
};

RsCostMeter *rs_cost_meter_new(gint64 limit_ns)
{
    RsCostMeter *meter = g_new0(RsCostMeter, 1);

    meter->left_ns = limit_ns;
    meter->wall = g_array_new(FALSE, FALSE, sizeof(double));
    meter->cpu = g_array_new(FALSE, FALSE, sizeof(double));
    return meter;
}

void rs_cost_meter_free(RsCostMeter *meter)
{
    if (!meter)
        return;
    g_array_unref(meter->wall);
    g_array_unref(meter->cpu);
    g_free(meter);
}

static void add_ratio(GArray *ratios, gint64 with_ns, gint64 without_ns)
{
    double ratio = log((double)with_ns / (double)without_ns);

    g_array_append_val(ratios, ratio);
}

void rs_cost_meter_add(RsCostMeter *meter, const RsTrialTime *with, const RsTrialTime *without)
{
    if (with->wall_ns > 0 && without->wall_ns > 0)
        add_ratio(meter->wall, with->wall_ns, without->wall_ns);
    if (with->cpu_ns > 0 && without->cpu_ns > 0)
        add_ratio(meter->cpu, with->cpu_ns, without->cpu_ns);
}

gboolean rs_cost_meter_run(RsCostMeter *meter, RsRunner *runner, const RsTrialRequest *request,
                           gint64 launch_ns, gint64 budget_ns, GError **error)
{
    guint n_launches = (guint)CLAMP(UNIT_NS / MAX(launch_ns, 1), 1, 1000);
    gint64 start_ns = rs_monotonic_ns(), took_ns = 0;
    gint64 pair_ns = 2 * launch_ns * n_launches; /* grows when prepare takes its time as well */

    budget_ns = MIN(budget_ns, meter->left_ns);
    for (guint i = 0; i < PAIRS_LIMIT && took_ns + pair_ns <= budget_ns; i++) {
        RsTrialTime times[2]; /* without, with */
        gboolean succeeded = TRUE;

        /* First one, then the other way round: what is first differs by more than sampling. */
        for (guint j = 0; j < 2 && succeeded; j++) {
            gboolean with = (i + j) % 2;

            if (!rs_runner_try(runner, request, with, n_launches, &succeeded, &times[with], error))
                return FALSE;
        }
        if (!succeeded)
            break;
        rs_cost_meter_add(meter, &times[1], &times[0]);
        took_ns = rs_monotonic_ns() - start_ns;
        pair_ns = MAX(pair_ns, took_ns / (i + 1));
    }
    meter->left_ns -= took_ns;
    return TRUE;
}

static double to_pct(double log_ratio)
{
    return 100 * expm1(log_ratio);
}

/* The median, and the interval of it that needs no distribution: a launch that something else
 * disturbed counts as one on its side, no more. */
static gboolean median_of(const GArray *ratios, double *pct, double *low_pct, double *high_pct)
{
    const double *values = (const double *)ratios->data;
    double low, high, coverage;

    if (!ratios->len ||
        !rs_median_interval(values, ratios->len, CONFIDENCE, &low, &high, &coverage, NULL))
        return FALSE;
    *pct = to_pct(rs_median(values, ratios->len));
    *low_pct = to_pct(low);
    *high_pct = to_pct(high);
    return isfinite(low) && isfinite(high);
}

gboolean rs_cost_meter_read(const RsCostMeter *meter, RsSamplingCost *cost)
{
    RsSamplingCost found = {.cpu_pct = NAN, .cpu_low_pct = NAN, .cpu_high_pct = NAN};

    if (!median_of(meter->wall, &found.wall_pct, &found.wall_low_pct, &found.wall_high_pct))
        return FALSE;
    if (!median_of(meter->cpu, &found.cpu_pct, &found.cpu_low_pct, &found.cpu_high_pct))
        found.cpu_pct = found.cpu_low_pct = found.cpu_high_pct = NAN;
    found.n_pairs = meter->wall->len;
    *cost = found;
    return TRUE;
}
