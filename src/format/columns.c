/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/columns.h"

#include <math.h>

#define HEX_DIGITS 16

void rs_hex_emit(RsEmit *emit, const char *key, guint64 number)
{
    static const char digits[] = "0123456789abcdef";
    char text[2 + HEX_DIGITS + 1];
    char *at = text + sizeof text;

    *--at = '\0';
    do
        *--at = digits[number & 15];
    while (number >>= 4);
    *--at = 'x';
    *--at = '0';
    rs_emit_text(emit, key, at);
}

gboolean rs_hex_parse(const char *text, guint64 *number)
{
    guint64 sum = 0;
    guint n = 0;

    if (!text || text[0] != '0' || text[1] != 'x')
        return FALSE;
    for (text += 2; g_ascii_isxdigit(*text) && n < HEX_DIGITS; text++, n++)
        sum = sum << 4 | (guint64)g_ascii_xdigit_value(*text);
    if (n == 0 || *text)
        return FALSE;
    *number = sum;
    return TRUE;
}

static char *row_at(const GArray *rows, guint i)
{
    return rows->data + (gsize)i * g_array_get_element_size((GArray *)rows);
}

static gint64 get(const RsColumn *column, const void *member)
{
    switch (column->kind) {
    case RS_COLUMN_UINT8:
        return *(const guint8 *)member;
    case RS_COLUMN_INT32:
        return *(const gint32 *)member;
    case RS_COLUMN_UINT32:
        return *(const guint32 *)member;
    default:
        return *(const gint64 *)member;
    }
}

static void set(const RsColumn *column, void *member, gint64 number)
{
    switch (column->kind) {
    case RS_COLUMN_UINT8:
        *(guint8 *)member = (guint8)number;
        break;
    case RS_COLUMN_INT32:
        *(gint32 *)member = (gint32)number;
        break;
    case RS_COLUMN_UINT32:
        *(guint32 *)member = (guint32)number;
        break;
    default:
        *(gint64 *)member = number;
    }
}

static void emit_value(RsEmit *emit, const RsColumn *column, const void *member)
{
    gint64 number;

    if (column->kind == RS_COLUMN_HEX64) {
        rs_hex_emit(emit, NULL, *(const guint64 *)member);
        return;
    }
    if (column->kind == RS_COLUMN_REAL) {
        rs_emit_real(emit, NULL, *(const double *)member);
        return;
    }
    number = get(column, member);
    if (column->is_nullable && number == -1)
        rs_emit_null(emit, NULL);
    else
        rs_emit_int(emit, NULL, number);
}

void rs_columns_emit(RsEmit *emit, const RsColumn *columns, const GArray *rows, guint from)
{
    for (const RsColumn *column = columns; column->key; column++) {
        rs_emit_array(emit, column->key, RS_EMIT_INLINE);
        for (guint i = from; i < rows->len; i++)
            emit_value(emit, column, row_at(rows, i) + column->offset);
        rs_emit_end(emit);
    }
}

static gboolean take_real(const json_t *value, double *member)
{
    *member = json_is_number(value) ? json_number_value(value) : (double)NAN;
    return json_is_number(value) || json_is_null(value);
}

/* FALSE: it is not what the column holds. */
static gboolean take_value(const RsColumn *column, const json_t *value, void *member)
{
    gint64 number = json_integer_value(value);

    if (column->kind == RS_COLUMN_HEX64)
        return rs_hex_parse(json_string_value(value), member);
    if (column->kind == RS_COLUMN_REAL)
        return take_real(value, member);
    if (json_is_null(value) && column->is_nullable)
        number = -1;
    else if (!json_is_integer(value) || number < column->min || number > column->max)
        return FALSE;
    set(column, member, number);
    return TRUE;
}

static void fail_value(RsTake *take, const RsColumn *column, gsize i)
{
    gsize mark = rs_take_enter_index(take, i);

    if (column->kind == RS_COLUMN_HEX64)
        rs_take_fail(take, NULL, "must be a text of \"0x\" and 1 to %d hexadecimal digits",
                     HEX_DIGITS);
    else if (column->kind == RS_COLUMN_REAL)
        rs_take_fail(take, NULL, "must be a number or null");
    else
        rs_take_fail(take, NULL,
                     "must be a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT "%s",
                     column->min, column->max, column->is_nullable ? ", or null" : "");
    rs_take_leave(take, mark);
}

static void take_values(RsTake *take, const json_t *list, const RsColumn *column, GArray *rows,
                        guint from)
{
    gsize mark = rs_take_enter(take, column->key);
    const json_t *value;
    size_t i;

    json_array_foreach(list, i, value)
    {
        if (take_value(column, value, row_at(rows, from + (guint)i) + column->offset))
            continue;
        fail_value(take, column, i);
        break;
    }
    rs_take_leave(take, mark);
}

void rs_columns_take(RsTake *take, json_t *object, const RsColumn *columns, gsize limit,
                     GArray *rows)
{
    guint from = rows->len;
    gsize n = 0;

    for (const RsColumn *column = columns; column->key && !take->error; column++) {
        json_t *list = rs_take_array(take, object, column->key, limit - MIN(limit, from));

        if (column == columns && !take->error) {
            n = json_array_size(list);
            g_array_set_size(rows, from + (guint)n); /* zeroed: made with clear */
        }
        if (list && json_array_size(list) != n)
            rs_take_fail(take, column->key,
                         "%zu entries, but there are %" G_GSIZE_FORMAT " of \"%s\"",
                         json_array_size(list), n, columns->key);
        else if (!list && n && !column->is_optional)
            rs_take_fail(take, column->key, "is missing");
        if (!take->error)
            take_values(take, list, column, rows, from);
        json_decref(list);
    }
    if (take->error)
        g_array_set_size(rows, from);
}
