/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Traces threads without being noticed: attaches to them, follows new threads, children and
 * programs executed, lets each go on as soon as it has stopped, hands signals and job control on
 * unchanged, and takes exit statuses. Stops threads for a copy when asked. Must not know sampling.
 *
 * All of it in one thread, which the kernel holds to be the tracer. What remains visible: a target
 * cannot be traced by another program, set-user-id programs that it executes do not change the
 * user, and its TracerPid tells. */
#ifndef RS_CAPTURE_PTRACE_TRACER_H
#define RS_CAPTURE_PTRACE_TRACER_H

#include <glib.h>
#include <sys/types.h>

#include "capture/ptrace/threads.h"
#include "capture/ptrace/wait.h"
#include "capture/space.h"
#include "capture/tasks.h"

typedef struct {
    RsSpaces *spaces;
    RsTasks *tasks;
    gint64 startup_ns; /* startup_end_ns of a launch lies this long after its exec */
    pid_t ignored_pid; /* followed; its children are launches */
    /* The thread that was asked has stopped: copy. It goes on when this returns, and then (it may
     * be gone by then) the other is called. */
    void (*stopped)(gpointer data, RsTracedThread *thread);
    void (*resumed)(gpointer data, RsTracedThread *thread);
    gpointer data;
} RsTracerOptions;

typedef struct RsTracer RsTracer;

/* Errors RS_SAMPLER_ERROR. */
RsTracer *rs_tracer_new(const RsTracerOptions *options, GError **error);
/* Detaches: all go on by themselves, within a second. One that cannot be stopped in that time is
 * left to the kernel, which detaches when the calling thread ends. */
void rs_tracer_free(RsTracer *tracer);

/* As RsSamplerRow.attach. Errors RS_SAMPLER_ERROR. */
gboolean rs_tracer_attach(RsTracer *tracer, pid_t pid, gboolean at_exec, GError **error);
/* Waits for one event and deals with it. What it was. */
RsPtraceWaitResult rs_tracer_step(RsTracer *tracer, gint64 until_ns);
/* Has the thread stop for a copy: is_asked until then. FALSE: it is gone. */
gboolean rs_tracer_ask(RsTracer *tracer, RsTracedThread *thread);
/* Its name, to the tasks. */
void rs_tracer_tell_name(RsTracer *tracer, const RsTracedThread *thread);
RsTracedThreads *rs_tracer_threads(RsTracer *tracer);
gint64 rs_tracer_n_attached(const RsTracer *tracer); /* threads so far */

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsTracer, rs_tracer_free)

#endif
