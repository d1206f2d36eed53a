/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/ptrace/wait.h"

#include <errno.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "capture/sampler.h"

/* The timer rings again after this long, should it have rung just before the sleep began. */
#define RING_AGAIN_NS 500000

struct RsPtraceWait {
    timer_t timer;
    gint64 armed_ns; /* when the timer rings; 0: it has rung, or was never set */
    sigset_t signal;
};

static _Thread_local volatile sig_atomic_t has_rung;

static void ring(int number)
{
    has_rung = 1;
}

static gpointer install_handler(gpointer data)
{
    struct sigaction action = {.sa_handler = ring}; /* no SA_RESTART: it is there to interrupt */

    sigemptyset(&action.sa_mask);
    sigaction(RS_PTRACE_WAIT_SIGNAL, &action, NULL);
    return NULL;
}

static void prepare_signals(RsPtraceWait *wait)
{
    static GOnce once = G_ONCE_INIT;
    struct sigaction action;
    sigset_t child;

    g_once(&once, install_handler, NULL);
    sigemptyset(&wait->signal);
    sigaddset(&wait->signal, RS_PTRACE_WAIT_SIGNAL);
    pthread_sigmask(SIG_BLOCK, &wait->signal, NULL);
    if (sigaction(SIGCHLD, NULL, &action) == 0 && !(action.sa_flags & SA_SIGINFO) &&
        (action.sa_handler == SIG_DFL || action.sa_handler == SIG_IGN)) {
        sigemptyset(&child);
        sigaddset(&child, SIGCHLD);
        pthread_sigmask(SIG_UNBLOCK, &child, NULL);
    }
}

RsPtraceWait *rs_ptrace_wait_new(GError **error)
{
    RsPtraceWait *wait = g_new0(RsPtraceWait, 1);
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = RS_PTRACE_WAIT_SIGNAL};

    prepare_signals(wait);
    event._sigev_un._tid = gettid(); /* glibc 2.36 has no other name for it */
    if (timer_create(CLOCK_MONOTONIC, &event, &wait->timer) == 0)
        return wait;
    g_set_error(error, RS_SAMPLER_ERROR, RS_SAMPLER_ERROR_FAILED, "timer_create: %s",
                g_strerror(errno));
    g_free(wait);
    return NULL;
}

void rs_ptrace_wait_free(RsPtraceWait *wait)
{
    if (!wait)
        return;
    timer_delete(wait->timer);
    g_free(wait);
}

static void arm(RsPtraceWait *wait, gint64 until_ns)
{
    struct itimerspec when = {
        .it_value = {until_ns / RS_NS_PER_S, until_ns % RS_NS_PER_S},
        .it_interval = {0, RING_AGAIN_NS},
    };

    if (wait->armed_ns == until_ns)
        return;
    timer_settime(wait->timer, TIMER_ABSTIME, &when, NULL);
    wait->armed_ns = until_ns;
}

/* As waitid; the kernel's __WNOTHREAD keeps it to this thread's own tracees. */
static int look(siginfo_t *info, int flags)
{
    info->si_pid = 0;
    return waitid(P_ALL, 0, info, WEXITED | WSTOPPED | WNOWAIT | __WALL | __WNOTHREAD | flags);
}

/* Between the question whether it has rung and the sleep a signal would be lost: the timer rings
 * again then. */
static int sleep_until(RsPtraceWait *wait, siginfo_t *info, gint64 until_ns)
{
    int result = -1, code = EINTR;

    has_rung = 0;
    arm(wait, until_ns);
    pthread_sigmask(SIG_UNBLOCK, &wait->signal, NULL);
    if (!has_rung) {
        result = look(info, 0);
        code = errno;
    }
    pthread_sigmask(SIG_BLOCK, &wait->signal, NULL);
    errno = code;
    return result;
}

RsPtraceWaitResult rs_ptrace_wait(RsPtraceWait *wait, gint64 until_ns, pid_t *tid)
{
    siginfo_t info;
    int result = look(&info, WNOHANG);

    while (result != 0 || info.si_pid == 0) {
        if (result != 0 && errno == ECHILD)
            return RS_PTRACE_WAIT_NOBODY;
        if (rs_monotonic_ns() >= until_ns)
            return RS_PTRACE_WAIT_TIMEOUT;
        result = sleep_until(wait, &info, until_ns);
    }
    *tid = info.si_pid;
    return info.si_code == CLD_EXITED || info.si_code == CLD_KILLED || info.si_code == CLD_DUMPED
               ? RS_PTRACE_WAIT_ENDED
               : RS_PTRACE_WAIT_STOPPED;
}

gboolean rs_ptrace_wait_consume(pid_t tid, int *status)
{
    pid_t found;

    do
        found = waitpid(tid, status, WNOHANG | __WALL | __WNOTHREAD);
    while (found < 0 && errno == EINTR);
    return found == tid;
}
