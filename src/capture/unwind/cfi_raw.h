/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The compiler of cfi.h without an ELF file around: for tests and fuzzing. */
#ifndef RS_CAPTURE_UNWIND_CFI_RAW_H
#define RS_CAPTURE_UNWIND_CFI_RAW_H

#include "capture/unwind/cfi.h"

/* The section's bytes and address, and the range of executable code. */
RsUnwindTable *rs_cfi_compile_raw(const guint8 *bytes, gsize n_bytes, guint64 vaddr,
                                  guint64 text_vaddr, guint64 n_text_bytes, gboolean is_debug_frame,
                                  RsCfiCounts *counts);

#endif
