/* SPDX-License-Identifier: GPL-3.0-or-later */
/* report: a verdict file in the form someone wants to read, or to where the change is reviewed. */
#include "cmd/command.h"
#include "cmd/output.h"
#include "cmd/post.h"
#include "format/codec.h"
#include "trial/config.h"

typedef struct {
    RsOptBase base;
    char *format, *output_path, *run_url, *config_path;
    gboolean is_posted;
    RsPostOpts post;
} Values;

static const RsOpt opts[] = {
    {"format", 'f', RS_OPT_TEXT, offsetof(Values, format), "text", "FORMAT",
     "text, markdown, html, junit, codequality, openmetrics, annotations or json", NULL},
    {"output", 'o', RS_OPT_FILE, offsetof(Values, output_path), "-", "FILE",
     "where to; - is stdout", NULL},
    {"run-url", 0, RS_OPT_TEXT, offsetof(Values, run_url), NULL, "URL",
     "link to the CI run in the report", NULL},
    {"post", 0, RS_OPT_FLAG, offsetof(Values, is_posted), NULL, NULL,
     "to the pull or merge request of this CI job; VERDICT may be the folder that has verdict.json",
     NULL},
    {"config", 'c', RS_OPT_FILE, offsetof(Values, config_path), RS_CONFIG_FILE, "FILE",
     "configuration file, of which the base revision's copy says whether --accept-file may be",
     NULL},
    RS_POST_OPT_ROWS(Values),
    {0},
};

static gboolean is_given(const Values *values, const char *name)
{
    return rs_opt_given(opts, &values->base, name);
}

/* What a report that is only rendered has no use for; NULL: nothing of it was given. */
static const char *useless_option(const Values *values)
{
    static const RsOpt posting[] = {RS_POST_OPT_ROWS(Values), {0}};

    for (const RsOpt *opt = posting; opt->name; opt++)
        if (is_given(values, opt->name))
            return opt->name;
    return is_given(values, "config") ? "config" : NULL;
}

static gboolean render(const Values *values, const RsVerdict *verdict, GError **error)
{
    if (values->is_posted && !is_given(values, "format") && !is_given(values, "output"))
        return TRUE;
    return rs_output_render(verdict, values->format, values->output_path, values->run_url, error);
}

static int post_verdict(const Values *values, RsVerdict *verdict)
{
    RsPostOpts post_opts = values->post;
    g_autofree char *label = NULL, *file = NULL;
    g_autoptr(RsPost) post = NULL;
    g_autoptr(GError) error = NULL;

    post_opts.config_path = values->config_path;
    post_opts.run_url = values->run_url;
    post = rs_post_new(&post_opts, &error);
    if (!post)
        return rs_complain(error->domain == G_OPTION_ERROR ? RS_EXIT_USAGE : RS_EXIT_CANNOT, "%s",
                           error->message);
    if (!rs_post_check(post, verdict, &error))
        return rs_complain(RS_EXIT_CANNOT, "%s", error->message);
    rs_post_base_acceptance(post, &label, &file);
    if (label && !is_given(values, "accept-label"))
        post_opts.accept_label = label;
    if (file && !is_given(values, "accept-file"))
        post_opts.accept_file = file;
    rs_post_accept(post, verdict);
    if (!render(values, verdict, &error))
        return rs_complain(error->domain == G_OPTION_ERROR ? RS_EXIT_USAGE : RS_EXIT_CANNOT, "%s",
                           error->message);
    if (rs_post_publish(post, verdict))
        return RS_EXIT_PASSED;
    return post_opts.on_post_error == RS_ANSWER_FAIL ? RS_EXIT_NOT_POSTED : RS_EXIT_PASSED;
}

static int run_report(gpointer data)
{
    const Values *values = data;
    const char *path = values->base.operands[0];
    g_autoptr(RsVerdict) verdict = NULL;
    g_autoptr(GError) error = NULL;

    if (g_strv_length(values->base.operands) != 1)
        return rs_complain(RS_EXIT_USAGE, "report: expected one verdict file");
    if (!values->is_posted && useless_option(values))
        return rs_complain(RS_EXIT_USAGE, "report: --%s is of use with --post alone",
                           useless_option(values));
    verdict =
        values->is_posted ? rs_post_read_results(path, &error) : rs_verdict_read(path, &error);
    if (!verdict)
        return rs_complain(RS_EXIT_CANNOT, "%s", error->message);
    if (values->is_posted)
        return post_verdict(values, verdict);
    if (!render(values, verdict, &error))
        return rs_complain(error->domain == G_OPTION_ERROR ? RS_EXIT_USAGE : RS_EXIT_CANNOT, "%s",
                           error->message);
    return RS_EXIT_PASSED;
}

const RsCommandRow rs_command_report = {
    .name = "report",
    .operands = "VERDICT",
    .summary = "Render a verdict file, or post it to where the change is reviewed.",
    .description =
        "With --post, in a job of GitHub Actions or GitLab CI: writes one comment and keeps it up "
        "to date,\nasks for the label that accepts a failed gate, and on demand makes a check run, "
        "a commit status or a\nthread. The token comes from the environment, never from the "
        "command "
        "line. What cannot be posted is\ntold and changes nothing else; the exit status does not "
        "tell the gate (compare's does).\n\n"
        "Examples:\n"
        "  rustscope report verdict.json --format html -o report.html\n"
        "  rustscope report verdict.json --format markdown -o comment.md\n"
        "  rustscope report verdict.json --post --dry-run",
    .opts = opts,
    .n_values_bytes = sizeof(Values),
    .run = run_report,
};
