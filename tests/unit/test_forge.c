/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is asked of GitHub and GitLab, and what is made of their answers. */
#include "http_fixtures.h"
#include "remote/forge.h"
#include "tests/unit/run.h"

#define ANSWER(json) "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" json
#define REFUSED                                                                                    \
    "HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n{\"message\": \"Resource not accessible "  \
    "by integration\"}"

static TestServer server;
static RsForge *forge;

static void begin(const RsForgeRow *row, const char *repository, const char *const *answers)
{
    RsForgeOptions options = {.repository = repository, .token = "test-token"};

    server_start(&server, answers);
    options.api_url = server.url;
    options.http.wait_unit_s = 0.001;
    forge = rs_forge_new(row, &options, NULL);
    ck_assert_ptr_nonnull(forge);
}

static void end(void)
{
    rs_forge_free(forge);
    server_stop(&server);
}

static void assert_asked(guint i, const char *first_line)
{
    server_join(&server);
    if (!g_str_has_prefix(g_ptr_array_index(server.requests, i), first_line))
        ck_abort_msg("expected %s, got %.200s", first_line,
                     (char *)g_ptr_array_index(server.requests, i));
}

START_TEST(github_comments_of_a_person_with_a_token_are_ours)
{
    static const char *const answers[] = {
        ANSWER("{\"login\": \"me\"}"),
        "HTTP/1.1 200 OK\r\nConnection: close\r\nLink: </api/v3/p2>; rel=\"next\"\r\n\r\n"
        "[{\"id\": 9, \"body\": \"b\", \"html_url\": \"https://h/#9\", \"user\": {\"login\": "
        "\"me\"}}]",
        ANSWER("[{\"id\": 4, \"body\": null, \"user\": {\"login\": \"you\"}}, {\"no\": 1},"
               " {\"id\": 5, \"body\": \"c\", \"user\": null}]"),
        NULL,
    };
    g_autoptr(GPtrArray) comments = NULL;

    begin(&rs_forge_github, "o/r", answers);
    comments = forge->row->list_comments(forge, 7, NULL);
    ck_assert_uint_eq(comments->len, 3);
    ck_assert_int_eq(((RsComment *)g_ptr_array_index(comments, 0))->id, 4);
    ck_assert(!((RsComment *)g_ptr_array_index(comments, 0))->is_ours);
    ck_assert(!((RsComment *)g_ptr_array_index(comments, 1))->is_ours);
    ck_assert(((RsComment *)g_ptr_array_index(comments, 2))->is_ours);
    ck_assert_str_eq(((RsComment *)g_ptr_array_index(comments, 2))->url, "https://h/#9");
    assert_asked(1, "GET /api/v3/repos/o/r/issues/7/comments?per_page=100 ");
    assert_asked(2, "GET /api/v3/p2 ");
    end();
}
END_TEST

START_TEST(a_token_of_github_actions_knows_its_own_comments)
{
    static const char *const answers[] = {
        REFUSED,
        ANSWER("[{\"id\": 1, \"body\": \"a\", \"user\": {\"login\": \"github-actions[bot]\", "
               "\"type\": \"Bot\"}}, {\"id\": 2, \"body\": \"b\", \"user\": {\"login\": "
               "\"github-actions[bot]\", \"type\": \"User\"}}]"),
        NULL,
    };
    g_autoptr(GPtrArray) comments = NULL;

    begin(&rs_forge_github, "o/r", answers);
    comments = forge->row->list_comments(forge, 7, NULL);
    ck_assert(((RsComment *)g_ptr_array_index(comments, 0))->is_ours);
    ck_assert(!((RsComment *)g_ptr_array_index(comments, 1))->is_ours);
    end();
}
END_TEST

