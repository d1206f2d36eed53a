/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes are a verdict or an error; what was read is written, and written anew it is the same.
 */
#include "format/codec.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize n_bytes);

int LLVMFuzzerTestOneInput(const guint8 *data, gsize n_bytes)
{
    g_autoptr(GBytes) input = g_bytes_new(data, n_bytes);
    g_autoptr(GError) error = NULL;
    g_autoptr(RsVerdict) verdict = rs_verdict_decode(input, &error);
    g_autoptr(RsVerdict) again = NULL;
    g_autoptr(GBytes) first = NULL, second = NULL;

    g_assert((verdict == NULL) == (error != NULL));
    if (!verdict)
        return 0;
    first = rs_verdict_encode(verdict, &error);
    g_assert_no_error(error);
    again = rs_verdict_decode(first, &error);
    g_assert_no_error(error);
    second = rs_verdict_encode(again, &error);
    g_assert_no_error(error);
    g_assert_true(g_bytes_equal(first, second));
    return 0;
}
