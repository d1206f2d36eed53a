/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Functions by address: real files beside what nm and objdump say of them, tables that an assembler
 * wrote with strange sizes, and tables with wrong numbers in every place. */
#include "symbol/symbol_table.h"

#include "symbol/plt.h"
#include "symbol/sections.h"
#include "tests/unit/symbol_fixtures.h"

/* A function as nm prints it. */
typedef struct {
    guint64 start, n_bytes;
    char kind;
    char *name;
} NmSymbol;

static void nm_symbol_clear(gpointer data)
{
    g_free(((NmSymbol *)data)->name);
}

static GArray *nm(const char *path, const char *options)
{
    GArray *symbols = g_array_new(FALSE, FALSE, sizeof(NmSymbol));
    g_auto(GStrv) lines = lines_of("nm -nS --defined-only %s '%s'", options, path);

    g_array_set_clear_func(symbols, nm_symbol_clear);
    for (guint i = 0; lines[i]; i++) {
        NmSymbol symbol = {0};
        int at = 0;

        /* "0000000000001139 000000000000000b T main" */
        if (sscanf(lines[i], "%" G_GINT64_MODIFIER "x %" G_GINT64_MODIFIER "x %c %n", &symbol.start,
                   &symbol.n_bytes, &symbol.kind, &at) < 3 ||
            !strchr("tTwWiu", symbol.kind) || !at)
            continue;
        symbol.name = g_strndup(lines[i] + at, strcspn(lines[i] + at, "@"));
        g_array_append_val(symbols, symbol);
    }
    return symbols;
}

/* nm's functions that have vaddr, innermost start; whether name is one of them. */
static gboolean nm_agrees(const GArray *symbols, guint64 vaddr, const char *name, gboolean *is_told)
{
    guint64 innermost = 0;
    gboolean agrees = FALSE;

    *is_told = FALSE;
    for (guint i = 0; i < symbols->len; i++) {
        const NmSymbol *symbol = &g_array_index(symbols, NmSymbol, i);

        if (symbol->start > vaddr)
            break;
        if (vaddr - symbol->start >= symbol->n_bytes)
            continue;
        if (symbol->start > innermost)
            agrees = FALSE;
        innermost = symbol->start;
        *is_told = TRUE;
        agrees |= name && strncmp(symbol->name, name, strcspn(name, "@")) == 0 &&
                  strlen(symbol->name) == strcspn(name, "@");
    }
    return agrees;
}

static void compare_with_nm(const char *path, guint32 type, guint n_least)
{
    g_autoptr(RsElf) elf = open_elf(path);
    g_autoptr(RsSymbolTable) table = rs_symbol_table_new(elf, type);
    g_autoptr(GArray) symbols = nm(path, type == SHT_DYNSYM ? "-D" : "");
    guint step = MAX(symbols->len / 2000, 1), n = 0;

    ck_assert(table != NULL);
    for (guint i = 0; i < symbols->len; i += step) {
        const NmSymbol *expected = &g_array_index(symbols, NmSymbol, i);
        const guint64 places[] = {0, expected->n_bytes / 2, expected->n_bytes - 1};

        for (guint k = 0; k < G_N_ELEMENTS(places); k++) {
            guint64 vaddr = expected->start + places[k];
            RsTableSymbol found = {0};
            gboolean is_told, is_found = rs_symbol_table_find(table, vaddr, &found);
            gboolean agrees = nm_agrees(symbols, vaddr, found.name, &is_told);

            ck_assert_msg(is_found && is_told && agrees, "%s at %lx: %s, nm says %s", path,
                          (gulong)vaddr, is_found ? found.name : "nothing", expected->name);
            ck_assert_uint_le(found.start, vaddr);
            ck_assert_uint_eq(found.n_name_bytes, strlen(found.name));
            n++;
        }
    }
    ck_assert_uint_ge(n, n_least);
}

START_TEST(functions_of_programs_are_those_that_nm_prints)
{
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *c_program = test_program("unwind_target");
    g_autofree char *rust_program = test_program("unwind_rust");

    compare_with_nm(self, SHT_SYMTAB, 300);
    compare_with_nm(c_program, SHT_SYMTAB, 60);
    if (g_file_test(rust_program, G_FILE_TEST_EXISTS))
        compare_with_nm(rust_program, SHT_SYMTAB, 1000);
}
END_TEST

