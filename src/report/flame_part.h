/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A flame graph as a part of a page: its data, what stands there without a script, the one script
 * that draws all of the page, and its style. The page's content security policy names the script
 * by its hash, so nothing else runs. */
#ifndef RS_REPORT_FLAME_PART_H
#define RS_REPORT_FLAME_PART_H

#include <glib.h>

#include "model/call_tree.h"

/* Most nodes of one graph; what is left out of a larger tree is said. */
#define RS_FLAME_MAX_NODES 10000

/* id: letters and digits, unique in the page. unit: what times are of, "per launch"; NULL. */
void rs_flame_part(GString *out, const RsCallTree *tree, const char *id, const char *unit);
/* <script>...</script>, once, after all parts. */
void rs_flame_script_element(GString *out);
/* The source expression "'sha256-...'" for script-src. Yours. */
char *rs_flame_script_hash(void);
extern const char rs_flame_style[]; /* uses the custom properties of report/html_style.h */

#endif
