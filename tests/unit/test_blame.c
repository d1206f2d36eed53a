/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What blame promises, on programs with known costs (see blame_fixtures.h) and fixed seeds. */
#include "analyze/blame.h"

#include <check.h>
#include <stdlib.h>

#include "analyze/compare.h"
#include "blame_fixtures.h"
#include "tests/unit/run.h"

#define LAUNCH_NS      200e6
#define N_PERMUTATIONS 999

static MadeProgram program;
static GRand *rand_;

static void set_up(void)
{
    rand_ = g_rand_new_with_seed(42);
    made_zipf(&program, 60, LAUNCH_NS, rand_);
}

static void tear_down(void)
{
    g_rand_free(rand_);
}

/* Own time of function i on one side, as a share of a launch. */
static void set_share(RsArm side, guint i, double share)
{
    program.ns[side][i] = share * LAUNCH_NS;
}

static void set_both(guint i, double share)
{
    set_share(RS_ARM_BASELINE, i, share);
    set_share(RS_ARM_CURRENT, i, share);
}

/* On the current side the callee's code runs as its caller's. */
static void inline_into_caller(guint callee)
{
    int caller = program.caller[RS_ARM_CURRENT][callee];

    program.ns[RS_ARM_CURRENT][caller] += program.ns[RS_ARM_CURRENT][callee];
    program.ns[RS_ARM_CURRENT][callee] = 0;
    for (guint i = 0; i < program.n; i++)
        if (program.caller[RS_ARM_CURRENT][i] == (int)callee)
            program.caller[RS_ARM_CURRENT][i] = caller;
}

static RsBlame *blame_pairs(guint n_pairs)
{
    return made_blame(&program, n_pairs, N_PERMUTATIONS, rand_);
}

static const RsBlamed *find(const GPtrArray *list, const char *name)
{
    for (guint i = 0; i < list->len; i++)
        if (g_str_equal(((const RsBlamed *)g_ptr_array_index(list, i))->name, name))
            return g_ptr_array_index(list, i);
    return NULL;
}

static const RsBlamed *function_of(const GPtrArray *list, guint i)
{
    char name[64];

    made_name(name, sizeof name, i);
    return find(list, name);
}

static guint n_guilty(const GPtrArray *list)
{
    guint n = 0;

    for (guint i = 0; i < list->len; i++)
        n += rs_blamed_is_guilty(g_ptr_array_index(list, i));
    return n;
}

static gboolean is_first(const RsBlame *blame, guint i)
{
    return blame->functions->len && rs_blamed_is_guilty(g_ptr_array_index(blame->functions, 0)) &&
           function_of(blame->functions, i) == g_ptr_array_index(blame->functions, 0);
}

/* 5 % of n, and 4 standard errors. */
static double allowed(guint n)
{
    return 0.05 * n + 4 * sqrt(0.05 * 0.95 * n);
}

static gboolean has_note(const RsBlame *blame, const char *part)
{
    return blame->note && strstr(blame->note, part);
}

/* --- error rates --- */

START_TEST(a_program_that_did_not_change_has_nobody_to_blame)
{
    guint n_blamed = 0;
    const guint n_runs = 200;

    for (guint run = 0; run < n_runs; run++) {
        RsBlame *blame = blame_pairs(25);

        n_blamed += n_guilty(blame->functions) > 0;
        rs_blame_free(blame);
    }
    ck_assert_double_le(n_blamed, allowed(n_runs));
}
END_TEST

START_TEST(the_culprit_is_blamed_first_and_innocents_are_left_alone)
{
    guint n_first = 0, n_innocent = 0, n_faster = 0, n_covered = 0;
    const guint n_runs = 100;

    for (guint run = 0; run < n_runs; run++) {
        guint culprit = (guint)g_rand_int_range(rand_, 1, (gint32)program.n);
        const RsBlamed *blamed;
        RsBlame *blame;

        program.ns[RS_ARM_CURRENT][culprit] += 0.25 * LAUNCH_NS;
        blame = blame_pairs(25);
        blamed = function_of(blame->functions, culprit);
        n_first += is_first(blame, culprit);
        n_innocent += n_guilty(blame->functions) > 1 || !is_first(blame, culprit);
        n_covered += blamed && blamed->ci_low_ns <= 0.25 * LAUNCH_NS &&
                     0.25 * LAUNCH_NS <= blamed->ci_high_ns;
        for (guint i = 0; i < blame->others->len; i++)
            n_faster +=
                ((const RsBlamed *)g_ptr_array_index(blame->others, i))->kind == RS_BLAME_FASTER;
        rs_blame_free(blame);
        program.ns[RS_ARM_CURRENT][culprit] -= 0.25 * LAUNCH_NS;
    }
    ck_assert_uint_ge(n_first, 95);
    ck_assert_double_le(n_innocent, allowed(n_runs));
    ck_assert_double_le(n_faster, allowed(n_runs));
    ck_assert_uint_ge(n_covered, 95 - 4 * 3);
}
END_TEST

