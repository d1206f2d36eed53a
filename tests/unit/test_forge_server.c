/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Labels, threads, check runs and statuses, over real connections to a server with a memory. */
#include "remote/github_check.h"
#include "remote/thread.h"
#include "remote_fixtures.h"
#include "tests/unit/run.h"

static const RsForgeRow *const rows[] = {&rs_forge_github, &rs_forge_gitlab};

#define OLD "0123abc"
#define STATE                                                                                      \
    "{'tokens': {'" SECRET "': {'user': 'bot'}}, 'page_size': 2, 'repositories': {'o/r': {'id': "  \
    "42, 'changes': {'7': {'head': '" HEAD "'}}}}}"
#define CHANGE_7 "repositories|o/r|changes|7|"

/* --- labels --- */

static gboolean get_label(const RsForgeRow *row, const char *name, RsLabelSet *label,
                          GError **error)
{
    g_autoptr(RsForge) forge = remote_forge(row, NULL);

    return row->get_label(forge, 7, name, label, error);
}

START_TEST(a_label_counts_from_the_last_time_it_was_set)
{
    g_auto(RsLabelSet) label = {0};

    remote_start(STATE);
    remote_set(CHANGE_7 "labels", "['other', 'accept']");
    remote_set(
        CHANGE_7 "events",
        "[{'label': 'accept', 'action': 'add', 'by': 'a', 'at': '2026-01-01T00:00:00Z'}, "
        "{'label': 'other', 'action': 'add', 'by': 'b', 'at': '2026-01-09T00:00:00Z'}, "
        "{'label': 'accept', 'action': 'remove', 'by': 'c', 'at': '2026-01-02T00:00:00Z'}, "
        "{'event': 'assigned', 'at': '2026-01-10T00:00:00Z', 'action': 'remove'}, "
        "{'label': 'accept', 'action': 'add', 'by': 'd', 'at': '2026-01-03T01:02:03.077Z'}]");
    ck_assert(get_label(rows[_i], "accept", &label, NULL));
    ck_assert(label.is_set);
    ck_assert_str_eq(label.by, "d");
    ck_assert_int_eq(label.at_s, 1767402123); /* date -u -d 2026-01-03T01:02:03Z +%s */
    ck_assert_uint_ge(remote_count("GET", "page=3"), 1);
    remote_stop();
}
END_TEST

START_TEST(a_label_that_was_set_once_and_is_gone_is_not_set)
{
    g_auto(RsLabelSet) label = {0};

    remote_start(STATE);
    remote_set(CHANGE_7 "labels", "['other']");
    remote_set(CHANGE_7 "events",
               "[{'label': 'accept', 'action': 'add', 'by': 'a', 'at': '2026-01-01T00:00:00Z'}]");
    ck_assert(get_label(rows[_i], "accept", &label, NULL));
    ck_assert(!label.is_set);
    rs_label_set_clear(&label);
    /* Taken away between the two requests. */
    remote_set(CHANGE_7 "labels", "['accept']");
    remote_set(CHANGE_7 "events",
               "[{'label': 'accept', 'action': 'remove', 'by': 'a', 'at': '2026-01-01T00:00:05Z'},"
               " {'label': 'accept', 'action': 'add', 'by': 'a', 'at': '2026-01-01T00:00:00Z'}]");
    ck_assert(get_label(rows[_i], "accept", &label, NULL));
    ck_assert(!label.is_set);
    ck_assert_ptr_null(label.by);
    remote_stop();
}
END_TEST

START_TEST(a_label_that_no_event_tells_of_has_no_time)
{
    static const char *const events[] = {
        "[]",
        "[{'label': null, 'action': 'add', 'by': 'a', 'at': '2026-01-01T00:00:00Z'}]",
        "[{'label': 'accept', 'action': 'add', 'at': 'yesterday'}]",
        "[{'label': 'accept', 'action': 'add', 'at': '-0001-01-01T00:00:00Z'}]",
    };

    remote_start(STATE);
    remote_set(CHANGE_7 "labels", "['accept']");
    for (guint i = 0; i < G_N_ELEMENTS(events); i++) {
        g_auto(RsLabelSet) label = {0};

        remote_set(CHANGE_7 "events", events[i]);
        ck_assert(get_label(rows[_i], "accept", &label, NULL));
        ck_assert(label.is_set);
        ck_assert_int_eq(label.at_s, 0);
    }
    remote_stop();
}
END_TEST

