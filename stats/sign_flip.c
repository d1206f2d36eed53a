/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Flipping signs leaves the sum of squares as it is, so t rises with u = sum / sqrt(sum of squares)
 * and one mapping holds for every hypothesis: only sums are needed. They are read from tables, one
 * for each block of eight pairs with its 256 sums, which makes a flip of 60 pairs eight additions.
 */
#include "stats/sign_flip.h"

#include "stats/error.h"

#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <math.h>

#define BLOCK_PAIRS 8
#define BLOCK_SUMS  256
/* Sums that are equal on paper differ by rounding; u is at most sqrt(n). */
#define TIE 1e-10

G_DEFINE_AUTOPTR_CLEANUP_FUNC(gsl_rng, gsl_rng_free)

typedef struct {
    gsize n, n_blocks;
    guint n_flips;     /* rows below */
    gboolean is_exact; /* all sign vectors, the one of the data among them */
    guint8 *bits;      /* n_blocks x n_flips; bit i: pair i of the block is flipped */
    double *table;     /* n_blocks x BLOCK_SUMS, of the hypothesis at hand */
} Flips;

static void fill_all(Flips *flips)
{
    for (guint flip = 0; flip < flips->n_flips; flip++)
        for (gsize block = 0; block < flips->n_blocks; block++)
            flips->bits[block * flips->n_flips + flip] = (guint8)(flip >> (BLOCK_PAIRS * block));
}

static void fill_random(Flips *flips, guint64 seed)
{
    g_autoptr(gsl_rng) rng = NULL;

    rs_stats_enter_gsl();
    rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, (gulong)((seed ^ (seed >> 32)) & G_MAXUINT32));
    for (gsize i = 0; i < flips->n_blocks * flips->n_flips; i += sizeof(guint32)) {
        gulong drawn = gsl_rng_get(rng); /* 32 bits */

        for (gsize j = i; j < MIN(i + sizeof(guint32), flips->n_blocks * flips->n_flips); j++)
            flips->bits[j] = (guint8)(drawn >> (8 * (j - i)));
    }
}

static void flips_init(Flips *flips, gsize n, guint n_flips, guint64 seed)
{
    *flips = (Flips){.n = n, .n_blocks = (n + BLOCK_PAIRS - 1) / BLOCK_PAIRS, .n_flips = n_flips};
    if (n < 32 && (G_GUINT64_CONSTANT(1) << n) <= n_flips) {
        flips->is_exact = TRUE;
        flips->n_flips = 1u << n;
    }
    flips->bits = g_new(guint8, flips->n_blocks * flips->n_flips);
    flips->table = g_new(double, flips->n_blocks *BLOCK_SUMS);
    if (flips->is_exact)
        fill_all(flips);
    else
        fill_random(flips, seed);
}

static void flips_clear(Flips *flips)
{
    g_free(flips->bits);
    g_free(flips->table);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Flips, flips_clear)

static double largest_of(const double *d, gsize n)
{
    double largest = 0;

    for (gsize i = 0; i < n; i++)
        largest = MAX(largest, fabs(d[i]));
    return largest > 0 ? largest : 1;
}

/* Values are divided by one after the other, so that neither huge nor tiny ones are lost. */
typedef struct {
    double largest, root;
} Unit;

static double in_unit(double value, Unit unit)
{
    return value / unit.largest / unit.root;
}

/* The unit in which the sum of squares is 1; any for one that is 0 throughout. */
static Unit unit_of(const double *d, gsize n)
{
    Unit unit = {.largest = largest_of(d, n)};
    double sum = 0;

    for (gsize i = 0; i < n; i++)
        sum += d[i] / unit.largest * (d[i] / unit.largest);
    unit.root = sum > 0 ? sqrt(sum) : 1;
    return unit;
}

