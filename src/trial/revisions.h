/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of revisions -> commits. (rs_worktrees_show and rs_worktrees_merge_base are here too.) */
#ifndef RS_TRIAL_REVISIONS_H
#define RS_TRIAL_REVISIONS_H

#include <glib.h>

/* The full name of the commit; what to do is in the error when a shallow clone does not have it.
 * Never fetches. Errors RS_WORKTREES_ERROR_GIT. Yours. */
char *rs_revision_resolve(const char *repository, const char *revision, GError **error);

#endif
