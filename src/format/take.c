/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/take.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "format/codec.h"

#define MAX_TEXTS       100000
#define MAX_SHOWN_CHARS 80

void rs_take_init(RsTake *take)
{
    take->path = g_string_new(NULL);
    take->error = NULL;
}

void rs_take_clear(RsTake *take)
{
    g_string_free(take->path, TRUE);
    g_clear_error(&take->error);
}

gboolean rs_take_finish(RsTake *take, GError **error)
{
    if (!take->error)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&take->error));
    return FALSE;
}

void rs_take_fail(RsTake *take, const char *key, const char *format, ...)
{
    g_autofree char *what = NULL;
    va_list arguments;
    gsize mark;

    if (take->error)
        return;
    va_start(arguments, format);
    what = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    mark = key ? rs_take_enter(take, key) : take->path->len;
    g_set_error(&take->error, RS_FORMAT_ERROR, RS_FORMAT_ERROR_INVALID, "%s%s%s", take->path->str,
                take->path->len ? ": " : "", what);
    rs_take_leave(take, mark);
}

gsize rs_take_enter(RsTake *take, const char *key)
{
    g_autofree char *shown = rs_text_plain(key, -1, FALSE, MAX_SHOWN_CHARS);
    gsize mark = take->path->len;

    if (mark)
        g_string_append_c(take->path, '.');
    g_string_append(take->path, shown);
    return mark;
}

gsize rs_take_enter_index(RsTake *take, gsize i)
{
    gsize mark = take->path->len;

    g_string_append_printf(take->path, "[%" G_GSIZE_FORMAT "]", i);
    return mark;
}

void rs_take_leave(RsTake *take, gsize mark)
{
    g_string_truncate(take->path, mark);
}

static const char *type_name(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "a string";
    case JSON_INTEGER:
    case JSON_REAL:
        return "a number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "true or false";
    default:
        return "null";
    }
}

static void fail_type(RsTake *take, const char *key, const char *wanted, const json_t *value)
{
    rs_take_fail(take, key, "must be %s, not %s", wanted, type_name(value));
}

json_t *rs_take_any(RsTake *take, json_t *object, const char *key)
{
    json_t *value = take->error ? NULL : json_incref(json_object_get(object, key));

    if (!value)
        return NULL;
    json_object_del(object, key);
    if (json_is_null(value))
        g_clear_pointer(&value, json_decref);
    return value;
}

json_t *rs_take_array(RsTake *take, json_t *object, const char *key, gsize limit)
{
    json_t *value = rs_take_any(take, object, key);

    if (!value)
        return NULL;
    if (!json_is_array(value))
        fail_type(take, key, "an array", value);
    else if (json_array_size(value) > limit)
        rs_take_fail(take, key, "more than %" G_GSIZE_FORMAT " entries", limit);
    else
        return value;
    json_decref(value);
    return NULL;
}

gboolean rs_take_is_object(RsTake *take, json_t *value)
{
    if (!json_is_object(value))
        fail_type(take, NULL, "an object", value);
    return json_is_object(value) && !take->error;
}

json_t *rs_take_object(RsTake *take, json_t *object, const char *key)
{
    json_t *value = take->error ? NULL : json_object_get(object, key);

    if (!value)
        return NULL;
    if (json_is_object(value))
        return value;
    if (!json_is_null(value))
        fail_type(take, key, "an object", value);
    json_object_del(object, key);
    return NULL;
}

void rs_take_object_end(json_t *object, const char *key)
{
    if (json_object_size(json_object_get(object, key)) == 0)
        json_object_del(object, key);
}

gint64 rs_take_int(RsTake *take, json_t *object, const char *key, gint64 absent, gint64 min,
                   gint64 max)
{
    json_t *value = rs_take_any(take, object, key);
    gint64 number = absent;

    if (!value)
        return absent;
    if (!json_is_integer(value))
        fail_type(take, key, "a whole number",
                  value); /* 1.0 too: nobody writes a version or a count like that */
    else if (json_integer_value(value) < min || json_integer_value(value) > max)
        rs_take_fail(take, key,
                     "%" JSON_INTEGER_FORMAT " is not between %" G_GINT64_FORMAT
                     " and %" G_GINT64_FORMAT,
                     json_integer_value(value), min, max);
    else
        number = json_integer_value(value);
    json_decref(value);
    return number;
}

double rs_take_real(RsTake *take, json_t *object, const char *key, double absent)
{
    json_t *value = rs_take_any(take, object, key);
    double number = absent;

    if (!value)
        return absent;
    if (json_is_number(value))
        number = json_number_value(value);
    else
        fail_type(take, key, "a number", value);
    json_decref(value);
    return number;
}

gboolean rs_take_bool(RsTake *take, json_t *object, const char *key, gboolean absent)
{
    json_t *value = rs_take_any(take, object, key);
    gboolean truth = absent;

    if (!value)
        return absent;
    if (json_is_boolean(value))
        truth = json_is_true(value);
    else
        fail_type(take, key, "true or false", value);
    json_decref(value);
    return truth;
}

int rs_take_word(RsTake *take, json_t *object, const char *key, const char *const *names,
                 int absent)
{
    g_autofree char *word = rs_take_text(take, object, key);
    int i = rs_name_index(names, word);

    if (!word)
        return absent;
    if (i < 0) {
        g_autofree char *shown = rs_text_plain(word, -1, FALSE, MAX_SHOWN_CHARS);
        g_autofree char *known = g_strjoinv(", ", (char **)names);

        rs_take_fail(take, key, "\"%s\" is none of %s", shown, known);
    }
    return i < 0 ? absent : i;
}

static char *text_of(RsTake *take, const char *key, const json_t *value)
{
    if (!json_is_string(value))
        fail_type(take, key, "a string", value);
    else if (json_string_length(value) > RS_TAKE_MAX_TEXT_BYTES)
        rs_take_fail(take, key, "longer than %d bytes", RS_TAKE_MAX_TEXT_BYTES);
    else
        return g_strdup(json_string_value(value));
    return NULL;
}

char *rs_take_text(RsTake *take, json_t *object, const char *key)
{
    json_t *value = rs_take_any(take, object, key);
    char *text = value ? text_of(take, key, value) : NULL;

    json_decref(value);
    return text;
}

char **rs_take_texts(RsTake *take, json_t *object, const char *key)
{
    json_t *array = rs_take_array(take, object, key, MAX_TEXTS);
    g_autoptr(GPtrArray) texts = NULL;
    json_t *value;
    size_t i;
    gsize mark;

    if (!array)
        return NULL;
    texts = g_ptr_array_new_with_free_func(g_free);
    mark = rs_take_enter(take, key);
    json_array_foreach(array, i, value)
    {
        gsize element_mark = rs_take_enter_index(take, i);
        char *text = text_of(take, NULL, value);

        rs_take_leave(take, element_mark);
        if (!text)
            break;
        g_ptr_array_add(texts, text);
    }
    rs_take_leave(take, mark);
    json_decref(array);
    g_ptr_array_add(texts, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&texts), FALSE);
}

char *rs_take_rest(const json_t *object)
{
    return json_object_size(object) ? json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(17))
                                    : NULL;
}