START_TEST(names_of_labels_are_compared_as_the_forge_does)
{
    g_auto(RsLabelSet) label = {0};

    remote_start(STATE);
    remote_set(CHANGE_7 "labels", "['Rustscope:ACCEPT']");
    remote_set(CHANGE_7 "events",
               "[{'label': 'rustscope:Accept', 'action': 'add', 'by': 'a', 'at': "
               "'2026-01-01T00:00:00Z'}]");
    ck_assert(get_label(rows[_i], "rustscope:accept", &label, NULL));
    ck_assert(label.is_set == (rows[_i] == &rs_forge_github));
    ck_assert_int_eq(label.at_s, rows[_i] == &rs_forge_github ? 1767225600 : 0);
    remote_stop();
}
END_TEST

START_TEST(a_label_whose_events_cannot_be_read_is_an_error)
{
    const char *events =
        rows[_i] == &rs_forge_gitlab ? "GET */resource_label_events" : "GET */issues/7/events";
    static const char *const ways[] = {"'preset': 'forbidden'", "'preset': 'not_found'",
                                       "'preset': 'no_json'", "'status': 200, 'body': '{}'"};

    remote_start(STATE);
    remote_set(CHANGE_7 "labels", "['accept']");
    for (guint i = 0; i < G_N_ELEMENTS(ways); i++) {
        g_auto(RsLabelSet) label = {0};
        g_autoptr(GError) error = NULL;

        remote_fault(events, ways[i]);
        ck_assert(!get_label(rows[_i], "accept", &label, &error));
        ck_assert_ptr_nonnull(error);
        ck_assert(!label.is_set);
    }
    remote_stop();
}
END_TEST

/* --- statuses --- */

START_TEST(a_status_may_be_set_twice)
{
    g_autoptr(RsForge) forge = NULL;
    json_t *state;

    remote_start(STATE);
    forge = remote_forge(rows[_i], NULL);
    for (guint i = 0; i < 2; i++)
        ck_assert(forge->row->set_status(forge, HEAD, RS_STATUS_FAILURE, "rustscope", "slower",
                                         "https://ci.example/1", NULL));
    state = remote_state();
    ck_assert_uint_ge(
        json_array_size(json_object_get(
            json_object_get(json_object_get(state, "repositories"), "o/r"), "statuses")),
        1);
    json_decref(state);
    remote_stop();
}
END_TEST

START_TEST(open_changes_of_a_commit_are_found)
{
    g_autoptr(RsForge) forge = NULL;
    g_autoptr(GArray) numbers = NULL;

    remote_start(STATE);
    remote_set("repositories|o/r|changes|8", "{'head': '" HEAD "', 'state': 'closed'}");
    forge = remote_forge(rows[_i], NULL);
    numbers = forge->row->changes_of_commit(forge, HEAD, NULL);
    ck_assert_uint_eq(numbers->len, 1);
    ck_assert_int_eq(g_array_index(numbers, gint64, 0), 7);
    remote_stop();
}
END_TEST

/* --- check runs --- */

static json_t *annotations_of(guint n)
{
    json_t *all = json_array();

    for (guint i = 0; i < n; i++)
        json_array_append_new(all, json_pack("{s:s, s:i, s:i, s:s, s:s}", "path", "src/a.c",
                                             "start_line", i + 1, "end_line", i + 1,
                                             "annotation_level", "warning", "message", "slower"));
    return all;
}

/* The only one; borrowed from state. */
static json_t *check_run_of(json_t *state)
{
    json_t *runs = json_object_get(json_object_get(json_object_get(state, "repositories"), "o/r"),
                                   "check_runs");

    ck_assert_uint_eq(json_array_size(runs), 1);
    return json_array_get(runs, 0);
}

static gint64 put(gint64 id, const RsCheckRun *check, GError **error)
{
    g_autoptr(RsForge) forge = remote_forge(&rs_forge_github, NULL);

    return forge->row->put_check_run(forge, id, check, error);
}

