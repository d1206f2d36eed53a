/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether functions of stripped programs keep their names from one build to the next: logstat is
 * built before and after a change, with code added besides so that everything moves, and both
 * programs are stripped.
 *
 * The judge knows nothing of instructions. The programs are linked with --emit-relocs, which leaves
 * in the unstripped twin a list of all the places that the linker filled in; a function is
 * unchanged when it has the same symbol and size in both twins and all its bytes but those at such
 * places are equal. */
#include <check.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "symbol/code_name.h"

#include "tests/unit/run.h"

#define STABLE_PCT  90 /* of unchanged functions; spec: "stable between builds where possible" */
#define CHANGED_PCT 95 /* of changed functions have another name */
#define MOVED_PCT   50 /* of functions, or the test shows nothing */
#define SHOWN       5  /* functions that are not as they should be */

typedef struct {
    char *name;
    guint64 start, n_bytes;
    guint8 *code;      /* zeros where the linker filled in */
    char *stable_name; /* by the stripped file alone */
} Function;

typedef struct {
    guint n_unchanged, n_stable, n_changed, n_renamed, n_moved, n_names, n_shared;
} Counts;

static char *folder;

static void set_up(void)
{
    folder = g_dir_make_tmp("stability-XXXXXX", NULL);
}

static void tear_down(void)
{
    g_autofree char *command = g_strdup_printf("rm -rf '%s'", folder);

    ck_assert_int_eq(system(command), 0);
    g_free(folder);
}

static gboolean run(const char *format, ...) G_GNUC_PRINTF(1, 2);
static gboolean run(const char *format, ...)
{
    g_autofree char *command = NULL;
    va_list arguments;

    va_start(arguments, format);
    command = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    return system(command) == 0;
}

static RsElf *open_in_folder(const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    RsElf *elf;

    ck_assert_msg(fd >= 0, "%s", path);
    elf = rs_elf_open_fd(fd, path, NULL);
    close(fd);
    ck_assert_ptr_nonnull(elf);
    return elf;
}

/* --- the twins that were not stripped --- */

static void function_free(gpointer data)
{
    Function *function = data;

    g_free(function->name);
    g_free(function->code);
    g_free(function->stable_name);
    g_free(function);
}

static gint by_start(gconstpointer a, gconstpointer b)
{
    const Function *one = *(Function *const *)a, *other = *(Function *const *)b;

    return one->start < other->start ? -1 : one->start > other->start;
}

/* Rust's legacy names end in a hash of everything: "17h" and 16 digits, "E". */
static char *without_hash(const char *name)
{
    gsize n = strlen(name);

    if (n > 20 && name[n - 1] == 'E' && memcmp(name + n - 20, "17h", 3) == 0)
        return g_strndup(name, n - 20);
    return g_strdup(name);
}

static void add_symbols(GPtrArray *functions, const RsElf *elf, Elf *file, Elf_Scn *scn,
                        const GElf_Shdr *header)
{
    Elf_Data *data = elf_getdata(scn, NULL);
    GElf_Sym symbol;

    for (int i = 0; data && gelf_getsym(data, i, &symbol); i++) {
        gsize n_left;
        const guint8 *code = rs_elf_at_vaddr(elf, symbol.st_value, &n_left);
        Function *function;

        if (GELF_ST_TYPE(symbol.st_info) != STT_FUNC || symbol.st_size == 0 || !code ||
            symbol.st_size > n_left)
            continue;
        function = g_new0(Function, 1);
        function->name = without_hash(elf_strptr(file, header->sh_link, symbol.st_name));
        function->start = symbol.st_value;
        function->n_bytes = symbol.st_size;
        function->code = g_memdup2(code, symbol.st_size);
        g_ptr_array_add(functions, function);
    }
}

static guint n_bytes_of_relocation(guint64 type)
{
    switch (type) {
    case R_X86_64_NONE:
        return 0;
    case R_X86_64_64:
    case R_X86_64_PC64:
    case R_X86_64_GOTOFF64:
    case R_X86_64_TPOFF64:
        return 8;
    default:
        return 4;
    }
}

static void mask_relocations(GPtrArray *functions, Elf_Scn *scn)
{
    Elf_Data *data = elf_getdata(scn, NULL);
    GElf_Rela relocation;

    for (int i = 0; data && gelf_getrela(data, i, &relocation); i++) {
        guint n_bytes = n_bytes_of_relocation(GELF_R_TYPE(relocation.r_info)), low = 0,
              high = functions->len;
        Function *function;
        guint64 offset;

        while (low < high) {
            guint middle = low + (high - low) / 2;

            if (((Function *)functions->pdata[middle])->start <= relocation.r_offset)
                low = middle + 1;
            else
                high = middle;
        }
        function = low ? functions->pdata[low - 1] : NULL;
        offset = function ? relocation.r_offset - function->start : 0;
        if (function && offset < function->n_bytes && n_bytes <= function->n_bytes - offset)
            memset(function->code + offset, 0, n_bytes);
    }
}

