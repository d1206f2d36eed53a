/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "symbol/dwarf/file.h"

#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "symbol/dwarf/abbrev.h"
#include "symbol/dwarf/lines.h"
#include "symbol/dwarf/unit.h"

#define SPEND_SLACK_BYTES 65536
#define PATH_LIMIT_BYTES  4096
#define BUILD_ID_LIMIT    64

static const char *const SECTION_NAMES[RS_DWARF_N_SECTIONS] = {
    [RS_DWARF_INFO] = "debug_info",         [RS_DWARF_ABBREV] = "debug_abbrev",
    [RS_DWARF_STR] = "debug_str",           [RS_DWARF_LINE] = "debug_line",
    [RS_DWARF_LINE_STR] = "debug_line_str", [RS_DWARF_STR_OFFSETS] = "debug_str_offsets",
    [RS_DWARF_ADDR] = "debug_addr",         [RS_DWARF_RANGES] = "debug_ranges",
    [RS_DWARF_RNGLISTS] = "debug_rnglists", [RS_DWARF_CU_INDEX] = "debug_cu_index",
};

/* --- sections --- */

/* The ELF file with one compressed section ".d" that says what a section ".zdebug_*" does, for
 * RsElf to decompress. The old way: "ZLIB", the size as a big-endian number, the zlib stream.
 * Source: GNU binutils, --compress-debug-sections=zlib-gnu; System V gABI, "Section Compression".
 */
static RsElf *as_compressed(const RsElfSection *old)
{
    static const char names[] = "\0.d";
    struct {
        Elf64_Ehdr header;
        Elf64_Shdr sections[3];
        char names[8];
        Elf64_Chdr compression;
    } head = {.header = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
                                     EV_CURRENT},
                         .e_type = ET_DYN,
                         .e_machine = EM_X86_64,
                         .e_version = EV_CURRENT,
                         .e_shoff = sizeof(Elf64_Ehdr),
                         .e_ehsize = sizeof(Elf64_Ehdr),
                         .e_shentsize = sizeof(Elf64_Shdr),
                         .e_shnum = 3,
                         .e_shstrndx = 2},
              .compression = {.ch_type = ELFCOMPRESS_ZLIB, .ch_addralign = 1}};
    GByteArray *image;
    RsElf *elf;
    guint64 n_content_bytes;

    if (old->n_bytes < 12 || memcmp(old->bytes, "ZLIB", 4) != 0)
        return NULL;
    memcpy(&n_content_bytes, old->bytes + 4, sizeof n_content_bytes);
    head.compression.ch_size = GUINT64_FROM_BE(n_content_bytes);
    head.sections[1] = (Elf64_Shdr){.sh_name = 1,
                                    .sh_type = SHT_PROGBITS,
                                    .sh_flags = SHF_COMPRESSED,
                                    .sh_offset = G_STRUCT_OFFSET(typeof(head), compression),
                                    .sh_size = sizeof head.compression + old->n_bytes - 12,
                                    .sh_addralign = 8};
    head.sections[2] = (Elf64_Shdr){.sh_type = SHT_STRTAB,
                                    .sh_offset = G_STRUCT_OFFSET(typeof(head), names),
                                    .sh_size = sizeof names};
    memcpy(head.names, names, sizeof names);
    image = g_byte_array_new();
    g_byte_array_append(image, (const guint8 *)&head, sizeof head);
    g_byte_array_append(image, old->bytes + 12, (guint)(old->n_bytes - 12));
    elf = rs_elf_from_bytes(image->data, image->len, "compressed section", NULL);
    g_byte_array_unref(image);
    return elf;
}

static void take_section(RsDwarfFile *file, RsDwarfSection id, gboolean is_split)
{
    g_autofree char *name = g_strconcat(".", SECTION_NAMES[id],
                                        is_split && id != RS_DWARF_CU_INDEX ? ".dwo" : "", NULL);
    g_autofree char *old_name = g_strconcat(".z", SECTION_NAMES[id], is_split ? ".dwo" : "", NULL);
    RsElfSection section;
    RsElf *expanded;

    if (rs_elf_section(file->elf, name, &section)) {
        file->sections[id] = (RsDwarfBytes){section.bytes, section.n_bytes};
        return;
    }
    if (!rs_elf_section(file->elf, old_name, &section) || section.n_bytes > G_MAXUINT / 2)
        return;
    expanded = as_compressed(&section);
    if (!expanded)
        return;
    g_ptr_array_add(file->expanded, expanded);
    if (rs_elf_section(expanded, ".d", &section))
        file->sections[id] = (RsDwarfBytes){section.bytes, section.n_bytes};
}

/* --- life --- */

RsDwarfFile *rs_dwarf_file_new(RsElf *elf, gboolean give_away, const char *path, gboolean is_split)
{
    RsDwarfFile *file = g_new0(RsDwarfFile, 1);

    file->elf = elf;
    file->owned_elf = give_away ? elf : NULL;
    file->path = g_strdup(path);
    file->expanded = g_ptr_array_new_with_free_func((GDestroyNotify)rs_elf_free);
    file->units = g_ptr_array_new_with_free_func((GDestroyNotify)rs_dwarf_unit_free);
    file->abbreviations =
        g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)rs_dwarf_abbreviations_free);
    file->line_tables =
        g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)rs_dwarf_lines_free);
    for (guint i = 0; i < RS_DWARF_N_SECTIONS; i++)
        take_section(file, (RsDwarfSection)i, is_split);
    return file;
}

