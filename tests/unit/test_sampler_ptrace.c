/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/sampler.h"

#include <math.h>

#include "tests/unit/ptrace_fixtures.h"

/* --- what samples say --- */

START_TEST(weights_add_up_to_the_cpu_time)
{
    gint64 found[1];
    pid_t pid = launch("threads 1 500 1");

    ck_assert_int_eq(wait_for_end(pid), 0);
    stop_watching();
    results(found, 1);
    ck_assert_weight(total_weight_ns(pid), found[0]);
    ck_assert_int_eq(observer.counts.n_samples, observer.seen->len);
    ck_assert_int_gt(observer.counts.stop_p50_ns, 0);
    ck_assert_int_ge(observer.counts.stop_p99_ns, observer.counts.stop_p50_ns);
}
END_TEST

static gboolean parse_ranges(guint64 bounds[4])
{
    g_autofree char *text = read_file("result");

    return text &&
           sscanf(text, "%lx %lx %lx %lx", &bounds[0], &bounds[1], &bounds[2], &bounds[3]) == 4;
}

/* By weight: light_work a quarter, heavy_work three. Within four standard errors of as many samples
 * of equal weight as tell as much (Kish's effective sample size). */
START_TEST(functions_get_the_share_that_they_take)
{
    guint64 bounds[4];
    double light_ns = 0, heavy_ns = 0, squares = 0, total_ns, n_effective;

    observer.options.sample_rate_hz = 499;
    ck_assert_int_eq(run("split 2000"), 0);
    ck_assert(parse_ranges(bounds));
    for (guint i = 0; i < observer.seen->len; i++) {
        const Seen *seen = &g_array_index(observer.seen, Seen, i);
        double weight_ns = (double)seen->weight_ns;

        ck_assert(seen->has_registers);
        squares += weight_ns * weight_ns;
        if (seen->ip >= bounds[0] && seen->ip < bounds[1])
            light_ns += weight_ns;
        if (seen->ip >= bounds[2] && seen->ip < bounds[3])
            heavy_ns += weight_ns;
    }
    total_ns = (double)total_weight_ns(0);
    n_effective = total_ns * total_ns / squares;
    ck_assert_double_gt(n_effective, 8);
    ck_assert_double_gt(light_ns + heavy_ns, 0.8 * total_ns); /* the rest is clock_gettime */
    ck_assert_double_eq_tol(light_ns / (light_ns + heavy_ns), 0.25,
                            4 * sqrt(0.25 * 0.75 / n_effective));
}
END_TEST

/* 40 levels of 16 KB: the first copy of a stack is smaller, those that follow are the whole. */
START_TEST(deep_stacks_are_copied_as_deep_as_was_asked_for)
{
    gsize n_most_bytes = 0;

    observer.options.n_stack_bytes = 1024 * 1024;
    ck_assert_int_eq(run("deep 40 200"), 0);
    for (guint i = 0; i < observer.seen->len; i++)
        n_most_bytes = MAX(n_most_bytes, g_array_index(observer.seen, Seen, i).n_stack_bytes);
    ck_assert_uint_gt(n_most_bytes, 40 * 16 * 1024);
    ck_assert_uint_lt(n_most_bytes, 1024 * 1024);
}
END_TEST

START_TEST(threads_born_later_are_sampled)
{
    gint64 found[1];

    ck_assert_int_eq(run("threads 4 500 2"), 0);
    ck_assert_uint_ge(n_threads_seen(), 4);
    results(found, 1);
    ck_assert_weight(total_weight_ns(0), found[0]);
}
END_TEST

/* Each lives for less than a period: few are seen, which stand for all. */
START_TEST(short_threads_count_for_what_they_take)
{
    gint64 found[1];

    observer.options.sample_rate_hz = 99;
    ck_assert_int_eq(run("threads 200 3 1"), 0);
    results(found, 1);
    ck_assert_int_gt(total_weight_ns(0) / 1000, found[0] * 3 / 4);
    ck_assert_int_lt(total_weight_ns(0) / 1000, found[0] * 5 / 4);
}
END_TEST

START_TEST(children_are_followed_and_their_ends_are_told)
{
    gint64 found[2];

    ck_assert_int_eq(run("forks 8 200"), 0);
    results(found, 2);
    ck_assert_int_eq(found[0], 8);
    ck_assert_uint_ge(n_processes_seen(), 8);
    ck_assert_int_gt(total_weight_ns(0), 8 * 150 * NS_PER_MS);
    ck_assert_uint_eq(rs_tasks_n_alive(observer.tasks), 0);
}
END_TEST

