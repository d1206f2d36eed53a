/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/adjust.h"

#include "stats/error.h"

#include <gsl/gsl_sort.h>

static gboolean check(const double *p, gsize n, gsize n_family, GError **error)
{
    if (!rs_stats_check_sample(p, n, 1, error))
        return FALSE;
    for (gsize i = 0; i < n; i++) {
        if (p[i] < 0 || p[i] > 1) {
            g_set_error(error, RS_STATS_ERROR, RS_STATS_ERROR_DOMAIN,
                        "value %" G_GSIZE_FORMAT " is %g, not a p-value", i, p[i]);
            return FALSE;
        }
    }
    if (n_family >= n)
        return TRUE;
    g_set_error(error, RS_STATS_ERROR, RS_STATS_ERROR_DOMAIN,
                "%" G_GSIZE_FORMAT " p-values in a family of %" G_GSIZE_FORMAT, n, n_family);
    return FALSE;
}

static gsize *ascending(const double *p, gsize n)
{
    gsize *order = g_new(gsize, n);

    gsl_sort_index(order, p, 1, n);
    return order;
}

gboolean rs_holm(const double *p, gsize n, gsize n_family, double *adjusted, GError **error)
{
    g_autofree gsize *order = NULL;
    double highest = 0;

    if (!check(p, n, n_family, error))
        return FALSE;
    order = ascending(p, n);
    for (gsize i = 0; i < n; i++) {
        double scaled = MIN(1, (double)(n_family - i) * p[order[i]]);

        highest = MAX(highest, scaled);
        adjusted[order[i]] = highest;
    }
    return TRUE;
}

gboolean rs_benjamini_hochberg(const double *p, gsize n, gsize n_family, double *adjusted,
                               GError **error)
{
    g_autofree gsize *order = NULL;
    double lowest = 1;

    if (!check(p, n, n_family, error))
        return FALSE;
    order = ascending(p, n);
    for (gsize i = n; i-- > 0;) {
        double scaled = (double)n_family / (double)(i + 1) * p[order[i]];

        lowest = MIN(lowest, scaled);
        adjusted[order[i]] = lowest;
    }
    return TRUE;
}
