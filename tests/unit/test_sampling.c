/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The runner with a sampler beside it, live, with each sampler that is permitted here. What the
 * programs burn is CPU time of a shell, so the machine's load does not matter. */
#include "trial/sampling.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/run.h"
#include "tests/unit/trial_fixtures.h"
#include "trial/runner.h"

#define RATE_HZ 999
#define BURN(n) "i=0; while [ $i -lt " #n " ]; do i=$((i+1)); done"

static RsLauncher *launcher, *plain;
static RsRunner *runner;
static RsSampling *sampling;
static RsPlanBenchmark *plan;
static RsBenchmark *benchmark;
static RsSession *session;
static char *pmu;

static void set_up(void)
{
    RsRunnerOptions options = {0};

    enter_folder();
    launcher = rs_launcher_new(NULL);
    plain = rs_launcher_new(NULL);
    runner = rs_runner_new(launcher, &options, &pmu, NULL);
    plan = rs_plan_benchmark_new("b", RS_DESIGN_PAIRED);
    session = rs_session_new();
    benchmark = rs_benchmark_new("b", RS_DESIGN_PAIRED);
    g_ptr_array_add(session->benchmarks, benchmark);
    rs_runner_add_metrics(runner, benchmark);
}

static void tear_down(void)
{
    rs_sampling_free(g_steal_pointer(&sampling));
    rs_runner_free(runner);
    rs_launcher_free(launcher);
    rs_launcher_free(plain);
    rs_session_free(session);
    rs_plan_benchmark_free(plan);
    g_free(pmu);
    leave_folder();
}

/* FALSE: that sampler is not permitted here; said. */
static gboolean begin(RsSamplerChoice choice)
{
    g_autoptr(GError) error = NULL;

    sampling = rs_sampling_new(choice, RATE_HZ, rs_launcher_pid(launcher), session, &error);
    if (!sampling)
        printf("SKIP: %s\n", error->message);
    else
        rs_runner_set_sampling(runner, sampling, plain);
    return sampling != NULL;
}

static RsTrialRequest request_for(const char *script)
{
    RsProgram *program = &benchmark->programs[RS_ARM_CURRENT];

    rs_program_clear(program);
    program->argv = g_new0(char *, 2);
    program->argv[0] = g_strdup(script);
    program->shell = TRUE;
    return (RsTrialRequest){.plan = plan, .benchmark = benchmark, .arm = RS_ARM_CURRENT};
}

static void trial(const char *script, gint32 pair)
{
    RsTrialRequest request = request_for(script);
    g_autoptr(GError) error = NULL;
    gboolean succeeded = FALSE;

    request.pair = pair;
    ck_assert(rs_runner_trial(runner, &request, &succeeded, &error));
    ck_assert(succeeded);
}

static gint64 cpu_ns(guint i)
{
    const RsMetric *metric = rs_benchmark_metric(benchmark, "cpu");

    return g_array_index(metric->values, RsValue, i).count * benchmark->launches_per_trial;
}

static gint64 weight_ns(guint i)
{
    guint n;
    const RsTrialSample *samples = rs_benchmark_samples(benchmark, i, &n);
    gint64 sum_ns = 0;

    ck_assert_msg(samples != NULL, "trial %u has no samples", i);
    for (guint k = 0; k < n; k++) {
        ck_assert_uint_gt(samples[k].n, 0);
        ck_assert_int_lt(samples[k].stack, (gint32)session->profile->stacks->len);
        ck_assert(k == 0 || samples[k].weight_ns <= samples[k - 1].weight_ns);
        sum_ns += samples[k].weight_ns;
    }
    return sum_ns;
}

/* Weight over CPU time, of all trials. */
static double share(void)
{
    double sum_ns = 0, all_cpu_ns = 0;

    for (guint i = 0; i < rs_benchmark_n_trials(benchmark); i++) {
        sum_ns += (double)weight_ns(i);
        all_cpu_ns += (double)cpu_ns(i);
    }
    return sum_ns / all_cpu_ns;
}

