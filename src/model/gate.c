/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/gate.h"

#include <math.h>

RsGate *rs_gate_new(void)
{
    RsGate *gate = g_new0(RsGate, 1);
    const char *const metrics[] = {"wall", "cpu", NULL};

    gate->threshold_pct = 10;
    gate->alpha = 0.05;
    gate->beta = 0.05;
    gate->moderate_factor = 1.5;
    gate->critical_factor = 2;
    gate->fail_on = RS_SEVERITY_CRITICAL;
    gate->correction = RS_CORRECTION_HOLM;
    gate->metrics = g_strdupv((char **)metrics);
    gate->max_pairs = 150;
    return gate;
}

RsGate *rs_gate_copy(const RsGate *gate)
{
    RsGate *copy = g_memdup2(gate, sizeof *gate);

    copy->metrics = g_strdupv(gate->metrics);
    return copy;
}

void rs_gate_free(RsGate *gate)
{
    if (!gate)
        return;
    g_strfreev(gate->metrics);
    g_free(gate);
}

gboolean rs_gate_gates_metric(const RsGate *gate, const char *metric_name)
{
    return g_strv_contains((const char *const *)gate->metrics, metric_name);
}

static double severity_bound_pct(const RsGate *gate, double threshold_pct, RsSeverity severity)
{
    switch (severity) {
    case RS_SEVERITY_MINOR:
        return threshold_pct;
    case RS_SEVERITY_MODERATE:
        return threshold_pct * gate->moderate_factor;
    case RS_SEVERITY_CRITICAL:
        return threshold_pct * gate->critical_factor;
    default:
        return INFINITY;
    }
}

double rs_gate_bound_pct(const RsGate *gate, double threshold_pct)
{
    return severity_bound_pct(gate, threshold_pct, gate->fail_on);
}

RsSeverity rs_gate_severity(const RsGate *gate, double threshold_pct, double slowdown_pct)
{
    for (RsSeverity severity = RS_SEVERITY_CRITICAL; severity > RS_SEVERITY_NONE; severity--)
        if (slowdown_pct > severity_bound_pct(gate, threshold_pct, severity))
            return severity;
    return RS_SEVERITY_NONE;
}

gboolean rs_fail_on_parse(const char *text, RsSeverity *fail_on)
{
    int i =
        g_strcmp0(text, "any") == 0 ? RS_SEVERITY_MINOR : rs_name_index(rs_severity_names, text);

    if (i < 0)
        return FALSE;
    *fail_on = i;
    return TRUE;
}
