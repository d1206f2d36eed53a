/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "cmd/runner_commands.h"
#include "format/codec.h"
#include "report/renderer.h"

const char **rs_output_formats(void)
{
    GPtrArray *names = g_ptr_array_new();

    for (const RsRenderer *row = rs_renderers; row->name; row++)
        g_ptr_array_add(names, (gpointer)row->name);
    g_ptr_array_add(names, (gpointer) "json");
    g_ptr_array_add(names, NULL);
    return (const char **)g_ptr_array_free(names, FALSE);
}

static gboolean unknown_format(const char *format, GError **error)
{
    g_autofree const char **names = rs_output_formats();
    g_autofree char *list = g_strjoinv(", ", (char **)names);

    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                "--format '%s': expected one of %s", format, list);
    return FALSE;
}

RsTerminal rs_output_terminal(const char *path)
{
    RsTerminal terminal = {0};
    struct winsize size;

    if ((path && !g_str_equal(path, "-")) || !isatty(STDOUT_FILENO))
        return terminal;
    terminal.color = !g_getenv("NO_COLOR") && g_strcmp0(g_getenv("TERM"), "dumb") != 0;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        terminal.width_columns = size.ws_col;
    return terminal;
}

static char *render(const RsVerdict *verdict, const char *format, const RsReportOptions *options,
                    gsize *n_bytes, GError **error)
{
    const RsRenderer *row = rs_renderer_find(format);

    if (row)
        return row->render(verdict, options, n_bytes, error);
    if (g_str_equal(format, "json")) {
        GBytes *bytes = rs_verdict_encode(verdict, error);

        return bytes ? g_bytes_unref_to_data(bytes, n_bytes) : NULL;
    }
    unknown_format(format, error);
    return NULL;
}

/* What goes to stdout is in a job's log, where names and output of programs must make no command.
 * Most renderers see to that in every file; these formats carry text as it is. Yours. */
static char *for_a_log(const char *text, const char *format)
{
    if (!rs_runner_is_github() || g_str_equal(format, "annotations"))
        return g_strdup(text);
    if (g_str_equal(format, "json") || g_str_equal(format, "codequality")) {
        g_auto(GStrv) parts = g_strsplit(text, "##[", -1); /* only ever within a string */

        return g_strjoinv("#\\u0023[", parts);
    }
    return rs_text_without_commands(text);
}

gboolean rs_output_render(const RsVerdict *verdict, const char *format, const char *path,
                          const char *run_url, GError **error)
{
    RsTerminal terminal = rs_output_terminal(path);
    RsReportOptions options = {
        .run_url = run_url, .color = terminal.color, .width_columns = terminal.width_columns};
    gsize n_bytes;
    g_autofree char *text = render(verdict, format, &options, &n_bytes, error), *log = NULL;

    if (!text)
        return FALSE;
    if (path && !g_str_equal(path, "-"))
        return rs_file_write(path, text, n_bytes, error);
    log = for_a_log(text, format);
    fputs(log, stdout); /* main checks the stream when it flushes */
    return TRUE;
}

#define SUMMARY_LIMIT_BYTES 1000000

static gboolean append_summary(const RsVerdict *verdict, const char *run_url, GError **error)
{
    RsReportOptions options = {.limit_bytes = SUMMARY_LIMIT_BYTES, .run_url = run_url};
    gsize n_bytes;
    g_autofree char *text = render(verdict, "markdown", &options, &n_bytes, error);
    g_autoptr(GError) problem = NULL;

    /* As a comment that cannot be posted: told, and no reason to change the gate's exit status. */
    if (text && !rs_runner_summary(text, n_bytes, &problem))
        rs_runner_warning("rustscope: no summary", problem->message);
    return text != NULL;
}

gboolean rs_output_github_outputs(const RsVerdict *verdict, GError **error)
{
    RsReportOptions options = {0};
    gsize n_bytes;
    g_autofree char *text = rs_report_github_outputs(verdict, &options, &n_bytes, error);

    return text && rs_runner_append("GITHUB_OUTPUT", text, n_bytes, error);
}

gboolean rs_output_github(const RsVerdict *verdict, gboolean annotations, gboolean summary,
                          const char *run_url, GError **error)
{
    return (!annotations || rs_output_render(verdict, "annotations", NULL, run_url, error)) &&
           (!summary || append_summary(verdict, run_url, error));
}

gboolean rs_output_gitlab_artifacts(const RsVerdict *verdict, const char *folder, GError **error)
{
    static const struct {
        const char *format, *file;
    } artifacts[] = {
        {"codequality", "gl-code-quality-report.json"},
        {"openmetrics", "metrics.txt"},
        {"junit", "junit.xml"},
    };

    if (g_mkdir_with_parents(folder, 0777) != 0) {
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
                    "%s: cannot make the folder: %s", folder, g_strerror(errno));
        return FALSE;
    }
    for (guint i = 0; i < G_N_ELEMENTS(artifacts); i++) {
        g_autofree char *path = g_build_filename(folder, artifacts[i].file, NULL);

        if (!rs_output_render(verdict, artifacts[i].format, path, NULL, error))
            return FALSE;
    }
    return TRUE;
}

gboolean rs_output_ci(const RsVerdict *verdict, const char *system, const char *folder,
                      GError **error)
{
    if (g_str_equal(system, "github"))
        return rs_output_github(verdict, TRUE, TRUE, NULL, error) &&
               rs_output_github_outputs(verdict, error);
    if (g_str_equal(system, "gitlab"))
        return rs_output_gitlab_artifacts(verdict, folder, error) &&
               rs_output_render(verdict, "text", NULL, NULL, error);
    return rs_output_render(verdict, "json", NULL, NULL, error);
}
