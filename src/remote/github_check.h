/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GitHub's check runs, which need a token of an app: that of a job is one, a person's is not. */
#ifndef RS_REMOTE_GITHUB_CHECK_H
#define RS_REMOTE_GITHUB_CHECK_H

#include "remote/forge.h"

#define RS_CHECK_MAX_ANNOTATIONS 50 /* in one request */

/* As put_check_run in forge.h. */
gint64 rs_github_put_check_run(RsForge *forge, gint64 id, const RsCheckRun *check, GError **error);

#endif
