/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ways to take samples of running programs: a row each, tried in order. All functions of a sampler
 * are called from one thread, the sampler thread (ptrace demands it). A sampler tells processes and
 * mappings to spaces, names to tasks, and samples to the sink, which unwinds them at once:
 * registers and stack are borrowed for the call. Must not know what becomes of samples. */
#ifndef RS_CAPTURE_SAMPLER_H
#define RS_CAPTURE_SAMPLER_H

#include <glib.h>
#include <sys/types.h>

#include "capture/space.h"
#include "capture/tasks.h"
#include "capture/unwind.h"

#define RS_SAMPLER_ERROR (rs_sampler_error_quark())
GQuark rs_sampler_error_quark(void);
typedef enum {
    RS_SAMPLER_ERROR_DENIED,      /* not permitted here; the message says what would permit it */
    RS_SAMPLER_ERROR_UNSUPPORTED, /* no such event, kernel or machine */
    RS_SAMPLER_ERROR_GONE,        /* the process is not there (any more) */
    RS_SAMPLER_ERROR_FAILED,
} RsSamplerError;

typedef struct {
    gint64 time_ns; /* CLOCK_MONOTONIC */
    gint64 weight_ns;
    pid_t process_id, thread_id;
    gboolean has_registers;
    guint64 kernel_address; /* 0: it was in user mode */
    RsRegisters registers;
    RsStackCopy stack;
} RsRawSample;

typedef struct {
    double sample_rate_hz;
    const char *event;      /* of rs_perf_events; NULL: "cpu-clock" */
    double startup_rate_hz; /* 0: as sample_rate_hz; else for the first startup_ms of a launch */
    guint startup_ms;
    /* Each thread is first sampled at a random moment of its first period, so that programs which
     * live shorter than a period, launched again and again, are sampled in proportion as well. More
     * samples are taken for that than are handed over. Clock events of perf only. */
    gboolean random_phase;
    guint n_stack_bytes;  /* copied of each stack; 0: default */
    gsize n_buffer_bytes; /* of the kernel's buffer for each CPU; 0: default */
    pid_t ignored_pid;    /* this process (the launcher) is followed, but not sampled; 0: none */
} RsSamplerOptions;

typedef struct {
    gint64 n_samples, n_lost, n_throttled;
    gint64 n_targets; /* threads or processes that were attached to */
    /* Of samplers that stop their targets: how long; half and 99 % of stops were not longer. Other
     * samplers: 0. */
    gint64 stopped_ns, stop_p50_ns, stop_p99_ns;
} RsSamplerCounts;

typedef struct {
    RsSpaces *spaces;
    RsTasks *tasks;
    void (*sample)(gpointer data, const RsRawSample *sample);
    /* Optional. TRUE while stacks have to be completed from the live process: samples should come
     * sooner then, at the cost of more CPU time. */
    gboolean (*is_hasty)(gpointer data);
    gpointer data;
} RsSamplerSink;

typedef struct {
    const char *name, *summary;
    /* Tries, on this process or a child of its own, whether it is permitted. FALSE: why says why
     * and what to do, in a sentence (yours). */
    gboolean (*probe)(const RsSamplerOptions *options, char **why);
    gpointer (*open)(const RsSamplerOptions *options, const RsSamplerSink *sink, GError **error);
    void (*close)(gpointer sampler); /* detaches; targets go on */
    /* All threads of pid, and all threads and children that come later; children that it has
     * already are processes of their own, to be attached to as well. at_exec: pid is a child of
     * ours that has not executed the program yet; sampling begins with that (and its startup
     * rate). May be called again for further processes. */
    gboolean (*attach)(gpointer sampler, pid_t pid, gboolean at_exec, GError **error);
    /* Waits up to timeout_ms for samples or events and hands over what there is. A wake_fd that
     * becomes readable ends the wait. Errors: none that a later call could not mend are errors. */
    gboolean (*poll)(gpointer sampler, int wake_fd, int timeout_ms, GError **error);
    /* Hands over everything that was recorded up to now, without waiting. */
    gboolean (*drain)(gpointer sampler, GError **error);
    void (*counts)(gpointer sampler, RsSamplerCounts *counts);
    /* What it samples, for people: "cpu-clock". sees_kernel: time in the kernel as well. */
    const char *(*describe)(gpointer sampler, gboolean *sees_kernel);
    gboolean reaps; /* it takes the exit status of its targets (ptrace): see RsTasks */
} RsSamplerRow;

extern const RsSamplerRow rs_sampler_perf, rs_sampler_ptrace;
/* In order of preference; ended by NULL. */
extern const RsSamplerRow *const rs_samplers[];

#endif
