/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sampler thread: polls its sampler, unwinds, interns, pushes. Requests (attach, sync, stop)
 * are handed to it one at a time, because a sampler is used by one thread alone. */
#include "capture/capture.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mutex.h"

#define DEFAULT_RING_BYTES  (2 * 1024 * 1024)
#define DEFAULT_STACK_NODES (256 * 1024)
#define FAILED_WAIT_US      10000
#define HASTY_US            G_USEC_PER_SEC /* after a stack that was completed late */
#define POLL_MS             1000           /* samplers wake up by themselves for what cannot wait */

const char *const rs_sampler_choice_names[] = {"auto", "perf", "ptrace", "none", NULL};

typedef enum { REQUEST_NONE, REQUEST_OPEN, REQUEST_ATTACH, REQUEST_SYNC, REQUEST_STOP } RequestKind;

typedef struct {
    RequestKind kind;
    pid_t pid;
    gboolean at_exec, ok;
    GError **error;
} Request;

struct RsCapture {
    RsCaptureOptions options;
    const RsSamplerRow *row; /* NULL: none */
    char *reason, *event;
    gboolean sees_kernel, fallback_used;
    RsModules *modules;
    RsTasks *tasks;
    RsStacks *stacks;
    RsRing *ring;
    RsRawFrame *popped; /* the consumer's: frames of the last entry */
    gint64 start_ns;

    GThread *thread;
    int wake_fd;
    pthread_mutex_t mutex;
    pthread_cond_t done;
    Request *request;       /* at most one, behind the mutex */
    pthread_t pthread;      /* its own, for its CPU clock */
    gint64 thread_cpu_ns;   /* once it has ended */
    RsSamplerCounts counts; /* as of the last request */
    GError *failure;        /* polling failed: it has stopped sampling; behind the mutex */

    /* The sampler thread's own. */
    gpointer sampler;
    RsSpaces *spaces;
    RsUnwinder *unwinder;
    RsRawFrame *frames; /* one more than an unwinder's most: the kernel's comes first */
    gint64 late_us;     /* when a stack was last completed from the live process; 0: never */
    _Atomic gint64 n_ends[RS_N_STACK_ENDS], n_late, n_refused;
};

/* --- the sampler thread --- */

/* One writer: no read-modify-write is needed. */
static void count(_Atomic gint64 *counter)
{
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + 1,
                          memory_order_relaxed);
}

static RsSpace *space_of(RsCapture *capture, pid_t pid)
{
    RsSpace *space = rs_spaces_find(capture->spaces, pid);

    if (!space && rs_spaces_load(capture->spaces, pid))
        space = rs_spaces_find(capture->spaces, pid);
    return space;
}

static void walk_sample(RsCapture *capture, const RsRawSample *sample, RsWalk *walk)
{
    RsSpace *space = sample->has_registers ? space_of(capture, sample->process_id) : NULL;

    *walk = (RsWalk){.frames = capture->frames + 1,
                     .n_max_frames = RS_UNWIND_MAX_FRAMES,
                     .end = RS_STACK_NOT_WALKED};
    if (space)
        rs_unwind(capture->unwinder, space, &sample->registers, &sample->stack, walk);
    if (sample->kernel_address) {
        walk->frames--;
        walk->n_frames++;
        walk->frames[0] = (RsRawFrame){.module = rs_module_id(rs_modules_kernel(capture->modules)),
                                       .address = sample->kernel_address};
    }
}

static void on_sample(gpointer data, const RsRawSample *sample)
{
    RsCapture *capture = data;
    RsRingEntry entry = {
        .time_ns = sample->time_ns,
        .thread_id = (guint32)sample->thread_id,
        .process_id = (guint32)sample->process_id,
        .weight_ns = (guint64)MAX(sample->weight_ns, 0),
    };
    RsWalk walk;

    walk_sample(capture, sample, &walk);
    entry.flags = (guint32)walk.end | (walk.is_late ? RS_ENTRY_LATE : 0) |
                  (walk.was_slow ? RS_ENTRY_SLOW : 0) |
                  (sample->kernel_address ? RS_ENTRY_KERNEL : 0);
    count(&capture->n_ends[walk.end]);
    if (walk.is_late) {
        count(&capture->n_late);
        capture->late_us = g_get_monotonic_time();
    }
    entry.stack_id = rs_stacks_intern(capture->stacks, walk.frames, walk.n_frames);
    if (entry.stack_id == RS_STACKS_FULL)
        count(&capture->n_refused);
    else
        rs_ring_push(capture->ring, &entry);
}

