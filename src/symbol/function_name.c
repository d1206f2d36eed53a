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

/* The name without suffixes of clones and, at the end of mangled ones, without symbol versions. */
static char *without_suffixes(const char *linkage_name, gsize n_bytes)
{
    g_autofree char *copy = NULL;
    gboolean is_mangled = *linkage_name == '_';
    const char *version = is_mangled ? memchr(linkage_name, '@', n_bytes) : NULL;

    if (version && version > linkage_name && strncmp(version, "@plt", 4) != 0)
        n_bytes = (gsize)(version - linkage_name);
    copy = g_strndup(linkage_name, n_bytes);
    for (gsize n_suffix; (n_suffix = clone_suffix_bytes(copy, n_bytes));)
        copy[n_bytes -= n_suffix] = '\0';
    return g_steal_pointer(&copy);
}

/* What follows a Rust name is kept, except what begins with "$", which linkers and LLVM add. */
static void append_rest(RsFunctionName *out, const char *rest)
{
    char *name = out->name;

    if (!*rest || *rest == '$')
        return;
    out->name = g_strconcat(name, rest, NULL);
    g_free(name);
}

static gboolean parse_rust(const char *name, RsFunctionName *out)
{
    static const struct {
        const char *prefix;
        gboolean (*parse)(const char *text, gsize n_bytes, RsFunctionName *out, gsize *n_used);
    } schemes[] = {
        {"_R", rs_v0_parse},           {"__R", rs_v0_parse},           {"R", rs_v0_parse},
        {"_ZN", rs_rust_legacy_parse}, {"__ZN", rs_rust_legacy_parse}, {"ZN", rs_rust_legacy_parse},
    };

    for (guint i = 0; i < G_N_ELEMENTS(schemes); i++) {
        gsize n_used;

        if (!g_str_has_prefix(name, schemes[i].prefix))
            continue;
        name += strlen(schemes[i].prefix);
        if (!schemes[i].parse(name, strlen(name), out, &n_used))
            return FALSE;
        append_rest(out, name + n_used);
        return TRUE;
    }
    return FALSE;
}

/* Never loses the name: what cannot be read is shown as it is. */
static char *readable(const char *name)
{
    g_autofree char *valid = g_utf8_make_valid(name, -1);

    return *valid ? g_steal_pointer(&valid) : g_strdup("?");
}

static char *limited(const char *name)
{
    gsize n_bytes = strnlen(name, MAX_NAME_BYTES + 1);

    if (n_bytes <= MAX_NAME_BYTES)
        return NULL;
    g_autofree char *start = g_strndup(name, MAX_NAME_BYTES);
    g_autofree char *valid = g_utf8_make_valid(start, -1);
    return g_strconcat(valid, "…", NULL);
}

void rs_function_name_parse(const char *linkage_name, RsFunctionName *out)
{
    *out = (RsFunctionName){.language = RS_LANGUAGE_OTHER};
    if ((out->name = limited(linkage_name)))
        return;
    g_autofree char *name = without_suffixes(linkage_name, strlen(linkage_name));
    if (!parse_rust(name, out)) {
        const char *cxx = g_str_has_prefix(name, "__Z") ? name + 1 : name;

        if (g_str_has_prefix(cxx, "_Z") || g_str_has_prefix(cxx, "_GLOBAL__"))
            out->name = rs_cxx_name_demangle(cxx);
        if (out->name)
            out->language = RS_LANGUAGE_CXX;
        else
            out->name = g_steal_pointer(&name);
    }
    if (!*out->name || !g_utf8_validate(out->name, -1, NULL)) {
        char *valid = readable(out->name);

        g_free(out->name);
        out->name = valid;
    }
}

void rs_function_name_parse_path(const char *path, RsFunctionName *out)
{
    *out = (RsFunctionName){.language = RS_LANGUAGE_OTHER};
    if ((out->name = limited(path)))
        return;
    out->name = readable(path);
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
