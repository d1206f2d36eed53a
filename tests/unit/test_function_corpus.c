/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every function of real files: rustc's own, by its driver and cargo, and libraries of C++. */
#include "symbol/function_name.h"

#include <check.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <glob.h>
#include <libiberty/demangle.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_NAMES 60000 /* of a file */

static GPtrArray *files_of(const char *const *patterns)
{
    GPtrArray *files = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *sysroot = NULL, *rustc = g_find_program_in_path("rustc");

    if (!rustc || !g_spawn_command_line_sync("rustc --print sysroot", &sysroot, NULL, NULL, NULL))
        sysroot = g_strdup("/usr");
    g_strstrip(sysroot);
    for (; *patterns; patterns++) {
        g_autofree char *pattern = g_strconcat(**patterns == '/' ? "" : sysroot,
                                               **patterns == '/' ? "" : "/", *patterns, NULL);
        glob_t found;

        if (glob(pattern, 0, NULL, &found) == 0)
            g_ptr_array_add(files, g_strdup(found.gl_pathv[0]));
        globfree(&found);
    }
    return files;
}

typedef void (*Look)(const char *name, gpointer data);

static void look_at_table(Elf *elf, Elf_Scn *section, Look look, gpointer data)
{
    Elf_Data *symbols = elf_getdata(section, NULL);
    GElf_Shdr header;
    GElf_Sym symbol;

    if (!symbols || !gelf_getshdr(section, &header) || !header.sh_entsize)
        return;
    for (gsize i = 0; i < header.sh_size / header.sh_entsize && i < MAX_NAMES; i++) {
        const char *name;

        if (gelf_getsym(symbols, (int)i, &symbol) && GELF_ST_TYPE(symbol.st_info) == STT_FUNC &&
            (name = elf_strptr(elf, header.sh_link, symbol.st_name)))
            look(name, data);
    }
}

static void look_at_file(const char *path, Look look, gpointer data)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    Elf *elf = fd >= 0 ? elf_begin(fd, ELF_C_READ_MMAP, NULL) : NULL;
    GElf_Shdr header;

    for (Elf_Scn *section = NULL; elf && (section = elf_nextscn(elf, section));)
        if (gelf_getshdr(section, &header) &&
            (header.sh_type == SHT_SYMTAB || header.sh_type == SHT_DYNSYM))
            look_at_table(elf, section, look, data);
    elf_end(elf);
    if (fd >= 0)
        close(fd);
}

typedef struct {
    guint n_names, n_differ, n_without_crate;
    GRegex *wide; /* constants of more than 64 bits, whose first digit libiberty loses */
} Rust;

static void look_at_rust(const char *name, gpointer data)
{
    Rust *rust = data;
    g_auto(RsFunctionName) out = {0};
    char *theirs = strpbrk(name, ".$@") ? NULL : rust_demangle(name, DMGL_NO_OPTS);

    rs_function_name_parse(name, &out);
    if (theirs) {
        rust->n_names++;
        rust->n_without_crate += out.crate_name == NULL;
        if (strcmp(out.name, theirs) != 0 && !g_regex_match(rust->wide, name, 0, NULL) &&
            rust->n_differ++ < 10)
            printf("%s\n  ours   %s\n  theirs %s\n", name, out.name, theirs);
    }
    free(theirs);
}

START_TEST(every_function_of_rustc_reads_as_libiberty_reads_it)
{
    static const char *const patterns[] = {"bin/cargo", "lib/librustc_driver-*.so",
                                           "lib/*/librustc_driver-*.so",
                                           "/usr/lib/*/librustc_driver-*.so", NULL};
    g_autoptr(GPtrArray) files = files_of(patterns);
    g_autoptr(GRegex) wide = g_regex_new("K[no]n?[0-9a-f]{17}", 0, 0, NULL);
    Rust rust = {.wide = wide};

    for (guint i = 0; i < files->len; i++)
        look_at_file(files->pdata[i], look_at_rust, &rust);
    if (rust.n_names < 1000) {
        printf("SKIP: no file of rustc's with symbols\n");
        return;
    }
    printf("%u names of Rust, %u differ\n", rust.n_names, rust.n_differ);
    ck_assert_uint_eq(rust.n_differ, 0);
    ck_assert_uint_eq(rust.n_without_crate, 0);
}
END_TEST

typedef struct {
    guint n_names, n_lost;
} Cxx;

static void look_at_cxx(const char *name, gpointer data)
{
    Cxx *cxx = data;
    g_auto(RsFunctionName) out = {0};

    if (!g_str_has_prefix(name, "_Z"))
        return;
    rs_function_name_parse(name, &out);
    cxx->n_names++;
    if (out.language == RS_LANGUAGE_OTHER && cxx->n_lost++ < 10)
        printf("%s\n", name);
}

START_TEST(every_function_of_a_library_of_cxx_can_be_read)
{
    static const char *const patterns[] = {"/usr/lib/*/libstdc++.so.6", "/usr/lib/*/libLLVM-*.so*",
                                           "/usr/lib/*/libicui18n.so.[0-9][0-9]", NULL};
    g_autoptr(GPtrArray) files = files_of(patterns);
    Cxx cxx = {0};

    for (guint i = 0; i < files->len; i++)
        look_at_file(files->pdata[i], look_at_cxx, &cxx);
    if (cxx.n_names < 1000) {
        printf("SKIP: no library of C++ with symbols\n");
        return;
    }
    printf("%u names of C++, %u cannot be read\n", cxx.n_names, cxx.n_lost);
    ck_assert_uint_eq(cxx.n_lost, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("function_corpus");
    TCase *tcase = tcase_create("function_corpus");
    SRunner *runner = srunner_create(suite);
    int n_failed;

    elf_version(EV_CURRENT);
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, every_function_of_rustc_reads_as_libiberty_reads_it);
    tcase_add_test(tcase, every_function_of_a_library_of_cxx_can_be_read);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed != 0;
}
