/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blame in the comment: a table of functions for each benchmark, the worst one's open. */
#ifndef RS_REPORT_MARKDOWN_BLAME_H
#define RS_REPORT_MARKDOWN_BLAME_H

#include <glib.h>

#include "model/verdict.h"

/* How much of it a level of the size ladder shows. */
typedef struct {
    guint n_benchmarks; /* at most; 0: none */
    guint n_functions, n_asides;
    RsSeverity least; /* only of benchmarks that are at least this bad */
} RsMarkdownBlame;

/* benchmarks: RsViewBenchmark, worst first. */
void rs_markdown_blame(GString *out, const RsVerdict *verdict, const GPtrArray *benchmarks,
                       const RsMarkdownBlame *level);

#endif
