/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Planning with a fixed number of observations and near-normal noise: how many pairs, and what two
 * samples measured apart could have shown. The sequential rule has its own: stats/pair_mde.h. */
#ifndef RS_STATS_POWER_H
#define RS_STATS_POWER_H

#include <glib.h>

/* Pairs for a one-sided t-test on log ratios to reject "slowdown <= margin" with this power.
 * sd           standard deviation of the log ratios, > 0.
 * effect_frac  true slowdown; margin_frac < effect_frac, > -1.
 * alpha, power in (0, 0.5) and (0.5, 1).
 * n_pairs      >= 2.
 * Errors RS_STATS_ERROR_DOMAIN.
 * Source the normal formula with Student's quantile of the size planned: the smallest
 * n >= ((t_{1-alpha,n-1} + z_power) sd / (ln(1+effect) - ln(1+margin)))^2. */
gboolean rs_power_pairs(double sd, double effect_frac, double margin_frac, double alpha,
                        double power, guint *n_pairs, GError **error);

/* The smallest rise of the mean that a two-sided Welch test at alpha shows with this power, as a
 * share of mean_a: (t_{1-alpha/2,df} + t_{power,df}) sqrt(se_a^2 + se_b^2) / mean_a.
 * mean_a         > 0; se_a, se_b >= 0 standard errors in the same unit; df > 0.
 * Errors RS_STATS_ERROR_DOMAIN.
 * Source Bloom (1995), Evaluation Review 19: minimum detectable effects. */
gboolean rs_power_welch_mde(double mean_a, double se_a, double se_b, double df, double alpha,
                            double power, double *mde_frac, GError **error);

/* The smallest rise of a mean of counted differences that is shown with this power, where any of
 * n_rows quantities may be the one that rises: what is weighted is each one's chance to be shown,
 * t_{n-1}(x / sqrt((variance + unit x) / n) - t_critical) for a rise x.
 * variances   of a difference without the rise, >= 0; weights > 0; n_rows >= 1 of each.
 * unit        what one count stands for, >= 0: a Poisson count times unit with mean x has the
 *             variance unit x.
 * n >= 2 pairs; t_critical > 0, of the test; power in (0.5, 1).
 * Errors RS_STATS_ERROR_DOMAIN, RS_STATS_ERROR_TOO_FEW, RS_STATS_ERROR_NOT_FINITE.
 * Source Bloom (1995), Evaluation Review 19: minimum detectable effects. */
gboolean rs_power_counted_rise(const double *variances, const double *weights, gsize n_rows,
                               double unit, guint n, double t_critical, double power, double *rise,
                               GError **error);

#endif
