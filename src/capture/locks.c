/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A thread's schedstat counts how often it was put on a CPU. While that number stays, a thread that
 * was blocked is still blocked in the same place: then nothing else need be read, and the stack
 * that was walked before is still its stack. */
#include "capture/locks.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "capture/locks/blocked.h"
#include "capture/locks/place.h"
#include "capture/process/proc_file.h"

#define SCHEDSTAT_BYTES    128
#define N_MAX_OPEN_FILES   1024
#define OPEN_FILES_SHARE   4 /* of the limit of this process: one in so many */
#define N_MAX_THREADS      65536
#define N_RELIST           8                              /* looks until threads are listed anew */
#define FORGOTTEN_AFTER_NS G_GINT64_CONSTANT(30000000000) /* processes no longer looked at */
#define UPPER_BITS         0xc0000000u

enum { SYSCALL, SCHEDSTAT, N_FILES };
static const char *const file_names[N_FILES] = {"syscall", "schedstat"};

typedef struct {
    pid_t tid;
    int fds[N_FILES]; /* -1: not kept open */
    gboolean is_listed;
    guint64 n_runs;      /* times on a CPU; 0: not told */
    gint64 last_ns;      /* of the last look at it; 0: none */
    gboolean is_blocked; /* at that look */
    gboolean is_waiting; /* for a futex */
    RsBlocked blocked;
    RsFutexWait futex;
    RsWaitKind kind;
    RsRawFrame *frames;
    guint n_frames;
} Thread;

typedef struct {
    pid_t pid;
    int dir_fd, stat_fd;
    DIR *tasks;
    GPtrArray *threads; /* Thread */
    GHashTable *by_tid; /* Thread, borrowed */
    RsLockPlaces *places;
    GArray *sps; /* guint64, of the threads that were blocked at this look */
    guint next, n_looks;
    guint64 stack_address; /* changes with exec */
    gint64 last_ns;
    gboolean is_loaded; /* its address space */
} Target;

struct RsLocks {
    RsTasks *tasks;
    RsSpaces *spaces;
    RsUnwinder *unwinder;
    GHashTable *targets; /* by pid */
    GArray *waits;       /* RsWait */
    guint n_open, n_max_open, n_walks;
    RsRawFrame frames[RS_LOCKS_MAX_FRAMES];
};

/* --- life --- */

static void close_fd(int fd)
{
    if (fd >= 0)
        close(fd);
}

static void thread_free(RsLocks *locks, Thread *thread)
{
    for (guint i = 0; i < N_FILES; i++) {
        locks->n_open -= thread->fds[i] >= 0;
        close_fd(thread->fds[i]);
    }
    g_free(thread->frames);
    g_free(thread);
}

static void drop_threads(RsLocks *locks, Target *target)
{
    for (guint i = 0; i < target->threads->len; i++)
        thread_free(locks, g_ptr_array_index(target->threads, i));
    g_ptr_array_set_size(target->threads, 0);
    g_hash_table_remove_all(target->by_tid);
}

static void target_free(RsLocks *locks, Target *target)
{
    drop_threads(locks, target);
    g_ptr_array_unref(target->threads);
    g_hash_table_unref(target->by_tid);
    g_clear_pointer(&target->places, rs_lock_places_free);
    g_array_unref(target->sps);
    if (target->tasks)
        closedir(target->tasks);
    close_fd(target->stat_fd);
    close_fd(target->dir_fd);
    g_free(target);
}

