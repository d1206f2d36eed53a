/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analyze/blame_times.h"

#include <math.h>
#include <string.h>

#include "analyze/pairs.h"

/* Of a stack, however deep it is said to be. */
#define MAX_DEPTH 4096

/* --- pairs --- */

static gboolean measure(const RsBlameSource *source, RsArm side, guint trial, RsBlamePair *pair)
{
    const RsBenchmark *benchmark = source->benchmark[side];
    const RsMetric *cpu = rs_benchmark_metric(benchmark, "cpu");
    double cpu_ns = cpu ? rs_metric_value(cpu, trial) : NAN, weight = 0;
    guint n;
    const RsTrialSample *samples = rs_benchmark_samples(benchmark, trial, &n);

    for (guint i = 0; samples && i < n; i++)
        weight += (double)MAX(samples[i].weight_ns, 0);
    if (!(weight > 0) || (cpu && !(cpu_ns > 0 && isfinite(cpu_ns))))
        return FALSE;
    pair->trial[side] = trial;
    pair->ns[side] = cpu ? cpu_ns : weight / benchmark->launches_per_trial;
    /* Samples from outside of the kernel alone cannot share out the kernel's time. */
    pair->ns_per_weight[side] =
        source->is_user_time ? 1.0 / benchmark->launches_per_trial : pair->ns[side] / weight;
    return TRUE;
}

static void add_pair(RsBlameSource *source, guint baseline_trial, guint current_trial)
{
    RsBlamePair pair;

    if (measure(source, RS_ARM_BASELINE, baseline_trial, &pair) &&
        measure(source, RS_ARM_CURRENT, current_trial, &pair))
        g_array_append_val(source->pairs, pair);
    else
        source->n_unsampled++;
}

typedef struct {
    gint64 n_samples[RS_N_ARMS], n_named;
} Totals;

static void count_sample(Totals *totals, const RsBlameView *view, RsArm side,
                         const RsTrialSample *sample)
{
    totals->n_samples[side] += sample->n;
    if (sample->stack >= 0) {
        guint32 frame = g_array_index(view->profile->stacks, RsProfileStack, sample->stack).frame;

        if (g_array_index(view->profile->frames, RsProfileFrame, frame).n_lines)
            totals->n_named += sample->n;
    }
}

static void finish(RsBlameSource *source)
{
    Totals totals = {0};

    source->n_groups = MIN(source->pairs->len, RS_BLAME_MAX_GROUPS);
    for (guint i = 0; i < source->pairs->len; i++)
        for (RsArm side = 0; side < RS_N_ARMS; side++) {
            const RsBlamePair *pair = &g_array_index(source->pairs, RsBlamePair, i);
            guint n;
            const RsTrialSample *samples =
                rs_benchmark_samples(source->benchmark[side], pair->trial[side], &n);

            source->ns[side] += pair->ns[side] / source->pairs->len;
            for (guint j = 0; j < n; j++)
                count_sample(&totals, source->view[side], side, &samples[j]);
        }
    memcpy(source->n_samples, totals.n_samples, sizeof totals.n_samples);
    source->n_named = (double)totals.n_named;
}

static gboolean is_user_time(const RsProfile *profile)
{
    return !profile->diagnostics.sees_kernel;
}

gboolean rs_blame_source_init(RsBlameSource *source, const RsBenchmark *benchmark,
                              RsBlameView *view, const char **why)
{
    guint n_incomplete;
    g_autoptr(GArray) pairs = NULL;

    *source = (RsBlameSource){.benchmark = {benchmark, benchmark}, .view = {view, view}};
    source->pairs = g_array_new(FALSE, FALSE, sizeof(RsBlamePair));
    source->is_user_time = is_user_time(view->profile);
    *why = "it was not sampled";
    if (!benchmark->trial_spans)
        return FALSE;
    *why = "it was not measured in pairs";
    if (benchmark->design != RS_DESIGN_PAIRED)
        return FALSE;
    pairs = rs_trial_pairs(benchmark, &n_incomplete, why);
    if (!pairs)
        return FALSE;
    for (guint i = 0; i < pairs->len; i++) {
        const RsTrialPair *pair = &g_array_index(pairs, RsTrialPair, i);

        add_pair(source, pair->baseline_trial, pair->current_trial);
    }
    finish(source);
    *why = "no pair of trials has samples on both sides";
    return source->pairs->len > 0;
}