START_TEST(a_check_run_is_begun_and_completed)
{
    json_t *annotations = annotations_of(2 * RS_CHECK_MAX_ANNOTATIONS + 20), *state;
    RsCheckRun check = {.name = "rustscope", .head_sha = HEAD};
    gint64 id;

    remote_start(STATE);
    id = put(0, &check, NULL);
    ck_assert_int_gt(id, 0);
    state = remote_state();
    ck_assert_str_eq(rs_rest_text(check_run_of(state), "status"), "in_progress");
    ck_assert_ptr_null(json_object_get(check_run_of(state), "conclusion"));
    json_decref(state);
    check.conclusion = "failure";
    check.title = "1 critical";
    check.summary = "text";
    check.details_url = "https://ci.example/1";
    check.annotations = annotations;
    ck_assert_int_eq(put(id, &check, NULL), id);
    state = remote_state();
    ck_assert_str_eq(rs_rest_text(check_run_of(state), "status"), "completed");
    ck_assert_str_eq(rs_rest_text(check_run_of(state), "conclusion"), "failure");
    ck_assert_str_eq(rs_rest_text(check_run_of(state), "details_url"), "https://ci.example/1");
    /* Each once, in their order. */
    ck_assert(json_equal(json_object_get(check_run_of(state), "annotations"), annotations));
    ck_assert_uint_eq(remote_count("PATCH", "/check-runs/"), 3);
    json_decref(state);
    json_decref(annotations);
    remote_stop();
}
END_TEST

START_TEST(a_check_runs_summary_is_cut_between_characters)
{
    GString *summary = g_string_new("x");
    RsCheckRun check = {.name = "rustscope", .head_sha = HEAD, .conclusion = "neutral"};
    json_t *state;
    const char *there;

    while (summary->len <= RS_CHECK_MAX_BYTES)
        g_string_append(summary, "\xe2\x82\xac"); /* 3 bytes: the limit is within one */
    check.summary = summary->str;
    remote_start(STATE);
    ck_assert_int_gt(put(0, &check, NULL), 0);
    state = remote_state();
    there = rs_rest_text(check_run_of(state), "summary");
    ck_assert_uint_eq(strlen(there), 64999);
    ck_assert(g_utf8_validate(there, -1, NULL));
    ck_assert(g_str_has_prefix(summary->str, there));
    json_decref(state);
    check.summary = "bad \xff bytes";
    remote_set("repositories|o/r|check_runs", "[]");
    ck_assert_int_gt(put(0, &check, NULL), 0);
    g_string_free(summary, TRUE);
    remote_stop();
}
END_TEST

START_TEST(a_lost_answer_makes_no_second_check_run)
{
    static const char *const ways[] = {"'close': 'after'", "'close': 'before'",
                                       "'preset': 'gateway', 'carry_out': true"};
    const RsCheckRun check = {.name = "rust scope/1", .head_sha = HEAD, .conclusion = "success"};

    for (guint i = 0; i < G_N_ELEMENTS(ways); i++) {
        json_t *state;
        gint64 id;

        remote_start(STATE);
        remote_fault("POST */check-runs", ways[i]);
        id = put(0, &check, NULL);
        state = remote_state();
        ck_assert_int_eq(rs_rest_int(check_run_of(state), "id"), id);
        json_decref(state);
        remote_stop();
    }
}
END_TEST

START_TEST(a_token_of_a_person_makes_no_check_run)
{
    const RsCheckRun check = {.name = "rustscope", .head_sha = HEAD, .conclusion = "success"};
    g_autoptr(GError) error = NULL;

    remote_start(STATE);
    remote_set("tokens|" SECRET, "{'user': 'person', 'may': ['read', 'user', 'comment']}");
    ck_assert_int_lt(put(0, &check, &error), 0);
    ck_assert(g_error_matches(error, RS_HTTP_ERROR, RS_HTTP_ERROR_REFUSED));
    remote_stop();
}
END_TEST

/* --- threads --- */

static char *render(gsize limit_bytes, gpointer data)
{
    return g_strndup(data, limit_bytes);
}

