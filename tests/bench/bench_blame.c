/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whom blame accuses, on made-up programs whose costs are known (tests/unit/blame_fixtures.h): a
 * Zipf profile, functions of a crate that vary together, a host with noise of its own, or the one
 * of a recorded trace that is given as the argument (as bench_gate's), and samples at 199 Hz.
 *   unchanged  blame forced open: reports that accuse anyone
 *   culprit    one function costs more: reports that put it first, and that accuse others as well
 *   gated      the same, with collection stopped by the rule of the gate, as bench-run does
 *   moved      a callee inlined beside a culprit: reports that see through it
 *   power      a function costs what the unchanged runs called resolvable
 * and what it takes. A line of a target starts with "ok" or "MISSED"; a rate is missed when 95 %
 * confidence excludes the target. Exit status 1 when one is missed, 2 when the bench cannot run. */
#include "tests/unit/blame_fixtures.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "stats/pair_rule.h"
#include "stats/proportion.h"

#define N_REPORTS      200
#define N_PERMUTATIONS 999
#define SEED           20260101
#define MAX_FALSE      0.05
#define MIN_FIRST      0.95
#define MIN_MOVED      0.90
#define POWER          0.9
#define POWER_OFF      0.06 /* what is called resolvable comes from the run's own noise */
#define N_PAIRS_GATED  150

static guint n_missed;

typedef struct {
    guint n_functions;
    double launch_ms;
    guint n_pairs;
    double host_sd, own_sd;
    double rise_pct; /* of the program */
    gboolean is_poisson;
} Setting;

static const Setting settings[] = {
    {50, 2000, 20, 0.03, 0.05, 25, FALSE}, {300, 2000, 20, 0.15, 0.10, 20, FALSE},
    {100, 200, 25, 0.03, 0.05, 25, FALSE}, {100, 200, 40, 0.15, 0.20, 20, TRUE},
    {200, 40, 30, 0.05, 0.05, 30, FALSE},  {60, 40, 60, 0.15, 0.10, 20, TRUE},
};

typedef struct {
    MadeProgram program;
    GRand *rand;
    const GArray *hosts;
} Lab;

static void begin(Lab *lab, const Setting *setting)
{
    made_zipf(&lab->program, setting->n_functions, setting->launch_ms * 1e6, lab->rand);
    lab->program.host_sd = setting->host_sd;
    lab->program.own_sd = setting->own_sd;
    lab->program.is_poisson = setting->is_poisson;
    lab->program.hosts = lab->hosts;
    lab->program.at_host = lab->hosts ? g_rand_int_range(lab->rand, 0, (gint32)lab->hosts->len) : 0;
}

static void tell(const char *what, const Setting *setting, guint n_hits, guint n, double from,
                 double to)
{
    double low, high;
    gboolean is_ok;

    if (!rs_clopper_pearson(n_hits, n, 0.95, &low, &high, NULL))
        exit(2);
    is_ok = low <= to && high >= from;
    n_missed += !is_ok;
    printf("%-6s %-28s %5.1f %% (%.1f to %.1f) of %u, wanted %g to %g %%  [%u functions, %g ms, "
           "%u pairs, noise %g/%g %%, +%g %%%s]\n",
           is_ok ? "ok" : "MISSED", what, 100.0 * n_hits / n, 100 * low, 100 * high, n, 100 * from,
           100 * to, setting->n_functions, setting->launch_ms, setting->n_pairs,
           100 * setting->host_sd, 100 * setting->own_sd, setting->rise_pct,
           setting->is_poisson ? ", Poisson" : "");
    fflush(stdout);
}

static gboolean is_guilty(const RsBlame *blame, guint i)
{
    return i < blame->functions->len && rs_blamed_is_guilty(g_ptr_array_index(blame->functions, i));
}

static gboolean is_called(const RsBlame *blame, guint i, guint function)
{
    char name[64];

    made_name(name, sizeof name, function);
    return g_str_equal(((const RsBlamed *)g_ptr_array_index(blame->functions, i))->name, name);
}

typedef struct {
    guint n, n_first, n_found, n_false;
} Tally;

/* culprit: 0: none. */
static void count(Tally *tally, const RsBlame *blame, guint culprit)
{
    gboolean is_false = FALSE;

    tally->n++;
    tally->n_first += culprit && is_guilty(blame, 0) && is_called(blame, 0, culprit);
    for (guint i = 0; is_guilty(blame, i); i++)
        if (culprit && is_called(blame, i, culprit))
            tally->n_found++;
        else
            is_false = TRUE;
    tally->n_false += is_false;
}

static RsBlame *blame_once(Lab *lab, guint n_pairs)
{
    return made_blame(&lab->program, n_pairs, N_PERMUTATIONS, lab->rand);
}

static void unchanged(Lab *lab, const Setting *setting)
{
    Setting none = *setting;
    Tally tally = {0};

    none.rise_pct = 0;
    for (guint i = 0; i < N_REPORTS; i++) {
        RsBlame *blame;

        begin(lab, setting);
        blame = blame_once(lab, setting->n_pairs);
        count(&tally, blame, 0);
        rs_blame_free(blame);
    }
    tell("unchanged: accuses anyone", &none, tally.n_false, tally.n, 0, MAX_FALSE);
}

static guint any_function(Lab *lab)
{
    return (guint)g_rand_int_range(lab->rand, 1, (gint32)lab->program.n);
}

static void culprit(Lab *lab, const Setting *setting)
{
    Tally tally = {0};

    for (guint i = 0; i < N_REPORTS; i++) {
        guint guilty;
        RsBlame *blame;

        begin(lab, setting);
        guilty = any_function(lab);
        lab->program.ns[RS_ARM_CURRENT][guilty] +=
            setting->rise_pct / 100 * setting->launch_ms * 1e6;
        blame = blame_once(lab, setting->n_pairs);
        count(&tally, blame, guilty);
        rs_blame_free(blame);
    }
    tell("culprit: comes first", setting, tally.n_first, tally.n, MIN_FIRST, 1);
    tell("culprit: others accused", setting, tally.n_false, tally.n, 0, MAX_FALSE);
}

typedef struct {
    RsPairPlan plan;
    RsPairState state;
    GArray *log_ratios;
} Gate;

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median_of(const GArray *values)
{
    g_autofree double *sorted = g_memdup2(values->data, values->len * sizeof(double));

    qsort(sorted, values->len, sizeof(double), ascending);
    return (sorted[values->len / 2] + sorted[(values->len - 1) / 2]) / 2;
}

static gboolean may_stop(double log_ratio, gpointer data)
{
    Gate *gate = data;
    RsPairRow row = {.state = &gate->state, .plan = &gate->plan};

    rs_pair_state_add(&gate->state, log_ratio);
    g_array_append_val(gate->log_ratios, log_ratio);
    if (gate->state.n < gate->plan.min_pairs)
        return FALSE;
    row.median_log_ratio = median_of(gate->log_ratios);
    row.p_slower_adjusted = rs_pair_state_p_slower(&gate->state);
    return rs_pair_rows_may_stop(&row, 1);
}

/* Collection that stops when the slowdown is plain keeps what looked slow: does it hurt? */
static void gated(Lab *lab, const Setting *setting)
{
    Setting shown = *setting;
    Tally tally = {0};
    guint64 n_pairs = 0;
    RsBlameOptions options;

    rs_blame_options_init(&options);
    options.n_permutations = N_PERMUTATIONS;
    for (guint i = 0; i < N_REPORTS; i++) {
        Gate gate = {.log_ratios = g_array_new(FALSE, FALSE, sizeof(double))};
        g_autoptr(RsSession) session = NULL;
        guint guilty;
        RsBlame *blame;

        rs_pair_plan_init(&gate.plan);
        gate.plan.max_pairs = N_PAIRS_GATED;
        gate.plan.min_pairs = rs_pair_min_pairs(&gate.plan);
        rs_pair_state_init(&gate.state, &gate.plan);
        begin(lab, setting);
        guilty = any_function(lab);
        lab->program.ns[RS_ARM_CURRENT][guilty] +=
            setting->rise_pct / 100 * setting->launch_ms * 1e6;
        session = made_session(&lab->program, N_PAIRS_GATED, lab->rand, may_stop, &gate);
        options.seed = i;
        blame =
            rs_blame_benchmark(session, g_ptr_array_index(session->benchmarks, 0), FALSE, &options);
        n_pairs += blame->n_pairs;
        count(&tally, blame, guilty);
        rs_blame_free(blame);
        g_array_unref(gate.log_ratios);
    }
    shown.n_pairs = (guint)(n_pairs / N_REPORTS);
    tell("gated: culprit comes first", &shown, tally.n_first, tally.n, MIN_FIRST, 1);
    tell("gated: others accused", &shown, tally.n_false, tally.n, 0, MAX_FALSE);
}

/* The callee's code runs as its caller's. */
static void inline_into_caller(MadeProgram *program, guint callee)
{
    int caller = program->caller[RS_ARM_CURRENT][callee];

    program->ns[RS_ARM_CURRENT][caller] += program->ns[RS_ARM_CURRENT][callee];
    program->ns[RS_ARM_CURRENT][callee] = 0;
    for (guint i = 0; i < program->n; i++)
        if (program->caller[RS_ARM_CURRENT][i] == (int)callee)
            program->caller[RS_ARM_CURRENT][i] = caller;
}

static void moved(Lab *lab, const Setting *setting)
{
    Tally tally = {0};

    for (guint i = 0; i < N_REPORTS; i++) {
        guint inlined, guilty;
        RsBlame *blame;

        begin(lab, setting);
        inlined = (guint)g_rand_int_range(lab->rand, 4, (gint32)lab->program.n);
        lab->program.ns[0][inlined] = lab->program.ns[1][inlined] = 0.2 * setting->launch_ms * 1e6;
        inline_into_caller(&lab->program, inlined);
        do
            guilty = any_function(lab);
        while (guilty == inlined || (int)guilty == lab->program.caller[0][inlined]);
        lab->program.ns[RS_ARM_CURRENT][guilty] +=
            setting->rise_pct / 100 * setting->launch_ms * 1e6;
        blame = blame_once(lab, setting->n_pairs);
        count(&tally, blame, guilty);
        rs_blame_free(blame);
    }
    tell("moved: culprit comes first", setting, tally.n_first, tally.n, MIN_FIRST, 1);
    tell("moved: seen through", setting, tally.n - tally.n_false, tally.n, MIN_MOVED, 1);
}

/* A function found by pointing at the program's time. */
static guint pointed_at(Lab *lab)
{
    double at = g_rand_double(lab->rand) * made_total(&lab->program, RS_ARM_BASELINE);
    guint function = 0;

    for (; function + 1 < lab->program.n && at >= lab->program.ns[0][function]; function++)
        at -= lab->program.ns[0][function];
    return function;
}

static guint found_at(Lab *lab, const Setting *setting, double part, double *resolvable_pct)
{
    guint n_found = 0;

    *resolvable_pct = 0;
    for (guint i = 0; i < N_REPORTS; i++) {
        Tally tally = {0};
        RsBlame *before, *after;
        guint guilty;

        begin(lab, setting);
        before = blame_once(lab, setting->n_pairs);
        guilty = pointed_at(lab);
        *resolvable_pct += before->resolvable_pct / N_REPORTS;
        lab->program.ns[RS_ARM_CURRENT][guilty] +=
            part * before->resolvable_pct / 100 * setting->launch_ms * 1e6;
        after = blame_once(lab, setting->n_pairs);
        count(&tally, after, guilty);
        /* main has place 0, which count takes for nobody */
        n_found += guilty ? tally.n_found : is_guilty(after, 0) && is_called(after, 0, 0);
        rs_blame_free(before);
        rs_blame_free(after);
    }
    return n_found;
}

static void power(Lab *lab, const Setting *setting)
{
    Setting shown = *setting;

    for (double part = 0.25; part <= 2; part *= 2) {
        double resolvable_pct;
        guint n_found = found_at(lab, setting, part, &resolvable_pct);

        shown.rise_pct = round(100 * part * resolvable_pct) / 100;
        if (part == 1)
            tell("power: what is resolvable", &shown, n_found, N_REPORTS, POWER - POWER_OFF,
                 POWER + POWER_OFF);
        else
            printf("       power: %.2f x resolvable, %5.2f %% of the program, is found %5.1f %%\n",
                   part, shown.rise_pct, 100.0 * n_found / N_REPORTS);
    }
}

/* What a report takes at full size. */
static void speed(Lab *lab)
{
    static const Setting large = {300, 2000, 60, 0.05, 0.05, 20, FALSE};
    RsBlameOptions options;
    g_autoptr(RsSession) session = NULL;
    clock_t start;
    double took_s;

    begin(lab, &large);
    lab->program.ns[RS_ARM_CURRENT][7] += 400e6;
    session = made_session(&lab->program, large.n_pairs, lab->rand, NULL, NULL);
    rs_blame_options_init(&options);
    start = clock();
    rs_blame_free(
        rs_blame_benchmark(session, g_ptr_array_index(session->benchmarks, 0), FALSE, &options));
    took_s = (double)(clock() - start) / CLOCKS_PER_SEC;
    n_missed += took_s > 1;
    printf(
        "%-6s one blame of 300 functions, 60 pairs, %u sign vectors: %.2f s of CPU, wanted < 1 s\n",
        took_s > 1 ? "MISSED" : "ok", options.n_permutations, took_s);
}

/* The CPU time of each trial of a trace, over the mean of all. */
static GArray *read_hosts(const char *path)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    g_autoptr(GArray) hosts = g_array_new(FALSE, FALSE, sizeof(double));
    double sum = 0;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return NULL;
    lines = g_strsplit(g_strchomp(text), "\n", -1);
    for (guint i = 0; lines[i]; i++) {
        g_auto(GStrv) fields = g_strsplit(lines[i], ",", -1);
        double cpu_s = g_strv_length(fields) >= 5 ? g_ascii_strtod(fields[4], NULL) : 0;

        if (!(cpu_s > 0))
            return NULL;
        g_array_append_val(hosts, cpu_s);
        sum += cpu_s;
    }
    for (guint i = 0; i < hosts->len; i++)
        g_array_index(hosts, double, i) *= hosts->len / sum;
    return hosts->len ? g_steal_pointer(&hosts) : NULL;
}

int main(int argc, char **argv)
{
    g_autoptr(GArray) hosts = argc > 1 ? read_hosts(argv[1]) : NULL;
    Lab lab = {.rand = g_rand_new_with_seed(SEED), .hosts = hosts};

    if (argc > 1 && !hosts) {
        fprintf(stderr, "%s is not a trace\n", argv[1]);
        return 2;
    }
    for (guint i = 0; i < G_N_ELEMENTS(settings); i++)
        unchanged(&lab, &settings[i]);
    for (guint i = 0; i < G_N_ELEMENTS(settings); i++)
        culprit(&lab, &settings[i]);
    gated(&lab, &settings[2]);
    gated(&lab, &settings[3]);
    gated(&lab, &settings[5]);
    moved(&lab, &settings[0]);
    moved(&lab, &settings[2]);
    power(&lab, &settings[2]);
    power(&lab, &settings[4]);
    speed(&lab);
    g_rand_free(lab.rand);
    printf("%u targets missed\n", n_missed);
    return n_missed ? 1 : 0;
}
