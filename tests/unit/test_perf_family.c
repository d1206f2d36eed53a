/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/perf/family.h"
#include "tests/unit/run.h"

#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static RsPerfFamily *family;

static void set_up(void)
{
    family = rs_perf_family_new();
}

static void tear_down(void)
{
    rs_perf_family_free(family);
}

static RsPerfProcess *process_with(pid_t pid, guint n_threads)
{
    RsPerfProcess *process = rs_perf_family_add(family, pid);

    for (guint i = 0; i < n_threads; i++)
        ck_assert(rs_perf_family_thread(family, process, pid + (pid_t)i));
    return process;
}

START_TEST(a_process_ends_with_its_last_thread)
{
    process_with(100, 3);
    ck_assert(!rs_perf_family_thread_ended(family, 100, 100)); /* the first one, too */
    ck_assert(rs_perf_family_find(family, 100)->leader_ended);
    ck_assert(!rs_perf_family_thread_ended(family, 100, 102));
    ck_assert(!rs_perf_family_thread_ended(family, 100, 102)); /* told twice */
    ck_assert(!rs_perf_family_thread_ended(family, 100, 999)); /* never heard of */
    ck_assert(rs_perf_family_thread_ended(family, 100, 101));
    ck_assert_ptr_null(rs_perf_family_find(family, 100));
    ck_assert_uint_eq(rs_perf_family_n_processes(family), 0);
}
END_TEST

START_TEST(a_thread_that_is_told_twice_is_one)
{
    RsPerfProcess *process = process_with(100, 2);

    ck_assert(!rs_perf_family_thread(family, process, 101));
    ck_assert_uint_eq(process->n_threads, 2);
    ck_assert_ptr_eq(rs_perf_family_add(family, 100), process);
}
END_TEST

START_TEST(a_thread_id_moves_to_the_process_that_has_it_now)
{
    RsPerfProcess *other;

    process_with(100, 2);
    other = process_with(200, 1);
    ck_assert(rs_perf_family_thread(family, other, 101));
    ck_assert_uint_eq(rs_perf_family_find(family, 100)->n_threads, 1);
    ck_assert(rs_perf_family_thread_ended(family, 100, 100));
}
END_TEST

START_TEST(an_exec_leaves_the_first_thread_alone)
{
    RsPerfProcess *process = process_with(100, 4);

    rs_perf_family_thread_ended(family, 100, 100); /* another one executes, and becomes the first */
    rs_perf_family_exec(family, process);
    ck_assert_uint_eq(process->n_threads, 1);
    ck_assert(!process->leader_ended);
    ck_assert(rs_perf_family_thread_ended(family, 100, 100));
}
END_TEST

START_TEST(what_is_forgotten_takes_its_threads_along)
{
    rs_perf_family_forget(family, process_with(100, 3));
    ck_assert_uint_eq(rs_perf_family_n_processes(family), 0);
    ck_assert(!rs_perf_family_thread_ended(family, 100, 101));
    ck_assert(rs_perf_family_thread(family, process_with(101, 0), 101));
}
END_TEST

static void *wait_for_fd(void *fd)
{
    char byte;

    return GINT_TO_POINTER(read(GPOINTER_TO_INT(fd), &byte, 1) < 0);
}

START_TEST(a_look_finds_threads_that_ended_unseen)
{
    RsPerfProcess *process = rs_perf_family_add(family, getpid());
    g_autoptr(GArray) tids = NULL;
    pthread_t thread;
    int fds[2];

    ck_assert_int_eq(pipe(fds), 0);
    ck_assert_int_eq(pthread_create(&thread, NULL, wait_for_fd, GINT_TO_POINTER(fds[0])), 0);
    tids = rs_perf_threads_of(getpid());
    ck_assert_uint_ge(tids->len, 2);
    for (guint i = 0; i < tids->len; i++)
        rs_perf_family_thread(family, process, g_array_index(tids, pid_t, i));
    ck_assert(!rs_perf_family_check(family, process));
    ck_assert_uint_eq(process->n_threads, tids->len);
    close(fds[1]);
    pthread_join(thread, NULL);
    while (rs_perf_is_running(getpid(), g_array_index(tids, pid_t, 1)))
        g_usleep(1000); /* joined is a moment earlier than gone */
    ck_assert(!rs_perf_family_check(family, process));
    ck_assert_uint_eq(process->n_threads, tids->len - 1);
    close(fds[0]);
}
END_TEST

START_TEST(a_process_that_was_not_reaped_has_ended)
{
    pid_t pid = fork();

    if (pid == 0)
        _exit(0);
    waitid(P_PID, (id_t)pid, &(siginfo_t){0}, WEXITED | WNOWAIT);
    ck_assert(!rs_perf_is_running(pid, pid));
    ck_assert(rs_perf_family_check(family, process_with(pid, 1)));
    ck_assert_ptr_null(rs_perf_family_find(family, pid));
    waitpid(pid, NULL, 0);
    ck_assert_ptr_null(rs_perf_threads_of(pid));
}
END_TEST

START_TEST(the_events_of_the_oldest_root_count)
{
    process_with(100, 2);
    ck_assert(rs_perf_family_may_count(family, 100, 1, 5));
    ck_assert(rs_perf_family_may_count(family, 100, 1, 3)); /* older: from now on */
    ck_assert(!rs_perf_family_may_count(family, 100, 1, 5));
    ck_assert(rs_perf_family_may_count(family, 100, 0, 5)); /* each CPU for itself */
    ck_assert(rs_perf_family_may_count(family, 101, 1, 5)); /* and each thread */
    ck_assert(rs_perf_family_may_count(family, 100, 1, 3));
    ck_assert(rs_perf_family_may_count(family, 777, 1, 9)); /* of which nothing is known */
}
END_TEST

START_TEST(another_root_takes_the_place_of_one_that_was_closed)
{
    process_with(100, 1);
    ck_assert(rs_perf_family_may_count(family, 100, 1, 3));
    ck_assert(rs_perf_family_may_count(family, 100, 2, 3));
    rs_perf_family_root_closed(family, 1, 3);
    ck_assert(rs_perf_family_may_count(family, 100, 1, 5));
    ck_assert(!rs_perf_family_may_count(family, 100, 2, 5));
}
END_TEST

int main(void)
{
    TCase *test_case = tcase_create("perf_family");

    tcase_add_checked_fixture(test_case, set_up, tear_down);
    tcase_add_test(test_case, a_process_ends_with_its_last_thread);
    tcase_add_test(test_case, a_thread_that_is_told_twice_is_one);
    tcase_add_test(test_case, a_thread_id_moves_to_the_process_that_has_it_now);
    tcase_add_test(test_case, an_exec_leaves_the_first_thread_alone);
    tcase_add_test(test_case, what_is_forgotten_takes_its_threads_along);
    tcase_add_test(test_case, a_look_finds_threads_that_ended_unseen);
    tcase_add_test(test_case, a_process_that_was_not_reaped_has_ended);
    tcase_add_test(test_case, the_events_of_the_oldest_root_count);
    tcase_add_test(test_case, another_root_takes_the_place_of_one_that_was_closed);
    return run_tests("perf_family", test_case);
}
