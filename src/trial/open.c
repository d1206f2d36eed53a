/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/open.h"

#include <math.h>

#include "analyze/pairs.h"
#include "analyze/plan.h"
#include "stats/adjust.h"

static void row_free(gpointer data)
{
    RsOpenRow *row = data;

    g_sequence_free(row->log_ratios);
    g_free(row);
}

static void add_rows(RsOpen *open, const RsGate *gate)
{
    char **metrics = open->plan->gated_metrics ? open->plan->gated_metrics : gate->metrics;

    for (; *metrics; metrics++) {
        RsOpenRow *row = g_new0(RsOpenRow, 1);

        row->metric_name = *metrics;
        row->log_ratios = g_sequence_new(g_free);
        row->p_adjusted = 1;
        rs_pair_state_init(&row->state, &open->pair_plan);
        g_ptr_array_add(open->rows, row);
    }
}

static void take_in(RsOpen *open)
{
    const RsBenchmark *benchmark = open->benchmark;
    guint n_incomplete = 0;
    const char *why;
    g_autoptr(GArray) pairs = NULL;

    for (guint i = 0; i < rs_benchmark_n_trials(benchmark); i++)
        open->next_pair = MAX(open->next_pair, g_array_index(benchmark->trial_pair, gint32, i) + 1);
    if (benchmark->design == RS_DESIGN_SINGLE) {
        open->n_pairs = rs_benchmark_n_trials(benchmark);
        return;
    }
    pairs = rs_trial_pairs(benchmark, &n_incomplete, &why);
    for (guint i = 0; pairs && i < pairs->len; i++) {
        const RsTrialPair *pair = &g_array_index(pairs, RsTrialPair, i);

        rs_open_add_pair(open, pair->baseline_trial, pair->current_trial);
    }
}

RsOpen *rs_open_new(const RsGate *gate, const RsPlanBenchmark *plan, RsBenchmark *benchmark,
                    guint index)
{
    RsOpen *open = g_new0(RsOpen, 1);

    open->plan = plan;
    open->benchmark = benchmark;
    open->index = index;
    open->is_open = benchmark->stop_reason == RS_STOP_NONE;
    open->rows = g_ptr_array_new_with_free_func(row_free);
    rs_pair_plan_of(gate, benchmark, &open->pair_plan);
    add_rows(open, gate);
    take_in(open);
    return open;
}

void rs_open_free(RsOpen *open)
{
    if (!open)
        return;
    g_ptr_array_unref(open->rows);
    g_free(open);
}

static int compare_ratios(gconstpointer a, gconstpointer b, gpointer data)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

void rs_open_add_pair(RsOpen *open, guint baseline_trial, guint current_trial)
{
    open->n_pairs++;
    for (guint i = 0; i < open->rows->len; i++) {
        RsOpenRow *row = g_ptr_array_index(open->rows, i);
        const RsMetric *metric = rs_benchmark_metric(open->benchmark, row->metric_name);
        double ratio;

        if (!metric ||
            rs_pair_log_ratio(metric, baseline_trial, current_trial, &ratio) != RS_PAIR_VALUE_OK)
            row->unusable = TRUE;
        if (row->unusable)
            continue;
        g_sequence_insert_sorted(row->log_ratios, g_memdup2(&ratio, sizeof ratio), compare_ratios,
                                 NULL);
        rs_pair_state_add(&row->state, ratio);
    }
}

static double ratio_at(const RsOpenRow *row, int position)
{
    return *(const double *)g_sequence_get(g_sequence_get_iter_at_pos(row->log_ratios, position));
}

/* As rs_median, of values that are kept sorted: asked after each pair, it must not sort again. */
static double median_of(const RsOpenRow *row)
{
    int n = g_sequence_get_length(row->log_ratios);

    return n ? (ratio_at(row, (n - 1) / 2) + ratio_at(row, n / 2)) / 2 : NAN;
}

static RsPairRow pair_row(const RsOpen *open, const RsOpenRow *row)
{
    return (RsPairRow){.state = &row->state,
                       .plan = &open->pair_plan,
                       .median_log_ratio = median_of(row),
                       .p_slower_adjusted = row->p_adjusted};
}

gboolean rs_open_is_red(const RsOpen *open)
{
    for (guint i = 0; i < open->rows->len; i++) {
        const RsOpenRow *row = g_ptr_array_index(open->rows, i);

        if (!row->unusable && rs_pair_state_stop(&row->state, &open->pair_plan, median_of(row),
                                                 row->p_adjusted) == RS_PAIR_STOP_RED)
            return rs_open_is_settled(open);
    }
    return FALSE;
}

gint64 rs_open_n_samples(const RsOpen *open)
{
    const RsBenchmark *benchmark = open->benchmark;
    gint64 n[RS_N_ARMS] = {0};

    for (guint i = 0; i < rs_benchmark_n_trials(benchmark); i++) {
        RsArm arm = (RsArm)g_array_index(benchmark->trial_arm, guint8, i);
        guint n_stacks;
        const RsTrialSample *samples = rs_benchmark_samples(benchmark, i, &n_stacks);

        for (guint j = 0; samples && j < n_stacks; j++)
            n[arm] += samples[j].n;
    }
    return benchmark->trial_spans ? MIN(n[RS_ARM_BASELINE], n[RS_ARM_CURRENT]) : -1;
}

gboolean rs_open_is_settled(const RsOpen *open)
{
    g_autofree RsPairRow *usable = g_new(RsPairRow, open->rows->len);
    guint n_usable = 0;

    for (guint i = 0; i < open->rows->len; i++) {
        const RsOpenRow *row = g_ptr_array_index(open->rows, i);

        if (!row->unusable)
            usable[n_usable++] = pair_row(open, row);
    }
    return rs_pair_rows_may_stop(usable, n_usable);
}

double rs_open_change_pct(const RsOpen *open)
{
    double worst = NAN;

    for (guint i = 0; i < open->rows->len; i++)
        worst = fmax(worst, 100 * expm1(median_of(g_ptr_array_index(open->rows, i))));
    return worst;
}

void rs_open_correct(GPtrArray *opens, guint n_family)
{
    g_autoptr(GPtrArray) rows = g_ptr_array_new();
    g_autofree double *p = NULL;

    for (guint i = 0; i < opens->len; i++) {
        const RsOpen *open = g_ptr_array_index(opens, i);

        for (guint j = 0; j < open->rows->len; j++)
            g_ptr_array_add(rows, g_ptr_array_index(open->rows, j));
    }
    p = g_new(double, rows->len + 1);
    for (guint i = 0; i < rows->len; i++)
        p[i] = rs_pair_state_p_slower(&((RsOpenRow *)g_ptr_array_index(rows, i))->state);
    if (rows->len && !rs_holm(p, rows->len, MAX(n_family, rows->len), p, NULL))
        return;
    for (guint i = 0; i < rows->len; i++)
        ((RsOpenRow *)g_ptr_array_index(rows, i))->p_adjusted = p[i];
}
