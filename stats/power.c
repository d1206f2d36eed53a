/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/power.h"

#include "stats/error.h"

#include <float.h>
#include <gsl/gsl_cdf.h>
#include <math.h>

#define MAX_PAIRS 1e8

/* What the formula asks for when Student's quantile is that of n pairs; falls as n grows. */
static double wanted_pairs(double n, double alpha, double z_power, double sds_per_shift)
{
    return pow((gsl_cdf_tdist_Qinv(alpha, n - 1) + z_power) * sds_per_shift, 2);
}

gboolean rs_power_pairs(double sd, double effect_frac, double margin_frac, double alpha,
                        double power, guint *n_pairs, GError **error)
{
    double sds_per_shift, z_power;
    guint too_few = 1, enough = 2;

    if (!rs_stats_check_between("the standard deviation", sd, 0, INFINITY, error) ||
        !rs_stats_check_between("the effect", effect_frac, -1, INFINITY, error) ||
        !rs_stats_check_between("the margin", margin_frac, -1, effect_frac, error) ||
        !rs_stats_check_between("alpha", alpha, 0, 0.5, error) ||
        !rs_stats_check_between("the power", power, 0.5, 1, error))
        return FALSE;
    rs_stats_enter_gsl();
    sds_per_shift = sd / (log1p(effect_frac) - log1p(margin_frac));
    z_power = gsl_cdf_ugaussian_Pinv(power);
    while (wanted_pairs(enough, alpha, z_power, sds_per_shift) > enough) {
        if (!rs_stats_check_between("the number of pairs", enough, 0, MAX_PAIRS, error))
            return FALSE;
        too_few = enough;
        enough *= 2;
    }
    while (enough - too_few > 1) {
        guint middle = too_few + (enough - too_few) / 2;

        if (wanted_pairs(middle, alpha, z_power, sds_per_shift) > middle)
            too_few = middle;
        else
            enough = middle;
    }
    *n_pairs = enough;
    return TRUE;
}

gboolean rs_power_welch_mde(double mean_a, double se_a, double se_b, double df, double alpha,
                            double power, double *mde_frac, GError **error)
{
    double se = hypot(se_a, se_b);

    if (!rs_stats_check_between("the mean", mean_a, 0, INFINITY, error) ||
        !rs_stats_check_between("the standard error", se, -1, INFINITY, error) ||
        !rs_stats_check_between("the degrees of freedom", df, 0, INFINITY, error) ||
        !rs_stats_check_between("alpha", alpha, 0, 1, error) ||
        !rs_stats_check_between("the power", power, 0.5, 1, error))
        return FALSE;
    rs_stats_enter_gsl();
    *mde_frac = (gsl_cdf_tdist_Qinv(alpha / 2, df) + gsl_cdf_tdist_Pinv(power, df)) * se / mean_a;
    return TRUE;
}

typedef struct {
    const double *variances, *weights;
    gsize n_rows;
    double unit, t_critical;
    guint n;
} Counted;

/* The weighted chance that a rise is shown. */
static double counted_power(const Counted *counted, double rise)
{
    double sum = 0, weight = 0;

    for (gsize i = 0; i < counted->n_rows; i++) {
        double variance = counted->variances[i] + counted->unit * rise;
        double t = variance > 0 ? rise / sqrt(variance / counted->n) : INFINITY;

        sum += counted->weights[i] *
               (isinf(t) ? 1 : gsl_cdf_tdist_P(t - counted->t_critical, counted->n - 1));
        weight += counted->weights[i];
    }
    return sum / weight;
}

static gboolean check_counted(const Counted *counted, double power, GError **error)
{
    if (!rs_stats_check_sample(counted->variances, counted->n_rows, 1, error) ||
        !rs_stats_check_sample(counted->weights, counted->n_rows, 1, error) ||
        !rs_stats_check_between("the unit", counted->unit, -DBL_MIN, INFINITY, error) ||
        !rs_stats_check_between("the number of pairs", counted->n, 1, INFINITY, error) ||
        !rs_stats_check_between("the critical t", counted->t_critical, 0, INFINITY, error) ||
        !rs_stats_check_between("the power", power, 0.5, 1, error))
        return FALSE;
    for (gsize i = 0; i < counted->n_rows; i++)
        if (!rs_stats_check_between("a variance", counted->variances[i], -DBL_MIN, INFINITY,
                                    error) ||
            !rs_stats_check_between("a weight", counted->weights[i], 0, INFINITY, error))
            return FALSE;
    return TRUE;
}

gboolean rs_power_counted_rise(const double *variances, const double *weights, gsize n_rows,
                               double unit, guint n, double t_critical, double power, double *rise,
                               GError **error)
{
    Counted counted = {variances, weights, n_rows, unit, t_critical, n};
    double low = 0, high = unit, largest = 0;

    if (!check_counted(&counted, power, error))
        return FALSE;
    rs_stats_enter_gsl();
    for (gsize i = 0; i < n_rows; i++)
        largest = MAX(largest, variances[i]);
    high = MAX(high, sqrt(largest));
    *rise = 0;
    if (high == 0)
        return TRUE;
    while (counted_power(&counted, high) < power && high < DBL_MAX / 4)
        high *= 2;
    for (guint i = 0; i < 60; i++) {
        double middle = (low + high) / 2;

        if (counted_power(&counted, middle) < power)
            low = middle;
        else
            high = middle;
    }
    *rise = high;
    return TRUE;
}
