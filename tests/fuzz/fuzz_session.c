/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes are a session or an error; what was read is written, and written anew it is the same.
 */
#include "format/codec.h"
#include "format/session_json.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize n_bytes);

int LLVMFuzzerTestOneInput(const guint8 *data, gsize n_bytes)
{
    g_autoptr(GBytes) input = g_bytes_new(data, n_bytes);
    g_autoptr(GError) error = NULL;
    g_autoptr(RsSession) session = rs_session_parse(input, &error);
    g_autoptr(RsSession) again = NULL;
    g_autoptr(GBytes) first = NULL, second = NULL;

    g_assert((session == NULL) == (error != NULL));
    if (!session)
        return 0;
    first = rs_session_encode(session, &error);
    g_assert_no_error(error);
    again = rs_session_parse(first, &error);
    g_assert_no_error(error);
    second = rs_session_encode(again, &error);
    g_assert_no_error(error);
    g_assert_true(g_bytes_equal(first, second));
    return 0;
}
