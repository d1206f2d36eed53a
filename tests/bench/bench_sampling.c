/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the sampler of bench-run adds to the time of the programs, by rate: pairs of launches with
 * and without it, in alternating order, of a program of 40 ms and of loops of one of a millisecond.
 * This is what the default rate was chosen by. Expects rustscope on PATH.
 * usage: bench_sampling [PAIRS] (60) */
#include <stdio.h>
#include <stdlib.h>

#include "trial/sampling_cost.h"

static const double rates_hz[] = {99, 199, 499, 997, 1999};

typedef struct {
    const char *what;
    char *argv[6];
    guint n_launches;
} Subject;

static gboolean measure(const Subject *subject, double rate_hz, guint n_pairs, GError **error)
{
    g_autoptr(RsLauncher) launcher = rs_launcher_new(error), plain = rs_launcher_new(error);
    g_autoptr(RsPlanBenchmark) plan = rs_plan_benchmark_new("b", RS_DESIGN_SINGLE);
    g_autoptr(RsSession) session = rs_session_new();
    RsBenchmark *benchmark = rs_benchmark_new("b", RS_DESIGN_SINGLE);
    g_autoptr(RsCostMeter) meter = rs_cost_meter_new(0);
    g_autoptr(RsSampling) sampling = NULL;
    g_autoptr(RsRunner) runner = NULL;
    g_autofree char *pmu = NULL;
    RsRunnerOptions options = {0};
    RsTrialRequest request = {.plan = plan, .benchmark = benchmark, .arm = RS_ARM_BASELINE};
    RsProgram *program = &benchmark->programs[RS_ARM_BASELINE];
    RsSamplingCost cost;
    double cpu_ns = 0;

    g_ptr_array_add(session->benchmarks, benchmark);
    program->argv = g_strdupv((char **)subject->argv);
    program->executable_path = g_find_program_in_path(subject->argv[0]);
    runner = launcher && plain ? rs_runner_new(launcher, &options, &pmu, error) : NULL;
    sampling = runner ? rs_sampling_new(RS_SAMPLER_PERF, rate_hz, rs_launcher_pid(launcher),
                                        session, error)
                      : NULL;
    if (!sampling)
        return FALSE;
    rs_runner_set_sampling(runner, sampling, plain);
    for (guint i = 0; i < n_pairs; i++) {
        RsTrialTime times[2];
        gboolean succeeded;

        for (guint j = 0; j < 2; j++)
            if (!rs_runner_try(runner, &request, (i + j) % 2, subject->n_launches, &succeeded,
                               &times[(i + j) % 2], error))
                return FALSE;
        rs_cost_meter_add(meter, &times[1], &times[0]);
        cpu_ns += (double)times[1].cpu_ns;
    }
    rs_sampling_diagnose(sampling);
    if (!rs_cost_meter_read(meter, &cost))
        return FALSE;
    printf("%-28s %6g Hz: wall %+5.2f %% (%+5.2f to %+5.2f), CPU %+5.2f %% (%+5.2f to %+5.2f); "
           "%.0f samples per CPU second; sampler %.2f %% of the program's CPU time\n",
           subject->what, rate_hz, cost.wall_pct, cost.wall_low_pct, cost.wall_high_pct,
           cost.cpu_pct, cost.cpu_low_pct, cost.cpu_high_pct,
           (double)session->profile->diagnostics.n_raw_samples / cpu_ns * 1e9,
           100 * (double)session->profile->diagnostics.sampler_cpu_ns / cpu_ns);
    fflush(stdout);
    return TRUE;
}

int main(int argc, char **argv)
{
    static const Subject subjects[] = {
        {"one launch of 40 ms",
         {(char *)"rustscope", (char *)"selftest", (char *)"--work", (char *)"40", NULL},
         1},
        {"40 launches of 1 ms",
         {(char *)"rustscope", (char *)"selftest", (char *)"--work", (char *)"0.2", NULL},
         40},
    };
    guint n_pairs = argc > 1 ? (guint)atoi(argv[1]) : 60;
    g_autoptr(GError) error = NULL;

    printf("%u pairs each; medians with 95 %% intervals\n", n_pairs);
    for (guint i = 0; i < G_N_ELEMENTS(subjects); i++)
        for (guint k = 0; k < G_N_ELEMENTS(rates_hz); k++)
            if (!measure(&subjects[i], rates_hz[k], n_pairs, &error)) {
                fprintf(stderr, "bench_sampling: %s\n", error ? error->message : "too few pairs");
                return 2;
            }
    return 0;
}
