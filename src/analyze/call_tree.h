/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The samples of a profile, or of a benchmark's trials, as trees of functions and as sums by
 * function, crate and module of the source. Frames without lines stand as their module and the
 * address's function start where it is known, else as the module alone. A function that is on a
 * stack more than once counts once in total time. */
#ifndef RS_ANALYZE_CALL_TREE_H
#define RS_ANALYZE_CALL_TREE_H

#include <glib.h>

#include "model/call_tree.h"
#include "model/session.h"

/* Of the whole recording: samples by time. */
RsCallTree *rs_call_tree_of_profile(const RsProfile *profile);
/* Of a benchmark, both arms, ns per launch: what the trials sampled, scaled to the CPU time that
 * was measured where it was. One-sided benchmarks use side 0. NULL: no trial was sampled. */
RsCallTree *rs_call_tree_of_benchmark(const RsSession *session, const RsBenchmark *benchmark);
/* Joins what is below min_frac of the root's time (of the larger side) into one "[…]" for each
 * parent and keeps at most n_max nodes, the largest. A new tree, yours. */
RsCallTree *rs_call_tree_prune(const RsCallTree *tree, double min_frac, guint n_max);

/* Self, total time and samples of profile->functions over everything that was sampled. */
void rs_functions_sum(RsSession *session);

typedef struct {
    char *name;       /* of the crate, or of the module path */
    char *crate_name; /* of a module; NULL for crates */
    RsCrateKind crate_kind;
    gint64 self_ns, total_ns, n_samples; /* own time; with all that is called from it */
    guint n_functions;
} RsRollup;

/* RsRollup, most own time first; free with g_ptr_array_unref. Functions without a crate are summed
 * under their binary's name. */
GPtrArray *rs_crate_rollups(const RsSession *session);
GPtrArray *rs_module_rollups(const RsSession *session);

#endif
