/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programs here are shell commands of a millisecond that write their figure to RUSTSCOPE_METRICS,
 * so what is decided does not depend on the machine. */
#include "trial/collect.h"
#include "trial/open.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/run.h"
#include "tests/unit/trial_fixtures.h"

#define WORK(value) "echo work " #value " units >>\"$RUSTSCOPE_METRICS\""

static RsLauncher *launcher;
static RsPlan *plan;
static RsSession *session;
static RsCollectOptions options;
static volatile int stop;

static void set_up(void)
{
    enter_folder();
    launcher = rs_launcher_new(NULL);
    ck_assert_ptr_nonnull(launcher);
    plan = rs_plan_new();
    g_strfreev(plan->gate->metrics);
    plan->gate->metrics = g_strsplit("work", " ", -1);
    plan->seed = 7;
    options = (RsCollectOptions){.runner.stop = &stop};
    stop = 0;
}

static void tear_down(void)
{
    rs_session_free(session);
    rs_plan_free(plan);
    rs_launcher_free(launcher);
    leave_folder();
}

static char **shell_words(const char *text)
{
    char **argv = g_new0(char *, 2);

    argv[0] = g_strdup(text);
    return argv;
}

static RsCommand hook(const char *text)
{
    return (RsCommand){.argv = shell_words(text), .shell = TRUE};
}

static void set_program(RsPlanBenchmark *benchmark, RsArm arm, const char *text)
{
    benchmark->programs[arm].argv = shell_words(text);
    benchmark->programs[arm].shell = TRUE;
    benchmark->programs[arm].working_directory = g_strdup(folder);
}

static RsPlanBenchmark *add(const char *name, const char *baseline, const char *current)
{
    RsPlanBenchmark *benchmark =
        rs_plan_benchmark_new(name, current ? RS_DESIGN_PAIRED : RS_DESIGN_SINGLE);

    set_program(benchmark, RS_ARM_BASELINE, baseline);
    if (current)
        set_program(benchmark, RS_ARM_CURRENT, current);
    benchmark->launches_per_trial = 1;
    g_ptr_array_add(plan->benchmarks, benchmark);
    return benchmark;
}

static gboolean collect(GError **error)
{
    rs_plan_seal(plan);
    if (!session)
        session = rs_collect_session(plan);
    return rs_collect(plan, session, launcher, &options, error);
}

static RsBenchmark *collected(void)
{
    g_autoptr(GError) error = NULL;
    gboolean ok = collect(&error);

    ck_assert_no_error(error);
    ck_assert(ok);
    ck_assert(session->complete);
    return g_ptr_array_index(session->benchmarks, 0);
}

static guint n_pairs(const RsBenchmark *benchmark)
{
    return rs_benchmark_n_trials(benchmark) / 2;
}

static RsArm arm_of(const RsBenchmark *benchmark, guint trial)
{
    return g_array_index(benchmark->trial_arm, guint8, trial);
}

static double value_of(const RsBenchmark *benchmark, const char *metric_name, guint trial)
{
    const RsMetric *metric = rs_benchmark_metric(benchmark, metric_name);

    ck_assert_msg(metric != NULL, "no metric %s", metric_name);
    return rs_metric_value(metric, trial);
}

static const RsFailure *only_failure(const RsBenchmark *benchmark)
{
    ck_assert_uint_eq(benchmark->failures->len, 1);
    return g_ptr_array_index(benchmark->failures, 0);
}

static guint n_lines(const char *name)
{
    g_autofree char *text = read_file(name);
    guint n = 0;

    for (const char *at = text; at && (at = strchr(at, '\n')); at++)
        n++;
    return n;
}

static gboolean is_there(const char *name)
{
    g_autofree char *path = in_folder(name);

    return g_file_test(path, G_FILE_TEST_EXISTS);
}

/* --- when it stops --- */

START_TEST(a_slowdown_beyond_every_doubt_stops_red)
{
    RsBenchmark *benchmark;

    add("b", WORK(100), WORK(130));
    benchmark = collected();
    ck_assert_int_eq(benchmark->stop_reason, RS_STOP_SETTLED);
    ck_assert_uint_ge(n_pairs(benchmark), 5);
    ck_assert_uint_le(n_pairs(benchmark), 30);
    for (guint i = 0; i < rs_benchmark_n_trials(benchmark); i++)
        ck_assert_double_eq(value_of(benchmark, "work", i),
                            arm_of(benchmark, i) == RS_ARM_CURRENT ? 130 : 100);
}
END_TEST

START_TEST(no_difference_stops_once_the_threshold_is_excluded)
{
    RsBenchmark *benchmark;

    add("b", WORK(100), WORK(100) " ");
    benchmark = collected();
    ck_assert_int_eq(benchmark->stop_reason, RS_STOP_SETTLED);
    ck_assert_uint_le(n_pairs(benchmark), 30);
}
END_TEST

START_TEST(a_change_around_the_threshold_spends_the_budget)
{
    RsBenchmark *benchmark;

    plan->gate->max_pairs = 20;
    add("b", WORK(100),
        "echo x >>n; if [ $(($(wc -l <n) % 2)) = 0 ]; then " WORK(90) "; else " WORK(130) "; fi");
    benchmark = collected();
    ck_assert_int_eq(benchmark->stop_reason, RS_STOP_MAX_PAIRS);
    ck_assert_uint_eq(n_pairs(benchmark), 20);
}
END_TEST

