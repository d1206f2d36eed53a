/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/ptrace/tracer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "capture/ptrace/probe.h"
#include "capture/ptrace/stop.h"
#include "capture/sampler.h"

#define DETACH_NS        RS_NS_PER_S
#define RESTART_EVERY_NS (RS_NS_PER_S / 10)
#define FOREIGN_NAP_US   1000
#define N_PASSES_MAX     100
/* Nothing more at the end of a thread: what its stop could tell, /proc tells until it is reaped. */
#define TRACE_OPTIONS                                                                              \
    (PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC)

struct RsTracer {
    RsTracerOptions options;
    RsPtraceWait *wait;
    RsTracedThreads *threads;
    gint64 n_attached;
    gboolean is_closing;
};

RsTracer *rs_tracer_new(const RsTracerOptions *options, GError **error)
{
    RsPtraceWait *wait = rs_ptrace_wait_new(error);
    RsTracer *tracer;

    if (!wait)
        return NULL;
    tracer = g_new0(RsTracer, 1);
    tracer->options = *options;
    tracer->wait = wait;
    tracer->threads = rs_traced_threads_new();
    return tracer;
}

RsTracedThreads *rs_tracer_threads(RsTracer *tracer)
{
    return tracer->threads;
}

gint64 rs_tracer_n_attached(const RsTracer *tracer)
{
    return tracer->n_attached;
}

/* --- what /proc says of a thread --- */

typedef struct {
    pid_t pid, parent, tracer;
    char state;
} Status;

static gboolean read_status(pid_t tid, Status *status)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/status", tid);
    char line[256];
    FILE *file = fopen(path, "re");

    *status = (Status){0};
    if (!file)
        return FALSE;
    while (fgets(line, sizeof line, file)) {
        if (g_str_has_prefix(line, "State:"))
            sscanf(line + 6, " %c", &status->state);
        else if (g_str_has_prefix(line, "Tgid:"))
            status->pid = atoi(line + 5);
        else if (g_str_has_prefix(line, "PPid:"))
            status->parent = atoi(line + 5);
        else if (g_str_has_prefix(line, "TracerPid:")) {
            status->tracer = atoi(line + 10);
            break;
        }
    }
    fclose(file);
    return status->pid > 0;
}

static gboolean is_in_proc(pid_t pid, pid_t tid)
{
    char path[64];

    g_snprintf(path, sizeof path, "/proc/%d/task/%d", pid, tid);
    return access(path, F_OK) == 0;
}

static void tell_name(RsTracer *tracer, pid_t pid, pid_t tid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/task/%d/comm", pid, tid);
    char name[32] = "";
    FILE *file = fopen(path, "re");

    if (!file)
        return;
    if (fgets(name, sizeof name, file))
        rs_tasks_name(tracer->options.tasks, pid, tid, g_strchomp(name));
    fclose(file);
}

void rs_tracer_tell_name(RsTracer *tracer, const RsTracedThread *thread)
{
    tell_name(tracer, thread->process->pid, thread->tid);
}

/* --- births --- */

static RsTracedThread *add(RsTracer *tracer, pid_t pid, pid_t parent, pid_t tid)
{
    tracer->n_attached++;
    return rs_traced_add(tracer->threads, pid, parent, tid);
}

static RsTracedThread *add_child(RsTracer *tracer, pid_t parent_pid, pid_t pid)
{
    RsTracedProcess *parent = rs_traced_find_process(tracer->threads, parent_pid);
    RsTracedThread *thread = add(tracer, pid, parent_pid, pid);

    if (parent) {
        thread->process->is_launch = parent->is_ignored;
        thread->process->awaits_exec = parent->is_ignored || parent->awaits_exec;
        thread->process->has_code = parent->has_code;
        thread->process->startup_end_ns = parent->startup_end_ns;
        thread->process->exec_ns = parent->exec_ns;
        rs_spaces_fork(tracer->options.spaces, parent_pid, pid);
    }
    rs_tasks_process(tracer->options.tasks, pid, parent_pid, rs_monotonic_ns());
    return thread;
}

/* Its parent's event tells of it, or its own first stop, whichever comes first. NULL: it has ended
 * already. */
