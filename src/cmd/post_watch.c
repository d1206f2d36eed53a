/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/post_watch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static const int watched[] = {SIGINT, SIGTERM, SIGHUP};

struct RsPostWatch {
    void (*finish)(gpointer data);
    gpointer data;
    int pipe[2];
    GThread *thread;
};

static volatile sig_atomic_t write_fd = -1; /* of the one watch that there is */

static void on_signal(int number)
{
    unsigned char byte = (unsigned char)number;
    int fd = write_fd, saved = errno;

    if (fd >= 0 && write(fd, &byte, 1) < 0)
        _exit(128 + number); /* nobody listens: end as asked */
    errno = saved;
}

/* 0 comes from the end of the watch. */
static gpointer watch(gpointer data)
{
    RsPostWatch *self = data;
    unsigned char number = 0;

    while (read(self->pipe[0], &number, 1) < 0 && errno == EINTR)
        ;
    if (number) {
        self->finish(self->data);
        signal(number, SIG_DFL);
        kill(getpid(), number);
        for (;;)
            pause(); /* until that has ended us */
    }
    return NULL;
}

static gboolean is_default(const struct sigaction *action)
{
    return !(action->sa_flags & SA_SIGINFO) && action->sa_handler == SIG_DFL;
}

static gboolean is_heard(const struct sigaction *action)
{
    return (action->sa_flags & SA_SIGINFO) || action->sa_handler != SIG_IGN;
}

static gboolean is_mine(const struct sigaction *action)
{
    return !(action->sa_flags & SA_SIGINFO) && action->sa_handler == on_signal;
}

static void set_handlers(gboolean (*where)(const struct sigaction *action), void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART}, now;

    for (gsize i = 0; i < G_N_ELEMENTS(watched); i++)
        if (sigaction(watched[i], NULL, &now) == 0 && where(&now))
            sigaction(watched[i], &action, NULL);
}

RsPostWatch *rs_post_watch_new(void (*finish)(gpointer data), gpointer data)
{
    RsPostWatch *self;
    int ends[2];

    if (write_fd >= 0 || pipe2(ends, O_CLOEXEC) != 0)
        return NULL;
    self = g_new0(RsPostWatch, 1);
    self->finish = finish;
    self->data = data;
    self->pipe[0] = ends[0];
    self->pipe[1] = ends[1];
    self->thread = g_thread_new("signals", watch, self);
    write_fd = ends[1];
    set_handlers(is_default, on_signal);
    return self;
}

void rs_post_watch_renew(RsPostWatch *self)
{
    if (self)
        set_handlers(is_heard, on_signal);
}

void rs_post_watch_free(RsPostWatch *self)
{
    static const unsigned char end = 0;

    if (!self)
        return;
    set_handlers(is_mine, SIG_DFL);
    write_fd = -1;
    while (write(self->pipe[1], &end, 1) < 0 && errno == EINTR)
        ;
    g_thread_join(self->thread);
    close(self->pipe[0]);
    close(self->pipe[1]);
    g_free(self);
}
