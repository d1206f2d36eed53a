/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An array of structs as a JSON object with a list for each member: {"stack":[3,7],"n":[1,2]}. One
 * table both writes and reads; long arrays take a third of the room that objects would. */
#ifndef RS_FORMAT_COLUMNS_H
#define RS_FORMAT_COLUMNS_H

#include <glib.h>
#include <stddef.h>

#include "format/emit.h"
#include "format/take.h"

typedef enum {
    RS_COLUMN_UINT8,
    RS_COLUMN_INT32,
    RS_COLUMN_UINT32,
    RS_COLUMN_INT64,
    RS_COLUMN_HEX64, /* guint64 as "0x1f": not every reader of JSON knows whole numbers of 64 bits
                      */
    RS_COLUMN_REAL,  /* double, not finite is null */
} RsColumnKind;

typedef struct {
    const char *key; /* ends the table: NULL */
    RsColumnKind kind;
    gsize offset;
    gint64 min, max;      /* not of HEX64 and REAL */
    gboolean is_nullable; /* -1 is null in the file */
    gboolean is_optional; /* the whole list may be missing: 0. Never the first of a table */
} RsColumn;

/* The lists into the open object; rows before from are left out. */
void rs_columns_emit(RsEmit *emit, const RsColumn *columns, const GArray *rows, guint from);
/* Appends as many rows as the first list has; with those that are there not more than limit. */
void rs_columns_take(RsTake *take, json_t *object, const RsColumn *columns, gsize limit,
                     GArray *rows);

/* "0x1f" */
void rs_hex_emit(RsEmit *emit, const char *key, guint64 number);
gboolean rs_hex_parse(const char *text, guint64 *number);

#endif
