/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/ci.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/output.h"
#include "cmd/runner_commands.h"
#include "format/codec.h"

static char *path_of(const RsCi *ci, const char *name)
{
    return g_build_filename(ci->opts->output_folder, name, NULL);
}

gboolean rs_ci_make_folder(const char *folder, GError **error)
{
    g_autofree char *parent = g_path_get_dirname(folder);
    gboolean is_new = !g_file_test(folder, G_FILE_TEST_EXISTS);
    struct stat above;
    int fd = -1;

    if (g_mkdir_with_parents(folder, 0777) != 0) {
        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno),
                    "%s: cannot make the folder: %s", folder, g_strerror(errno));
        return FALSE;
    }
    if (is_new && geteuid() == 0 && stat(parent, &above) == 0 && above.st_uid != 0)
        fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0) {
        if (fchown(fd, above.st_uid, above.st_gid) != 0)
            g_debug("%s stays root's: %s", folder, g_strerror(errno)); /* without the capability */
        close(fd);
    }
    return TRUE;
}

gboolean rs_ci_write(const RsCi *ci, const RsVerdict *verdict, GError **error)
{
    const RsCiOpts *opts = ci->opts;
    const RsCiContext *context = rs_post_context(ci->post);
    g_autofree char *verdict_path = path_of(ci, "verdict.json");
    g_autofree char *html_path = path_of(ci, "report.html");
    g_autofree char *markdown_path = path_of(ci, "comment.md");

    if (!rs_verdict_write(verdict, verdict_path, error) ||
        !rs_output_render(verdict, "html", html_path, context->run_url, error) ||
        !rs_output_render(verdict, "markdown", markdown_path, context->run_url, error))
        return FALSE;
    if (context->system == RS_CI_GITLAB &&
        !rs_output_gitlab_artifacts(verdict, opts->output_folder, error))
        return FALSE;
    if (context->system == RS_CI_GITHUB &&
        !rs_output_github(verdict, opts->annotations == RS_CI_TRUE, opts->summary == RS_CI_TRUE,
                          context->run_url, error))
        return FALSE;
    return rs_output_render(verdict, "text", NULL, context->run_url, error);
}

gboolean rs_ci_write_outputs(const RsCi *ci, const RsVerdict *verdict, GError **error)
{
    static const char *const files[][2] = {
        {"session", "session.json"},
        {"report-json", "verdict.json"},
        {"report-html", "report.html"},
        {"report-markdown", "comment.md"},
    };
    g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, rs_post_comment_id(ci->post));
    const char *url = rs_post_comment_url(ci->post);

    if (!rs_output_github_outputs(verdict, error))
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = path_of(ci, files[i][1]);

        if (g_file_test(path, G_FILE_TEST_EXISTS) && !rs_runner_output(files[i][0], path, error))
            return FALSE;
    }
    return rs_runner_output("comment-id", rs_post_comment_id(ci->post) ? id : "", error) &&
           rs_runner_output("comment-url", url ? url : "", error);
}
