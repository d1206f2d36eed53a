/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/summary.h"

#include "stats/error.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>

double rs_median(const double *x, gsize n)
{
    g_autofree double *sorted = NULL;

    g_return_val_if_fail(n > 0, NAN);
    sorted = rs_stats_sorted(x, n);
    return gsl_stats_median_from_sorted_data(sorted, 1, n);
}

double rs_mad(const double *x, gsize n, double centre)
{
    g_autofree double *distances = NULL;

    g_return_val_if_fail(n > 0, NAN);
    distances = g_new(double, n);
    for (gsize i = 0; i < n; i++)
        distances[i] = fabs(x[i] - centre);
    return rs_median(distances, n);
}

gboolean rs_summarize(const double *x, gsize n, RsSummary *out, GError **error)
{
    g_autofree double *sorted = NULL;
    double fence;

    if (!rs_stats_check_sample(x, n, 1, error))
        return FALSE;
    rs_stats_enter_gsl();
    sorted = rs_stats_sorted(x, n);
    out->n = n;
    out->mean = gsl_stats_mean(x, 1, n);
    out->sd = n > 1 ? gsl_stats_sd_m(x, 1, n, out->mean) : 0;
    out->min = sorted[0];
    out->q1 = gsl_stats_quantile_from_sorted_data(sorted, 1, n, 0.25);
    out->median = gsl_stats_median_from_sorted_data(sorted, 1, n);
    out->q3 = gsl_stats_quantile_from_sorted_data(sorted, 1, n, 0.75);
    out->max = sorted[n - 1];
    out->mad = rs_mad(sorted, n, out->median);
    out->n_outliers = 0;
    fence = RS_SUMMARY_OUTLIER_MADS * RS_MAD_TO_SD * out->mad;
    for (gsize i = 0; i < n; i++)
        out->n_outliers += fabs(x[i] - out->median) > fence;
    return TRUE;
}
