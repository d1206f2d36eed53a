/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The journal of a run: JSON lines, first the session without its trials, then each trial and each
 * change of state as it happens, so that a killed run loses at most the trial that was running. A
 * last line cut short by a crash is expected and dropped; damage anywhere else is an error. Order:
 * rs_journal_create or rs_journal_append, then rs_journal_trial/_benchmark, then rs_journal_close.
 */
#ifndef RS_FORMAT_JOURNAL_H
#define RS_FORMAT_JOURNAL_H

#include <glib.h>

#include "model/session.h"

#define RS_JOURNAL_FORMAT  "rustscope-journal"
#define RS_JOURNAL_VERSION 1

typedef struct RsJournal RsJournal;

/* Starts a new journal with what session holds now, trials included. An existing file is replaced.
 */
RsJournal *rs_journal_create(const char *path, const RsSession *session, GError **error);
/* Opens an existing one, for going on where rs_journal_read found its end; a last line that was cut
 * short is removed. Errors also when another process has it open. */
RsJournal *rs_journal_append(const char *path, GError **error);
/* Records trial i of session->benchmarks[benchmark]: arm, pair, start, every metric's value (a
 * metric seen for the first time is recorded with its unit, kind and direction) and its samples
 * (with what the profile grew by since the last line). On disk
 * (fdatasync) at most every second. */
gboolean rs_journal_trial(RsJournal *journal, const RsSession *session, guint benchmark,
                          guint trial, GError **error);
/* Records everything but the trials of a benchmark: programs, launches, failures, stop reason; and
 * the profile's diagnostics so far. */
gboolean rs_journal_benchmark(RsJournal *journal, const RsSession *session, guint benchmark,
                              GError **error);
gboolean rs_journal_close(RsJournal *journal, GError **error);
void rs_journal_free(RsJournal *journal);

/* The session so far; its benchmarks that had not ended have RS_STOP_INTERRUPTED, and complete is
 * FALSE then. */
RsSession *rs_journal_read(const char *path, GError **error);
/* The same from memory. n_valid_bytes (may be NULL): without the cut last line. */
RsSession *rs_journal_parse(const char *text, gsize n_bytes, gsize *n_valid_bytes, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsJournal, rs_journal_free)

#endif
