/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analyze/call_tree.h"

#include "tests/unit/analyze_fixtures.h"
#include "tests/unit/call_tree_fixtures.h"

/* Below a node, in the order of the nodes: "main 10/2(work 8/8)", of two sides "main 10/2,5/1". */
static void append_children(GString *text, const RsCallTree *tree, guint parent)
{
    gboolean is_first = TRUE;

    for (guint i = parent + 1; i < tree->nodes->len; i++) {
        const RsCallTreeNode *node = &g_array_index(tree->nodes, RsCallTreeNode, i);
        const RsCallTreeName *name = g_ptr_array_index(tree->names, node->name);

        if (node->parent != (gint32)parent)
            continue;
        g_string_append_printf(text, "%s%s %g/%g", is_first ? "(" : " ", name->name,
                               node->total_ns[0], node->self_ns[0]);
        if (tree->n_sides == 2)
            g_string_append_printf(text, ",%g/%g", node->total_ns[1], node->self_ns[1]);
        append_children(text, tree, i);
        is_first = FALSE;
    }
    if (!is_first)
        g_string_append_c(text, ')');
}

static void assert_tree(const RsCallTree *tree, const char *expected)
{
    const RsCallTreeNode *root = &g_array_index(tree->nodes, RsCallTreeNode, 0);
    g_autoptr(GString) text = g_string_new(NULL);

    g_string_printf(text, "%g", root->total_ns[0]);
    if (tree->n_sides == 2)
        g_string_append_printf(text, ",%g", root->total_ns[1]);
    append_children(text, tree, 0);
    ck_assert_str_eq(text->str, expected);
}

static const RsCallTreeName *find_name(const RsCallTree *tree, const char *name)
{
    for (guint i = 0; i < tree->names->len; i++) {
        const RsCallTreeName *at = g_ptr_array_index(tree->names, i);

        if (g_str_equal(at->name, name))
            return at;
    }
    ck_abort_msg("no name %s", name);
    return NULL;
}

START_TEST(stacks_become_a_tree_with_time_in_and_below_each_node)
{
    g_autoptr(RsProfile) profile = rs_profile_new();
    g_autoptr(RsCallTree) tree = NULL;

    record_sample(profile, "main work", 5);
    record_sample(profile, "main", 2);
    record_sample(profile, "main work libc.so/memcpy", 3);
    record_sample(profile, "main idle", 1);
    record_sample(profile, "main work", 10);
    tree = rs_call_tree_of_profile(profile);
    ck_assert_uint_eq(tree->n_sides, 1);
    assert_tree(tree, "21(main 21/2(work 18/15(memcpy 3/3) idle 1/1))");
}
END_TEST

START_TEST(an_inlined_function_is_a_node_and_own_time_is_the_innermost_ones)
{
    g_autoptr(RsProfile) profile = rs_profile_new();
    g_autoptr(RsCallTree) tree = NULL;

    record_sample(profile, "main work>app::step>app::add", 5);
    record_sample(profile, "main work>app::step", 4);
    record_sample(profile, "main work", 3);
    tree = rs_call_tree_of_profile(profile);
    assert_tree(tree, "12(main 12/0(work 12/3(app::step 9/4(app::add 5/5))))");
    ck_assert_str_eq(find_name(tree, "app::add")->crate_name, "app");
    ck_assert_int_eq(find_name(tree, "app::add")->crate_kind, RS_CRATE_OWN);
    ck_assert_ptr_null(find_name(tree, "main")->crate_name);
}
END_TEST

START_TEST(places_of_one_function_are_one_node)
{
    g_autoptr(RsProfile) profile = rs_profile_new();
    g_autoptr(RsCallTree) tree = NULL;

    /* The texts differ, so the addresses do; the functions are the same. */
    record_sample(profile, "main work>a", 1);
    record_sample(profile, "main work>b", 1);
    record_sample(profile, "main work", 1);
    record_sample(profile, "main libx.so/work", 1);
    tree = rs_call_tree_of_profile(profile);
    assert_tree(tree, "4(main 4/0(work 4/2(a 1/1 b 1/1)))");
}
END_TEST

