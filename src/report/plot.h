/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An interval drawn in characters, on one scale for a whole report so that rows can be compared by
 * eye: from -G to 2 G, where G is the gate bound, or the critical bound of a gate that never fails.
 */
#ifndef RS_REPORT_PLOT_H
#define RS_REPORT_PLOT_H

#include <glib.h>

#include "model/verdict.h"

/* Narrowest and widest plot that is of use. */
#define RS_PLOT_MIN_COLUMNS 15
#define RS_PLOT_MAX_COLUMNS 37

/* G of the scale, in per cent. */
double rs_plot_unit_pct(const RsVerdict *verdict);
/* Appends exactly n_columns columns (MIN to MAX): where 0, T and G are. */
void rs_plot_heading(const RsVerdict *verdict, guint n_columns, GString *out);
/* The interval and the change of one row, against its own T and G; arrows where it leaves the
 * scale. */
void rs_plot_row(const RsVerdict *verdict, const RsRow *row, guint n_columns, GString *out);

#endif
