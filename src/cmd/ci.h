/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command `ci`, in parts: what is to be measured (ci_source.c), measuring it (ci_measure.c),
 * and what is left for others to read (ci_files.c). */
#ifndef RS_CMD_CI_H
#define RS_CMD_CI_H

#include "cmd/bench_opts.h"
#include "cmd/judge.h"
#include "cmd/post.h"
#include "trial/worktrees.h"

typedef enum { RS_CI_RUN, RS_CI_MEASURE, RS_CI_POST } RsCiMode;

typedef struct {
    RsOptBase base;
    RsBenchOpts bench;
    RsJudgeOpts judge;
    RsPostOpts post;
    int mode;
    char *results, *build, *command, *baseline_revision, *head_revision, *baseline_file;
    char **build_caches;
    char *output_folder;
    int summary, annotations; /* words of true and false */
    double build_timeout_s;
    gboolean measure_identical, quiet;
} RsCiOpts;

enum { RS_CI_FALSE, RS_CI_TRUE };

/* What a run has come to so far. */
typedef struct {
    RsCiOpts *opts;
    const RsOpt *rows;
    RsPost *post;
    RsLauncher *launcher;
    RsWorktrees *trees;         /* NULL: nothing is built */
    char *folder;               /* of the trees; NULL: none */
    char *revisions[RS_N_ARMS]; /* full names; NULL: not known */
    gboolean is_dirty; /* the checkout has what is not committed, and its commit is measured */
    char *change_head; /* NULL: not known */
    GPtrArray *policy_changes; /* RsPolicyChange; NULL: there is no policy of a base */
    RsPlan *plan;
    RsSession *session, *stored; /* stored: the baseline of --baseline-file */
    char *session_path;
} RsCi;

/* Finds out what is to be measured, builds it, and makes the plan. What cannot be built is in
 * *failure (of the session that is to be made; yours) and not an error.
 * Errors G_OPTION_ERROR, RS_PLAN_ERROR, RS_WORKTREES_ERROR, G_FILE_ERROR. */
gboolean rs_ci_prepare(RsCi *ci, RsFailure **failure, GError **error);
/* The command as text: --command, or what stands behind --; NULL: neither. Yours. */
char *rs_ci_command_text(const RsCiOpts *opts);
/* Measures and judges. NULL: it could not be done, *status says how that ends. */
RsVerdict *rs_ci_measure(RsCi *ci, int *status);
/* The folder for the output. One that root makes in somebody else's folder, as a container does in
 * the runner's workspace, is given to that somebody, who has to be able to empty it. */
gboolean rs_ci_make_folder(const char *folder, GError **error);
/* verdict.json, report.html, comment.md and what the CI system reads besides, in the output folder;
 * the text on stdout. Errors G_FILE_ERROR. */
gboolean rs_ci_write(const RsCi *ci, const RsVerdict *verdict, GError **error);
/* The outputs of a step on GitHub, once everything is done. */
gboolean rs_ci_write_outputs(const RsCi *ci, const RsVerdict *verdict, GError **error);

#endif
