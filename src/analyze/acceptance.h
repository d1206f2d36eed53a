/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A failed gate that a person accepts for one revision. */
#ifndef RS_ANALYZE_ACCEPTANCE_H
#define RS_ANALYZE_ACCEPTANCE_H

#include "model/verdict.h"

/* Makes a failed gate an accepted one (status, reason; the exit status is rs_gate_exit_status's
 * again) when acceptance->head is the verdict's change_head; takes acceptance. FALSE, with a reason
 * for people in *why (yours), and nothing changed: the gate did not fail, or it is of another
 * revision. Errors of measuring are never accepted. */
gboolean rs_accept(RsVerdict *verdict, RsAcceptance *acceptance, char **why);

#endif
