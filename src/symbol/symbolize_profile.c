/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames are looked up module by module and by address, so that each part of a file is read once.
 */
#include <string.h>

#include "symbol/symbol_module.h"
#include "symbol/symbolizer.h"

#define PROGRESS_EVERY 512

/* What an RsSymbol says, by places: they stay while the symbolizer does. */
typedef struct {
    RsSymbol symbol;
    guint32 module, function;
} Known;

typedef struct {
    RsSymbolizer *symbolizer;
    RsProfile *profile;
    RsSymbolModule **modules; /* of the profile's; NULL: not asked for yet */
    GHashTable *functions;    /* Known by itself */
    RsSymbolPinned pinned;
    gpointer data;
} Work;

static guint known_hash(gconstpointer data)
{
    const Known *known = data;

    return g_direct_hash(known->symbol.name) * 31 + g_direct_hash(known->symbol.file) * 17 +
           (guint)known->symbol.line + known->module;
}

static gboolean known_equal(gconstpointer a, gconstpointer b)
{
    const RsSymbol *left = &((const Known *)a)->symbol, *right = &((const Known *)b)->symbol;

    return left->name == right->name && left->linkage_name == right->linkage_name &&
           left->file == right->file && left->line == right->line &&
           left->is_inline == right->is_inline && left->source == right->source &&
           ((const Known *)a)->module == ((const Known *)b)->module;
}

static RsFunction *new_function(const RsSymbol *symbol, guint32 module)
{
    RsFunction *function = rs_function_new(symbol->name);

    function->linkage_name = g_strdup(symbol->linkage_name);
    function->crate_name = g_strdup(symbol->crate_name);
    function->module_path = g_strdup(symbol->module_path);
    if (symbol->file && g_utf8_validate(symbol->file, -1, NULL))
        function->file = g_strdup(symbol->file);
    function->line = symbol->line;
    function->last_line = symbol->last_line;
    function->module = (gint32)module;
    function->crate_kind = symbol->crate_kind;
    function->source = symbol->source;
    function->is_inline = symbol->is_inline;
    return function;
}

static guint32 function_of(Work *work, const RsSymbol *symbol, guint32 module)
{
    Known key = {.symbol = *symbol, .module = module};
    Known *known = g_hash_table_lookup(work->functions, &key);
    RsFunction *function;

    if (known)
        return known->function;
    known = g_memdup2(&key, sizeof key);
    known->function = rs_profile_add_function(work->profile, new_function(symbol, module));
    g_hash_table_add(work->functions, known);
    function = g_ptr_array_index(work->profile->functions, known->function);
    if (!symbol->is_inline && function->is_inline && g_str_equal(function->name, symbol->name)) {
        function->is_inline = FALSE; /* has code of its own as well */
        function->source = symbol->source;
    }
    return known->function;
}

static RsSymbolModule *module_of(Work *work, guint32 i)
{
    const RsProfileModule *module = g_ptr_array_index(work->profile->modules, i);
    RsSymbolModuleInfo info = {.kind = module->kind,
                               .path = module->path,
                               .build_id = module->build_id,
                               .n_bytes = module->n_bytes};

    if (!work->modules[i]) {
        if (work->pinned)
            work->pinned(module, &info, work->data);
        work->modules[i] = rs_symbolizer_add(work->symbolizer, &info);
    }
    return work->modules[i];
}

static void symbolize_frame(Work *work, guint32 i)
{
    const RsProfileFrame *frame = &g_array_index(work->profile->frames, RsProfileFrame, i);
    guint32 module = frame->module;
    RsSymbol symbols[RS_PROFILE_MAX_FRAME_LINES];
    RsProfileLine lines[RS_PROFILE_MAX_FRAME_LINES];
    RsUnnamed why = RS_UNNAMED_NO_SYMBOL;
    guint n = rs_symbol_module_lookup(module_of(work, module), frame->address, symbols,
                                      G_N_ELEMENTS(symbols), &why);

    for (guint k = 0; k < n; k++)
        lines[k] = (RsProfileLine){function_of(work, &symbols[k], module), symbols[k].at_line};
    if (n)
        rs_profile_set_lines(work->profile, i, lines, n);
    else
        work->symbolizer->whys->data[i] = (guint8)why;
}

static int compare_frames(gconstpointer a, gconstpointer b, gpointer data)
{
    const RsProfile *profile = data;
    const RsProfileFrame *left, *right;

    left = &g_array_index(profile->frames, RsProfileFrame, *(const guint32 *)a);
    right = &g_array_index(profile->frames, RsProfileFrame, *(const guint32 *)b);
    if (left->module != right->module)
        return left->module < right->module ? -1 : 1;
    return left->address < right->address ? -1 : left->address > right->address;
}

/* Frames without lines, in the order of the work. */
static GArray *frames_to_do(RsProfile *profile)
{
    GArray *frames = g_array_new(FALSE, FALSE, sizeof(guint32));

    for (guint32 i = 0; i < profile->frames->len; i++)
        if (!g_array_index(profile->frames, RsProfileFrame, i).n_lines)
            g_array_append_val(frames, i);
    g_array_sort_with_data(frames, compare_frames, profile);
    return frames;
}

/* --- counts --- */

