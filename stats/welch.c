/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/welch.h"

#include "stats/error.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

void rs_welch_ratio_interval(const RsTTest *test, double confidence, double *low, double *high)
{
    double t = gsl_cdf_tdist_Pinv(0.5 + confidence / 2, test->df);
    double var_a = test->se_a * test->se_a, var_b = test->se_b * test->se_b;
    double g = t * t * var_a / (test->mean_a * test->mean_a);
    double half;

    *low = -INFINITY;
    *high = INFINITY;
    if (!(g < 1)) /* also when mean_a is 0 */
        return;
    half = t / fabs(test->mean_a) * sqrt((1 - g) * var_b + test->ratio * test->ratio * var_a);
    *low = (test->ratio - half) / (1 - g);
    *high = (test->ratio + half) / (1 - g);
}

static void fill_test(RsTTest *out, gsize n_a, gsize n_b)
{
    double var_a = out->se_a * out->se_a, var_b = out->se_b * out->se_b;
    double var = var_a + var_b, difference = out->mean_b - out->mean_a;

    if (var == 0) {
        out->df = (double)(n_a + n_b - 2);
        out->t = difference == 0 ? 0 : copysign(INFINITY, difference);
        out->p = difference == 0 ? 1 : 0;
        return;
    }
    /* shares instead of fourth powers: no overflow, no underflow */
    var_a /= var;
    var_b /= var;
    out->df = 1 / (var_a * var_a / (double)(n_a - 1) + var_b * var_b / (double)(n_b - 1));
    out->t = difference / sqrt(var);
    out->p = MIN(1, 2 * gsl_cdf_tdist_Q(fabs(out->t), out->df));
}

gboolean rs_welch(const double *a, gsize n_a, const double *b, gsize n_b, RsTTest *out,
                  GError **error)
{
    if (!rs_stats_check_sample(a, n_a, 2, error) || !rs_stats_check_sample(b, n_b, 2, error))
        return FALSE;
    rs_stats_enter_gsl();
    out->mean_a = gsl_stats_mean(a, 1, n_a);
    out->mean_b = gsl_stats_mean(b, 1, n_b);
    out->se_a = gsl_stats_sd_m(a, 1, n_a, out->mean_a) / sqrt((double)n_a);
    out->se_b = gsl_stats_sd_m(b, 1, n_b, out->mean_b) / sqrt((double)n_b);
    fill_test(out, n_a, n_b);
    out->ratio = out->mean_a == 0 ? NAN : out->mean_b / out->mean_a;
    rs_welch_ratio_interval(out, 0.95, &out->ratio_low, &out->ratio_high);
    return TRUE;
}
