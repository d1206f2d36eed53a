/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The client against a server that answers badly: what is tried again, what is not, and where the
 * token goes. */
#include <signal.h>

#include "http_fixtures.h"
#include "remote/http_policy.h"
#include "remote/rest.h"
#include "tests/unit/run.h"

#define TOKEN              "s3cr3t-token"
#define HEAD(status, more) "HTTP/1.1 " status "\r\nConnection: close\r\n" more "\r\n"
#define OK                 HEAD("200 OK", "") "{}"

static GString *told;

static void on_wait(const char *why, double seconds, gpointer data)
{
    g_string_append_printf(told, "%s %.0f;", why, seconds);
}

static void on_dry_run(const char *method, const char *url, const char *body, gpointer data)
{
    g_string_append_printf(told, "%s %s %s;", method, strstr(url, "/api"), body);
}

static RsHttp *client_with(const char *url, gboolean dry_run, double budget_s)
{
    static char *headers[] = {(char *)"Accept: application/json", NULL};
    RsHttpOptions options = {
        .base_url = url,
        .token_header = "PRIVATE-TOKEN: ",
        .token = TOKEN,
        .headers = headers,
        .budget_s = budget_s,
        .write_gap_s = 0,
        .wait_unit_s = 0.001,
        .dry_run = dry_run,
        .on_dry_run = on_dry_run,
        .on_wait = on_wait,
    };
    RsHttp *http = rs_http_new(&options, NULL);

    ck_assert_ptr_nonnull(http);
    return http;
}

static void set_up(void)
{
    told = g_string_new(NULL);
}

static void tear_down(void)
{
    g_string_free(told, TRUE);
}

/* Sends one request to a server with these answers; gives the error's code, -1 for success, and how
 * many requests arrived. */
static int outcome(const char *method, const char *const *answers, guint *n_requests)
{
    TestServer server;
    g_autoptr(RsHttp) http = NULL;
    g_autoptr(GError) error = NULL;
    g_auto(RsHttpAnswer) answer = {0};
    gboolean ok;

    server_start(&server, answers);
    http = client_with(server.url, FALSE, 20);
    ok =
        rs_http_send(http, method, "/x", g_str_equal(method, "GET") ? NULL : "{}", &answer, &error);
    server_join(&server);
    *n_requests = server.requests->len;
    for (guint i = 0; i < server.requests->len; i++)
        ck_assert_ptr_nonnull(strstr(g_ptr_array_index(server.requests, i), TOKEN));
    server_stop(&server);
    ck_assert(ok == (error == NULL));
    if (error)
        ck_assert_ptr_null(strstr(error->message, TOKEN));
    return error ? error->code : -1;
}

START_TEST(a_request_carries_what_an_api_expects)
{
    static const char *const answers[] = {OK, NULL};
    TestServer server;
    g_autoptr(RsHttp) http = NULL;
    g_auto(RsHttpAnswer) answer = {0};
    const char *request;

    server_start(&server, answers);
    http = client_with(server.url, FALSE, 20);
    ck_assert(rs_http_send(http, "PATCH", "/repos/o/r", "{\"a\": 1}", &answer, NULL));
    server_join(&server);
    request = g_ptr_array_index(server.requests, 0);
    ck_assert(g_str_has_prefix(request, "PATCH /api/v3/repos/o/r HTTP/"));
    ck_assert_ptr_nonnull(strstr(request, "\r\nPRIVATE-TOKEN: " TOKEN "\r\n"));
    ck_assert_ptr_nonnull(strstr(request, "\r\nUser-Agent: rustscope/"));
    ck_assert_ptr_nonnull(strstr(request, "\r\nAccept: application/json\r\n"));
    ck_assert_ptr_nonnull(strstr(request, "\r\nContent-Type: application/json\r\n"));
    ck_assert(g_str_has_suffix(request, "\r\n\r\n{\"a\": 1}"));
    ck_assert_str_eq(g_bytes_get_data(answer.body, NULL), "{}");
    ck_assert_uint_eq(answer.status, 200);
    server_stop(&server);
}
END_TEST

