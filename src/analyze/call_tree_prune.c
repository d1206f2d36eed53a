/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A parent takes at least as long as its child on every side, so the nodes from some size on are a
 * tree. Each of them that loses children gets one node for those. In a tree from a file that may
 * not be so: a node without its parent is dropped. */
#include <math.h>
#include <stdlib.h>

#include "analyze/call_tree.h"

#define JOINED "[…]"

typedef struct {
    const RsCallTree *from;
    guint32 *order;     /* nodes, largest first */
    guint32 *n_dropped; /* children of a node that are not kept (so far) */
    gboolean *is_kept;
} Pruning;

static const RsCallTreeNode *node_at(const RsCallTree *tree, guint32 i)
{
    return &g_array_index(tree->nodes, RsCallTreeNode, i);
}

static double size_of(const RsCallTree *tree, guint32 i)
{
    const RsCallTreeNode *node = node_at(tree, i);

    double ns = fmax(node->total_ns[0], node->total_ns[1]);

    return isnan(ns) ? 0 : ns;
}

static int by_size(gconstpointer a, gconstpointer b, gpointer tree)
{
    guint32 one = *(const guint32 *)a, other = *(const guint32 *)b;
    double difference = size_of(tree, other) - size_of(tree, one);

    if (difference != 0)
        return difference > 0 ? 1 : -1;
    return one < other ? -1 : one > other;
}

/* Largest first, as long as there is room for them and for what is joined. A node more never takes
 * less room: it may need a "[…]" of its own, and at best its parent needs none any more. */
static void choose(Pruning *pruning, double min_ns, guint n_max)
{
    const RsCallTree *from = pruning->from;
    guint n_kept = 0, n_joined = 0;

    for (guint i = 1; i < from->nodes->len; i++)
        pruning->n_dropped[node_at(from, i)->parent]++;
    for (guint i = 0; i < from->nodes->len; i++) {
        guint32 at = pruning->order[i];
        gint32 parent = node_at(from, at)->parent;
        gboolean has_children = pruning->n_dropped[at] > 0;
        gboolean is_last = parent >= 0 && pruning->n_dropped[parent] == 1;

        if (parent >= 0 && !pruning->is_kept[parent])
            continue;
        if (i > 0 &&
            (size_of(from, at) < min_ns || n_kept + 1 + n_joined + has_children - is_last > n_max))
            break;
        n_kept++;
        n_joined += has_children;
        n_joined -= is_last;
        pruning->is_kept[at] = TRUE;
        if (parent >= 0)
            pruning->n_dropped[parent]--;
    }
}

/* The name in the new tree, with which it gets only those that it needs. */
static gint32 name_in(RsCallTree *to, const RsCallTree *from, gint32 name, gint32 *names)
{
    if (names[name] < 0) {
        const RsCallTreeName *old = g_ptr_array_index(from->names, name);

        names[name] =
            rs_call_tree_add_name(to, old->name, old->crate_name, old->crate_kind, old->is_inline);
    }
    return names[name];
}

static void copy_times(const RsCallTreeNode *from, RsCallTreeNode *to)
{
    for (guint side = 0; side < 2; side++) {
        to->total_ns[side] = from->total_ns[side];
        to->self_ns[side] = from->self_ns[side];
    }
}

/* nodes: of the old tree -> of the new one; -1: dropped. */
static void keep(const Pruning *pruning, RsCallTree *to, gint32 *nodes)
{
    const RsCallTree *from = pruning->from;
    g_autofree gint32 *names = g_new(gint32, from->names->len + 1);

    for (guint i = 0; i < from->names->len; i++)
        names[i] = -1;
    for (guint i = 0; i < from->nodes->len; i++) {
        const RsCallTreeNode *node = node_at(from, i);

        nodes[i] = i == 0 ? 0 : -1;
        if (i > 0 && pruning->is_kept[i])
            nodes[i] = rs_call_tree_add_node(to, nodes[node->parent],
                                             name_in(to, from, node->name, names));
        if (nodes[i] >= 0)
            copy_times(node, &g_array_index(to->nodes, RsCallTreeNode, nodes[i]));
    }
}

static void join(const Pruning *pruning, RsCallTree *to, const gint32 *nodes)
{
    const RsCallTree *from = pruning->from;
    g_autofree gint32 *joined = g_new0(gint32, to->nodes->len); /* of a new node; 0: none yet */
    gint32 name = -1;

    for (guint i = 1; i < from->nodes->len; i++) {
        const RsCallTreeNode *node = node_at(from, i);
        gint32 parent = nodes[node->parent];
        RsCallTreeNode *into;

        if (pruning->is_kept[i] || parent < 0)
            continue;
        if (name < 0)
            name = rs_call_tree_add_name(to, JOINED, NULL, RS_CRATE_UNKNOWN, FALSE);
        if (!joined[parent])
            joined[parent] = rs_call_tree_add_node(to, parent, name);
        into = &g_array_index(to->nodes, RsCallTreeNode, joined[parent]);
        for (guint side = 0; side < 2; side++) {
            into->total_ns[side] += node->total_ns[side];
            into->self_ns[side] += node->total_ns[side];
        }
    }
}

RsCallTree *rs_call_tree_prune(const RsCallTree *tree, double min_frac, guint n_max)
{
    guint n = tree->nodes->len;
    g_autofree guint32 *order = g_new(guint32, n), *n_dropped = g_new0(guint32, n);
    g_autofree gboolean *is_kept = g_new0(gboolean, n);
    g_autofree gint32 *nodes = g_new(gint32, n);
    Pruning pruning = {tree, order, n_dropped, is_kept};
    RsCallTree *pruned = rs_call_tree_new(tree->n_sides);

    g_assert(n_max >= 2);
    for (guint i = 0; i < n; i++)
        order[i] = i;
    qsort_r(order, n, sizeof *order, by_size, (gpointer)tree);
    choose(&pruning, min_frac * size_of(tree, 0), n_max);
    keep(&pruning, pruned, nodes);
    join(&pruning, pruned, nodes);
    return pruned;
}
