/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One comment, whatever happens: against a forge in memory that other runs write to as well. */
#include <check.h>
#include <string.h>

#include "remote/sticky.h"

#include "tests/unit/run.h"

#define HEAD "9f3c1ab7"

/* --- a forge in memory --- */

static struct {
    GPtrArray *comments; /* RsComment; is_ours as the row tells it */
    const char *head;
    gboolean is_open;
    gint64 next_id;
    guint n_creates, n_updates, n_deletes;
    gsize limit_bytes;      /* 0: none */
    guint n_lost_answers;   /* creations that happen and are not answered */
    gboolean loses_request; /* creations that do not happen, likewise */
    gint64 refuses_id;      /* updates of this one are refused */
    RsComment *racer;       /* appears while we create ours */
    gboolean is_app;        /* the token cannot say whose it is */
    const char *next_head;  /* what it is at the second look at the change */
} forge;

static RsComment *comment_new(gint64 id, const char *body, gboolean is_ours)
{
    RsComment *comment = g_new0(RsComment, 1);

    comment->id = id;
    comment->body = g_strdup(body);
    comment->url = g_strdup_printf("https://forge/%d", (int)id);
    comment->is_ours = is_ours;
    return comment;
}

static RsComment *copy(const RsComment *comment)
{
    return comment_new(comment->id, comment->body, comment->is_ours);
}

static gboolean get_change(RsForge *self, gint64 number, RsChange *change, GError **error)
{
    *change = (RsChange){.head_sha = g_strdup(forge.head), .is_open = forge.is_open};
    if (forge.next_head)
        forge.head = forge.next_head;
    return TRUE;
}

static GPtrArray *list_comments(RsForge *self, gint64 number, GError **error)
{
    GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)rs_comment_free);

    for (guint i = 0; i < forge.comments->len; i++)
        g_ptr_array_add(list, copy(g_ptr_array_index(forge.comments, i)));
    return list;
}

static gboolean fits(const char *body, GError **error)
{
    if (!forge.limit_bytes || strlen(body) <= forge.limit_bytes)
        return TRUE;
    g_set_error(error, RS_HTTP_ERROR, RS_HTTP_ERROR_TOO_LONG, "too long");
    return FALSE;
}

static RsComment *create_comment(RsForge *self, gint64 number, const char *body, GError **error)
{
    gboolean is_lost = forge.n_lost_answers > 0;

    if (!fits(body, error))
        return NULL;
    forge.n_creates++;
    if (forge.racer)
        g_ptr_array_add(forge.comments, g_steal_pointer(&forge.racer));
    if (!(is_lost && forge.loses_request))
        g_ptr_array_add(forge.comments, comment_new(forge.next_id++, body, TRUE));
    if (is_lost) {
        forge.n_lost_answers--;
        g_set_error(error, RS_HTTP_ERROR, RS_HTTP_ERROR_UNKNOWN, "lost");
        return NULL;
    }
    return copy(g_ptr_array_index(forge.comments, forge.comments->len - 1));
}

static RsComment *by_id(gint64 id, guint *place)
{
    for (*place = 0; *place < forge.comments->len; (*place)++) {
        RsComment *comment = g_ptr_array_index(forge.comments, *place);

        if (comment->id == id)
            return comment;
    }
    ck_abort_msg("no comment %d", (int)id);
}

static gboolean update_comment(RsForge *self, gint64 number, gint64 id, const char *body,
                               GError **error)
{
    guint place;
    RsComment *comment = by_id(id, &place);

    if (id == forge.refuses_id) {
        g_set_error(error, RS_HTTP_ERROR, RS_HTTP_ERROR_REFUSED, "no");
        return FALSE;
    }
    if (!fits(body, error))
        return FALSE;
    forge.n_updates++;
    g_free(comment->body);
    comment->body = g_strdup(body);
    return TRUE;
}

static gboolean delete_comment(RsForge *self, gint64 number, gint64 id, GError **error)
{
    guint place;

    by_id(id, &place);
    forge.n_deletes++;
    g_ptr_array_remove_index(forge.comments, place);
    return TRUE;
}

static const RsForgeRow row = {
    .name = "memory",
    .comment_limit_bytes = 4000,
    .get_change = get_change,
    .list_comments = list_comments,
    .create_comment = create_comment,
    .update_comment = update_comment,
    .delete_comment = delete_comment,
};

static void set_up(void)
{
    memset(&forge, 0, sizeof forge);
    forge.comments = g_ptr_array_new_with_free_func((GDestroyNotify)rs_comment_free);
    forge.head = HEAD;
    forge.is_open = TRUE;
    forge.next_id = 100;
}