static RsTracedThread *add_newborn(RsTracer *tracer, pid_t tid)
{
    Status status;

    if (!read_status(tid, &status))
        return NULL;
    return status.pid == tid ? add_child(tracer, status.parent, tid)
                             : add(tracer, status.pid, status.parent, tid);
}

/* thread has made another. It must not be stopped any more: this takes its time. */
static void on_birth(RsTracer *tracer, pid_t parent_pid, pid_t tid)
{
    RsTracedProcess *process = rs_traced_find_process(tracer->threads, parent_pid);

    if (rs_traced_find(tracer->threads, tid))
        return;
    /* The kind of the event does not tell: clone(2) can make a process as well. */
    if (is_in_proc(parent_pid, tid))
        add(tracer, parent_pid, process ? process->parent : 0, tid);
    else if (is_in_proc(tid, tid))
        add_child(tracer, parent_pid, tid);
}

static RsTracedThread *on_exec(RsTracer *tracer, pid_t pid, pid_t former)
{
    RsTracedThread *leader = rs_traced_find(tracer->threads, pid);
    RsTracedThread *survivor = rs_traced_find(tracer->threads, former);
    RsTracedProcess *process;

    if (!leader)
        leader = add(tracer, pid, survivor ? survivor->process->parent : 0, pid);
    leader = rs_traced_exec(tracer->threads, leader, former);
    process = leader->process;
    process->awaits_exec = process->has_code = FALSE;
    process->exec_ns = rs_monotonic_ns();
    process->next_look_ns = 0;
    if (process->is_launch)
        process->startup_end_ns = process->exec_ns + tracer->options.startup_ns;
    process->is_launch = FALSE;
    rs_spaces_exec(tracer->options.spaces, pid);
    return leader;
}

/* --- ends --- */

static void tell_end(RsTracer *tracer, pid_t pid)
{
    rs_spaces_exit(tracer->options.spaces, pid);
    rs_tasks_ended(tracer->options.tasks, pid, rs_monotonic_ns());
}

/* The leader's end is the last of a process to be told, and its status is the process's. */
static void finish(RsTracer *tracer, RsTracedThread *thread, int status)
{
    pid_t tid = thread->tid, pid = thread->process->pid;
    RsTracedProcess *process;

    if (tid != pid) {
        rs_traced_remove(tracer->threads, thread);
        if (!rs_traced_find_process(tracer->threads, pid)) /* its leader was not traced */
            tell_end(tracer, pid);
        return;
    }
    while ((process = rs_traced_find_process(tracer->threads, pid)))
        rs_traced_remove(tracer->threads,
                         g_ptr_array_index(process->threads, process->threads->len - 1));
    rs_tasks_status(tracer->options.tasks, pid, status);
    tell_end(tracer, pid);
}

static void on_end(RsTracer *tracer, RsTracedThread *thread)
{
    gint64 cpu_ns;
    int status;

    if (rs_traced_cpu(thread, &cpu_ns))
        thread->seen_cpu_ns = cpu_ns; /* it cannot be asked any more when it is reaped */
    if (rs_ptrace_wait_consume(thread->tid, &status))
        finish(tracer, thread, status);
}

/* One that we know nothing of has ended: it died before it told of itself, or it is a child of this
 * thread that we do not trace, and then it is not ours to reap. */
static void on_unknown_end(pid_t tid)
{
    Status status;
    int ignored;

    if (read_status(tid, &status) && status.tracer == 0)
        g_usleep(FOREIGN_NAP_US);
    else
        rs_ptrace_wait_consume(tid, &ignored);
}

/* --- stops --- */

/* ESRCH: it was killed meanwhile; its end will be told. */
static void go_on(RsTracer *tracer, pid_t tid, int number)
{
    ptrace(tracer->is_closing ? PTRACE_DETACH : PTRACE_CONT, tid, NULL, (long)number);
}

/* After a stop that was asked for, always: it comes to running threads alone, so it cannot put a
 * timeout off again and again. A stream of ignored signals could, so for them timeouts are renewed
 * seldom, and EINTR is what the thread gets otherwise. */
static void restart_call(RsTracedThread *thread, gboolean was_asked)
{
    gint64 now;

    if (!thread)
        return;
    now = was_asked ? 0 : rs_monotonic_ns();
    if (rs_stop_restart_call(thread->tid, was_asked || !thread->last_restart_ns ||
                                              now - thread->last_restart_ns > RESTART_EVERY_NS) &&
        !was_asked)
        thread->last_restart_ns = now;
}

