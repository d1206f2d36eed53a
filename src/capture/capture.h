/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sampler on a thread of its own, and the ring that its samples come out of: it unwinds, interns
 * and pushes; the caller pops. Order: rs_capture_new, rs_capture_attach as often as needed, pop
 * until done, rs_capture_free. All functions but the sampler thread's own are for one thread, the
 * caller's (the analysis thread). */
#ifndef RS_CAPTURE_CAPTURE_H
#define RS_CAPTURE_CAPTURE_H

#include <glib.h>
#include <sys/types.h>

#include "capture/module.h"
#include "capture/ring.h"
#include "capture/sampler.h"
#include "capture/stacks.h"
#include "capture/tasks.h"

/* RsRingEntry.flags: bits 0-2 RsStackEnd. */
#define RS_ENTRY_END_MASK 0x7u
#define RS_ENTRY_LATE     0x8u
#define RS_ENTRY_SLOW     0x10u
#define RS_ENTRY_KERNEL   0x20u

typedef enum {
    RS_SAMPLER_AUTO,
    RS_SAMPLER_PERF,
    RS_SAMPLER_PTRACE,
    RS_SAMPLER_NONE
} RsSamplerChoice;
extern const char *const rs_sampler_choice_names[]; /* "auto", "perf", "ptrace", "none", NULL */

typedef struct {
    RsSamplerChoice choice;
    RsSamplerOptions sampler;
    gsize n_ring_bytes;  /* 0: 2 MB */
    guint n_stack_nodes; /* 0: default */
} RsCaptureOptions;

typedef struct RsCapture RsCapture;

/* Chooses by trying. With RS_SAMPLER_AUTO it always succeeds: where nothing is permitted, the
 * capture yields no samples and rs_capture_reason says why.
 * Errors RS_SAMPLER_ERROR: the sampler that was asked for is not to be had. */
RsCapture *rs_capture_new(const RsCaptureOptions *options, GError **error);
/* Ends the thread, after everything was handed over to the ring; detaches. Samples still in the
 * ring are lost: rs_capture_stop first to keep them. */
void rs_capture_free(RsCapture *capture);
/* Ends sampling; what is in the ring can still be popped. */
void rs_capture_stop(RsCapture *capture);

const char *rs_capture_backend(const RsCapture *capture); /* "perf", "ptrace", "none" */
const char *rs_capture_reason(const RsCapture *capture);  /* a sentence */

/* Errors RS_SAMPLER_ERROR. Without a backend it does nothing. */
gboolean rs_capture_attach(RsCapture *capture, pid_t pid, gboolean at_exec, GError **error);
/* Returns when everything recorded before the call is in the ring. While the ring is full the
 * samples are dropped: pop before long waits. */
void rs_capture_sync(RsCapture *capture);

gboolean rs_capture_pop(RsCapture *capture, RsRingEntry *entry);
/* The entry's frames, innermost first, valid until the next pop; ids change their meaning when the
 * epoch does. */
guint rs_capture_frames(RsCapture *capture, const RsRingEntry *entry, const RsRawFrame **frames);
guint rs_capture_epoch(const RsCapture *capture);

RsModules *rs_capture_modules(RsCapture *capture);
RsTasks *rs_capture_tasks(RsCapture *capture);
/* Fills in what capture knows: backend, rates, losses, ends of stacks, the sampler's CPU time. */
void rs_capture_diagnose(RsCapture *capture, RsDiagnostics *diagnostics);
/* The exit status of a child of this process that is being sampled, without waiting, whichever
 * thread has to reap it. FALSE: it has not ended. */
gboolean rs_capture_reap(RsCapture *capture, pid_t pid, int *wait_status);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsCapture, rs_capture_free)

#endif