START_TEST(the_weight_of_a_trials_samples_is_about_its_cpu_time)
{
    if (!begin(RS_SAMPLER_PERF))
        return;
    for (gint32 i = 0; i < 5; i++)
        trial(BURN(100000), i);
    ck_assert_double_gt(share(), 0.7);
    ck_assert_double_lt(share(), 1.3);
}
END_TEST

START_TEST(short_launches_in_a_loop_have_their_share_of_samples)
{
    if (!begin(RS_SAMPLER_PERF))
        return;
    benchmark->launches_per_trial = 60; /* each of a period or two */
    for (gint32 i = 0; i < 8; i++)
        trial(BURN(1500), i);
    /* Starting a program is not sampled, and is a good part of these. */
    ck_assert_double_gt(share(), 0.3);
    ck_assert_double_lt(share(), 1.3);
}
END_TEST

START_TEST(launches_that_are_sampled_apart_are_not_the_measured_ones)
{
    RsTrialRequest request;
    g_autofree char *counted = NULL, *script = NULL;
    gboolean succeeded;
    double all_cpu_ns = 0;

    if (!begin(RS_SAMPLER_PERF))
        return;
    script = g_strdup_printf("echo x >>%s/count; " BURN(20000), folder);
    request = request_for(script);
    request.sample_apart = TRUE;
    benchmark->launches_per_trial = 8;
    for (guint i = 0; i < 4; i++)
        ck_assert(rs_runner_trial(runner, &request, &succeeded, NULL) && succeeded);
    counted = read_file("count");
    ck_assert_uint_eq(strlen(counted), 4 * (8 + 2) * strlen("x\n"));
    /* What a quarter of the launches showed stands for all of them. */
    ck_assert_double_gt(share(), 0.6);
    ck_assert_double_lt(share(), 1.4);
    rs_sampling_diagnose(sampling);
    for (guint i = 0; i < 4; i++)
        all_cpu_ns += (double)cpu_ns(i);
    ck_assert_double_lt((double)session->profile->diagnostics.n_raw_samples / RATE_HZ * 1e9,
                        all_cpu_ns / 2);
}
END_TEST

START_TEST(the_ptrace_sampler_gives_trials_samples_as_well)
{
    if (!begin(RS_SAMPLER_PTRACE))
        return;
    for (gint32 i = 0; i < 3; i++)
        trial(BURN(200000), i);
    ck_assert_double_gt(share(), 0);
    ck_assert_double_lt(share(), 2);
    ck_assert_str_eq(session->profile->diagnostics.backend, "ptrace");
}
END_TEST

START_TEST(what_prepare_and_warm_ups_burn_is_no_trials)
{
    RsTrialRequest request;
    gboolean succeeded;
    gint64 wall_ns;

    if (!begin(RS_SAMPLER_AUTO) || !rs_sampling_is_on(sampling)) {
        printf("SKIP: nothing may be sampled here\n");
        return;
    }
    request = request_for(BURN(300000));
    ck_assert(rs_runner_warm_up(runner, &request, &succeeded, &wall_ns, NULL));
    plan->prepare[RS_ARM_CURRENT].argv = g_new0(char *, 2);
    plan->prepare[RS_ARM_CURRENT].argv[0] = g_strdup(BURN(300000));
    plan->prepare[RS_ARM_CURRENT].shell = TRUE;
    trial("exit 0", 0);
    trial("exit 0", 1);
    ck_assert_int_lt(weight_ns(0), 60000000); /* each of the others burns far more */
    ck_assert_int_lt(weight_ns(1), 60000000);
}
END_TEST

START_TEST(stacks_of_a_trial_lead_to_a_module_of_the_program)
{
    guint n, n_in_shell = 0;
    const RsTrialSample *samples;

    if (!begin(RS_SAMPLER_PERF))
        return;
    trial(BURN(200000), 0);
    samples = rs_benchmark_samples(benchmark, 0, &n);
    for (guint i = 0; i < n; i++)
        for (gint32 stack = samples[i].stack; stack != RS_STACK_NONE;) {
            const RsProfile *profile = session->profile;
            const RsProfileStack *node = &g_array_index(profile->stacks, RsProfileStack, stack);
            guint32 module = g_array_index(profile->frames, RsProfileFrame, node->frame).module;

            n_in_shell +=
                strstr(((RsProfileModule *)profile->modules->pdata[module])->path, "sh") != NULL;
            stack = node->parent;
        }
    ck_assert_uint_gt(n_in_shell, 0);
}
END_TEST

