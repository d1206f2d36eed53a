/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The range of a plot's axis and its ticks. A few extreme values do not squeeze all others into a
 * line: the range may end before them, and the plot says how many lie beyond. Knows no markup
 * beyond the labels it writes. */
#ifndef RS_REPORT_HTML_AXIS_H
#define RS_REPORT_HTML_AXIS_H

#include <glib.h>

#define RS_HTML_MAX_TICKS 12

typedef struct {
    double low, high;   /* in the unit of the values; low < high */
    double divisor;     /* value / divisor is what labels show */
    const char *prefix; /* of the unit as shown: "ms", "MiB", "k"; "" */
} RsHtmlAxis;

/* The finite ones of values, ascending; doubles, yours. */
GArray *rs_html_sorted(const GArray *values);
/* By linear interpolation between neighbours; NaN of nothing. share_frac 0..1. */
double rs_html_quantile(const GArray *sorted, double share_frac);

/* A range that shows sorted[0..n_sides), each from rs_html_sorted; any may be empty. */
void rs_html_axis_fit(RsHtmlAxis *axis, const GArray *const *sorted, guint n_sides);
/* The range as it is asked for; widened when it is empty. */
void rs_html_axis_set(RsHtmlAxis *axis, double low, double high);
/* Chooses the unit that labels show. */
void rs_html_axis_scale(RsHtmlAxis *axis, const char *unit);

/* 0 at low, 1 at high. */
double rs_html_axis_at(const RsHtmlAxis *axis, double value);
/* Round values within the range, at most about n_wanted; returns how many. */
guint rs_html_axis_ticks(const RsHtmlAxis *axis, guint n_wanted, double ticks[RS_HTML_MAX_TICKS]);
/* Labels of ticks as positioned spans: along "top" (downwards, high above) or "left". */
void rs_html_axis_labels(GString *out, const RsHtmlAxis *axis, const double *ticks, guint n_ticks,
                         gboolean vertical, gboolean signed_pct);

#endif