/* A stack is completed the better the sooner that is done. */
static gboolean is_hasty(gpointer data)
{
    const RsCapture *capture = data;

    return capture->late_us && g_get_monotonic_time() - capture->late_us < HASTY_US;
}

/* The first sampler of the choice that is permitted and opens. */
static gboolean open_sampler(RsCapture *capture, GError **error)
{
    RsSamplerSink sink = {.spaces = capture->spaces,
                          .tasks = capture->tasks,
                          .sample = on_sample,
                          .is_hasty = is_hasty,
                          .data = capture};
    g_autoptr(GString) reason = g_string_new(NULL);
    const char *wanted = rs_sampler_choice_names[capture->options.choice];
    RsSamplerError code = RS_SAMPLER_ERROR_DENIED;

    for (const RsSamplerRow *const *row = rs_samplers; *row; row++) {
        g_autofree char *why = NULL;
        g_autoptr(GError) failure = NULL;

        if (capture->options.choice != RS_SAMPLER_AUTO && !g_str_equal((*row)->name, wanted))
            continue;
        if ((*row)->probe(&capture->options.sampler, &why))
            capture->sampler = (*row)->open(&capture->options.sampler, &sink, &failure);
        if (capture->sampler) {
            capture->row = *row;
            capture->event = g_strdup((*row)->describe(capture->sampler, &capture->sees_kernel));
            capture->fallback_used = reason->len > 0;
            g_string_append_printf(reason, "%s%s", reason->len ? "; " : "",
                                   capture->options.choice == RS_SAMPLER_AUTO
                                       ? (reason->len ? "the next choice" : "the first choice")
                                       : "asked for");
            g_string_append_printf(reason, ", %s, is permitted", (*row)->name);
            break;
        }
        if (failure && failure->domain == RS_SAMPLER_ERROR)
            code = (RsSamplerError)failure->code;
        g_string_append_printf(reason, "%s%s: %s", reason->len ? "; " : "", (*row)->name,
                               failure ? failure->message
                               : why   ? why
                                       : "not permitted");
    }
    capture->reason = g_strdup(reason->str);
    if (capture->sampler || capture->options.choice == RS_SAMPLER_AUTO)
        return TRUE;
    g_set_error(error, RS_SAMPLER_ERROR, (int)code, "cannot sample with %s", capture->reason);
    return FALSE;
}

static gboolean carry_out(RsCapture *capture, Request *request)
{
    switch (request->kind) {
    case REQUEST_OPEN:
        return open_sampler(capture, request->error);
    case REQUEST_ATTACH:
        return capture->row->attach(capture->sampler, request->pid, request->at_exec,
                                    request->error);
    case REQUEST_SYNC:
    case REQUEST_STOP:
        return capture->row->drain(capture->sampler, request->error);
    default:
        g_assert_not_reached();
    }
}

/* The request that waits, if any; answered. Returns its kind. */
static RequestKind serve(RsCapture *capture)
{
    g_autoptr(RsHeldMutex) held = rs_mutex_hold(&capture->mutex);
    Request *request = capture->request;
    RequestKind kind;
    eventfd_t n_wakes;

    eventfd_read(capture->wake_fd, &n_wakes);
    if (!request)
        return REQUEST_NONE;
    kind = request->kind;
    request->ok = carry_out(capture, request);
    if (kind == REQUEST_OPEN && !capture->sampler)
        kind = REQUEST_STOP;
    if (capture->sampler)
        capture->row->counts(capture->sampler, &capture->counts);
    capture->request = NULL;
    pthread_cond_signal(&capture->done);
    return kind;
}

