/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The history file when its writer is killed, when another one comes, and when there is no room. */
#include "capture/history/file.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "tests/unit/history_fixtures.h"
#include "tests/unit/run.h"

typedef struct {
    _Atomic guint64 n_begun, n_done;
} Progress;

static void write_until_killed(Progress *progress)
{
    RsHistory *history = create(256 << 10, 0);

    for (guint64 i = 0;; i++) {
        atomic_store(&progress->n_begun, i + 1);
        write_sample(history, i, time_of(i));
        atomic_store(&progress->n_done, i + 1);
    }
}

START_TEST(nothing_committed_is_lost_when_the_writer_is_killed)
{
    Progress *progress =
        mmap(NULL, sizeof *progress, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    ck_assert(progress != MAP_FAILED);
    for (guint round = 0; round < 50; round++) {
        RsHistoryFacts facts, beside_facts;
        g_autoptr(RsProfile) profile = NULL, beside = NULL;
        guint64 n_seen;
        pid_t pid;

        atomic_store(&progress->n_begun, 0);
        atomic_store(&progress->n_done, 0);
        pid = fork();
        ck_assert_int_ge(pid, 0);
        if (pid == 0) {
            write_until_killed(progress);
            _exit(1);
        }
        while (atomic_load(&progress->n_done) == 0)
            g_usleep(100);
        g_usleep((gulong)g_random_int_range(0, 12000));
        if (round % 5 == 0)
            beside = read_back(0, &beside_facts);
        ck_assert_int_eq(kill(pid, SIGKILL), 0);
        ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
        profile = read_back(0, &facts);
        ck_assert(!facts.writer_lives);
        ck_assert_int_eq(facts.writer_pid, pid);
        ck_assert_uint_eq(facts.n_damaged_chunks, 0);
        n_seen = number_of(profile, profile->samples->len - 1) + 1;
        ck_assert_uint_ge(n_seen, atomic_load(&progress->n_done));
        ck_assert_uint_le(n_seen, atomic_load(&progress->n_begun));
        check_run(profile, n_seen);
        if (!beside)
            continue;
        ck_assert(beside_facts.writer_lives);
        ck_assert_int_eq(beside_facts.writer_pid, pid);
        check_all(beside);
    }
    munmap(progress, sizeof *progress);
}
END_TEST

START_TEST(of_two_writers_the_second_is_refused)
{
    RsHistory *history = create(256 << 10, 0);
    g_autoptr(GError) error = NULL;
    g_autoptr(RsProfile) profile = NULL;
    g_autofree char *old_path = g_strconcat(path, ".1", NULL);
    RsHistoryFacts facts;
    guint n_files = 0;
    g_autoptr(GDir) dir = NULL;

    write_samples(history, 0, 10);
    ck_assert_ptr_null(rs_history_create(path, 256 << 10, 0, 0, 0, &error));
    ck_assert(g_error_matches(error, RS_HISTORY_ERROR, RS_HISTORY_ERROR_IN_USE));
    ck_assert(g_str_has_suffix(error->message, "buffer: another process is writing it"));
    write_samples(history, 10, 10);
    profile = read_back(0, &facts);
    ck_assert(facts.writer_lives);
    check_run(profile, 20);
    dir = g_dir_open(folder, 0, NULL);
    while (g_dir_read_name(dir))
        n_files++;
    ck_assert_uint_eq(n_files, 1); /* the second left nothing behind */
    rs_history_free(history);
    rs_history_free(create(256 << 10, 0));
}
END_TEST

START_TEST(the_history_of_a_dead_writer_is_kept_beside_the_new_one)
{
    g_autofree char *old_path = g_strconcat(path, ".1", NULL);
    g_autoptr(RsProfile) old = NULL, fresh = NULL;
    g_autoptr(RsHistory) second = NULL;
    RsHistory *first = create(256 << 10, 0);
    struct stat status;

    write_samples(first, 0, 10);
    rs_history_free(first);
    second = create(512 << 10, 0);
    write_samples(second, 10, 5);
    old = rs_history_read(old_path, 0, NULL, NULL);
    ck_assert_ptr_nonnull(old);
    ck_assert_uint_eq(old->samples->len, 10);
    fresh = read_back(0, NULL);
    check_run(fresh, 15);
    ck_assert_uint_eq(fresh->samples->len, 5);
    ck_assert_int_eq(stat(path, &status), 0);
    ck_assert_int_eq(status.st_size, 512 << 10);
    ck_assert_int_eq(status.st_mode & 0777, 0600);
}
END_TEST

START_TEST(a_file_that_is_no_history_is_left_alone)
{
    g_autoptr(GError) error = NULL, read_error = NULL;
    g_autofree char *text = NULL;

    ck_assert(g_file_set_contents(path, "precious", -1, NULL));
    ck_assert_ptr_null(rs_history_create(path, 256 << 10, 0, 0, 0, &error));
    ck_assert(g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_EXIST));
    ck_assert(g_file_get_contents(path, &text, NULL, NULL));
    ck_assert_str_eq(text, "precious");
    ck_assert_ptr_null(rs_history_read(path, 0, NULL, &read_error));
    ck_assert(g_error_matches(read_error, RS_HISTORY_ERROR, RS_HISTORY_ERROR_NOT_HISTORY));
    ck_assert(g_file_set_contents(path, "", 0, NULL));
    rs_history_free(create(256 << 10, 0));
}
END_TEST

