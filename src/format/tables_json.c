/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/tables_json.h"

#include "analyze/call_tree.h"
#include "format/call_tree_json.h"

static gboolean has_tables(const RsSession *session)
{
    return session->profile && session->profile->lines->len > 0;
}

static void emit_rollup(RsEmit *emit, const RsRollup *rollup, gboolean is_crate)
{
    rs_emit_object(emit, NULL, RS_EMIT_INLINE, NULL);
    rs_emit_text(emit, is_crate ? "crate_name" : "module_path", rollup->name);
    if (!is_crate)
        rs_emit_text(emit, "crate_name", rollup->crate_name);
    rs_emit_text(emit, "crate_kind", rs_crate_kind_names[rollup->crate_kind]);
    rs_emit_int(emit, "self_ns", rollup->self_ns);
    rs_emit_int(emit, "total_ns", rollup->total_ns);
    rs_emit_int(emit, "n_samples", rollup->n_samples);
    rs_emit_int(emit, "n_functions", rollup->n_functions);
    rs_emit_end(emit);
}

static void emit_rollups(RsEmit *emit, const char *key, const GPtrArray *rollups, gboolean is_crate)
{
    rs_emit_array(emit, key, RS_EMIT_LINES);
    for (guint i = 0; i < rollups->len; i++)
        emit_rollup(emit, g_ptr_array_index(rollups, i), is_crate);
    rs_emit_end(emit);
}

/* benchmark NULL: the recording. */
static void emit_tree(RsEmit *emit, const char *benchmark, const RsCallTree *tree, guint n_max)
{
    g_autoptr(RsCallTree) shown = rs_call_tree_prune(tree, RS_TABLES_MIN_FRAC, n_max);

    rs_emit_object(emit, NULL, RS_EMIT_LINES, NULL);
    rs_emit_text(emit, "benchmark", benchmark);
    rs_call_tree_emit_members(emit, shown);
    rs_emit_end(emit);
}

static void emit_trees(RsEmit *emit, const RsSession *session)
{
    guint n_trees = session->benchmarks->len + 1;
    guint n_max =
        CLAMP(RS_TABLES_MAX_ALL_NODES / n_trees, RS_TABLES_MIN_NODES, RS_TABLES_MAX_NODES);

    rs_emit_array(emit, "call_trees", RS_EMIT_LINES);
    if (session->profile->samples->len) {
        g_autoptr(RsCallTree) tree = rs_call_tree_of_profile(session->profile);

        emit_tree(emit, NULL, tree, n_max);
    }
    for (guint i = 0; i < session->benchmarks->len; i++) {
        const RsBenchmark *benchmark = g_ptr_array_index(session->benchmarks, i);
        g_autoptr(RsCallTree) tree = rs_call_tree_of_benchmark(session, benchmark);

        if (tree)
            emit_tree(emit, benchmark->name, tree, n_max);
    }
    rs_emit_end(emit);
}

void rs_tables_emit(RsEmit *emit, const RsSession *session)
{
    g_autoptr(GPtrArray) crates = NULL, modules = NULL;

    if (!has_tables(session))
        return;
    crates = rs_crate_rollups(session);
    modules = rs_module_rollups(session);
    emit_rollups(emit, "crate_rollups", crates, TRUE);
    emit_rollups(emit, "module_rollups", modules, FALSE);
    emit_trees(emit, session);
}

void rs_tables_drop(json_t *object, const RsSession *session)
{
    if (!has_tables(session))
        return;
    json_object_del(object, "crate_rollups");
    json_object_del(object, "module_rollups");
    json_object_del(object, "call_trees");
}