static gpointer sampler_main(gpointer data)
{
    RsCapture *capture = data;
    gboolean works = TRUE;

    capture->pthread = pthread_self();
    capture->spaces = rs_spaces_new(capture->modules, capture->tasks);
    capture->unwinder = rs_unwinder_new(capture->spaces);
    capture->frames = g_new(RsRawFrame, RS_UNWIND_MAX_FRAMES + 1);
    while (serve(capture) != REQUEST_STOP) {
        g_autoptr(GError) error = NULL;

        if (!capture->sampler || !works) {
            g_usleep(FAILED_WAIT_US); /* nothing to poll; requests are still answered */
        } else if (!capture->row->poll(capture->sampler, capture->wake_fd, POLL_MS, &error)) {
            works = FALSE;
            pthread_mutex_lock(&capture->mutex);
            capture->failure = g_steal_pointer(&error);
            pthread_mutex_unlock(&capture->mutex);
        }
    }
    if (capture->sampler)
        capture->row->close(capture->sampler);
    capture->sampler = NULL;
    rs_unwinder_free(capture->unwinder);
    rs_spaces_free(capture->spaces);
    g_free(capture->frames);
    capture->thread_cpu_ns = rs_clock_ns(CLOCK_THREAD_CPUTIME_ID);
    return NULL;
}

/* --- the caller's side --- */

static gboolean ask(RsCapture *capture, Request *request, GError **error)
{
    request->error = error;
    pthread_mutex_lock(&capture->mutex);
    capture->request = request;
    eventfd_write(capture->wake_fd, 1);
    while (capture->request)
        pthread_cond_wait(&capture->done, &capture->mutex);
    pthread_mutex_unlock(&capture->mutex);
    return request->ok;
}

