/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules of the base revision count: a change cannot loosen the gate that judges it. Two plans,
 * one of each revision's configuration file, become one that is measured, and the list of what the
 * change does to the rules. */
#ifndef RS_TRIAL_POLICY_H
#define RS_TRIAL_POLICY_H

#include "model/policy.h"
#include "trial/plan.h"

/* base: of the base revision's configuration; NULL: it had none, then head's holds for both arms.
 * head: of the change's; NULL: it deleted it, then base's does. Not both NULL. The plan, not yet
 * sealed: gate, thresholds, gated metrics, budgets, acceptance and the list of benchmarks are
 * base's; of a benchmark that both have the baseline arm is base's and the current arm is head's;
 * those that head deletes are run for both arms as base has them; those that head adds are there
 * without a baseline (argv NULL): they are made ready, so that one that cannot run is told, and not
 * measured. changes: RsPolicyChange, yours; those that weaken first, at most
 * RS_POLICY_MAX_CHANGES. */
RsPlan *rs_policy_join(const RsPlan *base, const RsPlan *head, GPtrArray **changes);

#endif
