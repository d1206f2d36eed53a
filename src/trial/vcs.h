/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which revision a folder holds, as git tells it. */
#ifndef RS_TRIAL_VCS_H
#define RS_TRIAL_VCS_H

#include "model/session.h"

/* Fills revision, branch, describe, repository (without a password) and dirty; leaves them empty
 * where there is no repository or no git. folder NULL: the current one. */
void rs_vcs_read(const char *folder, RsRevision *revision);

#endif
