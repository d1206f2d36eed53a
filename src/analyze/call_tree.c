/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Only stacks that have samples, and what they are called from, become nodes: each once, after its
 * parent, so that the whole takes as long as there are samples and such stacks, however deep. */
#include "analyze/call_tree.h"

#include <math.h>

#define NOT_ATTRIBUTED "[not attributed]"

/* No honest recording comes near; a file may be made to. What lies deeper is counted at the node
 * where the tree was left. */
#define MAX_NODES 4000000
#define MAX_STEPS ((guint64)1 << 28) /* from node to node */

typedef struct {
    gint32 stack, node;
    double self_ns[2];
} Used;

typedef struct {
    const RsProfile *profile; /* NULL: no sample has a stack */
    RsCallTree *tree;
    GHashTable *names;     /* text of the tree -> index + 1 */
    GHashTable *children;  /* parent and name -> node + 1 */
    guint32 *of_function;  /* index of its name + 1; 0: not asked yet */
    guint32 *of_module;    /* the same of code without names */
    guint32 *slots;        /* of a stack: index in used + 1; 0: it has no samples */
    GArray *used;          /* Used */
    double no_stack_ns[2]; /* of samples without one */
    guint64 n_steps;
} Builder;

/* A key of 64 bits lies in the pointer itself. */
G_STATIC_ASSERT(sizeof(gpointer) == sizeof(guint64));

static guint key_hash(gconstpointer key)
{
    guint64 bits = GPOINTER_TO_SIZE(key) * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15);

    return (guint)(bits >> 32);
}

static void builder_init(Builder *builder, const RsProfile *profile, guint n_sides)
{
    *builder = (Builder){.profile = profile, .tree = rs_call_tree_new(n_sides)};
    builder->names = g_hash_table_new(g_str_hash, g_str_equal);
    builder->children = g_hash_table_new(key_hash, NULL);
    builder->of_function = g_new0(guint32, profile ? profile->functions->len + 1 : 1);
    builder->of_module = g_new0(guint32, profile ? profile->modules->len + 1 : 1);
    /* Zeroed by the system, so that what is never touched costs nothing. */
    builder->slots = g_new0(guint32, profile ? profile->stacks->len + 1 : 1);
    builder->used = g_array_new(FALSE, TRUE, sizeof(Used));
}

static void builder_clear(Builder *builder)
{
    g_array_unref(builder->used);
    g_free(builder->slots);
    g_free(builder->of_module);
    g_free(builder->of_function);
    g_hash_table_unref(builder->children);
    g_hash_table_unref(builder->names);
    rs_call_tree_free(builder->tree);
}

static gint32 parent_of(const RsProfile *profile, gint32 stack)
{
    return g_array_index(profile->stacks, RsProfileStack, stack).parent;
}

static guint slot_of(Builder *builder, gint32 stack)
{
    guint32 *slots = builder->slots;

    for (gint32 at = stack; at != RS_STACK_NONE && !slots[at];
         at = parent_of(builder->profile, at)) {
        Used used = {.stack = at};

        g_array_append_val(builder->used, used);
        slots[at] = builder->used->len;
    }
    return slots[stack] - 1;
}

static void add(Builder *builder, guint side, gint32 stack, gint64 weight_ns)
{
    guint slot;

    if (stack == RS_STACK_NONE) {
        builder->no_stack_ns[side] += (double)weight_ns;
    } else if (weight_ns) {
        slot = slot_of(builder, stack); /* which may move them all */
        g_array_index(builder->used, Used, slot).self_ns[side] += (double)weight_ns;
    }
}

/* --- names --- */

char *rs_module_shown_name(const RsProfileModule *module)
{
    return module->kind == RS_MODULE_FILE ? g_path_get_basename(module->path)
                                          : g_strdup(module->path);
}

RsCrateKind rs_module_crate_kind(const RsProfileModule *module)
{
    if (module->kind == RS_MODULE_KERNEL)
        return RS_CRATE_KERNEL;
    return module->kind == RS_MODULE_VDSO ? RS_CRATE_RUNTIME : RS_CRATE_UNKNOWN;
}

/* Where another function of that name told less, this one adds to it. */
static gint32 intern(Builder *builder, const char *name, const char *crate_name, RsCrateKind kind,
                     gboolean is_inline)
{
    gint32 i = GPOINTER_TO_INT(g_hash_table_lookup(builder->names, name)) - 1;
    RsCallTreeName *known;

    if (i < 0) {
        i = rs_call_tree_add_name(builder->tree, name, crate_name, kind, is_inline);
        known = g_ptr_array_index(builder->tree->names, i);
        g_hash_table_insert(builder->names, known->name, GINT_TO_POINTER(i + 1));
        return i;
    }
    known = g_ptr_array_index(builder->tree->names, i);
    known->is_inline &= is_inline;
    if (!known->crate_name)
        known->crate_name = g_strdup(crate_name);
    if (known->crate_kind == RS_CRATE_UNKNOWN)
        known->crate_kind = kind;
    return i;
}

