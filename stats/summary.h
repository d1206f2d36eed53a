/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The description of one sample: location, spread, and how many values lie far out.
 * Far-out values are counted and never removed: removing after looking would bias every test. */
#ifndef RS_STATS_SUMMARY_H
#define RS_STATS_SUMMARY_H

#include <glib.h>

#define RS_SUMMARY_OUTLIER_MADS 5.0
#define RS_MAD_TO_SD            1.4826 /* makes the MAD of a normal sample estimate its sd */

typedef struct {
    gsize n;
    double mean, sd; /* sd with n - 1; 0 for a single value */
    double min, q1, median, q3, max;
    double mad;       /* median absolute deviation from the median, not scaled */
    gsize n_outliers; /* |x - median| > 5 x 1.4826 x mad */
} RsSummary;

/* Describes x. All fields in the unit of x.
 * x      n >= 1 finite values; not modified.
 * Errors RS_STATS_ERROR_TOO_FEW, RS_STATS_ERROR_NOT_FINITE.
 * Source quartiles: Hyndman and Fan (1996) type 7. */
gboolean rs_summarize(const double *x, gsize n, RsSummary *out, GError **error);

/* The middle value, or the mean of the two middle values. x: n >= 1 finite values, not modified. */
double rs_median(const double *x, gsize n);

/* Median of |x - centre|, not scaled. x: n >= 1 finite values, not modified. */
double rs_mad(const double *x, gsize n, double centre);

#endif
