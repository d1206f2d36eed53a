/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One comment on a change that is kept up to date: created once, updated by every later run, never
 * two, and never by a run whose revision is no longer the head. Two runs that race converge on the
 * oldest comment. Must not know which forge it is, nor what the comment says. */
#ifndef RS_REMOTE_STICKY_H
#define RS_REMOTE_STICKY_H

#include "remote/forge.h"
#include "remote/marker.h"

typedef enum {
    RS_STICKY_CREATED,
    RS_STICKY_UPDATED,
    RS_STICKY_SAME,       /* it said all that already */
    RS_STICKY_NOT_WANTED, /* there was none, and only an existing one was to be updated */
    RS_STICKY_STALE,      /* the change has another head by now: nothing was written */
    RS_STICKY_NEWER,      /* a later attempt at this head has written already */
    RS_STICKY_CLOSED,     /* the change is closed or merged */
} RsStickyOutcome;
extern const char *const rs_sticky_outcome_names[]; /* "created", ..., NULL */

typedef struct {
    gint64 number; /* of the change */
    RsMarker marker;
    gboolean update_only; /* there is nothing to say unless something was said before */
    /* The body behind the marker's line, of at most so many bytes; asked again with less when the
     * forge finds it too long. Yours. */
    char *(*render)(gsize limit_bytes, gpointer data);
    gpointer data;
    double settle_s; /* before a second look for a comment of a run that races; < 0: 1 */
} RsStickyRequest;

typedef struct {
    RsStickyOutcome outcome;
    gint64 id; /* of the comment; 0: none */
    char *url; /* NULL: not told */
} RsStickyResult;

/* Where it is kept, if not among the comments. */
typedef struct {
    /* RsComment, oldest first, all pages. */
    GPtrArray *(*list)(RsForge *forge, gint64 number, gpointer data, GError **error);
    RsComment *(*create)(RsForge *forge, gint64 number, const char *body, gpointer data,
                         GError **error);
    gpointer data;
} RsStickyPlace;

/* place NULL: among the comments. Errors RS_HTTP_ERROR: what was there before is still there. */
gboolean rs_sticky_post_at(RsForge *forge, const RsStickyPlace *place,
                           const RsStickyRequest *request, RsStickyResult *result, GError **error);
gboolean rs_sticky_post(RsForge *forge, const RsStickyRequest *request, RsStickyResult *result,
                        GError **error);
/* Whether a comment is ours, by its author and the key of its marker, which is given then. */
gboolean rs_sticky_is_ours(const RsComment *comment, const char *key, RsMarker *marker);
void rs_sticky_result_clear(RsStickyResult *result);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RsStickyResult, rs_sticky_result_clear)

#endif