static void tear_down(void)
{
    g_ptr_array_unref(forge.comments);
}

/* --- posting --- */

static char *render(gsize limit_bytes, gpointer data)
{
    gsize n = MIN(limit_bytes, strlen(data));

    return g_strndup(data, n);
}

static char *with_marker(const char *key, const char *head, gint64 run, const char *text)
{
    const RsMarker marker = {(char *)key, (char *)head, run, 1, (char *)"critical"};
    g_autofree char *line = rs_marker_format(&marker);

    return g_strconcat(line, "\n", text, NULL);
}

static void there_is(gint64 id, const char *key, const char *head, gint64 run, gboolean is_ours)
{
    g_autofree char *body = with_marker(key, head, run, "old");

    g_ptr_array_add(forge.comments, comment_new(id, body, is_ours));
}

static RsStickyOutcome post(gint64 run, const char *text, gboolean update_only, GError **error)
{
    RsForge self = {.row = &row, .user_is_app = forge.is_app};
    RsStickyRequest request = {
        .number = 7,
        .marker = {(char *)"default", (char *)HEAD, run, 1, (char *)"critical"},
        .update_only = update_only,
        .render = render,
        .data = (gpointer)text,
    };
    g_auto(RsStickyResult) result = {0};

    return rs_sticky_post(&self, &request, &result, error) ? result.outcome : G_MAXUINT;
}

static guint n_ours(void)
{
    guint n = 0;

    for (guint i = 0; i < forge.comments->len; i++)
        n += strstr(((RsComment *)g_ptr_array_index(forge.comments, i))->body, "key=default") !=
             NULL;
    return n;
}

static const char *only_body(void)
{
    ck_assert_uint_eq(forge.comments->len, 1);
    return ((RsComment *)g_ptr_array_index(forge.comments, 0))->body;
}

START_TEST(the_first_run_creates_and_later_ones_update)
{
    ck_assert_int_eq(post(1, "one", FALSE, NULL), RS_STICKY_CREATED);
    ck_assert_int_eq(post(2, "two", FALSE, NULL), RS_STICKY_UPDATED);
    ck_assert_ptr_nonnull(strstr(only_body(), "seq=2.1"));
    ck_assert_ptr_nonnull(strstr(only_body(), "\ntwo"));
    ck_assert_uint_eq(forge.n_creates, 1);
}
END_TEST

START_TEST(what_is_there_already_is_not_written_again)
{
    ck_assert_int_eq(post(1, "one", FALSE, NULL), RS_STICKY_CREATED);
    ck_assert_int_eq(post(2, "one", FALSE, NULL), RS_STICKY_SAME);
    ck_assert_uint_eq(forge.n_updates, 0);
}
END_TEST

START_TEST(good_news_alone_make_no_comment_and_do_update_one)
{
    ck_assert_int_eq(post(1, "green", TRUE, NULL), RS_STICKY_NOT_WANTED);
    ck_assert_uint_eq(forge.comments->len, 0);
    ck_assert_int_eq(post(2, "red", FALSE, NULL), RS_STICKY_CREATED);
    ck_assert_int_eq(post(3, "green", TRUE, NULL), RS_STICKY_UPDATED);
    ck_assert_ptr_nonnull(strstr(only_body(), "green"));
}
END_TEST

START_TEST(a_run_whose_head_has_moved_is_silent)
{
    forge.head = "0000000";
    ck_assert_int_eq(post(1, "one", FALSE, NULL), RS_STICKY_STALE);
    forge.head = HEAD;
    forge.is_open = FALSE;
    ck_assert_int_eq(post(1, "one", FALSE, NULL), RS_STICKY_CLOSED);
    ck_assert_uint_eq(forge.comments->len, 0);
}
END_TEST

START_TEST(an_older_attempt_never_overwrites_a_newer_one)
{
    there_is(1, "default", HEAD, 5, TRUE);
    ck_assert_int_eq(post(4, "old news", FALSE, NULL), RS_STICKY_NEWER);
    ck_assert_uint_eq(forge.n_updates, 0);
    ck_assert_int_eq(post(6, "news", FALSE, NULL), RS_STICKY_UPDATED);
}
END_TEST

START_TEST(comments_of_others_and_of_other_gates_are_left_alone)
{
    there_is(1, "default", HEAD, 1, FALSE);
    there_is(2, "arm64", HEAD, 1, TRUE);
    g_ptr_array_add(forge.comments, comment_new(3, "I quote: <!-- rustscope:report", TRUE));
    ck_assert_int_eq(post(2, "mine", FALSE, NULL), RS_STICKY_CREATED);
    ck_assert_uint_eq(forge.comments->len, 4);
    ck_assert_uint_eq(forge.n_updates + forge.n_deletes, 0);
}
END_TEST

