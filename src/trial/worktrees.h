/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two revisions of a git repository, checked out and built, each as if it were alone in the same
 * folder: paths that a build writes into its programs are equal, so that only the code differs, and
 * equal code gives equal files.
 *
 * Both are built in FOLDER/tree, one after the other, by moving each worktree there; afterwards
 * they lie in FOLDER/baseline and FOLDER/current_ (names of one length), and FOLDER/tree is a
 * symbolic link that is turned to an arm before its program starts (rs_worktrees_turn).
 *
 * Nothing is fetched, no hook of the repository runs, and neither git nor a build sees a secret of
 * the environment. Afterwards the repository is as it was: its worktrees, its configuration and the
 * user's files. */
#ifndef RS_TRIAL_WORKTREES_H
#define RS_TRIAL_WORKTREES_H

#include "model/session.h"

#define RS_WORKTREES_ERROR (rs_worktrees_error_quark())
GQuark rs_worktrees_error_quark(void);
typedef enum {
    RS_WORKTREES_ERROR_GIT,      /* no git, no repository, a revision that is not there (a shallow
                                    clone is told as such, with what to do), ... */
    RS_WORKTREES_ERROR_BASELINE, /* the baseline cannot be built: there is no baseline */
    RS_WORKTREES_ERROR_CURRENT,  /* the change cannot be built */
    RS_WORKTREES_ERROR_NO_TOOLCHAIN, /* a command of the build does not exist here (127) */
    RS_WORKTREES_ERROR_INTERRUPTED,
} RsWorktreesError;

typedef struct {
    const char *repository;                /* a folder in it; NULL: the current one */
    const char *revisions[RS_N_ARMS];      /* anything that names a commit */
    const char *folder;                    /* where trees go, made when needed: empty or ours; NULL:
                                              beside the checkout (see trial/tree_folder.h) */
    const char *build_commands[RS_N_ARMS]; /* for /bin/sh -e in the tree; NULL: nothing to build */
    char **caches; /* folders below the top ("target", "node_modules") that are copied, where the
                      repository's own checkout has them, into each tree before it is built; NULL */
    char **pass_environment;  /* as RsRunnerOptions has it: builds get no secrets either */
    double timeout_s;         /* of each build; 0: none */
    gboolean show_output;     /* of builds, on stderr; it is kept for the error either way */
    const volatile int *stop; /* a signal's number, once one came; NULL */
    void (*on_phase)(const char *what, RsArm arm, gpointer data); /* "checking out", "building" */
    gpointer data;
} RsWorktreesOptions;

typedef struct RsWorktrees RsWorktrees;

/* Errors RS_WORKTREES_ERROR; a failed build's message ends with the last lines that it printed.
 * When the baseline cannot be built the change is built all the same: a change that cannot be built
 * is the worse of the two, and is told. */
RsWorktrees *rs_worktrees_new(const RsWorktreesOptions *options, GError **error);
/* Removes the trees and git's record of them. */
void rs_worktrees_free(RsWorktrees *trees);

/* Full name of the commit of an arm. */
const char *rs_worktrees_revision(const RsWorktrees *trees, RsArm arm);
/* FOLDER/tree, as programs of both arms see it. */
const char *rs_worktrees_path(const RsWorktrees *trees);
/* Where an arm's tree really is. */
const char *rs_worktrees_arm_path(const RsWorktrees *trees, RsArm arm);
/* What a reader of the results has to know (char *): submodules that are empty, contents that git
 * LFS has elsewhere. */
const GPtrArray *rs_worktrees_warnings(const RsWorktrees *trees);
/* From here on the path shows the arm's tree; cheap (one rename). Errors G_FILE_ERROR. */
gboolean rs_worktrees_turn(RsWorktrees *trees, RsArm arm, GError **error);
/* These as RsRunnerOptions.arms (trial/runner.h) has them, with the trees as data. */
gboolean rs_worktrees_before_arm(RsArm arm, gpointer trees, GError **error);
gboolean rs_worktrees_is_same_around(const RsProgram *program, gpointer trees);
gboolean rs_worktrees_check(const RsProgram *program, GPtrArray *warnings, gpointer trees,
                            GError **error);
char **rs_worktrees_environment(char **environment, gpointer trees);

/* When a path goes through the link of a run's trees: that link, and the trees of both arms;
 * NULL-ended, yours. NULL: it does not. */
char **rs_worktrees_around(const char *path);
/* A file of a revision ("rustscope.yml") as git has it, without a checkout. NULL without an error:
 * the revision does not have it. Errors RS_WORKTREES_ERROR_GIT. */
char *rs_worktrees_show(const char *repository, const char *revision, const char *path,
                        gsize *n_bytes, GError **error);
/* The commit that head was made from where the CI did not tell: the first parent of a merge of the
 * change into base_ref, else the merge base with base_ref, or the first parent where head is a part
 * of base_ref already. base_ref: a revision, or a branch of origin; NULL: head is a merge that the
 * forge made, whose first parent is believed. (Whose head a person made, its parents are as they
 * wanted them: an old commit of the base with other rules, perhaps.) NULL: git cannot tell, and the
 * error (RS_WORKTREES_ERROR_GIT) says why. Yours. */
char *rs_worktrees_merge_base(const char *repository, const char *head, const char *base_ref,
                              GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsWorktrees, rs_worktrees_free)

#endif
