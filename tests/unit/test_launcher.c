/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/launcher.h"

#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>

#include "tests/unit/run.h"
#include "tests/unit/trial_fixtures.h"

#define STRV(...) ((char *[]){__VA_ARGS__, NULL})
#define MIB       (1024 * 1024)

static RsLauncher *launcher;
static RsLaunchResult result;

static void set_up(void)
{
    g_autoptr(GError) error = NULL;

    enter_folder();
    launcher = rs_launcher_new(&error);
    ck_assert_no_error(error);
}

static void tear_down(void)
{
    g_clear_pointer(&launcher, rs_launcher_free);
    leave_folder();
}

static RsLaunch shell(char *script)
{
    static char *argv[4], *environment[2];

    argv[0] = (char *)"sh";
    argv[1] = (char *)"-c";
    argv[2] = script;
    environment[0] = (char *)"PATH=/usr/bin:/bin";
    return (RsLaunch){
        .path = "/bin/sh",
        .argv = argv,
        .environment = environment,
        .working_directory = folder,
        .n_launches = 1,
    };
}

static void run(const RsLaunch *launch)
{
    g_autoptr(GError) error = NULL;

    ck_assert(rs_launcher_run(launcher, launch, NULL, &result, &error));
    ck_assert_no_error(error);
}

static void run_shell(const char *script)
{
    RsLaunch launch = shell((char *)script);

    run(&launch);
}

/* --- how a program ends --- */

START_TEST(a_program_that_exits_with_0_has_succeeded)
{
    run_shell("exit 0");
    ck_assert(result.succeeded);
    ck_assert_int_eq(result.exit_status, 0);
    ck_assert_int_eq(result.signal_number, 0);
    ck_assert_uint_eq(result.n_launches, 1);
    ck_assert_uint_eq(result.n_left_behind, 0);
    ck_assert(!result.timed_out);
    ck_assert_int_gt(result.wall_ns, 0);
    ck_assert_int_gt(result.minor_faults, 0);
}
END_TEST

START_TEST(an_exit_status_other_than_0_is_a_failure)
{
    run_shell("exit 7");
    ck_assert(!result.succeeded);
    ck_assert_int_eq(result.exit_status, 7);
    ck_assert_int_eq(result.signal_number, 0);
}
END_TEST

START_TEST(listed_exit_statuses_and_only_those_are_success)
{
    static const int codes[] = {1, 7};
    RsLaunch launch = shell((char *)"exit 7");

    launch.exit_codes = codes;
    launch.n_exit_codes = 2;
    run(&launch);
    ck_assert(result.succeeded);
    ck_assert_int_eq(result.exit_status, 7);
    launch = shell((char *)"exit 0");
    launch.exit_codes = codes;
    launch.n_exit_codes = 2;
    run(&launch);
    ck_assert(!result.succeeded);
}
END_TEST

START_TEST(a_signal_is_told_apart_from_an_exit_status)
{
    run_shell("kill -SEGV $$");
    ck_assert(!result.succeeded);
    ck_assert_int_eq(result.signal_number, SIGSEGV);
    ck_assert_int_eq(result.exit_status, -1);
}
END_TEST

START_TEST(a_missing_executable_gives_the_errno_of_its_start)
{
    RsLaunch launch = shell((char *)"exit 0");

    launch.path = "/nowhere/at/all";
    run(&launch);
    ck_assert(!result.succeeded);
    ck_assert_int_eq(result.start_errno, ENOENT);
    ck_assert_uint_eq(result.n_launches, 0);
    run_shell("exit 0"); /* and the launcher goes on */
    ck_assert(result.succeeded);
    ck_assert_int_eq(result.start_errno, 0);
}
END_TEST

START_TEST(a_file_that_may_not_be_executed_gives_the_errno_of_its_start)
{
    g_autofree char *path = in_folder("plain");
    RsLaunch launch = shell((char *)"exit 0");

    write_file("plain", "text\n");
    launch.path = path;
    run(&launch);
    ck_assert(!result.succeeded);
    ck_assert_int_eq(result.start_errno, EACCES);
}
END_TEST

/* --- timeouts and what is left behind --- */