START_TEST(absolute_times_are_compared_and_not_shares)
{
    /* one function costs three launches more: as shares, the largest innocent fell by 15 points */
    const RsBlamed *innocent;
    RsBlame *blame;

    set_both(3, 0.2);
    program.ns[RS_ARM_CURRENT][7] += 3 * LAUNCH_NS;
    blame = blame_pairs(40);
    ck_assert(is_first(blame, 7));
    innocent = function_of(blame->others, 3);
    ck_assert(!innocent);
    ck_assert_double_eq_tol(blame->delta_ns / LAUNCH_NS, 3, 0.15);
    ck_assert_double_eq_tol(blame->attributed_pct, 100, 3);
    ck_assert(!find(blame->crates, "crate3"));
    rs_blame_free(blame);
}
END_TEST

START_TEST(what_is_resolvable_is_found_nine_times_in_ten)
{
    guint n_found = 0;
    const guint n_runs = 150;
    double sum_pct = 0;

    for (guint run = 0; run < n_runs; run++) {
        double at = g_rand_double(rand_) * made_total(&program, RS_ARM_BASELINE), rise;
        RsBlame *unchanged = blame_pairs(25), *blame;
        guint culprit = 0;

        /* by pointing at the program's time */
        for (; culprit + 1 < program.n && at >= program.ns[0][culprit]; culprit++)
            at -= program.ns[0][culprit];
        sum_pct += unchanged->resolvable_pct;
        rise = unchanged->resolvable_pct / 100 * LAUNCH_NS;
        program.ns[RS_ARM_CURRENT][culprit] += rise;
        blame = blame_pairs(25);
        n_found += function_of(blame->functions, culprit) &&
                   rs_blamed_is_guilty(function_of(blame->functions, culprit));
        program.ns[RS_ARM_CURRENT][culprit] -= rise;
        rs_blame_free(blame);
        rs_blame_free(unchanged);
    }
    ck_assert_double_gt(sum_pct / n_runs, 1);
    ck_assert_double_lt(sum_pct / n_runs, 15);
    ck_assert_double_ge((double)n_found / n_runs, 0.9 - 4 * sqrt(0.9 * 0.1 / n_runs));
    ck_assert_double_le((double)n_found / n_runs, 0.9 + 4 * sqrt(0.9 * 0.1 / n_runs));
}
END_TEST

/* --- what happened to it --- */

START_TEST(a_new_function_is_called_new_and_one_that_went_vanished)
{
    const RsBlamed *blamed;
    RsBlame *blame;

    set_share(RS_ARM_BASELINE, 50, 0);
    set_share(RS_ARM_CURRENT, 50, 0.3);
    set_share(RS_ARM_BASELINE, 57, 0.1);
    set_share(RS_ARM_CURRENT, 57, 0);
    blame = blame_pairs(30);
    ck_assert(is_first(blame, 50));
    blamed = function_of(blame->functions, 50);
    ck_assert_int_eq(blamed->kind, RS_BLAME_NEW);
    ck_assert_int_eq(blamed->n_samples_baseline, 0);
    ck_assert_double_eq(blamed->self_ns_baseline, 0);
    blamed = function_of(blame->others, 57);
    ck_assert_ptr_nonnull(blamed);
    ck_assert_int_eq(blamed->kind, RS_BLAME_VANISHED);
    ck_assert_double_lt(blamed->share_of_slowdown_pct, 0);
    rs_blame_free(blame);
}
END_TEST

START_TEST(a_function_is_not_called_vanished_for_a_few_samples)
{
    RsBlame *blame;

    set_share(RS_ARM_BASELINE, 57, 0.008);
    set_share(RS_ARM_CURRENT, 57, 0);
    blame = blame_pairs(30); /* some 10 samples */
    ck_assert_ptr_null(function_of(blame->others, 57));
    rs_blame_free(blame);
}
END_TEST

START_TEST(what_the_baseline_calls_without_sampling_it_is_not_new)
{
    /* it has no own time there, but its callees are seen below it */
    const RsBlamed *blamed;
    RsBlame *blame;

    set_share(RS_ARM_BASELINE, 4, 1e-9);
    set_share(RS_ARM_CURRENT, 4, 0.3);
    set_both(13, 0.1);
    ck_assert_int_eq(program.caller[0][13], 4);
    blame = blame_pairs(30);
    blamed = function_of(blame->functions, 4);
    ck_assert_int_eq(blamed->kind, RS_BLAME_SLOWER);
    ck_assert_int_eq(blamed->n_samples_baseline, 0);
    rs_blame_free(blame);
}
END_TEST

