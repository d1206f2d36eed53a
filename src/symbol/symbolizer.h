/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Address -> functions, by the chain of sources of the spec (section 7): for each module the first
 * source that has the address gives its name, and DWARF, where there is any, what was inlined
 * there. Works when the process is gone: on files that were pinned, or on what is found at their
 * paths and by their build-ids, which is checked. The network is asked only where options say so.
 * Must not know samples being taken. One thread. */
#ifndef RS_SYMBOL_SYMBOLIZER_H
#define RS_SYMBOL_SYMBOLIZER_H

#include <glib.h>

#include "elf/elf_file.h"
#include "model/profile.h"

typedef struct {
    char **symbol_folders;   /* looked through for debug files first; NULL-ended; NULL: none */
    char **debug_folders;    /* NULL: /usr/lib/debug */
    gboolean use_debuginfod; /* FALSE: the network is never asked, whatever the environment says */
    const char *debuginfod_urls; /* NULL: DEBUGINFOD_URLS */
    guint debuginfod_timeout_s;  /* for one file, all in all; 0: 30 */
    gboolean no_inlines;         /* names from symbol tables alone: faster */
} RsSymbolOptions;

/* What is to be named. Everything but kind and path may be missing. */
typedef struct {
    RsModuleKind kind;
    const char *path;     /* as the target names it */
    const char *build_id; /* lower-case hex; NULL: none is known */
    gint64 n_bytes;       /* of the file; -1: not told */
    RsElf *elf;           /* pinned; borrowed, must outlive the symbolizer; NULL: open path */
    const char *root;     /* the target's root ("/proc/42/root"), tried before our own; NULL */
    gint32 process_id;    /* as the target itself counts, for perf-PID.map; 0: not told */
} RsSymbolModuleInfo;

/* A function at an address; text is borrowed from the symbolizer. */
typedef struct {
    const char *name, *linkage_name, *crate_name, *module_path,
        *file;              /* name alone is never NULL */
    gint64 line, last_line; /* of the function's declaration and end; -1 */
    guint32 at_line;        /* 0: not told */
    RsCrateKind crate_kind;
    RsSymbolSource source;
    gboolean is_inline;
} RsSymbol;

typedef struct RsSymbolizer RsSymbolizer;
typedef struct RsSymbolModule RsSymbolModule;

RsSymbolizer *rs_symbolizer_new(const RsSymbolOptions *options); /* borrowed, NULL: defaults */
void rs_symbolizer_free(RsSymbolizer *symbolizer);

/* Owned by the symbolizer; files are opened at the first lookup. What was added before is the same
 * module again, with what has been read of it. */
RsSymbolModule *rs_symbolizer_add(RsSymbolizer *symbolizer, const RsSymbolModuleInfo *info);

/* What is at address, innermost inlined function first; 0: no name, and why. n_max >= 1. */
guint rs_symbol_module_lookup(RsSymbolModule *module, guint64 address, RsSymbol *symbols,
                              guint n_max, RsUnnamed *why);
/* Name alone, without DWARF: cheap enough for a live list. NULL: none. */
const char *rs_symbol_module_name(RsSymbolModule *module, guint64 address, guint64 *start);
/* What was found for it, for people: "debug file /usr/lib/debug/.build-id/ab/cd.debug, DWARF 5".
 * Yours. */
char *rs_symbol_module_sources(RsSymbolModule *module);

/* The pinned file of a module of the profile, and the root it was seen in; fills what it knows. */
typedef void (*RsSymbolPinned)(const RsProfileModule *module, RsSymbolModuleInfo *info,
                               gpointer data);
/* The module is a program under test: the crate of its main function, that which is called like it,
 * and what lies beside the source of its main function are "own". What was looked up before is
 * judged again; a RsSymbol that was filled before is not.
 */
void rs_symbol_module_set_main(RsSymbolModule *module);

/* Called now and then. */
typedef void (*RsSymbolProgress)(guint n_done, guint n_frames, gpointer data);

/* Gives every frame of the profile that has none its lines, and the diagnostics their counts.
 * main_modules: indices of the profile's modules that are the programs under test, whose crates are
 * "own"; pinned and progress may be NULL. */
void rs_symbolize_profile(RsSymbolizer *symbolizer, RsProfile *profile, const guint32 *main_modules,
                          guint n_main_modules, RsSymbolPinned pinned, RsSymbolProgress progress,
                          gpointer data);

/* Counts samples that the profile itself does not have, as diagnostics do: n_by_stack[i] samples
 * had the profile's stack i, n_without had none. Sets n_symbolized_samples, n_unknown_symbols,
 * n_by_source and n_unnamed of diagnostics and nothing else. profile was given to
 * rs_symbolize_profile last, else frames without lines count as the kind of their module suggests;
 * n_stacks: at most the profile's. */
void rs_symbolize_count(RsSymbolizer *symbolizer, const RsProfile *profile,
                        const gint64 *n_by_stack, guint n_stacks, gint64 n_without,
                        RsDiagnostics *diagnostics);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsSymbolizer, rs_symbolizer_free)

#endif