START_TEST(a_program_that_naps_is_not_interrupted)
{
    gint64 found[2];

    observer.options.sample_rate_hz = 999;
    ck_assert_int_eq(run("naps 1000"), 0);
    results(found, 2);
    ck_assert_int_eq(found[0], 0);
}
END_TEST

/* At 10 Hz there would be five samples in all. */
START_TEST(programs_of_50_ms_are_sampled_at_the_startup_rate)
{
    observer.options.sample_rate_hz = 10;
    observer.options.startup_rate_hz = 999;
    observer.options.startup_ms = 100;
    for (guint i = 0; i < 10; i++)
        ck_assert_int_eq(run("split 50"), 0);
    ck_assert_uint_ge(n_processes_seen(), 9);
    ck_assert_uint_ge(observer.seen->len, 15);
}
END_TEST

START_TEST(a_program_that_ends_at_once_is_a_result)
{
    for (guint i = 0; i < 20; i++) {
        pid_t pid = launch("status 3");

        ck_assert_int_eq(WEXITSTATUS(wait_for_end(pid)), 3);
        stop_watching();
    }
}
END_TEST

START_TEST(what_comes_before_the_exec_is_not_sampled)
{
    gint64 start_ns;
    RsTask task;
    pid_t pid;

    start_ns = g_get_monotonic_time() * 1000;
    pid = launch("split 50");
    ck_assert_int_eq(wait_for_end(pid), 0);
    stop_watching();
    ck_assert(rs_tasks_find(observer.tasks, pid, &task));
    ck_assert_str_eq(task.name, "ptrace_target");
    ck_assert_int_eq(task.parent_id, getpid());
    ck_assert_int_ge(task.start_ns, start_ns);
    ck_assert_int_gt(task.end_ns, task.start_ns);
    ck_assert(rs_space_has_ended(rs_spaces_find(observer.spaces, pid)));
}
END_TEST

/* --- coming and going --- */

START_TEST(a_running_process_is_attached_to_and_let_go)
{
    pid_t pid = start_alone("heartbeat 600000");
    RsTask task;

    for (guint i = 0; i < 5; i++) {
        wait_for_beats();
        watch(pid, FALSE);
        ck_assert_no_error(observer.error);
        wait_for_beats();
        g_usleep(50000);
        stop_watching();
        ck_assert_uint_gt(observer.seen->len, 0);
        g_array_set_size(observer.seen, 0);
        wait_for_beats();
    }
    ck_assert(rs_tasks_find(observer.tasks, pid, &task));
    ck_assert(!task.has_status);
    kill(pid, SIGKILL);
    ck_assert_int_eq(WTERMSIG(reap(pid)), SIGKILL);
}
END_TEST

START_TEST(all_threads_of_a_running_process_are_found)
{
    pid_t pid = start_alone("threads 40 100 8");

    g_usleep(60000);
    watch(pid, FALSE);
    ck_assert_no_error(observer.error);
    ck_assert_int_eq(wait_for_end(pid), 0);
    stop_watching();
    ck_assert_uint_gt(n_threads_seen(), 8);
}
END_TEST

START_TEST(what_starts_and_ends_while_it_is_let_go_goes_on)
{
    gint64 found[2];
    RsTask task = {0};

    for (guint i = 0; i < 10; i++) {
        pid_t pid = start_alone("forks 40 0");

        g_usleep(3000 * i);
        watch(pid, FALSE);
        g_usleep(3000);
        stop_watching();
        /* Its children come and go: those that were let go are never told to have ended. */
        if (!rs_tasks_find(observer.tasks, pid, &task) || !task.has_status)
            task.wait_status = reap(pid);
        ck_assert_int_eq(task.wait_status, 0);
        results(found, 2);
        ck_assert_int_eq(found[0], 40);
        g_clear_error(&observer.error);
    }
}
END_TEST

START_TEST(a_stopped_process_stays_stopped_when_it_is_let_go)
{
    pid_t pid = start_alone("heartbeat 600000");

    wait_for_beats();
    kill(pid, SIGSTOP);
    for (guint i = 0; i < PATIENCE_MS && state_of(pid) != 'T'; i++)
        g_usleep(1000);
    watch(pid, FALSE);
    ck_assert_no_error(observer.error);
    g_usleep(30000);
    stop_watching();
    for (guint i = 0; i < 1000 && state_of(pid) != 'T'; i++)
        g_usleep(1000);
    ck_assert_int_eq(state_of(pid), 'T');
    kill(pid, SIGCONT);
    wait_for_beats();
    kill(pid, SIGKILL);
    reap(pid);
}
END_TEST

