/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums over groups of functions. The prefix tree of stacks is walked depth first with a count of
 * how often each group is on the path: a group's total is that of the subtrees in which it comes in
 * for the first time. One step for each stack and line, however deep the recursion. */
#include <string.h>

#include "analyze/call_tree.h"

#define NO_GROUP G_MAXUINT32
#define UNKNOWN  "[unknown]"

typedef struct {
    gint64 self_ns, n, below_ns; /* with all that is called from it */
} Weight;

/* Weights of trials may come from a file: they stay numbers. */
static void add(gint64 *sum, gint64 more)
{
    if (__builtin_add_overflow(*sum, more, sum))
        *sum = G_MAXINT64;
}

static void weigh(Weight *weights, gint32 stack, gint64 n, gint64 weight_ns)
{
    if (stack == RS_STACK_NONE)
        return;
    add(&weights[stack].self_ns, weight_ns);
    add(&weights[stack].n, n);
}

/* NULL: nothing was sampled. */
static Weight *weights_of(const RsSession *session)
{
    const RsProfile *profile = session->profile;
    Weight *weights;
    gboolean is_sampled = FALSE;

    if (!profile || !profile->stacks->len)
        return NULL;
    weights = g_new0(Weight, profile->stacks->len);
    for (guint i = 0; i < profile->samples->len; i++) {
        const RsProfileSample *sample = &g_array_index(profile->samples, RsProfileSample, i);

        weigh(weights, sample->stack, 1, sample->weight_ns);
        is_sampled = TRUE;
    }
    for (guint b = 0; b < session->benchmarks->len; b++) {
        const RsBenchmark *benchmark = g_ptr_array_index(session->benchmarks, b);
        const GArray *samples = benchmark->trial_samples;

        for (guint i = 0; samples && i < samples->len; i++) {
            const RsTrialSample *sample = &g_array_index(samples, RsTrialSample, i);

            weigh(weights, sample->stack, sample->n, sample->weight_ns);
        }
        is_sampled |= samples != NULL;
    }
    for (guint i = profile->stacks->len; i > 0; i--) {
        gint32 parent = g_array_index(profile->stacks, RsProfileStack, i - 1).parent;

        add(&weights[i - 1].below_ns, weights[i - 1].self_ns);
        if (parent != RS_STACK_NONE)
            add(&weights[parent].below_ns, weights[i - 1].below_ns);
    }
    if (!is_sampled)
        g_clear_pointer(&weights, g_free);
    return weights;
}

/* --- the walk --- */

typedef struct {
    const RsProfile *profile;
    const Weight *weights;
    const guint32 *of_function; /* its group; NULL: itself */
    const guint32 *of_module;   /* of frames without lines; NULL: NO_GROUP */
    RsTimeSum *sums;            /* of groups */
    guint32 *n_on_path;         /* likewise */
} Walk;

static guint32 group_of_line(const Walk *walk, guint32 line)
{
    guint32 function = g_array_index(walk->profile->lines, RsProfileLine, line).function;

    return walk->of_function ? walk->of_function[function] : function;
}

static guint32 group_of_module(const Walk *walk, guint32 module)
{
    return walk->of_module ? walk->of_module[module] : NO_GROUP;
}

static void enter_group(Walk *walk, guint32 group, gint64 below_ns)
{
    if (group != NO_GROUP && walk->n_on_path[group]++ == 0)
        add(&walk->sums[group].total_ns, below_ns);
}

static const RsProfileFrame *frame_of(const Walk *walk, gint32 stack)
{
    guint32 frame = g_array_index(walk->profile->stacks, RsProfileStack, stack).frame;

    return &g_array_index(walk->profile->frames, RsProfileFrame, frame);
}

static void enter(Walk *walk, gint32 stack)
{
    const RsProfileFrame *frame = frame_of(walk, stack);
    const Weight *weight = &walk->weights[stack];
    guint32 innermost = frame->n_lines ? group_of_line(walk, frame->first_line)
                                       : group_of_module(walk, frame->module);

    for (guint i = 0; i < frame->n_lines; i++)
        enter_group(walk, group_of_line(walk, frame->first_line + i), weight->below_ns);
    if (!frame->n_lines)
        enter_group(walk, innermost, weight->below_ns);
    if (innermost == NO_GROUP)
        return;
    add(&walk->sums[innermost].self_ns, weight->self_ns);
    add(&walk->sums[innermost].n_samples, weight->n);
}