START_TEST(a_great_many_pairs_are_tested_in_groups)
{
    /* 5 % of a launch of 4 samples: plain with 700 pairs */
    const RsBlamed *blamed;
    RsBlame *blame;

    made_zipf(&program, 30, 20e6, rand_);
    program.ns[RS_ARM_CURRENT][9] += 1e6;
    blame = blame_pairs(700);
    ck_assert_uint_eq(blame->n_pairs, 700);
    ck_assert(is_first(blame, 9));
    blamed = function_of(blame->functions, 9);
    ck_assert_double_eq_tol(blamed->delta_ns, blamed->self_ns_current - blamed->self_ns_baseline,
                            1);
    ck_assert(blamed->ci_low_ns <= 1e6 && blamed->ci_high_ns >= 1e6);
    ck_assert_double_lt(blamed->ci_high_ns - blamed->ci_low_ns, 0.8e6);
    rs_blame_free(blame);
}
END_TEST

START_TEST(places_are_those_of_the_current_side)
{
    const RsBlamed *blamed;
    RsBlame *blame;

    program.ns[RS_ARM_CURRENT][9] += 0.3 * LAUNCH_NS;
    blame = blame_pairs(20);
    blamed = function_of(blame->functions, 9);
    ck_assert_str_eq(blamed->crate_name, "crate4");
    ck_assert_str_eq(blamed->module_path, "crate4::m9");
    ck_assert_str_eq(blamed->file, "src/f9.rs");
    ck_assert_int_eq(blamed->line, 92); /* the baseline has it in line 91 */
    ck_assert_str_eq(blamed->binary, "app");
    ck_assert_int_eq(blamed->crate_kind, RS_CRATE_OWN);
    rs_blame_free(blame);
}
END_TEST

/* --- whose own time it is --- */

/* Functions with callees of their own are 0 to 19: 40 is called by 13, by 4, by 1, by main. */
static void rename_function(guint i, const char *name, RsCrateKind kind)
{
    program.name[i] = name;
    program.kind[i] = kind;
}

START_TEST(time_in_a_library_is_that_of_the_function_that_calls_it)
{
    static const RsCrateKind kinds[] = {RS_CRATE_STD, RS_CRATE_RUNTIME, RS_CRATE_KERNEL};

    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        RsBlame *blame;

        rename_function(40, "memcpy", kinds[i]);
        program.ns[RS_ARM_CURRENT][40] += 0.3 * LAUNCH_NS;
        blame = blame_pairs(20);
        ck_assert(is_first(blame, 13));
        ck_assert_uint_eq(n_guilty(blame->functions), 1);
        ck_assert_ptr_null(find(blame->functions, "memcpy"));
        ck_assert_ptr_null(find(blame->others, "memcpy"));
        ck_assert_str_eq(((const RsBlamed *)g_ptr_array_index(blame->leaves, 0))->name, "memcpy");
        ck_assert(rs_blamed_is_guilty(find(blame->leaves, "memcpy")));
        ck_assert_ptr_nonnull(find(blame->crates, "crate3")); /* of 13: not a crate of memcpy's */
        program.ns[RS_ARM_CURRENT][40] -= 0.3 * LAUNCH_NS;
        rs_blame_free(blame);
    }
}
END_TEST

START_TEST(a_library_below_a_library_counts_for_the_function_above_both)
{
    RsBlame *blame;

    rename_function(40, "__memmove_avx_unaligned_erms", RS_CRATE_RUNTIME);
    rename_function(13, "<alloc::vec::Vec<T>>::extend", RS_CRATE_STD);
    program.ns[RS_ARM_CURRENT][40] += 0.3 * LAUNCH_NS;
    blame = blame_pairs(20);
    ck_assert(is_first(blame, 4));
    rs_blame_free(blame);
}
END_TEST

START_TEST(a_dependency_owns_its_time_itself)
{
    RsBlame *blame;

    program.kind[40] = RS_CRATE_DEPENDENCY;
    program.ns[RS_ARM_CURRENT][40] += 0.3 * LAUNCH_NS;
    blame = blame_pairs(20);
    ck_assert(is_first(blame, 40));
    ck_assert_int_eq(function_of(blame->functions, 40)->crate_kind, RS_CRATE_DEPENDENCY);
    rs_blame_free(blame);
}
END_TEST

START_TEST(a_callback_of_a_library_owns_its_time)
{
    /* qsort's caller is not to blame for what the function that it was given does */
    RsBlame *blame;

    rename_function(13, "qsort", RS_CRATE_RUNTIME);
    program.ns[RS_ARM_CURRENT][40] += 0.3 * LAUNCH_NS;
    blame = blame_pairs(20);
    ck_assert(is_first(blame, 40));
    rs_blame_free(blame);
}
END_TEST

START_TEST(where_everything_is_library_the_leaf_owns_the_time)
{
    RsBlame *blame;

    for (guint i = 0; i < program.n; i++)
        program.kind[i] = RS_CRATE_RUNTIME;
    program.ns[RS_ARM_CURRENT][40] += 0.3 * LAUNCH_NS;
    blame = blame_pairs(20);
    ck_assert(is_first(blame, 40));
    rs_blame_free(blame);
}
END_TEST

