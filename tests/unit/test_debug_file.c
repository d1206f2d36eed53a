/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where debug files are found, and that none is taken which is not the file's: by build-id, by the
 * CRC of a debug link, by its code. */
#include "symbol/debug_file.h"

#include "symbol/debugdata.h"
#include "symbol/sections.h"
#include "symbol/symbol_table.h"
#include "tests/unit/symbol_fixtures.h"

static RsDebugPlaces *places;
static RsDebugFile found;
static RsElf *elf;
static char *path;
static char *symbol_folder, *debug_folder;

static void begin(void)
{
    set_up();
    symbol_folder = in_folder("symbols");
    debug_folder = in_folder("debug");
    path = in_folder("bin/app");
    run("mkdir bin symbols debug");
    write_file("app.c", "int twice(int a) { return 2 * a; }\n"
                        "int main(int n, char **v) { (void)v; return twice(n); }\n");
    run("gcc -g -O1 -o whole app.c");
    run("strip -o bin/app whole && objcopy --only-keep-debug whole only.debug");
}

static void end(void)
{
    rs_debug_file_clear(&found);
    rs_debug_places_free(g_steal_pointer(&places));
    rs_elf_free(g_steal_pointer(&elf));
    g_free(path);
    g_free(symbol_folder);
    g_free(debug_folder);
    tear_down();
}

/* Looks for the debug file of bin/app. */
static gboolean look(void)
{
    char *symbol_folders[] = {symbol_folder, NULL}, *debug_folders[] = {debug_folder, NULL};

    rs_debug_file_clear(&found);
    rs_debug_places_free(places);
    rs_elf_free(elf);
    places = rs_debug_places_new(symbol_folders, debug_folders);
    elf = open_elf("bin/app");
    return rs_debug_file_find(places, elf, path, NULL, NULL, &found);
}

static void expect(const char *name, const char *how)
{
    g_autofree char *expected = in_folder(name);
    g_autoptr(RsSymbolTable) table = NULL;

    ck_assert_msg(look(), "%s is not found", name);
    ck_assert_str_eq(found.path, expected);
    ck_assert_str_eq(found.how, how);
    table = rs_symbol_table_new(found.elf, SHT_SYMTAB);
    ck_assert(table != NULL);
    ck_assert(rs_symbol_table_find_name(table, "twice", &(guint64){0}));
}

/* "ab/cdef": where a build-id leads. */
static char *build_id_folders(void)
{
    g_autoptr(RsElf) app = open_elf("bin/app");
    const char *build_id = rs_elf_build_id(app);

    ck_assert(build_id != NULL);
    return g_strdup_printf("%.2s/%s", build_id, build_id + 2);
}

START_TEST(without_a_debug_file_there_is_none)
{
    ck_assert(!look());
    ck_assert(found.elf == NULL && found.path == NULL);
}
END_TEST

START_TEST(a_debug_file_beside_the_file_is_found)
{
    run("cp only.debug bin/app.debug");
    expect("bin/app.debug", "build-id");
    run("mkdir bin/.debug && mv bin/app.debug bin/.debug/");
    expect("bin/.debug/app.debug", "build-id");
}
END_TEST

START_TEST(debug_folders_are_looked_through_by_build_id)
{
    g_autofree char *id = build_id_folders();
    g_autofree char *name = g_strdup_printf("debug/.build-id/%s.debug", id);

    run("mkdir -p debug/.build-id/%.2s && cp only.debug %s", id, name);
    expect(name, "build-id");
}
END_TEST

START_TEST(folders_of_symbols_are_looked_through_by_build_id_and_by_name)
{
    g_autofree char *id = build_id_folders();
    g_autofree char *tree = g_strdup_printf("symbols/.build-id/%s.debug", id);
    g_autofree char *flat = g_strdup_printf("symbols/%s.debug", id);

    run("cp only.debug symbols/anything");
    expect("symbols/anything", "build-id");
    run("mv symbols/anything symbols/app.debug");
    expect("symbols/app.debug", "build-id");
    run("mkdir -p symbols/.build-id/%.2s symbols/%.2s && mv symbols/app.debug %s", id, id, tree);
    expect(tree, "build-id");
    run("mv %s %s", tree, flat);
    expect(flat, "build-id");
}
END_TEST

START_TEST(a_file_of_another_build_id_is_refused_wherever_it_lies)
{
    g_autofree char *id = build_id_folders();

    write_file("other.c", "int twice(int a) { return a << 1; }\nint main(void) { return 7; }\n");
    run("gcc -g -O1 -o other other.c && objcopy --only-keep-debug other other.debug");
    run("cp other.debug bin/app.debug && mkdir bin/.debug && cp other.debug bin/.debug/");
    run("mkdir -p debug/.build-id/%.2s && cp other.debug debug/.build-id/%s.debug", id, id);
    run("mkdir -p symbols/%.2s && cp other.debug symbols/%s.debug && cp other symbols/app", id, id);
    run("objcopy --add-gnu-debuglink=other.debug bin/app && cp other.debug bin/");
    ck_assert(!look());
}
END_TEST