static void leave(Walk *walk, gint32 stack)
{
    const RsProfileFrame *frame = frame_of(walk, stack);
    guint32 group = frame->n_lines ? NO_GROUP : group_of_module(walk, frame->module);

    if (group != NO_GROUP)
        walk->n_on_path[group]--;
    for (guint i = 0; i < frame->n_lines; i++)
        walk->n_on_path[group_of_line(walk, frame->first_line + i)]--;
}

/* Returns the first root. */
static gint32 link_children(const GArray *stacks, gint32 *first_child, gint32 *next)
{
    gint32 first_root = RS_STACK_NONE;

    memset(first_child, 0xff, stacks->len * sizeof *first_child); /* RS_STACK_NONE */
    for (guint i = stacks->len; i > 0; i--) {
        gint32 parent = g_array_index(stacks, RsProfileStack, i - 1).parent;
        gint32 *first = parent == RS_STACK_NONE ? &first_root : &first_child[parent];

        next[i - 1] = *first;
        *first = (gint32)i - 1;
    }
    return first_root;
}

static void walk_stacks(Walk *walk)
{
    const GArray *stacks = walk->profile->stacks;
    g_autofree gint32 *first_child = g_new(gint32, stacks->len);
    g_autofree gint32 *next = g_new(gint32, stacks->len);
    gint32 at = link_children(stacks, first_child, next);

    while (at != RS_STACK_NONE) {
        enter(walk, at);
        if (first_child[at] != RS_STACK_NONE) {
            at = first_child[at];
            continue;
        }
        while (at != RS_STACK_NONE) {
            leave(walk, at);
            if (next[at] != RS_STACK_NONE) {
                at = next[at];
                break;
            }
            at = g_array_index(stacks, RsProfileStack, at).parent;
        }
    }
}

/* of_function and of_module as in Walk. */
static RsTimeSum *sum_groups(const RsProfile *profile, const Weight *weights,
                             const guint32 *of_function, const guint32 *of_module, guint n_groups)
{
    g_autofree guint32 *n_on_path = g_new0(guint32, n_groups + 1);
    RsTimeSum *sums = g_new0(RsTimeSum, n_groups + 1);
    Walk walk = {profile, weights, of_function, of_module, sums, n_on_path};

    walk_stacks(&walk);
    return sums;
}

/* --- functions --- */

RsTimeSum *rs_functions_sums(const RsSession *session)
{
    g_autofree Weight *weights = NULL;

    if (!session->profile || !session->profile->lines->len)
        return NULL;
    weights = weights_of(session);
    if (!weights)
        return NULL;
    return sum_groups(session->profile, weights, NULL, NULL, session->profile->functions->len);
}

void rs_functions_sum(RsSession *session)
{
    g_autofree RsTimeSum *sums = rs_functions_sums(session);

    for (guint i = 0; sums && i < session->profile->functions->len; i++) {
        RsFunction *function = g_ptr_array_index(session->profile->functions, i);

        function->self_ns = sums[i].self_ns;
        function->total_ns = sums[i].total_ns;
        function->n_samples = sums[i].n_samples;
    }
}

/* --- crates and modules --- */

typedef struct {
    GPtrArray *rollups;   /* RsRollup */
    GHashTable *by_key;   /* RsRollup -> index + 1 */
    GHashTable *counted;  /* names of functions, with the group before them */
    GPtrArray *binaries;  /* for each module of the profile the name of its file */
    gboolean is_by_crate; /* else by module of the source */
} Grouping;

static void rollup_free(gpointer data)
{
    RsRollup *rollup = data;

    g_free(rollup->name);
    g_free(rollup->crate_name);
    g_free(rollup);
}

static guint rollup_hash(gconstpointer key)
{
    const RsRollup *rollup = key;

    return g_str_hash(rollup->name) * 31 + rollup->crate_kind;
}

static gboolean rollup_equal(gconstpointer a, gconstpointer b)
{
    const RsRollup *one = a, *other = b;

    return one->crate_kind == other->crate_kind && g_str_equal(one->name, other->name) &&
           g_strcmp0(one->crate_name, other->crate_name) == 0;
}

