/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/record_signals.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct RsSignals {
    int fd;
    sigset_t before;
};

static gboolean is_ignored(int number)
{
    struct sigaction action;

    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

static void fill_set(sigset_t *set, gboolean with_stops)
{
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGUSR1);
    sigaddset(set, SIGUSR2);
    if (!is_ignored(SIGHUP))
        sigaddset(set, SIGHUP);
    if (!with_stops)
        return;
    sigaddset(set, SIGTSTP);
    sigaddset(set, SIGCONT);
    sigaddset(set, SIGWINCH);
}

RsSignals *rs_signals_new(gboolean with_stops, GError **error)
{
    RsSignals *signals = g_new0(RsSignals, 1);
    sigset_t set;

    fill_set(&set, with_stops);
    pthread_sigmask(SIG_BLOCK, &set, &signals->before);
    signals->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals->fd >= 0)
        return signals;
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "signalfd: %s",
                g_strerror(errno));
    rs_signals_free(signals);
    return NULL;
}

void rs_signals_free(RsSignals *signals)
{
    if (!signals)
        return;
    if (signals->fd >= 0)
        close(signals->fd);
    pthread_sigmask(SIG_SETMASK, &signals->before, NULL);
    g_free(signals);
}

int rs_signals_fd(const RsSignals *signals)
{
    return signals->fd;
}

gboolean rs_signals_next(RsSignals *signals, RsSignal *signal)
{
    struct signalfd_siginfo info;

    if (read(signals->fd, &info, sizeof info) != (gssize)sizeof info)
        return FALSE;
    signal->number = (int)info.ssi_signo;
    signal->from_terminal = info.ssi_code == SI_KERNEL;
    return TRUE;
}

void rs_signals_let_kill(RsSignals *signals)
{
    static const int ending[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigset_t set;

    sigemptyset(&set);
    for (guint i = 0; i < G_N_ELEMENTS(ending); i++)
        if (!is_ignored(ending[i]) || ending[i] != SIGHUP) {
            sigaction(ending[i], &action, NULL);
            sigaddset(&set, ending[i]);
        }
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}
