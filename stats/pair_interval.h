/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The confidence interval that belongs to the sign bets: valid at any stopping time. */
#ifndef RS_STATS_PAIR_INTERVAL_H
#define RS_STATS_PAIR_INTERVAL_H

#include <glib.h>

#define RS_PAIR_INTERVAL_EXACT_PAIRS 300

/* Interval of the median log ratio by inversion: the hull of all mu for which neither the bet on
 * d > mu nor the bet on d < mu ever had a wealth of 1/error_per_side. Covers the median, at
 * whatever pair one stops, with probability >= 1 - 2 x error_per_side.
 * log_ratios     n >= 1 values in the order of measurement; not modified.
 * error_per_side in (0, 1); alpha/2 makes the interval of the report.
 * low, high      infinite on a side that so few pairs cannot bound.
 * Up to 300 pairs every order statistic and every gap between them is tried. Beyond, each end is
 * found by bisection, which assumes that the highest wealth falls steadily as its level moves
 * towards the data; as stakes depend on the past this holds but for small ripples, and the end then
 * found is a crossing, though perhaps not the outermost.
 * Returns FALSE when no mu is left, which a median that drifts during the run can cause; low and
 * high then enclose both crossings.
 * Source Howard et al. (2021), Annals of Statistics 49: confidence sequences by inversion. */
gboolean rs_pair_interval(const double *log_ratios, gsize n, double error_per_side, double *low,
                          double *high);

#endif
