/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What bench-run is to do: the benchmarks, both programs of each, the hooks and the budgets, as
 * plain data. Comes from the command line or from a configuration file (trial/config.h); the
 * collector carries it out. */
#ifndef RS_TRIAL_PLAN_H
#define RS_TRIAL_PLAN_H

#include <glib.h>

#include "capture/capture.h"
#include "model/gate.h"
#include "model/session.h"

/* Of samples in a second of CPU time, when nobody asks for another rate. */
#define RS_SAMPLING_DEFAULT_HZ 199
#define RS_SAMPLING_MAX_HZ     10000

#define RS_PLAN_ERROR (rs_plan_error_quark())
GQuark rs_plan_error_quark(void);
typedef enum { RS_PLAN_ERROR_INVALID } RsPlanError;

/* A command of the user's: argv, run through /bin/sh when shell. Empty: argv NULL. */
typedef struct {
    char **argv;
    gboolean shell;
} RsCommand;

typedef struct {
    char *name;
    char **tags, **parameters; /* as in RsBenchmark */
    RsDesign design;
    RsProgram programs[RS_N_ARMS]; /* argv, shell, working_directory, stdin_path, environment,
                                      build_command */
    RsCommand setup[RS_N_ARMS];    /* once before the first launch of the arm */
    RsCommand prepare[RS_N_ARMS];  /* before each trial, not measured */
    RsCommand cleanup[RS_N_ARMS];  /* once after the last */
    double timeout_s;              /* of one launch; 0: none */
    GArray *exit_codes;            /* int; statuses that count as success; default 0 */
    double threshold_pct;          /* NaN: the gate's */
    char **gated_metrics;          /* NULL: the gate's */
    guint n_warmups;               /* launches of each arm before the first trial */
    guint launches_per_trial;      /* 0: chosen so that a trial is long enough */
    guint n_trials;                /* > 0: exactly that many pairs (or trials), no adaptive stop */
} RsPlanBenchmark;

#define RS_PLAN_DEFAULT_BLAME_SAMPLES 500
#define RS_PLAN_DEFAULT_ACCEPT_LABEL  "rustscope:accept"
#define RS_PLAN_MAX_BLAME_SAMPLES     1000000

typedef struct {
    RsGate *gate;
    GPtrArray *benchmarks;      /* RsPlanBenchmark, the whole configuration until rs_plan_select */
    RsCommand setup, cleanup;   /* once for the whole run */
    char **expected_benchmarks; /* all names, kept by rs_plan_select */
    char *configuration_sha256; /* NULL: from the command line */
    gint64 seed;                /* -1: draw one */
    double sample_rate_hz;      /* of the sampler that runs along; 0: none */
    RsSamplerChoice sampler;
    guint n_blame_samples; /* of each side of a benchmark that stops red: before it has them it goes
                              on being measured, so that the functions to blame can be told; 0: it
                              stops */
    guint shard_index, shard_count; /* 0/0: not sharded */
    char *accept_label; /* who sets it on the change accepts a failed gate; never NULL */
    char *accept_file;  /* the same as a file of the repository, relative to its top; NULL: none */
} RsPlan;

RsPlan *rs_plan_new(void);
void rs_plan_free(RsPlan *plan);
RsPlanBenchmark *rs_plan_benchmark_new(const char *name, RsDesign design);
void rs_plan_benchmark_free(RsPlanBenchmark *benchmark);
void rs_command_clear(RsCommand *command);

/* A command line as typed: split like a shell splits words, or kept whole for /bin/sh.
 * Errors RS_PLAN_ERROR_INVALID: empty, or unbalanced quotes. */
gboolean rs_command_parse(const char *text, gboolean shell, char ***argv, GError **error);

/* Gated rows of all benchmarks: each with its own metrics or the gate's. */
guint rs_plan_count_family(const RsPlan *plan);
/* Settles gate->n_family and expected_benchmarks from the whole configuration; call once, before
 * rs_plan_select. */
void rs_plan_seal(RsPlan *plan);
/* Keeps the benchmarks whose name matches one of the globs (NULL: all) and that carry one of the
 * tags (NULL: all), then every shard_count-th of those, beginning with shard_index (1-based; 0/0:
 * all). Errors RS_PLAN_ERROR_INVALID: nothing is left, or a shard number out of range. */
gboolean rs_plan_select(RsPlan *plan, char **name_globs, char **tags, guint shard_index,
                        guint shard_count, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsPlan, rs_plan_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsPlanBenchmark, rs_plan_benchmark_free)

/* Both sides of every benchmark become the baseline's, hooks and inputs included; what makes it
 * ready runs once. */
void rs_plan_use_baseline_twice(RsPlan *plan);

#endif
