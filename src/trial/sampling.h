/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sampler that runs along with the trials: follows the launcher's children and gives each trial
 * the stacks that were seen in it, with their counts and weights. What hooks and warm-ups do is
 * passed over. Where nothing is permitted it samples nothing and says why; nothing else depends on
 * it. Knows nothing of pairs or decisions. */
#ifndef RS_TRIAL_SAMPLING_H
#define RS_TRIAL_SAMPLING_H

#include <glib.h>

#include "capture/capture.h"
#include "model/session.h"

typedef struct RsSampling RsSampling;

/* launcher_pid: the process whose children are sampled. session: gets a profile unless it has one
 * already (of a run that is resumed), borrowed. Errors RS_SAMPLER_ERROR: that choice of a sampler
 * cannot be had; never with RS_SAMPLER_AUTO. */
RsSampling *rs_sampling_new(RsSamplerChoice choice, double sample_rate_hz, int launcher_pid,
                            RsSession *session, GError **error);
/* Finishes it unless that is done. */
void rs_sampling_free(RsSampling *sampling);
/* FALSE: nothing is permitted here, or it was given up. */
gboolean rs_sampling_is_on(const RsSampling *sampling);

/* What was seen up to now belongs to no trial. */
void rs_sampling_pass(RsSampling *sampling);
/* What was seen since the last pass or take belongs to this one, which has just ended. scale: of
 * its weight, when it was seen in a part of the trial's launches alone. */
void rs_sampling_take(RsSampling *sampling, RsBenchmark *benchmark, guint trial, double scale);
/* What sampling adds to the time of the programs, in per cent with a 95 % interval; NaN: not
 * told. */
typedef struct {
    double wall_pct, wall_low_pct, wall_high_pct, cpu_pct, cpu_low_pct, cpu_high_pct;
    guint n_pairs;
} RsSamplingCost;
void rs_sampling_set_cost(RsSampling *sampling, const RsSamplingCost *cost);
/* Ends sampling for good; why is a sentence for the diagnostics. */
void rs_sampling_give_up(RsSampling *sampling, const char *why);
/* Ends sampling, for good, and brings the diagnostics up to date for the last time; the files that
 * the samples are of stay pinned until it is freed. */
RsModules *rs_sampling_finish(RsSampling *sampling);
/* Brings the diagnostics of the session's profile up to date. */
void rs_sampling_diagnose(RsSampling *sampling);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsSampling, rs_sampling_free)

#endif
