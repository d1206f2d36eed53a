/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes every kind of request that rustscope makes of a forge, once, and says of each whether it
 * was taken; and a few that no forge may take. Built by tests/interop/check-api.sh.
 * usage: requests github|gitlab URL           the state of the server: o/r, change 7, label "bug"
 *        requests github|gitlab URL broken    the ones that are to be refused */
#include <stdio.h>
#include <string.h>

#include "remote/rest.h"
#include "remote/thread.h"

static int n_failed;

static void claim(const char *name, gboolean ok, GError **error)
{
    printf("%s %s%s%s\n", ok ? "ok" : "not ok", name, *error ? ": " : "",
           *error ? (*error)->message : "");
    n_failed += !ok;
    g_clear_error(error);
}

static char *render(gsize limit_bytes, gpointer data)
{
    return g_strndup("a verdict", limit_bytes);
}

static void try_comments(RsForge *forge)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) comments = forge->row->list_comments(forge, 7, &error);
    g_autoptr(RsComment) comment = NULL;

    claim("comments are listed", comments != NULL, &error);
    comment = forge->row->create_comment(forge, 7, "a \"verdict\"\n", &error);
    claim("a comment is created", comment && comment->id > 0, &error);
    if (!comment)
        return;
    claim("it is changed", forge->row->update_comment(forge, 7, comment->id, "another", &error),
          &error);
    claim("it is deleted", forge->row->delete_comment(forge, 7, comment->id, &error), &error);
}

static void try_posts(RsForge *forge, const char *head)
{
    const RsStickyRequest request = {
        .number = 7,
        .marker = {(char *)"default", (char *)head, 1, 1, (char *)"critical"},
        .render = render,
    };
    g_auto(RsStickyResult) comment = {0}, thread = {0};
    g_autoptr(GError) error = NULL;

    claim("a verdict is posted as a comment", rs_sticky_post(forge, &request, &comment, &error),
          &error);
    if (forge->row->list_threads)
        claim("a verdict is posted as a thread",
              rs_thread_post(forge, &request, TRUE, &thread, &error), &error);
}

static void try_threads(RsForge *forge)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) threads = forge->row->list_threads(forge, 7, &error);
    g_autoptr(RsThread) thread = NULL;

    claim("threads are listed", threads != NULL, &error);
    thread = forge->row->create_thread(forge, 7, "a verdict", &error);
    claim("a thread is begun", thread && thread->id, &error);
    if (!thread || !thread->id)
        return;
    claim("it is resolved", forge->row->resolve_thread(forge, 7, thread->id, TRUE, &error), &error);
    claim("it is opened", forge->row->resolve_thread(forge, 7, thread->id, FALSE, &error), &error);
}

static void try_check_run(RsForge *forge, const char *head)
{
    RsCheckRun check = {.name = "rustscope (a b)", .head_sha = head};
    json_t *annotations = json_array();
    g_autoptr(GError) error = NULL;
    gint64 id = forge->row->put_check_run(forge, 0, &check, &error);

    claim("a check run is begun", id > 0, &error);
    for (int i = 1; i <= 120; i++)
        json_array_append_new(annotations,
                              json_pack("{s:s, s:i, s:i, s:s, s:s, s:s}", "path", "src/a.c",
                                        "start_line", i, "end_line", i, "annotation_level",
                                        "failure", "title", "slower", "message", "by a lot"));
    check.conclusion = "failure";
    check.title = "1 critical";
    check.summary = "| a | b |";
    check.details_url = "https://ci.example/1";
    check.annotations = annotations;
    claim("it is completed", forge->row->put_check_run(forge, id, &check, &error) == id, &error);
    claim("one is made at once", forge->row->put_check_run(forge, 0, &check, &error) > 0, &error);
    json_decref(annotations);
}

static void try_all(RsForge *forge)
{
    static const char *const names[] = {"pending", "success", "failure", "error"};
    g_autoptr(GError) error = NULL;
    g_auto(RsChange) change = {0};
    g_auto(RsLabelSet) label = {0};
    g_autoptr(GArray) numbers = NULL;

    claim("the change is read", forge->row->get_change(forge, 7, &change, &error), &error);
    if (!change.head_sha)
        return;
    try_comments(forge);
    try_posts(forge, change.head_sha);
    if (forge->row->list_threads)
        try_threads(forge);
    for (RsCommitStatus status = RS_STATUS_PENDING; status <= RS_STATUS_ERROR; status++) {
        g_autofree char *name = g_strconcat("a status is set: ", names[status], NULL);

        claim(name,
              forge->row->set_status(forge, change.head_sha, status, "rustscope", "2 are slower",
                                     status ? "https://ci.example/1" : NULL, &error),
              &error);
    }
    numbers = forge->row->changes_of_commit(forge, change.head_sha, &error);
    claim("changes of a commit are listed", numbers != NULL, &error);
    claim("a label's last setting is read",
          forge->row->get_label(forge, 7, "bug", &label, &error) && label.is_set, &error);
    if (forge->row->put_check_run)
        try_check_run(forge, change.head_sha);
}

