/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names by address: each source is used, in its order, and recorded; what cannot be named says why;
 * and what binutils say of thousands of addresses. */
#include "symbol/symbolizer.h"

#include <elf.h>
#include <sys/auxv.h>

#include "symbol/symbol_table.h"
#include "tests/unit/symbol_fixtures.h"

static RsSymbolizer *symbolizer;
static char *path;
static guint64 twice_vaddr, main_vaddr, n_twice_bytes;

static void make_symbolizer(void)
{
    char *folders[] = {folder, NULL}; /* of debug files: those of this machine are out of play */
    RsSymbolOptions options = {.debug_folders = folders};

    rs_symbolizer_free(symbolizer);
    symbolizer = rs_symbolizer_new(&options);
}

static void begin(void)
{
    g_autoptr(RsElf) elf = NULL;
    g_autoptr(RsSymbolTable) table = NULL;
    RsTableSymbol symbol;

    set_up();
    path = in_folder("bin/app");
    run("mkdir bin");
    write_file("app.c", "#include <stdio.h>\n"
                        "static inline __attribute__((always_inline)) int inner(int a)\n"
                        "{\n"
                        "    return puts(\"inner\") + a;\n"
                        "}\n"
                        "__attribute__((noinline)) int twice(int a)\n"
                        "{\n"
                        "    return 2 *\n"
                        "           inner(a);\n"
                        "}\n"
                        "int main(int n, char **v)\n"
                        "{\n"
                        "    (void)v;\n"
                        "    return twice(n);\n"
                        "}\n");
    run("gcc -g -O1 -o whole app.c && strip -o stripped whole && cp stripped bin/app");
    elf = open_elf("whole");
    table = rs_symbol_table_new(elf, SHT_SYMTAB);
    ck_assert(rs_symbol_table_find_name(table, "main", &main_vaddr));
    ck_assert(rs_symbol_table_find_name(table, "twice", &twice_vaddr));
    ck_assert(rs_symbol_table_find(table, twice_vaddr, &symbol));
    n_twice_bytes = symbol.n_bytes;
    make_symbolizer();
}

static void end(void)
{
    rs_symbolizer_free(g_steal_pointer(&symbolizer));
    g_clear_pointer(&path, g_free);
    tear_down();
}

static RsSymbolModule *module_at(const char *at)
{
    return rs_symbolizer_add(
        symbolizer, &(RsSymbolModuleInfo){.kind = RS_MODULE_FILE, .path = at, .n_bytes = -1});
}

/* The outermost function at address. */
static gboolean look(RsSymbolModule *module, guint64 address, RsSymbol *symbol, RsUnnamed *why)
{
    RsSymbol symbols[64];
    guint n = rs_symbol_module_lookup(module, address, symbols, G_N_ELEMENTS(symbols), why);
    const char *name = rs_symbol_module_name(module, address, NULL);

    if (!n) {
        ck_assert(name == NULL);
        return FALSE;
    }
    *symbol = symbols[n - 1];
    ck_assert(symbol->name && *symbol->name);
    ck_assert(name != NULL || symbol->source == RS_SYMBOL_DWARF);
    return TRUE;
}

static void expect(RsSymbolSource source)
{
    RsSymbolModule *module;
    RsSymbol symbol;
    RsUnnamed why;

    make_symbolizer(); /* the last one knows what lay there before */
    module = module_at(path);
    ck_assert(look(module, twice_vaddr + 1, &symbol, &why));
    ck_assert_str_eq(symbol.name, "twice");
    ck_assert_msg(symbol.source == source, "%s, not %s", rs_symbol_source_names[symbol.source],
                  rs_symbol_source_names[source]);
    ck_assert(look(module, main_vaddr, &symbol, &why));
    ck_assert_str_eq(symbol.name, "main");
}

static void expect_unnamed(const RsSymbolModuleInfo *info, guint64 address, RsUnnamed expected)
{
    RsSymbolModule *module = rs_symbolizer_add(symbolizer, info);
    RsSymbol symbol;
    RsUnnamed why = RS_N_UNNAMED;
    gboolean is_found = look(module, address, &symbol, &why);

    ck_assert_msg(!is_found, "%s", symbol.name);
    ck_assert_msg(why == expected, "%s, not %s", rs_unnamed_names[why], rs_unnamed_names[expected]);
}

