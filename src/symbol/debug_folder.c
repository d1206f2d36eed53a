/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "symbol/debug_folder.h"

#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "symbol/sections.h"

#define ENTRIES_LIMIT 100000
#define DEPTH_LIMIT   16

struct RsDebugFolder {
    char *path;
    GPtrArray *candidates; /* NULL: not walked yet */
    guint n_entries;
};

static void candidate_free(gpointer data)
{
    RsDebugCandidate *candidate = data;

    g_free(candidate->path);
    g_free(candidate->build_id);
    g_free(candidate);
}

RsDebugFolder *rs_debug_folder_new(const char *path)
{
    RsDebugFolder *folder = g_new0(RsDebugFolder, 1);

    folder->path = g_strdup(path);
    return folder;
}

void rs_debug_folder_free(RsDebugFolder *folder)
{
    if (!folder)
        return;
    if (folder->candidates)
        g_ptr_array_unref(folder->candidates);
    g_free(folder->path);
    g_free(folder);
}

/* Most files of a build directory are no programs, and their first bytes say so. */
static gboolean is_linked(int fd)
{
    Elf64_Ehdr header;

    return pread(fd, &header, sizeof header, 0) == (gssize)sizeof header &&
           memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 &&
           (header.e_type == ET_EXEC || header.e_type == ET_DYN);
}

static void look_at(RsDebugFolder *folder, const char *path)
{
    g_autoptr(RsElf) elf = NULL;
    g_autoptr(GArray) sections = NULL;
    RsDebugCandidate *candidate;
    RsElfSection text;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0)
        return;
    if (is_linked(fd))
        elf = rs_elf_open_fd(fd, path, NULL);
    close(fd);
    if (!elf)
        return;
    candidate = g_new0(RsDebugCandidate, 1);
    sections = rs_sections_read(elf);
    candidate->has_symtab = rs_section_of_type(sections, SHT_SYMTAB) != NULL;
    candidate->has_dwarf = rs_sections_have(elf, ".debug_info");
    candidate->path = g_strdup(path);
    candidate->build_id = g_strdup(rs_elf_build_id(elf));
    if (rs_elf_section(elf, ".text", &text)) {
        candidate->text_vaddr = text.vaddr;
        candidate->n_text_bytes = text.n_bytes;
    }
    if (candidate->has_symtab || candidate->has_dwarf)
        g_ptr_array_add(folder->candidates, candidate);
    else
        candidate_free(candidate);
}

static void walk(RsDebugFolder *folder, const char *path, guint depth)
{
    g_autoptr(GDir) entries = g_dir_open(path, 0, NULL);
    const char *name;

    while (entries && (name = g_dir_read_name(entries))) {
        g_autofree char *entry = g_build_filename(path, name, NULL);
        struct stat status;

        if (++folder->n_entries > ENTRIES_LIMIT)
            return;
        if (lstat(entry, &status) != 0)
            continue;
        if (S_ISDIR(status.st_mode) && depth < DEPTH_LIMIT)
            walk(folder, entry, depth + 1);
        else if (S_ISREG(status.st_mode) ||
                 (S_ISLNK(status.st_mode) && stat(entry, &status) == 0 && S_ISREG(status.st_mode)))
            look_at(folder, entry);
    }
}

static int compare_paths(gconstpointer a, gconstpointer b)
{
    const RsDebugCandidate *const *left = a, *const *right = b;

    return strcmp((*left)->path, (*right)->path);
}

const GPtrArray *rs_debug_folder_candidates(RsDebugFolder *folder)
{
    if (!folder->candidates) {
        folder->candidates = g_ptr_array_new_with_free_func(candidate_free);
        walk(folder, folder->path, 0);
        g_ptr_array_sort(folder->candidates, compare_paths);
    }
    return folder->candidates;
}
