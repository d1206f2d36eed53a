/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What GitHub (and Gitea, whose API has its shapes) and GitLab have in common: a change under
 * review with a head, and comments on it. One row for each kind. Must not know verdicts. */
#ifndef RS_REMOTE_FORGE_H
#define RS_REMOTE_FORGE_H

#include <jansson.h>

#include "remote/http.h"

typedef struct RsForge RsForge;

/* A comment on the change. */
typedef struct {
    gint64 id;
    char *body, *url; /* url NULL: not told */
    gboolean is_ours; /* written by whom the token belongs to */
} RsComment;
void rs_comment_free(RsComment *comment);

typedef struct {
    char *head_sha;
    char *head_repository; /* "owner/name" or a project's id; NULL: gone, or not told */
    char *title, *author;  /* NULL: not told */
    gboolean is_open;
    GPtrArray *labels; /* char* */
} RsChange;
void rs_change_clear(RsChange *change);

typedef enum {
    RS_STATUS_PENDING,
    RS_STATUS_SUCCESS,
    RS_STATUS_FAILURE,
    RS_STATUS_ERROR
} RsCommitStatus;

/* When a label was last set, of one that is set now. */
typedef struct {
    gboolean is_set;
    char *by;    /* who set it; NULL: not told */
    gint64 at_s; /* Unix time by the server's clock; 0: not told */
} RsLabelSet;
void rs_label_set_clear(RsLabelSet *label);

/* GitHub's check run. */
typedef struct {
    const char *name, *head_sha, *details_url; /* url NULL: none */
    const char *conclusion; /* "success", "failure", "neutral", "cancelled"; NULL: in progress */
    const char *title, *summary; /* Markdown, at most RS_CHECK_MAX_BYTES of it */
    const json_t *annotations;   /* as the API has them, any number; NULL: none */
} RsCheckRun;
#define RS_CHECK_MAX_BYTES 65000

/* GitLab's resolvable thread: its first note is the comment. */
typedef struct {
    char *id;
    RsComment *comment;
    gboolean is_resolved, is_resolved_by_us;
} RsThread;
void rs_thread_free(RsThread *thread);

typedef struct {
    const char *name;        /* "github", "gitlab" */
    const char *change_word; /* "pull request" */
    gsize comment_limit_bytes;
    gboolean (*get_change)(RsForge *forge, gint64 number, RsChange *change, GError **error);
    /* RsComment, oldest first, all pages; those of the system are left out. */
    GPtrArray *(*list_comments)(RsForge *forge, gint64 number, GError **error);
    RsComment *(*create_comment)(RsForge *forge, gint64 number, const char *body, GError **error);
    gboolean (*update_comment)(RsForge *forge, gint64 number, gint64 id, const char *body,
                               GError **error);
    gboolean (*delete_comment)(RsForge *forge, gint64 number, gint64 id, GError **error);
    gboolean (*set_status)(RsForge *forge, const char *sha, RsCommitStatus status,
                           const char *context, const char *description, const char *target_url,
                           GError **error);
    /* Open changes that a commit is the head of: their numbers (gint64). */
    GArray *(*changes_of_commit)(RsForge *forge, const char *sha, GError **error);
    /* As it is now; a name is compared as the forge compares it. A label that was taken away and
     * set again counts from the last time. */
    gboolean (*get_label)(RsForge *forge, gint64 number, const char *name, RsLabelSet *label,
                          GError **error);
    /* NULL where the forge has none. id 0: a new one. Returns its id; 0: in a dry run. < 0: error.
     * More annotations than the API takes at once go in further requests. */
    gint64 (*put_check_run)(RsForge *forge, gint64 id, const RsCheckRun *check, GError **error);
    /* NULL where the forge has none. RsThread that can be resolved and are ours, oldest first, all
     * pages. In a dry run the created one has neither an id nor a comment with one. */
    GPtrArray *(*list_threads)(RsForge *forge, gint64 number, GError **error);
    RsThread *(*create_thread)(RsForge *forge, gint64 number, const char *body, GError **error);
    gboolean (*resolve_thread)(RsForge *forge, gint64 number, const char *id, gboolean is_resolved,
                               GError **error);
} RsForgeRow;

extern const RsForgeRow rs_forge_github, rs_forge_gitlab;

struct RsForge {
    const RsForgeRow *row;
    RsHttp *http;
    char *project; /* path of the repository in the API: "/repos/owner/name", "/projects/42" */
    char *user;    /* whose token it is, as list_comments compares it; NULL: not asked yet */
    gboolean user_is_app; /* it cannot be asked: a token of GitHub Actions */
};

typedef struct {
    const char *api_url, *token;
    const char *repository; /* "owner/name"; GitLab: a project's id or path */
    RsHttpOptions http;     /* the rest; base_url, token and headers are filled in */
} RsForgeOptions;

/* Errors RS_HTTP_ERROR_URL. */
RsForge *rs_forge_new(const RsForgeRow *row, const RsForgeOptions *options, GError **error);
void rs_forge_free(RsForge *forge);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsForge, rs_forge_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsComment, rs_comment_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsThread, rs_thread_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RsChange, rs_change_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RsLabelSet, rs_label_set_clear)

#endif