START_TEST(a_metric_that_is_never_measured_settles_nothing)
{
    RsBenchmark *benchmark;

    plan->gate->max_pairs = 15;
    add("b", "true", "true ");
    benchmark = collected();
    ck_assert_int_eq(benchmark->stop_reason, RS_STOP_MAX_PAIRS);
    ck_assert_uint_eq(n_pairs(benchmark), 15);
}
END_TEST

START_TEST(a_fixed_number_of_pairs_is_taken_although_all_is_settled)
{
    RsBenchmark *benchmark;

    add("b", WORK(100), WORK(200))->n_trials = 40;
    benchmark = collected();
    ck_assert_int_eq(benchmark->stop_reason, RS_STOP_FIXED);
    ck_assert_uint_eq(n_pairs(benchmark), 40);
}
END_TEST

START_TEST(a_single_arm_takes_the_trials_asked_for)
{
    RsBenchmark *benchmark;

    add("b", WORK(5), NULL)->n_trials = 4;
    benchmark = collected();
    ck_assert_int_eq(benchmark->stop_reason, RS_STOP_FIXED);
    ck_assert_uint_eq(rs_benchmark_n_trials(benchmark), 4);
    for (guint i = 0; i < 4; i++)
        ck_assert_int_eq(arm_of(benchmark, i), RS_ARM_BASELINE);
}
END_TEST

START_TEST(the_time_budget_ends_the_run)
{
    RsBenchmark *benchmark;
    gint64 start_us = g_get_monotonic_time();

    plan->gate->max_time_s = 1;
    plan->gate->max_pairs = 100000;
    options.allow_undecided = TRUE;
    add("b", "sleep 0.05", "sleep 0.05 ");
    benchmark = collected();
    ck_assert_int_eq(benchmark->stop_reason, RS_STOP_MAX_TIME);
    ck_assert_uint_ge(n_pairs(benchmark), 1);
    ck_assert_int_lt(g_get_monotonic_time() - start_us, 20 * G_USEC_PER_SEC);
}
END_TEST

START_TEST(a_budget_of_too_few_pairs_is_refused_before_anything_runs)
{
    g_autoptr(GError) error = NULL;

    plan->gate->max_pairs = 2;
    add("b", "touch ran", "touch ran ");
    ck_assert(!collect(&error));
    ck_assert(g_error_matches(error, RS_PLAN_ERROR, RS_PLAN_ERROR_INVALID));
    ck_assert_msg(strstr(error->message, "b: 2 pairs can never decide") != NULL, "%s",
                  error->message);
    ck_assert(!session->complete);
    ck_assert(!is_there("ran"));
    g_clear_pointer(&session, rs_session_free);
    options.allow_undecided = TRUE;
    ck_assert_uint_eq(n_pairs(collected()), 2);
}
END_TEST

START_TEST(a_time_budget_for_too_few_pairs_is_refused)
{
    g_autoptr(GError) error = NULL;

    plan->gate->max_time_s = 0.5;
    add("b", "sleep 0.1", "sleep 0.1 ");
    ck_assert(!collect(&error));
    ck_assert(g_error_matches(error, RS_PLAN_ERROR, RS_PLAN_ERROR_INVALID));
    ck_assert_msg(g_str_has_prefix(error->message, "the time budget of 0.5 s can never decide"),
                  "%s", error->message);
}
END_TEST

START_TEST(identical_arms_are_not_measured_unless_asked_for)
{
    RsBenchmark *benchmark;

    add("b", WORK(100), WORK(100))->n_trials = 10;
    benchmark = collected();
    ck_assert_int_eq(benchmark->stop_reason, RS_STOP_IDENTICAL);
    ck_assert_uint_eq(rs_benchmark_n_trials(benchmark), 0);
    g_clear_pointer(&session, rs_session_free);
    options.measure_identical = TRUE;
    benchmark = collected();
    ck_assert_int_eq(benchmark->stop_reason, RS_STOP_FIXED);
    ck_assert_uint_eq(n_pairs(benchmark), 10);
}
END_TEST

/* --- the order --- */

static char *order_of(const RsBenchmark *benchmark)
{
    GString *order = g_string_new(NULL);

    for (guint i = 0; i < rs_benchmark_n_trials(benchmark); i++) {
        ck_assert_int_eq(g_array_index(benchmark->trial_pair, gint32, i), (gint32)i / 2);
        g_string_append_c(order, arm_of(benchmark, i) == RS_ARM_CURRENT ? 'C' : 'B');
    }
    return g_string_free(order, FALSE);
}

static char *order_with_seed(gint64 seed)
{
    char *order;

    plan->seed = seed;
    order = order_of(collected());
    ck_assert_int_eq(session->seed, seed);
    g_clear_pointer(&session, rs_session_free);
    return order;
}

START_TEST(pairs_run_in_random_order_and_the_seed_repeats_it)
{
    g_autofree char *order = NULL, *again = NULL, *other = NULL;
    guint n_current_first = 0;

    add("b", WORK(1), WORK(1) " ")->n_trials = 20;
    order = order_with_seed(11);
    again = order_with_seed(11);
    other = order_with_seed(12);
    ck_assert_uint_eq(strlen(order), 40);
    for (guint i = 0; i < 20; i++) {
        ck_assert_int_ne(order[2 * i], order[2 * i + 1]);
        n_current_first += order[2 * i] == 'C';
    }
    ck_assert_uint_ge(n_current_first, 3);
    ck_assert_uint_le(n_current_first, 17);
    ck_assert_str_eq(order, again);
    ck_assert_str_ne(order, other);
}
END_TEST

