/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of the HTML report that hold for the whole verdict: the headline with its counts, the
 * failures, the functions of files without trials, and how all was measured. */
#ifndef RS_REPORT_HTML_METHOD_H
#define RS_REPORT_HTML_METHOD_H

#include <glib.h>

#include "model/verdict.h"

/* The gate's answer in a few words: "Gate failed: 2 critical regressions". Plain text, yours. */
char *rs_html_title(const RsVerdict *verdict);

void rs_html_headline(GString *out, const RsVerdict *verdict, const char *run_url);
void rs_html_failure(GString *out, const RsVerdictFailure *failure);
void rs_html_function_row(GString *out, const RsFunctionChange *change);
void rs_html_method(GString *out, const RsVerdict *verdict);

#endif
