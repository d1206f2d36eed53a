/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of /proc that are read again and again: kept open, read from their beginning into a
 * bounded buffer. A file that is held open belongs to its process for ever: when that has ended
 * reading fails, and never tells of another process with the same id. Must not know what the
 * figures are for. */
#ifndef RS_CAPTURE_PROCESS_PROC_FILE_H
#define RS_CAPTURE_PROCESS_PROC_FILE_H

#include <glib.h>
#include <sys/types.h>

/* The directory /proc/PID, for openat; -1: there is no such process. */
int rs_proc_open_dir(pid_t pid);
/* A file below such a directory, to be read; -1 with errno. */
int rs_proc_open(int dir_fd, const char *name);
/* The beginning of the file, at most n_max_bytes - 1, and a NUL; the number of bytes, or -1 with
 * errno (ESRCH: the process or thread has ended). */
gssize rs_proc_read(int fd, char *text, gsize n_max_bytes);
/* The number after the first line that begins with name ("Threads:"); -1: there is none. */
gint64 rs_proc_number(const char *text, const char *name);

/* What we ask of /proc/PID/stat and /proc/PID/task/TID/stat; times in clock ticks. */
typedef struct {
    char name[64]; /* comm */
    char state;
    pid_t parent_id;
    guint64 user_ticks, system_ticks, start_ticks;
    gint64 n_threads;
    guint64 stack_address; /* changes with each exec; 0 when it is not told */
} RsProcStat;
/* FALSE: not such a line. Source: proc(5). */
gboolean rs_proc_parse_stat(const char *text, RsProcStat *stat);
/* FALSE: it cannot be read. */
gboolean rs_proc_read_stat(int stat_fd, RsProcStat *stat);
/* It has ended, or only its exit status is left of it. */
gboolean rs_proc_has_ended(const RsProcStat *stat);

/* A directory entry that is an id; 0: another one. */
pid_t rs_proc_id(const char *name);

#endif
