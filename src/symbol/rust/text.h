/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rust paths as text, and the legacy mangling that is a path with escapes. Must not know v0.
 * Source of the escapes and the hash: rustc's legacy symbol mangling
 * (doc.rust-lang.org/rustc/symbol-mangling/index.html). */
#ifndef RS_SYMBOL_RUST_TEXT_H
#define RS_SYMBOL_RUST_TEXT_H

#include <glib.h>

#include "symbol/function_name.h"

/* Crate, module and role by the text of a path. is_declared: generic impls stand there as they are
 * written (legacy: "<Vec<T> as Drop>"), not as they are used (DWARF: "<Vec<own::T> as Drop>"). */
void rs_rust_text_find_home(const char *path, gboolean is_declared, RsFunctionName *out);
/* "{impl#3}" -> "{impl}": the number changes with every impl that is written before it. In place.
 */
void rs_rust_text_normalize(char *path);

/* text: after "_ZN". FALSE: it has no hash of rustc's, or is damaged. n_used: bytes up to the
 * suffix. */
gboolean rs_rust_legacy_parse(const char *text, gsize n_bytes, RsFunctionName *out, gsize *n_used);

#endif
