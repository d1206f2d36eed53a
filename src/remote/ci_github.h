/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The half of ci_context.h that knows the variables of GitHub Actions. */
#ifndef RS_REMOTE_CI_GITHUB_H
#define RS_REMOTE_CI_GITHUB_H

#include "remote/ci_context.h"

gboolean rs_ci_is_github(char **environment);
/* All but the token. Errors as rs_ci_context_new. */
gboolean rs_ci_github_take(char **environment, RsCiContext *context, GError **error);

#endif
