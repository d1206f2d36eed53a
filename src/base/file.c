/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void set_error(GError **error, const char *path, const char *what)
{
    int code = errno;

    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(code), "%s: %s: %s", path, what,
                g_strerror(code));
}

static gboolean write_all(int fd, const char *data, gsize n_bytes)
{
    while (n_bytes > 0) {
        gssize n = write(fd, data, n_bytes);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return FALSE;
        data += n;
        n_bytes -= (gsize)n;
    }
    return TRUE;
}

/* These names mean a descriptor that is open already: a rename would put a file in their place. */
static int open_descriptor_of(const char *path)
{
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
    guint64 fd;

    if (g_str_equal(path, "-") || g_str_equal(path, "/dev/stdout"))
        return STDOUT_FILENO;
    if (g_str_equal(path, "/dev/stderr"))
        return STDERR_FILENO;
    for (guint i = 0; i < G_N_ELEMENTS(folders); i++)
        if (g_str_has_prefix(path, folders[i]) &&
            g_ascii_string_to_unsigned(path + strlen(folders[i]), 10, 0, G_MAXINT32, &fd, NULL))
            return (int)fd;
    return -1;
}

static gboolean write_as_it_is(const char *path, const void *data, gsize n_bytes, GError **error)
{
    int known_fd = open_descriptor_of(path);
    int fd = known_fd >= 0 ? known_fd : open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0 || !write_all(fd, data, n_bytes)) {
        set_error(error, fd == STDOUT_FILENO ? "standard output" : path, "cannot write");
        if (fd >= 0 && known_fd < 0)
            close(fd);
        return FALSE;
    }
    if (known_fd < 0 && close(fd) != 0) {
        set_error(error, path, "cannot write");
        return FALSE;
    }
    return TRUE;
}

gboolean rs_file_write(const char *path, const void *data, gsize n_bytes, GError **error)
{
    g_autofree char *target = NULL;
    g_autoptr(GError) problem = NULL;
    const char *why;
    GStatBuf status;

    if (open_descriptor_of(path) >= 0 ||
        (g_stat(path, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)))
        return write_as_it_is(path, data, n_bytes, error);
    /* A symbolic link stays one: the file it leads to is replaced. */
    target = g_file_test(path, G_FILE_TEST_IS_SYMLINK) ? realpath(path, NULL) : NULL;
    if (g_file_set_contents_full(target ? target : path, data, (gssize)n_bytes,
                                 G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0666,
                                 &problem))
        return TRUE;
    /* GLib names its temporary file; the reason stands behind the last colon. */
    why = strrchr(problem->message, ':');
    g_set_error(error, problem->domain, problem->code, "%s: cannot write%s", path,
                why ? why : ": unknown reason");
    return FALSE;
}

static guint8 *read_all(int fd, const char *path, gsize limit_bytes, gsize *n_bytes, GError **error)
{
    struct stat status;
    gsize expected = fstat(fd, &status) == 0 && status.st_size > 0
                         ? MIN((gsize)status.st_size, limit_bytes)
                         : 4096;
    g_autoptr(GByteArray) data = g_byte_array_sized_new((guint)MIN(expected, G_MAXINT32) + 2);
    guint8 chunk[65536];
    gssize n;

    while ((n = read(fd, chunk, sizeof chunk)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            set_error(error, path, "cannot read");
            return NULL;
        }
        if (data->len + (gsize)n > MIN(limit_bytes, G_MAXINT32)) {
            g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
                        "%s: longer than the %" G_GSIZE_FORMAT " bytes that are read", path,
                        MIN(limit_bytes, G_MAXINT32));
            return NULL;
        }
        g_byte_array_append(data, chunk, (guint)n);
    }
    *n_bytes = data->len;
    g_byte_array_append(data, (const guint8 *)"", 1);
    return g_byte_array_free(g_steal_pointer(&data), FALSE);
}

guint8 *rs_file_read(const char *path, gsize limit_bytes, gsize *n_bytes, GError **error)
{
    gboolean is_stdin = g_str_equal(path, "-");
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    guint8 *data;

    if (fd < 0) {
        set_error(error, path, "cannot open");
        return NULL;
    }
    data = read_all(fd, is_stdin ? "standard input" : path, limit_bytes, n_bytes, error);
    if (!is_stdin)
        close(fd);
    return data;
}
