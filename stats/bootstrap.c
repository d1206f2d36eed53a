/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/bootstrap.h"

#include "stats/error.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(gsl_rng, gsl_rng_free)

static gboolean check_positive(const double *x, gsize n, GError **error)
{
    if (!rs_stats_check_sample(x, n, 2, error))
        return FALSE;
    for (gsize i = 0; i < n; i++) {
        if (x[i] <= 0) {
            g_set_error(error, RS_STATS_ERROR, RS_STATS_ERROR_DOMAIN,
                        "value %" G_GSIZE_FORMAT " is %g: a ratio needs values > 0", i, x[i]);
            return FALSE;
        }
    }
    return TRUE;
}

static double resampled_median(const gsl_rng *rng, const double *x, gsize n, double *room)
{
    for (gsize i = 0; i < n; i++)
        room[i] = x[gsl_rng_uniform_int(rng, n)];
    return gsl_stats_median(room, 1, n);
}

gboolean rs_bootstrap_median_ratio(const double *a, gsize n_a, const double *b, gsize n_b,
                                   double confidence, guint n_resamples, guint64 seed, double *low,
                                   double *high, GError **error)
{
    g_autofree double *ratios = NULL, *room = NULL;
    g_autoptr(gsl_rng) rng = NULL;

    if (!check_positive(a, n_a, error) || !check_positive(b, n_b, error) ||
        !rs_stats_check_between("the confidence", confidence, 0, 1, error) ||
        !rs_stats_check_between("the number of resamples", n_resamples, 0, 1e9, error))
        return FALSE;
    rs_stats_enter_gsl();
    rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, (gulong)seed);
    ratios = g_new(double, n_resamples);
    room = g_new(double, MAX(n_a, n_b));
    for (guint i = 0; i < n_resamples; i++) {
        double median_a = resampled_median(rng, a, n_a, room);

        ratios[i] = resampled_median(rng, b, n_b, room) / median_a;
    }
    gsl_sort(ratios, 1, n_resamples);
    *low = gsl_stats_quantile_from_sorted_data(ratios, 1, n_resamples, (1 - confidence) / 2);
    *high = gsl_stats_quantile_from_sorted_data(ratios, 1, n_resamples, (1 + confidence) / 2);
    return TRUE;
}