static RsStickyOutcome post_as(RsForge *forge, gint64 run, const char *head, const char *text,
                               gboolean is_open, GError **error)
{
    const RsStickyRequest request = {
        .number = 7,
        .marker = {(char *)"default", (char *)head, run, 1, (char *)"critical"},
        .render = render,
        .data = (gpointer)text,
        .settle_s = 0.05,
    };
    g_auto(RsStickyResult) result = {0};

    return rs_thread_post(forge, &request, is_open, &result, error) ? result.outcome : G_MAXUINT;
}

static RsStickyOutcome post(gint64 run, const char *text, gboolean is_open)
{
    g_autoptr(RsForge) forge = remote_forge(&rs_forge_gitlab, NULL);
    g_autoptr(GError) error = NULL;
    RsStickyOutcome outcome = post_as(forge, run, HEAD, text, is_open, &error);

    if (error)
        ck_abort_msg("%s", error->message);
    return outcome;
}

/* The only thread: what its first note says, and whether it is resolved. */
static void assert_thread(const char *text, gboolean is_resolved)
{
    json_t *state = remote_state(), *change, *threads, *thread;

    change = json_object_get(
        json_object_get(json_object_get(json_object_get(state, "repositories"), "o/r"), "changes"),
        "7");
    threads = json_object_get(change, "threads");
    ck_assert_uint_eq(json_array_size(threads), 1);
    ck_assert_uint_eq(json_array_size(json_object_get(change, "comments")), 0);
    thread = json_array_get(threads, 0);
    ck_assert_ptr_nonnull(
        strstr(rs_rest_text(json_array_get(json_object_get(thread, "notes"), 0), "body"), text));
    ck_assert(json_is_true(json_object_get(thread, "resolved")) == is_resolved);
    json_decref(state);
}

static void resolved_by(const char *user)
{
    g_autofree char *name = g_strdup_printf("'%s'", user);

    remote_set(CHANGE_7 "threads|0|resolved", "true");
    remote_set(CHANGE_7 "threads|0|resolved_by", name);
}

START_TEST(a_thread_is_open_while_the_gate_fails_and_resolved_when_it_passes)
{
    remote_start(STATE);
    ck_assert_int_eq(post(1, "green", FALSE), RS_STICKY_NOT_WANTED);
    ck_assert_uint_eq(remote_count("POST", "/discussions"), 0);
    ck_assert_int_eq(post(2, "red", TRUE), RS_STICKY_CREATED);
    assert_thread("red", FALSE);
    ck_assert_int_eq(post(3, "red", TRUE), RS_STICKY_SAME);
    ck_assert_int_eq(post(4, "redder", TRUE), RS_STICKY_UPDATED);
    assert_thread("redder", FALSE);
    ck_assert_int_eq(post(5, "green", FALSE), RS_STICKY_UPDATED);
    assert_thread("green", TRUE);
    /* We resolved it, and the same head fails again. */
    ck_assert_int_eq(post(6, "green", TRUE), RS_STICKY_UPDATED);
    assert_thread("green", FALSE);
    remote_stop();
}
END_TEST

START_TEST(what_a_person_resolved_stays_resolved_for_that_head)
{
    remote_start(STATE);
    ck_assert_int_eq(post(1, "red", TRUE), RS_STICKY_CREATED);
    resolved_by("maintainer");
    ck_assert_int_eq(post(2, "still red", TRUE), RS_STICKY_UPDATED);
    assert_thread("still red", TRUE);
    ck_assert_uint_eq(remote_count("PUT", "/discussions/"), 0);
    remote_stop();
}
END_TEST

START_TEST(what_a_person_resolved_for_an_older_head_is_opened_again)
{
    g_autoptr(RsForge) forge = NULL;

    remote_start(STATE);
    forge = remote_forge(&rs_forge_gitlab, NULL);
    remote_set(CHANGE_7 "head", "'" OLD "'");
    ck_assert_int_eq(post_as(forge, 1, OLD, "red", TRUE, NULL), RS_STICKY_CREATED);
    resolved_by("maintainer");
    remote_set(CHANGE_7 "head", "'" HEAD "'");
    ck_assert_int_eq(post(2, "red again", TRUE), RS_STICKY_UPDATED);
    assert_thread("red again", FALSE);
    remote_stop();
}
END_TEST