/* --- no room --- */

START_TEST(sizes_out_of_bounds_are_refused)
{
    g_autoptr(GError) small = NULL, large = NULL;

    ck_assert_ptr_null(rs_history_create(path, 100000, 0, 0, 0, &small));
    ck_assert(g_error_matches(small, G_FILE_ERROR, G_FILE_ERROR_INVAL));
    ck_assert_ptr_null(rs_history_create(path, (gsize)5 << 30, 0, 0, 0, &large));
    ck_assert(g_error_matches(large, G_FILE_ERROR, G_FILE_ERROR_INVAL));
}
END_TEST

START_TEST(a_file_size_limit_is_an_error_and_no_signal)
{
    struct rlimit before, limit;
    g_autoptr(GError) error = NULL;

    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = before;
    limit.rlim_cur = 100 << 10;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    ck_assert_ptr_null(rs_history_create(path, 1 << 20, 0, 0, 0, &error));
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
    ck_assert(g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_FAILED));
    ck_assert_ptr_nonnull(strstr(error->message, "1048576 bytes for the history cannot be had"));
    ck_assert(!g_file_test(path, G_FILE_TEST_EXISTS));
}
END_TEST

START_TEST(a_full_disk_is_an_error_at_creation)
{
    g_autoptr(GError) error = NULL;
    RsHistory *history;

    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", folder, "tmpfs", 0, "size=1m") != 0) {
        printf("SKIP: no permission to mount a small file system\n");
        return;
    }
    history = create(768 << 10, 0);
    write_samples(history, 0, 10);
    rs_history_free(history);
    ck_assert_ptr_null(rs_history_create(path, 512 << 10, 0, 0, 0, &error));
    ck_assert(g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOSPC));
    rs_profile_free(read_back(0, NULL)); /* the old one is where it was */
    umount2(folder, MNT_DETACH);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("history_file");

    tcase_set_timeout(tcase, 240);
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, nothing_committed_is_lost_when_the_writer_is_killed);
    tcase_add_test(tcase, of_two_writers_the_second_is_refused);
    tcase_add_test(tcase, the_history_of_a_dead_writer_is_kept_beside_the_new_one);
    tcase_add_test(tcase, a_file_that_is_no_history_is_left_alone);
    tcase_add_test(tcase, sizes_out_of_bounds_are_refused);
    tcase_add_test(tcase, a_file_size_limit_is_an_error_and_no_signal);
    tcase_add_test(tcase, a_full_disk_is_an_error_at_creation);
    return run_tests("history_file", tcase);
}
