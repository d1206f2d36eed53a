/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Paths of many marks in few bytes, in a view box of fixed size that the page stretches. Knows
 * coordinates, no statistics. */
#ifndef RS_REPORT_HTML_SVG_H
#define RS_REPORT_HTML_SVG_H

#include <glib.h>

#define RS_HTML_VIEW_WIDTH  2000
#define RS_HTML_VIEW_HEIGHT 400

/* Marks of one kind: dots within the view, triangles at the edges for what lies beyond. */
typedef struct {
    GString *dots, *edges;
    int x, y; /* where the pen of dots is */
    guint n_dots, n_above, n_below;
} RsHtmlMarks;

void rs_html_marks_init(RsHtmlMarks *marks);
void rs_html_marks_clear(RsHtmlMarks *marks);
/* x_frac 0..1 from the left; y_frac from the bottom, beyond 0..1 outside the view. */
void rs_html_marks_add(RsHtmlMarks *marks, double x_frac, double y_frac);
/* The paths; style is a class of the stylesheet. */
void rs_html_marks_draw(GString *out, const RsHtmlMarks *marks, const char *style);

/* Opens an SVG with a title and, for a wide one, a description to follow: the caller writes it and
 * then </desc>. */
void rs_html_svg_open(GString *out, const char *style, guint width, guint height, const char *id,
                      const char *title);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RsHtmlMarks, rs_html_marks_clear)

#endif
