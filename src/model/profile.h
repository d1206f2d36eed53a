/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the profiler saw, as plain data: stacks, interned as a prefix tree of frames in modules, the
 * samples that have them, and the process over time. No I/O, no JSON, no ELF: a frame is a
 * module and an address in the module's own address space (the file's virtual addresses), so it is
 * the same in every run of the same file. Once it was symbolized a frame has lines as well: the
 * functions that the compiler made one at that address. Times are ns since the session began.
 *
 * A frame's address is the one to look up: where the thread was for the innermost frame and for one
 * interrupted by a signal, the return address less one for callers.
 *
 * Life cycle: rs_profile_new, add, hand over; the profile owns everything. Interning gives the same
 * index for the same thing. */
#ifndef RS_MODEL_PROFILE_H
#define RS_MODEL_PROFILE_H

#include <glib.h>

#include "model/function.h"

/* What a file may hold, and interning does not exceed: a target cannot make a profile that cannot
 * be read again. */
#define RS_PROFILE_MAX_MODULES         65536
#define RS_PROFILE_MAX_FRAMES          8000000
#define RS_PROFILE_MAX_FUNCTIONS       4000000
#define RS_PROFILE_MAX_LINES           64000000
#define RS_PROFILE_MAX_FRAME_LINES     256 /* of one frame */
#define RS_PROFILE_MAX_STACKS          16000000
#define RS_PROFILE_MAX_SAMPLES         50000000
#define RS_PROFILE_MAX_THREADS         1000000
#define RS_PROFILE_MAX_PROCESSES       1000000
#define RS_PROFILE_MAX_PROCESS_SAMPLES 10000000
#define RS_PROFILE_MAX_EVENTS          1000000
#define RS_PROFILE_MAX_LOCKS           65536
#define RS_PROFILE_MAX_SITES           1000 /* of a lock */

typedef enum {
    RS_MODULE_FILE,
    RS_MODULE_VDSO,
    RS_MODULE_JIT,     /* executable memory without a file; addresses are the process's own */
    RS_MODULE_KERNEL,  /* addresses are the kernel's own */
    RS_MODULE_UNKNOWN, /* memory that was not mapped as far as was known; the process's addresses */
} RsModuleKind;
/* "file", "vdso", "jit", "kernel", "unknown", NULL */
extern const char *const rs_module_kind_names[];

typedef struct {
    RsModuleKind kind;
    char *path;     /* as the target names it; "[vdso]", "[jit]", "[kernel]", "[unknown]" */
    char *build_id; /* lower-case hex; NULL: none, or not told */
    gint64 n_bytes; /* of the file; -1: not told */
    char *extra_json;
} RsProfileModule;

typedef struct {
    guint32 module;
    guint64 address;
    guint32 first_line, n_lines; /* into lines, inlined functions first; 0: not symbolized */
} RsProfileFrame;

/* A function at a frame's address. */
typedef struct {
    guint32 function; /* into functions */
    guint32 line;     /* of the source there: of the code, or of the call that was inlined; 0 */
} RsProfileLine;

#define RS_STACK_NONE (-1) /* the parent of an outermost frame */

/* A node of the prefix tree: this frame, called from parent. */
typedef struct {
    gint32 parent;
    guint32 frame;
} RsProfileStack;

/* Of a sample. How a stack ended is one of these words. */
typedef enum {
    RS_STACK_COMPLETE,
    RS_STACK_CUT_COPY,    /* it went on beyond what was copied of it */
    RS_STACK_NO_RULE,     /* no unwind information for an address */
    RS_STACK_BAD_ADDRESS, /* a return address outside of all code, or unreadable memory */
    RS_STACK_TOO_DEEP,
    RS_STACK_NOT_WALKED, /* the sample had no user registers, or unwinding was not possible */
    RS_N_STACK_ENDS,
} RsStackEnd;
extern const char *const rs_stack_end_names[]; /* NULL-ended */

typedef struct {
    gint64 at_ns;
    gint64 weight_ns; /* time that it stands for */
    gint32 stack;
    guint32 thread; /* index into threads */
    guint8 end;     /* RsStackEnd */
    guint8 is_late; /* outer frames were read after the sample, from the live process */
} RsProfileSample;

typedef struct {
    gint32 process_id, thread_id;
    char *name; /* comm; NULL: not told */
    char *extra_json;
} RsProfileThread;

