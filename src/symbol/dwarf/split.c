/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "symbol/dwarf/split.h"

#include <stdatomic.h>

#define COLUMNS_LIMIT    64
#define FILES_LIMIT      65536
#define NAME_LIMIT_BYTES 4096

void rs_dwarf_split_init(RsDwarfSplit *split, RsDwarfFile *main)
{
    *split =
        (RsDwarfSplit){.main = main,
                       .files = g_ptr_array_new_with_free_func((GDestroyNotify)rs_dwarf_file_free),
                       .units = g_ptr_array_new_with_free_func((GDestroyNotify)rs_dwarf_unit_free)};
}

void rs_dwarf_split_clear(RsDwarfSplit *split)
{
    g_ptr_array_unref(split->units);
    g_ptr_array_unref(split->files);
    rs_dwarf_file_free(split->package);
}

/* --- packages --- */

/* Which of our sections a column of a package's index is of. */
static guint section_of_column(guint32 version, guint32 id)
{
    switch (id) {
    case 1:
        return RS_DWARF_INFO;
    case 3:
        return RS_DWARF_ABBREV;
    case 4:
        return RS_DWARF_LINE;
    case 6:
        return RS_DWARF_STR_OFFSETS;
    case 8:
        return version == 5 ? RS_DWARF_RNGLISTS : RS_DWARF_N_SECTIONS;
    default:
        return RS_DWARF_N_SECTIONS;
    }
}

typedef struct {
    guint32 version, n_columns, n_rows, n_slots;
    RsByteCursor slots, row_numbers, columns, offsets, sizes;
} PackageIndex;

static gboolean read_index(RsDwarfBytes section, PackageIndex *index)
{
    RsByteCursor cursor = rs_dwarf_cursor(section, 0);

    index->version = rs_cursor_u32(&cursor);
    if (index->version != 2)
        index->version &= 0xffff; /* two bytes since DWARF 5, and two of padding */
    index->n_columns = rs_cursor_u32(&cursor);
    index->n_rows = rs_cursor_u32(&cursor);
    index->n_slots = rs_cursor_u32(&cursor);
    if (cursor.failed || (index->version != 2 && index->version != 5) ||
        index->n_columns > COLUMNS_LIMIT || index->n_slots == 0 ||
        (index->n_slots & (index->n_slots - 1)) != 0)
        return FALSE;
    index->slots = cursor;
    rs_cursor_skip(&cursor, 8 * (guint64)index->n_slots);
    index->row_numbers = cursor;
    rs_cursor_skip(&cursor, 4 * (guint64)index->n_slots);
    index->columns = cursor;
    rs_cursor_skip(&cursor, 4 * (guint64)index->n_columns);
    index->offsets = cursor;
    rs_cursor_skip(&cursor, 4 * (guint64)index->n_columns * index->n_rows);
    index->sizes = cursor;
    rs_cursor_skip(&cursor, 4 * (guint64)index->n_columns * index->n_rows);
    return !cursor.failed;
}

/* Row of a unit, from 1 on; 0: it is not in the package. */
static guint32 find_row(const PackageIndex *index, guint64 dwo_id)
{
    guint32 mask = index->n_slots - 1, slot = (guint32)dwo_id & mask,
            step = ((guint32)(dwo_id >> 32) & mask) | 1;

    for (guint32 i = 0; i < index->n_slots; i++, slot = (slot + step) & mask) {
        RsByteCursor key = index->slots, row = index->row_numbers;
        guint64 id;
        guint32 number;

        rs_cursor_skip(&key, 8 * (guint64)slot);
        rs_cursor_skip(&row, 4 * (guint64)slot);
        id = rs_cursor_u64(&key);
        number = rs_cursor_u32(&row);
        if (number == 0)
            return 0;
        if (id == dwo_id)
            return number <= index->n_rows ? number : 0;
    }
    return 0;
}

/* The parts of the package's sections that a row names. FALSE: they lie outside. */
static gboolean cut_sections(const RsDwarfFile *package, const PackageIndex *index, guint32 row,
                             RsDwarfBytes *sections)
{
    RsByteCursor columns = index->columns, offsets = index->offsets, sizes = index->sizes;
    guint64 skipped_bytes = 4 * (guint64)index->n_columns * (row - 1);

    memcpy(sections, package->sections, sizeof package->sections);
    rs_cursor_skip(&offsets, skipped_bytes);
    rs_cursor_skip(&sizes, skipped_bytes);
    for (guint32 i = 0; i < index->n_columns; i++) {
        guint id = section_of_column(index->version, rs_cursor_u32(&columns));
        guint32 offset = rs_cursor_u32(&offsets), n_bytes = rs_cursor_u32(&sizes);

        if (id == RS_DWARF_N_SECTIONS)
            continue;
        if (!package->sections[id].bytes || offset > package->sections[id].n_bytes ||
            n_bytes > package->sections[id].n_bytes - offset)
            return FALSE;
        sections[id] = (RsDwarfBytes){package->sections[id].bytes + offset, n_bytes};
    }
    return TRUE;
}

