/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which CI system this runs in, for which change, and with whose rights: from its environment and,
 * on GitHub, from the payload of its event. Nothing is asked of a server here. The payload is
 * untrusted; so is every text in it. */
#ifndef RS_REMOTE_CI_CONTEXT_H
#define RS_REMOTE_CI_CONTEXT_H

#include <glib.h>

typedef enum { RS_CI_NONE, RS_CI_GITHUB, RS_CI_GITLAB } RsCiSystem;
extern const char *const rs_ci_system_names[]; /* "none", "github", "gitlab", NULL */

typedef struct {
    RsCiSystem system;
    char *event; /* GITHUB_EVENT_NAME, CI_PIPELINE_SOURCE; "" when there is none */
    char *api_url, *server_url, *repository; /* of where the change is reviewed: "owner/name"; on
                                                GitLab the target project's id, or its path where
                                                only that is known. NULL: not told */
    gint64 change;         /* number of the pull request, iid of the merge request; 0: not told, ask
                              changes_of_commit with head_sha. Of a merge group: its last one */
    char *head_sha;        /* the change's head, or the pushed commit: what a comment speaks of;
                              NULL: not told, ask get_change (issue_comment) */
    char *checked_out_sha; /* what the job has before it: often the merge of head into base */
    gboolean is_merge; /* checked_out_sha is that merge: what it is to be compared with is its first
                          parent, and base_sha only where that is not to be had (GitHub's may be
                          older than the parent, and the merge then has changes of others) */
    char *base_sha;    /* what it is to be compared with; NULL: not told, see base_ref */
    char *base_ref;    /* branch that the change goes to, or the default branch: compare with
                          where head left it. NULL: not told, or it is that branch that was
                          pushed: compare with the parent */
    char *head_repository;  /* "owner/name", or a project's id; NULL: not told */
    gboolean is_fork;       /* the head is of another repository than the change, or may be */
    gboolean is_privileged; /* an event that has the base's secrets whoever sent it: it must not run
                               code of the change (pull_request_target, workflow_run,
                               issue_comment, and a fork's pipeline run in the parent project) */
    gint64 run, attempt;  /* grow: GITHUB_RUN_NUMBER and _ATTEMPT, CI_PIPELINE_IID and CI_JOB_ID */
    gint64 measured_at_s; /* Unix time, by the server's clock, when the run began that measured for
                             a workflow_run; 0: not told */
    char *run_url;        /* of this run, for people; NULL */
    char *token, *token_name; /* its value and the variable it came from; NULL: there is none */
    gboolean token_is_job;    /* GitLab's CI_JOB_TOKEN, which may read and not write */
    char *ca_file;            /* CI_SERVER_TLS_CA_FILE; NULL */
    gboolean is_gitea;        /* Gitea or Forgejo, which speak like GitHub, without check runs */
} RsCiContext;

/* environment: NAME=VALUE, NULL-ended; best `environ` itself, for a copy is one more place with the
 * token in it. token_variable: where to find the token, there alone; NULL: INPUT_TOKEN or
 * GITHUB_TOKEN, on GitLab RUSTSCOPE_GITLAB_TOKEN. On GitLab without one, CI_JOB_TOKEN. The token of
 * the context is an rs_secret_new. Without a known CI system, one with system RS_CI_NONE.
 * Errors G_FILE_ERROR (the event file), RS_CI_CONTEXT_ERROR_EVENT with its path: it is not what
 * the event promises; RS_CI_CONTEXT_ERROR_ENVIRONMENT with the variable's name. */
RsCiContext *rs_ci_context_new(char **environment, const char *token_variable, GError **error);
void rs_ci_context_free(RsCiContext *context);

#define RS_CI_CONTEXT_ERROR (rs_ci_context_error_quark())
GQuark rs_ci_context_error_quark(void);
typedef enum { RS_CI_CONTEXT_ERROR_EVENT, RS_CI_CONTEXT_ERROR_ENVIRONMENT } RsCiContextError;

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsCiContext, rs_ci_context_free)

#endif