START_TEST(exported_functions_of_libraries_are_those_that_nm_prints)
{
    g_auto(GStrv) lines = lines_of("ldd /proc/%d/exe | awk '$3 ~ /^\\// { print $3 }'", getpid());
    guint n = 0;

    for (; lines[n] && *lines[n]; n++)
        if (strstr(lines[n], "libc.so") || strstr(lines[n], "libglib") ||
            strstr(lines[n], "libm.so"))
            compare_with_nm(lines[n], SHT_DYNSYM, 1000);
    ck_assert_uint_ge(n, 3);
}
END_TEST

/* --- strange tables --- */

/* Functions at 0x10 each from the begin of .text on; what is at begin + offset. */
static const char *name_at(const RsSymbolTable *table, guint64 begin, guint64 offset)
{
    RsTableSymbol found;

    return rs_symbol_table_find(table, begin + offset, &found) ? found.name : "";
}

static RsElf *assemble(const char *text, guint64 *begin)
{
    RsElfSection section;
    RsElf *elf;

    write_file("strange.s", text);
    run("gcc -nostdlib -shared -o strange.so strange.s");
    elf = open_elf("strange.so");
    ck_assert(rs_elf_section(elf, ".text", &section));
    *begin = section.vaddr;
    return elf;
}

#define FUNCTION(name) ".type " name ", @function\n" name ":\n"
#define SIZE(name, n)  ".size " name ", " n "\n"

START_TEST(functions_without_a_size_reach_to_the_next_or_to_the_end_of_their_section)
{
    guint64 begin;
    g_autoptr(RsElf) elf = assemble(".text\n" FUNCTION("first") ".skip 16, 0x90\n" /* 0x00 */
                                    FUNCTION("second") ".skip 16, 0x90\n"          /* 0x10 */
                                                       "label: .skip 16, 0x90\n"   /* 0x20 */
                                                       ".section .other, \"ax\"\n.skip 16, 0x90\n",
                                    &begin);
    g_autoptr(RsSymbolTable) table = rs_symbol_table_new(elf, SHT_SYMTAB);

    ck_assert_str_eq(name_at(table, begin, 0), "first");
    ck_assert_str_eq(name_at(table, begin, 15), "first");
    ck_assert_str_eq(name_at(table, begin, 16), "second");
    ck_assert_str_eq(name_at(table, begin, 0x2f), "label");
    ck_assert_str_eq(name_at(table, begin, 0x30), "");
    ck_assert_str_eq(name_at(table, begin, (guint64)-1), "");
    ck_assert_str_eq(name_at(table, 0, G_MAXUINT64), "");
}
END_TEST

START_TEST(an_address_belongs_to_the_innermost_of_functions_around_it)
{
    guint64 begin;
    g_autoptr(RsElf) elf = assemble(
        ".text\n" FUNCTION("outer") ".skip 16, 0x90\n"                     /* 0x00..0x40 */
        FUNCTION("inner") ".skip 16, 0x90\n" SIZE("inner", "16")           /* 0x10..0x20 */
        "inside: .skip 16, 0x90\n"                                         /* no function */
        FUNCTION("across") ".skip 16, 0x90\n" SIZE("outer", ". - outer")   /* 0x30..0x50 */
        ".skip 16, 0x90\n" SIZE("across", ". - across") ".skip 16, 0x90\n" /* 0x50: nobody's */
        FUNCTION("last") ".skip 16, 0x90\n" SIZE("last", "8"),
        &begin);
    g_autoptr(RsSymbolTable) table = rs_symbol_table_new(elf, SHT_SYMTAB);
    RsTableSymbol found;

    ck_assert_str_eq(name_at(table, begin, 0x0f), "outer");
    ck_assert_str_eq(name_at(table, begin, 0x10), "inner");
    ck_assert_str_eq(name_at(table, begin, 0x1f), "inner");
    ck_assert_str_eq(name_at(table, begin, 0x20), "outer");
    ck_assert_str_eq(name_at(table, begin, 0x2f), "outer");
    ck_assert_str_eq(name_at(table, begin, 0x30), "across");
    ck_assert_str_eq(name_at(table, begin, 0x4f), "across");
    ck_assert_str_eq(name_at(table, begin, 0x50), "");
    ck_assert_str_eq(name_at(table, begin, 0x67), "last");
    ck_assert_str_eq(name_at(table, begin, 0x68), "");
    ck_assert(rs_symbol_table_find(table, begin + 0x20, &found));
    ck_assert_uint_eq(found.start, begin);
    ck_assert_uint_eq(found.n_bytes, 0x40);
}
END_TEST

