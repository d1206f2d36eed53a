/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analyze/blame.h"

#include <math.h>

#include "analyze/blame_family.h"
#include "analyze/blame_lists.h"
#include "analyze/blame_shift.h"
#include "analyze/call_tree.h"
#include "stats/sign_flip.h"

#define FEW_NAMED_PCT 50
#define MOSTLY_PCT    50     /* of the wall time's rise that is CPU time */
#define NODE_FRAC     0.0005 /* of the program's time: less is no node of the tree */

void rs_blame_options_init(RsBlameOptions *options)
{
    *options = (RsBlameOptions){.alpha = 0.02,
                                .n_permutations = 9999,
                                .min_share_pct = 2,
                                .n_max_listed = 50,
                                .n_max_nodes = 2000};
}

G_GNUC_PRINTF(2, 3)
static void add_note(RsBlame *blame, const char *format, ...)
{
    g_autofree char *before = blame->note, *note = NULL;
    va_list args;

    va_start(args, format);
    note = g_strdup_vprintf(format, args);
    va_end(args);
    blame->note = before ? g_strdup_printf("%s; %s", before, note) : g_steal_pointer(&note);
}

/* --- the benchmark as a whole --- */

/* Differences of CPU time of each pair, and of a metric's; FALSE: it has not a value in each. */
static void cpu_differences(const RsBlameSource *source, double *d)
{
    for (guint i = 0; i < source->pairs->len; i++) {
        const RsBlamePair *pair = &g_array_index(source->pairs, RsBlamePair, i);

        d[i] = pair->ns[RS_ARM_CURRENT] - pair->ns[RS_ARM_BASELINE];
    }
}

static gboolean wall_differences(const RsBlameSource *source, double *d)
{
    const RsMetric *wall = rs_benchmark_metric(source->benchmark[RS_ARM_CURRENT], "wall");

    for (guint i = 0; wall && i < source->pairs->len; i++) {
        const RsBlamePair *pair = &g_array_index(source->pairs, RsBlamePair, i);

        d[i] = rs_metric_value(wall, pair->trial[RS_ARM_CURRENT]) -
               rs_metric_value(wall, pair->trial[RS_ARM_BASELINE]);
        if (!isfinite(d[i]))
            return FALSE;
    }
    return wall != NULL;
}

static gboolean is_slower(const double *d, guint n, const RsBlameOptions *options)
{
    double p;

    return n >= 2 &&
           rs_sign_flip_max_t(d, n, 1, options->n_permutations, options->seed, FALSE, NULL, &p,
                              NULL) &&
           p < options->alpha;
}

static double mean_of(const double *d, guint n)
{
    double sum = 0;

    for (guint i = 0; i < n; i++)
        sum += d[i];
    return sum / n;
}

/* What waits is not sampled: a slowdown of wall time alone has no functions. */
static void note_waiting(RsBlame *blame, const RsBlameSource *source, gboolean is_cpu_slower,
                         const RsBlameOptions *options)
{
    guint n = source->pairs->len;
    g_autofree double *wall = g_new(double, n);
    double part_pct;

    if (!wall_differences(source, wall) || !is_slower(wall, n, options))
        return;
    part_pct = 100 * blame->delta_ns / mean_of(wall, n);
    if (!is_cpu_slower)
        add_note(blame, "the slowdown is not CPU time: the program waits more, and what waits is "
                        "not sampled");
    else if (part_pct < MOSTLY_PCT)
        add_note(blame,
                 "%.0f %% of the slowdown is CPU time; the rest is waiting, which is not sampled",
                 part_pct);
}

static void note_samples(RsBlame *blame, const RsBlameSource *source)
{
    double n = (double)(source->n_samples[0] + source->n_samples[1]);
    double named_pct = n > 0 ? 100 * source->n_named / n : 100;

    if (source->n_unsampled)
        add_note(blame, "%u pairs have no samples on one side or both and are left out",
                 source->n_unsampled);
    if (named_pct < FEW_NAMED_PCT)
        add_note(blame, "%.0f %% of the samples have no function's name", 100 - named_pct);
    if (source->is_user_time)
        add_note(blame, "time in the kernel was not sampled");
}

static void fill_totals(RsBlame *blame, const RsBlameSource *source)
{
    blame->n_pairs = source->pairs->len;
    blame->n_samples_baseline = source->n_samples[RS_ARM_BASELINE];
    blame->n_samples_current = source->n_samples[RS_ARM_CURRENT];
    blame->total_ns_baseline = source->ns[RS_ARM_BASELINE];
    blame->total_ns_current = source->ns[RS_ARM_CURRENT];
    blame->delta_ns = blame->total_ns_current - blame->total_ns_baseline;
}

/* Both sides, of all trials that were sampled. */
static void add_tree(RsBlame *blame, const RsSession *session, const RsBenchmark *benchmark,
                     const RsBlameOptions *options)
{
    g_autoptr(RsCallTree) tree = rs_call_tree_of_benchmark(session, benchmark);

    if (tree)
        blame->tree = rs_call_tree_prune(tree, NODE_FRAC, MAX(options->n_max_nodes, 2));
}

/* --- everything --- */

typedef struct {
    RsBlameFamily families[RS_N_BLAME_GROUPINGS];
    RsBlameShifts shifts;
} Findings;