/* With all signals blocked: they are for the threads of the program. */
static void start_thread(RsCapture *capture)
{
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    capture->thread = g_thread_new("rs-sampler", sampler_main, capture);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

RsCapture *rs_capture_new(const RsCaptureOptions *options, GError **error)
{
    g_autoptr(RsCapture) capture = g_new0(RsCapture, 1);
    Request request = {.kind = REQUEST_OPEN};

    capture->options = *options;
    capture->start_ns = g_get_monotonic_time() * 1000;
    pthread_mutex_init(&capture->mutex, NULL);
    pthread_cond_init(&capture->done, NULL);
    capture->wake_fd = -1;
    capture->modules = rs_modules_new();
    capture->tasks = rs_tasks_new();
    if (options->choice == RS_SAMPLER_NONE) {
        capture->reason = g_strdup("asked for");
        return g_steal_pointer(&capture);
    }
    capture->ring =
        rs_ring_new(options->n_ring_bytes ? options->n_ring_bytes : DEFAULT_RING_BYTES, error);
    capture->stacks = capture->ring ? rs_stacks_new(options->n_stack_nodes ? options->n_stack_nodes
                                                                           : DEFAULT_STACK_NODES,
                                                    error)
                                    : NULL;
    if (!capture->stacks)
        return NULL;
    capture->popped = g_new(RsRawFrame, RS_UNWIND_MAX_FRAMES + 1);
    capture->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (capture->wake_fd < 0) {
        g_set_error(error, RS_SAMPLER_ERROR, RS_SAMPLER_ERROR_FAILED, "eventfd: %s",
                    g_strerror(errno));
        return NULL;
    }
    start_thread(capture);
    return ask(capture, &request, error) ? g_steal_pointer(&capture) : NULL;
}

void rs_capture_stop(RsCapture *capture)
{
    Request request = {.kind = REQUEST_STOP};

    if (!capture->thread)
        return;
    if (capture->row)
        ask(capture, &request, NULL); /* without a row the thread has ended by itself */
    g_thread_join(g_steal_pointer(&capture->thread));
}

void rs_capture_free(RsCapture *capture)
{
    if (!capture)
        return;
    rs_capture_stop(capture);
    if (capture->wake_fd >= 0)
        close(capture->wake_fd);
    rs_stacks_free(capture->stacks);
    rs_ring_free(capture->ring);
    rs_tasks_free(capture->tasks);
    rs_modules_free(capture->modules);
    g_clear_error(&capture->failure);
    pthread_cond_destroy(&capture->done);
    pthread_mutex_destroy(&capture->mutex);
    g_free(capture->popped);
    g_free(capture->reason);
    g_free(capture->event);
    g_free(capture);
}

const char *rs_capture_backend(const RsCapture *capture)
{
    return capture->row ? capture->row->name : "none";
}

const char *rs_capture_reason(const RsCapture *capture)
{
    return capture->reason;
}

gboolean rs_capture_attach(RsCapture *capture, pid_t pid, gboolean at_exec, GError **error)
{
    Request request = {.kind = REQUEST_ATTACH, .pid = pid, .at_exec = at_exec};

    return !capture->row || !capture->thread || ask(capture, &request, error);
}

void rs_capture_sync(RsCapture *capture)
{
    Request request = {.kind = REQUEST_SYNC};

    if (capture->row && capture->thread)
        ask(capture, &request, NULL);
}

gboolean rs_capture_pop(RsCapture *capture, RsRingEntry *entry)
{
    return capture->ring && rs_ring_pop(capture->ring, entry);
}

guint rs_capture_frames(RsCapture *capture, const RsRingEntry *entry, const RsRawFrame **frames)
{
    *frames = capture->popped;
    return rs_stacks_frames(capture->stacks, entry->stack_id, capture->popped,
                            RS_UNWIND_MAX_FRAMES + 1);
}

guint rs_capture_epoch(const RsCapture *capture)
{
    return capture->stacks ? rs_stacks_epoch(capture->stacks) : 0;
}

RsModules *rs_capture_modules(RsCapture *capture)
{
    return capture->modules;
}

RsTasks *rs_capture_tasks(RsCapture *capture)
{
    return capture->tasks;
}

static gint64 sampler_cpu_ns(RsCapture *capture)
{
    clockid_t clock;
    struct timespec cpu;

    if (!capture->thread)
        return capture->thread_cpu_ns;
    if (pthread_getcpuclockid(capture->pthread, &clock) != 0 || clock_gettime(clock, &cpu) != 0)
        return -1;
    return cpu.tv_sec * RS_NS_PER_S + cpu.tv_nsec;
}

static void diagnose_samples(RsCapture *capture, RsDiagnostics *diagnostics)
{
    gint64 n_refused = atomic_load_explicit(&capture->n_refused, memory_order_relaxed);

    rs_capture_sync(capture); /* brings the counts up to date */
    pthread_mutex_lock(&capture->mutex);
    diagnostics->n_raw_samples = capture->counts.n_samples;
    diagnostics->n_lost_samples = capture->counts.n_lost;
    diagnostics->n_throttled = capture->counts.n_throttled;
    if (capture->failure && !diagnostics->fidelity)
        diagnostics->fidelity =
            g_strdup_printf("sampling ended early: %s", capture->failure->message);
    pthread_mutex_unlock(&capture->mutex);
    diagnostics->n_dropped_samples = n_refused + (gint64)rs_ring_n_dropped(capture->ring);
    for (guint i = 0; i < RS_N_STACK_ENDS; i++)
        diagnostics->n_ends[i] = atomic_load_explicit(&capture->n_ends[i], memory_order_relaxed);
    diagnostics->n_late_samples = atomic_load_explicit(&capture->n_late, memory_order_relaxed);
    diagnostics->sampler_cpu_ns = sampler_cpu_ns(capture);
}

void rs_capture_diagnose(RsCapture *capture, RsDiagnostics *diagnostics)
{
    g_free(diagnostics->backend);
    g_free(diagnostics->backend_reason);
    g_free(diagnostics->event);
    diagnostics->backend = g_strdup(rs_capture_backend(capture));
    diagnostics->backend_reason = g_strdup(capture->reason);
    diagnostics->event = g_strdup(capture->event);
    diagnostics->fallback_used = capture->fallback_used;
    diagnostics->sees_kernel = capture->sees_kernel;
    diagnostics->sample_rate_hz = capture->row ? capture->options.sampler.sample_rate_hz : 0;
    diagnostics->wall_ns = g_get_monotonic_time() * 1000 - capture->start_ns;
    if (capture->row)
        diagnose_samples(capture, diagnostics);
}

gboolean rs_capture_reap(RsCapture *capture, pid_t pid, int *wait_status)
{
    RsTask task;
    pid_t reaped;

    if (capture->row && capture->row->reaps && rs_tasks_find(capture->tasks, pid, &task) &&
        task.has_status) {
        *wait_status = task.wait_status;
        return TRUE;
    }
    if (capture->row && capture->row->reaps && capture->thread)
        return FALSE;
    do
        reaped = waitpid(pid, wait_status, WNOHANG);
    while (reaped < 0 && errno == EINTR);
    return reaped == pid;
}
