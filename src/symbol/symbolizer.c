/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "symbol/symbolizer.h"

#include "symbol/symbol_module.h"

#define FRAMES_LIMIT RS_PROFILE_MAX_FRAME_LINES

RsSymbolizer *rs_symbolizer_new(const RsSymbolOptions *options)
{
    const RsSymbolOptions defaults = {0};
    RsSymbolizer *symbolizer = g_new0(RsSymbolizer, 1);

    if (!options)
        options = &defaults;
    symbolizer->places = rs_debug_places_new(options->symbol_folders, options->debug_folders);
    if (options->use_debuginfod)
        symbolizer->debuginfod =
            rs_debuginfod_new(options->debuginfod_urls, options->debuginfod_timeout_s);
    symbolizer->own = rs_own_code_new();
    symbolizer->no_inlines = options->no_inlines;
    symbolizer->modules = g_ptr_array_new_with_free_func((GDestroyNotify)rs_symbol_module_free);
    symbolizer->by_info = g_hash_table_new(rs_symbol_module_info_hash, rs_symbol_module_info_equal);
    symbolizer->whys = g_byte_array_new();
    return symbolizer;
}

void rs_symbolizer_free(RsSymbolizer *symbolizer)
{
    if (!symbolizer)
        return;
    g_hash_table_unref(symbolizer->by_info);
    g_ptr_array_unref(symbolizer->modules);
    rs_address_map_free(symbolizer->kernel);
    rs_debug_places_free(symbolizer->places);
    rs_debuginfod_free(symbolizer->debuginfod);
    rs_own_code_free(symbolizer->own);
    g_byte_array_unref(symbolizer->whys);
    g_free(symbolizer);
}

RsSymbolModule *rs_symbolizer_add(RsSymbolizer *symbolizer, const RsSymbolModuleInfo *info)
{
    RsSymbolModule *module = g_hash_table_lookup(symbolizer->by_info, info);

    if (module) {
        rs_symbol_module_renew(module);
        return module;
    }
    module = rs_symbol_module_new(symbolizer, info);
    g_ptr_array_add(symbolizer->modules, module);
    g_hash_table_insert(symbolizer->by_info, &module->asked, module);
    return module;
}

void rs_symbol_module_set_main(RsSymbolModule *module)
{
    rs_symbol_module_learn_own(module);
}

const char *rs_symbol_module_name(RsSymbolModule *module, guint64 address, guint64 *start)
{
    guint64 begin;
    const RsSymbolRecord *record = rs_symbol_record_find(module, address, &begin);

    if (!record)
        return NULL;
    if (start)
        *start = begin;
    return record->name;
}

static void fill(RsSymbol *symbol, const RsSymbolRecord *record, guint32 at_line)
{
    *symbol = (RsSymbol){
        .name = record->name,
        .linkage_name = record->linkage_name,
        .crate_name = record->crate_name,
        .module_path = record->module_path,
        .file = record->file,
        .line = record->line,
        .last_line = record->last_line,
        .at_line = at_line,
        .crate_kind = record->crate_kind,
        .source = record->source,
        .is_inline = record->is_inline,
    };
}

/* The function that has the code: what a symbol table calls it, rather than DWARF; but DWARF rather
 * than a name that was made from the code. */
static const RsSymbolRecord *outer_function(RsSymbolModule *module, guint64 address,
                                            const RsDebugFrame *frame)
{
    guint64 start = address;
    RsSymbolRecord *record = rs_symbol_record_find(module, address, &start);
    RsSymbolRecord *told = NULL;

    if (frame && (!record || record->source == RS_SYMBOL_UNWIND))
        told = rs_symbol_record_of_frame(module, frame);
    if (told)
        return told;
    if (record && module->debug_info)
        rs_symbol_record_place(module, record, start, frame);
    return record;
}

guint rs_symbol_module_lookup(RsSymbolModule *module, guint64 address, RsSymbol *symbols,
                              guint n_max, RsUnnamed *why)
{
    RsDebugFrame frames[FRAMES_LIMIT];
    const RsSymbolRecord *outer;
    guint n_frames = 0, n = 0;
    guint32 at_line = 0;

    rs_symbol_module_open(module);
    rs_symbol_module_open_debug(module);
    if (module->debug_info)
        n_frames =
            rs_debug_info_lookup(module->debug_info, address, frames, MIN(n_max, FRAMES_LIMIT));
    outer = outer_function(module, address, n_frames ? &frames[n_frames - 1] : NULL);
    if (!outer) {
        *why = module->why;
        return 0;
    }
    for (guint i = 0; i + 1 < n_frames; i++) {
        const RsSymbolRecord *record = rs_symbol_record_of_frame(module, &frames[i]);

        if (record)
            fill(&symbols[n++], record, frames[i].at_line);
    }
    if (n_frames)
        at_line = frames[n_frames - 1].at_line;
    else if (module->debug_info)
        rs_debug_info_line(module->debug_info, address, &(const char *){NULL}, &at_line);
    fill(&symbols[n++], outer, at_line);
    return n;
}