START_TEST(a_size_beyond_the_section_counts_as_none)
{
    guint64 begin;
    g_autoptr(RsElf) elf = assemble(
        ".text\n" FUNCTION("huge") ".skip 16, 0x90\n" SIZE("huge", "0x7fffffffffffffff")
            FUNCTION("normal") ".skip 16, 0x90\n" SIZE("normal", "16") ".skip 16, 0x90\n" FUNCTION(
                "negative") ".skip 16, 0x90\n" SIZE("negative", "-1"),
        &begin);
    g_autoptr(RsSymbolTable) table = rs_symbol_table_new(elf, SHT_SYMTAB);

    ck_assert_str_eq(name_at(table, begin, 0x0f), "huge");
    ck_assert_str_eq(name_at(table, begin, 0x10), "normal");
    ck_assert_str_eq(name_at(table, begin, 0x20), "");
    ck_assert_str_eq(name_at(table, begin, 0x3f), "negative");
    ck_assert_str_eq(name_at(table, begin, 0x40), "");
}
END_TEST

START_TEST(of_names_for_one_address_the_same_is_chosen_whatever_their_order)
{
    static const char *const names[] = {"zz_local", "__reserved", "plain",
                                        "weak",     "aa_label",   "_ZN3app4workE"};
    /* the last of these is better than those before */
    static const char *const ladder[] = {"aa_label",   "zz_local", "weak",
                                         "__reserved", "plain",    "_ZN3app4workE"};

    for (guint n = 1; n <= G_N_ELEMENTS(ladder); n++) {
        for (guint rotation = 0; rotation < G_N_ELEMENTS(names); rotation++) {
            g_autoptr(GString) text = g_string_new(".text\n");
            g_autoptr(RsElf) elf = NULL;
            g_autoptr(RsSymbolTable) table = NULL;
            guint64 begin;

            for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
                const char *name = names[(i + rotation) % G_N_ELEMENTS(names)];
                gboolean is_in = FALSE, is_label = g_str_equal(name, "aa_label");

                for (guint k = 0; k < n; k++)
                    is_in |= g_str_equal(ladder[k], name);
                if (!is_in)
                    continue;
                if (!is_label && !g_str_equal(name, "zz_local"))
                    g_string_append_printf(text, "%s %s\n",
                                           g_str_equal(name, "weak") ? ".weak" : ".global", name);
                g_string_append_printf(text, "%s:\n", name);
                if (!is_label)
                    g_string_append_printf(text, ".type %s, @function\n.size %s, 16\n", name, name);
            }
            g_string_append(text, ".skip 16, 0x90\n");
            elf = assemble(text->str, &begin);
            table = rs_symbol_table_new(elf, SHT_SYMTAB);
            ck_assert_str_eq(name_at(table, begin, 8), ladder[n - 1]);
        }
    }
}
END_TEST

START_TEST(data_and_what_is_elsewhere_are_no_functions)
{
    guint64 begin;
    g_autoptr(RsElf) elf = assemble(".data\n.global datum\n.type datum, @object\ndatum: .quad 1\n"
                                    ".type odd, @function\nodd: .quad 1\n.size odd, 8\n"
                                    ".set absolute, 0x1000\n.text\n.skip 8, 0x90\n.Lno: \n"
                                    ".type object, @object\nobject: .skip 8, 0x90\n",
                                    &begin);
    g_autoptr(RsSymbolTable) table = rs_symbol_table_new(elf, SHT_SYMTAB);

    ck_assert(table == NULL);
}
END_TEST

START_TEST(objects_that_are_not_linked_have_no_addresses)
{
    g_autoptr(RsElf) elf = NULL;
    g_autoptr(RsSymbolTable) table = NULL;

    write_file("object.c", "int function(void) { return 1; }");
    run("gcc -c -o object.o object.c && strip -o stripped.o object.o");
    elf = open_elf("object.o");
    table = rs_symbol_table_new(elf, SHT_SYMTAB);
    ck_assert(table == NULL);
}
END_TEST

START_TEST(a_debug_file_without_code_has_its_functions)
{
    g_autofree char *program = test_program("unwind_target");
    g_autoptr(RsElf) whole = open_elf(program), debug = NULL;
    g_autoptr(RsSymbolTable) of_whole = rs_symbol_table_new(whole, SHT_SYMTAB), of_debug = NULL;

    run("objcopy --only-keep-debug '%s' only.debug", program);
    debug = open_elf("only.debug");
    of_debug = rs_symbol_table_new(debug, SHT_SYMTAB);
    ck_assert(of_debug != NULL);
    ck_assert_uint_eq(rs_symbol_table_n(of_debug), rs_symbol_table_n(of_whole));
    ck_assert(!rs_sections_have(debug, ".text"));
    ck_assert(rs_sections_have(whole, ".text"));
    ck_assert(rs_sections_have(debug, ".debug_info"));
}
END_TEST