/* Sums of each block where flipped values count as `flipped` times themselves, others as `kept`. */
static void fill_table(Flips *flips, const double *d, Unit unit, double kept, double flipped)
{
    for (gsize block = 0; block < flips->n_blocks; block++) {
        double *sums = flips->table + block * BLOCK_SUMS;
        double values[BLOCK_PAIRS] = {0};

        sums[0] = 0;
        for (gsize i = 0; i < BLOCK_PAIRS && block * BLOCK_PAIRS + i < flips->n; i++) {
            values[i] = in_unit(d[block * BLOCK_PAIRS + i], unit);
            sums[0] += kept * values[i];
        }
        for (guint bits = 1; bits < BLOCK_SUMS; bits++)
            sums[bits] =
                sums[bits & (bits - 1)] + (flipped - kept) * values[g_bit_nth_lsf(bits, -1)];
    }
}

static inline double sum_of(const Flips *flips, guint flip)
{
    double sum = 0;

    for (gsize block = 0; block < flips->n_blocks; block++)
        sum += flips->table[block * BLOCK_SUMS + flips->bits[block * flips->n_flips + flip]];
    return sum;
}

static double observed_of(const double *d, gsize n, gboolean two_sided)
{
    Unit unit = unit_of(d, n);
    double sum = 0;

    for (gsize i = 0; i < n; i++)
        sum += in_unit(d[i], unit);
    return two_sided ? fabs(sum) : sum;
}

static double p_of(const Flips *flips, guint n_reached)
{
    return flips->is_exact ? (double)n_reached / flips->n_flips
                           : (n_reached + 1.0) / (flips->n_flips + 1.0);
}

typedef struct {
    const double *d;
    gsize n_hypotheses;
    gboolean two_sided;
    double *observed; /* u of each hypothesis */
    gsize *order;     /* the smallest u first */
    double *largest;  /* of each flip, over the hypotheses so far */
} Family;

static void family_init(Family *family, const Flips *flips, const double *d, gsize n_hypotheses,
                        gboolean two_sided)
{
    *family = (Family){.d = d, .n_hypotheses = n_hypotheses, .two_sided = two_sided};
    family->observed = g_new(double, n_hypotheses);
    family->order = g_new(gsize, n_hypotheses);
    family->largest = g_new(double, flips->n_flips);
    for (guint flip = 0; flip < flips->n_flips; flip++)
        family->largest[flip] = -INFINITY;
    for (gsize i = 0; i < n_hypotheses; i++)
        family->observed[i] = observed_of(d + i * flips->n, flips->n, two_sided);
    gsl_sort_index(family->order, family->observed, 1, n_hypotheses);
}

static void family_clear(Family *family)
{
    g_free(family->observed);
    g_free(family->order);
    g_free(family->largest);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Family, family_clear)

/* Takes one more hypothesis; how often flips of its own, and of any so far, reach what it has. */
static void family_add(Family *family, Flips *flips, gsize hypothesis, guint *n_own, guint *n_any)
{
    const double *d = family->d + hypothesis * flips->n;
    double reach = family->observed[hypothesis] - TIE;

    *n_own = *n_any = 0;
    fill_table(flips, d, unit_of(d, flips->n), 1, -1);
    for (guint flip = 0; flip < flips->n_flips; flip++) {
        double u = sum_of(flips, flip);

        if (family->two_sided)
            u = fabs(u);
        if (u > family->largest[flip])
            family->largest[flip] = u;
        *n_own += u >= reach;
        *n_any += family->largest[flip] >= reach;
    }
}

static gboolean check(const double *d, gsize n, gsize n_hypotheses, guint n_flips, GError **error)
{
    if (n_hypotheses < 1) {
        g_set_error(error, RS_STATS_ERROR, RS_STATS_ERROR_TOO_FEW, "there is nothing to test");
        return FALSE;
    }
    return rs_stats_check_sample(d, n, 2, error) &&
           rs_stats_check_sample(d, n * n_hypotheses, 2, error) &&
           rs_stats_check_between("the number of sign vectors", n_flips, RS_SIGN_FLIP_MIN_FLIPS - 1,
                                  RS_SIGN_FLIP_MAX_FLIPS + 1, error);
}

