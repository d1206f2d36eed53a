/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Order: head of the change; our comments, all pages; write; look again. Why the oldest wins: all
 * racers see it in the end, whoever wrote it, so no lock is needed. No forge writes on condition,
 * so whatever takes its time between the first look and the writing is followed by another look. */
#include "remote/sticky.h"

#include <string.h>

#define N_SIZES    3 /* tries with less and less */
#define MAX_CREATE 3 /* times that a comment whose creation is uncertain is looked for */

const char *const rs_sticky_outcome_names[] = {"created", "updated", "same",   "not_wanted",
                                               "stale",   "newer",   "closed", NULL};

typedef struct {
    RsForge *forge;
    const RsStickyPlace *place;
    const RsStickyRequest *request;
    RsStickyResult *result;
    GArray *foreign;         /* gint64: comments that turned out not to be ours to change */
    gboolean has_moved;      /* the change is not what the request is for any more, */
    RsStickyOutcome why_not; /* but this */
} Post;

void rs_sticky_result_clear(RsStickyResult *result)
{
    g_free(result->url);
    *result = (RsStickyResult){0};
}

static char *body_of(const RsStickyRequest *request, gsize limit_bytes)
{
    g_autofree char *line = rs_marker_format(&request->marker);
    g_autofree char *text =
        request->render(limit_bytes - MIN(limit_bytes, strlen(line) + 1), request->data);

    return g_strconcat(line, "\n", text, NULL);
}

static gsize limit_of(const Post *post, guint size)
{
    return post->forge->row->comment_limit_bytes >> size;
}

static gboolean is_too_long(const GError *error)
{
    return g_error_matches(error, RS_HTTP_ERROR, RS_HTTP_ERROR_TOO_LONG);
}

static gboolean is_foreign(const Post *post, gint64 id)
{
    for (guint i = 0; i < post->foreign->len; i++)
        if (g_array_index(post->foreign, gint64, i) == id)
            return TRUE;
    return FALSE;
}

gboolean rs_sticky_is_ours(const RsComment *comment, const char *key, RsMarker *marker)
{
    *marker = (RsMarker){.run = -1};
    if (comment->is_ours && rs_marker_parse(comment->body, marker) && g_str_equal(marker->key, key))
        return TRUE;
    rs_marker_clear(marker);
    return FALSE;
}

/* Our comments with our key, oldest first. */
static GPtrArray *find(Post *post, GError **error)
{
    GPtrArray *all =
        post->place->list(post->forge, post->request->number, post->place->data, error);

    for (guint i = 0; all && i < all->len;) {
        const RsComment *comment = g_ptr_array_index(all, i);
        g_auto(RsMarker) marker = {0};

        if (!is_foreign(post, comment->id) &&
            rs_sticky_is_ours(comment, post->request->marker.key, &marker))
            i++;
        else
            g_ptr_array_remove_index(all, i);
    }
    return all;
}

static void settle(Post *post, RsStickyOutcome outcome, const RsComment *comment)
{
    post->result->outcome = outcome;
    if (!comment)
        return;
    post->result->id = comment->id;
    g_free(post->result->url);
    post->result->url = g_strdup(comment->url);
}

/* Looks at the change: has it moved? */
static gboolean look(Post *post, GError **error)
{
    const RsStickyRequest *request = post->request;
    g_auto(RsChange) change = {0};

    if (!post->forge->row->get_change(post->forge, request->number, &change, error))
        return FALSE;
    post->has_moved = !change.is_open || !g_str_equal(change.head_sha, request->marker.head);
    post->why_not = change.is_open ? RS_STICKY_STALE : RS_STICKY_CLOSED;
    return TRUE;
}

/* Before a write is sent again. */
static gboolean may_repeat(gpointer data, GError **error)
{
    Post *post = data;

    if (!look(post, error))
        return FALSE;
    if (post->has_moved)
        g_set_error_literal(error, RS_HTTP_ERROR, RS_HTTP_ERROR_CONFLICT,
                            "the change has moved on");
    return !post->has_moved;
}

/* Whether two bodies differ in nothing but which run wrote them. */
static gboolean is_same(const char *a, const char *b)
{
    const char *rest_a = strchr(a, '\n'), *rest_b = strchr(b, '\n');
    g_auto(RsMarker) marker_a = {0}, marker_b = {0};

    return rest_a && rest_b && g_str_equal(rest_a, rest_b) && rs_marker_parse(a, &marker_a) &&
           rs_marker_parse(b, &marker_b) && g_str_equal(marker_a.head, marker_b.head) &&
           g_str_equal(marker_a.state, marker_b.state);
}