/* --- sources --- */

START_TEST(the_first_source_that_has_a_name_gives_it)
{
    run("objcopy --only-keep-debug whole debug && cp whole bin/app");
    run("objcopy --only-keep-debug whole mini && strip -g mini && xz -kc mini >packed");
    run("cp debug bin/app.debug");
    expect(RS_SYMBOL_SYMTAB);
    run("objcopy --add-section .gnu_debugdata=packed stripped bin/app");
    expect(RS_SYMBOL_DEBUG_FILE);
    run("rm bin/app.debug");
    expect(RS_SYMBOL_DEBUGDATA);
    run("gcc -O1 -rdynamic -o exporting app.c && strip -o bin/app exporting");
    {
        g_autoptr(RsElf) elf = open_elf("exporting");
        g_autoptr(RsSymbolTable) table = rs_symbol_table_new(elf, SHT_SYMTAB);

        ck_assert(rs_symbol_table_find_name(table, "main", &main_vaddr));
        ck_assert(rs_symbol_table_find_name(table, "twice", &twice_vaddr));
    }
    expect(RS_SYMBOL_DYNSYM);
}
END_TEST

START_TEST(a_name_without_debug_information_has_no_lines)
{
    RsSymbol symbol;
    RsUnnamed why;

    run("strip -g -o bin/app whole");
    ck_assert(look(module_at(path), twice_vaddr, &symbol, &why));
    ck_assert_int_eq(symbol.source, RS_SYMBOL_SYMTAB);
    ck_assert(symbol.file == NULL);
    ck_assert_int_eq(symbol.line, -1);
    ck_assert_uint_eq(symbol.at_line, 0);
}
END_TEST

START_TEST(stripped_code_has_names_by_its_content)
{
    RsSymbolModule *module = module_at(path);
    RsSymbol in_twice, in_main;
    RsUnnamed why;
    guint64 start = 0;

    ck_assert(look(module, twice_vaddr + n_twice_bytes - 1, &in_twice, &why));
    ck_assert(look(module, main_vaddr, &in_main, &why));
    ck_assert_int_eq(in_twice.source, RS_SYMBOL_UNWIND);
    ck_assert(g_str_has_prefix(in_twice.name, "fn_"));
    ck_assert_str_ne(in_twice.name, in_main.name);
    ck_assert_str_eq(rs_symbol_module_name(module, twice_vaddr + 2, &start), in_twice.name);
    ck_assert_uint_eq(start, twice_vaddr);
}
END_TEST

static void remove_symbol_table(const char *file)
{
    g_autofree char *bytes = NULL;
    gsize n_bytes;
    Elf64_Ehdr header;

    ck_assert(g_file_get_contents(file, &bytes, &n_bytes, NULL));
    memcpy(&header, bytes, sizeof header);
    for (guint i = 0; i < header.e_shnum; i++) {
        char *at = bytes + header.e_shoff + i * sizeof(Elf64_Shdr);
        Elf64_Shdr section;

        memcpy(&section, at, sizeof section);
        if (section.sh_type == SHT_SYMTAB)
            section.sh_type = SHT_PROGBITS;
        memcpy(at, &section, sizeof section);
    }
    ck_assert(g_file_set_contents(file, bytes, (gssize)n_bytes, NULL));
}

START_TEST(dwarf_without_a_symbol_table_gives_names_rather_than_the_code)
{
    RsSymbol symbol;
    RsUnnamed why;
    g_autofree char *removed = in_folder("bin/app");

    /* binutils keep the symbol table where there is DWARF: what it is is changed by hand */
    run("cp whole bin/app");
    remove_symbol_table(removed);
    ck_assert(look(module_at(path), twice_vaddr, &symbol, &why));
    ck_assert_str_eq(symbol.name, "twice");
    ck_assert_int_eq(symbol.source, RS_SYMBOL_DWARF);
    ck_assert(!symbol.is_inline);
}
END_TEST

START_TEST(stubs_are_named)
{
    RsSymbolModule *module = module_at(path);
    gboolean is_found = FALSE;

    for (guint64 address = 0x1000; address < 0x2000 && !is_found; address += 8) {
        RsSymbol symbol;
        RsUnnamed why;

        if (look(module, address, &symbol, &why) && g_str_equal(symbol.name, "puts@plt")) {
            ck_assert_int_eq(symbol.source, RS_SYMBOL_DYNSYM);
            is_found = TRUE;
        }
    }
    ck_assert(is_found);
}
END_TEST