START_TEST(a_server_in_trouble_is_asked_again_but_not_for_ever)
{
    static const char *const twice[] = {HEAD("502 Bad Gateway", ""), "", OK, NULL};
    static const char *const always[] = {
        HEAD("503 No", ""), HEAD("503 No", ""), HEAD("503 No", ""),
        HEAD("503 No", ""), HEAD("503 No", ""), NULL,
    };
    guint n;

    ck_assert_int_eq(outcome("GET", twice, &n), -1);
    ck_assert_uint_eq(n, 3);
    ck_assert_int_eq(outcome("PATCH", always, &n), RS_HTTP_ERROR_SERVER);
    ck_assert_uint_eq(n, 5);
}
END_TEST

START_TEST(a_post_whose_answer_was_lost_is_not_sent_again)
{
    static const char *const lost[] = {"", NULL}, *const broken[] = {HEAD("500 Oh", ""), NULL};
    guint n;

    ck_assert_int_eq(outcome("POST", lost, &n), RS_HTTP_ERROR_UNKNOWN);
    ck_assert_uint_eq(n, 1);
    ck_assert_int_eq(outcome("POST", broken, &n), RS_HTTP_ERROR_UNKNOWN);
    ck_assert_uint_eq(n, 1);
}
END_TEST

START_TEST(a_rate_limit_is_waited_for_as_long_as_the_server_says)
{
    static const char *const gitlab[] = {
        HEAD("429 Too Many Requests", "Retry-After: 1\r\n") "Retry later\n", OK, NULL};
    static const char *const github[] = {
        HEAD("403 Forbidden", "Retry-After: 1\r\n") "{\"message\": \"secondary rate limit\"}", OK,
        NULL};
    guint n;

    ck_assert_int_eq(outcome("POST", gitlab, &n), -1);
    ck_assert_int_eq(outcome("POST", github, &n), -1);
    ck_assert_str_eq(told->str, "the server's rate limit is reached 1;"
                                "the server's rate limit is reached 1;");
}
END_TEST

START_TEST(a_wait_beyond_the_budget_is_not_begun)
{
    static const char *const answers[] = {HEAD("429 No", "Retry-After: 3600\r\n"), NULL};
    guint n;
    gint64 start_us = g_get_monotonic_time();

    ck_assert_int_eq(outcome("GET", answers, &n), RS_HTTP_ERROR_BUDGET);
    ck_assert_int_lt(g_get_monotonic_time() - start_us, 10 * G_USEC_PER_SEC);
}
END_TEST

START_TEST(what_will_not_get_better_is_said_at_once)
{
    static const struct {
        const char *answer;
        int error;
    } cases[] = {
        {HEAD("401 No", ""), RS_HTTP_ERROR_REFUSED},
        {HEAD("403 No", "") "{\"message\": \"Resource not accessible by integration\"}",
         RS_HTTP_ERROR_REFUSED},
        {HEAD("404 No", ""), RS_HTTP_ERROR_NOT_FOUND},
        {HEAD("410 Gone", ""), RS_HTTP_ERROR_NOT_FOUND},
        {HEAD("413 No", ""), RS_HTTP_ERROR_TOO_LONG},
        {HEAD("422 No", "") "{\"message\": \"Body is too long (maximum is 65536 characters)\"}",
         RS_HTTP_ERROR_TOO_LONG},
        {HEAD("422 No", "") "{\"message\": \"Validation failed\"}", RS_HTTP_ERROR_INVALID},
        {HEAD("400 No", "") "you sent " TOKEN, RS_HTTP_ERROR_INVALID},
        {HEAD("501 No", ""), RS_HTTP_ERROR_SERVER},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *const answers[] = {cases[i].answer, NULL};
        guint n;

        ck_assert_int_eq(outcome("POST", answers, &n), cases[i].error);
        ck_assert_uint_eq(n, 1);
    }
}
END_TEST

