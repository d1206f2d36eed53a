/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analyze/merge.h"

#include "analyze/call_tree.h"
#include "tests/unit/analyze_fixtures.h"
#include "tests/unit/call_tree_fixtures.h"

/* Shards 1 and 2 of 2: {b} and {a, c}, of the configuration a, b, c. */
static GPtrArray *two_shards(void)
{
    const char *const expected[] = {"a", "b", "c", NULL};
    GPtrArray *parts = g_ptr_array_new();

    for (guint i = 0; i < 2; i++) {
        RsSession *part = rs_session_new();

        part->shard_index = i + 1;
        part->shard_count = 2;
        part->complete = TRUE;
        part->configuration_sha256 = g_strdup("c0ffee");
        part->expected_benchmarks = g_strdupv((char **)expected);
        part->noise.load_end = i ? 3 : 1;
        part->noise.n_oom_kills = 1;
        g_ptr_array_add(parts, part);
    }
    add_pairs(g_ptr_array_index(parts, 0), "b", 3, 1);
    add_pairs(g_ptr_array_index(parts, 1), "c", 3, 1);
    add_pairs(g_ptr_array_index(parts, 1), "a", 3, 1);
    return parts;
}

static void free_parts(GPtrArray *parts)
{
    g_ptr_array_set_free_func(parts, (GDestroyNotify)rs_session_free);
    g_ptr_array_unref(parts);
}

static void assert_refused(GPtrArray *parts, RsMergeError code, const char *message)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(rs_merge(parts, &error));
    ck_assert(g_error_matches(error, RS_MERGE_ERROR, (int)code));
    ck_assert_str_eq(error->message, message);
    free_parts(parts);
}

START_TEST(shards_become_one_session_in_the_order_of_the_configuration)
{
    GPtrArray *parts = two_shards();
    g_autoptr(GError) error = NULL;
    g_autoptr(RsSession) merged = rs_merge(parts, &error);
    const char *const names[] = {"a", "b", "c"};

    ck_assert_ptr_nonnull(merged);
    ck_assert_uint_eq(merged->benchmarks->len, 3);
    for (guint i = 0; i < 3; i++)
        ck_assert_str_eq(((RsBenchmark *)g_ptr_array_index(merged->benchmarks, i))->name, names[i]);
    ck_assert_double_eq(merged->noise.load_end, 3);
    ck_assert_int_eq(merged->noise.n_oom_kills, 2);
    ck_assert_uint_eq(merged->shard_count, 0);
    free_parts(parts);
}
END_TEST

/* Gives trial 0 of the part's first benchmark the stack of these addresses, outermost first. */
static void sample(RsSession *part, const guint64 *addresses, guint n)
{
    guint32 module;
    RsTrialSample sample = {RS_STACK_NONE, n, 10};

    if (!part->profile)
        part->profile = rs_profile_new();
    module = rs_profile_add_module(part->profile, RS_MODULE_FILE, "/srv/app", "00ff", 4096);
    for (guint i = 0; i < n; i++)
        sample.stack = rs_profile_add_stack(
            part->profile, sample.stack, rs_profile_add_frame(part->profile, module, addresses[i]));
    part->profile->diagnostics.n_raw_samples = 7;
    rs_benchmark_set_samples(g_ptr_array_index(part->benchmarks, 0), 0, &sample, 1);
}

/* The addresses of the stack of trial 0 as text, outermost last. */
static char *stack_of(const RsSession *session, const char *name)
{
    const RsBenchmark *benchmark = rs_session_find(session, name);
    GString *text = g_string_new(NULL);
    guint n;

    for (gint32 stack = rs_benchmark_samples(benchmark, 0, &n)->stack; stack != RS_STACK_NONE;) {
        const RsProfileStack *node =
            &g_array_index(session->profile->stacks, RsProfileStack, stack);

        g_string_append_printf(
            text, "%" G_GINT64_MODIFIER "x ",
            g_array_index(session->profile->frames, RsProfileFrame, node->frame).address);
        stack = node->parent;
    }
    return g_string_free(text, FALSE);
}

START_TEST(samples_of_shards_point_to_one_profile)
{
    const guint64 deep[] = {0x10, 0x20, 0x30}, other[] = {0x10, 0x40};
    GPtrArray *parts = two_shards();
    RsBenchmark *b = rs_session_find(g_ptr_array_index(parts, 0), "b");
    g_autoptr(RsSession) merged = NULL;
    g_autofree char *of_b = NULL, *of_c = NULL;

    sample(g_ptr_array_index(parts, 0), deep, 3);
    sample(g_ptr_array_index(parts, 1), other, 2);
    ck_assert_uint_eq(rs_benchmark_n_trials(b), 6);
    merged = rs_merge(parts, NULL);
    of_b = stack_of(merged, "b");
    of_c = stack_of(merged, "c");
    ck_assert_str_eq(of_b, "30 20 10 ");
    ck_assert_str_eq(of_c, "40 10 ");
    ck_assert_uint_eq(merged->profile->stacks->len, 4);
    ck_assert_uint_eq(merged->profile->modules->len, 1);
    ck_assert_int_eq(merged->profile->diagnostics.n_raw_samples, 14);
    free_parts(parts);
}
END_TEST

