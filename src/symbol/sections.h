/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Section headers of an ELF file, those of sections without bytes included: a debug file says where
 * code is and has none. Checked against the file; must not know what sections mean. */
#ifndef RS_SYMBOL_SECTIONS_H
#define RS_SYMBOL_SECTIONS_H

#include <elf.h>
#include <glib.h>

#include "elf/elf_file.h"

/* Elf64_Shdr by index; empty where there are none, or they lie outside of the file. Yours. */
GArray *rs_sections_read(const RsElf *elf);
/* The bytes of a section in the file; NULL: it has none, or not where it says. */
const guint8 *rs_section_bytes(const RsElf *elf, const Elf64_Shdr *header, gsize *n_bytes);
/* The first section of that type; NULL: none. */
const Elf64_Shdr *rs_section_of_type(const GArray *sections, guint32 type);
/* Whether there is a section of that name with bytes; does not unpack it, as rs_elf_section does.
 */
gboolean rs_sections_have(const RsElf *elf, const char *name);
/* ET_EXEC, ET_DYN, ... */
guint16 rs_elf_type(const RsElf *elf);

#endif
