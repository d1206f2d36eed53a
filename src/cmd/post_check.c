/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a verdict that was measured elsewhere is of the change that this job is for. What the
 * verdict says of itself is believed by nobody, for whoever sent the change may have written it;
 * what the CI system says of the run that measured it is. A number that was given as an option may
 * come from the same artifact, so the change that it names has to be the one that the run was for.
 */
#include "cmd/post_state.h"

#include <string.h>

#include "analyze/gate.h"
#include "base/text.h"

#define SHOWN_CHARS 60

GQuark rs_post_error_quark(void)
{
    return g_quark_from_static_string("rs-post-error");
}

const char *rs_post_head_of(const RsPost *post, const RsVerdict *verdict)
{
    const char *current = verdict->revisions[RS_ARM_CURRENT].revision;
    const RsCiContext *context = post->context;

    if (verdict->change_head && *verdict->change_head)
        return verdict->change_head;
    if (!current || !*current || verdict->revisions[RS_ARM_CURRENT].dirty)
        return NULL;
    return g_strcmp0(current, context->checked_out_sha) == 0 && context->head_sha
               ? context->head_sha
               : current;
}

static gboolean refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static gboolean refuse(GError **error, const char *format, ...)
{
    g_autofree char *message = NULL, *plain = NULL;
    va_list arguments;

    va_start(arguments, format);
    message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    plain = rs_text_plain(message, -1, FALSE, 10 * SHOWN_CHARS);
    g_set_error(error, RS_POST_ERROR, RS_POST_ERROR_OTHER_CHANGE, "the result is refused: %s",
                plain);
    return FALSE;
}

/* A revision of an untrusted file in a message. */
static char *shown(const char *text)
{
    return rs_text_plain(text ? text : "none", -1, FALSE, SHOWN_CHARS);
}

/* Another change than the event's may be meant only by a person who starts the job: then its live
 * head says what is right. */
static gboolean is_chosen_by_person(const RsPost *post)
{
    const RsCiContext *context = post->context;

    return post->opts->change > 0 && context->change != post->opts->change &&
           (g_str_equal(context->event, "workflow_dispatch") ||
            g_str_equal(context->event, "schedule") || g_str_equal(context->event, "web") ||
            g_str_equal(context->event, "api"));
}

/* The event tells no head, or one that is not the change's. */
static gboolean is_live_head_wanted(const RsPost *post)
{
    return !post->context->head_sha || is_chosen_by_person(post);
}

static gboolean check_against_event(const RsPost *post, const RsVerdict *verdict, GError **error)
{
    const char *head = rs_post_head_of(post, verdict);
    g_autofree char *told = shown(head);

    if (!head) {
        if (post->context->is_privileged)
            return refuse(error, "it does not tell which revision it is of");
        rs_post_warn(post, "the result does not tell which revision it is of; it is taken for one "
                           "of this job's");
        return TRUE;
    }
    if (!is_live_head_wanted(post) && !g_str_equal(head, post->context->head_sha))
        return refuse(error, "it is of revision %s, and this run is for %s", told,
                      post->context->head_sha);
    return TRUE;
}

/* Stale, and not poisoned: who told the number is the CI system. */
static gboolean note_stale(RsPost *post, const char *live)
{
    rs_post_notice(post, "nothing is posted: the result is stale, the head of the %s is %s by now",
                   post->row->change_word, live);
    post->is_stale = TRUE;
    return TRUE;
}

static gboolean check_against_change(RsPost *post, const RsVerdict *verdict, const RsChange *live,
                                     GError **error)
{
    const RsCiContext *context = post->context;
    const char *head =
        is_live_head_wanted(post) ? rs_post_head_of(post, verdict) : context->head_sha;
    g_autofree char *live_head = shown(live->head_sha), *live_from = shown(live->head_repository);
    g_autofree char *told = shown(head);

    if (context->is_privileged && context->head_sha &&
        (!context->head_repository ||
         g_strcmp0(context->head_repository, live->head_repository) != 0))
        return refuse(error, "%s %" G_GINT64_FORMAT " comes from %s, and the result from %s",
                      post->row->change_word, post->change, live_from,
                      context->head_repository ? context->head_repository : "an unknown place");
    if (g_strcmp0(head, live->head_sha) == 0)
        return TRUE;
    if (post->opts->change > 0)
        return refuse(error, "%s %" G_GINT64_FORMAT " has the head %s, and the result is of %s",
                      post->row->change_word, post->change, live_head, told);
    return note_stale(post, live_head);
}

