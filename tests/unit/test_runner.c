/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One trial or hook at a time; what a run makes of them is in test_collect.c. */
#include "trial/runner.h"

#include <string.h>

#include "base/clock.h"
#include "tests/unit/run.h"
#include "tests/unit/trial_fixtures.h"

static RsLauncher *launcher;
static RsRunner *runner;
static RsPlanBenchmark *plan;
static RsBenchmark *benchmark;
static char *pmu;
static volatile int stop;

static void set_up(void)
{
    RsRunnerOptions options = {.stop = &stop};

    enter_folder();
    g_setenv("TMPDIR", folder, TRUE);
    launcher = rs_launcher_new(NULL);
    ck_assert_ptr_nonnull(launcher);
    runner = rs_runner_new(launcher, &options, &pmu, NULL);
    ck_assert_ptr_nonnull(runner);
    plan = rs_plan_benchmark_new("b", RS_DESIGN_PAIRED);
    benchmark = rs_benchmark_new("b", RS_DESIGN_PAIRED);
    stop = 0;
}

static void tear_down(void)
{
    rs_runner_free(runner);
    rs_launcher_free(launcher);
    rs_benchmark_free(benchmark);
    rs_plan_benchmark_free(plan);
    g_free(pmu);
    leave_folder();
}

static RsTrialRequest request_for(const char *script)
{
    RsProgram *program = &benchmark->programs[RS_ARM_CURRENT];

    rs_program_clear(program);
    program->argv = g_new0(char *, 2);
    program->argv[0] = g_strdup(script);
    program->shell = TRUE;
    program->working_directory = g_strdup(folder);
    return (RsTrialRequest){
        .plan = plan,
        .benchmark = benchmark,
        .arm = RS_ARM_CURRENT,
        .pair = 4,
        .session_start_ns = rs_monotonic_ns(),
    };
}

static gboolean trial(const char *script)
{
    g_autoptr(GError) error = NULL;
    RsTrialRequest request = request_for(script);
    gboolean succeeded = FALSE;

    ck_assert(rs_runner_trial(runner, &request, &succeeded, &error));
    ck_assert_no_error(error);
    return succeeded;
}

static gint64 count_of(const char *metric_name, guint i)
{
    const RsMetric *metric = rs_benchmark_metric(benchmark, metric_name);

    ck_assert_msg(metric != NULL, "no metric %s", metric_name);
    return g_array_index(metric->values, RsValue, i).count;
}

START_TEST(a_trial_is_appended_with_arm_pair_and_figures)
{
    rs_runner_add_metrics(runner, benchmark);
    ck_assert(trial("sleep 0.02"));
    ck_assert_uint_eq(rs_benchmark_n_trials(benchmark), 1);
    ck_assert_int_eq(g_array_index(benchmark->trial_arm, guint8, 0), RS_ARM_CURRENT);
    ck_assert_int_eq(g_array_index(benchmark->trial_pair, gint32, 0), 4);
    ck_assert_int_ge(g_array_index(benchmark->trial_start_ns, gint64, 0), 0);
    ck_assert_int_ge(count_of("wall", 0), 20000000);
    ck_assert_int_gt(count_of("minor_faults", 0), 0);
    ck_assert_int_ge(count_of("voluntary_switches", 0), 1);
}
END_TEST

START_TEST(adding_the_metrics_twice_adds_them_once)
{
    guint n_metrics;

    rs_runner_add_metrics(runner, benchmark);
    n_metrics = benchmark->metrics->len;
    ck_assert_uint_ge(n_metrics, 9);
    rs_runner_add_metrics(runner, benchmark);
    ck_assert_uint_eq(benchmark->metrics->len, n_metrics);
}
END_TEST

START_TEST(values_of_a_looped_trial_are_of_one_launch)
{
    rs_runner_add_metrics(runner, benchmark);
    benchmark->launches_per_trial = 4;
    ck_assert(trial("sleep 0.05"));
    ck_assert_int_ge(count_of("wall", 0), 50000000);
    ck_assert_int_lt(count_of("wall", 0), 190000000);
}
END_TEST

START_TEST(a_failed_trial_is_a_failure_and_no_trial)
{
    const RsFailure *failure;

    rs_runner_add_metrics(runner, benchmark);
    ck_assert(!trial("echo why; exit 5"));
    ck_assert_uint_eq(rs_benchmark_n_trials(benchmark), 0);
    ck_assert_uint_eq(benchmark->failures->len, 1);
    failure = g_ptr_array_index(benchmark->failures, 0);
    ck_assert_int_eq(failure->pair, 4);
    ck_assert_int_eq(failure->arm, RS_ARM_CURRENT);
    ck_assert_int_eq(failure->exit_status, 5);
    ck_assert_str_eq(failure->output_tail, "why");
}
END_TEST

