/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/policy.h"

const char *const rs_policy_kind_names[] = {
    [RS_POLICY_THRESHOLD] = "threshold",
    [RS_POLICY_FAIL_ON] = "fail_on",
    [RS_POLICY_SEVERITY_BOUNDS] = "severity_bounds",
    [RS_POLICY_ALPHA] = "alpha",
    [RS_POLICY_METRICS] = "metrics",
    [RS_POLICY_BENCHMARK_DELETED] = "benchmark_deleted",
    [RS_POLICY_BENCHMARK_ADDED] = "benchmark_added",
    [RS_POLICY_COMMAND] = "command",
    [RS_POLICY_ACCEPTANCE] = "acceptance",
    [RS_POLICY_FILE_DELETED] = "file_deleted",
    [RS_POLICY_FILE_ADDED] = "file_added",
    [RS_N_POLICY_KINDS] = NULL,
};

RsPolicyChange *rs_policy_change_new(RsPolicyKind kind, const char *benchmark, const char *before,
                                     const char *after, gboolean weakens)
{
    RsPolicyChange *change = g_new0(RsPolicyChange, 1);

    change->kind = kind;
    change->benchmark = g_strdup(benchmark);
    change->before = g_strdup(before);
    change->after = g_strdup(after);
    change->weakens = weakens;
    return change;
}

void rs_policy_change_free(RsPolicyChange *change)
{
    if (!change)
        return;
    g_free(change->benchmark);
    g_free(change->before);
    g_free(change->after);
    g_free(change);
}

void rs_acceptance_free(RsAcceptance *acceptance)
{
    if (!acceptance)
        return;
    g_free(acceptance->by);
    g_free(acceptance->how);
    g_free(acceptance->at);
    g_free(acceptance->head);
    g_free(acceptance->reason);
    g_free(acceptance);
}
