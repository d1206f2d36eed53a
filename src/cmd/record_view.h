/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The live status on a terminal: the lowest lines are kept for it, and what the command or we print
 * scrolls above them. Nothing is left changed when it is freed or suspended. */
#ifndef RS_CMD_RECORD_VIEW_H
#define RS_CMD_RECORD_VIEW_H

#include "cmd/record_status.h"

typedef struct RsRecordView RsRecordView;

/* NULL: stderr is no terminal that it could be shown on. reads_keys: the terminal's input is ours
 * and not a command's. */
RsRecordView *rs_record_view_new(gboolean reads_keys);
void rs_record_view_free(RsRecordView *view);
gboolean rs_record_view_has_keys(const RsRecordView *view);
int rs_record_view_key_fd(const RsRecordView *view);        /* -1: keys are not read */
gboolean rs_record_view_key(RsRecordView *view, char *key); /* FALSE: none was pressed */
/* Draws, unless the terminal does not take anything now or another program has it. */
void rs_record_view_show(RsRecordView *view, const RsRecordStatus *status);
void rs_record_view_suspend(RsRecordView *view);
void rs_record_view_resume(RsRecordView *view); /* also after the terminal changed its size */

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsRecordView, rs_record_view_free)

#endif
