/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The records of one chunk, read. Untrusted: every number is checked before it is used, and what
 * they may take of memory is bounded by their bytes. Must not know files. */
#ifndef RS_CAPTURE_HISTORY_DECODE_H
#define RS_CAPTURE_HISTORY_DECODE_H

#include <glib.h>

#include "capture/history/gather.h"

/* FALSE: the records contradict the format. Looks only, when gather is NULL: then newest_us is that
 * of the newest record (G_MININT64: none has a time). A chunk that was looked at may be gathered.
 */
gboolean rs_history_decode(const guint8 *records, gsize n_bytes, gint64 base_us,
                           RsHistoryGather *gather, gint64 *newest_us);

#endif
