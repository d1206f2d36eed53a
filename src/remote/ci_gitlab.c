/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Source: GitLab's documents on predefined variables and on merge request pipelines. */
#include "remote/ci_gitlab.h"

#include <string.h>

#include "remote/ci_value.h"

#define MAX_OPEN_CHANGES 16 /* of a branch; GitLab lists four */

gboolean rs_ci_is_gitlab(char **environment)
{
    return rs_ci_variable(environment, "GITLAB_CI") != NULL;
}

/* As rs_ci_take, of a variable that is all zeros when there is no such commit. */
static gboolean take_commit(char **environment, const char *name, char **sha, GError **error)
{
    const char *text = rs_ci_variable(environment, name);

    return (text && rs_ci_is_no_commit(text)) ||
           rs_ci_take(environment, name, &rs_ci_commit, sha, error);
}

/* The pipeline of a merge request. One of a fork's runs in the fork, with its rights, unless a
 * member of the parent project started it there: then the fork's code has the parent's variables.
 */
static gboolean take_merge_request(char **environment, RsCiContext *context, GError **error)
{
    const char *kind = rs_ci_variable(environment, "CI_MERGE_REQUEST_EVENT_TYPE");
    const char *own = rs_ci_variable(environment, "CI_PROJECT_ID");

    if (!rs_ci_take_number(environment, "CI_MERGE_REQUEST_IID", &context->change, error) ||
        !rs_ci_take(environment, "CI_MERGE_REQUEST_PROJECT_ID", &rs_ci_project,
                    &context->repository, error) ||
        !rs_ci_take(environment, "CI_MERGE_REQUEST_SOURCE_PROJECT_ID", &rs_ci_project,
                    &context->head_repository, error) ||
        !rs_ci_take(environment, "CI_MERGE_REQUEST_TARGET_BRANCH_NAME", &rs_ci_branch,
                    &context->base_ref, error))
        return FALSE;
    context->is_merge =
        g_strcmp0(kind, "merged_result") == 0 || g_strcmp0(kind, "merge_train") == 0;
    context->is_fork = g_strcmp0(context->head_repository, context->repository) != 0;
    context->is_privileged = context->is_fork && g_strcmp0(own, context->repository) == 0;
    if (!take_commit(environment, "CI_MERGE_REQUEST_DIFF_BASE_SHA", &context->base_sha, error))
        return FALSE;
    return !context->is_merge || (take_commit(environment, "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA",
                                              &context->head_sha, error) &&
                                  take_commit(environment, "CI_MERGE_REQUEST_TARGET_BRANCH_SHA",
                                              &context->base_sha, error));
}

/* Of the open merge requests of a branch: those of its own project, and those of another one, which
 * is upstream of it. */
typedef struct {
    gint64 here, there; /* number of the last one */
    guint n_here, n_there;
    char *project; /* of there */
} Open;

/* "group/project!333". FALSE: it is not such a text. */
static gboolean add_open(Open *open, const char *entry, const char *own_path)
{
    const char *mark = strrchr(entry, '!');
    g_autofree char *project = mark ? g_strndup(entry, (gsize)(mark - entry)) : NULL;
    gint64 number = mark ? rs_ci_number(mark + 1, RS_CI_MAX_CHANGE) : 0;

    if (!number || !rs_ci_project.is_one(project))
        return FALSE;
    if (g_strcmp0(project, own_path) == 0) {
        open->here = number;
        open->n_here++;
        return TRUE;
    }
    open->there = number;
    open->n_there++;
    g_free(open->project);
    open->project = g_steal_pointer(&project);
    return TRUE;
}

/* Several: which one is meant has to be asked. */
static void choose_open(Open *open, RsCiContext *context)
{
    if (open->n_here == 1) {
        context->change = open->here;
    } else if (open->n_here == 0 && open->n_there == 1) {
        context->change = open->there;
        context->is_fork = TRUE;
        g_free(context->repository);
        context->repository = g_steal_pointer(&open->project);
    }
}

