/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/gate_opts.h"

#include <math.h>
#include <stdio.h>

static gboolean bad(GError **error, const char *message)
{
    g_set_error_literal(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, message);
    return FALSE;
}

static gboolean apply_bounds(const char *text, RsGate *gate, GError **error)
{
    double moderate, critical;
    char rest;

    if (sscanf(text, "%lf,%lf%c", &moderate, &critical, &rest) != 2 || !(moderate >= 1) ||
        !(critical >= moderate) || !isfinite(critical))
        return bad(error, "--severity-bounds: expected A,B with 1 <= A <= B, such as 1.5,2");
    gate->moderate_factor = moderate;
    gate->critical_factor = critical;
    return TRUE;
}

static gboolean check(const RsGate *gate, GError **error)
{
    if (!(gate->threshold_pct > 0 && gate->threshold_pct <= 10000))
        return bad(error, "--threshold: expected a number above 0, in per cent");
    if (!(gate->alpha > 0 && gate->alpha < 0.5))
        return bad(error, "--alpha: expected a number above 0 and below 0.5");
    for (char **metric = gate->metrics; *metric; metric++) {
        const RsMetricRow *row = rs_metric_row(*metric);

        if (row && !row->may_gate) {
            g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                        "--metric: %s describes the machine and cannot be gated", *metric);
            return FALSE;
        }
    }
    return TRUE;
}

gboolean rs_gate_opts_apply(const RsGateOpts *options, const RsOpt *rows, const RsOptBase *base,
                            gboolean only_given, RsGate *gate, GError **error)
{
#define WANTED(name) (!only_given || rs_opt_given(rows, base, name))
    if (WANTED("threshold"))
        gate->threshold_pct = options->threshold_pct;
    if (WANTED("alpha"))
        gate->alpha = options->alpha;
    if (WANTED("correction"))
        gate->correction = (RsCorrection)options->correction;
    if (WANTED("metric")) {
        g_strfreev(gate->metrics);
        gate->metrics = g_strdupv(options->metrics);
    }
    if (WANTED("severity-bounds") && !apply_bounds(options->severity_bounds, gate, error))
        return FALSE;
    if (WANTED("fail-on") && !rs_fail_on_parse(options->fail_on, &gate->fail_on))
        return bad(error, "--fail-on: expected any, minor, moderate, critical or none");
#undef WANTED
    return check(gate, error);
}
