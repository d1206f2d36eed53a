/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analyze/acceptance.h"

#include "analyze/gate.h"

#define HEAD_CHARS 10

/* Why a verdict cannot be accepted, in words; NULL: it can. */
static char *obstacle(const RsVerdict *verdict, const RsAcceptance *acceptance)
{
    const char *head = verdict->change_head;

    if (verdict->gate.status == RS_GATE_ERROR)
        return g_strdup("what could not be measured cannot be accepted");
    if (verdict->gate.status == RS_GATE_ACCEPTED)
        return g_strdup("it is accepted already");
    if (verdict->gate.status != RS_GATE_FAILED)
        return g_strdup("the gate did not fail: there is nothing to accept");
    if (!head || !*head)
        return g_strdup("the verdict does not tell which revision was measured");
    if (!acceptance->head || !*acceptance->head)
        return g_strdup("the acceptance does not tell which revision it is for");
    if (!g_str_equal(acceptance->head, head))
        return g_strdup_printf("the acceptance is for revision %.*s, and %.*s was measured",
                               HEAD_CHARS, acceptance->head, HEAD_CHARS, head);
    return NULL;
}

/* "accepted by octocat with the label rustscope:accept: ..." */
static char *accepted_reason(const RsVerdict *verdict, const RsAcceptance *acceptance)
{
    return g_strdup_printf("accepted%s%s%s%s: %s", acceptance->by ? " by " : "",
                           acceptance->by ? acceptance->by : "", acceptance->how ? " with " : "",
                           acceptance->how ? acceptance->how : "",
                           verdict->gate.reason ? verdict->gate.reason : "the gate failed");
}

gboolean rs_accept(RsVerdict *verdict, RsAcceptance *acceptance, char **why)
{
    static const RsGateAnswers no_answers = {0};
    g_autoptr(RsAcceptance) taken = acceptance;
    g_autofree char *reason = obstacle(verdict, taken);

    if (reason) {
        if (why)
            *why = g_steal_pointer(&reason);
        return FALSE;
    }
    reason = accepted_reason(verdict, taken);
    g_free(verdict->gate.reason);
    verdict->gate.reason = g_steal_pointer(&reason);
    verdict->gate.status = verdict->gate.would_be = RS_GATE_ACCEPTED;
    verdict->gate.exit_status = rs_gate_exit_status(verdict, &no_answers);
    rs_acceptance_free(verdict->acceptance);
    verdict->acceptance = g_steal_pointer(&taken);
    return TRUE;
}
