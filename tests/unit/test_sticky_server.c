/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One comment on both forges, over real connections to a server with a memory: whoever else writes,
 * however many pages there are, whatever breaks on the way. */
#include "remote/sticky.h"
#include "remote_fixtures.h"
#include "tests/unit/run.h"

static const RsForgeRow *const rows[] = {&rs_forge_github, &rs_forge_gitlab};
#define LIST(row)   ((row) == &rs_forge_gitlab ? "GET */notes" : "GET */issues/7/comments")
#define CREATE(row) ((row) == &rs_forge_gitlab ? "POST */notes" : "POST */issues/7/comments")
#define UPDATE(row) ((row) == &rs_forge_gitlab ? "PUT */notes/*" : "PATCH */issues/comments/*")
#define CHANGE(row) ((row) == &rs_forge_gitlab ? "GET */merge_requests/7" : "GET */pulls/7")

#define STATE                                                                                      \
    "{'tokens': {'" SECRET "': {'user': 'bot'}}, 'page_size': 2, 'repositories': {'o/r': {'id': "  \
    "42, 'changes': {'7': {'head': '" HEAD "'}}}}}"

static char *render(gsize limit_bytes, gpointer data)
{
    return g_strndup(data, limit_bytes);
}

static RsStickyOutcome post_with(RsForge *forge, gint64 run, const char *text, GError **error)
{
    const RsStickyRequest request = {
        .number = 7,
        .marker = {(char *)"default", (char *)HEAD, run, 1, (char *)"critical"},
        .render = render,
        .data = (gpointer)text,
        .settle_s = 0.05,
    };
    g_auto(RsStickyResult) result = {0};

    return rs_sticky_post(forge, &request, &result, error) ? result.outcome : G_MAXUINT;
}

static RsStickyOutcome post(const RsForgeRow *row, gint64 run, const char *text, GError **error)
{
    g_autoptr(RsForge) forge = remote_forge(row, NULL);

    return post_with(forge, run, text, error);
}

/* The comments with a marker of ours; the last one's body. */
static guint n_ours(char **body)
{
    json_t *state = remote_state(), *changes, *comment;
    guint n = 0;
    size_t i;

    changes =
        json_object_get(json_object_get(json_object_get(state, "repositories"), "o/r"), "changes");
    json_array_foreach(json_object_get(json_object_get(changes, "7"), "comments"), i, comment)
    {
        if (!g_str_has_prefix(rs_rest_text(comment, "body"), "<!-- rustscope:report "))
            continue;
        n++;
        if (body) {
            g_free(*body);
            *body = g_strdup(rs_rest_text(comment, "body"));
        }
    }
    json_decref(state);
    return n;
}

static void assert_only_comment_says(const char *text)
{
    g_autofree char *body = NULL;

    ck_assert_uint_eq(n_ours(&body), 1);
    if (!strstr(body, text))
        ck_abort_msg("%s is not in %s", text, body);
}

/* --- races --- */

typedef struct {
    const RsForgeRow *row;
    gint64 run;
    RsStickyOutcome outcome;
} Racer;

static gpointer race(gpointer data)
{
    Racer *racer = data;
    g_autofree char *text = g_strdup_printf("says run %d", (int)racer->run);

    racer->outcome = post(racer->row, racer->run, text, NULL);
    return NULL;
}

static void run_race(const RsForgeRow *row, Racer *racers, guint n)
{
    g_autoptr(GPtrArray) threads = g_ptr_array_new();

    for (guint i = 0; i < n; i++) {
        racers[i] = (Racer){.row = row, .run = 10 + i};
        g_ptr_array_add(threads, g_thread_new("racer", race, &racers[i]));
    }
    for (guint i = 0; i < n; i++)
        g_thread_join(g_ptr_array_index(threads, i));
}

