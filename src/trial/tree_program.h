/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether what is to be run in the tree of a revision is that tree's own. A program that lies
 * elsewhere is one for both revisions, and the comparison of a program with itself finds no
 * slowdown, whatever the change did. */
#ifndef RS_TRIAL_TREE_PROGRAM_H
#define RS_TRIAL_TREE_PROGRAM_H

#include <time.h>

#include "model/session.h"

typedef struct {
    const char *top;       /* of the checkout, without symbolic links; NULL: there is none */
    const char *tree;      /* the path that shows the arm, which it does now */
    const char *arm_path;  /* where the arm's tree really is */
    struct timespec since; /* before the first build */
} RsTreePlace;

/* Looks at every word of the command that names an executable file. Refused are files of the
 * checkout that the tree has, too, and files outside of the tree that were written since. Errors
 * RS_PLAN_ERROR_INVALID, with what to do. */
gboolean rs_tree_program_check(const RsTreePlace *place, const RsProgram *program, GError **error);

#endif
