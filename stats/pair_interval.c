/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signs change only where mu passes a value, so the candidates are the n values and the n + 1 gaps:
 * index 2i+1 is the sorted value i, index 2i the open gap below it, index 2n the gap above all. */
#include "stats/pair_interval.h"

#include "stats/bet.h"
#include "stats/error.h"

#include <math.h>

typedef struct {
    const double *d; /* in order of measurement */
    double *sorted;
    gsize n;
    double limit; /* of wealth */
} Search;

static double gap_edge(const Search *search, gsize gap)
{
    if (gap == 0)
        return -INFINITY;
    return gap > search->n ? INFINITY : search->sorted[gap - 1];
}

/* Whether the bet on d > mu (direction +1) or d < mu (-1) ever reaches the limit at a candidate. */
static gboolean is_rejected(const Search *search, gsize candidate, int direction)
{
    gsize i = candidate / 2;
    double below = gap_edge(search, i), above = gap_edge(search, i + 1);
    gboolean is_value = candidate % 2;
    RsBet bet;

    rs_bet_init(&bet);
    for (gsize k = 0; k < search->n; k++) {
        double d = search->d[k];
        int sign = is_value ? (d > above) - (d < above) : (d >= above) - (d <= below);

        /* a gap between equal values is empty: both comparisons hold, and nothing is bet */
        rs_bet_add(&bet, direction * sign);
        if (bet.max_wealth >= search->limit)
            return TRUE;
    }
    return FALSE;
}

static double lower_edge(const Search *search, gsize candidate)
{
    return candidate % 2 ? search->sorted[candidate / 2] : gap_edge(search, candidate / 2);
}

static double upper_edge(const Search *search, gsize candidate)
{
    return candidate % 2 ? search->sorted[candidate / 2] : gap_edge(search, candidate / 2 + 1);
}

static gboolean is_empty_gap(const Search *search, gsize candidate)
{
    return candidate % 2 == 0 && lower_edge(search, candidate) == upper_edge(search, candidate);
}

static gboolean is_accepted(const Search *search, gsize candidate)
{
    return !is_empty_gap(search, candidate) && !is_rejected(search, candidate, 1) &&
           !is_rejected(search, candidate, -1);
}

/* First candidate that the upward bet leaves; last one that the downward bet leaves. */
static gsize bisect(const Search *search, int direction)
{
    gsize rejected = direction > 0 ? 0 : 2 * search->n, kept = 2 * search->n - rejected;

    if (!is_rejected(search, rejected, direction))
        return rejected;
    while (MAX(rejected, kept) - MIN(rejected, kept) > 1) {
        gsize middle = (rejected + kept) / 2;

        if (is_rejected(search, middle, direction))
            rejected = middle;
        else
            kept = middle;
    }
    return kept;
}

gboolean rs_pair_interval(const double *log_ratios, gsize n, double error_per_side, double *low,
                          double *high)
{
    g_autofree double *sorted = rs_stats_sorted(log_ratios, n);
    Search search = {log_ratios, sorted, n, 1 / error_per_side};
    gsize first = 0, last = 2 * n;

    if (n <= RS_PAIR_INTERVAL_EXACT_PAIRS) {
        while (first <= 2 * n && !is_accepted(&search, first))
            first++;
        while (first <= last && !is_accepted(&search, last))
            last--;
    }
    if (n > RS_PAIR_INTERVAL_EXACT_PAIRS || first > 2 * n) {
        first = bisect(&search, 1);
        last = bisect(&search, -1);
    }
    *low = lower_edge(&search, MIN(first, last));
    *high = upper_edge(&search, MAX(first, last));
    return first <= last;
}
