/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/perf/phase.h"

#define THREADS_LIMIT 65536 /* more at once: those that were seen last begin anew */
#define CPUS_LIMIT    8192
#define MEAN_WEIGHT   0.05
/* A drawn period is at least this share of a life, but never shorter than some time, and not much
 * shorter than the wanted one where lives are long. */
#define FRAC_OF_LIFE (1.0 / 16)
#define SHORTEST_NS  100000.0
#define LONG_FRAC    0.5

/* Of a thread on a CPU: each has an event, and a timer, of its own. */
typedef struct {
    guint64 lived_ns, next_ns; /* next: where the next sample is wanted; 0: the first */
} Phase;

struct RsPerfPhases {
    guint64 period_ns;
    GHashTable *threads; /* tid -> GArray of Phase by CPU */
    GRand *rand;
    double mean_life_ns; /* on a CPU, of those that were sampled at all */
};

RsPerfPhases *rs_perf_phases_new(guint64 period_ns)
{
    RsPerfPhases *phases = g_new0(RsPerfPhases, 1);

    phases->period_ns = period_ns;
    phases->threads = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_array_unref);
    phases->rand = g_rand_new();
    return phases;
}

void rs_perf_phases_free(RsPerfPhases *phases)
{
    if (!phases)
        return;
    g_hash_table_unref(phases->threads);
    g_rand_free(phases->rand);
    g_free(phases);
}

guint64 rs_perf_phases_draw(RsPerfPhases *phases)
{
    double period_ns = (double)phases->period_ns;
    double shortest_ns =
        MIN(MAX(phases->mean_life_ns * FRAC_OF_LIFE, SHORTEST_NS), LONG_FRAC * period_ns);

    return (guint64)g_rand_double_range(phases->rand, shortest_ns, period_ns);
}

static Phase *phase_of(RsPerfPhases *phases, pid_t tid, guint cpu)
{
    GArray *cpus = g_hash_table_lookup(phases->threads, GINT_TO_POINTER(tid));

    if (!cpus) {
        if (g_hash_table_size(phases->threads) >= THREADS_LIMIT)
            g_hash_table_remove_all(phases->threads);
        cpus = g_array_new(FALSE, TRUE, sizeof(Phase));
        g_hash_table_insert(phases->threads, GINT_TO_POINTER(tid), cpus);
    }
    cpu = MIN(cpu, CPUS_LIMIT);
    if (cpus->len <= cpu)
        g_array_set_size(cpus, cpu + 1);
    return &g_array_index(cpus, Phase, cpu);
}

gboolean rs_perf_phases_keep(RsPerfPhases *phases, pid_t tid, guint cpu, guint64 drawn_ns)
{
    Phase *phase = phase_of(phases, tid, cpu);

    phase->lived_ns += drawn_ns;
    if (!phase->next_ns) {
        phase->next_ns = phase->lived_ns + phases->period_ns;
        return TRUE;
    }
    if (phase->lived_ns + drawn_ns / 2 < phase->next_ns)
        return FALSE;
    phase->next_ns += phases->period_ns;
    return TRUE;
}

void rs_perf_phases_forget(RsPerfPhases *phases, pid_t tid)
{
    const GArray *cpus = g_hash_table_lookup(phases->threads, GINT_TO_POINTER(tid));

    for (guint i = 0; cpus && i < cpus->len; i++) {
        double lived_ns = (double)g_array_index(cpus, Phase, i).lived_ns;

        if (lived_ns > 0)
            phases->mean_life_ns += MEAN_WEIGHT * (lived_ns - phases->mean_life_ns);
    }
    g_hash_table_remove(phases->threads, GINT_TO_POINTER(tid));
}
