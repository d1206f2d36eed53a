/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whose code a function is: of the program under test, of what it depends on, of Rust's own
 * libraries, of the C runtime, of the kernel. A judgement from names and paths of sources; must not
 * know ELF, DWARF or profiles. */
#ifndef RS_SYMBOL_CRATE_KIND_H
#define RS_SYMBOL_CRATE_KIND_H

#include "model/profile.h"

typedef struct RsOwnCode RsOwnCode; /* what is known of the programs under test */

RsOwnCode *rs_own_code_new(void);
void rs_own_code_free(RsOwnCode *own);
/* A crate that is the program's: that of its main function. */
void rs_own_code_add_crate(RsOwnCode *own, const char *crate_name);
/* The crate that is called like the executable: "/x/deps/log-stat-0123456789abcdef": log_stat. */
void rs_own_code_add_executable(RsOwnCode *own, const char *path);
/* The source of its main function: what lies in the same package, or beside it, is the program's.
 */
void rs_own_code_add_main_file(RsOwnCode *own, const char *file);

typedef struct {
    RsModuleKind module_kind;
    const char *module_path;
    gboolean is_main;      /* the module is a program under test ... */
    gboolean is_rust_main; /* ... and has Rust code */
    RsSymbolSource source;
    const char *name, *crate_name, *file; /* the last two: NULL: not known */
    const char *instantiating_crate;      /* of generic code; NULL: not known */
} RsCodeOrigin;

/* A crate of which a function's source proves it to be the program's is remembered as such. */
RsCrateKind rs_own_code_judge(RsOwnCode *own, const RsCodeOrigin *origin);
/* Whether the crate is the program's, as far as is known by now. */
gboolean rs_own_code_has_crate(const RsOwnCode *own, const char *crate_name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsOwnCode, rs_own_code_free)

#endif