START_TEST(recursion_is_a_path)
{
    g_autoptr(RsProfile) profile = rs_profile_new();
    g_autoptr(RsCallTree) tree = NULL;

    record_sample(profile, "f g f f", 8);
    tree = rs_call_tree_of_profile(profile);
    assert_tree(tree, "8(f 8/0(g 8/0(f 8/0(f 8/8))))");
}
END_TEST

START_TEST(code_without_names_is_called_as_its_file)
{
    g_autoptr(RsProfile) profile = rs_profile_new();
    g_autoptr(RsCallTree) tree = NULL;
    guint32 kernel;

    record_sample(profile, "main libx.so/? libx.so/?? libx.so/?", 3);
    record_sample(profile, "main libx.so/? work libx.so/?", 2);
    record_sample(profile, NULL, 1);
    kernel = rs_profile_add_module(profile, RS_MODULE_KERNEL, "[kernel]", NULL, -1);
    rs_profile_add_stack(profile, made_stack(profile, "main"),
                         rs_profile_add_frame(profile, kernel, 0xffffffff81000000));
    g_array_index(profile->samples, RsProfileSample, 2).stack =
        (gint32)profile->stacks->len - 1; /* the one without a stack */
    record_sample(profile, NULL, 7);
    tree = rs_call_tree_of_profile(profile);
    assert_tree(tree, "13(main 6/0(libx.so 5/3(work 2/0(libx.so 2/2)) [kernel] 1/1)"
                      " [not attributed] 7/7)");
    ck_assert_int_eq(find_name(tree, "[kernel]")->crate_kind, RS_CRATE_KERNEL);
}
END_TEST

START_TEST(a_recording_of_nothing_is_a_root)
{
    g_autoptr(RsProfile) profile = rs_profile_new();
    g_autoptr(RsCallTree) tree = NULL;

    made_stack(profile, "main work");
    tree = rs_call_tree_of_profile(profile);
    assert_tree(tree, "0");
}
END_TEST

START_TEST(a_deep_recursion_takes_no_longer_than_its_stacks_are_many)
{
    g_autoptr(RsProfile) profile = rs_profile_new();
    g_autoptr(RsCallTree) tree = NULL, pruned = NULL;
    guint32 module = rs_profile_add_module(profile, RS_MODULE_FILE, "/srv/app", NULL, -1);
    guint32 frame = made_frame(profile, module, "f");
    gint32 stack = RS_STACK_NONE;
    const guint n = 300000;

    for (guint i = 0; i < n; i++) {
        RsProfileSample sample = {.weight_ns = 1};

        stack = sample.stack = rs_profile_add_stack(profile, stack, frame);
        g_array_append_val(profile->samples, sample);
    }
    tree = rs_call_tree_of_profile(profile);
    ck_assert_uint_eq(tree->nodes->len, n + 1);
    ck_assert_double_eq(g_array_index(tree->nodes, RsCallTreeNode, 1).total_ns[0], n);
    pruned = rs_call_tree_prune(tree, 0.001, 5000);
    ck_assert_uint_eq(pruned->nodes->len, 5000);
}
END_TEST

/* --- benchmarks --- */

static void sample_trial(RsSession *session, RsBenchmark *benchmark, guint trial,
                         const char *const *texts, const gint64 *weights_ns)
{
    RsTrialSample samples[8];
    guint n = 0;

    for (; texts[n]; n++)
        samples[n] = (RsTrialSample){
            *texts[n] ? made_stack(session->profile, texts[n]) : RS_STACK_NONE, 1, weights_ns[n]};
    rs_benchmark_set_samples(benchmark, trial, samples, n);
}

/* Trials of arms 0, 1, 1, 0, each with that CPU time; NaN: not measured. */
static RsBenchmark *four_trials(RsSession *session, const double *cpu_ns)
{
    RsBenchmark *benchmark = rs_benchmark_new("b", RS_DESIGN_PAIRED);

    session->profile = rs_profile_new();
    g_ptr_array_add(session->benchmarks, benchmark);
    if (cpu_ns)
        add_real(benchmark, "cpu", "ns", RS_LOWER_IS_BETTER);
    for (guint i = 0; i < 4; i++) {
        guint trial = rs_benchmark_add_trial(benchmark, i == 1 || i == 2, (gint32)(i / 2), 0);

        if (cpu_ns)
            set_real(benchmark, trial, "cpu", cpu_ns[i]);
    }
    return benchmark;
}

