/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Mann-Whitney U test of two independent samples. For reference beside the gating tests. */
#ifndef RS_STATS_RANKS_H
#define RS_STATS_RANKS_H

#include <glib.h>

#define RS_MANN_WHITNEY_EXACT_N 30 /* up to this size of each sample p is exact, without ties */

typedef struct {
    double u;          /* pairs (a, b) with a > b, ties counting half */
    double p;          /* two-sided */
    gboolean is_exact; /* else the normal approximation, corrected for ties and continuity */
} RsMannWhitney;

/* Mann-Whitney U, two-sided.
 * a, b   n_a and n_b >= 1 finite values in one unit; not modified. All values equal: p = 1.
 * Errors RS_STATS_ERROR_TOO_FEW, RS_STATS_ERROR_NOT_FINITE.
 * Source Mann and Whitney (1947), Annals of Mathematical Statistics 18; tie correction after
 * Lehmann, Nonparametrics, section 1.4. */
gboolean rs_mann_whitney(const double *a, gsize n_a, const double *b, gsize n_b, RsMannWhitney *out,
                         GError **error);

#endif