static gboolean update(Post *post, const RsComment *comment, GError **error)
{
    for (guint size = 0;; size++) {
        g_autofree char *body = body_of(post->request, limit_of(post, size));
        g_autoptr(GError) problem = NULL;

        if (is_same(comment->body, body)) {
            settle(post, RS_STICKY_SAME, comment);
            return TRUE;
        }
        if (post->forge->row->update_comment(post->forge, post->request->number, comment->id, body,
                                             &problem)) {
            settle(post, RS_STICKY_UPDATED, comment);
            return TRUE;
        }
        if (!is_too_long(problem) || size + 1 >= N_SIZES) {
            g_propagate_error(error, g_steal_pointer(&problem));
            return FALSE;
        }
    }
}

/* Surplus ones come from races; one that cannot be deleted is left. */
static void delete_surplus(Post *post, const GPtrArray *comments)
{
    for (guint i = 1; i < comments->len; i++)
        post->forge->row->delete_comment(post->forge, post->request->number,
                                         ((RsComment *)g_ptr_array_index(comments, i))->id, NULL);
}

/* The one of the newest run, and its marker. */
static const RsComment *newest_of(const GPtrArray *comments, RsMarker *best)
{
    const RsComment *newest = g_ptr_array_index(comments, 0);

    rs_marker_parse(newest->body, best);
    for (guint i = 1; i < comments->len; i++) {
        const RsComment *comment = g_ptr_array_index(comments, i);
        g_auto(RsMarker) marker = {0};

        rs_marker_parse(comment->body, &marker);
        if (rs_marker_compare(&marker, best) > 0) {
            newest = comment;
            rs_marker_clear(best);
            rs_marker_parse(comment->body, best);
        }
    }
    return newest;
}

/* Of several comments the oldest stays, with the text of the newest run. */
static gboolean converge(Post *post, const GPtrArray *comments, GError **error)
{
    g_auto(RsMarker) best = {0};
    const RsComment *oldest = g_ptr_array_index(comments, 0), *newest = newest_of(comments, &best);

    if (newest != oldest && !post->forge->row->update_comment(post->forge, post->request->number,
                                                              oldest->id, newest->body, error))
        return FALSE;
    delete_surplus(post, comments);
    settle(post, post->result->outcome, oldest);
    return TRUE;
}

