/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the functions of a file begin and end, as its call frame information tells: .eh_frame,
 * which stripped files keep, and .debug_frame. Must not know names. */
#ifndef RS_SYMBOL_CODE_BOUNDS_H
#define RS_SYMBOL_CODE_BOUNDS_H

#include <glib.h>

#include "elf/elf_file.h"

typedef struct RsCodeBounds RsCodeBounds;

/* elf is borrowed and must outlive it. Never NULL; empty where nothing is told. */
RsCodeBounds *rs_code_bounds_new(RsElf *elf);
void rs_code_bounds_free(RsCodeBounds *bounds);
guint rs_code_bounds_n(const RsCodeBounds *bounds);
/* The i-th by address, i < rs_code_bounds_n(). */
void rs_code_bounds_at(const RsCodeBounds *bounds, guint i, guint64 *start, guint64 *n_bytes);
gboolean rs_code_bounds_find(const RsCodeBounds *bounds, guint64 vaddr, guint64 *start,
                             guint64 *n_bytes);
/* A short piece of a section's code around vaddr that no function is told of: _init, _fini and what
 * else the compiler's start files bring along. FALSE: vaddr is of a function, or in no such piece.
 */
gboolean rs_code_bounds_find_gap(const RsCodeBounds *bounds, guint64 vaddr, guint64 *start,
                                 guint64 *n_bytes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsCodeBounds, rs_code_bounds_free)

#endif
