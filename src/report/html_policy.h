/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the change does to the rules, and who accepted it, in the HTML report. */
#ifndef RS_REPORT_HTML_POLICY_H
#define RS_REPORT_HTML_POLICY_H

#include <glib.h>

#include "model/verdict.h"

/* A paragraph; nothing where nobody accepted. */
void rs_html_acceptance(GString *out, const RsVerdict *verdict);
/* A section with a table; nothing where no rule is touched. */
void rs_html_policy(GString *out, const RsVerdict *verdict);

#endif