START_TEST(versions_are_no_part_of_names)
{
    RsSymbol symbol;
    RsUnnamed why;
    g_autoptr(RsElf) elf = NULL;
    g_autoptr(RsSymbolTable) table = NULL;
    guint64 vaddr;

    write_file("versions", "V1 { global: versioned; };\n");
    write_file("lib.c", "int versioned(void) { return 4; }\n");
    run("gcc -shared -fPIC -Wl,--version-script=versions -o lib.so lib.c && "
        "objcopy --redefine-sym versioned=versioned@@V1 lib.so bin/app");
    elf = open_elf("bin/app");
    table = rs_symbol_table_new(elf, SHT_SYMTAB);
    ck_assert(rs_symbol_table_find_name(table, "versioned@@V1", &vaddr));
    ck_assert(look(module_at(path), vaddr, &symbol, &why));
    ck_assert_str_eq(symbol.name, "versioned");
    ck_assert(symbol.linkage_name == NULL);
}
END_TEST

START_TEST(the_vdso_is_named_by_its_own_image)
{
    RsSymbolModuleInfo info = {.kind = RS_MODULE_VDSO, .path = "[vdso]", .n_bytes = -1};
    RsSymbolModule *module = rs_symbolizer_add(symbolizer, &info);
    gboolean is_found = FALSE;

    if (!getauxval(AT_SYSINFO_EHDR)) {
        printf("SKIP: the kernel has no vdso\n");
        return;
    }
    for (guint64 address = 0; address < 0x4000; address++) {
        const char *name = rs_symbol_module_name(module, address, NULL);

        is_found |= name && strstr(name, "clock_gettime");
    }
    ck_assert(is_found);
    info.build_id = "0123456789abcdef0123456789abcdef01234567"; /* of another kernel */
    expect_unnamed(&info, 0x800, RS_UNNAMED_OTHER_FILE);
}
END_TEST

START_TEST(generated_code_is_named_by_its_map_under_the_root_of_the_target)
{
    g_autofree char *root = in_folder("root");
    RsSymbolModuleInfo info = {
        .kind = RS_MODULE_JIT, .path = "[jit]", .n_bytes = -1, .root = root, .process_id = 77};
    RsSymbolModule *module;
    RsSymbol symbol;
    RsUnnamed why;

    run("mkdir -p root/tmp && printf '1000 20 first\\n1020 10 second thing\\n' >"
        "root/tmp/perf-77.map");
    module = rs_symbolizer_add(symbolizer, &info);
    ck_assert(look(module, 0x101f, &symbol, &why));
    ck_assert_str_eq(symbol.name, "first");
    ck_assert_int_eq(symbol.source, RS_SYMBOL_PERF_MAP);
    ck_assert(look(module, 0x1020, &symbol, &why));
    ck_assert_str_eq(symbol.name, "second thing");
    ck_assert(!look(module, 0x1030, &symbol, &why));
    ck_assert_int_eq(why, RS_UNNAMED_JIT);
    info.process_id = 78;
    expect_unnamed(&info, 0x1000, RS_UNNAMED_JIT);
    info.process_id = 0;
    expect_unnamed(&info, 0x1000, RS_UNNAMED_JIT);
}
END_TEST

START_TEST(the_kernel_is_named_where_it_tells_its_symbols)
{
    RsSymbolModuleInfo info = {.kind = RS_MODULE_KERNEL, .path = "[kernel]", .n_bytes = -1};
    RsSymbolModule *module = rs_symbolizer_add(symbolizer, &info);
    g_auto(GStrv) lines = lines_of("awk '$2 ~ /^[tT]$/ && $1 !~ /^0*$/ && !$4 { print $1, $3 }' "
                                   "/proc/kallsyms | sed -n 100p");
    RsSymbol symbol;
    RsUnnamed why;

    if (!lines[0] || !*lines[0]) {
        expect_unnamed(&info, 0xffffffff81000000, RS_UNNAMED_KERNEL_HIDDEN);
        return;
    }
    ck_assert(look(module, g_ascii_strtoull(lines[0], NULL, 16), &symbol, &why));
    ck_assert_int_eq(symbol.source, RS_SYMBOL_KERNEL);
    ck_assert_int_eq(symbol.crate_kind, RS_CRATE_KERNEL);
}
END_TEST

