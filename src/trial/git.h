/* SPDX-License-Identifier: GPL-3.0-or-later */
/* git as a program that is asked, in a repository that may be anybody's: no secrets in its
 * environment, no prompt, no network, no hook and no other command of the repository's
 * configuration that can be told to stay away; bounded answers. Nothing is written anywhere to make
 * it work, least of all a file of the user's. */
#ifndef RS_TRIAL_GIT_H
#define RS_TRIAL_GIT_H

#include <glib.h>

#define RS_GIT_ERROR (rs_git_error_quark())
GQuark rs_git_error_quark(void);
typedef enum {
    RS_GIT_ERROR_NOT_THERE, /* there is no git */
    RS_GIT_ERROR_FAILED,    /* it says why */
    RS_GIT_ERROR_TOO_MUCH,  /* it printed more than the limit */
    RS_GIT_ERROR_INTERRUPTED,
} RsGitError;

typedef struct {
    const char *folder;           /* where it runs; NULL: the current one */
    const char *const *arguments; /* behind "git", NULL-ended */
    gsize limit_bytes;            /* of what it prints; 0: 16 MiB */
    const volatile int *stop;     /* non-zero ends it; NULL: never */
} RsGit;

/* What it prints, followed by a NUL that is not counted; yours. n_bytes may be NULL.
 *
 * A repository of another user is worked in when the folder itself belongs to that user as well, as
 * in a container that runs as root on the checkout of its host: whoever told us to work there means
 * that user. One further up, of a third user, stays as forbidden as git has it.
 * Errors RS_GIT_ERROR. */
char *rs_git(const RsGit *git, gsize *n_bytes, GError **error);

/* The first line of the answer; NULL without an error: it is empty. Yours. */
char *rs_git_line(const char *folder, const char *const *arguments, GError **error);

/* The variables that git children get; for tests. Yours. */
char **rs_git_environment(const char *folder);

#endif