START_TEST(a_file_without_symbols_is_none)
{
    run("cp bin/app symbols/app && cp bin/app bin/app.debug");
    ck_assert(!look());
}
END_TEST

/* Neither file has a build-id, as older linkers and `--build-id=none` make them. */
static void without_build_id(void)
{
    run("gcc -g -O1 -Wl,--build-id=none -o whole app.c");
    run("objcopy --only-keep-debug whole bin/app.dbg");
    run("strip -o bin/app whole && objcopy --add-gnu-debuglink=bin/app.dbg bin/app");
}

START_TEST(a_debug_link_is_followed_where_its_crc_is_right)
{
    without_build_id();
    expect("bin/app.dbg", "debuglink");
    run("mkdir bin/.debug && mv bin/app.dbg bin/.debug/");
    expect("bin/.debug/app.dbg", "debuglink");
    run("mkdir -p debug/\"$PWD\"/bin && mv bin/.debug/app.dbg debug/\"$PWD\"/bin/");
    ck_assert(look());
    ck_assert_str_eq(found.how, "debuglink");
    run("mv debug/\"$PWD\"/bin/app.dbg symbols/");
    expect("symbols/app.dbg", "debuglink");
}
END_TEST

START_TEST(a_debug_link_with_another_crc_is_refused)
{
    without_build_id();
    run("printf x >>bin/app.dbg");
    ck_assert(!look());
    run("truncate -s -1 bin/app.dbg");
    expect("bin/app.dbg", "debuglink");
    run("cp bin/app.dbg bin/app.debug && rm bin/app.dbg"); /* a name alone is no proof */
    ck_assert(!look());
}
END_TEST

START_TEST(a_link_that_leads_out_of_its_folder_is_none)
{
    static const char outside[] = "../whole\0\0\0\0\0\0\0"; /* and a CRC of 0 */
    g_autofree char *link = in_folder("link");

    run("gcc -g -O1 -Wl,--build-id=none -o whole app.c && strip -o bin/app whole");
    ck_assert(g_file_set_contents(link, outside, sizeof outside - 1, NULL));
    run("objcopy --add-section .gnu_debuglink=link bin/app");
    ck_assert(!look());
    ck_assert(g_file_set_contents(link, "app", 3, NULL)); /* no end */
    run("objcopy --update-section .gnu_debuglink=link bin/app");
    ck_assert(!look());
}
END_TEST

START_TEST(a_stripped_build_is_paired_with_the_unstripped_one_of_the_same_code)
{
    run("gcc -g -O1 -Wl,--build-id=0x1111111111111111 -o whole app.c");
    run("gcc -s -O1 -Wl,--build-id=0x2222222222222222 -o bin/app app.c");
    run("mkdir -p symbols/deep/er && cp whole symbols/deep/er/any-name");
    expect("symbols/deep/er/any-name", "same code");
}
END_TEST

START_TEST(code_that_differs_in_one_byte_is_not_paired)
{
    run("gcc -g -O1 -Wl,--build-id=0x1111111111111111 -o symbols/whole app.c");
    write_file("app.c", "int twice(int a) { return 2 * a; }\n"
                        "int main(int n, char **v) { (void)v; return twice(n) + 1; }\n");
    run("gcc -s -O1 -Wl,--build-id=0x2222222222222222 -o bin/app app.c");
    ck_assert(!look());
    write_file("app.c", "int twice(int a) { return 2 * a; }\n"
                        "int main(int n, char **v) { (void)v; return twice(n) + 2; }\n");
    run("gcc -g -O1 -Wl,--build-id=0x3333333333333333 -o symbols/whole app.c");
    ck_assert(!look());
}
END_TEST

START_TEST(a_build_id_alone_is_enough_where_the_file_is_gone)
{
    char *debug_folders[] = {debug_folder, NULL};
    g_autofree char *id = build_id_folders(), *build_id = NULL;
    g_auto(GStrv) parts = g_strsplit(id, "/", 2);

    build_id = g_strconcat(parts[0], parts[1], NULL);
    run("mkdir -p debug/.build-id/%s && cp only.debug debug/.build-id/%s.debug && rm bin/app",
        parts[0], id);
    places = rs_debug_places_new(NULL, debug_folders);
    ck_assert(rs_debug_file_find(places, NULL, path, NULL, build_id, &found));
    ck_assert_str_eq(found.how, "build-id");
    rs_debug_file_clear(&found);
    ck_assert(!rs_debug_file_find(places, NULL, path, NULL, NULL, &found));
    ck_assert(!rs_debug_file_find(places, NULL, NULL, NULL, "../../../../etc/passwd", &found));
}
END_TEST

