/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/runner_commands.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "cmd/command.h"
#include "report/escape.h"

#define MIN_MASK_BYTES 4
#define WARNING_CHARS  1000 /* of at most 4 bytes: the runner cuts at 4096 characters */
#define TITLE_CHARS    200

static guint n_foreign;  /* how deep we are between begin and end */
static char *stop_token; /* NULL: commands are carried out */

gboolean rs_runner_is_github(void)
{
    return g_strcmp0(g_getenv("GITHUB_ACTIONS"), "true") == 0;
}

static void stop(void)
{
    g_autofree char *first = g_uuid_string_random();

    /* Two of them: what it says is all that keeps a program from ending it. */
    stop_token = g_strdup_printf("%s-%08x%08x", first, g_random_int(), g_random_int());
    fflush(stdout);
    fprintf(stderr, "::stop-commands::%s\n", stop_token);
    fflush(stderr);
}

/* A program may have left a line without an end, and only a line that begins with it counts. */
static void go_on(void)
{
    fprintf(stderr, "\n::%s::\n", stop_token);
    fflush(stderr);
    g_clear_pointer(&stop_token, g_free);
}

void rs_runner_begin_foreign(void)
{
    if (n_foreign++ == 0 && rs_runner_is_github())
        stop();
}

void rs_runner_end_foreign(void)
{
    g_assert(n_foreign > 0);
    if (--n_foreign == 0 && stop_token)
        go_on();
}

/* One line, a command or not, though commands may be stopped. */
static void command(const char *line)
{
    gboolean is_stopped = stop_token != NULL;

    if (is_stopped)
        go_on();
    fprintf(stderr, "%s\n", line);
    fflush(stderr);
    if (is_stopped)
        stop();
}

void rs_runner_warning(const char *title, const char *text)
{
    g_autofree char *plain_title = rs_text_shown(title, -1, FALSE, TITLE_CHARS);
    g_autofree char *plain = rs_text_shown(text, -1, TRUE, WARNING_CHARS);
    g_autofree char *safe_title = rs_escape_github_property(plain_title);
    g_autofree char *safe = rs_escape_github_data(plain);
    g_autofree char *line = g_strdup_printf("::warning title=%s::%s", safe_title, safe);

    if (rs_runner_is_github())
        command(line);
    else
        rs_warn("%s: %s", title, text);
}

/* Line by line, as it will be looked for. */
void rs_runner_mask(const char *value)
{
    g_auto(GStrv) lines = g_strsplit(value, "\n", -1);

    if (!rs_runner_is_github())
        return;
    for (char **part = lines; *part; part++) {
        g_autofree char *safe = rs_escape_github_data(g_strstrip(*part));
        g_autofree char *line = g_strconcat("::add-mask::", safe, NULL);

        if (strlen(*part) >= MIN_MASK_BYTES)
            command(line);
    }
}

/* --- files --- */

static gboolean write_all(int fd, const char *text, gsize n_bytes)
{
    while (n_bytes > 0) {
        gssize n = write(fd, text, n_bytes);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return FALSE;
        text += n;
        n_bytes -= (gsize)n;
    }
    return TRUE;
}

/* The runner owns these files: lines are added to what is there. */
gboolean rs_runner_append(const char *variable, const char *text, gsize n_bytes, GError **error)
{
    const char *path = g_getenv(variable);
    gboolean ok;
    int fd, code;

    if (!path || !*path)
        return TRUE;
    /* Not to be held up by a pipe that was put there. */
    fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0666);
    ok = fd >= 0 && write_all(fd, text, n_bytes);
    code = errno;
    if (fd >= 0)
        close(fd);
    if (!ok)
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(code), "%s: %s: cannot write: %s",
                    variable, path, g_strerror(code));
    return ok;
}

gboolean rs_runner_output(const char *name, const char *value, GError **error)
{
    g_autofree char *text = rs_escape_github_output(name, value);

    return rs_runner_append("GITHUB_OUTPUT", text, strlen(text), error);
}

gboolean rs_runner_summary(const char *markdown, gsize n_bytes, GError **error)
{
    const char *path = g_getenv("GITHUB_STEP_SUMMARY");
    struct stat status;
    gsize n_there_bytes = path && stat(path, &status) == 0 ? (gsize)status.st_size : 0;

    if (n_there_bytes + n_bytes <= RS_RUNNER_SUMMARY_MAX_BYTES)
        return rs_runner_append("GITHUB_STEP_SUMMARY", markdown, n_bytes, error);
    rs_runner_warning("rustscope", "the summary of this step is full (1 MiB): the report is not in "
                                   "it");
    return TRUE;
}
