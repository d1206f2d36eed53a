/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The folder that the trees of two revisions lie in: ours alone, locked while we live, and known by
 * a marker file, so that what a killed run left is cleared and nothing else ever is. Knows files,
 * and the records that git keeps of worktrees; not what is in the trees. */
#ifndef RS_TRIAL_TREE_FOLDER_H
#define RS_TRIAL_TREE_FOLDER_H

#include <glib.h>

typedef struct RsTreeFolder RsTreeFolder;

/* The folder that serves a repository when no other is given: beside the checkout, because builds
 * look for configuration in the folders above them, and there these are the checkout's own; where
 * nothing can be made there, below the temporary folder. Yours. */
char *rs_tree_folder_default(const char *top);

/* Makes the folder, or takes one that is empty or ours; clears what is left in it.
 * repository: git's common directory, whose records of trees in the folder are removed as well.
 * Errors G_FILE_ERROR; G_FILE_ERROR_AGAIN: another run holds it. */
RsTreeFolder *rs_tree_folder_open(const char *path, const char *repository, GError **error);
/* Clears it, removes it if we made it, and unlocks. */
void rs_tree_folder_close(RsTreeFolder *folder);

/* Without symbolic links; borrowed. */
const char *rs_tree_folder_path(const RsTreeFolder *folder);

/* From now on the records of this repository (of a submodule) are looked after as well. Kept in the
 * marker, for the run that comes after a killed one. Errors G_FILE_ERROR. */
gboolean rs_tree_folder_add_repository(RsTreeFolder *folder, const char *repository,
                                       GError **error);

/* Renames an entry of the folder, and what git has recorded of worktrees in it.
 * Errors G_FILE_ERROR. */
gboolean rs_tree_folder_move(RsTreeFolder *folder, const char *from, const char *to,
                             GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsTreeFolder, rs_tree_folder_close)

#endif