START_TEST(the_root_of_the_target_comes_first_and_its_links_stay_in_it)
{
    char *debug_folders[] = {(char[]){"/debug"}, NULL};
    g_autofree char *root = in_folder("root");
    g_autofree char *id = build_id_folders();
    g_autofree char *expected = NULL;

    run("mkdir -p root/else/.build-id/%.2s && cp only.debug root/else/.build-id/%s.debug", id, id);
    run("ln -s /else root/debug"); /* in the container it leads to its own folder */
    places = rs_debug_places_new(NULL, debug_folders);
    elf = open_elf("bin/app");
    ck_assert(rs_debug_file_find(places, elf, "/bin/app", root, NULL, &found));
    expected = g_strdup_printf("%s/debug/.build-id/%s.debug", root, id);
    ck_assert_str_eq(found.path, expected);
}
END_TEST

START_TEST(damaged_candidates_are_passed_over)
{
    run("head -c 900 only.debug >bin/app.debug && mkdir bin/.debug && : >bin/.debug/app.debug");
    run("mkfifo symbols/app symbols/app.debug && mkdir symbols/folder.debug");
    run("ln -s . symbols/loop && ln -s nowhere symbols/broken && cp only.debug debug/app");
    ck_assert(!look());
    run("cp only.debug symbols/good");
    expect("symbols/good", "build-id");
}
END_TEST

/* --- .gnu_debugdata --- */

static void add_debugdata(const char *make)
{
    run("objcopy --only-keep-debug whole mini && strip -g mini && %s", make);
    run("strip -o bin/app whole && objcopy --add-section .gnu_debugdata=packed bin/app");
}

START_TEST(packed_symbols_are_unpacked)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RsElf) packed = NULL, inside = NULL;
    g_autoptr(RsSymbolTable) table = NULL;

    add_debugdata("xz -c mini >packed");
    packed = open_elf("bin/app");
    inside = rs_debugdata_read(packed, "app", &error);
    ck_assert_msg(inside != NULL, "%s", error ? error->message : "");
    table = rs_symbol_table_new(inside, SHT_SYMTAB);
    ck_assert(table && rs_symbol_table_find_name(table, "twice", &(guint64){0}));
}
END_TEST

START_TEST(a_file_without_packed_symbols_has_none_and_that_is_no_error)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RsElf) app = open_elf("bin/app");

    ck_assert(rs_debugdata_read(app, "app", &error) == NULL);
    ck_assert(error == NULL);
}
END_TEST

START_TEST(packed_symbols_that_are_damaged_or_unpack_to_too_much_are_errors)
{
    static const char *const commands[] = {
        "xz -c mini | head -c 100 >packed",
        "echo no archive >packed",
        "xz -c mini >packed && printf xxxx | dd of=packed bs=1 seek=40 conv=notrunc status=none",
        "head -c 300000000 /dev/zero | xz -0 -c >packed",
        "echo no elf file | xz -c >packed",
        "xz -c </dev/null >packed"};
    static const char *const messages[] = {"app: .gnu_debugdata cannot be unpacked",
                                           "app: .gnu_debugdata cannot be unpacked",
                                           "app: .gnu_debugdata cannot be unpacked",
                                           "app: .gnu_debugdata unpacks to more than is allowed",
                                           "app: not an ELF file for x86-64",
                                           "app: not an ELF file for x86-64"};

    for (guint i = 0; i < G_N_ELEMENTS(commands); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(RsElf) packed = NULL;

        add_debugdata(commands[i]);
        packed = open_elf("bin/app");
        ck_assert(rs_debugdata_read(packed, "app", &error) == NULL);
        ck_assert(error != NULL);
        ck_assert_str_eq(error->message, messages[i]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("debug_file");
    TCase *tcase = tcase_create("debug_file");

    tcase_add_checked_fixture(tcase, begin, end);
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, without_a_debug_file_there_is_none);
    tcase_add_test(tcase, a_debug_file_beside_the_file_is_found);
    tcase_add_test(tcase, debug_folders_are_looked_through_by_build_id);
    tcase_add_test(tcase, folders_of_symbols_are_looked_through_by_build_id_and_by_name);
    tcase_add_test(tcase, a_file_of_another_build_id_is_refused_wherever_it_lies);
    tcase_add_test(tcase, a_file_without_symbols_is_none);
    tcase_add_test(tcase, a_debug_link_is_followed_where_its_crc_is_right);
    tcase_add_test(tcase, a_debug_link_with_another_crc_is_refused);
    tcase_add_test(tcase, a_link_that_leads_out_of_its_folder_is_none);
    tcase_add_test(tcase, a_stripped_build_is_paired_with_the_unstripped_one_of_the_same_code);
    tcase_add_test(tcase, code_that_differs_in_one_byte_is_not_paired);
    tcase_add_test(tcase, a_build_id_alone_is_enough_where_the_file_is_gone);
    tcase_add_test(tcase, the_root_of_the_target_comes_first_and_its_links_stay_in_it);
    tcase_add_test(tcase, damaged_candidates_are_passed_over);
    tcase_add_test(tcase, packed_symbols_are_unpacked);
    tcase_add_test(tcase, a_file_without_packed_symbols_has_none_and_that_is_no_error);
    tcase_add_test(tcase, packed_symbols_that_are_damaged_or_unpack_to_too_much_are_errors);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