static void trials_of(const RsBenchmark *benchmark, RsArm arm, GArray *trials)
{
    for (guint i = 0; i < rs_benchmark_n_trials(benchmark); i++)
        if (g_array_index(benchmark->trial_arm, guint8, i) == arm)
            g_array_append_val(trials, i);
}

gboolean rs_blame_source_init_apart(RsBlameSource *source, const RsBenchmark *const benchmark[],
                                    const RsArm arm[], RsBlameView *view[], const char **why)
{
    g_autoptr(GArray) baseline = g_array_new(FALSE, FALSE, sizeof(guint));
    g_autoptr(GArray) current = g_array_new(FALSE, FALSE, sizeof(guint));

    *source =
        (RsBlameSource){.benchmark = {benchmark[0], benchmark[1]}, .view = {view[0], view[1]}};
    source->pairs = g_array_new(FALSE, FALSE, sizeof(RsBlamePair));
    source->is_user_time = is_user_time(view[0]->profile) || is_user_time(view[1]->profile);
    trials_of(benchmark[0], arm[0], baseline);
    trials_of(benchmark[1], arm[1], current);
    for (guint i = 0; i < MIN(baseline->len, current->len); i++)
        add_pair(source, g_array_index(baseline, guint, i), g_array_index(current, guint, i));
    finish(source);
    *why = "one of the files has no samples of it";
    return source->pairs->len > 0;
}

void rs_blame_source_clear(RsBlameSource *source)
{
    g_clear_pointer(&source->pairs, g_array_unref);
}

/* --- from a stack to rows --- */

/* Reused from stack to stack; rows are told apart by a stamp, so that recursion counts once. */
typedef struct {
    const RsBlameSource *source;
    RsBlameGrouping grouping;
    GArray *stamps; /* guint64 of each function */
    guint64 stamp;
    GArray *rows; /* guint32 of the stack at hand */
} Walk;

static void walk_init(Walk *walk, const RsBlameSource *source, RsBlameGrouping grouping)
{
    *walk = (Walk){.source = source, .grouping = grouping};
    walk->stamps = g_array_new(FALSE, TRUE, sizeof(guint64));
    walk->rows = g_array_new(FALSE, FALSE, sizeof(guint32));
}

static void walk_clear(Walk *walk)
{
    g_array_unref(walk->stamps);
    g_array_unref(walk->rows);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Walk, walk_clear)

static void add_row(Walk *walk, guint32 row)
{
    if (row >= walk->stamps->len)
        g_array_set_size(walk->stamps, row + 1);
    if (g_array_index(walk->stamps, guint64, row) == walk->stamp)
        return;
    g_array_index(walk->stamps, guint64, row) = walk->stamp;
    g_array_append_val(walk->rows, row);
}

/* Functions on the stack, the innermost first, each once. */
static void walk_stack(Walk *walk, RsArm side, gint32 stack)
{
    RsBlameView *view = walk->source->view[side];
    guint32 rows[RS_PROFILE_MAX_FRAME_LINES];

    walk->stamp++;
    g_array_set_size(walk->rows, 0);
    if (stack < 0)
        add_row(walk, rs_blame_view_no_stack(view));
    for (guint depth = 0; stack >= 0 && depth < MAX_DEPTH; depth++) {
        const RsProfileStack *node = &g_array_index(view->profile->stacks, RsProfileStack, stack);
        guint n = rs_blame_view_frame(view, side, node->frame, rows);

        for (guint i = 0; i < n; i++)
            add_row(walk, rows[i]);
        stack = node->parent;
    }
}

/* Where time was spent, library or not. */
static guint32 leaf_of(const Walk *walk, RsArm side, gint32 stack)
{
    RsBlameView *view = walk->source->view[side];
    guint32 rows[RS_PROFILE_MAX_FRAME_LINES];

    if (stack < 0)
        return rs_blame_view_no_stack(view);
    rs_blame_view_frame(view, side,
                        g_array_index(view->profile->stacks, RsProfileStack, stack).frame, rows);
    return rows[0];
}