typedef struct {
    gint32 process_id, parent_id; /* parent 0: not told */
    char *name;                   /* comm; NULL: not told */
    gint64 start_ns, end_ns;      /* -1: it was there before; it was still there */
    int exit_status;              /* -1: not told, or ended by a signal */
    int signal_number;            /* 0: none */
    char *extra_json;
} RsProfileProcess;

/* One look at /proc. Counts are totals since the process began; -1 (CPU: NaN): not told. */
typedef struct {
    gint64 at_ns;
    gint32 process_id;
    double cpu_pct; /* since the last look; 100: one CPU */
    gint64 rss_bytes, n_threads, n_open_fds, n_syscalls;
    gint64 n_voluntary_switches, n_involuntary_switches, read_bytes, written_bytes;
    char *extra_json;
} RsProcessSample;

typedef enum {
    RS_EVENT_SPIKE,
    RS_EVENT_PLATEAU,
    RS_EVENT_DIP,
    RS_EVENT_THREAD_BURST,
    RS_EVENT_MARK,    /* set by a person */
    RS_EVENT_RESTART, /* the target ended and another process of that name was attached to */
} RsEventKind;
extern const char *const rs_event_kind_names[]; /* "spike", ..., NULL-ended */

typedef struct {
    RsEventKind kind;
    char *series;      /* "cpu_pct", "rss_bytes", "n_threads"; NULL: of no series */
    gint32 process_id; /* 0: of none */
    gint64 start_ns, end_ns;
    double before, peak; /* the series' value before it, and its furthest value in it; NaN */
    char *label;         /* NULL: none */
    char *extra_json;
} RsTimelineEvent;

/* Where threads waited for a lock. */
typedef struct {
    gint32 stack; /* RS_STACK_NONE: not known */
    gint64 n_waits, wait_ns;
} RsLockSite;

/* A futex that threads waited for. Waits are those seen: shorter ones than the time between two
 * looks are seen in proportion to their length. */
typedef struct {
    gint32 process_id;
    guint64 address;
    char *place;             /* "heap", "stack", a module's path, ...; NULL: not told */
    gint64 n_waits, wait_ns; /* waits begun; sum over threads */
    gint64 n_max_waiters;    /* at once */
    GArray *sites;           /* RsLockSite, most waited first */
    char *extra_json;
} RsLock;

/* How the profile came about. -1: not told. */
typedef struct {
    char *backend;        /* "perf", "ptrace", "none"; NULL: nothing was sampled */
    char *backend_reason; /* a sentence: why this one */
    char *event;          /* "cpu-clock", ... */
    double sample_rate_hz;
    gboolean fallback_used; /* another backend than the first choice */
    gboolean sees_kernel;   /* time in the kernel is sampled as well */
    gint64 n_raw_samples;   /* taken */
    /* Of the samples, by their innermost frame: with a name that a person gave; distinct addresses
     * without. n_symbolized_samples is the sum of the sources that give names. -1: not symbolized
     */
    gint64 n_symbolized_samples, n_unknown_symbols;
    gint64 n_by_source[RS_N_SYMBOL_SOURCES], n_unnamed[RS_N_UNNAMED]; /* samples */
    gint64 n_dropped_samples;                                         /* our buffers were full */
    gint64 n_lost_samples; /* the kernel's buffers were full */
    gint64 n_throttled;    /* times the kernel lowered the rate */
    gint64 n_ends[RS_N_STACK_ENDS];
    gint64 n_late_samples;
    gint64 sampler_cpu_ns, analysis_cpu_ns, wall_ns; /* what the profiler took itself */
    /* What sampling adds to the target's time: the median of pairs of launches with and without it,
     * and a 95 % interval around it. NaN: not told. */
    double cost_wall_pct, cost_wall_low_pct, cost_wall_high_pct;
    double cost_cpu_pct, cost_cpu_low_pct, cost_cpu_high_pct;
    gint64 n_cost_pairs;
    char *fidelity; /* a sentence on what the figures are worth; NULL */
    char *extra_json;
} RsDiagnostics;

typedef struct {
    gint64 duration_ns, cpu_user_ns, cpu_system_ns, peak_rss_bytes, peak_threads; /* -1: not told */
    int exit_status, signal_number; /* of the target; -1 and 0: not told */
    char *extra_json;
} RsProcessSummary;

