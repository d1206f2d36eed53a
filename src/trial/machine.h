/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads what machine this is and how disturbed it is: /proc, /sys and the cgroup we run in (version
 * 1 or 2). */
#ifndef RS_TRIAL_MACHINE_H
#define RS_TRIAL_MACHINE_H

#include <glib.h>

#include "model/machine.h"

/* Fills a fresh machine; what cannot be read stays "not told". root: "/" or, in tests, a folder
 * with the same files. */
void rs_machine_read(const char *root, RsMachine *machine);

/* Totals since boot (steal) or since the cgroup was made. -1: not told. */
typedef struct {
    gint64 cpu_ns; /* all CPUs, all states */
    gint64 steal_ns;
    gint64 throttled_ns; /* our cgroup */
    gint64 n_oom_kills;  /* our cgroup */
} RsPressure;

/* Keeps the files open that are read again and again. */
typedef struct RsPressureReader RsPressureReader;
RsPressureReader *rs_pressure_reader_new(const char *root);
void rs_pressure_reader_free(RsPressureReader *reader);
void rs_pressure_read(RsPressureReader *reader, RsPressure *pressure);

double rs_machine_load(void); /* 1-minute load average; NaN: not told */

/* Runs a fixed loop of arithmetic of about half a millisecond; returns how long it took, in ns. */
gint64 rs_machine_calibrate_ns(void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsPressureReader, rs_pressure_reader_free)

#endif
