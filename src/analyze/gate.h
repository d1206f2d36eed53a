/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From judged rows to the one word that a merge is gated on. */
#ifndef RS_ANALYZE_GATE_H
#define RS_ANALYZE_GATE_H

#include "model/verdict.h"

/* Counts the summary and sets status, would_be, reason; call it again when policy changes were
 * added. A change that loosens the rules fails the gate though nothing regressed, unless fail-on is
 * none. may_gate FALSE: files measured apart that were not asked to gate; the status is undecided
 * then. The exit status is the command's to choose (rs_gate_exit_status). */
void rs_gate_decide(RsVerdict *verdict, gboolean fail_on_missing, gboolean may_gate);

/* What the rows, failures and policy changes of a verdict make of its gate at the least: a missing
 * benchmark, which an option may let fail, is undecided here, and files measured apart may gate
 * unless their status is undecided. */
RsGateStatus rs_gate_least_status(const RsVerdict *verdict);

/* Which undecided cases count as failures of their own kind. */
typedef struct {
    gboolean fail_on_inconclusive, fail_on_incomparable, fail_on_missing_baseline;
} RsGateAnswers;

/* 0, 1, 3, 4 or 6 of the product's exit statuses; when several apply, 3 > 1 > 4 > 6. */
int rs_gate_exit_status(const RsVerdict *verdict, const RsGateAnswers *answers);

#endif
