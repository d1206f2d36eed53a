/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small pieces of markup: foreign text made harmless, and figures as people read them. Every
 * letter of the HTML report that does not come from our own sources passes through here. Knows
 * nothing of plots and sections. Numbers are written the same in every locale. */
#ifndef RS_REPORT_HTML_WRITE_H
#define RS_REPORT_HTML_WRITE_H

#include <glib.h>

#include "model/verdict.h"

/* Most characters of a foreign text, by what it is; longer ones end in an ellipsis. */
#define RS_HTML_NAME_CHARS     200
#define RS_HTML_SENTENCE_CHARS 1000
#define RS_HTML_COMMAND_CHARS  4000
#define RS_HTML_OUTPUT_CHARS   6000

/* For content and for quoted attribute values alike. NULL writes nothing. */
void rs_html_text(GString *out, const char *text, gsize max_chars);
/* Keeps lines, and the end of the text rather than its beginning; a cut is said in words. */
void rs_html_tail(GString *out, const char *text, gsize max_chars);
/* Such a name in its own direction of writing, or the words that stand for an absent one. */
void rs_html_name(GString *out, const char *name);

void rs_html_int(GString *out, gint64 value);
/* "+23.4 %" */
void rs_html_change(GString *out, double pct);
/* "+21.0 … +25.9 %", or "n/a". */
void rs_html_interval(GString *out, double low_pct, double high_pct);
/* A bare quantity such as 12.50 with n_decimals; "n/a" when it is not finite. */
void rs_html_fixed(GString *out, double value, guint n_decimals);
/* The same without zeros at the end: 12.5. */
void rs_html_number(GString *out, double value, guint n_decimals);
/* "0.0123", "< 0.0001" or "n/a". */
void rs_html_p_value(GString *out, double p_value);
/* A value in the metric's unit, scaled like scale_like. */
void rs_html_value(GString *out, double value, const char *unit, double scale_like);
/* 0..1 as a CSS percentage, "12.34%"; beyond the ends it is held there. */
void rs_html_share(GString *out, double share_frac);

/* "1 trial", "12 trials": the plural by adding an s. */
void rs_html_count(GString *out, gint64 n, const char *noun);

/* The verdict as a coloured mark with a sign and a word, so that colour alone says nothing. */
void rs_html_badge(GString *out, const RsRow *row);
/* "slower" or "faster" for times, "worse" or "better" otherwise. */
const char *rs_html_direction_word(const RsRow *row, double pct);

#endif
