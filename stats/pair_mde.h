/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The minimum detectable effect of a paired run: which slowdown would the rule have caught?
 * Found by replaying the rule itself (stats/pair_rule.h) on the run's own noise. */
#ifndef RS_STATS_PAIR_MDE_H
#define RS_STATS_PAIR_MDE_H

#include "stats/pair_rule.h"

#define RS_PAIR_MDE_POWER    0.95
#define RS_PAIR_MDE_MAX_FRAC 10.0 /* larger slowdowns are not looked for */

/* The smallest slowdown that would have been called a regression in 95 of 100 runs like this one.
 * The pairs, centred at their median, are drawn with replacement, slowed by x and fed to the rule,
 * with its stopping and up to plan->max_pairs; x is bisected with the same draws throughout. The
 * family is corrected for by Bonferroni (the row is the only slow one), so Holm can only do better.
 * The row is replayed alone: that another row of its benchmark may end collection is left out.
 * log_ratios  n >= 2 finite values; not modified.
 * n_replays   100 give the power to within 2 points, and the answer to within some 5 % of itself.
 * seed        the answer is a function of it.
 * mde_frac    0.12 = 12 %; INFINITY when not even RS_PAIR_MDE_MAX_FRAC is caught often enough.
 * Errors RS_STATS_ERROR_TOO_FEW, RS_STATS_ERROR_NOT_FINITE, RS_STATS_ERROR_DOMAIN (the plan). */
gboolean rs_pair_mde(const double *log_ratios, gsize n, const RsPairPlan *plan, guint n_replays,
                     guint64 seed, double *mde_frac, GError **error);

/* How often (0..1) such runs would call a slowdown of effect_frac a regression; otherwise as
 * rs_pair_mde. */
gboolean rs_pair_power(const double *log_ratios, gsize n, const RsPairPlan *plan, guint n_replays,
                       guint64 seed, double effect_frac, double *power_frac, GError **error);

#endif
