/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The newest diagnostics of a history, in a place of their own in the file: two slots written in
 * turn, so that one is whole whatever happens to the writer. */
#ifndef RS_CAPTURE_HISTORY_NOTE_H
#define RS_CAPTURE_HISTORY_NOTE_H

#include <glib.h>

#include "model/profile.h"

/* number: counts up from 1. Texts are cut at 255 bytes; extra_json is not kept. */
void rs_history_note_write(guint8 *file, guint64 number, const RsDiagnostics *diagnostics);
/* Into initialised diagnostics. FALSE: there is none. */
gboolean rs_history_note_read(const guint8 *file, gsize n_bytes, RsDiagnostics *diagnostics);

#endif
