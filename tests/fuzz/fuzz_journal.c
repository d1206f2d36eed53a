/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes are a journal or an error; what was read is a session that can be written and read. */
#include "format/journal.h"

#include "format/codec.h"
#include "format/session_json.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize n_bytes);

int LLVMFuzzerTestOneInput(const guint8 *data, gsize n_bytes)
{
    gsize n_valid_bytes = 0;
    g_autoptr(GError) error = NULL;
    g_autoptr(RsSession) session =
        rs_journal_parse((const char *)data, n_bytes, &n_valid_bytes, &error);
    g_autoptr(RsSession) again = NULL;
    g_autoptr(GBytes) bytes = NULL;

    g_assert((session == NULL) == (error != NULL));
    if (!session)
        return 0;
    g_assert(n_valid_bytes <= n_bytes && data[n_valid_bytes - 1] == '\n');
    bytes = rs_session_encode(session, &error);
    g_assert_no_error(error);
    again = rs_session_parse(bytes, &error);
    g_assert_no_error(error);
    return 0;
}
