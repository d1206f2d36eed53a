/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A command of the user's that makes a tree ready, run to its end: in a process group of its own
 * with all its descendants, bounded in time, with the first and the last of what it printed. Knows
 * nothing of git. */
#ifndef RS_TRIAL_TREE_BUILD_H
#define RS_TRIAL_TREE_BUILD_H

#include <glib.h>

#include "trial/launcher.h"

typedef struct {
    const char *const *argv; /* argv[0] is a path */
    const char *folder;      /* where it runs */
    const char *pipe_path;   /* a name that is free, for the time of the run */
    char **environment;
    double timeout_s; /* 0: none */
    gboolean show_output;
    const volatile int *stop;
} RsTreeCommand;

typedef struct {
    gboolean succeeded;
    char *reason; /* "exited with status 1", "did not end within 10 min and was killed", ... */
    char *output; /* harmless to print; what is left out between its parts is told; "": none */
    char *missing_command; /* NULL: it did not fail because the machine lacks a command */
} RsTreeCommandResult;

/* Errors RS_LAUNCHER_ERROR, G_FILE_ERROR. A command that fails is a result. */
gboolean rs_tree_command_run(RsLauncher *launcher, const RsTreeCommand *command,
                             RsTreeCommandResult *result, GError **error);
void rs_tree_command_result_clear(RsTreeCommandResult *result);

#endif
