/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Source of the shapes: GitHub's documents on webhook events and payloads, and on events that
 * trigger workflows; of Gitea's, its structs of hook payloads. Members that are read are the same
 * in all of them. */
#include "remote/ci_event.h"

#include <jansson.h>
#include <string.h>

#include "remote/ci_value.h"

#define MAX_CHANGES 100 /* of a workflow run; there is one in practice */

typedef struct {
    const char *name;
    gboolean needs_payload, is_privileged;
    /* NULL: nothing of a change in it. */
    gboolean (*take)(const json_t *payload, RsCiContext *context, GError **error);
} Event;

static gboolean fail(GError **error, const char *where, const char *what)
{
    g_set_error(error, RS_CI_CONTEXT_ERROR, RS_CI_CONTEXT_ERROR_EVENT, "%s %s", where, what);
    return FALSE;
}

/* --- members by their path, "pull_request.head.sha" --- */

static const json_t *at(const json_t *object, const char *where)
{
    g_auto(GStrv) keys = g_strsplit(where, ".", -1);

    for (char **key = keys; *key && object; key++)
        object = json_object_get(object, *key);
    return object && !json_is_null(object) ? object : NULL;
}

/* *value stays what it is when there is no such member. */
static gboolean take_if_there(const json_t *object, const char *where, const RsCiKind *kind,
                              char **value, GError **error)
{
    const json_t *member = at(object, where);
    const char *text = json_string_value(member);

    if (!member)
        return TRUE;
    if (!text || !kind->is_one(text)) {
        g_autofree char *what = g_strconcat("is not ", kind->what, NULL);

        return fail(error, where, what);
    }
    g_free(*value);
    *value = kind->clean ? kind->clean(text) : g_strdup(text);
    return TRUE;
}

static gboolean take(const json_t *object, const char *where, const RsCiKind *kind, char **value,
                     GError **error)
{
    return at(object, where) ? take_if_there(object, where, kind, value, error)
                             : fail(error, where, "is missing");
}

/* 0: not there. */
static gboolean take_change(const json_t *object, const char *where, gint64 *value, GError **error)
{
    const json_t *member = at(object, where);
    gint64 number = json_is_integer(member) ? json_integer_value(member) : 0;

    *value = 0;
    if (!member)
        return TRUE;
    if (number < 1 || number > RS_CI_MAX_CHANGE)
        return fail(error, where, "is not the number of a pull request");
    *value = number;
    return TRUE;
}

/* --- events --- */

static void compare_repositories(RsCiContext *context)
{
    context->is_fork = !context->head_repository || !context->repository ||
                       g_ascii_strcasecmp(context->head_repository, context->repository) != 0;
}

/* A deleted fork's repository is null. */
static gboolean take_pull_request(const json_t *payload, RsCiContext *context, GError **error)
{
    gint64 number, same;

    if (!take_change(payload, "number", &number, error) ||
        !take_change(payload, "pull_request.number", &same, error))
        return FALSE;
    context->change = number ? number : same;
    if (!context->change)
        return fail(error, "pull_request.number", "is missing");
    if (number && same && number != same)
        return fail(error, "number", "is not that of pull_request.number");
    if (!take(payload, "pull_request.head.sha", &rs_ci_commit, &context->head_sha, error) ||
        !take(payload, "pull_request.base.ref", &rs_ci_branch, &context->base_ref, error) ||
        !take_if_there(payload, "pull_request.base.sha", &rs_ci_commit, &context->base_sha,
                       error) ||
        !take_if_there(payload, "pull_request.head.repo.full_name", &rs_ci_repository,
                       &context->head_repository, error))
        return FALSE;
    compare_repositories(context);
    return TRUE;
}

static gboolean take_push(const json_t *payload, RsCiContext *context, GError **error)
{
    if (!take_if_there(payload, "after", &rs_ci_commit, &context->head_sha, error) ||
        !take_if_there(payload, "before", &rs_ci_commit, &context->base_sha, error))
        return FALSE;
    /* A new branch has nothing before it, and what was overwritten is no ancestor. */
    if (context->base_sha &&
        (rs_ci_is_no_commit(context->base_sha) || json_is_true(at(payload, "forced"))))
        g_clear_pointer(&context->base_sha, g_free);
    if (context->head_sha && rs_ci_is_no_commit(context->head_sha)) /* the branch was deleted */
        g_clear_pointer(&context->head_sha, g_free);
    return TRUE;
}

/* gh-readonly-queue/main/pr-104-<sha>: GitHub's documents do not promise that form, so another one
 * is no error; then the number is not told. */
static gint64 change_of_queue(const char *ref)
{
    const char *last = strrchr(ref, '/');
    g_autofree char *digits = NULL;

    if (!last || !strstr(ref, "gh-readonly-queue/") || !g_str_has_prefix(last, "/pr-"))
        return 0;
    last += strlen("/pr-");
    digits = g_strndup(last, strspn(last, "0123456789"));
    return last[strlen(digits)] == '-' ? rs_ci_number(digits, RS_CI_MAX_CHANGE) : 0;
}

