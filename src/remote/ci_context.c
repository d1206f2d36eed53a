/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "remote/ci_context.h"

#include <string.h>

#include "base/secrets.h"
#include "remote/ci_github.h"
#include "remote/ci_gitlab.h"
#include "remote/ci_value.h"

G_DEFINE_QUARK(rs - ci - context - error - quark, rs_ci_context_error)

const char *const rs_ci_system_names[] = {"none", "github", "gitlab", NULL};

/* The first of names that is set; blanks around it, as the end of a line of a stored secret, are
 * not its own. */
static gboolean take_token(char **environment, const char *const *names, RsCiContext *context,
                           GError **error)
{
    for (; *names; names++) {
        const char *text = rs_ci_variable(environment, *names);
        char *word;

        if (!text)
            continue;
        if (!rs_ci_token.is_one(text)) {
            g_set_error(error, RS_CI_CONTEXT_ERROR, RS_CI_CONTEXT_ERROR_ENVIRONMENT, "%s is not %s",
                        *names, rs_ci_token.what);
            return FALSE;
        }
        context->token_name = g_strdup(*names);
        context->token = rs_secret_new(text);
        word = context->token + strspn(context->token, " \t\r\n");
        memmove(context->token, word, strlen(word) + 1);
        g_strchomp(context->token);
        return TRUE;
    }
    return TRUE;
}

static gboolean take_github_token(char **environment, const char *variable, RsCiContext *context,
                                  GError **error)
{
    const char *const usual[] = {"INPUT_TOKEN", "GITHUB_TOKEN", NULL};
    const char *const named[] = {variable, NULL};

    return take_token(environment, variable ? named : usual, context, error);
}

static gboolean take_gitlab_token(char **environment, const char *variable, RsCiContext *context,
                                  GError **error)
{
    const char *const names[] = {variable ? variable : "RUSTSCOPE_GITLAB_TOKEN", "CI_JOB_TOKEN",
                                 NULL};

    if (!take_token(environment, names, context, error))
        return FALSE;
    context->token_is_job = context->token && g_str_equal(context->token_name, "CI_JOB_TOKEN");
    return TRUE;
}

static gboolean take(char **environment, const char *variable, RsCiContext *context, GError **error)
{
    if (rs_ci_is_github(environment)) {
        context->system = RS_CI_GITHUB;
        return rs_ci_github_take(environment, context, error) &&
               take_github_token(environment, variable, context, error);
    }
    if (rs_ci_is_gitlab(environment)) {
        context->system = RS_CI_GITLAB;
        return rs_ci_gitlab_take(environment, context, error) &&
               take_gitlab_token(environment, variable, context, error);
    }
    return TRUE;
}

RsCiContext *rs_ci_context_new(char **environment, const char *token_variable, GError **error)
{
    g_autoptr(RsCiContext) context = g_new0(RsCiContext, 1);

    context->event = g_strdup("");
    if (!take(environment, token_variable, context, error))
        return NULL;
    return g_steal_pointer(&context);
}

void rs_ci_context_free(RsCiContext *context)
{
    if (!context)
        return;
    g_free(context->event);
    g_free(context->api_url);
    g_free(context->server_url);
    g_free(context->repository);
    g_free(context->head_sha);
    g_free(context->checked_out_sha);
    g_free(context->base_sha);
    g_free(context->base_ref);
    g_free(context->head_repository);
    g_free(context->run_url);
    g_free(context->token_name);
    g_free(context->ca_file);
    rs_secret_free(context->token);
    g_free(context);
}
