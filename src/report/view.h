/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A verdict in the order in which reports show it, and the questions that all of them ask of a row.
 * Writes no words. */
#ifndef RS_REPORT_VIEW_H
#define RS_REPORT_VIEW_H

#include <glib.h>

#include "model/verdict.h"

/* A benchmark with its rows; names and rows are the verdict's. */
typedef struct {
    const char *name;
    const RsRow *worst; /* of the gated rows; NULL: it has none */
    GPtrArray *rows;    /* const RsRow*, in the order of the verdict */
} RsViewBenchmark;

/* All benchmarks, worst first, those without a gated row last; RsViewBenchmark, yours. */
GPtrArray *rs_view_benchmarks(const RsVerdict *verdict);
/* The gated rows worth showing: all that are not calm, worst first, or else the worst. Yours. */
GPtrArray *rs_view_rows(const RsViewBenchmark *benchmark);

/* Neither changed by more than the threshold nor in doubt. */
gboolean rs_view_row_is_calm(const RsRow *row);
/* Unchanged because both sides are the same files. */
gboolean rs_view_row_is_identical(const RsRow *row);
/* Whether this row alone makes the gate fail, accepted or not. */
gboolean rs_view_row_fails(const RsVerdict *verdict, const RsRow *row);
/* Whether trials of two files measured apart were judged, as against pairs. */
gboolean rs_view_is_unpaired(const RsVerdict *verdict);
/* The figure of one arm that the row's change is made of: the median of pairs, the mean of files.
 */
double rs_view_side_value(const RsRow *row, const RsRowSide *side);
/* The level that the intervals of all rows share; NaN when they differ or there is none. */
double rs_view_ci_level_pct(const RsVerdict *verdict);
/* The worst severity of all gated rows. */
RsSeverity rs_view_severity(const RsVerdict *verdict);
/* Benchmarks whose worst row satisfies a test. */
guint rs_view_count(GPtrArray *benchmarks, gboolean (*test)(const RsRow *row));

#endif
