/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An entry tells a part of what is known of a function and refers to another for the rest: code to
 * its abstract function, that or code to the declaration in a class. Parts that come first count.
 */
#include "symbol/dwarf/function.h"

#include <stdatomic.h>

#include "symbol/dwarf/lines.h"

#define REFERENCES_LIMIT 16
#define SCOPES_LIMIT     256
#define NAME_LIMIT_BYTES 65536
#define PLACES_LIMIT     16 /* of a function, whose lines are looked at */
#define SEGMENTS_LIMIT   4096
#define SAME_FILES_LIMIT 4

/* What was found on the way. */
typedef struct {
    RsDwarfText linkage_name, name;
    RsDwarfUnit *name_unit; /* of the entry that has the name */
    guint64 name_entry;
    RsDwarfUnit *file_unit;
    guint64 file, line; /* 0: not told */
    gboolean has_file;
} Parts;

typedef struct {
    RsDwarfUnit *unit; /* NULL: nowhere */
    guint64 entry;
} Target;

static Target refer(RsDwarfUnit *unit, const RsDwarfValue *value)
{
    gboolean is_shared;
    guint64 entry;
    RsDwarfFile *file;

    if (!rs_dwarf_value_reference(unit, value, &entry, &is_shared))
        return (Target){0};
    if (!is_shared && entry >= unit->entries && entry < unit->end)
        return (Target){unit, entry};
    if (unit->own_sections) /* a part of a package knows no other */
        return (Target){0};
    file = is_shared ? unit->file->shared : unit->file;
    return (Target){rs_dwarf_unit_at(file, entry), entry};
}

static void take(Parts *parts, RsDwarfUnit *unit, guint64 entry, guint name,
                 const RsDwarfValue *value)
{
    switch (name) {
    case DW_AT_linkage_name:
    case DW_AT_MIPS_linkage_name:
        if (!parts->linkage_name.bytes)
            parts->linkage_name = rs_dwarf_value_text(unit, value);
        break;
    case DW_AT_name:
        if (parts->name.bytes)
            break;
        parts->name = rs_dwarf_value_text(unit, value);
        parts->name_unit = unit;
        parts->name_entry = entry;
        break;
    case DW_AT_decl_file:
        if (parts->has_file)
            break;
        parts->has_file = TRUE;
        parts->file = value->number;
        parts->file_unit = unit;
        break;
    case DW_AT_decl_line:
        if (parts->line == 0)
            parts->line = value->number;
        break;
    default:
        break;
    }
}

/* Takes what the entry says; gives the one that says the rest. */
static Target read_entry(Parts *parts, Target at)
{
    const RsDwarfAbbreviations *abbreviations = rs_dwarf_abbreviations_of(at.unit);
    RsByteCursor cursor = rs_dwarf_cursor(at.unit->sections[RS_DWARF_INFO], at.entry);
    const RsDwarfAbbreviation *entry;
    const RsDwarfAttribute *attributes;
    Target next = {0};

    cursor.end = at.unit->sections[RS_DWARF_INFO].bytes + at.unit->end;
    entry = abbreviations && at.entry < at.unit->end
                ? rs_dwarf_abbreviation(abbreviations, rs_cursor_uleb(&cursor))
                : NULL;
    if (!entry)
        return next;
    if (at.unit->tag == 0)
        rs_dwarf_unit_read_root(at.unit); /* of a file whose units are read as they are needed */
    attributes =
        &g_array_index(abbreviations->attributes, RsDwarfAttribute, entry->first_attribute);
    for (guint i = 0; i < entry->n_attributes; i++) {
        RsDwarfValue value = {0};

        rs_dwarf_value_read(at.unit, &cursor, &attributes[i], &value);
        if (cursor.failed)
            return (Target){0};
        if (attributes[i].name == DW_AT_abstract_origin ||
            attributes[i].name == DW_AT_specification)
            next = refer(at.unit, &value);
        else
            take(parts, at.unit, at.entry, attributes[i].name, &value);
    }
    return next;
}

/* --- names --- */

/* Text of untrusted sections is copied, so that nobody depends on a zero byte in them later. */
static const char *keep(RsDwarfText part, GStringChunk *text)
{
    if (part.n_bytes == 0 || part.n_bytes > NAME_LIMIT_BYTES)
        return NULL;
    return g_string_chunk_insert_len(text, (const char *)part.bytes, (gssize)part.n_bytes);
}

/* The name of a scope. */
static RsDwarfText scope_name(RsDwarfUnit *unit, const RsDwarfScope *scope)
{
    static const char anonymous[] = "(anonymous namespace)";
    Parts parts = {0};
    Target at = {unit, unit->offset + scope->begin};

    for (guint i = 0; i < REFERENCES_LIMIT && at.unit && !parts.name.bytes; i++)
        at = read_entry(&parts, at);
    if (parts.name.n_bytes > 0 && parts.name.n_bytes <= NAME_LIMIT_BYTES)
        return parts.name;
    return (RsDwarfText){(const guint8 *)anonymous, sizeof anonymous - 1};
}