/* Sorted; one an address. */
static GPtrArray *functions_of(const RsElf *elf)
{
    GPtrArray *functions = g_ptr_array_new_with_free_func(function_free);
    Elf *file;
    Elf_Scn *scn = NULL;
    GElf_Shdr header;
    guint n_relocations = 0;

    elf_version(EV_CURRENT);
    file = elf_memory((char *)(guintptr)rs_elf_bytes(elf), rs_elf_n_bytes(elf));
    while ((scn = elf_nextscn(file, scn)))
        if (gelf_getshdr(scn, &header) && header.sh_type == SHT_SYMTAB)
            add_symbols(functions, elf, file, scn, &header);
    g_ptr_array_sort(functions, by_start);
    for (guint i = 1; i < functions->len;)
        if (((Function *)functions->pdata[i])->start ==
            ((Function *)functions->pdata[i - 1])->start)
            g_ptr_array_remove_index(functions, i);
        else
            i++;
    while ((scn = elf_nextscn(file, scn))) {
        GElf_Shdr target;

        if (gelf_getshdr(scn, &header) && header.sh_type == SHT_RELA &&
            gelf_getshdr(elf_getscn(file, header.sh_info), &target) &&
            target.sh_flags & SHF_EXECINSTR && !(header.sh_flags & SHF_ALLOC)) {
            mask_relocations(functions, scn);
            n_relocations++;
        }
    }
    elf_end(file);
    ck_assert_uint_gt(n_relocations, 0);
    return functions;
}

/* --- the stripped programs --- */

/* Gives the functions of the twin the names that the stripped program's code has for them. */
static void name_functions(GPtrArray *functions, const char *stripped)
{
    g_autoptr(RsElf) elf = open_in_folder(stripped);
    g_autoptr(RsCodeBounds) bounds = rs_code_bounds_new(elf);
    RsElfSection section;

    ck_assert(!rs_elf_section(elf, ".symtab", &section));
    for (guint i = 0; i < functions->len; i++) {
        Function *function = functions->pdata[i];
        guint64 start, n_bytes;

        if (rs_code_bounds_find(bounds, function->start, &start, &n_bytes))
            function->stable_name = rs_code_name(elf, start, n_bytes);
        else
            function->stable_name = g_strdup("none");
    }
}

/* By symbol; NULL for those that several functions have. */
static GHashTable *by_symbol(GPtrArray *functions)
{
    GHashTable *table = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < functions->len; i++) {
        Function *function = functions->pdata[i];

        g_hash_table_insert(table, function->name,
                            g_hash_table_contains(table, function->name) ? NULL : function);
    }
    return table;
}

static void compare(const Function *one, const Function *other, Counts *counts)
{
    gboolean is_named_alike = g_str_equal(one->stable_name, other->stable_name) &&
                              g_str_has_prefix(one->stable_name, "fn_") &&
                              !g_str_has_prefix(one->stable_name, "fn_at_");

    counts->n_moved += one->start != other->start;
    if (one->n_bytes == other->n_bytes && memcmp(one->code, other->code, one->n_bytes) == 0) {
        counts->n_unchanged++;
        counts->n_stable += is_named_alike;
        if (!is_named_alike && counts->n_unchanged - counts->n_stable <= SHOWN)
            printf("  not stable: %s (%s, %s)\n", one->name, one->stable_name, other->stable_name);
    } else {
        counts->n_changed++;
        counts->n_renamed += !is_named_alike;
        if (is_named_alike && counts->n_changed - counts->n_renamed <= SHOWN)
            printf("  changed, but not its name: %s\n", one->name);
    }
}

/* How many functions share a name with one whose code differs. */
static void count_shared(GPtrArray *functions, Counts *counts)
{
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < functions->len; i++) {
        Function *function = functions->pdata[i], *same;

        same = g_hash_table_lookup(names, function->stable_name);
        if (!same)
            g_hash_table_insert(names, function->stable_name, function);
        else if (!g_str_equal(same->name, function->name))
            counts->n_shared++;
    }
    counts->n_names = g_hash_table_size(names);
}