START_TEST(racers_converge_on_the_oldest_with_the_newest_text)
{
    g_autofree char *theirs = with_marker("default", HEAD, 9, "theirs");

    forge.racer = comment_new(50, theirs, TRUE);
    ck_assert_int_eq(post(8, "ours", FALSE, NULL), RS_STICKY_CREATED);
    ck_assert_ptr_nonnull(strstr(only_body(), "theirs"));
    g_ptr_array_set_size(forge.comments, 0);
    forge.racer = comment_new(50, theirs, TRUE);
    ck_assert_int_eq(post(10, "ours", FALSE, NULL), RS_STICKY_CREATED);
    ck_assert_ptr_nonnull(strstr(only_body(), "ours"));
    ck_assert_int_eq(((RsComment *)g_ptr_array_index(forge.comments, 0))->id, 50);
}
END_TEST

START_TEST(surplus_comments_of_an_old_race_are_removed)
{
    there_is(1, "default", "1111111", 1, TRUE);
    there_is(2, "default", "2222222", 2, TRUE);
    ck_assert_int_eq(post(3, "now", FALSE, NULL), RS_STICKY_UPDATED);
    ck_assert_ptr_nonnull(strstr(only_body(), "now"));
}
END_TEST

START_TEST(a_lost_answer_makes_no_second_comment)
{
    forge.n_lost_answers = 1;
    post(1, "one", FALSE, NULL);
    ck_assert_uint_eq(n_ours(), 1);
    ck_assert_uint_eq(forge.n_creates, 1);
}
END_TEST

START_TEST(a_lost_request_is_sent_again)
{
    forge.n_lost_answers = 1;
    forge.loses_request = TRUE;
    ck_assert_int_eq(post(1, "one", FALSE, NULL), RS_STICKY_CREATED);
    ck_assert_uint_eq(n_ours(), 1);
    ck_assert_uint_eq(forge.n_creates, 2);
}
END_TEST

/* Ours was not created, and one of an older run is there by the time we look. */
START_TEST(a_lost_request_is_not_taken_for_the_comment_of_a_racer)
{
    g_autofree char *theirs = with_marker("default", "1111111", 7, "theirs");

    forge.racer = comment_new(50, theirs, TRUE);
    forge.n_lost_answers = 1;
    forge.loses_request = TRUE;
    ck_assert_int_eq(post(8, "ours", FALSE, NULL), RS_STICKY_UPDATED);
    ck_assert_ptr_nonnull(strstr(only_body(), "\nours"));
}
END_TEST

START_TEST(a_head_that_moves_while_we_look_is_not_written_over)
{
    there_is(1, "default", "2222222", 9, TRUE);
    forge.next_head = "2222222";
    ck_assert_int_eq(post(8, "old news", FALSE, NULL), RS_STICKY_STALE);
    ck_assert_ptr_nonnull(strstr(only_body(), "seq=9.1"));
    /* It was pushed back: then a repeated run is right, whatever its number. */
    forge.head = forge.next_head = HEAD;
    ck_assert_int_eq(post(8, "right", FALSE, NULL), RS_STICKY_UPDATED);
}
END_TEST

START_TEST(a_later_run_counts_wherever_it_has_written)
{
    there_is(1, "default", HEAD, 4, TRUE);
    there_is(2, "default", HEAD, 9, TRUE);
    ck_assert_int_eq(post(6, "between", FALSE, NULL), RS_STICKY_NEWER);
    ck_assert_uint_eq(forge.n_updates + forge.n_deletes, 0);
}
END_TEST

START_TEST(a_refusal_of_what_is_ours_makes_no_second_comment)
{
    g_autoptr(GError) error = NULL;

    there_is(1, "default", "1111111", 1, TRUE);
    forge.refuses_id = 1;
    ck_assert_int_eq(post(2, "new", FALSE, &error), G_MAXUINT);
    ck_assert(g_error_matches(error, RS_HTTP_ERROR, RS_HTTP_ERROR_REFUSED));
    ck_assert_uint_eq(forge.comments->len, 1);
}
END_TEST

START_TEST(a_comment_that_may_not_be_changed_is_passed_over)
{
    forge.is_app = TRUE; /* it may be another app's */
    there_is(1, "default", "1111111", 1, TRUE);
    forge.refuses_id = 1;
    ck_assert_int_eq(post(2, "new", FALSE, NULL), RS_STICKY_CREATED);
    ck_assert_uint_eq(forge.comments->len, 2);
}
END_TEST