START_TEST(a_conflict_is_tried_once_more)
{
    static const char *const once[] = {HEAD("409 No", ""), OK, NULL};
    static const char *const twice[] = {HEAD("409 No", ""), HEAD("409 No", ""), NULL};
    guint n;

    ck_assert_int_eq(outcome("PATCH", once, &n), -1);
    ck_assert_int_eq(outcome("PATCH", twice, &n), RS_HTTP_ERROR_CONFLICT);
}
END_TEST

/* Two servers: the first one's answer sends to the second. */
static int redirected(const char *method, const char *status, gboolean to_other, GString *seen)
{
    static const char *const ok[] = {OK, NULL};
    TestServer first, second;
    g_autofree char *answer = NULL;
    const char *answers[3] = {NULL};
    g_autoptr(RsHttp) http = NULL;
    g_autoptr(GError) error = NULL;
    gboolean is_followed;

    server_start(&second, ok);
    answer = to_other ? g_strdup_printf("HTTP/1.1 %s\r\nConnection: close\r\nLocation: %s/moved"
                                        "\r\n\r\n",
                                        status, second.url)
                      : g_strdup_printf("HTTP/1.1 %s\r\nConnection: close\r\nLocation: "
                                        "/api/v3/moved\r\n\r\n",
                                        status);
    answers[0] = answer;
    answers[1] = to_other ? NULL : OK;
    server_start(&first, answers);
    http = client_with(first.url, FALSE, 20);
    rs_http_send(http, method, "/x", g_str_equal(method, "GET") ? NULL : "{}", NULL, &error);
    is_followed = !error;
    if (!to_other || !is_followed) {
        /* The second one was not asked; let it end. */
        g_autoptr(RsHttp) other = client_with(second.url, FALSE, 20);

        ck_assert(rs_http_send(other, "GET", "/x", NULL, NULL, NULL));
    }
    if (!to_other && !is_followed) {
        g_autoptr(RsHttp) other = client_with(first.url, FALSE, 20);

        ck_assert(rs_http_send(other, "GET", "/x", NULL, NULL, NULL));
    }
    server_join(&first);
    server_join(&second);
    for (guint i = 0; i < first.requests->len; i++)
        g_string_append(seen, g_ptr_array_index(first.requests, i));
    if (to_other && is_followed) {
        ck_assert_ptr_null(strstr(g_ptr_array_index(second.requests, 0), TOKEN));
        g_string_append(seen, g_ptr_array_index(second.requests, 0));
    }
    server_stop(&first);
    server_stop(&second);
    return error ? error->code : -1;
}

START_TEST(redirects_keep_the_token_at_home)
{
    g_autoptr(GString) seen = g_string_new(NULL);

    ck_assert_int_eq(redirected("GET", "302 Found", TRUE, seen), -1);
    ck_assert_ptr_nonnull(strstr(seen->str, "GET /api/v3/moved"));
    g_string_truncate(seen, 0);
    ck_assert_int_eq(redirected("GET", "301 Moved", FALSE, seen), -1);
    ck_assert_ptr_nonnull(strstr(seen->str, "GET /api/v3/moved"));
    g_string_truncate(seen, 0);
    ck_assert_int_eq(redirected("PATCH", "307 Moved", FALSE, seen), -1);
    ck_assert_ptr_nonnull(strstr(seen->str, "PATCH /api/v3/moved"));
    /* A body does not go elsewhere, and a POST does not become a GET. */
    ck_assert_int_eq(redirected("POST", "307 Moved", TRUE, seen), RS_HTTP_ERROR_URL);
    ck_assert_int_eq(redirected("POST", "302 Found", FALSE, seen), RS_HTTP_ERROR_URL);
}
END_TEST

