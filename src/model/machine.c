/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/machine.h"

#include <math.h>
#include <string.h>

void rs_machine_init(RsMachine *machine)
{
    *machine = (RsMachine){
        .cpu_family = -1,
        .cpu_model_number = -1,
        .cpu_stepping = -1,
        .n_cpus_online = -1,
        .n_cpus_allowed = -1,
        .n_cores = -1,
        .memory_bytes = -1,
        .cgroup_memory_limit_bytes = -1,
        .cgroup_cpu_limit_cpus = NAN,
    };
}

/* The text members, so that clear and copy cannot forget one. */
#define N_TEXTS 13

static void texts_of(RsMachine *machine, char **texts[N_TEXTS])
{
    char **all[N_TEXTS] = {
        &machine->hostname,
        &machine->cpu_model,
        &machine->architecture,
        &machine->kernel,
        &machine->libc,
        &machine->hypervisor,
        &machine->governor,
        &machine->microcode,
        &machine->container,
        &machine->pmu,
        &machine->cpu_flags_sha256,
        &machine->fingerprint,
        &machine->extra_json,
    };

    memcpy(texts, all, sizeof all);
}

void rs_machine_clear(RsMachine *machine)
{
    char **texts[N_TEXTS];

    texts_of(machine, texts);
    for (guint i = 0; i < N_TEXTS; i++)
        g_free(*texts[i]);
    rs_machine_init(machine);
}

void rs_machine_copy(const RsMachine *from, RsMachine *to)
{
    char **texts[N_TEXTS];

    *to = *from;
    texts_of(to, texts);
    for (guint i = 0; i < N_TEXTS; i++)
        *texts[i] = g_strdup(*texts[i]);
}

void rs_noise_init(RsNoise *noise)
{
    *noise = (RsNoise){
        .load_start = NAN,
        .load_end = NAN,
        .steal_pct = NAN,
        .throttled_pct = NAN,
        .calibration_median_ns = NAN,
        .calibration_cv_pct = NAN,
        .position_effect_pct = NAN,
        .position_p_value = NAN,
    };
}
