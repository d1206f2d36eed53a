/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a recording tells at its begin and its end, in a log as well as above the live status. */
#ifndef RS_CMD_RECORD_TELL_H
#define RS_CMD_RECORD_TELL_H

#include "cmd/record_run.h"

void rs_record_tell_start(RsRecordRun *run);
void rs_record_tell_end(const RsRecordRun *run, RsSession *session);

#endif
