/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/record_target.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture/process_series.h"

#define REAP_LIMIT_MS                                                                              \
    2000 /* from the end of a child to its status: the sampler may have to fetch it */
#define LOOK_EVERY_MS 5

G_DEFINE_QUARK(rs - target - error - quark, rs_target_error)

void rs_target_init(RsTarget *target)
{
    *target = (RsTarget){.pid_fd = -1, .user_ns = -1, .system_ns = -1};
}

static void forget(RsTarget *target)
{
    g_clear_pointer(&target->name, g_free);
    if (target->pid_fd >= 0)
        close(target->pid_fd);
    target->pid_fd = -1;
    target->has_ended = target->has_status = FALSE;
}

void rs_target_clear(RsTarget *target)
{
    forget(target);
    g_clear_pointer(&target->again_name, g_free);
    g_clear_pointer(&target->held, rs_held_free);
}

/* A zombie has ended, although it is still listed. */
static gboolean is_alive(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", (int)pid);
    g_autofree char *text = NULL;
    const char *state;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return FALSE;
    state = strrchr(text, ')');
    return state && state[1] == ' ' && !strchr("ZX", state[2]);
}

static pid_t find_pid(gint64 pid, const char *name, GError **error)
{
    g_autoptr(GArray) found = NULL;

    if (pid >= 0) {
        if (pid > 0 && pid <= G_MAXINT32 && is_alive((pid_t)pid))
            return (pid_t)pid;
        g_set_error(error, RS_TARGET_ERROR, RS_TARGET_ERROR_NONE,
                    "there is no process %" G_GINT64_FORMAT, pid);
        return -1;
    }
    found = rs_process_find_by_name(name);
    if (found->len)
        return g_array_index(found, gint32, 0);
    g_set_error(error, RS_TARGET_ERROR, RS_TARGET_ERROR_NONE, "no process is named '%s'", name);
    return -1;
}

/* A name given beside --pid may be a label of its own: then the successor is looked for under the
 * name that the process really has. */
static char *name_to_find_again(pid_t pid, const char *name)
{
    g_autoptr(GArray) found = name ? rs_process_find_by_name(name) : NULL;

    for (guint i = 0; found && i < found->len; i++)
        if (g_array_index(found, gint32, i) == pid)
            return g_strdup(name);
    return name ? rs_process_name(pid) : NULL;
}

gboolean rs_target_find(RsTarget *target, gint64 pid, const char *name, GError **error)
{
    pid_t found = find_pid(pid, name, error);

    if (found < 0)
        return FALSE;
    if (found == getpid()) {
        g_set_error(error, RS_TARGET_ERROR, RS_TARGET_ERROR_OURS,
                    "process %d is this rustscope itself", (int)found);
        return FALSE;
    }
    forget(target);
    target->pid = found;
    target->pid_fd = pidfd_open(found, 0);
    target->name = name ? g_strdup(name) : rs_process_name(found);
    if (!target->name)
        target->name = g_strdup_printf("process %d", (int)found);
    if (!target->again_name)
        target->again_name = name_to_find_again(found, name);
    return TRUE;
}

static gint64 time_ns(const struct timeval *time)
{
    return (gint64)time->tv_sec * 1000000000 + (gint64)time->tv_usec * 1000;
}

gboolean rs_target_hold(RsTarget *target, char **command, GError **error)
{
    g_auto(GStrv) environment = g_get_environ();
    struct rusage usage;

    if (getrusage(RUSAGE_CHILDREN, &usage) == 0) {
        target->before_user_ns = time_ns(&usage.ru_utime);
        target->before_system_ns = time_ns(&usage.ru_stime);
    }
    target->held = rs_launch_hold(command, environment, error);
    if (!target->held)
        return FALSE;
    target->pid = rs_held_pid(target->held);
    target->pid_fd = pidfd_open(target->pid, 0);
    target->command = command;
    target->name = g_path_get_basename(command[0]);
    return TRUE;
}

gboolean rs_target_release(RsTarget *target, RsCapture *capture, GError **error)
{
    if (rs_held_release(target->held, error))
        return TRUE;
    rs_target_wait(target, capture, REAP_LIMIT_MS); /* no zombie stays */
    return FALSE;
}

static void account(RsTarget *target)
{
    struct rusage usage;

    if (getrusage(RUSAGE_CHILDREN, &usage) != 0)
        return;
    target->user_ns = time_ns(&usage.ru_utime) - target->before_user_ns;
    target->system_ns = time_ns(&usage.ru_stime) - target->before_system_ns;
}

static gboolean has_ended(const RsTarget *target)
{
    struct pollfd look = {.fd = target->pid_fd, .events = POLLIN};

    if (target->pid_fd < 0)
        return !is_alive(target->pid);
    return poll(&look, 1, 0) == 1;
}

gboolean rs_target_look(RsTarget *target, RsCapture *capture)
{
    if (target->has_ended)
        return TRUE;
    if (target->command) {
        /* Its status is waited for: it is ours to reap. */
        target->has_status = rs_capture_reap(capture, target->pid, &target->wait_status);
        target->has_ended = target->has_status;
        if (target->has_ended)
            account(target);
        return target->has_ended;
    }
    target->has_ended = has_ended(target);
    return target->has_ended;
}

gboolean rs_target_wait(RsTarget *target, RsCapture *capture, gint64 limit_ms)
{
    gint64 until_us = g_get_monotonic_time() + limit_ms * 1000;

    while (!rs_target_look(target, capture)) {
        struct pollfd look = {.fd = target->pid_fd, .events = POLLIN};
        gint64 left_ms = (until_us - g_get_monotonic_time()) / 1000;

        if (left_ms <= 0)
            return FALSE;
        /* Readable as soon as it has ended, but its status may come later. */
        if (target->pid_fd < 0 || poll(&look, 1, (int)MIN(left_ms, LOOK_EVERY_MS)) != 0)
            g_usleep(LOOK_EVERY_MS * 1000 / 5);
    }
    return TRUE;
}

char *rs_target_tell_end(const RsTarget *target)
{
    if (!target->has_status)
        return g_strdup("ended");
    if (WIFSIGNALED(target->wait_status))
        return g_strdup_printf("was killed by signal %d (%s)", WTERMSIG(target->wait_status),
                               strsignal(WTERMSIG(target->wait_status)));
    return g_strdup_printf("ended with exit status %d", WEXITSTATUS(target->wait_status));
}
