/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The launcher (trial/launcher.h) starts, watches and ends the command: as subreaper it ends what
 * moved into a session of its own as well, so that no daemon of a build is there when trials are
 * measured. Output comes through a named pipe, which never grows as a file would. */
#include "trial/tree_build.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "base/units.h"

#define FIRST_BYTES      4096
#define LAST_BYTES       12288
#define FIRST_LINES      10
#define LAST_LINES       40
#define LOOK_AT_END_MS   20
#define NOT_FOUND_STATUS 127 /* sh(1): the command was not found */

typedef struct {
    int fd;
    gboolean show;
    gint ended; /* atomic: no more will come than there is in the pipe */
    GString *first, *last;
    guint64 n_left_out_bytes;
} Reader;

static void keep(Reader *reader, const char *bytes, gsize n_bytes)
{
    gsize n_first = MIN(n_bytes, FIRST_BYTES - reader->first->len);
    gsize n_over;

    g_string_append_len(reader->first, bytes, (gssize)n_first);
    g_string_append_len(reader->last, bytes + n_first, (gssize)(n_bytes - n_first));
    n_over = reader->last->len > LAST_BYTES ? reader->last->len - LAST_BYTES : 0;
    g_string_erase(reader->last, 0, (gssize)n_over);
    reader->n_left_out_bytes += n_over;
}

static void show(const char *bytes, gsize n_bytes)
{
    while (n_bytes > 0) {
        gssize n = write(STDERR_FILENO, bytes, n_bytes);

        if (n < 0 && errno != EINTR)
            return;
        bytes += MAX(n, 0);
        n_bytes -= (gsize)MAX(n, 0);
    }
}

static gpointer read_output(gpointer data)
{
    Reader *reader = data;
    char bytes[16384];

    for (;;) {
        struct pollfd poll_fd = {.fd = reader->fd, .events = POLLIN};
        gboolean ended = g_atomic_int_get(&reader->ended);
        gssize n = read(reader->fd, bytes, sizeof bytes);

        if (n > 0) {
            keep(reader, bytes, (gsize)n);
            if (reader->show)
                show(bytes, (gsize)n);
        } else if (ended) {
            return NULL;
        } else if (poll(&poll_fd, 1, LOOK_AT_END_MS) > 0 && !(poll_fd.revents & POLLIN)) {
            g_usleep(LOOK_AT_END_MS * 1000); /* nobody writes any more, or yet */
        }
    }
}

/* --- what it printed --- */

static gsize start_of_last_lines(const GString *text, guint n_lines)
{
    for (gsize at = text->len; at > 0; at--)
        if (text->str[at - 1] == '\n' && at < text->len && n_lines-- == 1)
            return at;
    return 0;
}

static gsize end_of_first_lines(const GString *text, guint n_lines)
{
    const char *at = text->str;

    while (n_lines-- > 0 && (at = memchr(at, '\n', text->len - (gsize)(at - text->str))))
        at++;
    return at ? (gsize)(at - text->str) : text->len;
}

static void append_plain(GString *text, const char *bytes, gsize n_bytes)
{
    g_autofree char *plain = rs_text_plain(bytes, (gssize)n_bytes, TRUE, FIRST_BYTES + LAST_BYTES);

    g_string_append(text, plain);
}

static char *told(const Reader *reader)
{
    g_autoptr(GString) whole = g_string_new(NULL), text = g_string_new(NULL);
    gboolean has_gap = reader->n_left_out_bytes > 0;
    gsize first_end, last_start;

    g_string_append_len(whole, reader->first->str, (gssize)reader->first->len);
    g_string_append_len(whole, reader->last->str, (gssize)reader->last->len);
    first_end = end_of_first_lines(has_gap ? reader->first : whole, FIRST_LINES);
    last_start = has_gap ? reader->first->len + start_of_last_lines(reader->last, LAST_LINES)
                         : start_of_last_lines(whole, LAST_LINES);
    if (!has_gap && last_start <= first_end) {
        append_plain(text, whole->str, whole->len);
    } else {
        append_plain(text, whole->str, first_end);
        g_string_append_printf(text, "%s[%" G_GUINT64_FORMAT " bytes are left out here]\n",
                               g_str_has_suffix(text->str, "\n") ? "" : "\n",
                               reader->n_left_out_bytes + last_start - first_end);
        append_plain(text, whole->str + last_start, whole->len - last_start);
    }
    return g_strchomp(g_string_free(g_steal_pointer(&text), FALSE));
}

