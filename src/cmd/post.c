/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What posting knows of its job: the context, the forge, the number of the change. Each is looked
 * for when it is first needed, and what is missing is told once. */
#include "cmd/post.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/secrets.h"
#include "base/text.h"
#include "cmd/command.h"
#include "cmd/post_state.h"
#include "cmd/runner_commands.h"
#include "remote/dry_run.h"
#include "report/escape.h"

#define MESSAGE_CHARS 2000

/* --- telling --- */

static void tell(const RsPost *post, const char *level, const char *message)
{
    g_autofree char *cut = rs_escape_lines(message, MESSAGE_CHARS);
    g_autofree char *safe = rs_escape_github_data(cut);

    if (post->context->system == RS_CI_GITHUB && g_str_equal(level, "warning"))
        rs_runner_warning("rustscope", message);
    else if (post->context->system == RS_CI_GITHUB)
        fprintf(stderr, "::%s title=rustscope::%s\n", level, safe);
    else if (g_str_equal(level, "warning"))
        rs_warn("%s", cut);
    else
        rs_complain(0, "%s", cut);
}

void rs_post_warn(const RsPost *post, const char *format, ...)
{
    g_autofree char *message = NULL;
    va_list arguments;

    va_start(arguments, format);
    message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    tell(post, "warning", message);
}

void rs_post_notice(const RsPost *post, const char *format, ...)
{
    g_autofree char *message = NULL;
    va_list arguments;

    va_start(arguments, format);
    message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    tell(post, "notice", message);
}

void rs_post_warn_of(RsPost *post, RsPostTask task, const GError *error)
{
    static const char *const what[] = {
        [RS_POST_READ] = "the change could not be read",
        [RS_POST_LABEL] = "the acceptance label could not be read",
        [RS_POST_COMMENT] = "the comment could not be written",
        [RS_POST_THREAD] = "the thread could not be written",
        [RS_POST_CHECK] = "the check run could not be written",
        [RS_POST_STATUS] = "the commit status could not be written",
    };
    g_autofree char *advice = rs_post_advice(post->context->system, task, error);

    rs_post_warn(post, "%s: %s%s%s", what[task], error->message, advice ? "; " : "",
                 advice ? advice : "");
    if (post->context->system != RS_CI_GITHUB || !post->context->is_fork ||
        post->context->is_privileged || post->is_told_stages ||
        !g_error_matches(error, RS_HTTP_ERROR, RS_HTTP_ERROR_REFUSED))
        return;
    rs_post_notice(post, "%s", rs_post_two_stages);
    post->is_told_stages = TRUE;
}

/* Why there is nothing to post to, the first time. */
static void tell_once(RsPost *post, const char *message)
{
    if (!post->is_told)
        rs_post_warn(post, "nothing is posted: %s", message);
    post->is_told = TRUE;
}

static void on_dry_run(const char *method, const char *url, const char *body, gpointer data)
{
    g_autofree char *text = rs_dry_run_text(method, url, body);

    fputs(text, stdout); /* main checks the stream when it flushes */
}

static void on_wait(const char *why, double seconds, gpointer data)
{
    rs_complain(0, "waiting %.0f s: %s", seconds, why);
}

/* --- the forge --- */

static gboolean has_token(const RsPost *post)
{
    const RsCiContext *context = post->context;

    return context->token && *context->token && !context->token_is_job;
}

RsForge *rs_post_connect(const RsPost *post, double budget_s, GError **error)
{
    RsForgeOptions options = {
        .api_url = post->api_url,
        .token = has_token(post) ? post->context->token : NULL,
        .repository = post->context->repository,
        .http = {.ca_file = post->ca_file,
                 .budget_s = budget_s,
                 .write_gap_s = -1,
                 .dry_run = post->opts->dry_run,
                 .on_dry_run = on_dry_run,
                 .on_wait = on_wait},
    };

    return rs_forge_new(post->row, &options, error);
}