/* "program.dwp" beside the program, or beside what was stripped to "program.debug". */
static void open_package(RsDwarfSplit *split)
{
    const char *path = split->main->path;
    g_autofree char *beside = NULL, *shorter = NULL;

    split->package_is_sought = TRUE;
    if (!path)
        return;
    beside = g_strconcat(path, ".dwp", NULL);
    split->package = rs_dwarf_file_open(beside, TRUE);
    if (!split->package && g_str_has_suffix(path, ".debug")) {
        shorter = g_strdup_printf("%.*s.dwp", (int)(strlen(path) - strlen(".debug")), path);
        split->package = rs_dwarf_file_open(shorter, TRUE);
    }
}

static RsDwarfUnit *unit_of_package(RsDwarfSplit *split, guint64 dwo_id)
{
    RsDwarfBytes sections[RS_DWARF_N_SECTIONS];
    PackageIndex index;
    RsDwarfUnit *unit;
    guint32 row;

    if (!split->package_is_sought)
        open_package(split);
    if (!split->package || !read_index(split->package->sections[RS_DWARF_CU_INDEX], &index))
        return NULL;
    row = find_row(&index, dwo_id);
    if (row == 0 || !cut_sections(split->package, &index, row, sections))
        return NULL;
    unit = rs_dwarf_unit_read_part(split->package, sections);
    if (unit)
        g_ptr_array_add(split->units, unit);
    return unit;
}

/* --- files of one unit --- */

static RsDwarfUnit *unit_of_file(RsDwarfSplit *split, const char *path, RsDwarfUnit *skeleton)
{
    RsDwarfFile *file = split->files->len < FILES_LIMIT ? rs_dwarf_file_open(path, TRUE) : NULL;

    if (!file)
        return NULL;
    rs_dwarf_units_read(file);
    for (guint i = 0; i < file->units->len; i++) {
        RsDwarfUnit *unit = g_ptr_array_index(file->units, i);

        if (unit->type == DW_UT_split_type || unit->type == DW_UT_type)
            continue;
        unit->skeleton = skeleton;
        if (rs_dwarf_unit_read_root(unit) && unit->dwo_id == skeleton->dwo_id) {
            g_ptr_array_add(split->files, file);
            return unit;
        }
    }
    rs_dwarf_file_free(file);
    return NULL;
}

static char *string_of(const RsDwarfUnit *unit, const RsDwarfValue *value)
{
    RsDwarfText text = rs_dwarf_value_text(unit, value);

    if (text.n_bytes == 0 || text.n_bytes > NAME_LIMIT_BYTES)
        return NULL;
    return g_strndup((const char *)text.bytes, text.n_bytes);
}

/* Where the name says, seen from the folder of compilation, and beside the program. */
static RsDwarfUnit *find_file(RsDwarfSplit *split, RsDwarfUnit *skeleton)
{
    g_autofree char *name = string_of(skeleton, &skeleton->dwo_name);
    g_autofree char *comp_dir = string_of(skeleton, &skeleton->comp_dir);
    const char *path = split->main->path;
    RsDwarfUnit *unit = NULL;

    if (!name)
        return NULL;
    if (g_path_is_absolute(name)) {
        unit = unit_of_file(split, name, skeleton);
    } else if (comp_dir && g_path_is_absolute(comp_dir)) {
        g_autofree char *told = g_build_filename(comp_dir, name, NULL);

        unit = unit_of_file(split, told, skeleton);
    }
    if (!unit && path) {
        g_autofree char *folder = g_path_get_dirname(path), *base = g_path_get_basename(name);
        g_autofree char *named = g_build_filename(folder, name, NULL);
        g_autofree char *beside = g_build_filename(folder, base, NULL);

        unit = unit_of_file(split, named, skeleton);
        if (!unit)
            unit = unit_of_file(split, beside, skeleton);
    }
    return unit;
}

RsDwarfUnit *rs_dwarf_split_unit(RsDwarfSplit *split, RsDwarfUnit *unit)
{
    RsDwarfUnit *found = atomic_load_explicit(&unit->split, memory_order_acquire);

    if (unit->dwo_name.form == 0 || unit->dwo_id == 0)
        return unit;
    if (found)
        return found;
    found = unit_of_package(split, unit->dwo_id);
    if (found) {
        found->skeleton = unit;
        if (!rs_dwarf_unit_read_root(found))
            found = NULL;
    }
    if (!found)
        found = find_file(split, unit);
    if (!found)
        found = unit;
    atomic_store_explicit(&unit->split, found, memory_order_release);
    return found;
}
