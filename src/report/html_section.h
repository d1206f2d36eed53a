/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the HTML report says of one benchmark: its line in the table of all, and its own section
 * with the plots and figures of each gated metric. */
#ifndef RS_REPORT_HTML_SECTION_H
#define RS_REPORT_HTML_SECTION_H

#include <glib.h>

#include "report/html_group.h"

/* A row of the table of all benchmarks. linked: its section is on the page. limit_pct: end of the
 * axis that the small intervals share. */
void rs_html_overview_row(GString *out, const RsHtmlGroup *group, double limit_pct,
                          gboolean linked);

/* with_plots FALSE: figures only, which says so. side_by_side: of the verdict. */
void rs_html_section(GString *out, const RsHtmlGroup *group, gboolean side_by_side,
                     gboolean with_plots);

#endif