static void findings_clear(Findings *findings)
{
    for (guint i = 0; i < RS_N_BLAME_GROUPINGS; i++)
        rs_blame_family_clear(&findings->families[i]);
    rs_blame_shifts_clear(&findings->shifts);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Findings, findings_clear)

static void find(const RsBlameSource *source, double delta_ns, gboolean is_tested,
                 const RsBlameOptions *options, Findings *findings)
{
    for (guint i = 0; i < RS_N_BLAME_GROUPINGS; i++)
        rs_blame_family_init(&findings->families[i], source, i, delta_ns, is_tested, options);
    rs_blame_shifts_init(&findings->shifts, &findings->families[RS_BLAME_SELF],
                         &findings->families[RS_BLAME_INCLUSIVE]);
}

static void fill_lists(RsBlame *blame, const Findings *findings)
{
    const RsBlameFamily *self = &findings->families[RS_BLAME_SELF];

    rs_blame_list_functions(blame, self, &findings->shifts);
    rs_blame_list_callers(blame, &findings->families[RS_BLAME_INCLUSIVE], self);
    rs_blame_list_groups(blame->leaves, &findings->families[RS_BLAME_LEAVES], self,
                         &findings->shifts);
    rs_blame_list_groups(blame->crates, &findings->families[RS_BLAME_CRATES], self,
                         &findings->shifts);
    rs_blame_list_groups(blame->modules, &findings->families[RS_BLAME_MODULES], self,
                         &findings->shifts);
}

static gboolean has_guilty(const RsBlame *blame)
{
    return blame->functions->len > 0 && rs_blamed_is_guilty(g_ptr_array_index(blame->functions, 0));
}

/* With fewer there are too few ways to flip them for any p to be below alpha. */
static guint min_pairs(double alpha)
{
    return (guint)floor(-log2(alpha)) + 1;
}

static void note_outcome(RsBlame *blame, gboolean is_cpu_slower)
{
    if (blame->n_pairs < min_pairs(blame->alpha))
        add_note(blame, "%u pairs were sampled, at least %u are needed to prove anything",
                 blame->n_pairs, min_pairs(blame->alpha));
    else if (is_cpu_slower && !has_guilty(blame))
        add_note(blame, "no function's rise can be told from chance%s",
                 blame->others->len ? ", or what rose only moved" : "");
}

RsBlame *rs_blame_benchmark(const RsSession *session, const RsBenchmark *benchmark,
                            gboolean is_forced, const RsBlameOptions *options)
{
    g_autoptr(RsBlame) blame = rs_blame_new(benchmark->name);
    g_autoptr(RsBlameNames) names = rs_blame_names_new();
    g_auto(RsBlameView) view = {0};
    g_auto(RsBlameSource) source = {0};
    g_auto(Findings) findings = {0};
    g_autofree double *total = NULL;
    const char *why = "nothing was sampled";
    gboolean is_cpu_slower;

    blame->alpha = options->alpha;
    blame->is_forced = is_forced;
    if (session->profile)
        rs_blame_view_init(&view, names, session->profile);
    if (!session->profile || !rs_blame_source_init(&source, benchmark, &view, &why)) {
        add_note(blame, "%s", why);
        return g_steal_pointer(&blame);
    }
    fill_totals(blame, &source);
    total = g_new(double, source.pairs->len);
    cpu_differences(&source, total);
    is_cpu_slower = is_slower(total, source.pairs->len, options);
    find(&source, is_cpu_slower ? blame->delta_ns : NAN, TRUE, options, &findings);
    fill_lists(blame, &findings);
    blame->resolvable_pct = 100 * rs_blame_family_resolvable_ns(&findings.families[RS_BLAME_SELF]) /
                            blame->total_ns_baseline;
    add_tree(blame, session, benchmark, options);
    note_samples(blame, &source);
    note_waiting(blame, &source, is_cpu_slower, options);
    note_outcome(blame, is_cpu_slower);
    return g_steal_pointer(&blame);
}

RsBlame *rs_blame_apart(const RsSession *const session[], const RsBenchmark *const benchmark[],
                        const RsArm arm[], const RsBlameOptions *options)
{
    g_autoptr(RsBlame) blame = rs_blame_new(benchmark[RS_ARM_CURRENT]->name);
    g_autoptr(RsBlameNames) names = rs_blame_names_new();
    g_auto(RsBlameView) baseline = {0}, current = {0};
    RsBlameView *views[RS_N_ARMS] = {&baseline, &current};
    g_auto(RsBlameSource) source = {0};
    g_auto(Findings) findings = {0};
    const char *why = "one of the files has no samples";

    blame->alpha = options->alpha;
    if (session[0]->profile && session[1]->profile) {
        rs_blame_view_init(&baseline, names, session[0]->profile);
        rs_blame_view_init(&current, names, session[1]->profile);
    }
    if (!session[0]->profile || !session[1]->profile ||
        !rs_blame_source_init_apart(&source, benchmark, arm, views, &why)) {
        add_note(blame, "%s", why);
        return g_steal_pointer(&blame);
    }
    fill_totals(blame, &source);
    add_note(blame,
             "the two files were measured apart: what functions took is listed side by side, "
             "and nothing is proved");
    find(&source, blame->delta_ns > 0 ? blame->delta_ns : NAN, FALSE, options, &findings);
    fill_lists(blame, &findings);
    note_samples(blame, &source);
    return g_steal_pointer(&blame);
}
