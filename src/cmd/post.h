/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A verdict to where a change is reviewed: what `report --post` and `ci` share. Order: begin (a
 * check run that is in progress), check (a verdict that was measured elsewhere), accept (asks the
 * forge, may turn a failed gate into an accepted one), then the files and outputs of the caller,
 * then publish. */
#ifndef RS_CMD_POST_H
#define RS_CMD_POST_H

#include "cmd/judge.h" /* rs_answer_words */
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
    gint64 change;           /* --pr-number; -1: as the CI tells */
    double budget_s;         /* --post-timeout */
    int on_post_error;       /* index of rs_answer_words */
    const char *run_url;     /* no option of these rows: link to the run; NULL: as the CI tells */
    const char *config_path; /* no option of these rows: the configuration file, whose copy in the
                                base revision says whether --accept-file may be; NULL:
                                rustscope.yml */
} RsPostOpts;

/* Rows of a command's table; TYPE has a member `post` of RsPostOpts. */
/* clang-format off */
#define RS_POST_OPT_ROWS(TYPE)                                                                     \
    {"comment", 0, RS_OPT_WORD, offsetof(TYPE, post.comment), "auto", "WHEN",                      \
     "when to write a comment: auto and on-regression say nothing new while all is well, but "     \
     "keep up to date what they said", rs_comment_words},                                          \
    {"comment-key", 0, RS_OPT_TEXT, offsetof(TYPE, post.comment_key), "default", "KEY",            \
     "tells apart the comments, check runs and statuses of several gates of one change", NULL},    \
    {"thread", 0, RS_OPT_FLAG, offsetof(TYPE, post.thread), NULL, NULL,                            \
     "GitLab: a thread in place of a note, open while the gate fails", NULL},                      \
    {"check-run", 0, RS_OPT_FLAG, offsetof(TYPE, post.check_run), NULL, NULL,                      \
     "GitHub: a check run of its own as well", NULL},                                              \
    {"check-name", 0, RS_OPT_TEXT, offsetof(TYPE, post.check_name), "rustscope", "NAME",           \
     "what the check run is called", NULL},                                                        \
    {"commit-status", 0, RS_OPT_FLAG, offsetof(TYPE, post.commit_status), NULL, NULL,              \
     "a status of the commit as well", NULL},                                                      \
    {"accept-label", 0, RS_OPT_TEXT, offsetof(TYPE, post.accept_label), "rustscope:accept",        \
     "LABEL",                                                                                      \
     "label that accepts a failed gate, set after its verdict was measured; empty: none", NULL},   \
    {"accept-file", 0, RS_OPT_TEXT, offsetof(TYPE, post.accept_file), NULL, "FILE",                \
     "file of the repository that accepts a failed gate when the head commit changes it; the "     \
     "base's configuration has to name it", NULL},                                                 \
    {"pr-number", 0, RS_OPT_INTEGER, offsetof(TYPE, post.change), NULL, "N",                       \
     "pull request or merge request to post to (else as the CI system tells)", NULL},              \
    {"api-url", 0, RS_OPT_TEXT, offsetof(TYPE, post.api_url), NULL, "URL",                         \
     "REST API of the server (else as the CI system tells)", NULL},                                \
    {"allow-api-url", 0, RS_OPT_FLAG, offsetof(TYPE, post.allow_api_url), NULL, NULL,              \
     "send the token to --api-url although the CI system names another server", NULL},             \
    {"post-timeout", 0, RS_OPT_DURATION, offsetof(TYPE, post.budget_s), "300", "TIME",             \
     "for all requests together, waits included", NULL},                                           \
    {"on-post-error", 0, RS_OPT_WORD, offsetof(TYPE, post.on_post_error), "warn", "ANSWER",        \
     "when something could not be posted (fail: exit status 5)", rs_answer_words},                 \
    {"token-variable", 0, RS_OPT_TEXT, offsetof(TYPE, post.token_variable), NULL, "NAME",          \
     "environment variable that has the token (else GITHUB_TOKEN or RUSTSCOPE_GITLAB_TOKEN)",      \
     NULL},                                                                                        \
    {"ca-file", 0, RS_OPT_FILE, offsetof(TYPE, post.ca_file), NULL, "FILE",                        \
     "certificates of authorities that the server's is checked with", NULL},                       \
    {"dry-run", 0, RS_OPT_FLAG, offsetof(TYPE, post.dry_run), NULL, NULL,                          \
     "send nothing that changes something; print those requests on stdout", NULL}
/* clang-format on */

#define RS_POST_ERROR (rs_post_error_quark())
GQuark rs_post_error_quark(void);
typedef enum { RS_POST_ERROR_OTHER_CHANGE } RsPostError; /* the verdict is not of this change */

/* The verdict file at path, or the one called verdict.json in the folder there: of a size that a
 * verdict may have, and no symbolic link. Nothing else of an artifact is looked at. Errors
 * G_FILE_ERROR, RS_FORMAT_ERROR, with the path in the message. */
RsVerdict *rs_post_read_results(const char *path, GError **error);

typedef struct RsPost RsPost;

/* The context of this job. opts are borrowed until rs_post_free. Without a CI system, a token or a
 * change there is nothing to post to: that is told once on stderr and every call below does
 * nothing. Errors G_OPTION_ERROR (options that cannot be: a comment key, an API URL that is not the
 * CI's), RS_CI_CONTEXT_ERROR, G_FILE_ERROR. */
RsPost *rs_post_new(const RsPostOpts *opts, GError **error);
/* A check run that was begun and not published is completed as cancelled. */
void rs_post_free(RsPost *post);
const RsCiContext *rs_post_context(const RsPost *post);

/* Why nothing of the change may be run here, a sentence that says what to do instead, yours; NULL:
 * it may. */
char *rs_post_why_not_run(const RsPost *post);

/* With --check-run: one that is in progress. From then on SIGINT and SIGTERM, where nobody else
 * handles them, complete it as cancelled before they end the process. */
void rs_post_begin(RsPost *post);
/* Of a verdict that was measured elsewhere (a stored result, the artifact of another workflow):
 * FALSE with a reason in error when it is not of the head of this change; then nothing is posted
 * and the gate is an error. A job that has the secrets of the repository keeps figures and names of
 * the verdict alone: commands, output of programs and links of its own go. Errors RS_POST_ERROR. */
gboolean rs_post_check(RsPost *post, RsVerdict *verdict, GError **error);
/* What the base revision's configuration, as this job's clone has it, says of accepting: for a
 * verdict that was measured elsewhere, where no option says it. NULL: nothing; yours. */
void rs_post_base_acceptance(const RsPost *post, char **label, char **file);
/* Asks for the acceptance label, live, or looks at the acceptance file, and applies it; says so.
 * A label has to be set after the verdict was measured, by the server's clock where that is known.
 * Fails closed: when the server cannot be asked, the gate stays failed and that is told. */
void rs_post_accept(RsPost *post, RsVerdict *verdict);
/* Comment or thread, check run, status. FALSE: something could not be posted; it has been told
 * (::warning on GitHub) and changed nothing else. */
gboolean rs_post_publish(RsPost *post, const RsVerdict *verdict);

/* Of the comment that was written or kept: its id, 0: none, and address, NULL: not told. */
gint64 rs_post_comment_id(const RsPost *post);
const char *rs_post_comment_url(const RsPost *post);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsPost, rs_post_free)

#endif
