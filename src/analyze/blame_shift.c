/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analyze/blame_shift.h"

#include <math.h>

#include "stats/sign_flip.h"

#define MAX_MOVERS       20   /* gainers, and losers, that are looked at: the largest */
#define LOSER_P          0.01 /* not adjusted: a loser is not accused of anything */
#define MIN_LOSS_FRAC    0.2  /* of the gain, for a loss to have to do with it */
#define MOST_FRAC        0.5  /* a loser that lost so much of its own time may well be gone */
#define MAX_LOSS_X       2.0  /* others are losers of this gain when they lost no more than this */
#define MAX_LEFT_FRAC    0.5  /* of the gain, where what is left cannot be told from chance */
#define MIN_COVER_FRAC   0.8  /* of the gainer's time that runs below the caller */
#define MAX_PROGRAM_FRAC 0.8  /* of the program's time that runs below it */
#define IMMEDIATE        1.5  /* calls away, on average */

typedef struct {
    guint line;
    double left_frac; /* of a loser's loss: not yet matched with a gain */
    GArray *callers;  /* RsBlameCaller */
} Mover;

typedef struct {
    guint gainer; /* into gainers */
    guint32 caller;
    double distance;       /* from the gainer */
    double loser_distance; /* of the nearest loser that could make up for it */
    gboolean is_new;       /* the gainer */
} Candidate;

typedef struct {
    RsBlameShifts *shifts;
    const RsBlameFamily *self, *inclusive;
    GArray *gainers, *losers; /* Mover */
    GArray *candidates;       /* Candidate, nearest first */
    guint32 *loser_rows;
    double *below; /* what each loser lost below the caller at hand */
    double *left;
} Search;

static gint compare_movers(gconstpointer a, gconstpointer b, gpointer data)
{
    const RsBlameFamily *self = data;
    double one = fabs(self->mean[((const Mover *)a)->line]);
    double other = fabs(self->mean[((const Mover *)b)->line]);

    return one < other ? 1 : one > other ? -1 : 0;
}

static void clear_mover(gpointer data)
{
    g_clear_pointer(&((Mover *)data)->callers, g_array_unref);
}

static void find_callers(const RsBlameFamily *self, GArray *movers)
{
    g_array_set_clear_func(movers, clear_mover);
    for (guint i = 0; i < movers->len; i++) {
        Mover *mover = &g_array_index(movers, Mover, i);

        mover->callers = rs_blame_callers_of(self->source, self->times.rows[mover->line]);
    }
}

static void find_movers(Search *search)
{
    const RsBlameFamily *self = search->self;

    for (guint line = 0; line < self->times.n; line++) {
        Mover mover = {.line = line, .left_frac = 1};

        if (self->times.rows[line] == RS_BLAME_OTHERS)
            continue;
        if (self->p_adjusted[line] < self->options->alpha &&
            rs_blame_family_is_large(self, self->mean[line]))
            g_array_append_val(search->gainers, mover);
        else if (self->p_faster[line] < LOSER_P && self->mean[line] < 0)
            g_array_append_val(search->losers, mover);
    }
    g_array_sort_with_data(search->gainers, compare_movers, (gpointer)self);
    g_array_sort_with_data(search->losers, compare_movers, (gpointer)self);
    g_array_set_size(search->gainers, MIN(search->gainers->len, MAX_MOVERS));
    g_array_set_size(search->losers, MIN(search->losers->len, MAX_MOVERS));
    if (!search->gainers->len || !search->losers->len)
        return;
    find_callers(self, search->gainers);
    find_callers(self, search->losers);
}

/* Of the program's time, of both sides. */
static double program_frac(const RsBlameFamily *inclusive, guint32 row)
{
    const RsBlameTimes *times = &inclusive->times;
    const double *total = inclusive->source->ns;

    for (guint line = 0; line < times->n; line++)
        if (times->rows[line] == row)
            return (times->ns[0][line] + times->ns[1][line]) / (total[0] + total[1]);
    return 0;
}

