/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "symbol/elf_open.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

/* It may be anything: a FIFO, a terminal. */
#define OPEN_FLAGS (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)

static int open_in_root(const char *root, const char *path)
{
    struct open_how how = {.flags = OPEN_FLAGS, .resolve = RESOLVE_IN_ROOT};
    int root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int fd, saved_errno;

    if (root_fd < 0)
        return -1;
    do
        fd = (int)syscall(SYS_openat2, root_fd, path, &how, sizeof how);
    while (fd < 0 && errno == EAGAIN);
    saved_errno = errno;
    close(root_fd);
    if (fd < 0 && (saved_errno == ENOSYS || saved_errno == EPERM)) { /* seccomp filters say EPERM */
        g_autofree char *joined = g_build_filename(root, path, NULL);

        return open(joined, OPEN_FLAGS);
    }
    errno = saved_errno;
    return fd;
}

RsElf *rs_elf_open_path(const char *root, const char *path, char **opened_path, GError **error)
{
    int fd = root ? open_in_root(root, path) : open(path, OPEN_FLAGS);
    RsElf *elf;

    if (fd < 0) {
        g_set_error(error, RS_ELF_ERROR, RS_ELF_ERROR_UNREADABLE, "%s%s: %s", root ? root : "",
                    path, g_strerror(errno));
        return NULL;
    }
    elf = rs_elf_open_fd(fd, path, error);
    close(fd);
    if (elf && opened_path)
        *opened_path = root ? g_build_filename(root, path, NULL) : g_strdup(path);
    return elf;
}