START_TEST(exit_statuses_of_the_plan_are_success)
{
    g_array_append_val(plan->exit_codes, (int){5});
    ck_assert(trial("exit 5"));
    ck_assert(trial("exit 0"));
    ck_assert(!trial("exit 4"));
}
END_TEST

START_TEST(own_metrics_of_a_failed_trial_do_not_reach_the_next)
{
    ck_assert(!trial("echo leaked 1 x >$RUSTSCOPE_METRICS; exit 1"));
    ck_assert(trial("true"));
    ck_assert_ptr_null(rs_benchmark_metric(benchmark, "leaked"));
}
END_TEST

START_TEST(a_metric_that_changes_its_unit_is_a_warning_and_absent)
{
    ck_assert(trial("echo m 1 x >$RUSTSCOPE_METRICS"));
    ck_assert(trial("echo m 2 y >$RUSTSCOPE_METRICS"));
    ck_assert_uint_eq(benchmark->warnings->len, 1);
    ck_assert_str_eq(g_ptr_array_index(benchmark->warnings, 0),
                     "RUSTSCOPE_METRICS: a metric changed its unit or direction");
    ck_assert_double_eq(rs_metric_value(rs_benchmark_metric(benchmark, "m"), 0), 1);
    ck_assert_double_nan(rs_metric_value(rs_benchmark_metric(benchmark, "m"), 1));
}
END_TEST

START_TEST(a_metric_that_appears_late_is_absent_before)
{
    ck_assert(trial("true"));
    ck_assert(trial("echo m 2 y >$RUSTSCOPE_METRICS"));
    ck_assert_double_nan(rs_metric_value(rs_benchmark_metric(benchmark, "m"), 0));
    ck_assert_double_eq(rs_metric_value(rs_benchmark_metric(benchmark, "m"), 1), 2);
}
END_TEST

START_TEST(a_metrics_file_that_is_no_file_is_a_warning)
{
    ck_assert(trial("ln -s /dev/zero $RUSTSCOPE_METRICS"));
    ck_assert(trial("true"));
    ck_assert_uint_eq(benchmark->warnings->len, 1);
    ck_assert_str_eq(g_ptr_array_index(benchmark->warnings, 0),
                     "RUSTSCOPE_METRICS: the file cannot be read");
}
END_TEST

/* Opening a pipe that nobody writes to would wait for ever. */
START_TEST(a_metrics_file_that_is_a_pipe_does_not_hang_the_run)
{
    ck_assert(trial("mkfifo $RUSTSCOPE_METRICS"));
    ck_assert_uint_eq(benchmark->warnings->len, 1);
}
END_TEST

START_TEST(prepare_is_not_measured)
{
    rs_runner_add_metrics(runner, benchmark);
    plan->prepare[RS_ARM_CURRENT] =
        (RsCommand){.argv = g_strdupv((char *[]){(char *)"sleep 0.5", NULL}), .shell = TRUE};
    ck_assert(trial("true"));
    ck_assert_int_lt(count_of("wall", 0), 400000000);
}
END_TEST

START_TEST(a_warm_up_records_nothing_but_its_length)
{
    RsTrialRequest request = request_for("sleep 0.02");
    gboolean succeeded = FALSE;
    gint64 wall_ns = 0;

    ck_assert(rs_runner_warm_up(runner, &request, &succeeded, &wall_ns, NULL));
    ck_assert(succeeded);
    ck_assert_int_ge(wall_ns, 20000000);
    ck_assert_uint_eq(rs_benchmark_n_trials(benchmark), 0);
}
END_TEST

static RsFailure *command(const char *text, gboolean shell)
{
    RsCommand command = {.shell = shell};
    RsProgram program = {.working_directory = folder};
    RsFailure *failure = NULL;

    if (text)
        ck_assert(rs_command_parse(text, shell, &command.argv, NULL));
    ck_assert(rs_runner_command(runner, &command, &program, RS_ARM_BASELINE, "setup", TRUE,
                                &failure, NULL));
    rs_command_clear(&command);
    return failure;
}

