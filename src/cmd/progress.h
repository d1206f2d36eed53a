/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far a collection is: one line that is redrawn on a terminal, quiet lines in a log. */
#ifndef RS_CMD_PROGRESS_H
#define RS_CMD_PROGRESS_H

#include "trial/collect.h"

typedef struct RsProgressView RsProgressView;

/* quiet: nothing at all. */
RsProgressView *rs_progress_view_new(gboolean quiet);
void rs_progress_view_free(RsProgressView *view); /* clears the line */
void rs_progress_view_show(const RsProgress *progress, gpointer view);
/* A benchmark ended: a line that stays. */
void rs_progress_view_ended(RsProgressView *view, const RsBenchmark *benchmark, double change_pct);

#endif