START_TEST(the_library_of_cxx_is_known_by_its_namespaces)
{
    static const char *const names[] = {
        "std::vector<int, std::allocator<int> >::push_back(int const&)",
        "__gnu_cxx::__normal_iterator<int*, std::vector<int> >::operator++()"};
    RsBlame *blame;

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) { /* inlined into the program: its own code */
        rename_function(40, names[i], RS_CRATE_OWN);
        program.ns[RS_ARM_CURRENT][40] += 0.3 * LAUNCH_NS;
        blame = blame_pairs(20);
        ck_assert(is_first(blame, 13));
        ck_assert(rs_blamed_is_guilty(find(blame->leaves, names[i])));
        program.ns[RS_ARM_CURRENT][40] -= 0.3 * LAUNCH_NS;
        rs_blame_free(blame);
    }
    rename_function(40, "stdio::print(int)", RS_CRATE_OWN); /* only begins like it */
    program.ns[RS_ARM_CURRENT][40] += 0.3 * LAUNCH_NS;
    blame = blame_pairs(20);
    ck_assert_str_eq(((const RsBlamed *)g_ptr_array_index(blame->functions, 0))->name,
                     "stdio::print(int)");
    rs_blame_free(blame);
}
END_TEST

static void nobody_is_called_other(const GPtrArray *list)
{
    for (guint i = 0; i < list->len; i++)
        ck_assert_ptr_null(strstr(((const RsBlamed *)g_ptr_array_index(list, i))->name, "[other"));
}

START_TEST(what_is_joined_for_want_of_samples_is_never_blamed)
{
    /* the slowdown is 380 new functions of a few samples each: real, and of no one function */
    RsBlame *blame;

    made_zipf(&program, 4, LAUNCH_NS, rand_);
    program.n = 384;
    for (guint i = 4; i < program.n; i++) {
        program.caller[0][i] = program.caller[1][i] = 0;
        program.kind[i] = RS_CRATE_OWN;
        set_share(RS_ARM_CURRENT, i, 0.5 / 380);
    }
    blame = blame_pairs(30); /* of 1.6 samples each, all in all */
    ck_assert_double_eq_tol(blame->delta_ns / LAUNCH_NS, 0.5, 0.1);
    ck_assert_double_lt(blame->attributed_pct, 50);
    nobody_is_called_other(blame->functions);
    nobody_is_called_other(blame->leaves);
    nobody_is_called_other(blame->callers);
    nobody_is_called_other(blame->others);
    nobody_is_called_other(blame->crates);
    nobody_is_called_other(blame->modules);
    rs_blame_free(blame);
}
END_TEST

/* --- callers, crates, modules --- */

START_TEST(callers_lead_to_the_culprit_from_near_to_far)
{
    /* 40 is called by 13, by 4, by 1, by main */
    static const guint path[] = {13, 4, 1, 0};
    RsBlame *blame;

    program.ns[RS_ARM_CURRENT][40] += 0.3 * LAUNCH_NS;
    blame = blame_pairs(30);
    ck_assert(is_first(blame, 40));
    ck_assert_uint_eq(blame->callers->len, 4);
    for (guint i = 0; i < 4; i++) {
        char name[64];

        made_name(name, sizeof name, path[i]);
        ck_assert_str_eq(((const RsBlamed *)g_ptr_array_index(blame->callers, i))->name, name);
    }
    rs_blame_free(blame);
}
END_TEST

START_TEST(a_slowdown_spread_thin_is_blamed_on_the_caller_around_it)
{
    /* no function alone, but all that run below 2 together */
    guint n_spread = 0;
    RsBlame *blame;

    for (guint i = 2; i < program.n; i++) {
        guint at = i;

        while (at > 2)
            at = (at - 1) / MADE_CALLEES;
        if (at == 2) {
            program.ns[RS_ARM_CURRENT][i] += 0.012 * LAUNCH_NS;
            n_spread++;
        }
    }
    ck_assert_uint_ge(n_spread, 10);
    blame = blame_pairs(30);
    ck_assert(rs_blamed_is_guilty(function_of(blame->callers, 2)));
    ck_assert_double_ge(function_of(blame->callers, 2)->share_of_slowdown_pct, 60);
    rs_blame_free(blame);
}
END_TEST

START_TEST(crates_and_modules_sum_their_functions)
{
    const RsBlamed *crate, *module;
    RsBlame *blame;

    program.ns[RS_ARM_CURRENT][13] += 0.15 * LAUNCH_NS; /* crate3::m3 */
    program.ns[RS_ARM_CURRENT][33] += 0.15 * LAUNCH_NS;
    program.ns[RS_ARM_CURRENT][18] += 0.1 * LAUNCH_NS; /* crate3::m8 */
    blame = blame_pairs(30);
    crate = find(blame->crates, "crate3");
    ck_assert(rs_blamed_is_guilty(crate));
    ck_assert_double_eq_tol(crate->delta_ns / LAUNCH_NS, 0.4, 0.08);
    ck_assert(crate == g_ptr_array_index(blame->crates, 0));
    module = find(blame->modules, "crate3::m3");
    ck_assert(module == g_ptr_array_index(blame->modules, 0));
    ck_assert_double_eq_tol(module->delta_ns / LAUNCH_NS, 0.3, 0.06);
    ck_assert_uint_le(n_guilty(blame->crates), 2);
    rs_blame_free(blame);
}
END_TEST

