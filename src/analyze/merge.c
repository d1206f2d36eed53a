/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analyze/merge.h"

#include <math.h>

#include "analyze/call_tree.h"

G_DEFINE_QUARK(rs - merge - error - quark, rs_merge_error)

static gboolean fail(GError **error, RsMergeError code, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

static gboolean fail(GError **error, RsMergeError code, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_propagate_error(error, g_error_new_valist(RS_MERGE_ERROR, (int)code, format, arguments));
    va_end(arguments);
    return FALSE;
}

static gboolean same_gate(const RsGate *a, const RsGate *b)
{
    if (!a || !b)
        return !a && !b;
    return a->threshold_pct == b->threshold_pct && a->alpha == b->alpha && a->beta == b->beta &&
           a->fail_on == b->fail_on && a->correction == b->correction &&
           a->n_family == b->n_family && a->moderate_factor == b->moderate_factor &&
           a->critical_factor == b->critical_factor &&
           g_strv_equal((const char *const *)a->metrics, (const char *const *)b->metrics);
}

static gboolean check_same_run(const RsSession *first, const RsSession *part, GError **error)
{
    static char *none[] = {NULL};
    char **a = first->expected_benchmarks ? first->expected_benchmarks : none;
    char **b = part->expected_benchmarks ? part->expected_benchmarks : none;

    if (g_strcmp0(first->configuration_sha256, part->configuration_sha256) != 0 ||
        !g_strv_equal((const char *const *)a, (const char *const *)b))
        return fail(error, RS_MERGE_ERROR_MISMATCH, "the files are of different configurations");
    if (!same_gate(first->gate, part->gate))
        return fail(error, RS_MERGE_ERROR_MISMATCH,
                    "the files were collected with different thresholds or metrics");
    if (first->shard_count != part->shard_count)
        return fail(error, RS_MERGE_ERROR_MISMATCH, "shards of %u and of %u do not belong together",
                    first->shard_count, part->shard_count);
    if (g_strcmp0(first->change_head, part->change_head) != 0 ||
        first->policy_changes->len != part->policy_changes->len)
        return fail(error, RS_MERGE_ERROR_MISMATCH, "the files are of different changes");
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++)
        if (g_strcmp0(first->revisions[arm].revision, part->revisions[arm].revision) != 0)
            return fail(error, RS_MERGE_ERROR_MISMATCH, "the files are of different %s revisions",
                        rs_arm_names[arm]);
    return TRUE;
}

static gboolean check_shards(GPtrArray *parts, GError **error)
{
    const RsSession *first = g_ptr_array_index(parts, 0);
    g_autofree guint *n_seen = g_new0(guint, first->shard_count + 1);

    for (guint i = 0; i < parts->len && first->shard_count; i++) {
        const RsSession *part = g_ptr_array_index(parts, i);

        if (part->shard_index < 1 || part->shard_index > first->shard_count)
            return fail(error, RS_MERGE_ERROR_MISMATCH, "a shard number is out of range");
        n_seen[part->shard_index]++;
    }
    for (guint i = 1; i <= first->shard_count; i++) {
        if (n_seen[i] == 0)
            return fail(error, RS_MERGE_ERROR_MISSING, "shard %u of %u is missing", i,
                        first->shard_count);
        if (n_seen[i] > 1)
            return fail(error, RS_MERGE_ERROR_MISMATCH, "shard %u of %u is there %u times", i,
                        first->shard_count, n_seen[i]);
    }
    return TRUE;
}

/* Takes the benchmark out of the one part that has it. */
static RsBenchmark *take(GPtrArray *parts, const char *name, GError **error)
{
    RsBenchmark *found = NULL;

    for (guint i = 0; i < parts->len; i++) {
        RsSession *part = g_ptr_array_index(parts, i);
        RsBenchmark *benchmark = rs_session_find(part, name);
        guint index;

        if (!benchmark)
            continue;
        if (found) {
            fail(error, RS_MERGE_ERROR_MISMATCH, "benchmark %s is in more than one file", name);
            rs_benchmark_free(found);
            return NULL;
        }
        g_ptr_array_find(part->benchmarks, benchmark, &index);
        found = g_ptr_array_steal_index(part->benchmarks, index);
    }
    if (!found)
        fail(error, RS_MERGE_ERROR_MISSING, "benchmark %s is missing: no file holds it", name);
    return found;
}

