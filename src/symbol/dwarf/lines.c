/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "symbol/dwarf/lines.h"

#include <stdatomic.h>

#include "symbol/dwarf/line_program.h"

#define FILES_LIMIT     ((guint)1 << 20)
#define FORMATS_LIMIT   32
#define OVERLAP_LIMIT   8 /* sequences looked at for one address */
#define COMPONENT_LIMIT 4096

/* --- header --- */

/* Versions 2 to 4: names that end with an empty one. */
static void read_old_tables(RsDwarfLines *lines, RsByteCursor *cursor)
{
    const RsDwarfAttribute text = {.form = DW_FORM_string, .n_bytes = -1};
    RsDwarfLineFile file = {0};
    RsDwarfText empty = {0};

    g_array_append_val(lines->folders, empty); /* 0: of compilation */
    g_array_append_val(lines->files, file);    /* 0: not told */
    for (guint table = 0; table < 2; table++) {
        while (!cursor->failed && lines->folders->len + lines->files->len < FILES_LIMIT) {
            RsDwarfValue value = {0};

            rs_dwarf_value_read(lines->unit, cursor, &text, &value);
            file.name = rs_dwarf_value_text(lines->unit, &value);
            if (file.name.n_bytes == 0)
                break;
            if (table == 0) {
                g_array_append_val(lines->folders, file.name);
                continue;
            }
            file.folder = rs_cursor_uleb(cursor);
            rs_cursor_uleb(cursor); /* time */
            rs_cursor_uleb(cursor); /* size */
            g_array_append_val(lines->files, file);
        }
    }
}

/* One table of version 5: folders, or files. */
static void read_table(RsDwarfLines *lines, RsByteCursor *cursor, gboolean is_of_files)
{
    RsDwarfAttribute formats[FORMATS_LIMIT];
    guint n_formats = rs_cursor_u8(cursor);
    guint64 n_entries;

    if (n_formats > FORMATS_LIMIT)
        cursor->failed = TRUE;
    for (guint i = 0; i < n_formats && !cursor->failed; i++) {
        formats[i] = (RsDwarfAttribute){.name = (guint16)rs_cursor_uleb(cursor)};
        formats[i].form = (guint16)rs_cursor_uleb(cursor);
        formats[i].n_bytes =
            (gint16)rs_dwarf_form_n_bytes(formats[i].form, lines->version, lines->n_offset_bytes);
    }
    n_entries = rs_cursor_uleb(cursor);
    for (guint64 entry = 0; entry < n_entries && entry < FILES_LIMIT; entry++) {
        const guint8 *begin = cursor->at;
        RsDwarfLineFile file = {0};

        for (guint i = 0; i < n_formats && !cursor->failed; i++) {
            RsDwarfValue value = {0};

            rs_dwarf_value_read(lines->unit, cursor, &formats[i], &value);
            if (formats[i].name == DW_LNCT_path)
                file.name = rs_dwarf_value_text(lines->unit, &value);
            else if (formats[i].name == DW_LNCT_directory_index)
                file.folder = value.number;
        }
        if (cursor->failed || cursor->at == begin) /* entries of nothing can be any number */
            return;
        if (is_of_files)
            g_array_append_val(lines->files, file);
        else
            g_array_append_val(lines->folders, file.name);
    }
}

