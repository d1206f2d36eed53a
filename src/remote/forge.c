/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "remote/forge.h"

#include <string.h>

void rs_comment_free(RsComment *comment)
{
    if (!comment)
        return;
    g_free(comment->body);
    g_free(comment->url);
    g_free(comment);
}

void rs_change_clear(RsChange *change)
{
    g_free(change->head_sha);
    g_free(change->head_repository);
    g_free(change->title);
    g_free(change->author);
    g_clear_pointer(&change->labels, g_ptr_array_unref);
    *change = (RsChange){0};
}

/* A name of dots alone would lead to another place. */
static char *path_part(const char *name)
{
    return name && name[strspn(name, ".")] ? rs_http_escape(name) : g_strdup("%2E");
}

/* "owner/name" as two parts of a path; GitLab takes it as one part. */
static char *project_path(const RsForgeRow *row, const char *repository)
{
    g_auto(GStrv) parts = NULL;
    g_autofree char *owner = NULL, *name = NULL;

    if (row == &rs_forge_gitlab) {
        name = rs_http_escape(repository);
        return g_strconcat("/projects/", name, NULL);
    }
    parts = g_strsplit(repository, "/", 2);
    owner = path_part(parts[0]);
    name = path_part(parts[0] ? parts[1] : NULL);
    return g_strconcat("/repos/", owner, "/", name, NULL);
}

RsForge *rs_forge_new(const RsForgeRow *row, const RsForgeOptions *options, GError **error)
{
    static char *github_headers[] = {(char *)"Accept: application/vnd.github+json",
                                     (char *)"X-GitHub-Api-Version: 2022-11-28", NULL};
    static char *gitlab_headers[] = {(char *)"Accept: application/json", NULL};
    gboolean is_gitlab = row == &rs_forge_gitlab;
    RsHttpOptions http = options->http;
    RsHttp *client;
    RsForge *forge;

    http.base_url = options->api_url;
    http.token = options->token;
    http.token_header = is_gitlab ? "PRIVATE-TOKEN: " : "Authorization: Bearer ";
    http.headers = is_gitlab ? gitlab_headers : github_headers;
    client = rs_http_new(&http, error);
    if (!client)
        return NULL;
    forge = g_new0(RsForge, 1);
    forge->row = row;
    forge->http = client;
    forge->project = project_path(row, options->repository);
    return forge;
}

void rs_forge_free(RsForge *forge)
{
    if (!forge)
        return;
    rs_http_free(forge->http);
    g_free(forge->project);
    g_free(forge->user);
    g_free(forge);
}

void rs_label_set_clear(RsLabelSet *label)
{
    g_free(label->by);
    *label = (RsLabelSet){0};
}

void rs_thread_free(RsThread *thread)
{
    if (!thread)
        return;
    g_free(thread->id);
    rs_comment_free(thread->comment);
    g_free(thread);
}