static gboolean take_merge_group(const json_t *payload, RsCiContext *context, GError **error)
{
    g_autofree char *head_ref = NULL;

    if (!take(payload, "merge_group.head_sha", &rs_ci_commit, &context->head_sha, error) ||
        !take(payload, "merge_group.base_sha", &rs_ci_commit, &context->base_sha, error) ||
        !take(payload, "merge_group.head_ref", &rs_ci_branch, &head_ref, error) ||
        !take(payload, "merge_group.base_ref", &rs_ci_branch, &context->base_ref, error))
        return FALSE;
    context->change = change_of_queue(head_ref);
    return TRUE;
}

static gint64 time_of(const json_t *run)
{
    /* When it ended before when it began: a label that was set in between was set unseen. */
    static const char *const members[] = {"workflow_run.updated_at", "workflow_run.run_started_at",
                                          "workflow_run.created_at"};

    for (guint i = 0; i < G_N_ELEMENTS(members); i++) {
        const char *text = json_string_value(at(run, members[i]));
        g_autoptr(GDateTime) time = text ? g_date_time_new_from_iso8601(text, NULL) : NULL;

        if (time)
            return MAX(g_date_time_to_unix(time), 0);
    }
    return 0;
}

/* The pull requests whose head it is; of a fork's none is listed. Those of other repositories may
 * be: a fork's own list names the ones upstream. */
static gboolean take_listed_change(const json_t *payload, RsCiContext *context, GError **error)
{
    const json_t *list = at(payload, "workflow_run.pull_requests");
    const json_t *here = at(payload, "repository.id");

    if (json_array_size(list) > MAX_CHANGES)
        return fail(error, "workflow_run.pull_requests", "is too long");
    for (gsize i = 0; i < json_array_size(list); i++) {
        const json_t *entry = json_array_get(list, i), *there = at(entry, "base.repo.id");
        const char *sha = json_string_value(at(entry, "head.sha"));
        gint64 number;

        if (!sha || g_ascii_strcasecmp(sha, context->head_sha) != 0 ||
            (here && there && json_integer_value(here) != json_integer_value(there)))
            continue;
        if (!take_change(entry, "number", &number, error))
            return FALSE;
        if (context->change && context->change != number) { /* several: the server is to be asked */
            context->change = 0;
            g_clear_pointer(&context->base_sha, g_free);
            return TRUE;
        }
        context->change = number;
        if (!take_if_there(entry, "base.ref", &rs_ci_branch, &context->base_ref, error) ||
            !take_if_there(entry, "base.sha", &rs_ci_commit, &context->base_sha, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean take_workflow_run(const json_t *payload, RsCiContext *context, GError **error)
{
    if (!take(payload, "workflow_run.head_sha", &rs_ci_commit, &context->head_sha, error) ||
        !take_if_there(payload, "workflow_run.head_repository.full_name", &rs_ci_repository,
                       &context->head_repository, error) ||
        !take_listed_change(payload, context, error))
        return FALSE;
    context->measured_at_s = time_of(payload);
    compare_repositories(context);
    return TRUE;
}

/* Whose head it is has to be asked, so it may be a fork's. */
static gboolean take_issue_comment(const json_t *payload, RsCiContext *context, GError **error)
{
    gint64 number;

    if (!take_change(payload, "issue.number", &number, error))
        return FALSE;
    if (!number)
        return fail(error, "issue.number", "is missing");
    if (!json_is_object(at(payload, "issue.pull_request")))
        return TRUE;
    context->change = number;
    context->is_fork = TRUE;
    return TRUE;
}

static const Event events[] = {
    {"pull_request", TRUE, FALSE, take_pull_request},
    {"pull_request_review", TRUE, FALSE, take_pull_request},
    {"pull_request_review_comment", TRUE, FALSE, take_pull_request},
    {"pull_request_target", TRUE, TRUE, take_pull_request},
    {"push", FALSE, FALSE, take_push},
    {"merge_group", TRUE, FALSE, take_merge_group},
    {"workflow_run", TRUE, TRUE, take_workflow_run},
    {"issue_comment", TRUE, TRUE, take_issue_comment},
    /* Anybody may cause these; they run the default branch. */
    {"issues", FALSE, TRUE, NULL},
    {"discussion", FALSE, TRUE, NULL},
    {"discussion_comment", FALSE, TRUE, NULL},
};

static const Event *find(const char *name)
{
    static const Event other = {"", FALSE, FALSE, NULL};

    for (guint i = 0; i < G_N_ELEMENTS(events); i++)
        if (g_str_equal(events[i].name, name))
            return &events[i];
    return &other;
}

gboolean rs_ci_event_needs_payload(const char *event)
{
    return find(event)->needs_payload;
}

gboolean rs_ci_event_is_privileged(const char *event)
{
    return find(event)->is_privileged;
}

gboolean rs_ci_event_read(const char *payload, gsize n_bytes, RsCiContext *context, GError **error)
{
    const Event *event = find(context->event);
    json_error_t json_error;
    json_t *root = json_loadb(payload, n_bytes, JSON_REJECT_DUPLICATES, &json_error);
    gboolean ok;

    if (!json_is_object(root)) {
        if (root)
            fail(error, "the payload", "is not a JSON object");
        else
            g_set_error(error, RS_CI_CONTEXT_ERROR, RS_CI_CONTEXT_ERROR_EVENT,
                        "line %d: the payload is not JSON", json_error.line);
        json_decref(root);
        return FALSE;
    }
    ok = take_if_there(root, "repository.default_branch", &rs_ci_branch, &context->base_ref,
                       error) &&
         (!event->take || event->take(root, context, error));
    json_decref(root);
    return ok;
}
