/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GitHub Actions, and Gitea's and Forgejo's, which set the same variables. Source: GitHub's
 * documents on default environment variables. */
#include "remote/ci_github.h"

#include <string.h>

#include "base/file.h"
#include "remote/ci_event.h"
#include "remote/ci_value.h"

gboolean rs_ci_is_github(char **environment)
{
    return g_strcmp0(rs_ci_variable(environment, "GITHUB_ACTIONS"), "true") == 0;
}

static gboolean take_payload(char **environment, RsCiContext *context, GError **error)
{
    const char *path = rs_ci_variable(environment, "GITHUB_EVENT_PATH");
    gboolean needed = rs_ci_event_needs_payload(context->event);
    g_autofree char *payload = NULL;
    g_autoptr(GError) failure = NULL;
    gsize n_bytes;

    if (!path && needed)
        g_set_error(error, RS_CI_CONTEXT_ERROR, RS_CI_CONTEXT_ERROR_ENVIRONMENT,
                    "GITHUB_EVENT_PATH is not set, and of which change this is about is only told "
                    "in the file that it names (event %s)",
                    context->event);
    if (!path)
        return !needed;
    payload = (char *)rs_file_read(path, RS_CI_EVENT_MAX_BYTES, &n_bytes, &failure);
    if (!payload) {
        /* A container that got the variables and not the file. */
        if (!needed && g_error_matches(failure, G_FILE_ERROR, G_FILE_ERROR_NOENT))
            return TRUE;
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    if (rs_ci_event_read(payload, n_bytes, context, error))
        return TRUE;
    g_prefix_error(error, "%s: event %s: ", path, context->event);
    return FALSE;
}

/* refs/pull/7/merge: what was checked out is the merge. Gitea's jobs have refs/pull/7/head. */
static gboolean is_merge_ref(const char *ref)
{
    return ref && g_str_has_prefix(ref, "refs/pull/") && g_str_has_suffix(ref, "/merge");
}

static void take_run_url(char **environment, RsCiContext *context)
{
    const char *id = rs_ci_variable(environment, "GITHUB_RUN_ID");
    gint64 number = id ? rs_ci_number(id, G_MAXINT64) : 0;

    if (context->is_gitea) /* which has its runs by number */
        number = context->run;
    if (!context->server_url || !context->repository || !number)
        return;
    context->run_url = g_strdup_printf("%s/%s/actions/runs/%" G_GINT64_FORMAT, context->server_url,
                                       context->repository, number);
    if (!context->is_gitea && context->attempt > 1) {
        g_autofree char *first = g_steal_pointer(&context->run_url);

        context->run_url =
            g_strdup_printf("%s/attempts/%" G_GINT64_FORMAT, first, context->attempt);
    }
}

static void complete(char **environment, RsCiContext *context)
{
    const char *ref = rs_ci_variable(environment, "GITHUB_REF");
    const char *prefix = "refs/heads/";

    context->is_privileged = rs_ci_event_is_privileged(context->event);
    context->is_merge = context->change && !context->is_privileged && is_merge_ref(ref);
    if (!context->head_sha && !context->change)
        context->head_sha = g_strdup(context->checked_out_sha);
    if (!context->head_repository && !context->is_fork)
        context->head_repository = g_strdup(context->repository);
    if (!context->change && context->base_ref && ref && g_str_has_prefix(ref, prefix) &&
        g_str_equal(ref + strlen(prefix), context->base_ref))
        g_clear_pointer(&context->base_ref, g_free);
    take_run_url(environment, context);
}

gboolean rs_ci_github_take(char **environment, RsCiContext *context, GError **error)
{
    const char *event = rs_ci_variable(environment, "GITHUB_EVENT_NAME");

    g_free(context->event);
    context->event = g_strdup(event ? event : "");
    context->is_gitea = rs_ci_variable(environment, "GITEA_ACTIONS") != NULL ||
                        rs_ci_variable(environment, "FORGEJO_ACTIONS") != NULL;
    if (!rs_ci_take(environment, "GITHUB_API_URL", &rs_ci_url, &context->api_url, error) ||
        !rs_ci_take(environment, "GITHUB_SERVER_URL", &rs_ci_url, &context->server_url, error) ||
        !rs_ci_take(environment, "GITHUB_REPOSITORY", &rs_ci_repository, &context->repository,
                    error) ||
        !rs_ci_take(environment, "GITHUB_SHA", &rs_ci_commit, &context->checked_out_sha, error) ||
        !rs_ci_take_number(environment, "GITHUB_RUN_NUMBER", &context->run, error) ||
        !rs_ci_take_number(environment, "GITHUB_RUN_ATTEMPT", &context->attempt, error) ||
        !take_payload(environment, context, error))
        return FALSE;
    complete(environment, context);
    return TRUE;
}
