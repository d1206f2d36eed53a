/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replays the paired rule on a recorded trace of one program against itself and prints what it says
 * beside what is promised. A report is a window of consecutive pairs from a random start (the trace
 * wraps around), its labels swapped by a coin per pair, the current arm slowed by a known factor;
 * wall and CPU time are gated. Pairs are fed, rows settled and verdicts given by stats/pair_rule.h
 * and stats/adjust.h, round by round over the benchmarks that are still open; a benchmark closes
 * when both of its rows are settled at once or the budget is spent.
 * Exit status 1 when a promise is missed, 2 when the bench cannot run. */
#include "stats/adjust.h"
#include "stats/pair_interval.h"
#include "stats/pair_rule.h"
#include "stats/proportion.h"
#include "stats/summary.h"

#include <math.h>
#include <stdlib.h>

#define N_METRICS      2 /* wall, CPU */
#define MAX_PAIRS      150
#define MAX_BENCHMARKS 100
#define MAX_ROWS       (MAX_BENCHMARKS * N_METRICS)

typedef struct {
    GArray *log_ratios[N_METRICS]; /* of B over A, one value per pair */
} Trace;

typedef struct {
    RsPairState state;
    double log_ratios[MAX_PAIRS];
    RsPairStop stop;
} Row;

typedef struct {
    Row rows[N_METRICS];
    guint start, n_pairs;
    double log_effect;
    gboolean is_open;
} Benchmark;

typedef struct {
    guint n_reports;
    guint n_red, n_failed, n_undecided, n_improved; /* reports with at least one such row */
    guint n_found;                                  /* reports whose first benchmark is red */
    guint64 n_pairs;
    guint n_benchmarks;            /* of one report */
    guint n_intervals, n_covering; /* of rows of every tenth report */
} Tally;

static gboolean read_trace(const char *path, Trace *trace, GError **error)
{
    const guint columns[N_METRICS] = {3, 4};
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    double values[2][N_METRICS];

    if (!g_file_get_contents(path, &text, NULL, error))
        return FALSE;
    lines = g_strsplit(g_strchomp(text), "\n", -1);
    for (guint i = 0; lines[i] != NULL; i++) {
        g_auto(GStrv) fields = g_strsplit(lines[i], ",", -1);
        gboolean is_good = g_strv_length(fields) >= 5;
        guint arm = is_good && g_str_equal(fields[1], "1");

        for (guint m = 0; is_good && m < N_METRICS; m++) {
            values[arm][m] = g_ascii_strtod(fields[columns[m]], NULL);
            is_good = isfinite(values[arm][m]) && values[arm][m] > 0;
        }
        if (!is_good) {
            g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s:%u: not a trial", path, i + 1);
            return FALSE;
        }
        for (guint m = 0; i % 2 == 1 && m < N_METRICS; m++) {
            double log_ratio = log(values[1][m] / values[0][m]);

            g_array_append_val(trace->log_ratios[m], log_ratio);
        }
    }
    if (trace->log_ratios[0]->len >= MAX_PAIRS)
        return TRUE;
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s: fewer than %d pairs", path,
                MAX_PAIRS);
    return FALSE;
}

static RsPairPlan make_plan(double threshold_frac, guint n_benchmarks)
{
    RsPairPlan plan;

    rs_pair_plan_init(&plan); /* alpha, beta and evidence as shipped */
    plan.threshold_frac = threshold_frac;
    plan.bound_frac = 2 * threshold_frac; /* --fail-on critical with bounds 1.5 and 2 */
    plan.n_family = N_METRICS * n_benchmarks;
    plan.max_pairs = MAX_PAIRS;
    plan.min_pairs = rs_pair_min_pairs(&plan);
    return plan;
}

static void feed_pair(Benchmark *benchmark, const Trace *trace, GRand *rand)
{
    gboolean is_swapped = g_rand_boolean(rand);
    guint pair = (benchmark->start + benchmark->n_pairs) % trace->log_ratios[0]->len;

    for (guint m = 0; m < N_METRICS; m++) {
        double log_ratio = g_array_index(trace->log_ratios[m], double, pair);
        Row *row = &benchmark->rows[m];

        row->log_ratios[benchmark->n_pairs] =
            (is_swapped ? -log_ratio : log_ratio) + benchmark->log_effect;
        rs_pair_state_add(&row->state, row->log_ratios[benchmark->n_pairs]);
    }
    benchmark->n_pairs++;
}

