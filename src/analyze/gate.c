/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analyze/gate.h"

static gboolean has_current_failure(const RsVerdict *verdict)
{
    for (guint i = 0; i < verdict->failures->len; i++) {
        const RsVerdictFailure *failure = g_ptr_array_index(verdict->failures, i);

        if (failure->failure->arm == RS_ARM_CURRENT)
            return TRUE;
    }
    return FALSE;
}

static guint count_rows(const RsVerdict *verdict, RsVerdictKind kind)
{
    guint n = 0;

    for (guint i = 0; i < verdict->rows->len; i++) {
        const RsRow *row = g_ptr_array_index(verdict->rows, i);

        n += row->gated && row->verdict == kind;
    }
    return n;
}

static gboolean has_gated_row(const RsVerdict *verdict)
{
    for (guint i = 0; i < verdict->rows->len; i++)
        if (((const RsRow *)g_ptr_array_index(verdict->rows, i))->gated)
            return TRUE;
    return FALSE;
}

static gboolean fails(const RsVerdict *verdict, RsSeverity fail_on)
{
    for (guint i = 0; fail_on != RS_SEVERITY_NONE && i < verdict->rows->len; i++) {
        const RsRow *row = g_ptr_array_index(verdict->rows, i);

        if (row->gated && row->verdict == RS_VERDICT_REGRESSION && row->severity >= fail_on)
            return TRUE;
    }
    return FALSE;
}

static RsGateStatus status_of(const RsVerdict *verdict, RsSeverity fail_on,
                              gboolean fail_on_missing, gboolean may_gate)
{
    guint n_missing = count_rows(verdict, RS_VERDICT_MISSING);

    if (has_current_failure(verdict))
        return RS_GATE_ERROR;
    if (may_gate && (fails(verdict, fail_on) || (fail_on_missing && n_missing)))
        return RS_GATE_FAILED;
    /* Needs no statistics, so it holds for files measured apart as well. */
    if (fail_on != RS_SEVERITY_NONE && rs_verdict_weakens_policy(verdict))
        return RS_GATE_FAILED;
    if (!may_gate || n_missing || count_rows(verdict, RS_VERDICT_INCONCLUSIVE) ||
        count_rows(verdict, RS_VERDICT_INCOMPARABLE) || !has_gated_row(verdict))
        return RS_GATE_UNDECIDED;
    return RS_GATE_PASSED;
}

/* "1 critical, 2 minor"; empty without regressions. */
static char *regressions_in_words(const RsVerdictSummary *summary)
{
    GString *text = g_string_new(NULL);

    for (RsSeverity severity = RS_SEVERITY_CRITICAL; severity > RS_SEVERITY_NONE; severity--)
        if (summary->n_by_severity[severity])
            g_string_append_printf(text, "%s%u %s", text->len ? ", " : "",
                                   summary->n_by_severity[severity], rs_severity_names[severity]);
    return g_string_free(text, FALSE);
}

static char *undecided_in_words(const RsVerdict *verdict, gboolean may_gate)
{
    static const RsVerdictKind kinds[] = {RS_VERDICT_INCONCLUSIVE, RS_VERDICT_INCOMPARABLE,
                                          RS_VERDICT_MISSING};
    GString *text = g_string_new(NULL);

    if (!may_gate)
        g_string_append(text, "files measured apart gate only with --allow-unpaired");
    else if (!has_gated_row(verdict))
        g_string_append(text, verdict->rows->len ? "none of the gated metrics was measured"
                                                 : "there is nothing to judge");
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (verdict->summary.n_by_verdict[kinds[i]])
            g_string_append_printf(text, "%s%u %s", text->len ? ", " : "",
                                   verdict->summary.n_by_verdict[kinds[i]],
                                   rs_verdict_kind_names[kinds[i]]);
    if (!text->len)
        g_string_append(text, "some rows are undecided");
    return g_string_free(text, FALSE);
}

/* "the change raises the threshold from 10 % to 50 %: needs acceptance"; NULL: it loosens nothing.
 */
