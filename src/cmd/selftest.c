/* SPDX-License-Identifier: GPL-3.0-or-later */
/* selftest: the gate is shown a slowdown of known size and has to go red; then the same program
 * twice, and it has not to. A gate that cannot fail is worse than none. */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "analyze/compare.h"
#include "base/self.h"
#include "base/units.h"
#include "cmd/bench_opts.h"
#include "cmd/command.h"
#include "cmd/progress.h"

typedef struct {
    RsOptBase base;
    RsBenchOpts bench;
    RsGateOpts gate;
    double slowdown_pct, work_ms;
    gboolean quiet;
} Values;

static const RsOpt opts[] = {
    {"slowdown", 0, RS_OPT_REAL, offsetof(Values, slowdown_pct), NULL, "PCT",
     "the injected slowdown (else 1.5 times the gate's bound)", NULL},
    RS_BENCH_OPT_ROWS(Values),
    RS_GATE_OPT_ROWS(Values, gate),
    {"quiet", 'q', RS_OPT_FLAG, offsetof(Values, quiet), NULL, NULL, "no progress", NULL},
    {"work", 0, RS_OPT_REAL, offsetof(Values, work_ms), NULL, "MS",
     "do nothing but burn this much CPU time: the program that is tested when none is given", NULL},
    {0},
};

static volatile int stop_signal;

static void on_signal(int signal_number)
{
    stop_signal = signal_number;
}

static void work(double ms)
{
    volatile guint64 sink = 88172645463325252u;

    /* A fixed amount of arithmetic, not of time: slower machines take longer. */
    for (guint64 i = 0; i < (guint64)(ms * 300000); i++)
        sink = sink * 6364136223846793005u + 1442695040888963407u;
}

static void show(const RsProgress *progress, gpointer view)
{
    rs_progress_view_show(progress, view);
}

static char **slowed_argv(const char *self, double slowdown_pct, char **command)
{
    GPtrArray *argv = g_ptr_array_new();

    g_ptr_array_add(argv, g_strdup(self));
    g_ptr_array_add(argv, g_strdup("slowed"));
    g_ptr_array_add(argv, g_strdup("--percent"));
    g_ptr_array_add(argv, g_strdup_printf("%g", slowdown_pct));
    g_ptr_array_add(argv, g_strdup("--"));
    for (; *command; command++)
        g_ptr_array_add(argv, g_strdup(*command));
    g_ptr_array_add(argv, NULL);
    return (char **)g_ptr_array_free(argv, FALSE);
}

/* Puts `slowed` in front of every program of the plan; the current one gets the slowdown. */
static void inject(RsPlan *plan, const char *self, double slowdown_pct)
{
    rs_plan_use_baseline_twice(plan);
    for (guint i = 0; i < plan->benchmarks->len; i++) {
        RsPlanBenchmark *benchmark = g_ptr_array_index(plan->benchmarks, i);
        RsProgram *baseline = &benchmark->programs[RS_ARM_BASELINE];
        RsProgram *current = &benchmark->programs[RS_ARM_CURRENT];
        char *shell[] = {(char *)"/bin/sh", (char *)"-c", baseline->argv[0], NULL};
        g_auto(GStrv) command = g_strdupv(baseline->shell ? shell : baseline->argv);

        g_strfreev(baseline->argv);
        g_strfreev(current->argv);
        baseline->shell = current->shell = FALSE;
        baseline->argv = slowed_argv(self, 0, command);
        current->argv = slowed_argv(self, slowdown_pct, command);
    }
}

static RsVerdict *measure(const Values *values, const RsPlan *plan, RsLauncher *launcher,
                          GError **error)
{
    g_autoptr(RsSession) session = rs_bench_session(plan);
    RsProgressView *view = rs_progress_view_new(values->quiet);
    RsCollectOptions options = {
        .runner = {.stop = &stop_signal, .pass_environment = values->bench.pass_environment},
        .measure_identical = TRUE,
        .allow_undecided = values->bench.allow_undecided,
        .user_data = view,
        .on_progress = show,
    };
    RsCompareOptions compare = {.gate = session->gate, .seed = -1, .blame = RS_BLAME_OF_NONE};
    gboolean ok = rs_collect(plan, session, launcher, &options, error);

    rs_progress_view_free(view);
    return ok ? rs_compare_pairs(session, &compare) : NULL;
}

