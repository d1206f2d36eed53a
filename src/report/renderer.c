/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/renderer.h"

const RsRenderer rs_renderers[] = {
    {"text", ".txt", "a table for the terminal", rs_report_text},
    {"markdown", ".md", "a comment or job summary for GitHub and GitLab", rs_report_markdown},
    {"html", ".html", "one self-contained page with the distributions drawn", rs_report_html},
    {"junit", ".junit.xml", "one test case for each benchmark", rs_report_junit},
    {"codequality", ".codequality.json", "GitLab's code quality report", rs_report_codequality},
    {"openmetrics", ".metrics.txt", "figures for GitLab's metrics report or Prometheus",
     rs_report_openmetrics},
    {"annotations", ".log", "GitHub workflow commands for the log of a job", rs_report_annotations},
    {0},
};

const RsRenderer *rs_renderer_find(const char *name)
{
    for (const RsRenderer *renderer = rs_renderers; renderer->name; renderer++)
        if (g_strcmp0(renderer->name, name) == 0)
            return renderer;
    return NULL;
}
