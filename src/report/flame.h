/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Call trees drawn: interactive in a page, as indented bars on a terminal, and the list of the
 * functions that took most. Names are foreign text and made harmless here. A tree of two sides is
 * drawn as a difference, baseline to current. */
#ifndef RS_REPORT_FLAME_H
#define RS_REPORT_FLAME_H

#include <glib.h>

#include "model/call_tree.h"
#include "model/session.h"

/* A page of its own that loads nothing. facts: lines under the title, NULL-ended; NULL: none.
 * Links into it: #zoom=N, #search=TEXT, or both joined by "&". Yours. */
GString *rs_flame_html(const RsCallTree *tree, const char *title, const char *const *facts);
/* The tree as lines of at most width_columns (0: 100), callers above what they call; without what
 * is below min_pct of the time on every side. Yours. */
GString *rs_flame_text(const RsCallTree *tree, guint width_columns, gboolean color, double min_pct);
/* The n_max functions with most own time, whose crates they are, and what share of the samples has
 * a name at all. The session's functions must have been summed. Yours. */
GString *rs_top_text(const RsSession *session, guint n_max, gboolean color);

#endif
