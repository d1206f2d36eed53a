/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a posted verdict is called and when it is worth a comment, and what to do when a server
 * refuses; from plain data alone. All texts are yours. */
#ifndef RS_CMD_POST_WORDS_H
#define RS_CMD_POST_WORDS_H

#include "cmd/post.h"
#include "remote/forge.h"

#define RS_POST_MAX_DESCRIPTION 140 /* characters of a commit status, GitHub's limit */

typedef enum {
    RS_POST_READ,
    RS_POST_LABEL,
    RS_POST_COMMENT,
    RS_POST_THREAD,
    RS_POST_CHECK,
    RS_POST_STATUS
} RsPostTask;

/* FALSE: say nothing. update_only: keep up to date what was said, but do not begin. */
gboolean rs_post_wants_comment(RsCommentWhen when, const RsVerdict *verdict, gboolean *update_only);
/* The state in a comment's marker: "passed", "critical", "error" ... Not yours. */
const char *rs_post_state(const RsVerdict *verdict);
/* Of a check run: "success", "failure", "neutral". Not yours. */
const char *rs_post_conclusion(const RsVerdict *verdict);
RsCommitStatus rs_post_commit_status(const RsVerdict *verdict);
/* The headline in at most RS_POST_MAX_DESCRIPTION characters. */
char *rs_post_description(const RsVerdict *verdict);
/* "rustscope (KEY)" and "rustscope/KEY"; the name alone with the key "default". */
char *rs_post_check_name(const char *name, const char *key);
char *rs_post_status_context(const char *key);

/* Whether two URLs have the same scheme, host and port. FALSE when one is no URL. */
gboolean rs_post_is_same_origin(const char *a, const char *b);

/* How a label can accept at all where measuring and posting are one job; goes behind a sentence. */
extern const char rs_post_two_jobs[];
/* What a fork is told whose token may only read. */
extern const char rs_post_two_stages[];

/* What to do about an error of a task; NULL: nothing that we know. */
char *rs_post_advice(RsCiSystem system, RsPostTask task, const GError *error);
/* What to do where there is no token that may write. */
char *rs_post_token_advice(const RsCiContext *context, const char *token_variable);
/* Why nothing of a change may be run with this event's rights. */
char *rs_post_not_run(const RsCiContext *context);

#endif
