/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/policy.h"

#include "trial/policy_changes.h"

static void copy_program(const RsProgram *from, RsProgram *to)
{
    to->argv = g_strdupv(from->argv);
    to->shell = from->shell;
    to->working_directory = g_strdup(from->working_directory);
    to->stdin_path = g_strdup(from->stdin_path);
    to->environment = g_strdupv(from->environment);
    to->build_command = g_strdup(from->build_command);
}

static void copy_command(const RsCommand *from, RsCommand *to)
{
    to->argv = g_strdupv(from->argv);
    to->shell = from->shell;
}

static void copy_arm(const RsPlanBenchmark *from, RsPlanBenchmark *to, RsArm arm)
{
    copy_program(&from->programs[arm], &to->programs[arm]);
    copy_command(&from->setup[arm], &to->setup[arm]);
    copy_command(&from->prepare[arm], &to->prepare[arm]);
    copy_command(&from->cleanup[arm], &to->cleanup[arm]);
}

/* Name and rules of one, without arms. */
static RsPlanBenchmark *copy_rules(const RsPlanBenchmark *from)
{
    RsPlanBenchmark *copy = rs_plan_benchmark_new(from->name, from->design);

    copy->tags = g_strdupv(from->tags);
    copy->parameters = g_strdupv(from->parameters);
    copy->timeout_s = from->timeout_s;
    g_array_unref(copy->exit_codes);
    copy->exit_codes = g_array_copy(from->exit_codes);
    copy->threshold_pct = from->threshold_pct;
    copy->gated_metrics = g_strdupv(from->gated_metrics);
    copy->n_warmups = from->n_warmups;
    copy->launches_per_trial = from->launches_per_trial;
    copy->n_trials = from->n_trials;
    return copy;
}

/* Rules and baseline arm of one, current arm of the other; NULL: no baseline. */
static void add_benchmark(RsPlan *plan, const RsPlanBenchmark *rules,
                          const RsPlanBenchmark *baseline, const RsPlanBenchmark *current)
{
    RsPlanBenchmark *benchmark = copy_rules(rules);

    if (baseline)
        copy_arm(baseline, benchmark, RS_ARM_BASELINE);
    copy_arm(current, benchmark, RS_ARM_CURRENT);
    g_ptr_array_add(plan->benchmarks, benchmark);
}

static RsPlan *copy_run(const RsPlan *from)
{
    RsPlan *plan = rs_plan_new();

    rs_gate_free(plan->gate);
    plan->gate = rs_gate_copy(from->gate);
    copy_command(&from->setup, &plan->setup);
    copy_command(&from->cleanup, &plan->cleanup);
    plan->configuration_sha256 = g_strdup(from->configuration_sha256);
    plan->seed = from->seed;
    plan->sample_rate_hz = from->sample_rate_hz;
    plan->sampler = from->sampler;
    plan->n_blame_samples = from->n_blame_samples;
    g_free(plan->accept_label);
    plan->accept_label = g_strdup(from->accept_label);
    plan->accept_file = g_strdup(from->accept_file);
    return plan;
}

static RsPlan *copy_plan(const RsPlan *from)
{
    RsPlan *plan = copy_run(from);

    for (guint i = 0; i < from->benchmarks->len; i++) {
        const RsPlanBenchmark *benchmark = g_ptr_array_index(from->benchmarks, i);

        add_benchmark(plan, benchmark, benchmark, benchmark);
    }
    return plan;
}

/* Shards of one run must have read the same two files. */
static void join_checksums(RsPlan *plan, const RsPlan *head)
{
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);

    if (!plan->configuration_sha256 || !head->configuration_sha256 ||
        g_str_equal(plan->configuration_sha256, head->configuration_sha256))
        return;
    g_checksum_update(checksum, (const guchar *)plan->configuration_sha256, -1);
    g_checksum_update(checksum, (const guchar *)head->configuration_sha256, -1);
    g_free(plan->configuration_sha256);
    plan->configuration_sha256 = g_strdup(g_checksum_get_string(checksum));
}

static RsPlan *join(const RsPlan *base, const RsPlan *head)
{
    RsPlan *plan = copy_run(base);
    g_autoptr(GHashTable) in_base = rs_policy_index(base);
    g_autoptr(GHashTable) in_head = rs_policy_index(head);

    join_checksums(plan, head);
    for (guint i = 0; i < base->benchmarks->len; i++) {
        const RsPlanBenchmark *benchmark = g_ptr_array_index(base->benchmarks, i);
        const RsPlanBenchmark *other = g_hash_table_lookup(in_head, benchmark->name);

        add_benchmark(plan, benchmark, benchmark, other ? other : benchmark);
    }
    for (guint i = 0; i < head->benchmarks->len; i++) {
        const RsPlanBenchmark *benchmark = g_ptr_array_index(head->benchmarks, i);

        if (!g_hash_table_contains(in_base, benchmark->name))
            add_benchmark(plan, benchmark, NULL, benchmark);
    }
    return plan;
}

static GPtrArray *one_change(RsPolicyKind kind, const char *before, const char *after,
                             gboolean weakens)
{
    GPtrArray *changes = g_ptr_array_new_with_free_func((GDestroyNotify)rs_policy_change_free);

    g_ptr_array_add(changes, rs_policy_change_new(kind, NULL, before, after, weakens));
    return changes;
}

static char *size_in_words(const RsPlan *plan)
{
    return g_strdup_printf("%u benchmark%s", plan->benchmarks->len,
                           plan->benchmarks->len == 1 ? "" : "s");
}

RsPlan *rs_policy_join(const RsPlan *base, const RsPlan *head, GPtrArray **changes)
{
    g_autofree char *size = size_in_words(base ? base : head);

    g_assert_true(base || head);
    if (!base) {
        *changes = one_change(RS_POLICY_FILE_ADDED, NULL, size, FALSE);
        return copy_plan(head);
    }
    if (!head) {
        *changes = one_change(RS_POLICY_FILE_DELETED, size, NULL, TRUE);
        return copy_plan(base);
    }
    *changes = rs_policy_changes(base, head);
    return join(base, head);
}
