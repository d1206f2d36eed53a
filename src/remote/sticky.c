/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Order: head of the change; our comments, all pages; write; look again. Why the oldest wins: all
 * racers see it in the end, whoever wrote it, so no lock is needed. */
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
    GArray *foreign; /* gint64: comments that turned out not to be ours to change */
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

/* Of several comments the oldest stays, with the text of the newest run. */
static gboolean converge(Post *post, const GPtrArray *comments, GError **error)
{
    RsComment *oldest = g_ptr_array_index(comments, 0), *newest = oldest;
    g_auto(RsMarker) best = {0};

    rs_marker_parse(oldest->body, &best);
    for (guint i = 1; i < comments->len; i++) {
        RsComment *comment = g_ptr_array_index(comments, i);
        g_auto(RsMarker) marker = {0};

        rs_marker_parse(comment->body, &marker);
        if (rs_marker_compare(&marker, &best) > 0) {
            newest = comment;
            rs_marker_clear(&best);
            rs_marker_parse(comment->body, &best);
        }
    }
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
        if (comments->len)
            return converge(post, comments, error);
        if (ok)
            return TRUE; /* not listed yet: the next run will find it */
    }
}

/* Ours by its marker and its author, but not ours to change: somebody else's, or it is gone. */
static gboolean is_not_ours(const GError *error)
{
    return g_error_matches(error, RS_HTTP_ERROR, RS_HTTP_ERROR_REFUSED) ||
           g_error_matches(error, RS_HTTP_ERROR, RS_HTTP_ERROR_NOT_FOUND);
}

static gboolean update_or_create(Post *post, GPtrArray *comments, GError **error)
{
    while (comments->len) {
        const RsComment *oldest = g_ptr_array_index(comments, 0);
        g_auto(RsMarker) marker = {0};
        g_autoptr(GError) problem = NULL;

        rs_marker_parse(oldest->body, &marker);
        if (g_str_equal(marker.head, post->request->marker.head) &&
            rs_marker_compare(&marker, &post->request->marker) > 0) {
            settle(post, RS_STICKY_NEWER, oldest);
            return TRUE;
        }
        if (update(post, oldest, &problem)) {
            delete_surplus(post, comments);
            return TRUE;
        }
        if (!is_not_ours(problem)) {
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
    Post post = {forge, place ? place : &among_comments, request, result, foreign};
    g_auto(RsChange) change = {0};
    g_autoptr(GPtrArray) comments = NULL;

    g_assert(rs_marker_key_is_valid(request->marker.key));
    *result = (RsStickyResult){0};
    if (!forge->row->get_change(forge, request->number, &change, error))
        return FALSE;
    if (!change.is_open || !g_str_equal(change.head_sha, request->marker.head)) {
        settle(&post, change.is_open ? RS_STICKY_STALE : RS_STICKY_CLOSED, NULL);
        return TRUE;
    }
    comments = find(&post, error);
    return comments && update_or_create(&post, comments, error);
}

gboolean rs_sticky_post(RsForge *forge, const RsStickyRequest *request, RsStickyResult *result,
                        GError **error)
{
    return rs_sticky_post_at(forge, NULL, request, result, error);
}