START_TEST(two_runs_that_race_leave_one_comment)
{
    const RsForgeRow *row = rows[_i];
    Racer racers[2];

    remote_start(STATE);
    /* Both have seen that there is none, and both write. */
    remote_set(
        "faults",
        row == &rs_forge_gitlab
            ? "[{'request': 'GET */notes', 'meet': 2}, {'request': 'POST */notes', 'meet': 2}]"
            : "[{'request': 'GET */issues/7/comments', 'meet': 2}, {'request': 'POST "
              "*/issues/7/comments', 'meet': 2}]");
    run_race(row, racers, 2);
    ck_assert_uint_eq(remote_count("POST", "/7/"), 2);
    ck_assert_int_eq(racers[0].outcome, RS_STICKY_CREATED);
    ck_assert_int_eq(racers[1].outcome, RS_STICKY_CREATED);
    assert_only_comment_says("says run 11");
    remote_stop();
}
END_TEST

START_TEST(one_run_that_comes_late_leaves_one_comment_too)
{
    const RsForgeRow *row = rows[_i];
    Racer racers[2];

    remote_start(STATE);
    /* One of them has long looked again when the other is answered. */
    remote_set(
        "faults",
        row == &rs_forge_gitlab
            ? "[{'request': 'GET */notes', 'meet': 2}, {'request': 'POST */notes', 'slow_s': 0.3}]"
            : "[{'request': 'GET */issues/7/comments', 'meet': 2}, {'request': 'POST "
              "*/issues/7/comments', 'slow_s': 0.3}]");
    run_race(row, racers, 2);
    assert_only_comment_says("says run 11");
    remote_stop();
}
END_TEST

START_TEST(six_runs_at_once_leave_one_comment)
{
    const RsForgeRow *row = rows[_i];
    Racer racers[6];

    remote_start(STATE);
    run_race(row, racers, 6);
    /* A run that wrote while others deleted is repaired by the next. */
    post(row, 20, "says run 20", NULL);
    assert_only_comment_says("says run 20");
    remote_stop();
}
END_TEST

/* --- pages and people --- */

START_TEST(our_comment_is_found_on_the_third_page)
{
    static const char *const ways[] = {"'both'", "'link'", "'x-next-page'"};
    const RsForgeRow *row = rows[_i];

    for (guint way = 0; way < (row == &rs_forge_gitlab ? G_N_ELEMENTS(ways) : 1); way++) {
        remote_start(STATE);
        remote_set("pagination", ways[way]);
        remote_set("repositories|o/r|changes|7|comments",
                   "[{'id': 1, 'user': 'a', 'body': '1'}, {'id': 2, 'user': 'a', 'body': '2'}, "
                   "{'id': 3, 'user': 'a', 'body': '3'}, {'id': 4, 'user': 'a', 'body': '4'}, "
                   "{'id': 5, 'user': 'bot', 'body': '<!-- rustscope:report v=1 key=default "
                   "head=1234567 seq=1.1 state=passed -->\\nold'}, {'id': 6, 'user': 'a', 'body': "
                   "'6'}, {'id': 7, 'user': 'a', 'body': '7'}]");
        ck_assert_int_eq(post(row, 2, "new", NULL), RS_STICKY_UPDATED);
        assert_only_comment_says("\nnew");
        ck_assert_uint_eq(remote_count("POST", "/7/"), 0);
        ck_assert_uint_ge(remote_count("GET", "page=3"), 1);
        remote_stop();
    }
}
END_TEST

START_TEST(a_comment_of_somebody_else_with_our_marker_is_not_touched)
{
    const RsForgeRow *row = rows[_i];

    remote_start(STATE);
    remote_set("repositories|o/r|changes|7|comments",
               "[{'id': 5, 'user': 'mallory', 'body': '<!-- rustscope:report v=1 key=default "
               "head=" HEAD " seq=999.1 state=passed -->\\nfake'}]");
    ck_assert_int_eq(post(row, 2, "true", NULL), RS_STICKY_CREATED);
    ck_assert_uint_eq(n_ours(NULL), 2);
    ck_assert_int_eq(post(row, 3, "later", NULL), RS_STICKY_UPDATED);
    ck_assert_uint_eq(n_ours(NULL), 2);
    remote_stop();
}
END_TEST

