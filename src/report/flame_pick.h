/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The nodes of a call tree that a drawing shows, checked: times are finite and not negative, a
 * parent comes before its children, and names are there. What is drawn may come from any file. */
#ifndef RS_REPORT_FLAME_PICK_H
#define RS_REPORT_FLAME_PICK_H

#include <glib.h>

#include "model/call_tree.h"

typedef struct {
    gint32 parent;              /* into what was picked; -1: the root, which comes first */
    const RsCallTreeName *name; /* NULL: the root, or none */
    double total_ns[2], self_ns[2];
} RsFlameNode;

typedef struct {
    guint n_sides;
    GArray *nodes;     /* RsFlameNode */
    guint n_left_out;  /* nodes of the tree that are not here */
    double least_frac; /* all with at least this share of the whole are here, on any side */
} RsFlamePick;

/* The nodes with at least min_frac of the whole on a side, and at most n_max of them, largest
 * first. There is a root at least. */
void rs_flame_pick(RsFlamePick *pick, const RsCallTree *tree, double min_frac, guint n_max);
void rs_flame_pick_clear(RsFlamePick *pick);
/* What a node is called: its name made harmless, or the words for the root and for none. Yours. */
char *rs_flame_node_name(const RsFlameNode *node, gsize max_chars);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RsFlamePick, rs_flame_pick_clear)

#endif
