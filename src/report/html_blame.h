/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blame in the section of a benchmark: who is to blame, how surely, and the call tree drawn as a
 * difference. */
#ifndef RS_REPORT_HTML_BLAME_H
#define RS_REPORT_HTML_BLAME_H

#include <glib.h>

#include "model/verdict.h"
#include "report/words.h"

extern const RsWordsMarkup rs_words_html;
extern const char rs_html_blame_style[];

/* id: prefix of letters and digits, unique in the page. with_flame: the page has the script. */
void rs_html_blame(GString *out, const RsVerdict *verdict, const RsBlame *blame, const char *id,
                   gboolean with_flame);
/* The sentence for the headline; nothing when nobody is to blame for the worst benchmark. */
void rs_html_blame_why(GString *out, const RsVerdict *verdict);

#endif