START_TEST(a_stale_or_older_run_leaves_the_thread_alone)
{
    g_autoptr(RsForge) forge = NULL;

    remote_start(STATE);
    forge = remote_forge(&rs_forge_gitlab, NULL);
    ck_assert_int_eq(post(5, "red", TRUE), RS_STICKY_CREATED);
    ck_assert_int_eq(post(4, "green", FALSE), RS_STICKY_NEWER);
    assert_thread("red", FALSE);
    remote_set(CHANGE_7 "head", "'" OLD "'");
    ck_assert_int_eq(post(6, "green", FALSE), RS_STICKY_STALE);
    remote_set(CHANGE_7 "state", "'closed'");
    ck_assert_int_eq(post_as(forge, 7, OLD, "green", FALSE, NULL), RS_STICKY_CLOSED);
    assert_thread("red", FALSE);
    remote_stop();
}
END_TEST

START_TEST(threads_of_others_and_plain_notes_are_no_threads_of_ours)
{
    static const char marker[] =
        "<!-- rustscope:report v=1 key=default head=" HEAD " seq=9.1 state=critical -->\\n";
    g_autofree char *threads = g_strdup_printf(
        "[{'id': 'd1', 'resolved': false, 'notes': [{'id': 1, 'user': 'mallory', 'body': '%s'}]}, "
        "{'id': 'd2', 'resolved': false, 'notes': [{'id': 2, 'user': 'bot', 'body': 'no "
        "marker'}]}, "
        "{'id': 'd3', 'resolved': false, 'notes': [{'id': 3, 'user': 'mallory', 'body': 'x'}, "
        "{'id': 4, 'user': 'bot', 'body': '%s'}]}]",
        marker, marker);
    json_t *state, *there;

    remote_start(STATE);
    remote_set(CHANGE_7 "threads", threads);
    ck_assert_int_eq(post(1, "red", TRUE), RS_STICKY_CREATED);
    state = remote_state();
    there = json_object_get(
        json_object_get(
            json_object_get(json_object_get(json_object_get(state, "repositories"), "o/r"),
                            "changes"),
            "7"),
        "threads");
    ck_assert_uint_eq(json_array_size(there), 4);
    json_decref(state);
    ck_assert_int_eq(post(2, "green", FALSE), RS_STICKY_UPDATED);
    ck_assert_uint_eq(remote_count("PUT", "/discussions/"), 1);
    remote_stop();
}
END_TEST

START_TEST(a_thread_takes_the_place_of_the_note_before_it)
{
    remote_start(STATE);
    remote_set(CHANGE_7 "comments",
               "[{'id': 5, 'user': 'bot', 'body': '<!-- rustscope:report v=1 key=default "
               "head=1234567 seq=1.1 state=passed -->\\nold'}]");
    ck_assert_int_eq(post(2, "red", TRUE), RS_STICKY_CREATED);
    assert_thread("red", FALSE);
    remote_stop();
}
END_TEST

static gpointer race(gpointer data)
{
    post(GPOINTER_TO_INT(data), "red", TRUE);
    return NULL;
}

START_TEST(two_runs_that_race_leave_one_thread)
{
    GThread *threads[2];

    remote_start(STATE);
    remote_set("faults", "[{'request': 'GET */discussions', 'meet': 2}, {'request': 'POST "
                         "*/discussions', 'meet': 2}]");
    for (guint i = 0; i < 2; i++)
        threads[i] = g_thread_new("racer", race, GINT_TO_POINTER(10 + (int)i));
    for (guint i = 0; i < 2; i++)
        g_thread_join(threads[i]);
    ck_assert_uint_eq(remote_count("POST", "/discussions"), 2);
    assert_thread("red", FALSE);
    remote_stop();
}
END_TEST

START_TEST(a_lost_answer_makes_no_second_thread)
{
    remote_start(STATE);
    remote_fault("POST */discussions", "'close': 'after'");
    post(1, "red", TRUE);
    ck_assert_uint_eq(remote_count("POST", "/discussions"), 1);
    assert_thread("red", FALSE);
    remote_stop();
}
END_TEST

