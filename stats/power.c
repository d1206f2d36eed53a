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

gboolean rs_power_counted_rise(double variance, double unit, guint n, double t_critical,
                               double power, double *rise, GError **error)
{
    double errors; /* standard errors that the rise must be worth */

    if (!rs_stats_check_between("the variance", variance, -DBL_MIN, INFINITY, error) ||
        !rs_stats_check_between("the unit", unit, -DBL_MIN, INFINITY, error) ||
        !rs_stats_check_between("the number of pairs", n, 1, INFINITY, error) ||
        !rs_stats_check_between("the critical t", t_critical, 0, INFINITY, error) ||
        !rs_stats_check_between("the power", power, 0.5, 1, error))
        return FALSE;
    rs_stats_enter_gsl();
    errors = t_critical + gsl_cdf_tdist_Pinv(power, n - 1);
    /* x^2 - errors^2 (unit / n) x - errors^2 (variance / n) = 0 */
    unit *= errors * errors / n;
    variance *= errors * errors / n;
    *rise = unit / 2 + sqrt(unit * unit / 4 + variance);
    return TRUE;
}
