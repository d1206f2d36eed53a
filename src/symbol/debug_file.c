/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Source: the GDB manual, "Debugging Information in Separate Files": names and places, and the CRC
 * of .gnu_debuglink, which is the CRC-32 of zlib, gzip and xz. */
#include "symbol/debug_file.h"

#include <elf.h>
#include <lzma.h>
#include <string.h>

#include "symbol/code_name.h"
#include "symbol/debug_folder.h"
#include "symbol/elf_open.h"
#include "symbol/sections.h"

#define DEBUG_FOLDER "/usr/lib/debug"

struct RsDebugPlaces {
    GPtrArray *symbol_folders; /* RsDebugFolder */
    GPtrArray *symbol_paths;   /* their paths */
    char **debug_folders;
};

/* What is looked for, and what was found. */
typedef struct {
    RsDebugPlaces *places;
    RsElf *elf;
    const char *root, *build_id;
    char *folder, *name; /* of the file's path */
    char *link;          /* of .gnu_debuglink; NULL: none */
    guint32 link_crc;
    gboolean has_hash;
    guint64 hash; /* of its content; of use when has_hash */
    RsDebugFile *found;
} Search;

/* --- places --- */

static char **default_folders(void)
{
    const char *const folders[] = {DEBUG_FOLDER, NULL};

    return g_strdupv((char **)(guintptr)folders);
}

RsDebugPlaces *rs_debug_places_new(char *const *symbol_folders, char *const *debug_folders)
{
    RsDebugPlaces *places = g_new0(RsDebugPlaces, 1);

    places->symbol_folders = g_ptr_array_new_with_free_func((GDestroyNotify)rs_debug_folder_free);
    places->symbol_paths = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; symbol_folders && symbol_folders[i]; i++) {
        g_ptr_array_add(places->symbol_folders, rs_debug_folder_new(symbol_folders[i]));
        g_ptr_array_add(places->symbol_paths, g_strdup(symbol_folders[i]));
    }
    places->debug_folders =
        debug_folders ? g_strdupv((char **)(guintptr)debug_folders) : default_folders();
    return places;
}

void rs_debug_places_free(RsDebugPlaces *places)
{
    if (!places)
        return;
    g_ptr_array_unref(places->symbol_folders);
    g_ptr_array_unref(places->symbol_paths);
    g_strfreev(places->debug_folders);
    g_free(places);
}

void rs_debug_file_clear(RsDebugFile *file)
{
    g_clear_pointer(&file->elf, rs_elf_free);
    g_clear_pointer(&file->path, g_free);
}

/* --- whether a candidate is the file's --- */

static gboolean has_symbols(const RsElf *elf)
{
    g_autoptr(GArray) sections = rs_sections_read(elf);

    return rs_section_of_type(sections, SHT_SYMTAB) != NULL || rs_sections_have(elf, ".debug_info");
}

static const char *why_it_is_ours(const Search *search, RsElf *candidate, gboolean is_link)
{
    const char *build_id = rs_elf_build_id(candidate);

    if (search->build_id && build_id)
        return g_str_equal(search->build_id, build_id) ? "build-id" : NULL;
    if (is_link &&
        search->link_crc == lzma_crc32(rs_elf_bytes(candidate), rs_elf_n_bytes(candidate), 0))
        return "debuglink";
    return NULL;
}

/* Takes candidate if it has symbols and is the file's; else frees it. */
static gboolean take(Search *search, RsElf *candidate, char *path, const char *how)
{
    if (!candidate)
        return FALSE;
    if (!how || !has_symbols(candidate)) {
        rs_elf_free(candidate);
        g_free(path);
        return FALSE;
    }
    *search->found = (RsDebugFile){candidate, path, how};
    return TRUE;
}

static gboolean try_path(Search *search, const char *root, const char *path, gboolean is_link)
{
    char *opened = NULL;
    RsElf *candidate = rs_elf_open_path(root, path, &opened, NULL);

    return candidate && take(search, candidate, opened, why_it_is_ours(search, candidate, is_link));
}

/* Under the target's root, then under ours. */
static gboolean try_both(Search *search, const char *path, gboolean is_link)
{
    return (search->root && path[0] == '/' && try_path(search, search->root, path, is_link)) ||
           try_path(search, NULL, path, is_link);
}

static gboolean try_joined(Search *search, gboolean is_link, const char *first,
                           ...) G_GNUC_NULL_TERMINATED;
static gboolean try_joined(Search *search, gboolean is_link, const char *first, ...)
{
    g_autofree char *path = NULL;
    va_list elements;

    va_start(elements, first);
    path = g_build_filename_valist((char *)(guintptr)first, &elements);
    va_end(elements);
    return try_both(search, path, is_link);
}

/* --- where candidates are --- */

/* "ab/cdef.debug"; NULL: the build-id is too short to be one. */
static char *build_id_name(const char *build_id)
{
    if (!build_id || strlen(build_id) < 4 ||
        strspn(build_id, "0123456789abcdef") != strlen(build_id))
        return NULL;
    return g_strdup_printf("%.2s/%s.debug", build_id, build_id + 2);
}

static gboolean try_build_id_folders(Search *search)
{
    g_autofree char *name = build_id_name(search->build_id);

    if (!name)
        return FALSE;
    for (guint i = 0; search->places->debug_folders[i]; i++)
        if (try_joined(search, FALSE, search->places->debug_folders[i], ".build-id", name, NULL))
            return TRUE;
    return FALSE;
}

