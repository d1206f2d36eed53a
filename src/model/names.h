/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of the product: every enum that appears in a file or on a command line, and its
 * spelling. Knows nothing of files or numbers; the const tables behind it are the only place where
 * a word is spelled. */
#ifndef RS_MODEL_NAMES_H
#define RS_MODEL_NAMES_H

#include <glib.h>

typedef enum { RS_ARM_BASELINE, RS_ARM_CURRENT, RS_N_ARMS } RsArm;

typedef enum { RS_LOWER_IS_BETTER, RS_HIGHER_IS_BETTER } RsDirection;

/* How the trials of a benchmark were taken. Pairs are randomised; a single arm is one file of a
 * pair of files. */
typedef enum { RS_DESIGN_PAIRED, RS_DESIGN_SINGLE } RsDesign;

/* Why collection of a benchmark ended. Only SETTLED and FIXED are complete measurements. */
typedef enum {
    RS_STOP_NONE,        /* still open, or never started */
    RS_STOP_SETTLED,     /* every gated row is settled by the rule */
    RS_STOP_FIXED,       /* the fixed number of trials asked for was taken */
    RS_STOP_MAX_PAIRS,   /* the pair budget is spent */
    RS_STOP_MAX_TIME,    /* the time budget is spent */
    RS_STOP_IDENTICAL,   /* both arms load the same files: not measured */
    RS_STOP_FAILED,      /* a trial, a build or a hook failed; see failures */
    RS_STOP_INTERRUPTED, /* Ctrl-C, SIGTERM, or the journal ended early */
} RsStopReason;

typedef enum {
    RS_VERDICT_REGRESSION,
    RS_VERDICT_IMPROVEMENT,
    RS_VERDICT_BELOW_THRESHOLD,
    RS_VERDICT_UNCHANGED,
    RS_VERDICT_INCONCLUSIVE,
    RS_VERDICT_INCOMPARABLE,
    RS_VERDICT_NEW,
    RS_VERDICT_MISSING,
    RS_N_VERDICTS,
} RsVerdictKind;

typedef enum {
    RS_SEVERITY_NONE,
    RS_SEVERITY_MINOR,
    RS_SEVERITY_MODERATE,
    RS_SEVERITY_CRITICAL,
    RS_N_SEVERITIES,
} RsSeverity;

typedef enum {
    RS_GATE_PASSED,
    RS_GATE_FAILED,
    RS_GATE_ACCEPTED,
    RS_GATE_UNDECIDED,
    RS_GATE_ERROR
} RsGateStatus;

typedef enum { RS_METHOD_NONE, RS_METHOD_PAIRED, RS_METHOD_WELCH } RsMethod;

typedef enum { RS_CORRECTION_HOLM, RS_CORRECTION_BH, RS_CORRECTION_NONE } RsCorrection;

/* A word table: index = enum value, ended by NULL. */
extern const char *const rs_arm_names[];
extern const char *const rs_direction_names[];
extern const char *const rs_design_names[];
extern const char *const rs_stop_reason_names[];
extern const char *const rs_verdict_kind_names[];
extern const char *const
    rs_severity_names[]; /* also --fail-on: none, minor, moderate, critical; "any" is minor */
extern const char *const rs_gate_status_names[];
extern const char *const rs_method_names[]; /* RS_METHOD_NONE is "none" */
extern const char *const rs_correction_names[];

/* The index of name in a word table; -1 when it is not there (or NULL). */
int rs_name_index(const char *const *names, const char *name);

#endif
