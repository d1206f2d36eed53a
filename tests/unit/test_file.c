/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/file.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/unit/run.h"
#include "tests/unit/trial_fixtures.h"

static guint n_entries(void)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    guint n = 0;

    while (g_dir_read_name(dir))
        n++;
    return n;
}

/* error by its address: it is set while the arguments are worked out. */
static void assert_fails(gboolean result, GError **set, GFileError code, const char *path)
{
    const GError *error = *set;

    ck_assert(!result);
    ck_assert_msg(g_error_matches(error, G_FILE_ERROR, code), "%s", error ? error->message : "");
    ck_assert_msg(strstr(error->message, path) != NULL, "%s", error->message);
}

START_TEST(what_is_written_is_read_back_and_ended_by_a_nul)
{
    static const char bytes[] = "a\0b\n\xff";
    g_autofree char *path = in_folder("file");
    g_autofree guint8 *back = NULL;
    g_autoptr(GError) error = NULL;
    gsize n_bytes = 0;

    ck_assert(rs_file_write(path, bytes, 5, &error));
    back = rs_file_read(path, 100, &n_bytes, &error);
    ck_assert_no_error(error);
    ck_assert_uint_eq(n_bytes, 5);
    ck_assert(memcmp(back, bytes, 5) == 0);
    ck_assert_int_eq(back[5], 0);
}
END_TEST

START_TEST(a_file_is_replaced_and_nothing_is_left_beside_it)
{
    g_autofree char *path = in_folder("file"), *text = NULL;
    struct stat before, after;

    write_file("file", "a long text that was there before\n");
    ck_assert_int_eq(stat(path, &before), 0);
    ck_assert(rs_file_write(path, "new", 3, NULL));
    ck_assert_int_eq(stat(path, &after), 0);
    text = read_file("file");
    ck_assert_str_eq(text, "new");
    ck_assert_uint_eq(n_entries(), 1);
    ck_assert_msg(before.st_ino != after.st_ino, "it was written over, not replaced");
}
END_TEST

START_TEST(a_link_stays_a_link_and_its_target_is_written)
{
    g_autofree char *link = in_folder("link"), *text = NULL;

    write_file("target", "old");
    ck_assert_int_eq(symlink("target", link), 0);
    ck_assert(rs_file_write(link, "new", 3, NULL));
    text = read_file("target");
    ck_assert_str_eq(text, "new");
    ck_assert(g_file_test(link, G_FILE_TEST_IS_SYMLINK));
    ck_assert_uint_eq(n_entries(), 2);
}
END_TEST

START_TEST(a_link_to_nowhere_is_replaced_by_the_file)
{
    g_autofree char *link = in_folder("link"), *text = NULL;

    ck_assert_int_eq(symlink("missing", link), 0);
    ck_assert(rs_file_write(link, "new", 3, NULL));
    text = read_file("link");
    ck_assert_str_eq(text, "new");
}
END_TEST

START_TEST(a_full_device_is_an_error)
{
    g_autoptr(GError) error = NULL;

    assert_fails(rs_file_write("/dev/full", "text", 4, &error), &error, G_FILE_ERROR_NOSPC,
                 "/dev/full");
}
END_TEST

START_TEST(a_device_is_written_to_as_it_is)
{
    struct stat status;

    ck_assert(rs_file_write("/dev/null", "text", 4, NULL));
    ck_assert_int_eq(stat("/dev/null", &status), 0);
    ck_assert(S_ISCHR(status.st_mode));
}
END_TEST

START_TEST(a_folder_is_no_target)
{
    g_autoptr(GError) error = NULL;

    ck_assert(!rs_file_write(folder, "text", 4, &error));
    ck_assert(error != NULL && error->domain == G_FILE_ERROR);
    ck_assert_msg(strstr(error->message, folder) != NULL, "%s", error->message);
    ck_assert_uint_eq(n_entries(), 0);
}
END_TEST

START_TEST(a_file_in_a_folder_that_is_missing_is_an_error)
{
    g_autofree char *path = in_folder("missing/file");
    g_autoptr(GError) error = NULL;

    assert_fails(rs_file_write(path, "text", 4, &error), &error, G_FILE_ERROR_NOENT, path);
}
END_TEST

START_TEST(a_reader_at_a_pipe_gets_all_bytes)
{
    g_autofree char *path = in_folder("pipe"), *large = g_strnfill(300000, 'x');
    g_autofree guint8 *got = NULL;
    gsize n_bytes = 0;
    pid_t writer;

    ck_assert_int_eq(mkfifo(path, 0600), 0);
    writer = fork();
    if (writer == 0)
        _exit(!rs_file_write(path, large, 300000, NULL));
    got = rs_file_read(path, 1000000, &n_bytes, NULL);
    ck_assert_uint_eq(n_bytes, 300000);
    ck_assert(memcmp(got, large, n_bytes) == 0);
    waitpid(writer, NULL, 0);
}
END_TEST

/* --- reading --- */

START_TEST(a_file_of_the_limit_is_read_and_a_longer_one_refused)
{
    g_autofree char *path = in_folder("file");
    g_autofree guint8 *data = NULL, *refused = NULL;
    g_autoptr(GError) error = NULL;
    gsize n_bytes = 0;

    write_file("file", "12345");
    data = rs_file_read(path, 5, &n_bytes, &error);
    ck_assert_no_error(error);
    ck_assert_uint_eq(n_bytes, 5);
    refused = rs_file_read(path, 4, &n_bytes, &error);
    assert_fails(refused != NULL, &error, G_FILE_ERROR_FAILED, path);
}
END_TEST

