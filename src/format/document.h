/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walks the members of a JSON object that is a whole file, and hands over the elements of its large
 * lists one by one: a tree of all of it would need many times the memory of the file. Knows nothing
 * of what the members mean. */
#ifndef RS_FORMAT_DOCUMENT_H
#define RS_FORMAT_DOCUMENT_H

#include <glib.h>
#include <jansson.h>

#include "format/take.h"

/* Files longer than this are refused. */
#define RS_DOCUMENT_MAX_BYTES ((gsize)1 << 30)

/* A list that is not kept in the tree. Element i is borrowed and may be changed. */
typedef struct {
    const char *key; /* ends the table: NULL */
    void (*element)(RsTake *take, json_t *element, gsize i, gpointer into);
} RsDocumentList;

/* What a file says of itself. */
typedef struct {
    char *format; /* yours; NULL: no such key */
    gboolean has_schema_version;
} RsDocumentKind;

/* The object without its lists, yours.
 * has_head   looks at the members so far: TRUE when they suffice to make sense of the lists. Lists
 *            that come earlier in the file are read after everything else.
 * begin      called once before the first element of a list, or at the end; fails through take.
 * Errors RS_FORMAT_ERROR_SYNTAX with line and offset; what take has. */
typedef struct {
    const RsDocumentList *lists;
    gboolean (*has_head)(json_t *head);
    void (*begin)(RsTake *take, json_t *head, gpointer into);
} RsDocumentReader;
json_t *rs_document_read(const RsDocumentReader *reader, const char *text, gsize n_bytes,
                         gpointer into, GError **error);

/* Looks at the members until one tells the format. FALSE: it is not JSON (so far), or does not
 * tell. Errors as above; an object that does not tell is no error. */
gboolean rs_document_identify(const char *text, gsize n_bytes, RsDocumentKind *kind,
                              GError **error);

/* One JSON value and nothing else, as on a line of a journal. */
json_t *rs_document_parse_value(const char *text, gsize n_bytes, GError **error);

/* Refuses a version above supported. */
void rs_document_check_version(RsTake *take, json_t *object, const char *format, int supported);

#endif
