/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Functions as they call each other, with the time below each: what flame graphs draw. Holds one
 * or two sides; plain data, no I/O. */
#ifndef RS_MODEL_CALL_TREE_H
#define RS_MODEL_CALL_TREE_H

#include <glib.h>

#include "model/function.h"

typedef struct {
    char *name;       /* as RsFunction's; "[not attributed]" and the like where there is none */
    char *crate_name; /* NULL: none */
    RsCrateKind crate_kind;
    gboolean is_inline;
} RsCallTreeName;

/* Times are per launch in the tree of a benchmark, of the whole recording otherwise. */
typedef struct {
    gint32 parent;                  /* -1: the root, which is node 0 and has name -1 */
    gint32 name;                    /* into names */
    double total_ns[2], self_ns[2]; /* baseline and current; one-sided trees use 0 alone */
} RsCallTreeNode;

typedef struct {
    guint n_sides;    /* 1 or 2 */
    GPtrArray *names; /* RsCallTreeName */
    GArray *nodes;    /* RsCallTreeNode; a parent comes before its children */
} RsCallTree;

RsCallTree *rs_call_tree_new(guint n_sides);
void rs_call_tree_free(RsCallTree *tree);
/* A copy is taken of what is given. Returns its index. */
gint32 rs_call_tree_add_name(RsCallTree *tree, const char *name, const char *crate_name,
                             RsCrateKind crate_kind, gboolean is_inline);
/* Times 0. Returns its index; parent is there already. */
gint32 rs_call_tree_add_node(RsCallTree *tree, gint32 parent, gint32 name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsCallTree, rs_call_tree_free)

#endif