START_TEST(a_function_is_found_by_its_name)
{
    g_autofree char *program = test_program("unwind_target");
    g_autoptr(RsElf) elf = open_elf(program);
    g_autoptr(RsSymbolTable) table = rs_symbol_table_new(elf, SHT_SYMTAB);
    RsTableSymbol found;
    guint64 start;

    ck_assert(rs_symbol_table_find_name(table, "main", &start));
    ck_assert(rs_symbol_table_find(table, start, &found));
    ck_assert_str_eq(found.name, "main");
    ck_assert(!rs_symbol_table_find_name(table, "mai", &start));
    ck_assert(!rs_symbol_table_find_name(table, "no_such_function", &start));
}
END_TEST

/* --- hostile --- */

static void ask_everywhere(const guint8 *bytes, gsize n_bytes)
{
    g_autoptr(RsElf) elf = rs_elf_from_bytes(bytes, n_bytes, "test", NULL);

    for (guint32 type = SHT_SYMTAB; elf && type <= SHT_DYNSYM; type += SHT_DYNSYM - SHT_SYMTAB) {
        g_autoptr(RsSymbolTable) table = rs_symbol_table_new(elf, type);
        g_autoptr(RsPlt) plt = rs_plt_new(elf, table);
        RsTableSymbol found;
        guint64 start;

        for (guint64 vaddr = 0; vaddr < 0x4000; vaddr += 37) {
            if (table && rs_symbol_table_find(table, vaddr, &found)) {
                ck_assert_uint_le(found.start, vaddr);
                ck_assert_uint_lt(found.index, rs_symbol_table_n(table));
                ck_assert_uint_eq(found.n_name_bytes, strlen(found.name));
            }
            if (plt && rs_plt_find(plt, vaddr, &start))
                ck_assert_uint_le(start, vaddr);
        }
    }
}

START_TEST(tables_with_wrong_numbers_in_any_place_are_survived)
{
    static const guint8 values[] = {0, 1, 0x7f, 0x80, 0xff};
    g_autofree char *path = in_folder("small.so");
    g_autofree guint8 *bytes = NULL;
    gsize n_bytes;
    Elf64_Ehdr header;
    gsize n_headers;

    write_file("small.c", "int puts(const char *); static int own(int a) { return a + puts(\"\"); }"
                          "int all(int a) { return own(a) + 1; } int more(void) { return 2; }");
    run("gcc -O0 -shared -fPIC -Wl,-z,lazy -o small.so small.c");
    ck_assert(g_file_get_contents(path, (char **)(void *)&bytes, &n_bytes, NULL));
    memcpy(&header, bytes, sizeof header);
    n_headers = (gsize)header.e_shnum * sizeof(Elf64_Shdr);
    for (gsize at = header.e_shoff; at < header.e_shoff + n_headers; at++) {
        guint8 kept = bytes[at];

        bytes[at] = values[at % G_N_ELEMENTS(values)];
        ask_everywhere(bytes, n_bytes);
        bytes[at] = kept;
    }
    for (gsize i = 0; i < header.e_shnum; i++) { /* and in the symbols themselves */
        Elf64_Shdr section;

        memcpy(&section, bytes + header.e_shoff + i * sizeof section, sizeof section);
        if (section.sh_type != SHT_SYMTAB && section.sh_type != SHT_DYNSYM)
            continue;
        for (gsize at = section.sh_offset; at < section.sh_offset + section.sh_size; at++) {
            guint8 kept = bytes[at];

            bytes[at] = values[(at + i) % G_N_ELEMENTS(values)];
            ask_everywhere(bytes, n_bytes);
            bytes[at] = kept;
        }
    }
    for (gsize n = 0; n < n_bytes; n += 101)
        ask_everywhere(bytes, n);
}
END_TEST

/* --- stubs --- */

