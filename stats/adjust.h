/* SPDX-License-Identifier: GPL-3.0-or-later */
/* p-values corrected for having been many. */
#ifndef RS_STATS_ADJUST_H
#define RS_STATS_ADJUST_H

#include <glib.h>

/* Holm's step-down correction: rejecting where adjusted < alpha keeps the chance of any false
 * rejection within alpha, under any dependence.
 * p         n >= 1 values in [0, 1]; not modified.
 * n_family  >= n, the size of the family; its members that are not given count as p = 1.
 * adjusted  room for n values, in the order of p; may be p itself.
 * Errors RS_STATS_ERROR_TOO_FEW, RS_STATS_ERROR_NOT_FINITE, RS_STATS_ERROR_DOMAIN.
 * Source Holm (1979), Scandinavian Journal of Statistics 6. */
gboolean rs_holm(const double *p, gsize n, gsize n_family, double *adjusted, GError **error);

/* Benjamini and Hochberg's step-up correction: rejecting where adjusted <= q keeps the expected
 * share of false rejections within q when the tests are independent or positively dependent.
 * Arguments and errors as rs_holm.
 * Source Benjamini and Hochberg (1995), JRSS B 57. */
gboolean rs_benjamini_hochberg(const double *p, gsize n, gsize n_family, double *adjusted,
                               GError **error);

#endif