START_TEST(both_sides_of_a_pair_get_the_same_padding)
{
    g_auto(GStrv) lines = NULL;
    g_autofree char *text = NULL;
    g_autoptr(GHashTable) sizes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    add("b", "echo ${#RUSTSCOPE_PADDING} >>sizes", "echo ${#RUSTSCOPE_PADDING} >>sizes ")
        ->n_trials = 20;
    options.allow_undecided = TRUE;
    collected();
    text = read_file("sizes");
    lines = g_strsplit(g_strchomp(text), "\n", -1);
    ck_assert_uint_ge(g_strv_length(lines), 40); /* warm-ups first */
    for (guint i = g_strv_length(lines) - 40; lines[i]; i += 2) {
        ck_assert_str_eq(lines[i], lines[i + 1]);
        g_hash_table_add(sizes, g_strdup(lines[i]));
    }
    ck_assert_uint_ge(g_hash_table_size(sizes), 15);
}
END_TEST

START_TEST(benchmarks_take_turns_while_both_are_open)
{
    g_autofree char *text = NULL;

    options.allow_undecided = TRUE;
    add("a", WORK(1) "; echo a >>log", WORK(1) ";  echo a >>log")->n_trials = 12;
    add("b", WORK(1) "; echo b >>log", WORK(1) ";  echo b >>log")->n_trials = 12;
    collected();
    text = read_file("log");
    ck_assert(g_pattern_match_simple("*b\na\n*a\nb\n*", text)); /* a came again after b */
}
END_TEST

/* --- what is recorded --- */

START_TEST(every_trial_has_the_figures_of_its_launch)
{
    static const char *const names[] = {"wall", "user", "system", "cpu", "max_rss", "minor_faults"};
    RsBenchmark *benchmark;

    options.allow_undecided = TRUE;
    add("b", "sleep 0.02", "sleep 0.02 ")->n_trials = 3;
    benchmark = collected();
    for (guint i = 0; i < rs_benchmark_n_trials(benchmark); i++) {
        for (guint k = 0; k < G_N_ELEMENTS(names); k++)
            ck_assert_msg(value_of(benchmark, names[k], i) >= 0, "%s", names[k]);
        ck_assert_double_ge(value_of(benchmark, "wall", i), 20e6);
        ck_assert_double_eq(value_of(benchmark, "cpu", i),
                            value_of(benchmark, "user", i) + value_of(benchmark, "system", i));
        ck_assert_double_gt(value_of(benchmark, "max_rss", i), 100000);
        if (i)
            ck_assert_int_gt(g_array_index(benchmark->trial_start_ns, gint64, i),
                             g_array_index(benchmark->trial_start_ns, gint64, i - 1));
    }
    ck_assert_int_gt(session->noise.n_calibrations, 0);
    ck_assert_double_gt(session->noise.calibration_median_ns, 0);
    ck_assert_ptr_nonnull(session->machine.pmu);
}
END_TEST

/* Something that takes time of its own. */
#define BUSY "i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done; "

START_TEST(a_red_benchmark_is_measured_on_until_its_functions_can_be_told)
{
    RsBenchmark *benchmark;
    guint n_before;
    RsOpen *open;

    plan->n_blame_samples = 0;
    add("b", BUSY WORK(100), BUSY WORK(130));
    benchmark = collected();
    if (g_str_equal(session->profile->diagnostics.backend, "none")) {
        printf("SKIP: nothing may be sampled here\n");
        return;
    }
    n_before = n_pairs(benchmark);
    ck_assert_int_eq(benchmark->stop_reason, RS_STOP_SETTLED);
    g_clear_pointer(&session, rs_session_free);
    plan->n_blame_samples = 200;
    benchmark = collected();
    ck_assert_int_eq(benchmark->stop_reason, RS_STOP_SETTLED);
    open = rs_open_new(plan->gate, g_ptr_array_index(plan->benchmarks, 0), benchmark, 0);
    /* Or it took the whole time that is allowed, on a machine that is slow beyond measure. */
    if (rs_open_n_samples(open) < 200)
        ck_assert_uint_gt(n_pairs(benchmark), 2 * n_before);
    ck_assert_uint_gt(n_pairs(benchmark), n_before);
    rs_open_free(open);
}
END_TEST

START_TEST(a_red_benchmark_without_samples_stops_as_ever)
{
    RsBenchmark *benchmark;

    plan->n_blame_samples = 1000000; /* far beyond what sleeping programs give */
    add("b", WORK(100), WORK(130));
    benchmark = collected();
    ck_assert_int_eq(benchmark->stop_reason, RS_STOP_SETTLED);
    ck_assert_uint_le(n_pairs(benchmark), 30);
}
END_TEST

START_TEST(a_short_program_is_looped_and_its_values_are_of_one_launch)
{
    RsBenchmark *benchmark;

    plan->sample_rate_hz = 0; /* else some more are launched for samples */
    options.allow_undecided = TRUE;
    add("b", "echo x >>count; " WORK(8), NULL)->n_trials = 2;
    ((RsPlanBenchmark *)g_ptr_array_index(plan->benchmarks, 0))->launches_per_trial = 0;
    benchmark = collected();
    ck_assert_uint_gt(benchmark->launches_per_trial, 1);
    ck_assert_uint_ge(n_lines("count"), 2 * benchmark->launches_per_trial + 3);
    ck_assert_uint_le(n_lines("count"), 2 * benchmark->launches_per_trial + 10);
    ck_assert_double_lt(value_of(benchmark, "wall", 0), 60e6);
    ck_assert_double_eq(value_of(benchmark, "work", 0), 8);
}
END_TEST

