/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comment or thread, check run, status: each on its own, so that one that fails does not take the
 * others with it. */
#include "cmd/command.h"
#include "cmd/post_state.h"
#include "remote/sticky.h"
#include "remote/thread.h"
#include "report/escape.h"
#include "report/renderer.h"

#define MAX_NOTE_CHARS 500

typedef struct {
    const RsPost *post;
    const RsVerdict *verdict;
} Rendering;

/* What stands under the report: why a label did not accept, and which file does. How a label does
 * is in the report itself. */
static char *tail_of(const Rendering *rendering)
{
    const RsPost *post = rendering->post;
    const char *file = post->opts->accept_file;
    gboolean has_file = rendering->verdict->gate.status == RS_GATE_FAILED && file && *file;
    g_autofree char *note = post->note ? rs_escape_markdown(post->note, MAX_NOTE_CHARS) : NULL;
    g_autofree char *code = has_file ? rs_escape_markdown_code(file, MAX_NOTE_CHARS) : NULL;

    return g_strconcat(note ? "\nNot accepted: " : "", note ? note : "", note ? ".\n" : "",
                       code ? "\nA commit that says why in " : "", code ? code : "",
                       code ? " accepts it as well.\n" : "", NULL);
}

static char *render(gsize limit_bytes, gpointer data)
{
    const Rendering *rendering = data;
    const RsPost *post = rendering->post;
    g_autofree char *tail = tail_of(rendering);
    gsize n_tail = strlen(tail);
    RsReportOptions options = {.limit_bytes = limit_bytes - MIN(limit_bytes - 1, n_tail),
                               .run_url = rs_post_run_url(post),
                               .accept_label = post->opts->accept_label};
    g_autofree char *body = rs_report_markdown(rendering->verdict, &options, NULL, NULL);

    return g_strconcat(body, n_tail < limit_bytes ? tail : "", NULL);
}

static void tell_outcome(const RsPost *post, const char *what, const RsStickyResult *result)
{
    switch (result->outcome) {
    case RS_STICKY_STALE:
        rs_post_notice(post,
                       "the %s is left alone: this run is stale, the %s has another head by "
                       "now",
                       what, post->row->change_word);
        break;
    case RS_STICKY_NEWER:
        rs_post_notice(post, "the %s is left alone: a later run has written it", what);
        break;
    case RS_STICKY_CLOSED:
        rs_post_notice(post, "no %s: the %s is closed", what, post->row->change_word);
        break;
    case RS_STICKY_NOT_WANTED:
        rs_complain(0, "no %s: there is nothing to say", what);
        break;
    default:
        rs_complain(0, "%s%s: %s%s%s", post->opts->dry_run ? "it would be so: " : "", what,
                    rs_sticky_outcome_names[result->outcome], result->url ? " " : "",
                    result->url ? result->url : "");
    }
}

/* A dry run without a token reads nothing, so the comment is shown as a new one. */
static gboolean show_offline(RsForge *forge, gint64 number, const RsStickyRequest *request)
{
    g_autofree char *marker = rs_marker_format(&request->marker);
    g_autofree char *text =
        request->render(forge->row->comment_limit_bytes - strlen(marker) - 1, request->data);
    g_autofree char *body = g_strconcat(marker, "\n", text, NULL);

    rs_comment_free(forge->row->create_comment(forge, number, body, NULL));
    return TRUE;
}

static gboolean write_comment(RsPost *post, RsForge *forge, gint64 number, gboolean is_thread,
                              const RsStickyRequest *request, GError **error)
{
    gboolean is_open =
        g_str_equal(rs_post_conclusion(((Rendering *)request->data)->verdict), "failure");
    g_auto(RsStickyResult) result = {0};

    if (post->is_offline)
        return show_offline(forge, number, request);
    if (is_thread ? !rs_thread_post(forge, request, is_open, &result, error)
                  : !rs_sticky_post(forge, request, &result, error))
        return FALSE;
    tell_outcome(post, is_thread ? "thread" : "comment", &result);
    post->comment_id = result.id;
    g_free(post->comment_url);
    post->comment_url = g_steal_pointer(&result.url);
    return TRUE;
}

/* Revisions in a marker are words; a change's head is one. */
static const char *marker_head(const RsPost *post, const RsVerdict *verdict)
{
    const char *head = rs_post_head_of(post, verdict);

    return head ? head : post->context->head_sha;
}

static gboolean publish_comment(RsPost *post, const RsVerdict *verdict)
{
    const RsPostOpts *opts = post->opts;
    Rendering rendering = {post, verdict};
    RsStickyRequest request = {.render = render, .data = &rendering, .settle_s = -1};
    const char *head = marker_head(post, verdict);
    gboolean is_thread;
    RsForge *forge;
    g_autoptr(GError) error = NULL;

    if (!rs_post_wants_comment((RsCommentWhen)opts->comment, verdict, &request.update_only))
        return TRUE;
    if (g_str_equal(post->context->event, "merge_group")) {
        rs_complain(0, "no comment: a merge group is no change of its own");
        return TRUE;
    }
    forge = rs_post_forge(post);
    if (!forge || !head)
        return forge != NULL;
    request.number = rs_post_change(post);
    if (!request.number)
        return !post->has_asked_in_vain; /* a push is no failure to post */
    is_thread = opts->thread && forge->row->list_threads;
    if (opts->thread && !is_thread)
        rs_post_warn(post, "--thread: a %s has no threads of this kind; it is a comment",
                     forge->row->change_word);
    request.marker = (RsMarker){.key = opts->comment_key,
                                .head = (char *)head,
                                .run = post->context->run,
                                .attempt = post->context->attempt,
                                .state = (char *)rs_post_state(verdict)};
    if (write_comment(post, forge, request.number, is_thread, &request, &error))
        return TRUE;
    rs_post_warn_of(post, is_thread ? RS_POST_THREAD : RS_POST_COMMENT, error);
    return FALSE;
}

static gboolean publish_status(RsPost *post, const RsVerdict *verdict)
{
    g_autofree char *context = rs_post_status_context(post->opts->comment_key);
    g_autofree char *description = rs_post_description(verdict);
    const char *head = marker_head(post, verdict);
    RsForge *forge;
    g_autoptr(GError) error = NULL;

    if (!post->opts->commit_status)
        return TRUE;
    forge = rs_post_forge(post);
    if (!forge || !head)
        return FALSE;
    if (forge->row->set_status(forge, head, rs_post_commit_status(verdict), context, description,
                               rs_post_run_url(post), &error))
        return TRUE;
    rs_post_warn_of(post, RS_POST_STATUS, error);
    return FALSE;
}

gboolean rs_post_publish(RsPost *post, const RsVerdict *verdict)
{
    gboolean ok = TRUE;

    if (!post->row) {
        rs_post_forge(post); /* tells */
        return TRUE;
    }
    if (post->is_blocked || post->is_stale)
        return !post->is_blocked;
    ok &= publish_comment(post, verdict);
    ok &= rs_post_complete_check(post, verdict);
    ok &= publish_status(post, verdict);
    return ok;
}
