/* SPDX-License-Identifier: GPL-3.0-or-later */
/* us for a name with its crate and module, beside libiberty, which gives the name alone, on the
 * symbols of real files in the same run: cargo, rustc's driver and a library of C++, or the files
 * that are given. */
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <glob.h>
#include <libiberty/demangle.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "symbol/function_name.h"

#define N_ROUNDS  5
#define TARGET_US 2.0

/* In the order of the table; names come once. */
static void add_table(Elf *elf, Elf_Scn *section, GHashTable *seen, GPtrArray *names)
{
    Elf_Data *data = elf_getdata(section, NULL);
    GElf_Shdr header;
    GElf_Sym symbol;

    if (!data || !gelf_getshdr(section, &header) || !header.sh_entsize)
        return;
    for (gsize i = 0; i < header.sh_size / header.sh_entsize; i++) {
        const char *name;

        if (gelf_getsym(data, (int)i, &symbol) && GELF_ST_TYPE(symbol.st_info) == STT_FUNC &&
            (name = elf_strptr(elf, header.sh_link, symbol.st_name)) &&
            (g_str_has_prefix(name, "_R") || g_str_has_prefix(name, "_Z")) &&
            !g_hash_table_contains(seen, name)) {
            g_ptr_array_add(names, g_strdup(name));
            g_hash_table_add(seen, names->pdata[names->len - 1]);
        }
    }
}

static GPtrArray *read_names(const char *path)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    Elf *elf = fd >= 0 ? elf_begin(fd, ELF_C_READ_MMAP, NULL) : NULL;
    GElf_Shdr header;

    for (Elf_Scn *section = NULL; elf && (section = elf_nextscn(elf, section));)
        if (gelf_getshdr(section, &header) &&
            (header.sh_type == SHT_SYMTAB || header.sh_type == SHT_DYNSYM))
            add_table(elf, section, seen, names);
    elf_end(elf);
    if (fd >= 0)
        close(fd);
    return names;
}

static void parse(const char *name)
{
    g_auto(RsFunctionName) out = {0};

    rs_function_name_parse(name, &out);
}

static void parse_plain(const char *name)
{
    char *text = rust_demangle(name, DMGL_NO_OPTS);

    if (!text)
        text = cplus_demangle_v3(name, DMGL_PARAMS | DMGL_ANSI | DMGL_RET_DROP);
    free(text);
}

/* Time on the CPU: what else the machine does is not counted. */
static double now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* The fastest round: a cold or shared cache only adds. */
static double us_per_name(GPtrArray *names, void (*run)(const char *name))
{
    double best_us = G_MAXDOUBLE;

    for (guint round = 0; round < N_ROUNDS; round++) {
        double start_us = now_us();

        for (guint i = 0; i < names->len; i++)
            run(names->pdata[i]);
        best_us = MIN(best_us, (now_us() - start_us) / names->len);
    }
    return best_us;
}

static gboolean bench_file(const char *path, gboolean *is_met)
{
    g_autoptr(GPtrArray) names = read_names(path);
    guint n_rust = 0, n_crates = 0;
    gsize n_bytes = 0;

    for (guint i = 0; i < names->len; i++) {
        g_auto(RsFunctionName) out = {0};

        n_bytes += strlen(names->pdata[i]);
        rs_function_name_parse(names->pdata[i], &out);
        n_rust += out.language == RS_LANGUAGE_RUST_V0 || out.language == RS_LANGUAGE_RUST_LEGACY;
        n_crates += out.crate_name != NULL;
    }
    if (names->len < 1000)
        return FALSE;
    double ours_us = us_per_name(names, parse), plain_us = us_per_name(names, parse_plain);
    printf("%s\n  %u names (mean %.0f bytes), %u of Rust, crate and module told for %u\n"
           "  name, crate and module %.2f us (target %.1f us: %s), libiberty, name alone %.2f us\n",
           path, names->len, (double)n_bytes / names->len, n_rust, n_crates, ours_us, TARGET_US,
           ours_us <= TARGET_US ? "met" : "MISSED", plain_us);
    *is_met = *is_met && ours_us <= TARGET_US;
    return TRUE;
}

/* Shell patterns for real files of this machine. */
static GPtrArray *find_files(void)
{
    GPtrArray *files = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) patterns = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *sysroot = NULL, *rustc = g_find_program_in_path("rustc");

    if (rustc && g_spawn_command_line_sync("rustc --print sysroot", &sysroot, NULL, NULL, NULL)) {
        g_strstrip(sysroot);
        g_ptr_array_add(patterns, g_strconcat(sysroot, "/bin/cargo", NULL));
        g_ptr_array_add(patterns, g_strconcat(sysroot, "/lib/librustc_driver-*.so", NULL));
        g_ptr_array_add(patterns, g_strconcat(sysroot, "/lib/*/librustc_driver-*.so", NULL));
    }
    g_ptr_array_add(patterns, g_strdup("/usr/lib/*/libicui18n.so.[0-9][0-9]"));
    g_ptr_array_add(patterns, g_strdup("/usr/lib/*/libstdc++.so.6"));
    for (guint i = 0; i < patterns->len; i++) {
        glob_t found;

        if (glob(patterns->pdata[i], 0, NULL, &found) == 0)
            g_ptr_array_add(files, g_strdup(found.gl_pathv[0]));
        globfree(&found);
    }
    return files;
}

int main(int argc, char **argv)
{
    g_autoptr(GPtrArray) files = argc > 1 ? g_ptr_array_new_with_free_func(g_free) : find_files();
    gboolean is_met = TRUE;
    guint n_files = 0;

    elf_version(EV_CURRENT);
    for (int i = 1; i < argc; i++)
        g_ptr_array_add(files, g_strdup(argv[i]));
    for (guint i = 0; i < files->len; i++)
        n_files += bench_file(files->pdata[i], &is_met);
    if (!n_files)
        printf("no file here has a thousand mangled names\n");
    return is_met ? EXIT_SUCCESS : EXIT_FAILURE;
}
