/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the separate file that has the symbols of another. No candidate is taken by its name alone:
 * its build-id is that of the file; or, where one of both has none, it has the CRC that the file's
 * .gnu_debuglink tells; or its code and unwind information are byte for byte the file's (linkers
 * give a stripped build another build-id). Must not ask the network. */
#ifndef RS_SYMBOL_DEBUG_FILE_H
#define RS_SYMBOL_DEBUG_FILE_H

#include "elf/elf_file.h"

typedef struct RsDebugPlaces RsDebugPlaces;

typedef struct {
    RsElf *elf;
    char *path;      /* to open it by */
    const char *how; /* "build-id", "debuglink", "same code" */
} RsDebugFile;

/* symbol_folders may be NULL; debug_folders NULL: /usr/lib/debug. Both are copied. */
RsDebugPlaces *rs_debug_places_new(char *const *symbol_folders, char *const *debug_folders);
void rs_debug_places_free(RsDebugPlaces *places);

/* elf NULL: the file itself is not to be had, and build_id alone decides. path: of it, as the
 * target names it. root: NULL, or tried before our own. FALSE: nothing was found. */
gboolean rs_debug_file_find(RsDebugPlaces *places, RsElf *elf, const char *path, const char *root,
                            const char *build_id, RsDebugFile *found);
void rs_debug_file_clear(RsDebugFile *file);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsDebugPlaces, rs_debug_places_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RsDebugFile, rs_debug_file_clear)

#endif
