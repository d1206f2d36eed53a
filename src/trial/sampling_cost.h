/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What sampling adds to the time of the programs that are measured: pairs of launches with and
 * without it, a few for each benchmark while it warms up, all taken together at the end. Both sides
 * are the same program in the same state; those without are launched by a launcher that nobody
 * follows, so that all that sampling does to a process is in the difference. */
#ifndef RS_TRIAL_SAMPLING_COST_H
#define RS_TRIAL_SAMPLING_COST_H

#include <glib.h>

#include "trial/runner.h"

typedef struct RsCostMeter RsCostMeter;

/* limit_ns: of the time for all benchmarks. */
RsCostMeter *rs_cost_meter_new(gint64 limit_ns);
void rs_cost_meter_free(RsCostMeter *meter);

/* Pairs of launches of the request's program, as many as fit into budget_ns; launch_ns: how long
 * one takes. A program that fails ends them and is no error: its trials will tell. Errors
 * RS_LAUNCHER_ERROR. */
gboolean rs_cost_meter_run(RsCostMeter *meter, RsRunner *runner, const RsTrialRequest *request,
                           gint64 launch_ns, gint64 budget_ns, GError **error);
/* FALSE: too few pairs to tell. */
gboolean rs_cost_meter_read(const RsCostMeter *meter, RsSamplingCost *cost);

/* One pair, for those who measured it by themselves. */
void rs_cost_meter_add(RsCostMeter *meter, const RsTrialTime *with, const RsTrialTime *without);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsCostMeter, rs_cost_meter_free)

#endif
