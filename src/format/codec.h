/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Session and verdict files: bytes to plain data and back. Untrusted input: every length, count and
 * depth is bounded, every error names what and where. Knows nothing of how trials are run or
 * judged. */
#ifndef RS_FORMAT_CODEC_H
#define RS_FORMAT_CODEC_H

#include <glib.h>

#include "model/session.h"
#include "model/verdict.h"

#define RS_FORMAT_ERROR (rs_format_error_quark())
GQuark rs_format_error_quark(void);
typedef enum {
    RS_FORMAT_ERROR_SYNTAX,  /* not JSON, truncated */
    RS_FORMAT_ERROR_UNKNOWN, /* JSON, but none of our formats */
    RS_FORMAT_ERROR_NEWER,   /* a major version that this program does not know */
    RS_FORMAT_ERROR_INVALID, /* a key has a wrong type or an impossible value */
} RsFormatError;

typedef struct {
    const char *name, *suffix, *summary;
    gboolean (*probe)(const guint8 *head, gsize n_head_bytes);   /* the beginning, or all of it */
    RsSession *(*decode)(GBytes *data, GError **error);          /* NULL: export only */
    GBytes *(*encode)(const RsSession *session, GError **error); /* NULL: import only */
} RsCodec;

/* Ended by a row without a name. */
extern const RsCodec rs_codecs[];

/* A session in any known format, found by its content. */
RsSession *rs_session_parse(GBytes *data, GError **error);
/* A session file of any known format, a journal included. Errors G_FILE_ERROR, RS_FORMAT_ERROR; the
 * path is in the message. */
RsSession *rs_session_read(const char *path, GError **error);
/* Writes the current format, atomically. */
gboolean rs_session_write(const RsSession *session, const char *path, GError **error);

RsVerdict *rs_verdict_read(const char *path, GError **error);
gboolean rs_verdict_write(const RsVerdict *verdict, const char *path, GError **error);
GBytes *rs_verdict_encode(const RsVerdict *verdict, GError **error);
RsVerdict *rs_verdict_decode(GBytes *data, GError **error);

#endif
