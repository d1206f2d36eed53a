/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stops a thread and takes its registers and its whole stack: samples for tests and benchmarks of
 * unwinding. Needs ptrace. */
#ifndef RS_TESTS_STOP_SAMPLE_H
#define RS_TESTS_STOP_SAMPLE_H

#include "capture/unwind.h"

typedef struct {
    RsRegisters registers;
    RsStackCopy copy; /* of bytes */
    guint8 *bytes;
} StopSample;

/* A program of ours, or another, whose standard output we read; it is killed when we die. */
typedef struct {
    pid_t pid;
    int out_fd;
} StopTarget;

/* argv[0] is found through PATH. FALSE: it could not be started. */
gboolean stop_target_start(StopTarget *target, const char *const *argv);
/* Waits until it wrote something. FALSE: it ended instead. */
gboolean stop_target_wait_ready(StopTarget *target);
void stop_target_end(StopTarget *target); /* kills and reaps it */

/* Seizes a thread. FALSE: not permitted, or it is gone; errno says. */
gboolean stop_seize(pid_t tid);
/* Stops a seized thread. FALSE: it is gone. */
gboolean stop_interrupt(pid_t tid);
/* Executes one instruction of a stopped thread. FALSE: it is gone. */
gboolean stop_step(pid_t tid);
void stop_continue(pid_t tid);
void stop_release(pid_t tid);
/* Registers of a stopped thread, and its stack from 128 bytes below its rsp up to its end, at most
 * n_max_bytes of it; what was in sample is freed. */
gboolean stop_sample_take(StopSample *sample, pid_t pid, pid_t tid, gsize n_max_bytes);
void stop_sample_clear(StopSample *sample);
/* Threads of a process. gint32; free with g_array_unref. */
GArray *stop_threads(pid_t pid);

#endif
