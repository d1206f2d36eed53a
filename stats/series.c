/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/series.h"

#include "stats/error.h"
#include "stats/summary.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>

gboolean rs_series_lag1(const double *x, gsize n, double *lag1, GError **error)
{
    if (!rs_stats_check_sample(x, n, 3, error))
        return FALSE;
    *lag1 = gsl_stats_lag1_autocorrelation(x, 1, n);
    if (isnan(*lag1)) /* no variance: nothing to remember */
        *lag1 = 0;
    return TRUE;
}

double rs_series_effective_n(gsize n, double lag1)
{
    if (lag1 <= RS_SERIES_LAG1_NOTABLE)
        return (double)n;
    return MAX(1, (double)n * (1 - lag1) / (1 + lag1));
}

/* Index of the first value above the widest gap that leaves both sides enough. */
static gsize widest_gap(const double *sorted, gsize n)
{
    gsize n_least = MAX(1, (gsize)ceil(RS_BIMODAL_MIN_SHARE * (double)n)), best = n_least;

    for (gsize i = n_least; i + n_least <= n; i++)
        if (sorted[i] - sorted[i - 1] > sorted[best] - sorted[best - 1])
            best = i;
    return best;
}

gboolean rs_series_bimodality(const double *x, gsize n, RsBimodality *out, GError **error)
{
    g_autofree double *logs = NULL;
    double low, high, gap, pooled;
    gsize first_high;

    if (!rs_stats_check_sample(x, n, 4, error))
        return FALSE;
    logs = rs_stats_sorted(x, n);
    if (logs[0] <= 0) {
        g_set_error(error, RS_STATS_ERROR, RS_STATS_ERROR_DOMAIN, "%g has no logarithm", logs[0]);
        return FALSE;
    }
    for (gsize i = 0; i < n; i++)
        logs[i] = log(logs[i]);
    first_high = widest_gap(logs, n);
    low = rs_median(logs, first_high);
    high = rs_median(logs + first_high, n - first_high);
    gap = logs[first_high] - logs[first_high - 1];
    out->high_share_frac = (double)(n - first_high) / (double)n;
    pooled =
        RS_MAD_TO_SD * ((1 - out->high_share_frac) * rs_mad(logs, first_high, low) +
                        out->high_share_frac * rs_mad(logs + first_high, n - first_high, high));
    out->low_mode = exp(low);
    out->high_mode = exp(high);
    out->split = exp(logs[first_high] - gap / 2);
    out->distance = high > low ? (high - low) / pooled : 0;
    out->is_bimodal = n >= RS_BIMODAL_MIN_N && out->distance > RS_BIMODAL_MIN_DISTANCE &&
                      gap > pooled * MAX(1, RS_BIMODAL_GAP_N / (double)n);
    return TRUE;
}