START_TEST(pages_are_followed_on_the_same_origin_alone)
{
    TestServer server;
    g_autofree char *own = NULL;
    const char *answers[3] = {NULL};
    g_autoptr(RsHttp) http = NULL;
    g_auto(RsHttpAnswer) first = {0}, second = {0};

    answers[0] = HEAD("200 OK", "Link: </api/v3/x?page=1>; rel=\"prev\", </api/v3/x?page=3>; "
                                "rel=\"next\"\r\nX-Next-Page: 3\r\n") "[]";
    answers[1] = HEAD("200 OK", "Link: <https://evil.example/x>; rel=\"next\"\r\n") "[]";
    server_start(&server, answers);
    http = client_with(server.url, FALSE, 20);
    ck_assert(rs_http_send(http, "GET", "/x?page=2", NULL, &first, NULL));
    own = g_strdup_printf("http://127.0.0.1:%u/api/v3/x?page=3", server.port);
    ck_assert_str_eq(first.next_url, own);
    ck_assert_str_eq(first.next_page, "3");
    ck_assert(rs_http_send(http, "GET", first.next_url, NULL, &second, NULL));
    ck_assert_ptr_null(second.next_url);
    ck_assert(!rs_http_send(http, "GET", "https://evil.example/x", NULL, NULL, NULL));
    server_stop(&server);
}
END_TEST

/* As behind a proxy: a list that is cut off would hide our comment. */
START_TEST(a_list_goes_on_at_home_when_its_link_leads_elsewhere)
{
    static const char *const answers[] = {
        HEAD("200 OK", "Link: <https://inside.example/api/v3/x?page=2>; rel=\"next\"\r\n") "[1]",
        HEAD("200 OK", "") "[2]", NULL};
    TestServer server;
    g_autoptr(RsHttp) http = NULL;
    json_t *list;

    server_start(&server, answers);
    http = client_with(server.url, FALSE, 20);
    list = rs_rest_list(http, "/x?per_page=100", NULL);
    server_join(&server);
    ck_assert_uint_eq(json_array_size(list), 2);
    ck_assert(g_str_has_prefix(g_ptr_array_index(server.requests, 1),
                               "GET /api/v3/x?per_page=100&page=2 "));
    json_decref(list);
    server_stop(&server);
}
END_TEST

START_TEST(a_server_that_does_not_know_numbers_of_pages_has_one_page)
{
    static const char page[] =
        HEAD("200 OK", "Link: <https://inside.example/api/v3/x?page=2>; rel=\"next\"\r\n") "[1]";
    static const char *const answers[] = {page, page, NULL};
    TestServer server;
    g_autoptr(RsHttp) http = NULL;
    json_t *list;

    server_start(&server, answers);
    http = client_with(server.url, FALSE, 20);
    list = rs_rest_list(http, "/x", NULL);
    ck_assert_uint_eq(json_array_size(list), 1);
    json_decref(list);
    server_stop(&server);
}
END_TEST

START_TEST(a_list_without_an_end_is_not_followed_for_ever)
{
    const char *answers[RS_REST_MAX_PAGES + 2] = {NULL};
    TestServer server;
    g_autoptr(RsHttp) http = NULL;
    g_autoptr(GError) error = NULL;

    for (guint i = 0; i <= RS_REST_MAX_PAGES; i++)
        answers[i] = HEAD("200 OK", "Link: </api/v3/x>; rel=\"next\"\r\n") "[]";
    server_start(&server, answers);
    http = client_with(server.url, FALSE, 100);
    ck_assert_ptr_null(rs_rest_list(http, "/x", &error));
    ck_assert(g_error_matches(error, RS_HTTP_ERROR, RS_HTTP_ERROR_ANSWER));
    server_stop(&server);
}
END_TEST

START_TEST(when_the_budget_has_ended_nothing_more_is_asked)
{
    static const char *const answers[] = {OK, NULL};
    TestServer server;
    g_autoptr(RsHttp) http = NULL;
    g_autoptr(GError) error = NULL;

    server_start(&server, answers);
    http = client_with(server.url, FALSE, 0.2);
    ck_assert(rs_http_send(http, "GET", "/x", NULL, NULL, NULL));
    g_usleep(250000);
    ck_assert(!rs_http_send(http, "GET", "/x", NULL, NULL, &error));
    ck_assert(g_error_matches(error, RS_HTTP_ERROR, RS_HTTP_ERROR_BUDGET));
    server_stop(&server);
}
END_TEST