/* --- files --- */

START_TEST(what_cannot_be_named_says_why)
{
    g_autofree char *nowhere = in_folder("nowhere"), *damaged = in_folder("damaged");
    g_autofree char *other = in_folder("whole");
    RsSymbolModuleInfo info = {.kind = RS_MODULE_FILE, .path = nowhere, .n_bytes = -1};

    expect_unnamed(&info, 0x1100, RS_UNNAMED_NO_FILE);
    info.path = "relative";
    expect_unnamed(&info, 0x1100, RS_UNNAMED_NO_FILE);
    info.path = NULL;
    expect_unnamed(&info, 0x1100, RS_UNNAMED_NO_FILE);
    run("head -c 5000 /dev/urandom >damaged");
    info.path = damaged;
    expect_unnamed(&info, 0x1100, RS_UNNAMED_BAD_FILE);
    info.path = other;
    expect_unnamed(&info, 0x7fff0000, RS_UNNAMED_NO_SYMBOL);
    info.build_id = "00000000000000000000";
    expect_unnamed(&info, twice_vaddr, RS_UNNAMED_OTHER_FILE);
    info.build_id = NULL;
    info.n_bytes = 1;
    expect_unnamed(&info, twice_vaddr, RS_UNNAMED_OTHER_FILE);
    info = (RsSymbolModuleInfo){.kind = RS_MODULE_UNKNOWN, .path = "[unknown]"};
    expect_unnamed(&info, twice_vaddr, RS_UNNAMED_UNMAPPED);
}
END_TEST

START_TEST(a_debug_file_of_another_build_gives_no_names)
{
    RsSymbol symbol;
    RsUnnamed why;

    write_file("other.c", "int twice(int a) { return a; } int main(void) { return 1; }\n");
    run("gcc -g -o other other.c && objcopy --only-keep-debug other bin/app.debug");
    ck_assert(look(module_at(path), twice_vaddr, &symbol, &why));
    ck_assert_int_eq(symbol.source, RS_SYMBOL_UNWIND);
}
END_TEST

START_TEST(a_file_that_was_replaced_is_named_by_its_debug_file)
{
    g_autoptr(RsElf) elf = open_elf("whole");
    RsSymbolModuleInfo info = {
        .kind = RS_MODULE_FILE, .path = path, .build_id = rs_elf_build_id(elf), .n_bytes = -1};
    RsSymbol symbol;
    RsUnnamed why;

    write_file("other.c", "int main(void) { return 1; }\n");
    run("gcc -o bin/app other.c");
    run("mkdir -p .build-id/%.2s && objcopy --only-keep-debug whole .build-id/%.2s/%s.debug",
        info.build_id, info.build_id, info.build_id + 2);
    ck_assert(look(rs_symbolizer_add(symbolizer, &info), twice_vaddr, &symbol, &why));
    ck_assert_str_eq(symbol.name, "twice");
    ck_assert_int_eq(symbol.source, RS_SYMBOL_DEBUG_FILE);
    expect_unnamed(&info, 0x7fff0000, RS_UNNAMED_OTHER_FILE);
}
END_TEST

START_TEST(a_pinned_file_is_used_when_its_path_is_gone)
{
    g_autoptr(RsElf) elf = open_elf("whole");
    g_autofree char *deleted = in_folder("whole (deleted)");
    RsSymbolModuleInfo info = {.kind = RS_MODULE_FILE, .path = deleted, .n_bytes = -1, .elf = elf};
    RsSymbol symbol;
    RsUnnamed why;

    run("rm whole");
    ck_assert(look(rs_symbolizer_add(symbolizer, &info), twice_vaddr, &symbol, &why));
    ck_assert_str_eq(symbol.name, "twice");
    ck_assert_int_eq(symbol.line, 6);
    rs_symbolizer_free(g_steal_pointer(&symbolizer)); /* before the file that it borrows */
}
END_TEST