static gboolean try_sidecars(Search *search)
{
    g_autofree char *name = g_strconcat(search->name, ".debug", NULL);

    return try_joined(search, FALSE, search->folder, name, NULL) ||
           try_joined(search, FALSE, search->folder, ".debug", name, NULL);
}

static gboolean try_link(Search *search)
{
    if (!search->link)
        return FALSE;
    if (try_joined(search, TRUE, search->folder, search->link, NULL) ||
        try_joined(search, TRUE, search->folder, ".debug", search->link, NULL))
        return TRUE;
    for (guint i = 0; search->places->debug_folders[i]; i++)
        if (try_joined(search, TRUE, search->places->debug_folders[i], search->folder, search->link,
                       NULL))
            return TRUE;
    return FALSE;
}

/* Whether the candidate is another build of the very same code: what is cheap is compared first. */
static gboolean is_same_code(Search *search, const RsDebugCandidate *candidate, RsElf *opened)
{
    RsElfSection text;
    guint64 hash;

    if (!rs_elf_section(search->elf, ".text", &text) || !text.n_bytes ||
        text.vaddr != candidate->text_vaddr || text.n_bytes != candidate->n_text_bytes)
        return FALSE;
    if (!search->has_hash)
        search->has_hash = rs_code_content_hash(search->elf, &search->hash);
    return search->has_hash && rs_code_content_hash(opened, &hash) && hash == search->hash;
}

static gboolean try_candidates(Search *search, RsDebugFolder *folder, gboolean is_by_code)
{
    const GPtrArray *candidates = rs_debug_folder_candidates(folder);

    for (guint i = 0; i < candidates->len; i++) {
        const RsDebugCandidate *candidate = g_ptr_array_index(candidates, i);
        RsElf *opened;
        const char *how = NULL;

        if (is_by_code ? !candidate->has_symtab || !candidate->n_text_bytes
                       : g_strcmp0(candidate->build_id, search->build_id) != 0)
            continue;
        opened = rs_elf_open_path(NULL, candidate->path, NULL, NULL);
        if (!opened)
            continue;
        if (is_by_code)
            how = is_same_code(search, candidate, opened) ? "same code" : NULL;
        else
            how = why_it_is_ours(search, opened, FALSE);
        if (take(search, opened, g_strdup(candidate->path), how))
            return TRUE;
    }
    return FALSE;
}

static gboolean try_symbol_folder(Search *search, guint i)
{
    RsDebugFolder *folder = g_ptr_array_index(search->places->symbol_folders, i);
    const char *path = g_ptr_array_index(search->places->symbol_paths, i);
    g_autofree char *build_id = build_id_name(search->build_id);
    g_autofree char *sidecar = g_strconcat(search->name, ".debug", NULL);

    if (build_id) {
        g_autofree char *in_tree = g_build_filename(path, ".build-id", build_id, NULL);
        g_autofree char *at_once = g_build_filename(path, build_id, NULL);

        if (try_path(search, NULL, in_tree, FALSE) || try_path(search, NULL, at_once, FALSE))
            return TRUE;
    }
    for (guint form = 0; form < 3; form++) {
        const char *name = form == 0 ? search->name : form == 1 ? sidecar : search->link;
        g_autofree char *by_name = name ? g_build_filename(path, name, NULL) : NULL;

        if (by_name && try_path(search, NULL, by_name, form == 2))
            return TRUE;
    }
    if (search->build_id && try_candidates(search, folder, FALSE))
        return TRUE;
    return search->elf && try_candidates(search, folder, TRUE);
}

/* --- the search --- */

static void read_link(Search *search)
{
    RsElfSection section;
    const guint8 *end;
    gsize at;

    if (!search->elf || !rs_elf_section(search->elf, ".gnu_debuglink", &section))
        return;
    end = memchr(section.bytes, '\0', section.n_bytes);
    if (!end || end == section.bytes || memchr(section.bytes, '/', (gsize)(end - section.bytes)))
        return;
    at = ((gsize)(end - section.bytes) + 4) & ~(gsize)3;
    if (at > section.n_bytes || section.n_bytes - at < sizeof search->link_crc)
        return;
    memcpy(&search->link_crc, section.bytes + at, sizeof search->link_crc);
    search->link_crc = GUINT32_FROM_LE(search->link_crc);
    search->link = g_strndup((const char *)section.bytes, (gsize)(end - section.bytes));
}

gboolean rs_debug_file_find(RsDebugPlaces *places, RsElf *elf, const char *path, const char *root,
                            const char *build_id, RsDebugFile *found)
{
    Search search = {.places = places, .elf = elf, .root = root, .found = found};
    gboolean has_path = path && path[0] == '/', succeeded = FALSE;

    *found = (RsDebugFile){0};
    search.build_id = build_id ? build_id : elf ? rs_elf_build_id(elf) : NULL;
    search.folder = g_path_get_dirname(has_path ? path : "/");
    search.name = g_path_get_basename(path ? path : "");
    read_link(&search);
    for (guint i = 0; i < places->symbol_folders->len && !succeeded; i++)
        succeeded = try_symbol_folder(&search, i);
    if (!succeeded && has_path)
        succeeded = try_sidecars(&search);
    if (!succeeded)
        succeeded = try_build_id_folders(&search);
    if (!succeeded && has_path)
        succeeded = try_link(&search);
    g_free(search.folder);
    g_free(search.name);
    g_free(search.link);
    return succeeded;
}
