/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Maps as JIT compilers and the kernel write them, and as nobody should. */
#include "symbol/address_map.h"

#include <check.h>
#include <gio/gio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/run.h"

#define N_RANDOM_LINES  400
#define N_RANDOM_ROUNDS 30
#define RANDOM_SPACE    2000

static char *folder, *path;

static void set_up(void)
{
    folder = g_dir_make_tmp("map-XXXXXX", NULL);
    path = g_build_filename(folder, "perf-1.map", NULL);
}

static void tear_down(void)
{
    unlink(path);
    rmdir(folder);
    g_free(path);
    g_free(folder);
}

static RsAddressMap *map_of(const char *text, gssize n_bytes)
{
    g_autoptr(GError) error = NULL;
    RsAddressMap *map;

    ck_assert(g_file_set_contents(path, text, n_bytes, NULL));
    map = rs_address_map_read_perf(path, &error);
    ck_assert_msg(map != NULL, "%s", error ? error->message : "no error");
    return map;
}

static void check_name(const RsAddressMap *map, guint64 address, const char *name, guint64 start)
{
    guint64 found_start = 0;
    const char *found = rs_address_map_find(map, address, &found_start);

    ck_assert_msg(g_strcmp0(found, name) == 0, "%" G_GINT64_MODIFIER "x: %s, not %s", address,
                  found ? found : "nothing", name ? name : "nothing");
    if (name)
        ck_assert_uint_eq(found_start, start);
}

static RsAddressMap *kernel_of(const char *text)
{
    g_autoptr(GError) error = NULL;
    RsAddressMap *map;

    ck_assert(g_file_set_contents(path, text, -1, NULL));
    map = rs_address_map_read_kallsyms(path, &error);
    ck_assert_ptr_null(error);
    return map;
}

/* --- perf-PID.map --- */

START_TEST(a_name_holds_from_its_start_to_its_end)
{
    g_autoptr(RsAddressMap) map = map_of("7f0010 20 LazyCompile:~f file.js:1\n"
                                         "0x7f0030 0x8 operator new[](unsigned long)\n",
                                         -1);

    check_name(map, 0x7f000f, NULL, 0);
    check_name(map, 0x7f0010, "LazyCompile:~f file.js:1", 0x7f0010);
    check_name(map, 0x7f002f, "LazyCompile:~f file.js:1", 0x7f0010);
    check_name(map, 0x7f0030, "operator new[](unsigned long)", 0x7f0030);
    check_name(map, 0x7f0037, "operator new[](unsigned long)", 0x7f0030);
    check_name(map, 0x7f0038, NULL, 0);
    check_name(map, 0, NULL, 0);
    check_name(map, G_MAXUINT64, NULL, 0);
}
END_TEST

START_TEST(the_later_of_two_lines_counts_and_the_rest_of_the_earlier_stays)
{
    g_autoptr(RsAddressMap) map = map_of("1000 100 old\n"
                                         "1040 20 new\n"
                                         "2000 10 inner\n"
                                         "1ff0 100 outer\n"
                                         "3000 10 first\n"
                                         "3000 10 second\n",
                                         -1);

    check_name(map, 0x103f, "old", 0x1000);
    check_name(map, 0x1040, "new", 0x1040);
    check_name(map, 0x105f, "new", 0x1040);
    check_name(map, 0x1060, "old", 0x1000);
    check_name(map, 0x2005, "outer", 0x1ff0);
    check_name(map, 0x3005, "second", 0x3000);
}
END_TEST

/* Each address is looked up in a plain array that the lines were written into in order. */
START_TEST(any_lines_give_what_writing_them_one_over_the_other_gives)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(7);

    for (guint round = 0; round < N_RANDOM_ROUNDS; round++) {
        g_autoptr(GString) text = g_string_new(NULL);
        g_autoptr(RsAddressMap) map = NULL;
        gint truth[RANDOM_SPACE];

        memset(truth, 0xff, sizeof truth);
        for (gint i = 0; i < N_RANDOM_LINES; i++) {
            guint start = (guint)g_rand_int_range(random, 0, RANDOM_SPACE - 100);
            guint n = (guint)g_rand_int_range(random, 1, i % 10 ? 20 : 100);

            g_string_append_printf(text, "%x %x f%d\n", start, n, i);
            for (guint k = 0; k < n; k++)
                truth[start + k] = i;
        }
        map = map_of(text->str, -1);
        for (guint address = 0; address < RANDOM_SPACE; address++) {
            guint64 start;
            const char *found = rs_address_map_find(map, address, &start);
            g_autofree char *name = g_strdup_printf("f%d", truth[address]);

            ck_assert_int_eq(found != NULL, truth[address] >= 0);
            if (found)
                ck_assert_str_eq(found, name);
        }
    }
}
END_TEST