/* --- cost that only moved --- */

START_TEST(an_inlined_callee_makes_its_caller_a_shift)
{
    guint n_recognised = 0, n_found = 0;
    const guint n_runs = 40;

    set_both(4, 0.05);
    set_both(13, 0.2);
    inline_into_caller(13);
    program.ns[RS_ARM_CURRENT][30] += 0.25 * LAUNCH_NS; /* the true culprit, elsewhere */
    for (guint run = 0; run < n_runs; run++) {
        RsBlame *blame = blame_pairs(30);
        const RsBlamed *gainer = function_of(blame->others, 4);
        const RsBlamed *loser = function_of(blame->others, 13);

        n_recognised += gainer && gainer->kind == RS_BLAME_SHIFT && loser &&
                        loser->kind == RS_BLAME_SHIFT &&
                        g_str_equal(gainer->shifted_with, "crate4::f4");
        n_found += is_first(blame, 30);
        rs_blame_free(blame);
    }
    ck_assert_uint_ge(n_recognised, 36);
    ck_assert_uint_ge(n_found, 38);
}
END_TEST

START_TEST(the_nearer_of_two_that_gained_took_the_code)
{
    /* 13 is inlined into 4, and the culprit is 1, which calls 4 */
    guint n_right = 0;
    const guint n_runs = 40;

    set_both(4, 0.05);
    set_both(13, 0.2);
    inline_into_caller(13);
    program.ns[RS_ARM_CURRENT][1] += 0.25 * LAUNCH_NS;
    for (guint run = 0; run < n_runs; run++) {
        RsBlame *blame = blame_pairs(30);

        n_right += is_first(blame, 1) && function_of(blame->others, 4) &&
                   !function_of(blame->functions, 4);
        rs_blame_free(blame);
    }
    ck_assert_uint_ge(n_right, 36);
}
END_TEST

START_TEST(code_split_off_or_renamed_is_a_shift_within_the_caller)
{
    guint n_recognised = 0, n_found = 0;
    const guint n_runs = 40;

    set_both(13, 0.2); /* is called 14 from now on */
    set_share(RS_ARM_BASELINE, 14, 0);
    set_share(RS_ARM_CURRENT, 14, 0.2);
    set_share(RS_ARM_CURRENT, 13, 0);
    program.ns[RS_ARM_CURRENT][30] += 0.25 * LAUNCH_NS;
    for (guint run = 0; run < n_runs; run++) {
        RsBlame *blame = blame_pairs(30);
        const RsBlamed *gainer = function_of(blame->others, 14);

        n_recognised += gainer && gainer->kind == RS_BLAME_SHIFT &&
                        g_str_equal(gainer->shifted_with, "crate4::f4");
        n_found += is_first(blame, 30);
        rs_blame_free(blame);
    }
    ck_assert_uint_ge(n_recognised, 36);
    ck_assert_uint_ge(n_found, 38);
}
END_TEST

START_TEST(inlined_away_and_slower_keeps_the_guilt_for_the_rest)
{
    guint n_kept = 0;
    const guint n_runs = 40;

    set_both(4, 0.05);
    set_both(13, 0.2);
    program.ns[RS_ARM_CURRENT][13] += 0.25 * LAUNCH_NS;
    inline_into_caller(13);
    for (guint run = 0; run < n_runs; run++) {
        RsBlame *blame = blame_pairs(30);
        const RsBlamed *blamed = function_of(blame->functions, 4);

        n_kept += is_first(blame, 4) && blamed->shifted_with &&
                  fabs(blamed->delta_ns / LAUNCH_NS - 0.25) < 0.08 &&
                  fabs(blamed->share_of_slowdown_pct - 100) < 30;
        rs_blame_free(blame);
    }
    ck_assert_uint_ge(n_kept, 36);
}
END_TEST

START_TEST(a_culprit_is_not_excused_by_a_faster_function_elsewhere)
{
    /* 40 below 1 became slower, 30 below 3 became faster by as much; main alone is around both */
    guint n_found = 0;
    const guint n_runs = 40;

    set_both(30, 0.3);
    set_share(RS_ARM_CURRENT, 30, 0.08);
    program.ns[RS_ARM_CURRENT][40] += 0.3 * LAUNCH_NS;
    for (guint run = 0; run < n_runs; run++) {
        RsBlame *blame = blame_pairs(30);

        n_found += is_first(blame, 40) && function_of(blame->others, 30) &&
                   function_of(blame->others, 30)->kind == RS_BLAME_FASTER;
        rs_blame_free(blame);
    }
    ck_assert_uint_ge(n_found, 38);
}
END_TEST