static Target *target_new(RsLocks *locks, pid_t pid)
{
    Target *target = g_new0(Target, 1);
    int tasks_fd = -1;

    target->pid = pid;
    target->stat_fd = -1;
    target->threads = g_ptr_array_new();
    target->by_tid = g_hash_table_new(NULL, NULL);
    target->sps = g_array_new(FALSE, FALSE, sizeof(guint64));
    target->dir_fd = rs_proc_open_dir(pid);
    target->places = rs_lock_places_new(target->dir_fd);
    if (target->dir_fd >= 0) {
        target->stat_fd = rs_proc_open(target->dir_fd, "stat");
        tasks_fd = openat(target->dir_fd, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    target->tasks = tasks_fd >= 0 ? fdopendir(tasks_fd) : NULL;
    if (target->tasks && target->stat_fd >= 0)
        return target;
    if (!target->tasks)
        close_fd(tasks_fd);
    target_free(locks, target);
    return NULL;
}

static guint n_files_to_keep(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 0;
    return (guint)MIN(N_MAX_OPEN_FILES, limit.rlim_cur / OPEN_FILES_SHARE);
}

RsLocks *rs_locks_new(RsModules *modules)
{
    RsLocks *locks = g_new0(RsLocks, 1);

    locks->n_max_open = n_files_to_keep();
    locks->tasks = rs_tasks_new();
    locks->spaces = rs_spaces_new(modules, locks->tasks);
    locks->unwinder = rs_unwinder_new(locks->spaces);
    locks->targets = g_hash_table_new(NULL, NULL);
    locks->waits = g_array_new(FALSE, FALSE, sizeof(RsWait));
    return locks;
}

void rs_locks_free(RsLocks *locks)
{
    GHashTableIter iter;
    gpointer target;

    if (!locks)
        return;
    g_hash_table_iter_init(&iter, locks->targets);
    while (g_hash_table_iter_next(&iter, NULL, &target))
        target_free(locks, target);
    g_hash_table_unref(locks->targets);
    g_array_unref(locks->waits);
    rs_unwinder_free(locks->unwinder);
    rs_spaces_free(locks->spaces);
    rs_tasks_free(locks->tasks);
    g_free(locks);
}

static void drop_target(RsLocks *locks, Target *target)
{
    rs_spaces_exit(locks->spaces, target->pid);
    g_hash_table_remove(locks->targets, GINT_TO_POINTER(target->pid));
    target_free(locks, target);
}

static void drop_forgotten(RsLocks *locks, gint64 now_ns)
{
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, locks->targets);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        Target *target = value;

        if (now_ns - target->last_ns <= FORGOTTEN_AFTER_NS)
            continue;
        g_hash_table_iter_remove(&iter);
        rs_spaces_exit(locks->spaces, target->pid);
        target_free(locks, target);
    }
}

/* --- threads --- */

static void list_threads(RsLocks *locks, Target *target)
{
    GPtrArray *threads = target->threads;

    for (guint i = 0; i < threads->len; i++)
        ((Thread *)g_ptr_array_index(threads, i))->is_listed = FALSE;
    rewinddir(target->tasks);
    for (const struct dirent *entry; (entry = readdir(target->tasks));) {
        pid_t tid = rs_proc_id(entry->d_name);
        Thread *thread = g_hash_table_lookup(target->by_tid, GINT_TO_POINTER(tid));

        if (!thread) {
            if (tid == 0 || threads->len >= N_MAX_THREADS)
                continue;
            thread = g_new0(Thread, 1);
            thread->tid = tid;
            thread->fds[SYSCALL] = thread->fds[SCHEDSTAT] = -1;
            thread->last_ns = target->last_ns; /* it was not there then */
            g_ptr_array_add(threads, thread);
            g_hash_table_insert(target->by_tid, GINT_TO_POINTER(tid), thread);
        }
        thread->is_listed = TRUE;
    }
    for (guint i = threads->len; i-- > 0;) {
        Thread *thread = g_ptr_array_index(threads, i);

        if (thread->is_listed)
            continue;
        g_hash_table_remove(target->by_tid, GINT_TO_POINTER(thread->tid));
        g_ptr_array_remove_index_fast(threads, i);
        thread_free(locks, thread);
    }
}

/* A file of the thread; *is_kept: it stays open. -1 with errno. */
static int file_of(RsLocks *locks, const Target *target, Thread *thread, guint file,
                   gboolean *is_kept)
{
    guint n_max = locks->n_max_open;
    char path[48];
    int fd = thread->fds[file];

    *is_kept = TRUE;
    if (fd >= 0)
        return fd;
    g_snprintf(path, sizeof path, "task/%d/%s", (int)thread->tid, file_names[file]);
    fd = rs_proc_open(target->dir_fd, path);
    /* The one that is read at each look goes before. */
    *is_kept = fd >= 0 && locks->n_open < (file == SCHEDSTAT ? n_max : n_max / 4);
    if (*is_kept) {
        thread->fds[file] = fd;
        locks->n_open++;
    }
    return fd;
}

static void leave_file(int fd, gboolean is_kept)
{
    int code = errno;

    if (!is_kept)
        close_fd(fd);
    errno = code;
}

/* How often it was put on a CPU; 0: not told. "run_ns wait_ns n_runs". Source:
 * Documentation/scheduler/sched-stats.rst of Linux. */
static guint64 read_n_runs(RsLocks *locks, const Target *target, Thread *thread)
{
    char text[SCHEDSTAT_BYTES], *end;
    gboolean is_kept;
    int fd = file_of(locks, target, thread, SCHEDSTAT, &is_kept);
    gssize n_bytes = fd >= 0 ? rs_proc_read(fd, text, sizeof text) : -1;

    leave_file(fd, is_kept);
    if (n_bytes <= 0)
        return 0;
    (void)g_ascii_strtoull(text, &end, 10);
    (void)g_ascii_strtoull(end, &end, 10);
    return g_ascii_strtoull(end, NULL, 10);
}

