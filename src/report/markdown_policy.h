/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the change does to the rules, in the comment: a short table. */
#ifndef RS_REPORT_MARKDOWN_POLICY_H
#define RS_REPORT_MARKDOWN_POLICY_H

#include <glib.h>

#include "model/verdict.h"

/* At most n_rows; 0: nothing. */
void rs_markdown_policy(GString *out, const RsVerdict *verdict, guint n_rows);

#endif
