/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ProfileSession: everything one run measured, as plain data. No I/O, no statistics, no JSON: keys
 * that this version does not know travel along as text in extra_json, so that a read and a write
 * lose nothing. Unknown keys of an object that has no struct, or none with an extra_json (shard,
 * gate, trials ...), are in that of the struct around it, below the same keys as in the file.
 *
 * A benchmark holds its trials by column: arm, pair and start of trial i, and the i-th value of
 * each metric, in run order; where a sampler ran along, the stacks of trial i as well. Life cycle:
 * rs_session_new, fill, hand over; everything inside is owned by the session. */
#ifndef RS_MODEL_SESSION_H
#define RS_MODEL_SESSION_H

#include <glib.h>

#include "model/gate.h"
#include "model/machine.h"
#include "model/metric.h"
#include "model/names.h"
#include "model/policy.h"
#include "model/profile.h"

#define RS_SESSION_FORMAT        "rustscope-session"
#define RS_SESSION_VERSION       1
#define RS_SESSION_VERSION_MINOR 0

/* One side's program, as it was run. */
typedef struct {
    char **argv;             /* NULL: this arm does not exist */
    gboolean shell;          /* argv was handed to a shell */
    char *working_directory; /* NULL: the caller's */
    char *stdin_path;        /* NULL: /dev/null */
    char **environment;      /* NAME=VALUE set by the configuration, NULL-ended; NULL: none */
    char *build_command;     /* NULL: none */
    char *executable_path;   /* what argv[0] resolved to */
    char *executable_sha256;
    gint64 executable_bytes; /* -1: not told */
    char *extra_json;
} RsProgram;

/* A trial, build or hook that did not succeed. */
typedef struct {
    RsArm arm;
    char *stage;       /* "build", "setup", "prepare", "trial", "cleanup" */
    gint64 pair;       /* of the trial; -1 elsewhere */
    int exit_status;   /* -1: it did not exit */
    int signal_number; /* 0: no signal */
    gboolean timed_out;
    char *message;     /* one sentence */
    char *output_tail; /* the last lines it printed, valid UTF-8, bounded */
    char *extra_json;
} RsFailure;

/* A stack that was seen in a trial. */
typedef struct {
    gint32 stack; /* of the session's profile; RS_STACK_NONE: not walked */
    guint32 n;    /* samples with it */
    gint64 weight_ns;
} RsTrialSample;

/* Where the samples of a trial lie in its benchmark's. */
typedef struct {
    guint32 first;
    gint32 n; /* -1: the trial was not sampled */
} RsTrialSpan;

#define RS_TRIAL_MAX_STACKS 1000000 /* of one trial; what comes after them is not recorded */

typedef struct {
    char *name;
    char **tags;       /* NULL-ended; NULL: none */
    char **parameters; /* NAME=VALUE of the matrix; NULL: none */
    RsDesign design;
    RsStopReason stop_reason;
    double threshold_pct;          /* of this benchmark; NaN: the gate's */
    char **gated_metrics;          /* of this benchmark; NULL: the gate's */
    guint launches_per_trial;      /* >= 1; values are per launch */
    RsProgram programs[RS_N_ARMS]; /* design single uses the baseline slot only */
    GArray *trial_arm;             /* guint8, RsArm */
    GArray *trial_pair;            /* gint32; the two trials of a pair share it */
    GArray *trial_start_ns;        /* gint64, since the session began */
    GPtrArray *metrics;            /* RsMetric, each with as many values as there are trials */
    GArray *trial_spans;           /* RsTrialSpan of each trial; NULL: none was sampled */
    GArray *trial_samples;         /* RsTrialSample, of all trials; NULL with trial_spans */
    GPtrArray *failures;           /* RsFailure */
    GPtrArray *warnings;           /* char*, sentences */
    char *extra_json;
} RsBenchmark;

/* Where the program under test came from. */
typedef struct {
    char *revision, *branch, *repository, *describe;
    gboolean dirty;
} RsRevision;

typedef struct {
    int version, version_minor;
    char *source_format; /* what it was read from: "rustscope-session 1.0", "rustscope 0.5" */
    char *tool_version;  /* of the program that measured */
    char *created_at;    /* ISO 8601, UTC */
    char *run_id;        /* the same in all shards of one run */
    char *configuration_sha256;     /* shards of one run agree in it; NULL: no configuration file */
    guint shard_index, shard_count; /* 1..count; 0/0: not sharded */
    char **expected_benchmarks; /* names of the whole configuration, before filter and shard; NULL:
                                   not told */
    gint64 seed;
    gboolean complete; /* every benchmark of this file reached an end of its own */
    RsGate *gate;      /* NULL in files that were not collected by bench-run */
    RsRevision revisions[RS_N_ARMS];
    RsMachine machine;
    RsNoise noise;
    char *change_head; /* head of the change under review that was measured, as in a verdict; NULL:
                          not told */
    GPtrArray *policy_changes; /* RsPolicyChange: what the change does to the rules of its base */
    GPtrArray *benchmarks;     /* RsBenchmark */
    GPtrArray *warnings;       /* char* */
    RsProfile *profile;        /* NULL: nothing was sampled or watched; of a RustScope 0.5 file: its
                                  functions    alone */
    char *extra_json;          /* hotspot_snapshots ... and keys of later versions */
} RsSession;

RsSession *rs_session_new(void);
void rs_session_free(RsSession *session);
/* The functions that a file lists, RsFunction; makes a profile of them alone where there is none.
 */
GPtrArray *rs_session_functions(RsSession *session);
RsBenchmark *rs_session_find(const RsSession *session, const char *benchmark_name);

RsBenchmark *rs_benchmark_new(const char *name, RsDesign design);
void rs_benchmark_free(RsBenchmark *benchmark);
guint rs_benchmark_n_trials(const RsBenchmark *benchmark);
RsMetric *rs_benchmark_metric(const RsBenchmark *benchmark, const char *metric_name);
/* Adds a metric; trials already there have it absent. The benchmark keeps it. */
RsMetric *rs_benchmark_add_metric(RsBenchmark *benchmark, const char *name, const char *unit,
                                  RsDirection direction, RsMetricKind kind);
/* Appends a trial with all metrics absent; returns its index. Set values with
 * rs_benchmark_set_value. */
guint rs_benchmark_add_trial(RsBenchmark *benchmark, RsArm arm, gint32 pair, gint64 start_ns);
void rs_benchmark_set_value(RsBenchmark *benchmark, guint trial, RsMetric *metric, RsValue value);
/* The stacks of a trial that has none yet. n may be 0: it was sampled, and nothing was seen. */
void rs_benchmark_set_samples(RsBenchmark *benchmark, guint trial, const RsTrialSample *samples,
                              guint n);
/* Borrowed until the next are set; NULL: the trial was not sampled. */
const RsTrialSample *rs_benchmark_samples(const RsBenchmark *benchmark, guint trial, guint *n);

RsFailure *rs_failure_new(RsArm arm, const char *stage);
void rs_failure_free(RsFailure *failure);
void rs_program_clear(RsProgram *program);
void rs_revision_clear(RsRevision *revision);
void rs_revision_copy(const RsRevision *from, RsRevision *to);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsSession, rs_session_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsBenchmark, rs_benchmark_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsFailure, rs_failure_free)

#endif