static void refuse(RsForge *forge, const char *name, const char *method, const char *rest,
                   const char *json)
{
    g_autofree char *path = g_strconcat(forge->project, rest, NULL);
    g_autofree char *claimed = g_strconcat("refused: ", name, NULL);
    g_autoptr(GError) error = NULL;
    gboolean is_taken = rs_http_send(forge->http, method, path, json, NULL, &error);
    gboolean ok = g_error_matches(error, RS_HTTP_ERROR, RS_HTTP_ERROR_INVALID);

    if (is_taken || ok)
        g_clear_error(&error);
    claim(claimed, ok, &error);
}

static void try_broken_github(RsForge *forge)
{
#define OUTPUT(annotation)                                                                         \
    "{\"name\": \"n\", \"head_sha\": \"a\", \"output\": {\"title\": \"t\", \"summary\": \"s\", "   \
    "\"annotations\": [" annotation "]}}"
    GString *many = g_string_new(NULL);

    refuse(forge, "a comment without a body", "POST", "/issues/7/comments", "{}");
    refuse(forge, "a comment whose body is a number", "PATCH", "/issues/comments/1",
           "{\"body\": 1}");
    refuse(forge, "a check run without its revision", "POST", "/check-runs", "{\"name\": \"n\"}");
    refuse(forge, "an annotation of a level that is none", "POST", "/check-runs",
           OUTPUT("{\"path\": \"p\", \"start_line\": 1, \"end_line\": 1, \"annotation_level\": "
                  "\"critical\", \"message\": \"m\"}"));
    for (int i = 0; i < 51; i++)
        g_string_append(many, i ? ",{\"path\": \"p\", \"start_line\": 1, \"end_line\": 1, "
                                  "\"annotation_level\": \"notice\", \"message\": \"m\"}"
                                : "{\"path\": \"p\", \"start_line\": 1, \"end_line\": 1, "
                                  "\"annotation_level\": \"notice\", \"message\": \"m\"}");
    {
        g_autofree char *json = g_strdup_printf(OUTPUT("%s"), many->str);

        refuse(forge, "51 annotations at once", "POST", "/check-runs", json);
    }
    g_string_free(many, TRUE);
    refuse(forge, "a status that is none", "POST", "/statuses/a", "{\"state\": \"failed\"}");
    refuse(forge, "a method that is none", "PUT", "/statuses/a", "{\"state\": \"failure\"}");
}

static void try_broken_gitlab(RsForge *forge)
{
    refuse(forge, "a note without a body", "POST", "/merge_requests/7/notes", "{}");
    refuse(forge, "a note with GitHub's fields", "PUT", "/merge_requests/7/notes/1",
           "{\"body\": \"b\", \"event\": \"COMMENT\"}");
    refuse(forge, "a thread that is resolved by a word", "PUT", "/merge_requests/7/discussions/1",
           "{\"resolved\": \"yes\"}");
    refuse(forge, "a thread without a body", "POST", "/merge_requests/7/discussions", "{}");
    refuse(forge, "a status of GitHub's", "POST", "/statuses/a", "{\"state\": \"failure\"}");
    refuse(forge, "a method that is none", "PATCH", "/merge_requests/7/notes/1",
           "{\"body\": \"b\"}");
}

int main(int n_words, char **words)
{
    gboolean is_gitlab = n_words > 2 && g_str_equal(words[1], "gitlab");
    RsForgeOptions options = {.api_url = words[2], .token = "a-token", .repository = "o/r"};
    g_autoptr(GError) error = NULL;
    g_autoptr(RsForge) forge = NULL;

    if (n_words < 3)
        return 2;
    options.http.wait_unit_s = 0.01;
    forge = rs_forge_new(is_gitlab ? &rs_forge_gitlab : &rs_forge_github, &options, &error);
    if (!forge) {
        fprintf(stderr, "%s\n", error->message);
        return 2;
    }
    if (n_words == 3)
        try_all(forge);
    else if (is_gitlab)
        try_broken_gitlab(forge);
    else
        try_broken_github(forge);
    return n_failed != 0;
}
