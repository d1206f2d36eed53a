/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The samples of a profile, or of a benchmark's trials, as trees of functions and as sums by
 * function, crate and module of the source. Functions of one name are one, in whatever file they
 * are: so both sides of a benchmark meet. A frame without lines is called as its file is, and calls
 * of such a file within itself are not told apart. A function that is on a stack more than once
 * counts once in total time. Inlined functions are functions like others. */
#ifndef RS_ANALYZE_CALL_TREE_H
#define RS_ANALYZE_CALL_TREE_H

#include <glib.h>

#include "model/call_tree.h"
#include "model/session.h"

/* Of the whole recording: samples by time. */
RsCallTree *rs_call_tree_of_profile(const RsProfile *profile);
/* Of a benchmark, both arms, ns per launch: what the trials sampled, scaled so that an arm's total
 * is the mean of the CPU time of its trials where that was measured; rounded to whole ns node by
 * node. One-sided benchmarks use side 0. Samples without a stack, and an arm without any sample,
 * are below "[not attributed]". NULL: no trial was sampled. */
RsCallTree *rs_call_tree_of_benchmark(const RsSession *session, const RsBenchmark *benchmark);
/* Joins what is below min_frac of the root's time (of the larger side) into one "[…]" for each
 * parent and keeps at most n_max nodes (at least 2), the largest, those "[…]" included. A new tree,
 * yours. */
RsCallTree *rs_call_tree_prune(const RsCallTree *tree, double min_frac, guint n_max);

/* What code of that module is called that has no name: "libfoo.so", "[kernel]". Yours. */
char *rs_module_shown_name(const RsProfileModule *module);
RsCrateKind rs_module_crate_kind(const RsProfileModule *module);

typedef struct {
    gint64 self_ns, total_ns;
    gint64 n_samples; /* in it itself */
} RsTimeSum;

/* Of each of the profile's functions over everything that was sampled, recording and trials, as it
 * was sampled (all launches of all trials). Free with g_free. NULL: there are no lines or no
 * samples. */
RsTimeSum *rs_functions_sums(const RsSession *session);
/* The same into the functions, which keep what they have where it is NULL. */
void rs_functions_sum(RsSession *session);

typedef struct {
    char *name;       /* of the crate, or of the module path */
    char *crate_name; /* of a module; NULL for crates */
    RsCrateKind crate_kind;
    gint64 self_ns, total_ns;
    gint64 n_samples;  /* in it itself */
    guint n_functions; /* of different names */
} RsRollup;

/* RsRollup, most own time first, of those that have samples; free with g_ptr_array_unref. Functions
 * without a crate are summed under their binary's name, apart from a crate of that name where
 * their kinds differ. */
GPtrArray *rs_crate_rollups(const RsSession *session);
GPtrArray *rs_module_rollups(const RsSession *session);

#endif
