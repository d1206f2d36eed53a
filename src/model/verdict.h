/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A verdict: what compare decided and all that a reader needs to believe it, as plain data. The
 * file format is `rustscope-verdict` version 1; renderers see this and nothing else. Per cents are
 * slowdowns: + is worse whatever the metric's direction. NaN: not known (null in the file). */
#ifndef RS_MODEL_VERDICT_H
#define RS_MODEL_VERDICT_H

#include <glib.h>

#include "model/blame.h"
#include "model/gate.h"
#include "model/machine.h"
#include "model/names.h"
#include "model/policy.h"
#include "model/session.h"

#define RS_VERDICT_FORMAT        "rustscope-verdict"
#define RS_VERDICT_VERSION       1
#define RS_VERDICT_VERSION_MINOR 0

/* One arm of one row: its values in the metric's unit. */
typedef struct {
    guint n;
    double mean, median, sd, mad, min, max;
    guint n_outliers;  /* beyond 5 scaled MADs of the median; counted, never removed */
    GArray *values;    /* double, in run order; empty for rows that are not gated */
    GArray *positions; /* guint32: place of each value in run order among the trials of both arms
                          that count */
} RsRowSide;

/* One benchmark x metric. */
typedef struct {
    char *name, *metric, *unit;
    RsDirection direction;
    gboolean gated;
    RsVerdictKind verdict;
    RsSeverity severity;
    RsMethod method;
    double threshold_pct, bound_pct; /* T and G that hold for this row */
    double change_pct, ci_low_pct, ci_high_pct, ci_level_pct;
    double p_value,
        p_adjusted;    /* against "not slower" (paired, one-sided) or "equal" (Welch, two-sided) */
    double p_improved; /* adjusted, one-sided, paired only */
    double mde_pct;    /* slowdown this run would have flagged 95 times in 100 */
    guint n_baseline, n_current;
    guint launches_per_trial;
    RsStopReason stop_reason;
    RsRowSide baseline, current;
    char *reason;        /* why it is incomparable, new, missing, inconclusive; NULL otherwise */
    GPtrArray *warnings; /* char* */
    char *extra_json;    /* keys of the file that this version does not know */
} RsRow;

/* A function of a file that holds no trials: listed, never judged. Times in ns; -1: not told. */
typedef struct {
    char *name, *crate_name;
    gint64 baseline_self_ns, current_self_ns;
    double change_pct;
    char *extra_json;
} RsFunctionChange;

typedef struct {
    RsGateStatus status;
    RsGate *gate;          /* the options that held */
    double bound_pct;      /* G of the default threshold; INFINITY (null) with fail-on none */
    int exit_status;       /* what the process returns */
    char *reason;          /* one sentence */
    RsGateStatus would_be; /* with fail-on critical; differs from status in advisory mode (fail-on
                              none) only */
    gboolean may_gate;     /* FALSE: files measured apart that were not asked to; not in the file */
} RsGateResult;

typedef struct {
    guint n_benchmarks; /* distinct names */
    guint n_rows, n_gated_rows;
    guint n_by_verdict[RS_N_VERDICTS];    /* benchmarks, each by its worst gated row */
    guint n_by_severity[RS_N_SEVERITIES]; /* benchmarks, likewise */
    guint n_no_baseline; /* benchmarks without a usable baseline, new ones included */
} RsVerdictSummary;

typedef struct {
    char *tool_version, *rule_version, *created_at,
        *command;          /* command: repeats this comparison locally */
    gint64 seed;           /* -1: none */
    gboolean side_by_side; /* pairs; FALSE: two files measured apart */
    char *sampler; /* what the functions were seen with: "perf", "ptrace"; NULL: nothing sampled */
    RsGateResult gate;
    RsRevision revisions[RS_N_ARMS];
    RsMachine machines[RS_N_ARMS]; /* the same machine twice when side by side */
    RsNoise noise;
    GPtrArray *rows;      /* RsRow; grouped by benchmark, in the order of the current file */
    GPtrArray *functions; /* RsFunctionChange; empty unless files without trials were compared */
    GPtrArray *blames;    /* RsBlame, of benchmarks that regressed, in the order of their rows */
    GPtrArray *failures;  /* RsVerdictFailure */
    char *change_head;    /* head of the change under review that was measured; the current revision
                             may be its merge into the base. NULL: not told */
    GPtrArray *policy_changes; /* RsPolicyChange: what the change does to the rules of its base */
    RsAcceptance *acceptance;  /* NULL: none */
    RsVerdictSummary summary;
    GPtrArray *warnings; /* char*, sentences that hold for the whole report */
    char *extra_json;
} RsVerdict;

/* A failure and the benchmark it belongs to. */
typedef struct {
    char *benchmark;
    RsFailure *failure;
} RsVerdictFailure;

RsVerdict *rs_verdict_new(const RsGate *gate);
void rs_verdict_free(RsVerdict *verdict);
RsRow *rs_row_new(const char *name, const char *metric, const char *unit, RsDirection direction);
void rs_row_free(RsRow *row);
RsFunctionChange *rs_function_change_new(const char *name);
void rs_function_change_free(RsFunctionChange *change);
RsVerdictFailure *rs_verdict_failure_new(const char *benchmark, const RsFailure *failure);
void rs_verdict_failure_free(RsVerdictFailure *failure);

/* How bad a row is for sorting and for "a benchmark is as bad as its worst row": larger is worse.
 * regression (by severity) > inconclusive > incomparable > missing > new > improvement >
 * below_threshold > unchanged. */
int rs_row_badness(const RsRow *row);
/* The worst gated row of the benchmark called name; NULL when it has none. */
const RsRow *rs_verdict_worst_row(const RsVerdict *verdict, const char *name);
/* The blame of the benchmark called name; NULL: there is none. */
const RsBlame *rs_verdict_blame(const RsVerdict *verdict, const char *name);
/* Names of the benchmarks in the order of their first row; the strings are borrowed from the rows.
 */
GPtrArray *rs_verdict_benchmark_names(const RsVerdict *verdict);
/* Whether the change would loosen the rules that judge it. */
gboolean rs_verdict_weakens_policy(const RsVerdict *verdict);
/* Counts summary anew from the rows. */
void rs_verdict_summarize(RsVerdict *verdict);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsVerdict, rs_verdict_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsRow, rs_row_free)

#endif