static gboolean is_stop_signal(int number)
{
    return number == SIGSTOP || number == SIGTSTP || number == SIGTTIN || number == SIGTTOU;
}

/* A signal is about to be delivered, or it was asked to stop, or job control has stopped or
 * continued it. */
static void on_plain_stop(RsTracer *tracer, RsTracedThread *thread, pid_t tid, int number,
                          gboolean is_trap)
{
    gboolean is_copied = FALSE;

    if (is_trap && is_stop_signal(number)) {
        if (thread) {
            thread->is_asked = FALSE;
            thread->is_listening = TRUE;
        }
        if (tracer->is_closing)
            go_on(tracer, tid, 0); /* it stays stopped: the kernel sees to that */
        else
            ptrace(PTRACE_LISTEN, tid, NULL, NULL);
        return;
    }
    if (thread) {
        thread->is_listening = FALSE;
        is_copied = thread->is_asked && !tracer->is_closing;
        thread->is_asked = FALSE;
    }
    if (is_copied)
        tracer->options.stopped(tracer->options.data, thread);
    restart_call(thread, is_trap);
    go_on(tracer, tid, is_trap ? 0 : number);
    if (is_copied)
        tracer->options.resumed(tracer->options.data, thread);
}

static void on_event_stop(RsTracer *tracer, RsTracedThread *thread, pid_t tid, int event)
{
    unsigned long message = 0;
    pid_t pid = thread ? thread->process->pid : tid;

    ptrace(PTRACE_GETEVENTMSG, tid, NULL, &message);
    if (thread)
        thread->is_asked = FALSE; /* any stop takes an interrupt with it */
    if (event == PTRACE_EVENT_EXEC)
        on_exec(tracer, tid, (pid_t)message);
    go_on(tracer, tid, 0);
    if (event == PTRACE_EVENT_EXEC)
        tell_name(tracer, tid, tid);
    else if (event == PTRACE_EVENT_CLONE || event == PTRACE_EVENT_FORK ||
             event == PTRACE_EVENT_VFORK)
        on_birth(tracer, pid, (pid_t)message);
}

static void on_stop(RsTracer *tracer, pid_t tid)
{
    RsTracedThread *thread = rs_traced_find(tracer->threads, tid);
    int status, event;

    if (!rs_ptrace_wait_consume(tid, &status))
        return;
    if (!WIFSTOPPED(status)) { /* killed since, and reaped by this */
        if (thread)
            finish(tracer, thread, status);
        return;
    }
    event = (unsigned int)status >> 16;
    if (!thread)
        thread = add_newborn(tracer, tid);
    if (event == 0 || event == PTRACE_EVENT_STOP)
        on_plain_stop(tracer, thread, tid, WSTOPSIG(status), event == PTRACE_EVENT_STOP);
    else
        on_event_stop(tracer, thread, tid, event);
    thread = tracer->is_closing ? rs_traced_find(tracer->threads, tid) : NULL;
    if (thread)
        rs_traced_remove(tracer->threads, thread);
}

RsPtraceWaitResult rs_tracer_step(RsTracer *tracer, gint64 until_ns)
{
    RsPtraceWaitResult result;
    RsTracedThread *thread;
    pid_t tid;

    result = rs_ptrace_wait(tracer->wait, until_ns, &tid);
    if (result == RS_PTRACE_WAIT_STOPPED) {
        on_stop(tracer, tid);
    } else if (result == RS_PTRACE_WAIT_ENDED) {
        thread = rs_traced_find(tracer->threads, tid);
        if (thread)
            on_end(tracer, thread);
        else
            on_unknown_end(tid);
    }
    return result;
}

gboolean rs_tracer_ask(RsTracer *tracer, RsTracedThread *thread)
{
    thread->is_asked = ptrace(PTRACE_INTERRUPT, thread->tid, NULL, NULL) == 0;
    return thread->is_asked;
}

/* --- attaching and detaching --- */

static gboolean fail(GError **error, RsSamplerError code, const char *message)
{
    g_set_error_literal(error, RS_SAMPLER_ERROR, (int)code, message);
    return FALSE;
}