/* The worse of two figures that may not have been measured. */
static void join_noise(RsNoise *noise, const RsNoise *other)
{
    noise->load_start = fmax(noise->load_start, other->load_start);
    noise->load_end = fmax(noise->load_end, other->load_end);
    noise->steal_pct = fmax(noise->steal_pct, other->steal_pct);
    noise->throttled_pct = fmax(noise->throttled_pct, other->throttled_pct);
    noise->n_oom_kills += other->n_oom_kills;
    noise->calibration_cv_pct = fmax(noise->calibration_cv_pct, other->calibration_cv_pct);
    noise->n_calibrations += other->n_calibrations;
}

static gboolean join_heads(RsSession *merged, GPtrArray *parts, GError **error)
{
    for (guint i = 1; i < parts->len; i++) {
        const RsSession *part = g_ptr_array_index(parts, i);

        if (!check_same_run(merged, part, error))
            return FALSE;
        join_noise(&merged->noise, &part->noise);
        merged->complete &= part->complete;
        for (guint j = 0; j < part->warnings->len; j++)
            g_ptr_array_add(merged->warnings, g_strdup(g_ptr_array_index(part->warnings, j)));
        if (g_strcmp0(merged->machine.fingerprint, part->machine.fingerprint) != 0)
            g_ptr_array_add(
                merged->warnings,
                g_strdup_printf("shard %u ran on another kind of machine (%s); pairs "
                                "are compared within one machine only",
                                part->shard_index,
                                part->machine.cpu_model ? part->machine.cpu_model : "not told"));
    }
    return TRUE;
}

/* The stacks of a part, and the functions in them, become those of the merged session, and its
 * benchmarks point to them. Its samples by time, processes and locks stay behind: runs of
 * benchmarks have none, and the times of two machines are not one timeline. */
static void move_profile(RsSession *merged, const RsSession *part)
{
    g_autofree gint32 *map = NULL;

    if (!part->profile)
        return;
    if (!merged->profile)
        merged->profile = rs_profile_new();
    merged->profile->is_list &= part->profile->is_list;
    map = rs_profile_merge_stacks(merged->profile, part->profile);
    rs_diagnostics_join(&merged->profile->diagnostics, &part->profile->diagnostics);
    for (guint b = 0; b < part->benchmarks->len; b++) {
        GArray *samples = ((RsBenchmark *)g_ptr_array_index(part->benchmarks, b))->trial_samples;

        for (guint i = 0; samples && i < samples->len; i++) {
            RsTrialSample *sample = &g_array_index(samples, RsTrialSample, i);

            if (sample->stack != RS_STACK_NONE)
                sample->stack = map[sample->stack];
        }
    }
}

RsSession *rs_merge(GPtrArray *parts, GError **error)
{
    RsSession *first = g_ptr_array_index(parts, 0);
    g_autoptr(GPtrArray) benchmarks =
        g_ptr_array_new_with_free_func((GDestroyNotify)rs_benchmark_free);

    if (!first->expected_benchmarks) {
        fail(error, RS_MERGE_ERROR_MISMATCH, "this is no file of a sharded or filtered run");
        return NULL;
    }
    if (!join_heads(first, parts, error) || !check_shards(parts, error))
        return NULL;
    for (guint i = 1; i < parts->len; i++)
        move_profile(first, g_ptr_array_index(parts, i));
    for (char **name = first->expected_benchmarks; *name; name++) {
        RsBenchmark *benchmark = take(parts, *name, error);

        if (!benchmark)
            return NULL;
        g_ptr_array_add(benchmarks, benchmark);
    }
    g_ptr_array_unref(first->benchmarks);
    first->benchmarks = g_steal_pointer(&benchmarks);
    rs_functions_sum(first);
    first->shard_index = first->shard_count = 0;
    g_ptr_array_remove_index(parts, 0); /* parts has no free function for it: handed over */
    return first;
}