/* Whose own time it is: the innermost function that is not of a library, or else the leaf. */
static guint32 owner_of(const Walk *walk, RsArm side, gint32 stack)
{
    RsBlameView *view = walk->source->view[side];
    guint32 leaf = leaf_of(walk, side, stack), rows[RS_PROFILE_MAX_FRAME_LINES];

    for (guint depth = 0; stack >= 0 && depth < MAX_DEPTH; depth++) {
        const RsProfileStack *node = &g_array_index(view->profile->stacks, RsProfileStack, stack);
        guint n = rs_blame_view_frame(view, side, node->frame, rows);

        for (guint i = 0; i < n; i++)
            if (!((RsBlameName *)g_ptr_array_index(view->names->functions, rows[i]))->is_library)
                return rows[i];
        stack = node->parent;
    }
    return leaf;
}

/* The rows of the grouping that a sample counts for: walk->rows. */
static void walk_sample(Walk *walk, RsArm side, gint32 stack)
{
    const RsBlameName *owner;
    guint32 row;

    if (walk->grouping == RS_BLAME_INCLUSIVE) {
        walk_stack(walk, side, stack);
        return;
    }
    row = walk->grouping == RS_BLAME_LEAVES ? leaf_of(walk, side, stack)
                                            : owner_of(walk, side, stack);
    owner = g_ptr_array_index(walk->source->view[side]->names->functions, row);
    if (walk->grouping == RS_BLAME_CRATES)
        row = owner->crate;
    else if (walk->grouping == RS_BLAME_MODULES)
        row = owner->module;
    g_array_set_size(walk->rows, 0);
    g_array_append_val(walk->rows, row);
}

typedef void (*Visit)(Walk *walk, RsArm side, guint pair, const RsTrialSample *sample,
                      gpointer data);

static void visit_samples(Walk *walk, Visit visit, gpointer data)
{
    const RsBlameSource *source = walk->source;

    for (guint i = 0; i < source->pairs->len; i++)
        for (RsArm side = 0; side < RS_N_ARMS; side++) {
            guint trial = g_array_index(source->pairs, RsBlamePair, i).trial[side], n;
            const RsTrialSample *samples = rs_benchmark_samples(source->benchmark[side], trial, &n);

            for (guint j = 0; j < n; j++)
                visit(walk, side, i, &samples[j], data);
        }
}

static double ns_of(const RsBlameSource *source, RsArm side, guint pair,
                    const RsTrialSample *sample)
{
    return (double)MAX(sample->weight_ns, 0) *
           g_array_index(source->pairs, RsBlamePair, pair).ns_per_weight[side];
}

/* --- counts --- */

static void count(Walk *walk, RsArm side, guint pair, const RsTrialSample *sample, gpointer data)
{
    GArray **counts = data;

    walk_sample(walk, side, sample->stack);
    for (guint i = 0; i < walk->rows->len; i++) {
        guint32 row = g_array_index(walk->rows, guint32, i);

        for (guint s = 0; s < RS_N_ARMS; s++)
            if (row >= counts[s]->len)
                g_array_set_size(counts[s], row + 1);
        g_array_index(counts[side], gint64, row) += sample->n;
    }
}

/* Samples by row, whatever their pair. */
typedef struct {
    guint n_rows;
    gint64 *n[RS_N_ARMS];
} Counts;

static void counts_init(Counts *counts, const RsBlameSource *source, RsBlameGrouping grouping)
{
    GArray *n[RS_N_ARMS] = {g_array_new(FALSE, TRUE, sizeof(gint64)),
                            g_array_new(FALSE, TRUE, sizeof(gint64))};
    g_auto(Walk) walk;

    walk_init(&walk, source, grouping);
    visit_samples(&walk, count, n);
    counts->n_rows = n[0]->len;
    for (guint side = 0; side < RS_N_ARMS; side++)
        counts->n[side] = (gint64 *)g_array_free(n[side], FALSE);
}

