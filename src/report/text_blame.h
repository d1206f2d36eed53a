/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blame on a terminal: the guilty functions of each benchmark with their share as a bar. */
#ifndef RS_REPORT_TEXT_BLAME_H
#define RS_REPORT_TEXT_BLAME_H

#include <glib.h>

#include "model/verdict.h"

/* benchmarks: RsViewBenchmark, worst first. */
void rs_text_blame(GString *out, const RsVerdict *verdict, const GPtrArray *benchmarks,
                   guint n_columns, gboolean color);

#endif
