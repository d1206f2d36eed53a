/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/error.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_sort.h>
#include <math.h>

G_DEFINE_QUARK(rs - stats - error - quark, rs_stats_error)

gboolean rs_stats_check_sample(const double *x, gsize n, gsize n_min, GError **error)
{
    if (n < n_min) {
        g_set_error(error, RS_STATS_ERROR, RS_STATS_ERROR_TOO_FEW,
                    "%" G_GSIZE_FORMAT " values, at least %" G_GSIZE_FORMAT " are needed", n,
                    n_min);
        return FALSE;
    }
    for (gsize i = 0; i < n; i++) {
        if (!isfinite(x[i])) {
            g_set_error(error, RS_STATS_ERROR, RS_STATS_ERROR_NOT_FINITE,
                        "value %" G_GSIZE_FORMAT " is not a finite number", i);
            return FALSE;
        }
    }
    return TRUE;
}

gboolean rs_stats_check_between(const char *what, double value, double low, double high,
                                GError **error)
{
    if (value > low && value < high)
        return TRUE;
    g_set_error(error, RS_STATS_ERROR, RS_STATS_ERROR_DOMAIN,
                "%s is %g, it must lie between %g and %g", what, value, low, high);
    return FALSE;
}

void rs_stats_enter_gsl(void)
{
    static gsize is_quiet = 0;

    if (g_once_init_enter(&is_quiet)) {
        gsl_set_error_handler_off();
        g_once_init_leave(&is_quiet, 1);
    }
}

double *rs_stats_sorted(const double *x, gsize n)
{
    double *sorted = g_new(double, MAX(n, 1));

    for (gsize i = 0; i < n; i++)
        sorted[i] = x[i];
    gsl_sort(sorted, 1, n);
    return sorted;
}
