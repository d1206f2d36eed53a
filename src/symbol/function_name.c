/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "symbol/function_name.h"

#include <string.h>

#include "symbol/cxx_name.h"
#include "symbol/rust/text.h"
#include "symbol/rust/v0.h"

#define MAX_NAME_BYTES 65536 /* longer ones are cut off; nothing real comes near */

/* What compilers append when they copy, split or rename a function. With a number or without, and
 * several of them. Names that tell code apart (.avx2 of target_clones, .resume of coroutines) stay.
 * Source: GCC's clone_function_name and its callers, LLVM's getThinLTO promotion and HotColdSplit.
 */
static const char *const clone_suffixes[] = {
    "cold",   "warm",       "part",        "isra",    "constprop", "lto_priv",
    "llvm",   "localalias", "specialized", "memprof", "argprom",   "argelim",
    "__uniq", "cfi",        "ltrans_priv", "local",   "hot",       "str2ptr",
};

/* ".cold" or ".part.3" at the end of a name: bytes of it; 0: it has none. */
static gsize clone_suffix_bytes(const char *name, gsize n_bytes)
{
    const char *dot = memrchr(name, '.', n_bytes), *end = name + n_bytes, *word_end = end;

    if (!dot || dot == name || dot + 1 == end)
        return 0;
    if (strspn(dot + 1, "0123456789abcdefABCDEF") == (gsize)(end - dot - 1)) {
        word_end = dot;
        dot = memrchr(name, '.', (gsize)(dot - name));
        if (!dot || dot == name)
            return 0;
    }
    for (guint i = 0; i < G_N_ELEMENTS(clone_suffixes); i++)
        if (strlen(clone_suffixes[i]) == (gsize)(word_end - dot - 1) &&
            !memcmp(dot + 1, clone_suffixes[i], (gsize)(word_end - dot - 1)))
            return (gsize)(end - dot);
    return 0;
}

/* Bytes of a name without suffixes of clones and, in mangled ones, without a symbol version. */
static gsize name_bytes(const char *name, gsize n_bytes)
{
    const char *version = *name == '_' ? memchr(name, '@', n_bytes) : NULL;

    if (version && strncmp(version, "@plt", 4) != 0)
        n_bytes = (gsize)(version - name);
    for (gsize n_suffix; (n_suffix = clone_suffix_bytes(name, n_bytes));)
        n_bytes -= n_suffix;
    return n_bytes;
}

/* Never loses the name: what cannot be read is shown as it is. */
static void make_readable(RsFunctionName *out)
{
    char *name = out->name;

    if (*name && g_utf8_validate(name, -1, NULL))
        return;
    out->name = *name ? g_utf8_make_valid(name, -1) : g_strdup("?");
    g_free(name);
}

/* What follows a Rust name is kept, except what begins with "$", which linkers and LLVM add. */
static void append_rest(RsFunctionName *out, const char *rest)
{
    char *name = out->name;

    if (!*rest || *rest == '$')
        return;
    out->name = g_strconcat(name, rest, NULL);
    g_free(name);
    make_readable(out);
}

static gboolean parse_rust(const char *name, gsize n_bytes, RsFunctionName *out)
{
    static const struct {
        const char *prefix;
        gboolean (*parse)(const char *text, gsize n_bytes, RsFunctionName *out, gsize *n_used);
    } schemes[] = {
        {"_R", rs_v0_parse},           {"__R", rs_v0_parse},           {"R", rs_v0_parse},
        {"_ZN", rs_rust_legacy_parse}, {"__ZN", rs_rust_legacy_parse}, {"ZN", rs_rust_legacy_parse},
    };

    for (guint i = 0; i < G_N_ELEMENTS(schemes); i++) {
        gsize n_prefix = strlen(schemes[i].prefix), n_used;

        if (n_bytes <= n_prefix || memcmp(name, schemes[i].prefix, n_prefix) != 0)
            continue;
        if (!schemes[i].parse(name + n_prefix, n_bytes - n_prefix, out, &n_used))
            return FALSE;
        append_rest(out, name + n_prefix + n_used);
        return TRUE;
    }
    return FALSE;
}

static char *limited(const char *name, gsize n_bytes)
{
    if (n_bytes <= MAX_NAME_BYTES)
        return NULL;
    g_autofree char *start = g_strndup(name, MAX_NAME_BYTES);
    g_autofree char *valid = g_utf8_make_valid(start, -1);
    return g_strconcat(valid, "…", NULL);
}

void rs_function_name_parse(const char *linkage_name, RsFunctionName *out)
{
    g_autofree char *copy = NULL;
    const char *name = linkage_name;
    gsize n_all, n_bytes;

    *out = (RsFunctionName){.language = RS_LANGUAGE_OTHER};
    n_all = strlen(linkage_name);
    if ((out->name = limited(linkage_name, n_all)))
        return;
    n_bytes = name_bytes(linkage_name, n_all);
    if (n_bytes < n_all)
        name = copy = g_strndup(linkage_name, n_bytes);
    if (parse_rust(name, n_bytes, out))
        return;
    if (g_str_has_prefix(name, "__Z"))
        name++;
    if (g_str_has_prefix(name, "_Z") || g_str_has_prefix(name, "_GLOBAL__"))
        out->name = rs_cxx_name_demangle(name);
    if (out->name)
        out->language = RS_LANGUAGE_CXX;
    else
        out->name = g_strdup(copy ? copy : linkage_name);
    make_readable(out);
}

void rs_function_name_parse_path(const char *path, RsFunctionName *out)
{
    *out = (RsFunctionName){.language = RS_LANGUAGE_OTHER};
    if ((out->name = limited(path, strlen(path))))
        return;
    out->name = g_strdup(path);
    make_readable(out);
    rs_rust_text_find_home(out->name, FALSE, out);
    rs_rust_text_normalize(out->name);
}

void rs_function_name_clear(RsFunctionName *name)
{
    g_free(name->name);
    g_free(name->crate_name);
    g_free(name->crate_disambiguator);
    g_free(name->module_path);
    g_free(name->instantiating_crate);
    *name = (RsFunctionName){0};
}

gboolean rs_crate_is_std(const char *crate_name)
{
    /* The crates of rust-lang/rust's library folder, and "__rustc", which names what the compiler
     * makes. std's copies of hashbrown, gimli, addr2line, object, miniz_oxide and memchr have the
     * names of crates that programs depend on too, so names alone cannot tell those. */
    static const char *const names[] = {
        "std",
        "core",
        "alloc",
        "proc_macro",
        "test",
        "panic_unwind",
        "panic_abort",
        "unwind",
        "compiler_builtins",
        "std_detect",
        "__rustc",
        "sysroot",
        "rustc_std_workspace_core",
        "rustc_std_workspace_alloc",
        "rustc_std_workspace_std",
        "profiler_builtins",
    };

    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(crate_name, names[i]) == 0)
            return TRUE;
    return FALSE;
}