START_TEST(a_token_of_an_app_finds_its_comment_again)
{
    static const char *const users[] = {"github-actions[bot]", "company-ci[bot]"};

    for (guint i = 0; i < G_N_ELEMENTS(users); i++) {
        g_autofree char *token =
            g_strdup_printf("{'user': '%s', 'may': ['read', 'comment']}", users[i]);

        remote_start(STATE);
        remote_set("tokens|" SECRET, token);
        ck_assert_int_eq(post(&rs_forge_github, 1, "one", NULL), RS_STICKY_CREATED);
        ck_assert_int_eq(post(&rs_forge_github, 2, "two", NULL), RS_STICKY_UPDATED);
        assert_only_comment_says("two");
        remote_stop();
    }
}
END_TEST

START_TEST(another_apps_comment_is_passed_over_when_it_may_not_be_changed)
{
    remote_start(STATE);
    remote_set("tokens|" SECRET, "{'user': 'one[bot]', 'may': ['read', 'comment']}");
    remote_set("repositories|o/r|changes|7|comments",
               "[{'id': 5, 'user': 'other[bot]', 'foreign': true, 'body': '<!-- rustscope:report "
               "v=1 key=default head=1234567 seq=1.1 state=passed -->\\ntheirs'}]");
    ck_assert_int_eq(post(&rs_forge_github, 2, "ours", NULL), RS_STICKY_CREATED);
    ck_assert_int_eq(post(&rs_forge_github, 3, "ours again", NULL), RS_STICKY_UPDATED);
    ck_assert_uint_eq(n_ours(NULL), 2);
    remote_stop();
}
END_TEST

START_TEST(a_head_that_moves_silences_the_run)
{
    const RsForgeRow *row = rows[_i];

    remote_start(STATE);
    ck_assert_int_eq(post(row, 1, "one", NULL), RS_STICKY_CREATED);
    remote_set("repositories|o/r|changes|7|head", "'abcdef0'");
    ck_assert_int_eq(post(row, 2, "two", NULL), RS_STICKY_STALE);
    remote_set("repositories|o/r|changes|7|state", "'merged'");
    ck_assert_int_eq(post(row, 3, "three", NULL), RS_STICKY_CLOSED);
    assert_only_comment_says("one");
    remote_stop();
}
END_TEST

/* --- what breaks --- */

/* It was created, and how it is called cannot be read. */
START_TEST(an_answer_that_cannot_be_read_makes_no_second_comment)
{
    static const char *const bodies[] = {"", "{\\\"id\\\": 1", "[]", "{\\\"id\\\": null}"};
    const RsForgeRow *row = rows[_i];

    for (guint i = 0; i < G_N_ELEMENTS(bodies); i++) {
        g_autofree char *way =
            g_strdup_printf("'status': 201, 'body': '%s', 'carry_out': true", bodies[i]);

        remote_start(STATE);
        remote_fault(CREATE(row), way);
        ck_assert_int_eq(post(row, 1, "the text", NULL), RS_STICKY_CREATED);
        assert_only_comment_says("the text");
        remote_stop();
    }
}
END_TEST

START_TEST(a_head_that_moves_while_a_write_waits_silences_the_run)
{
    static const char way[] =
        "'status': 429, 'headers': {'Retry-After': '1'}, 'body': 'later', 'then': "
        "[['repositories|o/r|changes|7|head', 'abcdef0']]";
    const RsForgeRow *row = rows[_i];

    remote_start(STATE);
    ck_assert_int_eq(post(row, 1, "first", NULL), RS_STICKY_CREATED);
    remote_fault(UPDATE(row), way);
    ck_assert_int_eq(post(row, 2, "second", NULL), RS_STICKY_STALE);
    assert_only_comment_says("first");
    remote_stop();
    remote_start(STATE);
    remote_fault(CREATE(row), way);
    ck_assert_int_eq(post(row, 1, "first", NULL), RS_STICKY_STALE);
    ck_assert_uint_eq(n_ours(NULL), 0);
    remote_stop();
}
END_TEST

