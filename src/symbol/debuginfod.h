/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Debug files from debuginfod servers, by build-id. The only part of the symbolizer that uses the
 * network, and only when it is asked; what it asks for leaves the machine. An answer, "none" too,
 * is kept; servers that do not answer in time are not asked again. */
#ifndef RS_SYMBOL_DEBUGINFOD_H
#define RS_SYMBOL_DEBUGINFOD_H

#include "elf/elf_file.h"

typedef struct RsDebuginfod RsDebuginfod;

/* urls: separated by spaces; NULL: DEBUGINFOD_URLS. timeout_s: for one file, all in all; 0: 30.
 * Nothing is asked yet. */
RsDebuginfod *rs_debuginfod_new(const char *urls, guint timeout_s);
void rs_debuginfod_free(RsDebuginfod *debuginfod);

/* The debug file of that build-id, which is checked; path: where it lies now, yours. Yours. NULL:
 * no server has it, there is no server, or it took too long. The environment is changed for the
 * time of the call: no other thread may read it meanwhile. */
RsElf *rs_debuginfod_find(RsDebuginfod *debuginfod, const char *build_id, char **path);
/* Why nothing more is asked, for people; NULL: it is. */
const char *rs_debuginfod_failure(const RsDebuginfod *debuginfod);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsDebuginfod, rs_debuginfod_free)

#endif
