/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fixed-size statistics of paired measurements, on the log ratios of the pairs. */
#ifndef RS_STATS_PAIRED_H
#define RS_STATS_PAIRED_H

#include <glib.h>

/* ln(current / baseline) of every pair.
 * baseline, current  n >= 1 finite values > 0 in one unit; not modified.
 * log_ratios         room for n values; may be `baseline` or `current` themselves.
 * Errors RS_STATS_ERROR_TOO_FEW, RS_STATS_ERROR_NOT_FINITE, RS_STATS_ERROR_DOMAIN (a value <= 0;
 * nothing is written then). */
gboolean rs_log_ratios(const double *baseline, const double *current, gsize n, double *log_ratios,
                       GError **error);

/* The Hodges-Lehmann centre: the median of the means of all pairs of values, each with itself too.
 * Takes O(n log n) by counting in sorted order; accurate to a few units in the last place.
 * x      n >= 1 finite values; not modified.
 * Errors RS_STATS_ERROR_TOO_FEW, RS_STATS_ERROR_NOT_FINITE.
 * Source Hodges and Lehmann (1963), Annals of Mathematical Statistics 34. */
gboolean rs_hodges_lehmann(const double *x, gsize n, double *centre, GError **error);

typedef struct {
    double mean, se; /* of the differences */
    double t, df, p; /* two-sided */
} RsPairedT;

/* Student's t-test of "the mean of d is 0". Constant d: p = 1 when it is 0, else p = 0, t infinite.
 * d      n >= 2 finite differences or log ratios; not modified.
 * Errors RS_STATS_ERROR_TOO_FEW, RS_STATS_ERROR_NOT_FINITE.
 * Source Student (1908), Biometrika 6. */
gboolean rs_paired_t(const double *d, gsize n, RsPairedT *out, GError **error);

/* Distribution-free interval of the median between two order statistics, for a fixed n.
 * x           n >= 1 finite values; not modified.
 * confidence  wanted, in (0, 1).
 * coverage    what the interval has, >= confidence; 1 when even the extremes are too near, and
 *             low and high are then infinite.
 * Errors RS_STATS_ERROR_TOO_FEW, RS_STATS_ERROR_NOT_FINITE, RS_STATS_ERROR_DOMAIN.
 * Source David and Nagaraja, Order Statistics, 3rd ed., section 7.1. */
gboolean rs_median_interval(const double *x, gsize n, double confidence, double *low, double *high,
                            double *coverage, GError **error);

#endif
