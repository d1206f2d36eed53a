/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <check.h>
#include <stdlib.h>

#include "capture/tasks.h"

#include "tests/unit/run.h"

static RsTasks *tasks;

static void set_up(void)
{
    tasks = rs_tasks_new();
}

static void tear_down(void)
{
    rs_tasks_free(tasks);
}

START_TEST(a_life_is_told_from_birth_to_status)
{
    RsTask task;

    ck_assert(!rs_tasks_find(tasks, 10, &task));
    rs_tasks_process(tasks, 10, 1, 100);
    rs_tasks_name(tasks, 10, 10, "a-name-that-is-too-long");
    ck_assert(rs_tasks_find(tasks, 10, &task));
    ck_assert_str_eq(task.name, "a-name-that-is-");
    ck_assert_int_eq(task.parent_id, 1);
    ck_assert_int_eq(task.start_ns, 100);
    ck_assert_int_eq(task.end_ns, -1);
    ck_assert(!task.has_status);
    ck_assert_uint_eq(rs_tasks_n_alive(tasks), 1);
    rs_tasks_ended(tasks, 10, 200);
    rs_tasks_status(tasks, 10, 0x100);
    ck_assert(rs_tasks_find(tasks, 10, &task));
    ck_assert_int_eq(task.end_ns, 200);
    ck_assert(task.has_status);
    ck_assert_int_eq(task.wait_status, 0x100);
    ck_assert_uint_eq(rs_tasks_n_alive(tasks), 0);
}
END_TEST

START_TEST(a_child_has_its_parents_name_until_it_gets_one)
{
    RsTask task;

    rs_tasks_name(tasks, 10, 10, "parent");
    rs_tasks_process(tasks, 11, 10, 5);
    ck_assert(rs_tasks_find(tasks, 11, &task));
    ck_assert_str_eq(task.name, "parent");
    rs_tasks_name(tasks, 11, 11, "child");
    ck_assert(rs_tasks_find(tasks, 11, &task));
    ck_assert_str_eq(task.name, "child");
}
END_TEST

START_TEST(threads_have_names_of_their_own)
{
    char name[16];

    ck_assert(!rs_tasks_thread_name(tasks, 10, 12, name));
    rs_tasks_name(tasks, 10, 10, "main");
    ck_assert(rs_tasks_thread_name(tasks, 10, 12, name));
    ck_assert_str_eq(name, "main");
    rs_tasks_name(tasks, 10, 12, "worker");
    ck_assert(rs_tasks_thread_name(tasks, 10, 12, name));
    ck_assert_str_eq(name, "worker");
    ck_assert(rs_tasks_thread_name(tasks, 10, 10, name));
    ck_assert_str_eq(name, "main");
}
END_TEST

START_TEST(a_process_id_that_is_used_again_is_another_process)
{
    g_autoptr(GArray) all = NULL;
    RsTask task;

    rs_tasks_process(tasks, 10, 1, 100);
    rs_tasks_ended(tasks, 10, 200);
    rs_tasks_process(tasks, 10, 2, 300);
    ck_assert(rs_tasks_find(tasks, 10, &task));
    ck_assert_int_eq(task.parent_id, 2);
    all = rs_tasks_all(tasks);
    ck_assert_uint_eq(all->len, 2);
    ck_assert_int_eq(g_array_index(all, RsTask, 0).end_ns, 200);
    ck_assert_int_eq(g_array_index(all, RsTask, 1).end_ns, -1);
}
END_TEST

/* A profiler that runs for weeks beside a shell script must not grow. */
START_TEST(the_ended_are_forgotten_and_the_living_are_not)
{
    g_autoptr(GArray) all = NULL;
    RsTask task;

    rs_tasks_process(tasks, 1, 0, 1);
    for (pid_t pid = 2; pid < 100000; pid++) {
        rs_tasks_process(tasks, pid, 1, pid);
        rs_tasks_ended(tasks, pid, pid + 1);
    }
    all = rs_tasks_all(tasks);
    ck_assert_uint_lt(all->len, 20000);
    ck_assert(rs_tasks_find(tasks, 1, &task));
    ck_assert(rs_tasks_find(tasks, 99999, &task));
    ck_assert(!rs_tasks_find(tasks, 5, &task));
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("tasks");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, a_life_is_told_from_birth_to_status);
    tcase_add_test(tcase, a_child_has_its_parents_name_until_it_gets_one);
    tcase_add_test(tcase, threads_have_names_of_their_own);
    tcase_add_test(tcase, a_process_id_that_is_used_again_is_another_process);
    tcase_add_test(tcase, the_ended_are_forgotten_and_the_living_are_not);
    return run_tests("tasks", tcase);
}
