/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which functions explain a benchmark's slowdown, and how surely, as plain data. Times are CPU ns
 * per launch, means over the pairs; + is slower. NaN: not known. */
#ifndef RS_MODEL_BLAME_H
#define RS_MODEL_BLAME_H

#include <glib.h>

#include "model/call_tree.h"
#include "model/function.h"

typedef enum {
    RS_BLAME_SLOWER,
    RS_BLAME_NEW,      /* the baseline's samples do not have it */
    RS_BLAME_FASTER,   /* takes less; listed where it offsets what others cost */
    RS_BLAME_VANISHED, /* the current side's samples do not have it */
    RS_BLAME_SHIFT, /* what it gained, others in the same caller lost: the code moved, by inlining
                       for one; the caller as a whole says what it cost */
    RS_BLAME_UNPROVED, /* it moved, but by no more than chance may move it */
    RS_N_BLAME_KINDS,
} RsBlameKind;
extern const char *const rs_blame_kind_names[]; /* "slower", "new", ..., NULL */

/* A function, a crate or a module of the source. */
typedef struct {
    char *name;
    char *crate_name, *module_path, *file, *binary; /* NULL: not known */
    gint64 line, last_line;                         /* of the current side where it has it; -1 */
    RsCrateKind crate_kind;
    RsBlameKind kind;
    double self_ns_baseline, self_ns_current; /* in lists of inclusive time: with its callees */
    double delta_ns, ci_low_ns, ci_high_ns;
    double share_of_slowdown_pct; /* of the benchmark's delta */
    double p_value, p_adjusted;   /* one-sided against "not slower"; adjusted over all functions */
    gint64 n_samples_baseline, n_samples_current;
    gboolean is_changed; /* its lines are in the diff */
    char *shifted_with;  /* the caller that a shift cancels in; NULL */
    char *extra_json;
} RsBlamed;

typedef struct {
    char *benchmark;
    char *note; /* why nothing, or not all, could be attributed: a sentence; NULL */
    guint n_pairs;
    gint64 n_samples_baseline, n_samples_current;
    double total_ns_baseline, total_ns_current, delta_ns; /* CPU time */
    double attributed_pct; /* of the slowdown: what the functions that are blamed explain */
    double resolvable_pct; /* of the program's time: a function that cost less than this more
                              could not have been told from chance */
    double alpha;          /* family-wise, over the functions of this list */
    gboolean is_forced;    /* asked for although the benchmark did not regress */
    GPtrArray *functions; /* RsBlamed by own time: those blamed first, by share. Own time is that of
                             a function and of library code (of the language, the C library, the
                             kernel) that it calls */
    GPtrArray *leaves;    /* RsBlamed by where time was spent in the end, library or not */
    GPtrArray *callers;   /* RsBlamed by inclusive time: along the path to what is blamed */
    GPtrArray *crates, *modules; /* RsBlamed */
    GPtrArray *others;           /* RsBlamed: new, vanished, shifts, that are not to blame */
    RsCallTree *tree;            /* both sides; NULL: none */
    char *extra_json;
} RsBlame;

RsBlamed *rs_blamed_new(const char *name);
void rs_blamed_free(RsBlamed *blamed);
RsBlame *rs_blame_new(const char *benchmark);
void rs_blame_free(RsBlame *blame);
/* Whether it is called guilty: a slower or a new one, proved. */
gboolean rs_blamed_is_guilty(const RsBlamed *blamed);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsBlamed, rs_blamed_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsBlame, rs_blame_free)

#endif
