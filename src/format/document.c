/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/document.h"

#include <string.h>

#include "base/text.h"
#include "format/codec.h"

#define MAX_ELEMENTS 10000000
#define MAX_LATE     16

typedef struct {
    const char *text;
    gsize n_bytes, at;
    GError *error;
} Cursor;

static void fail_at(Cursor *cursor, gsize at, const char *what)
{
    gsize n_lines = 1;

    if (cursor->error)
        return;
    for (gsize i = 0; i < at; i++)
        n_lines += cursor->text[i] == '\n';
    g_set_error(&cursor->error, RS_FORMAT_ERROR, RS_FORMAT_ERROR_SYNTAX,
                "line %" G_GSIZE_FORMAT ", byte %" G_GSIZE_FORMAT ": %s", n_lines, at, what);
}

static char peek(Cursor *cursor)
{
    while (cursor->at < cursor->n_bytes && strchr(" \t\r\n", cursor->text[cursor->at]) &&
           cursor->text[cursor->at])
        cursor->at++;
    return cursor->at < cursor->n_bytes ? cursor->text[cursor->at] : '\0';
}

/* Steps over c, or fails. */
static gboolean expect(Cursor *cursor, char c)
{
    char what[] = "expected 'x'";

    if (cursor->error)
        return FALSE;
    if (peek(cursor) == c) {
        cursor->at++;
        return TRUE;
    }
    what[strlen("expected '")] = c;
    fail_at(cursor, cursor->at, cursor->at < cursor->n_bytes ? what : "the file ends early");
    return FALSE;
}

static json_t *next_value(Cursor *cursor)
{
    json_error_t problem;
    json_t *value;

    if (cursor->error)
        return NULL;
    peek(cursor);
    value = json_loadb(cursor->text + cursor->at, cursor->n_bytes - cursor->at,
                       JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES, &problem);
    if (!value) {
        gboolean ended = json_error_code(&problem) == json_error_premature_end_of_input;
        g_autofree char *what = rs_text_plain(problem.text, -1, FALSE, 200);
        gsize offset = problem.position > 0 ? (gsize)problem.position : 0;

        fail_at(cursor, MIN(cursor->at + offset, cursor->n_bytes),
                ended ? "the file ends early" : what);
        return NULL;
    }
    cursor->at += (gsize)problem.position;
    return value;
}

/* "key":, yours; NULL at the end of the object or on error. */
static char *next_key(Cursor *cursor, gboolean is_first)
{
    json_t *key;
    char *text = NULL;

    if (peek(cursor) == '}' && !cursor->error) {
        cursor->at++;
        return NULL;
    }
    if (!is_first && !expect(cursor, ','))
        return NULL;
    if (peek(cursor) != '"') {
        expect(cursor, '"');
        return NULL;
    }
    key = next_value(cursor);
    if (key && expect(cursor, ':'))
        text = g_strdup(json_string_value(key));
    json_decref(key);
    return text;
}

static void skip_byte_order_mark(Cursor *cursor)
{
    if (cursor->n_bytes >= 3 && memcmp(cursor->text, "\xef\xbb\xbf", 3) == 0)
        cursor->at = 3;
}

static gboolean open_document(Cursor *cursor)
{
    skip_byte_order_mark(cursor);
    if (peek(cursor) != '{') {
        fail_at(cursor, cursor->at,
                cursor->at < cursor->n_bytes ? "not a JSON object" : "the file is empty");
        return FALSE;
    }
    cursor->at++;
    return TRUE;
}

/* The elements of the list at the cursor; element NULL: only stepped over. */
static void walk_list(Cursor *cursor, RsTake *take, const RsDocumentList *list, gboolean read,
                      gpointer into)
{
    gsize mark = rs_take_enter(take, list->key);
    gsize i = 0;

    if (peek(cursor) != '[') { /* null, or something that is no list */
        json_t *value = next_value(cursor);

        if (read && value && !json_is_null(value))
            rs_take_fail(take, NULL, "must be an array");
        json_decref(value);
        rs_take_leave(take, mark);
        return;
    }
    cursor->at++;
    for (; !cursor->error && !take->error && peek(cursor) != ']'; i++) {
        json_t *element = i == 0 || expect(cursor, ',') ? next_value(cursor) : NULL;
        gsize element_mark = rs_take_enter_index(take, i);

        if (i >= MAX_ELEMENTS)
            rs_take_fail(take, NULL, "more than %d entries", MAX_ELEMENTS);
        if (element && read && rs_take_is_object(take, element))
            list->element(take, element, i, into);
        json_decref(element);
        rs_take_leave(take, element_mark);
    }
    if (!take->error)
        expect(cursor, ']');
    rs_take_leave(take, mark);
}

static const RsDocumentList *find_list(const RsDocumentList *lists, const char *key)
{
    for (; lists->key; lists++)
        if (g_str_equal(lists->key, key))
            return lists;
    return NULL;
}

