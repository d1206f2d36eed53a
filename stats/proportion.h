/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exact bounds of a proportion from a count. */
#ifndef RS_STATS_PROPORTION_H
#define RS_STATS_PROPORTION_H

#include <glib.h>

/* Clopper and Pearson's interval, which covers with at least the confidence for every proportion.
 * n_hits <= n, n >= 1; confidence in (0, 1), half of the error on each side: for a one-sided 95 %
 * bound ask for 0.90 and take one end.
 * Errors RS_STATS_ERROR_TOO_FEW, RS_STATS_ERROR_DOMAIN.
 * Source Clopper and Pearson (1934), Biometrika 26. */
gboolean rs_clopper_pearson(guint64 n_hits, guint64 n, double confidence, double *low_frac,
                            double *high_frac, GError **error);

#endif
