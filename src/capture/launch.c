/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct RsHeld {
    pid_t pid;
    int go_fd;    /* closing it without a byte: the child leaves */
    int errno_fd; /* the child's errno when it cannot execute; closed by exec */
    char *name;
    gboolean is_released;
};

/* The child's side: only calls that are safe after fork. */
static void wait_and_execute(int go_fd, int errno_fd, char **argv, char **environment)
{
    struct sigaction standard = {.sa_handler = SIG_DFL};
    sigset_t none;
    gssize n;
    char byte;
    int code;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (int number = 1; number < NSIG; number++)
        sigaction(number, &standard, NULL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    while ((n = read(go_fd, &byte, 1)) != 1)
        if (n == 0 || errno != EINTR)
            _exit(127);
    prctl(PR_SET_PDEATHSIG, 0); /* from here on it lives its own life */
    execvpe(argv[0], argv, environment);
    code = errno;
    if (write(errno_fd, &code, sizeof code) != sizeof code)
        _exit(126);
    _exit(127);
}

static gboolean fail(GError **error, const char *what, int code)
{
    g_set_error(error, G_SPAWN_ERROR, G_SPAWN_ERROR_FORK, "%s: %s", what, g_strerror(code));
    return FALSE;
}

RsHeld *rs_launch_hold(char **argv, char **environment, GError **error)
{
    g_autoptr(RsHeld) held = g_new0(RsHeld, 1);
    int go[2], result[2];

    held->go_fd = held->errno_fd = -1;
    held->name = g_strdup(argv[0]);
    if (pipe2(go, O_CLOEXEC) != 0) {
        fail(error, "pipe", errno);
        return NULL;
    }
    held->go_fd = go[1];
    if (pipe2(result, O_CLOEXEC) != 0) {
        fail(error, "pipe", errno);
        close(go[0]);
        return NULL;
    }
    held->errno_fd = result[0];
    held->pid = fork();
    if (held->pid == 0) {
        close(go[1]); /* else it would wait for itself */
        wait_and_execute(go[0], result[1], argv, environment);
    }
    close(go[0]);
    close(result[1]);
    if (held->pid < 0) {
        held->pid = 0;
        fail(error, "fork", errno);
        return NULL;
    }
    return g_steal_pointer(&held);
}

pid_t rs_held_pid(const RsHeld *held)
{
    return held->pid;
}

gboolean rs_held_release(RsHeld *held, GError **error)
{
    int code = 0;
    gssize n;

    held->is_released = TRUE;
    while ((n = write(held->go_fd, "g", 1)) < 0 && errno == EINTR)
        ;
    while ((n = read(held->errno_fd, &code, sizeof code)) < 0 && errno == EINTR)
        ;
    if (n != sizeof code)
        return TRUE;
    g_set_error(error, G_SPAWN_ERROR,
                code == ENOENT   ? G_SPAWN_ERROR_NOENT
                : code == EACCES ? G_SPAWN_ERROR_ACCES
                                 : G_SPAWN_ERROR_FAILED,
                "'%s' cannot be started: %s", held->name, g_strerror(code));
    return FALSE;
}

void rs_held_free(RsHeld *held)
{
    if (!held)
        return;
    if (held->pid > 0 && !held->is_released) {
        kill(held->pid, SIGKILL);
        while (waitpid(held->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    if (held->go_fd >= 0)
        close(held->go_fd);
    if (held->errno_fd >= 0)
        close(held->errno_fd);
    g_free(held->name);
    g_free(held);
}
