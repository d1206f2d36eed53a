/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names are made sense of once for each function and kept. */
#include "symbol/symbol_module.h"

#include <string.h>

#include "symbol/function_name.h"

#define NAME_LIMIT_BYTES 65536

void rs_symbol_record_free(gpointer data)
{
    RsSymbolRecord *record = data;

    g_free(record->name);
    g_free(record->linkage_name);
    g_free(record->crate_name);
    g_free(record->module_path);
    g_free(record->instantiating_crate);
    g_free(record);
}

/* Text of an RsDebugInfo stays where it is, so places stand for texts; that one text may lie in two
 * places costs a second record. */
guint rs_symbol_record_hash(gconstpointer data)
{
    const RsSymbolRecord *record = data;

    return g_direct_hash(record->debug_name) * 31 + g_direct_hash(record->debug_file) * 17 +
           record->debug_line;
}

gboolean rs_symbol_record_equal(gconstpointer a, gconstpointer b)
{
    const RsSymbolRecord *left = a, *right = b;

    return left->debug_name == right->debug_name && left->debug_file == right->debug_file &&
           left->debug_line == right->debug_line;
}

static void judge(RsSymbolModule *module, RsSymbolRecord *record)
{
    RsCodeOrigin origin = {
        .module_kind = module->kind,
        .module_path = module->path,
        .is_main = module->is_main,
        .is_rust_main = module->is_rust_main,
        .source = record->source,
        .name = record->name,
        .crate_name = record->crate_name,
        .file = record->file,
        .instantiating_crate = record->instantiating_crate,
    };

    record->crate_kind = rs_own_code_judge(module->symbolizer->own, &origin);
}

void rs_symbol_records_judge_again(RsSymbolModule *module)
{
    for (guint i = 0; i < module->records->len; i++)
        judge(module, g_ptr_array_index(module->records, i));
}

/* From a name that is parsed; takes what parsed has. */
static RsSymbolRecord *add_record(RsSymbolModule *module, RsFunctionName *parsed,
                                  const char *linkage_name, RsSymbolSource source)
{
    RsSymbolRecord *record = g_new0(RsSymbolRecord, 1);

    record->name = g_steal_pointer(&parsed->name);
    record->crate_name = g_steal_pointer(&parsed->crate_name);
    record->module_path = g_steal_pointer(&parsed->module_path);
    record->instantiating_crate = g_steal_pointer(&parsed->instantiating_crate);
    if (linkage_name && !g_str_equal(linkage_name, record->name) &&
        g_utf8_validate(linkage_name, -1, NULL))
        record->linkage_name = g_strdup(linkage_name);
    record->line = record->last_line = -1;
    record->source = source;
    judge(module, record);
    g_ptr_array_add(module->records, record);
    return record;
}

/* n_bytes of name; a version behind the name of a symbol ("memcpy@@GLIBC_2.14") is not part of it.
 */
static RsSymbolRecord *record_of_symbol(RsSymbolModule *module, const char *name, gsize n_bytes,
                                        RsSymbolSource source)
{
    g_autofree char *linkage_name = g_strndup(name, MIN(n_bytes, NAME_LIMIT_BYTES));
    g_auto(RsFunctionName) parsed = {0};
    char *at = strchr(linkage_name, '@');

    if (at && at != linkage_name && !g_str_equal(at, "@plt"))
        *at = '\0';
    rs_function_name_parse(linkage_name, &parsed);
    return add_record(module, &parsed, linkage_name, source);
}

/* A name that is for people already. */
static RsSymbolRecord *record_of_text(RsSymbolModule *module, const char *name,
                                      RsSymbolSource source)
{
    g_auto(RsFunctionName) parsed = {.name = g_utf8_make_valid(name, -1)};

    return add_record(module, &parsed, NULL, source);
}

/* --- by address --- */

/* NULL: its name is none. */
static RsSymbolRecord *record_in_table(RsSymbolModule *module, RsModuleTable *table, guint index)
{
    RsTableSymbol symbol;
    RsSymbolRecord *record;

    if (!rs_symbol_table_get(table->table, index, &symbol))
        return NULL;
    record = record_of_symbol(module, symbol.name, symbol.n_name_bytes, table->source);
    record->start = symbol.start;
    table->records[index] = record;
    return record;
}

static RsSymbolRecord *in_tables(RsSymbolModule *module, guint64 address, guint64 *start)
{
    for (guint i = 0; i < module->n_tables; i++) {
        RsModuleTable *table = &module->tables[i];
        RsSymbolRecord *record;
        guint index;

        if (!rs_symbol_table_index(table->table, address, &index))
            continue;
        record = table->records[index];
        if (G_UNLIKELY(!record))
            record = record_in_table(module, table, index);
        if (G_LIKELY(record)) {
            *start = record->start;
            return record;
        }
    }
    return NULL;
}

static RsSymbolRecord *known_at(RsSymbolModule *module, guint64 start)
{
    return g_hash_table_lookup(module->by_start, &start);
}