/* --- what cannot be said --- */

static RsSession *session_of(guint n_pairs)
{
    return made_session(&program, n_pairs, rand_, NULL, NULL);
}

static RsBlame *blame_session(const RsSession *session)
{
    RsBlameOptions options;

    rs_blame_options_init(&options);
    options.n_permutations = N_PERMUTATIONS;
    return rs_blame_benchmark(session, g_ptr_array_index(session->benchmarks, 0), FALSE, &options);
}

START_TEST(a_benchmark_without_samples_has_a_note)
{
    g_autoptr(RsSession) session = session_of(10);
    RsBenchmark *benchmark = g_ptr_array_index(session->benchmarks, 0);
    RsBlame *blame;

    g_clear_pointer(&benchmark->trial_spans, g_array_unref);
    g_clear_pointer(&benchmark->trial_samples, g_array_unref);
    blame = blame_session(session);
    ck_assert_str_eq(blame->note, "it was not sampled");
    ck_assert_uint_eq(blame->functions->len, 0);
    ck_assert(isnan(blame->attributed_pct));
    rs_blame_free(blame);
    g_clear_pointer(&session->profile, rs_profile_free);
    blame = blame_session(session);
    ck_assert_str_eq(blame->note, "nothing was sampled");
    rs_blame_free(blame);
}
END_TEST

START_TEST(a_trial_without_samples_is_left_out_with_its_pair)
{
    g_autoptr(RsSession) session = NULL;
    RsBenchmark *benchmark;
    RsBlame *blame;

    program.ns[RS_ARM_CURRENT][40] += 0.3 * LAUNCH_NS;
    session = session_of(20);
    benchmark = g_ptr_array_index(session->benchmarks, 0);
    g_array_index(benchmark->trial_spans, RsTrialSpan, 5).n = 0;
    g_array_index(benchmark->trial_spans, RsTrialSpan, 20).n = -1;
    blame = blame_session(session);
    ck_assert_uint_eq(blame->n_pairs, 18);
    ck_assert(has_note(blame, "2 pairs have no samples on one side or both and are left out"));
    ck_assert(is_first(blame, 40));
    rs_blame_free(blame);
}
END_TEST

START_TEST(five_pairs_prove_nothing)
{
    RsBlame *blame;

    program.ns[RS_ARM_CURRENT][40] += LAUNCH_NS;
    blame = blame_pairs(5);
    ck_assert_uint_eq(n_guilty(blame->functions), 0);
    ck_assert(has_note(blame, "5 pairs were sampled, at least 6 are needed to prove anything"));
    ck_assert(isnan(blame->resolvable_pct));
    rs_blame_free(blame);
}
END_TEST

static void slow_wall(RsBenchmark *benchmark, double factor)
{
    RsMetric *wall = rs_benchmark_metric(benchmark, "wall");

    for (guint i = 0; i < rs_benchmark_n_trials(benchmark); i++)
        if (g_array_index(benchmark->trial_arm, guint8, i) == RS_ARM_CURRENT)
            rs_benchmark_set_value(benchmark, i, wall,
                                   (RsValue){.real = rs_metric_value(wall, i) * factor});
}

START_TEST(waiting_is_told_from_cpu_time)
{
    g_autoptr(RsSession) waits = session_of(20), both = NULL;
    RsBlame *blame;

    slow_wall(g_ptr_array_index(waits->benchmarks, 0), 1.5);
    blame = blame_session(waits);
    ck_assert(has_note(blame, "the slowdown is not CPU time: the program waits more"));
    rs_blame_free(blame);
    program.ns[RS_ARM_CURRENT][40] += 0.2 * LAUNCH_NS;
    both = session_of(20);
    slow_wall(g_ptr_array_index(both->benchmarks, 0), 1.5);
    blame = blame_session(both);
    ck_assert(is_first(blame, 40));
    ck_assert(has_note(blame, " % of the slowdown is CPU time; the rest is waiting"));
    rs_blame_free(blame);
}
END_TEST

START_TEST(code_without_names_is_blamed_by_its_file)
{
    g_autoptr(RsSession) session = NULL;
    RsBlame *blame;

    program.ns[RS_ARM_CURRENT][40] += 0.3 * LAUNCH_NS;
    session = session_of(20);
    rs_profile_clear_symbols(session->profile);
    blame = blame_session(session);
    ck_assert(has_note(blame, "100 % of the samples have no function's name"));
    ck_assert_uint_eq(blame->functions->len, 1);
    /* "/old/app" and "/new/app" are one */
    ck_assert_str_eq(((const RsBlamed *)g_ptr_array_index(blame->functions, 0))->name, "app");
    ck_assert_int_eq(((const RsBlamed *)g_ptr_array_index(blame->functions, 0))->kind,
                     RS_BLAME_SLOWER);
    rs_blame_free(blame);
}
END_TEST