static void print_row(const RsVerdict *verdict)
{
    g_autoptr(GPtrArray) names = rs_verdict_benchmark_names(verdict);

    for (guint i = 0; i < names->len; i++) {
        const RsRow *row = rs_verdict_worst_row(verdict, g_ptr_array_index(names, i));
        g_autofree char *change = rs_units_format_change_pct(row->change_pct);

        printf("  %s %s: %s, %s, %u pairs%s%s\n", row->name, row->metric, change,
               rs_verdict_kind_names[row->verdict], row->n_current, row->reason ? ": " : "",
               row->reason ? row->reason : "");
    }
}

/* The plan of one half of the test; self is this executable. */
static RsPlan *plan_for(const Values *values, const char *self, double slowdown_pct, GError **error)
{
    char *own[] = {(char *)self, (char *)"selftest", (char *)"--work", (char *)"40", NULL};
    RsOptBase base = values->base;
    RsPlan *plan;

    if (!base.command && !values->bench.config_path)
        base.command = own;
    plan = rs_bench_plan(&values->bench, &values->gate, opts, &base, error);
    if (plan && !rs_opt_given(opts, &base, "blame-samples"))
        plan->n_blame_samples = 0; /* nobody is to be blamed for what is injected */
    if (plan)
        inject(plan, self, slowdown_pct);
    return plan;
}

static int half(const Values *values, RsLauncher *launcher, const char *self, double slowdown_pct,
                RsGateStatus wanted)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RsPlan) plan = plan_for(values, self, slowdown_pct, &error);
    g_autoptr(RsVerdict) verdict = NULL;
    gboolean as_wanted;

    if (!plan)
        return rs_complain(RS_EXIT_USAGE, "%s", error->message);
    verdict = measure(values, plan, launcher, &error);
    if (!verdict)
        return stop_signal ? RS_EXIT_SIGNAL + stop_signal
                           : rs_complain(RS_EXIT_CANNOT, "%s", error->message);
    as_wanted = wanted == RS_GATE_FAILED ? verdict->gate.status == RS_GATE_FAILED
                                         : verdict->gate.status != RS_GATE_FAILED &&
                                               verdict->gate.status != RS_GATE_ERROR;
    printf("%s: injected +%g %%, gate %s (%s)\n", as_wanted ? "ok" : "WRONG", slowdown_pct,
           rs_gate_status_names[verdict->gate.status], verdict->gate.reason);
    print_row(verdict);
    return as_wanted ? RS_EXIT_PASSED : RS_EXIT_FAILED;
}

static int run_selftest(gpointer data)
{
    const Values *values = data;
    struct sigaction action = {.sa_handler = on_signal};
    g_autoptr(GError) error = NULL;
    g_autoptr(RsLauncher) launcher = NULL;
    g_autoptr(RsGate) gate = rs_gate_new();
    g_autofree char *self = rs_self_path(&error);
    double slowdown_pct = values->slowdown_pct;
    int status;

    if (values->work_ms > 0) {
        work(values->work_ms);
        return RS_EXIT_PASSED;
    }
    launcher = self ? rs_launcher_new(&error) : NULL;
    if (!launcher)
        return rs_complain(RS_EXIT_CANNOT, "%s", error->message);
    if (!rs_gate_opts_apply(&values->gate, opts, &values->base, FALSE, gate, &error))
        return rs_complain(RS_EXIT_USAGE, "%s", error->message);
    if (!(slowdown_pct > 0))
        slowdown_pct = 1.5 * rs_gate_bound_pct(gate, gate->threshold_pct);
    if (!isfinite(slowdown_pct))
        return rs_complain(RS_EXIT_USAGE, "selftest: --fail-on none can never go red");
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    status = half(values, launcher, self, slowdown_pct, RS_GATE_FAILED);
    if (status == RS_EXIT_PASSED)
        status = half(values, launcher, self, 0, RS_GATE_PASSED);
    return status;
}

const RsCommandRow rs_command_selftest = {
    .name = "selftest",
    .operands = "[-- CMD ARGS...]",
    .summary = "Prove that the gate goes red: inject a known slowdown and judge it.",
    .description =
        "Runs the command (or the baselines of a configuration, or a loop of our own) "
        "against itself with CPU and\nwall time added, which must fail the gate, then "
        "against itself as it is, which must not.\nExit status 0: both held; 1: the gate "
        "cannot be trusted here.",
    .opts = opts,
    .n_values_bytes = sizeof(Values),
    .takes_command = TRUE,
    .run = run_selftest,
};