static RsSymbolRecord *keep_at(RsSymbolModule *module, guint64 start, RsSymbolRecord *record)
{
    g_hash_table_insert(module->by_start, g_memdup2(&start, sizeof start), record);
    return record;
}

static RsSymbolRecord *in_map(RsSymbolModule *module, guint64 address, guint64 *start)
{
    const char *name = module->map ? rs_address_map_find(module->map, address, start) : NULL;
    RsSymbolRecord *record;

    if (!name)
        return NULL;
    record = known_at(module, *start);
    if (record)
        return record;
    return keep_at(
        module, *start,
        record_of_symbol(module, name, strlen(name),
                         module->kind == RS_MODULE_KERNEL ? RS_SYMBOL_KERNEL : RS_SYMBOL_PERF_MAP));
}

/* Stubs and functions that have bounds alone. */
static RsSymbolRecord *in_code(RsSymbolModule *module, guint64 address, guint64 *start)
{
    const char *stub = module->plt ? rs_plt_find(module->plt, address, start) : NULL;
    g_autofree char *name = NULL;
    RsSymbolRecord *record;
    guint64 n_bytes;

    if (!stub &&
        (!module->bounds || !(rs_code_bounds_find(module->bounds, address, start, &n_bytes) ||
                              rs_code_bounds_find_gap(module->bounds, address, start, &n_bytes))))
        return NULL;
    record = known_at(module, *start);
    if (record)
        return record;
    if (stub)
        return keep_at(module, *start, record_of_text(module, stub, RS_SYMBOL_DYNSYM));
    name = rs_code_name(module->elf, *start, n_bytes);
    return keep_at(module, *start, record_of_text(module, name, RS_SYMBOL_UNWIND));
}

RsSymbolRecord *rs_symbol_record_find(RsSymbolModule *module, guint64 address, guint64 *start)
{
    RsSymbolRecord *record;

    if (G_UNLIKELY(!module->is_opened))
        rs_symbol_module_open(module);
    record = in_tables(module, address, start);
    if (G_LIKELY(record))
        return record;
    record = in_map(module, address, start);
    if (record)
        return record;
    if (!module->is_late_opened) {
        rs_symbol_module_open_late(module);
        record = in_tables(module, address, start);
    }
    return record ? record : in_code(module, address, start);
}

/* --- what DWARF tells --- */

static void set_lines(RsSymbolRecord *record, const char *file, guint32 line, guint32 last_line)
{
    record->file = file && g_utf8_validate(file, -1, NULL) ? file : NULL;
    record->line = line ? (gint64)line : -1;
    record->last_line = last_line ? (gint64)last_line : -1;
}

RsSymbolRecord *rs_symbol_record_of_frame(RsSymbolModule *module, const RsDebugFrame *frame)
{
    RsSymbolRecord key = {
        .debug_name = frame->linkage_name ? frame->linkage_name : frame->name,
        .debug_file = frame->file,
        .debug_line = frame->line,
    };
    RsSymbolRecord *record = g_hash_table_lookup(module->inlined, &key);
    g_auto(RsFunctionName) parsed = {0};

    if (record || !key.debug_name)
        return record;
    if (frame->linkage_name || !strstr(frame->name, "::"))
        rs_function_name_parse(key.debug_name, &parsed);
    else
        rs_function_name_parse_path(frame->name, &parsed);
    record = add_record(module, &parsed, frame->linkage_name, RS_SYMBOL_DWARF);
    record->debug_name = key.debug_name;
    record->debug_file = key.debug_file;
    record->debug_line = key.debug_line;
    record->is_inline = frame->is_inline;
    record->is_placed = TRUE;
    set_lines(record, frame->file, frame->line, frame->last_line);
    judge(module, record);
    g_hash_table_add(module->inlined, record);
    return record;
}

/* Whether what DWARF calls a function is the symbol: several functions of the same code share one
 * address, and DWARF tells one of them. Names of C differ where the function has aliases. */
static gboolean is_same_function(const RsSymbolRecord *record, const RsDebugFrame *frame)
{
    const char *symbol = record->linkage_name ? record->linkage_name : record->name;
    g_auto(RsFunctionName) parsed = {0};
    gsize n;

    if (!frame->linkage_name)
        return TRUE;
    n = strlen(frame->linkage_name);
    if (strncmp(symbol, frame->linkage_name, n) == 0 && (!symbol[n] || symbol[n] == '.'))
        return TRUE;
    rs_function_name_parse(frame->linkage_name, &parsed);
    return g_str_equal(parsed.name, record->name);
}

void rs_symbol_record_place(RsSymbolModule *module, RsSymbolRecord *record, guint64 start,
                            const RsDebugFrame *frame)
{
    const char *file;
    guint32 line;

    if (record->is_placed)
        return;
    record->is_placed = TRUE;
    if (frame && is_same_function(record, frame)) {
        set_lines(record, frame->file, frame->line, frame->last_line);
    } else if (!frame && rs_debug_info_line(module->debug_info, start, &file, &line)) {
        set_lines(record, file, line, 0); /* code begins where the function is declared */
    }
    judge(module, record);
}
