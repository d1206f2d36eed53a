/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opens perf events: which ones there are, what this machine and user may have of them, and what to
 * say when they may not. Must not know processes or rings.
 *
 * Source: perf_event_open(2). */
#ifndef RS_CAPTURE_PERF_EVENT_H
#define RS_CAPTURE_PERF_EVENT_H

#include <glib.h>
#include <linux/perf_event.h>

#include "capture/sampler.h"

typedef struct {
    const char *name;
    guint32 type;
    guint64 config;
    gboolean is_clock;     /* its periods are ns of CPU time */
    gboolean needs_kernel; /* it happens in the kernel alone */
} RsPerfEvent;
extern const RsPerfEvent rs_perf_events[]; /* the first is the default; ended by a NULL name */

/* What is opened, and what was found out by trying. */
typedef struct {
    const RsPerfEvent *event;
    gboolean sees_kernel;
    gboolean has_build_ids; /* of mapped files; Linux 5.12 */
    guint n_stack_bytes;
    double rate_hz, startup_rate_hz; /* as far as the kernel lets them be; startup 0: none */
} RsPerfSetup;

typedef enum {
    RS_PERF_TRACK,   /* lives, names and mappings; no samples */
    RS_PERF_BASE,    /* samples at the rate */
    RS_PERF_STARTUP, /* samples at the startup rate */
    /* Nothing, and is not inherited. When a switch goes from a thread to one that inherited all of
     * its events, the kernel lets the two trade events instead of switching them, and with them
     * what the first one is to hand down: the child's exec would use up the enabling of all later
     * children, and a period meant for them would be set for the child. With this one on the
     * parent their events are not the same. */
    RS_PERF_ANCHOR,
    RS_PERF_OWNER_OF_RECORDS, /* own the rings: never write. This one's reader is woken at once, */
    RS_PERF_OWNER_OF_SAMPLES, /* and this one's when a quarter of the ring is full */
} RsPerfRole;

/* Tries on the calling thread. Errors RS_SAMPLER_ERROR; the message says what to do. */
gboolean rs_perf_setup(const RsSamplerOptions *options, RsPerfSetup *setup, GError **error);

typedef enum {
    RS_PERF_ENABLED,
    RS_PERF_DISABLED,
    RS_PERF_AT_EXEC, /* disabled until the thread executes a program, and so is what inherits it */
} RsPerfStart;
/* The event on a thread (0: the calling one) while it runs on cpu (-1: any). n_wake_bytes: of
 * owners. Returns a descriptor, or -1 with errno. */
int rs_perf_open(const RsPerfSetup *setup, RsPerfRole role, RsPerfStart start, pid_t tid, int cpu,
                 gsize n_wake_bytes);

/* Why an event could not be opened on the calling thread, or on a thread of process pid. */
void rs_perf_set_error(GError **error, const RsPerfSetup *setup, int code);
void rs_perf_set_target_error(GError **error, pid_t pid, int code);

/* Raises the limit of open files as far as it goes. FALSE: it is there already. Programs started
 * from now on have the higher limit too, so this is for when it is needed. */
gboolean rs_perf_raise_file_limit(void);
/* The CPUs of a list as /sys has it, "0-3,8": gint, ascending. NULL: it is none. */
GArray *rs_perf_parse_cpus(const char *list);
/* Those that are online. Never empty. */
GArray *rs_perf_online_cpus(void);
extern const char *rs_perf_online_file; /* where their list is; tests write one of their own */

#endif
