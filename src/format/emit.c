/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/emit.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "format/codec.h"

typedef struct {
    gboolean is_array, is_empty;
    RsEmitLayout layout;
    json_t *extra;  /* members still to write; NULL: none */
    guint keys_len; /* of emit->keys when it was opened */
} Level;

struct RsEmit {
    GString *text;
    GArray *levels;  /* Level */
    GPtrArray *keys; /* borrowed; those written so far in the open objects */
    RsEmitLayout layout;
    GError *error; /* the first one */
};

static void level_clear(gpointer level)
{
    json_decref(((Level *)level)->extra);
}

RsEmit *rs_emit_new(RsEmitLayout layout, gsize n_bytes_expected)
{
    RsEmit *emit = g_new0(RsEmit, 1);

    emit->text = g_string_sized_new(MAX(n_bytes_expected, 4096));
    emit->levels = g_array_new(FALSE, FALSE, sizeof(Level));
    g_array_set_clear_func(emit->levels, level_clear);
    emit->keys = g_ptr_array_new();
    emit->layout = layout;
    return emit;
}

void rs_emit_free(RsEmit *emit)
{
    if (!emit)
        return;
    if (emit->text)
        g_string_free(emit->text, TRUE);
    g_array_unref(emit->levels);
    g_ptr_array_unref(emit->keys);
    g_clear_error(&emit->error);
    g_free(emit);
}

static Level *innermost(RsEmit *emit)
{
    return emit->levels->len ? &g_array_index(emit->levels, Level, emit->levels->len - 1) : NULL;
}

static void append_line_start(RsEmit *emit)
{
    g_string_append_c(emit->text, '\n');
    for (guint i = 0; i < emit->levels->len; i++)
        g_string_append_c(emit->text, ' ');
}

static void append_quoted(GString *to, const char *text)
{
    static const char hex[] = "0123456789abcdef";
    g_autofree char *valid = g_utf8_validate(text, -1, NULL) ? NULL : g_utf8_make_valid(text, -1);
    const char *from = valid ? valid : text;

    g_string_append_c(to, '"');
    while (*from) {
        gsize n_plain = 0;

        while ((guint8)from[n_plain] >= 0x20 && from[n_plain] != '"' && from[n_plain] != '\\' &&
               from[n_plain] != 0x7f)
            n_plain++;
        g_string_append_len(to, from, (gssize)n_plain);
        from += n_plain;
        if (!*from)
            break;
        if (*from == '"' || *from == '\\')
            g_string_append_c(g_string_append_c(to, '\\'), *from);
        else if (*from == '\n')
            g_string_append(to, "\\n");
        else if (*from == '\t')
            g_string_append(to, "\\t");
        else
            g_string_append_c(g_string_append_c(g_string_append(to, "\\u00"), hex[*from >> 4 & 15]),
                              hex[*from & 15]);
        from++;
    }
    g_string_append_c(to, '"');
}

/* What stands before a value: comma, line, key. */
static void begin_value(RsEmit *emit, const char *key)
{
    Level *level = innermost(emit);

    if (!level)
        return;
    g_assert(level->is_array == !key);
    if (!level->is_empty)
        g_string_append_c(emit->text, ',');
    if (level->layout == RS_EMIT_LINES)
        append_line_start(emit);
    else if (!level->is_empty && emit->layout == RS_EMIT_LINES && !level->is_array)
        g_string_append_c(emit->text, ' ');
    level->is_empty = FALSE;
    if (!key)
        return;
    g_ptr_array_add(emit->keys, (gpointer)key);
    append_quoted(emit->text, key);
    g_string_append(emit->text, emit->layout == RS_EMIT_LINES ? ": " : ":");
}

static void open_level(RsEmit *emit, gboolean is_array, RsEmitLayout layout, json_t *extra)
{
    const Level *around = innermost(emit);
    Level level = {
        .is_array = is_array,
        .is_empty = TRUE,
        .layout =
            (around ? around->layout : emit->layout) == RS_EMIT_INLINE ? RS_EMIT_INLINE : layout,
        .extra = extra,
        .keys_len = emit->keys->len,
    };

    g_string_append_c(emit->text, is_array ? '[' : '{');
    g_array_append_val(emit->levels, level);
}

static json_t *parse_extra(RsEmit *emit, const char *extra_json)
{
    json_error_t problem;
    json_t *extra = json_loads(extra_json, JSON_REJECT_DUPLICATES, &problem);

    if (json_is_object(extra))
        return extra;
    json_decref(extra);
    if (!emit->error)
        g_set_error(&emit->error, RS_FORMAT_ERROR, RS_FORMAT_ERROR_INVALID,
                    "additional keys are not the text of a JSON object");
    return NULL;
}

void rs_emit_object(RsEmit *emit, const char *key, RsEmitLayout layout, const char *extra_json)
{
    const Level *around = innermost(emit);
    json_t *extra = NULL;

    if (extra_json)
        extra = parse_extra(emit, extra_json);
    else if (around && around->extra && key)
        extra = json_incref(json_object_get(around->extra, key));
    if (extra && !json_is_object(extra))
        g_clear_pointer(&extra, json_decref);
    begin_value(emit, key);
    open_level(emit, FALSE, layout, extra);
}