START_TEST(own_metrics_carry_unit_and_direction)
{
    RsBenchmark *benchmark;
    const RsMetric *metric;

    options.allow_undecided = TRUE;
    add("b", "echo rate 12.5 req/s higher >$RUSTSCOPE_METRICS", NULL)->n_trials = 2;
    benchmark = collected();
    metric = rs_benchmark_metric(benchmark, "rate");
    ck_assert_ptr_nonnull(metric);
    ck_assert_str_eq(metric->unit, "req/s");
    ck_assert_int_eq(metric->direction, RS_HIGHER_IS_BETTER);
    ck_assert_double_eq(value_of(benchmark, "rate", 1), 12.5);
}
END_TEST

START_TEST(own_metrics_that_cannot_be_read_are_a_warning_said_once)
{
    RsBenchmark *benchmark;

    add("b", "echo nonsense >$RUSTSCOPE_METRICS", NULL)->n_trials = 3;
    benchmark = collected();
    ck_assert_uint_eq(benchmark->warnings->len, 1);
    ck_assert_str_eq(g_ptr_array_index(benchmark->warnings, 0),
                     "RUSTSCOPE_METRICS, line 1: expected NAME VALUE UNIT [lower|higher]");
    ck_assert_uint_eq(rs_benchmark_n_trials(benchmark), 3);
}
END_TEST

START_TEST(own_metrics_of_a_warm_up_do_not_reach_a_trial)
{
    RsBenchmark *benchmark;

    add("b", "[ -s n ] || echo early 1 x >$RUSTSCOPE_METRICS; echo x >>n", NULL)->n_trials = 2;
    benchmark = collected();
    ck_assert_ptr_null(rs_benchmark_metric(benchmark, "early"));
}
END_TEST

START_TEST(what_a_program_leaves_running_is_a_warning)
{
    RsBenchmark *benchmark;

    add("b", "sleep 60 &", NULL)->n_trials = 2;
    benchmark = collected();
    ck_assert_uint_eq(benchmark->warnings->len, 1);
    ck_assert_str_eq(g_ptr_array_index(benchmark->warnings, 0),
                     "the baseline program left processes running behind it; they were killed");
}
END_TEST

START_TEST(the_environment_of_a_program_is_free_of_secrets)
{
    g_autofree char *text = NULL;
    RsPlanBenchmark *benchmark = add("b", "env >env", NULL);

    benchmark->n_trials = 1;
    benchmark->programs[0].environment = g_strsplit("SET_TOKEN=fake OTHER=1", " ", -1);
    options.runner.pass_environment = (char *[]){(char *)"KEPT_TOKEN", NULL};
    g_setenv("CI_JOB_TOKEN", "glcbt-secret", TRUE);
    g_setenv("KEPT_TOKEN", "kept", TRUE);
    g_setenv("PLAIN", "plain", TRUE);
    collected();
    text = read_file("env");
    ck_assert(strstr(text, "secret") == NULL);
    ck_assert(strstr(text, "KEPT_TOKEN=kept\n") != NULL);
    ck_assert(strstr(text, "PLAIN=plain\n") != NULL);
    ck_assert(strstr(text, "SET_TOKEN=fake\n") != NULL);
    ck_assert(strstr(text, "OTHER=1\n") != NULL);
}
END_TEST

/* --- what goes wrong --- */

START_TEST(a_program_that_fails_is_recorded_with_its_last_words)
{
    RsArm arm = _i ? RS_ARM_CURRENT : RS_ARM_BASELINE;
    const char *bad = "echo out; echo the last words >&2; exit 3";
    RsBenchmark *benchmark;
    const RsFailure *failure;

    add("b", arm == RS_ARM_BASELINE ? bad : "true", arm == RS_ARM_CURRENT ? bad : "true");
    add("sound", WORK(1), WORK(1) " ");
    benchmark = collected();
    failure = only_failure(benchmark);
    ck_assert_int_eq(benchmark->stop_reason, RS_STOP_FAILED);
    ck_assert_int_eq(failure->arm, arm);
    ck_assert_str_eq(failure->stage, "trial");
    ck_assert_int_eq(failure->exit_status, 3);
    ck_assert_str_eq(failure->message, "exited with status 3");
    ck_assert_str_eq(failure->output_tail, "out\nthe last words");
    benchmark = g_ptr_array_index(session->benchmarks, 1);
    ck_assert_int_eq(benchmark->stop_reason, RS_STOP_SETTLED);
}
END_TEST

START_TEST(a_failure_after_some_pairs_keeps_them)
{
    RsBenchmark *benchmark;
    const RsFailure *failure;

    add("b", WORK(1), "echo x >>n; [ $(wc -l <n) -lt 8 ] && " WORK(1));
    benchmark = collected();
    failure = only_failure(benchmark);
    ck_assert_int_eq(benchmark->stop_reason, RS_STOP_FAILED);
    ck_assert_uint_ge(n_pairs(benchmark), 3);
    ck_assert_int_eq(failure->arm, RS_ARM_CURRENT);
    ck_assert_int_eq(failure->pair, n_pairs(benchmark));
}
END_TEST