START_TEST(a_timeout_ends_the_whole_process_group)
{
    RsLaunch launch =
        shell((char *)"sleep 60 & echo $! >child.tmp; mv child.tmp child; echo $$ >self; wait");
    int self, child;

    launch.timeout_s = 0.5;
    run(&launch);
    self = wait_for_number("self");
    child = wait_for_number("child");
    ck_assert(!result.succeeded);
    ck_assert(result.timed_out);
    ck_assert_int_eq(result.signal_number, SIGKILL);
    ck_assert_int_ge(result.wall_ns, 500000000);
    ck_assert_int_lt(result.wall_ns, G_GINT64_CONSTANT(20000000000));
    ck_assert_int_gt(self, 0);
    ck_assert_int_gt(child, 0);
    ck_assert(is_gone_within_s(self, 1));
    ck_assert(is_gone_within_s(child, 1));
}
END_TEST

START_TEST(a_timeout_longer_than_the_clock_can_tell_is_no_timeout)
{
    RsLaunch launch = shell((char *)"exit 0");

    launch.timeout_s = 1e300;
    run(&launch);
    ck_assert(result.succeeded);
    ck_assert(!result.timed_out);
}
END_TEST

START_TEST(a_program_that_ends_in_time_has_not_timed_out)
{
    RsLaunch launch = shell((char *)"exit 0");

    launch.timeout_s = 60;
    run(&launch);
    ck_assert(result.succeeded);
    ck_assert(!result.timed_out);
}
END_TEST

START_TEST(a_descendant_in_a_session_of_its_own_is_killed_and_counted)
{
    int pid;

    run_shell("setsid sh -c 'echo $$ >pid; exec sleep 60' & while [ ! -s pid ]; do :; done");
    pid = wait_for_number("pid");
    ck_assert(result.succeeded);
    ck_assert_uint_eq(result.n_left_behind, 1);
    ck_assert_int_gt(pid, 0);
    ck_assert(is_gone_within_s(pid, 1));
}
END_TEST

START_TEST(a_tree_of_left_behind_sessions_is_killed_to_its_leaves)
{
    int parent, leaf;

    run_shell("setsid sh -c 'setsid sh -c \"echo \\$\\$ >leaf; exec sleep 60\" & echo $$ >parent; "
              "wait' & while [ ! -s leaf ] || [ ! -s parent ]; do :; done");
    parent = wait_for_number("parent");
    leaf = wait_for_number("leaf");
    ck_assert(result.succeeded);
    ck_assert_uint_eq(result.n_left_behind, 2);
    ck_assert_int_gt(parent, 0);
    ck_assert_int_gt(leaf, 0);
    ck_assert(is_gone_within_s(parent, 1));
    ck_assert(is_gone_within_s(leaf, 1));
}
END_TEST

/* --- output and input --- */

START_TEST(the_tail_of_50_mb_of_output_is_the_last_bytes)
{
    run_shell("yes 0123456789abcde | head -c 50000000; echo the end; exit 1");
    ck_assert(!result.succeeded);
    ck_assert_uint_eq(result.n_output_tail_bytes, RS_LAUNCHER_TAIL_BYTES);
    ck_assert(memcmp(result.output_tail + RS_LAUNCHER_TAIL_BYTES - 8, "the end\n", 8) == 0);
    ck_assert(memmem(result.output_tail, RS_LAUNCHER_TAIL_BYTES - 8, "\n0123456789abcde\n", 17));
}
END_TEST

/* Blocks that the file behind the output really occupies, asked by the program itself. */
START_TEST(output_that_was_thrown_away_occupies_no_memory)
{
    g_autofree char *text = NULL;

    run_shell("for i in 1 2 3 4 5; do head -c 10000000 /dev/zero; sleep 0.2; done; "
              "stat -L -c %b /proc/self/fd/2 >blocks; exit 1");
    text = read_file("blocks");
    ck_assert(text != NULL);
    ck_assert_int_lt(atoi(text) * G_GINT64_CONSTANT(512), 12 * MIB);
}
END_TEST

START_TEST(the_tail_holds_stdout_and_stderr_as_printed)
{
    run_shell("echo one; echo two >&2; echo three; exit 1");
    ck_assert_uint_eq(result.n_output_tail_bytes, strlen("one\ntwo\nthree\n"));
    ck_assert(memcmp(result.output_tail, "one\ntwo\nthree\n", result.n_output_tail_bytes) == 0);
}
END_TEST

