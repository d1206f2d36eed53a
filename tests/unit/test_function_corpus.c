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

#include "tests/unit/run.h"

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

static void collect_cxx(const char *name, gpointer data)
{
    if (g_str_has_prefix(name, "_Z") && !strpbrk(name, ".@\n"))
        g_ptr_array_add(data, g_strdup(name));
}

/* One for each name, as c++filt prints it: itself when that cannot read it. NULL: no c++filt. */
static char **cxx_filt(GPtrArray *names)
{
    g_autofree char *path = NULL, *text = NULL, *command = NULL, *output = NULL;
    g_autoptr(GError) error = NULL;
    int fd = g_file_open_tmp("names.XXXXXX", &path, &error);

    ck_assert_msg(fd >= 0, "%s", error ? error->message : "");
    close(fd);
    g_ptr_array_add(names, NULL);
    text = g_strjoinv("\n", (char **)names->pdata);
    g_ptr_array_remove_index(names, names->len - 1);
    ck_assert(g_file_set_contents(path, text, -1, NULL));
    command = g_strdup_printf("sh -c 'exec c++filt --format=gnu-v3 -r -i <\"$1\"' sh '%s'", path);
    ck_assert(g_spawn_command_line_sync(command, &output, NULL, NULL, NULL));
    unlink(path);
    return output && *output ? g_strsplit(output, "\n", -1) : NULL;
}

/* c++filt also tells what a template's function returns, before its name or around it. */
static gboolean is_same_cxx(const char *ours, const char *theirs)
{
    const char *found = strstr(theirs, ours);

    return found && (found == theirs ? strcmp(ours, theirs) == 0
                                     : strchr(ours, '<') && strchr(" *&", found[-1]));
}

START_TEST(every_function_of_a_library_of_cxx_reads_as_cxxfilt_reads_it)
{
    static const char *const patterns[] = {"/usr/lib/*/libstdc++.so.6", "/usr/lib/*/libLLVM-*.so*",
                                           "/usr/lib/*/libicui18n.so.[0-9][0-9]", NULL};
    g_autoptr(GPtrArray) files = files_of(patterns), names = g_ptr_array_new_with_free_func(g_free);
    g_auto(GStrv) theirs = NULL;
    guint n_read = 0, n_lost = 0, n_differ = 0;

    for (guint i = 0; i < files->len; i++)
        look_at_file(files->pdata[i], collect_cxx, names);
    if (names->len < 1000 || !(theirs = cxx_filt(names))) {
        printf("SKIP: no library of C++ with symbols, or no c++filt\n");
        return;
    }
    ck_assert_uint_eq(g_strv_length(theirs), names->len);
    for (guint i = 0; i < names->len; i++) {
        const char *name = names->pdata[i];
        g_auto(RsFunctionName) out = {0};

        if (strcmp(name, theirs[i]) == 0)
            continue; /* newer than this Debian's demangler */
        n_read++;
        rs_function_name_parse(name, &out);
        n_lost += out.language == RS_LANGUAGE_OTHER;
        if (!is_same_cxx(out.name, theirs[i]) && n_differ++ < 10)
            printf("%s\n  ours   %s\n  theirs %s\n", name, out.name, theirs[i]);
    }
    printf("%u names of C++, c++filt reads %u of them, %u lost, %u differ\n", names->len, n_read,
           n_lost, n_differ);
    ck_assert_uint_eq(n_lost, 0);
    ck_assert_uint_eq(n_differ, 0);
    ck_assert_uint_ge((guint64)n_read * 100, (guint64)names->len * 99);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("function_corpus");

    elf_version(EV_CURRENT);
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, every_function_of_rustc_reads_as_libiberty_reads_it);
    tcase_add_test(tcase, every_function_of_a_library_of_cxx_reads_as_cxxfilt_reads_it);
    return run_tests("function_corpus", tcase);
}
