/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options of the gate, which collection, comparison and calibration share. */
#ifndef RS_CMD_GATE_OPTS_H
#define RS_CMD_GATE_OPTS_H

#include "cmd/opt.h"
#include "model/gate.h"
#include "model/metric.h"

typedef struct {
    double threshold_pct, alpha;
    char *fail_on, *severity_bounds;
    char **metrics;
    int correction;
} RsGateOpts;

/* Rows of a command's table; MEMBER of TYPE is of RsGateOpts. */
/* clang-format off */
#define RS_GATE_OPT_ROWS(TYPE, MEMBER)                                                             \
    {"threshold", 0, RS_OPT_REAL, offsetof(TYPE, MEMBER.threshold_pct), "10", "PCT",               \
     "the smallest slowdown that is flagged, in per cent", NULL},                                  \
    {"fail-on", 0, RS_OPT_TEXT, offsetof(TYPE, MEMBER.fail_on), "critical", "SEVERITY",            \
     "the gate fails from this severity on: any, minor, moderate, critical or none", NULL},        \
    {"severity-bounds", 0, RS_OPT_TEXT, offsetof(TYPE, MEMBER.severity_bounds), "1.5,2", "A,B",    \
     "moderate above A thresholds, critical above B", NULL},                                       \
    {"alpha", 0, RS_OPT_REAL, offsetof(TYPE, MEMBER.alpha), "0.05", "P",                           \
     "bound on false alarms, for a whole report", NULL},                                           \
    {"metric", 0, RS_OPT_LIST, offsetof(TYPE, MEMBER.metrics), "wall,cpu", "NAMES",                \
     "metrics that are gated (wall, cpu, user, system, max_rss, instructions ..., or the "         \
     "benchmark's own)", NULL},                                                                    \
    {"correction", 0, RS_OPT_WORD, offsetof(TYPE, MEMBER.correction), "holm", "METHOD",            \
     "how p-values are corrected for the number of gated rows", rs_correction_names}
/* clang-format on */

/* Puts the options into gate: all of them, or only those that were given on the command line.
 * Errors G_OPTION_ERROR: a value out of range. */
gboolean rs_gate_opts_apply(const RsGateOpts *options, const RsOpt *rows, const RsOptBase *base,
                            gboolean only_given, RsGate *gate, GError **error);

#endif