static gint32 name_of_function(Builder *builder, guint32 function)
{
    guint32 *known = &builder->of_function[function];

    if (!*known) {
        const RsFunction *at = g_ptr_array_index(builder->profile->functions, function);

        *known =
            (guint32)intern(builder, at->name, at->crate_name, at->crate_kind, at->is_inline) + 1;
    }
    return (gint32)*known - 1;
}

static gint32 name_of_module(Builder *builder, guint32 module)
{
    guint32 *known = &builder->of_module[module];

    if (!*known) {
        const RsProfileModule *at = g_ptr_array_index(builder->profile->modules, module);
        g_autofree char *name = rs_module_shown_name(at);

        *known = (guint32)intern(builder, name, NULL, rs_module_crate_kind(at), FALSE) + 1;
    }
    return (gint32)*known - 1;
}

/* --- nodes --- */

static RsCallTreeNode *node_at(const RsCallTree *tree, gint32 i)
{
    return &g_array_index(tree->nodes, RsCallTreeNode, i);
}

static gint32 child(Builder *builder, gint32 parent, gint32 name)
{
    gpointer key = GSIZE_TO_POINTER((gsize)parent << 32 | (guint32)name);
    gint32 node = GPOINTER_TO_INT(g_hash_table_lookup(builder->children, key)) - 1;

    builder->n_steps++;
    if (node >= 0)
        return node;
    if (builder->tree->nodes->len >= MAX_NODES)
        return parent;
    node = rs_call_tree_add_node(builder->tree, parent, name);
    g_hash_table_insert(builder->children, key, GINT_TO_POINTER(node + 1));
    return node;
}

/* The node of a frame below parent: as many further down as it has lines. */
static gint32 descend(Builder *builder, gint32 parent, guint32 frame)
{
    const RsProfile *profile = builder->profile;
    const RsProfileFrame *at = &g_array_index(profile->frames, RsProfileFrame, frame);
    gint32 name;

    if (builder->n_steps > MAX_STEPS)
        return parent;
    for (guint i = at->n_lines; i > 0; i--) {
        const RsProfileLine *line =
            &g_array_index(profile->lines, RsProfileLine, at->first_line + i - 1);

        parent = child(builder, parent, name_of_function(builder, line->function));
    }
    if (at->n_lines)
        return parent;
    name = name_of_module(builder, at->module);
    return node_at(builder->tree, parent)->name == name ? parent : child(builder, parent, name);
}

static gint by_stack(gconstpointer a, gconstpointer b)
{
    return ((const Used *)a)->stack < ((const Used *)b)->stack ? -1 : 1;
}

static void make_nodes(Builder *builder)
{
    GArray *used = builder->used;

    g_array_sort(used, by_stack);
    for (guint i = 0; i < used->len; i++)
        builder->slots[g_array_index(used, Used, i).stack] = i + 1;
    for (guint i = 0; i < used->len; i++) {
        Used *at = &g_array_index(used, Used, i);
        const RsProfileStack *stack =
            &g_array_index(builder->profile->stacks, RsProfileStack, at->stack);
        gint32 parent = stack->parent == RS_STACK_NONE
                            ? 0
                            : g_array_index(used, Used, builder->slots[stack->parent] - 1).node;

        at->node = descend(builder, parent, stack->frame);
        for (guint side = 0; side < 2; side++)
            node_at(builder->tree, at->node)->self_ns[side] += at->self_ns[side];
    }
    if (builder->no_stack_ns[0] > 0 || builder->no_stack_ns[1] > 0) {
        gint32 name = intern(builder, NOT_ATTRIBUTED, NULL, RS_CRATE_UNKNOWN, FALSE);
        gint32 node = rs_call_tree_add_node(builder->tree, 0, name);

        for (guint side = 0; side < 2; side++)
            node_at(builder->tree, node)->self_ns[side] = builder->no_stack_ns[side];
    }
}

static void add_up(RsCallTree *tree)
{
    for (guint i = tree->nodes->len; i > 0; i--) {
        RsCallTreeNode *node = node_at(tree, (gint32)i - 1);

        for (guint side = 0; side < 2; side++) {
            node->total_ns[side] += node->self_ns[side];
            if (node->parent >= 0)
                node_at(tree, node->parent)->total_ns[side] += node->total_ns[side];
        }
    }
}