START_TEST(output_of_an_earlier_launch_is_not_shown_for_a_later_one)
{
    run_shell("echo earlier");
    run_shell("exit 1");
    ck_assert_uint_eq(result.n_output_tail_bytes, 0);
}
END_TEST

START_TEST(stdin_is_empty_unless_a_file_is_given)
{
    g_autofree char *got = NULL;

    run_shell("cat >got; echo end >>got");
    got = read_file("got");
    ck_assert(result.succeeded);
    ck_assert_str_eq(got, "end\n");
}
END_TEST

START_TEST(every_launch_reads_the_stdin_file_from_its_start)
{
    g_autofree char *path = in_folder("input"), *got = NULL;
    RsLaunch launch = shell((char *)"cat >>got");

    write_file("input", "line\n");
    launch.stdin_path = path;
    launch.n_launches = 3;
    run(&launch);
    got = read_file("got");
    ck_assert(result.succeeded);
    ck_assert_str_eq(got, "line\nline\nline\n");
}
END_TEST

START_TEST(a_missing_stdin_file_is_a_program_that_could_not_be_started)
{
    RsLaunch launch = shell((char *)"exit 0");

    launch.stdin_path = "/nowhere/input";
    run(&launch);
    ck_assert(!result.succeeded);
    ck_assert_int_eq(result.start_errno, ENOENT);
}
END_TEST

START_TEST(the_working_directory_is_the_one_asked_for)
{
    g_autofree char *got = NULL, *real = realpath(folder, NULL), *expected = NULL;

    run_shell("pwd -P >where");
    got = read_file("where");
    expected = g_strconcat(real, "\n", NULL);
    ck_assert_str_eq(got, expected);
}
END_TEST

START_TEST(a_missing_working_directory_is_a_program_that_could_not_be_started)
{
    RsLaunch launch = shell((char *)"exit 0");

    launch.working_directory = "/nowhere";
    run(&launch);
    ck_assert(!result.succeeded);
    ck_assert_int_eq(result.start_errno, ENOENT);
}
END_TEST

/* --- what the program is given --- */

START_TEST(the_environment_is_the_one_asked_for_and_the_padding)
{
    static const guint sizes[] = {0, 1, 1000, 4095};

    g_setenv("LEAKED_FROM_THE_CALLER", "1", TRUE);
    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autofree char *path = in_folder("env"), *got = NULL, *dots = g_strnfill(sizes[i], '.');
        g_autofree char *expected =
            g_strdup_printf("A=1\nEMPTY=\nB=two words\nRUSTSCOPE_PADDING=%s\n", dots);
        RsLaunch launch = shell((char *)"");

        launch.path = "/usr/bin/env";
        launch.argv = STRV((char *)"env");
        launch.environment = STRV((char *)"A=1", (char *)"EMPTY=", (char *)"B=two words");
        launch.padding_bytes = sizes[i];
        launch.exit_codes = &(int){1}; /* so that what it prints is kept */
        launch.n_exit_codes = 1;
        run(&launch);
        got = g_strndup(result.output_tail, result.n_output_tail_bytes);
        ck_assert_str_eq(got, expected);
    }
}
END_TEST

START_TEST(arguments_arrive_as_they_are)
{
    RsLaunch launch = shell((char *)"");

    launch.path = "/usr/bin/printf";
    launch.argv = STRV((char *)"printf", (char *)"[%s]", (char *)"", (char *)"a b", (char *)"$x");
    launch.exit_codes = &(int){1};
    launch.n_exit_codes = 1;
    run(&launch);
    ck_assert_uint_eq(result.n_output_tail_bytes, strlen("[][a b][$x]"));
    ck_assert(memcmp(result.output_tail, "[][a b][$x]", result.n_output_tail_bytes) == 0);
}
END_TEST

/* The caller's blocked and ignored signals must not reach the program. */
START_TEST(signals_are_at_their_defaults_in_the_program)
{
    run_shell("kill -TERM $$; exit 0");
    ck_assert_int_eq(result.signal_number, SIGTERM);
    run_shell("kill -INT $$; exit 0");
    ck_assert_int_eq(result.signal_number, SIGINT);
}
END_TEST

