/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Source: GitHub's OpenAPI description, version 2022-11-28: checks/create, checks/update (which
 * adds its annotations to those that are there), checks/list-for-ref. */
#include "remote/github_check.h"

#include <string.h>

#include "remote/rest.h"

#define MAX_CREATE 2 /* times that one is sent whose answer is lost */

static json_t *annotations_from(const json_t *all, size_t first)
{
    json_t *some = json_array();

    for (size_t i = first; i < json_array_size(all) && i < first + RS_CHECK_MAX_ANNOTATIONS; i++)
        json_array_append(some, json_array_get(all, i));
    return some;
}

/* Valid, and characters stay whole. */
static char *cut(const char *text, gsize limit_bytes)
{
    char *valid = g_utf8_make_valid(text ? text : "", -1);

    if (strlen(valid) > limit_bytes)
        *g_utf8_find_prev_char(valid, valid + limit_bytes + 1) = '\0';
    return valid;
}

/* NULL: there is nothing to show. */
static json_t *output_of(const RsCheckRun *check, size_t first)
{
    g_autofree char *title = cut(check->title ? check->title : check->name, RS_CHECK_MAX_BYTES);
    g_autofree char *summary = cut(check->summary, RS_CHECK_MAX_BYTES);
    json_t *output;

    if (!check->title && !check->summary && !json_array_size(check->annotations))
        return NULL;
    output = json_pack("{s:s, s:s}", "title", title, "summary", summary);
    if (json_array_size(check->annotations) > first)
        json_object_set_new(output, "annotations", annotations_from(check->annotations, first));
    return output;
}

/* word: to find it again by; head_sha and word NULL: of one that is there. */
static json_t *request_of(const RsCheckRun *check, const char *head_sha, const char *word)
{
    return json_pack("{s:s, s:s*, s:s*, s:s, s:s*, s:s*, s:o*}", "name", check->name, "head_sha",
                     head_sha, "external_id", word, "status",
                     check->conclusion ? "completed" : "in_progress", "conclusion",
                     check->conclusion, "details_url", check->details_url, "output",
                     output_of(check, 0));
}

/* Takes the request. Its id, 0 in a dry run, < 0: error. */
static gint64 send(RsForge *forge, const char *method, const char *path, json_t *request,
                   GError **error)
{
    json_t *answer = rs_rest_send(forge->http, method, path, request, error);
    gint64 id = answer ? MAX(rs_rest_int(answer, "id"), 0) : -1;

    json_decref(request);
    json_decref(answer);
    return id;
}

static gint64 send_new(RsForge *forge, json_t *request, GError **error)
{
    g_autofree char *path = g_strconcat(forge->project, "/check-runs", NULL);
    gint64 id = send(forge, "POST", path, request, error);

    if (id == 0 && !rs_http_is_dry_run(forge->http)) {
        rs_rest_lacks_id(error);
        return -1;
    }
    return id;
}

static gboolean send_update(RsForge *forge, gint64 id, json_t *request, GError **error)
{
    g_autofree char *path = g_strdup_printf("%s/check-runs/%" G_GINT64_FORMAT, forge->project, id);

    return send(forge, "PATCH", path, request, error) >= 0;
}

/* By the word that we gave it; 0: it is not there. < 0: error. */
static gint64 find(RsForge *forge, const RsCheckRun *check, const char *word, GError **error)
{
    g_autofree char *commit = rs_http_escape(check->head_sha);
    g_autofree char *name = rs_http_escape(check->name);
    g_autofree char *path =
        g_strdup_printf("%s/commits/%s/check-runs?check_name=%s&filter=all&per_page=100",
                        forge->project, commit, name);
    json_t *answer = rs_rest_send(forge->http, "GET", path, NULL, error), *run;
    gint64 id = answer ? 0 : -1;
    size_t i;

    json_array_foreach(json_object_get(answer, "check_runs"), i, run)
    {
        if (g_strcmp0(rs_rest_text(run, "external_id"), word) == 0)
            id = MAX(rs_rest_int(run, "id"), 0);
    }
    json_decref(answer);
    return id;
}

/* A creation whose answer was lost is looked for before it is sent again. */
static gint64 create(RsForge *forge, const RsCheckRun *check, GError **error)
{
    g_autofree char *word = g_uuid_string_random();

    for (guint n = 1;; n++) {
        g_autoptr(GError) problem = NULL;
        gint64 id = send_new(forge, request_of(check, check->head_sha, word), &problem);

        if (g_error_matches(problem, RS_HTTP_ERROR, RS_HTTP_ERROR_UNKNOWN)) {
            id = find(forge, check, word, NULL);
            if (id == 0 && n < MAX_CREATE)
                continue;
            id = id ? id : -1;
        }
        if (id < 0)
            g_propagate_error(error, g_steal_pointer(&problem));
        return id;
    }
}

gint64 rs_github_put_check_run(RsForge *forge, gint64 id, const RsCheckRun *check, GError **error)
{
    if (id == 0)
        id = create(forge, check, error);
    else if (!send_update(forge, id, request_of(check, NULL, NULL), error))
        return -1;
    for (size_t first = RS_CHECK_MAX_ANNOTATIONS;
         id >= 0 && first < json_array_size(check->annotations); first += RS_CHECK_MAX_ANNOTATIONS)
        if (!send_update(forge, id, json_pack("{s:o}", "output", output_of(check, first)), error))
            return -1;
    return id;
}
