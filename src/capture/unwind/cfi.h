/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compiles call frame information (.eh_frame, .debug_frame) into a compact table. Untrusted input:
 * lengths, nesting and counts are bounded; what cannot be read is left out and counted. */
#ifndef RS_CAPTURE_UNWIND_CFI_H
#define RS_CAPTURE_UNWIND_CFI_H

#include "capture/unwind/table.h"
#include "elf/elf_file.h"

typedef struct {
    gsize n_fdes, n_damaged, n_slow_rows, n_rows;
} RsCfiCounts;

/* The table of a file: .eh_frame, and functions that only .debug_frame knows. NULL when it has
 * neither, or no function in them. counts may be NULL.
 * Source: DWARF 5, section 6.4; Linux Standard Base 5.0, section 10.6 (.eh_frame). */
RsUnwindTable *rs_cfi_compile(RsElf *elf, RsCfiCounts *counts);

#endif
