/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pairs and time: what open benchmarks may still take, and whether what they are given can decide
 * anything. Knows benchmarks under collection (trial/open.h), no programs. */
#ifndef RS_TRIAL_BUDGET_H
#define RS_TRIAL_BUDGET_H

#include "trial/open.h"

/* The pairs that a benchmark will probably take, those included that it has. */
guint rs_budget_pairs(const RsPlan *plan, const RsOpen *open);
/* What all (RsOpen) may still take; benchmarks not begun are taken to be like the others. NaN: not
 * known yet. */
double rs_budget_left_s(const RsPlan *plan, const GPtrArray *opens, double elapsed_s);

/* Whether the pairs, and the time, suffice to decide at all. Errors RS_PLAN_ERROR_INVALID: they
 * never can. */
gboolean rs_budget_check_pairs(const GPtrArray *opens, GError **error);
gboolean rs_budget_check_time(const RsPlan *plan, const GPtrArray *opens, GError **error);

#endif