START_TEST(what_a_server_says_is_without_the_token)
{
    static const char *const answers[] = {
        HEAD("307 Moved", "Location: ftp://evil.example/" TOKEN "\r\n"),
        HEAD("200 OK", "") "{\"url\": \"https://h/" TOKEN "\"}", NULL};
    TestServer server;
    g_autoptr(RsHttp) http = NULL;
    g_autoptr(GError) error = NULL;
    g_auto(RsHttpAnswer) answer = {0};

    server_start(&server, answers);
    http = client_with(server.url, FALSE, 20);
    ck_assert(!rs_http_send(http, "GET", "/x", NULL, NULL, &error));
    ck_assert_ptr_null(strstr(error->message, TOKEN));
    ck_assert_ptr_nonnull(strstr(error->message, "ftp://evil.example/[secret]'"));
    ck_assert(rs_http_send(http, "GET", "/x", NULL, &answer, NULL));
    ck_assert_str_eq(g_bytes_get_data(answer.body, NULL), "{\"url\": \"https://h/[secret]\"}");
    server_stop(&server);
}
END_TEST

/* Plain http is for loopback alone, and a proxy is not that. */
START_TEST(no_proxy_is_shown_a_token_that_stays_on_this_machine)
{
    static const char *const answers[] = {OK, NULL};
    TestServer server;
    g_autoptr(RsHttp) http = NULL;

    g_setenv("http_proxy", "http://127.0.0.1:1", TRUE); /* where nobody listens */
    g_unsetenv("no_proxy");
    g_unsetenv("NO_PROXY");
    server_start(&server, answers);
    http = client_with(server.url, FALSE, 2);
    ck_assert(rs_http_send(http, "GET", "/x", NULL, NULL, NULL));
    server_stop(&server);
}
END_TEST

START_TEST(an_endless_answer_is_not_taken)
{
    gsize n_flood = RS_HTTP_MAX_ANSWER_BYTES + 1;
    g_autofree char *flood = g_strnfill(n_flood, 'x');
    g_autofree char *answer = g_strconcat(HEAD("200 OK", ""), flood, NULL);
    const char *const answers[] = {answer, NULL};
    guint n;

    signal(SIGPIPE, SIG_IGN);
    ck_assert_int_eq(outcome("GET", answers, &n), RS_HTTP_ERROR_ANSWER);
    ck_assert_uint_eq(n, 1);
}
END_TEST

START_TEST(a_dry_run_reads_and_tells_what_it_would_write)
{
    static const char *const answers[] = {OK, NULL};
    TestServer server;
    g_autoptr(RsHttp) http = NULL;
    g_auto(RsHttpAnswer) answer = {0};

    server_start(&server, answers);
    http = client_with(server.url, TRUE, 20);
    ck_assert(rs_http_send(http, "GET", "/x", NULL, NULL, NULL));
    ck_assert(rs_http_send(http, "POST", "/y", "{\"body\": 1}", &answer, NULL));
    ck_assert_uint_eq(answer.status, 0);
    ck_assert_str_eq(told->str, "POST /api/v3/y {\"body\": 1};");
    server_stop(&server);
}
END_TEST

START_TEST(urls_that_a_token_must_not_go_to_are_refused)
{
    static const char *const bad[] = {
        "http://api.github.com",
        "https://user:pw@api.github.com",
        "ftp://127.0.0.1",
        "api",
        "",
        "http://127.0.0.1.evil.example/",
        "file:///etc/passwd",
    };

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        RsHttpOptions options = {.base_url = bad[i], .token_header = "A: ", .token = "t"};
        g_autoptr(GError) error = NULL;
        g_autoptr(RsHttp) http = rs_http_new(&options, &error);

        if (http)
            ck_abort_msg("'%s' was taken", bad[i]);
        ck_assert(g_error_matches(error, RS_HTTP_ERROR, RS_HTTP_ERROR_URL));
        ck_assert_ptr_null(strstr(error->message, "user:pw"));
    }
}
END_TEST

START_TEST(a_token_of_several_lines_is_refused)
{
    RsHttpOptions options = {
        .base_url = "https://h", .token_header = "A: ", .token = "t\r\nX-Evil: 1"};

    ck_assert_ptr_null(rs_http_new(&options, NULL));
}
END_TEST

/* --- the policy alone --- */