void rs_emit_array(RsEmit *emit, const char *key, RsEmitLayout layout)
{
    begin_value(emit, key);
    open_level(emit, TRUE, layout, NULL);
}

static void emit_json(RsEmit *emit, const char *key, json_t *value);

static void emit_json_container(RsEmit *emit, const char *key, json_t *value)
{
    const char *name;
    json_t *member;
    size_t i;

    begin_value(emit, key);
    open_level(emit, json_is_array(value), RS_EMIT_INLINE, NULL);
    if (json_is_array(value))
        json_array_foreach(value, i, member) emit_json(emit, NULL, member);
    else
        json_object_foreach(value, name, member) emit_json(emit, name, member);
    rs_emit_end(emit);
}

static void emit_json(RsEmit *emit, const char *key, json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
    case JSON_ARRAY:
        emit_json_container(emit, key, value);
        break;
    case JSON_STRING:
        rs_emit_text(emit, key, json_string_value(value));
        break;
    case JSON_INTEGER:
        rs_emit_int(emit, key, json_integer_value(value));
        break;
    case JSON_REAL:
        rs_emit_real(emit, key, json_real_value(value));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        rs_emit_bool(emit, key, json_is_true(value));
        break;
    case JSON_NULL:
        rs_emit_null(emit, key);
    }
}

static gboolean key_is_written(const RsEmit *emit, guint keys_len, const char *key)
{
    for (guint i = keys_len; i < emit->keys->len; i++)
        if (g_str_equal(g_ptr_array_index(emit->keys, i), key))
            return TRUE;
    return FALSE;
}

static void emit_extra(RsEmit *emit)
{
    /* The level moves when the array of levels grows. */
    json_t *extra = innermost(emit)->extra;
    guint keys_len = innermost(emit)->keys_len;
    guint n_known = emit->keys->len - keys_len;
    const char *key;
    json_t *value;

    json_object_foreach(extra, key, value)
    {
        if (key_is_written(emit, keys_len, key))
            continue;
        emit_json(emit, key, value);
        /* An object has no key twice; only the known ones need comparing. */
        g_ptr_array_set_size(emit->keys, (int)(keys_len + n_known));
    }
}

void rs_emit_end(RsEmit *emit)
{
    const Level *level = innermost(emit);
    gboolean is_array = level->is_array, in_lines;

    if (level->extra)
        emit_extra(emit);
    level = innermost(emit);
    in_lines = level->layout == RS_EMIT_LINES && !level->is_empty;
    g_ptr_array_set_size(emit->keys, (int)level->keys_len);
    g_array_set_size(emit->levels, emit->levels->len - 1);
    if (in_lines)
        append_line_start(emit);
    g_string_append_c(emit->text, is_array ? ']' : '}');
}

void rs_emit_null(RsEmit *emit, const char *key)
{
    begin_value(emit, key);
    g_string_append(emit->text, "null");
}

void rs_emit_bool(RsEmit *emit, const char *key, gboolean value)
{
    begin_value(emit, key);
    g_string_append(emit->text, value ? "true" : "false");
}

/* printf would take most of the time of writing a session. */
static void append_int(GString *to, gint64 value)
{
    char digits[20];
    guint n = 0;
    guint64 rest = value < 0 ? 0 - (guint64)value : (guint64)value;

    do
        digits[sizeof digits - ++n] = (char)('0' + rest % 10);
    while (rest /= 10);
    if (value < 0)
        g_string_append_c(to, '-');
    g_string_append_len(to, digits + sizeof digits - n, n);
}

void rs_emit_int(RsEmit *emit, const char *key, gint64 value)
{
    begin_value(emit, key);
    append_int(emit->text, value);
}

static void append_real(GString *to, double value)
{
    static const char *const formats[] = {"%.15g", "%.16g", "%.17g"};
    char digits[G_ASCII_DTOSTR_BUF_SIZE];

    if (value == 0 && signbit(value)) {
        g_string_append(to, "-0.0"); /* "-0" would read back as the integer 0 */
        return;
    }
    if (fabs(value) < 1e15 && value == floor(value)) {
        append_int(to, (gint64)value);
        return;
    }
    for (guint i = 0; i < G_N_ELEMENTS(formats); i++) {
        g_ascii_formatd(digits, sizeof digits, formats[i], value);
        if (g_ascii_strtod(digits, NULL) == value)
            break;
    }
    g_string_append(to, digits);
}

void rs_emit_real(RsEmit *emit, const char *key, double value)
{
    begin_value(emit, key);
    if (isfinite(value))
        append_real(emit->text, value);
    else
        g_string_append(emit->text, "null");
}

void rs_emit_text(RsEmit *emit, const char *key, const char *text)
{
    begin_value(emit, key);
    if (text)
        append_quoted(emit->text, text);
    else
        g_string_append(emit->text, "null");
}

GString *rs_emit_finish(RsEmit *emit, GError **error)
{
    g_assert(emit->levels->len == 0);
    if (emit->error) {
        g_propagate_error(error, g_steal_pointer(&emit->error));
        return NULL;
    }
    g_string_append_c(emit->text, '\n');
    return g_steal_pointer(&emit->text);
}
