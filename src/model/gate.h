/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is asked of a run: the threshold, the error rates, the gated metrics. Recorded at
 * collection, because collection stops by it, and taken up again by compare. Plain data; the rule
 * itself is stats/pair_rule.h. */
#ifndef RS_MODEL_GATE_H
#define RS_MODEL_GATE_H

#include <glib.h>

#include "model/names.h"

/* Version of the decision rule; in every verdict, raised whenever a verdict could come out
 * differently. */
#define RS_RULE_VERSION "1"

typedef struct {
    double threshold_pct;   /* T, the smallest slowdown that is flagged */
    double alpha;           /* false-alarm bound per report, 0..1 */
    double beta;            /* error of "a slowdown >= T is excluded", 0..1 */
    double moderate_factor; /* moderate above this x T */
    double critical_factor; /* critical above this x T */
    RsSeverity fail_on;     /* NONE: the gate never fails */
    RsCorrection correction;
    char **metrics;    /* names of the gated metrics, NULL-ended */
    guint n_family;    /* gated rows of the whole configuration; 0: not recorded */
    guint max_pairs;   /* pair budget of each benchmark */
    double max_time_s; /* time budget of the whole run; 0: none */
} RsGate;

RsGate *rs_gate_new(void); /* the product's defaults */
RsGate *rs_gate_copy(const RsGate *gate);
void rs_gate_free(RsGate *gate);

gboolean rs_gate_gates_metric(const RsGate *gate, const char *metric_name);
/* G: the smallest slowdown, in per cent, that fails a gate with threshold_pct; INFINITY with
 * fail-on none. */
double rs_gate_bound_pct(const RsGate *gate, double threshold_pct);
/* minor > T, moderate > factor x T, critical > factor x T. */
RsSeverity rs_gate_severity(const RsGate *gate, double threshold_pct, double slowdown_pct);
/* The words "any|minor|moderate|critical|none"; FALSE when it is none of them. */
gboolean rs_fail_on_parse(const char *text, RsSeverity *fail_on);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsGate, rs_gate_free)

#endif