static void adjust_all(const Benchmark *benchmarks, guint n_benchmarks,
                       double (*p_of)(const RsPairState *), double *adjusted)
{
    guint n_rows = n_benchmarks * N_METRICS;

    for (guint i = 0; i < n_rows; i++)
        adjusted[i] = p_of(&benchmarks[i / N_METRICS].rows[i % N_METRICS].state);
    if (!rs_holm(adjusted, n_rows, n_rows, adjusted, NULL))
        g_assert_not_reached();
}

/* Closes the benchmarks whose rows are all settled or whose budget is spent; counts the others. */
static guint settle(Benchmark *benchmarks, guint n_benchmarks, const RsPairPlan *plan)
{
    double adjusted[MAX_ROWS];
    guint n_open = 0;

    adjust_all(benchmarks, n_benchmarks, rs_pair_state_p_slower, adjusted);
    for (guint b = 0; b < n_benchmarks; b++) {
        Benchmark *benchmark = &benchmarks[b];

        if (!benchmark->is_open)
            continue;
        benchmark->is_open = FALSE;
        for (guint m = 0; m < N_METRICS; m++) {
            Row *row = &benchmark->rows[m];
            double median = rs_median(row->log_ratios, benchmark->n_pairs);

            row->stop = rs_pair_state_stop(&row->state, plan, median, adjusted[b * N_METRICS + m]);
            benchmark->is_open |= row->stop == RS_PAIR_OPEN;
        }
        benchmark->is_open &= benchmark->n_pairs < plan->max_pairs;
        n_open += benchmark->is_open;
    }
    return n_open;
}

static void judge(const Benchmark *benchmarks, guint n_benchmarks, const RsPairPlan *plan,
                  Tally *tally)
{
    double slower[MAX_ROWS], faster[MAX_ROWS];
    gboolean has[RS_PAIR_INCONCLUSIVE + 1] = {FALSE}, is_failed = FALSE, is_found = FALSE;

    adjust_all(benchmarks, n_benchmarks, rs_pair_state_p_slower, slower);
    adjust_all(benchmarks, n_benchmarks, rs_pair_state_p_faster, faster);
    for (guint i = 0; i < n_benchmarks * N_METRICS; i++) {
        const Benchmark *benchmark = &benchmarks[i / N_METRICS];
        const Row *row = &benchmark->rows[i % N_METRICS];
        double median = rs_median(row->log_ratios, benchmark->n_pairs);
        RsPairVerdict verdict =
            rs_pair_state_verdict(&row->state, plan, median, slower[i], faster[i]);

        has[verdict] = TRUE;
        is_found |= verdict == RS_PAIR_REGRESSION && i < N_METRICS;
        is_failed |= verdict == RS_PAIR_REGRESSION && expm1(median) > plan->bound_frac;
    }
    tally->n_reports++;
    tally->n_red += has[RS_PAIR_REGRESSION];
    tally->n_found += is_found;
    tally->n_failed += is_failed;
    tally->n_improved += has[RS_PAIR_IMPROVEMENT];
    tally->n_undecided += has[RS_PAIR_INCONCLUSIVE] && !has[RS_PAIR_REGRESSION];
    for (guint b = 0; b < n_benchmarks; b++)
        tally->n_pairs += benchmarks[b].n_pairs;
}

static void check_intervals(const Benchmark *benchmark, const RsPairPlan *plan, Tally *tally)
{
    for (guint m = 0; m < N_METRICS; m++) {
        double low, high;

        rs_pair_interval(benchmark->rows[m].log_ratios, benchmark->n_pairs, plan->alpha / 2, &low,
                         &high);
        tally->n_intervals++;
        tally->n_covering += low <= benchmark->log_effect && benchmark->log_effect <= high;
    }
}

