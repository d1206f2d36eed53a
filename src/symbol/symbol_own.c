/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which crate and which sources are the program's: those of its main function, which Rust calls
 * "<crate>::main" in either mangling ("..3app4main", "..3app4main17h0123456789abcdefE"). */
#include "symbol/symbol_module.h"

#include <string.h>

#include "symbol/function_name.h"

#define NAME_LIMIT_BYTES 400
#define HITS_LIMIT       100000

/* The name that at lies in: from behind the NUL before it. NULL: too long to be one. */
static const char *name_around(const char *names, const char *at)
{
    const char *lowest = at - names > NAME_LIMIT_BYTES ? at - NAME_LIMIT_BYTES : names;

    for (const char *begin = at; begin > lowest; begin--)
        if (!begin[-1])
            return begin;
    return lowest == names ? names : NULL;
}

static gboolean is_main_name(const char *name, char **crate_name)
{
    g_auto(RsFunctionName) parsed = {0};
    gsize n;

    if (!g_str_has_prefix(name, "_RNvC") && !g_str_has_prefix(name, "_ZN"))
        return FALSE;
    rs_function_name_parse(name, &parsed);
    if (!parsed.crate_name || rs_crate_is_std(parsed.crate_name))
        return FALSE;
    n = strlen(parsed.crate_name);
    if (strncmp(parsed.name, parsed.crate_name, n) != 0 || !g_str_equal(parsed.name + n, "::main"))
        return FALSE;
    *crate_name = g_steal_pointer(&parsed.crate_name);
    return TRUE;
}

/* The linkage name of Rust's main function in a table, and its crate. NULL: none. Yours. */
static char *find_rust_main(const RsSymbolTable *table, char **crate_name)
{
    static const char *const endings[] = {"4main", "4main17h"};
    gsize n_bytes;
    const char *names = rs_symbol_table_strings(table, &n_bytes);
    const char *at = names, *end = names + n_bytes;

    for (guint i = 0; i < HITS_LIMIT; i++) {
        g_autofree char *name = NULL;
        const char *begin;
        gsize n;

        at = memmem(at, (gsize)(end - at), endings[0], strlen(endings[0]));
        if (!at)
            return NULL;
        begin = name_around(names, at);
        n = begin ? strnlen(begin, MIN((gsize)(end - begin), NAME_LIMIT_BYTES)) : 0;
        at += strlen(endings[0]);
        if (!begin)
            continue;
        name = g_strndup(begin, n);
        if ((g_str_has_suffix(name, endings[0]) || strstr(name, endings[1])) &&
            is_main_name(name, crate_name))
            return g_steal_pointer(&name);
    }
    return NULL;
}

static gboolean has_rust(const RsSymbolTable *table)
{
    static const char *const marks[] = {"rust_begin_short_backtrace", "rust_eh_personality"};
    gsize n_bytes;
    const char *names = rs_symbol_table_strings(table, &n_bytes);

    for (guint i = 0; i < G_N_ELEMENTS(marks); i++)
        if (memmem(names, n_bytes, marks[i], strlen(marks[i])))
            return TRUE;
    return FALSE;
}

/* Where main is written tells which sources are the program's. */
static void learn_sources(RsSymbolModule *module, const RsSymbolTable *table, const char *name)
{
    RsDebugFrame frames[8];
    guint64 start;
    guint n;

    if (!rs_symbol_table_find_name(table, name, &start))
        return;
    rs_symbol_module_open_debug(module);
    n = module->debug_info
            ? rs_debug_info_lookup(module->debug_info, start, frames, G_N_ELEMENTS(frames))
            : 0;
    if (n && frames[n - 1].file)
        rs_own_code_add_main_file(module->symbolizer->own, frames[n - 1].file);
}

static void learn(RsSymbolModule *module)
{
    g_autofree char *main_name = NULL, *crate_name = NULL;
    RsOwnCode *own = module->symbolizer->own;
    const RsSymbolTable *table;

    module->is_main = TRUE;
    if (module->path)
        rs_own_code_add_executable(own, module->path);
    rs_symbol_module_open(module);
    if (!module->n_tables)
        return;
    table = module->tables[0].table;
    main_name = find_rust_main(table, &crate_name);
    module->is_rust_main = main_name || has_rust(table);
    if (crate_name)
        rs_own_code_add_crate(own, crate_name);
    learn_sources(module, table, main_name ? main_name : "main");
}

void rs_symbol_module_learn_own(RsSymbolModule *module)
{
    const GPtrArray *modules = module->symbolizer->modules;

    if (module->is_main || module->kind != RS_MODULE_FILE)
        return;
    learn(module);
    for (guint i = 0; i < modules->len; i++)
        rs_symbol_records_judge_again(g_ptr_array_index(modules, i));
}
