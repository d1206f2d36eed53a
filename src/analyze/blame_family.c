/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analyze/blame_family.h"

#include <math.h>

#include "stats/paired.h"
#include "stats/power.h"
#include "stats/proportion.h"
#include "stats/sign_flip.h"

#define INTERVAL_CONFIDENCE 0.95
#define RESOLVABLE_POWER    0.9
/* A side lacks something when it has no sample of it and, at this confidence, less than this part
 * of what the other side has. */
#define LACKS_CONFIDENCE 0.95
#define LACKS_PART       0.1

static double *negated(const double *d, gsize n)
{
    double *negative = g_new(double, n);

    for (gsize i = 0; i < n; i++)
        negative[i] = -d[i];
    return negative;
}

static void fill_nan(double *values, guint n)
{
    for (guint i = 0; i < n; i++)
        values[i] = NAN;
}

static void test(RsBlameFamily *family)
{
    const RsBlameTimes *times = &family->times;
    g_autofree double *faster = negated(times->d, (gsize)times->n * times->n_groups);

    fill_nan(family->p, times->n);
    fill_nan(family->p_adjusted, times->n);
    fill_nan(family->p_faster, times->n);
    fill_nan(family->p_faster_adjusted, times->n);
    if (!family->is_tested || !times->n || times->n_groups < 2)
        return;
    rs_sign_flip_max_t(times->d, times->n_groups, times->n, family->options->n_permutations,
                       family->options->seed, FALSE, family->p, family->p_adjusted, NULL);
    rs_sign_flip_max_t(faster, times->n_groups, times->n, family->options->n_permutations,
                       family->options->seed, FALSE, family->p_faster, family->p_faster_adjusted,
                       NULL);
}

void rs_blame_family_init(RsBlameFamily *family, const RsBlameSource *source,
                          RsBlameGrouping grouping, double delta_ns, gboolean is_tested,
                          const RsBlameOptions *options)
{
    *family = (RsBlameFamily){.source = source,
                              .options = options,
                              .grouping = grouping,
                              .is_tested = is_tested,
                              .delta_ns = delta_ns};
    rs_blame_times_init(&family->times, source, grouping);
    family->mean = g_new(double, family->times.n + 1);
    family->p = g_new(double, family->times.n + 1);
    family->p_adjusted = g_new(double, family->times.n + 1);
    family->p_faster = g_new(double, family->times.n + 1);
    family->p_faster_adjusted = g_new(double, family->times.n + 1);
    for (guint line = 0; line < family->times.n; line++)
        family->mean[line] =
            family->times.ns[RS_ARM_CURRENT][line] - family->times.ns[RS_ARM_BASELINE][line];
    test(family);
}

void rs_blame_family_clear(RsBlameFamily *family)
{
    rs_blame_times_clear(&family->times);
    g_clear_pointer(&family->mean, g_free);
    g_clear_pointer(&family->p, g_free);
    g_clear_pointer(&family->p_adjusted, g_free);
    g_clear_pointer(&family->p_faster, g_free);
    g_clear_pointer(&family->p_faster_adjusted, g_free);
}

const RsBlameName *rs_blame_family_thing(const RsBlameFamily *family, guint line)
{
    const RsBlameNames *names = family->source->view[RS_ARM_CURRENT]->names;
    guint32 row = family->times.rows[line];

    if (row == RS_BLAME_OTHERS)
        return NULL;
    return g_ptr_array_index(family->grouping == RS_BLAME_CRATES    ? names->crates
                             : family->grouping == RS_BLAME_MODULES ? names->modules
                                                                    : names->functions,
                             row);
}

const char *rs_blame_family_name(const RsBlameFamily *family, guint line)
{
    const RsBlameName *thing = rs_blame_family_thing(family, line);

    if (thing)
        return thing->name;
    return family->grouping == RS_BLAME_CRATES    ? "[other crates]"
           : family->grouping == RS_BLAME_MODULES ? "[other modules]"
                                                  : "[other functions]";
}

const double *rs_blame_family_differences(const RsBlameFamily *family, guint line)
{
    return family->times.d + (gsize)line * family->times.n_groups;
}

static double share_pct(const RsBlameFamily *family, double delta_ns)
{
    return 100 * delta_ns / family->delta_ns;
}

gboolean rs_blame_family_is_large(const RsBlameFamily *family, double delta_ns)
{
    return isnan(family->delta_ns) ||
           fabs(share_pct(family, delta_ns)) >= family->options->min_share_pct;
}

/* Whether a side lacks what the other has. */
static gboolean lacks(const RsBlameFamily *family, guint line, RsArm side)
{
    const RsBlameName *thing = rs_blame_family_thing(family, line);
    gint64 n = family->times.n_samples[!side][line];
    double low_frac, high_frac;

    if (!thing || !thing->has_name || thing->binary[side] || family->times.n_samples[side][line] ||
        n <= 0)
        return FALSE;
    /* Of so many samples, were they shared by both sides, how many could have been this one's? */
    if (!rs_clopper_pearson(0, (guint64)n, 2 * LACKS_CONFIDENCE - 1, &low_frac, &high_frac, NULL) ||
        high_frac / (1 - high_frac) > LACKS_PART)
        return FALSE;
    return !thing->of_side[!side] || !rs_blame_view_knows(family->source->view[side], side, thing);
}

