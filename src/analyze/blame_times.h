/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CPU time of functions, crates and modules in each pair of trials of a benchmark: what the samples
 * of a trial say of it, in proportion, times the CPU time that was measured for that trial. Must
 * not know tests or blame.
 *
 * Samples of very short programs are taken in launches right beside the measured ones, in the same
 * trial; the coin that ordered the pair ordered these as well, so a pair is a pair for them too. */
#ifndef RS_ANALYZE_BLAME_TIMES_H
#define RS_ANALYZE_BLAME_TIMES_H

#include <glib.h>

#include "analyze/blame_names.h"
#include "model/session.h"

#define RS_BLAME_MAX_HYPOTHESES 500
#define RS_BLAME_MIN_SAMPLES    5 /* of both sides together; what has fewer is joined */
#define RS_BLAME_OTHERS         G_MAXUINT32
#define RS_BLAME_MAX_GROUPS     256 /* more pairs than this are averaged in so many groups */

typedef enum {
    RS_BLAME_SELF,      /* functions, own time with the library code that they call */
    RS_BLAME_LEAVES,    /* functions of any kind, where time was spent in the end */
    RS_BLAME_INCLUSIVE, /* functions, with all that is called from them */
    RS_BLAME_CRATES,
    RS_BLAME_MODULES,
    RS_N_BLAME_GROUPINGS,
} RsBlameGrouping;

/* A pair of which both trials were sampled; ns: CPU per launch of each side. */
typedef struct {
    guint trial[RS_N_ARMS];
    double ns[RS_N_ARMS];
    double ns_per_weight[RS_N_ARMS];
} RsBlamePair;

typedef struct {
    const RsBenchmark *benchmark[RS_N_ARMS]; /* the same twice but for two files */
    RsBlameView *view[RS_N_ARMS];
    GArray *pairs;     /* RsBlamePair */
    guint n_groups;    /* pair i belongs to group i % n_groups */
    guint n_unsampled; /* complete pairs of which a trial has no samples */
    gint64 n_samples[RS_N_ARMS];
    double n_named;       /* of the samples of both sides: those whose innermost frame has a name */
    double ns[RS_N_ARMS]; /* CPU per launch, mean over the pairs */
    gboolean is_user_time; /* what is summed is time outside of the kernel alone */
} RsBlameSource;

/* view: of the session's profile, borrowed as is the benchmark. FALSE: there are no pairs; why is a
 * sentence. */
gboolean rs_blame_source_init(RsBlameSource *source, const RsBenchmark *benchmark,
                              RsBlameView *view, const char **why);
/* Trials of two files, the arm that stands for each, side by side as they come: good for means,
 * not for tests. */
gboolean rs_blame_source_init_apart(RsBlameSource *source, const RsBenchmark *const benchmark[],
                                    const RsArm arm[], RsBlameView *view[], const char **why);
void rs_blame_source_clear(RsBlameSource *source);

/* A table of times: a line for each thing that has samples enough, and in own time one more for
 * all others together. Each pair is a column; where there are a great many, the mean of a group of
 * pairs: signs of whole groups may be flipped as well, and cost less. What is a line depends on
 * both sides' samples together alone, so it tells nothing of their difference. */
typedef struct {
    guint n, n_groups;
    guint32 *rows;         /* of names->functions, crates or modules; RS_BLAME_OTHERS */
    double *d;             /* n x n_groups: current less baseline, ns per launch */
    double *ns[RS_N_ARMS]; /* mean per launch of each line */
    gint64 *n_samples[RS_N_ARMS];
} RsBlameTimes;

void rs_blame_times_init(RsBlameTimes *times, const RsBlameSource *source,
                         RsBlameGrouping grouping);
void rs_blame_times_clear(RsBlameTimes *times);

/* Own time of some functions below one that calls them: d has n x n_groups values. */
void rs_blame_times_below(const RsBlameSource *source, guint32 caller, const guint32 *rows, guint n,
                          double *d);

/* A function on the stacks whose time is another's own. */
typedef struct {
    guint32 row;
    double frac;     /* of the own time of the other, of both sides, that is below it */
    double distance; /* calls between them, on average; 0: itself */
} RsBlameCaller;

/* The callers of a function, of what it has of own time: nearest first, itself in front;
 * RsBlameCaller. Yours. */
GArray *rs_blame_callers_of(const RsBlameSource *source, guint32 row);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RsBlameSource, rs_blame_source_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RsBlameTimes, rs_blame_times_clear)

#endif
