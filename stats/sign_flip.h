/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many differences of the same pairs tested at once, by flipping the signs of whole pairs: the true
 * correlation between them is kept, and the largest statistic over all gives family-wise control.
 */
#ifndef RS_STATS_SIGN_FLIP_H
#define RS_STATS_SIGN_FLIP_H

#include <glib.h>

/* Step-down max-T. The statistic is t = mean / standard error of the n differences of a hypothesis;
 * one that is constant and not 0 has the largest t there is, one that is 0 throughout has 0.
 * d              n_hypotheses x n values, hypothesis by hypothesis; finite; not modified.
 * n >= 2, n_hypotheses >= 1; n_flips >= 99 random sign vectors, shared by all hypotheses; all 2^n
 * where these are fewer.
 * two_sided      against "not 0", else against "not above 0".
 * p, p_adjusted  room for n_hypotheses values each; p may be NULL. Never below 1 / (n_flips + 1).
 * Errors RS_STATS_ERROR_TOO_FEW, RS_STATS_ERROR_NOT_FINITE, RS_STATS_ERROR_DOMAIN.
 * Source Westfall and Young (1993), algorithm 4.1 (step-down max-T); Phipson and Smyth (2010) for
 * p never being 0. */
gboolean rs_sign_flip_max_t(const double *d, gsize n, gsize n_hypotheses, guint n_flips,
                            guint64 seed, gboolean two_sided, double *p, double *p_adjusted,
                            GError **error);

#endif
