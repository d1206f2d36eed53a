/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The process that is recorded: found by id or name, or started by us; and how it ended. Must not
 * know what is recorded of it. */
#ifndef RS_CMD_RECORD_TARGET_H
#define RS_CMD_RECORD_TARGET_H

#include <sys/types.h>

#include "capture/capture.h"
#include "capture/launch.h"

#define RS_TARGET_ERROR (rs_target_error_quark())
GQuark rs_target_error_quark(void);
typedef enum {
    RS_TARGET_ERROR_NONE, /* there is no such process */
    RS_TARGET_ERROR_OURS, /* it is this one */
} RsTargetError;

typedef struct {
    pid_t pid;
    char *name;       /* what people call it */
    char *again_name; /* under which its successor is looked for; NULL: none is */
    char **command;   /* borrowed; NULL: it was there before us */
    RsHeld *held;
    int pid_fd; /* readable when it has ended; -1: not to be had, /proc is looked at */
    gboolean has_ended, has_status;
    int wait_status;           /* when has_status */
    gint64 user_ns, system_ns; /* of a command that has ended, with its children; -1: not told */
    gint64 before_user_ns, before_system_ns; /* of children of ours that ended before it began */
} RsTarget;

void rs_target_init(RsTarget *target);
void rs_target_clear(RsTarget *target); /* a command that has not been released is killed */

/* pid -1: the newest process of that name. name may be NULL when there is a pid.
 * Errors RS_TARGET_ERROR. */
gboolean rs_target_find(RsTarget *target, gint64 pid, const char *name, GError **error);
/* Starts a command and holds it before its exec. Errors G_SPAWN_ERROR. */
gboolean rs_target_hold(RsTarget *target, char **command, GError **error);
/* Lets it go. Errors G_SPAWN_ERROR: it cannot be executed. */
gboolean rs_target_release(RsTarget *target, RsCapture *capture, GError **error);
/* TRUE when it has ended; then the rest is filled in. Never waits. */
gboolean rs_target_look(RsTarget *target, RsCapture *capture);
/* The same, waiting for at most so long. */
gboolean rs_target_wait(RsTarget *target, RsCapture *capture, gint64 limit_ms);
/* "ended with exit status 1", "was killed by signal 9 (Killed)", "ended". Yours. */
char *rs_target_tell_end(const RsTarget *target);

#endif