static gboolean check_live(RsPost *post, const RsVerdict *verdict, GError **error)
{
    gint64 number = rs_post_change(post);
    RsForge *forge = rs_post_forge(post);
    g_auto(RsChange) live = {0};
    g_autoptr(GError) problem = NULL;

    if (!number || !forge || post->is_offline)
        return TRUE;
    if (forge->row->get_change(forge, number, &live, &problem))
        return check_against_change(post, verdict, &live, error);
    if (g_error_matches(problem, RS_HTTP_ERROR, RS_HTTP_ERROR_NOT_FOUND) && post->opts->change > 0)
        return refuse(error, "there is no %s %" G_GINT64_FORMAT " that the token may see",
                      post->row->change_word, number);
    rs_post_warn_of(post, RS_POST_READ, problem);
    rs_post_warn(post, "nothing is posted: whose the result is could not be checked");
    post->is_blocked = TRUE;
    return TRUE;
}

/* --- what a job with the secrets does not repeat --- */

/* Links lead to the repositories that the CI system tells of. */
static void replace_repository(RsRevision *revision, const RsCiContext *context,
                               const char *repository)
{
    g_free(revision->repository);
    revision->repository = context->server_url && repository && strchr(repository, '/')
                               ? g_strconcat(context->server_url, "/", repository, NULL)
                               : NULL;
}

/* Figures and names remain, and the sentences that are made of them. Commands to be run, what
 * programs printed and other prose are not repeated in the name of the one who posts. */
static void drop_prose(const RsCiContext *context, RsVerdict *verdict)
{
    replace_repository(&verdict->revisions[RS_ARM_BASELINE], context, context->repository);
    replace_repository(&verdict->revisions[RS_ARM_CURRENT], context,
                       context->head_repository ? context->head_repository : context->repository);
    g_clear_pointer(&verdict->command, g_free);
    g_ptr_array_set_size(verdict->warnings, 0);
    for (guint i = 0; i < verdict->rows->len; i++)
        g_ptr_array_set_size(((RsRow *)g_ptr_array_index(verdict->rows, i))->warnings, 0);
    for (guint i = 0; i < verdict->failures->len; i++) {
        RsVerdictFailure *failure = g_ptr_array_index(verdict->failures, i);

        g_clear_pointer(&failure->failure->output_tail, g_free);
    }
}

static gboolean distrust(const RsCiContext *context, RsVerdict *verdict, GError **error)
{
    if (!context->is_privileged)
        return TRUE;
    if (verdict->acceptance || verdict->gate.status == RS_GATE_ACCEPTED)
        return refuse(error, "it says that it was accepted, and that is for this job to ask");
    drop_prose(context, verdict);
    return TRUE;
}

/* How much a status says against the change. */
static guint rank_of(RsGateStatus status)
{
    switch (status) {
    case RS_GATE_ERROR:
        return 3;
    case RS_GATE_FAILED:
    case RS_GATE_ACCEPTED: /* it failed before */
        return 2;
    case RS_GATE_UNDECIDED:
        return 1;
    default:
        return 0;
    }
}

/* The exit status comes from the gate and the comment from the rows: they have to say the same. */
static gboolean check_against_itself(const RsVerdict *verdict, GError **error)
{
    RsGateStatus told = verdict->gate.status, found = rs_gate_least_status(verdict);

    if (rank_of(told) >= rank_of(found))
        return TRUE;
    return refuse(error, "it says that the gate is %s, and by what it has measured the gate is %s",
                  rs_gate_status_names[told], rs_gate_status_names[found]);
}

gboolean rs_post_check(RsPost *post, RsVerdict *verdict, GError **error)
{
    post->is_stored = TRUE;
    if (!check_against_itself(verdict, error)) {
        post->is_blocked = TRUE;
        return FALSE;
    }
    if (!post->row)
        return TRUE;
    if (!check_against_event(post, verdict, error) || !distrust(post->context, verdict, error)) {
        post->is_blocked = TRUE;
        return FALSE;
    }
    if (!post->context->is_privileged && post->opts->change <= 0)
        return TRUE; /* the comment looks at the live head itself */
    if (check_live(post, verdict, error))
        return TRUE;
    post->is_blocked = TRUE;
    return FALSE;
}
