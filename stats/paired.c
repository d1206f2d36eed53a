/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/paired.h"

#include "stats/error.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

gboolean rs_log_ratios(const double *baseline, const double *current, gsize n, double *log_ratios,
                       GError **error)
{
    if (!rs_stats_check_sample(baseline, n, 1, error) ||
        !rs_stats_check_sample(current, n, 1, error))
        return FALSE;
    for (gsize i = 0; i < n; i++) {
        if (baseline[i] <= 0 || current[i] <= 0) {
            g_set_error(error, RS_STATS_ERROR, RS_STATS_ERROR_DOMAIN,
                        "pair %" G_GSIZE_FORMAT " (%g, %g) has no ratio: both values must be > 0",
                        i, baseline[i], current[i]);
            return FALSE;
        }
    }
    for (gsize i = 0; i < n; i++)
        log_ratios[i] = log(current[i] / baseline[i]);
    return TRUE;
}

/* How many of the pairs i <= j have a mean <= level. */
static gsize count_means(const double *sorted, gsize n, double level)
{
    gsize count = 0, j = n;

    /* as i grows, fewer partners stay below: j only ever moves down */
    for (gsize i = 0; i < n; i++) {
        while (j > i && sorted[i] / 2 + sorted[j - 1] / 2 > level)
            j--;
        if (j <= i)
            break;
        count += j - i;
    }
    return count;
}

/* The rank-th smallest mean, rank from 1, by bisecting the value down to adjacent doubles. */
static double select_mean(const double *sorted, gsize n, gsize rank)
{
    double low = sorted[0], high = sorted[n - 1];

    if (count_means(sorted, n, low) >= rank)
        return low;
    for (;;) {
        double middle = low / 2 + high / 2;

        if (middle <= low || middle >= high)
            return high;
        if (count_means(sorted, n, middle) >= rank)
            high = middle;
        else
            low = middle;
    }
}

gboolean rs_hodges_lehmann(const double *x, gsize n, double *centre, GError **error)
{
    g_autofree double *sorted = NULL;
    gsize n_means = n * (n + 1) / 2;

    if (!rs_stats_check_sample(x, n, 1, error))
        return FALSE;
    sorted = rs_stats_sorted(x, n);
    *centre = select_mean(sorted, n, (n_means + 1) / 2);
    if (n_means % 2 == 0)
        *centre = *centre / 2 + select_mean(sorted, n, n_means / 2 + 1) / 2;
    return TRUE;
}

gboolean rs_paired_t(const double *d, gsize n, RsPairedT *out, GError **error)
{
    if (!rs_stats_check_sample(d, n, 2, error))
        return FALSE;
    rs_stats_enter_gsl();
    out->mean = gsl_stats_mean(d, 1, n);
    out->se = gsl_stats_sd_m(d, 1, n, out->mean) / sqrt((double)n);
    out->df = (double)(n - 1);
    if (out->se == 0) {
        out->t = out->mean == 0 ? 0 : copysign(INFINITY, out->mean);
        out->p = out->mean == 0 ? 1 : 0;
        return TRUE;
    }
    out->t = out->mean / out->se;
    out->p = MIN(1, 2 * gsl_cdf_tdist_Q(fabs(out->t), out->df));
    return TRUE;
}

gboolean rs_median_interval(const double *x, gsize n, double confidence, double *low, double *high,
                            double *coverage, GError **error)
{
    g_autofree double *sorted = NULL;
    guint n_outside = 0; /* order statistics left out on each side */

    if (!rs_stats_check_sample(x, n, 1, error) ||
        !rs_stats_check_between("the confidence", confidence, 0, 1, error))
        return FALSE;
    rs_stats_enter_gsl();
    if (1 - 2 * gsl_cdf_binomial_P(0, 0.5, (guint)n) < confidence) {
        *low = -INFINITY;
        *high = INFINITY;
        *coverage = 1;
        return TRUE;
    }
    while (1 - 2 * gsl_cdf_binomial_P(n_outside + 1, 0.5, (guint)n) >= confidence)
        n_outside++;
    sorted = rs_stats_sorted(x, n);
    *low = sorted[n_outside];
    *high = sorted[n - 1 - n_outside];
    *coverage = 1 - 2 * gsl_cdf_binomial_P(n_outside, 0.5, (guint)n);
    return TRUE;
}
