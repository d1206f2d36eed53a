/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A verdict that somebody else wrote: of a folder only the one file, and only if it is a file. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/post.h"
#include "format/codec.h"

#define RESULTS_FILE      "verdict.json"
#define MAX_RESULTS_BYTES (64 << 20)
#define OPEN_FLAGS        (O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
#define FIRST_ALLOCATION  65536

static gboolean fail(GError **error, const char *path, int code)
{
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(code), "%s: cannot read: %s", path,
                code == ELOOP ? "it is a symbolic link, which is not followed" : g_strerror(code));
    return FALSE;
}

/* The file itself; -1: an error. where becomes its path. */
static int open_results(const char *path, char **where, GError **error)
{
    struct stat about;
    int fd = open(path, OPEN_FLAGS), file;

    *where = g_strdup(path);
    if (fd < 0) {
        fail(error, path, errno);
        return -1;
    }
    if (fstat(fd, &about) != 0 || !S_ISDIR(about.st_mode))
        return fd;
    g_free(*where);
    *where = g_build_filename(path, RESULTS_FILE, NULL);
    file = openat(fd, RESULTS_FILE, OPEN_FLAGS);
    if (file < 0)
        fail(error, *where, errno);
    close(fd);
    return file;
}

static GBytes *read_all(int fd, const char *path, GError **error)
{
    g_autoptr(GByteArray) bytes = g_byte_array_sized_new(FIRST_ALLOCATION);
    struct stat about;
    guint8 chunk[FIRST_ALLOCATION];
    gssize n;

    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s: it is no regular file", path);
        return NULL;
    }
    while ((n = read(fd, chunk, sizeof chunk)) > 0 && bytes->len + (gsize)n <= MAX_RESULTS_BYTES)
        g_byte_array_append(bytes, chunk, (guint)n);
    if (n < 0) {
        fail(error, path, errno);
        return NULL;
    }
    if (n > 0) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
                    "%s: longer than %d MiB, which no verdict is", path, MAX_RESULTS_BYTES >> 20);
        return NULL;
    }
    return g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
}

RsVerdict *rs_post_read_results(const char *path, GError **error)
{
    g_autofree char *where = NULL;
    int fd = open_results(path, &where, error);
    g_autoptr(GBytes) bytes = fd < 0 ? NULL : read_all(fd, where, error);
    RsVerdict *verdict = bytes ? rs_verdict_decode(bytes, error) : NULL;

    if (fd >= 0)
        close(fd);
    if (bytes && !verdict)
        g_prefix_error(error, "%s: ", where);
    return verdict;
}
