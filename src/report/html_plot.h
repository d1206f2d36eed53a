/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plots of one row, drawn from its values alone. Lines and marks live in SVGs that stretch to
 * the width of the page; words and figures stand beside them as ordinary text, so that they stay
 * readable on a telephone. Every trial is one zero-length segment with a round or square cap, or,
 * beyond the axis, one triangle at the edge: none is left out. id is a prefix made of letters and
 * digits, unique within the document. */
#ifndef RS_REPORT_HTML_PLOT_H
#define RS_REPORT_HTML_PLOT_H

#include <glib.h>

#include "model/verdict.h"

/* All trials in run order, and the distribution of each arm beside them. Nothing for a row without
 * values. side_by_side: both arms share one run; otherwise each has its own half. */
void rs_html_plot_trials(GString *out, const RsRow *row, gboolean side_by_side, const char *id);

/* The change of each pair in run order. Nothing when fewer than two pairs are whole. */
void rs_html_plot_pairs(GString *out, const RsRow *row, const char *id);

/* The change and its interval on an axis with zero, T and G. Nothing without a change. */
void rs_html_plot_interval(GString *out, const RsRow *row, const char *id);

/* The same within a table cell, on the axis -limit_pct..limit_pct; hidden from readers that cannot
 * see, who find the figures in the cells beside it. */
void rs_html_plot_mini(GString *out, const RsRow *row, double limit_pct);

#endif