START_TEST(github_is_asked_as_its_description_says)
{
    static const char *const answers[] = {
        ANSWER("{\"id\": 3, \"body\": \"x\", \"html_url\": \"https://h/3\"}"),
        ANSWER("{\"id\": 3}"),
        "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n",
        ANSWER("{\"state\": \"open\", \"title\": \"T\", \"user\": {\"login\": \"a\"}, \"head\": "
               "{\"sha\": \"abc\", \"repo\": {\"full_name\": \"f/r\"}}, \"labels\": [{\"name\": "
               "\"rustscope:accept\"}, {}]}"),
        ANSWER("{}"),
        ANSWER("[{\"number\": 5, \"state\": \"open\", \"head\": {\"sha\": \"abc\"}}, {\"number\": "
               "6, \"state\": \"closed\", \"head\": {\"sha\": \"abc\"}}, {\"number\": 7, "
               "\"state\": \"open\", \"head\": {\"sha\": \"abd\"}}]"),
        NULL,
    };
    g_autoptr(RsComment) comment = NULL;
    g_auto(RsChange) change = {0};
    g_autoptr(GArray) numbers = NULL;

    begin(&rs_forge_github, "o/r", answers);
    comment = forge->row->create_comment(forge, 7, "a \"b\"\n", NULL);
    ck_assert_int_eq(comment->id, 3);
    ck_assert_str_eq(comment->url, "https://h/3");
    ck_assert(forge->row->update_comment(forge, 7, 3, "c", NULL));
    ck_assert(forge->row->delete_comment(forge, 7, 3, NULL));
    ck_assert(forge->row->get_change(forge, 7, &change, NULL));
    ck_assert_str_eq(change.head_sha, "abc");
    ck_assert_str_eq(change.head_repository, "f/r");
    ck_assert(change.is_open);
    ck_assert_uint_eq(change.labels->len, 1);
    ck_assert(
        forge->row->set_status(forge, "abc", RS_STATUS_FAILURE, "rustscope", "slower", NULL, NULL));
    numbers = forge->row->changes_of_commit(forge, "abc", NULL);
    ck_assert_uint_eq(numbers->len, 1);
    ck_assert_int_eq(g_array_index(numbers, gint64, 0), 5);
    assert_asked(0, "POST /api/v3/repos/o/r/issues/7/comments ");
    ck_assert(
        g_str_has_suffix(g_ptr_array_index(server.requests, 0), "{\"body\":\"a \\\"b\\\"\\n\"}"));
    assert_asked(1, "PATCH /api/v3/repos/o/r/issues/comments/3 ");
    assert_asked(2, "DELETE /api/v3/repos/o/r/issues/comments/3 ");
    assert_asked(3, "GET /api/v3/repos/o/r/pulls/7 ");
    assert_asked(4, "POST /api/v3/repos/o/r/statuses/abc ");
    ck_assert_ptr_nonnull(strstr(g_ptr_array_index(server.requests, 4), "\"state\":\"failure\""));
    ck_assert_ptr_null(strstr(g_ptr_array_index(server.requests, 4), "target_url"));
    assert_asked(5, "GET /api/v3/repos/o/r/commits/abc/pulls?per_page=100 ");
    end();
}
END_TEST

