/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a change does to the rules of its base, found by comparing two plans. Knows nothing of what
 * is measured in the end; that is policy.c. */
#ifndef RS_TRIAL_POLICY_CHANGES_H
#define RS_TRIAL_POLICY_CHANGES_H

#include "model/policy.h"
#include "trial/plan.h"

/* More are counted in a last one. */
#define RS_POLICY_MAX_CHANGES 200

/* RsPolicyChange, yours; those that weaken first. What holds for every benchmark that both have is
 * told once. */
GPtrArray *rs_policy_changes(const RsPlan *base, const RsPlan *head);

/* The benchmarks of a plan by name; borrowed from it. */
GHashTable *rs_policy_index(const RsPlan *plan);

#endif
