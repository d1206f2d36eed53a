/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Welch's t-test of two independent samples, and the ratio of their means with its interval.
 * Says nothing about dependence between the values: on a shared machine trials drift, and the
 * caller has to say so beside the p-value. */
#ifndef RS_STATS_WELCH_H
#define RS_STATS_WELCH_H

#include <glib.h>

typedef struct {
    double t, df, p;              /* two-sided p */
    double mean_a, mean_b;        /* in the unit of the samples */
    double se_a, se_b;            /* standard errors of the two means, same unit */
    double ratio;                 /* mean_b / mean_a; NaN when mean_a is 0 */
    double ratio_low, ratio_high; /* 95 % interval of the ratio, see rs_welch_ratio_interval */
} RsTTest;

/* Welch's unequal-variances t-test, two-sided.
 * a, b   n_a and n_b >= 2 finite values in one unit; not modified.
 * Two constant samples have no spread to judge by: equal means give t = 0 and p = 1, different
 * means t = +-infinity and p = 0, both with df = n_a + n_b - 2.
 * Errors RS_STATS_ERROR_TOO_FEW, RS_STATS_ERROR_NOT_FINITE.
 * Source Welch (1947), Biometrika 34; df by Welch-Satterthwaite. */
gboolean rs_welch(const double *a, gsize n_a, const double *b, gsize n_b, RsTTest *out,
                  GError **error);

/* Fieller's interval of mean_b / mean_a with the test's df.
 * test        as filled in by rs_welch.
 * confidence  in (0, 1).
 * When mean_a cannot be told from 0 the set is unbounded, and the answer is -infinity..infinity.
 * Source Fieller (1954), JRSS B 16, independent numerator and denominator. */
void rs_welch_ratio_interval(const RsTTest *test, double confidence, double *low, double *high);

#endif
