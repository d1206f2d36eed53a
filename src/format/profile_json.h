/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The JSON of a profile, which is the members "profile", "process_samples", "timeline_events",
 * "locks", "process_summary" and "sampling_diagnostics" of a session. Without "profile" the others
 * are keys of another writer, and left alone: files of RustScope 0.5 have some of these names. */
#ifndef RS_FORMAT_PROFILE_JSON_H
#define RS_FORMAT_PROFILE_JSON_H

#include "format/columns.h"
#include "format/emit.h"
#include "format/take.h"
#include "model/session.h"

#define RS_SESSION_MAX_TRIAL_SAMPLES 50000000 /* of a benchmark */

/* The members into the open object; nothing when profile is NULL. */
void rs_profile_emit(RsEmit *emit, const RsProfile *profile);
/* Into the session's profile, which may have functions by now; nothing when the object has none. */
void rs_profile_take(RsTake *take, json_t *object, RsSession *session);
/* Functions of modules and lines of functions that there are not: refused. */
void rs_symbols_check(RsTake *take, const RsSession *session);

/* How far a journal has told a profile's modules, frames and stacks. */
typedef struct {
    guint n_modules, n_frames, n_stacks;
} RsProfileExtent;
RsProfileExtent rs_profile_extent(const RsProfile *profile); /* of NULL: nothing */
/* "profile": what it has beyond told. */
void rs_profile_emit_growth(RsEmit *emit, const RsProfile *profile, const RsProfileExtent *told);
/* Adds it; object is what is below "profile". */
void rs_profile_take_growth(RsTake *take, json_t *object, RsProfile *profile);
/* "sampling_diagnostics"; taking replaces what is there. */
void rs_diagnostics_emit(RsEmit *emit, const RsDiagnostics *diagnostics);
void rs_diagnostics_take(RsTake *take, json_t *object, RsDiagnostics *diagnostics);

/* "samples" of the open object "trials": for each trial the number of stacks, null when it was not
 * sampled, and the stacks of all trials one after the other. */
void rs_trial_samples_emit(RsEmit *emit, const RsBenchmark *benchmark);
void rs_trial_samples_take(RsTake *take, json_t *trials, RsBenchmark *benchmark);
extern const RsColumn rs_trial_sample_columns[];
/* Samples of stacks that the profile does not have are refused. */
void rs_trial_samples_check(RsTake *take, const RsSession *session);

#endif
