/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/ranks.h"

#include "stats/error.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

typedef struct {
    double rank_sum_a;
    double tie_cubes; /* sum of t^3 - t over groups of t equal values */
} Ranks;

/* Walks both sorted samples at once, giving equal values the mean of their ranks. */
static Ranks rank_together(const double *a, gsize n_a, const double *b, gsize n_b)
{
    Ranks ranks = {0, 0};
    gsize i = 0, j = 0;

    while (i < n_a || j < n_b) {
        double value = j >= n_b || (i < n_a && a[i] <= b[j]) ? a[i] : b[j];
        gsize first_rank = i + j + 1, n_equal_a = i;
        double n_equal;

        while (i < n_a && a[i] == value)
            i++;
        while (j < n_b && b[j] == value)
            j++;
        n_equal_a = i - n_equal_a;
        n_equal = (double)(i + j + 1 - first_rank);
        ranks.rank_sum_a += (double)n_equal_a * ((double)first_rank + (n_equal - 1) / 2);
        ranks.tie_cubes += n_equal * n_equal * n_equal - n_equal;
    }
    return ranks;
}

/* P(U <= u) by counting: ways[m][s] = choices of m among the ranks so far with rank sum s. */
static double exact_lower_tail(gsize n_a, gsize n_b, gsize u)
{
    gsize n = n_a + n_b, lowest_sum = n_a * (n_a + 1) / 2, max_sum = lowest_sum + n_a * n_b;
    gsize row = max_sum + 1;
    g_autofree double *ways = g_new0(double, (n_a + 1) * row);
    double below = 0, all = 0;

    ways[0] = 1;
    for (gsize rank = 1; rank <= n; rank++)
        for (gsize m = MIN(rank, n_a); m >= 1; m--)
            for (gsize sum = rank; sum <= max_sum; sum++)
                ways[m * row + sum] += ways[(m - 1) * row + sum - rank];
    for (gsize sum = lowest_sum; sum <= max_sum; sum++) {
        all += ways[n_a * row + sum];
        if (sum <= lowest_sum + u)
            below += ways[n_a * row + sum];
    }
    return below / all;
}

static double normal_p(double u, double n_a, double n_b, double tie_cubes)
{
    double n = n_a + n_b, mean = n_a * n_b / 2;
    double variance = n_a * n_b / 12 * (n + 1 - tie_cubes / (n * (n - 1)));
    double distance = fabs(u - mean) - 0.5;

    if (!(variance > 0) || distance <= 0)
        return 1;
    return MIN(1, 2 * gsl_cdf_ugaussian_Q(distance / sqrt(variance)));
}

gboolean rs_mann_whitney(const double *a, gsize n_a, const double *b, gsize n_b, RsMannWhitney *out,
                         GError **error)
{
    g_autofree double *sorted_a = NULL, *sorted_b = NULL;
    double n_pairs = (double)n_a * (double)n_b;
    Ranks ranks;

    if (!rs_stats_check_sample(a, n_a, 1, error) || !rs_stats_check_sample(b, n_b, 1, error))
        return FALSE;
    rs_stats_enter_gsl();
    sorted_a = rs_stats_sorted(a, n_a);
    sorted_b = rs_stats_sorted(b, n_b);
    ranks = rank_together(sorted_a, n_a, sorted_b, n_b);
    out->u = ranks.rank_sum_a - (double)n_a * ((double)n_a + 1) / 2;
    out->is_exact = ranks.tie_cubes == 0 && MAX(n_a, n_b) <= RS_MANN_WHITNEY_EXACT_N;
    if (out->is_exact)
        out->p = MIN(1, 2 * exact_lower_tail(n_a, n_b, (gsize)MIN(out->u, n_pairs - out->u)));
    else
        out->p = normal_p(out->u, (double)n_a, (double)n_b, ranks.tie_cubes);
    return TRUE;
}
