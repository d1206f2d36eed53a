/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names and lives of the processes and threads that were sampled: written by the sampler thread on
 * birth, exec, rename and end, read by the analysis thread. Behind a lock, as none of that happens
 * for each sample. */
#ifndef RS_CAPTURE_TASKS_H
#define RS_CAPTURE_TASKS_H

#include <glib.h>
#include <sys/types.h>

typedef struct RsTasks RsTasks;

typedef struct {
    pid_t process_id, parent_id;
    char name[16];
    gint64 start_ns, end_ns; /* CLOCK_MONOTONIC; 0: before we looked; -1: still there */
    gboolean has_status;
    int wait_status; /* as of wait(2); when has_status */
} RsTask;

RsTasks *rs_tasks_new(void);
void rs_tasks_free(RsTasks *tasks);

void rs_tasks_process(RsTasks *tasks, pid_t pid, pid_t parent, gint64 start_ns);
void rs_tasks_name(RsTasks *tasks, pid_t pid, pid_t tid, const char *name);
void rs_tasks_ended(RsTasks *tasks, pid_t pid, gint64 end_ns);
void rs_tasks_status(RsTasks *tasks, pid_t pid, int wait_status);

/* FALSE: not known. The latest process of that id. */
gboolean rs_tasks_find(RsTasks *tasks, pid_t pid, RsTask *task);
/* The thread's name, or its process's; FALSE: neither is known. */
gboolean rs_tasks_thread_name(RsTasks *tasks, pid_t pid, pid_t tid, char name[16]);
/* A copy of all, in order of birth; free with g_array_unref. RsTask. */
GArray *rs_tasks_all(RsTasks *tasks);
/* Processes that have not ended. */
guint rs_tasks_n_alive(RsTasks *tasks);

#endif
