/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Steal, throttling and out-of-memory kills: read before and after trials, so the files stay open.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trial/cgroup.h"
#include "trial/machine.h"

struct RsPressureReader {
    int stat_fd, cpu_fd, memory_fd; /* -1: there is none */
    gint64 tick_ns;
};

static int open_path(const char *path)
{
    return path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
}

RsPressureReader *rs_pressure_reader_new(const char *root)
{
    RsPressureReader *reader = g_new0(RsPressureReader, 1);
    g_autofree char *stat_path = g_build_filename(root, "proc/stat", NULL);
    g_autofree char *cpu_path = rs_cgroup_file(root, "cpu", "cpu.stat", "cpu.stat");
    g_autofree char *memory_path =
        rs_cgroup_file(root, "memory", "memory.events", "memory.oom_control");

    reader->stat_fd = open_path(stat_path);
    reader->cpu_fd = open_path(cpu_path);
    reader->memory_fd = open_path(memory_path);
    reader->tick_ns = 1000000000 / MAX(sysconf(_SC_CLK_TCK), 1);
    return reader;
}

void rs_pressure_reader_free(RsPressureReader *reader)
{
    const int fds[] = {reader ? reader->stat_fd : -1, reader ? reader->cpu_fd : -1,
                       reader ? reader->memory_fd : -1};

    for (guint i = 0; i < G_N_ELEMENTS(fds); i++)
        if (fds[i] >= 0)
            close(fds[i]);
    g_free(reader);
}

/* The number behind "key " at the start of a line of text; -1 when there is none. */
static gint64 value_of(const char *text, const char *key)
{
    gsize n_key = strlen(key);

    for (const char *line = text; line && *line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, n_key) == 0 && line[n_key] == ' ')
            return g_ascii_strtoll(line + n_key, NULL, 10);
    }
    return -1;
}

static gboolean read_again(int fd, char *text, gsize n_bytes)
{
    gssize n = fd < 0 ? -1 : pread(fd, text, n_bytes - 1, 0);

    text[MAX(n, 0)] = '\0';
    return n > 0;
}

/* First line of /proc/stat: cpu user nice system idle iowait irq softirq steal (guest guest_nice
 * are in user). */
static void read_stat(const char *text, gint64 tick_ns, RsPressure *pressure)
{
    const char *at = text + strlen("cpu ");
    gint64 ticks[8] = {0}, sum = 0;

    for (guint i = 0; i < G_N_ELEMENTS(ticks); i++) {
        char *end;

        ticks[i] = g_ascii_strtoll(at, &end, 10);
        sum += ticks[i];
        at = end;
    }
    pressure->cpu_ns = sum * tick_ns;
    pressure->steal_ns = ticks[7] * tick_ns;
}

void rs_pressure_read(RsPressureReader *reader, RsPressure *pressure)
{
    char text[2048];

    *pressure = (RsPressure){-1, -1, -1, -1};
    if (read_again(reader->stat_fd, text, sizeof text) && g_str_has_prefix(text, "cpu "))
        read_stat(text, reader->tick_ns, pressure);
    if (read_again(reader->cpu_fd, text, sizeof text)) {
        gint64 throttled_us = value_of(text, "throttled_usec");
        gint64 throttled_ns = value_of(text, "throttled_time");

        pressure->throttled_ns = throttled_us >= 0 ? throttled_us * 1000 : throttled_ns;
    }
    if (read_again(reader->memory_fd, text, sizeof text))
        pressure->n_oom_kills = value_of(text, "oom_kill");
}
