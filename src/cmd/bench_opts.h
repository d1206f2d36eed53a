/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is to be measured, from command line and configuration file: shared by bench-run, calibrate
 * and selftest. */
#ifndef RS_CMD_BENCH_OPTS_H
#define RS_CMD_BENCH_OPTS_H

#include "cmd/gate_opts.h"
#include "trial/collect.h"
#include "trial/plan.h"

typedef struct {
    char *config_path, *baseline, *current, *name;
    char *baseline_build, *current_build;
    char *baseline_directory, *current_directory, *working_directory;
    char *stdin_path, *setup, *prepare, *cleanup, *exit_codes, *shard;
    char **environment, **filters, **tags, **pass_environment;
    gboolean shell, show_output, allow_undecided;
    guint n_trials, n_warmups, launches, max_pairs, n_blame_samples;
    double max_time_s, timeout_s, sample_rate_hz;
    int sampler;
    gint64 seed;
} RsBenchOpts;

/* Rows of a command's table; TYPE has a member `bench` of RsBenchOpts and one `gate` of RsGateOpts.
 */
/* clang-format off */
#define RS_BENCH_OPT_ROWS(TYPE)                                                                    \
    {"config", 'c', RS_OPT_FILE, offsetof(TYPE, bench.config_path), NULL, "FILE",                  \
     "benchmarks from a configuration file (rustscope.yml)", NULL},                                \
    {"filter", 0, RS_OPT_TEXTS, offsetof(TYPE, bench.filters), NULL, "GLOB",                       \
     "only benchmarks whose name matches; may be repeated", NULL},                                 \
    {"tag", 0, RS_OPT_LIST, offsetof(TYPE, bench.tags), NULL, "NAMES",                             \
     "only benchmarks with one of these tags", NULL},                                              \
    {"name", 0, RS_OPT_TEXT, offsetof(TYPE, bench.name), NULL, "NAME",                             \
     "name of the benchmark (else taken from its program)", NULL},                                 \
    {"shell", 0, RS_OPT_FLAG, offsetof(TYPE, bench.shell), NULL, NULL,                             \
     "hand the commands to /bin/sh", NULL},                                                        \
    {"working-directory", 'C', RS_OPT_FILE, offsetof(TYPE, bench.working_directory), NULL, "DIR",  \
     "where the commands run", NULL},                                                              \
    {"stdin", 0, RS_OPT_FILE, offsetof(TYPE, bench.stdin_path), NULL, "FILE",                      \
     "standard input (else empty)", NULL},                                                         \
    {"env", 0, RS_OPT_TEXTS, offsetof(TYPE, bench.environment), NULL, "NAME=VALUE",                \
     "set in the environment of both programs; may be repeated", NULL},                            \
    {"pass-env", 0, RS_OPT_LIST, offsetof(TYPE, bench.pass_environment), NULL, "NAMES",            \
     "variables to pass on although they look like secrets", NULL},                                \
    {"setup", 0, RS_OPT_TEXT, offsetof(TYPE, bench.setup), NULL, "CMD",                            \
     "run once before, through /bin/sh", NULL},                                                    \
    {"prepare", 0, RS_OPT_TEXT, offsetof(TYPE, bench.prepare), NULL, "CMD",                        \
     "run before each trial, not measured, through /bin/sh", NULL},                                \
    {"cleanup", 0, RS_OPT_TEXT, offsetof(TYPE, bench.cleanup), NULL, "CMD",                        \
     "run once after, through /bin/sh", NULL},                                                     \
    {"exit-codes", 0, RS_OPT_TEXT, offsetof(TYPE, bench.exit_codes), "0", "LIST",                  \
     "exit statuses that count as success, separated by commas", NULL},                            \
    {"warmup", 0, RS_OPT_COUNT, offsetof(TYPE, bench.n_warmups), "1", "N",                         \
     "launches of each program before the first trial", NULL},                                     \
    {"launches", 0, RS_OPT_COUNT, offsetof(TYPE, bench.launches), NULL, "N",                       \
     "launches that make one trial (else chosen so that a trial lasts 50 ms when one launch is "   \
     "shorter than 20 ms)", NULL},                                                                 \
    {"timeout", 0, RS_OPT_DURATION, offsetof(TYPE, bench.timeout_s), "10m", "TIME",                \
     "longest time of one launch", NULL},                                                          \
    {"max-pairs", 0, RS_OPT_COUNT, offsetof(TYPE, bench.max_pairs), "150", "N",                    \
     "pair budget of each benchmark", NULL},                                                       \
    {"max-time", 0, RS_OPT_DURATION, offsetof(TYPE, bench.max_time_s), "30m", "TIME",              \
     "time budget of the whole run; 0: none", NULL},                                               \
    {"seed", 0, RS_OPT_INTEGER, offsetof(TYPE, bench.seed), NULL, "N",                             \
     "seed of the order of the pairs (else drawn, and recorded)", NULL},                           \
    {"sample-rate", 0, RS_OPT_REAL, offsetof(TYPE, bench.sample_rate_hz), "199", "HZ",             \
     "samples of the programs' stacks per second of their CPU time; 0: none", NULL},               \
    {"blame-samples", 0, RS_OPT_COUNT, offsetof(TYPE, bench.n_blame_samples), "500", "N",          \
     "samples of each side that a regression is measured on for, to tell the functions to "        \
     "blame; 0: not", NULL},                                                                       \
    {"sampler", 0, RS_OPT_WORD, offsetof(TYPE, bench.sampler), "auto", "NAME",                     \
     "how samples are taken; auto: the first that is permitted here", rs_sampler_choice_names},    \
    {"show-output", 0, RS_OPT_FLAG, offsetof(TYPE, bench.show_output), NULL, NULL,                 \
     "let the programs print, on stderr", NULL},                                                   \
    {"allow-undecided", 0, RS_OPT_FLAG, offsetof(TYPE, bench.allow_undecided), NULL, NULL,         \
     "accept a budget that is too small to ever decide", NULL}
/* clang-format on */

/* The plan: of the configuration file when there is one, which the options given override; else one
 * benchmark of
 * --baseline and --current, or of the command behind --, alone. It is sealed and selected.
 * Errors G_OPTION_ERROR, RS_PLAN_ERROR, G_FILE_ERROR. */
RsPlan *rs_bench_plan(const RsBenchOpts *bench, const RsGateOpts *gate, const RsOpt *rows,
                      const RsOptBase *base, GError **error);

/* The part of rs_bench_plan that puts options over a plan, seals and selects it. only_given: what
 * the plan has counts where an option was not given. */
gboolean rs_bench_settle_plan(RsPlan *plan, const RsBenchOpts *bench, const RsGateOpts *gate,
                              const RsOpt *rows, const RsOptBase *base, gboolean only_given,
                              GError **error);

/* The sentence that repeats a run locally, yours. */
char *rs_bench_repeat_command(const RsSession *session);

/* Adds the options of the gate that are not the default. */
void rs_bench_append_gate(GString *text, const RsGate *gate);

/* A session for the plan with machine, revisions and time of creation. */
RsSession *rs_bench_session(const RsPlan *plan);

#endif