/* From behind the length to the program. FALSE: damaged, or a version that is not known. */
static gboolean read_header(RsDwarfLines *lines, RsByteCursor *cursor)
{
    guint64 n_header_bytes;
    const guint8 *program;

    lines->version = rs_cursor_u16(cursor);
    if (lines->version < 2 || lines->version > 5)
        return FALSE;
    if (lines->version >= 5)
        rs_cursor_skip(cursor, 2); /* sizes of addresses, and of segment selectors */
    n_header_bytes = rs_dwarf_offset(cursor, lines->n_offset_bytes);
    if (cursor->failed || n_header_bytes > rs_cursor_left(cursor))
        return FALSE;
    program = cursor->at + n_header_bytes;
    lines->program = (RsDwarfBytes){program, (gsize)(cursor->end - program)};
    cursor->end = program;
    lines->n_min_instruction_bytes = rs_cursor_u8(cursor);
    if (lines->version >= 4)
        rs_cursor_skip(cursor, 1); /* operations per instruction */
    rs_cursor_skip(cursor, 1);     /* whether rows are statements at first */
    lines->line_base = (gint8)rs_cursor_u8(cursor);
    lines->line_range = rs_cursor_u8(cursor);
    lines->opcode_base = rs_cursor_u8(cursor);
    lines->operand_counts = cursor->at;
    if (lines->line_range == 0 || lines->opcode_base == 0)
        return FALSE;
    rs_cursor_skip(cursor, (guint64)lines->opcode_base - 1);
    if (cursor->failed)
        return FALSE;
    if (lines->version >= 5) {
        read_table(lines, cursor, FALSE);
        read_table(lines, cursor, TRUE);
    } else {
        read_old_tables(lines, cursor);
    }
    return TRUE;
}

static RsDwarfLines *read_lines(RsDwarfUnit *unit, guint64 offset)
{
    RsByteCursor cursor = rs_dwarf_cursor(unit->sections[RS_DWARF_LINE], offset);
    guint64 n_unit_bytes = rs_cursor_u32(&cursor);
    RsDwarfLines *lines;

    if (cursor.failed)
        return NULL;
    lines = g_new0(RsDwarfLines, 1);
    lines->unit = unit;
    lines->n_offset_bytes = 4;
    lines->folders = g_array_new(FALSE, FALSE, sizeof(RsDwarfText));
    lines->files = g_array_new(FALSE, FALSE, sizeof(RsDwarfLineFile));
    if (n_unit_bytes == 0xffffffff) {
        n_unit_bytes = rs_cursor_u64(&cursor);
        lines->n_offset_bytes = 8;
    }
    cursor.end = cursor.at + MIN(n_unit_bytes, rs_cursor_left(&cursor));
    if (!rs_dwarf_file_spend(unit->file, RS_DWARF_LINE, rs_cursor_left(&cursor)) ||
        !read_header(lines, &cursor)) {
        rs_dwarf_lines_free(lines);
        return NULL;
    }
    lines->paths = g_malloc0(sizeof(*lines->paths) * MAX(lines->files->len, 1));
    return lines;
}

/* --- life --- */

RsDwarfLines *rs_dwarf_lines_of(RsDwarfUnit *unit)
{
    RsDwarfLines *lines = atomic_load_explicit(&unit->lines, memory_order_acquire);
    guint64 key;

    if (lines || atomic_load(&unit->lines_are_sought))
        return lines;
    if (unit->line_offset.form == 0 || !unit->sections[RS_DWARF_LINE].bytes) {
        atomic_store(&unit->lines_are_sought, TRUE);
        return NULL;
    }
    /* several units may share a table */
    key =
        (guint64)(unit->sections[RS_DWARF_LINE].bytes - unit->file->sections[RS_DWARF_LINE].bytes) +
        unit->line_offset.number + 1;
    lines = g_hash_table_lookup(unit->file->line_tables, GSIZE_TO_POINTER(key));
    if (!lines) {
        lines = read_lines(unit, unit->line_offset.number);
        if (lines)
            g_hash_table_insert(unit->file->line_tables, GSIZE_TO_POINTER(key), lines);
    }
    atomic_store_explicit(&unit->lines, lines, memory_order_release);
    atomic_store(&unit->lines_are_sought, TRUE);
    return lines;
}

const RsDwarfRows *rs_dwarf_lines_rows(RsDwarfLines *lines)
{
    RsDwarfRows *rows = atomic_load_explicit(&lines->rows, memory_order_acquire);

    if (!rows) {
        rows = rs_dwarf_line_program_run(lines);
        atomic_store_explicit(&lines->rows, rows, memory_order_release);
    }
    return rows;
}

void rs_dwarf_lines_free(RsDwarfLines *lines)
{
    rs_dwarf_rows_free(atomic_load(&lines->rows));
    g_array_unref(lines->folders);
    g_array_unref(lines->files);
    g_free(lines->paths);
    g_free(lines);
}