static const struct {
    const char *command, *message;
    int exit_status, signal_number;
    gboolean timed_out;
} ends[] = {
    {"kill -SEGV $$", "was killed by signal 11 (Segmentation fault)", -1, SIGSEGV, FALSE},
    {"sleep 60", "did not end within 0.3 s and was killed", -1, SIGKILL, TRUE},
};

START_TEST(signals_and_timeouts_are_told_apart)
{
    RsPlanBenchmark *planned = add("b", ends[_i].command, NULL);
    const RsFailure *failure;

    planned->timeout_s = 0.3;
    failure = only_failure(collected());
    ck_assert_str_eq(failure->message, ends[_i].message);
    ck_assert_int_eq(failure->exit_status, ends[_i].exit_status);
    ck_assert_int_eq(failure->signal_number, ends[_i].signal_number);
    ck_assert_int_eq(failure->timed_out, ends[_i].timed_out);
}
END_TEST

START_TEST(a_missing_program_is_recorded_as_not_started)
{
    RsPlanBenchmark *planned = add("b", "true", "true");
    const RsFailure *failure;

    g_clear_pointer(&planned->programs[RS_ARM_CURRENT].argv, g_strfreev);
    planned->programs[RS_ARM_CURRENT].argv = shell_words("./not-here");
    planned->programs[RS_ARM_CURRENT].shell = FALSE;
    failure = only_failure(collected());
    ck_assert_int_eq(failure->arm, RS_ARM_CURRENT);
    ck_assert(g_str_has_prefix(failure->message, "could not be started: "));
    ck_assert(g_str_has_suffix(failure->message, "/not-here: no such file"));
}
END_TEST

START_TEST(output_of_a_failed_program_is_harmless_and_bounded)
{
    const RsFailure *failure;
    guint n = 0;

    add("b", "for i in $(seq 1000); do printf 'line %d \\033[31m\\n' $i; done; exit 1", NULL);
    failure = only_failure(collected());
    ck_assert_ptr_null(strchr(failure->output_tail, '\033'));
    ck_assert_ptr_nonnull(strstr(failure->output_tail, "line 1000 "));
    for (const char *at = failure->output_tail; (at = strchr(at, '\n')); at++)
        n++;
    ck_assert_uint_eq(n, 19); /* twenty lines */
}
END_TEST

/* --- builds and hooks --- */

START_TEST(a_build_is_shared_by_the_benchmarks_of_an_arm)
{
    options.allow_undecided = TRUE;
    for (guint i = 0; i < 2; i++) {
        RsPlanBenchmark *planned = add(i ? "b" : "a", WORK(1), WORK(1) " ");

        planned->n_trials = 1;
        planned->programs[RS_ARM_BASELINE].build_command = g_strdup("echo base >>built");
        planned->programs[RS_ARM_CURRENT].build_command = g_strdup("echo current >>built");
    }
    collected();
    ck_assert_uint_eq(n_lines("built"), 2);
}
END_TEST

START_TEST(a_benchmark_without_a_baseline_is_made_ready_and_not_measured)
{
    RsBenchmark *usual = NULL, *added, *broken;

    add("usual", WORK(1), WORK(1.5));
    rs_program_clear(&add("added", WORK(1), WORK(1))->programs[RS_ARM_BASELINE]);
    rs_program_clear(&add("broken", WORK(1), WORK(1))->programs[RS_ARM_BASELINE]);
    ((RsPlanBenchmark *)g_ptr_array_index(plan->benchmarks, 2))
        ->programs[RS_ARM_CURRENT]
        .build_command = g_strdup("false");
    usual = collected();
    added = g_ptr_array_index(session->benchmarks, 1);
    broken = g_ptr_array_index(session->benchmarks, 2);
    ck_assert_uint_gt(n_pairs(usual), 0);
    ck_assert_uint_eq(n_pairs(added), 0);
    ck_assert_uint_eq(added->failures->len, 0);
    ck_assert_uint_eq(broken->failures->len, 1);
    ck_assert_int_eq(((RsFailure *)broken->failures->pdata[0])->arm, RS_ARM_CURRENT);
}
END_TEST

START_TEST(a_failed_build_fails_every_benchmark_of_it)
{
    for (guint i = 0; i < 2; i++)
        add(i ? "b" : "a", "touch ran", "touch ran ")->programs[RS_ARM_CURRENT].build_command =
            g_strdup("echo x >>built; echo no rule >&2; exit 2");
    collected();
    for (guint i = 0; i < 2; i++) {
        const RsBenchmark *benchmark = g_ptr_array_index(session->benchmarks, i);
        const RsFailure *failure = only_failure(benchmark);

        ck_assert_int_eq(benchmark->stop_reason, RS_STOP_FAILED);
        ck_assert_str_eq(failure->stage, "build");
        ck_assert_int_eq(failure->arm, RS_ARM_CURRENT);
        ck_assert_int_eq(failure->exit_status, 2);
        ck_assert_str_eq(failure->output_tail, "no rule");
    }
    ck_assert_uint_eq(n_lines("built"), 1);
    ck_assert(!is_there("ran"));
}
END_TEST