START_TEST(files_of_a_container_are_found_under_its_root)
{
    g_autofree char *root = in_folder("root");
    RsSymbolModuleInfo info = {
        .kind = RS_MODULE_FILE, .path = "/opt/app", .n_bytes = -1, .root = root};
    RsSymbol symbol;
    RsUnnamed why;

    run("mkdir -p root/real root/usr/lib/debug && cp stripped root/real/app && ln -s /real "
        "root/opt");
    run("objcopy --only-keep-debug whole root/real/app.debug");
    ck_assert(look(rs_symbolizer_add(symbolizer, &info), twice_vaddr, &symbol, &why));
    ck_assert_str_eq(symbol.name, "twice");
    ck_assert_int_eq(symbol.source, RS_SYMBOL_DEBUG_FILE);
    ck_assert_int_eq(symbol.line, 6);
}
END_TEST

START_TEST(files_that_are_cut_short_while_they_are_read_are_survived)
{
    for (guint n_kept = 0; n_kept < 16000; n_kept += 1777) {
        RsSymbolModule *module;

        run("cp whole bin/app");
        make_symbolizer();
        module = module_at(path);
        rs_symbol_module_name(module, main_vaddr, NULL);
        if (n_kept % 2) {
            RsSymbol symbol;
            RsUnnamed why;

            look(module, main_vaddr, &symbol, &why);
        }
        run("truncate -s %u bin/app", n_kept);
        for (guint64 address = 0; address < 0x3000; address += 8) {
            RsSymbol symbols[16];
            RsUnnamed why;

            rs_symbol_module_lookup(module, address, symbols, G_N_ELEMENTS(symbols), &why);
        }
    }
}
END_TEST

/* --- inlined functions --- */

START_TEST(inlined_functions_come_first_with_their_lines)
{
    RsSymbol symbols[8];
    RsUnnamed why;
    RsSymbolModule *module;
    gboolean is_seen = FALSE;

    run("cp whole bin/app");
    module = module_at(path);
    for (guint64 address = twice_vaddr; address < twice_vaddr + n_twice_bytes; address++) {
        guint n = rs_symbol_module_lookup(module, address, symbols, G_N_ELEMENTS(symbols), &why);

        ck_assert_uint_ge(n, 1);
        ck_assert_str_eq(symbols[n - 1].name, "twice");
        ck_assert_int_eq(symbols[n - 1].source, RS_SYMBOL_SYMTAB);
        ck_assert(g_str_has_suffix(symbols[n - 1].file, "/app.c"));
        ck_assert_int_eq(symbols[n - 1].line, 6);
        ck_assert(!symbols[n - 1].is_inline);
        if (n != 2)
            continue;
        is_seen = TRUE;
        ck_assert_str_eq(symbols[0].name, "inner");
        ck_assert_int_eq(symbols[0].source, RS_SYMBOL_DWARF);
        ck_assert(symbols[0].is_inline);
        ck_assert_int_eq(symbols[0].line, 2);
        ck_assert_uint_eq(symbols[0].at_line, 4);
        ck_assert_uint_eq(symbols[1].at_line, 9); /* of the call */
        /* with room for one, it is the one that has the code */
        ck_assert_uint_eq(rs_symbol_module_lookup(module, address, symbols, 1, &why), 1);
        ck_assert_str_eq(symbols[0].name, "twice");
    }
    ck_assert(is_seen);
}
END_TEST

START_TEST(without_inlines_there_is_one_function_for_each_address)
{
    RsSymbolOptions options = {.no_inlines = TRUE};
    RsSymbol symbols[8];
    RsUnnamed why;
    RsSymbolModule *module;

    rs_symbolizer_free(symbolizer);
    symbolizer = rs_symbolizer_new(&options);
    run("cp whole bin/app");
    module = module_at(path);
    for (guint64 address = twice_vaddr; address < twice_vaddr + n_twice_bytes; address++) {
        ck_assert_uint_eq(rs_symbol_module_lookup(module, address, symbols, 8, &why), 1);
        ck_assert_str_eq(symbols[0].name, "twice");
        ck_assert(symbols[0].file == NULL);
    }
}
END_TEST

START_TEST(what_was_found_is_told)
{
    g_autofree char *sources = NULL, *expected = in_folder("bin/app.debug");

    run("objcopy --only-keep-debug whole bin/app.debug");
    sources = rs_symbol_module_sources(module_at(path));
    ck_assert(g_str_has_prefix(sources, "debug file "));
    ck_assert(strstr(sources, expected) && strstr(sources, "(build-id)"));
    ck_assert(strstr(sources, "DWARF of ") != NULL);
    g_clear_pointer(&sources, g_free);
    sources = rs_symbol_module_sources(module_at("/nonexistent"));
    ck_assert_str_eq(sources, "no_file");
}
END_TEST