static const char *const plain[] = {"main work", "main", NULL};
static const char *const slow[] = {"main work", "main", "main work extra", NULL};

START_TEST(both_arms_are_scaled_to_the_cpu_time_of_a_launch)
{
    const double cpu_ns[] = {900, 2100, 1900, 1100}; /* means 1000 and 2000 */
    const gint64 weights_ns[] = {30, 10, 40};
    g_autoptr(RsSession) session = rs_session_new();
    RsBenchmark *benchmark = four_trials(session, cpu_ns);
    g_autoptr(RsCallTree) tree = NULL;

    benchmark->launches_per_trial = 3; /* values are of one launch, weights of all */
    sample_trial(session, benchmark, 0, plain, weights_ns);
    sample_trial(session, benchmark, 1, slow, weights_ns);
    sample_trial(session, benchmark, 2, slow, weights_ns);
    sample_trial(session, benchmark, 3, plain, weights_ns);
    tree = rs_call_tree_of_benchmark(session, benchmark);
    ck_assert_uint_eq(tree->n_sides, 2);
    assert_tree(tree,
                "1000,2000(main 1000/250,2000/250(work 750/750,1750/750(extra 0/0,1000/1000)))");
}
END_TEST

START_TEST(without_a_clock_samples_are_divided_by_the_launches_that_were_sampled)
{
    const gint64 weights_ns[] = {30, 12};
    g_autoptr(RsSession) session = rs_session_new();
    RsBenchmark *benchmark = four_trials(session, NULL);
    g_autoptr(RsCallTree) tree = NULL;

    benchmark->launches_per_trial = 3;
    sample_trial(session, benchmark, 0, plain, weights_ns);
    sample_trial(session, benchmark, 3, plain, weights_ns);
    sample_trial(session, benchmark, 1, plain, weights_ns); /* trial 2 is not sampled */
    tree = rs_call_tree_of_benchmark(session, benchmark);
    assert_tree(tree, "14,14(main 14/4,14/4(work 10/10,10/10))");
}
END_TEST

START_TEST(user_and_system_time_are_the_cpu_time_where_that_is_not_told)
{
    const gint64 weights_ns[] = {3, 1};
    g_autoptr(RsSession) session = rs_session_new();
    RsBenchmark *benchmark = four_trials(session, NULL);
    g_autoptr(RsCallTree) tree = NULL;

    add_real(benchmark, "user", "ns", RS_LOWER_IS_BETTER);
    add_real(benchmark, "system", "ns", RS_LOWER_IS_BETTER);
    for (guint i = 0; i < 4; i++) {
        set_real(benchmark, i, "user", 70);
        set_real(benchmark, i, "system", i == 0 ? (double)NAN : 10); /* trial 0 tells nothing */
        sample_trial(session, benchmark, i, plain, weights_ns);
    }
    tree = rs_call_tree_of_benchmark(session, benchmark);
    assert_tree(tree, "80,80(main 80/20,80/20(work 60/60,60/60))");
}
END_TEST

START_TEST(an_arm_that_saw_nothing_is_not_attributed)
{
    const double cpu_ns[] = {100, 200, 200, 100};
    const char *const lost[] = {"main", "", NULL};
    const char *const nothing[] = {NULL};
    const gint64 weights_ns[] = {3, 1};
    g_autoptr(RsSession) session = rs_session_new();
    RsBenchmark *benchmark = four_trials(session, cpu_ns);
    g_autoptr(RsCallTree) tree = NULL;

    sample_trial(session, benchmark, 1, nothing, weights_ns);
    sample_trial(session, benchmark, 0, lost, weights_ns);
    tree = rs_call_tree_of_benchmark(session, benchmark);
    assert_tree(tree, "100,200(main 75/75,0/0 [not attributed] 25/25,200/200)");
}
END_TEST

