/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replays the paired rule on a trace of one program against itself, a recorded one or a synthetic
 * one, and prints what it says beside what is promised. A report is a window of consecutive pairs
 * from a random start (the trace wraps around), its labels swapped by a coin per pair, the current
 * arm slowed by a known factor; wall and CPU time are gated. Pairs are fed, benchmarks stopped and
 * verdicts given by stats/pair_rule.h and stats/adjust.h, round by round over the benchmarks that
 * are still open; one closes when its rows may stop or the budget is spent.
 * A line of a target starts with "ok" or "MISSED"; the last line counts them.
 * Exit status 1 when a target is missed, 2 when the bench cannot run. */
#include "stats/adjust.h"
#include "stats/pair_interval.h"
#include "stats/pair_rule.h"
#include "stats/proportion.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define N_METRICS      2 /* wall, CPU */
#define MAX_PAIRS      150
#define MAX_BENCHMARKS 100
#define MAX_ROWS       (MAX_BENCHMARKS * N_METRICS)
#define INTERVAL_EVERY 20 /* reports: an interval costs more than the rest of its report */

#define SYNTHETIC_PAIRS  20000
#define SYNTHETIC_SEED   20260101
#define SYNTHETIC_DRIFT  0.6 /* share of a trial's noise that the next trial inherits */
#define SYNTHETIC_COMMON 0.7 /* weight of the shock that hits both metrics */

typedef struct {
    GArray *log_ratios[N_METRICS]; /* of B over A, one value per pair */
} Trace;

typedef struct {
    const char *name;
    double sd_frac[N_METRICS]; /* of the log of one trial's time */
} Noise;

static const Noise noises[] = {
    {"noisy", {0.15, 0.08}},
    {"quiet", {0.03, 0.02}},
};

typedef struct {
    Trace trace;
    double bound_evidence; /* NAN: as shipped */
    guint32 seed;
} Setting;

