/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The functions of one unit by address: built in one walk over its entries, then asked without a
 * lock. What a function is called, and where it stands, is not read here but when it is asked for
 * (see function.h); most of a unit never is. */
#ifndef RS_SYMBOL_DWARF_TREE_H
#define RS_SYMBOL_DWARF_TREE_H

#include <glib.h>

#include "symbol/dwarf/unit.h"

#define RS_DWARF_NONE G_MAXUINT32

/* A place where a function's code is: its own, or one where it was inlined. */
typedef struct {
    guint32 parent;        /* node that it was inlined into; RS_DWARF_NONE: its own code */
    guint32 function;      /* index of RsDwarfFunction */
    guint32 next;          /* node of the same function, in the order of the entries */
    guint32 first_segment; /* in own_segments, up to the next node's */
    guint32 call_file, call_line;
    _Atomic(const char *) call_path; /* of call_file, when it was asked for */
} RsDwarfNode;

struct RsDwarfFunctionText;

/* A function of which the unit has code. */
typedef struct {
    guint64 entry;      /* of the abstract function where there is one; in .debug_info */
    gboolean is_shared; /* entry is in the file that is shared with others */
    guint32 first_node, last_node;
    _Atomic(struct RsDwarfFunctionText *) text; /* of function.h; NULL: not asked for yet */
} RsDwarfFunction;

/* An entry that gives those inside it a longer name: namespace, type, module. */
typedef struct {
    guint32 begin, end; /* relative to the unit's header */
    guint32 parent;     /* RS_DWARF_NONE: the unit */
} RsDwarfScope;

struct RsDwarfTree {
    guint32 n_nodes, n_functions, n_segments, n_scopes;
    RsDwarfNode *nodes; /* one more than n_nodes: the end of own_segments */
    RsDwarfFunction *functions;
    /* The unit's code cut where the innermost function changes: segment i is [begins[i],
     * begins[i + 1]) and its node RS_DWARF_NONE where there is none. The last one is such. */
    guint64 *begins;
    guint32 *segment_nodes;
    /* Of equal size, 1 << bucket_shift bytes, from begins[0] on: bucket i begins in the segment
     * buckets[i]. A search in one is short, where one of all would miss the cache at most steps. */
    guint32 *buckets, n_buckets; /* one more than n_buckets is kept: the last segment */
    guint bucket_shift;
    guint32 *own_segments;     /* by node: the segments whose innermost function it is */
    RsDwarfScope *scopes;      /* by begin */
    _Atomic(gpointer) *chains; /* by segment: what the caller keeps of it; freed with g_free */
};

/* Of the unit, built at the first call, which needs the lock that the caller holds. Never NULL. */
RsDwarfTree *rs_dwarf_tree_of(RsDwarfUnit *unit);
void rs_dwarf_tree_free(RsDwarfTree *tree);

/* Index of the segment that has address, if a function is there, or RS_DWARF_NONE. */
guint32 rs_dwarf_tree_find(const RsDwarfTree *tree, guint64 address);
/* The innermost scope around an entry of the unit, or RS_DWARF_NONE. */
guint32 rs_dwarf_tree_scope(const RsDwarfTree *tree, guint32 entry);

#endif
