/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was recorded, as a session file. */
#ifndef RS_CMD_RECORD_SESSION_H
#define RS_CMD_RECORD_SESSION_H

#include "cmd/record_run.h"

/* Everything so far (or the last --last of it). Yours. */
RsSession *rs_record_session(RsRecordRun *run);
/* Writes it beside --output under the next free number. path: where; yours. Errors G_FILE_ERROR,
 * RS_FORMAT_ERROR. */
gboolean rs_record_write_numbered(RsRecordRun *run, char **path, GError **error);

/* "dir/app.json", 7 -> "dir/app-000007.json". Yours. */
char *rs_record_numbered_path(const char *output_path, guint number);

#endif