START_TEST(time_outside_of_the_kernel_is_not_stretched_over_it)
{
    /* the kernel takes as much again on the current side, and was not sampled: nobody's fault */
    g_autoptr(RsSession) session = NULL;
    RsBenchmark *benchmark;
    RsMetric *cpu;
    RsBlame *blame;

    program.sees_kernel = FALSE;
    session = session_of(20);
    benchmark = g_ptr_array_index(session->benchmarks, 0);
    cpu = rs_benchmark_metric(benchmark, "cpu");
    for (guint i = 0; i < rs_benchmark_n_trials(benchmark); i++)
        if (g_array_index(benchmark->trial_arm, guint8, i) == RS_ARM_CURRENT)
            rs_benchmark_set_value(benchmark, i, cpu,
                                   (RsValue){.real = 2 * rs_metric_value(cpu, i)});
    blame = blame_session(session);
    ck_assert_uint_eq(n_guilty(blame->functions), 0);
    ck_assert(has_note(blame, "time in the kernel was not sampled"));
    rs_blame_free(blame);
}
END_TEST

START_TEST(the_tree_holds_both_sides)
{
    RsBlame *blame;
    const RsCallTreeNode *root;

    program.ns[RS_ARM_CURRENT][40] += 0.3 * LAUNCH_NS;
    blame = blame_pairs(20);
    ck_assert_ptr_nonnull(blame->tree);
    ck_assert_uint_eq(blame->tree->n_sides, 2);
    ck_assert_uint_gt(blame->tree->nodes->len, 20);
    root = &g_array_index(blame->tree->nodes, RsCallTreeNode, 0);
    ck_assert_double_eq_tol(root->total_ns[0], blame->total_ns_baseline, 1000);
    ck_assert_double_eq_tol(root->total_ns[1], blame->total_ns_current, 1000);
    rs_blame_free(blame);
}
END_TEST

START_TEST(the_answer_is_a_function_of_session_and_seed)
{
    g_autoptr(RsSession) session = NULL;
    RsBlame *one, *other;

    program.ns[RS_ARM_CURRENT][40] += 0.1 * LAUNCH_NS;
    session = session_of(20);
    one = blame_session(session);
    other = blame_session(session);
    ck_assert_uint_eq(one->functions->len, other->functions->len);
    for (guint i = 0; i < one->functions->len; i++) {
        const RsBlamed *a = g_ptr_array_index(one->functions, i);
        const RsBlamed *b = g_ptr_array_index(other->functions, i);

        ck_assert_str_eq(a->name, b->name);
        ck_assert_double_eq(a->p_adjusted, b->p_adjusted);
        ck_assert_double_eq(a->ci_low_ns, b->ci_low_ns);
    }
    rs_blame_free(one);
    rs_blame_free(other);
}
END_TEST

/* --- in a verdict --- */

static RsVerdict *compare(const RsSession *session, RsBlameOf of)
{
    g_autoptr(RsGate) gate = rs_gate_new();
    RsCompareOptions options = {.gate = gate, .seed = 7, .blame = of};

    return rs_compare_pairs(session, &options);
}

START_TEST(a_verdict_blames_for_what_regressed_and_for_nothing_else)
{
    g_autoptr(RsSession) same = session_of(40), slower = NULL;
    g_autoptr(RsVerdict) verdict = compare(same, RS_BLAME_OF_REGRESSED), forced = NULL,
                         regressed = NULL, none = NULL;

    ck_assert_uint_eq(verdict->blames->len, 0);
    forced = compare(same, RS_BLAME_OF_ALL);
    ck_assert_uint_eq(forced->blames->len, 1);
    ck_assert(((const RsBlame *)g_ptr_array_index(forced->blames, 0))->is_forced);
    program.ns[RS_ARM_CURRENT][40] += 0.3 * LAUNCH_NS;
    slower = session_of(40);
    regressed = compare(slower, RS_BLAME_OF_REGRESSED);
    ck_assert_ptr_nonnull(rs_verdict_blame(regressed, "made"));
    ck_assert(is_first(rs_verdict_blame(regressed, "made"), 40));
    ck_assert(!rs_verdict_blame(regressed, "made")->is_forced);
    none = compare(slower, RS_BLAME_OF_NONE);
    ck_assert_uint_eq(none->blames->len, 0);
}
END_TEST

START_TEST(a_session_that_nobody_sampled_gives_no_blame)
{
    g_autoptr(RsSession) session = NULL;
    g_autoptr(RsVerdict) verdict = NULL;

    program.ns[RS_ARM_CURRENT][40] += 0.3 * LAUNCH_NS;
    session = session_of(40);
    g_clear_pointer(&session->profile, rs_profile_free);
    verdict = compare(session, RS_BLAME_OF_ALL);
    ck_assert_uint_eq(verdict->summary.n_by_verdict[RS_VERDICT_REGRESSION], 1);
    ck_assert_uint_eq(verdict->blames->len, 0);
}
END_TEST

