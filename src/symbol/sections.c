/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Source: System V gABI, "ELF Header" and "Sections". */
#include "symbol/sections.h"

#include <string.h>

#define SECTIONS_LIMIT 1000000

static gboolean header_of(const RsElf *elf, Elf64_Ehdr *header)
{
    if (rs_elf_n_bytes(elf) < sizeof *header)
        return FALSE;
    memcpy(header, rs_elf_bytes(elf), sizeof *header);
    return TRUE;
}

guint16 rs_elf_type(const RsElf *elf)
{
    Elf64_Ehdr header;

    return header_of(elf, &header) ? header.e_type : ET_NONE;
}

GArray *rs_sections_read(const RsElf *elf)
{
    GArray *sections = g_array_new(FALSE, FALSE, sizeof(Elf64_Shdr));
    gsize n_file_bytes = rs_elf_n_bytes(elf);
    Elf64_Ehdr header;
    guint64 n, n_fit;

    if (!header_of(elf, &header) || header.e_shentsize != sizeof(Elf64_Shdr) || !header.e_shoff ||
        header.e_shoff >= n_file_bytes)
        return sections;
    n_fit = (n_file_bytes - header.e_shoff) / sizeof(Elf64_Shdr);
    if (!n_fit)
        return sections;
    n = header.e_shnum;
    if (n == 0) { /* there are too many for the field: the first section says how many */
        Elf64_Shdr first;

        memcpy(&first, rs_elf_bytes(elf) + header.e_shoff, sizeof first);
        n = first.sh_size;
    }
    if (n > n_fit || n > SECTIONS_LIMIT)
        return sections;
    g_array_append_vals(sections, rs_elf_bytes(elf) + header.e_shoff, (guint)n);
    return sections;
}

const guint8 *rs_section_bytes(const RsElf *elf, const Elf64_Shdr *header, gsize *n_bytes)
{
    gsize n_file_bytes = rs_elf_n_bytes(elf);

    if (header->sh_type == SHT_NOBITS || header->sh_flags & SHF_COMPRESSED || !header->sh_size ||
        header->sh_offset > n_file_bytes || header->sh_size > n_file_bytes - header->sh_offset)
        return NULL;
    *n_bytes = header->sh_size;
    return rs_elf_bytes(elf) + header->sh_offset;
}

const Elf64_Shdr *rs_section_of_type(const GArray *sections, guint32 type)
{
    for (guint i = 0; i < sections->len; i++)
        if (g_array_index(sections, Elf64_Shdr, i).sh_type == type)
            return &g_array_index(sections, Elf64_Shdr, i);
    return NULL;
}

gboolean rs_sections_have(const RsElf *elf, const char *name)
{
    g_autoptr(GArray) sections = rs_sections_read(elf);
    gsize n_bytes = 0, n_name_bytes = strlen(name) + 1;
    Elf64_Ehdr header;
    guint32 names_index;
    const guint8 *names;

    if (!sections->len || !header_of(elf, &header))
        return FALSE;
    names_index = header.e_shstrndx == SHN_XINDEX ? g_array_index(sections, Elf64_Shdr, 0).sh_link
                                                  : header.e_shstrndx;
    if (names_index >= sections->len)
        return FALSE;
    names = rs_section_bytes(elf, &g_array_index(sections, Elf64_Shdr, names_index), &n_bytes);
    for (guint i = 0; names && i < sections->len; i++) {
        const Elf64_Shdr *section = &g_array_index(sections, Elf64_Shdr, i);

        if (section->sh_type != SHT_NOBITS && section->sh_size && section->sh_name < n_bytes &&
            n_name_bytes <= n_bytes - section->sh_name &&
            memcmp(names + section->sh_name, name, n_name_bytes) == 0)
            return TRUE;
    }
    return FALSE;
}
