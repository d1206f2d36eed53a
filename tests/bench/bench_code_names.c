/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of stripped code: how fast they are made of the largest files of this machine, whether the
 * bounds of functions are those of the symbol table, and how many functions share a name.
 * usage: bench_code_names [FILE...] */
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "symbol/code_name.h"

#define SMALL_BYTES             64
#define TARGET_BOUNDS_PCT       99.0
#define TARGET_NAME_MBYTES_S    10.0
#define TARGET_CONTENT_MBYTES_S 400.0

typedef struct {
    guint64 start, n_bytes, fingerprint;
} Function;

static gboolean has_missed; /* a target */

static double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now); /* others may be busy here */
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static const char *verdict(gboolean is_reached)
{
    has_missed |= !is_reached;
    return is_reached ? "reached" : "MISSED";
}

static gint by_start(gconstpointer a, gconstpointer b)
{
    const Function *one = a, *other = b;

    return one->start < other->start ? -1 : one->start > other->start;
}

/* Functions of .symtab that have a size, one an address. */
static GArray *functions_of_symtab(const RsElf *elf)
{
    GArray *functions = g_array_new(FALSE, FALSE, sizeof(Function));
    Elf *file;
    Elf_Scn *scn = NULL;
    GElf_Shdr header;

    elf_version(EV_CURRENT);
    file = elf_memory((char *)(guintptr)rs_elf_bytes(elf), rs_elf_n_bytes(elf));
    while ((scn = elf_nextscn(file, scn))) {
        Elf_Data *data;
        GElf_Sym symbol;

        if (!gelf_getshdr(scn, &header) || header.sh_type != SHT_SYMTAB ||
            !(data = elf_getdata(scn, NULL)))
            continue;
        for (int i = 0; gelf_getsym(data, i, &symbol); i++) {
            Function function = {symbol.st_value, symbol.st_size, 0};

            if (GELF_ST_TYPE(symbol.st_info) == STT_FUNC && symbol.st_shndx != SHN_UNDEF &&
                symbol.st_size > 0)
                g_array_append_val(functions, function);
        }
    }
    elf_end(file);
    g_array_sort(functions, by_start);
    for (guint i = 1; i < functions->len;)
        if (g_array_index(functions, Function, i).start ==
            g_array_index(functions, Function, i - 1).start)
            g_array_remove_index(functions, i);
        else
            i++;
    return functions;
}

static void compare_bounds(const RsCodeBounds *bounds, GArray *functions)
{
    guint n_equal = 0;
    guint64 n_bytes = 0, n_equal_bytes = 0;

    for (guint i = 0; i < functions->len; i++) {
        const Function *function = &g_array_index(functions, Function, i);
        guint64 start, n_found_bytes;

        n_bytes += function->n_bytes;
        if (rs_code_bounds_find(bounds, function->start, &start, &n_found_bytes) &&
            start == function->start && n_found_bytes == function->n_bytes) {
            n_equal++;
            n_equal_bytes += function->n_bytes;
        }
    }
    if (functions->len == 0) {
        printf("  no .symtab to compare with\n");
        return;
    }
    printf(
        "  bounds as in .symtab  %u of %u functions, %.2f %%, and %.2f %% of their bytes (target "
        "%.0f %%: %s)\n",
        n_equal, functions->len, 100.0 * n_equal / functions->len,
        100.0 * (double)n_equal_bytes / (double)n_bytes, TARGET_BOUNDS_PCT,
        verdict(100.0 * n_equal / functions->len >= TARGET_BOUNDS_PCT));
}

static gint by_fingerprint(gconstpointer a, gconstpointer b)
{
    const Function *one = a, *other = b;

    return one->fingerprint < other->fingerprint ? -1 : one->fingerprint > other->fingerprint;
}