typedef struct RsProfile {
    GPtrArray *modules;         /* RsProfileModule */
    GArray *frames;             /* RsProfileFrame */
    GPtrArray *functions;       /* RsFunction */
    GArray *lines;              /* RsProfileLine */
    GArray *stacks;             /* RsProfileStack; a parent comes before its children */
    GArray *samples;            /* RsProfileSample, by time */
    GArray *threads;            /* RsProfileThread; names owned by the profile */
    GArray *processes;          /* RsProfileProcess */
    GPtrArray *process_samples; /* RsProcessSample, by time */
    GPtrArray *events;          /* RsTimelineEvent, by start */
    GPtrArray *locks;           /* RsLock, most waited first */
    RsProcessSummary summary;
    RsDiagnostics diagnostics;
    gboolean is_list; /* of functions, as a file without a profile tells them, and nothing else */
    struct RsProfileIndex *index; /* for interning; made on demand */
} RsProfile;

RsProfile *rs_profile_new(void);
void rs_profile_free(RsProfile *profile);

/* Interning makes its index from what is there at the first call; from then on modules, frames,
 * stacks, threads, processes and locks are added by these functions alone.
 *
 * At a limit: the module, and a frame of it, that stands for what is not known; the parent; the
 * last thread or process; no lock. */

/* The module with that kind, path and build-id, which may be NULL. */
guint32 rs_profile_add_module(RsProfile *profile, RsModuleKind kind, const char *path,
                              const char *build_id, gint64 n_bytes);
guint32 rs_profile_add_frame(RsProfile *profile, guint32 module, guint64 address);
/* The node below parent (RS_STACK_NONE: a root). */
gint32 rs_profile_add_stack(RsProfile *profile, gint32 parent, guint32 frame);
/* The thread; a name that is told later replaces NULL, or the older name. */
guint32 rs_profile_add_thread(RsProfile *profile, gint32 process_id, gint32 thread_id,
                              const char *name);
/* The process with that id that has not ended, or a new one. Valid until the next is added. */
RsProfileProcess *rs_profile_add_process(RsProfile *profile, gint32 process_id);

/* The function with that module, name, linkage name, file and line, each of which but the name may
 * be missing; takes what is given and frees it where it is known already. At the limit: the last
 * one. */
guint32 rs_profile_add_function(RsProfile *profile, RsFunction *function);
/* The lines of a frame that has none yet; at most RS_PROFILE_MAX_FRAME_LINES, the outer ones. */
void rs_profile_set_lines(RsProfile *profile, guint32 frame, const RsProfileLine *lines, guint n);
/* Forgets functions and lines, for another attempt. */
void rs_profile_clear_symbols(RsProfile *profile);

/* A wait for a lock as one look saw it: adds to the lock of that address and to its site.
 * n_waiters: threads that waited for it at that look. */
void rs_profile_add_wait(RsProfile *profile, gint32 process_id, guint64 address, const char *place,
                         gint32 stack, gboolean has_begun, gint64 wait_ns, guint n_waiters);

/* Interns everything of from's stacks into into, with the lines of frames that have none there;
 * map[i] is where from's stack i went. Yours. */
gint32 *rs_profile_merge_stacks(RsProfile *into, const RsProfile *from);

/* Only what lies from from_ns to until_ns: samples, process samples, events that overlap. */
void rs_profile_cut(RsProfile *profile, gint64 from_ns, gint64 until_ns);

/* Share of stacks that ended as they should; NaN without samples. */
double rs_diagnostics_complete_frac(const RsDiagnostics *diagnostics);
/* Joins what two parts of one run tell: sums of counts and times, the words of the first. */
void rs_diagnostics_join(RsDiagnostics *diagnostics, const RsDiagnostics *other);

RsProcessSample *rs_process_sample_new(void);
void rs_process_sample_free(RsProcessSample *sample);
RsTimelineEvent *rs_timeline_event_new(RsEventKind kind);
void rs_timeline_event_free(RsTimelineEvent *event);
RsLock *rs_lock_new(gint32 process_id, guint64 address);
void rs_lock_free(RsLock *lock);
void rs_diagnostics_init(RsDiagnostics *diagnostics);
void rs_diagnostics_clear(RsDiagnostics *diagnostics);
void rs_profile_module_free(RsProfileModule *module);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsProfile, rs_profile_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsProcessSample, rs_process_sample_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsTimelineEvent, rs_timeline_event_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsLock, rs_lock_free)

#endif
