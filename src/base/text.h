/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text from outside (benchmark names, symbols, program output), made harmless before it lands
 * anywhere. */
#ifndef RS_BASE_TEXT_H
#define RS_BASE_TEXT_H

#include <glib.h>

/* Valid UTF-8 without control characters, escape sequences or bidirectional overrides, which become
 * a visible mark; newlines and tabs stay when keep_lines, else become spaces. At most max_chars
 * characters, then an ellipsis. n_bytes -1: NUL-ended. Yours. */
char *rs_text_plain(const char *text, gssize n_bytes, gboolean keep_lines, gsize max_chars);

#endif
