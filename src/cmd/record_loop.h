/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The main loop of a recording: pumps samples, looks at /proc and at locks, minds signals and keys,
 * until one of the ends comes. */
#ifndef RS_CMD_RECORD_LOOP_H
#define RS_CMD_RECORD_LOOP_H

#include "cmd/record_run.h"

/* Sets run->end, end_signal and end_ns. */
void rs_record_loop(RsRecordRun *run);

#endif