START_TEST(lines_that_are_none_are_passed_over)
{
    g_autoptr(RsAddressMap) map = map_of("\n"
                                         "# a comment\n"
                                         "zzz 10 no_address\n"
                                         "1000 10\n"
                                         "1000\n"
                                         "12345678123456789 10 too_wide\n"
                                         "1000 ffffffffffffffff absurd\n"
                                         "fffffffffffffff0 20 wraps\n"
                                         "5000 10 good\n",
                                         -1);

    check_name(map, 0x1000, NULL, 0);
    check_name(map, 0x2345678123456789, NULL, 0);
    check_name(map, 0xfffffffffffffff5, NULL, 0);
    check_name(map, 0x5000, "good", 0x5000);
}
END_TEST

START_TEST(lines_may_end_as_on_windows_or_not_at_all)
{
    g_autoptr(RsAddressMap) map = map_of("1000 10 one\r\n2000 10 two  \r\n3000 10 three", -1);

    check_name(map, 0x1000, "one", 0x1000);
    check_name(map, 0x2000, "two", 0x2000);
    check_name(map, 0x3000, "three", 0x3000);
}
END_TEST

START_TEST(a_function_without_a_size_ends_at_the_next_or_after_a_page)
{
    g_autoptr(RsAddressMap) map = map_of("1000 main::run\n"
                                         "1080 10 next\n"
                                         "5000 0 last\n",
                                         -1);

    check_name(map, 0x107f, "main::run", 0x1000);
    check_name(map, 0x1080, "next", 0x1080);
    check_name(map, 0x1090, NULL, 0);
    check_name(map, 0x5fff, "last", 0x5000);
    check_name(map, 0x6000, NULL, 0);
}
END_TEST

START_TEST(long_lines_are_cut_and_hide_no_others)
{
    g_autoptr(GString) text = g_string_new("1000 10 ");
    g_autoptr(RsAddressMap) map = NULL;
    guint64 start;

    for (guint i = 0; i < 300000; i++)
        g_string_append_c(text, 'x');
    g_string_append(text, "\n2000 10 after\n");
    map = map_of(text->str, -1);
    ck_assert_uint_lt(strlen(rs_address_map_find(map, 0x1000, &start)), 4096);
    check_name(map, 0x2000, "after", 0x2000);
}
END_TEST

START_TEST(names_that_are_no_text_become_text)
{
    g_autoptr(RsAddressMap) map = map_of("1000 10 a\xff\xfe"
                                         "b\n2000 10 n\0ul\n3000 10 c\n",
                                         37);
    guint64 start;

    ck_assert(g_utf8_validate(rs_address_map_find(map, 0x1000, &start), -1, NULL));
    check_name(map, 0x2000, "n", 0x2000);
    check_name(map, 0x3000, "c", 0x3000);
}
END_TEST

START_TEST(a_map_without_a_line_and_no_map_are_errors)
{
    g_autoptr(GError) error = NULL;

    ck_assert(g_file_set_contents(path, "nothing here\n", -1, NULL));
    ck_assert_ptr_null(rs_address_map_read_perf(path, &error));
    ck_assert(g_error_matches(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA));
    g_clear_error(&error);
    unlink(path);
    ck_assert_ptr_null(rs_address_map_read_perf(path, &error));
    ck_assert(g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT));
}
END_TEST

START_TEST(pipes_folders_and_links_are_not_read)
{
    g_autoptr(GError) error = NULL;

    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_assert_ptr_null(rs_address_map_read_perf(path, &error));
    ck_assert_ptr_nonnull(error);
    g_clear_error(&error);
    unlink(path);
    ck_assert_ptr_null(rs_address_map_read_perf(folder, &error));
    ck_assert_ptr_nonnull(error);
    g_clear_error(&error);
    ck_assert_int_eq(symlink("/proc/kallsyms", path), 0);
    ck_assert_ptr_null(rs_address_map_read_perf(path, &error));
    ck_assert_ptr_nonnull(error);
}
END_TEST

