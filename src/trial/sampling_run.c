/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/sampling_run.h"

#include "base/clock.h"
#include "trial/sampling.h"
#include "trial/sampling_cost.h"

/* Of the time that a benchmark, and the whole run, may take. */
#define TRY_BUDGET_FRAC 0.04
#define TRY_LIMIT_S     5.0
#define BEARABLE_PCT    5 /* of wall time */

struct RsSamplingRun {
    const RsPlan *plan;
    RsSession *session;
    RsLauncher *plain;
    RsSampling *sampling;
    RsCostMeter *cost;
};

gboolean rs_sampling_run_begin(const RsPlan *plan, RsSession *session, RsLauncher *launcher,
                               RsRunner *runner, RsSamplingRun **run, GError **error)
{
    double limit_s = plan->gate->max_time_s > 0
                         ? MIN(TRY_LIMIT_S, plan->gate->max_time_s * TRY_BUDGET_FRAC)
                         : TRY_LIMIT_S;
    RsSamplingRun *own;

    *run = NULL;
    if (!(plan->sample_rate_hz > 0) || plan->sampler == RS_SAMPLER_NONE)
        return TRUE;
    own = g_new0(RsSamplingRun, 1);
    own->plan = plan;
    own->session = session;
    own->plain = rs_launcher_new(error); /* before there is a second thread to fork beside */
    if (own->plain)
        own->sampling = rs_sampling_new(plan->sampler, plan->sample_rate_hz,
                                        rs_launcher_pid(launcher), session, error);
    if (!own->sampling) {
        rs_launcher_free(own->plain);
        g_free(own);
        return FALSE;
    }
    own->cost = rs_cost_meter_new((gint64)(limit_s * RS_NS_PER_S));
    rs_runner_set_sampling(runner, own->sampling, own->plain);
    *run = own;
    return TRUE;
}

RsModules *rs_sampling_run_finish(RsSamplingRun *run)
{
    if (rs_sampling_is_on(run->sampling))
        run->session->noise.sampling_rate_hz = run->plan->sample_rate_hz;
    return rs_sampling_finish(run->sampling);
}

void rs_sampling_run_end(RsSamplingRun *run)
{
    if (!run)
        return;
    rs_sampling_run_finish(run);
    rs_sampling_free(run->sampling);
    rs_cost_meter_free(run->cost);
    rs_launcher_free(run->plain);
    g_free(run);
}

gboolean rs_sampling_run_try(RsSamplingRun *run, RsRunner *runner, const RsTrialRequest *request,
                             gint64 launch_ns, double expected_s, GError **error)
{
    return !run || !rs_sampling_is_on(run->sampling) ||
           rs_cost_meter_run(run->cost, runner, request, launch_ns,
                             (gint64)(expected_s * TRY_BUDGET_FRAC * RS_NS_PER_S), error);
}

void rs_sampling_run_settle(RsSamplingRun *run)
{
    RsSamplingCost cost;

    if (!run || !rs_cost_meter_read(run->cost, &cost))
        return;
    rs_sampling_set_cost(run->sampling, &cost);
    if (run->plan->sampler == RS_SAMPLER_AUTO && cost.wall_low_pct > BEARABLE_PCT) {
        g_autofree char *why =
            g_strdup_printf("it made the programs %.1f %% slower (95 %% interval %.1f to %.1f %%)",
                            cost.wall_pct, cost.wall_low_pct, cost.wall_high_pct);

        rs_sampling_give_up(run->sampling, why);
    }
    rs_sampling_diagnose(run->sampling);
}

void rs_sampling_run_tell(RsSamplingRun *run)
{
    if (run)
        rs_sampling_diagnose(run->sampling);
}
