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

/* valid UTF-8 text in which no CI runner finds a command to it, by characters without width: "##["
 * anywhere ("##vso[" is one where that runner came from), and "::" at the start of a line, behind
 * blanks of any kind. Yours. */
char *rs_text_without_commands(const char *text);
/* Both, for what is printed. */
char *rs_text_shown(const char *text, gssize n_bytes, gboolean keep_lines, gsize max_chars);

/* Whether a path leads down and nowhere else: it has parts, and none of them is empty, "." or
 * "..". */
gboolean rs_text_is_path_down(const char *path);
/* What a path has behind "folder/"; "" where that is all. Not a look at the disk: links and ".."
 * are followed by whoever has them. NULL: it is not below the folder. Points into path. */
const char *rs_text_path_below(const char *path, const char *folder);

#endif
