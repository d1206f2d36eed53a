/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analyze/call_tree.h"

#include "tests/unit/analyze_fixtures.h"
#include "tests/unit/call_tree_fixtures.h"

static RsSession *recorded(void)
{
    RsSession *session = rs_session_new();

    session->profile = rs_profile_new();
    return session;
}

static void assert_function(const RsSession *session, const char *name, gint64 self_ns,
                            gint64 total_ns, gint64 n_samples)
{
    const GPtrArray *functions = session->profile->functions;
    guint i = 0;

    while (i < functions->len && !g_str_equal(((RsFunction *)functions->pdata[i])->name, name))
        i++;
    ck_assert_msg(i < functions->len, "no function %s", name);
    ck_assert_int_eq(((RsFunction *)functions->pdata[i])->self_ns, self_ns);
    ck_assert_int_eq(((RsFunction *)functions->pdata[i])->total_ns, total_ns);
    ck_assert_int_eq(((RsFunction *)functions->pdata[i])->n_samples, n_samples);
}

/* "name own/total n functions" for each, with its kind and for modules the crate. */
static void assert_rollups(GPtrArray *rollups, const char *expected)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; i < rollups->len; i++) {
        const RsRollup *rollup = g_ptr_array_index(rollups, i);

        g_string_append_printf(
            text, "%s%s %s %s%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %u",
            i ? "; " : "", rollup->name, rs_crate_kind_names[rollup->crate_kind],
            rollup->crate_name ? rollup->crate_name : "", rollup->self_ns, rollup->total_ns,
            rollup->n_samples, rollup->n_functions);
    }
    ck_assert_str_eq(text->str, expected);
    g_ptr_array_unref(rollups);
}

START_TEST(a_recursive_function_counts_once_in_total_time)
{
    g_autoptr(RsSession) session = recorded();

    record_sample(session->profile, "main f g f f", 8);
    record_sample(session->profile, "main f", 2);
    record_sample(session->profile, "main g", 1);
    record_sample(session->profile, "main>f>f", 4);
    rs_functions_sum(session);
    assert_function(session, "f", 14, 14, 3);
    assert_function(session, "g", 1, 9, 1);
    assert_function(session, "main", 0, 15, 0);
}
END_TEST

START_TEST(a_function_that_is_left_and_called_again_counts_in_both_places)
{
    g_autoptr(RsSession) session = recorded();

    /* f is on both branches and above neither: the walk must forget the first. */
    record_sample(session->profile, "main a f x", 1);
    record_sample(session->profile, "main b f x", 2);
    record_sample(session->profile, "main c x", 4);
    rs_functions_sum(session);
    assert_function(session, "f", 0, 3, 0);
    assert_function(session, "x", 7, 7, 3);
}
END_TEST

START_TEST(own_time_is_the_innermost_inlined_functions)
{
    g_autoptr(RsSession) session = recorded();

    record_sample(session->profile, "main work>step>add", 5);
    record_sample(session->profile, "main work>step", 3);
    record_sample(session->profile, NULL, 100);
    rs_functions_sum(session);
    assert_function(session, "add", 5, 5, 1);
    assert_function(session, "step", 3, 8, 1);
    assert_function(session, "work", 0, 8, 0);
}
END_TEST

START_TEST(samples_of_all_trials_are_summed)
{
    g_autoptr(RsSession) session = recorded();
    RsBenchmark *first = rs_benchmark_new("a", RS_DESIGN_PAIRED);
    RsBenchmark *second = rs_benchmark_new("b", RS_DESIGN_SINGLE);
    RsTrialSample samples[] = {{made_stack(session->profile, "main work"), 3, 30},
                               {made_stack(session->profile, "main"), 1, 10},
                               {RS_STACK_NONE, 5, 50}};

    g_ptr_array_add(session->benchmarks, first);
    g_ptr_array_add(session->benchmarks, second);
    for (guint i = 0; i < 3; i++)
        rs_benchmark_add_trial(i < 2 ? first : second, i == 1, 0, 0);
    rs_benchmark_set_samples(first, 0, samples, 3);
    rs_benchmark_set_samples(second, 0, samples, 2);
    rs_functions_sum(session);
    assert_function(session, "work", 60, 60, 6);
    assert_function(session, "main", 20, 80, 2);
}
END_TEST

START_TEST(functions_that_were_not_sampled_keep_what_they_were_told)
{
    g_autoptr(RsSession) session = recorded(), list = rs_session_new();
    RsFunction *told = rs_function_new("f");

    made_stack(session->profile, "main");
    rs_functions_sum(session);
    assert_function(session, "main", -1, -1, -1);
    ck_assert_ptr_null(rs_functions_sums(session));
    told->self_ns = 7;
    g_ptr_array_add(rs_session_functions(list), told);
    rs_functions_sum(list);
    assert_function(list, "f", 7, -1, -1);
    record_sample(session->profile, NULL, 3); /* sampled, but never in a function */
    rs_functions_sum(session);
    assert_function(session, "main", 0, 0, 0);
}
END_TEST

