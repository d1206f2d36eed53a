/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/policy.h"

const char *const rs_policy_kind_names[] = {
    [RS_POLICY_THRESHOLD] = "threshold",
    [RS_POLICY_FAIL_ON] = "fail_on",
    [RS_POLICY_SEVERITY_BOUNDS] = "severity_bounds",
    [RS_POLICY_ALPHA] = "alpha",
    [RS_POLICY_METRICS] = "metrics",
    [RS_POLICY_BUDGET] = "budget",
    [RS_POLICY_BENCHMARK_DELETED] = "benchmark_deleted",
    [RS_POLICY_BENCHMARK_ADDED] = "benchmark_added",
    [RS_POLICY_TAGS] = "tags",
    [RS_POLICY_COMMAND] = "command",
    [RS_POLICY_EXIT_CODES] = "exit_codes",
    [RS_POLICY_ACCEPTANCE] = "acceptance",
    [RS_POLICY_FILE_DELETED] = "file_deleted",
    [RS_POLICY_FILE_ADDED] = "file_added",
    [RS_POLICY_UNKNOWN] = NULL,
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

static const char *const labels[RS_N_POLICY_KINDS] = {
    [RS_POLICY_THRESHOLD] = "threshold",
    [RS_POLICY_FAIL_ON] = "fail-on",
    [RS_POLICY_SEVERITY_BOUNDS] = "severity bounds",
    [RS_POLICY_ALPHA] = "alpha",
    [RS_POLICY_METRICS] = "gated metrics",
    [RS_POLICY_BUDGET] = "budget",
    [RS_POLICY_BENCHMARK_DELETED] = "benchmark deleted",
    [RS_POLICY_BENCHMARK_ADDED] = "benchmark added",
    [RS_POLICY_TAGS] = "tags",
    [RS_POLICY_COMMAND] = "what is measured",
    [RS_POLICY_EXIT_CODES] = "exit codes",
    [RS_POLICY_ACCEPTANCE] = "acceptance",
    [RS_POLICY_FILE_DELETED] = "configuration deleted",
    [RS_POLICY_FILE_ADDED] = "configuration added",
    [RS_POLICY_UNKNOWN] = "unknown to this version",
};

const char *rs_policy_change_label(const RsPolicyChange *change)
{
    return labels[change->kind];
}

/* "of parse from 10 % to 50 %" */
static char *from_and_to(const RsPolicyChange *change)
{
    return g_strdup_printf("%s%s from %s to %s", change->benchmark ? " of " : "",
                           change->benchmark ? change->benchmark : "",
                           change->before ? change->before : "none",
                           change->after ? change->after : "none");
}

char *rs_policy_change_words(const RsPolicyChange *change)
{
    g_autofree char *change_words = from_and_to(change);
    const char *benchmark = change->benchmark ? change->benchmark : "";

    switch (change->kind) {
    case RS_POLICY_THRESHOLD:
        return g_strdup_printf("%s the threshold%s", change->weakens ? "raises" : "lowers",
                               change_words);
    case RS_POLICY_BENCHMARK_DELETED:
        return change->after
                   ? g_strdup_printf("renames the benchmark %s (%s)", benchmark, change->after)
                   : g_strdup_printf("deletes the benchmark %s", benchmark);
    case RS_POLICY_BENCHMARK_ADDED:
        return g_strdup_printf("adds the benchmark %s", benchmark);
    case RS_POLICY_FILE_DELETED:
        return g_strdup("deletes the configuration");
    case RS_POLICY_FILE_ADDED:
        return g_strdup("adds a configuration");
    case RS_POLICY_COMMAND:
        return g_strdup_printf("changes what is measured%s", change_words);
    case RS_POLICY_ACCEPTANCE:
        return g_strdup_printf("changes what accepts a failed gate%s", change_words);
    case RS_POLICY_UNKNOWN:
        return g_strdup_printf("changes the rules in a way that this version does not know (%s%s)",
                               change->unknown_kind ? change->unknown_kind : "no kind is told",
                               change_words);
    default:
        return g_strdup_printf("changes the %s%s", labels[change->kind], change_words);
    }
}

RsPolicyChange *rs_policy_change_copy(const RsPolicyChange *change)
{
    RsPolicyChange *copy = rs_policy_change_new(change->kind, change->benchmark, change->before,
                                                change->after, change->weakens);

    copy->unknown_kind = g_strdup(change->unknown_kind);
    copy->extra_json = g_strdup(change->extra_json);
    return copy;
}

void rs_policy_change_free(RsPolicyChange *change)
{
    if (!change)
        return;
    g_free(change->benchmark);
    g_free(change->before);
    g_free(change->after);
    g_free(change->unknown_kind);
    g_free(change->extra_json);
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
