/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the start of a launch and the end of its wait nothing else happens here: no allocation,
 * no I/O but the wait itself and, every now and then, a look at how much the program has printed.
 */
#include "trial/launcher_child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "trial/launcher.h"

#define OUTPUT_LOOK_NS          (RS_NS_PER_S / 20)
#define OUTPUT_LIMIT_BYTES      (1024 * 1024) /* more is thrown away from the front */
#define LEFT_BEHIND_PATIENCE_NS (5 * RS_NS_PER_S)
#define AWAKE_NS                (200 * 1000) /* after a trial, for the next request */
#define PADDING_NAME            "RUSTSCOPE_PADDING"
#define PADDING_LIMIT_BYTES     65536

typedef struct {
    RsLauncherRequest head;
    const int *exit_codes;
    const char *path, *working_directory, *stdin_path, *output_path;
    char **argv, **environment;
} Request;

typedef struct {
    int fd;        /* to the process that asks */
    int output_fd; /* an unlinked file that takes what programs print */
    int other_fd;  /* takes it instead; -1: none */
    sigset_t waiting_mask;
    gboolean stop; /* asked to end the trial, or nobody is there any more */
    guint8 *buffer;
    gsize buffer_bytes;
    GPtrArray *strings; /* argv and environment of the request, pointing into buffer */
    char padding[sizeof PADDING_NAME + PADDING_LIMIT_BYTES + 1];
} Child;

static void on_sigchld(int signal_number)
{
    /* Only there to end ppoll. */
}

static int open_output(void)
{
    int fd = memfd_create("rustscope-output", MFD_CLOEXEC);

    if (fd < 0) {
        char path[] = "/tmp/rustscope-output-XXXXXX";

        fd = mkostemp(path, O_CLOEXEC);
        if (fd >= 0)
            unlink(path);
    }
    if (fd >= 0)
        fcntl(fd, F_SETFL, O_APPEND);
    return fd;
}

static gboolean receive(Child *child, void *data, gsize n_bytes)
{
    char *at = data;

    while (n_bytes > 0) {
        gssize n = recv(child->fd, at, n_bytes, 0);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return FALSE;
        at += n;
        n_bytes -= (gsize)n;
    }
    return TRUE;
}

/* Looks for the next request without sleeping: trials follow each other at once, and waking up on a
 * CPU that has gone idle takes longer than all that lies between two of them. Nothing that is
 * measured runs meanwhile, and on a busy machine others go first. */
static void await_awake(const Child *child)
{
    gint64 until_ns = rs_monotonic_ns() + AWAKE_NS;
    char byte;

    while (recv(child->fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) < 0 && rs_monotonic_ns() < until_ns)
        sched_yield();
}

