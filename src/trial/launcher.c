/* SPDX-License-Identifier: GPL-3.0-or-later */
/* This side of the launcher: forks it, packs requests, waits for answers. The other side is
 * launcher_child.c. */
#include "trial/launcher.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/secrets.h"
#include "trial/launcher_child.h"

#define TIMEOUT_LIMIT_S 1e9 /* so that it can be told in ns, and added to a time */

G_DEFINE_QUARK(rs - launcher - error - quark, rs_launcher_error)

struct RsLauncher {
    pid_t pid;
    int fd;
    GByteArray *request; /* reused */
};

/* As an exec would: the ends of other launchers' sockets must not stay open in this one, for it is
 * by their end that those notice that they are to leave. */
static void close_others(int own_fd)
{
    DIR *dir = opendir("/proc/self/fd");
    g_autoptr(GArray) fds = g_array_new(FALSE, FALSE, sizeof(int));
    const struct dirent *entry;

    while (dir && (entry = readdir(dir))) {
        int fd = atoi(entry->d_name);

        if (fd > STDERR_FILENO && fd != own_fd && fd != dirfd(dir))
            g_array_append_val(fds, fd);
    }
    if (dir)
        closedir(dir);
    for (guint i = 0; i < fds->len; i++) {
        int fd = g_array_index(fds, int, i), flags = fcntl(fd, F_GETFD);

        if (flags >= 0 && (flags & FD_CLOEXEC))
            close(fd);
    }
}

RsLauncher *rs_launcher_new(GError **error)
{
    g_autofree RsLauncher *launcher = g_new0(RsLauncher, 1);
    int fds[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) {
        g_set_error(error, RS_LAUNCHER_ERROR, RS_LAUNCHER_ERROR_GONE, "socketpair: %s",
                    g_strerror(errno));
        return NULL;
    }
    launcher->pid = fork();
    if (launcher->pid == 0) {
        close(fds[0]);
        close_others(fds[1]);
        rs_secrets_forked();
        if (send(fds[1], "r", 1, MSG_NOSIGNAL) == 1)
            rs_launcher_child_main(fds[1]);
        _exit(0);
    }
    close(fds[1]);
    if (launcher->pid < 0) {
        g_set_error(error, RS_LAUNCHER_ERROR, RS_LAUNCHER_ERROR_GONE, "fork: %s",
                    g_strerror(errno));
        close(fds[0]);
        return NULL;
    }
    /* Counters and samplers are attached to it next, for which it has to be ready. */
    while (recv(fds[0], &(char){0}, 1, 0) < 0 && errno == EINTR)
        ;
    launcher->fd = fds[0];
    launcher->request = g_byte_array_new();
    return g_steal_pointer(&launcher);
}

void rs_launcher_free(RsLauncher *launcher)
{
    if (!launcher)
        return;
    close(launcher->fd); /* its end: it kills what runs and leaves */
    while (waitpid(launcher->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    g_byte_array_unref(launcher->request);
    g_free(launcher);
}

int rs_launcher_pid(const RsLauncher *launcher)
{
    return launcher->pid;
}

static void pack_string(GByteArray *request, const char *text)
{
    g_byte_array_append(request, (const guint8 *)text, (guint)strlen(text) + 1);
}

static guint32 pack_strings(GByteArray *request, char **texts)
{
    guint32 n = 0;

    for (; texts && texts[n]; n++)
        pack_string(request, texts[n]);
    return n;
}

static void pack_request(GByteArray *request, const RsLaunch *launch)
{
    RsLauncherRequest head = {
        .magic = {'R', 'S', 'L', 'Q'},
        .n_launches = MAX(launch->n_launches, 1),
        .padding_bytes = launch->padding_bytes,
        .timeout_ns = (gint64)(MIN(launch->timeout_s, TIMEOUT_LIMIT_S) * 1e9),
        .show_output = (guint32)launch->show_output,
        .n_exit_codes = launch->n_exit_codes,
    };

    g_byte_array_set_size(request, 0);
    g_byte_array_append(request, (const guint8 *)&head, sizeof head);
    g_byte_array_append(request, (const guint8 *)launch->exit_codes,
                        (guint)(launch->n_exit_codes * sizeof(int)));
    pack_string(request, launch->path);
    pack_string(request, launch->working_directory ? launch->working_directory : "");
    pack_string(request, launch->stdin_path ? launch->stdin_path : "/dev/null");
    head.n_argv = pack_strings(request, launch->argv);
    head.n_environment = pack_strings(request, launch->environment);
    head.n_bytes = request->len;
    memcpy(request->data, &head, sizeof head);
}

static gboolean gone(GError **error, const char *what)
{
    g_set_error(error, RS_LAUNCHER_ERROR, RS_LAUNCHER_ERROR_GONE,
                "the process that launches trials is gone (%s: %s)", what,
                errno ? g_strerror(errno) : "it closed its end");
    return FALSE;
}

static gboolean send_all(int fd, const guint8 *data, gsize n_bytes, GError **error)
{
    while (n_bytes > 0) {
        gssize n = send(fd, data, n_bytes, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return gone(error, "send");
        data += n;
        n_bytes -= (gsize)n;
    }
    return TRUE;
}

/* Waits for the answer; a stop is passed on once, as one byte, and the answer still comes. */
static gboolean receive_all(int fd, void *data, gsize n_bytes, const volatile int *stop,
                            gboolean *stopped, GError **error)
{
    char *at = data;

    while (n_bytes > 0) {
        struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
        gssize n;

        if (stop && *stop && !*stopped) {
            *stopped = TRUE;
            if (!send_all(fd, (const guint8 *)"x", 1, error))
                return FALSE;
        }
        /* A signal between the test above and poll is seen at the latest after this time. */
        if (poll(&poll_fd, 1, stop ? 100 : -1) <= 0)
            continue;
        n = recv(fd, at, n_bytes, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            errno = n == 0 ? 0 : errno;
            return gone(error, "receive");
        }
        at += n;
        n_bytes -= (gsize)n;
    }
    return TRUE;
}

gboolean rs_launcher_run(RsLauncher *launcher, const RsLaunch *launch, const volatile int *stop,
                         RsLaunchResult *result, GError **error)
{
    gboolean stopped = FALSE;

    pack_request(launcher->request, launch);
    if (!send_all(launcher->fd, launcher->request->data, launcher->request->len, error) ||
        !receive_all(launcher->fd, result, offsetof(RsLaunchResult, output_tail), stop, &stopped,
                     error) ||
        !receive_all(launcher->fd, result->output_tail,
                     MIN(result->n_output_tail_bytes, RS_LAUNCHER_TAIL_BYTES), stop, &stopped,
                     error))
        return FALSE;
    if (stopped) {
        g_set_error(error, RS_LAUNCHER_ERROR, RS_LAUNCHER_ERROR_INTERRUPTED, "interrupted");
        return FALSE;
    }
    return TRUE;
}
