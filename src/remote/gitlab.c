/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GitLab's REST API v4. A job's own token may read notes and write none: a project or group access
 * token is needed.
 * Source: GitLab documentation: notes, discussions, merge requests, resource label events and
 * commits API. */
#include <string.h>

#include "remote/forge_label.h"
#include "remote/forge_list.h"
#include "remote/rest.h"

static gboolean know_user(RsForge *forge, GError **error)
{
    json_t *user = forge->user ? NULL : rs_rest_send(forge->http, "GET", "/user", NULL, error);

    if (forge->user)
        return TRUE;
    if (user && rs_rest_int(user, "id") >= 0)
        forge->user = g_strdup_printf("%" G_GINT64_FORMAT, rs_rest_int(user, "id"));
    else if (user)
        rs_rest_lacks("the user's id", error);
    else
        g_prefix_error(error, "the token cannot say whose it is (a CI_JOB_TOKEN cannot, and cannot "
                              "write notes): ");
    json_decref(user);
    return forge->user != NULL;
}

static char *notes_path(const RsForge *forge, gint64 number, const char *rest)
{
    return g_strdup_printf("%s/merge_requests/%" G_GINT64_FORMAT "/notes%s", forge->project, number,
                           rest);
}

static gboolean is_by_us(const RsForge *forge, const json_t *user)
{
    g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, rs_rest_int(user, "id"));

    return g_strcmp0(id, forge->user) == 0;
}

static RsComment *comment_of(const RsForge *forge, const json_t *note)
{
    RsComment *comment;

    if (rs_rest_int(note, "id") < 0 || json_is_true(json_object_get(note, "system")))
        return NULL;
    comment = g_new0(RsComment, 1);
    comment->id = rs_rest_int(note, "id");
    comment->body = g_strdup(rs_rest_text(note, "body") ? rs_rest_text(note, "body") : "");
    comment->is_ours = is_by_us(forge, json_object_get(note, "author"));
    return comment;
}

static GPtrArray *list_comments(RsForge *forge, gint64 number, GError **error)
{
    g_autofree char *path = notes_path(forge, number, "?sort=asc&order_by=created_at&per_page=100");

    return know_user(forge, error) ? rs_forge_list_comments(forge, path, comment_of, error) : NULL;
}

static json_t *write_note(RsForge *forge, const char *method, const char *path, const char *body,
                          GError **error)
{
    json_t *request = body ? json_pack("{s:s}", "body", body) : NULL;
    json_t *answer = rs_rest_send(forge->http, method, path, request, error);

    json_decref(request);
    return answer;
}

static RsComment *create_comment(RsForge *forge, gint64 number, const char *body, GError **error)
{
    g_autofree char *path = notes_path(forge, number, "");

    return rs_forge_written_comment(forge, write_note(forge, "POST", path, body, error), comment_of,
                                    error);
}

static gboolean change_note(RsForge *forge, const char *method, gint64 number, gint64 id,
                            const char *body, GError **error)
{
    g_autofree char *rest = g_strdup_printf("/%" G_GINT64_FORMAT, id);
    g_autofree char *path = notes_path(forge, number, rest);
    json_t *answer = write_note(forge, method, path, body, error);

    json_decref(answer);
    return answer != NULL;
}

static gboolean update_comment(RsForge *forge, gint64 number, gint64 id, const char *body,
                               GError **error)
{
    return change_note(forge, "PUT", number, id, body, error);
}

static gboolean delete_comment(RsForge *forge, gint64 number, gint64 id, GError **error)
{
    return change_note(forge, "DELETE", number, id, NULL, error);
}

/* --- threads --- */

/* Resolved when all of its notes are that can be; the last one tells by whom. */
static void take_resolved(const RsForge *forge, const json_t *notes, RsThread *thread)
{
    const json_t *note;
    size_t i;

    thread->is_resolved = TRUE;
    json_array_foreach(notes, i, note)
    {
        if (!json_is_true(json_object_get(note, "resolvable")))
            continue;
        if (!json_is_true(json_object_get(note, "resolved")))
            thread->is_resolved = FALSE;
        thread->is_resolved_by_us = is_by_us(forge, json_object_get(note, "resolved_by"));
    }
    thread->is_resolved_by_us = thread->is_resolved && thread->is_resolved_by_us;
}

