/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/policy_words.h"

#include <string.h>

#define SENTENCE_CHARS 400
#define SIDE_CHARS     140
#define REASON_CHARS   400
#define HEAD_CHARS     10
#define NAME_CHARS     60

const char rs_words_policy_title[] = "What this change does to the gate";
const char rs_words_policy_note[] =
    "The rules of the base hold for this report. What loosens them fails the gate until a person "
    "accepts it.";

static void append(GString *text, const char *before, const char *foreign, gsize max_chars,
                   const RsWordsMarkup *markup)
{
    g_autofree char *safe = foreign && *foreign ? markup->prose(foreign, max_chars) : NULL;

    if (safe)
        g_string_append_printf(text, "%s%s", before, safe);
}

char *rs_words_acceptance(const RsVerdict *verdict, const RsWordsMarkup *markup)
{
    const RsAcceptance *acceptance = verdict->acceptance;
    g_autofree char *head = NULL;
    g_autofree char *by = NULL;
    GString *text;

    if (!acceptance)
        return NULL;
    text = g_string_new(NULL);
    g_string_append_printf(text, "%sAccepted%s", markup->strong, markup->strong);
    by = acceptance->by && *acceptance->by ? markup->name(acceptance->by) : NULL;
    if (by)
        g_string_append_printf(text, " by %s", by);
    append(text, " with ", acceptance->how, NAME_CHARS * 2, markup);
    append(text, " at ", acceptance->at, NAME_CHARS, markup);
    head = g_strndup(acceptance->head ? acceptance->head : "", HEAD_CHARS);
    append(text, " for revision ", head, HEAD_CHARS, markup);
    g_string_append(text, acceptance->head ? " and no other." : ".");
    append(text, " They say: ", acceptance->reason, REASON_CHARS, markup);
    return g_string_free(text, FALSE);
}

char *rs_words_policy_change(const RsPolicyChange *change, const RsWordsMarkup *markup)
{
    g_autofree char *words = rs_policy_change_words(change);
    g_autofree char *safe = markup->prose(words, SENTENCE_CHARS);

    return g_strdup_printf("The change %s%s.", safe,
                           change->weakens ? ": it loosens the gate" : "");
}

char *rs_words_policy(const RsVerdict *verdict, const RsWordsMarkup *markup)
{
    for (guint i = 0; i < verdict->policy_changes->len; i++) {
        const RsPolicyChange *change = g_ptr_array_index(verdict->policy_changes, i);

        if (change->weakens)
            return rs_words_policy_change(change, markup);
    }
    return NULL;
}

char *rs_words_policy_side(const RsPolicyChange *change, const char *side,
                           const RsWordsMarkup *markup)
{
    return side && *side ? markup->prose(side, SIDE_CHARS) : g_strdup("–");
}

char *rs_words_how_to_accept(const RsVerdict *verdict, const char *label,
                             const RsWordsMarkup *markup)
{
    g_autofree char *name = label && *label ? markup->name(label) : NULL;

    if (verdict->gate.status != RS_GATE_FAILED || !name)
        return NULL;
    return g_strdup_printf("to accept it on purpose, add the label %s", name);
}
