/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The environment a measured program gets: the caller's, without what is secret or would let the
 * program write into the CI job that measures it. Both arms get the same. */
#ifndef RS_BASE_CHILD_ENV_H
#define RS_BASE_CHILD_ENV_H

#include <glib.h>

/* TRUE when NAME=VALUE is kept back: a name that CI systems or custom use for secrets, or a value
 * that is a URL with a password in it, a token by its looks, or a private key. */
gboolean rs_child_env_is_secret(const char *name, const char *value);

/* caller (NAME=VALUE, NULL-ended; environ itself, because a copy of it, even one that was freed,
 * keeps its secrets in memory that a launcher inherits) without secrets but for the names in keep
 * (may be NULL), sorted so that the order is the same in every run, then set (NAME=VALUE, may be
 * NULL), which replaces. Yours. */
char **rs_child_env(char **caller, char **keep, char **set);
/* environment with set (NAME=VALUE, may be NULL), which replaces. Takes environment; yours. */
char **rs_child_env_set(char **environment, char **set);

/* The same variables for a file that others read: values of secrets are not told. NULL gives NULL.
 */
char **rs_child_env_without_secrets(char **environment);

/* text with the user part of its URLs replaced by "[secret]" where that may be one. Yours. */
char *rs_child_env_without_url_secrets(const char *text);

#endif
