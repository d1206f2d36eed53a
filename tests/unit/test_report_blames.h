/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blame built by hand, for the tests of the renderers. */
#ifndef RS_TEST_REPORT_BLAMES_H
#define RS_TEST_REPORT_BLAMES_H

#include <glib.h>
#include <math.h>

#include "model/verdict.h"

static inline RsBlamed *add_blamed(GPtrArray *list, const char *name, RsBlameKind kind,
                                   double baseline_ms, double current_ms, double share_pct)
{
    RsBlamed *blamed = rs_blamed_new(name);

    blamed->kind = kind;
    blamed->self_ns_baseline = baseline_ms * 1e6;
    blamed->self_ns_current = current_ms * 1e6;
    blamed->delta_ns = (current_ms - baseline_ms) * 1e6;
    blamed->ci_low_ns = blamed->delta_ns * 0.9 - 2e4;
    blamed->ci_high_ns = blamed->delta_ns * 1.1 + 2e4;
    blamed->share_of_slowdown_pct = share_pct;
    blamed->p_value = blamed->p_adjusted = kind == RS_BLAME_UNPROVED ? 0.4 : 0.0004;
    blamed->n_samples_baseline = (gint64)(baseline_ms * 40);
    blamed->n_samples_current = (gint64)(current_ms * 40);
    g_ptr_array_add(list, blamed);
    return blamed;
}

static inline void blamed_at(RsBlamed *blamed, const char *crate, RsCrateKind kind,
                             const char *file, gint64 line)
{
    blamed->crate_name = g_strdup(crate);
    blamed->crate_kind = kind;
    blamed->file = g_strdup(file);
    blamed->line = line;
    blamed->last_line = line + 20;
}

static inline gint32 add_node(RsCallTree *tree, gint32 parent, const char *name, const char *crate,
                              RsCrateKind kind, double self_base_ms, double self_current_ms)
{
    gint32 called = rs_call_tree_add_name(tree, name, crate, kind, FALSE);
    gint32 node = rs_call_tree_add_node(tree, parent, called);
    double self_ns[2] = {self_base_ms * 1e6, self_current_ms * 1e6};

    for (guint side = 0; side < tree->n_sides; side++) {
        g_array_index(tree->nodes, RsCallTreeNode, node).self_ns[side] = self_ns[side];
        for (gint32 at = node; at >= 0; at = g_array_index(tree->nodes, RsCallTreeNode, at).parent)
            g_array_index(tree->nodes, RsCallTreeNode, at).total_ns[side] += self_ns[side];
    }
    return node;
}

/* main calls the parser, which calls the culprit, and two others. culprit: its name. */
static inline RsCallTree *blame_tree(guint n_sides, const char *culprit)
{
    RsCallTree *tree = rs_call_tree_new(n_sides);
    gint32 start = add_node(tree, 0, "_start", NULL, RS_CRATE_RUNTIME, 0, 0);
    gint32 main_node = add_node(tree, start, "app::main", "app", RS_CRATE_OWN, 0.2, 0.2);
    gint32 parse =
        add_node(tree, main_node, "json::parser::value", "json", RS_CRATE_OWN, 11.2, 11.98);
    gint32 lexer = add_node(tree, parse, culprit, "json", RS_CRATE_OWN, 3.1, 10.05);

    add_node(tree, lexer, "core::str::from_utf8", "core", RS_CRATE_STD, 2.05, 2.15);
    add_node(tree, parse, "<alloc::vec::Vec<T,A> as Clone>::clone", "alloc", RS_CRATE_STD, 0.42,
             1.71);
    add_node(tree, main_node, "json::output::write", "json", RS_CRATE_OWN, 4, 4);
    add_node(tree, main_node, "old::gone", "old", RS_CRATE_DEPENDENCY, 0.8, 0);
    add_node(tree, main_node, "serde::fresh", "serde", RS_CRATE_DEPENDENCY, 0, 0.5);
    return tree;
}

