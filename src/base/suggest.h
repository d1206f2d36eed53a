/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "Did you mean": the known word that a mistyped one is nearest to. Knows nothing of options, keys
 * or messages. */
#ifndef RS_BASE_SUGGEST_H
#define RS_BASE_SUGGEST_H

#include <glib.h>

/* Edits that turn a into b: a character inserted, left out or exchanged, or two neighbours swapped.
 * Case does not matter, and '-' and '_' are the same character. Texts longer than 64 bytes are
 * G_MAXUINT apart from everything. */
guint rs_suggest_distance(const char *a, const char *b);

/* The nearest word of known (NULL-ended); the first of several. Near is at most one edit for each
 * three characters begun of given, at most three, and less than half of the longer word; failing
 * that, a word that begins with given or that given begins with, by three characters or more. NULL
 * when none is near. */
const char *rs_suggest(const char *const *known, const char *given);

#endif
