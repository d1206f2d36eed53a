/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/suggest.h"
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

gboolean rs_output_render(const RsVerdict *verdict, const char *format, const char *path,
                          const char *run_url, GError **error)
{
    RsTerminal terminal = rs_output_terminal(path);
    RsReportOptions options = {
        .run_url = run_url, .color = terminal.color, .width_columns = terminal.width_columns};
    gsize n_bytes;
    g_autofree char *text = render(verdict, format, &options, &n_bytes, error);

    if (!text)
        return FALSE;
    if (path && !g_str_equal(path, "-"))
        return rs_file_write(path, text, n_bytes, error);
    fwrite(text, 1, n_bytes, stdout); /* main checks the stream when it flushes */
    return TRUE;
}

/* The CI system owns these files: lines are added to what is there. */
static gboolean append(const char *path, const char *text, gsize n_bytes, GError **error)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    gboolean ok = fd >= 0 && write(fd, text, n_bytes) == (gssize)n_bytes;
    int code = errno;

    if (fd >= 0)
        close(fd);
    if (!ok)
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(code), "%s: cannot write: %s",
                    path, g_strerror(code));
    return ok;
}

static gboolean append_rendering(const RsVerdict *verdict, const char *variable, const char *format,
                                 gsize limit_bytes, GError **error)
{
    const char *path = g_getenv(variable);
    RsReportOptions options = {.limit_bytes = limit_bytes};
    gsize n_bytes;
    g_autofree char *text = NULL;

    if (!path || !*path)
        return TRUE;
    text = g_str_equal(format, "outputs")
               ? rs_report_github_outputs(verdict, &options, &n_bytes, error)
               : render(verdict, format, &options, &n_bytes, error);
    return text && append(path, text, n_bytes, error);
}

#define SUMMARY_LIMIT_BYTES 1000000

static gboolean to_github(const RsVerdict *verdict, GError **error)
{
    return rs_output_render(verdict, "annotations", NULL, NULL, error) &&
           append_rendering(verdict, "GITHUB_STEP_SUMMARY", "markdown", SUMMARY_LIMIT_BYTES,
                            error) &&
           append_rendering(verdict, "GITHUB_OUTPUT", "outputs", 0, error);
}

static gboolean to_gitlab(const RsVerdict *verdict, const char *folder, GError **error)
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
    return rs_output_render(verdict, "text", NULL, NULL, error);
}

gboolean rs_output_ci(const RsVerdict *verdict, const char *system, const char *folder,
                      GError **error)
{
    if (g_str_equal(system, "github"))
        return to_github(verdict, error);
    if (g_str_equal(system, "gitlab"))
        return to_gitlab(verdict, folder, error);
    return rs_output_render(verdict, "json", NULL, NULL, error);
}
