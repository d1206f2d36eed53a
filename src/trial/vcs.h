/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which revision a folder holds, which files, and what changed between two, as git tells it. */
#ifndef RS_TRIAL_VCS_H
#define RS_TRIAL_VCS_H

#include "model/session.h"

/* Fills revision, branch, describe, repository (without a password) and dirty; leaves them empty
 * where there is no repository or no git. folder NULL: the current one. */
void rs_vcs_read(const char *folder, RsRevision *revision);
/* The top folder of the repository around folder; NULL: there is none. Yours. */
char *rs_vcs_top(const char *folder);
/* The files of the repository around folder, a set of paths from its top (those with names that git
 * would quote are left out); NULL: there is none. Yours. */
GHashTable *rs_vcs_files(const char *folder);
/* What changed from one revision to another, as unified diff without context. NULL: git does not
 * know both, or one is not the name of a commit in hexadecimal. Yours. */
char *rs_vcs_diff(const char *folder, const char *from, const char *to);

#endif
