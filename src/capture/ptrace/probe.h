/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether tracing is permitted here, found out by trying, and why it is not. */
#ifndef RS_CAPTURE_PTRACE_PROBE_H
#define RS_CAPTURE_PTRACE_PROBE_H

#include <glib.h>
#include <sys/types.h>

/* Traces a child of its own. FALSE: why says why not and what would permit it, in a sentence
 * (yours). The calling thread must trace nothing else. */
gboolean rs_ptrace_probe(char **why);
/* Why attaching to pid gave EPERM, and what would permit it; 0: to a child of ours. Yours. */
char *rs_ptrace_why_denied(pid_t pid);

#endif
