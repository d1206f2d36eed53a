/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/call_tree_json.h"

#include <math.h>
#include <string.h>

#include "format/columns.h"
#include "model/names.h"

#define NODE_COLUMNS                                                                               \
    {"parent", RS_COLUMN_INT32, offsetof(RsCallTreeNode, parent), 0, G_MAXINT32, TRUE, 0},         \
    {                                                                                              \
        "name", RS_COLUMN_INT32, offsetof(RsCallTreeNode, name), 0, G_MAXINT32, TRUE, 0            \
    }
#define TIME_COLUMN(key, member)                                                                   \
    {                                                                                              \
        key, RS_COLUMN_REAL, offsetof(RsCallTreeNode, member), 0, 0, 0, 0                          \
    }

static const RsColumn one_side[] = {
    NODE_COLUMNS,
    TIME_COLUMN("total_ns", total_ns[0]),
    TIME_COLUMN("self_ns", self_ns[0]),
    {0},
};

static const RsColumn two_sides[] = {
    NODE_COLUMNS,
    TIME_COLUMN("total_ns_baseline", total_ns[0]),
    TIME_COLUMN("self_ns_baseline", self_ns[0]),
    TIME_COLUMN("total_ns_current", total_ns[1]),
    TIME_COLUMN("self_ns_current", self_ns[1]),
    {0},
};

static const RsCallTreeName *name_at(const RsCallTree *tree, guint i)
{
    return g_ptr_array_index(tree->names, i);
}

static void emit_names(RsEmit *emit, const RsCallTree *tree)
{
    rs_emit_object(emit, "names", RS_EMIT_LINES, NULL);
    rs_emit_array(emit, "name", RS_EMIT_INLINE);
    for (guint i = 0; i < tree->names->len; i++)
        rs_emit_text(emit, NULL, name_at(tree, i)->name);
    rs_emit_end(emit);
    rs_emit_array(emit, "crate_name", RS_EMIT_INLINE);
    for (guint i = 0; i < tree->names->len; i++)
        rs_emit_text(emit, NULL, name_at(tree, i)->crate_name);
    rs_emit_end(emit);
    rs_emit_array(emit, "crate_kind", RS_EMIT_INLINE);
    for (guint i = 0; i < tree->names->len; i++)
        rs_emit_text(emit, NULL, rs_crate_kind_names[name_at(tree, i)->crate_kind]);
    rs_emit_end(emit);
    rs_emit_array(emit, "inline", RS_EMIT_INLINE);
    for (guint i = 0; i < tree->names->len; i++)
        rs_emit_bool(emit, NULL, name_at(tree, i)->is_inline);
    rs_emit_end(emit);
    rs_emit_end(emit);
}

void rs_call_tree_emit_members(RsEmit *emit, const RsCallTree *tree)
{
    emit_names(emit, tree);
    rs_emit_object(emit, "nodes", RS_EMIT_LINES, NULL);
    rs_columns_emit(emit, tree->n_sides == 2 ? two_sides : one_side, tree->nodes, 0);
    rs_emit_end(emit);
}

/* --- reading --- */

/* A list of the names' object; one that is not there is NULL. n: entries it must have. */
static json_t *take_list(RsTake *take, json_t *names, const char *key, gsize n)
{
    json_t *list = rs_take_array(take, names, key, RS_CALL_TREE_MAX_NAMES);

    if (list && json_array_size(list) != n)
        rs_take_fail(take, key, "%zu entries, but there are %" G_GSIZE_FORMAT " of \"name\"",
                     json_array_size(list), n);
    return list;
}

static void fail_entry(RsTake *take, const char *key, gsize i, const char *wanted)
{
    gsize mark = rs_take_enter(take, key);

    rs_take_enter_index(take, i);
    rs_take_fail(take, NULL, "%s", wanted);
    rs_take_leave(take, mark);
}

static gboolean is_text(const json_t *value)
{
    return json_is_string(value) && json_string_length(value) <= RS_TAKE_MAX_TEXT_BYTES;
}

/* Lists that are not there are NULL, and so are their entries. */
static void take_name(RsTake *take, RsCallTree *tree, gsize i, json_t *const *lists)
{
    const json_t *name = json_array_get(lists[0], i), *crate_name = json_array_get(lists[1], i);
    const json_t *kind = json_array_get(lists[2], i), *is_inline = json_array_get(lists[3], i);
    int crate_kind = kind ? rs_name_index(rs_crate_kind_names, json_string_value(kind)) : 0;

    if (!is_text(name))
        fail_entry(take, "name", i, "must be a string");
    if (crate_name && !is_text(crate_name) && !json_is_null(crate_name))
        fail_entry(take, "crate_name", i, "must be a string or null");
    if (crate_kind < 0)
        fail_entry(take, "crate_kind", i, "is no kind of crate");
    if (is_inline && !json_is_boolean(is_inline))
        fail_entry(take, "inline", i, "must be true or false");
    if (!take->error)
        rs_call_tree_add_name(tree, json_string_value(name), json_string_value(crate_name),
                              (RsCrateKind)crate_kind, json_is_true(is_inline));
}

static void take_names(RsTake *take, json_t *object, RsCallTree *tree)
{
    static const char *const keys[] = {"name", "crate_name", "crate_kind", "inline"};
    json_t *own = rs_take_object(take, object, "names");
    json_t *lists[G_N_ELEMENTS(keys)] = {NULL};
    gsize mark = rs_take_enter(take, "names");
    gsize n = json_array_size(json_object_get(own, "name"));

    for (guint i = 0; i < G_N_ELEMENTS(keys) && own; i++)
        lists[i] = take_list(take, own, keys[i], n);
    for (gsize i = 0; i < n && !take->error; i++)
        take_name(take, tree, i, lists);
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++)
        json_decref(lists[i]);
    rs_take_leave(take, mark);
    rs_take_object_end(object, "names");
}

static void check_nodes(RsTake *take, const RsCallTree *tree)
{
    for (guint i = 0; i < tree->nodes->len && !take->error; i++) {
        const RsCallTreeNode *node = &g_array_index(tree->nodes, RsCallTreeNode, i);

        if (i == 0 ? node->parent != -1 : node->parent < 0 || node->parent >= (gint64)i)
            fail_entry(take, "parent", i,
                       i == 0 ? "must be null: it is the root"
                              : "must be a node that comes before it");
        if (i == 0 ? node->name != -1 : node->name < 0 || node->name >= (gint64)tree->names->len)
            fail_entry(take, "name", i,
                       i == 0 ? "must be null: it is the root" : "there is no such name");
    }
    if (tree->nodes->len == 0)
        rs_take_fail(take, NULL, "there is no root");
}

RsCallTree *rs_call_tree_take_members(RsTake *take, json_t *object)
{
    json_t *nodes = rs_take_object(take, object, "nodes");
    gboolean is_two_sided = json_object_get(nodes, "total_ns_baseline") != NULL;
    g_autoptr(RsCallTree) tree = rs_call_tree_new(is_two_sided ? 2 : 1);
    gsize mark;

    take_names(take, object, tree);
    mark = rs_take_enter(take, "nodes");
    g_array_set_size(tree->nodes, 0);
    if (nodes)
        rs_columns_take(take, nodes, is_two_sided ? two_sides : one_side, RS_CALL_TREE_MAX_NODES,
                        tree->nodes);
    check_nodes(take, tree);
    rs_take_leave(take, mark);
    rs_take_object_end(object, "nodes");
    return take->error ? NULL : g_steal_pointer(&tree);
}
