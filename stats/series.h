/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Diagnostics of a series of measurements: does it remember its past, does it have two modes? */
#ifndef RS_STATS_SERIES_H
#define RS_STATS_SERIES_H

#include <glib.h>

#define RS_SERIES_LAG1_NOTABLE  0.2
#define RS_BIMODAL_MIN_N        20
#define RS_BIMODAL_MIN_SHARE    0.15
#define RS_BIMODAL_MIN_DISTANCE 3.0
#define RS_BIMODAL_GAP_N        50.0

/* Lag-1 autocorrelation; 0 for a constant series.
 * x      n >= 3 finite values in the order of measurement; not modified.
 * Errors RS_STATS_ERROR_TOO_FEW, RS_STATS_ERROR_NOT_FINITE. */
gboolean rs_series_lag1(const double *x, gsize n, double *lag1, GError **error);

/* How many independent values n values with this lag-1 autocorrelation are worth:
 * n (1-r)/(1+r) when r > 0.2, else n; never below 1.
 * Source Bayley and Hammersley (1946), JRSS Supplement 8, for a first-order autoregression. */
double rs_series_effective_n(gsize n, double lag1);

typedef struct {
    gboolean is_bimodal;
    double low_mode, high_mode; /* medians of the two parts, in the unit of x */
    double split;               /* values above belong to the high mode */
    double high_share_frac;     /* of the values */
    double distance;            /* of the modes' logs, in pooled scaled MADs; may be infinite */
} RsBimodality;

/* Looks for two modes: the logs are split at the widest gap that leaves each part 15 % or more,
 * and the parts are modes when their medians lie more than 3 pooled (scaled) MADs apart and the
 * gap itself is wider than max(1, 50/n) of them; few values leave wide gaps by chance, and with
 * this normal samples of any size are called bimodal less than 2 times in 100 (simulated by the
 * test). Below 20 values nothing is called bimodal.
 * x      n >= 4 finite values > 0; not modified.
 * Errors RS_STATS_ERROR_TOO_FEW, RS_STATS_ERROR_NOT_FINITE, RS_STATS_ERROR_DOMAIN. */
gboolean rs_series_bimodality(const double *x, gsize n, RsBimodality *out, GError **error);

#endif
