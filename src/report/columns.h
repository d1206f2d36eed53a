/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text in the columns of a terminal: wide characters count twice, combining ones not at all. */
#ifndef RS_REPORT_COLUMNS_H
#define RS_REPORT_COLUMNS_H

#include <glib.h>

guint rs_columns_of(const char *text);
/* The beginning of text that fits, with an ellipsis where it was cut. Yours. */
char *rs_columns_fit(const char *text, guint n_columns);
void rs_columns_spaces(GString *out, guint n);
/* Padded to width; longer text stays whole. */
void rs_columns_cell(GString *out, const char *text, guint width, gboolean right);
/* first, then text, wrapped at n_columns and ended by a newline; every line but the first begins
 * with indent blanks, and none with what a CI runner would take for a command. */
void rs_columns_wrapped(GString *out, guint n_columns, const char *first, const char *text,
                        guint indent);
/* A bar of n_columns that is full at 1, in eighths of a column, padded with blanks. */
void rs_columns_bar(GString *out, double frac, guint n_columns);

/* ANSI sequences when color; NULL: none. */
void rs_columns_color_on(GString *out, gboolean color, const char *code);
void rs_columns_color_off(GString *out, gboolean color, const char *code);

#endif
