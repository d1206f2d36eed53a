/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/blame_view.h"

#include <math.h>

#include "report/source.h"

GPtrArray *rs_blame_view_guilty(const RsBlame *blame)
{
    GPtrArray *guilty = g_ptr_array_new();

    for (guint i = 0; i < blame->functions->len; i++) {
        RsBlamed *blamed = g_ptr_array_index(blame->functions, i);

        if (rs_blamed_is_guilty(blamed))
            g_ptr_array_add(guilty, blamed);
    }
    return guilty;
}

static double size_of(const RsBlamed *blamed)
{
    return isfinite(blamed->delta_ns) ? fabs(blamed->delta_ns) : -1;
}

static gint largest_first(gconstpointer a, gconstpointer b)
{
    double x = size_of(*(RsBlamed *const *)a), y = size_of(*(RsBlamed *const *)b);

    return (x < y) - (x > y);
}

GPtrArray *rs_blame_view_asides(const RsBlame *blame)
{
    GPtrArray *asides = g_ptr_array_new();

    for (guint i = 0; i < blame->functions->len; i++) {
        RsBlamed *blamed = g_ptr_array_index(blame->functions, i);

        if (!rs_blamed_is_guilty(blamed) && blamed->kind != RS_BLAME_UNPROVED)
            g_ptr_array_add(asides, blamed);
    }
    for (guint i = 0; i < blame->others->len; i++)
        g_ptr_array_add(asides, g_ptr_array_index(blame->others, i));
    g_ptr_array_sort(asides, largest_first);
    return asides;
}

const RsBlamed *rs_blame_view_guiltiest(const RsBlame *blame)
{
    for (guint i = 0; i < blame->functions->len; i++)
        if (rs_blamed_is_guilty(g_ptr_array_index(blame->functions, i)))
            return g_ptr_array_index(blame->functions, i);
    return NULL;
}

const RsBlamed *rs_blame_view_own(const RsVerdict *verdict, const char *benchmark)
{
    const RsBlame *blame = benchmark ? rs_verdict_blame(verdict, benchmark) : NULL;

    for (guint i = 0; blame && i < blame->functions->len; i++) {
        const RsBlamed *blamed = g_ptr_array_index(blame->functions, i);
        g_autofree char *path = rs_source_path(blamed);

        if (rs_blamed_is_guilty(blamed) && path && blamed->line > 0)
            return blamed;
    }
    return NULL;
}

double rs_blame_view_rest_ns(const RsBlame *blame, const GPtrArray *guilty)
{
    double sum_ns = 0;

    for (guint i = 0; i < guilty->len; i++)
        sum_ns += ((const RsBlamed *)g_ptr_array_index(guilty, i))->delta_ns;
    return blame->delta_ns - sum_ns;
}

double rs_blame_view_rest_pct(const RsBlame *blame, const GPtrArray *guilty)
{
    double rest_ns = rs_blame_view_rest_ns(blame, guilty);

    if (isfinite(blame->attributed_pct))
        return 100 - blame->attributed_pct;
    return blame->delta_ns > 0 ? 100 * rest_ns / blame->delta_ns : NAN;
}

/* The node of that name whose time grew most; 0, the root: none. */
static gint32 culprit_node(const RsCallTree *tree, const char *name)
{
    gint32 found = 0;
    double most_ns = -INFINITY;

    for (guint i = 1; i < tree->nodes->len; i++) {
        const RsCallTreeNode *node = &g_array_index(tree->nodes, RsCallTreeNode, i);
        const RsCallTreeName *called = g_ptr_array_index(tree->names, node->name);
        double delta_ns = node->total_ns[1] - node->total_ns[0];

        if (delta_ns > most_ns && g_strcmp0(called->name, name) == 0) {
            most_ns = delta_ns;
            found = (gint32)i;
        }
    }
    return found;
}

static gint widest_first(gconstpointer a, gconstpointer b)
{
    const RsBlamed *x = *(RsBlamed *const *)a, *y = *(RsBlamed *const *)b;
    double wide_x = fmax(x->self_ns_baseline, x->self_ns_current);
    double wide_y = fmax(y->self_ns_baseline, y->self_ns_current);

    return (wide_x < wide_y) - (wide_x > wide_y);
}

/* Without a tree: callers enclose what they call, so the one that takes most is outermost. */
static void add_callers(GPtrArray *path, const RsBlame *blame, const RsBlamed *blamed)
{
    g_autoptr(GPtrArray) sorted = g_ptr_array_new();

    for (guint i = 0; i < blame->callers->len; i++)
        g_ptr_array_add(sorted, g_ptr_array_index(blame->callers, i));
    g_ptr_array_sort(sorted, widest_first);
    for (guint i = 0; i < sorted->len; i++) {
        const RsBlamed *caller = g_ptr_array_index(sorted, i);

        if (g_strcmp0(caller->name, blamed->name) != 0)
            g_ptr_array_add(path, caller->name);
    }
}

static const RsCallTreeNode *node_at(const RsCallTree *tree, gint32 at)
{
    return &g_array_index(tree->nodes, RsCallTreeNode, at);
}

GPtrArray *rs_blame_view_path(const RsBlame *blame, const RsBlamed *blamed)
{
    GPtrArray *path = g_ptr_array_new();
    const RsCallTree *tree = blame->tree && blame->tree->n_sides == 2 ? blame->tree : NULL;
    gint32 at = tree ? culprit_node(tree, blamed->name) : 0;

    if (at == 0) {
        add_callers(path, blame, blamed);
        return path;
    }
    for (at = node_at(tree, at)->parent; at > 0; at = node_at(tree, at)->parent) {
        const RsCallTreeName *name = g_ptr_array_index(tree->names, node_at(tree, at)->name);

        g_ptr_array_add(path, name->name);
    }
    for (guint i = 0; i < path->len / 2; i++) {
        gpointer other = path->pdata[path->len - 1 - i];

        path->pdata[path->len - 1 - i] = path->pdata[i];
        path->pdata[i] = other;
    }
    return path;
}