START_TEST(absurd_weights_add_up_to_the_largest_number)
{
    g_autoptr(RsSession) session = recorded();

    record_sample(session->profile, "main f", G_MAXINT64);
    record_sample(session->profile, "main f", G_MAXINT64);
    record_sample(session->profile, "main g", 5);
    rs_functions_sum(session);
    assert_function(session, "f", G_MAXINT64, G_MAXINT64, 2);
    assert_function(session, "main", 0, G_MAXINT64, 0);
    assert_function(session, "g", 5, 5, 1);
}
END_TEST

START_TEST(crates_have_their_functions_and_once_what_these_call)
{
    g_autoptr(RsSession) session = recorded();

    record_sample(session->profile, "_start app::main app::json::lex std::vec::push libc.so/memcpy",
                  10);
    record_sample(session->profile, "_start app::main std::sort app::compare", 6);
    record_sample(session->profile, "_start app::main libc.so/?", 3);
    record_sample(session->profile, "_start app::main std::vec::push", 2);
    made_stack(session->profile, "_start other::never");
    /* Seen from outside: 21 in app, although it is there twice on the second stack. The binary is
     * called app as well, and is another row: its kind differs. */
    assert_rollups(rs_crate_rollups(session), "libc.so runtime 10/10 1 1; "
                                              "app own 6/21 1 3; "
                                              "libc.so unknown 3/3 1 0; "
                                              "std std 2/18 1 2; "
                                              "app runtime 0/21 0 1");
}
END_TEST

START_TEST(modules_of_the_source_have_their_crate)
{
    g_autoptr(RsSession) session = recorded();

    record_sample(session->profile, "_start app::main app::json::lex>app::json::next", 5);
    record_sample(session->profile, "_start app::main app::json::lex", 4);
    record_sample(session->profile, "_start app::main", 1);
    assert_rollups(rs_module_rollups(session), "app::json own app9/9 2 2; "
                                               "app own app1/10 1 1; "
                                               "app runtime 0/10 0 1");
}
END_TEST

START_TEST(a_function_of_both_builds_is_counted_as_one)
{
    g_autoptr(RsSession) session = recorded();

    record_sample(session->profile, "app::main app::work", 1);
    record_sample(session->profile, "new.so/app::main new.so/app::work", 1);
    ck_assert_uint_eq(session->profile->functions->len, 4);
    assert_rollups(rs_crate_rollups(session), "app own 2/2 2 2");
}
END_TEST

START_TEST(nothing_sampled_is_no_rollup)
{
    g_autoptr(RsSession) session = rs_session_new();

    assert_rollups(rs_crate_rollups(session), "");
    session->profile = rs_profile_new();
    made_stack(session->profile, "app::main");
    assert_rollups(rs_module_rollups(session), "");
}
END_TEST

START_TEST(a_deep_recursion_is_walked_once)
{
    g_autoptr(RsSession) session = recorded();
    RsProfile *profile = session->profile;
    guint32 module = rs_profile_add_module(profile, RS_MODULE_FILE, "/srv/app", NULL, -1);
    guint32 frames[] = {made_frame(profile, module, "f"), made_frame(profile, module, "g")};
    gint32 stack = RS_STACK_NONE;
    const guint n = 300000;

    for (guint i = 0; i < n; i++) {
        RsProfileSample sample = {.weight_ns = 1};

        stack = sample.stack = rs_profile_add_stack(profile, stack, frames[i % 2]);
        g_array_append_val(profile->samples, sample);
    }
    rs_functions_sum(session);
    assert_function(session, "f", n / 2, n, n / 2);
    assert_function(session, "g", n / 2, n - 1, n / 2);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_recursive_function_counts_once_in_total_time,
        a_function_that_is_left_and_called_again_counts_in_both_places,
        own_time_is_the_innermost_inlined_functions,
        samples_of_all_trials_are_summed,
        functions_that_were_not_sampled_keep_what_they_were_told,
        absurd_weights_add_up_to_the_largest_number,
        crates_have_their_functions_and_once_what_these_call,
        modules_of_the_source_have_their_crate,
        a_function_of_both_builds_is_counted_as_one,
        nothing_sampled_is_no_rollup,
        a_deep_recursion_is_walked_once,
    };

    return run_claims("rollup", tests, G_N_ELEMENTS(tests));
}