/* TRUE: a comment of ours is there, or the error says why not. uncertain: it may be there. */
static gboolean create_once(Post *post, gboolean *uncertain, GError **error)
{
    *uncertain = FALSE;
    for (guint size = 0;; size++) {
        g_autofree char *body = body_of(post->request, limit_of(post, size));
        g_autoptr(GError) problem = NULL;
        g_autoptr(RsComment) comment = post->place->create(post->forge, post->request->number, body,
                                                           post->place->data, &problem);

        if (comment) {
            settle(post, RS_STICKY_CREATED, comment);
            return TRUE;
        }
        if (is_too_long(problem) && size + 1 < N_SIZES)
            continue;
        *uncertain = g_error_matches(problem, RS_HTTP_ERROR, RS_HTTP_ERROR_UNKNOWN);
        g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
}

static gboolean has_ours(const Post *post, const GPtrArray *comments)
{
    gboolean found = FALSE;

    for (guint i = 0; i < comments->len && !found; i++) {
        g_auto(RsMarker) marker = {0};

        rs_marker_parse(((RsComment *)g_ptr_array_index(comments, i))->body, &marker);
        found = rs_marker_compare(&marker, &post->request->marker) == 0 &&
                g_str_equal(marker.head, post->request->marker.head);
    }
    return found;
}

static gboolean update_or_create(Post *post, GPtrArray *comments, GError **error);

static gboolean create(Post *post, GError **error)
{
    double settle_s = post->request->settle_s < 0 ? 1 : post->request->settle_s;

    for (guint n = 0;; n++) {
        g_autoptr(GError) problem = NULL;
        g_autoptr(GPtrArray) comments = NULL;
        gboolean uncertain, ok = create_once(post, &uncertain, &problem);

        if (!ok && (!uncertain || n + 1 >= MAX_CREATE)) {
            g_propagate_error(error, g_steal_pointer(&problem));
            return FALSE;
        }
        if (ok && !post->result->id)
            return TRUE; /* a dry run */
        g_usleep((gulong)(settle_s * G_USEC_PER_SEC));
        comments = find(post, ok ? NULL : error);
        if (!comments)
            return ok;
        if (comments->len && !ok && !has_ours(post, comments))
            return update_or_create(post, comments, error); /* of a run that races; ours is lost */
        if (comments->len)
            return converge(post, comments, error);
        if (ok)
            return TRUE; /* not listed yet: the next run will find it */
    }
}

/* Ours by its marker and its author, but it is gone, or, where the token cannot say whose it is,
 * somebody else's. A refusal of what is ours for certain would be one of a second comment, too. */
static gboolean is_not_ours(const Post *post, const GError *error)
{
    return g_error_matches(error, RS_HTTP_ERROR, RS_HTTP_ERROR_NOT_FOUND) ||
           (post->forge->user_is_app &&
            g_error_matches(error, RS_HTTP_ERROR, RS_HTTP_ERROR_REFUSED));
}

/* FALSE: to be written. A later run has been here: of this head, or of one that came since we
 * looked at the change, unless the change went back to ours. */
static gboolean is_settled(Post *post, const GPtrArray *comments, gboolean *settled, GError **error)
{
    const RsMarker *ours = &post->request->marker;
    g_auto(RsMarker) best = {0};
    const RsComment *newest = newest_of(comments, &best);

    *settled = FALSE;
    if (rs_marker_compare(&best, ours) <= 0)
        return TRUE;
    if (g_str_equal(best.head, ours->head))
        settle(post, RS_STICKY_NEWER, newest);
    else if (!look(post, error))
        return FALSE;
    else if (post->has_moved)
        settle(post, post->why_not, NULL);
    *settled = post->has_moved || g_str_equal(best.head, ours->head);
    return TRUE;
}

static gboolean update_or_create(Post *post, GPtrArray *comments, GError **error)
{
    while (comments->len) {
        const RsComment *oldest = g_ptr_array_index(comments, 0);
        g_autoptr(GError) problem = NULL;
        gboolean settled;

        if (!is_settled(post, comments, &settled, error))
            return FALSE;
        if (settled)
            return TRUE;
        if (update(post, oldest, &problem)) {
            delete_surplus(post, comments);
            return TRUE;
        }
        if (!is_not_ours(post, problem)) {
            g_propagate_error(error, g_steal_pointer(&problem));
            return FALSE;
        }
        g_array_append_val(post->foreign, oldest->id);
        g_ptr_array_remove_index(comments, 0);
    }
    if (post->request->update_only) {
        settle(post, RS_STICKY_NOT_WANTED, NULL);
        return TRUE;
    }
    return create(post, error);
}

static GPtrArray *list_comments(RsForge *forge, gint64 number, gpointer data, GError **error)
{
    return forge->row->list_comments(forge, number, error);
}

static RsComment *create_comment(RsForge *forge, gint64 number, const char *body, gpointer data,
                                 GError **error)
{
    return forge->row->create_comment(forge, number, body, error);
}

static const RsStickyPlace among_comments = {list_comments, create_comment, NULL};

gboolean rs_sticky_post_at(RsForge *forge, const RsStickyPlace *place,
                           const RsStickyRequest *request, RsStickyResult *result, GError **error)
{
    g_autoptr(GArray) foreign = g_array_new(FALSE, FALSE, sizeof(gint64));
    Post post = {forge,          place ? place : &among_comments, request, result, foreign, FALSE,
                 RS_STICKY_STALE};
    g_autoptr(GPtrArray) comments = NULL;
    g_autoptr(GError) problem = NULL;
    gboolean ok;

    g_assert(rs_marker_key_is_valid(request->marker.key));
    *result = (RsStickyResult){0};
    if (!look(&post, error))
        return FALSE;
    if (post.has_moved) {
        settle(&post, post.why_not, NULL);
        return TRUE;
    }
    comments = find(&post, error);
    if (!comments)
        return FALSE;
    rs_http_set_repeat_check(forge->http, may_repeat, &post);
    ok = update_or_create(&post, comments, &problem);
    rs_http_set_repeat_check(forge->http, NULL, NULL);
    if (ok)
        return TRUE;
    if (!post.has_moved)
        g_propagate_error(error, g_steal_pointer(&problem));
    else
        settle(&post, post.why_not, NULL);
    return post.has_moved;
}

gboolean rs_sticky_post(RsForge *forge, const RsStickyRequest *request, RsStickyResult *result,
                        GError **error)
{
    return rs_sticky_post_at(forge, NULL, request, result, error);
}