/* Stubs as objdump finds them: "0000000000001030 <puts@plt>:". */
static guint compare_stubs(const char *path, guint *n_same)
{
    g_autoptr(RsElf) elf = open_elf(path);
    g_autoptr(RsSymbolTable) table = rs_symbol_table_new(elf, SHT_DYNSYM);
    g_autoptr(RsPlt) plt = rs_plt_new(elf, table);
    g_auto(GStrv) lines = lines_of("objdump -d -j .plt -j .plt.sec -j .plt.got '%s' | "
                                   "grep -E '^[0-9a-f]+ <.*@plt>:$'",
                                   path);
    guint n = 0;

    *n_same = 0;
    for (guint i = 0; lines[i] && *lines[i]; i++) {
        guint64 vaddr = g_ascii_strtoull(lines[i], NULL, 16), start = 0;
        g_autofree char *expected = g_strndup(lines[i] + 18, strcspn(lines[i] + 18, ">"));
        const char *name = plt ? rs_plt_find(plt, vaddr, &start) : NULL;

        if (g_str_has_prefix(expected, "*ABS*")) /* chosen by a function: objdump has no name */
            continue;
        n++;
        *n_same += g_strcmp0(name, expected) == 0 && start == vaddr;
        if (g_strcmp0(name, expected) != 0)
            printf("%s: %s, objdump %s\n", path, name ? name : "nothing", expected);
    }
    return n;
}

START_TEST(stubs_have_the_names_of_the_functions_behind_them)
{
    static const char *const links[] = {"-Wl,-z,lazy", "-Wl,-z,now", "-Wl,-z,lazy,-z,ibtplt",
                                        "-Wl,-z,now,-z,ibtplt"};
    guint n_same;

    write_file("calls.c", "#include <stdio.h>\n#include <string.h>\n#include <stdlib.h>\n"
                          "int (*taken)(const char *) = puts;"
                          "int calls(char *a) { int (*volatile f)(const char *) = puts; f(a);"
                          "free(a); return puts(a) + (int)strlen(a) + rand() + putchar(1); }");
    for (guint i = 0; i < G_N_ELEMENTS(links); i++) {
        g_autofree char *library = in_folder("calls.so");
        guint n;

        run("gcc -O0 -shared -fPIC %s -o calls.so calls.c", links[i]);
        n = compare_stubs(library, &n_same);
        ck_assert_msg(n >= 4, "%s: objdump finds %u", links[i], n);
        ck_assert_uint_eq(n_same, n);
    }
}
END_TEST

START_TEST(stubs_end_where_the_next_begins)
{
    g_autoptr(RsElf) elf = NULL;
    g_autoptr(RsPlt) plt = NULL;
    RsElfSection section;
    guint64 start;

    write_file("two.c", "int puts(const char *); int putchar(int);"
                        "int two(void) { return puts(\"\") + putchar(1); }");
    run("gcc -O0 -shared -fPIC -fcf-protection=none -Wl,-z,lazy -o two.so two.c");
    elf = open_elf("two.so");
    plt = rs_plt_new(elf, NULL);
    ck_assert(plt != NULL);
    ck_assert(rs_elf_section(elf, ".plt", &section));
    ck_assert(rs_plt_find(plt, section.vaddr, &start) == NULL); /* the one that all go through */
    ck_assert(rs_plt_find(plt, section.vaddr + 31, &start) != NULL);
    ck_assert_uint_eq(start, section.vaddr + 16);
    ck_assert(rs_plt_find(plt, section.vaddr + 32, &start) != NULL);
    ck_assert_uint_eq(start, section.vaddr + 32);
    ck_assert(rs_plt_find(plt, 0, &start) == NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("symbol_table");
    TCase *tcase = tcase_create("symbol_table");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, 240);
    tcase_add_test(tcase, functions_of_programs_are_those_that_nm_prints);
    tcase_add_test(tcase, exported_functions_of_libraries_are_those_that_nm_prints);
    tcase_add_test(tcase,
                   functions_without_a_size_reach_to_the_next_or_to_the_end_of_their_section);
    tcase_add_test(tcase, an_address_belongs_to_the_innermost_of_functions_around_it);
    tcase_add_test(tcase, a_size_beyond_the_section_counts_as_none);
    tcase_add_test(tcase, of_names_for_one_address_the_same_is_chosen_whatever_their_order);
    tcase_add_test(tcase, data_and_what_is_elsewhere_are_no_functions);
    tcase_add_test(tcase, objects_that_are_not_linked_have_no_addresses);
    tcase_add_test(tcase, a_debug_file_without_code_has_its_functions);
    tcase_add_test(tcase, a_function_is_found_by_its_name);
    tcase_add_test(tcase, tables_with_wrong_numbers_in_any_place_are_survived);
    tcase_add_test(tcase, stubs_have_the_names_of_the_functions_behind_them);
    tcase_add_test(tcase, stubs_end_where_the_next_begins);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
