/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which functions explain why a benchmark became slower. Absolute own time of each function in each
 * trial (never shares: these sum to one, so one slower function would make all others look faster),
 * its difference in each pair, and a sign-flip permutation with max-T over functions: pairs were
 * ordered by a coin, so under "nothing changed" their signs are exchangeable. Asked only of
 * benchmarks that regressed, so the gate pays nothing for it. Knows sessions and numbers; every
 * statistic is asked of stats/.
 * Source Westfall and Young (1993), Resampling-Based Multiple Testing, step-down max-T. */
#ifndef RS_ANALYZE_BLAME_H
#define RS_ANALYZE_BLAME_H

#include <glib.h>

#include "model/blame.h"
#include "model/session.h"
#include "model/verdict.h"

typedef struct {
    double alpha;         /* family-wise, of each list; 0.02 */
    guint n_permutations; /* 9999 */
    guint64 seed;
    double min_share_pct; /* of the slowdown: less is not called guilty, however sure; 2 */
    guint n_max_listed;   /* of each list; 50 */
    guint n_max_nodes;    /* of the tree; 2000 */
} RsBlameOptions;

/* alpha is below the one report in twenty that is promised: collection that stops as soon as a
 * slowdown is plain keeps a little of what looked slow by chance, which the test cannot know. */
void rs_blame_options_init(RsBlameOptions *options);

/* Never NULL; a benchmark that cannot be explained has a note that says why. is_forced: it did not
 * regress, and blame was asked for all the same. In functions are those to blame, by share, and
 * after them what moved that much and may have done so by chance; a function of which a part of the
 * gain only moved has that caller in shifted_with, and its delta is the rest. Intervals are at 95
 * %, each by itself. */
RsBlame *rs_blame_benchmark(const RsSession *session, const RsBenchmark *benchmark,
                            gboolean is_forced, const RsBlameOptions *options);

/* Two files measured apart: without pairs there is no test, so functions are listed with what they
 * took and nobody is to blame. The arm says which of a benchmark's trials stand for that file. */
RsBlame *rs_blame_apart(const RsSession *const session[], const RsBenchmark *const benchmark[],
                        const RsArm arm[], const RsBlameOptions *options);

typedef enum {
    RS_BLAME_OF_REGRESSED, /* those whose time regressed */
    RS_BLAME_OF_ALL,
    RS_BLAME_OF_NONE,
} RsBlameOf;

/* Adds to a verdict that has been decided the blames of its benchmarks: by pairs of session, or
 * with another file of the baseline (NULL: pairs) side by side. A session in which nothing was
 * sampled gives none. */
void rs_blame_verdict(RsVerdict *verdict, const RsSession *baseline, const RsSession *session,
                      RsBlameOf of, const RsBlameOptions *options);

#endif
