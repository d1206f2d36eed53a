/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One module as the symbolizer sees it: the files that were found for it, the tables in them in the
 * order in which they are asked, and the functions that were looked up already. Inside of the
 * symbolizer only. */
#ifndef RS_SYMBOL_SYMBOL_MODULE_H
#define RS_SYMBOL_SYMBOL_MODULE_H

#include "symbol/address_map.h"
#include "symbol/code_name.h"
#include "symbol/crate_kind.h"
#include "symbol/debug_file.h"
#include "symbol/debug_info.h"
#include "symbol/debuginfod.h"
#include "symbol/plt.h"
#include "symbol/symbol_table.h"
#include "symbol/symbolizer.h"

/* A function that was looked up. Never changes its place. */
typedef struct {
    char *name, *linkage_name, *crate_name, *module_path; /* linkage_name NULL: the same as name */
    char *instantiating_crate;
    guint64 start;    /* of its code; of use where a symbol table has it */
    const char *file; /* of the RsDebugInfo */
    gint64 line, last_line;
    RsCrateKind crate_kind;
    RsSymbolSource source;
    gboolean is_inline;
    gboolean is_placed; /* DWARF was asked for file and line */
    /* What DWARF calls it; the key of inlined functions. */
    const char *debug_name, *debug_file;
    guint32 debug_line;
} RsSymbolRecord;

typedef struct {
    RsSymbolTable *table;
    RsSymbolSource source;
    RsSymbolRecord **records; /* of each symbol; NULL: not looked up yet */
} RsModuleTable;

#define RS_MODULE_TABLES 2 /* one with everything, and .dynsym */

struct RsSymbolModule {
    RsSymbolizer *symbolizer;
    RsSymbolModuleInfo asked; /* what it was made from; text is its own */
    RsModuleKind kind;
    char *path, *build_id, *root;
    gint64 n_bytes;
    gint32 process_id;
    gboolean is_main, is_rust_main;

    gboolean is_opened, is_late_opened, is_debug_opened, is_searched;
    RsUnnamed why; /* an address that nothing is found for has no name */
    char *opened_path;
    RsElf *elf;     /* NULL: not to be had */
    RsElf *own_elf; /* elf, where it is ours to free */
    RsDebugFile debug_file;
    RsElf *debugdata, *debuginfod;
    char *debuginfod_path;

    RsModuleTable tables[RS_MODULE_TABLES];
    guint n_tables;
    RsPlt *plt;
    RsCodeBounds *bounds;
    RsAddressMap *map; /* own_map, or the kernel's */
    RsAddressMap *own_map;
    char *map_state; /* of the file that own_map was read from: device, inode, size and time */
    RsDebugInfo *debug_info;
    const char *debug_info_path; /* of the file that has it */
    GHashTable *by_start;        /* RsSymbolRecord of functions that no table has, by address */
    GHashTable *inlined;         /* RsSymbolRecord by what DWARF calls it */
    GPtrArray *records;          /* all of them */
};

struct RsSymbolizer {
    RsDebugPlaces *places;
    RsDebuginfod *debuginfod; /* NULL: not allowed */
    RsOwnCode *own;
    gboolean no_inlines;
    GPtrArray *modules;  /* RsSymbolModule */
    GHashTable *by_info; /* the same, by what they were made from */
    gboolean is_kernel_read;
    RsAddressMap *kernel; /* NULL: hidden, or not to be read */
    /* Why frames of the profile that was symbolized last have no name: RsUnnamed of each frame. */
    const RsProfile *profile;
    GByteArray *whys;
};

RsSymbolModule *rs_symbol_module_new(RsSymbolizer *symbolizer, const RsSymbolModuleInfo *info);
void rs_symbol_module_free(RsSymbolModule *module);
guint rs_symbol_module_info_hash(gconstpointer info);
gboolean rs_symbol_module_info_equal(gconstpointer a, gconstpointer b);
/* A JIT compiler goes on writing its map: it is read again at the next lookup, if it has changed.
 */
void rs_symbol_module_renew(RsSymbolModule *module);
/* Files and tables of names; what has been done is not done again. */
void rs_symbol_module_open(RsSymbolModule *module);
/* What is only needed where the first table has no name: .dynsym, stubs, bounds of the code. */
void rs_symbol_module_open_late(RsSymbolModule *module);
/* DWARF. */
void rs_symbol_module_open_debug(RsSymbolModule *module);
/* Finds out which crates and which sources are those of a program under test. */
void rs_symbol_module_learn_own(RsSymbolModule *module);

/* The function that has the code at address; NULL: none. */
RsSymbolRecord *rs_symbol_record_find(RsSymbolModule *module, guint64 address, guint64 *start);
/* The record of what DWARF tells of a function. */
RsSymbolRecord *rs_symbol_record_of_frame(RsSymbolModule *module, const RsDebugFrame *frame);
/* File and lines from DWARF, once. frame NULL: of no function that DWARF knows. */
void rs_symbol_record_place(RsSymbolModule *module, RsSymbolRecord *record, guint64 start,
                            const RsDebugFrame *frame);
/* After more became known of which code is the program's own. */
void rs_symbol_records_judge_again(RsSymbolModule *module);
void rs_symbol_record_free(gpointer record);
guint rs_symbol_record_hash(gconstpointer record);
gboolean rs_symbol_record_equal(gconstpointer a, gconstpointer b);

#endif
