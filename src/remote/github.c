/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GitHub's REST API, version 2022-11-28, and what Gitea and Forgejo have of it.
 * Source: GitHub's OpenAPI description: issues/comments, pulls/get, repos/commit statuses. */
#include <string.h>

#include "remote/forge_label.h"
#include "remote/forge_list.h"
#include "remote/github_check.h"
#include "remote/rest.h"

#define ANY_APP "[bot]" /* the end of its login, which no person can have */

static const char *login_of(const json_t *object, const char *key)
{
    return rs_rest_text(json_object_get(object, key), "login");
}

/* A token of an app, such as a job's own, cannot ask who it is. */
static gboolean know_user(RsForge *forge, GError **error)
{
    g_autoptr(GError) problem = NULL;
    json_t *user;

    if (forge->user)
        return TRUE;
    user = rs_rest_send(forge->http, "GET", "/user", NULL, &problem);
    if (user && rs_rest_text(user, "login")) {
        forge->user = g_strdup(rs_rest_text(user, "login"));
    } else if (g_error_matches(problem, RS_HTTP_ERROR, RS_HTTP_ERROR_REFUSED)) {
        forge->user = g_strdup(ANY_APP);
        forge->user_is_app = TRUE;
    } else if (problem) {
        g_propagate_error(error, g_steal_pointer(&problem));
    } else {
        rs_rest_lacks("the user's login", error);
    }
    json_decref(user);
    return forge->user != NULL;
}

/* Of an app that cannot say which it is any app's comment counts, as the marker tells the gates
 * apart: people cannot write as apps, and an app's own token is told so when it may not change one.
 */
static gboolean is_ours(const RsForge *forge, const json_t *comment)
{
    const json_t *user = json_object_get(comment, "user");
    const char *login = rs_rest_text(user, "login");

    if (!login)
        return FALSE;
    if (forge->user_is_app)
        return g_str_has_suffix(login, forge->user) &&
               g_strcmp0(rs_rest_text(user, "type"), "Bot") == 0;
    return g_str_equal(login, forge->user);
}

/* What goes into logs and outputs as a link has to be one. */
static gboolean is_link(const char *text)
{
    for (const char *at = text; text && *at; at++)
        if (*at <= ' ' || *at >= 0x7F)
            return FALSE;
    return text && (g_str_has_prefix(text, "https://") || g_str_has_prefix(text, "http://"));
}

static RsComment *comment_of(const RsForge *forge, const json_t *object)
{
    const char *url = rs_rest_text(object, "html_url");
    RsComment *comment;

    if (rs_rest_int(object, "id") < 0)
        return NULL;
    comment = g_new0(RsComment, 1);
    comment->id = rs_rest_int(object, "id");
    comment->body = g_strdup(rs_rest_text(object, "body") ? rs_rest_text(object, "body") : "");
    comment->url = is_link(url) ? g_strdup(url) : NULL;
    comment->is_ours = forge->user && is_ours(forge, object);
    return comment;
}

static GPtrArray *list_comments(RsForge *forge, gint64 number, GError **error)
{
    g_autofree char *path = g_strdup_printf("%s/issues/%" G_GINT64_FORMAT "/comments?per_page=100",
                                            forge->project, number);

    return know_user(forge, error) ? rs_forge_list_comments(forge, path, comment_of, error) : NULL;
}

static RsComment *create_comment(RsForge *forge, gint64 number, const char *body, GError **error)
{
    g_autofree char *path =
        g_strdup_printf("%s/issues/%" G_GINT64_FORMAT "/comments", forge->project, number);
    json_t *request = json_pack("{s:s}", "body", body);
    json_t *answer = rs_rest_send(forge->http, "POST", path, request, error);

    json_decref(request);
    return rs_forge_written_comment(forge, answer, comment_of, error);
}

static gboolean change_comment(RsForge *forge, const char *method, gint64 id, json_t *request,
                               GError **error)
{
    g_autofree char *path =
        g_strdup_printf("%s/issues/comments/%" G_GINT64_FORMAT, forge->project, id);
    json_t *answer = rs_rest_send(forge->http, method, path, request, error);

    json_decref(answer);
    return answer != NULL;
}

static gboolean update_comment(RsForge *forge, gint64 number, gint64 id, const char *body,
                               GError **error)
{
    json_t *request = json_pack("{s:s}", "body", body);
    gboolean ok = change_comment(forge, "PATCH", id, request, error);

    json_decref(request);
    return ok;
}

static gboolean delete_comment(RsForge *forge, gint64 number, gint64 id, GError **error)
{
    return change_comment(forge, "DELETE", id, NULL, error);
}