START_TEST(a_benchmark_that_was_not_sampled_has_no_tree)
{
    const double cpu_ns[] = {100, 200, 200, 100};
    g_autoptr(RsSession) session = rs_session_new();
    RsBenchmark *benchmark = four_trials(session, cpu_ns);

    made_stack(session->profile, "main");
    ck_assert_ptr_null(rs_call_tree_of_benchmark(session, benchmark));
    rs_profile_free(g_steal_pointer(&session->profile));
    ck_assert_ptr_null(rs_call_tree_of_benchmark(session, benchmark));
}
END_TEST

START_TEST(a_benchmark_of_one_side_has_one)
{
    const gint64 weights_ns[] = {3, 1};
    g_autoptr(RsSession) session = rs_session_new();
    RsBenchmark *benchmark = rs_benchmark_new("b", RS_DESIGN_SINGLE);
    g_autoptr(RsCallTree) tree = NULL;

    session->profile = rs_profile_new();
    g_ptr_array_add(session->benchmarks, benchmark);
    rs_benchmark_add_trial(benchmark, RS_ARM_BASELINE, -1, 0);
    sample_trial(session, benchmark, 0, plain, weights_ns);
    tree = rs_call_tree_of_benchmark(session, benchmark);
    ck_assert_uint_eq(tree->n_sides, 1);
    assert_tree(tree, "4(main 4/1(work 3/3))");
}
END_TEST

START_TEST(functions_of_both_builds_meet_and_inlined_is_what_is_so_in_both)
{
    const char *const old[] = {"main step", NULL}, *const new[] = {"new.so/main>step", NULL};
    const gint64 weights_ns[] = {5};
    g_autoptr(RsSession) session = rs_session_new();
    RsBenchmark *benchmark = four_trials(session, NULL);
    g_autoptr(RsCallTree) tree = NULL;
    GPtrArray *functions;

    sample_trial(session, benchmark, 0, old, weights_ns);
    sample_trial(session, benchmark, 1, new, weights_ns);
    functions = session->profile->functions;
    ck_assert_uint_eq(functions->len, 4);
    ck_assert_str_eq(((RsFunction *)functions->pdata[3])->name, "step");
    ((RsFunction *)functions->pdata[3])->is_inline = TRUE; /* of the new one */
    tree = rs_call_tree_of_benchmark(session, benchmark);
    assert_tree(tree, "5,5(main 5/0,5/0(step 5/5,5/5))");
    ck_assert(!find_name(tree, "step")->is_inline);
    ((RsFunction *)functions->pdata[1])->is_inline = TRUE;
    rs_call_tree_free(tree);
    tree = rs_call_tree_of_benchmark(session, benchmark);
    ck_assert(find_name(tree, "step")->is_inline);
}
END_TEST

/* --- pruning --- */

static RsCallTree *bushy_tree(void)
{
    g_autoptr(RsProfile) profile = rs_profile_new();

    record_sample(profile, "main big", 50);
    record_sample(profile, "main small one", 3);
    record_sample(profile, "main small two", 2);
    record_sample(profile, "main tiny", 1);
    record_sample(profile, "main", 44);
    return rs_call_tree_of_profile(profile);
}

START_TEST(what_is_small_is_joined_for_each_parent)
{
    g_autoptr(RsCallTree) tree = bushy_tree(), same = rs_call_tree_prune(tree, 0, 1000);
    g_autoptr(RsCallTree) most = rs_call_tree_prune(tree, 0.025, 1000);
    g_autoptr(RsCallTree) some = rs_call_tree_prune(tree, 0.1, 1000);

    assert_tree(same, "100(main 100/44(big 50/50 small 5/0(one 3/3 two 2/2) tiny 1/1))");
    assert_tree(most, "100(main 100/44(big 50/50 small 5/0(one 3/3 […] 2/2) […] 1/1))");
    assert_tree(some, "100(main 100/44(big 50/50 […] 6/6))");
    ck_assert_uint_eq(some->names->len, 3); /* only those that are left */
}
END_TEST

