/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Carries out a plan: builds, warms up, runs randomised pairs of every benchmark until the rule has
 * settled it or the budget is spent, and fills a session as it goes.
 *
 * Who decides: stats/pair_rule.h, asked after every pair; p-values are corrected over the whole
 * configuration, so a shard or a filtered run stops no sooner than the whole run would. Time goes
 * round among the benchmarks still open. Order: rs_collect_session, then rs_collect; the session is
 * worth writing whatever rs_collect returns. */
#ifndef RS_TRIAL_COLLECT_H
#define RS_TRIAL_COLLECT_H

#include <glib.h>

#include "capture/module.h"
#include "model/session.h"
#include "trial/launcher.h"
#include "trial/plan.h"
#include "trial/runner.h"

typedef struct {
    const char *phase;            /* "building", "warming up", "measuring" */
    const RsBenchmark *benchmark; /* at work; NULL while building */
    guint n_benchmarks, n_ended;
    guint n_pairs;           /* of this benchmark so far */
    double change_pct;       /* its worst gated row so far; NaN: none yet */
    double elapsed_s, eta_s; /* eta: NaN while unknown */
} RsProgress;

typedef struct {
    RsRunnerOptions runner;
    gboolean measure_identical; /* measure although both arms are the same program */
    gboolean allow_undecided;   /* accept a budget too small to ever decide */
    gpointer user_data;         /* for the calls below, each of which may be NULL */
    /* The programs of a benchmark are found and will be measured. */
    gboolean (*on_ready)(const RsSession *session, guint benchmark, gpointer user_data,
                         GError **error);
    gboolean (*on_trial)(const RsSession *session, guint benchmark, guint trial, gpointer user_data,
                         GError **error);
    gboolean (*on_benchmark)(const RsSession *session, guint benchmark, gpointer user_data,
                             GError **error);
    void (*on_progress)(const RsProgress *progress, gpointer user_data);
    /* All samples are in the session's profile; the files that they are of are still pinned. */
    void (*on_sampled)(RsSession *session, RsModules *modules, gpointer user_data);
} RsCollectOptions;

/* A session for the plan, without trials: seed, gate, and a benchmark for each of the plan's. */
RsSession *rs_collect_session(const RsPlan *plan);

/* Whether a session, read back from a journal, is one of this plan: the same seed or none asked
 * for, gate, benchmarks and commands. Errors RS_PLAN_ERROR_INVALID. On success the benchmarks that
 * can go on are open again. */
gboolean rs_collect_resume(const RsPlan *plan, RsSession *session, GError **error);

/* Errors RS_PLAN_ERROR_INVALID (a hopeless budget), RS_LAUNCHER_ERROR (INTERRUPTED after a stop),
 * and whatever the calls return. Programs that fail are in the session, not errors. */
gboolean rs_collect(const RsPlan *plan, RsSession *session, RsLauncher *launcher,
                    const RsCollectOptions *options, GError **error);

#endif
