/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether the options can be, and where the token may go. */
#include <string.h>

#include "base/child_env.h"
#include "base/text.h"
#include "cmd/post_state.h"
#include "remote/marker.h"

#define MAX_NAME_BYTES 100

const char *const rs_comment_words[] = {"auto", "always", "on-regression", "never", NULL};

static gboolean bad(GError **error, const char *message)
{
    g_set_error_literal(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, message);
    return FALSE;
}

/* Of one line, and short enough for where it is shown. */
static gboolean is_name(const char *text)
{
    gsize n = strlen(text);

    for (const char *at = text; *at; at++)
        if (g_ascii_iscntrl(*at))
            return FALSE;
    return n <= MAX_NAME_BYTES && g_utf8_validate(text, (gssize)n, NULL);
}

static gboolean is_variable(const char *name)
{
    if (!g_ascii_isalpha(*name) && *name != '_')
        return FALSE;
    for (const char *at = name; *at; at++)
        if (!g_ascii_isalnum(*at) && *at != '_')
            return FALSE;
    return !rs_child_env_is_secret("NAME", name); /* the token in place of its variable */
}

/* Within the repository, as git names it. */
static gboolean is_repository_path(const char *path)
{
    return *path != '-' && is_name(path) && rs_text_is_path_down(path);
}

gboolean rs_post_opts_check(const RsPostOpts *opts, GError **error)
{
    if (!rs_marker_key_is_valid(opts->comment_key))
        return bad(error, "--comment-key: expected 1 to 64 of A-Z, a-z, 0-9, '.', '_' and '-', "
                          "without '--'");
    if (!*opts->check_name || !is_name(opts->check_name))
        return bad(error, "--check-name: expected a name of at most 100 characters");
    if (!is_name(opts->accept_label) || strchr(opts->accept_label, ','))
        return bad(error, "--accept-label: expected a label of at most 100 characters, without a "
                          "comma");
    if (opts->accept_file && *opts->accept_file && !is_repository_path(opts->accept_file))
        return bad(error, "--accept-file: expected a path from the top of the repository, such as "
                          "perf/accepted.txt");
    if (opts->token_variable && *opts->token_variable && !is_variable(opts->token_variable))
        return bad(error, "--token-variable: expected the name of an environment variable (never "
                          "the token itself)");
    if (opts->change == 0)
        return bad(error, "--pr-number: expected a number from 1 on");
    if (!(opts->budget_s > 0))
        return bad(error, "--post-timeout: expected a time above 0");
    return TRUE;
}

static gboolean is_loopback(const char *url)
{
    g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_NONE, NULL);
    const char *host = uri ? g_uri_get_host(uri) : NULL;

    return host && (g_str_equal(host, "localhost") || g_str_equal(host, "127.0.0.1") ||
                    g_str_equal(host, "::1"));
}

gboolean rs_post_choose_api(RsPost *post, GError **error)
{
    const char *asked = post->opts->api_url, *told = post->context->api_url;

    if (!asked || !*asked) {
        post->api_url = g_strdup(told);
        return TRUE;
    }
    if (!g_str_has_prefix(asked, "https://") &&
        !(g_str_has_prefix(asked, "http://") && is_loopback(asked)))
        return bad(error, "--api-url: it has to begin with https://");
    if (!post->opts->allow_api_url && !(told && rs_post_is_same_origin(asked, told))) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                    "--api-url: the token of this job is for %s and is not sent elsewhere "
                    "(--allow-api-url sends it)",
                    told ? told : "a server that is not told");
        return FALSE;
    }
    post->api_url = g_strdup(asked);
    return TRUE;
}
