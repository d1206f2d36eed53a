/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A folder that a person keeps files with symbols in: a build directory, a tree of debug files. It
 * is walked once, when it is first asked. Must not know what is looked for is for. */
#ifndef RS_SYMBOL_DEBUG_FOLDER_H
#define RS_SYMBOL_DEBUG_FOLDER_H

#include <glib.h>

#include "elf/elf_file.h"

typedef struct RsDebugFolder RsDebugFolder;

typedef struct {
    char *path;
    char *build_id;                   /* NULL: none */
    guint64 text_vaddr, n_text_bytes; /* 0 bytes: it has no code */
    gboolean has_symtab, has_dwarf;
} RsDebugCandidate;

RsDebugFolder *rs_debug_folder_new(const char *path);
void rs_debug_folder_free(RsDebugFolder *folder);

/* The ELF files in it that have a symbol table or DWARF, by path. Links to folders are not
 * followed; what is beyond 100,000 entries or 16 folders deep is not seen. */
const GPtrArray *rs_debug_folder_candidates(RsDebugFolder *folder); /* RsDebugCandidate */

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsDebugFolder, rs_debug_folder_free)

#endif
