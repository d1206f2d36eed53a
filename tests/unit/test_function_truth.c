/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Functions, crates and modules by linkage name, against what the sources of tests/programs/names
 * say of themselves. rustc ties names to lines; nothing here reads a name but what is tested. */
#include "symbol/function_name.h"

#include <check.h>
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/run.h"

#define SOURCES   "tests/programs/names/"
#define LEAST_PCT 95.0

static char *work; /* builds, by "<scheme>-<metadata>" */
static gboolean has_rustc;

/* Marks by "file:line". */
static GHashTable *read_marks(void)
{
    GHashTable *marks = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr(GDir) dir = g_dir_open(SOURCES, 0, NULL);

    ck_assert_ptr_nonnull(dir);
    for (const char *name; (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_strconcat(SOURCES, name, NULL), *text = NULL;

        ck_assert(g_file_get_contents(path, &text, NULL, NULL));
        if (!g_str_has_suffix(name, ".rs"))
            continue;
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
        for (guint i = 0; lines[i]; i++) {
            const char *mark = strstr(lines[i], "//@ ");

            if (mark)
                g_hash_table_insert(marks, g_strdup_printf("%s:%u", name, i + 1),
                                    g_strdup(mark + 4));
        }
    }
    ck_assert_uint_gt(g_hash_table_size(marks), 100);
    return marks;
}

static void compile(const char *folder, const char *crate, const char *scheme, const char *metadata)
{
    g_autofree char *command = g_strdup_printf(
        "rustc --edition 2021 -g --cap-lints allow -Z unstable-options "
        "-C symbol-mangling-version=%s -C metadata=%s --crate-name %s %s --out-dir %s -L %s "
        "%s%s%s%s " SOURCES "%s.rs",
        scheme, metadata, crate, strcmp(crate, "gamma") == 0 ? "" : "--crate-type rlib", folder,
        folder, strcmp(crate, "alpha") == 0 ? "" : "--extern alpha=",
        strcmp(crate, "alpha") == 0 ? "" : folder,
        strcmp(crate, "alpha") == 0 ? "" : "/libalpha.rlib",
        strcmp(crate, "gamma") == 0 ? " --extern beta" : "", crate);
    g_autofree char *message = NULL;
    int status = 0;

    ck_assert(g_spawn_command_line_sync(command, NULL, &message, &status, NULL));
    ck_assert_msg(status == 0, "%s\n%s", command, message);
}

/* The program in one scheme; metadata stands for another build: it changes every hash. */
static char *build(const char *scheme, const char *metadata)
{
    g_autofree char *folder = g_strdup_printf("%s/%s-%s", work, scheme, metadata);
    char *program = g_strconcat(folder, "/gamma", NULL);

    if (g_file_test(program, G_FILE_TEST_EXISTS))
        return program;
    ck_assert_int_eq(g_mkdir_with_parents(folder, 0700), 0);
    compile(folder, "alpha", scheme, metadata);
    compile(folder, "beta", scheme, metadata);
    compile(folder, "gamma", scheme, metadata);
    return program;
}

typedef struct {
    GHashTable *marks;
    GHashTable *seen; /* linkage names */
    GHashTable *used; /* places of marks that a function was found for */
    guint n_functions, n_right, n_closures;
    guint n_unmarked;
} Truth;

/* The function that a path ends with, or that its closures and shims at the end are in. */
static char *last_function(const char *path)
{
    const char *end = path + strlen(path), *at;

    while (end > path && (end[-1] == '>' || end[-1] == '}' || end[-1] == ':')) {
        int depth = 0;

        if (*--end == ':')
            continue;
        for (end++; end > path;) {
            end--;
            depth += *end == '>' || *end == '}' ? 1 : *end == '<' || *end == '{' ? -1 : 0;
            if (depth == 0)
                break;
        }
    }
    for (at = end; at > path && at[-1] != ':';)
        at--;
    return g_strndup(at, (gsize)(end - at));
}

static gboolean is_right(const RsFunctionName *name, const char *mark)
{
    g_auto(GStrv) words = g_strsplit(mark, " ", -1);
    g_auto(GStrv) functions = g_strsplit(words[1], ",", -1);
    g_auto(GStrv) modules = g_strsplit(words[0], "::", -1);
    g_autofree char *function = last_function(name->name);
    gboolean is_closure = name->role == RS_FUNCTION_CLOSURE;

    if (g_strcmp0(name->crate_name, modules[0]) != 0 ||
        g_strcmp0(name->module_path, words[0]) != 0 ||
        !g_strv_contains((const char *const *)functions, function))
        return FALSE;
    return words[2] && strcmp(words[2], "any") == 0 ? TRUE : is_closure == (words[2] != NULL);
}

static void check_function(Truth *truth, const char *linkage_name, const char *file, int line)
{
    g_auto(RsFunctionName) name = {0};
    g_autofree char *base = g_path_get_basename(file);
    g_autofree char *place = g_strdup_printf("%s:%d", base, line);
    const char *mark = g_hash_table_lookup(truth->marks, place);

    if (!g_hash_table_add(truth->seen, g_strdup(linkage_name)))
        return;
    rs_function_name_parse(linkage_name, &name);
    if (!mark) {
        printf("%s declares %s and has no mark\n", place, name.name);
        truth->n_unmarked++;
        return;
    }
    g_hash_table_add(truth->used, g_strdup(place));
    truth->n_functions++;
    truth->n_closures += strstr(mark, " closure") != NULL;
    if (is_right(&name, mark))
        truth->n_right++;
    else
        printf("%s: \"%s\" is %s in %s (role %d)\n", place, mark, name.name, name.module_path,
               name.role);
}

static void walk(Truth *truth, Dwarf_Die *die)
{
    Dwarf_Die child;

    do {
        if (dwarf_tag(die) == DW_TAG_subprogram) {
            Dwarf_Attribute attribute;
            const char *file = dwarf_decl_file(die), *linkage_name = NULL;
            int line = 0;

            if (dwarf_attr(die, DW_AT_linkage_name, &attribute))
                linkage_name = dwarf_formstring(&attribute);
            if (linkage_name && file && strstr(file, SOURCES) && dwarf_decl_line(die, &line) == 0)
                check_function(truth, linkage_name, file, line);
        }
        if (dwarf_child(die, &child) == 0)
            walk(truth, &child);
    } while (dwarf_siblingof(die, die) == 0);
}

static void check_scheme(const char *scheme)
{
    g_autofree char *program = build(scheme, "one");
    Truth truth = {.marks = read_marks()};
    int fd = open(program, O_RDONLY | O_CLOEXEC);
    Dwarf *dwarf = dwarf_begin(fd, DWARF_C_READ);
    Dwarf_Off at = 0, next;
    size_t n_header_bytes;

    truth.seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    truth.used = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    ck_assert_ptr_nonnull(dwarf);
    for (; dwarf_nextcu(dwarf, at, &next, &n_header_bytes, NULL, NULL, NULL) == 0; at = next) {
        Dwarf_Die unit;

        if (dwarf_offdie(dwarf, at + n_header_bytes, &unit))
            walk(&truth, &unit);
    }
    dwarf_end(dwarf);
    close(fd);
    double right_pct = 100.0 * truth.n_right / MAX(truth.n_functions, 1);
    printf("%s: %u of %u functions right (%.1f %%), %u closures, %u of %u marks met\n", scheme,
           truth.n_right, truth.n_functions, right_pct, truth.n_closures,
           g_hash_table_size(truth.used), g_hash_table_size(truth.marks));
    ck_assert_uint_eq(truth.n_unmarked, 0);
    ck_assert_uint_ge(truth.n_functions, 120);
    ck_assert_uint_ge(truth.n_closures, 25);
    ck_assert_double_ge(right_pct, LEAST_PCT);
    g_hash_table_unref(truth.marks);
    g_hash_table_unref(truth.seen);
    g_hash_table_unref(truth.used);
}

START_TEST(functions_and_crates_of_legacy_names_are_those_of_the_source)
{
    if (!has_rustc)
        return;
    check_scheme("legacy");
}
END_TEST

START_TEST(functions_and_crates_of_v0_names_are_those_of_the_source)
{
    if (!has_rustc)
        return;
    check_scheme("v0");
}
END_TEST

/* Function names in a symbol table, without what std brings. */
static GHashTable *names_of(const char *program, GHashTable *glue)
{
    GHashTable *names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    int fd = open(program, O_RDONLY | O_CLOEXEC);
    Elf *elf = elf_begin(fd, ELF_C_READ, NULL);
    GElf_Shdr header;

    ck_assert_ptr_nonnull(elf);
    for (Elf_Scn *section = NULL; (section = elf_nextscn(elf, section));) {
        Elf_Data *data = elf_getdata(section, NULL);

        if (!gelf_getshdr(section, &header) || header.sh_type != SHT_SYMTAB)
            continue;
        for (gsize i = 0; i < header.sh_size / header.sh_entsize; i++) {
            g_auto(RsFunctionName) name = {0};
            GElf_Sym symbol;

            gelf_getsym(data, (int)i, &symbol);
            if (GELF_ST_TYPE(symbol.st_info) != STT_FUNC || !symbol.st_size)
                continue;
            rs_function_name_parse(elf_strptr(elf, header.sh_link, symbol.st_name), &name);
            if (glue && name.role == RS_FUNCTION_DROP_GLUE)
                g_hash_table_insert(glue, g_strdup(name.name), g_strdup(name.module_path));
            if (name.crate_name && strlen(name.crate_name) > 3 && !rs_crate_is_std(name.crate_name))
                g_hash_table_add(names, g_strdup(name.name));
        }
    }
    elf_end(elf);
    close(fd);
    return names;
}

START_TEST(two_builds_of_one_source_have_the_same_names)
{
    static const char *const schemes[] = {"legacy", "v0"};

    for (guint i = 0; has_rustc && i < G_N_ELEMENTS(schemes); i++) {
        g_autofree char *one = build(schemes[i], "one"), *two = build(schemes[i], "two");
        g_autoptr(GHashTable) names_one = names_of(one, NULL);
        g_autoptr(GHashTable) names_two = names_of(two, NULL);
        GHashTableIter iter;
        gpointer name;

        ck_assert_uint_gt(g_hash_table_size(names_one), 40);
        ck_assert_uint_eq(g_hash_table_size(names_one), g_hash_table_size(names_two));
        g_hash_table_iter_init(&iter, names_one);
        while (g_hash_table_iter_next(&iter, &name, NULL))
            ck_assert_msg(g_hash_table_contains(names_two, name), "%s", (char *)name);
    }
}
END_TEST

START_TEST(drop_glue_belongs_to_the_crate_of_what_is_dropped)
{
    static const char *const types[][2] = {
        {"beta::Guard", "beta"},
        {"alpha::shapes::round::Circle", "alpha::shapes::round"},
        {"gamma::Local", "gamma"},
    };

    if (!has_rustc)
        return;
    g_autofree char *program = build("legacy", "one");
    g_autoptr(GHashTable) glue = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr(GHashTable) names = names_of(program, glue);
    for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
        g_autofree char *name = g_strdup_printf("core::ptr::drop_in_place<%s>", types[i][0]);

        ck_assert_str_eq(g_hash_table_lookup(glue, name), types[i][1]);
    }
}
END_TEST

static void remove_tree(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);

    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *child = g_build_filename(path, name, NULL);

        remove_tree(child);
    }
    g_remove(path);
}

int main(void)
{
    TCase *tcase = tcase_create("function_truth");
    g_autofree char *rustc = g_find_program_in_path("rustc");
    int status;

    has_rustc = rustc != NULL;
    if (!has_rustc)
        for (guint i = 0; i < 4; i++)
            printf("SKIP: no rustc\n");
    /* For -Z: older compilers have the scheme as an unstable option, newer ones the legacy one. */
    g_setenv("RUSTC_BOOTSTRAP", "1", TRUE);
    elf_version(EV_CURRENT);
    work = g_dir_make_tmp("function-truth-XXXXXX", NULL);
    tcase_set_timeout(tcase, 280);
    tcase_add_test(tcase, functions_and_crates_of_legacy_names_are_those_of_the_source);
    tcase_add_test(tcase, functions_and_crates_of_v0_names_are_those_of_the_source);
    tcase_add_test(tcase, two_builds_of_one_source_have_the_same_names);
    tcase_add_test(tcase, drop_glue_belongs_to_the_crate_of_what_is_dropped);
    status = run_tests("function_truth", tcase);
    remove_tree(work);
    g_free(work);
    return status;
}
