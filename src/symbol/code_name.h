/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names for functions of stripped files, from their code: the same in two builds where the code is
 * the same, wherever the linker put it. Must not know where files come from. */
#ifndef RS_SYMBOL_CODE_NAME_H
#define RS_SYMBOL_CODE_NAME_H

#include <glib.h>

#include "elf/elf_file.h"
#include "symbol/code_bounds.h"

/* Hash of the instructions of a function without what the linker decides: branch targets outside of
 * it, addresses, displacements relative to the instruction, places in thread-local storage. FALSE:
 * the code cannot be read or decoded. */
gboolean rs_code_fingerprint(const RsElf *elf, guint64 start, guint64 n_bytes,
                             guint64 *fingerprint);
/* "fn_4f2a91c06d1e" by fingerprint; "fn_at_1a2b30" where there is none. Yours. */
char *rs_code_name(const RsElf *elf, guint64 start, guint64 n_bytes);
/* Hash of what identical code shares in stripped and unstripped files: .text and .eh_frame. FALSE:
 * it has no .text. */
gboolean rs_code_content_hash(RsElf *elf, guint64 *hash);

#endif
