/* SPDX-License-Identifier: GPL-3.0-or-later */
/* report: a verdict file in the form someone wants to read. */
#include "cmd/command.h"
#include "cmd/output.h"
#include "format/codec.h"

typedef struct {
    RsOptBase base;
    char *format, *output_path, *run_url;
} Values;

static const RsOpt opts[] = {
    {"format", 'f', RS_OPT_TEXT, offsetof(Values, format), "text", "FORMAT",
     "text, markdown, html, junit, codequality, openmetrics, annotations or json", NULL},
    {"output", 'o', RS_OPT_FILE, offsetof(Values, output_path), "-", "FILE",
     "where to; - is stdout", NULL},
    {"run-url", 0, RS_OPT_TEXT, offsetof(Values, run_url), NULL, "URL",
     "link to the CI run in the report", NULL},
    {0},
};

static int run_report(gpointer data)
{
    const Values *values = data;
    g_autoptr(RsVerdict) verdict = NULL;
    g_autoptr(GError) error = NULL;

    if (g_strv_length(values->base.operands) != 1)
        return rs_complain(RS_EXIT_USAGE, "report: expected one verdict file");
    verdict = rs_verdict_read(values->base.operands[0], &error);
    if (!verdict)
        return rs_complain(RS_EXIT_CANNOT, "%s", error->message);
    if (!rs_output_render(verdict, values->format, values->output_path, values->run_url, &error))
        return rs_complain(error->domain == G_OPTION_ERROR ? RS_EXIT_USAGE : RS_EXIT_CANNOT, "%s",
                           error->message);
    return RS_EXIT_PASSED;
}

const RsCommandRow rs_command_report = {
    .name = "report",
    .operands = "VERDICT",
    .summary = "Render a verdict file.",
    .description = "Examples:\n"
                   "  rustscope report verdict.json --format html -o report.html\n"
                   "  rustscope report verdict.json --format markdown -o comment.md",
    .opts = opts,
    .n_values_bytes = sizeof(Values),
    .run = run_report,
};