START_TEST(hooks_run_in_their_order)
{
    g_autofree char *text = NULL, *own = g_strdup_printf("cd '%s' && echo all-up >>log", folder);
    g_autofree char *down = g_strdup_printf("cd '%s' && echo all-down >>log", folder);
    RsPlanBenchmark *planned = add("b", "echo run >>log", NULL);

    planned->n_trials = 2;
    planned->n_warmups = 3;
    plan->setup = hook(own);
    plan->cleanup = hook(down);
    planned->programs[0].build_command = g_strdup("echo build >>log");
    planned->setup[0] = hook("echo setup >>log");
    planned->prepare[0] = hook("echo prepare >>log");
    planned->cleanup[0] = hook("echo cleanup >>log");
    collected();
    text = read_file("log");
    ck_assert_str_eq(text, "all-up\nbuild\nsetup\n"
                           "prepare\nrun\nprepare\nrun\nprepare\nrun\n" /* warm-ups */
                           "prepare\nrun\nprepare\nrun\ncleanup\nall-down\n");
}
END_TEST

START_TEST(a_failed_prepare_is_a_failure_of_its_stage)
{
    RsPlanBenchmark *planned = add("b", "touch ran", NULL);

    planned->prepare[0] = hook("exit 9");
    ck_assert_str_eq(only_failure(collected())->stage, "prepare");
    ck_assert(!is_there("ran"));
}
END_TEST

START_TEST(a_failed_setup_is_a_failure_of_its_stage_and_cleanup_still_runs)
{
    RsPlanBenchmark *planned = add("b", "true", NULL);

    planned->setup[0] = hook("exit 9");
    planned->cleanup[0] = hook("echo x >>cleaned");
    ck_assert_str_eq(only_failure(collected())->stage, "setup");
    ck_assert_uint_eq(n_lines("cleaned"), 1);
}
END_TEST

START_TEST(a_failed_cleanup_is_a_warning)
{
    RsPlanBenchmark *planned = add("b", "true", NULL);
    RsBenchmark *benchmark;

    planned->n_trials = 1;
    planned->cleanup[0] = hook("exit 4");
    benchmark = collected();
    ck_assert_int_eq(benchmark->stop_reason, RS_STOP_FIXED);
    ck_assert_uint_eq(benchmark->warnings->len, 1);
    ck_assert_str_eq(g_ptr_array_index(benchmark->warnings, 0),
                     "cleanup of baseline exited with status 4");
}
END_TEST

/* --- calls, interruption, resumption --- */

typedef struct {
    guint n_trials, n_benchmarks, n_progress, stop_after, fail_after;
} Calls;

static gboolean on_trial(const RsSession *of, guint benchmark, guint trial, gpointer user_data,
                         GError **error)
{
    Calls *calls = user_data;

    ck_assert_ptr_eq(of, session);
    ck_assert_uint_eq(trial + 1,
                      rs_benchmark_n_trials(g_ptr_array_index(of->benchmarks, benchmark)));
    calls->n_trials++;
    if (calls->n_trials == calls->stop_after)
        stop = 1;
    if (calls->n_trials != calls->fail_after)
        return TRUE;
    g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_NOSPC, "the disk is full");
    return FALSE;
}

static gboolean on_benchmark(const RsSession *of, guint benchmark, gpointer user_data,
                             GError **error)
{
    ((Calls *)user_data)->n_benchmarks++;
    ck_assert_int_ne(((RsBenchmark *)g_ptr_array_index(of->benchmarks, benchmark))->stop_reason,
                     RS_STOP_NONE);
    return TRUE;
}

static void on_progress(const RsProgress *progress, gpointer user_data)
{
    ((Calls *)user_data)->n_progress++;
    ck_assert_ptr_nonnull(progress->phase);
    ck_assert_uint_le(progress->n_ended, progress->n_benchmarks);
}

static void listen(Calls *calls)
{
    options.user_data = calls;
    options.on_trial = on_trial;
    options.on_benchmark = on_benchmark;
    options.on_progress = on_progress;
}

START_TEST(each_trial_and_each_end_is_told)
{
    Calls calls = {0};

    options.allow_undecided = TRUE;
    listen(&calls);
    add("a", WORK(1), WORK(1) " ")->n_trials = 3;
    add("b", WORK(1), NULL)->n_trials = 4;
    collected();
    ck_assert_uint_eq(calls.n_trials, 10);
    ck_assert_uint_eq(calls.n_benchmarks, 2);
    ck_assert_uint_ge(calls.n_progress, 7);
}
END_TEST

START_TEST(a_call_that_fails_ends_the_run_with_its_error)
{
    Calls calls = {.fail_after = 3};
    g_autoptr(GError) error = NULL;

    listen(&calls);
    add("b", WORK(1), WORK(1) " ");
    ck_assert(!collect(&error));
    ck_assert(g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOSPC));
    ck_assert_uint_eq(calls.n_trials, 3);
    ck_assert(!session->complete);
}
END_TEST

static void interrupt_after(guint n_trials)
{
    Calls calls = {.stop_after = n_trials};
    g_autoptr(GError) error = NULL;

    listen(&calls);
    ck_assert(!collect(&error));
    ck_assert(g_error_matches(error, RS_LAUNCHER_ERROR, RS_LAUNCHER_ERROR_INTERRUPTED));
    ck_assert(!session->complete);
    stop = 0;
    options.user_data = NULL;
    options.on_trial = NULL;
    options.on_benchmark = NULL;
    options.on_progress = NULL;
}

START_TEST(an_interrupted_run_keeps_its_trials_and_cleans_up)
{
    RsPlanBenchmark *planned = add("b", WORK(1), WORK(1) " ");
    RsBenchmark *benchmark;

    planned->n_trials = 30;
    planned->cleanup[RS_ARM_BASELINE] = hook("sleep 0.3; echo x >>cleaned");
    planned->cleanup[RS_ARM_CURRENT] = hook("echo x >>cleaned");
    interrupt_after(7);
    benchmark = g_ptr_array_index(session->benchmarks, 0);
    ck_assert_uint_eq(rs_benchmark_n_trials(benchmark), 7);
    ck_assert_int_eq(benchmark->stop_reason, RS_STOP_INTERRUPTED);
    ck_assert_uint_eq(n_lines("cleaned"), 2);
}
END_TEST

