/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of posting share. */
#ifndef RS_CMD_POST_STATE_H
#define RS_CMD_POST_STATE_H

#include "cmd/post.h"
#include "cmd/post_watch.h"
#include "cmd/post_words.h"
#include "remote/forge.h"

typedef struct RsPostCancel RsPostCancel; /* post_check_run.c: a check run that is in progress */

struct RsPost {
    const RsPostOpts *opts;
    RsCiContext *context;
    const RsForgeRow *row;   /* NULL: no CI system */
    char *api_url;           /* NULL: not told */
    const char *ca_file;     /* NULL: where the system has them, see remote/ca_bundle.h */
    RsForge *forge;          /* made when it is first needed: its time runs from then on */
    gboolean is_offline;     /* a dry run without a token: nothing is read either */
    gboolean is_told;        /* why there is nothing to post to */
    gboolean is_told_stages; /* what a fork can do about a token that may only read */
    gint64 change;           /* 0: there is none, or not asked yet */
    gboolean has_asked_change, has_asked_in_vain; /* the second: there was no answer */
    gboolean is_stored;  /* the verdict was measured elsewhere: it stays when this job runs again */
    gboolean is_blocked; /* the check found that nothing can be posted */
    gboolean is_stale;   /* or that a newer run has to */
    char *note;          /* for the comment: why a label did not accept; NULL */
    RsPostCancel *begun; /* NULL: no check run is in progress */
    gint64 comment_id;
    char *comment_url;
};

/* Errors G_OPTION_ERROR. */
gboolean rs_post_opts_check(const RsPostOpts *opts, GError **error);
/* Which API, and whether the token may be sent to it. Errors G_OPTION_ERROR. */
gboolean rs_post_choose_api(RsPost *post, GError **error);

/* The forge to ask and to write to; NULL: there is none, and that is told. */
RsForge *rs_post_forge(RsPost *post);
/* Whether there is one; told when there is not. */
gboolean rs_post_can_connect(RsPost *post);
/* One of its own, where there is one; from any thread. Errors RS_HTTP_ERROR_URL. */
RsForge *rs_post_connect(const RsPost *post, double budget_s, GError **error);
/* Link to the run, for people; NULL: not told. Borrowed. */
const char *rs_post_run_url(const RsPost *post);
/* Number of the change; 0: there is none, and that is told. */
gint64 rs_post_change(RsPost *post);

/* The change's head that the verdict is of: what it says, or, when it names the revision that this
 * job has before it, this job's. NULL: not known. Borrowed. */
const char *rs_post_head_of(const RsPost *post, const RsVerdict *verdict);

/* On stderr; on GitHub as a command that its runner shows with the job. */
void rs_post_warn(const RsPost *post, const char *format, ...) G_GNUC_PRINTF(2, 3);
void rs_post_notice(const RsPost *post, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* A request that failed, and what to do about it. */
void rs_post_warn_of(RsPost *post, RsPostTask task, const GError *error);

/* post_accept_file.c: a file that the head commit changes. NULL: it does not accept; why (yours)
 * says why, NULL when there is nothing to say. */
RsAcceptance *rs_post_accepting_file(const RsPost *post, const RsVerdict *verdict, char **why);
/* The check run, if it is asked for; FALSE: it could not be completed, and that is told. */
gboolean rs_post_complete_check(RsPost *post, const RsVerdict *verdict);
/* One that is still in progress; frees begun. */
void rs_post_cancel_check(RsPost *post);

#endif
