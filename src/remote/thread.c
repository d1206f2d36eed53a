/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sticky.h keeps the first note; here the thread around it is opened and resolved. */
#include "remote/thread.h"

typedef struct {
    GPtrArray *threads; /* RsThread, as listed last, and the one that was created since */
} Seen;

static RsComment *copy_of(const RsComment *comment)
{
    RsComment *copy = g_new(RsComment, 1);

    *copy = *comment;
    copy->body = g_strdup(comment->body);
    copy->url = g_strdup(comment->url);
    return copy;
}

static GPtrArray *list(RsForge *forge, gint64 number, gpointer data, GError **error)
{
    Seen *seen = data;
    GPtrArray *threads = forge->row->list_threads(forge, number, error), *comments;

    if (!threads)
        return NULL;
    comments = g_ptr_array_new_with_free_func((GDestroyNotify)rs_comment_free);
    for (guint i = 0; i < threads->len; i++)
        g_ptr_array_add(comments, copy_of(((RsThread *)g_ptr_array_index(threads, i))->comment));
    g_ptr_array_unref(seen->threads);
    seen->threads = threads;
    return comments;
}

static RsComment *create(RsForge *forge, gint64 number, const char *body, gpointer data,
                         GError **error)
{
    Seen *seen = data;
    RsThread *thread = forge->row->create_thread(forge, number, body, error);

    if (!thread)
        return NULL;
    g_ptr_array_add(seen->threads, thread);
    return copy_of(thread->comment);
}

static const RsThread *thread_of(const Seen *seen, gint64 id)
{
    for (guint i = 0; id && i < seen->threads->len; i++) {
        const RsThread *thread = g_ptr_array_index(seen->threads, i);

        if (thread->comment->id == id)
            return thread;
    }
    return NULL;
}

/* What was resolved for an older head says nothing about this one; what we resolved ourselves was
 * resolved because the gate passed then. */
static gboolean is_to_reopen(const RsThread *thread, const RsMarker *now)
{
    g_auto(RsMarker) then = {0};

    return thread->is_resolved_by_us || !rs_marker_parse(thread->comment->body, &then) ||
           !g_str_equal(then.head, now->head);
}

static gboolean settle(RsForge *forge, const RsStickyRequest *request, const RsThread *thread,
                       gboolean is_open, RsStickyResult *result, GError **error)
{
    if (thread->is_resolved == !is_open || (is_open && !is_to_reopen(thread, &request->marker)))
        return TRUE;
    if (!forge->row->resolve_thread(forge, request->number, thread->id, !is_open, error)) {
        g_prefix_error(error, "the thread says what there is to say, but it cannot be %s: ",
                       is_open ? "opened again" : "resolved");
        return FALSE;
    }
    if (result->outcome == RS_STICKY_SAME)
        result->outcome = RS_STICKY_UPDATED;
    return TRUE;
}

/* Older ones alone: a younger one may be the thread of a run that races, which will see ours. One
 * that cannot be deleted is left. */
static void delete_plain_notes(RsForge *forge, const RsStickyRequest *request, gint64 id)
{
    g_autoptr(GPtrArray) comments = forge->row->list_comments(forge, request->number, NULL);

    for (guint i = 0; comments && i < comments->len; i++) {
        const RsComment *comment = g_ptr_array_index(comments, i);
        g_auto(RsMarker) marker = {0};

        if (comment->id < id && rs_sticky_is_ours(comment, request->marker.key, &marker))
            forge->row->delete_comment(forge, request->number, comment->id, NULL);
    }
}

gboolean rs_thread_post(RsForge *forge, const RsStickyRequest *request, gboolean is_open,
                        RsStickyResult *result, GError **error)
{
    Seen seen = {g_ptr_array_new_with_free_func((GDestroyNotify)rs_thread_free)};
    const RsStickyPlace place = {list, create, &seen};
    RsStickyRequest wanted = *request;
    const RsThread *thread;
    gboolean ok;

    *result = (RsStickyResult){0};
    if (!forge->row->list_threads) {
        g_ptr_array_unref(seen.threads);
        g_set_error(error, RS_HTTP_ERROR, RS_HTTP_ERROR_INVALID, "a %s has no threads",
                    forge->row->change_word);
        return FALSE;
    }
    wanted.update_only = request->update_only || !is_open;
    ok = rs_sticky_post_at(forge, &place, &wanted, result, error);
    thread = ok ? thread_of(&seen, result->id) : NULL;
    if (thread && result->outcome == RS_STICKY_CREATED)
        delete_plain_notes(forge, request, thread->comment->id);
    if (thread && result->outcome != RS_STICKY_NEWER)
        ok = settle(forge, request, thread, is_open, result, error);
    g_ptr_array_unref(seen.threads);
    return ok;
}