/* --- oracle --- */

/* But for what the compiler puts behind the name of a part of a function (".cold", ".llvm.17"). */
static gboolean is_same_name(const char *a, const char *b)
{
    gsize n = 0;

    while (a[n] && a[n] == b[n])
        n++;
    return (!a[n] || a[n] == '.') && (!b[n] || b[n] == '.');
}

/* What addr2line calls the function that has the code at each address, and what we call it. */
static void compare_with_addr2line(const char *program, guint n_least)
{
    g_autoptr(RsElf) elf = open_elf(program);
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GArray) addresses = g_array_new(FALSE, FALSE, sizeof(guint64));
    g_autofree char *list = in_folder("addresses");
    g_auto(GStrv) lines = NULL;
    RsSymbolModule *module = module_at(program);
    guint n_same = 0, n = 0, at = 0;
    RsElfSection section;
    guint64 step;

    ck_assert(rs_elf_section(elf, ".text", &section));
    step = MAX(section.n_bytes / 4000, 1);
    for (guint64 offset = 0; offset < section.n_bytes; offset += step) {
        guint64 address = section.vaddr + offset;

        g_array_append_val(addresses, address);
        g_string_append_printf(text, "0x%lx\n", (gulong)address);
    }
    ck_assert(g_file_set_contents(list, text->str, -1, NULL));
    /* "0xADDRESS", then pairs of lines, name and place, the function with the code last */
    lines = lines_of("addr2line -a -i -f -e '%s' <addresses", program);
    for (guint i = 0; i < addresses->len; i++) {
        guint64 address = g_array_index(addresses, guint64, i);
        const char *theirs = NULL, *ours;
        RsSymbol symbol;
        RsUnnamed why;

        ck_assert_uint_eq(g_ascii_strtoull(lines[at], NULL, 16), address);
        for (at++; lines[at] && *lines[at] && !g_str_has_prefix(lines[at], "0x"); at += 2)
            theirs = lines[at];
        if (!theirs || g_str_equal(theirs, "??") || !look(module, address, &symbol, &why) ||
            symbol.source != RS_SYMBOL_SYMTAB)
            continue;
        ours = symbol.linkage_name ? symbol.linkage_name : symbol.name;
        n++;
        n_same += is_same_name(ours, theirs);
    }
    ck_assert_msg(n >= n_least && n_same >= 0.99 * n, "%s: %u of %u as addr2line", program, n_same,
                  n);
}

START_TEST(functions_are_those_that_addr2line_prints)
{
    g_autofree char *c_program = test_program("unwind_target");
    g_autofree char *rust_program = test_program("unwind_rust");
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);

    compare_with_addr2line(c_program, 300);
    compare_with_addr2line(self, 3000);
    if (g_file_test(rust_program, G_FILE_TEST_EXISTS))
        compare_with_addr2line(rust_program, 3000);
}
END_TEST

/* --- the same again --- */

START_TEST(a_module_that_is_added_again_is_the_one_that_is_known)
{
    g_autoptr(RsElf) elf = open_elf("whole");
    RsSymbolModuleInfo info = {.kind = RS_MODULE_FILE, .path = path, .n_bytes = -1};
    RsSymbolModule *module = rs_symbolizer_add(symbolizer, &info);
    RsSymbolModuleInfo others[] = {info, info, info, info, info, info};
    g_autofree char *copy = g_strdup(path);
    const char *name;

    name = rs_symbol_module_name(module, main_vaddr, NULL);
    ck_assert(name != NULL);
    info.path = copy; /* by its text, which need not live on */
    ck_assert(rs_symbolizer_add(symbolizer, &info) == module);
    memset(copy, 'x', strlen(copy));
    info.path = path;
    ck_assert(rs_symbolizer_add(symbolizer, &info) == module);
    ck_assert(rs_symbol_module_name(module, main_vaddr, NULL) == name); /* not read again */
    others[0].kind = RS_MODULE_VDSO;
    others[1].path = "/elsewhere";
    others[2].build_id = "00112233445566778899";
    others[3].root = "/proc/1/root";
    others[4].process_id = 4711;
    others[5].elf = elf;
    for (guint i = 0; i < G_N_ELEMENTS(others); i++) {
        RsSymbolModule *other = rs_symbolizer_add(symbolizer, &others[i]);

        ck_assert_msg(other != module, "%u", i);
        ck_assert(rs_symbolizer_add(symbolizer, &others[i]) == other);
    }
    rs_symbolizer_free(g_steal_pointer(&symbolizer)); /* before the file that it borrows */
}
END_TEST

