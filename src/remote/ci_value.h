/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a CI system tells, checked: ids of commits, names of repositories and branches, URLs,
 * numbers. They go into paths of an API, command lines of git and links, so what is not exactly of
 * its kind is refused. */
#ifndef RS_REMOTE_CI_VALUE_H
#define RS_REMOTE_CI_VALUE_H

#include <glib.h>

typedef struct {
    const char *what; /* "the id of a commit" */
    gboolean (*is_one)(const char *text);
    char *(*clean)(const char *text); /* its usual spelling, yours; NULL: as it is */
} RsCiKind;

/* A whole SHA-1 or SHA-256 id, in small letters. */
extern const RsCiKind rs_ci_commit;
/* "owner/name"; GitLab's: an id, or a path of at least two parts. */
extern const RsCiKind rs_ci_repository, rs_ci_project;
/* A branch, also as refs/heads/BRANCH; clean is without that. As git-check-ref-format(1). */
extern const RsCiKind rs_ci_branch;
/* http or https, no user, query or fragment; clean is without slashes at the end. */
extern const RsCiKind rs_ci_url;
/* A token: one word of visible characters; clean is without blanks around it. */
extern const RsCiKind rs_ci_token;

gboolean rs_ci_is_no_commit(const char *text); /* all zeros, which stands for none */
/* 1 to max in decimal digits alone; 0: it is not. */
gint64 rs_ci_number(const char *text, gint64 max);
#define RS_CI_MAX_CHANGE G_MAXINT32 /* the largest number of a change, of any forge */

/* A variable's value; NULL: it is not there, or empty. Borrowed. */
const char *rs_ci_variable(char **environment, const char *name);
/* *value becomes the variable's, when it is there. Errors RS_CI_CONTEXT_ERROR_ENVIRONMENT. */
gboolean rs_ci_take(char **environment, const char *name, const RsCiKind *kind, char **value,
                    GError **error);
gboolean rs_ci_take_number(char **environment, const char *name, gint64 *value, GError **error);

#endif
