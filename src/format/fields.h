/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The members of a struct that are keys of a JSON object, as a table: one table both writes and
 * reads, so that reading is the inverse of writing. */
#ifndef RS_FORMAT_FIELDS_H
#define RS_FORMAT_FIELDS_H

#include <glib.h>
#include <stddef.h>

#include "format/emit.h"
#include "format/take.h"

typedef enum {
    RS_FIELD_TEXT,      /* char *, NULL is null */
    RS_FIELD_TEXTS,     /* char **, NULL-ended, NULL is null */
    RS_FIELD_SENTENCES, /* GPtrArray of char * */
    RS_FIELD_BOOL,      /* gboolean */
    RS_FIELD_REAL,      /* double, not finite is null */
    RS_FIELD_INT64,
    RS_FIELD_INT,
    RS_FIELD_UINT,
    RS_FIELD_WORD, /* an enum and its word table */
} RsFieldKind;

typedef struct {
    const char *key; /* ends the table: NULL */
    RsFieldKind kind;
    gsize offset;
    const char *const *names; /* WORD */
    gboolean is_nullable;     /* numbers: `absent` is null in the file */
    gint64 absent;
} RsField;

#define RS_TEXT_FIELD(type, member)                                                                \
    {                                                                                              \
#member, RS_FIELD_TEXT, offsetof(type, member), NULL, 0, 0                                 \
    }
#define RS_TEXTS_FIELD(type, member)                                                               \
    {                                                                                              \
#member, RS_FIELD_TEXTS, offsetof(type, member), NULL, 0, 0                                \
    }
#define RS_SENTENCES_FIELD(type, member)                                                           \
    {                                                                                              \
#member, RS_FIELD_SENTENCES, offsetof(type, member), NULL, 0, 0                            \
    }
#define RS_BOOL_FIELD(type, member)                                                                \
    {                                                                                              \
#member, RS_FIELD_BOOL, offsetof(type, member), NULL, 0, 0                                 \
    }
#define RS_REAL_FIELD(type, member)                                                                \
    {                                                                                              \
#member, RS_FIELD_REAL, offsetof(type, member), NULL, 0, 0                                 \
    }
#define RS_INT64_FIELD(type, member)                                                               \
    {                                                                                              \
#member, RS_FIELD_INT64, offsetof(type, member), NULL, 0, 0                                \
    }
#define RS_INT_FIELD(type, member)                                                                 \
    {                                                                                              \
#member, RS_FIELD_INT, offsetof(type, member), NULL, 0, 0                                  \
    }
#define RS_UINT_FIELD(type, member)                                                                \
    {                                                                                              \
#member, RS_FIELD_UINT, offsetof(type, member), NULL, 0, 0                                 \
    }
#define RS_WORD_FIELD(type, member, names)                                                         \
    {                                                                                              \
#member, RS_FIELD_WORD, offsetof(type, member), names, 0, 0                                \
    }
/* Numbers of which one value means "not told". */
#define RS_INT64_OR_NULL(type, member, absent)                                                     \
    {                                                                                              \
#member, RS_FIELD_INT64, offsetof(type, member), NULL, 1, absent                           \
    }
#define RS_INT_OR_NULL(type, member, absent)                                                       \
    {                                                                                              \
#member, RS_FIELD_INT, offsetof(type, member), NULL, 1, absent                             \
    }
#define RS_UINT_OR_NULL(type, member, absent)                                                      \
    {                                                                                              \
#member, RS_FIELD_UINT, offsetof(type, member), NULL, 1, absent                            \
    }

void rs_fields_emit(RsEmit *emit, const RsField *fields, const void *base);
/* Members whose key is absent keep their value. */
void rs_fields_take(RsTake *take, json_t *object, const RsField *fields, void *base);

#endif