typedef struct {
    const RsDocumentReader *reader;
    RsTake *take;
    gpointer into;
    json_t *head;
    gboolean begun;
    GHashTable *seen; /* names of the lists */
    struct {
        gsize at;
        const RsDocumentList *list;
    } late[MAX_LATE];
    guint n_late;
} Walk;

static void begin_once(Walk *walk)
{
    if (!walk->begun)
        walk->reader->begin(walk->take, walk->head, walk->into);
    walk->begun = TRUE;
}

static void walk_member(Walk *walk, Cursor *cursor, const char *key, gsize key_at)
{
    const RsDocumentList *list = find_list(walk->reader->lists, key);
    json_t *value;

    if (json_object_get(walk->head, key) ||
        (list && !g_hash_table_add(walk->seen, (char *)list->key))) {
        fail_at(cursor, key_at, "a key is there twice");
        return;
    }
    if (!list) {
        value = next_value(cursor);
        if (value)
            json_object_set_new(walk->head, key, value);
        return;
    }
    if (!walk->begun && walk->reader->has_head(walk->head))
        begin_once(walk);
    if (!walk->begun) {
        g_assert(walk->n_late < MAX_LATE);
        walk->late[walk->n_late].at = cursor->at;
        walk->late[walk->n_late++].list = list;
    }
    if (!walk->take->error)
        walk_list(cursor, walk->take, list, walk->begun, walk->into);
}

static void walk_document(Walk *walk, Cursor *cursor)
{
    gboolean is_first = TRUE;
    char *key;

    if (!open_document(cursor))
        return;
    while (!walk->take->error) {
        gsize key_at = cursor->at;

        key = next_key(cursor, is_first);
        if (!key)
            break;
        walk_member(walk, cursor, key, key_at);
        g_free(key);
        is_first = FALSE;
    }
    if (walk->take->error || cursor->error)
        return;
    if (peek(cursor) || cursor->at < cursor->n_bytes)
        fail_at(cursor, cursor->at, "text after the end of the document");
    begin_once(walk);
    for (guint i = 0; i < walk->n_late && !walk->take->error; i++) {
        cursor->at = walk->late[i].at;
        walk_list(cursor, walk->take, walk->late[i].list, TRUE, walk->into);
    }
}

json_t *rs_document_read(const RsDocumentReader *reader, const char *text, gsize n_bytes,
                         gpointer into, GError **error)
{
    Cursor cursor = {.text = text, .n_bytes = n_bytes};
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    RsTake take;
    Walk walk = {
        .reader = reader, .take = &take, .into = into, .head = json_object(), .seen = seen};
    gboolean ok;

    rs_take_init(&take);
    walk_document(&walk, &cursor);
    if (cursor.error && take.error)
        g_clear_error(&take.error);
    if (cursor.error)
        g_propagate_error(error, cursor.error);
    ok = !cursor.error && rs_take_finish(&take, error);
    rs_take_clear(&take);
    if (!ok)
        g_clear_pointer(&walk.head, json_decref);
    return walk.head;
}

gboolean rs_document_identify(const char *text, gsize n_bytes, RsDocumentKind *kind, GError **error)
{
    Cursor cursor = {.text = text, .n_bytes = n_bytes};
    gboolean is_first = TRUE;
    char *key;

    *kind = (RsDocumentKind){0};
    if (open_document(&cursor)) {
        while (!kind->format && (key = next_key(&cursor, is_first))) {
            json_t *value = next_value(&cursor);

            if (g_str_equal(key, "format") && json_is_string(value))
                kind->format = g_strdup(json_string_value(value));
            if (g_str_equal(key, "schema_version"))
                kind->has_schema_version = TRUE;
            json_decref(value);
            g_free(key);
            is_first = FALSE;
            if (kind->has_schema_version)
                break;
        }
    }
    if (kind->format || kind->has_schema_version)
        g_clear_error(&cursor.error);
    if (cursor.error)
        g_propagate_error(error, cursor.error);
    return kind->format || kind->has_schema_version;
}

json_t *rs_document_parse_value(const char *text, gsize n_bytes, GError **error)
{
    Cursor cursor = {.text = text, .n_bytes = n_bytes};
    json_t *value = next_value(&cursor);

    if (value && (peek(&cursor) || cursor.at < cursor.n_bytes))
        fail_at(&cursor, cursor.at, "text after the end of the document");
    if (!cursor.error)
        return value;
    json_decref(value);
    g_propagate_error(error, cursor.error);
    return NULL;
}

void rs_document_check_version(RsTake *take, json_t *object, const char *format, int supported)
{
    gint64 version = rs_take_int(take, object, "version", 0, G_MININT64, G_MAXINT64);

    if (take->error)
        return;
    if (version > supported)
        g_set_error(&take->error, RS_FORMAT_ERROR, RS_FORMAT_ERROR_NEWER,
                    "this file is version %" G_GINT64_FORMAT " of %s; this program reads %d",
                    version, format, supported);
    else if (version < 1)
        rs_take_fail(take, "version", "must be a whole number from 1 on");
}