START_TEST(a_lost_answer_makes_no_second_comment)
{
    static const struct {
        const char *way;
        guint n_sent;
    } cases[] = {
        {"'close': 'after'", 1},    {"'close': 'middle'", 1},
        {"'close': 'before'", 2},   {"'preset': 'gateway', 'carry_out': true", 1},
        {"'preset': 'gateway'", 2}, {"'close': 'before', 'times': 2", 3},
    };
    const RsForgeRow *row = rows[_i];

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        remote_start(STATE);
        remote_fault(CREATE(row), cases[i].way);
        ck_assert_int_ne(post(row, 1, "one", NULL), G_MAXUINT);
        assert_only_comment_says("one");
        if (remote_count("POST", "/7/") != cases[i].n_sent)
            ck_abort_msg("%s: sent %u times", cases[i].way, remote_count("POST", "/7/"));
        remote_stop();
    }
}
END_TEST

START_TEST(what_passes_is_waited_for)
{
    static const char *const ways[] = {
        "'preset': 'unavailable', 'times': 2",
        "'preset': 'gateway'",
        "'close': 'before'",
        "'close': 'middle', 'times': 2",
        "'close': 'after'",
        "'preset': 'rate_seconds'",
        "'preset': 'rate_date'",
        "'preset': 'rate_blank'",
        "'preset': 'retry_later'",
        "'preset': 'rate_primary'",
        "'preset': 'rate_secondary'",
    };
    const RsForgeRow *row = rows[_i];
    g_autofree char *last = NULL;

    remote_start(STATE);
    ck_assert_int_eq(post(row, 1, "first", NULL), RS_STICKY_CREATED);
    for (guint way = 0; way < G_N_ELEMENTS(ways); way++) {
        const char *const requests[] = {LIST(row), UPDATE(row), CHANGE(row)};
        g_autofree char *text = g_strdup_printf("text %u", way);
        g_autoptr(GError) error = NULL;

        remote_fault(requests[way % G_N_ELEMENTS(requests)], ways[way]);
        if (post(row, 2 + way, text, &error) != RS_STICKY_UPDATED)
            ck_abort_msg("%s: %s", ways[way], error ? error->message : "not updated");
        assert_only_comment_says(text);
    }
    remote_stop();
}
END_TEST

START_TEST(a_rate_limit_on_a_creation_is_waited_for)
{
    static const char *const ways[] = {"rate_seconds", "rate_blank", "retry_later",
                                       "rate_secondary"};
    const RsForgeRow *row = rows[_i];

    for (guint way = 0; way < G_N_ELEMENTS(ways); way++) {
        g_autofree char *preset = g_strdup_printf("'preset': '%s'", ways[way]);

        remote_start(STATE);
        remote_fault(CREATE(row), preset);
        ck_assert_int_eq(post(row, 1, "one", NULL), RS_STICKY_CREATED);
        assert_only_comment_says("one");
        remote_stop();
    }
}
END_TEST

START_TEST(a_conflict_is_tried_once_more)
{
    const RsForgeRow *row = rows[_i];
    g_autoptr(GError) error = NULL;

    remote_start(STATE);
    ck_assert_int_eq(post(row, 1, "one", NULL), RS_STICKY_CREATED);
    remote_fault(UPDATE(row), "'preset': 'conflict'");
    ck_assert_int_eq(post(row, 2, "two", NULL), RS_STICKY_UPDATED);
    remote_fault(UPDATE(row), "'preset': 'conflict', 'times': 9");
    ck_assert_int_eq(post(row, 3, "three", &error), G_MAXUINT);
    ck_assert(g_error_matches(error, RS_HTTP_ERROR, RS_HTTP_ERROR_CONFLICT));
    assert_only_comment_says("two");
    remote_stop();
}
END_TEST

