/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A failed gate that a person accepts: by a label that is asked for now, or by a file in the
 * change's head commit. Whatever cannot be asked or does not add up leaves the gate failed. */
#include "cmd/post_state.h"

#include "analyze/acceptance.h"
#include "base/text.h"
#include "cmd/command.h"

#define SHOWN_CHARS 60

/* Unix time; 0: not known. The server's clock before the runner's. */
static gint64 measured_at_s(const RsPost *post, const RsVerdict *verdict)
{
    g_autoptr(GDateTime) created = NULL;

    if (post->context->measured_at_s > 0)
        return post->context->measured_at_s;
    if (verdict->created_at)
        created = g_date_time_new_from_iso8601(verdict->created_at, NULL);
    return created ? g_date_time_to_unix(created) : 0;
}

static char *iso8601(gint64 at_s)
{
    g_autoptr(GDateTime) at = g_date_time_new_from_unix_utc(at_s);

    return at ? g_date_time_format_iso8601(at) : NULL;
}

static void apply(RsPost *post, RsVerdict *verdict, RsAcceptance *acceptance)
{
    g_autofree char *by =
        rs_text_plain(acceptance->by ? acceptance->by : "somebody", -1, FALSE, SHOWN_CHARS);
    g_autofree char *how = rs_text_plain(acceptance->how, -1, FALSE, 2 * SHOWN_CHARS);
    g_autofree char *why = NULL;

    if (rs_accept(verdict, acceptance, &why))
        rs_post_notice(post, "gate accepted by %s: %s", by, how);
    else
        rs_post_warn(post, "not accepted: %s", why ? why : "it is of another revision");
}

/* Not accepted, and the reader of the comment should know as well. */
static void explain(RsPost *post, char *why)
{
    rs_post_warn(post, "not accepted: %s", why);
    g_free(post->note);
    post->note = why;
}

static void accept_set(RsPost *post, RsVerdict *verdict, const RsLabelSet *set)
{
    gint64 measured_s = measured_at_s(post, verdict);
    const char *label = post->opts->accept_label;
    RsAcceptance *acceptance;

    if (set->at_s <= 0 || measured_s <= 0) {
        rs_post_warn(post, "not accepted: it is not known whether the label was set after the "
                           "verdict was measured");
        return;
    }
    if (set->at_s <= measured_s) {
        explain(post, g_strdup_printf("the label %s was set for an earlier revision or result: "
                                      "remove it and set it again after looking at this report%s",
                                      label, post->is_stored ? "" : rs_post_two_jobs));
        return;
    }
    acceptance = g_new0(RsAcceptance, 1);
    acceptance->by = g_strdup(set->by);
    acceptance->how = g_strdup_printf("label %s", label);
    acceptance->at = iso8601(set->at_s);
    acceptance->head = g_strdup(verdict->change_head);
    apply(post, verdict, acceptance);
}

static gboolean has_label(const RsChange *change, const char *name)
{
    for (guint i = 0; change->labels && i < change->labels->len; i++)
        if (g_str_equal(g_ptr_array_index(change->labels, i), name))
            return TRUE;
    return FALSE;
}

static void fail_closed(RsPost *post, const GError *error)
{
    rs_post_warn_of(post, RS_POST_LABEL, error);
    rs_post_warn(post, "the gate stays failed: nothing is accepted that cannot be asked for");
}

static void accept_by_label(RsPost *post, RsVerdict *verdict)
{
    gint64 number = rs_post_change(post);
    RsForge *forge = rs_post_forge(post);
    const char *label = post->opts->accept_label;
    g_auto(RsChange) live = {0};
    g_auto(RsLabelSet) set = {0};
    g_autoptr(GError) error = NULL;

    if (!number || !forge || post->is_offline)
        return;
    if (!forge->row->get_change(forge, number, &live, &error)) {
        fail_closed(post, error);
        return;
    }
    if (!has_label(&live, label))
        return;
    if (g_strcmp0(live.head_sha, verdict->change_head) != 0) {
        rs_post_warn(post,
                     "not accepted: the label %s is set, but the verdict is not of the "
                     "change's head",
                     label);
        return;
    }
    if (!forge->row->get_label(forge, number, label, &set, &error)) {
        fail_closed(post, error);
        return;
    }
    if (set.is_set)
        accept_set(post, verdict, &set);
}

/* TRUE: it did. */
static gboolean accept_by_file(RsPost *post, RsVerdict *verdict)
{
    g_autofree char *why = NULL;
    RsAcceptance *acceptance = rs_post_accepting_file(post, verdict, &why);

    if (acceptance)
        apply(post, verdict, acceptance);
    else if (why)
        rs_post_warn(post, "not accepted: %s", why);
    return verdict->gate.status == RS_GATE_ACCEPTED;
}

void rs_post_accept(RsPost *post, RsVerdict *verdict)
{
    if (!post->row || post->is_blocked || post->is_stale || verdict->gate.status != RS_GATE_FAILED)
        return;
    if (!verdict->change_head)
        verdict->change_head = g_strdup(rs_post_head_of(post, verdict));
    if (post->opts->accept_file && *post->opts->accept_file && accept_by_file(post, verdict))
        return;
    if (*post->opts->accept_label)
        accept_by_label(post, verdict);
}
