/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/self.h"

#include <string.h>
#include <sys/stat.h>

#include "tests/unit/run.h"
#include "tests/unit/trial_fixtures.h"

START_TEST(a_linked_program_is_what_the_kernel_runs)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *link = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *path = rs_self_path(&error);

    ck_assert_no_error(error);
    ck_assert(!rs_self_is_behind_loader());
    ck_assert_str_eq(path, link);
}
END_TEST

START_TEST(behind_the_tarballs_loader_it_is_the_starter)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *bin = in_folder("bin"), *starter = in_folder("bin/rustscope");
    g_autofree char *loader = in_folder("lib/ld-linux-x86-64.so.2");
    g_autofree char *path = NULL;

    ck_assert_int_eq(mkdir(bin, 0755), 0);
    write_file("bin/rustscope", "");
    ck_assert_int_eq(chmod(starter, 0755), 0);
    path = rs_self_path_of(loader, TRUE, &error);
    ck_assert_no_error(error);
    ck_assert_str_eq(path, starter);
}
END_TEST

START_TEST(behind_any_other_loader_there_is_no_way_back)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *loader = in_folder("lib64/ld-linux-x86-64.so.2");

    ck_assert_ptr_null(rs_self_path_of(loader, TRUE, &error));
    ck_assert(g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT));
    ck_assert_msg(strstr(error->message, loader) != NULL, "%s", error->message);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("self");

    tcase_add_checked_fixture(tcase, enter_folder, leave_folder);
    tcase_add_test(tcase, a_linked_program_is_what_the_kernel_runs);
    tcase_add_test(tcase, behind_the_tarballs_loader_it_is_the_starter);
    tcase_add_test(tcase, behind_any_other_loader_there_is_no_way_back);
    return run_tests("self", tcase);
}
