/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DWARF 4 and 5 of one file, asked by address: which functions the compiler put there, inlined ones
 * included, and which line of the source. Built unit by unit when an address of it is asked for
 * first; must not know symbol tables or where debug files are found. Untrusted: a damaged file
 * gives fewer answers, never a crash. Several threads may ask at once. */
#ifndef RS_SYMBOL_DEBUG_INFO_H
#define RS_SYMBOL_DEBUG_INFO_H

#include <glib.h>

#include "elf/elf_file.h"

typedef struct RsDebugInfo RsDebugInfo;

/* A function at an address. All text is borrowed from the RsDebugInfo. */
typedef struct {
    const char *linkage_name; /* DW_AT_linkage_name; NULL: none */
    const char *name;        /* DW_AT_name behind its namespaces ("crate::module::f"); NULL: none */
    const char *file;        /* of the declaration: absolute, or relative as the unit has it when
                                even the compilation directory is; NULL: not told */
    guint32 line, last_line; /* of the declaration, and the last of its code in file; 0: not told */
    const char *at_file;     /* of the code at the address, or of the inlined call in it; NULL */
    guint32 at_line;         /* 0: not told */
    gboolean is_inline;
} RsDebugFrame;

/* elf is borrowed and must outlive what is made. path: of the file, to find split and shared DWARF
 * (.dwo, .dwp, dwz) beside it and where it says; NULL: looks at what is told by absolute name only.
 * NULL without error: the file has no DWARF. Errors RS_ELF_ERROR_DAMAGED. */
RsDebugInfo *rs_debug_info_new(RsElf *elf, const char *path, GError **error);
void rs_debug_info_free(RsDebugInfo *info);

/* What is at vaddr, innermost inlined function first, the function that has the code last; 0: no
 * function is told there. n_max >= 1; deeper chains lose their innermost ends. */
guint rs_debug_info_lookup(RsDebugInfo *info, guint64 vaddr, RsDebugFrame *frames, guint n_max);
/* Line alone, where no function is told (assembler, line tables only). FALSE: none. */
gboolean rs_debug_info_line(RsDebugInfo *info, guint64 vaddr, const char **file, guint32 *line);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsDebugInfo, rs_debug_info_free)

#endif
