/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/call_tree.h"

static void name_free(gpointer data)
{
    RsCallTreeName *name = data;

    g_free(name->name);
    g_free(name->crate_name);
    g_free(name);
}

RsCallTree *rs_call_tree_new(guint n_sides)
{
    RsCallTree *tree = g_new0(RsCallTree, 1);
    RsCallTreeNode root = {.parent = -1, .name = -1};

    g_assert(n_sides == 1 || n_sides == 2);
    tree->n_sides = n_sides;
    tree->names = g_ptr_array_new_with_free_func(name_free);
    tree->nodes = g_array_new(FALSE, TRUE, sizeof(RsCallTreeNode));
    g_array_append_val(tree->nodes, root);
    return tree;
}

void rs_call_tree_free(RsCallTree *tree)
{
    if (!tree)
        return;
    g_ptr_array_unref(tree->names);
    g_array_unref(tree->nodes);
    g_free(tree);
}

gint32 rs_call_tree_add_name(RsCallTree *tree, const char *name, const char *crate_name,
                             RsCrateKind crate_kind, gboolean is_inline)
{
    RsCallTreeName *added = g_new0(RsCallTreeName, 1);

    added->name = g_strdup(name);
    added->crate_name = g_strdup(crate_name);
    added->crate_kind = crate_kind;
    added->is_inline = is_inline;
    g_ptr_array_add(tree->names, added);
    return (gint32)tree->names->len - 1;
}

gint32 rs_call_tree_add_node(RsCallTree *tree, gint32 parent, gint32 name)
{
    RsCallTreeNode node = {.parent = parent, .name = name};

    g_assert(parent >= 0 && parent < (gint32)tree->nodes->len);
    g_assert(name >= 0 && name < (gint32)tree->names->len);
    g_array_append_val(tree->nodes, node);
    return (gint32)tree->nodes->len - 1;
}