static char *policy_in_words(const RsVerdict *verdict)
{
    const RsPolicyChange *first = NULL;
    g_autofree char *words = NULL, *more = NULL;
    guint n = 0;

    for (guint i = 0; i < verdict->policy_changes->len; i++) {
        const RsPolicyChange *change = g_ptr_array_index(verdict->policy_changes, i);

        first = first || !change->weakens ? first : change;
        n += change->weakens;
    }
    if (!first)
        return NULL;
    words = rs_policy_change_words(first);
    more = n > 1
               ? g_strdup_printf(", and loosens the gate in %u more way%s", n - 1, n > 2 ? "s" : "")
               : g_strdup("");
    return g_strdup_printf("the change %s%s: needs acceptance", words, more);
}

static char *reason_of_rows(const RsVerdict *verdict, gboolean may_gate)
{
    const RsVerdictSummary *summary = &verdict->summary;
    g_autofree char *regressions = regressions_in_words(summary);
    g_autofree char *undecided = undecided_in_words(verdict, may_gate);
    guint n_missing = summary->n_by_verdict[RS_VERDICT_MISSING];

    switch (verdict->gate.status) {
    case RS_GATE_ERROR:
        return g_strdup("the current program could not be built or run");
    case RS_GATE_FAILED:
        return *regressions ? g_strdup_printf("regressions: %s", regressions)
               : n_missing  ? g_strdup_printf("%u benchmarks are missing", n_missing)
                            : NULL;
    case RS_GATE_UNDECIDED:
        return *regressions ? g_strdup_printf("%s; regressions: %s", undecided, regressions)
                            : g_strdup(undecided);
    default:
        if (*regressions)
            return g_strdup_printf("regressions below the gate: %s", regressions);
        if (summary->n_no_baseline && summary->n_no_baseline == summary->n_benchmarks)
            return g_strdup("no usable baseline: there is nothing to compare with yet");
        return g_strdup("no regression");
    }
}

static char *reason_for(const RsVerdict *verdict, gboolean may_gate)
{
    g_autofree char *rows = reason_of_rows(verdict, may_gate);
    g_autofree char *policy = policy_in_words(verdict);

    if (rows && policy)
        return g_strdup_printf("%s; %s", rows, policy);
    return policy ? g_steal_pointer(&policy) : g_steal_pointer(&rows);
}

void rs_gate_decide(RsVerdict *verdict, gboolean fail_on_missing, gboolean may_gate)
{
    RsSeverity fail_on = verdict->gate.gate->fail_on;

    rs_verdict_summarize(verdict);
    verdict->gate.may_gate = may_gate;
    verdict->gate.status = status_of(verdict, fail_on, fail_on_missing, may_gate);
    verdict->gate.would_be = fail_on == RS_SEVERITY_NONE ? status_of(verdict, RS_SEVERITY_CRITICAL,
                                                                     fail_on_missing, may_gate)
                                                         : verdict->gate.status;
    g_free(verdict->gate.reason);
    verdict->gate.reason = reason_for(verdict, may_gate);
}

RsGateStatus rs_gate_least_status(const RsVerdict *verdict)
{
    gboolean may_gate = verdict->side_by_side || verdict->gate.status != RS_GATE_UNDECIDED;

    return status_of(verdict, verdict->gate.gate->fail_on, FALSE, may_gate);
}

static gboolean is_answered_with_failure(const RsVerdict *verdict, const RsGateAnswers *answers)
{
    guint n_inconclusive = count_rows(verdict, RS_VERDICT_INCONCLUSIVE);
    guint n_incomparable = count_rows(verdict, RS_VERDICT_INCOMPARABLE);
    guint n_missing = count_rows(verdict, RS_VERDICT_MISSING);
    gboolean is_nothing = !n_inconclusive && !n_incomparable && !n_missing;

    return (answers->fail_on_inconclusive &&
            (n_inconclusive || is_nothing || !verdict->gate.may_gate)) ||
           (answers->fail_on_incomparable && n_incomparable);
}

int rs_gate_exit_status(const RsVerdict *verdict, const RsGateAnswers *answers)
{
    if (verdict->gate.status == RS_GATE_ERROR)
        return 3;
    if (verdict->gate.status == RS_GATE_FAILED)
        return 1;
    if (answers->fail_on_missing_baseline && verdict->summary.n_no_baseline)
        return 4;
    if (verdict->gate.status == RS_GATE_UNDECIDED && is_answered_with_failure(verdict, answers))
        return 6;
    return 0;
}