static RsThread *thread_of(const RsForge *forge, const json_t *discussion)
{
    const json_t *notes = json_object_get(discussion, "notes"), *first = json_array_get(notes, 0);
    RsThread *thread;
    RsComment *comment;

    if (!rs_rest_text(discussion, "id") || !json_is_true(json_object_get(first, "resolvable")))
        return NULL;
    comment = comment_of(forge, first);
    if (!comment)
        return NULL;
    thread = g_new0(RsThread, 1);
    thread->id = g_strdup(rs_rest_text(discussion, "id"));
    thread->comment = comment;
    take_resolved(forge, notes, thread);
    return thread;
}

static char *discussions_path(const RsForge *forge, gint64 number, const char *rest)
{
    return g_strdup_printf("%s/merge_requests/%" G_GINT64_FORMAT "/discussions%s", forge->project,
                           number, rest);
}

static int compare_threads(gconstpointer a, gconstpointer b)
{
    const RsThread *one = *(RsThread *const *)a, *other = *(RsThread *const *)b;

    return (one->comment->id > other->comment->id) - (one->comment->id < other->comment->id);
}

static GPtrArray *list_threads(RsForge *forge, gint64 number, GError **error)
{
    g_autofree char *path = discussions_path(forge, number, "?per_page=100");
    json_t *list = know_user(forge, error) ? rs_rest_list(forge->http, path, error) : NULL, *object;
    GPtrArray *threads;
    size_t i;

    if (!list)
        return NULL;
    threads = g_ptr_array_new_with_free_func((GDestroyNotify)rs_thread_free);
    json_array_foreach(list, i, object)
    {
        RsThread *thread = thread_of(forge, object);

        if (thread && thread->comment->is_ours)
            g_ptr_array_add(threads, thread);
        else
            rs_thread_free(thread);
    }
    g_ptr_array_sort(threads, compare_threads);
    json_decref(list);
    return threads;
}

static RsThread *create_thread(RsForge *forge, gint64 number, const char *body, GError **error)
{
    g_autofree char *path = discussions_path(forge, number, "");
    json_t *answer = write_note(forge, "POST", path, body, error);
    RsThread *thread = answer ? thread_of(forge, answer) : NULL;

    if (answer && !thread && rs_http_is_dry_run(forge->http)) {
        thread = g_new0(RsThread, 1);
        thread->comment = g_new0(RsComment, 1);
    } else if (answer && !thread) {
        rs_rest_lacks_id(error);
    }
    json_decref(answer);
    return thread;
}

static gboolean resolve_thread(RsForge *forge, gint64 number, const char *id, gboolean is_resolved,
                               GError **error)
{
    g_autofree char *part = rs_http_escape(id), *rest = g_strconcat("/", part, NULL);
    g_autofree char *path = discussions_path(forge, number, rest);
    json_t *request = json_pack("{s:b}", "resolved", is_resolved);
    json_t *answer = rs_rest_send(forge->http, "PUT", path, request, error);

    json_decref(request);
    json_decref(answer);
    return answer != NULL;
}

/* --- merge requests and commits --- */

static gboolean get_change(RsForge *forge, gint64 number, RsChange *change, GError **error)
{
    g_autofree char *path =
        g_strdup_printf("%s/merge_requests/%" G_GINT64_FORMAT, forge->project, number);
    json_t *request = rs_rest_send(forge->http, "GET", path, NULL, error), *label;
    gboolean ok;
    size_t i;

    *change = (RsChange){0};
    if (!request)
        return FALSE;
    change->head_sha = g_strdup(rs_rest_text(request, "sha"));
    if (rs_rest_int(request, "source_project_id") >= 0)
        change->head_repository =
            g_strdup_printf("%" G_GINT64_FORMAT, rs_rest_int(request, "source_project_id"));
    change->title = g_strdup(rs_rest_text(request, "title"));
    change->author = g_strdup(rs_rest_text(json_object_get(request, "author"), "username"));
    change->is_open = g_strcmp0(rs_rest_text(request, "state"), "opened") == 0;
    change->labels = g_ptr_array_new_with_free_func(g_free);
    json_array_foreach(json_object_get(request, "labels"), i, label)
    {
        if (json_is_string(label))
            g_ptr_array_add(change->labels, g_strdup(json_string_value(label)));
    }
    ok = change->head_sha != NULL;
    if (!ok)
        rs_rest_lacks("sha", error);
    json_decref(request);
    return ok;
}

