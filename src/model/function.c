/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/function.h"

const char *const rs_symbol_source_names[] = {"none",       "symtab", "debug_file", "debugdata",
                                              "debuginfod", "dynsym", "dwarf",      "unwind",
                                              "perf_map",   "vdso",   "kernel",     NULL};
const char *const rs_unnamed_names[] = {"no_stack",      "no_file",   "other_file",
                                        "bad_file",      "no_symbol", "jit",
                                        "kernel_hidden", "unmapped",  NULL};
const char *const rs_crate_kind_names[] = {"unknown", "own",    "dependency", "std",
                                           "runtime", "kernel", NULL};

gboolean rs_symbol_source_is_name(RsSymbolSource source)
{
    return source != RS_SYMBOL_NONE && source != RS_SYMBOL_UNWIND;
}

RsFunction *rs_function_new(const char *name)
{
    RsFunction *function = g_new0(RsFunction, 1);

    function->name = g_strdup(name);
    function->line = function->last_line = function->self_ns = function->total_ns = -1;
    function->n_samples = function->n_calls = -1;
    function->module = -1;
    return function;
}

void rs_function_free(RsFunction *function)
{
    if (!function)
        return;
    g_free(function->name);
    g_free(function->linkage_name);
    g_free(function->crate_name);
    g_free(function->module_path);
    g_free(function->file);
    g_free(function->extra_json);
    g_free(function);
}