/* TRUE: it is traced by this thread now, or it has ended. */
static gboolean seize(RsTracer *tracer, pid_t pid, pid_t parent, pid_t tid, GError **error)
{
    g_autofree char *why = NULL;
    RsTracedThread *thread;
    Status status = {0};
    int code;

    if (ptrace(PTRACE_SEIZE, tid, NULL, (long)TRACE_OPTIONS) != 0) {
        code = errno;
        if (!read_status(tid, &status) || status.state == 'Z' || status.state == 'X')
            return TRUE;
        if (status.tracer != gettid()) { /* else it came by inheritance, and will tell of itself */
            why = code == EPERM ? rs_ptrace_why_denied(tid)
                                : g_strdup_printf("PTRACE_SEIZE: %s", g_strerror(code));
            return fail(error, code == EPERM ? RS_SAMPLER_ERROR_DENIED : RS_SAMPLER_ERROR_FAILED,
                        why);
        }
    }
    if (rs_traced_find(tracer->threads, tid))
        return TRUE;
    thread = add(tracer, pid, parent, tid);
    if (rs_traced_cpu(thread, &thread->cpu_ns)) /* from here on */
        thread->seen_cpu_ns = thread->cpu_ns;
    tell_name(tracer, pid, tid);
    return TRUE;
}

/* All threads; those that are made meanwhile come by themselves if their maker is traced, else in
 * the next pass. */
static gboolean seize_all(RsTracer *tracer, pid_t pid, pid_t parent, GError **error)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/task", pid);
    guint n_known = 0, n_passes = 0;

    for (;;) {
        g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
        RsTracedProcess *process;
        const char *name;

        while (folder && (name = g_dir_read_name(folder))) {
            pid_t tid = atoi(name);

            if (tid > 0 && !rs_traced_find(tracer->threads, tid) &&
                !seize(tracer, pid, parent, tid, error))
                return FALSE;
        }
        process = rs_traced_find_process(tracer->threads, pid);
        if (!process)
            return fail(error, RS_SAMPLER_ERROR_GONE, "the process has ended");
        if (process->threads->len == n_known || ++n_passes == N_PASSES_MAX)
            return TRUE;
        n_known = process->threads->len;
    }
}

gboolean rs_tracer_attach(RsTracer *tracer, pid_t pid, gboolean at_exec, GError **error)
{
    RsTracedProcess *process;
    Status status;

    if (!read_status(pid, &status))
        return fail(error, RS_SAMPLER_ERROR_GONE, "there is no such process");
    if (status.pid == getpid())
        return fail(error, RS_SAMPLER_ERROR_UNSUPPORTED, "a process cannot trace itself");
    if (rs_traced_find_process(tracer->threads, status.pid))
        return TRUE;
    if (!seize_all(tracer, status.pid, status.parent, error))
        return FALSE;
    process = rs_traced_find_process(tracer->threads, status.pid);
    process->is_launch = process->awaits_exec = at_exec;
    process->is_ignored = status.pid == tracer->options.ignored_pid;
    rs_tasks_process(tracer->options.tasks, status.pid, status.parent,
                     at_exec ? rs_monotonic_ns() : 0);
    tell_name(tracer, status.pid, status.pid);
    if (!at_exec)
        process->has_code = rs_spaces_load(tracer->options.spaces, status.pid);
    return TRUE;
}

void rs_tracer_free(RsTracer *tracer)
{
    g_autoptr(GArray) ids = NULL;
    RsPtraceWaitResult result = RS_PTRACE_WAIT_STOPPED;
    gint64 until_ns;

    if (!tracer)
        return;
    until_ns = rs_monotonic_ns() + DETACH_NS;
    tracer->is_closing = TRUE;
    ids = rs_traced_ids(tracer->threads);
    for (guint i = 0; i < ids->len; i++)
        ptrace(PTRACE_INTERRUPT, g_array_index(ids, gint32, i), NULL, NULL);
    while (rs_traced_n(tracer->threads) > 0 && result <= RS_PTRACE_WAIT_ENDED)
        result = rs_tracer_step(tracer, until_ns);
    rs_traced_threads_free(tracer->threads);
    rs_ptrace_wait_free(tracer->wait);
    g_free(tracer);
}