static RsUnnamed why_of_kind(RsModuleKind kind)
{
    switch (kind) {
    case RS_MODULE_JIT:
        return RS_UNNAMED_JIT;
    case RS_MODULE_KERNEL:
        return RS_UNNAMED_KERNEL_HIDDEN;
    case RS_MODULE_UNKNOWN:
        return RS_UNNAMED_UNMAPPED;
    default:
        return RS_UNNAMED_NO_SYMBOL;
    }
}

static RsUnnamed why_of(const RsSymbolizer *symbolizer, const RsProfile *profile, guint32 i)
{
    const RsProfileFrame *frame = &g_array_index(profile->frames, RsProfileFrame, i);
    const RsProfileModule *module = g_ptr_array_index(profile->modules, frame->module);

    if (symbolizer->profile == profile && i < symbolizer->whys->len)
        return (RsUnnamed)symbolizer->whys->data[i];
    return why_of_kind(module->kind);
}

void rs_symbolize_count(RsSymbolizer *symbolizer, const RsProfile *profile,
                        const gint64 *n_by_stack, guint n_stacks, gint64 n_without,
                        RsDiagnostics *diagnostics)
{
    g_autofree guint8 *is_seen = g_new0(guint8, profile->frames->len + 1);

    memset(diagnostics->n_by_source, 0, sizeof diagnostics->n_by_source);
    memset(diagnostics->n_unnamed, 0, sizeof diagnostics->n_unnamed);
    diagnostics->n_symbolized_samples = diagnostics->n_unknown_symbols = 0;
    diagnostics->n_unnamed[RS_UNNAMED_NO_STACK] = n_without;
    for (guint i = 0; i < MIN(n_stacks, profile->stacks->len); i++) {
        guint32 at = g_array_index(profile->stacks, RsProfileStack, i).frame;
        const RsProfileFrame *frame = &g_array_index(profile->frames, RsProfileFrame, at);
        RsSymbolSource source = RS_SYMBOL_NONE;

        if (n_by_stack[i] <= 0)
            continue;
        if (frame->n_lines) {
            guint32 first =
                g_array_index(profile->lines, RsProfileLine, frame->first_line).function;

            source = ((const RsFunction *)g_ptr_array_index(profile->functions, first))->source;
            diagnostics->n_by_source[source] += n_by_stack[i];
        } else {
            diagnostics->n_unnamed[why_of(symbolizer, profile, at)] += n_by_stack[i];
        }
        if (rs_symbol_source_is_name(source))
            diagnostics->n_symbolized_samples += n_by_stack[i];
        else if (!is_seen[at])
            diagnostics->n_unknown_symbols++;
        is_seen[at] = TRUE;
    }
}

static void count_samples(RsSymbolizer *symbolizer, RsProfile *profile)
{
    g_autofree gint64 *n_by_stack = g_new0(gint64, profile->stacks->len + 1);
    gint64 n_without = 0;

    for (guint i = 0; i < profile->samples->len; i++) {
        gint32 stack = g_array_index(profile->samples, RsProfileSample, i).stack;

        if (stack >= 0 && (guint)stack < profile->stacks->len)
            n_by_stack[stack]++;
        else
            n_without++;
    }
    rs_symbolize_count(symbolizer, profile, n_by_stack, profile->stacks->len, n_without,
                       &profile->diagnostics);
}

/* --- all of it --- */

/* Functions whose own source says nothing (glue that the compiler made) go with their crate, whose
 * other functions may have come later. */
static void judge_by_crate(const RsSymbolizer *symbolizer, const RsProfile *profile)
{
    for (guint i = 0; i < profile->functions->len; i++) {
        RsFunction *function = g_ptr_array_index(profile->functions, i);

        if (function->crate_kind == RS_CRATE_DEPENDENCY && function->crate_name &&
            rs_own_code_has_crate(symbolizer->own, function->crate_name))
            function->crate_kind = RS_CRATE_OWN;
    }
}

void rs_symbolize_profile(RsSymbolizer *symbolizer, RsProfile *profile, const guint32 *main_modules,
                          guint n_main_modules, RsSymbolPinned pinned, RsSymbolProgress progress,
                          gpointer data)
{
    Work work = {.symbolizer = symbolizer, .profile = profile, .pinned = pinned, .data = data};
    g_autoptr(GArray) frames = frames_to_do(profile);
    g_autoptr(GHashTable) functions = g_hash_table_new_full(known_hash, known_equal, g_free, NULL);
    g_autofree RsSymbolModule **modules = g_new0(RsSymbolModule *, profile->modules->len + 1);

    work.functions = functions;
    work.modules = modules;
    symbolizer->profile = profile;
    g_byte_array_set_size(symbolizer->whys, profile->frames->len);
    for (guint i = 0; i < profile->frames->len; i++)
        symbolizer->whys->data[i] = RS_UNNAMED_NO_SYMBOL;
    for (guint i = 0; i < n_main_modules; i++)
        if (main_modules[i] < profile->modules->len)
            rs_symbol_module_set_main(module_of(&work, main_modules[i]));
    for (guint i = 0; i < frames->len; i++) {
        symbolize_frame(&work, g_array_index(frames, guint32, i));
        if (progress && (i + 1) % PROGRESS_EVERY == 0)
            progress(i + 1, frames->len, data);
    }
    if (progress)
        progress(frames->len, frames->len, data);
    judge_by_crate(symbolizer, profile);
    count_samples(symbolizer, profile);
}