/* --- names of files --- */

/* Puts part behind path, in place of it when part is absolute. Damaged files have names without an
 * end; none that is real is longer than what a path may have. */
static void join(GString *path, RsDwarfText part)
{
    if (part.n_bytes == 0 || part.n_bytes > COMPONENT_LIMIT)
        return;
    if (part.bytes[0] == '/')
        g_string_truncate(path, 0);
    else if (path->len > 0 && path->str[path->len - 1] != '/')
        g_string_append_c(path, '/');
    g_string_append_len(path, (const char *)part.bytes, (gssize)part.n_bytes);
}

/* Without "." and "..", as far as that can be told from the name alone. */
static const char *keep_path(const char *path, GStringChunk *text)
{
    g_autofree char *whole = NULL;

    if (g_path_is_absolute(path)) {
        whole = g_canonicalize_filename(path, "/");
        return g_string_chunk_insert_const(text, whole);
    }
    while (path[0] == '.' && path[1] == '/' && path[2] != '\0')
        path += 2;
    return g_string_chunk_insert_const(text, path);
}

const char *rs_dwarf_lines_path(RsDwarfLines *lines, guint32 file, GStringChunk *text)
{
    const RsDwarfLineFile *entry;
    const char *path;
    g_autoptr(GString) whole = NULL;

    if (file >= lines->files->len)
        return NULL;
    path = atomic_load_explicit(&lines->paths[file], memory_order_acquire);
    if (path)
        return path;
    entry = &g_array_index(lines->files, RsDwarfLineFile, file);
    if (entry->name.n_bytes == 0)
        return NULL;
    whole = g_string_new(NULL);
    join(whole, rs_dwarf_value_text(lines->unit, &lines->unit->comp_dir));
    if (entry->folder < lines->folders->len)
        join(whole, g_array_index(lines->folders, RsDwarfText, entry->folder));
    join(whole, entry->name);
    if (whole->len == 0)
        return NULL;
    path = keep_path(whole->str, text);
    atomic_store_explicit(&lines->paths[file], path, memory_order_release);
    return path;
}

/* --- rows --- */

static guint32 find_row(const RsDwarfRow *rows, guint32 n, guint64 address)
{
    guint32 begin = 0;

    while (n > 1) {
        guint32 half = n / 2;

        begin = rows[begin + half].address <= address ? begin + half : begin;
        n -= half;
    }
    return begin;
}

/* The last sequence that begins at or before address, + 1; 0: none. */
static guint32 sequences_until(const RsDwarfRows *rows, guint64 address)
{
    guint32 begin = 0, end = rows->n_sequences;

    while (begin < end) {
        guint32 middle = begin + (end - begin) / 2;

        if (rows->sequences[middle].begin <= address)
            begin = middle + 1;
        else
            end = middle;
    }
    return begin;
}

static const RsDwarfSequence *find_sequence(const RsDwarfRows *rows, guint64 address)
{
    guint32 until = sequences_until(rows, address);

    for (guint i = 0; i < OVERLAP_LIMIT && until > i; i++)
        if (address < rows->sequences[until - i - 1].end)
            return &rows->sequences[until - i - 1];
    return NULL;
}

const RsDwarfRow *rs_dwarf_rows_find(const RsDwarfRows *rows, guint64 address)
{
    const RsDwarfSequence *sequence = find_sequence(rows, address);
    const RsDwarfRow *first = sequence ? rows->rows + sequence->first_row : NULL;

    return sequence ? first + find_row(first, sequence->n_rows, address) : NULL;
}

guint32 rs_dwarf_rows_last_line(const RsDwarfRows *rows, guint64 lo, guint64 hi, guint32 file)
{
    const RsDwarfSequence *sequence = find_sequence(rows, lo);
    const RsDwarfRow *first, *row, *end;
    guint32 last = 0;

    if (!sequence)
        return 0;
    first = rows->rows + sequence->first_row;
    end = first + sequence->n_rows;
    for (row = first + find_row(first, sequence->n_rows, lo); row < end && row->address < hi; row++)
        if (row->file == file && row->line > last)
            last = row->line;
    return last;
}
