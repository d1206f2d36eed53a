/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which lines a change touches, read from a unified diff: what `git diff`, `git show` and
 * `diff -u` print. Untrusted input: sizes, counts and numbers are bounded, every error names its
 * line. Knows nothing of the files themselves.
 * Source the formats as git-diff(1), "Generating patch text with -p" and "Combined diff format",
 * and the GNU diffutils manual, "Detailed Description of Unified Format", describe them. */
#ifndef RS_FORMAT_UNIFIED_DIFF_H
#define RS_FORMAT_UNIFIED_DIFF_H

#include <glib.h>

#include "model/verdict.h"

#define RS_DIFF_MAX_BYTES  (256u << 20)
#define RS_DIFF_MAX_FILES  200000
#define RS_DIFF_MAX_RANGES 5000000

/* Changed lines of each file as the change leaves it. */
typedef struct RsDiff RsDiff;

/* Errors RS_FORMAT_ERROR_SYNTAX (no diff, or a damaged one), RS_FORMAT_ERROR_INVALID (beyond a
 * limit). An empty text is an empty diff. */
RsDiff *rs_diff_parse(const char *text, gsize n_bytes, GError **error);
void rs_diff_free(RsDiff *diff);

/* Files that have changed lines; a file that was only renamed, or is binary, has none. */
guint rs_diff_n_files(const RsDiff *diff);
/* Whether a line from first to last of file was added or changed, or lines between two of them
 * were taken away. file: relative to the repository's top. last below first: first alone. */
gboolean rs_diff_touches(const RsDiff *diff, const char *file, gint64 first_line, gint64 last_line);
/* Sets is_changed of every function in the verdict's blame. */
void rs_diff_mark(const RsDiff *diff, RsVerdict *verdict);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsDiff, rs_diff_free)

#endif