/* One report: the first benchmark is slowed by effect_frac, the others are unchanged. */
static void replay_report(const Trace *trace, const RsPairPlan *plan, guint n_benchmarks,
                          double effect_frac, GRand *rand, Tally *tally)
{
    g_autofree Benchmark *benchmarks = g_new0(Benchmark, n_benchmarks);
    guint n_open = n_benchmarks;

    for (guint b = 0; b < n_benchmarks; b++) {
        benchmarks[b].start = (guint)g_rand_int_range(rand, 0, (gint32)trace->log_ratios[0]->len);
        benchmarks[b].log_effect = b == 0 ? log1p(effect_frac) : 0;
        benchmarks[b].is_open = TRUE;
        for (guint m = 0; m < N_METRICS; m++)
            rs_pair_state_init(&benchmarks[b].rows[m].state, plan);
    }
    while (n_open > 0) {
        for (guint b = 0; b < n_benchmarks; b++)
            if (benchmarks[b].is_open)
                feed_pair(&benchmarks[b], trace, rand);
        n_open = settle(benchmarks, n_benchmarks, plan);
    }
    if (tally->n_reports % 10 == 0)
        check_intervals(&benchmarks[0], plan, tally);
    judge(benchmarks, n_benchmarks, plan, tally);
}

static Tally replay(const Trace *trace, double threshold_frac, double effect_frac,
                    guint n_benchmarks, guint n_reports, guint32 seed)
{
    RsPairPlan plan = make_plan(threshold_frac, n_benchmarks);
    Tally tally = {.n_benchmarks = n_benchmarks};
    g_autoptr(GRand) rand = g_rand_new();

    for (guint report = 0; report < n_reports; report++) {
        const guint32 seeds[] = {seed, report}; /* the same windows and coins for every effect */

        g_rand_set_seed_array(rand, seeds, G_N_ELEMENTS(seeds));
        replay_report(trace, &plan, n_benchmarks, effect_frac, rand, &tally);
    }
    return tally;
}

/* relation: "<", "<=", ">=", or NULL when nothing is promised. */
static gboolean is_kept(double value, const char *relation, double target)
{
    if (relation == NULL)
        return TRUE;
    if (g_str_equal(relation, "<"))
        return value < target;
    return g_str_equal(relation, "<=") ? value <= target : value >= target;
}

static gboolean print_promise(double value, const char *relation, double target, const char *unit)
{
    gboolean is_met = is_kept(value, relation, target);

    if (relation == NULL)
        g_print("\n");
    else
        g_print("  %2s %g%-2s  %s\n", relation, target, unit, is_met ? "PASS" : "over");
    return is_met;
}

/* Prints a share beside its promise, with Clopper and Pearson's 95 % interval. */
static gboolean print_share(const char *what, guint n_hits, guint n, const char *relation,
                            double target_pct)
{
    double low_frac = 0, high_frac = 1, share_pct = 100.0 * n_hits / n;

    if (!rs_clopper_pearson(n_hits, n, 0.95, &low_frac, &high_frac, NULL))
        g_assert_not_reached();
    g_print("  %-36s %6.2f %%  [%5.2f, %6.2f]", what, share_pct, 100 * low_frac, 100 * high_frac);
    return print_promise(share_pct, relation, target_pct, " %");
}

static gboolean print_pairs(const Tally *tally, const char *relation, double target)
{
    double mean = (double)tally->n_pairs / tally->n_reports / tally->n_benchmarks;

    g_print("  %-36s %6.1f    %15s", "mean pairs per benchmark", mean, "");
    return print_promise(mean, relation, target, "");
}

typedef struct {
    double multiple;      /* of T: the true slowdown */
    const char *relation; /* of the share called red to its target */
    double target_pct;
    double target_pairs, target_undecided_pct; /* NAN: none */
} Scenario;

static gboolean bench_effect(const Trace *trace, double threshold_frac, const Scenario *scenario,
                             guint n_reports, guint32 seed)
{
    double effect_frac = scenario->multiple * threshold_frac;
    Tally tally = replay(trace, threshold_frac, effect_frac, 1, n_reports, seed);
    gboolean is_met;

    g_print("T = %g %%, true slowdown %g %% (%g T)\n", 100 * threshold_frac, 100 * effect_frac,
            scenario->multiple);
    is_met = print_share("called red (regression)", tally.n_red, n_reports, scenario->relation,
                         scenario->target_pct);
    print_share("gate failed (red beyond G = 2 T)", tally.n_failed, n_reports, NULL, 0);
    is_met &= print_share(
        "inconclusive", tally.n_undecided, n_reports,
        isnan(scenario->target_undecided_pct) ? NULL : "<=", scenario->target_undecided_pct);
    print_share("called an improvement", tally.n_improved, n_reports, NULL, 0);
    is_met &= print_share("95 % interval covers the true change", tally.n_covering,
                          tally.n_intervals, ">=", 95);
    is_met &=
        print_pairs(&tally, isnan(scenario->target_pairs) ? NULL : "<=", scenario->target_pairs);
    return is_met;
}