/* --- kallsyms --- */

START_TEST(the_kernel_is_named_by_its_functions_and_its_modules)
{
    g_autoptr(RsAddressMap) map = kernel_of("0000000000000000 A fixed_percpu_data\n"
                                            "ffffffff81000000 T _stext\n"
                                            "ffffffff81000000 T startup_64\n"
                                            "ffffffff81000100 t do_one_initcall\n"
                                            "ffffffff81000100 t __pfx_x\n"
                                            "ffffffff81000200 W weak_one\n"
                                            "ffffffff81e00000 T _etext\n"
                                            "ffffffff82000000 D some_data\n"
                                            "ffffffff83000000 d data_before_code\n"
                                            "ffffffffc0000000 t helper\t[ext4]\n"
                                            "ffffffffc0000040 t other\t[ext4]\n");

    ck_assert_ptr_nonnull(map);
    check_name(map, 0, NULL, 0);
    check_name(map, 0xffffffff80ffffff, NULL, 0);
    check_name(map, 0xffffffff81000050, "startup_64", 0xffffffff81000000);
    check_name(map, 0xffffffff81000150, "do_one_initcall", 0xffffffff81000100);
    check_name(map, 0xffffffff81000250, "weak_one", 0xffffffff81000200);
    check_name(map, 0xffffffff81d00000, NULL, 0); /* no function is this long */
    check_name(map, 0xffffffff81e00010, NULL, 0);
    check_name(map, 0xffffffff82000010, NULL, 0);
    check_name(map, 0xffffffffc0000010, "helper [ext4]", 0xffffffffc0000000);
    check_name(map, 0xffffffffc0000050, "other [ext4]", 0xffffffffc0000040);
    check_name(map, 0xffffffffc0800000, NULL, 0);
}
END_TEST

START_TEST(a_kernel_that_hides_its_addresses_gives_no_map)
{
    ck_assert_ptr_null(kernel_of("0000000000000000 T _stext\n0000000000000000 t f\t[m]\n"));
}
END_TEST

START_TEST(this_machines_kernel_is_read_or_hidden)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RsAddressMap) map = NULL;
    g_autofree char *text = NULL;
    guint64 start = 0;
    gsize n_bytes;

    if (!g_file_get_contents("/proc/kallsyms", &text, &n_bytes, NULL) || n_bytes == 0) {
        printf("SKIP: /proc/kallsyms cannot be read\n");
        return;
    }
    map = rs_address_map_read_kallsyms("/proc/kallsyms", &error);
    ck_assert_ptr_null(error);
    if (map) {
        char *line = strstr(text, " T schedule\n");

        ck_assert_ptr_nonnull(line);
        start = g_ascii_strtoull(line - 16, NULL, 16);
        check_name(map, start + 1, "schedule", start);
    } else {
        ck_assert_ptr_nonnull(strstr(text, "0000000000000000 "));
    }
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("address_map");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, a_name_holds_from_its_start_to_its_end);
    tcase_add_test(tcase, the_later_of_two_lines_counts_and_the_rest_of_the_earlier_stays);
    tcase_add_test(tcase, any_lines_give_what_writing_them_one_over_the_other_gives);
    tcase_add_test(tcase, lines_that_are_none_are_passed_over);
    tcase_add_test(tcase, lines_may_end_as_on_windows_or_not_at_all);
    tcase_add_test(tcase, a_function_without_a_size_ends_at_the_next_or_after_a_page);
    tcase_add_test(tcase, long_lines_are_cut_and_hide_no_others);
    tcase_add_test(tcase, names_that_are_no_text_become_text);
    tcase_add_test(tcase, a_map_without_a_line_and_no_map_are_errors);
    tcase_add_test(tcase, pipes_folders_and_links_are_not_read);
    tcase_add_test(tcase, the_kernel_is_named_by_its_functions_and_its_modules);
    tcase_add_test(tcase, a_kernel_that_hides_its_addresses_gives_no_map);
    tcase_add_test(tcase, this_machines_kernel_is_read_or_hidden);
    return run_tests("address_map", tcase);
}
