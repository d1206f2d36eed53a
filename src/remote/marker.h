/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first line of our comment, by which a later run finds it again and knows which run wrote it:
 *   <!-- rustscope:report v=1 key=default head=9f3c1ab7 seq=1842.1 state=critical -->
 * Bodies of comments are untrusted. */
#ifndef RS_REMOTE_MARKER_H
#define RS_REMOTE_MARKER_H

#include <glib.h>

#define RS_MARKER_MAX_KEY 64

typedef struct {
    char *key;           /* tells the comments of several gates apart: [A-Za-z0-9._-]{1,64} */
    char *head;          /* revision that was judged, hexadecimal */
    gint64 run, attempt; /* grow with every run, and with every attempt at one */
    char *state;         /* a word: "passed", "critical" */
} RsMarker;

gboolean rs_marker_key_is_valid(const char *key);
/* The line, without its end. Yours. */
char *rs_marker_format(const RsMarker *marker);
/* From the first line of a body. FALSE: it is not one of ours, or of another version. */
gboolean rs_marker_parse(const char *body, RsMarker *marker);
void rs_marker_clear(RsMarker *marker);
/* < 0: a ran before b. */
int rs_marker_compare(const RsMarker *a, const RsMarker *b);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RsMarker, rs_marker_clear)

#endif