static gint compare_candidates(gconstpointer a, gconstpointer b)
{
    const Candidate *one = a, *other = b;
    double near_one = floor(one->distance + one->loser_distance + 0.5);
    double near_other = floor(other->distance + other->loser_distance + 0.5);

    if (near_one != near_other)
        return near_one < near_other ? -1 : 1;
    if (one->is_new != other->is_new)
        return one->is_new ? -1 : 1;
    return one->gainer < other->gainer ? -1 : one->gainer > other->gainer;
}

/* How far below caller the nearest loser is that lost enough to have to do with gain; infinite. */
static double loser_distance(const Search *search, guint32 caller, double gain)
{
    double nearest = INFINITY;

    for (guint i = 0; i < search->losers->len; i++) {
        const Mover *loser = &g_array_index(search->losers, Mover, i);

        if (-search->self->mean[loser->line] < MIN_LOSS_FRAC * gain)
            continue;
        for (guint j = 0; j < loser->callers->len; j++) {
            const RsBlameCaller *at = &g_array_index(loser->callers, RsBlameCaller, j);

            if (at->row == caller)
                nearest = MIN(nearest, at->distance);
        }
    }
    return nearest;
}

/* Of two that gained around one loser it was the nearer one that took its code. */
static void find_candidates(Search *search)
{
    for (guint i = 0; i < search->gainers->len; i++) {
        const Mover *gainer = &g_array_index(search->gainers, Mover, i);
        double gain = search->self->mean[gainer->line];

        for (guint j = 0; j < gainer->callers->len; j++) {
            const RsBlameCaller *caller = &g_array_index(gainer->callers, RsBlameCaller, j);
            Candidate candidate = {i, caller->row, caller->distance,
                                   loser_distance(search, caller->row, gain),
                                   !search->self->times.n_samples[RS_ARM_BASELINE][gainer->line]};

            if (isfinite(candidate.loser_distance) && caller->frac >= MIN_COVER_FRAC &&
                (caller->distance <= IMMEDIATE ||
                 program_frac(search->inclusive, caller->row) < MAX_PROGRAM_FRAC))
                g_array_append_val(search->candidates, candidate);
        }
    }
    g_array_sort(search->candidates, compare_candidates);
}

static double mean_of(const double *d, guint n)
{
    double sum = 0;

    for (guint i = 0; i < n; i++)
        sum += d[i];
    return sum / n;
}

/* Whether loser i, which lost so much below the caller, may be where the gain came from. */
static gboolean is_matching(const Search *search, guint i, double loss, double gain)
{
    guint line = g_array_index(search->losers, Mover, i).line;
    const RsBlameFamily *self = search->self;

    return loss > 0 && (-self->mean[line] >= MOST_FRAC * self->times.ns[RS_ARM_BASELINE][line] ||
                        loss <= MAX_LOSS_X * gain);
}

typedef struct {
    double gain, loss, left, p_left;
    gboolean is_most;         /* the losers lost most of what they had */
    gboolean use[MAX_MOVERS]; /* the losers that match */
} Match;

static void match_at(Search *search, const Candidate *candidate, Match *match)
{
    const RsBlameFamily *self = search->self;
    guint line = g_array_index(search->gainers, Mover, candidate->gainer).line;
    guint n_groups = self->times.n_groups;
    const double *gain = rs_blame_family_differences(self, line);
    double had = 0, lost = 0;

    *match = (Match){.gain = self->mean[line]};
    rs_blame_times_below(self->source, candidate->caller, search->loser_rows, search->losers->len,
                         search->below);
    for (guint k = 0; k < n_groups; k++)
        search->left[k] = gain[k];
    for (guint i = 0; i < search->losers->len; i++) {
        const Mover *loser = &g_array_index(search->losers, Mover, i);
        const double *below = search->below + (gsize)i * n_groups;
        double loss = -mean_of(below, n_groups) * loser->left_frac;

        match->use[i] = is_matching(search, i, loss, match->gain);
        if (!match->use[i])
            continue;
        match->loss += loss;
        had += self->times.ns[RS_ARM_BASELINE][loser->line];
        lost -= self->mean[loser->line];
        for (guint k = 0; k < n_groups; k++)
            search->left[k] += below[k] * loser->left_frac;
    }
    match->is_most = lost >= MOST_FRAC * had;
    match->left = mean_of(search->left, n_groups);
    match->p_left = 1;
    rs_sign_flip_max_t(search->left, n_groups, 1, self->options->n_permutations,
                       self->options->seed, FALSE, NULL, &match->p_left, NULL);
}