/* "outer::inner::name". */
static const char *whole_name(const Parts *parts, GStringChunk *text)
{
    RsDwarfUnit *unit = parts->name_unit;
    RsDwarfTree *tree;
    RsDwarfText names[SCOPES_LIMIT];
    guint n_names = 0;
    guint32 scope;
    g_autoptr(GString) whole = NULL;

    if (parts->name.n_bytes == 0)
        return NULL;
    tree = rs_dwarf_tree_of(unit);
    scope = rs_dwarf_tree_scope(tree, (guint32)(parts->name_entry - unit->offset));
    if (scope == RS_DWARF_NONE)
        return keep(parts->name, text);
    for (; scope != RS_DWARF_NONE && n_names < SCOPES_LIMIT; scope = tree->scopes[scope].parent)
        names[n_names++] = scope_name(unit, &tree->scopes[scope]);
    whole = g_string_new(NULL);
    while (n_names > 0 && whole->len < NAME_LIMIT_BYTES) {
        const RsDwarfText *name = &names[--n_names];

        g_string_append_len(whole, (const char *)name->bytes, (gssize)name->n_bytes);
        g_string_append(whole, "::");
    }
    g_string_append_len(whole, (const char *)parts->name.bytes,
                        (gssize)MIN(parts->name.n_bytes, NAME_LIMIT_BYTES));
    return g_string_chunk_insert_len(text, whole->str, (gssize)whole->len);
}

/* --- lines --- */

RsDwarfLines *rs_dwarf_function_lines(RsDwarfUnit *unit)
{
    if (unit->skeleton && unit->line_offset.form == 0)
        unit = unit->skeleton;
    return rs_dwarf_lines_of(unit);
}

/* The last line that code of the function has in its own file, what was inlined into it left out.
 * Of a function that was inlined at many places the first few are looked at: all are compiled from
 * the same lines, and differ in what the optimiser removed. */
static guint32 last_line(RsDwarfUnit *unit, const RsDwarfFunction *function, guint32 file)
{
    RsDwarfUnit *home = unit->skeleton ? unit->skeleton : unit;
    const RsDwarfTree *tree = rs_dwarf_tree_of(unit);
    RsDwarfLines *lines = rs_dwarf_lines_of(home);
    const RsDwarfRows *rows;
    guint32 last = 0, node = function->first_node;
    guint n_segments = 0;

    if (!lines)
        return 0;
    rows = rs_dwarf_lines_rows(lines);
    for (guint i = 0; i < PLACES_LIMIT && node != RS_DWARF_NONE; i++, node = tree->nodes[node].next)
        for (guint32 own = tree->nodes[node].first_segment;
             own < tree->nodes[node + 1].first_segment && n_segments < SEGMENTS_LIMIT;
             own++, n_segments++) {
            guint32 segment = tree->own_segments[own];
            guint32 line = rs_dwarf_rows_last_line(rows, tree->begins[segment],
                                                   tree->begins[segment + 1], file);

            last = MAX(last, line);
        }
    return last;
}

/* The last line of the function, by the whole name of its file: what another unit tells counts
 * files on its own, and version 5 has the main file twice in one table, at 0 and 1. */
static guint32 last_line_in(RsDwarfUnit *unit, const RsDwarfFunction *function, const char *path,
                            RsDwarfLines *lines, GStringChunk *text)
{
    guint32 last = 0;

    for (guint32 i = 0, n_found = 0; i < lines->files->len && n_found < SAME_FILES_LIMIT; i++)
        if (rs_dwarf_lines_path(lines, i, text) == path) { /* of one GStringChunk */
            guint32 line = last_line(unit, function, i);

            last = MAX(last, line);
            n_found++;
        }
    return last;
}

static void read_source(RsDwarfUnit *unit, const RsDwarfFunction *function, const Parts *parts,
                        RsDwarfFunctionText *out, GStringChunk *text)
{
    RsDwarfLines *own = rs_dwarf_lines_of(unit->skeleton ? unit->skeleton : unit), *told;
    guint32 file = (guint32)MIN(parts->file, G_MAXUINT32), last;

    out->line = (guint32)MIN(parts->line, G_MAXUINT32);
    if (!parts->has_file)
        return;
    told = rs_dwarf_function_lines(parts->file_unit);
    if (!told)
        return;
    out->file = rs_dwarf_lines_path(told, file, text);
    if (!out->file || !own)
        return;
    if (told == own && (own->version < 5 || file > 1))
        last = last_line(unit, function, file);
    else
        last = last_line_in(unit, function, out->file, own, text);
    out->last_line = MAX(last, out->line);
}

/* --- the whole --- */

const RsDwarfFunctionText *rs_dwarf_function_read(RsDwarfUnit *unit, RsDwarfFunction *function,
                                                  GStringChunk *text)
{
    RsDwarfFunctionText *out = atomic_load_explicit(&function->text, memory_order_acquire);
    RsDwarfFile *file = function->is_shared ? unit->file->shared : unit->file;
    Parts parts = {0};
    Target at = {unit, function->entry};

    if (out)
        return out;
    if (function->is_shared || function->entry < unit->entries || function->entry >= unit->end)
        at.unit = rs_dwarf_unit_at(file, function->entry);
    for (guint i = 0; i < REFERENCES_LIMIT && at.unit; i++)
        at = read_entry(&parts, at);
    out = g_new0(RsDwarfFunctionText, 1);
    out->linkage_name = keep(parts.linkage_name, text);
    out->name = whole_name(&parts, text);
    read_source(unit, function, &parts, out, text);
    atomic_store_explicit(&function->text, out, memory_order_release);
    return out;
}