static RsBlameKind kind_of(const RsBlameFamily *family, guint line)
{
    gboolean is_large = rs_blame_family_is_large(family, family->mean[line]);

    if (!family->is_tested || family->times.rows[line] == RS_BLAME_OTHERS)
        return RS_BLAME_UNPROVED; /* and nobody can be told that it was all the others */
    if (family->p_adjusted[line] < family->options->alpha && is_large)
        return lacks(family, line, RS_ARM_BASELINE) ? RS_BLAME_NEW : RS_BLAME_SLOWER;
    if (lacks(family, line, RS_ARM_CURRENT))
        return RS_BLAME_VANISHED;
    if (family->p_faster_adjusted[line] < family->options->alpha && is_large)
        return RS_BLAME_FASTER;
    return RS_BLAME_UNPROVED;
}

static void describe_place(RsBlamed *blamed, const RsBlameName *thing)
{
    const RsFunction *function = thing->of_side[RS_ARM_CURRENT] ? thing->of_side[RS_ARM_CURRENT]
                                                                : thing->of_side[RS_ARM_BASELINE];

    blamed->crate_name = g_strdup(thing->crate_name);
    blamed->module_path = g_strdup(thing->module_path);
    blamed->crate_kind = thing->crate_kind;
    blamed->binary = g_strdup(thing->binary[RS_ARM_CURRENT] ? thing->binary[RS_ARM_CURRENT]
                                                            : thing->binary[RS_ARM_BASELINE]);
    if (!function)
        return;
    blamed->file = g_strdup(function->file);
    blamed->line = function->line;
    blamed->last_line = function->last_line;
}

void rs_blame_family_set_gain(const RsBlameFamily *family, RsBlamed *blamed, const double *d)
{
    double low, high, sum = 0;

    for (guint i = 0; i < family->times.n_groups; i++)
        sum += d[i];
    blamed->delta_ns = sum / family->times.n_groups;
    blamed->share_of_slowdown_pct = share_pct(family, blamed->delta_ns);
    if (!family->is_tested ||
        !rs_sign_flip_interval(d, family->times.n_groups, family->options->n_permutations,
                               family->options->seed, INTERVAL_CONFIDENCE, &low, &high, NULL) ||
        !isfinite(low) || !isfinite(high))
        return;
    blamed->ci_low_ns = low;
    blamed->ci_high_ns = high;
}

RsBlamed *rs_blame_family_describe(const RsBlameFamily *family, guint line)
{
    const RsBlameName *thing = rs_blame_family_thing(family, line);
    RsBlamed *blamed = rs_blamed_new(rs_blame_family_name(family, line));

    if (thing)
        describe_place(blamed, thing);
    blamed->kind = kind_of(family, line);
    blamed->self_ns_baseline = family->times.ns[RS_ARM_BASELINE][line];
    blamed->self_ns_current = family->times.ns[RS_ARM_CURRENT][line];
    blamed->n_samples_baseline = family->times.n_samples[RS_ARM_BASELINE][line];
    blamed->n_samples_current = family->times.n_samples[RS_ARM_CURRENT][line];
    blamed->p_value = family->p[line];
    blamed->p_adjusted = family->p_adjusted[line];
    blamed->delta_ns = family->mean[line];
    blamed->share_of_slowdown_pct = share_pct(family, blamed->delta_ns);
    return blamed;
}

/* Variances of lines, and their time as weights; with any, guilty lines as well. Returns how many.
 */
static guint variances_of(const RsBlameFamily *family, gboolean any, double *variances,
                          double *weights)
{
    const RsBlameTimes *times = &family->times;
    guint n = 0;

    for (guint line = 0; line < times->n; line++) {
        RsPairedT paired;

        weights[n] = times->ns[RS_ARM_BASELINE][line];
        if (times->rows[line] == RS_BLAME_OTHERS || !(weights[n] > 0) ||
            (!any && family->p_adjusted[line] < family->options->alpha) ||
            !rs_paired_t(rs_blame_family_differences(family, line), times->n_groups, &paired, NULL))
            continue;
        variances[n++] = paired.se * paired.se * times->n_groups;
    }
    return n;
}

double rs_blame_family_resolvable_ns(const RsBlameFamily *family)
{
    const RsBlameTimes *times = &family->times;
    const RsBlameSource *source = family->source;
    double n_per_trial = (double)source->n_samples[RS_ARM_CURRENT] / MAX(times->n_groups, 1);
    g_autofree double *variances = g_new(double, times->n + 1);
    g_autofree double *weights = g_new(double, times->n + 1);
    guint n = variances_of(family, FALSE, variances, weights);
    double t, rise;

    if (!n)
        n = variances_of(family, TRUE, variances, weights);
    if (!family->is_tested || !n || !(n_per_trial > 0) ||
        !rs_sign_flip_critical_t(times->d, times->n_groups, times->n,
                                 family->options->n_permutations, family->options->seed, FALSE,
                                 family->options->alpha, &t, NULL) ||
        !rs_power_counted_rise(variances, weights, n, source->ns[RS_ARM_CURRENT] / n_per_trial,
                               times->n_groups, t, RESOLVABLE_POWER, &rise, NULL))
        return NAN;
    if (!isnan(family->delta_ns)) /* less is not called guilty, however sure */
        rise = MAX(rise, family->delta_ns * family->options->min_share_pct / 100);
    return rise;
}