START_TEST(a_device_without_an_end_is_refused_at_the_limit)
{
    g_autoptr(GError) error = NULL;
    g_autofree guint8 *data = NULL;
    gsize n_bytes = 0;

    data = rs_file_read("/dev/zero", 1000000, &n_bytes, &error);
    assert_fails(data != NULL, &error, G_FILE_ERROR_FAILED, "/dev/zero");
}
END_TEST

START_TEST(an_empty_file_is_no_bytes)
{
    g_autofree guint8 *data = NULL;
    gsize n_bytes = 9;

    data = rs_file_read("/dev/null", 10, &n_bytes, NULL);
    ck_assert_ptr_nonnull(data);
    ck_assert_uint_eq(n_bytes, 0);
    ck_assert_int_eq(data[0], 0);
}
END_TEST

START_TEST(a_missing_file_and_a_folder_cannot_be_read)
{
    g_autofree char *path = in_folder("missing");
    g_autofree guint8 *missing = NULL, *is_folder = NULL;
    g_autoptr(GError) error = NULL;
    gsize n_bytes = 0;

    missing = rs_file_read(path, 10, &n_bytes, &error);
    assert_fails(missing != NULL, &error, G_FILE_ERROR_NOENT, path);
    g_clear_error(&error);
    is_folder = rs_file_read(folder, 10, &n_bytes, &error);
    assert_fails(is_folder != NULL, &error, G_FILE_ERROR_ISDIR, folder);
}
END_TEST

/* The end of a pipe that holds text becomes stdin. */
static void give_stdin(const char *text)
{
    int fds[2];

    ck_assert_int_eq(pipe(fds), 0);
    ck_assert_int_eq(write(fds[1], text, strlen(text)), (int)strlen(text));
    close(fds[1]);
    dup2(fds[0], STDIN_FILENO);
    close(fds[0]);
}

START_TEST(a_dash_reads_stdin)
{
    g_autofree guint8 *data = NULL;
    gsize n_bytes = 0;

    give_stdin("from a pipe");
    data = rs_file_read("-", 11, &n_bytes, NULL);
    ck_assert_ptr_nonnull(data);
    ck_assert_str_eq((char *)data, "from a pipe");
    ck_assert_uint_eq(n_bytes, 11);
}
END_TEST

START_TEST(a_stdin_longer_than_the_limit_is_refused)
{
    g_autoptr(GError) error = NULL;
    g_autofree guint8 *data = NULL;
    gsize n_bytes = 0;

    give_stdin("from a pipe");
    data = rs_file_read("-", 10, &n_bytes, &error);
    assert_fails(data != NULL, &error, G_FILE_ERROR_FAILED, "standard input");
}
END_TEST

START_TEST(a_dash_writes_to_stdout_and_a_full_one_is_an_error)
{
    g_autofree char *path = in_folder("out"), *text = NULL;
    g_autoptr(GError) error = NULL;
    int kept = dup(STDOUT_FILENO), out = open(path, O_WRONLY | O_CREAT, 0600);
    int full = open("/dev/full", O_WRONLY);
    gboolean written, failed;

    dup2(out, STDOUT_FILENO);
    written = rs_file_write("-", "text", 4, NULL);
    dup2(full, STDOUT_FILENO);
    failed = !rs_file_write("-", "text", 4, &error);
    dup2(kept, STDOUT_FILENO);
    text = read_file("out");
    ck_assert(written);
    ck_assert_str_eq(text, "text");
    assert_fails(!failed, &error, G_FILE_ERROR_NOSPC, "standard output");
    close(kept);
    close(out);
    close(full);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("file");

    tcase_add_checked_fixture(tcase, enter_folder, leave_folder);
    tcase_add_test(tcase, what_is_written_is_read_back_and_ended_by_a_nul);
    tcase_add_test(tcase, a_file_is_replaced_and_nothing_is_left_beside_it);
    tcase_add_test(tcase, a_link_stays_a_link_and_its_target_is_written);
    tcase_add_test(tcase, a_link_to_nowhere_is_replaced_by_the_file);
    tcase_add_test(tcase, a_full_device_is_an_error);
    tcase_add_test(tcase, a_device_is_written_to_as_it_is);
    tcase_add_test(tcase, a_folder_is_no_target);
    tcase_add_test(tcase, a_file_in_a_folder_that_is_missing_is_an_error);
    tcase_add_test(tcase, a_reader_at_a_pipe_gets_all_bytes);
    tcase_add_test(tcase, a_file_of_the_limit_is_read_and_a_longer_one_refused);
    tcase_add_test(tcase, a_device_without_an_end_is_refused_at_the_limit);
    tcase_add_test(tcase, an_empty_file_is_no_bytes);
    tcase_add_test(tcase, a_missing_file_and_a_folder_cannot_be_read);
    tcase_add_test(tcase, a_dash_reads_stdin);
    tcase_add_test(tcase, a_stdin_longer_than_the_limit_is_refused);
    tcase_add_test(tcase, a_dash_writes_to_stdout_and_a_full_one_is_an_error);
    tcase_set_timeout(tcase, 60);
    return run_tests("file", tcase);
}