START_TEST(memory_has_no_function_to_blame)
{
    g_autoptr(RsSession) session = session_of(40);
    g_autoptr(RsVerdict) verdict = NULL;
    g_autoptr(RsGate) gate = rs_gate_new();
    RsCompareOptions options = {.gate = gate, .seed = 7};
    RsBenchmark *benchmark = g_ptr_array_index(session->benchmarks, 0);
    RsMetric *rss =
        rs_benchmark_add_metric(benchmark, "max_rss", "bytes", RS_LOWER_IS_BETTER, RS_COUNT);

    for (guint i = 0; i < rs_benchmark_n_trials(benchmark); i++)
        rs_benchmark_set_value(
            benchmark, i, rss,
            (RsValue){.count = g_array_index(benchmark->trial_arm, guint8, i) ? 2000000 : 1000000});
    g_strfreev(gate->metrics);
    gate->metrics = g_strsplit("max_rss", ",", -1);
    verdict = rs_compare_pairs(session, &options);
    ck_assert_uint_eq(verdict->blames->len, 1);
    ck_assert(has_note(g_ptr_array_index(verdict->blames, 0), "what regressed is max_rss"));
    ck_assert_uint_eq(((const RsBlame *)g_ptr_array_index(verdict->blames, 0))->functions->len, 0);
}
END_TEST

START_TEST(files_measured_apart_are_listed_and_prove_nothing)
{
    g_autoptr(RsSession) before = session_of(20), after = NULL;
    g_autoptr(RsVerdict) verdict = NULL;
    g_autoptr(RsGate) gate = rs_gate_new();
    RsCompareOptions options = {.gate = gate, .seed = 7};
    const RsBlame *blame;
    const RsBlamed *blamed;

    program.ns[RS_ARM_CURRENT][40] += 0.5 * LAUNCH_NS;
    after = session_of(20);
    verdict = rs_compare_files(before, after, &options);
    blame = rs_verdict_blame(verdict, "made");
    ck_assert_ptr_nonnull(blame);
    ck_assert(has_note(blame, "the two files were measured apart"));
    ck_assert_uint_eq(n_guilty(blame->functions), 0);
    blamed = g_ptr_array_index(blame->functions, 0);
    ck_assert(blamed == function_of(blame->functions, 40));
    ck_assert(isnan(blamed->p_adjusted));
    ck_assert(isnan(blamed->ci_low_ns));
    ck_assert_double_eq_tol(blamed->delta_ns / LAUNCH_NS, 0.5, 0.08);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_program_that_did_not_change_has_nobody_to_blame,
        the_culprit_is_blamed_first_and_innocents_are_left_alone,
        absolute_times_are_compared_and_not_shares,
        what_is_resolvable_is_found_nine_times_in_ten,
        a_new_function_is_called_new_and_one_that_went_vanished,
        a_function_is_not_called_vanished_for_a_few_samples,
        what_the_baseline_calls_without_sampling_it_is_not_new,
        a_great_many_pairs_are_tested_in_groups,
        places_are_those_of_the_current_side,
        time_in_a_library_is_that_of_the_function_that_calls_it,
        a_library_below_a_library_counts_for_the_function_above_both,
        a_dependency_owns_its_time_itself,
        a_callback_of_a_library_owns_its_time,
        where_everything_is_library_the_leaf_owns_the_time,
        the_library_of_cxx_is_known_by_its_namespaces,
        what_is_joined_for_want_of_samples_is_never_blamed,
        callers_lead_to_the_culprit_from_near_to_far,
        a_slowdown_spread_thin_is_blamed_on_the_caller_around_it,
        crates_and_modules_sum_their_functions,
        an_inlined_callee_makes_its_caller_a_shift,
        the_nearer_of_two_that_gained_took_the_code,
        code_split_off_or_renamed_is_a_shift_within_the_caller,
        inlined_away_and_slower_keeps_the_guilt_for_the_rest,
        a_culprit_is_not_excused_by_a_faster_function_elsewhere,
        a_benchmark_without_samples_has_a_note,
        a_trial_without_samples_is_left_out_with_its_pair,
        five_pairs_prove_nothing,
        waiting_is_told_from_cpu_time,
        code_without_names_is_blamed_by_its_file,
        time_outside_of_the_kernel_is_not_stretched_over_it,
        the_tree_holds_both_sides,
        the_answer_is_a_function_of_session_and_seed,
        a_verdict_blames_for_what_regressed_and_for_nothing_else,
        a_session_that_nobody_sampled_gives_no_blame,
        memory_has_no_function_to_blame,
        files_measured_apart_are_listed_and_prove_nothing,
    };
    TCase *tcase = tcase_create("blame");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, 240);
    for (gsize i = 0; i < G_N_ELEMENTS(tests); i++)
        tcase_add_test(tcase, tests[i]);
    return run_tests("blame", tcase);
}
