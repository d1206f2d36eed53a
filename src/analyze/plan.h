/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the gate's options to the numbers of the sequential rule, for one benchmark. */
#ifndef RS_ANALYZE_PLAN_H
#define RS_ANALYZE_PLAN_H

#include "model/session.h"
#include "stats/pair_rule.h"

/* The threshold that holds for a benchmark, in per cent: its own, or the gate's. */
double rs_threshold_pct_of(const RsGate *gate, const RsBenchmark *benchmark);
gboolean rs_benchmark_gates(const RsGate *gate, const RsBenchmark *benchmark,
                            const char *metric_name);
void rs_pair_plan_of(const RsGate *gate, const RsBenchmark *benchmark, RsPairPlan *plan);

#endif