/* --- one thread --- */

static gboolean read_memory(pid_t pid, guint64 address, void *bytes, gsize n_bytes)
{
    struct iovec local = {bytes, n_bytes}, remote = {(void *)(uintptr_t)address, n_bytes};

    return process_vm_readv(pid, &local, 1, &remote, 1, 0) == (gssize)n_bytes;
}

/* What memory and the other threads say to the system call. */
static void complete_futex(const Target *target, const RsBlocked *blocked, RsFutexWait *futex)
{
    gint32 tid = (gint32)(futex->value & ~UPPER_BITS);

    if (rs_futex_is_vector(blocked)) {
        guint64 first[2]; /* of struct futex_waitv: val, uaddr */

        if (read_memory(target->pid, futex->address, first, sizeof first)) {
            futex->value = first[0];
            futex->address = first[1];
        }
        return;
    }
    futex->is_value_a_thread =
        tid > 0 && g_hash_table_contains(target->by_tid, GINT_TO_POINTER(tid));
    if (rs_futex_wait_kind(futex) == RS_WAIT_UNKNOWN &&
        !read_memory(target->pid, futex->address - sizeof futex->word_before, &futex->word_before,
                     sizeof futex->word_before))
        futex->word_before = 0;
}

/* A futex wait with a timeout that was interrupted (a debugger, SIGSTOP) goes on under the number
 * of restart_syscall, with the arguments that it had. */
static gboolean is_restarted(const Thread *thread, const RsBlocked *blocked)
{
    return thread->is_waiting && blocked->number == SYS_restart_syscall &&
           blocked->sp == thread->blocked.sp && blocked->pc == thread->blocked.pc &&
           memcmp(blocked->arguments, thread->blocked.arguments, sizeof blocked->arguments) == 0;
}

static void walk_stack(RsLocks *locks, Target *target, Thread *thread, int syscall_fd,
                       const RsBlocked *blocked)
{
    RsWalk walk = {.frames = locks->frames, .n_max_frames = RS_LOCKS_MAX_FRAMES};
    RsSpace *space;

    if (locks->n_walks == RS_LOCKS_MAX_WALKS)
        return; /* its turn comes at the next look */
    locks->n_walks++;
    if (!target->is_loaded)
        target->is_loaded = rs_spaces_load(locks->spaces, target->pid);
    space = rs_spaces_find(locks->spaces, target->pid);
    if (!space || !rs_blocked_walk_at(locks->unwinder, space, syscall_fd, blocked, &walk))
        return;
    thread->n_frames = walk.n_frames;
    thread->frames = g_memdup2(walk.frames, walk.n_frames * sizeof *walk.frames);
}

static void forget_stack(Thread *thread)
{
    g_clear_pointer(&thread->frames, g_free);
    thread->n_frames = 0;
}

/* TRUE: it was looked at. FALSE with errno: it has ended, or may not be. */
static gboolean look_at(RsLocks *locks, Target *target, Thread *thread, gboolean *has_begun)
{
    guint64 n_runs = read_n_runs(locks, target, thread);
    gboolean did_not_run = n_runs > 0 && n_runs == thread->n_runs && thread->is_blocked;
    gboolean was_waiting = thread->is_waiting, is_kept, is_blocked, is_same, is_read = TRUE;
    RsBlocked blocked;
    int fd;

    *has_begun = FALSE;
    if (did_not_run && (!thread->is_waiting || thread->n_frames > 0))
        return TRUE;
    fd = file_of(locks, target, thread, SYSCALL, &is_kept);
    is_blocked = fd >= 0 && rs_blocked_read(fd, &blocked);
    if (is_blocked) {
        is_same = was_waiting && blocked.sp == thread->blocked.sp &&
                  blocked.pc == thread->blocked.pc &&
                  blocked.arguments[0] == thread->blocked.arguments[0];
        *has_begun = n_runs > 0 ? !did_not_run || !was_waiting : !is_same;
        if (!did_not_run)
            forget_stack(thread);
        if (!is_restarted(thread, &blocked)) {
            thread->is_waiting = rs_futex_wait_of(&blocked, &thread->futex);
            thread->blocked = blocked;
            if (thread->is_waiting) {
                complete_futex(target, &blocked, &thread->futex);
                thread->kind = rs_futex_wait_kind(&thread->futex);
            }
        }
        if (thread->is_waiting && thread->n_frames == 0)
            walk_stack(locks, target, thread, fd, &blocked);
    } else {
        is_read = fd >= 0 && errno == 0;
        thread->is_waiting = FALSE;
        forget_stack(thread);
    }
    thread->is_blocked = is_blocked;
    thread->n_runs = n_runs;
    leave_file(fd, is_kept);
    return is_read;
}