START_TEST(a_thread_that_may_not_be_resolved_is_an_error_that_says_so)
{
    g_autoptr(RsForge) forge = NULL;
    g_autoptr(GError) error = NULL;

    remote_start(STATE);
    forge = remote_forge(&rs_forge_gitlab, NULL);
    ck_assert_int_eq(post(1, "red", TRUE), RS_STICKY_CREATED);
    remote_fault("PUT */discussions/*", "'preset': 'forbidden'");
    ck_assert_int_eq(post_as(forge, 2, HEAD, "green", FALSE, &error), G_MAXUINT);
    ck_assert_ptr_nonnull(strstr(error->message, "cannot be resolved"));
    assert_thread("green", FALSE);
    remote_stop();
}
END_TEST

static void tell(const char *method, const char *url, const char *body, gpointer data)
{
    g_string_append_printf(data, "%s %s\n", method, strstr(url, "/merge_requests"));
}

START_TEST(a_dry_run_tells_of_a_thread_and_writes_none)
{
    g_autoptr(GString) told = g_string_new(NULL);
    const RsHttpOptions options = {.dry_run = TRUE, .on_dry_run = tell, .data = told};
    g_autoptr(RsForge) forge = NULL;

    remote_start(STATE);
    forge = remote_forge(&rs_forge_gitlab, &options);
    ck_assert_int_eq(post_as(forge, 1, HEAD, "red", TRUE, NULL), RS_STICKY_CREATED);
    ck_assert_str_eq(told->str, "POST /merge_requests/7/discussions\n");
    ck_assert_uint_eq(remote_count("POST", ""), 0);
    remote_stop();
}
END_TEST

START_TEST(a_pull_request_has_no_threads)
{
    g_autoptr(RsForge) forge = NULL;
    g_autoptr(GError) error = NULL;

    remote_start(STATE);
    forge = remote_forge(&rs_forge_github, NULL);
    ck_assert_int_eq(post_as(forge, 1, HEAD, "red", TRUE, &error), G_MAXUINT);
    ck_assert(g_error_matches(error, RS_HTTP_ERROR, RS_HTTP_ERROR_INVALID));
    remote_stop();
}
END_TEST

int main(void)
{
    const TTest *const of_both[] = {
        a_label_counts_from_the_last_time_it_was_set,
        a_label_that_was_set_once_and_is_gone_is_not_set,
        a_label_that_no_event_tells_of_has_no_time,
        names_of_labels_are_compared_as_the_forge_does,
        a_label_whose_events_cannot_be_read_is_an_error,
        a_status_may_be_set_twice,
        open_changes_of_a_commit_are_found,
    };
    const TTest *const of_one[] = {
        a_check_run_is_begun_and_completed,
        a_check_runs_summary_is_cut_between_characters,
        a_lost_answer_makes_no_second_check_run,
        a_token_of_a_person_makes_no_check_run,
        a_thread_is_open_while_the_gate_fails_and_resolved_when_it_passes,
        what_a_person_resolved_stays_resolved_for_that_head,
        what_a_person_resolved_for_an_older_head_is_opened_again,
        a_stale_or_older_run_leaves_the_thread_alone,
        threads_of_others_and_plain_notes_are_no_threads_of_ours,
        a_thread_takes_the_place_of_the_note_before_it,
        two_runs_that_race_leave_one_thread,
        a_lost_answer_makes_no_second_thread,
        a_thread_that_may_not_be_resolved_is_an_error_that_says_so,
        a_dry_run_tells_of_a_thread_and_writes_none,
        a_pull_request_has_no_threads,
    };
    TCase *tcase = tcase_create("all");

    tcase_set_timeout(tcase, 120);
    for (guint i = 0; i < G_N_ELEMENTS(of_both); i++)
        tcase_add_loop_test(tcase, of_both[i], 0, G_N_ELEMENTS(rows));
    for (guint i = 0; i < G_N_ELEMENTS(of_one); i++)
        tcase_add_test(tcase, of_one[i]);
    return run_tests("remote/forges on a server", tcase);
}
