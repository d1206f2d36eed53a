/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analyze/plan.h"

#include <math.h>

double rs_threshold_pct_of(const RsGate *gate, const RsBenchmark *benchmark)
{
    return isnan(benchmark->threshold_pct) ? gate->threshold_pct : benchmark->threshold_pct;
}

gboolean rs_benchmark_gates(const RsGate *gate, const RsBenchmark *benchmark,
                            const char *metric_name)
{
    if (benchmark->gated_metrics)
        return g_strv_contains((const char *const *)benchmark->gated_metrics, metric_name);
    return rs_gate_gates_metric(gate, metric_name);
}

void rs_pair_plan_of(const RsGate *gate, const RsBenchmark *benchmark, RsPairPlan *plan)
{
    double threshold_pct = rs_threshold_pct_of(gate, benchmark);

    rs_pair_plan_init(plan);
    plan->threshold_frac = threshold_pct / 100;
    plan->bound_frac = rs_gate_bound_pct(gate, threshold_pct) / 100;
    plan->alpha = gate->alpha;
    plan->beta = gate->beta;
    plan->n_family = MAX(gate->n_family, 1);
    plan->max_pairs = MAX(gate->max_pairs, 1);
}