/* --- a look --- */

/* After an exec nothing that was known holds. FALSE: it has ended. */
static gboolean check_life(RsLocks *locks, Target *target, gboolean *has_changed)
{
    RsProcStat stat;

    if (!rs_proc_read_stat(target->stat_fd, &stat) || rs_proc_has_ended(&stat))
        return FALSE;
    if (stat.stack_address == 0) /* not told, or the first thread has ended */
        stat.stack_address = target->stack_address;
    if (target->stack_address != stat.stack_address && target->n_looks > 0) {
        drop_threads(locks, target);
        rs_spaces_exec(locks->spaces, target->pid);
        target->is_loaded = FALSE;
        rs_lock_places_free(target->places);
        target->places = rs_lock_places_new(target->dir_fd);
    }
    target->stack_address = stat.stack_address;
    *has_changed = stat.n_threads != target->threads->len;
    return TRUE;
}

static void add_wait(RsLocks *locks, const Target *target, Thread *thread, gint64 now_ns,
                     gboolean has_begun)
{
    RsWait wait = {
        .process_id = target->pid,
        .thread_id = thread->tid,
        .address = thread->futex.address,
        .kind = thread->kind,
        .has_begun = has_begun,
        .wait_ns = thread->last_ns > 0 ? MAX(0, now_ns - thread->last_ns) : 0,
        .frames = thread->frames,
        .n_frames = thread->n_frames,
    };

    g_array_append_val(locks->waits, wait);
}

/* Looks at the threads whose turn it is. errno of the first that could not be read, else 0. */
static int look_at_threads(RsLocks *locks, Target *target, gint64 now_ns, guint *n_read)
{
    guint n_threads = target->threads->len, n_turns = MIN(n_threads, RS_LOCKS_MAX_THREADS);
    int first_error = 0;

    for (guint i = 0; i < n_turns; i++) {
        Thread *thread = g_ptr_array_index(target->threads, (target->next + i) % n_threads);
        gboolean has_begun;

        if (look_at(locks, target, thread, &has_begun)) {
            (*n_read)++;
            if (thread->is_blocked)
                g_array_append_val(target->sps, thread->blocked.sp);
            if (thread->is_waiting)
                add_wait(locks, target, thread, now_ns, has_begun);
        } else if (first_error == 0) {
            first_error = errno;
        }
        thread->last_ns = now_ns;
    }
    if (n_threads > 0)
        target->next = (target->next + n_turns) % n_threads;
    return first_error;
}

static const char *reason_of(int code)
{
    switch (code) {
    case EACCES:
    case EPERM:
        return "looking at its threads' system calls needs permission to trace the process";
    case ENOENT:
        return "this kernel does not tell the system calls that threads are in";
    default:
        return "the process has ended";
    }
}

static const GArray *refuse(RsLocks *locks, Target *target, int code, const char **why)
{
    if (why)
        *why = reason_of(code);
    if (target)
        drop_target(locks, target);
    return NULL;
}

const GArray *rs_locks_look(RsLocks *locks, pid_t pid, gint64 now_ns, const char **why)
{
    Target *target = g_hash_table_lookup(locks->targets, GINT_TO_POINTER(pid));
    gboolean has_changed;
    guint n_read = 0;
    int code;

    g_array_set_size(locks->waits, 0);
    locks->n_walks = 0;
    if (!target) {
        drop_forgotten(locks, now_ns);
        target = target_new(locks, pid);
        if (!target)
            return refuse(locks, NULL, ESRCH, why);
        g_hash_table_insert(locks->targets, GINT_TO_POINTER(pid), target);
    }
    if (!check_life(locks, target, &has_changed))
        return refuse(locks, target, ESRCH, why);
    if (has_changed || target->n_looks % N_RELIST == 0)
        list_threads(locks, target);
    rs_lock_places_begin(target->places);
    g_array_set_size(target->sps, 0);
    code = look_at_threads(locks, target, now_ns, &n_read);
    if (n_read == 0 && code != 0 && code != ESRCH)
        return refuse(locks, target, code, why);
    for (guint i = 0; i < locks->waits->len; i++) {
        RsWait *wait = &g_array_index(locks->waits, RsWait, i);

        wait->place = rs_lock_places_find(target->places, wait->address,
                                          (const guint64 *)target->sps->data, target->sps->len);
    }
    target->n_looks++;
    target->last_ns = now_ns;
    return locks->waits;
}
