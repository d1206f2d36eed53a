/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/proportion.h"

#include "stats/error.h"

#include <gsl/gsl_cdf.h>

/* The x at which the beta distribution has this lower tail. Bisected, because gsl_cdf_beta_Pinv of
 * GSL 2.7 gives up with NaN on some counts out of ten thousand. */
static double beta_quantile(double tail, double a, double b)
{
    double low = 0, high = 1;

    for (;;) {
        double middle = (low + high) / 2;

        if (middle <= low || middle >= high)
            return middle;
        if (gsl_cdf_beta_P(middle, a, b) < tail)
            low = middle;
        else
            high = middle;
    }
}

gboolean rs_clopper_pearson(guint64 n_hits, guint64 n, double confidence, double *low_frac,
                            double *high_frac, GError **error)
{
    double hits = (double)n_hits, misses = (double)n - hits, tail = (1 - confidence) / 2;

    if (n == 0) {
        g_set_error_literal(error, RS_STATS_ERROR, RS_STATS_ERROR_TOO_FEW,
                            "a proportion of nothing");
        return FALSE;
    }
    if (n_hits > n) {
        g_set_error(error, RS_STATS_ERROR, RS_STATS_ERROR_DOMAIN,
                    "%" G_GUINT64_FORMAT " hits among %" G_GUINT64_FORMAT, n_hits, n);
        return FALSE;
    }
    if (!rs_stats_check_between("the confidence", confidence, 0, 1, error))
        return FALSE;
    rs_stats_enter_gsl();
    *low_frac = n_hits == 0 ? 0 : beta_quantile(tail, hits, misses + 1);
    *high_frac = n_hits == n ? 1 : beta_quantile(1 - tail, hits + 1, misses);
    return TRUE;
}