static RsHttpDecision of(guint status, const char *headers, guint try)
{
    RsHttpHeaders taken = {.rate_remaining = -1, .rate_reset_s = -1};
    g_auto(GStrv) lines = g_strsplit(headers, "\n", -1);
    RsHttpDecision decision;

    for (char **line = lines; *line; line++)
        rs_http_headers_take(&taken, *line, strlen(*line));
    decision = rs_http_decide_answer("GET", status, &taken, "", try, 1, 1000, 0.5);
    rs_http_headers_clear(&taken);
    return decision;
}

START_TEST(waits_come_from_the_header_that_says_most)
{
    ck_assert_double_eq(of(429, "Retry-After: 7\nRateLimit-Reset: 2000", 0).wait_s, 7);
    ck_assert_double_eq(of(403, "x-ratelimit-remaining: 0\nx-ratelimit-reset: 1030", 0).wait_s, 31);
    ck_assert_double_eq(of(429, "Retry-After: ", 0).wait_s, 60);
    ck_assert_double_eq(of(429, "", 2).wait_s, 240);
    ck_assert_double_eq(of(429, "Retry-After: Thu, 01 Jan 1970 00:17:00 GMT", 0).wait_s, 20);
    ck_assert_double_eq(of(503, "", 3).wait_s, 8);
    ck_assert_double_eq(of(503, "", 30).wait_s, 60);
    ck_assert_int_eq(of(403, "x-ratelimit-remaining: 5", 0).action, RS_HTTP_FAIL);
}
END_TEST

START_TEST(the_next_page_is_found_in_any_link_header)
{
    static const struct {
        const char *link, *next;
    } cases[] = {
        {"<https://a/x?page=2>; rel=\"next\", <https://a/x?page=9>; rel=\"last\"",
         "https://a/x?page=2"},
        {"<https://a/1>; rel=\"first\",<https://a/2>; rel=\"next\"", "https://a/2"},
        {"<https://a/2>; rel=next", "https://a/2"},
        {"<https://a/x,y?z=<>; rel=\"prev\"", NULL},
        {"<https://a", NULL},
        {"", NULL},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *next = rs_http_next_link(cases[i].link);

        ck_assert_pstr_eq(next, cases[i].next);
    }
    ck_assert_ptr_null(rs_http_next_link(NULL));
}
END_TEST

START_TEST(a_part_of_a_path_cannot_leave_it)
{
    g_autofree char *escaped = rs_http_escape("a/b?c#d e%../é");

    ck_assert_str_eq(escaped, "a%2Fb%3Fc%23d%20e%25..%2F%C3%A9");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_request_carries_what_an_api_expects,
        a_server_in_trouble_is_asked_again_but_not_for_ever,
        a_post_whose_answer_was_lost_is_not_sent_again,
        a_rate_limit_is_waited_for_as_long_as_the_server_says,
        a_wait_beyond_the_budget_is_not_begun,
        what_will_not_get_better_is_said_at_once,
        a_conflict_is_tried_once_more,
        redirects_keep_the_token_at_home,
        pages_are_followed_on_the_same_origin_alone,
        a_list_goes_on_at_home_when_its_link_leads_elsewhere,
        a_server_that_does_not_know_numbers_of_pages_has_one_page,
        a_list_without_an_end_is_not_followed_for_ever,
        when_the_budget_has_ended_nothing_more_is_asked,
        what_a_server_says_is_without_the_token,
        no_proxy_is_shown_a_token_that_stays_on_this_machine,
        an_endless_answer_is_not_taken,
        a_dry_run_reads_and_tells_what_it_would_write,
        urls_that_a_token_must_not_go_to_are_refused,
        a_token_of_several_lines_is_refused,
        waits_come_from_the_header_that_says_most,
        the_next_page_is_found_in_any_link_header,
        a_part_of_a_path_cannot_leave_it,
    };
    TCase *tcase = tcase_create("all");

    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    for (guint i = 0; i < G_N_ELEMENTS(tests); i++)
        tcase_add_test(tcase, tests[i]);
    return run_tests("remote/http", tcase);
}
