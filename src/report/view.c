/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/view.h"

#include <math.h>

static void benchmark_free(gpointer data)
{
    RsViewBenchmark *benchmark = data;

    g_ptr_array_unref(benchmark->rows);
    g_free(benchmark);
}

/* > 0: a is worse than b. Unknown changes come after known ones. */
static int compare_badness(const RsRow *a, const RsRow *b)
{
    double change_a = isnan(a->change_pct) ? -INFINITY : a->change_pct;
    double change_b = isnan(b->change_pct) ? -INFINITY : b->change_pct;
    int difference = rs_row_badness(a) - rs_row_badness(b);

    return difference ? difference : (change_a > change_b) - (change_a < change_b);
}

/* g_ptr_array_sort is a stable merge sort, so equals keep the order of the verdict. */
static gint compare_rows(gconstpointer a, gconstpointer b)
{
    return -compare_badness(*(const RsRow *const *)a, *(const RsRow *const *)b);
}

static gint compare_benchmarks(gconstpointer a, gconstpointer b)
{
    const RsRow *worst_a = (*(RsViewBenchmark *const *)a)->worst;
    const RsRow *worst_b = (*(RsViewBenchmark *const *)b)->worst;

    if (!worst_a || !worst_b)
        return (worst_a == NULL) - (worst_b == NULL);
    return -compare_badness(worst_a, worst_b);
}

GPtrArray *rs_view_benchmarks(const RsVerdict *verdict)
{
    g_autoptr(GHashTable) by_name = g_hash_table_new(g_str_hash, g_str_equal);
    GPtrArray *benchmarks = g_ptr_array_new_with_free_func(benchmark_free);

    for (guint i = 0; i < verdict->rows->len; i++) {
        const RsRow *row = g_ptr_array_index(verdict->rows, i);
        RsViewBenchmark *benchmark = g_hash_table_lookup(by_name, row->name);

        if (!benchmark) {
            benchmark = g_new0(RsViewBenchmark, 1);
            benchmark->name = row->name;
            benchmark->rows = g_ptr_array_new();
            g_hash_table_insert(by_name, row->name, benchmark);
            g_ptr_array_add(benchmarks, benchmark);
        }
        g_ptr_array_add(benchmark->rows, (gpointer)row);
        if (row->gated && (!benchmark->worst || compare_badness(row, benchmark->worst) > 0))
            benchmark->worst = row;
    }
    g_ptr_array_sort(benchmarks, compare_benchmarks);
    return benchmarks;
}

GPtrArray *rs_view_rows(const RsViewBenchmark *benchmark)
{
    GPtrArray *rows = g_ptr_array_new();

    for (guint i = 0; i < benchmark->rows->len; i++) {
        RsRow *row = g_ptr_array_index(benchmark->rows, i);

        if (row->gated && !rs_view_row_is_calm(row))
            g_ptr_array_add(rows, row);
    }
    if (rows->len == 0 && benchmark->worst)
        g_ptr_array_add(rows, (gpointer)benchmark->worst);
    g_ptr_array_sort(rows, compare_rows);
    return rows;
}

gboolean rs_view_row_is_calm(const RsRow *row)
{
    return row->verdict == RS_VERDICT_UNCHANGED || row->verdict == RS_VERDICT_BELOW_THRESHOLD;
}

gboolean rs_view_row_is_identical(const RsRow *row)
{
    return row->verdict == RS_VERDICT_UNCHANGED && row->stop_reason == RS_STOP_IDENTICAL;
}

static gboolean reaches_fail_on(const RsVerdict *verdict, const RsRow *row)
{
    RsSeverity fail_on = verdict->gate.gate->fail_on;

    return row->gated && row->verdict == RS_VERDICT_REGRESSION && fail_on != RS_SEVERITY_NONE &&
           row->severity >= fail_on;
}

gboolean rs_view_row_fails(const RsVerdict *verdict, const RsRow *row)
{
    if (row->verdict != RS_VERDICT_MISSING)
        return reaches_fail_on(verdict, row);
    /* The verdict does not carry --on-missing: a missing benchmark failed the gate when the gate
     * failed and no regression did it. */
    if (verdict->gate.status != RS_GATE_FAILED || !row->gated ||
        rs_verdict_weakens_policy(verdict)) /* which may be why it failed */
        return FALSE;
    for (guint i = 0; i < verdict->rows->len; i++)
        if (reaches_fail_on(verdict, g_ptr_array_index(verdict->rows, i)))
            return FALSE;
    return TRUE;
}

gboolean rs_view_is_unpaired(const RsVerdict *verdict)
{
    return !verdict->side_by_side && verdict->rows->len > 0;
}

double rs_view_side_value(const RsRow *row, const RsRowSide *side)
{
    return row->method == RS_METHOD_WELCH ? side->mean : side->median;
}

double rs_view_ci_level_pct(const RsVerdict *verdict)
{
    double level_pct = NAN;

    for (guint i = 0; i < verdict->rows->len; i++) {
        const RsRow *row = g_ptr_array_index(verdict->rows, i);

        if (!isfinite(row->ci_level_pct))
            continue;
        if (isfinite(level_pct) && fabs(row->ci_level_pct - level_pct) > 1e-9)
            return NAN;
        level_pct = row->ci_level_pct;
    }
    return level_pct;
}

RsSeverity rs_view_severity(const RsVerdict *verdict)
{
    RsSeverity severity = RS_SEVERITY_NONE;

    for (guint i = 0; i < verdict->rows->len; i++) {
        const RsRow *row = g_ptr_array_index(verdict->rows, i);

        if (row->gated && row->verdict == RS_VERDICT_REGRESSION)
            severity = MAX(severity, row->severity);
    }
    return severity;
}

guint rs_view_count(GPtrArray *benchmarks, gboolean (*test)(const RsRow *row))
{
    guint n = 0;

    for (guint i = 0; i < benchmarks->len; i++) {
        const RsViewBenchmark *benchmark = g_ptr_array_index(benchmarks, i);

        n += benchmark->worst && test(benchmark->worst);
    }
    return n;
}
