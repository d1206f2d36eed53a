/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The half of ci_context.h that knows GitLab's predefined variables. */
#ifndef RS_REMOTE_CI_GITLAB_H
#define RS_REMOTE_CI_GITLAB_H

#include "remote/ci_context.h"

gboolean rs_ci_is_gitlab(char **environment);
/* All but the token. Errors as rs_ci_context_new. */
gboolean rs_ci_gitlab_take(char **environment, RsCiContext *context, GError **error);

#endif
