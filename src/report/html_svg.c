/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/html_svg.h"

#include <math.h>

/* Half the width of a triangle, in view units: the view is squeezed to about a third. */
#define EDGE_HALF_WIDTH 20
#define EDGE_HEIGHT     18

void rs_html_marks_init(RsHtmlMarks *marks)
{
    *marks = (RsHtmlMarks){.dots = g_string_new(NULL), .edges = g_string_new(NULL)};
}

void rs_html_marks_clear(RsHtmlMarks *marks)
{
    if (!marks->dots)
        return;
    g_string_free(marks->dots, TRUE);
    g_string_free(marks->edges, TRUE);
    *marks = (RsHtmlMarks){0};
}

/* Much faster than printf, which would take most of the time of a large report. */
static void append_int(GString *out, int value)
{
    char digits[12];
    guint at = sizeof digits;
    guint rest = value < 0 ? 0u - (guint)value : (guint)value;

    do
        digits[--at] = (char)('0' + rest % 10);
    while (rest /= 10);
    if (value < 0)
        digits[--at] = '-';
    g_string_append_len(out, digits + at, (gssize)(sizeof digits - at));
}

static void add_edge(GString *edges, int x, gboolean above)
{
    g_string_append_printf(edges, above ? "M%d 1l-%d %dh%dz" : "M%d 399l-%d -%dh%dz", x,
                           EDGE_HALF_WIDTH, EDGE_HEIGHT, 2 * EDGE_HALF_WIDTH);
}

void rs_html_marks_add(RsHtmlMarks *marks, double x_frac, double y_frac)
{
    int x = (int)lround(CLAMP(x_frac, 0, 1) * RS_HTML_VIEW_WIDTH);
    int y;

    if (y_frac > 1 || y_frac < 0) {
        add_edge(marks->edges, x, y_frac > 1);
        *(y_frac > 1 ? &marks->n_above : &marks->n_below) += 1;
        return;
    }
    y = (int)lround((1 - y_frac) * RS_HTML_VIEW_HEIGHT);
    g_string_append_c(marks->dots, marks->n_dots ? 'm' : 'M');
    append_int(marks->dots, x - marks->x);
    if (y - marks->y >= 0)
        g_string_append_c(marks->dots, ' ');
    append_int(marks->dots, y - marks->y);
    g_string_append_len(marks->dots, "h0", 2);
    marks->n_dots++;
    marks->x = x;
    marks->y = y;
}

/* In pixels: many dots are drawn smaller. */
static const char *dot_width(guint n_dots)
{
    return n_dots <= 80 ? "6" : n_dots <= 200 ? "5" : n_dots <= 600 ? "4" : "2.5";
}

void rs_html_marks_draw(GString *out, const RsHtmlMarks *marks, const char *style)
{
    if (marks->n_dots)
        g_string_append_printf(out, "<path class=\"dots %s\" stroke-width=\"%s\" d=\"%s\"/>", style,
                               dot_width(marks->n_dots), marks->dots->str);
    if (marks->edges->len)
        g_string_append_printf(out, "<path class=\"edge %s\" d=\"%s\"/>", style, marks->edges->str);
}

void rs_html_svg_open(GString *out, const char *style, guint width, guint height, const char *id,
                      const char *title)
{
    g_string_append_printf(out,
                           "<svg class=\"%s\" viewBox=\"0 0 %u %u\" preserveAspectRatio=\"none\" "
                           "role=\"img\" aria-labelledby=\"%st %sd\"><title id=\"%st\">%s</title>"
                           "<desc id=\"%sd\">",
                           style, width, height, id, id, id, title, id);
}