START_TEST(no_more_nodes_are_kept_than_asked_for)
{
    g_autoptr(RsCallTree) tree = bushy_tree();

    for (guint n_max = 2; n_max < 9; n_max++) {
        g_autoptr(RsCallTree) pruned = rs_call_tree_prune(tree, 0, n_max);

        ck_assert_uint_le(pruned->nodes->len, n_max);
        ck_assert_double_eq(g_array_index(pruned->nodes, RsCallTreeNode, 0).total_ns[0], 100);
        if (n_max == 2)
            assert_tree(pruned, "100([…] 100/100)");
        if (n_max == 4)
            assert_tree(pruned, "100(main 100/44(big 50/50 […] 6/6))");
        if (n_max == 7)
            assert_tree(pruned, "100(main 100/44(big 50/50 small 5/0(one 3/3 two 2/2) tiny 1/1))");
    }
}
END_TEST

START_TEST(the_larger_side_decides_what_is_small)
{
    g_autoptr(RsCallTree) tree = rs_call_tree_new(2), pruned = NULL;
    RsCallTreeNode *nodes;

    for (gint32 i = 0; i < 3; i++) {
        g_autofree char *name = g_strdup_printf("f%d", i);

        rs_call_tree_add_node(tree, 0, rs_call_tree_add_name(tree, name, NULL, 0, FALSE));
    }
    nodes = (RsCallTreeNode *)tree->nodes->data;
    nodes[0].total_ns[0] = 100, nodes[0].total_ns[1] = 200;
    nodes[1].total_ns[1] = 30; /* of 200: kept from 15 % on, whatever the baseline says */
    nodes[2].total_ns[0] = 29;
    nodes[3].total_ns[0] = 71, nodes[3].total_ns[1] = 170;
    pruned = rs_call_tree_prune(tree, 0.15, 100);
    assert_tree(pruned, "100,200(f0 0/0,30/0 f2 71/0,170/0 […] 29/29,0/0)");
}
END_TEST

START_TEST(a_tree_whose_times_contradict_each_other_is_pruned_all_the_same)
{
    g_autoptr(RsCallTree) tree = rs_call_tree_new(1), pruned = NULL;
    gint32 name = rs_call_tree_add_name(tree, "f", NULL, 0, FALSE);
    gint32 parent = rs_call_tree_add_node(tree, 0, name);
    gint32 large = rs_call_tree_add_node(tree, parent, name);
    RsCallTreeNode *nodes = (RsCallTreeNode *)tree->nodes->data;

    nodes[0].total_ns[0] = 10;
    nodes[parent].total_ns[0] = NAN;
    nodes[large].total_ns[0] = 1000; /* more than its parent */
    pruned = rs_call_tree_prune(tree, 0.5, 100);
    ck_assert_uint_eq(pruned->nodes->len, 2);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        stacks_become_a_tree_with_time_in_and_below_each_node,
        an_inlined_function_is_a_node_and_own_time_is_the_innermost_ones,
        places_of_one_function_are_one_node,
        recursion_is_a_path,
        code_without_names_is_called_as_its_file,
        a_recording_of_nothing_is_a_root,
        a_deep_recursion_takes_no_longer_than_its_stacks_are_many,
        both_arms_are_scaled_to_the_cpu_time_of_a_launch,
        without_a_clock_samples_are_divided_by_the_launches_that_were_sampled,
        user_and_system_time_are_the_cpu_time_where_that_is_not_told,
        an_arm_that_saw_nothing_is_not_attributed,
        a_benchmark_that_was_not_sampled_has_no_tree,
        a_benchmark_of_one_side_has_one,
        functions_of_both_builds_meet_and_inlined_is_what_is_so_in_both,
        what_is_small_is_joined_for_each_parent,
        no_more_nodes_are_kept_than_asked_for,
        the_larger_side_decides_what_is_small,
        a_tree_whose_times_contradict_each_other_is_pruned_all_the_same,
    };

    return run_claims("call_tree", tests, G_N_ELEMENTS(tests));
}