RsDwarfFile *rs_dwarf_file_open(const char *path, gboolean is_split)
{
    /* A damaged file may name anything; only a regular file is read, and none is waited for. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    RsElf *elf;

    if (fd < 0)
        return NULL;
    elf = rs_elf_open_fd(fd, path, NULL);
    close(fd);
    return elf ? rs_dwarf_file_new(elf, TRUE, path, is_split) : NULL;
}

void rs_dwarf_file_free(RsDwarfFile *file)
{
    if (!file)
        return;
    rs_dwarf_file_free(file->shared);
    g_ptr_array_unref(file->units);
    g_hash_table_unref(file->abbreviations);
    g_hash_table_unref(file->line_tables);
    g_ptr_array_unref(file->expanded);
    g_free(file->path);
    rs_elf_free(file->owned_elf);
    g_free(file);
}

/* --- the shared file --- */

/* Where it is looked for, best first: where the name says, by build-id, and in the folder that
 * distributions keep such files in. */
static GPtrArray *shared_places(const RsDwarfFile *file, const char *name, const char *build_id)
{
    GPtrArray *places = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *base = g_path_get_basename(name);

    if (g_path_is_absolute(name)) {
        g_ptr_array_add(places, g_strdup(name));
    } else if (file->path) {
        g_autofree char *real = realpath(file->path, NULL); /* the name counts from there */
        g_autofree char *folder = g_path_get_dirname(real ? real : file->path);

        g_ptr_array_add(places, g_build_filename(folder, name, NULL));
    }
    if (file->path) {
        g_autofree char *folder = g_path_get_dirname(file->path);

        g_ptr_array_add(places, g_build_filename(folder, name, NULL));
        g_ptr_array_add(places, g_build_filename(folder, base, NULL));
    }
    if (strlen(build_id) > 2)
        g_ptr_array_add(places, g_strdup_printf("/usr/lib/debug/.build-id/%.2s/%s.debug", build_id,
                                                build_id + 2));
    g_ptr_array_add(places, g_build_filename("/usr/lib/debug/.dwz", base, NULL));
    g_ptr_array_add(places, g_build_filename("/usr/lib/debug/.dwz/x86_64-linux-gnu", base, NULL));
    return places;
}

static char *hex_of(const guint8 *bytes, gsize n_bytes)
{
    GString *hex = g_string_new(NULL);

    for (gsize i = 0; i < n_bytes; i++)
        g_string_append_printf(hex, "%02x", bytes[i]);
    return g_string_free(hex, FALSE);
}

/* What .gnu_debugaltlink (a name, then the build-id up to the end) or .debug_sup (DWARF 5, section
 * 7.3.6: version, whether this is the shared file itself, name, size and checksum) says. */
static gboolean read_link(RsDwarfFile *file, char **name, char **build_id)
{
    RsElfSection section;
    RsByteCursor cursor;
    const guint8 *zero;
    gboolean is_gnu = rs_elf_section(file->elf, ".gnu_debugaltlink", &section);
    gsize n_id_bytes;

    if (!is_gnu && !rs_elf_section(file->elf, ".debug_sup", &section))
        return FALSE;
    cursor = (RsByteCursor){section.bytes, section.bytes + section.n_bytes, FALSE};
    if (!is_gnu && (rs_cursor_u16(&cursor) != 5 || rs_cursor_u8(&cursor) != 0))
        return FALSE;
    zero = rs_cursor_left(&cursor) ? memchr(cursor.at, 0, rs_cursor_left(&cursor)) : NULL;
    if (!zero || zero == cursor.at || zero - cursor.at > PATH_LIMIT_BYTES)
        return FALSE;
    *name = g_strndup((const char *)cursor.at, (gsize)(zero - cursor.at));
    cursor.at = zero + 1;
    n_id_bytes = is_gnu ? rs_cursor_left(&cursor) : rs_cursor_uleb(&cursor);
    n_id_bytes = MIN(n_id_bytes, MIN(rs_cursor_left(&cursor), BUILD_ID_LIMIT));
    *build_id = hex_of(cursor.at, n_id_bytes);
    return TRUE;
}

void rs_dwarf_file_open_shared(RsDwarfFile *file)
{
    g_autofree char *name = NULL, *build_id = NULL;
    g_autoptr(GPtrArray) places = NULL;

    if (!read_link(file, &name, &build_id))
        return;
    places = shared_places(file, name, build_id);
    for (guint i = 0; i < places->len && !file->shared; i++) {
        RsDwarfFile *shared = rs_dwarf_file_open(g_ptr_array_index(places, i), FALSE);

        if (shared && g_strcmp0(rs_elf_build_id(shared->elf), build_id) == 0)
            file->shared = shared;
        else
            rs_dwarf_file_free(shared);
    }
    if (file->shared)
        rs_dwarf_units_read(file->shared);
}

/* --- limits --- */

gboolean rs_dwarf_file_spend(RsDwarfFile *file, RsDwarfSection section, guint64 n_bytes)
{
    guint64 limit = 2 * (guint64)file->sections[section].n_bytes + SPEND_SLACK_BYTES;

    if (n_bytes > limit - file->n_spent_bytes[section])
        return FALSE;
    file->n_spent_bytes[section] += n_bytes;
    return TRUE;
}

gboolean rs_dwarf_file_is_code(const RsDwarfFile *file, guint64 lo, guint64 hi)
{
    guint n_segments, n_executable = 0;
    const RsElfSegment *segments = rs_elf_segments(file->elf, &n_segments);

    if (lo == 0 || lo >= hi)
        return FALSE;
    for (guint i = 0; i < n_segments; i++) {
        if (!segments[i].is_executable)
            continue;
        n_executable++;
        if (lo >= segments[i].vaddr && hi <= segments[i].vaddr + segments[i].n_memory_bytes)
            return TRUE;
    }
    return n_executable == 0; /* an object file */
}