RsCallTree *rs_call_tree_of_profile(const RsProfile *profile)
{
    Builder builder;
    RsCallTree *tree;

    builder_init(&builder, profile, 1);
    for (guint i = 0; i < profile->samples->len; i++) {
        const RsProfileSample *sample = &g_array_index(profile->samples, RsProfileSample, i);

        add(&builder, 0, sample->stack, sample->weight_ns);
    }
    make_nodes(&builder);
    tree = g_steal_pointer(&builder.tree);
    builder_clear(&builder);
    add_up(tree);
    return tree;
}

/* --- of a benchmark --- */

typedef struct {
    guint n_sampled; /* trials */
    double weight_ns;
    guint n_measured; /* trials whose CPU time is known */
    double cpu_ns;    /* their sum */
} Arm;

/* What tells the CPU time of a trial; NULL: not measured. */
typedef struct {
    const RsMetric *cpu, *user, *system;
} Clocks;

static const RsMetric *clock_of(const RsBenchmark *benchmark, RsMetricId id)
{
    const RsMetric *metric = rs_benchmark_metric(benchmark, rs_metric_rows[id].name);

    return metric && g_strcmp0(metric->unit, rs_metric_rows[id].unit) == 0 ? metric : NULL;
}

static double value_ns(const RsMetric *clock, guint trial)
{
    return clock ? rs_metric_value(clock, trial) : (double)NAN;
}

/* Of a launch, as values of metrics are; NaN: not known. */
static double cpu_ns(const Clocks *clocks, guint trial)
{
    double both_ns = value_ns(clocks->cpu, trial);

    return isnan(both_ns) ? value_ns(clocks->user, trial) + value_ns(clocks->system, trial)
                          : both_ns;
}

static void add_trial(Builder *builder, const RsBenchmark *benchmark, const Clocks *clocks,
                      guint trial, Arm *arms)
{
    Arm *arm = &arms[g_array_index(benchmark->trial_arm, guint8, trial)];
    double measured_ns = cpu_ns(clocks, trial);
    guint n;
    const RsTrialSample *samples = rs_benchmark_samples(benchmark, trial, &n);

    if (isfinite(measured_ns) && measured_ns >= 0) {
        arm->n_measured++;
        arm->cpu_ns += measured_ns;
    }
    arm->n_sampled += samples != NULL;
    for (guint i = 0; i < n; i++) {
        add(builder, (guint)(arm - arms), samples[i].stack, samples[i].weight_ns);
        arm->weight_ns += (double)samples[i].weight_ns;
    }
}

/* From what was sampled in all launches of all trials to one launch. */
static void scale(RsCallTree *tree, guint side, double factor)
{
    for (guint i = 0; i < tree->nodes->len; i++) {
        RsCallTreeNode *node = node_at(tree, (gint32)i);

        node->self_ns[side] = round(node->self_ns[side] * factor);
    }
}

static void scale_arms(Builder *builder, const RsBenchmark *benchmark, const Arm *arms)
{
    for (guint side = 0; side < builder->tree->n_sides; side++) {
        const Arm *arm = &arms[side];
        double n_launches = (double)arm->n_sampled * benchmark->launches_per_trial;

        if (arm->weight_ns > 0 && arm->n_measured)
            scale(builder->tree, side, arm->cpu_ns / arm->n_measured / arm->weight_ns);
        else if (arm->weight_ns > 0)
            scale(builder->tree, side, 1 / n_launches);
    }
}

RsCallTree *rs_call_tree_of_benchmark(const RsSession *session, const RsBenchmark *benchmark)
{
    Arm arms[RS_N_ARMS] = {{0}};
    guint n_sides = benchmark->design == RS_DESIGN_PAIRED ? 2 : 1;
    const Clocks clocks = {clock_of(benchmark, RS_METRIC_CPU), clock_of(benchmark, RS_METRIC_USER),
                           clock_of(benchmark, RS_METRIC_SYSTEM)};
    Builder builder;
    RsCallTree *tree = NULL;

    builder_init(&builder, session->profile, n_sides);
    for (guint i = 0; i < rs_benchmark_n_trials(benchmark); i++)
        add_trial(&builder, benchmark, &clocks, i, arms);
    for (guint side = 0; side < n_sides; side++)
        if (arms[side].weight_ns <= 0 && arms[side].n_measured)
            builder.no_stack_ns[side] = round(arms[side].cpu_ns / arms[side].n_measured);
    if (arms[0].n_sampled || arms[1].n_sampled) {
        make_nodes(&builder);
        scale_arms(&builder, benchmark, arms);
        tree = g_steal_pointer(&builder.tree);
        add_up(tree);
    }
    builder_clear(&builder);
    return tree;
}