/* The sampler lives in a process that is killed. */
START_TEST(the_target_outlives_a_killed_sampler)
{
    pid_t pid = start_alone("heartbeat 600000"), keeper;

    wait_for_beats();
    keeper = fork();
    if (keeper == 0) {
        watch(pid, FALSE);
        if (!observer.error)
            write_file("attached", "1\n");
        pause();
        _exit(0);
    }
    ck_assert_int_eq(wait_for_number("attached"), 1);
    wait_for_beats();
    kill(keeper, SIGKILL);
    reap(keeper);
    wait_for_beats();
    ck_assert(state_of(pid) != 't' && state_of(pid) != 'T');
    kill(pid, SIGKILL);
    ck_assert_int_eq(WTERMSIG(reap(pid)), SIGKILL);
}
END_TEST

START_TEST(a_process_that_is_gone_is_an_error)
{
    pid_t pid = start_alone("status 0");

    ck_assert_int_eq(reap(pid), 0);
    watch(pid, FALSE);
    ck_assert_msg(g_error_matches(observer.error, RS_SAMPLER_ERROR, RS_SAMPLER_ERROR_GONE),
                  "no error");
}
END_TEST

START_TEST(a_process_that_another_one_traces_is_an_error_that_names_it)
{
    pid_t pid = start_alone("heartbeat 600000"), keeper;
    g_autofree char *expected = NULL;

    keeper = fork();
    if (keeper == 0) {
        watch(pid, FALSE);
        write_file("attached", "1\n");
        pause();
    }
    ck_assert_int_eq(wait_for_number("attached"), 1);
    watch(pid, FALSE);
    ck_assert_msg(g_error_matches(observer.error, RS_SAMPLER_ERROR, RS_SAMPLER_ERROR_DENIED),
                  "no error");
    expected = g_strdup_printf("process %d is being traced by process ", pid);
    ck_assert_msg(g_str_has_prefix(observer.error->message, expected), "%s",
                  observer.error->message);
    kill(keeper, SIGKILL);
    reap(keeper);
    kill(pid, SIGKILL);
    reap(pid);
}
END_TEST

START_TEST(an_event_that_it_does_not_know_is_an_error)
{
    RsSamplerSink sink = {.spaces = observer.spaces, .tasks = observer.tasks, .sample = on_sample};
    g_autoptr(GError) error = NULL;

    observer.options.event = "cycles";
    ck_assert_ptr_null(rs_sampler_ptrace.open(&observer.options, &sink, &error));
    ck_assert_msg(g_error_matches(error, RS_SAMPLER_ERROR, RS_SAMPLER_ERROR_UNSUPPORTED),
                  "no error");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("sampler_ptrace");
    TCase *c = tcase_create("all");

    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_set_timeout(c, 120);
    tcase_add_test(c, weights_add_up_to_the_cpu_time);
    tcase_add_test(c, functions_get_the_share_that_they_take);
    tcase_add_test(c, deep_stacks_are_copied_as_deep_as_was_asked_for);
    tcase_add_test(c, threads_born_later_are_sampled);
    tcase_add_test(c, short_threads_count_for_what_they_take);
    tcase_add_test(c, children_are_followed_and_their_ends_are_told);
    tcase_add_test(c, a_program_that_naps_is_not_interrupted);
    tcase_add_test(c, programs_of_50_ms_are_sampled_at_the_startup_rate);
    tcase_add_test(c, a_program_that_ends_at_once_is_a_result);
    tcase_add_test(c, what_comes_before_the_exec_is_not_sampled);
    tcase_add_test(c, a_running_process_is_attached_to_and_let_go);
    tcase_add_test(c, all_threads_of_a_running_process_are_found);
    tcase_add_test(c, what_starts_and_ends_while_it_is_let_go_goes_on);
    tcase_add_test(c, a_stopped_process_stays_stopped_when_it_is_let_go);
    tcase_add_test(c, the_target_outlives_a_killed_sampler);
    tcase_add_test(c, a_process_that_is_gone_is_an_error);
    tcase_add_test(c, a_process_that_another_one_traces_is_an_error_that_names_it);
    tcase_add_test(c, an_event_that_it_does_not_know_is_an_error);
    suite_add_tcase(s, c);
    return s;
}

int main(void)
{
    return run_where_permitted(suite);
}