START_TEST(gitlab_is_asked_as_its_documentation_says)
{
    static const char *const answers[] = {
        ANSWER("{\"id\": 12}"),
        "HTTP/1.1 200 OK\r\nConnection: close\r\nX-Next-Page: 2\r\n\r\n"
        "[{\"id\": 1, \"body\": \"s\", \"system\": true, \"author\": {\"id\": 12}}]",
        ANSWER("[{\"id\": 2, \"body\": \"n\", \"system\": false, \"author\": {\"id\": 12}}, "
               "{\"id\": 3, \"body\": \"n\", \"author\": {\"id\": 13}}]"),
        ANSWER("{\"id\": 8, \"body\": \"x\"}"),
        ANSWER("{\"id\": 8}"),
        ANSWER("{\"sha\": \"abc\", \"state\": \"opened\", \"source_project_id\": 99, \"labels\": "
               "[\"one\", \"two\"], \"author\": {\"username\": \"a\"}}"),
        "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n{\"message\": \"Cannot transition "
        "status via :enqueue from :pending\"}",
        NULL,
    };
    g_autoptr(GPtrArray) comments = NULL;
    g_autoptr(RsComment) comment = NULL;
    g_auto(RsChange) change = {0};

    begin(&rs_forge_gitlab, "group/sub/project", answers);
    comments = forge->row->list_comments(forge, 7, NULL);
    ck_assert_uint_eq(comments->len, 2);
    ck_assert(((RsComment *)g_ptr_array_index(comments, 0))->is_ours);
    ck_assert(!((RsComment *)g_ptr_array_index(comments, 1))->is_ours);
    comment = forge->row->create_comment(forge, 7, "b", NULL);
    ck_assert_int_eq(comment->id, 8);
    ck_assert(forge->row->update_comment(forge, 7, 8, "c", NULL));
    ck_assert(forge->row->get_change(forge, 7, &change, NULL));
    ck_assert_str_eq(change.head_repository, "99");
    ck_assert_uint_eq(change.labels->len, 2);
    ck_assert(
        forge->row->set_status(forge, "abc", RS_STATUS_PENDING, "rustscope", "d", NULL, NULL));
    assert_asked(0, "GET /api/v3/user ");
    assert_asked(1, "GET /api/v3/projects/group%2Fsub%2Fproject/merge_requests/7/notes?sort=asc&");
    ck_assert_ptr_nonnull(strstr(g_ptr_array_index(server.requests, 2), "&page=2 "));
    assert_asked(3, "POST /api/v3/projects/group%2Fsub%2Fproject/merge_requests/7/notes ");
    assert_asked(4, "PUT /api/v3/projects/group%2Fsub%2Fproject/merge_requests/7/notes/8 ");
    ck_assert_ptr_nonnull(
        strstr(g_ptr_array_index(server.requests, 0), "PRIVATE-TOKEN: test-token"));
    end();
}
END_TEST

START_TEST(answers_of_another_shape_are_errors_that_say_so)
{
    static const struct {
        const char *answer, *message;
    } cases[] = {
        {ANSWER("<html>"), "is no JSON"},
        {ANSWER("{}"), "lacks head.sha"},
        {ANSWER("{\"head\": [1]}"), "lacks head.sha"},
        {ANSWER("[]"), "lacks head.sha"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *const answers[] = {cases[i].answer, NULL};
        g_autoptr(GError) error = NULL;
        g_auto(RsChange) change = {0};

        begin(&rs_forge_github, "o/r", answers);
        ck_assert(!forge->row->get_change(forge, 7, &change, &error));
        if (!strstr(error->message, cases[i].message))
            ck_abort_msg("%s", error->message);
        end();
    }
}
END_TEST

START_TEST(a_list_that_is_none_is_an_error)
{
    static const char *const answers[] = {ANSWER("{\"login\": \"me\"}"), ANSWER("{}"), NULL};
    g_autoptr(GError) error = NULL;

    begin(&rs_forge_github, "o/r", answers);
    ck_assert_ptr_null(forge->row->list_comments(forge, 7, &error));
    ck_assert_ptr_nonnull(strstr(error->message, "no list"));
    end();
}
END_TEST

START_TEST(a_repository_cannot_lead_out_of_its_place)
{
    RsForgeOptions options = {.api_url = "https://h/api", .repository = "../x?/y/z"};
    g_autoptr(RsForge) github = rs_forge_new(&rs_forge_github, &options, NULL);
    g_autoptr(RsForge) gitlab = rs_forge_new(&rs_forge_gitlab, &options, NULL);

    ck_assert_str_eq(github->project, "/repos/%2E/x%3F%2Fy%2Fz");
    ck_assert_str_eq(gitlab->project, "/projects/..%2Fx%3F%2Fy%2Fz");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        github_comments_of_a_person_with_a_token_are_ours,
        a_token_of_github_actions_knows_its_own_comments,
        github_is_asked_as_its_description_says,
        gitlab_is_asked_as_its_documentation_says,
        answers_of_another_shape_are_errors_that_say_so,
        a_list_that_is_none_is_an_error,
        a_repository_cannot_lead_out_of_its_place,
    };
    TCase *tcase = tcase_create("all");

    tcase_set_timeout(tcase, 60);
    for (guint i = 0; i < G_N_ELEMENTS(tests); i++)
        tcase_add_test(tcase, tests[i]);
    return run_tests("remote/forge", tcase);
}