static gboolean take_open_changes(char **environment, RsCiContext *context, GError **error)
{
    const char *list = rs_ci_variable(environment, "CI_OPEN_MERGE_REQUESTS");
    const char *own_path = rs_ci_variable(environment, "CI_PROJECT_PATH");
    g_auto(GStrv) entries = list ? g_strsplit(list, ",", MAX_OPEN_CHANGES + 1) : NULL;
    Open open = {0};
    gboolean ok = TRUE;

    for (char **entry = entries; ok && own_path && entry && *entry; entry++)
        ok = add_open(&open, g_strstrip(*entry), own_path);
    if (ok)
        choose_open(&open, context);
    else
        g_set_error(error, RS_CI_CONTEXT_ERROR, RS_CI_CONTEXT_ERROR_ENVIRONMENT,
                    "CI_OPEN_MERGE_REQUESTS is not a list of project!number");
    g_free(open.project);
    return ok;
}

/* A pull request on GitHub of a project that is mirrored to GitLab: to compare, not to post to. */
static gboolean take_external(char **environment, RsCiContext *context, GError **error)
{
    return rs_ci_take(environment, "CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME", &rs_ci_branch,
                      &context->base_ref, error) &&
           take_commit(environment, "CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_SHA",
                       &context->base_sha, error);
}

/* The pipeline of a branch, a tag, a schedule. With an open merge request it is held against the
 * branch that this goes to, which is not told here; the default branch is the best guess. */
static gboolean take_branch(char **environment, RsCiContext *context, GError **error)
{
    const char *branch = rs_ci_variable(environment, "CI_COMMIT_BRANCH");

    if (!rs_ci_take(environment, "CI_DEFAULT_BRANCH", &rs_ci_branch, &context->base_ref, error) ||
        !take_open_changes(environment, context, error) ||
        !take_external(environment, context, error))
        return FALSE;
    if (context->base_sha || rs_ci_variable(environment, "CI_OPEN_MERGE_REQUESTS"))
        return TRUE;
    if (context->base_ref && g_strcmp0(branch, context->base_ref) == 0)
        g_clear_pointer(&context->base_ref, g_free);
    return take_commit(environment, "CI_COMMIT_BEFORE_SHA", &context->base_sha, error);
}

gboolean rs_ci_gitlab_take(char **environment, RsCiContext *context, GError **error)
{
    const char *event = rs_ci_variable(environment, "CI_PIPELINE_SOURCE");
    const char *job_url = rs_ci_variable(environment, "CI_JOB_URL");
    gboolean is_change = rs_ci_variable(environment, "CI_MERGE_REQUEST_IID") != NULL;

    g_free(context->event);
    context->event = g_strdup(event ? event : "");
    context->ca_file = g_strdup(rs_ci_variable(environment, "CI_SERVER_TLS_CA_FILE"));
    if (!rs_ci_take(environment, "CI_API_V4_URL", &rs_ci_url, &context->api_url, error) ||
        !rs_ci_take(environment, "CI_SERVER_URL", &rs_ci_url, &context->server_url, error) ||
        !rs_ci_take(environment, "CI_PROJECT_ID", &rs_ci_project, &context->repository, error) ||
        !take_commit(environment, "CI_COMMIT_SHA", &context->checked_out_sha, error) ||
        !rs_ci_take_number(environment, "CI_PIPELINE_IID", &context->run, error) ||
        !rs_ci_take_number(environment, "CI_JOB_ID", &context->attempt, error))
        return FALSE;
    if (!is_change)
        context->head_repository = g_strdup(context->repository);
    if (is_change ? !take_merge_request(environment, context, error)
                  : !take_branch(environment, context, error))
        return FALSE;
    if (!context->head_sha)
        context->head_sha = g_strdup(context->checked_out_sha);
    if (job_url && rs_ci_url.is_one(job_url))
        context->run_url = rs_ci_url.clean(job_url);
    return TRUE;
}
