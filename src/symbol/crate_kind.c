/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cargo unpacks crates of registries and of git below its home and runs the compiler for those and
 * for the packages of the workspace alike, so the paths of sources tell them apart.
 *
 * Source: The Cargo Book, "Cargo Home"; "cargo vendor". */
#include "symbol/crate_kind.h"

#include <string.h>

#include "base/text.h"
#include "symbol/function_name.h"

#define HASH_DIGITS 16 /* that cargo ends the names of test programs with */

struct RsOwnCode {
    GHashTable *crates;
    GPtrArray *trees; /* folders, without "/" at the end */
};

RsOwnCode *rs_own_code_new(void)
{
    RsOwnCode *own = g_new0(RsOwnCode, 1);

    own->crates = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    own->trees = g_ptr_array_new_with_free_func(g_free);
    return own;
}

void rs_own_code_free(RsOwnCode *own)
{
    if (!own)
        return;
    g_hash_table_unref(own->crates);
    g_ptr_array_unref(own->trees);
    g_free(own);
}

void rs_own_code_add_crate(RsOwnCode *own, const char *crate_name)
{
    if (*crate_name && !rs_crate_is_std(crate_name))
        g_hash_table_add(own->crates, g_strdup(crate_name));
}

void rs_own_code_add_executable(RsOwnCode *own, const char *path)
{
    g_autofree char *name = g_path_get_basename(path);
    gsize n = strlen(name);

    if (n > HASH_DIGITS + 1 && name[n - HASH_DIGITS - 1] == '-' &&
        strspn(name + n - HASH_DIGITS, "0123456789abcdef") == HASH_DIGITS)
        name[n - HASH_DIGITS - 1] = '\0';
    for (char *at = name; *at; at++)
        if (*at == '-')
            *at = '_';
    rs_own_code_add_crate(own, name);
}

static gboolean is_foreign_source(const char *file)
{
    static const char *const marks[] = {"/registry/src/", "/git/checkouts/", "/vendor/", "/rustc/",
                                        "/rustlib/src/"};
    static const char *const starts[] = {"/usr/include/", "/usr/lib/", "/usr/local/include/",
                                         "/usr/local/lib/"};

    for (guint i = 0; i < G_N_ELEMENTS(marks); i++)
        if (strstr(file, marks[i]))
            return TRUE;
    for (guint i = 0; i < G_N_ELEMENTS(starts); i++)
        if (g_str_has_prefix(file, starts[i]))
            return TRUE;
    return FALSE;
}

void rs_own_code_add_main_file(RsOwnCode *own, const char *file)
{
    static const char *const folders[] = {"/src/", "/examples/", "/tests/", "/benches/"};
    g_autofree char *package = NULL, *beside = NULL;
    char *cut = NULL;

    if (file[0] != '/' || is_foreign_source(file))
        return;
    package = g_strdup(file);
    for (guint i = 0; i < G_N_ELEMENTS(folders); i++) {
        char *found = g_strrstr(package, folders[i]);

        if (found && (!cut || found < cut))
            cut = found;
    }
    if (!cut)
        cut = strrchr(package, '/');
    *cut = '\0';
    if (!*package)
        return;
    /* packages of a workspace lie beside each other; not everything does that lies in "/" */
    beside = g_path_get_dirname(package);
    if (strchr(beside + 1, '/'))
        g_ptr_array_add(own->trees, g_steal_pointer(&beside));
    else
        g_ptr_array_add(own->trees, g_steal_pointer(&package));
}

static gboolean is_own_source(const RsOwnCode *own, const char *file)
{
    if (!file || is_foreign_source(file))
        return FALSE;
    for (guint i = 0; i < own->trees->len; i++)
        if (rs_text_path_below(file, g_ptr_array_index(own->trees, i)))
            return TRUE;
    return FALSE;
}

/* --- runtimes --- */

static gboolean has_any_prefix(const char *text, const char *const *prefixes, guint n)
{
    for (guint i = 0; i < n; i++)
        if (g_str_has_prefix(text, prefixes[i]))
            return TRUE;
    return FALSE;
}

static gboolean is_runtime_library(const char *path)
{
    static const char *const names[] = {
        "libc.so", "libc-2",   "ld-linux",  "ld-2.",  "ld.so",      "ld-musl",    "libc.musl",
        "libm.so", "libm-2",   "libmvec",   "librt.", "librt-2",    "libpthread", "libdl.",
        "libdl-2", "libgcc_s", "libstdc++", "libc++", "libunwind.", "libresolv",
    };
    const char *slash = path ? strrchr(path, '/') : NULL;
    const char *name = slash ? slash + 1 : path;

    return name && has_any_prefix(name, names, G_N_ELEMENTS(names));
}