/* Whoever started the tests may have left files open for them; those pass through. */
START_TEST(no_file_of_the_launcher_is_open_in_the_program)
{
    g_autofree char *got = NULL;
    g_auto(GStrv) fds = NULL;
    guint n_fds = 0;

    run_shell("ls /proc/$$/fd; exit 1"); /* a redirection would open one more */
    got = g_strndup(result.output_tail, result.n_output_tail_bytes);
    fds = g_strsplit(got, "\n", -1);
    for (char **fd = fds; *fd && **fd; fd++, n_fds++) {
        int flags = fcntl(atoi(*fd), F_GETFD);

        ck_assert_msg(flags >= 0 && !(flags & FD_CLOEXEC), "descriptor %s", *fd);
    }
    ck_assert_uint_ge(n_fds, 3);
}
END_TEST

/* --- the figures --- */

START_TEST(figures_of_several_launches_are_sums)
{
    g_autofree char *got = NULL;
    RsLaunch launch = shell((char *)"echo x >>count; sleep 0.02");

    launch.n_launches = 5;
    run(&launch);
    got = read_file("count");
    ck_assert_str_eq(got, "x\nx\nx\nx\nx\n");
    ck_assert_uint_eq(result.n_launches, 5);
    ck_assert_int_ge(result.wall_ns, 5 * 20000000);
    ck_assert_int_ge(result.voluntary_switches, 5);
}
END_TEST

START_TEST(a_launch_that_fails_ends_the_launches)
{
    RsLaunch launch = shell((char *)"echo x >>count; [ $(wc -l <count) -lt 3 ]");

    launch.n_launches = 10;
    run(&launch);
    ck_assert(!result.succeeded);
    ck_assert_uint_eq(result.n_launches, 3);
    ck_assert_int_eq(result.exit_status, 1);
}
END_TEST

START_TEST(work_in_user_mode_is_user_time)
{
    run_shell("i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done");
    ck_assert(result.succeeded);
    ck_assert_int_gt(result.user_ns, 5000000);
    ck_assert_int_lt(result.user_ns + result.system_ns, result.wall_ns + 20000000);
}
END_TEST

START_TEST(time_spent_in_a_waited_for_child_is_counted)
{
    run_shell("sh -c 'i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done'; exit 0");
    ck_assert_int_gt(result.user_ns, 5000000);
}
END_TEST

START_TEST(max_rss_of_a_small_program_is_small_although_the_caller_is_large)
{
    RsLaunch launch = shell((char *)"");
    gsize n_bytes = 200 * MIB;
    char *large = malloc(n_bytes);

    ck_assert(large != NULL);
    memset(large, 1, n_bytes);
    launch.path = "/bin/true";
    launch.argv = STRV((char *)"true");
    run(&launch);
    ck_assert(result.succeeded);
    ck_assert_int_eq(large[n_bytes / 2], 1);
    ck_assert_int_gt(result.max_rss_bytes, 0);
    ck_assert_int_lt(result.max_rss_bytes, SANITIZED ? 100 * MIB : 8 * MIB);
    free(large);
}
END_TEST

START_TEST(max_rss_of_a_large_program_is_its_own)
{
    run_shell("dd if=/dev/zero of=/dev/null bs=50M count=1 2>/dev/null");
    ck_assert_int_gt(result.max_rss_bytes, 50 * 1000 * 1000);
    ck_assert_int_lt(result.max_rss_bytes, 100 * MIB);
}
END_TEST

/* --- ends that come from outside --- */

static volatile int stop;

static void set_stop(int signal_number)
{
    stop = 1;
}

START_TEST(a_stop_from_a_signal_handler_ends_a_running_trial)
{
    struct sigaction on_alarm = {.sa_handler = set_stop};
    g_autoptr(GError) error = NULL;
    RsLaunch launch = shell((char *)"echo $$ >self; sleep 60");
    gint64 start_us = g_get_monotonic_time();
    int self;

    sigaction(SIGUSR1, &on_alarm, NULL);
    if (fork() == 0) {
        _exit(wait_for_number("self") && kill(getppid(), SIGUSR1) == 0 ? 0 : 1);
    }
    ck_assert(!rs_launcher_run(launcher, &launch, &stop, &result, &error));
    ck_assert(g_error_matches(error, RS_LAUNCHER_ERROR, RS_LAUNCHER_ERROR_INTERRUPTED));
    ck_assert_int_lt(g_get_monotonic_time() - start_us, 20 * G_USEC_PER_SEC);
    self = wait_for_number("self");
    ck_assert_int_gt(self, 0);
    ck_assert(is_gone_within_s(self, 1));
    wait(NULL);
}
END_TEST