/* As in the layout: four guilty ones and what else moved. */
static inline RsBlame *add_blame(RsVerdict *verdict, const char *benchmark, const char *culprit)
{
    RsBlame *blame = rs_blame_new(benchmark);
    RsBlamed *blamed;

    blame->n_pairs = 30;
    blame->n_samples_baseline = 1672;
    blame->n_samples_current = 2064;
    blame->total_ns_baseline = 41.82e6;
    blame->total_ns_current = 51.61e6;
    blame->delta_ns = 9.79e6;
    blame->attributed_pct = 93;
    blame->resolvable_pct = 0.84;
    blame->alpha = 0.05;
    blamed = add_blamed(blame->functions, culprit, RS_BLAME_SLOWER, 3.1, 10.05, 71);
    blamed_at(blamed, "json", RS_CRATE_OWN, "src/lexer.rs", 118);
    blamed->is_changed = TRUE;
    blamed = add_blamed(blame->functions, "<alloc::vec::Vec<T,A> as Clone>::clone", RS_BLAME_SLOWER,
                        0.42, 1.71, 13.2);
    blamed_at(blamed, "alloc", RS_CRATE_STD,
              "/rustc/90b35a6239c3d8bdabc530a6a0816f7ff89a0aaf/library/alloc/src/vec/mod.rs", 2594);
    blamed = add_blamed(blame->functions, "json::parser::value", RS_BLAME_SLOWER, 11.2, 11.98, 8);
    blamed_at(blamed, "json", RS_CRATE_OWN, "src/parser.rs", 64);
    blamed = add_blamed(blame->functions, "serde::fresh", RS_BLAME_NEW, 0, 0.1, 0.8);
    blamed_at(blamed, "serde", RS_CRATE_DEPENDENCY,
              "/root/.cargo/registry/src/index.crates.io-6f17d22bba15001f/serde-1.0.1/src/de.rs",
              40);
    add_blamed(blame->functions, "json::quick", RS_BLAME_FASTER, 1.1, 0.9, -2);
    add_blamed(blame->functions, "json::innocent", RS_BLAME_UNPROVED, 2.0, 2.01, 0.1);
    add_blamed(blame->others, "old::gone", RS_BLAME_VANISHED, 0.8, 0, -8.2);
    add_blamed(blame->others, "json::inlined", RS_BLAME_SHIFT, 0, 3, 30)->shifted_with =
        g_strdup("json::parser::value");
    add_blamed(blame->callers, "app::main", RS_BLAME_SLOWER, 21.8, 30.6, 90);
    add_blamed(blame->callers, "json::parser::value", RS_BLAME_SLOWER, 16.8, 25.9, 93);
    add_blamed(blame->crates, "json", RS_BLAME_SLOWER, 18.3, 26, 79);
    add_blamed(blame->crates, "alloc", RS_BLAME_SLOWER, 0.42, 1.71, 13.2);
    add_blamed(blame->modules, "json::lexer", RS_BLAME_SLOWER, 3.1, 10.05, 71);
    add_blamed(blame->modules, "json::parser", RS_BLAME_SLOWER, 11.2, 11.98, 8);
    blame->tree = blame_tree(2, culprit);
    g_ptr_array_add(verdict->blames, blame);
    return blame;
}

/* In which nothing is known. */
static inline RsBlame *unknown_blame(RsVerdict *verdict, const char *benchmark)
{
    RsBlame *blame = rs_blame_new(benchmark);

    g_ptr_array_add(blame->functions, rs_blamed_new("nothing"));
    g_ptr_array_add(blame->crates, rs_blamed_new("nothing"));
    g_ptr_array_add(blame->callers, rs_blamed_new("nothing"));
    blame->tree = rs_call_tree_new(2);
    g_ptr_array_add(verdict->blames, blame);
    return blame;
}

static inline void set_repository(RsVerdict *verdict, const char *repository)
{
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++) {
        g_free(verdict->revisions[arm].repository);
        verdict->revisions[arm].repository = g_strdup(repository);
    }
}

#endif
