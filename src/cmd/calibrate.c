/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calibrate: this project's own false-alarm rate. Every report compares the program with itself, so
 * every red one is false; the count has an exact (Clopper-Pearson) bound. */
#include <math.h>
#include <signal.h>
#include <stdio.h>

#include "analyze/compare.h"
#include "base/units.h"
#include "cmd/bench_opts.h"
#include "cmd/command.h"
#include "cmd/progress.h"
#include "stats/proportion.h"
#include "trial/schedule.h"

typedef struct {
    RsOptBase base;
    RsBenchOpts bench;
    RsGateOpts gate;
    guint n_reports;
    gboolean quiet;
} Values;

static const RsOpt opts[] = {
    {"reports", 'n', RS_OPT_COUNT, offsetof(Values, n_reports), "20", "N",
     "how many reports of the program against itself", NULL},
    RS_BENCH_OPT_ROWS(Values),
    RS_GATE_OPT_ROWS(Values, gate),
    {"quiet", 'q', RS_OPT_FLAG, offsetof(Values, quiet), NULL, NULL, "no progress", NULL},
    {0},
};

typedef struct {
    guint n_reports, n_red, n_undecided;
    guint64 n_pairs, n_benchmarks;
} Tally;

typedef struct {
    RsProgressView *view;
    guint n_reports, n_done;
    gint64 start_us;
} Show;

static volatile int stop_signal;

static void on_signal(int signal_number)
{
    stop_signal = signal_number;
}

/* The whole run's time to go, from the reports that are done. */
static void show(const RsProgress *progress, gpointer data)
{
    const Show *all = data;
    RsProgress whole = *progress;
    double elapsed_s = (double)(g_get_monotonic_time() - all->start_us) / G_USEC_PER_SEC;
    g_autofree char *phase = g_strdup_printf("report %u of %u:", all->n_done + 1, all->n_reports);

    whole.phase = phase;
    whole.n_benchmarks = 1;
    whole.elapsed_s = elapsed_s;
    whole.eta_s = all->n_done ? elapsed_s / all->n_done * (all->n_reports - all->n_done) : NAN;
    rs_progress_view_show(&whole, all->view);
}

static void count(Tally *tally, const RsSession *session)
{
    RsCompareOptions compare = {.gate = session->gate, .seed = -1, .blame = RS_BLAME_OF_NONE};
    g_autoptr(RsVerdict) verdict = rs_compare_pairs(session, &compare);

    tally->n_reports++;
    tally->n_red += verdict->summary.n_by_verdict[RS_VERDICT_REGRESSION] > 0;
    tally->n_undecided += verdict->gate.status == RS_GATE_UNDECIDED;
    for (guint i = 0; i < session->benchmarks->len; i++) {
        tally->n_pairs += rs_benchmark_n_trials(g_ptr_array_index(session->benchmarks, i)) / 2;
        tally->n_benchmarks++;
    }
}

static gboolean one_report(const Values *values, RsPlan *plan, RsLauncher *launcher, Show *all,
                           Tally *tally, GError **error)
{
    g_autoptr(RsSession) session = NULL;
    RsCollectOptions options = {
        .runner = {.stop = &stop_signal, .pass_environment = values->bench.pass_environment},
        .measure_identical = TRUE,
        .allow_undecided = values->bench.allow_undecided,
        .user_data = all,
        .on_progress = show,
    };

    session = rs_collect_session(plan);
    if (values->bench.seed >= 0)
        session->seed = values->bench.seed + all->n_done;
    if (!rs_collect(plan, session, launcher, &options, error))
        return FALSE;
    for (guint i = 0; i < session->benchmarks->len; i++) {
        const RsBenchmark *benchmark = g_ptr_array_index(session->benchmarks, i);

        if (benchmark->failures->len) {
            const RsFailure *failure = g_ptr_array_index(benchmark->failures, 0);

            g_set_error(error, RS_LAUNCHER_ERROR, RS_LAUNCHER_ERROR_FAILED, "%s %s%s%s",
                        benchmark->name, failure->message,
                        failure->output_tail && *failure->output_tail ? ":\n" : "",
                        failure->output_tail ? failure->output_tail : "");
            return FALSE;
        }
    }
    count(tally, session);
    all->n_done++;
    return TRUE;
}

static void print_tally(const Tally *tally)
{
    double low, high;

    if (!tally->n_reports)
        return;
    /* one-sided 95 %: the upper end of the 90 % interval */
    if (!rs_clopper_pearson(tally->n_red, tally->n_reports, 0.90, &low, &high, NULL))
        return;
    printf("%u of %u reports of the program against itself were red: false alarms below %.2f %% "
           "(exact 95 %% bound)\n",
           tally->n_red, tally->n_reports, 100 * high);
    printf("%u undecided; %.1f pairs for each benchmark on average\n", tally->n_undecided,
           (double)tally->n_pairs / (double)MAX(tally->n_benchmarks, 1));
}

static int run_calibrate(gpointer data)
{
    const Values *values = data;
    struct sigaction action = {.sa_handler = on_signal};
    g_autoptr(GError) error = NULL;
    g_autoptr(RsLauncher) launcher = rs_launcher_new(&error);
    g_autoptr(RsPlan) plan = NULL;
    Show all = {.n_reports = values->n_reports, .start_us = g_get_monotonic_time()};
    Tally tally = {0};

    if (!launcher)
        return rs_complain(RS_EXIT_CANNOT, "%s", error->message);
    plan = rs_bench_plan(&values->bench, &values->gate, opts, &values->base, &error);
    if (!plan || !values->n_reports)
        return rs_complain(RS_EXIT_USAGE, "%s",
                           error ? error->message : "--reports: expected 1 or more");
    if (!rs_opt_given(opts, &values->base, "blame-samples"))
        plan->n_blame_samples = 0;
    rs_plan_use_baseline_twice(plan);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    all.view = rs_progress_view_new(values->quiet);
    while (all.n_done < values->n_reports &&
           one_report(values, plan, launcher, &all, &tally, &error))
        ;
    rs_progress_view_free(all.view);
    print_tally(&tally);
    if (stop_signal)
        return RS_EXIT_SIGNAL + stop_signal;
    return error ? rs_complain(error->domain == RS_PLAN_ERROR ? RS_EXIT_USAGE : RS_EXIT_CANNOT,
                               "%s", error->message)
                 : RS_EXIT_PASSED;
}

const RsCommandRow rs_command_calibrate = {
    .name = "calibrate",
    .operands = "[-- CMD ARGS...]",
    .summary = "Measure this project's own false-alarm rate: a program against itself.",
    .description =
        "Every report is a false alarm when it is red. 300 reports without one bound the "
        "rate below 1 %.\n\n"
        "Example:\n  rustscope calibrate --reports 100 -- ./app input.txt",
    .opts = opts,
    .n_values_bytes = sizeof(Values),
    .takes_command = TRUE,
    .run = run_calibrate,
};
