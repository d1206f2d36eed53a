/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a worktree of git lacks and a checkout has: submodules, and the contents of files in git
 * LFS. Nothing is downloaded: what the checkout has is used, and what it lacks is told. */
#ifndef RS_TRIAL_TREE_PARTS_H
#define RS_TRIAL_TREE_PARTS_H

#include <glib.h>

#include "trial/tree_folder.h"

/* Submodules of the tree, and theirs: worktrees of the repositories that the checkout has of them.
 * git_folders: where "modules" may be, NULL-ended. One that the checkout does not have is left
 * empty, as it is there, with a sentence in warnings. Errors RS_GIT_ERROR_FAILED: the checkout has
 * it without the commit that the tree wants; G_FILE_ERROR. */
gboolean rs_tree_parts_add_submodules(RsTreeFolder *folder, const char *tree,
                                      const char *const *git_folders, const volatile int *stop,
                                      GPtrArray *warnings, GError **error);

/* Fills files of git LFS with what the checkout has of them (`git lfs checkout`, which downloads
 * nothing); those that stay pointers are told in warnings. Errors RS_GIT_ERROR. */
gboolean rs_tree_parts_fill_lfs(const char *tree, const volatile int *stop, GPtrArray *warnings,
                                GError **error);

#endif