gboolean rs_sign_flip_max_t(const double *d, gsize n, gsize n_hypotheses, guint n_flips,
                            guint64 seed, gboolean two_sided, double *p, double *p_adjusted,
                            GError **error)
{
    g_auto(Flips) flips = {0};
    g_auto(Family) family = {0};
    double highest = 0;

    if (!check(d, n, n_hypotheses, n_flips, error))
        return FALSE;
    flips_init(&flips, n, n_flips, seed);
    family_init(&family, &flips, d, n_hypotheses, two_sided);
    for (gsize i = 0; i < n_hypotheses; i++) {
        guint n_own, n_any;

        family_add(&family, &flips, family.order[i], &n_own, &n_any);
        p_adjusted[family.order[i]] = p_of(&flips, n_any);
        if (p)
            p[family.order[i]] = p_of(&flips, n_own);
    }
    for (gsize i = n_hypotheses; i-- > 0;) { /* none is surer than one that was tried before it */
        highest = MAX(highest, p_adjusted[family.order[i]]);
        p_adjusted[family.order[i]] = highest;
    }
    return TRUE;
}

gboolean rs_sign_flip_critical_t(const double *d, gsize n, gsize n_hypotheses, guint n_flips,
                                 guint64 seed, gboolean two_sided, double alpha, double *t,
                                 GError **error)
{
    g_auto(Flips) flips = {0};
    g_auto(Family) family = {0};
    gsize n_beyond; /* flips that may reach what is rejected */
    double u;

    if (!check(d, n, n_hypotheses, n_flips, error) ||
        !rs_stats_check_between("alpha", alpha, 0, 1, error))
        return FALSE;
    flips_init(&flips, n, n_flips, seed);
    family_init(&family, &flips, d, n_hypotheses, two_sided);
    for (gsize i = 0; i < n_hypotheses; i++) {
        guint n_own, n_any;

        family_add(&family, &flips, i, &n_own, &n_any);
    }
    n_beyond = (gsize)floor(alpha * (flips.n_flips + !flips.is_exact));
    *t = INFINITY;
    if (n_beyond == 0)
        return TRUE;
    gsl_sort(family.largest, 1, flips.n_flips);
    u = family.largest[flips.n_flips - n_beyond - (flips.is_exact && n_beyond < flips.n_flips)];
    if (u * u < (double)n * (1 - TIE))
        *t = u * sqrt(((double)n - 1) / ((double)n - u * u));
    return TRUE;
}

static guint n_flipped(const Flips *flips, guint flip)
{
    guint n = 0;

    for (gsize block = 0; block < flips->n_blocks; block++) {
        gsize n_here = MIN(flips->n - block * BLOCK_PAIRS, BLOCK_PAIRS);
        guint bits = flips->bits[block * flips->n_flips + flip] & ((1u << n_here) - 1);

        for (; bits; bits &= bits - 1)
            n++;
    }
    return n;
}

gboolean rs_sign_flip_interval(const double *d, gsize n, guint n_flips, guint64 seed,
                               double confidence, double *low, double *high, GError **error)
{
    g_auto(Flips) flips = {0};
    g_autofree double *means = NULL;
    gsize n_means = 0, n_outside, n_empty;
    Unit unit = {.root = 1};

    if (!check(d, n, 1, n_flips, error) ||
        !rs_stats_check_between("the confidence", confidence, 0, 1, error))
        return FALSE;
    flips_init(&flips, n, n_flips, seed);
    means = g_new(double, flips.n_flips);
    unit.largest = largest_of(d, n);
    fill_table(&flips, d, unit, 0, 1);
    for (guint flip = 0; flip < flips.n_flips; flip++) {
        guint n_in = n_flipped(&flips, flip);

        if (n_in)
            means[n_means++] = sum_of(&flips, flip) / n_in * unit.largest;
    }
    /* The empty subset is the data itself: not refused on either side. */
    n_empty = flips.n_flips - n_means;
    n_outside = (gsize)floor((1 - confidence) / 2 * (flips.n_flips + !flips.is_exact));
    n_outside -= MIN(n_outside, flips.is_exact ? 0 : n_empty);
    gsl_sort(means, 1, n_means);
    *low = n_outside && n_outside <= n_means ? means[n_outside - 1] : -INFINITY;
    *high = n_outside && n_outside <= n_means ? means[n_means - n_outside] : INFINITY;
    return TRUE;
}