typedef struct {
    RsPairState state;
    double log_ratios[MAX_PAIRS];
    double sorted[MAX_PAIRS];
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
    guint n_with_pairs[MAX_PAIRS + 1];              /* benchmarks by the pairs they took */
    guint n_intervals, n_covering;                  /* of rows of every 20th report */
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

static double gaussian(GRand *rand)
{
    double radius = sqrt(-2 * log(1 - g_rand_double(rand)));

    return radius * cos(2 * G_PI * g_rand_double(rand));
}

/* Student's t with three degrees of freedom: its variance is finite, its kurtosis is not. */
static double heavy_tailed(GRand *rand)
{
    double sum = 0, numerator = gaussian(rand);

    for (guint i = 0; i < 3; i++) {
        double part = gaussian(rand);

        sum += part * part;
    }
    return numerator / sqrt(sum / 3);
}

/* Trials A, B, B, A, A, B ... whose log times are autoregressive: each inherits part of the noise
 * before it and takes a heavy-tailed shock of its own, in part common to both metrics. Scaled to
 * the standard deviation asked for. The seed is fixed: the trace is part of the bench. */
static void make_trace(const Noise *noise, Trace *trace)
{
    const guint n_trials = 2 * SYNTHETIC_PAIRS;
    g_autoptr(GRand) rand = g_rand_new_with_seed(SYNTHETIC_SEED);
    g_autofree double *trials = g_new(double, (gsize)n_trials *N_METRICS);
    double now[N_METRICS] = {0}, sum_of_squares[N_METRICS] = {0};

    for (guint t = 0; t < n_trials; t++) {
        double common = heavy_tailed(rand);

        for (guint m = 0; m < N_METRICS; m++) {
            double own = heavy_tailed(rand);

            now[m] = SYNTHETIC_DRIFT * now[m] + SYNTHETIC_COMMON * common +
                     sqrt(1 - SYNTHETIC_COMMON * SYNTHETIC_COMMON) * own;
            trials[t * N_METRICS + m] = now[m];
            sum_of_squares[m] += now[m] * now[m];
        }
    }
    for (guint t = 0; t < n_trials; t += 2) {
        int direction = t % 4 == 0 ? 1 : -1;

        for (guint m = 0; m < N_METRICS; m++) {
            double scale = noise->sd_frac[m] / sqrt(sum_of_squares[m] / n_trials);
            double log_ratio =
                direction * scale * (trials[(t + 1) * N_METRICS + m] - trials[t * N_METRICS + m]);

            g_array_append_val(trace->log_ratios[m], log_ratio);
        }
    }
}

static RsPairPlan make_plan(const Setting *setting, double threshold_frac, guint n_benchmarks)
{
    RsPairPlan plan;

    rs_pair_plan_init(&plan); /* alpha, beta and evidence as shipped */
    plan.threshold_frac = threshold_frac;
    plan.bound_frac = 2 * threshold_frac; /* --fail-on critical with bounds 1.5 and 2 */
    plan.n_family = N_METRICS * n_benchmarks;
    plan.max_pairs = MAX_PAIRS;
    plan.min_pairs = rs_pair_min_pairs(&plan);
    if (!isnan(setting->bound_evidence))
        plan.bound_evidence = setting->bound_evidence;
    return plan;
}

static void insert_sorted(double *sorted, guint n, double value)
{
    guint at = n;

    while (at > 0 && sorted[at - 1] > value)
        at--;
    memmove(sorted + at + 1, sorted + at, (n - at) * sizeof *sorted);
    sorted[at] = value;
}

static double median_of(const Benchmark *benchmark, guint metric)
{
    const double *sorted = benchmark->rows[metric].sorted;
    guint n = benchmark->n_pairs;

    return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
}

static void feed_pair(Benchmark *benchmark, const Trace *trace, GRand *rand)
{
    gboolean is_swapped = g_rand_boolean(rand);
    guint pair = (benchmark->start + benchmark->n_pairs) % trace->log_ratios[0]->len;

    for (guint m = 0; m < N_METRICS; m++) {
        double value = g_array_index(trace->log_ratios[m], double, pair);
        Row *row = &benchmark->rows[m];

        value = (is_swapped ? -value : value) + benchmark->log_effect;
        row->log_ratios[benchmark->n_pairs] = value;
        insert_sorted(row->sorted, benchmark->n_pairs, value);
        rs_pair_state_add(&row->state, value);
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

/* Closes the benchmarks that may stop or whose budget is spent; counts the others. */
static guint settle(Benchmark *benchmarks, guint n_benchmarks, const RsPairPlan *plan)
{
    double adjusted[MAX_ROWS];
    guint n_open = 0;

    adjust_all(benchmarks, n_benchmarks, rs_pair_state_p_slower, adjusted);
    for (guint b = 0; b < n_benchmarks; b++) {
        Benchmark *benchmark = &benchmarks[b];
        RsPairRow rows[N_METRICS];

        if (!benchmark->is_open)
            continue;
        for (guint m = 0; m < N_METRICS; m++)
            rows[m] = (RsPairRow){&benchmark->rows[m].state, plan, median_of(benchmark, m),
                                  adjusted[b * N_METRICS + m]};
        benchmark->is_open =
            benchmark->n_pairs < plan->max_pairs && !rs_pair_rows_may_stop(rows, N_METRICS);
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
        double median = median_of(benchmark, i % N_METRICS);
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
        tally->n_with_pairs[benchmarks[b].n_pairs]++;
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
    if (tally->n_reports % INTERVAL_EVERY == 0)
        check_intervals(&benchmarks[0], plan, tally);
    judge(benchmarks, n_benchmarks, plan, tally);
}

static Tally replay(const Setting *setting, double threshold_frac, double effect_frac,
                    guint n_benchmarks, guint n_reports)
{
    RsPairPlan plan = make_plan(setting, threshold_frac, n_benchmarks);
    Tally tally = {0};
    g_autoptr(GRand) rand = g_rand_new();

    for (guint report = 0; report < n_reports; report++) {
        const guint32 seeds[] = {setting->seed, report}; /* the same windows for every effect */

        g_rand_set_seed_array(rand, seeds, G_N_ELEMENTS(seeds));
        replay_report(&setting->trace, &plan, n_benchmarks, effect_frac, rand, &tally);
    }
    return tally;
}

/* What is promised of a figure; relation NULL: nothing. */
typedef struct {
    const char *relation; /* "<", "<=" or ">=" */
    double value;
} Target;

static guint n_met, n_missed; /* targets so far */

static const char *mark_of(double value, Target target)
{
    gboolean is_met;

    if (target.relation == NULL)
        return "";
    if (g_str_equal(target.relation, "<"))
        is_met = value < target.value;
    else
        is_met = g_str_equal(target.relation, "<=") ? value <= target.value : value >= target.value;
    *(is_met ? &n_met : &n_missed) += 1;
    return is_met ? "ok" : "MISSED";
}

static void print_figure(const char *what, double value, const char *unit, const char *bounds,
                         Target target)
{
    g_autofree char *promise = NULL, *line = NULL;

    promise = target.relation == NULL
                  ? g_strdup("")
                  : g_strdup_printf("target %2s %g %s", target.relation, target.value, unit);
    line = g_strdup_printf("%-7s %-38s %6.2f %-2s %-17s %s", mark_of(value, target), what, value,
                           unit, bounds, promise);
    g_print("%s\n", g_strchomp(line));
}

/* A share with Clopper and Pearson's 95 % interval. */
static void print_share(const char *what, guint n_hits, guint n, Target target)
{
    double low_frac = 0, high_frac = 1;
    g_autofree char *bounds = NULL;

    if (!rs_clopper_pearson(n_hits, n, 0.95, &low_frac, &high_frac, NULL))
        g_assert_not_reached();
    bounds = g_strdup_printf("[%.2f, %.2f]", 100 * low_frac, 100 * high_frac);
    print_figure(what, 100.0 * n_hits / n, "%", bounds, target);
}

static void print_pairs(const Tally *tally, Target target_of_mean)
{
    guint n = 0, n_below = 0, median = 0;
    guint64 sum = 0;

    for (guint pairs = 0; pairs <= MAX_PAIRS; pairs++) {
        n += tally->n_with_pairs[pairs];
        sum += (guint64)pairs * tally->n_with_pairs[pairs];
    }
    while (2 * (n_below += tally->n_with_pairs[median]) < n)
        median++;
    print_figure("mean pairs per benchmark", (double)sum / n, "", "", target_of_mean);
    print_figure("median pairs per benchmark", median, "", "", (Target){0});
}

typedef struct {
    double multiple; /* of T: the true slowdown */
    Target red_pct, undecided_pct, pairs;
} Scenario;

static void bench_effect(const Setting *setting, double threshold_frac, const Scenario *scenario,
                         guint n_reports)
{
    double effect_frac = scenario->multiple * threshold_frac;
    Tally tally = replay(setting, threshold_frac, effect_frac, 1, n_reports);

    g_print("\nT = %g %%, true slowdown %g %% (%g T)\n", 100 * threshold_frac, 100 * effect_frac,
            scenario->multiple);
    print_share("called red (regression)", tally.n_red, n_reports, scenario->red_pct);
    print_share("gate failed (critical, G = 2 T)", tally.n_failed, n_reports, (Target){0});
    print_share("inconclusive", tally.n_undecided, n_reports, scenario->undecided_pct);
    print_share("called an improvement", tally.n_improved, n_reports, (Target){0});
    print_share("95 % interval covers the true change", tally.n_covering, tally.n_intervals,
                (Target){">=", 95});
    print_pairs(&tally, scenario->pairs);
}

static void bench_single(const Setting *setting, double threshold_frac, guint n_reports)
{
    const Target none = {0};
    const Scenario scenarios[] = {
        {0, {"<", 1}, {"<=", 10}, {"<=", 45}},
        {0.5, {"<=", 3}, none, none},
        {0.8, {"<=", 10}, none, none},
        {1.5, {">=", 95}, none, {"<=", 60}},
        {2.5, none, none, none},
    };

    for (guint i = 0; i < G_N_ELEMENTS(scenarios); i++)
        bench_effect(setting, threshold_frac, &scenarios[i], n_reports);
}

static void bench_families(const Setting *setting, double threshold_frac, guint n_reports)
{
    const struct {
        guint n_benchmarks, n_reports;
    } families[] = {{1, n_reports}, {20, n_reports}, {MAX_BENCHMARKS, MAX(n_reports / 4, 1)}};

    for (guint i = 0; i < G_N_ELEMENTS(families); i++) {
        guint size = families[i].n_benchmarks, n = families[i].n_reports;
        Tally same = replay(setting, threshold_frac, 0, size, n);
        Tally slow = replay(setting, threshold_frac, 1.5 * threshold_frac, size, n);

        g_print("\nT = %g %%, %u reports of %u benchmark%s (%u gated rows)\n", 100 * threshold_frac,
                n, size, size == 1 ? "" : "s", N_METRICS * size);
        print_share("all unchanged: called red", same.n_red, n, (Target){"<", 1});
        print_share("all unchanged: a row inconclusive", same.n_undecided, n, (Target){0});
        print_pairs(&same, (Target){0});
        print_share("one slower by 1.5 T: found", slow.n_found, n, (Target){0});
    }
}

static gboolean open_trace(const char *path, const char *synthetic, Trace *trace, GError **error)
{
    if (synthetic == NULL)
        return read_trace(path, trace, error);
    for (guint i = 0; i < G_N_ELEMENTS(noises); i++) {
        if (g_str_equal(synthetic, noises[i].name)) {
            make_trace(&noises[i], trace);
            return TRUE;
        }
    }
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                "--synthetic is noisy or quiet, not '%s'", synthetic);
    return FALSE;
}

static int run(const Setting *setting, const char *source, guint n_windows, guint n_family_reports)
{
    const double thresholds_frac[] = {0.05, 0.10};
    RsPairPlan plan = make_plan(setting, thresholds_frac[0], 1);

    g_print("Monte-Carlo figures of one trace (%s, %u pairs), not of any runner.\n"
            "%u reports per effect, seed %u, at most %d pairs, bound evidence %g; "
            "[95 %% bounds].\n",
            source, setting->trace.log_ratios[0]->len, n_windows, setting->seed, MAX_PAIRS,
            plan.bound_evidence);
    for (guint i = 0; i < G_N_ELEMENTS(thresholds_frac); i++)
        bench_single(setting, thresholds_frac[i], n_windows);
    for (guint i = 0; i < G_N_ELEMENTS(thresholds_frac); i++)
        bench_families(setting, thresholds_frac[i], n_family_reports);
    g_print("\n%u targets: %u ok, %u missed\n", n_met + n_missed, n_met, n_missed);
    return n_missed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    int n_windows = 10000, n_family_reports = 1000, seed = 1, status;
    g_autofree char *path = g_strdup("fixtures/traces/aa-pairs.csv"), *synthetic = NULL;
    Setting setting = {.bound_evidence = NAN};
    const GOptionEntry entries[] = {
        {"windows", 'n', 0, G_OPTION_ARG_INT, &n_windows, "Reports per effect (10000)", "N"},
        {"family-reports", 'f', 0, G_OPTION_ARG_INT, &n_family_reports,
         "Reports per family size (1000), a quarter of it for the largest", "N"},
        {"seed", 's', 0, G_OPTION_ARG_INT, &seed, "Seed of windows and coins (1)", "S"},
        {"trace", 't', 0, G_OPTION_ARG_FILENAME, &path, "Trace to replay", "FILE"},
        {"synthetic", 'y', 0, G_OPTION_ARG_STRING, &synthetic, "Replay made-up noise instead",
         "noisy|quiet"},
        {"bound-evidence", 'e', 0, G_OPTION_ARG_DOUBLE, &setting.bound_evidence,
         "Evidence for a side of G that a red stop needs (as shipped)", "E"},
        {0},
    };
    g_autoptr(GOptionContext) context = g_option_context_new("- replay the gate on a trace");
    g_autoptr(GError) error = NULL;
    gboolean is_ready;

    for (guint m = 0; m < N_METRICS; m++)
        setting.trace.log_ratios[m] = g_array_new(FALSE, FALSE, sizeof(double));
    g_option_context_add_main_entries(context, entries, NULL);
    is_ready = g_option_context_parse(context, &argc, &argv, &error) &&
               open_trace(path, synthetic, &setting.trace, &error);
    setting.seed = (guint32)seed;
    if (!is_ready || n_windows < 1 || n_family_reports < 1) {
        g_printerr("bench_gate: %s\n", error != NULL ? error->message : "nothing to replay");
        return 2;
    }
    status = run(&setting, synthetic != NULL ? synthetic : path, (guint)n_windows,
                 (guint)n_family_reports);
    for (guint m = 0; m < N_METRICS; m++)
        g_array_unref(setting.trace.log_ratios[m]);
    return status;
}
