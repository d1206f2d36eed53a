/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A seeded bootstrap interval. For reference beside the gating tests. */
#ifndef RS_STATS_BOOTSTRAP_H
#define RS_STATS_BOOTSTRAP_H

#include <glib.h>

/* Percentile interval of median(b) / median(a), both samples drawn anew independently.
 * a, b         n_a and n_b >= 2 finite values > 0 in one unit; not modified.
 * confidence   in (0, 1).
 * n_resamples  >= 1; 2,000 for a 95 % interval.
 * seed         the answer is a function of it.
 * Errors RS_STATS_ERROR_TOO_FEW, RS_STATS_ERROR_NOT_FINITE, RS_STATS_ERROR_DOMAIN.
 * Source Efron and Tibshirani, An Introduction to the Bootstrap, chapter 13. */
gboolean rs_bootstrap_median_ratio(const double *a, gsize n_a, const double *b, gsize n_b,
                                   double confidence, guint n_resamples, guint64 seed, double *low,
                                   double *high, GError **error);

#endif
