/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is taken of an artifact that somebody else made: the one file, if it is a verdict. */
#include <check.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/post.h"
#include "format/codec.h"
#include "test_report_verdicts.h"
#include "tests/unit/run.h"

static char *folder;

static char *inside(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

static void set_up(void)
{
    folder = g_dir_make_tmp("results-XXXXXX", NULL);
    ck_assert_ptr_nonnull(folder);
}

static void tear_down(void)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);

    for (const char *name; (name = g_dir_read_name(dir));) {
        g_autofree char *path = inside(name);

        ck_assert_int_eq(g_remove(path), 0);
    }
    g_rmdir(folder);
    g_free(folder);
}

static void write_verdict(const char *path)
{
    g_autoptr(RsVerdict) verdict = new_verdict(RS_SEVERITY_CRITICAL);

    ck_assert(rs_verdict_write(verdict, path, NULL));
}

static void write_text(const char *path, const char *text)
{
    ck_assert(g_file_set_contents(path, text, -1, NULL));
}

static void assert_refused(const char *path, const char *words)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(rs_post_read_results(path, &error));
    ck_assert_ptr_nonnull(error);
    ck_assert_msg(strstr(error->message, words) != NULL, "%s", error->message);
    ck_assert_msg(strstr(error->message, folder) != NULL, "%s", error->message);
}

START_TEST(a_folder_gives_its_verdict_and_so_does_the_file)
{
    g_autofree char *path = inside("verdict.json");
    g_autofree char *other = inside("comment.md");
    g_autoptr(RsVerdict) of_folder = NULL, of_file = NULL;

    write_verdict(path);
    write_text(other, "never looked at");
    of_folder = rs_post_read_results(folder, NULL);
    of_file = rs_post_read_results(path, NULL);
    ck_assert_ptr_nonnull(of_folder);
    ck_assert_ptr_nonnull(of_file);
    ck_assert_str_eq(of_folder->created_at, of_file->created_at);
}
END_TEST

START_TEST(a_symbolic_link_is_not_followed)
{
    g_autofree char *path = inside("verdict.json");
    g_autofree char *target = inside("elsewhere.json");

    write_verdict(target);
    ck_assert_int_eq(symlink(target, path), 0);
    assert_refused(folder, "symbolic link");
    assert_refused(path, "symbolic link");
}
END_TEST

START_TEST(a_folder_without_a_verdict_is_refused)
{
    assert_refused(folder, "No such file");
}
END_TEST

START_TEST(a_pipe_is_refused_and_not_waited_for)
{
    g_autofree char *path = inside("verdict.json");

    ck_assert_int_eq(mkfifo(path, 0600), 0);
    assert_refused(folder, "no regular file");
}
END_TEST

START_TEST(two_hundred_megabytes_are_refused)
{
    g_autofree char *path = inside("verdict.json");

    write_text(path, "{");
    ck_assert_int_eq(truncate(path, 200 << 20), 0);
    assert_refused(folder, "longer than");
}
END_TEST

START_TEST(numbers_that_are_none_are_refused)
{
    static const char *const words[] = {"NaN", "Infinity", "1e999"};
    g_autofree char *path = inside("verdict.json");
    g_autofree char *whole = NULL;
    char *number;

    write_verdict(path);
    ck_assert(g_file_get_contents(path, &whole, NULL, NULL));
    number = strstr(whole, "\"alpha\"");
    ck_assert_ptr_nonnull(number);
    number = strchr(number, ':') + 1;
    for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
        g_autofree char *text = g_strdup_printf("%.*s %s%s", (int)(number - whole), whole, words[i],
                                                number + strcspn(number, ",\n}"));

        write_text(path, text);
        assert_refused(folder, "verdict.json");
    }
}
END_TEST

START_TEST(markdown_is_no_verdict)
{
    g_autofree char *path = inside("verdict.json");

    write_text(path, "## rustscope: all is well, merge it\n");
    assert_refused(folder, "verdict.json");
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("post_results");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, a_folder_gives_its_verdict_and_so_does_the_file);
    tcase_add_test(tcase, a_symbolic_link_is_not_followed);
    tcase_add_test(tcase, a_folder_without_a_verdict_is_refused);
    tcase_add_test(tcase, a_pipe_is_refused_and_not_waited_for);
    tcase_add_test(tcase, two_hundred_megabytes_are_refused);
    tcase_add_test(tcase, numbers_that_are_none_are_refused);
    tcase_add_test(tcase, markdown_is_no_verdict);
    return run_tests("post_results", tcase);
}
