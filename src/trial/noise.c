/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/noise.h"

#include <math.h>

#include "base/clock.h"
#include "stats/summary.h"
#include "trial/machine.h"

#define CALIBRATE_EVERY_NS (250 * 1000 * 1000) /* a calibration takes about 0.3 % of that */

struct RsNoiseMeter {
    RsNoise *noise;
    gint64 start_ns, calibrated_ns;
    GArray *calibrations; /* double, ns */
    RsPressureReader *reader;
    RsPressure start;
};

RsNoiseMeter *rs_noise_meter_new(RsNoise *noise)
{
    RsNoiseMeter *meter = g_new0(RsNoiseMeter, 1);

    meter->noise = noise;
    meter->start_ns = rs_monotonic_ns();
    meter->calibrations = g_array_new(FALSE, FALSE, sizeof(double));
    meter->reader = rs_pressure_reader_new("/");
    rs_pressure_read(meter->reader, &meter->start);
    noise->load_start = rs_machine_load();
    return meter;
}

void rs_noise_meter_calibrate(RsNoiseMeter *meter)
{
    gint64 now_ns = rs_monotonic_ns();
    double took_ns;

    if (now_ns - meter->calibrated_ns < CALIBRATE_EVERY_NS)
        return;
    took_ns = (double)rs_machine_calibrate_ns();
    g_array_append_val(meter->calibrations, took_ns);
    meter->calibrated_ns = now_ns;
}

static void fill(const RsNoiseMeter *meter, RsNoise *noise)
{
    const RsPressure *start = &meter->start;
    RsPressure now;
    RsSummary summary;

    rs_pressure_read(meter->reader, &now);
    noise->load_end = rs_machine_load();
    if (start->steal_ns >= 0 && now.cpu_ns > start->cpu_ns)
        noise->steal_pct =
            100 * (double)(now.steal_ns - start->steal_ns) / (double)(now.cpu_ns - start->cpu_ns);
    if (start->throttled_ns >= 0)
        noise->throttled_pct = 100 * (double)(now.throttled_ns - start->throttled_ns) /
                               (double)(rs_monotonic_ns() - meter->start_ns);
    if (start->n_oom_kills >= 0)
        noise->n_oom_kills += now.n_oom_kills - start->n_oom_kills;
    if (rs_summarize((double *)meter->calibrations->data, meter->calibrations->len, &summary,
                     NULL)) {
        noise->calibration_median_ns = summary.median;
        noise->calibration_cv_pct = summary.mean > 0 ? 100 * summary.sd / summary.mean : NAN;
        noise->n_calibrations = (gint64)summary.n;
    }
}

void rs_noise_meter_end(RsNoiseMeter *meter)
{
    fill(meter, meter->noise);
    rs_pressure_reader_free(meter->reader);
    g_array_unref(meter->calibrations);
    g_free(meter);
}
