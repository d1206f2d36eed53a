/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a change does to the rules that judge it, and a person's word that it may pass all the same;
 * as plain data. Both are in the verdict file. */
#ifndef RS_MODEL_POLICY_H
#define RS_MODEL_POLICY_H

#include <glib.h>

typedef enum {
    RS_POLICY_THRESHOLD, /* of all, or of one benchmark */
    RS_POLICY_FAIL_ON,
    RS_POLICY_SEVERITY_BOUNDS,
    RS_POLICY_ALPHA,
    RS_POLICY_METRICS,
    RS_POLICY_BUDGET, /* pairs, time, trials, launches and what else is asked of measuring */
    RS_POLICY_BENCHMARK_DELETED, /* or called otherwise */
    RS_POLICY_BENCHMARK_ADDED,
    RS_POLICY_TAGS,
    RS_POLICY_COMMAND, /* command, input, environment, build or hooks: another work is measured */
    RS_POLICY_EXIT_CODES,
    RS_POLICY_ACCEPTANCE, /* label or file that accept */
    RS_POLICY_FILE_DELETED,
    RS_POLICY_FILE_ADDED,
    RS_POLICY_UNKNOWN, /* of a newer file; it weakens, because nobody here can tell */
    RS_N_POLICY_KINDS
} RsPolicyKind;
extern const char *const rs_policy_kind_names[]; /* "threshold", ..., NULL after all but UNKNOWN */

typedef struct {
    RsPolicyKind kind;
    char *benchmark;      /* NULL: the whole configuration */
    char *before, *after; /* in words for people: "10 %"; NULL: it was not, or is not any more */
    gboolean weakens;     /* the gate would see less: needs acceptance. What makes it stricter, or
                             only adds, is shown alone */
    char *unknown_kind;   /* of UNKNOWN: as the file has it; NULL: it told none */
    char *extra_json;
} RsPolicyChange;
RsPolicyChange *rs_policy_change_new(RsPolicyKind kind, const char *benchmark, const char *before,
                                     const char *after, gboolean weakens);
RsPolicyChange *rs_policy_change_copy(const RsPolicyChange *change);
void rs_policy_change_free(RsPolicyChange *change);
/* What it does, after "the change ...": "raises the threshold of parse from 10 % to 50 %". Plain
 * text with foreign words in it. Yours. */
char *rs_policy_change_words(const RsPolicyChange *change);
/* Of a table: "threshold", "benchmark deleted". */
const char *rs_policy_change_label(const RsPolicyChange *change);

/* A failed gate was accepted on purpose. */
typedef struct {
    char *by;     /* who; NULL: not told */
    char *how;    /* "label rustscope:accept", "file rustscope-accept.txt" */
    char *at;     /* ISO 8601; NULL: not told */
    char *head;   /* the revision that it holds for, and no other */
    char *reason; /* text of the file; NULL */
} RsAcceptance;
void rs_acceptance_free(RsAcceptance *acceptance);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsPolicyChange, rs_policy_change_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsAcceptance, rs_acceptance_free)

#endif