static guint32 group_of(Grouping *grouping, const char *name, const char *crate_name,
                        RsCrateKind kind)
{
    RsRollup key = {.name = (char *)name, .crate_name = (char *)crate_name, .crate_kind = kind};
    gpointer known = g_hash_table_lookup(grouping->by_key, &key);
    RsRollup *rollup;

    if (known)
        return GPOINTER_TO_UINT(known) - 1;
    rollup = g_memdup2(&key, sizeof key);
    rollup->name = g_strdup(name);
    rollup->crate_name = g_strdup(crate_name);
    g_ptr_array_add(grouping->rollups, rollup);
    g_hash_table_insert(grouping->by_key, rollup, GUINT_TO_POINTER(grouping->rollups->len));
    return grouping->rollups->len - 1;
}

static guint32 group_of_function(Grouping *grouping, const RsFunction *function)
{
    const char *binary =
        function->module >= 0 ? g_ptr_array_index(grouping->binaries, function->module) : UNKNOWN;
    const char *crate = function->crate_name ? function->crate_name : binary;
    const char *name =
        grouping->is_by_crate || !function->module_path ? crate : function->module_path;
    guint32 group = group_of(grouping, name, grouping->is_by_crate ? NULL : function->crate_name,
                             function->crate_kind);

    if (g_hash_table_add(grouping->counted, g_strdup_printf("%u %s", group, function->name)))
        ((RsRollup *)g_ptr_array_index(grouping->rollups, group))->n_functions++;
    return group;
}

static gint by_time(gconstpointer a, gconstpointer b)
{
    const RsRollup *one = *(RsRollup *const *)a, *other = *(RsRollup *const *)b;

    if (one->self_ns != other->self_ns)
        return one->self_ns > other->self_ns ? -1 : 1;
    if (one->total_ns != other->total_ns)
        return one->total_ns > other->total_ns ? -1 : 1;
    return rollup_equal(one, other)            ? 0
           : g_strcmp0(one->name, other->name) ? g_strcmp0(one->name, other->name)
                                               : (int)one->crate_kind - (int)other->crate_kind;
}

/* Those that have samples, with what they add up to. */
static GPtrArray *finish(GPtrArray *rollups, const RsTimeSum *sums)
{
    GPtrArray *seen = g_ptr_array_new_with_free_func(rollup_free);

    for (guint i = 0; i < rollups->len; i++) {
        RsRollup *rollup = g_ptr_array_index(rollups, i);

        rollup->self_ns = sums[i].self_ns;
        rollup->total_ns = sums[i].total_ns;
        rollup->n_samples = sums[i].n_samples;
        if (sums[i].total_ns > 0 || sums[i].n_samples > 0)
            g_ptr_array_add(seen, rollup);
        else
            rollup_free(rollup);
    }
    g_ptr_array_sort(seen, by_time);
    return seen;
}

static GPtrArray *rollups_of(const RsProfile *profile, const Weight *weights, gboolean is_by_crate)
{
    g_autoptr(GPtrArray) rollups = g_ptr_array_new();
    g_autoptr(GPtrArray) binaries = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) by_key = g_hash_table_new(rollup_hash, rollup_equal);
    g_autoptr(GHashTable) counted = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    Grouping grouping = {rollups, by_key, counted, binaries, is_by_crate};
    g_autofree guint32 *of_function = g_new(guint32, profile->functions->len + 1);
    g_autofree guint32 *of_module = g_new(guint32, profile->modules->len + 1);
    g_autofree RsTimeSum *sums = NULL;

    for (guint i = 0; i < profile->modules->len; i++) {
        const RsProfileModule *module = g_ptr_array_index(profile->modules, i);

        g_ptr_array_add(binaries, rs_module_shown_name(module));
        of_module[i] =
            group_of(&grouping, g_ptr_array_index(binaries, i), NULL, rs_module_crate_kind(module));
    }
    for (guint i = 0; i < profile->functions->len; i++)
        of_function[i] = group_of_function(&grouping, g_ptr_array_index(profile->functions, i));
    sums = sum_groups(profile, weights, of_function, of_module, rollups->len);
    return finish(rollups, sums);
}

static GPtrArray *rollups(const RsSession *session, gboolean is_by_crate)
{
    g_autofree Weight *weights = weights_of(session);

    return weights ? rollups_of(session->profile, weights, is_by_crate)
                   : g_ptr_array_new_with_free_func(rollup_free);
}

GPtrArray *rs_crate_rollups(const RsSession *session)
{
    return rollups(session, TRUE);
}

GPtrArray *rs_module_rollups(const RsSession *session)
{
    return rollups(session, FALSE);
}
