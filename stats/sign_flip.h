/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many differences of the same pairs tested at once, by flipping the signs of whole pairs: the true
 * correlation between them is kept, and the largest statistic over all gives family-wise control.
 *
 * Everywhere: n_flips >= 99 random sign vectors, or all 2^n where these are no more; the answer is
 * a function of the seed. Errors RS_STATS_ERROR_TOO_FEW, RS_STATS_ERROR_NOT_FINITE,
 * RS_STATS_ERROR_DOMAIN. */
#ifndef RS_STATS_SIGN_FLIP_H
#define RS_STATS_SIGN_FLIP_H

#include <glib.h>

#define RS_SIGN_FLIP_MIN_FLIPS 99
#define RS_SIGN_FLIP_MAX_FLIPS 10000000

/* Step-down max-T. The statistic is t = mean / standard error of the n differences of a hypothesis;
 * one that is constant and not 0 has the largest t there is, one that is 0 throughout has 0.
 * d              n_hypotheses x n values, hypothesis by hypothesis; finite; not modified.
 * n >= 2, n_hypotheses >= 1; the sign vectors are shared by all hypotheses.
 * two_sided      against "not 0", else against "not above 0".
 * p, p_adjusted  room for n_hypotheses values each; p may be NULL. Never below 1 / (n_flips + 1).
 * Source Westfall and Young (1993), algorithm 4.1 (step-down max-T); Phipson and Smyth (2010) for
 * p never being 0. */
gboolean rs_sign_flip_max_t(const double *d, gsize n, gsize n_hypotheses, guint n_flips,
                            guint64 seed, gboolean two_sided, double *p, double *p_adjusted,
                            GError **error);

/* What t a hypothesis of this family must exceed for its adjusted p to be below alpha in the first
 * step, whatever the others do; infinite where n is too small for any to. Arguments as above. */
gboolean rs_sign_flip_critical_t(const double *d, gsize n, gsize n_hypotheses, guint n_flips,
                                 guint64 seed, gboolean two_sided, double alpha, double *t,
                                 GError **error);

/* The interval that belongs to the test: all means that it does not refuse, half of the error on
 * each side. Shifting d by m and flipping the pairs of a subset gives a sum above the observed one
 * where m is above the mean of that subset, so the ends are quantiles of the means of random
 * subsets. Covers the centre of a symmetric distribution with the confidence, for any n; infinite
 * where n is too small.
 * d           n >= 2 finite values; not modified.
 * confidence  in (0, 1).
 * Source Hartigan (1969), Journal of the American Statistical Association 64: subsample values as
 * typical values. */
gboolean rs_sign_flip_interval(const double *d, gsize n, guint n_flips, guint64 seed,
                               double confidence, double *low, double *high, GError **error);

#endif
