/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/suggest.h"

#include <string.h>

#define MAX_LENGTH_BYTES 64
#define MAX_EDITS        3
#define MIN_COMMON_BYTES 3

static char fold(char c)
{
    return c == '_' ? '-' : g_ascii_tolower(c);
}

/* Restricted edit distance, row by row; the row before the last one serves the swaps. */
static guint distance(const char *a, gsize n_a, const char *b, gsize n_b)
{
    guint rows[3][MAX_LENGTH_BYTES + 1];
    guint *swap = rows[0], *above = rows[1], *row = rows[2];

    for (gsize j = 0; j <= n_b; j++)
        above[j] = (guint)j;
    for (gsize i = 1; i <= n_a; i++) {
        row[0] = (guint)i;
        for (gsize j = 1; j <= n_b; j++) {
            char x = fold(a[i - 1]), y = fold(b[j - 1]);

            row[j] = MIN(MIN(above[j], row[j - 1]) + 1, above[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == fold(b[j - 2]) && y == fold(a[i - 2]))
                row[j] = MIN(row[j], swap[j - 2] + 1);
        }
        guint *spare = swap;
        swap = above;
        above = row;
        row = spare;
    }
    return above[n_b];
}

guint rs_suggest_distance(const char *a, const char *b)
{
    gsize n_a = strlen(a), n_b = strlen(b);

    if (n_a > MAX_LENGTH_BYTES || n_b > MAX_LENGTH_BYTES)
        return G_MAXUINT;
    return distance(a, n_a, b, n_b);
}

static gboolean begins_alike(const char *a, const char *b)
{
    gsize n = MIN(strlen(a), strlen(b));

    return n >= MIN_COMMON_BYTES &&
           distance(a, MIN(n, MAX_LENGTH_BYTES), b, MIN(n, MAX_LENGTH_BYTES)) == 0;
}

static const char *find_beginning(const char *const *known, const char *given)
{
    for (guint i = 0; known[i]; i++)
        if (begins_alike(known[i], given))
            return known[i];
    return NULL;
}

const char *rs_suggest(const char *const *known, const char *given)
{
    guint nearest = (guint)MIN((strlen(given) + 2) / 3, MAX_EDITS) + 1;
    const char *word = NULL;

    for (guint i = 0; known[i]; i++) {
        guint n_edits = rs_suggest_distance(known[i], given);

        /* When half of a word is exchanged, it is another word. */
        if (n_edits < nearest && 2 * n_edits < MAX(strlen(known[i]), strlen(given))) {
            nearest = n_edits;
            word = known[i];
        }
    }
    return word ? word : find_beginning(known, given);
}
