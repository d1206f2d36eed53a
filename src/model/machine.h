/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine a session was measured on: its fingerprint, and the noise that was there meanwhile.
 * Plain data. */
#ifndef RS_MODEL_MACHINE_H
#define RS_MODEL_MACHINE_H

#include <glib.h>

typedef struct {
    char *hostname, *cpu_model, *architecture, *kernel, *libc, *hypervisor, *governor, *microcode,
        *container;
    char *cpu_flags_sha256;
    gint64 cpu_family, cpu_model_number, cpu_stepping; /* -1: not told */
    gint64 n_cpus_online, n_cpus_allowed, n_cores;     /* -1: not told */
    gint64 memory_bytes;                               /* of the machine; -1: not told */
    gint64 cgroup_memory_limit_bytes;                  /* -1: no limit */
    double cgroup_cpu_limit_cpus;                      /* NaN: no limit */
    char *fingerprint; /* hash of what must agree for two files to be comparable; NULL: not told */
    char *pmu;         /* "available", or why hardware counters were not read */
    char *extra_json;
} RsMachine;

/* What disturbed the measurement. NaN: not measured. */
typedef struct {
    double load_start, load_end;  /* 1-minute load averages */
    double steal_pct;             /* of all CPU time while measuring */
    double throttled_pct;         /* of the wall time of the trials, both arms */
    gint64 n_oom_kills;           /* in our cgroup, while measuring */
    double calibration_median_ns; /* a fixed loop of arithmetic, run between the pairs */
    double calibration_cv_pct;
    gint64 n_calibrations;
    double position_effect_pct; /* second against first run of the pairs: negative control */
    double position_p_value;
    double sampling_rate_hz; /* 0: no profile ran along */
} RsNoise;

void rs_machine_init(RsMachine *machine);
void rs_machine_clear(RsMachine *machine);
void rs_machine_copy(const RsMachine *from, RsMachine *to);
void rs_noise_init(RsNoise *noise);

#endif