START_TEST(a_try_without_sampling_leaves_no_samples)
{
    RsTrialRequest request;
    RsTrialTime time;
    gboolean succeeded;
    gint64 n_with, n_before;

    if (!begin(RS_SAMPLER_PERF))
        return;
    request = request_for(BURN(200000));
    n_before = session->profile->diagnostics.n_raw_samples;
    ck_assert(rs_runner_try(runner, &request, FALSE, 2, &succeeded, &time, NULL));
    ck_assert(succeeded && time.wall_ns > 0 && time.cpu_ns > 0);
    rs_sampling_diagnose(sampling);
    ck_assert_int_eq(session->profile->diagnostics.n_raw_samples, n_before);
    ck_assert(rs_runner_try(runner, &request, TRUE, 2, &succeeded, &time, NULL));
    rs_sampling_diagnose(sampling);
    n_with = session->profile->diagnostics.n_raw_samples;
    ck_assert_int_gt(n_with, n_before);
    ck_assert_uint_eq(rs_benchmark_n_trials(benchmark), 0);
}
END_TEST

START_TEST(a_sampler_that_is_given_up_leaves_trials_without_samples_and_says_why)
{
    const RsDiagnostics *diagnostics;
    guint n;

    if (!begin(RS_SAMPLER_PERF))
        return;
    trial(BURN(50000), 0);
    rs_sampling_give_up(sampling, "it cost too much");
    trial("exit 0", 1);
    rs_sampling_diagnose(sampling);
    diagnostics = &session->profile->diagnostics;
    ck_assert_ptr_nonnull(rs_benchmark_samples(benchmark, 0, &n));
    ck_assert_ptr_null(rs_benchmark_samples(benchmark, 1, &n));
    ck_assert_str_eq(diagnostics->backend, "none");
    ck_assert_str_eq(diagnostics->backend_reason, "perf: it cost too much");
    ck_assert_double_eq(diagnostics->sample_rate_hz, 0);
}
END_TEST

START_TEST(a_run_that_goes_on_adds_to_what_the_earlier_one_told)
{
    gint64 n_first;

    if (!begin(RS_SAMPLER_PERF))
        return;
    session->profile->diagnostics.extra_json = g_strdup("{\"later\":1}");
    trial(BURN(100000), 0);
    g_clear_pointer(&sampling, rs_sampling_free);
    n_first = session->profile->diagnostics.n_raw_samples;
    ck_assert_int_gt(n_first, 0);
    ck_assert(begin(RS_SAMPLER_PERF));
    trial(BURN(100000), 1);
    rs_sampling_diagnose(sampling);
    rs_sampling_diagnose(sampling); /* again, and it does not add up again */
    ck_assert_int_gt(session->profile->diagnostics.n_raw_samples, n_first);
    ck_assert_int_lt(session->profile->diagnostics.n_raw_samples, 10 * n_first);
    ck_assert_double_gt(share(), 0.5);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("sampling");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, the_weight_of_a_trials_samples_is_about_its_cpu_time);
    tcase_add_test(tcase, short_launches_in_a_loop_have_their_share_of_samples);
    tcase_add_test(tcase, launches_that_are_sampled_apart_are_not_the_measured_ones);
    tcase_add_test(tcase, the_ptrace_sampler_gives_trials_samples_as_well);
    tcase_add_test(tcase, what_prepare_and_warm_ups_burn_is_no_trials);
    tcase_add_test(tcase, stacks_of_a_trial_lead_to_a_module_of_the_program);
    tcase_add_test(tcase, a_try_without_sampling_leaves_no_samples);
    tcase_add_test(tcase, a_sampler_that_is_given_up_leaves_trials_without_samples_and_says_why);
    tcase_add_test(tcase, a_run_that_goes_on_adds_to_what_the_earlier_one_told);
    return run_tests("sampling", tcase);
}
