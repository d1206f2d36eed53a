/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What blame says in words, the same in all formats. All results are yours. */
#ifndef RS_REPORT_BLAME_WORDS_H
#define RS_REPORT_BLAME_WORDS_H

#include <glib.h>

#include "model/verdict.h"
#include "report/words.h"

/* Which function is to blame for the benchmark, its share, and its line; NULL: none is. */
char *rs_words_blame(const RsVerdict *verdict, const char *benchmark, const RsWordsMarkup *markup);
/* "9.790 ms slower, 93 % attributed to 4 functions"; own words only. */
char *rs_words_blame_summary(const RsBlame *blame);
/* Sentences (char*): what could not be attributed and why, crates and modules (with_rollups), the
 * path of calls, what else is new, gone, faster or has moved, and what could not have been seen. */
GPtrArray *rs_words_blame_notes(const RsBlame *blame, guint n_max_asides, gboolean with_rollups,
                                const RsWordsMarkup *markup);
/* "new", "gone", "moved", "faster", "not proved"; "" for one that is plainly slower. */
const char *rs_words_blame_kind(const RsBlamed *blamed);
extern const char rs_words_blame_legend[]; /* of the mark ✎ */

/* "3.100 → 10.05 ms" and "+6.950 ms", in one unit; "n/a". */
char *rs_words_blame_times(const RsBlamed *blamed);
char *rs_words_blame_delta(const RsBlamed *blamed);
/* The time whose unit all figures of a function's row have: the larger side's. */
double rs_words_blame_scale_ns(const RsBlamed *blamed);
/* A signed time in the unit of like_ns. */
char *rs_words_delta_ns(double delta_ns, double like_ns);
/* "71 %", "0.4 %", "−3 %". */
char *rs_words_share(double pct);
/* What the row below the guilty ones is called, by what is left of the slowdown. */
const char *rs_words_blame_rest(double rest_ns);

#endif