/* "/bin/sh: 1: cargo: not found" (dash), "sh: cargo: not found" (busybox), "bash: line 1: cargo:
 * command not found" (bash), "make: cargo: No such file or directory" (make). */
static char *named_missing(const char *line)
{
    static const char *const ends[] = {": command not found", ": not found",
                                       ": No such file or directory"};
    g_autofree char *text = g_strstrip(g_strdup(line));

    for (guint i = 0; i < G_N_ELEMENTS(ends); i++) {
        char *name;

        if (!g_str_has_suffix(text, ends[i]))
            continue;
        text[strlen(text) - strlen(ends[i])] = '\0';
        name = strrchr(text, ':');
        if (!name || !name[1])
            return NULL;
        return g_strdup(g_strstrip(name + 1));
    }
    return NULL;
}

/* The command that a shell or make did not find, from the output of a build that exited with
 * exit_status; NULL: that was not the cause, or it is a file of the revision's own ("./build.sh").
 * Yours. */
static char *missing_command(int exit_status, const char *output)
{
    g_auto(GStrv) lines = g_strsplit(output, "\n", -1);
    gboolean is_missing = exit_status == NOT_FOUND_STATUS;

    for (guint i = g_strv_length(lines); i-- > 0;) {
        g_autofree char *name = NULL;

        /* make(1) ends with 2 and tells the status of the command. */
        is_missing |= strstr(lines[i], ": *** ") && g_str_has_suffix(lines[i], " Error 127");
        name = is_missing ? named_missing(lines[i]) : NULL;
        if (name)
            return strchr(name, '/') && *name != '/' ? NULL : g_steal_pointer(&name);
    }
    return exit_status == NOT_FOUND_STATUS ? g_strdup("a command") : NULL;
}

static char *reason_of(const RsLaunchResult *launched, double timeout_s)
{
    if (launched->start_errno)
        return g_strdup_printf("could not be started: %s", g_strerror(launched->start_errno));
    if (launched->timed_out) {
        g_autofree char *limit = rs_units_format_duration(timeout_s);

        return g_strdup_printf("did not end within %s and was killed", limit);
    }
    if (launched->signal_number)
        return g_strdup_printf("was killed by signal %d (%s)", launched->signal_number,
                               strsignal(launched->signal_number));
    return g_strdup_printf("exited with status %d", launched->exit_status);
}

/* --- running it --- */

static gboolean open_pipe(const char *path, int *fd, GError **error)
{
    g_unlink(path);
    *fd = mkfifo(path, 0600) == 0 ? open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW) : -1;
    if (*fd >= 0)
        return TRUE;
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "%s: %s", path,
                g_strerror(errno));
    return FALSE;
}

gboolean rs_tree_command_run(RsLauncher *launcher, const RsTreeCommand *command,
                             RsTreeCommandResult *result, GError **error)
{
    g_autofree RsLaunchResult *launched = g_new0(RsLaunchResult, 1);
    Reader reader = {.show = command->show_output};
    RsLaunch launch = {
        .path = command->argv[0],
        .argv = (char **)command->argv,
        .environment = command->environment,
        .working_directory = command->folder,
        .n_launches = 1,
        .timeout_s = command->timeout_s,
        .output_path = command->pipe_path,
    };
    GThread *thread;
    gboolean ok;

    *result = (RsTreeCommandResult){0};
    if (!open_pipe(command->pipe_path, &reader.fd, error))
        return FALSE;
    reader.first = g_string_new(NULL);
    reader.last = g_string_new(NULL);
    thread = g_thread_new("build output", read_output, &reader);
    ok = rs_launcher_run(launcher, &launch, command->stop, launched, error);
    g_atomic_int_set(&reader.ended, TRUE);
    g_thread_join(thread);
    close(reader.fd);
    g_unlink(command->pipe_path);
    if (ok) {
        result->succeeded = launched->succeeded;
        result->reason = reason_of(launched, command->timeout_s);
        result->output = told(&reader);
        result->missing_command =
            launched->succeeded || launched->signal_number || launched->start_errno
                ? NULL
                : missing_command(launched->exit_status, result->output);
    }
    g_string_free(reader.first, TRUE);
    g_string_free(reader.last, TRUE);
    return ok;
}

void rs_tree_command_result_clear(RsTreeCommandResult *result)
{
    g_free(result->reason);
    g_free(result->output);
    g_free(result->missing_command);
    *result = (RsTreeCommandResult){0};
}