START_TEST(after_a_stop_the_launcher_serves_on)
{
    g_autoptr(GError) error = NULL;
    RsLaunch launch = shell((char *)"sleep 60");

    stop = 1;
    for (guint i = 0; i < 3; i++) {
        ck_assert(!rs_launcher_run(launcher, &launch, &stop, &result, &error));
        ck_assert(g_error_matches(error, RS_LAUNCHER_ERROR, RS_LAUNCHER_ERROR_INTERRUPTED));
        g_clear_error(&error);
    }
    run_shell("exit 3");
    ck_assert_int_eq(result.exit_status, 3);
}
END_TEST

START_TEST(a_launcher_that_died_is_an_error)
{
    g_autoptr(GError) error = NULL;
    RsLaunch launch = shell((char *)"exit 0");

    kill(rs_launcher_pid(launcher), SIGKILL);
    ck_assert(!rs_launcher_run(launcher, &launch, NULL, &result, &error));
    ck_assert(g_error_matches(error, RS_LAUNCHER_ERROR, RS_LAUNCHER_ERROR_GONE));
    g_clear_error(&error);
    ck_assert(!rs_launcher_run(launcher, &launch, NULL, &result, &error));
    ck_assert(g_error_matches(error, RS_LAUNCHER_ERROR, RS_LAUNCHER_ERROR_GONE));
}
END_TEST

START_TEST(a_launcher_that_dies_during_a_trial_is_an_error)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *script = g_strdup_printf("kill -KILL %d", rs_launcher_pid(launcher));
    RsLaunch launch = shell(script);

    ck_assert(!rs_launcher_run(launcher, &launch, NULL, &result, &error));
    ck_assert(g_error_matches(error, RS_LAUNCHER_ERROR, RS_LAUNCHER_ERROR_GONE));
}
END_TEST

/* Runs launch in a process of its own, which is killed once the program has written its number. */
static pid_t kill_the_process_that_asks(const RsLaunch *launch)
{
    pid_t asking = fork();
    pid_t program;

    if (asking == 0) {
        RsLauncher *own = rs_launcher_new(NULL);

        if (own)
            rs_launcher_run(own, launch, NULL, &result, NULL);
        _exit(0);
    }
    program = wait_for_number("self");
    ck_assert_int_gt(program, 0);
    kill(asking, SIGKILL);
    waitpid(asking, NULL, 0);
    return program;
}

START_TEST(a_program_ends_when_the_process_that_asked_is_killed)
{
    RsLaunch launch = shell((char *)"echo $$ >self; exec sleep 60");
    pid_t program = kill_the_process_that_asks(&launch);

    ck_assert(is_gone_within_s(program, 5));
}
END_TEST

START_TEST(what_a_program_left_running_ends_when_the_process_that_asked_is_killed)
{
    RsLaunch launch = shell((char *)"setsid sh -c 'echo $$ >self; exec sleep 60' & exec sleep 60");
    pid_t descendant = kill_the_process_that_asks(&launch);

    ck_assert(is_gone_within_s(descendant, 5));
}
END_TEST

START_TEST(freeing_a_launcher_ends_its_process)
{
    int pid = rs_launcher_pid(launcher);

    g_clear_pointer(&launcher, rs_launcher_free);
    ck_assert(is_gone_within_s(pid, 1));
}
END_TEST

/* A request may be larger than what a socket takes at once. */
START_TEST(launchers_end_in_any_order)
{
    RsLauncher *second = rs_launcher_new(NULL), *third = rs_launcher_new(NULL);

    rs_launcher_free(second); /* the later one does not hold the earlier one's socket */
    run_shell("exit 0");
    ck_assert(result.succeeded);
    g_clear_pointer(&launcher, rs_launcher_free);
    rs_launcher_free(third);
}
END_TEST