START_TEST(a_resumed_run_goes_on_where_it_was_and_tosses_the_same_coins)
{
    g_autoptr(GError) error = NULL;
    RsBenchmark *benchmark;
    guint n_resumed;

    add("b", "echo x >>n; " WORK(1), "echo x >>n;  " WORK(1))->n_trials = 20;
    interrupt_after(12);
    ck_assert(rs_collect_resume(plan, session, &error));
    n_resumed = n_lines("n");
    benchmark = collected();
    ck_assert_int_eq(benchmark->stop_reason, RS_STOP_FIXED);
    ck_assert_uint_eq(n_pairs(benchmark), 20);
    ck_assert_uint_le(n_lines("n"), n_resumed + 2 * 14 + 2 * 3); /* the rest, and warm-ups */
    for (guint i = 0; i < rs_benchmark_n_trials(benchmark); i++)
        ck_assert_int_eq(g_array_index(benchmark->trial_pair, gint32, i), (gint32)i / 2);
    {
        g_autofree char *order = order_of(benchmark), *whole = NULL;

        g_clear_pointer(&session, rs_session_free);
        whole = order_with_seed(7);
        ck_assert_str_eq(order, whole);
    }
}
END_TEST

START_TEST(half_a_pair_is_not_continued_by_another_runs_half)
{
    g_autoptr(GError) error = NULL;
    RsBenchmark *benchmark;

    options.allow_undecided = TRUE;
    add("b", WORK(1), WORK(1) " ")->n_trials = 5;
    interrupt_after(5); /* two pairs and a half */
    ck_assert(rs_collect_resume(plan, session, &error));
    benchmark = collected();
    ck_assert_uint_eq(rs_benchmark_n_trials(benchmark), 11);
    ck_assert_int_eq(g_array_index(benchmark->trial_pair, gint32, 4), 2);
    ck_assert_int_eq(g_array_index(benchmark->trial_pair, gint32, 5), 3);
}
END_TEST

START_TEST(a_benchmark_that_had_ended_is_not_measured_again)
{
    g_autoptr(GError) error = NULL;

    add("b", WORK(1), WORK(1) " ")->n_trials = 12;
    collected();
    ck_assert(rs_collect_resume(plan, session, &error));
    ck_assert_uint_eq(n_pairs(collected()), 12);
}
END_TEST

static void assert_no_resume(const char *message)
{
    g_autoptr(GError) error = NULL;

    ck_assert(!rs_collect_resume(plan, session, &error));
    ck_assert(g_error_matches(error, RS_PLAN_ERROR, RS_PLAN_ERROR_INVALID));
    ck_assert_msg(strstr(error->message, message) != NULL, "%s", error->message);
}

START_TEST(a_journal_of_another_run_is_refused)
{
    RsPlanBenchmark *planned = add("b", WORK(1), WORK(2));

    rs_plan_seal(plan);
    session = rs_collect_session(plan);
    plan->seed = 8;
    assert_no_resume("another seed");
    plan->seed = -1;
    plan->gate->threshold_pct = 5;
    assert_no_resume("other options of the gate");
    plan->gate->threshold_pct = session->gate->threshold_pct;
    g_clear_pointer(&planned->programs[RS_ARM_CURRENT].argv, g_strfreev);
    planned->programs[RS_ARM_CURRENT].argv = shell_words("other");
    assert_no_resume("another command for b");
    g_free(planned->name);
    planned->name = g_strdup("c");
    assert_no_resume("no benchmark c");
    g_ptr_array_set_size(plan->benchmarks, 0);
    assert_no_resume("other benchmarks");
}
END_TEST

/* What changes the measured program, or which rows the rule looks at, is part of the run. */
START_TEST(a_journal_with_other_environment_or_metrics_is_refused)
{
    RsPlanBenchmark *planned = add("b", WORK(1), WORK(2));

    rs_plan_seal(plan);
    session = rs_collect_session(plan);
    planned->programs[RS_ARM_CURRENT].environment = g_strsplit("A=1", " ", -1);
    assert_no_resume("another command for b");
    g_clear_pointer(&planned->programs[RS_ARM_CURRENT].environment, g_strfreev);
    g_strfreev(plan->gate->metrics);
    plan->gate->metrics = g_strsplit("wall", " ", -1);
    assert_no_resume("other options of the gate");
}
END_TEST

START_TEST(short_launches_are_sampled_beside_those_that_are_measured)
{
    const RsBenchmark *benchmark;
    guint n, n_trials;

    options.allow_undecided = TRUE;
    add("b", "echo x >>count; " WORK(100), NULL)->n_trials = 4;
    ((RsPlanBenchmark *)g_ptr_array_index(plan->benchmarks, 0))->launches_per_trial = 8;
    benchmark = collected();
    if (g_str_equal(session->profile->diagnostics.backend, "none")) {
        printf("SKIP: nothing may be sampled here\n");
        return;
    }
    n_trials = rs_benchmark_n_trials(benchmark);
    ck_assert_uint_eq(n_trials, 4);
    for (guint i = 0; i < n_trials; i++)
        ck_assert_ptr_nonnull(rs_benchmark_samples(benchmark, i, &n));
    /* Warm-ups, then in each trial 8 that are measured and 2 that are sampled. On a machine that is
     * slow beyond measure it is the 8 that are sampled, and pairs with and without it come first.
     */
    ck_assert_uint_ge(n_lines("count"), 4 * 8 + 3);
    ck_assert_uint_le(n_lines("count"), 4 * (8 + 2) + 3 + 10);
}
END_TEST