static gboolean set_status(RsForge *forge, const char *sha, RsCommitStatus status,
                           const char *context, const char *description, const char *target_url,
                           GError **error)
{
    static const char *const words[] = {"pending", "success", "failed", "failed"};
    g_autofree char *commit = rs_http_escape(sha);
    g_autofree char *path = g_strdup_printf("%s/statuses/%s", forge->project, commit);
    g_autoptr(GError) problem = NULL;
    json_t *request = json_pack("{s:s, s:s, s:s, s:s*}", "state", words[status], "name", context,
                                "description", description, "target_url", target_url);
    json_t *answer = rs_rest_send(forge->http, "POST", path, request, &problem);
    gboolean ok = answer != NULL;

    json_decref(request);
    json_decref(answer);
    /* A repeat of what is there already is refused as a transition. */
    if (problem && strstr(problem->message, "Cannot transition status"))
        return TRUE;
    if (problem)
        g_propagate_error(error, g_steal_pointer(&problem));
    return ok;
}

static GArray *changes_of_commit(RsForge *forge, const char *sha, GError **error)
{
    g_autofree char *commit = rs_http_escape(sha);
    g_autofree char *path = g_strdup_printf("%s/repository/commits/%s/merge_requests?per_page=100",
                                            forge->project, commit);
    json_t *list = rs_rest_list(forge->http, path, error), *request;
    GArray *numbers;
    size_t i;

    if (!list)
        return NULL;
    numbers = g_array_new(FALSE, FALSE, sizeof(gint64));
    json_array_foreach(list, i, request)
    {
        gint64 number = rs_rest_int(request, "iid");

        if (number > 0 && g_strcmp0(rs_rest_text(request, "state"), "opened") == 0 &&
            g_strcmp0(rs_rest_text(request, "sha"), sha) == 0)
            g_array_append_val(numbers, number);
    }
    json_decref(list);
    return numbers;
}

/* "Bug" and "bug" are two labels. */
static gboolean is_same_label(const char *name, const char *other)
{
    return g_str_equal(name, other);
}

static RsLabelEvent label_event_of(const json_t *object)
{
    return (RsLabelEvent){
        .id = rs_rest_int(object, "id"),
        .label = rs_rest_text(json_object_get(object, "label"), "name"),
        .by = rs_rest_text(json_object_get(object, "user"), "username"),
        .at = rs_rest_text(object, "created_at"),
        .is_set = g_strcmp0(rs_rest_text(object, "action"), "add") == 0,
    };
}

static gboolean get_label(RsForge *forge, gint64 number, const char *name, RsLabelSet *label,
                          GError **error)
{
    static const RsLabelRules rules = {is_same_label, label_event_of};
    g_autofree char *path =
        g_strdup_printf("%s/merge_requests/%" G_GINT64_FORMAT "/resource_label_events?per_page=100",
                        forge->project, number);

    return rs_forge_get_label(forge, number, path, name, &rules, label, error);
}

const RsForgeRow rs_forge_gitlab = {
    .name = "gitlab",
    .change_word = "merge request",
    .comment_limit_bytes = 900000, /* of 1,000,000 characters */
    .get_change = get_change,
    .list_comments = list_comments,
    .create_comment = create_comment,
    .update_comment = update_comment,
    .delete_comment = delete_comment,
    .set_status = set_status,
    .changes_of_commit = changes_of_commit,
    .get_label = get_label,
    .list_threads = list_threads,
    .create_thread = create_thread,
    .resolve_thread = resolve_thread,
};
