/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The symbol table that some distributions leave in stripped files: an ELF file of its own, packed
 * with xz in the section .gnu_debugdata. Untrusted: what it may unpack to is limited. */
#ifndef RS_SYMBOL_DEBUGDATA_H
#define RS_SYMBOL_DEBUGDATA_H

#include "elf/elf_file.h"

/* NULL without error: the file has none. Errors RS_ELF_ERROR_DAMAGED, or those of
 * rs_elf_from_bytes. */
RsElf *rs_debugdata_read(RsElf *elf, const char *label, GError **error);

#endif