static void counts_clear(Counts *counts)
{
    for (guint side = 0; side < RS_N_ARMS; side++)
        g_clear_pointer(&counts->n[side], g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Counts, counts_clear)

/* --- times --- */

static gint compare_counts(gconstpointer a, gconstpointer b, gpointer data)
{
    const Counts *counts = data;
    guint32 one = *(const guint32 *)a, other = *(const guint32 *)b;
    gint64 n_one = counts->n[0][one] + counts->n[1][one];
    gint64 n_other = counts->n[0][other] + counts->n[1][other];

    if (n_one != n_other)
        return n_one < n_other ? 1 : -1;
    return one < other ? -1 : one > other;
}

/* What has samples enough, the most first. n_rest: of what has not. */
static GArray *choose(const Counts *counts, gint64 n_rest[])
{
    GArray *chosen = g_array_new(FALSE, FALSE, sizeof(guint32));

    n_rest[0] = n_rest[1] = 0;
    for (guint32 row = 0; row < counts->n_rows; row++)
        g_array_append_val(chosen, row);
    g_array_sort_with_data(chosen, compare_counts, (gpointer)counts);
    while (chosen->len) {
        guint32 last = g_array_index(chosen, guint32, chosen->len - 1);

        if (chosen->len <= RS_BLAME_MAX_HYPOTHESES &&
            counts->n[0][last] + counts->n[1][last] >= RS_BLAME_MIN_SAMPLES)
            break;
        n_rest[0] += counts->n[0][last];
        n_rest[1] += counts->n[1][last];
        g_array_set_size(chosen, chosen->len - 1);
    }
    return chosen;
}

typedef struct {
    RsBlameTimes *times;
    const guint32 *line_of; /* of each row; G_MAXUINT32: none */
} Sums;

/* Into its group's mean, so weighted that the mean over the groups is that over the pairs. */
static void add_difference(const RsBlameSource *source, double *d, RsArm side, guint pair,
                           double ns)
{
    ns *= (double)source->n_groups / source->pairs->len;
    d[pair % source->n_groups] += side == RS_ARM_CURRENT ? ns : -ns;
}

static void sum(Walk *walk, RsArm side, guint pair, const RsTrialSample *sample, gpointer data)
{
    const Sums *sums = data;
    RsBlameTimes *times = sums->times;
    double ns = ns_of(walk->source, side, pair, sample);

    walk_sample(walk, side, sample->stack);
    for (guint i = 0; i < walk->rows->len; i++) {
        guint32 line = sums->line_of[g_array_index(walk->rows, guint32, i)];

        if (line == G_MAXUINT32)
            continue;
        times->ns[side][line] += ns / walk->source->pairs->len;
        add_difference(walk->source, times->d + (gsize)line * times->n_groups, side, pair, ns);
    }
}

static void make_room(RsBlameTimes *times, const Counts *counts, const gint64 n_rest[],
                      gboolean has_rest)
{
    times->d = g_new0(double, (gsize)MAX(times->n, 1) * MAX(times->n_groups, 1));
    for (guint side = 0; side < RS_N_ARMS; side++) {
        times->ns[side] = g_new0(double, times->n + 1);
        times->n_samples[side] = g_new0(gint64, times->n + 1);
        for (guint line = 0; line < times->n - has_rest; line++)
            times->n_samples[side][line] = counts->n[side][times->rows[line]];
        if (has_rest)
            times->n_samples[side][times->n - 1] = n_rest[side];
    }
}

void rs_blame_times_init(RsBlameTimes *times, const RsBlameSource *source, RsBlameGrouping grouping)
{
    g_auto(Counts) counts;
    g_autofree guint32 *line_of = NULL;
    g_autoptr(GArray) chosen = NULL;
    g_auto(Walk) walk;
    guint32 others = RS_BLAME_OTHERS;
    gint64 n_rest[RS_N_ARMS];
    gboolean has_rest;

    counts_init(&counts, source, grouping);
    chosen = choose(&counts, n_rest);
    has_rest = grouping != RS_BLAME_INCLUSIVE && n_rest[0] + n_rest[1] > 0;
    line_of = g_new(guint32, counts.n_rows + 1);
    for (guint32 row = 0; row < counts.n_rows; row++)
        line_of[row] = has_rest ? chosen->len : G_MAXUINT32;
    for (guint32 line = 0; line < chosen->len; line++)
        line_of[g_array_index(chosen, guint32, line)] = line;
    if (has_rest)
        g_array_append_val(chosen, others);
    *times = (RsBlameTimes){.n = chosen->len, .n_groups = source->n_groups};
    times->rows = (guint32 *)g_array_free(g_steal_pointer(&chosen), FALSE);
    make_room(times, &counts, n_rest, has_rest);
    walk_init(&walk, source, grouping);
    visit_samples(&walk, sum, &(Sums){times, line_of});
}

void rs_blame_times_clear(RsBlameTimes *times)
{
    g_free(times->rows);
    g_free(times->d);
    for (guint side = 0; side < RS_N_ARMS; side++) {
        g_free(times->ns[side]);
        g_free(times->n_samples[side]);
    }
    *times = (RsBlameTimes){0};
}

/* --- callers --- */

static gboolean has_row(const Walk *walk, guint32 row)
{
    return row < walk->stamps->len && g_array_index(walk->stamps, guint64, row) == walk->stamp;
}

typedef struct {
    guint32 caller;
    const guint32 *rows;
    guint n;
    double *d;
} Below;

static void sum_below(Walk *walk, RsArm side, guint pair, const RsTrialSample *sample,
                      gpointer data)
{
    const Below *below = data;
    guint32 owner = owner_of(walk, side, sample->stack);
    guint which;

    for (which = 0; which < below->n && below->rows[which] != owner; which++)
        ;
    if (which == below->n)
        return;
    walk_stack(walk, side, sample->stack);
    if (has_row(walk, below->caller))
        add_difference(walk->source, below->d + (gsize)which * walk->source->n_groups, side, pair,
                       ns_of(walk->source, side, pair, sample));
}

void rs_blame_times_below(const RsBlameSource *source, guint32 caller, const guint32 *rows, guint n,
                          double *d)
{
    g_auto(Walk) walk;

    memset(d, 0, sizeof(double) * n * source->n_groups);
    walk_init(&walk, source, RS_BLAME_INCLUSIVE);
    visit_samples(&walk, sum_below, &(Below){caller, rows, n, d});
}

typedef struct {
    guint32 row;
    double ns;
    GArray *callers; /* RsBlameCaller by row, while ns and ns x distance are summed in it */
} Callers;

static void add_callers(Walk *walk, RsArm side, guint pair, const RsTrialSample *sample,
                        gpointer data)
{
    Callers *all = data;
    double ns = ns_of(walk->source, side, pair, sample);

    guint first = 0;

    if (owner_of(walk, side, sample->stack) != all->row)
        return;
    walk_stack(walk, side, sample->stack);
    all->ns += ns;
    /* Library code that it called is none of its callers. */
    while (g_array_index(walk->rows, guint32, first) != all->row)
        first++;
    for (guint i = first; i < walk->rows->len; i++) {
        guint32 row = g_array_index(walk->rows, guint32, i);
        RsBlameCaller *caller;

        if (row >= all->callers->len)
            g_array_set_size(all->callers, row + 1);
        caller = &g_array_index(all->callers, RsBlameCaller, row);
        caller->row = row;
        caller->frac += ns;
        caller->distance += ns * (i - first);
    }
}

static gint compare_distance(gconstpointer a, gconstpointer b)
{
    const RsBlameCaller *one = a, *other = b;

    if (one->distance != other->distance)
        return one->distance < other->distance ? -1 : 1;
    return one->row < other->row ? -1 : one->row > other->row;
}

GArray *rs_blame_callers_of(const RsBlameSource *source, guint32 row)
{
    Callers all = {.row = row, .callers = g_array_new(FALSE, TRUE, sizeof(RsBlameCaller))};
    g_auto(Walk) walk;
    guint n = 0;

    walk_init(&walk, source, RS_BLAME_INCLUSIVE);
    visit_samples(&walk, add_callers, &all);
    for (guint i = 0; i < all.callers->len; i++) {
        RsBlameCaller caller = g_array_index(all.callers, RsBlameCaller, i);

        if (!(caller.frac > 0))
            continue;
        caller.distance /= caller.frac;
        caller.frac /= all.ns;
        g_array_index(all.callers, RsBlameCaller, n++) = caller;
    }
    g_array_set_size(all.callers, n);
    g_array_sort(all.callers, compare_distance);
    return all.callers;
}
