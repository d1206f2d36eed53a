/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/fields.h"

#include "model/names.h"

static void emit_number(RsEmit *emit, const RsField *field, gint64 value)
{
    if (field->is_nullable && value == field->absent)
        rs_emit_null(emit, field->key);
    else
        rs_emit_int(emit, field->key, value);
}

static void emit_texts(RsEmit *emit, const char *key, char *const *texts)
{
    if (!texts) {
        rs_emit_null(emit, key);
        return;
    }
    rs_emit_array(emit, key, RS_EMIT_INLINE);
    for (; *texts; texts++)
        rs_emit_text(emit, NULL, *texts);
    rs_emit_end(emit);
}

static void emit_sentences(RsEmit *emit, const char *key, const GPtrArray *sentences)
{
    rs_emit_array(emit, key, RS_EMIT_LINES);
    for (guint i = 0; i < sentences->len; i++)
        rs_emit_text(emit, NULL, g_ptr_array_index(sentences, i));
    rs_emit_end(emit);
}

void rs_fields_emit(RsEmit *emit, const RsField *fields, const void *base)
{
    for (const RsField *field = fields; field->key; field++) {
        const void *member = (const char *)base + field->offset;

        switch (field->kind) {
        case RS_FIELD_TEXT:
            rs_emit_text(emit, field->key, *(char *const *)member);
            break;
        case RS_FIELD_TEXTS:
            emit_texts(emit, field->key, *(char **const *)member);
            break;
        case RS_FIELD_SENTENCES:
            emit_sentences(emit, field->key, *(GPtrArray *const *)member);
            break;
        case RS_FIELD_BOOL:
            rs_emit_bool(emit, field->key, *(const gboolean *)member);
            break;
        case RS_FIELD_REAL:
            rs_emit_real(emit, field->key, *(const double *)member);
            break;
        case RS_FIELD_INT64:
            emit_number(emit, field, *(const gint64 *)member);
            break;
        case RS_FIELD_INT:
            emit_number(emit, field, *(const int *)member);
            break;
        case RS_FIELD_UINT:
            emit_number(emit, field, *(const guint *)member);
            break;
        case RS_FIELD_WORD:
            rs_emit_text(emit, field->key, field->names[*(const guint *)member]);
            break;
        }
    }
}

static void take_text(RsTake *take, json_t *object, const char *key, char **member)
{
    char *text = rs_take_text(take, object, key);

    if (!text)
        return;
    g_free(*member);
    *member = text;
}

static void take_texts(RsTake *take, json_t *object, const char *key, char ***member)
{
    char **texts = rs_take_texts(take, object, key);

    if (!texts)
        return;
    g_strfreev(*member);
    *member = texts;
}

static void take_sentences(RsTake *take, json_t *object, const char *key, GPtrArray *sentences)
{
    g_autofree char **texts = rs_take_texts(take, object, key);

    for (guint i = 0; texts && texts[i]; i++)
        g_ptr_array_add(sentences, texts[i]);
}

void rs_fields_take(RsTake *take, json_t *object, const RsField *fields, void *base)
{
    for (const RsField *field = fields; field->key && !take->error; field++) {
        void *member = (char *)base + field->offset;

        switch (field->kind) {
        case RS_FIELD_TEXT:
            take_text(take, object, field->key, member);
            break;
        case RS_FIELD_TEXTS:
            take_texts(take, object, field->key, member);
            break;
        case RS_FIELD_SENTENCES:
            take_sentences(take, object, field->key, *(GPtrArray **)member);
            break;
        case RS_FIELD_BOOL:
            *(gboolean *)member = rs_take_bool(take, object, field->key, *(gboolean *)member);
            break;
        case RS_FIELD_REAL:
            *(double *)member = rs_take_real(take, object, field->key, *(double *)member);
            break;
        case RS_FIELD_INT64:
            *(gint64 *)member =
                rs_take_int(take, object, field->key, *(gint64 *)member, G_MININT64, G_MAXINT64);
            break;
        case RS_FIELD_INT:
            *(int *)member =
                (int)rs_take_int(take, object, field->key, *(int *)member, G_MININT, G_MAXINT);
            break;
        case RS_FIELD_UINT:
            *(guint *)member =
                (guint)rs_take_int(take, object, field->key, *(guint *)member, 0, G_MAXUINT);
            break;
        case RS_FIELD_WORD:
            *(guint *)member =
                (guint)rs_take_word(take, object, field->key, field->names, (int)*(guint *)member);
            break;
        }
    }
}