START_TEST(without_a_rate_nothing_is_sampled)
{
    const RsBenchmark *benchmark;
    guint n;

    options.allow_undecided = TRUE;
    plan->sample_rate_hz = 0;
    add("b", WORK(100), NULL)->n_trials = 2;
    benchmark = collected();
    ck_assert_ptr_null(session->profile);
    ck_assert_ptr_null(rs_benchmark_samples(benchmark, 0, &n));
    ck_assert_double_eq(session->noise.sampling_rate_hz, 0);
}
END_TEST

static void add_stop(TCase *tcase)
{
    tcase_add_test(tcase, a_slowdown_beyond_every_doubt_stops_red);
    tcase_add_test(tcase, no_difference_stops_once_the_threshold_is_excluded);
    tcase_add_test(tcase, a_change_around_the_threshold_spends_the_budget);
    tcase_add_test(tcase, a_metric_that_is_never_measured_settles_nothing);
    tcase_add_test(tcase, a_fixed_number_of_pairs_is_taken_although_all_is_settled);
    tcase_add_test(tcase, a_single_arm_takes_the_trials_asked_for);
    tcase_add_test(tcase, the_time_budget_ends_the_run);
    tcase_add_test(tcase, a_budget_of_too_few_pairs_is_refused_before_anything_runs);
    tcase_add_test(tcase, a_time_budget_for_too_few_pairs_is_refused);
    tcase_add_test(tcase, identical_arms_are_not_measured_unless_asked_for);
    tcase_add_test(tcase, pairs_run_in_random_order_and_the_seed_repeats_it);
    tcase_add_test(tcase, both_sides_of_a_pair_get_the_same_padding);
    tcase_add_test(tcase, benchmarks_take_turns_while_both_are_open);
}

static void add_record(TCase *tcase)
{
    tcase_add_test(tcase, every_trial_has_the_figures_of_its_launch);
    tcase_add_test(tcase, a_short_program_is_looped_and_its_values_are_of_one_launch);
    tcase_add_test(tcase, short_launches_are_sampled_beside_those_that_are_measured);
    tcase_add_test(tcase, without_a_rate_nothing_is_sampled);
    tcase_add_test(tcase, a_red_benchmark_is_measured_on_until_its_functions_can_be_told);
    tcase_add_test(tcase, a_red_benchmark_without_samples_stops_as_ever);
    tcase_add_test(tcase, own_metrics_carry_unit_and_direction);
    tcase_add_test(tcase, own_metrics_that_cannot_be_read_are_a_warning_said_once);
    tcase_add_test(tcase, own_metrics_of_a_warm_up_do_not_reach_a_trial);
    tcase_add_test(tcase, what_a_program_leaves_running_is_a_warning);
    tcase_add_test(tcase, the_environment_of_a_program_is_free_of_secrets);
}

static void add_wrong(TCase *tcase)
{
    tcase_add_loop_test(tcase, a_program_that_fails_is_recorded_with_its_last_words, 0, RS_N_ARMS);
    tcase_add_test(tcase, a_failure_after_some_pairs_keeps_them);
    tcase_add_loop_test(tcase, signals_and_timeouts_are_told_apart, 0, G_N_ELEMENTS(ends));
    tcase_add_test(tcase, a_missing_program_is_recorded_as_not_started);
    tcase_add_test(tcase, output_of_a_failed_program_is_harmless_and_bounded);
    tcase_add_test(tcase, a_build_is_shared_by_the_benchmarks_of_an_arm);
    tcase_add_test(tcase, a_benchmark_without_a_baseline_is_made_ready_and_not_measured);
    tcase_add_test(tcase, a_failed_build_fails_every_benchmark_of_it);
    tcase_add_test(tcase, hooks_run_in_their_order);
    tcase_add_test(tcase, a_failed_prepare_is_a_failure_of_its_stage);
    tcase_add_test(tcase, a_failed_setup_is_a_failure_of_its_stage_and_cleanup_still_runs);
    tcase_add_test(tcase, a_failed_cleanup_is_a_warning);
}

static void add_resume(TCase *tcase)
{
    tcase_add_test(tcase, each_trial_and_each_end_is_told);
    tcase_add_test(tcase, a_call_that_fails_ends_the_run_with_its_error);
    tcase_add_test(tcase, an_interrupted_run_keeps_its_trials_and_cleans_up);
    tcase_add_test(tcase, a_resumed_run_goes_on_where_it_was_and_tosses_the_same_coins);
    tcase_add_test(tcase, half_a_pair_is_not_continued_by_another_runs_half);
    tcase_add_test(tcase, a_benchmark_that_had_ended_is_not_measured_again);
    tcase_add_test(tcase, a_journal_of_another_run_is_refused);
    tcase_add_test(tcase, a_journal_with_other_environment_or_metrics_is_refused);
}

int main(void)
{
    TCase *tcase = tcase_create("collect");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, 60);
    add_stop(tcase);
    add_record(tcase);
    add_wrong(tcase);
    add_resume(tcase);
    return run_tests("collect", tcase);
}
