/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quantities as people write and read them; inside the program there is one unit for each quantity.
 */
#ifndef RS_BASE_UNITS_H
#define RS_BASE_UNITS_H

#include <glib.h>

/* "90", "90s", "1500ms", "5m", "1.5h" -> seconds. FALSE when it is no duration, negative or not
 * finite. */
gboolean rs_units_parse_duration_s(const char *text, double *seconds);

/* A value in unit ("ns", "bytes", "count" or any other), scaled for reading: "41.82 ms", "3.2 MiB",
 * "12.3 M". scale_like: the value whose scale is used, so that two figures of one row share a unit;
 * usually value itself. */
char *rs_units_format(double value, const char *unit, double scale_like);
/* "12 s", "3 min 20 s", "1 h 05 min". */
char *rs_units_format_duration(double seconds);
/* "+23.4 %", "−5.1 %", "0.0 %" with a real minus sign; "n/a" for NaN, "+∞ %" for infinity. */
char *rs_units_format_change_pct(double pct);

#endif