/* The losers' loss, as far as the gain goes, is explained. */
static void use_losers(Search *search, const Match *match, const RsBlameName *within)
{
    double used_frac = MIN(1, match->gain / match->loss);

    for (guint i = 0; i < search->losers->len; i++) {
        Mover *loser = &g_array_index(search->losers, Mover, i);

        if (!match->use[i])
            continue;
        loser->left_frac *= 1 - used_frac;
        if (loser->left_frac <= MAX_LEFT_FRAC) {
            search->shifts->lines[loser->line].within = within;
            search->shifts->lines[loser->line].is_whole = TRUE;
        }
    }
}

/* TRUE: the gainer is settled. */
static gboolean settle(Search *search, const Candidate *candidate)
{
    const RsBlameFamily *self = search->self;
    guint line = g_array_index(search->gainers, Mover, candidate->gainer).line;
    const RsBlameNames *names = self->source->view[RS_ARM_CURRENT]->names;
    const RsBlameName *within = g_ptr_array_index(names->functions, candidate->caller);
    RsBlameShift *shift = &search->shifts->lines[line];
    gboolean is_chance, is_little;
    Match match;

    match_at(search, candidate, &match);
    if (match.loss < MIN_LOSS_FRAC * match.gain)
        return FALSE;
    is_chance = match.p_left >= self->options->alpha && match.left < MAX_LEFT_FRAC * match.gain;
    is_little =
        match.left <= 0 || (!isnan(self->delta_ns) && !rs_blame_family_is_large(self, match.left));
    if (!is_chance && !is_little && !(match.is_most && candidate->distance <= IMMEDIATE))
        return FALSE; /* a part of a gain is explained by what is right beside it alone */
    shift->within = within;
    shift->is_whole = is_chance || is_little;
    if (!shift->is_whole) {
        shift->left = g_memdup2(search->left, sizeof(double) * self->times.n_groups);
        shift->p_left = match.p_left;
    }
    use_losers(search, &match, within);
    return TRUE;
}

static void look_outwards(Search *search)
{
    g_autofree gboolean *is_settled = g_new0(gboolean, search->gainers->len);
    guint n_groups = search->self->times.n_groups;

    find_candidates(search);
    search->loser_rows = g_new(guint32, search->losers->len);
    search->below = g_new(double, (gsize)search->losers->len *n_groups);
    search->left = g_new(double, n_groups);
    for (guint i = 0; i < search->losers->len; i++)
        search->loser_rows[i] =
            search->self->times.rows[g_array_index(search->losers, Mover, i).line];
    for (guint i = 0; i < search->candidates->len; i++) {
        const Candidate *candidate = &g_array_index(search->candidates, Candidate, i);

        if (!is_settled[candidate->gainer])
            is_settled[candidate->gainer] = settle(search, candidate);
    }
    g_free(search->loser_rows);
    g_free(search->below);
    g_free(search->left);
}

void rs_blame_shifts_init(RsBlameShifts *shifts, const RsBlameFamily *self,
                          const RsBlameFamily *inclusive)
{
    g_autoptr(GArray) gainers = g_array_new(FALSE, FALSE, sizeof(Mover));
    g_autoptr(GArray) losers = g_array_new(FALSE, FALSE, sizeof(Mover));
    g_autoptr(GArray) candidates = g_array_new(FALSE, FALSE, sizeof(Candidate));
    Search search = {.shifts = shifts,
                     .self = self,
                     .inclusive = inclusive,
                     .gainers = gainers,
                     .losers = losers,
                     .candidates = candidates};

    shifts->n = self->times.n;
    shifts->lines = g_new0(RsBlameShift, shifts->n + 1);
    if (!self->is_tested)
        return;
    find_movers(&search);
    if (gainers->len && losers->len)
        look_outwards(&search);
}

void rs_blame_shifts_clear(RsBlameShifts *shifts)
{
    for (guint i = 0; shifts->lines && i < shifts->n; i++)
        g_free(shifts->lines[i].left);
    g_clear_pointer(&shifts->lines, g_free);
}