START_TEST(a_body_that_is_too_long_is_asked_for_shorter)
{
    g_autofree char *text = g_strnfill(10000, 'x'), *other = g_strnfill(10000, 'y');
    g_autoptr(GError) error = NULL;

    forge.limit_bytes = 2500;
    ck_assert_int_eq(post(1, text, FALSE, NULL), RS_STICKY_CREATED);
    ck_assert_uint_le(strlen(only_body()), 2500);
    ck_assert_int_eq(post(2, other, FALSE, NULL), RS_STICKY_UPDATED);
    forge.limit_bytes = 10;
    ck_assert_int_eq(post(3, "y", FALSE, &error), G_MAXUINT);
    ck_assert(g_error_matches(error, RS_HTTP_ERROR, RS_HTTP_ERROR_TOO_LONG));
}
END_TEST

/* --- the marker --- */

START_TEST(a_marker_is_read_back_as_it_was_written)
{
    const RsMarker marker = {(char *)"a.b-1", (char *)HEAD, 1842, 3, (char *)"passed"};
    g_autofree char *line = rs_marker_format(&marker), *body = g_strconcat(line, "\r\nx", NULL);
    g_auto(RsMarker) back = {0};

    ck_assert_str_eq(
        line, "<!-- rustscope:report v=1 key=a.b-1 head=9f3c1ab7 seq=1842.3 state=passed -->");
    ck_assert(rs_marker_parse(body, &back));
    ck_assert_str_eq(back.key, "a.b-1");
    ck_assert_str_eq(back.head, HEAD);
    ck_assert_int_eq(back.run, 1842);
    ck_assert_int_eq(back.attempt, 3);
    ck_assert_str_eq(back.state, "passed");
}
END_TEST

START_TEST(what_is_no_marker_of_ours_is_not_taken_for_one)
{
    static const char *const bad[] = {
        "",
        "text",
        "\n<!-- rustscope:report v=1 key=a head=b seq=1.1 state=c -->",
        "<!-- rustscope:report v=2 key=a head=b seq=1.1 state=c -->",
        "<!-- rustscope:report v=1 key=a head=b seq=1.1 -->",
        "<!-- rustscope:report v=1 key=a head=b seq=1 state=c -->",
        "<!-- rustscope:report v=1 key=a head=b seq=-1.1 state=c -->",
        "<!-- rustscope:report v=1 key=a key=b head=b seq=1.1 state=c -->",
        "<!-- rustscope:report v=1 key=a<b head=b seq=1.1 state=c -->",
        "<!-- rustscope:report v=1 key= head=b seq=1.1 state=c -->",
        "<!-- rustscope:report v=1 key=a head=b seq=1.1 state=c -- >",
        "> <!-- rustscope:report v=1 key=a head=b seq=1.1 state=c -->",
    };

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_auto(RsMarker) marker = {0};

        if (rs_marker_parse(bad[i], &marker))
            ck_abort_msg("taken: %s", bad[i]);
    }
    ck_assert(!rs_marker_key_is_valid("a b"));
    ck_assert(!rs_marker_key_is_valid("a--b"));
    ck_assert(!rs_marker_key_is_valid(""));
    ck_assert(rs_marker_key_is_valid("linux-x86_64.1"));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_first_run_creates_and_later_ones_update,
        what_is_there_already_is_not_written_again,
        good_news_alone_make_no_comment_and_do_update_one,
        a_run_whose_head_has_moved_is_silent,
        an_older_attempt_never_overwrites_a_newer_one,
        comments_of_others_and_of_other_gates_are_left_alone,
        racers_converge_on_the_oldest_with_the_newest_text,
        surplus_comments_of_an_old_race_are_removed,
        a_lost_answer_makes_no_second_comment,
        a_lost_request_is_sent_again,
        a_lost_request_is_not_taken_for_the_comment_of_a_racer,
        a_head_that_moves_while_we_look_is_not_written_over,
        a_later_run_counts_wherever_it_has_written,
        a_refusal_of_what_is_ours_makes_no_second_comment,
        a_comment_that_may_not_be_changed_is_passed_over,
        a_body_that_is_too_long_is_asked_for_shorter,
        a_marker_is_read_back_as_it_was_written,
        what_is_no_marker_of_ours_is_not_taken_for_one,
    };
    TCase *tcase = tcase_create("all");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    for (guint i = 0; i < G_N_ELEMENTS(tests); i++)
        tcase_add_test(tcase, tests[i]);
    return run_tests("remote/sticky", tcase);
}
