/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A verdict as text: one row for each output format. Renderers see the verdict alone: no sessions,
 * no files, no environment; everything foreign in it is escaped for where it lands. */
#ifndef RS_REPORT_RENDERER_H
#define RS_REPORT_RENDERER_H

#include <glib.h>

#include "model/verdict.h"

typedef struct {
    gboolean color;      /* text only: ANSI colours */
    guint width_columns; /* text only; 0: 100 */
    gsize limit_bytes;   /* markdown, html: at most this long, less important parts first to go; 0:
                            the format's own */
    const char *run_url; /* link to the CI run or full report; NULL: none */
    const char *accept_label; /* what accepts a failed gate, where one is in force; NULL: none */
    const char *marker; /* markdown: a first line in a comment, for finding it again; NULL: none */
} RsReportOptions;

typedef struct {
    const char *name, *suffix, *summary;
    /* The whole document, yours. */
    char *(*render)(const RsVerdict *verdict, const RsReportOptions *options, gsize *n_bytes,
                    GError **error);
} RsRenderer;

/* Ended by a row without a name. */
extern const RsRenderer rs_renderers[];
const RsRenderer *rs_renderer_find(const char *name);

char *rs_report_text(const RsVerdict *verdict, const RsReportOptions *options, gsize *n_bytes,
                     GError **error);
char *rs_report_markdown(const RsVerdict *verdict, const RsReportOptions *options, gsize *n_bytes,
                         GError **error);
char *rs_report_html(const RsVerdict *verdict, const RsReportOptions *options, gsize *n_bytes,
                     GError **error);
char *rs_report_junit(const RsVerdict *verdict, const RsReportOptions *options, gsize *n_bytes,
                      GError **error);
char *rs_report_codequality(const RsVerdict *verdict, const RsReportOptions *options,
                            gsize *n_bytes, GError **error);
char *rs_report_openmetrics(const RsVerdict *verdict, const RsReportOptions *options,
                            gsize *n_bytes, GError **error);
/* Workflow commands for the log of a GitHub job (::error ...), and the lines for its outputs file.
 */
char *rs_report_annotations(const RsVerdict *verdict, const RsReportOptions *options,
                            gsize *n_bytes, GError **error);
char *rs_report_github_outputs(const RsVerdict *verdict, const RsReportOptions *options,
                               gsize *n_bytes, GError **error);

#endif
