/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One trial, one hook or one build at a time: launches it and turns what was observed into values
 * of the session. Knows nothing of schedules, budgets or decisions. */
#ifndef RS_TRIAL_RUNNER_H
#define RS_TRIAL_RUNNER_H

#include <glib.h>

#include "model/session.h"
#include "trial/launcher.h"
#include "trial/plan.h"
#include "trial/sampling.h"

/* Arms that lie under one path, which has to show the one that is to run (trial/worktrees.h). All
 * members NULL: each arm has a place of its own. */
typedef struct {
    /* Right before anything of an arm is looked for or launched: program, hook or build. Outside of
     * what is measured, and the same for both arms. */
    gboolean (*before)(RsArm arm, gpointer data, GError **error);
    /* Of a program that is the same file in both arms: whether it finds the same around it, too. */
    gboolean (*is_same_around)(const RsProgram *program, gpointer data);
    /* Of a program that both arms find at one path: whether it is the one of its arm, and what is
     * to be known of its input (warnings, char *). */
    gboolean (*check)(const RsProgram *program, GPtrArray *warnings, gpointer data, GError **error);
    /* The environment, but for what a program's own says, of all that runs in an arm; the same for
     * both. Takes one, gives one. NULL: the caller's. */
    char **(*environment)(char **environment, gpointer data);
    gpointer data;
} RsArms;

typedef struct {
    RsArms arms;
    const volatile int *stop; /* non-zero ends what runs; NULL: never */
    gboolean show_output;
    char **
        pass_environment; /* names that are passed on although they look like secrets; NULL: none */
} RsRunnerOptions;

typedef struct RsRunner RsRunner;

/* launcher is borrowed. pmu: "available" or why there are no hardware counters, yours. */
RsRunner *rs_runner_new(RsLauncher *launcher, const RsRunnerOptions *options, char **pmu,
                        GError **error);
void rs_runner_free(RsRunner *runner);
/* Trials get the stacks that sampling sees in them. plain: a launcher that is not sampled. Both
 * borrowed. Once. */
void rs_runner_set_sampling(RsRunner *runner, RsSampling *sampling, RsLauncher *plain);

/* Adds the metrics that every trial has here; gated or not is no matter of this room. */
void rs_runner_add_metrics(const RsRunner *runner, RsBenchmark *benchmark);

/* Makes the arm the one that its path shows. Everything here that launches does it by itself; for
 * those who look at an arm's files. Errors are those of RsArms. */
gboolean rs_runner_show_arm(const RsRunner *runner, RsArm arm, GError **error);
/* Whether the program is its arm's own. Errors are those of RsArms. */
gboolean rs_runner_check_program(const RsRunner *runner, const RsProgram *program,
                                 GPtrArray *warnings, GError **error);
/* Whether both arms share one path, and what they show there in turn. */
gboolean rs_runner_arms_share_a_path(const RsRunner *runner);
/* Of a program with the same content in both arms: TRUE when nothing else that differs between them
 * is known to reach it. */
gboolean rs_runner_is_same_around(const RsRunner *runner, const RsProgram *program);

typedef struct {
    const RsPlanBenchmark *plan;
    RsBenchmark *benchmark;
    RsArm arm;
    gint32 pair;
    guint padding_bytes;
    gint64 session_start_ns; /* CLOCK_MONOTONIC */
    /* Launches so short that being sampled would change them: those that are measured are not
     * sampled, and some more are launched for samples alone. Not with a prepare. */
    gboolean sample_apart;
} RsTrialRequest;

/* Runs prepare and the trial and appends it to the benchmark. A program that fails is appended to
 * benchmark->failures instead, and *succeeded is FALSE. Errors RS_LAUNCHER_ERROR. */
gboolean rs_runner_trial(RsRunner *runner, const RsTrialRequest *request, gboolean *succeeded,
                         GError **error);

typedef struct {
    gint64 wall_ns, cpu_ns;
} RsTrialTime;

/* Launches that are not recorded, nor a failure of theirs, with or without sampling. */
gboolean rs_runner_try(RsRunner *runner, const RsTrialRequest *request, gboolean sampled,
                       guint n_launches, gboolean *succeeded, RsTrialTime *time, GError **error);

/* The same launch without recording it. wall_ns: of one launch. */
gboolean rs_runner_warm_up(RsRunner *runner, const RsTrialRequest *request, gboolean *succeeded,
                           gint64 *wall_ns, GError **error);

/* A command of the user's beside the trials; stage names it in the failure ("build", "setup", ...).
 * NULL argv: nothing to do. failure: set when it did not succeed, yours. may_stop FALSE: runs to
 * its end even after a stop (cleanup). */
gboolean rs_runner_command(RsRunner *runner, const RsCommand *command, const RsProgram *program,
                           RsArm arm, const char *stage, gboolean may_stop, RsFailure **failure,
                           GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsRunner, rs_runner_free)

#endif
