/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A verdict to where a change is reviewed: what `report --post` and `ci` share. Order: accept (asks
 * the forge, may turn a failed gate into an accepted one), then the files and outputs of the
 * caller, then publish. */
#ifndef RS_CMD_POST_H
#define RS_CMD_POST_H

#include "cmd/opt.h"
#include "model/verdict.h"
#include "remote/ci_context.h"

typedef enum {
    RS_COMMENT_AUTO,
    RS_COMMENT_ALWAYS,
    RS_COMMENT_ON_REGRESSION,
    RS_COMMENT_NEVER
} RsCommentWhen;
extern const char *const rs_comment_words[]; /* auto, always, on-regression, never */

typedef struct {
    int comment; /* RsCommentWhen */
    char *comment_key, *accept_label, *check_name, *api_url, *token_variable, *ca_file,
        *accept_file;
    gboolean thread, check_run, commit_status, allow_api_url, dry_run;
    gint64 change;     /* --pr-number; -1: as the CI tells */
    double budget_s;   /* --post-timeout */
    int on_post_error; /* index of rs_answer_words */
} RsPostOpts;

/* RS_POST_OPT_ROWS(TYPE): rows of a command's table; TYPE has a member `post` of RsPostOpts. */

typedef struct RsPost RsPost;

/* The context of this job. Without a CI system, a token or a change there is nothing to post to:
 * that is told once on stderr and every call below does nothing. Errors G_OPTION_ERROR (options
 * that cannot be: a comment key, an API URL that is not the CI's), RS_CI_CONTEXT_ERROR. */
RsPost *rs_post_new(const RsPostOpts *opts, GError **error);
void rs_post_free(RsPost *post);
const RsCiContext *rs_post_context(const RsPost *post);

/* Of a verdict that was measured elsewhere (a stored result, the artifact of another workflow):
 * FALSE with a reason in error when it is not of the head of this change; then nothing is posted
 * and the gate is an error. */
gboolean rs_post_check(RsPost *post, const RsVerdict *verdict, GError **error);
/* Asks for the acceptance label, live, and applies it. measured_at_s: when the verdict was made, by
 * the server's clock where it is known. Fails closed: when the server cannot be asked, the gate
 * stays failed and that is told. */
void rs_post_accept(RsPost *post, RsVerdict *verdict);
/* Comment or thread, check run, status. FALSE: something could not be posted; it has been told
 * (::warning on GitHub) and changed nothing else. */
gboolean rs_post_publish(RsPost *post, const RsVerdict *verdict);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsPost, rs_post_free)

#endif
