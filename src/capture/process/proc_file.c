/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/process/proc_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define STAT_BYTES 2048 /* 52 numbers and a name of at most 64 */

int rs_proc_open_dir(pid_t pid)
{
    char path[32];

    g_snprintf(path, sizeof path, "/proc/%d", (int)pid);
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int rs_proc_open(int dir_fd, const char *name)
{
    return openat(dir_fd, name, O_RDONLY | O_CLOEXEC);
}

gssize rs_proc_read(int fd, char *text, gsize n_max_bytes)
{
    gssize n_bytes;

    do
        n_bytes = pread(fd, text, n_max_bytes - 1, 0);
    while (n_bytes < 0 && errno == EINTR);
    if (n_bytes >= 0)
        text[n_bytes] = '\0';
    return n_bytes;
}

gint64 rs_proc_number(const char *text, const char *name)
{
    gsize n_name = strlen(name);

    for (const char *line = text; line; line = strchr(line, '\n')) {
        if (line != text)
            line++;
        if (strncmp(line, name, n_name) == 0) {
            const char *number = line + n_name;
            char *end;
            guint64 value;

            while (*number == ' ' || *number == '\t')
                number++;
            value = g_ascii_strtoull(number, &end, 10);
            return end == number || value > G_MAXINT64 ? -1 : (gint64)value;
        }
    }
    return -1;
}

/* The name stands in parentheses and may hold spaces, parentheses and newlines itself: it ends at
 * the last one. */
gboolean rs_proc_parse_stat(const char *text, RsProcStat *stat)
{
    const char *open = strchr(text, '('), *close = strrchr(text, ')');
    RsProcStat read = {0};
    int parent_id;

    if (!open || !close || close < open)
        return FALSE;
    g_strlcpy(read.name, open + 1, MIN(sizeof read.name, (gsize)(close - open)));
    /* 3 state, 4 ppid, 14 utime, 15 stime, 20 num_threads, 22 starttime, 28 startstack */
    if (sscanf(close + 1,
               " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u"
               " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %*d %*d %*d %*d"
               " %" G_GINT64_FORMAT " %*d %" G_GUINT64_FORMAT " %*u %*d %*u %*u %*u"
               " %" G_GUINT64_FORMAT,
               &read.state, &parent_id, &read.user_ticks, &read.system_ticks, &read.n_threads,
               &read.start_ticks, &read.stack_address) != 7)
        return FALSE;
    read.parent_id = parent_id;
    *stat = read;
    return TRUE;
}

gboolean rs_proc_read_stat(int stat_fd, RsProcStat *stat)
{
    char text[STAT_BYTES];

    return rs_proc_read(stat_fd, text, sizeof text) > 0 && rs_proc_parse_stat(text, stat);
}

gboolean rs_proc_has_ended(const RsProcStat *stat)
{
    /* A first thread that has ended stays a zombie while the others go on. */
    return stat->state == 'X' || stat->state == 'x' || (stat->state == 'Z' && stat->n_threads <= 1);
}

pid_t rs_proc_id(const char *name)
{
    guint64 id = 0;

    for (const char *c = name; *c; c++) {
        if (!g_ascii_isdigit(*c) || (id = id * 10 + (guint64)(*c - '0')) > G_MAXINT32)
            return 0;
    }
    return (pid_t)id;
}