START_TEST(what_does_not_pass_ends_it_and_leaves_what_was_there)
{
    static const struct {
        const char *way;
        RsHttpError code;
    } cases[] = {
        {"'preset': 'forbidden', 'times': 99", RS_HTTP_ERROR_REFUSED},
        {"'status': 401, 'body': {'message': 'Bad credentials " SECRET "'}, 'times': 99",
         RS_HTTP_ERROR_REFUSED},
        {"'preset': 'not_found', 'times': 99", RS_HTTP_ERROR_NOT_FOUND},
        {"'status': 410, 'body': '', 'times': 99", RS_HTTP_ERROR_NOT_FOUND},
        {"'preset': 'invalid', 'times': 99", RS_HTTP_ERROR_INVALID},
        {"'preset': 'unavailable', 'times': 99", RS_HTTP_ERROR_SERVER},
        {"'preset': 'no_json', 'times': 99", RS_HTTP_ERROR_ANSWER},
        {"'deep': 100000, 'times': 99", RS_HTTP_ERROR_ANSWER},
        {"'oversized_bytes': 17000000, 'times': 99", RS_HTTP_ERROR_ANSWER},
        {"'redirect': 'other', 'times': 99", RS_HTTP_ERROR_ANSWER},
        {"'close': 'before', 'times': 99", RS_HTTP_ERROR_UNREACHABLE},
        {"'status': 429, 'headers': {'Retry-After': '4000'}, 'times': 99", RS_HTTP_ERROR_BUDGET},
    };
    const RsForgeRow *row = rows[_i];

    remote_start(STATE);
    ck_assert_int_eq(post(row, 1, "one", NULL), RS_STICKY_CREATED);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;

        remote_fault(CHANGE(row), cases[i].way);
        ck_assert_int_eq(post(row, 2, "two", &error), G_MAXUINT);
        if (!g_error_matches(error, RS_HTTP_ERROR, cases[i].code) || strstr(error->message, SECRET))
            ck_abort_msg("%s: %d %s", cases[i].way, error->code, error->message);
        assert_only_comment_says("one");
    }
    remote_stop();
}
END_TEST

START_TEST(a_token_that_may_only_read_is_refused_once)
{
    const RsForgeRow *row = rows[_i];
    g_autoptr(GError) error = NULL;

    remote_start(STATE);
    remote_set("tokens|" SECRET, "{'user': 'bot', 'may': ['read', 'user']}");
    ck_assert_int_eq(post(row, 1, "one", &error), G_MAXUINT);
    ck_assert(g_error_matches(error, RS_HTTP_ERROR, RS_HTTP_ERROR_REFUSED));
    ck_assert_uint_eq(remote_count("POST", "/7/"), 1);
    remote_stop();
}
END_TEST

START_TEST(a_body_that_the_server_finds_too_long_comes_shorter)
{
    const RsForgeRow *row = rows[_i];
    g_autofree char *text = g_strnfill(row->comment_limit_bytes, 'x'), *body = NULL;
    g_autofree char *limit = g_strdup_printf("%u", (guint)(row->comment_limit_bytes / 3));

    remote_start(STATE);
    remote_set("comment_limit_chars", limit);
    ck_assert_int_eq(post(row, 1, text, NULL), RS_STICKY_CREATED);
    ck_assert_uint_eq(n_ours(&body), 1);
    ck_assert_uint_eq(strlen(body), row->comment_limit_bytes / 4);
    remote_stop();
}
END_TEST

START_TEST(a_slow_server_costs_no_more_than_the_budget)
{
    const RsForgeRow *row = rows[_i];
    const RsHttpOptions options = {.budget_s = 2};
    g_autoptr(GError) error = NULL;
    gint64 start_us = g_get_monotonic_time();

    remote_start(STATE);
    remote_fault(LIST(row), "'slow_s': 20, 'times': 99");
    {
        g_autoptr(RsForge) forge = remote_forge(row, &options);

        start_us = g_get_monotonic_time();
        ck_assert_int_eq(post_with(forge, 1, "one", &error), G_MAXUINT);
    }
    ck_assert_int_lt(g_get_monotonic_time() - start_us, 10 * G_USEC_PER_SEC);
    ck_assert_uint_eq(n_ours(NULL), 0);
    remote_stop();
}
END_TEST

START_TEST(an_answer_in_drips_is_read_to_its_end)
{
    const RsForgeRow *row = rows[_i];

    remote_start(STATE);
    remote_fault(CREATE(row), "'drip_s': 0.001");
    ck_assert_int_eq(post(row, 1, "one", NULL), RS_STICKY_CREATED);
    assert_only_comment_says("one");
    remote_stop();
}
END_TEST

