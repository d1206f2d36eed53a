/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GitHub's check run, where it is asked for: in progress while it is measured, and completed
 * whatever happens, because a required check that never completes blocks the merge. On the change's
 * head; on a merge commit nobody would see it. */
#include "cmd/post_state.h"
#include "report/check_annotations.h"
#include "report/renderer.h"
#include "report/words.h"

#define CANCEL_BUDGET_S 20.0 /* runners do not wait longer after their signal */

/* All that cancelling needs. Nothing of it changes any more, nor what it uses of post, so a
 * signal's thread may read it. The connection is made then: one that was kept would have the token
 * in the memory of every fork. */
struct RsPostCancel {
    const RsPost *post;
    gint64 id;
    char *name, *head;
    RsPostWatch *watch;
};

static void send_cancelled(gpointer data)
{
    const RsPostCancel *begun = data;
    g_autoptr(RsForge) forge = rs_post_connect(begun->post, CANCEL_BUDGET_S, NULL);
    RsCheckRun check = {.name = begun->name,
                        .head_sha = begun->head,
                        .details_url = rs_post_run_url(begun->post),
                        .conclusion = "cancelled",
                        .title = "rustscope: cancelled",
                        .summary = "The job ended before there was a verdict."};

    if (forge)
        forge->row->put_check_run(forge, begun->id, &check, NULL);
}

static void cancel_free(RsPostCancel *begun)
{
    if (!begun)
        return;
    rs_post_watch_free(begun->watch);
    g_free(begun->name);
    g_free(begun->head);
    g_free(begun);
}

void rs_post_cancel_check(RsPost *post)
{
    if (post->begun) {
        g_clear_pointer(&post->begun->watch, rs_post_watch_free);
        send_cancelled(post->begun);
    }
    g_clear_pointer(&post->begun, cancel_free);
}

/* Told when the user asked for one. */
static gboolean has_check_runs(const RsPost *post)
{
    if (!post->row || (post->row->put_check_run && !post->context->is_gitea))
        return TRUE;
    rs_post_warn(post, "--check-run: there are none on %s",
                 post->context->is_gitea ? "gitea" : post->row->name);
    return FALSE;
}

static char *name_of(const RsPost *post)
{
    return rs_post_check_name(post->opts->check_name, post->opts->comment_key);
}

void rs_post_begin(RsPost *post)
{
    g_autofree char *name = name_of(post);
    const char *head = post->context->head_sha;
    g_autoptr(RsForge) forge = NULL;
    g_autoptr(GError) error = NULL;
    RsCheckRun check = {.name = name,
                        .head_sha = head,
                        .details_url = rs_post_run_url(post),
                        .title = "rustscope: measuring",
                        .summary = "Both revisions are being measured."};
    gint64 id;

    if (!post->opts->check_run || post->begun || !head || !has_check_runs(post) ||
        !rs_post_can_connect(post))
        return;
    forge = rs_post_connect(post, post->opts->budget_s, &error);
    id = forge ? forge->row->put_check_run(forge, 0, &check, &error) : -1;
    if (id < 0)
        rs_post_warn_of(post, RS_POST_CHECK, error);
    if (id <= 0)
        return; /* nothing to complete, or a dry run */
    post->begun = g_new0(RsPostCancel, 1);
    post->begun->post = post;
    post->begun->id = id;
    post->begun->name = g_steal_pointer(&name);
    post->begun->head = g_strdup(head);
    post->begun->watch = rs_post_watch_new(send_cancelled, post->begun);
}

static gboolean complete(RsPost *post, RsForge *forge, const RsVerdict *verdict, const char *head,
                         GError **error)
{
    g_autofree char *name = name_of(post), *title = rs_words_headline(verdict);
    RsReportOptions options = {.limit_bytes = RS_CHECK_MAX_BYTES,
                               .run_url = rs_post_run_url(post),
                               .accept_label = post->opts->accept_label};
    g_autofree char *summary = rs_report_markdown(verdict, &options, NULL, NULL);
    json_t *annotations = rs_report_check_annotations(verdict);
    RsCheckRun check = {.name = name,
                        .head_sha = head,
                        .details_url = rs_post_run_url(post),
                        .conclusion = rs_post_conclusion(verdict),
                        .title = title,
                        .summary = summary,
                        .annotations = annotations};
    gint64 id = forge->row->put_check_run(forge, post->begun ? post->begun->id : 0, &check, error);

    rs_report_check_annotations_free(annotations);
    return id >= 0;
}

gboolean rs_post_complete_check(RsPost *post, const RsVerdict *verdict)
{
    const char *head = rs_post_head_of(post, verdict);
    RsForge *forge;
    g_autoptr(GError) error = NULL;

    if (!post->opts->check_run)
        return TRUE;
    if (post->begun)
        rs_post_watch_renew(post->begun->watch);
    if (!has_check_runs(post))
        return TRUE; /* told, and no failure */
    forge = rs_post_forge(post);
    if (post->begun)
        head = post->begun->head;
    if (!head)
        head = post->context->head_sha;
    if (!forge || !head)
        return FALSE;
    if (!complete(post, forge, verdict, head, &error)) {
        rs_post_warn_of(post, RS_POST_CHECK, error);
        return FALSE;
    }
    g_clear_pointer(&post->begun, cancel_free);
    return TRUE;
}