static gboolean answer(Child *child, const RsLaunchResult *result)
{
    const char *at = (const char *)result;
    gsize n_bytes = offsetof(RsLaunchResult, output_tail) + result->n_output_tail_bytes;

    while (n_bytes > 0) {
        gssize n = send(child->fd, at, n_bytes, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return FALSE;
        at += n;
        n_bytes -= (gsize)n;
    }
    return TRUE;
}

static char *next_string(char **at)
{
    char *text = *at;

    *at += strlen(text) + 1;
    return text;
}

static gboolean receive_request(Child *child, Request *request)
{
    RsLauncherRequest *head = &request->head;
    gsize rest_bytes;
    char *at;

    do { /* a stop that came after its trial had ended is passed over */
        if (!receive(child, head, 1))
            return FALSE;
    } while (*(char *)head == 'x');
    if (!receive(child, (char *)head + 1, sizeof *head - 1))
        return FALSE;
    rest_bytes = head->n_bytes - sizeof *head;
    if (rest_bytes > child->buffer_bytes) {
        child->buffer = g_realloc(child->buffer, rest_bytes);
        child->buffer_bytes = rest_bytes;
    }
    if (!receive(child, child->buffer, rest_bytes))
        return FALSE;
    request->exit_codes = (const int *)child->buffer;
    at = (char *)child->buffer + head->n_exit_codes * sizeof(int);
    request->path = next_string(&at);
    request->working_directory = next_string(&at);
    request->stdin_path = next_string(&at);
    request->output_path = next_string(&at);
    g_ptr_array_set_size(child->strings, 0);
    for (guint i = 0; i < head->n_argv; i++)
        g_ptr_array_add(child->strings, next_string(&at));
    g_ptr_array_add(child->strings, NULL);
    for (guint i = 0; i < head->n_environment; i++)
        g_ptr_array_add(child->strings, next_string(&at));
    head->padding_bytes = MIN(head->padding_bytes, PADDING_LIMIT_BYTES);
    memset(child->padding, '.', sizeof child->padding);
    memcpy(child->padding, PADDING_NAME "=", sizeof PADDING_NAME);
    child->padding[sizeof PADDING_NAME + head->padding_bytes] = '\0';
    g_ptr_array_add(child->strings, child->padding);
    g_ptr_array_add(child->strings, NULL);
    request->argv = (char **)child->strings->pdata;
    request->environment = request->argv + head->n_argv + 1;
    return TRUE;
}

/* 0, or the errno of what could not be done. */
static int start(Child *child, const Request *request, int stdin_fd, pid_t *pid)
{
    int output_fd = request->head.show_output ? STDERR_FILENO
                    : child->other_fd >= 0    ? child->other_fd
                                              : child->output_fd;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    int result;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, stdin_fd, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output_fd, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output_fd, STDERR_FILENO);
    if (*request->working_directory)
        posix_spawn_file_actions_addchdir_np(&actions, request->working_directory);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                              POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    result =
        posix_spawn(pid, request->path, &actions, &attributes, request->argv, request->environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return result;
}

/* Keeps the file that takes the output from growing: its front is given back to the system. */
static void bound_output(Child *child)
{
    struct stat status;

    if (fstat(child->output_fd, &status) == 0 && status.st_size > OUTPUT_LIMIT_BYTES)
        fallocate(child->output_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
                  status.st_size - OUTPUT_LIMIT_BYTES / 2);
}

static void notice_stop(Child *child)
{
    char byte;

    if (recv(child->fd, &byte, 1, MSG_DONTWAIT) >= 0)
        child->stop = TRUE; /* 'x', or the end of the socket */
}

/* Waits for pid; on timeout or stop its whole process group is killed first. ended_ns: when it was
 * noticed. */
static int wait_for(Child *child, const Request *request, pid_t pid, gint64 start_ns,
                    gint64 *ended_ns, struct rusage *usage, gboolean *timed_out)
{
    gint64 deadline_ns =
        request->head.timeout_ns > 0 ? start_ns + request->head.timeout_ns : G_MAXINT64;
    gint64 look_ns = start_ns + OUTPUT_LOOK_NS;

    for (;;) {
        gint64 until_ns = MIN(deadline_ns, look_ns) - rs_monotonic_ns();
        struct timespec timeout = {.tv_sec = MAX(until_ns, 0) / RS_NS_PER_S,
                                   .tv_nsec = MAX(until_ns, 0) % RS_NS_PER_S};
        struct pollfd poll_fd = {.fd = child->fd, .events = POLLIN};
        int n = ppoll(&poll_fd, 1, &timeout, &child->waiting_mask);
        int status;

        *ended_ns = rs_monotonic_ns();
        if (wait4(pid, &status, WNOHANG, usage) == pid)
            return status;
        if (n > 0)
            notice_stop(child);
        if (child->stop || *ended_ns >= deadline_ns) {
            *timed_out = !child->stop;
            kill(-pid, SIGKILL);
            kill(pid, SIGKILL);
            while (wait4(pid, &status, 0, usage) < 0 && errno == EINTR)
                ;
            return status;
        }
        if (*ended_ns >= look_ns) {
            bound_output(child);
            look_ns = *ended_ns + OUTPUT_LOOK_NS;
        }
    }
}

static void kill_children(void)
{
    char path[64], text[4096];
    int fd;
    gssize n;

    g_snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
    fd = open(path, O_RDONLY | O_CLOEXEC);
    n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    text[MAX(n, 0)] = '\0';
    for (char *at = text, *end; (n = strtol(at, &end, 10)) > 0 && end != at; at = end)
        kill((pid_t)n, SIGKILL);
}

/* Ends every descendant that is still there: as subreaper this process is the parent of all
 * orphans. A process that is killed hands its children over to us, so this goes on until there are
 * none. */
static guint end_left_behind(pid_t group)
{
    gint64 give_up_ns = rs_monotonic_ns() + LEFT_BEHIND_PATIENCE_NS;
    guint n_killed = 0;
    pid_t pid;

    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
        ; /* had ended by themselves */
    if (pid < 0)
        return 0;
    while (rs_monotonic_ns() < give_up_ns) {
        if (group)
            kill(-group, SIGKILL);
        kill_children();
        while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
            n_killed++;
        if (pid < 0)
            break;
        poll(NULL, 0, 1);
    }
    return MAX(n_killed, 1);
}

static void add_usage(RsLaunchResult *result, const struct rusage *usage, gint64 wall_ns)
{
    result->wall_ns += wall_ns;
    result->user_ns += usage->ru_utime.tv_sec * RS_NS_PER_S + usage->ru_utime.tv_usec * 1000;
    result->system_ns += usage->ru_stime.tv_sec * RS_NS_PER_S + usage->ru_stime.tv_usec * 1000;
    result->max_rss_bytes = MAX(result->max_rss_bytes, usage->ru_maxrss * 1024);
    result->minor_faults += usage->ru_minflt;
    result->major_faults += usage->ru_majflt;
    result->voluntary_switches += usage->ru_nvcsw;
    result->involuntary_switches += usage->ru_nivcsw;
}

static gboolean is_success(const Request *request, const RsLaunchResult *result)
{
    if (result->timed_out || result->signal_number || result->start_errno)
        return FALSE;
    for (guint i = 0; i < request->head.n_exit_codes; i++)
        if (request->exit_codes[i] == result->exit_status)
            return TRUE;
    return request->head.n_exit_codes == 0 && result->exit_status == 0;
}

static void launch_once(Child *child, const Request *request, int stdin_fd, RsLaunchResult *result)
{
    struct rusage usage = {0};
    gint64 start_ns, ended_ns;
    pid_t pid = 0;
    int status;

    lseek(stdin_fd, 0, SEEK_SET);
    start_ns = rs_monotonic_ns();
    result->start_errno = start(child, request, stdin_fd, &pid);
    if (result->start_errno)
        return;
    status = wait_for(child, request, pid, start_ns, &ended_ns, &usage, &result->timed_out);
    result->n_left_behind += end_left_behind(pid);
    add_usage(result, &usage, ended_ns - start_ns);
    result->n_launches++;
    result->exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    result->signal_number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void keep_tail(Child *child, RsLaunchResult *result)
{
    struct stat status;
    gssize n;

    if (fstat(child->output_fd, &status) != 0 || status.st_size == 0)
        return;
    n = pread(child->output_fd, result->output_tail, RS_LAUNCHER_TAIL_BYTES,
              MAX(status.st_size - RS_LAUNCHER_TAIL_BYTES, 0));
    result->n_output_tail_bytes = (guint)MAX(n, 0);
}

static void clear_output(Child *child)
{
    struct stat status;

    if (fstat(child->output_fd, &status) == 0 && status.st_size > 0 &&
        ftruncate(child->output_fd, 0) != 0)
        child->stop = TRUE;
}

static void run(Child *child, const Request *request, RsLaunchResult *result)
{
    int stdin_fd = open(request->stdin_path, O_RDONLY | O_CLOEXEC);

    clear_output(child);
    result->exit_status = -1;
    result->succeeded = TRUE;
    child->other_fd = -1;
    if (stdin_fd >= 0 && *request->output_path)
        child->other_fd = open(request->output_path, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (stdin_fd < 0 || (*request->output_path && child->other_fd < 0)) {
        result->start_errno = errno;
        result->succeeded = FALSE;
        if (stdin_fd >= 0)
            close(stdin_fd);
        return;
    }
    for (guint i = 0; i < request->head.n_launches && result->succeeded && !child->stop; i++) {
        launch_once(child, request, stdin_fd, result);
        result->succeeded = is_success(request, result);
    }
    close(stdin_fd);
    if (child->other_fd >= 0)
        close(child->other_fd);
    if (!result->succeeded)
        keep_tail(child, result);
}

void rs_launcher_child_main(int fd)
{
    Child *child = g_new0(Child, 1);
    RsLaunchResult *result = g_new0(RsLaunchResult, 1);
    struct sigaction on_child = {.sa_handler = on_sigchld};
    Request request;
    sigset_t blocked;

    setpgid(0, 0); /* Ctrl-C at the terminal goes to the process that asks, which then tells us */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    sigaction(SIGCHLD, &on_child, NULL);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGCHLD);
    sigprocmask(SIG_BLOCK, &blocked, &child->waiting_mask);
    sigdelset(&child->waiting_mask, SIGCHLD);
    child->fd = fd;
    child->output_fd = open_output();
    child->strings = g_ptr_array_new();
    while (receive_request(child, &request)) {
        child->stop = FALSE;
        memset(result, 0, offsetof(RsLaunchResult, output_tail));
        run(child, &request, result);
        if (!answer(child, result))
            break;
        await_awake(child);
    }
    end_left_behind(0);
}