/* What is linked into every program: start-up code, the unwinder. */
static gboolean is_start_up(const char *name)
{
    static const char *const names[] = {"_start",
                                        "_init",
                                        "_fini",
                                        "__libc_csu_init",
                                        "__libc_csu_fini",
                                        "_dl_relocate_static_pie",
                                        "deregister_tm_clones",
                                        "register_tm_clones",
                                        "__do_global_dtors_aux",
                                        "frame_dummy",
                                        "__restore_rt",
                                        "atexit"};
    static const char *const prefixes[] = {"__libc_start", "_Unwind_", "__gcc_personality",
                                           "__register_frame", "__deregister_frame"};

    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        if (g_str_equal(name, names[i]))
            return TRUE;
    return has_any_prefix(name, prefixes, G_N_ELEMENTS(prefixes));
}

/* Functions of the C library that are linked into Rust programs, or come with the compiler; "main"
 * is made by the compiler there. */
static gboolean is_static_runtime(const char *name)
{
    static const char *const names[] = {"main",   "memcpy", "memmove", "memset", "memcmp", "bcmp",
                                        "strlen", "malloc", "free",    "calloc", "realloc"};

    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        if (g_str_equal(name, names[i]))
            return TRUE;
    return FALSE;
}

/* Functions of Rust's libraries that have no mangled name. */
static gboolean is_unmangled_std(const char *name)
{
    static const char *const prefixes[] = {
        "__rust_", "__rdl_", "__rg_", "rust_begin_unwind", "rust_eh_personality", "rust_panic"};

    return has_any_prefix(name, prefixes, G_N_ELEMENTS(prefixes));
}

/* Crates that Rust's own libraries are built from ("gimli") come as part of them, and may be crates
 * of the program as well: the place of the source, or who had generic code made, tells which. */
static gboolean is_part_of_std(const RsCodeOrigin *origin)
{
    return rs_crate_is_std(origin->crate_name) ||
           (origin->file && g_str_has_prefix(origin->file, "/rust/deps/")) ||
           (origin->instantiating_crate && rs_crate_is_std(origin->instantiating_crate));
}

static RsCrateKind judge_crate(RsOwnCode *own, const RsCodeOrigin *origin)
{
    if (is_part_of_std(origin))
        return RS_CRATE_STD;
    if (rs_own_code_has_crate(own, origin->crate_name))
        return RS_CRATE_OWN;
    if (!is_own_source(own, origin->file))
        return RS_CRATE_DEPENDENCY;
    rs_own_code_add_crate(own, origin->crate_name);
    return RS_CRATE_OWN;
}

/* Functions of a program that have no crate. */
static RsCrateKind judge_main(const RsCodeOrigin *origin)
{
    gboolean is_stub = g_str_has_suffix(origin->name, "@plt");

    if (origin->source == RS_SYMBOL_UNWIND)
        return RS_CRATE_UNKNOWN;
    if (is_stub || (origin->is_rust_main && is_static_runtime(origin->name)))
        return RS_CRATE_RUNTIME;
    if (origin->is_rust_main || (origin->file && is_foreign_source(origin->file)))
        return RS_CRATE_DEPENDENCY;
    return RS_CRATE_OWN;
}

gboolean rs_own_code_has_crate(const RsOwnCode *own, const char *crate_name)
{
    return g_hash_table_contains(own->crates, crate_name);
}

RsCrateKind rs_own_code_judge(RsOwnCode *own, const RsCodeOrigin *origin)
{
    gboolean is_made_up = origin->source == RS_SYMBOL_UNWIND;

    switch (origin->module_kind) {
    case RS_MODULE_KERNEL:
        return RS_CRATE_KERNEL;
    case RS_MODULE_VDSO:
        return RS_CRATE_RUNTIME;
    case RS_MODULE_FILE:
        break;
    default:
        return RS_CRATE_UNKNOWN;
    }
    if (origin->crate_name)
        return judge_crate(own, origin);
    if (is_runtime_library(origin->module_path) || (!is_made_up && is_start_up(origin->name)))
        return RS_CRATE_RUNTIME;
    if (!is_made_up && is_unmangled_std(origin->name))
        return RS_CRATE_STD;
    if (is_own_source(own, origin->file))
        return RS_CRATE_OWN;
    return origin->is_main ? judge_main(origin) : RS_CRATE_DEPENDENCY;
}
