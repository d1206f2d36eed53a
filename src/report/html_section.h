/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the HTML report says of one benchmark: its line in the table of all, and its own section
 * with the plots and figures of each gated metric. */
#ifndef RS_REPORT_HTML_SECTION_H
#define RS_REPORT_HTML_SECTION_H

#include <glib.h>

#include "model/verdict.h"
#include "report/html_group.h"

/* A row of the table of all benchmarks. linked: its section is on the page. limit_pct: end of the
 * axis that the small intervals share. */
void rs_html_overview_row(GString *out, const RsHtmlGroup *group, double limit_pct,
                          gboolean linked);

/* with_plots FALSE: figures only, which says so. with_flame: the page has the script that draws. */
void rs_html_section(GString *out, const RsHtmlGroup *group, const RsVerdict *verdict,
                     gboolean with_plots, gboolean with_flame);

#endif
