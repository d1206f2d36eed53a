/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signals as something to read: blocked for all threads that are started afterwards, and taken from
 * a descriptor by the main loop, so that nothing is ever done in a handler. Must not know what they
 * mean. */
#ifndef RS_CMD_RECORD_SIGNALS_H
#define RS_CMD_RECORD_SIGNALS_H

#include <glib.h>

typedef struct RsSignals RsSignals;

typedef struct {
    int number;
    gboolean from_terminal; /* by the kernel (Ctrl-C): the whole foreground group has got it */
} RsSignal;

/* Before any thread is started. with_stops: SIGTSTP, SIGCONT and SIGWINCH as well. SIGHUP stays
 * ignored where it was (nohup). Errors G_FILE_ERROR. */
RsSignals *rs_signals_new(gboolean with_stops, GError **error);
void rs_signals_free(RsSignals *signals); /* the mask is what it was before */
int rs_signals_fd(const RsSignals *signals);
/* FALSE: none is waiting. */
gboolean rs_signals_next(RsSignals *signals, RsSignal *signal);
/* From now on SIGINT, SIGTERM and SIGHUP end this process as if nobody minded them. */
void rs_signals_let_kill(RsSignals *signals);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsSignals, rs_signals_free)

#endif
