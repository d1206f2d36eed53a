/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A failed gate that a person accepts for one revision. */
#ifndef RS_ANALYZE_ACCEPTANCE_H
#define RS_ANALYZE_ACCEPTANCE_H

#include "model/verdict.h"

/* Makes a failed gate an accepted one (status, reason, and 0 as exit status; a caller with answers
 * of its own asks rs_gate_exit_status again) when acceptance->head is the verdict's change_head.
 * Takes acceptance either way. FALSE, with a reason for people in *why (yours; why may be NULL),
 * and nothing changed: the gate did not fail, or it is of another revision. Errors of measuring are
 * never accepted. */
gboolean rs_accept(RsVerdict *verdict, RsAcceptance *acceptance, char **why);

#endif