gboolean rs_post_can_connect(RsPost *post)
{
    const char *variable = post->opts->token_variable;
    g_autofree char *advice = NULL;

    if (!post->row) {
        tell_once(post, "this is no job of GitHub Actions or GitLab CI");
        return FALSE;
    }
    if (!post->api_url || !post->context->repository) {
        tell_once(post, "the environment does not tell the server and the repository");
        return FALSE;
    }
    if (has_token(post) || post->opts->dry_run)
        return TRUE;
    advice = rs_post_token_advice(post->context, variable && *variable ? variable : NULL);
    tell_once(post, advice);
    return FALSE;
}

RsForge *rs_post_forge(RsPost *post)
{
    g_autoptr(GError) error = NULL;

    if (post->forge || post->is_told || !rs_post_can_connect(post))
        return post->forge;
    post->forge = rs_post_connect(post, post->opts->budget_s, &error);
    if (!post->forge)
        tell_once(post, error->message);
    return post->forge;
}

/* --- the change --- */

static gint64 ask_change(RsPost *post, RsForge *forge)
{
    const char *sha = post->context->head_sha;
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) numbers =
        sha && !post->is_offline ? forge->row->changes_of_commit(forge, sha, &error) : NULL;

    post->has_asked_in_vain = error != NULL;
    if (error)
        rs_post_warn_of(post, RS_POST_READ, error);
    else if (!numbers || numbers->len == 0)
        rs_post_notice(post, "no comment: there is no open %s for this commit (--pr-number)",
                       post->row->change_word);
    else if (numbers->len > 1)
        rs_post_notice(post,
                       "no comment: this commit is the head of %u open %ss, and it is not told "
                       "which is meant (--pr-number)",
                       numbers->len, post->row->change_word);
    return numbers && numbers->len == 1 ? g_array_index(numbers, gint64, 0) : 0;
}

gint64 rs_post_change(RsPost *post)
{
    RsForge *forge;

    if (post->change || post->has_asked_change)
        return post->change;
    forge = rs_post_forge(post);
    if (!forge)
        return 0;
    post->has_asked_change = TRUE;
    post->change = ask_change(post, forge);
    return post->change;
}

const char *rs_post_run_url(const RsPost *post)
{
    return post->opts->run_url ? post->opts->run_url : post->context->run_url;
}

/* --- life cycle --- */

RsPost *rs_post_new(const RsPostOpts *opts, GError **error)
{
    static const RsForgeRow *const rows[] = {
        [RS_CI_NONE] = NULL, [RS_CI_GITHUB] = &rs_forge_github, [RS_CI_GITLAB] = &rs_forge_gitlab};
    const char *variable = opts->token_variable;
    g_autoptr(RsPost) post = NULL;

    rs_secrets_harden();
    if (!rs_post_opts_check(opts, error))
        return NULL;
    post = g_new0(RsPost, 1);
    post->opts = opts;
    post->context = rs_ci_context_new(environ, variable && *variable ? variable : NULL, error);
    if (!post->context)
        return NULL;
    if (post->context->token_name)
        rs_secrets_forget(post->context->token_name);
    post->row = rows[post->context->system];
    post->ca_file = opts->ca_file && *opts->ca_file ? opts->ca_file : post->context->ca_file;
    post->change = opts->change > 0 ? opts->change : MAX(post->context->change, 0);
    if (post->row && !rs_post_choose_api(post, error))
        return NULL;
    post->is_offline = opts->dry_run && !has_token(post);
    return g_steal_pointer(&post);
}

void rs_post_free(RsPost *post)
{
    if (!post)
        return;
    rs_post_cancel_check(post);
    rs_forge_free(post->forge);
    rs_ci_context_free(post->context);
    g_free(post->api_url);
    g_free(post->note);
    g_free(post->comment_url);
    g_free(post);
}

const RsCiContext *rs_post_context(const RsPost *post)
{
    return post->context;
}

char *rs_post_why_not_run(const RsPost *post)
{
    return post->context->is_privileged ? rs_post_not_run(post->context) : NULL;
}

gint64 rs_post_comment_id(const RsPost *post)
{
    return post->comment_id;
}

const char *rs_post_comment_url(const RsPost *post)
{
    return post->comment_url;
}