START_TEST(redirects_on_the_same_server_are_followed_and_others_without_the_token)
{
    const RsForgeRow *row = rows[_i];
    const char *moved = row == &rs_forge_gitlab ? "'redirect': '/git/api/v4/projects/42/notes'"
                                                : "'redirect': '/api/v3/repos/o/r/moved'";
    g_autoptr(GError) error = NULL;

    remote_start(STATE);
    /* A project that has moved: the change is read at its new place. */
    remote_fault(CHANGE(row),
                 row == &rs_forge_gitlab
                     ? "'redirect': '/git/api/v4/projects/42/merge_requests/7', 'status': 301"
                     : "'redirect': '/x/api/v3/repos/o/r/pulls/7', 'status': 301");
    ck_assert_int_eq(post(row, 1, "one", NULL), RS_STICKY_CREATED);
    remote_fault(UPDATE(row), "'redirect': 'other', 'status': 307");
    ck_assert_int_eq(post(row, 2, "two", &error), G_MAXUINT);
    ck_assert(g_error_matches(error, RS_HTTP_ERROR, RS_HTTP_ERROR_URL));
    g_clear_error(&error);
    remote_fault(UPDATE(row), moved);
    ck_assert_int_ne(post(row, 2, "two", &error), RS_STICKY_UPDATED);
    remote_stop(); /* which fails when the other server has seen the token */
}
END_TEST

/* --- a dry run --- */

static void tell(const char *method, const char *url, const char *body, gpointer data)
{
    g_string_append_printf(data, "%s %s %s\n", method, url, body ? body : "");
}

START_TEST(a_dry_run_tells_what_it_would_write_and_writes_nothing)
{
    const RsForgeRow *row = rows[_i];
    g_autoptr(GString) told = g_string_new(NULL);
    const RsHttpOptions options = {.dry_run = TRUE, .on_dry_run = tell, .data = told};

    remote_start(STATE);
    {
        g_autoptr(RsForge) forge = remote_forge(row, &options);

        ck_assert_int_eq(post_with(forge, 1, "the text", NULL), RS_STICKY_CREATED);
    }
    ck_assert(g_str_has_prefix(told->str, "POST http://127.0.0.1:"));
    ck_assert_ptr_nonnull(strstr(told->str, "\\nthe text\"}"));
    ck_assert_ptr_null(strstr(told->str, SECRET));
    ck_assert_uint_eq(remote_count("POST", ""), 0);
    remote_stop();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        two_runs_that_race_leave_one_comment,
        one_run_that_comes_late_leaves_one_comment_too,
        six_runs_at_once_leave_one_comment,
        our_comment_is_found_on_the_third_page,
        a_comment_of_somebody_else_with_our_marker_is_not_touched,
        a_head_that_moves_silences_the_run,
        an_answer_that_cannot_be_read_makes_no_second_comment,
        a_head_that_moves_while_a_write_waits_silences_the_run,
        a_lost_answer_makes_no_second_comment,
        what_passes_is_waited_for,
        a_rate_limit_on_a_creation_is_waited_for,
        a_conflict_is_tried_once_more,
        what_does_not_pass_ends_it_and_leaves_what_was_there,
        a_token_that_may_only_read_is_refused_once,
        a_body_that_the_server_finds_too_long_comes_shorter,
        a_slow_server_costs_no_more_than_the_budget,
        an_answer_in_drips_is_read_to_its_end,
        redirects_on_the_same_server_are_followed_and_others_without_the_token,
        a_dry_run_tells_what_it_would_write_and_writes_nothing,
    };
    TCase *tcase = tcase_create("all");

    tcase_set_timeout(tcase, 120);
    for (guint i = 0; i < G_N_ELEMENTS(tests); i++)
        tcase_add_loop_test(tcase, tests[i], 0, G_N_ELEMENTS(rows));
    tcase_add_test(tcase, a_token_of_an_app_finds_its_comment_again);
    tcase_add_test(tcase, another_apps_comment_is_passed_over_when_it_may_not_be_changed);
    return run_tests("remote/sticky on a server", tcase);
}