static gboolean bench_single(const Trace *trace, double threshold_frac, guint n_reports,
                             guint32 seed)
{
    const Scenario scenarios[] = {
        {0, "<", 1, 45, 10},      {0.5, "<=", 3, NAN, NAN}, {0.8, "<=", 10, NAN, NAN},
        {1.5, ">=", 95, 60, NAN}, {2.5, NULL, 0, NAN, NAN},
    };
    gboolean is_met = TRUE;

    for (guint i = 0; i < G_N_ELEMENTS(scenarios); i++)
        is_met &= bench_effect(trace, threshold_frac, &scenarios[i], n_reports, seed);
    return is_met;
}

static gboolean bench_families(const Trace *trace, double threshold_frac, guint n_reports,
                               guint32 seed)
{
    const guint sizes[] = {1, 20, MAX_BENCHMARKS};
    gboolean is_met = TRUE;

    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
        Tally same = replay(trace, threshold_frac, 0, sizes[i], n_reports, seed);
        Tally slow = replay(trace, threshold_frac, 1.5 * threshold_frac, sizes[i], n_reports, seed);

        g_print("T = %g %%, reports of %u benchmark%s (%u gated rows)\n", 100 * threshold_frac,
                sizes[i], sizes[i] == 1 ? "" : "s", N_METRICS * sizes[i]);
        is_met &= print_share("all unchanged: called red", same.n_red, n_reports, "<", 1);
        print_share("all unchanged: a row inconclusive", same.n_undecided, n_reports, NULL, 0);
        print_pairs(&same, NULL, 0);
        print_share("one slower by 1.5 T: found", slow.n_found, n_reports, NULL, 0);
    }
    return is_met;
}

int main(int argc, char **argv)
{
    int n_windows = 10000, n_family_reports = 1000, seed = 1;
    g_autofree char *path = g_strdup("fixtures/traces/aa-pairs.csv");
    const GOptionEntry entries[] = {
        {"windows", 'n', 0, G_OPTION_ARG_INT, &n_windows, "Reports per effect (10000)", "N"},
        {"family-reports", 'f', 0, G_OPTION_ARG_INT, &n_family_reports,
         "Reports per family size (1000)", "N"},
        {"seed", 's', 0, G_OPTION_ARG_INT, &seed, "Seed of windows and coins (1)", "S"},
        {"trace", 't', 0, G_OPTION_ARG_FILENAME, &path, "Trace to replay", "FILE"},
        {0},
    };
    const double thresholds_frac[] = {0.05, 0.10};
    g_autoptr(GOptionContext) context = g_option_context_new("- replay the gate on a trace");
    g_autoptr(GError) error = NULL;
    Trace trace;
    gboolean is_met = TRUE, is_ready;

    for (guint m = 0; m < N_METRICS; m++)
        trace.log_ratios[m] = g_array_new(FALSE, FALSE, sizeof(double));
    g_option_context_add_main_entries(context, entries, NULL);
    is_ready =
        g_option_context_parse(context, &argc, &argv, &error) && read_trace(path, &trace, &error);
    if (!is_ready || n_windows < 1 || n_family_reports < 1) {
        g_printerr("bench_gate: %s\n", error != NULL ? error->message : "nothing to replay");
        return 2;
    }
    g_print("Monte-Carlo figures of one trace (%s, %u pairs), not of any runner.\n"
            "%d reports per effect, %d per family, seed %d, at most %d pairs; [95 %% bounds].\n",
            path, trace.log_ratios[0]->len, n_windows, n_family_reports, seed, MAX_PAIRS);
    for (guint i = 0; i < G_N_ELEMENTS(thresholds_frac); i++)
        is_met &= bench_single(&trace, thresholds_frac[i], (guint)n_windows, (guint32)seed);
    for (guint i = 0; i < G_N_ELEMENTS(thresholds_frac); i++)
        is_met &=
            bench_families(&trace, thresholds_frac[i], (guint)n_family_reports, (guint32)seed);
    for (guint m = 0; m < N_METRICS; m++)
        g_array_unref(trace.log_ratios[m]);
    g_print("%s\n", is_met ? "every target is met" : "a target is missed");
    return is_met ? EXIT_SUCCESS : EXIT_FAILURE;
}
