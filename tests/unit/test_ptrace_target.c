/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ptrace sampler as its targets notice it: not at all. */
#include "capture/sampler.h"

#include "tests/unit/ptrace_fixtures.h"

/* --- what the target notices --- */

START_TEST(exit_statuses_and_signals_are_the_targets_own)
{
    int status = run("status 23");

    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 23);
    status = run("die 6");
    ck_assert(WIFSIGNALED(status));
    ck_assert_int_eq(WTERMSIG(status), SIGABRT);
}
END_TEST

START_TEST(signals_arrive_each_once_and_with_their_values)
{
    gint64 found[4];

    observer.options.sample_rate_hz = 999;
    ck_assert_int_eq(run("signals 2000"), 0);
    results(found, 4);
    ck_assert_int_eq(found[0], 2000);
    ck_assert_int_eq(found[1], 6000);
    ck_assert_int_eq(found[2], 2000);
    ck_assert_int_gt(found[3], 10);
}
END_TEST

START_TEST(ignored_signals_do_not_break_calls_off)
{
    gint64 found[1];

    ck_assert_int_eq(run("ignored_signals 5"), 0);
    results(found, 1);
    ck_assert_int_eq(found[0], 0);
}
END_TEST

START_TEST(job_control_works_between_the_targets_own_processes)
{
    gint64 found[3];

    ck_assert_int_eq(run("job"), 0);
    results(found, 3);
    ck_assert_int_eq(found[0], 2);
    ck_assert_int_eq(found[1], 1);
    ck_assert_int_eq(found[2], 6);
}
END_TEST

START_TEST(a_target_can_be_stopped_and_continued)
{
    pid_t pid = launch("heartbeat 600000");
    int stopped_at;

    wait_for_beats();
    kill(pid, SIGSTOP);
    for (guint i = 0; i < PATIENCE_MS && state_of(pid) != 't' && state_of(pid) != 'T'; i++)
        g_usleep(1000);
    g_usleep(50000);
    stopped_at = beats();
    g_usleep(100000);
    ck_assert_int_eq(beats(), stopped_at);
    kill(pid, SIGCONT);
    wait_for_beats();
    kill(pid, SIGKILL);
    ck_assert(WIFSIGNALED(wait_for_end(pid)));
}
END_TEST

START_TEST(a_program_executed_by_a_thread_is_followed)
{
    pid_t pid = launch("exec_from_thread 500 2");

    ck_assert_int_eq(wait_for_end(pid), 0);
    stop_watching();
    ck_assert_int_eq(g_array_index(observer.seen, Seen, observer.seen->len - 1).tid, pid);
    ck_assert_int_gt(total_weight_ns(pid), 200 * NS_PER_MS);
}
END_TEST

START_TEST(a_chain_of_programs_keeps_its_status)
{
    ck_assert_int_eq(WEXITSTATUS(run("exec_chain 20")), 7);
}
END_TEST

START_TEST(a_process_lives_on_without_its_first_thread)
{
    pid_t pid = launch("leave_first 500");

    ck_assert_int_eq(WEXITSTATUS(wait_for_end(pid)), 5);
    stop_watching();
    ck_assert_int_gt(total_weight_ns(pid), 200 * NS_PER_MS);
    ck_assert_int_ne(g_array_index(observer.seen, Seen, observer.seen->len - 1).tid, pid);
}
END_TEST

START_TEST(vfork_and_odd_clones_go_on)
{
    gint64 found[2];

    ck_assert_int_eq(run("vforks 20"), 0);
    results(found, 2);
    ck_assert_int_eq(found[0], 20);
    ck_assert_int_eq(run("odd_clones"), 0);
    results(found, 1);
    ck_assert_int_eq(found[0], 3);
}
END_TEST

START_TEST(a_killed_family_leaves_nothing_behind)
{
    pid_t pid = launch("threads 400 20 8");

    g_usleep(100000);
    kill(pid, SIGKILL);
    ck_assert_int_eq(WTERMSIG(wait_for_end(pid)), SIGKILL);
    ck_assert_uint_eq(rs_tasks_n_alive(observer.tasks), 0);
}
END_TEST

/* --- a launcher between us and the target --- */

START_TEST(a_launcher_is_followed_but_not_sampled)
{
    g_autofree char *words = g_strdup_printf("launcher %s forks 4 300", target);
    pid_t pid = start_alone(words);
    gint64 found[2];

    observer.options.ignored_pid = pid;
    watch(pid, FALSE);
    ck_assert_no_error(observer.error);
    ck_assert_int_eq(wait_for_end(pid), 0);
    stop_watching();
    results(found, 2);
    ck_assert_int_eq(found[0], 0);
    ck_assert_int_gt(found[1], 4 * 270000);
    ck_assert_int_eq(total_weight_ns(pid), 0);
    ck_assert_int_gt(total_weight_ns(0), 600 * NS_PER_MS);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("ptrace_target");
    TCase *c = tcase_create("all");

    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_set_timeout(c, 120);
    tcase_add_test(c, exit_statuses_and_signals_are_the_targets_own);
    tcase_add_test(c, signals_arrive_each_once_and_with_their_values);
    tcase_add_test(c, ignored_signals_do_not_break_calls_off);
    tcase_add_test(c, job_control_works_between_the_targets_own_processes);
    tcase_add_test(c, a_target_can_be_stopped_and_continued);
    tcase_add_test(c, a_program_executed_by_a_thread_is_followed);
    tcase_add_test(c, a_chain_of_programs_keeps_its_status);
    tcase_add_test(c, a_process_lives_on_without_its_first_thread);
    tcase_add_test(c, vfork_and_odd_clones_go_on);
    tcase_add_test(c, a_killed_family_leaves_nothing_behind);
    tcase_add_test(c, a_launcher_is_followed_but_not_sampled);
    suite_add_tcase(s, c);
    return s;
}

int main(void)
{
    return run_where_permitted(suite);
}
