/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/names.h"

const char *const rs_arm_names[] = {"baseline", "current", NULL};
const char *const rs_direction_names[] = {"lower_is_better", "higher_is_better", NULL};
const char *const rs_design_names[] = {"paired", "single", NULL};
const char *const rs_stop_reason_names[] = {"none",      "settled",     "fixed",
                                            "max_pairs", "max_time",    "identical",
                                            "failed",    "interrupted", NULL};
const char *const rs_verdict_kind_names[] = {"regression", "improvement",  "below_threshold",
                                             "unchanged",  "inconclusive", "incomparable",
                                             "new",        "missing",      NULL};
const char *const rs_severity_names[] = {"none", "minor", "moderate", "critical", NULL};
const char *const rs_gate_status_names[] = {"passed",    "failed", "accepted",
                                            "undecided", "error",  NULL};
const char *const rs_method_names[] = {"none", "paired", "welch", NULL};
const char *const rs_correction_names[] = {"holm", "bh", "none", NULL};

int rs_name_index(const char *const *names, const char *name)
{
    for (int i = 0; name && names[i]; i++)
        if (g_str_equal(names[i], name))
            return i;
    return -1;
}