static void tell_shared(GArray *functions)
{
    guint n_names = 0, n_shared = 0, n_shared_large = 0, n_large = 0;
    guint64 n_bytes = 0, n_shared_bytes = 0;

    g_array_sort(functions, by_fingerprint);
    for (guint i = 0, end; i < functions->len; i = end) {
        const Function *first = &g_array_index(functions, Function, i);

        for (end = i; end < functions->len &&
                      g_array_index(functions, Function, end).fingerprint == first->fingerprint;
             end++)
            ;
        n_names++;
        n_bytes += first->n_bytes * (end - i);
        if (first->n_bytes >= SMALL_BYTES)
            n_large += end - i;
        if (end - i == 1)
            continue;
        n_shared += end - i;
        n_shared_bytes += first->n_bytes * (end - i);
        if (first->n_bytes >= SMALL_BYTES)
            n_shared_large += end - i;
    }
    printf(
        "  names                 %u of %u functions; %.1f %% share theirs with another (%.1f %% of "
        "bytes; %.1f %% of those of %u bytes and more)\n",
        n_names, functions->len, 100.0 * n_shared / MAX(functions->len, 1),
        100.0 * (double)n_shared_bytes / (double)MAX(n_bytes, 1),
        100.0 * n_shared_large / MAX(n_large, 1), SMALL_BYTES);
}

static void look_at(const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RsElf) elf = NULL;
    g_autoptr(RsCodeBounds) bounds = NULL;
    g_autoptr(GArray) functions = NULL, named = NULL;
    RsElfSection text = {0};
    guint64 hash, n_named_bytes = 0;
    double begin_s, bounds_s, names_s, content_s;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return;
    elf = rs_elf_open_fd(fd, path, &error);
    close(fd);
    if (!elf) {
        printf("%s\n", error->message);
        return;
    }
    rs_code_content_hash(elf, &hash); /* read once, so that pages are there */
    begin_s = now_s();
    rs_code_content_hash(elf, &hash);
    content_s = now_s() - begin_s;
    begin_s = now_s();
    bounds = rs_code_bounds_new(elf);
    bounds_s = now_s() - begin_s;
    named = g_array_new(FALSE, FALSE, sizeof(Function));
    begin_s = now_s();
    for (guint i = 0; i < rs_code_bounds_n(bounds); i++) {
        Function function;

        rs_code_bounds_at(bounds, i, &function.start, &function.n_bytes);
        if (!rs_code_fingerprint(elf, function.start, function.n_bytes, &function.fingerprint))
            continue;
        g_array_append_val(named, function);
        n_named_bytes += function.n_bytes;
    }
    names_s = now_s() - begin_s;
    rs_elf_section(elf, ".text", &text);
    printf("%s (%.1f MB, .text %.1f MB)\n", path, (double)rs_elf_n_bytes(elf) / 1e6,
           (double)text.n_bytes / 1e6);
    printf("  bounds                %u in %.2f ms\n", rs_code_bounds_n(bounds), bounds_s * 1e3);
    functions = functions_of_symtab(elf);
    compare_bounds(bounds, functions);
    printf(
        "  fingerprints          %u, %u could not be decoded; %.0f functions/s, %.1f MB/s (target "
        "%.0f: %s)\n",
        named->len, rs_code_bounds_n(bounds) - named->len, named->len / names_s,
        (double)n_named_bytes / names_s / 1e6, TARGET_NAME_MBYTES_S,
        verdict((double)n_named_bytes / names_s / 1e6 >= TARGET_NAME_MBYTES_S));
    tell_shared(named);
    printf("  hash of the content   %.1f ms, %.0f MB/s (target %.0f: %s)\n", content_s * 1e3,
           (double)text.n_bytes / content_s / 1e6, TARGET_CONTENT_MBYTES_S,
           verdict((double)text.n_bytes / content_s / 1e6 >= TARGET_CONTENT_MBYTES_S));
}

int main(int argc, char **argv)
{
    static const char *const paths[] = {"/usr/bin/git", "/usr/bin/gdb", "/usr/bin/python3",
                                        "/lib/x86_64-linux-gnu/libc.so.6"};
    g_autofree char *cargo = NULL, *output = NULL;

    if (argc > 1) {
        for (int i = 1; i < argc; i++)
            look_at(argv[i]);
        return has_missed;
    }
    if (g_spawn_command_line_sync("sh -c 'echo \"$(rustc --print sysroot)/bin/cargo\"'", &output,
                                  NULL, NULL, NULL) &&
        output)
        look_at(g_strstrip(output));
    for (guint i = 0; i < G_N_ELEMENTS(paths); i++)
        look_at(paths[i]);
    return has_missed;
}
