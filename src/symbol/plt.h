/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names for the stubs that calls into other files go through ("memcpy@plt"), which no symbol table
 * has. Found by what their instructions jump through, whatever layout the linker chose. */
#ifndef RS_SYMBOL_PLT_H
#define RS_SYMBOL_PLT_H

#include <glib.h>

#include "elf/elf_file.h"
#include "symbol/symbol_table.h"

typedef struct RsPlt RsPlt;

/* functions: to name stubs of functions that are chosen when the file is loaded; may be NULL. elf
 * is only used by the call. NULL: there is nothing to name. */
RsPlt *rs_plt_new(RsElf *elf, const RsSymbolTable *functions);
void rs_plt_free(RsPlt *plt);

/* Borrowed; NULL: no stub is there. */
const char *rs_plt_find(const RsPlt *plt, guint64 vaddr, guint64 *start);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsPlt, rs_plt_free)

#endif
