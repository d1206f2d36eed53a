/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The DWARF sections of one ELF file: the program's own, its debug file's, a .dwo, a .dwp or the
 * file that dwz made for several to share. Must not know what is in them. A file of DWARF is read
 * from its bytes and not with libdw: see debug_info.c for what that was measured to save.
 *
 * Sections are untrusted, and parts of them may be named many times: what is decoded of one counts
 * against a budget that an honest file, which names every part once, does not reach. */
#ifndef RS_SYMBOL_DWARF_FILE_H
#define RS_SYMBOL_DWARF_FILE_H

#include <glib.h>

#include "elf/byte_cursor.h"
#include "elf/elf_file.h"

typedef enum {
    RS_DWARF_INFO,
    RS_DWARF_ABBREV,
    RS_DWARF_STR,
    RS_DWARF_LINE,
    RS_DWARF_LINE_STR,
    RS_DWARF_STR_OFFSETS,
    RS_DWARF_ADDR,
    RS_DWARF_RANGES,
    RS_DWARF_RNGLISTS,
    RS_DWARF_CU_INDEX,
    RS_DWARF_N_SECTIONS,
} RsDwarfSection;

typedef struct {
    const guint8 *bytes; /* NULL: there is none */
    gsize n_bytes;
} RsDwarfBytes;

typedef struct RsDwarfFile RsDwarfFile;
struct RsDwarfFile {
    RsElf *elf, *owned_elf; /* owned_elf: freed with it; else NULL */
    char *path;             /* NULL: not told */
    RsDwarfBytes sections[RS_DWARF_N_SECTIONS];
    guint64 n_spent_bytes[RS_DWARF_N_SECTIONS];
    GPtrArray *expanded;       /* RsElf, of sections that were compressed in the old way */
    RsDwarfFile *shared;       /* made by dwz; NULL: none, or not found */
    GPtrArray *units;          /* RsDwarfUnit, by offset; of unit.h */
    GHashTable *abbreviations; /* of abbrev.h */
    GHashTable *line_tables;   /* of lines.h */
};

/* elf is borrowed when it is not given away. is_split: takes the sections ".debug_*.dwo". */
RsDwarfFile *rs_dwarf_file_new(RsElf *elf, gboolean give_away, const char *path, gboolean is_split);
/* Opens a regular file. NULL: there is none, or it is no ELF file. */
RsDwarfFile *rs_dwarf_file_open(const char *path, gboolean is_split);
void rs_dwarf_file_free(RsDwarfFile *file);

/* Opens the file that .gnu_debugaltlink or .debug_sup names, if its build-id is the one named. */
void rs_dwarf_file_open_shared(RsDwarfFile *file);
/* FALSE: the budget of the section is used up. */
gboolean rs_dwarf_file_spend(RsDwarfFile *file, RsDwarfSection section, guint64 n_bytes);
/* Whether [lo, hi) can be code of the file. Linkers leave what they threw away at address 0, or at
 * the last ones. */
gboolean rs_dwarf_file_is_code(const RsDwarfFile *file, guint64 lo, guint64 hi);

/* At offset, up to the end; fails at once when that is outside. */
static inline RsByteCursor rs_dwarf_cursor(RsDwarfBytes bytes, guint64 offset)
{
    static const guint8 nothing[1]; /* NULL has no bytes to move by, not even none */
    const guint8 *end = bytes.bytes ? bytes.bytes + bytes.n_bytes : nothing;

    if (!bytes.bytes || offset > bytes.n_bytes)
        return (RsByteCursor){end, end, TRUE};
    return (RsByteCursor){bytes.bytes + offset, end, FALSE};
}

static inline guint64 rs_dwarf_offset(RsByteCursor *cursor, guint n_offset_bytes)
{
    return n_offset_bytes == 8 ? rs_cursor_u64(cursor) : rs_cursor_u32(cursor);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsDwarfFile, rs_dwarf_file_free)

#endif
