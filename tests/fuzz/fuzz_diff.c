/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a diff: it is read or refused, and what is asked of it afterwards is answered. */
#include <stdint.h>

#include "format/unified_diff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RsDiff) diff = rs_diff_parse((const char *)data, n_bytes, &error);

    g_assert_true((diff == NULL) == (error != NULL));
    if (!diff)
        return 0;
    for (gint64 line = -1; line < 100; line++) {
        /* A line that is touched is touched within any span around it. */
        if (rs_diff_touches(diff, "a", line, line))
            g_assert_true(rs_diff_touches(diff, "a", line - (line > 1), line + 3));
    }
    rs_diff_touches(diff, "src/a.rs", 1, G_MAXINT64);
    return 0;
}
