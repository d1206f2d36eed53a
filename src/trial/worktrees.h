/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two revisions of a git repository, checked out and built, each as if it were alone in the same
 * folder: paths that a build writes into its programs are equal, so that only the code differs, and
 * equal code gives equal files.
 *
 * Both are built in FOLDER/tree, one after the other, by moving each worktree there; afterwards
 * they lie in FOLDER/baseline and FOLDER/current_ (names of one length), and FOLDER/tree is a
 * symbolic link that is turned to an arm before its program starts (rs_worktrees_turn). */
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
    const char *folder;                    /* where trees go, made when needed; NULL: below the git
                                              directory */
    const char *build_commands[RS_N_ARMS]; /* for /bin/sh -e in the tree; NULL: nothing to build */
    char **caches; /* folders below the top ("target", "node_modules") that are copied, where the
                      repository's own checkout has them, into each tree before it is built; NULL */
    char **pass_environment; /* as RsRunnerOptions has it: builds get no secrets either */
    double timeout_s;        /* of each build; 0: none */
    gboolean show_output;    /* of builds, on stderr; it is kept for the error either way */
    volatile int *stop;      /* a signal's number, once one came; NULL */
    void (*on_phase)(const char *what, RsArm arm, gpointer data); /* "checking out", "building" */
    gpointer data;
} RsWorktreesOptions;

typedef struct RsWorktrees RsWorktrees;

/* Errors RS_WORKTREES_ERROR; a failed build's message ends with the last lines that it printed. */
RsWorktrees *rs_worktrees_new(const RsWorktreesOptions *options, GError **error);
/* Removes the trees and git's record of them. */
void rs_worktrees_free(RsWorktrees *trees);

/* Full name of the commit of an arm. */
const char *rs_worktrees_revision(const RsWorktrees *trees, RsArm arm);
/* FOLDER/tree, as programs of both arms see it. */
const char *rs_worktrees_path(const RsWorktrees *trees);
/* From here on the path shows the arm's tree; cheap (one rename). Errors G_FILE_ERROR. */
gboolean rs_worktrees_turn(RsWorktrees *trees, RsArm arm, GError **error);
/* A file of a revision ("rustscope.yml") as git has it, without a checkout. NULL without an error:
 * the revision does not have it. Errors RS_WORKTREES_ERROR_GIT. */
char *rs_worktrees_show(const char *repository, const char *revision, const char *path,
                        gsize *n_bytes, GError **error);
/* The commit that head was made from where the CI did not tell: the first parent of a merge of the
 * change, else the merge base with base_ref. NULL: git cannot tell. Yours. */
char *rs_worktrees_merge_base(const char *repository, const char *head, const char *base_ref,
                              GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsWorktrees, rs_worktrees_free)

#endif