START_TEST(a_large_environment_arrives_whole)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    g_auto(GStrv) environment = NULL;
    g_autofree char *value = g_strnfill(60000, 'v'), *got = NULL;
    RsLaunch launch = shell((char *)"/usr/bin/env | wc -c >size");

    g_strv_builder_add(builder, "PATH=/usr/bin:/bin");
    for (guint i = 0; i < 10; i++) {
        g_autofree char *entry = g_strdup_printf("LARGE_%u=%s", i, value);

        g_strv_builder_add(builder, entry);
    }
    environment = g_strv_builder_end(builder);
    launch.environment = environment;
    run(&launch);
    ck_assert(result.succeeded);
    ck_assert_int_gt(wait_for_number("size"), 600000);
}
END_TEST

static void add_tests(TCase *ends, TCase *io, TCase *outside)
{
    tcase_add_test(ends, a_program_that_exits_with_0_has_succeeded);
    tcase_add_test(ends, an_exit_status_other_than_0_is_a_failure);
    tcase_add_test(ends, listed_exit_statuses_and_only_those_are_success);
    tcase_add_test(ends, a_signal_is_told_apart_from_an_exit_status);
    tcase_add_test(ends, a_missing_executable_gives_the_errno_of_its_start);
    tcase_add_test(ends, a_file_that_may_not_be_executed_gives_the_errno_of_its_start);
    tcase_add_test(ends, a_timeout_ends_the_whole_process_group);
    tcase_add_test(ends, a_timeout_longer_than_the_clock_can_tell_is_no_timeout);
    tcase_add_test(ends, a_program_that_ends_in_time_has_not_timed_out);
    tcase_add_test(ends, a_descendant_in_a_session_of_its_own_is_killed_and_counted);
    tcase_add_test(ends, a_tree_of_left_behind_sessions_is_killed_to_its_leaves);
    tcase_add_test(io, the_tail_of_50_mb_of_output_is_the_last_bytes);
    tcase_add_test(io, output_that_was_thrown_away_occupies_no_memory);
    tcase_add_test(io, the_tail_holds_stdout_and_stderr_as_printed);
    tcase_add_test(io, output_of_an_earlier_launch_is_not_shown_for_a_later_one);
    tcase_add_test(io, stdin_is_empty_unless_a_file_is_given);
    tcase_add_test(io, every_launch_reads_the_stdin_file_from_its_start);
    tcase_add_test(io, a_missing_stdin_file_is_a_program_that_could_not_be_started);
    tcase_add_test(io, the_working_directory_is_the_one_asked_for);
    tcase_add_test(io, a_missing_working_directory_is_a_program_that_could_not_be_started);
    tcase_add_test(io, the_environment_is_the_one_asked_for_and_the_padding);
    tcase_add_test(io, arguments_arrive_as_they_are);
    tcase_add_test(io, signals_are_at_their_defaults_in_the_program);
    tcase_add_test(io, no_file_of_the_launcher_is_open_in_the_program);
    tcase_add_test(io, a_large_environment_arrives_whole);
    tcase_add_test(io, figures_of_several_launches_are_sums);
    tcase_add_test(io, a_launch_that_fails_ends_the_launches);
    tcase_add_test(io, work_in_user_mode_is_user_time);
    tcase_add_test(io, time_spent_in_a_waited_for_child_is_counted);
    tcase_add_test(io, max_rss_of_a_small_program_is_small_although_the_caller_is_large);
    tcase_add_test(io, max_rss_of_a_large_program_is_its_own);
    tcase_add_test(outside, a_stop_from_a_signal_handler_ends_a_running_trial);
    tcase_add_test(outside, after_a_stop_the_launcher_serves_on);
    tcase_add_test(outside, a_launcher_that_died_is_an_error);
    tcase_add_test(outside, a_launcher_that_dies_during_a_trial_is_an_error);
    tcase_add_test(outside, a_program_ends_when_the_process_that_asked_is_killed);
    tcase_add_test(outside, what_a_program_left_running_ends_when_the_process_that_asked_is_killed);
    tcase_add_test(outside, freeing_a_launcher_ends_its_process);
    tcase_add_test(outside, launchers_end_in_any_order);
}

int main(void)
{
    Suite *suite = suite_create("launcher");
    TCase *cases[] = {tcase_create("ends"), tcase_create("input and output"),
                      tcase_create("from outside")};

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        tcase_add_checked_fixture(cases[i], set_up, tear_down);
        tcase_set_timeout(cases[i], 60);
        suite_add_tcase(suite, cases[i]);
    }
    add_tests(cases[0], cases[1], cases[2]);
    return run_suite(suite);
}