START_TEST(a_command_runs_in_the_programs_folder)
{
    g_autofree char *text = NULL;

    ck_assert_ptr_null(command("pwd >where", TRUE));
    text = read_file("where");
    ck_assert_str_eq(g_strchomp(text), folder);
    ck_assert_ptr_null(command("touch 'a b'", FALSE));
    ck_assert_ptr_null(command("rm 'a b'", FALSE));
    ck_assert_ptr_null(command(NULL, FALSE));
}
END_TEST

START_TEST(a_command_that_fails_or_is_missing_is_a_failure_of_its_stage)
{
    g_autoptr(RsFailure) failed = command("echo why; exit 6", TRUE);
    g_autoptr(RsFailure) missing = command("no-such-command-anywhere", FALSE);

    ck_assert_ptr_nonnull(failed);
    ck_assert_str_eq(failed->stage, "setup");
    ck_assert_int_eq(failed->arm, RS_ARM_BASELINE);
    ck_assert_int_eq(failed->exit_status, 6);
    ck_assert_str_eq(failed->output_tail, "why");
    ck_assert_ptr_nonnull(missing);
    ck_assert_str_eq(missing->message, "could not be started: No such file or directory");
}
END_TEST

START_TEST(after_a_stop_only_cleanup_runs)
{
    RsCommand touch = {.argv = (char *[]){(char *)"sleep 0.3; echo x >there", NULL}, .shell = TRUE};
    RsProgram program = {.working_directory = folder};
    RsFailure *failure = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *before = NULL, *after = NULL;

    stop = 1;
    ck_assert(!rs_runner_command(runner, &touch, &program, RS_ARM_BASELINE, "setup", TRUE, &failure,
                                 &error));
    ck_assert(g_error_matches(error, RS_LAUNCHER_ERROR, RS_LAUNCHER_ERROR_INTERRUPTED));
    before = read_file("there");
    ck_assert_ptr_null(before);
    ck_assert(rs_runner_command(runner, &touch, &program, RS_ARM_BASELINE, "cleanup", FALSE,
                                &failure, NULL));
    ck_assert_ptr_null(failure);
    after = read_file("there");
    ck_assert_str_eq(after, "x\n");
}
END_TEST

START_TEST(counters_are_available_or_their_absence_is_explained)
{
    ck_assert(strcmp(pmu, "available") == 0 || strstr(pmu, "counters") ||
              strstr(pmu, "perf_event_open"));
    rs_runner_add_metrics(runner, benchmark);
    ck_assert((rs_benchmark_metric(benchmark, "instructions") != NULL) ==
              (strcmp(pmu, "available") == 0));
}
END_TEST

START_TEST(nothing_is_left_in_the_temporary_folder)
{
    g_autoptr(GDir) dir = NULL;

    ck_assert(trial("echo m 1 x >$RUSTSCOPE_METRICS"));
    ck_assert(!trial("echo m 1 x >$RUSTSCOPE_METRICS; exit 1"));
    g_clear_pointer(&runner, rs_runner_free);
    dir = g_dir_open(folder, 0, NULL);
    ck_assert_ptr_null(g_dir_read_name(dir));
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("runner");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, 20);
    tcase_add_test(tcase, a_trial_is_appended_with_arm_pair_and_figures);
    tcase_add_test(tcase, adding_the_metrics_twice_adds_them_once);
    tcase_add_test(tcase, values_of_a_looped_trial_are_of_one_launch);
    tcase_add_test(tcase, a_failed_trial_is_a_failure_and_no_trial);
    tcase_add_test(tcase, exit_statuses_of_the_plan_are_success);
    tcase_add_test(tcase, own_metrics_of_a_failed_trial_do_not_reach_the_next);
    tcase_add_test(tcase, a_metric_that_changes_its_unit_is_a_warning_and_absent);
    tcase_add_test(tcase, a_metric_that_appears_late_is_absent_before);
    tcase_add_test(tcase, a_metrics_file_that_is_no_file_is_a_warning);
    tcase_add_test(tcase, a_metrics_file_that_is_a_pipe_does_not_hang_the_run);
    tcase_add_test(tcase, prepare_is_not_measured);
    tcase_add_test(tcase, a_warm_up_records_nothing_but_its_length);
    tcase_add_test(tcase, a_command_runs_in_the_programs_folder);
    tcase_add_test(tcase, a_command_that_fails_or_is_missing_is_a_failure_of_its_stage);
    tcase_add_test(tcase, after_a_stop_only_cleanup_runs);
    tcase_add_test(tcase, counters_are_available_or_their_absence_is_explained);
    tcase_add_test(tcase, nothing_is_left_in_the_temporary_folder);
    return run_tests("runner", tcase);
}
