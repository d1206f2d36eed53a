/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a program of two trees (trial/worktrees.h) is each tree's own. One that lies elsewhere,
 * where both builds wrote it or in the checkout itself, is one program for both sides: the change
 * would be compared with itself, and pass. */
#ifndef RS_TRIAL_TREE_INPUTS_H
#define RS_TRIAL_TREE_INPUTS_H

#include <glib.h>

#include "model/session.h"

typedef struct {
    const char *path;                 /* what programs of both arms see */
    const char *arm_paths[RS_N_ARMS]; /* where the trees really are */
    const char *revisions[RS_N_ARMS];
    const char *repository;
    const char *checkout;   /* its top; NULL: a bare repository */
    gint64 builds_began_ns; /* CLOCK_REALTIME_COARSE, which files are dated by; 0: nothing is built
                             */
} RsTreeInputs;

/* FALSE: both arms run one file outside of the trees: a build wrote it, or the command names it in
 * the checkout. Errors RS_PLAN_ERROR_INVALID.
 * warnings (char *): of files that a tree's own program is given, those that differ between the
 * revisions, and those that are one for both though a build wrote them. */
gboolean rs_tree_inputs_check(const RsTreeInputs *inputs, const RsProgram *program,
                              GPtrArray *warnings, GError **error);

#endif
