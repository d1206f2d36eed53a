/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A function of a program, as plain data: what it is called, whose it is, where it is written, and
 * how that was found out. No I/O, no ELF, no JSON.
 *
 * Two builds have the same function when identity says so: the demangled name without hashes and
 * disambiguators, or for code without symbols the fingerprint that its name is made of. */
#ifndef RS_MODEL_FUNCTION_H
#define RS_MODEL_FUNCTION_H

#include <glib.h>

/* Where a name came from; the order in which sources are asked. */
typedef enum {
    RS_SYMBOL_NONE,       /* from nowhere: there is no name */
    RS_SYMBOL_SYMTAB,     /* the file's own .symtab */
    RS_SYMBOL_DEBUG_FILE, /* a separate file: sidecar, build-id folder, debuglink, same content */
    RS_SYMBOL_DEBUGDATA,  /* .gnu_debugdata */
    RS_SYMBOL_DEBUGINFOD,
    RS_SYMBOL_DYNSYM,
    RS_SYMBOL_DWARF,    /* an inlined function, which no symbol table has */
    RS_SYMBOL_UNWIND,   /* made from the code: stripped, but its bounds are in .eh_frame */
    RS_SYMBOL_PERF_MAP, /* told by the process's own compiler: /tmp/perf-PID.map */
    RS_SYMBOL_VDSO,
    RS_SYMBOL_KERNEL, /* /proc/kallsyms */
    RS_N_SYMBOL_SOURCES,
} RsSymbolSource;
/* "none", "symtab", "debug_file", ..., NULL */
extern const char *const rs_symbol_source_names[];
/* Whether a name of that source is one that a person gave, as against made from the code. */
gboolean rs_symbol_source_is_name(RsSymbolSource source);

/* Why a sample's innermost frame has no name. */
typedef enum {
    RS_UNNAMED_NO_STACK,      /* there was no frame to name */
    RS_UNNAMED_NO_FILE,       /* its file could not be had */
    RS_UNNAMED_OTHER_FILE,    /* there is another file of that name now */
    RS_UNNAMED_BAD_FILE,      /* its file is damaged */
    RS_UNNAMED_NO_SYMBOL,     /* its file has neither symbol nor unwind information there */
    RS_UNNAMED_JIT,           /* generated code without a map */
    RS_UNNAMED_KERNEL_HIDDEN, /* the kernel does not tell its symbols */
    RS_UNNAMED_UNMAPPED,      /* memory that no file is known for */
    RS_N_UNNAMED,
} RsUnnamed;
extern const char *const rs_unnamed_names[]; /* "no_stack", "no_file", ..., NULL */

/* Whose code it is. */
typedef enum {
    RS_CRATE_UNKNOWN,
    RS_CRATE_OWN,        /* of the program under test, or of its workspace */
    RS_CRATE_DEPENDENCY, /* a crate from a registry, a vendored one, a shared library */
    RS_CRATE_STD,        /* std, core, alloc, and what is shipped with them */
    RS_CRATE_RUNTIME,    /* C library, loader, vdso, start-up code */
    RS_CRATE_KERNEL,
    RS_N_CRATE_KINDS,
} RsCrateKind;
extern const char *const rs_crate_kind_names[]; /* "unknown", "own", ..., NULL */

/* Times in ns over the whole session; -1: not told. */
typedef struct {
    char *name;             /* demangled, without hash: identity and what is shown */
    char *linkage_name;     /* as the file has it; NULL: the same, or not told */
    char *crate_name;       /* NULL: no crate, or not known */
    char *module_path;      /* "json::lexer", of the source, with the crate; NULL: not known */
    char *file;             /* of its declaration; relative where the repository is known; NULL */
    gint64 line, last_line; /* first and last line of its code in file; -1: not told */
    gint32 module;          /* of the profile; -1: not told */
    RsCrateKind crate_kind;
    RsSymbolSource source;
    gboolean is_inline; /* was seen inlined only: it has no code of its own */
    gint64 self_ns, total_ns, n_samples, n_calls;
    char *extra_json;
} RsFunction;

RsFunction *rs_function_new(const char *name);
void rs_function_free(RsFunction *function);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsFunction, rs_function_free)

#endif
