/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The functions of one symbol table (.symtab, .dynsym) by address. Names stay in the file's bytes;
 * addresses are the file's own. Must not know which files belong together, or what names mean.
 *
 * Each address belongs to the innermost symbol around it. Symbols without a size reach up to the
 * next one, or to the end of their section. Of several names for one address the same one is chosen
 * whatever their order: sized ones first, functions before bare labels, global before weak before
 * local, mangled before plain, and then those with fewer underscores before them, shorter ones and
 * the earlier in the alphabet. Untrusted: sizes beyond a section count as none. */
#ifndef RS_SYMBOL_SYMBOL_TABLE_H
#define RS_SYMBOL_SYMBOL_TABLE_H

#include <elf.h>
#include <glib.h>

#include "elf/elf_file.h"

typedef struct RsSymbolTable RsSymbolTable;

typedef struct {
    const char *name; /* ends with NUL, at n_name_bytes, in the file's bytes */
    gsize n_name_bytes;
    guint64 start, n_bytes;
    guint index; /* of the symbol: < rs_symbol_table_n */
} RsTableSymbol;

/* type: SHT_SYMTAB or SHT_DYNSYM. elf is borrowed and must outlive it. NULL: the file has no such
 * table, or no function in it. */
RsSymbolTable *rs_symbol_table_new(const RsElf *elf, guint32 type);
void rs_symbol_table_free(RsSymbolTable *table);

guint rs_symbol_table_n(const RsSymbolTable *table);
/* The symbol at vaddr, for rs_symbol_table_get: finding it reads no name. FALSE: none is there. */
gboolean rs_symbol_table_index(const RsSymbolTable *table, guint64 vaddr, guint *index);
/* index < rs_symbol_table_n. FALSE: its name does not end in the table of names. */
gboolean rs_symbol_table_get(const RsSymbolTable *table, guint index, RsTableSymbol *symbol);
/* Both. FALSE: no function is there. */
gboolean rs_symbol_table_find(const RsSymbolTable *table, guint64 vaddr, RsTableSymbol *symbol);
/* The names, NUL after each. */
const char *rs_symbol_table_strings(const RsSymbolTable *table, gsize *n_bytes);
/* Where the symbol with that name is; reads all of them. FALSE: none. */
gboolean rs_symbol_table_find_name(const RsSymbolTable *table, const char *name, guint64 *start);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsSymbolTable, rs_symbol_table_free)

#endif
