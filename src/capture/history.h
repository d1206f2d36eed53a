/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The last minutes of a profile in a file of fixed size that survives the death of its writer: the
 * oldest is overwritten. The file is cut into chunks, each of which can be read by itself (it
 * brings the modules, threads and stacks that its samples need), so that overwriting one takes
 * nothing from the others, and a torn one is passed over. Mapped shared: what was written is in the
 * page cache when the process is killed; a crash of the machine may lose it.
 *
 * Writer: one thread. Times are CLOCK_MONOTONIC ns; what is read back is rounded down to whole us
 * since start_ns. Layout and encoding are told in history/format.h. */
#ifndef RS_CAPTURE_HISTORY_H
#define RS_CAPTURE_HISTORY_H

#include <glib.h>

#include "capture/locks.h"
#include "capture/module.h"
#include "capture/ring.h"
#include "capture/unwind.h"
#include "model/profile.h"

#define RS_HISTORY_ERROR (rs_history_error_quark())
GQuark rs_history_error_quark(void);
typedef enum {
    RS_HISTORY_ERROR_NOT_HISTORY, /* another kind of file */
    RS_HISTORY_ERROR_NEWER,       /* a version that this program does not know */
    RS_HISTORY_ERROR_DAMAGED,     /* nothing in it can be read */
    RS_HISTORY_ERROR_IN_USE,      /* another process is writing it */
} RsHistoryError;

typedef struct RsHistory RsHistory;

#define RS_HISTORY_MIN_BYTES (256 << 10)

/* Creates path (an existing history of a dead writer is kept beside it as PATH.1; another file that
 * is not empty is not overwritten), allocates all of its n_bytes at once (a full disk is an error
 * now, not later) and maps it. n_bytes: RS_HISTORY_MIN_BYTES to 4 GB. retention_s: what is older
 * may be dropped; 0: as much as there is room for. start_ns, start_real_ns: CLOCK_MONOTONIC and
 * CLOCK_REALTIME of the session's begin. The file is for its owner's eyes only.
 * Errors G_FILE_ERROR, RS_HISTORY_ERROR_IN_USE. */
RsHistory *rs_history_create(const char *path, gsize n_bytes, double retention_s, gint64 start_ns,
                             gint64 start_real_ns, GError **error);
void rs_history_free(RsHistory *history); /* the file stays */

/* epoch: of the stack ids (rs_capture_epoch). Frames innermost first. thread_name may be NULL. */
void rs_history_sample(RsHistory *history, RsModules *modules, const RsRingEntry *entry,
                       guint epoch, const RsRawFrame *frames, guint n_frames,
                       const char *thread_name);
/* Times of these are CLOCK_MONOTONIC here; extra_json is not kept. */
void rs_history_process_sample(RsHistory *history, const RsProcessSample *sample);
/* An event of the same kind, process, series and start as an earlier one (RS_EVENT_MARK: and label)
 * replaces it: one that goes on is told again. */
void rs_history_event(RsHistory *history, const RsTimelineEvent *event);
/* May be told again at any time, costs nothing when nothing changed. Known by process_id and
 * start_ns. Remembered until it has ended, so that it can be read back as long as there are samples
 * of it. */
void rs_history_process(RsHistory *history, const RsProfileProcess *process);
/* The waits of one look have the same now_ns: from that the reader knows how many waited at once.
 * The time waited is kept in us. */
void rs_history_wait(RsHistory *history, RsModules *modules, gint64 now_ns, const RsWait *wait);
/* Diagnostics so far; the newest is read back. Costs no room. */
void rs_history_diagnostics(RsHistory *history, const RsDiagnostics *diagnostics);
void rs_history_clear(RsHistory *history);
/* From the oldest sample that is there to the newest, at most the retention; 0 while there are
 * none. */
gint64 rs_history_retained_ns(const RsHistory *history);

/* What was written since rs_history_create, also what is overwritten by now. */
typedef struct {
    guint64 n_samples, n_sample_bytes; /* without what had to be told about them first: */
    guint64 n_stacks, n_told_bytes;    /* prefix tree nodes; modules, threads, frames, nodes */
    guint64 n_other_bytes;             /* looks, waits, events, processes */
    guint64 n_chunks;                  /* begun */
} RsHistoryCounts;
void rs_history_counts(const RsHistory *history, RsHistoryCounts *counts);

/* What is there, as a profile with times since start_ns (the file's head has it). last_ns > 0: only
 * that much before the newest; never more than the retention. */
RsProfile *rs_history_profile(const RsHistory *history, gint64 last_ns);

typedef struct {
    gint64 start_ns, start_real_ns; /* CLOCK_MONOTONIC, CLOCK_REALTIME of the begin */
    gint64 oldest_ns, newest_ns;    /* of what was read, since start_ns; 0 when there was nothing */
    gboolean writer_lives;
    pid_t writer_pid;
    guint n_chunks, n_damaged_chunks; /* that hold something; of these */
} RsHistoryFacts;
/* Reads also beside a living writer, without disturbing it. Damaged chunks are passed over and
 * counted in facts (may be NULL). Errors G_FILE_ERROR, RS_HISTORY_ERROR. */
RsProfile *rs_history_read(const char *path, gint64 last_ns, RsHistoryFacts *facts, GError **error);
/* The same from memory; writer_lives is not told. For tests and fuzzing. */
RsProfile *rs_history_parse(const guint8 *bytes, gsize n_bytes, gint64 last_ns,
                            RsHistoryFacts *facts, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsHistory, rs_history_free)

#endif
