/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What reports show of blame, and in which order. Writes no words. */
#ifndef RS_REPORT_BLAME_VIEW_H
#define RS_REPORT_BLAME_VIEW_H

#include <glib.h>

#include "model/verdict.h"

/* The functions that are to blame, const RsBlamed* by share. Yours. */
GPtrArray *rs_blame_view_guilty(const RsBlame *blame);
/* What else moved and is worth a word: faster ones, new, vanished and shifted ones, const
 * RsBlamed*, largest change first. Yours. */
GPtrArray *rs_blame_view_asides(const RsBlame *blame);
/* The first of those to blame; NULL: nobody is. */
const RsBlamed *rs_blame_view_guiltiest(const RsBlame *blame);
/* The first of those to blame for the benchmark whose lines the repository has; NULL. */
const RsBlamed *rs_blame_view_own(const RsVerdict *verdict, const char *benchmark);
/* What the guilty do not explain of the slowdown, in ns and per cent; NaN where it is not known. */
double rs_blame_view_rest_ns(const RsBlame *blame, const GPtrArray *guilty);
double rs_blame_view_rest_pct(const RsBlame *blame, const GPtrArray *guilty);
/* Who calls the function on the path where it changed most, outermost first, const char* of the
 * blame. Empty without a tree and callers. Yours. */
GPtrArray *rs_blame_view_path(const RsBlame *blame, const RsBlamed *blamed);

#endif
