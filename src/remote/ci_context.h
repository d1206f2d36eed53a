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
                                                GitLab the target project's id. NULL: not told */
    gint64 change;         /* number of the pull request, iid of the merge request; 0: not told, ask
                              changes_of_commit with head_sha */
    char *head_sha;        /* the change's head, or the pushed commit: what a comment speaks of */
    char *checked_out_sha; /* what the job has before it: often the merge of head into base */
    char *base_sha;        /* what it is to be compared with; NULL: not told, see base_ref */
    char *base_ref;        /* branch that the change goes to, or the default branch; NULL */
    char *head_repository; /* "owner/name", or a project's id; NULL: not told */
    gboolean is_fork;      /* the head is of another repository than the change */
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
} RsCiContext;

/* environment: NAME=VALUE, NULL-ended. token_variable: where to find the token on GitLab; NULL:
 * RUSTSCOPE_GITLAB_TOKEN. Without a known CI system, one with system RS_CI_NONE.
 * Errors G_FILE_ERROR (the event file), RS_CI_CONTEXT_ERROR_EVENT with its path: it is not what
 * the event promises. */
RsCiContext *rs_ci_context_new(char **environment, const char *token_variable, GError **error);
void rs_ci_context_free(RsCiContext *context);

#define RS_CI_CONTEXT_ERROR (rs_ci_context_error_quark())
GQuark rs_ci_context_error_quark(void);
typedef enum { RS_CI_CONTEXT_ERROR_EVENT } RsCiContextError;

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsCiContext, rs_ci_context_free)

#endif
