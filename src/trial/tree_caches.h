/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an earlier build left in the checkout, handed to a build in a tree: folders are copied with
 * the times of their files, and what a tree shares with the checkout gets the age that it has
 * there, so that cargo and make see what is already done. Must not know builds. */
#ifndef RS_TRIAL_TREE_CACHES_H
#define RS_TRIAL_TREE_CACHES_H

#include <glib.h>

#include "trial/tree_build.h"

/* Checks the names of folders below the top ("target"). Errors RS_GIT_ERROR_FAILED: absolute, or
 * out of the top by "..". */
gboolean rs_tree_caches_check(char **caches, GError **error);

/* Copies the folders that top has into tree: never links to the checkout's files, which a build
 * would write into; extents are shared where the file system can. What git has of the tree's
 * revision below such a folder stays as git has it. command: for the copying; argv is not looked
 * at. Errors RS_GIT_ERROR_FAILED: a symbolic link leads out of the top or of the tree, or the copy
 * failed; RS_GIT_ERROR, RS_LAUNCHER_ERROR. */
gboolean rs_tree_caches_copy(RsLauncher *launcher, const RsTreeCommand *command, char **caches,
                             const char *top, const char *tree, GError **error);

/* Files of the tree with the content that git knows of the checkout's unchanged file of that name
 * become as old as that one. Errors RS_GIT_ERROR. */
gboolean rs_tree_caches_age(const char *top, const char *tree, const volatile int *stop,
                            GError **error);

#endif