START_TEST(a_profile_of_a_later_shard_alone_is_kept)
{
    const guint64 addresses[] = {0x10, 0x40};
    GPtrArray *parts = two_shards();
    g_autoptr(RsSession) merged = NULL;
    g_autofree char *of_c = NULL;
    guint n;

    sample(g_ptr_array_index(parts, 1), addresses, 2);
    merged = rs_merge(parts, NULL);
    of_c = stack_of(merged, "c");
    ck_assert_str_eq(of_c, "40 10 ");
    ck_assert_ptr_null(rs_benchmark_samples(rs_session_find(merged, "b"), 0, &n));
    free_parts(parts);
}
END_TEST

/* Gives trial 0 of the part's first benchmark a sample of that stack. */
static void sample_names(RsSession *part, const char *text)
{
    RsTrialSample sample = {RS_STACK_NONE, 1, 10};

    if (!part->profile)
        part->profile = rs_profile_new();
    sample.stack = made_stack(part->profile, text);
    rs_benchmark_set_samples(g_ptr_array_index(part->benchmarks, 0), 0, &sample, 1);
}

static const RsFunction *function_of(const RsSession *session, const char *name)
{
    for (guint i = 0; i < session->profile->functions->len; i++) {
        const RsFunction *function = g_ptr_array_index(session->profile->functions, i);

        if (g_str_equal(function->name, name))
            return function;
    }
    ck_abort_msg("no function %s", name);
    return NULL;
}

START_TEST(functions_and_lines_of_all_shards_are_kept_and_summed)
{
    GPtrArray *parts = two_shards();
    g_autoptr(RsSession) merged = NULL;
    const RsFunction *step;

    sample_names(g_ptr_array_index(parts, 0), "app::main app::work>app::step");
    sample_names(g_ptr_array_index(parts, 1), "libx.so/hook app::main app::work>app::step");
    rs_functions_sum(g_ptr_array_index(parts, 0));
    merged = rs_merge(parts, NULL);
    ck_assert_uint_eq(merged->profile->functions->len, 4);
    ck_assert_uint_eq(merged->profile->frames->len, 3);
    ck_assert_uint_eq(merged->profile->lines->len, 4);
    step = function_of(merged, "app::step");
    ck_assert_int_eq(step->self_ns, 20);
    ck_assert_str_eq(step->crate_name, "app");
    ck_assert_int_eq(function_of(merged, "app::main")->total_ns, 20);
    ck_assert_int_eq(function_of(merged, "hook")->total_ns, 10);
    ck_assert_int_eq(function_of(merged, "hook")->module, 1);
    free_parts(parts);
}
END_TEST

START_TEST(a_profile_stays_one_beside_a_list_of_functions)
{
    GPtrArray *parts = two_shards();
    g_autoptr(RsSession) merged = NULL;

    g_ptr_array_add(rs_session_functions(g_ptr_array_index(parts, 0)), rs_function_new("told"));
    sample_names(g_ptr_array_index(parts, 1), "app::main");
    merged = rs_merge(parts, NULL);
    ck_assert(!merged->profile->is_list);
    ck_assert_int_eq(function_of(merged, "app::main")->self_ns, 10);
    ck_assert_str_eq(function_of(merged, "told")->name, "told");
    free_parts(parts);
}
END_TEST

START_TEST(a_missing_shard_is_refused)
{
    GPtrArray *parts = two_shards();

    rs_session_free(g_ptr_array_steal_index(parts, 1));
    assert_refused(parts, RS_MERGE_ERROR_MISSING, "shard 2 of 2 is missing");
}
END_TEST

START_TEST(a_shard_given_twice_is_refused)
{
    GPtrArray *parts = two_shards(), *again = two_shards();

    g_ptr_array_add(parts, g_ptr_array_steal_index(again, 1));
    free_parts(again);
    assert_refused(parts, RS_MERGE_ERROR_MISMATCH, "shard 2 of 2 is there 2 times");
}
END_TEST

START_TEST(a_shard_of_another_configuration_is_refused)
{
    GPtrArray *parts = two_shards();
    RsSession *part = g_ptr_array_index(parts, 1);

    g_free(part->configuration_sha256);
    part->configuration_sha256 = g_strdup("decaf");
    assert_refused(parts, RS_MERGE_ERROR_MISMATCH, "the files are of different configurations");
}
END_TEST

START_TEST(a_benchmark_that_no_shard_or_two_shards_hold_is_refused)
{
    GPtrArray *missing = two_shards(), *twice = two_shards();

    g_ptr_array_remove_index(((RsSession *)g_ptr_array_index(missing, 1))->benchmarks, 0);
    assert_refused(missing, RS_MERGE_ERROR_MISSING, "benchmark c is missing: no file holds it");
    add_pairs(g_ptr_array_index(twice, 0), "a", 3, 1);
    assert_refused(twice, RS_MERGE_ERROR_MISMATCH, "benchmark a is in more than one file");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        shards_become_one_session_in_the_order_of_the_configuration,
        samples_of_shards_point_to_one_profile,
        a_profile_of_a_later_shard_alone_is_kept,
        functions_and_lines_of_all_shards_are_kept_and_summed,
        a_profile_stays_one_beside_a_list_of_functions,
        a_missing_shard_is_refused,
        a_shard_given_twice_is_refused,
        a_shard_of_another_configuration_is_refused,
        a_benchmark_that_no_shard_or_two_shards_hold_is_refused,
    };

    return run_claims("merge", tests, G_N_ELEMENTS(tests));
}
