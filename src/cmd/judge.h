/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Session files -> verdict -> exit status: what `compare` and the RustScope spelling both do. */
#ifndef RS_CMD_JUDGE_H
#define RS_CMD_JUDGE_H

#include "cmd/gate_opts.h"
#include "cmd/names.h"
#include "model/verdict.h"

typedef struct {
    RsGateOpts gate;
    char *output_path, *ci_output, *format, *output_folder, *run_url;
    int on_inconclusive, on_incomparable, on_missing,
        on_missing_baseline; /* indices of rs_answer_words */
    gboolean allow_unpaired;
    int blame; /* RsBlameOf */
    char *diff_path;
    RsNamesOpts names;
} RsJudgeOpts;

enum { RS_ANSWER_WARN, RS_ANSWER_FAIL };
extern const char *const rs_answer_words[];    /* warn, fail */
extern const char *const rs_ci_system_words[]; /* github, gitlab, json */
extern const char *const rs_blame_words[];     /* as RsBlameOf */

/* Rows of a command's table; TYPE has a member `judge` of RsJudgeOpts. */
/* clang-format off */
#define RS_JUDGE_OPT_ROWS(TYPE)                                                                    \
    RS_JUDGE_RULE_ROWS(TYPE),                                                                      \
    {"ci-output", 0, RS_OPT_TEXT, offsetof(TYPE, judge.ci_output), NULL, "SYSTEM",                 \
     "what a CI system expects: github, gitlab or json", NULL},                                    \
    {"output-dir", 0, RS_OPT_FILE, offsetof(TYPE, judge.output_folder), ".", "DIR",                \
     "where --ci-output gitlab writes its artifacts", NULL},                                       \
    {"format", 0, RS_OPT_TEXT, offsetof(TYPE, judge.format), "text", "FORMAT",                     \
     "what to print: text, markdown, html, junit, codequality, openmetrics, annotations or json",  \
     NULL},                                                                                        \
    {"run-url", 0, RS_OPT_TEXT, offsetof(TYPE, judge.run_url), NULL, "URL",                        \
     "link to the CI run in the report", NULL}

/* Those of them that the verdict depends on. */
#define RS_JUDGE_RULE_ROWS(TYPE)                                                                   \
    RS_GATE_OPT_ROWS(TYPE, judge.gate),                                                            \
    {"on-inconclusive", 0, RS_OPT_WORD, offsetof(TYPE, judge.on_inconclusive), "warn", "ANSWER",   \
     "when a benchmark cannot be decided (fail: exit status 6)", rs_answer_words},                 \
    {"on-incomparable", 0, RS_OPT_WORD, offsetof(TYPE, judge.on_incomparable), "warn", "ANSWER",   \
     "when a benchmark cannot be compared (fail: exit status 6)", rs_answer_words},                \
    {"on-missing", 0, RS_OPT_WORD, offsetof(TYPE, judge.on_missing), "warn", "ANSWER",             \
     "when the current side lacks a benchmark (fail: exit status 1)", rs_answer_words},            \
    {"on-missing-baseline", 0, RS_OPT_WORD, offsetof(TYPE, judge.on_missing_baseline), "warn",     \
     "ANSWER", "when there is no usable baseline (fail: exit status 4)", rs_answer_words},         \
    {"blame", 0, RS_OPT_WORD, offsetof(TYPE, judge.blame), "regressed", "WHOM",                    \
     "for which benchmarks to look for the functions to blame", rs_blame_words},                   \
    {"diff", 0, RS_OPT_FILE, offsetof(TYPE, judge.diff_path), NULL, "FILE",                        \
     "the change as unified diff, to mark functions in it (else asked of git)", NULL}
/* clang-format on */

/* The verdict of two sessions measured apart, or (baseline NULL) of one that holds pairs, with the
 * gate that the session recorded and the options given over it. Its exit status is set.
 * Errors G_OPTION_ERROR, G_FILE_ERROR. */
RsVerdict *rs_judge_sessions(const RsJudgeOpts *judge, const RsOpt *rows, const RsOptBase *base,
                             const RsSession *baseline, const RsSession *current, GError **error);
/* Sets gate.exit_status anew, after the gate has changed. */
void rs_judge_set_exit_status(const RsJudgeOpts *judge, RsVerdict *verdict);
/* What came out, on stderr, so that a log shows it whatever stdout holds and wherever it goes. */
void rs_judge_say(const RsVerdict *verdict);

/* current_path NULL: baseline_path is a file of pairs. Returns the exit status. */
int rs_judge(const RsJudgeOpts *judge, const RsOpt *rows, const RsOptBase *base,
             const char *baseline_path, const char *current_path);

#endif
