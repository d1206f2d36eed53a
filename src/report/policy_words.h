/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a change does to the rules, and who accepted it, in words. All results are yours. */
#ifndef RS_REPORT_POLICY_WORDS_H
#define RS_REPORT_POLICY_WORDS_H

#include "report/words.h"

extern const char rs_words_policy_title[]; /* of the table */
extern const char rs_words_policy_note[];  /* below it, where something loosens the gate */

/* Who accepted, how, when, for which revision alone, and what they say; NULL: nobody did. */
char *rs_words_acceptance(const RsVerdict *verdict, const RsWordsMarkup *markup);
/* One sentence on the first change that loosens the gate; NULL: there is none. */
char *rs_words_policy(const RsVerdict *verdict, const RsWordsMarkup *markup);
/* One sentence on any change. */
char *rs_words_policy_change(const RsPolicyChange *change, const RsWordsMarkup *markup);
/* before or after in a cell: a dash where there is nothing. */
char *rs_words_policy_side(const RsPolicyChange *change, const char *side,
                           const RsWordsMarkup *markup);
/* How to accept a gate that failed; NULL: it did not fail, or there is no such label. */
char *rs_words_how_to_accept(const RsVerdict *verdict, const char *label,
                             const RsWordsMarkup *markup);

#endif
