/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/flame_pick.h"

#include <math.h>

#include "base/text.h"

#define MAX_NS 1e18 /* thirty years; more is no time */

static double checked_ns(double ns)
{
    return isfinite(ns) && ns > 0 ? MIN(ns, MAX_NS) : 0;
}

static const RsCallTreeNode *node_of(const RsCallTree *tree, guint i)
{
    return &g_array_index(tree->nodes, RsCallTreeNode, i);
}

/* Of the whole, on the side where it is larger. */
static double share_of(const RsCallTree *tree, guint i)
{
    double share = 0;

    for (guint side = 0; side < tree->n_sides; side++) {
        double whole_ns = checked_ns(node_of(tree, 0)->total_ns[side]);

        if (whole_ns > 0)
            share = MAX(share, MIN(checked_ns(node_of(tree, i)->total_ns[side]) / whole_ns, 1));
    }
    return share;
}

static gint descending(gconstpointer a, gconstpointer b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x < y) - (x > y);
}

/* The share from which on at most n_max nodes are left. */
static double cutoff(const RsCallTree *tree, double min_frac, guint n_max)
{
    g_autoptr(GArray) shares = NULL;

    if (tree->nodes->len <= n_max)
        return min_frac;
    shares = g_array_sized_new(FALSE, FALSE, sizeof(double), tree->nodes->len);
    for (guint i = 0; i < tree->nodes->len; i++) {
        double share = share_of(tree, i);

        g_array_append_val(shares, share);
    }
    g_array_sort(shares, descending);
    return MAX(min_frac, g_array_index(shares, double, n_max - 1));
}

static void add_node(RsFlamePick *pick, const RsCallTree *tree, guint i, gint32 parent)
{
    const RsCallTreeNode *node = node_of(tree, i);
    RsFlameNode added = {.parent = parent};

    if (node->name >= 0 && (guint)node->name < tree->names->len)
        added.name = g_ptr_array_index(tree->names, node->name);
    for (guint side = 0; side < tree->n_sides; side++) {
        added.total_ns[side] = checked_ns(node->total_ns[side]);
        added.self_ns[side] = checked_ns(node->self_ns[side]);
    }
    g_array_append_val(pick->nodes, added);
}

void rs_flame_pick(RsFlamePick *pick, const RsCallTree *tree, double min_frac, guint n_max)
{
    g_autofree gint32 *places = g_new(gint32, tree->nodes->len + 1);

    pick->n_sides = tree->n_sides;
    pick->nodes = g_array_new(FALSE, TRUE, sizeof(RsFlameNode));
    pick->least_frac = cutoff(tree, min_frac, MAX(n_max, 1));
    for (guint i = 0; i < tree->nodes->len; i++) {
        gint32 parent = i == 0 ? -1 : node_of(tree, i)->parent;
        gboolean fits = i == 0 || (parent >= 0 && parent < (gint32)i && places[parent] >= 0 &&
                                   share_of(tree, i) >= pick->least_frac && share_of(tree, i) > 0 &&
                                   pick->nodes->len < n_max);

        places[i] = fits ? (gint32)pick->nodes->len : -1;
        if (fits)
            add_node(pick, tree, i, i == 0 ? -1 : places[parent]);
    }
    pick->n_left_out = tree->nodes->len - pick->nodes->len;
}

void rs_flame_pick_clear(RsFlamePick *pick)
{
    g_clear_pointer(&pick->nodes, g_array_unref);
}

char *rs_flame_node_name(const RsFlameNode *node, gsize max_chars)
{
    if (node->parent < 0)
        return g_strdup("all");
    if (!node->name || !node->name->name || !*node->name->name)
        return g_strdup("[no name]");
    return rs_text_plain(node->name->name, -1, FALSE, max_chars);
}
