/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes JSON as a stream, so that a large file is never held as a tree and as text at once. Knows
 * nothing of what is written.
 *
 * Unknown keys travel along: an object may be opened with the JSON text of keys to add; they are
 * written when it is closed, unless a key of that name was written meanwhile. Where such a key
 * holds an object and an object of that name is opened inside, its members go in there. The keys
 * that a reader left over (format/take.h) have this very shape.
 *
 * Order: rs_emit_new; every _object and _array ended by rs_emit_end; rs_emit_finish. A key is
 * borrowed until its object ends, and is NULL inside an array. Errors are kept until the end. */
#ifndef RS_FORMAT_EMIT_H
#define RS_FORMAT_EMIT_H

#include <glib.h>

typedef struct RsEmit RsEmit;

/* RS_EMIT_LINES: members or elements each on a line of their own, if those around are as well. */
typedef enum { RS_EMIT_LINES, RS_EMIT_INLINE } RsEmitLayout;

/* n_bytes_expected: 0 when not known. */
RsEmit *rs_emit_new(RsEmitLayout layout, gsize n_bytes_expected);
void rs_emit_free(RsEmit *emit);

void rs_emit_object(RsEmit *emit, const char *key, RsEmitLayout layout, const char *extra_json);
void rs_emit_array(RsEmit *emit, const char *key, RsEmitLayout layout);
void rs_emit_end(RsEmit *emit);

void rs_emit_null(RsEmit *emit, const char *key);
void rs_emit_bool(RsEmit *emit, const char *key, gboolean value);
void rs_emit_int(RsEmit *emit, const char *key, gint64 value);
/* The shortest text that reads back as the same number; null when value is not finite. */
void rs_emit_real(RsEmit *emit, const char *key, double value);
/* NULL is null; what is not UTF-8 is made so. */
void rs_emit_text(RsEmit *emit, const char *key, const char *text);

/* The text with a newline at its end. Errors RS_FORMAT_ERROR_INVALID: an extra_json that is not the
 * text of a JSON object. */
GString *rs_emit_finish(RsEmit *emit, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsEmit, rs_emit_free)

#endif