START_TEST(a_map_that_has_grown_since_is_read_again)
{
    g_autofree char *root = in_folder("root");
    RsSymbolModuleInfo info = {
        .kind = RS_MODULE_JIT, .path = "[jit]", .n_bytes = -1, .root = root, .process_id = 77};
    RsSymbolModule *module = rs_symbolizer_add(symbolizer, &info);
    const char *first;

    run("mkdir -p root/tmp && printf '1000 20 first\n' >root/tmp/perf-77.map");
    first = rs_symbol_module_name(module, 0x1000, NULL);
    ck_assert_str_eq(first, "first");
    run("printf '1000 20 moved here\n2000 20 later\n' >>root/tmp/perf-77.map");
    ck_assert(rs_symbolizer_add(symbolizer, &info) == module);
    ck_assert_str_eq(rs_symbol_module_name(module, 0x2000, NULL), "later");
    ck_assert_str_eq(rs_symbol_module_name(module, 0x1000, NULL), "moved here");
    ck_assert_str_eq(first, "first"); /* still there for who has it */
}
END_TEST

START_TEST(what_was_named_before_the_program_was_known_is_judged_again)
{
    RsSymbolModule *module;
    RsSymbol symbol;
    RsUnnamed why;

    run("cp whole bin/app");
    module = module_at(path);
    ck_assert(look(module, twice_vaddr, &symbol, &why));
    ck_assert_int_ne(symbol.crate_kind, RS_CRATE_OWN);
    rs_symbol_module_set_main(module);
    ck_assert(look(module, twice_vaddr, &symbol, &why));
    ck_assert_int_eq(symbol.crate_kind, RS_CRATE_OWN);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("symbolizer");
    TCase *tcase = tcase_create("symbolizer");

    tcase_add_checked_fixture(tcase, begin, end);
    tcase_set_timeout(tcase, 240);
    tcase_add_test(tcase, the_first_source_that_has_a_name_gives_it);
    tcase_add_test(tcase, a_name_without_debug_information_has_no_lines);
    tcase_add_test(tcase, stripped_code_has_names_by_its_content);
    tcase_add_test(tcase, dwarf_without_a_symbol_table_gives_names_rather_than_the_code);
    tcase_add_test(tcase, stubs_are_named);
    tcase_add_test(tcase, versions_are_no_part_of_names);
    tcase_add_test(tcase, the_vdso_is_named_by_its_own_image);
    tcase_add_test(tcase, generated_code_is_named_by_its_map_under_the_root_of_the_target);
    tcase_add_test(tcase, the_kernel_is_named_where_it_tells_its_symbols);
    tcase_add_test(tcase, what_cannot_be_named_says_why);
    tcase_add_test(tcase, a_debug_file_of_another_build_gives_no_names);
    tcase_add_test(tcase, a_file_that_was_replaced_is_named_by_its_debug_file);
    tcase_add_test(tcase, a_pinned_file_is_used_when_its_path_is_gone);
    tcase_add_test(tcase, files_of_a_container_are_found_under_its_root);
    tcase_add_test(tcase, files_that_are_cut_short_while_they_are_read_are_survived);
    tcase_add_test(tcase, inlined_functions_come_first_with_their_lines);
    tcase_add_test(tcase, without_inlines_there_is_one_function_for_each_address);
    tcase_add_test(tcase, what_was_found_is_told);
    tcase_add_test(tcase, a_module_that_is_added_again_is_the_one_that_is_known);
    tcase_add_test(tcase, a_map_that_has_grown_since_is_read_again);
    tcase_add_test(tcase, what_was_named_before_the_program_was_known_is_judged_again);
    tcase_add_test(tcase, functions_are_those_that_addr2line_prints);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