static void check_pair(const char *what)
{
    g_autoptr(RsElf) before = open_in_folder("a"), after = open_in_folder("b");
    g_autoptr(GPtrArray) functions = functions_of(before), other = functions_of(after);
    g_autoptr(GHashTable) symbols = by_symbol(functions), other_symbols = by_symbol(other);
    Counts counts = {0};
    GHashTableIter each;
    gpointer name, function;

    name_functions(functions, "a.stripped");
    name_functions(other, "b.stripped");
    g_hash_table_iter_init(&each, symbols);
    while (g_hash_table_iter_next(&each, &name, &function)) {
        Function *twin = g_hash_table_lookup(other_symbols, name);

        if (function && twin)
            compare(function, twin, &counts);
    }
    count_shared(functions, &counts);
    printf("%s: %u functions in both builds, %u moved; of %u unchanged ones %u keep their name, of "
           "%u changed ones %u do not; %u functions have %u names, %u share one with another\n",
           what, counts.n_unchanged + counts.n_changed, counts.n_moved, counts.n_unchanged,
           counts.n_stable, counts.n_changed, counts.n_renamed, functions->len, counts.n_names,
           counts.n_shared);
    ck_assert_uint_ge(counts.n_stable * 100, counts.n_unchanged * STABLE_PCT);
    ck_assert_uint_ge(counts.n_moved * 100, (counts.n_unchanged + counts.n_changed) * MOVED_PCT);
    ck_assert_uint_ge(counts.n_changed, 1);
    ck_assert_uint_ge(counts.n_renamed * 100, counts.n_changed * CHANGED_PCT);
}

/* --- builds --- */

static const char *examples(void)
{
    return g_getenv("EXAMPLES") ? g_getenv("EXAMPLES") : "examples";
}

static gboolean strip_both(void)
{
    return run("cd '%s' && strip -o a.stripped a && strip -o b.stripped b", folder);
}

START_TEST(a_stripped_rust_program_keeps_stable_names)
{
    static const char rustc[] = "rustc -O -g --edition 2021 --crate-name logstat "
                                "-C link-arg=-Wl,--emit-relocs";

    if (!run("rustc --version >/dev/null 2>&1 && strip --version >/dev/null 2>&1")) {
        printf("SKIP: rustc and strip are not both here\n");
        return;
    }
    ck_assert(run("cp -r '%s/logstat/src' '%s/src'", examples(), folder));
    ck_assert(run("cd '%s' && %s -o a src/main.rs", folder, rustc));
    /* code that is in the program though nothing calls it, and a thread's variable */
    ck_assert(run("cd '%s' && cat >>src/hit.rs <<'END'\n"
                  "pub fn added(values: &mut Vec<(u64, String)>) -> String {\n"
                  "    thread_local!(static COUNT: std::cell::Cell<u64> = "
                  "std::cell::Cell::new(7));\n"
                  "    COUNT.with(|c| c.set(c.get() * 3));\n"
                  "    values.sort_by(|a, b| b.1.cmp(&a.1));\n"
                  "    format!(\"{:?} {}\", values, COUNT.with(|c| c.get()))\n"
                  "}\n"
                  "#[used]\n"
                  "pub static ADDED: fn(&mut Vec<(u64, String)>) -> String = added;\n"
                  "END\n",
                  folder));
    ck_assert(
        run("cd '%s' && %s --cfg 'feature=\"regress_clone\"' -o b src/main.rs", folder, rustc));
    ck_assert(strip_both());
    check_pair("rust");
}
END_TEST

static void check_c(const char *what, const char *flags)
{
    /* in sections of their own, so that the assembler leaves all calls to the linker */
    static const char common[] = "-O2 -g -pthread -ffunction-sections -Wl,--emit-relocs";
    static const char files[] = "hit.c route.c table.c summary.c report.c gen.c main.c";

    if (!run("strip --version >/dev/null 2>&1")) {
        printf("SKIP: strip is not here\n");
        return;
    }
    ck_assert(run("cp -r '%s/logstat-c' '%s/c'", examples(), folder));
    ck_assert(run("cd '%s/c' && gcc %s %s -o ../a %s", folder, common, flags, files));
    ck_assert(run("cd '%s/c' && printf '%s' >added.c", folder,
                  "__thread long counts[9] = {1}; long table[99] = {2};"
                  "long added(long n) { for (long i = 0; i < 99; i++)"
                  " counts[n & 7] += table[i] * n; return counts[1]; }"));
    ck_assert(run("cd '%s/c' && gcc %s %s -DREGRESS_CLONE -o ../b added.c %s", folder, common,
                  flags, files));
    ck_assert(strip_both());
    check_pair(what);
}

START_TEST(a_stripped_c_program_keeps_stable_names)
{
    check_c("C", "-fPIE -pie");
}
END_TEST

START_TEST(a_stripped_c_program_for_one_address_keeps_stable_names)
{
    check_c("C, one address", "-fno-pie -no-pie");
}
END_TEST

START_TEST(a_stripped_static_c_program_keeps_stable_names)
{
    check_c("C, static", "-fno-pie -static");
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("code_stability");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, 240);
    tcase_add_test(tcase, a_stripped_rust_program_keeps_stable_names);
    tcase_add_test(tcase, a_stripped_c_program_keeps_stable_names);
    tcase_add_test(tcase, a_stripped_c_program_for_one_address_keeps_stable_names);
    tcase_add_test(tcase, a_stripped_static_c_program_keeps_stable_names);
    return run_tests("code_stability", tcase);
}