static gboolean get_change(RsForge *forge, gint64 number, RsChange *change, GError **error)
{
    g_autofree char *path = g_strdup_printf("%s/pulls/%" G_GINT64_FORMAT, forge->project, number);
    json_t *pull = rs_rest_send(forge->http, "GET", path, NULL, error), *head, *label;
    gboolean ok;
    size_t i;

    *change = (RsChange){0};
    if (!pull)
        return FALSE;
    head = json_object_get(pull, "head");
    change->head_sha = g_strdup(rs_rest_text(head, "sha"));
    change->head_repository = g_strdup(rs_rest_text(json_object_get(head, "repo"), "full_name"));
    change->title = g_strdup(rs_rest_text(pull, "title"));
    change->author = g_strdup(login_of(pull, "user"));
    change->is_open = g_strcmp0(rs_rest_text(pull, "state"), "open") == 0;
    change->labels = g_ptr_array_new_with_free_func(g_free);
    json_array_foreach(json_object_get(pull, "labels"), i, label)
    {
        if (rs_rest_text(label, "name"))
            g_ptr_array_add(change->labels, g_strdup(rs_rest_text(label, "name")));
    }
    ok = change->head_sha != NULL;
    if (!ok)
        rs_rest_lacks("head.sha", error);
    json_decref(pull);
    return ok;
}

static gboolean set_status(RsForge *forge, const char *sha, RsCommitStatus status,
                           const char *context, const char *description, const char *target_url,
                           GError **error)
{
    static const char *const words[] = {"pending", "success", "failure", "error"};
    g_autofree char *commit = rs_http_escape(sha);
    g_autofree char *path = g_strdup_printf("%s/statuses/%s", forge->project, commit);
    json_t *request = json_pack("{s:s, s:s, s:s, s:s*}", "state", words[status], "context", context,
                                "description", description, "target_url", target_url);
    json_t *answer = rs_rest_send(forge->http, "POST", path, request, error);

    json_decref(request);
    json_decref(answer);
    return answer != NULL;
}

static GArray *changes_of_commit(RsForge *forge, const char *sha, GError **error)
{
    g_autofree char *commit = rs_http_escape(sha);
    g_autofree char *path =
        g_strdup_printf("%s/commits/%s/pulls?per_page=100", forge->project, commit);
    json_t *list = rs_rest_list(forge->http, path, error), *pull;
    GArray *numbers;
    size_t i;

    if (!list)
        return NULL;
    numbers = g_array_new(FALSE, FALSE, sizeof(gint64));
    json_array_foreach(list, i, pull)
    {
        gint64 number = rs_rest_int(pull, "number");

        if (number > 0 && g_strcmp0(rs_rest_text(pull, "state"), "open") == 0 &&
            g_strcmp0(rs_rest_text(json_object_get(pull, "head"), "sha"), sha) == 0)
            g_array_append_val(numbers, number);
    }
    json_decref(list);
    return numbers;
}

/* "Bug" and "bug" are one label. */
static gboolean is_same_label(const char *name, const char *other)
{
    g_autofree char *folded = g_utf8_validate(name, -1, NULL) ? g_utf8_casefold(name, -1) : NULL;
    g_autofree char *other_folded =
        g_utf8_validate(other, -1, NULL) ? g_utf8_casefold(other, -1) : NULL;

    return folded && other_folded && g_str_equal(folded, other_folded);
}

static RsLabelEvent label_event_of(const json_t *object)
{
    const char *what = rs_rest_text(object, "event");

    if (g_strcmp0(what, "labeled") != 0 && g_strcmp0(what, "unlabeled") != 0)
        return (RsLabelEvent){0};
    return (RsLabelEvent){
        .id = rs_rest_int(object, "id"),
        .label = rs_rest_text(json_object_get(object, "label"), "name"),
        .by = login_of(object, "actor"),
        .at = rs_rest_text(object, "created_at"),
        .is_set = g_str_equal(what, "labeled"),
    };
}

static gboolean get_label(RsForge *forge, gint64 number, const char *name, RsLabelSet *label,
                          GError **error)
{
    static const RsLabelRules rules = {is_same_label, label_event_of};
    g_autofree char *path = g_strdup_printf("%s/issues/%" G_GINT64_FORMAT "/events?per_page=100",
                                            forge->project, number);

    return rs_forge_get_label(forge, number, path, name, &rules, label, error);
}

const RsForgeRow rs_forge_github = {
    .name = "github",
    .change_word = "pull request",
    .comment_limit_bytes = 60000, /* of 65,536 characters */
    .get_change = get_change,
    .list_comments = list_comments,
    .create_comment = create_comment,
    .update_comment = update_comment,
    .delete_comment = delete_comment,
    .set_status = set_status,
    .changes_of_commit = changes_of_commit,
    .get_label = get_label,
    .put_check_run = rs_github_put_check_run,
};
