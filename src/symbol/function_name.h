/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the linkage name of a function tells: what it is called, and in Rust whose crate and which
 * module it belongs to. Works on a string; must not know files, addresses or profiles.
 *
 * Rust v0 names are parsed from the mangled text: an impl belongs to the crate and module where it
 * is written, a method that a trait provides to the trait, drop glue to what is dropped, a shim to
 * what it calls. Legacy names and paths are read as text and have less: of two crates that are not
 * std's, the type's is taken for an impl's, and a type within a function has the function's name
 * for a module. C++ is demangled, with the types of parameters, which tell overloads apart, and has
 * no crate; anything else is itself.
 * Vendor suffixes (.llvm.N, .cold, .part.N, .isra.N, .constprop.N) are not part of the name.
 * Untrusted: any bytes give a result, in bounded time and memory; what is longer than 64 KiB ends
 * in an ellipsis. Several threads may call at once. */
#ifndef RS_SYMBOL_FUNCTION_NAME_H
#define RS_SYMBOL_FUNCTION_NAME_H

#include <glib.h>

typedef enum {
    RS_LANGUAGE_OTHER, /* C and whatever is not mangled */
    RS_LANGUAGE_RUST_V0,
    RS_LANGUAGE_RUST_LEGACY,
    RS_LANGUAGE_CXX,
} RsLanguage;

typedef enum {
    RS_FUNCTION_PLAIN,
    RS_FUNCTION_CLOSURE,
    RS_FUNCTION_DROP_GLUE, /* core::ptr::drop_in_place<T>: belongs to T's crate */
    RS_FUNCTION_SHIM,      /* made by the compiler: vtable shims, FnOnce::call_once, ... */
} RsFunctionRole;

typedef struct {
    char *name;       /* demangled; no hash, no disambiguators; {closure#n} kept; valid UTF-8 */
    char *crate_name; /* NULL: not Rust, or it cannot be told */
    char *crate_disambiguator; /* v0: tells two versions of one crate apart, in hexadecimal; NULL */
    char *module_path;         /* "json::lexer", crate included; NULL as crate_name */
    char *instantiating_crate; /* v0: where generic code was made; NULL: not told */
    RsLanguage language;
    RsFunctionRole role;
} RsFunctionName;

/* linkage_name as in a symbol table. Always gives a name. Release with rs_function_name_clear. */
void rs_function_name_parse(const char *linkage_name, RsFunctionName *out);
/* Crate and module of a Rust path as DWARF and other tools write it ("<a::B as c::D>::e"), for
 * names that are demangled already. */
void rs_function_name_parse_path(const char *path, RsFunctionName *out);
void rs_function_name_clear(RsFunctionName *name);

/* "std", "core", "alloc" and the crates of the same library. Not what std has its own copies of
 * (hashbrown, gimli): programs depend on these too; v0 code of the copies often tells itself by
 * instantiating_crate "std". */
gboolean rs_crate_is_std(const char *crate_name);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RsFunctionName, rs_function_name_clear)

#endif
