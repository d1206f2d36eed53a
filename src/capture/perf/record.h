/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One record of the kernel's perf ring, from raw bytes. Knows the layout that event.c asks for
 * and no other. Every length is checked: a record that is damaged is refused, never read beyond.
 * Must not know rings, processes, or what becomes of a record.
 *
 * Source: perf_event_open(2); enum perf_event_type in linux/perf_event.h. */
#ifndef RS_CAPTURE_PERF_RECORD_H
#define RS_CAPTURE_PERF_RECORD_H

#include <glib.h>
#include <linux/perf_event.h>
#include <sys/types.h>

#include "capture/module.h"
#include "capture/unwind.h"

/* What events must ask for, all of them: sample_type, with sample_id_all, and sample_regs_user. */
#define RS_PERF_SAMPLE_TYPE                                                                        \
    (PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME |                \
     PERF_SAMPLE_CPU | PERF_SAMPLE_PERIOD | PERF_SAMPLE_REGS_USER | PERF_SAMPLE_STACK_USER)
extern const guint64 rs_perf_user_registers;

#define RS_PERF_MAX_RECORD_BYTES 65528 /* what the header's size, a multiple of 8, can say */
/* Of a sample, what is there beside the stack's bytes. */
#define RS_PERF_SAMPLE_OVERHEAD_BYTES (8 + 6 * 8 + 8 + RS_N_REGS * 8 + 16)

typedef enum {
    RS_PERF_OTHER, /* of no interest here */
    RS_PERF_SAMPLE,
    RS_PERF_MAP,
    RS_PERF_EXEC, /* a process runs another program; name is its new one */
    RS_PERF_NAME, /* a thread gave itself a name */
    RS_PERF_FORK, /* pid, tid were born of parent_pid, parent_tid */
    RS_PERF_EXIT, /* of a thread */
    RS_PERF_LOST, /* n_lost records */
    RS_PERF_LOST_SAMPLES,
    RS_PERF_THROTTLE,
} RsPerfRecordKind;

typedef struct {
    RsPerfRecordKind kind;
    gint64 time_ns;
    guint64 event_id; /* the event that wrote it, or that the writing one was inherited from */
    guint32 cpu;
    pid_t pid, tid;
    union {
        struct {
            guint64 address; /* where it was */
            guint64 period;  /* events that it stands for */
            gboolean in_kernel, has_registers;
            RsRegisters registers;
            RsStackCopy stack; /* points into the record */
        } sample;
        RsMapping map;    /* path points into the record */
        const char *name; /* points into the record */
        struct {
            pid_t pid, tid;
        } parent;
        guint64 n_lost;
    };
} RsPerfRecord;

/* Bytes of the record that begins at bytes, of which n_bytes (at least 8) can be read; 0: no record
 * can begin so. May be more than n_bytes. */
gsize rs_perf_record_size(const guint8 *bytes, gsize n_bytes);
/* The record in exactly n_bytes, which are aligned to 8; what it points to lives as long as they
 * do. FALSE: damaged; record is untouched. */
gboolean rs_perf_record_parse(const guint8 *bytes, gsize n_bytes, RsPerfRecord *record);

#endif
