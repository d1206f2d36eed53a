/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The launcher process: receives requests over a socket, runs programs, answers. Knows nothing of
 * benchmarks. */
#ifndef RS_TRIAL_LAUNCHER_CHILD_H
#define RS_TRIAL_LAUNCHER_CHILD_H

#include <glib.h>

/* Request: this head, n_exit_codes ints, then NUL-ended strings: path, working directory ("":
 * ours), stdin path, output path ("": none), n_argv arguments, n_environment entries. n_bytes
 * counts all of it. A single byte 'x' while a trial runs ends it. Answer: one RsLaunchResult. Both
 * ends are the same binary, so structs go over the socket as they are. */
typedef struct {
    char magic[4]; /* "RSLQ"; never begins with the byte that stops a trial */
    guint32 n_bytes, n_launches, padding_bytes, show_output, n_exit_codes, n_argv, n_environment;
    gint64 timeout_ns; /* of each launch; 0: none */
} RsLauncherRequest;

/* Serves until the socket closes; then kills what is left and returns. */
void rs_launcher_child_main(int fd);

#endif
