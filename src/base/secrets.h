/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Secrets of this process kept from the programs that it starts, which run as the same user: what
 * /proc/PID/environ, /proc/PID/mem, ptrace and a core file would tell them. Somebody with
 * CAP_SYS_PTRACE sees everything all the same, and the process that started us (the shell of a CI
 * job) has the same variables in its own environment.
 *
 * Order: rs_secrets_harden first of all; rs_secret_new for a token, straight from `environ` and not
 * from a copy of it; rs_secrets_forget for the variable it came from; then fork and start programs.
 * What copies a token to the heap (a request, a header) comes after the last fork that does not
 * execute. */
#ifndef RS_BASE_SECRETS_H
#define RS_BASE_SECRETS_H

#include <glib.h>

/* From here on nobody without CAP_SYS_PTRACE can read or trace this process or get a core of it,
 * root in an ordinary container included. Children that execute are as open as ever, so that they
 * can be sampled. Cannot fail; a second call does nothing. */
void rs_secrets_harden(void);

/* A copy of text in memory of its own: not in a core file, not swapped out where that is permitted,
 * and an empty text in a fork of this process. Free with rs_secret_free, which overwrites it. NULL
 * gives NULL. */
char *rs_secret_new(const char *text);
void rs_secret_free(char *secret);

/* Takes a variable out of our environment, its bytes too. Not while there are other threads. */
void rs_secrets_forget(const char *name);

/* In a fork of this process that goes on without executing: the values of all variables that
 * child_env.h keeps back are overwritten, and the fork is open again for perf_event_open and
 * ptrace, as the process was before rs_secrets_harden. Without that call nothing but the values. */
void rs_secrets_forked(void);

#endif
