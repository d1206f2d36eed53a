/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sampling over a whole run: the sampler as the plan wants it, beside a launcher that is not
 * sampled, to find out what sampling costs. Order: begin, try for each benchmark while it warms up,
 * settle before anything is measured, tell whenever a benchmark has ended, end. NULL everywhere but
 * in begin: the plan wants none. */
#ifndef RS_TRIAL_SAMPLING_RUN_H
#define RS_TRIAL_SAMPLING_RUN_H

#include <glib.h>

#include "trial/plan.h"
#include "trial/runner.h"

typedef struct RsSamplingRun RsSamplingRun;

/* All are borrowed until the end; the runner's trials get samples. Errors RS_SAMPLER_ERROR: the
 * sampler that was asked for cannot be had; RS_LAUNCHER_ERROR. */
gboolean rs_sampling_run_begin(const RsPlan *plan, RsSession *session, RsLauncher *launcher,
                               RsRunner *runner, RsSamplingRun **run, GError **error);
void rs_sampling_run_end(RsSamplingRun *run);

/* Pairs of launches with and without sampling, in a small part of the expected_s that the benchmark
 * will take; launch_ns: how long a launch takes. Errors RS_LAUNCHER_ERROR. */
gboolean rs_sampling_run_try(RsSamplingRun *run, RsRunner *runner, const RsTrialRequest *request,
                             gint64 launch_ns, double expected_s, GError **error);
/* What the pairs of all benchmarks say; a sampler that nobody asked for is given up when it costs
 * too much. */
void rs_sampling_run_settle(RsSamplingRun *run);
/* Ends sampling; the files that the samples are of stay pinned until the run is ended. */
RsModules *rs_sampling_run_finish(RsSamplingRun *run);
/* Brings the session's diagnostics up to date. */
void rs_sampling_run_tell(RsSamplingRun *run);

#endif
