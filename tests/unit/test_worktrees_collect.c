/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The collector on two trees under one path: every launch sees its own arm's tree, and programs
 * that are the same are found out and not measured. */
#include <math.h>
#include <pwd.h>

#include "trial/collect.h"

#include "analyze/call_tree.h"
#include "analyze/pairs.h"
#include "analyze/plan.h"
#include "cmd/names.h"
#include "cmd/source_paths.h"
#include "stats/pair_rule.h"
#include "tests/unit/repository_fixtures.h"
#include "tests/unit/run.h"

static char *repository, *place;
static RsWorktreesOptions options;
static RsLauncher *launcher;
static RsPlan *plan;
static RsSession *session;
static RsWorktrees *trees;

static void set_up(void)
{
    enter_repository_folder();
    make_repository();
    repository = in_folder("repo");
    place = in_folder("trees");
    options = options_of(repository);
    options.folder = place;
    launcher = rs_launcher_new(NULL);
    ck_assert_ptr_nonnull(launcher);
    plan = rs_plan_new();
    plan->seed = 7;
}

static void tear_down(void)
{
    rs_session_free(session);
    rs_plan_free(plan);
    rs_launcher_free(launcher);
    rs_worktrees_free(trees);
    g_free(repository);
    g_free(place);
    leave_folder();
}

static char **words(const char *text, gboolean shell)
{
    char **argv;

    ck_assert(rs_command_parse(text, shell, &argv, NULL));
    return argv;
}

/* Both arms run the same command in the trees' path. */
static RsPlanBenchmark *add(const char *command, gboolean by_shell)
{
    RsPlanBenchmark *benchmark = rs_plan_benchmark_new("b", RS_DESIGN_PAIRED);

    for (RsArm arm = 0; arm < RS_N_ARMS; arm++) {
        benchmark->programs[arm].argv = words(command, by_shell);
        benchmark->programs[arm].shell = by_shell;
        benchmark->programs[arm].working_directory = g_strdup(rs_worktrees_path(trees));
    }
    g_ptr_array_add(plan->benchmarks, benchmark);
    return benchmark;
}

static RsBenchmark *collected_with(gboolean measure_identical)
{
    RsCollectOptions collect = {
        .runner.arms = {.before = rs_worktrees_before_arm,
                        .is_same_around = rs_worktrees_is_same_around,
                        .check = rs_worktrees_check,
                        .data = trees},
        .allow_undecided = TRUE,
        .measure_identical = measure_identical,
    };
    g_autoptr(GError) error = NULL;

    rs_plan_seal(plan);
    session = rs_collect_session(plan);
    rs_collect(plan, session, launcher, &collect, &error);
    ck_assert_no_error(error);
    return g_ptr_array_index(session->benchmarks, 0);
}

static RsBenchmark *collected(void)
{
    return collected_with(FALSE);
}

/* --- every launch and hook --- */

static void assert_saw_only(const char *name, const char *value, guint n_min)
{
    g_autofree char *text = read_file(name);
    g_auto(GStrv) lines = text ? g_strsplit(g_strchomp(text), "\n", -1) : NULL;

    ck_assert_msg(lines != NULL, "%s was not written", name);
    ck_assert_uint_ge(g_strv_length(lines), n_min);
    for (char **line = lines; *line; line++)
        ck_assert_msg(g_str_equal(*line, value), "%s saw %s, not %s", name, *line, value);
}

#define NOTE(name) "cat value >>\"$HOME\"/" name "-$ARM"

static void note_everywhere(RsPlanBenchmark *benchmark)
{
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++) {
        const char *variable = arm == RS_ARM_BASELINE ? "ARM=baseline" : "ARM=current";

        benchmark->programs[arm].environment = g_strsplit(variable, " ", -1);
        benchmark->programs[arm].build_command = g_strdup(NOTE("build"));
        benchmark->setup[arm] = (RsCommand){words(NOTE("setup"), TRUE), TRUE};
        benchmark->cleanup[arm] = (RsCommand){words(NOTE("cleanup"), TRUE), TRUE};
    }
}

static void assert_all_saw(const char *hook, guint n_min)
{
    g_autofree char *baseline = g_strconcat(hook, "-baseline", NULL);
    g_autofree char *current = g_strconcat(hook, "-current", NULL);

    assert_saw_only(baseline, "1", n_min);
    assert_saw_only(current, "2", n_min);
}

START_TEST(every_program_hook_and_warm_up_sees_the_tree_of_its_arm)
{
    RsPlanBenchmark *benchmark;

    trees = made(&options);
    benchmark = add(NOTE("trial"), TRUE);
    note_everywhere(benchmark);
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++)
        benchmark->prepare[arm] = (RsCommand){words(NOTE("prepare"), TRUE), TRUE};
    benchmark->n_trials = 12;
    benchmark->n_warmups = 3;
    benchmark->launches_per_trial = 2;
    collected();
    assert_all_saw("build", 1);
    assert_all_saw("setup", 1);
    assert_all_saw("cleanup", 1);
    assert_all_saw("prepare", 12 + 3);
    assert_all_saw("trial", 12 * 2 + 3);
}
END_TEST

START_TEST(launches_that_are_looped_and_sampled_apart_see_it_too)
{
    RsPlanBenchmark *benchmark;

    trees = made(&options);
    benchmark = add(NOTE("trial"), TRUE);
    note_everywhere(benchmark);
    benchmark->n_trials = 6;
    plan->sample_rate_hz = 199;
    ck_assert_uint_gt(collected()->launches_per_trial, 1);
    assert_all_saw("trial", 6 * 2);
}
END_TEST

START_TEST(a_path_that_cannot_be_turned_ends_the_run)
{
    RsCollectOptions collect = {.allow_undecided = TRUE};
    g_autoptr(GError) error = NULL;

    trees = made(&options);
    add("true", TRUE)->n_trials = 5;
    collect.runner.arms = (RsArms){.before = rs_worktrees_before_arm, .data = trees};
    shell("rm trees/tree && mkdir -p trees/tree/full");
    rs_plan_seal(plan);
    session = rs_collect_session(plan);
    ck_assert(!rs_collect(plan, session, launcher, &collect, &error));
    ck_assert_msg(error->domain == G_FILE_ERROR, "%s", error->message);
}
END_TEST

/* Both arms the same small program: which arm had to be turned to must not show in its time. The
 * p-values are valid for fair coins whatever the machine does: below 1 in 2000 is no accident. */
START_TEST(turning_the_path_favours_neither_arm)
{
    RsPairPlan pair_plan;
    RsPairState state;
    RsBenchmark *benchmark;
    g_autoptr(GArray) pairs = NULL, ratios = NULL;
    guint n_incomplete = 0;
    const char *why;

    options.build_commands[0] = options.build_commands[1] = "cp /bin/true program";
    options.revisions[RS_ARM_CURRENT] = "base";
    trees = made(&options);
    add("./program", FALSE)->n_trials = 100;
    benchmark = collected_with(TRUE);
    rs_pair_plan_of(plan->gate, benchmark, &pair_plan);
    rs_pair_state_init(&state, &pair_plan);
    pairs = rs_trial_pairs(benchmark, &n_incomplete, &why);
    ck_assert_uint_eq(pairs->len, 100);
    ratios = rs_log_ratios_of(rs_benchmark_metric(benchmark, "wall"), pairs, &why);
    for (guint i = 0; i < ratios->len; i++)
        rs_pair_state_add(&state, g_array_index(ratios, double, i));
    ck_assert_double_gt(rs_pair_state_p_slower(&state), 5e-4);
    ck_assert_double_gt(rs_pair_state_p_faster(&state), 5e-4);
}
END_TEST

/* --- the same program --- */

static void need(const char *program)
{
    g_autofree char *path = g_find_program_in_path(program);
    const char *home = getpwuid(getuid()) ? getpwuid(getuid())->pw_dir : "/";
    g_autofree char *cargo_home = g_build_filename(home, ".cargo", NULL);
    g_autofree char *rustup_home = g_build_filename(home, ".rustup", NULL);

    if (!path) {
        printf("SKIP: %s is not installed\n", program);
        exit(0);
    }
    g_setenv("CARGO_HOME", cargo_home, FALSE);
    g_setenv("RUSTUP_HOME", rustup_home, FALSE);
}

/* Base, and a head that differs in what a script changes. */
static void make_revisions(const char *base, const char *change)
{
    g_autofree char *script = g_strdup_printf(
        "cd repo && %s && git add . && git commit -q -m base && git tag -f base && %s && "
        "git add . && git commit -q -m head && git tag -f head",
        base, change);

    shell(script);
}

static void build_with(const char *command)
{
    options.build_commands[RS_ARM_BASELINE] = options.build_commands[RS_ARM_CURRENT] = command;
}

static void assert_identical(gboolean expected, const char *what)
{
    RsBenchmark *benchmark = collected();
    g_autofree char *differences =
        answer_of("diff -rq --exclude=.git trees/baseline trees/current_ || :");

    ck_assert_msg((benchmark->stop_reason == RS_STOP_IDENTICAL) == expected,
                  "%s: stop reason %d;\n%s", what, benchmark->stop_reason, differences);
    ck_assert_uint_eq(rs_benchmark_n_trials(benchmark) == 0, expected);
}

#define C_SOURCE                                                                                   \
    "printf '#include <assert.h>\\n#include <stdio.h>\\nint main(int c, char **v) { assert(c > "   \
    "0); "                                                                                         \
    "puts(__FILE__); return v[0] == 0; }\\n' >main.c"

START_TEST(a_comment_in_a_c_program_with_debug_information_changes_nothing)
{
    need("gcc");
    make_revisions(C_SOURCE, "echo '/* a comment */' >>main.c && echo more >>README.md");
    build_with("gcc -g -O2 \"$PWD\"/main.c -o program");
    trees = made(&options);
    add("./program", FALSE)->n_trials = 3;
    assert_identical(TRUE, "C");
}
END_TEST

START_TEST(a_comment_in_a_rust_program_with_debug_information_changes_nothing)
{
    need("rustc");
    make_revisions("echo 'fn main() { let v: Vec<u32> = std::env::args().map(|a| a.len() as "
                   "u32).collect(); assert!(v[0] > 0, \"{}\", file!()); }' >main.rs",
                   "echo '// a comment' >>main.rs");
    build_with("rustc -g -O \"$PWD\"/main.rs -o program");
    trees = made(&options);
    add("./program", FALSE)->n_trials = 3;
    assert_identical(TRUE, "Rust");
}
END_TEST

START_TEST(a_comment_in_a_cargo_project_changes_nothing)
{
    need("cargo");
    make_revisions("cargo init -q --offline --vcs none --name app && "
                   "printf '[profile.release]\\ndebug = true\\n' >>Cargo.toml && "
                   "cargo generate-lockfile --offline && echo /target >.gitignore",
                   "echo '// a comment' >>src/main.rs && echo more >README.md");
    build_with("cargo build -q --release --offline");
    trees = made(&options);
    add("target/release/app", FALSE)->n_trials = 3;
    assert_identical(TRUE, "cargo");
}
END_TEST

START_TEST(an_equal_program_whose_data_differ_is_measured)
{
    make_revisions("echo 1 >data.json", "echo 2 >data.json");
    build_with("cp /bin/cat program");
    trees = made(&options);
    add("./program data.json", FALSE)->n_trials = 3;
    assert_identical(FALSE, "data");
}
END_TEST

START_TEST(a_document_that_an_equal_program_is_given_is_data)
{
    make_revisions("mkdir docs && echo 1 >docs/a.md", "echo 2 >docs/a.md");
    build_with("cp /bin/grep program");
    trees = made(&options);
    add("./program -r 1 docs other", FALSE)->n_trials = 3;
    ((RsPlanBenchmark *)g_ptr_array_index(plan->benchmarks, 0))->exit_codes =
        g_array_append_vals(g_array_new(FALSE, FALSE, sizeof(int)), (int[]){0, 1}, 2);
    assert_identical(FALSE, "document");
}
END_TEST

START_TEST(scripts_and_interpreters_of_the_system_are_measured)
{
    static const char *const commands[] = {"/bin/sh run.md", "./run.md"};

    make_revisions(
        "printf '#!/bin/sh\\n. ./lib.md\\n' >run.md && echo : >lib.md && chmod +x run.md",
        "echo : >>lib.md");
    trees = made(&options);
    for (guint i = 0; i < G_N_ELEMENTS(commands); i++) {
        g_ptr_array_set_size(plan->benchmarks, 0);
        add(commands[i], FALSE)->n_trials = 3;
        assert_identical(FALSE, commands[i]);
        g_clear_pointer(&session, rs_session_free);
    }
}
END_TEST

/* --- where the sources are --- */

static void add_function(const char *name, const char *file, RsCrateKind kind)
{
    RsFunction *function = rs_function_new(name);

    function->file = g_strdup(file);
    function->crate_kind = kind;
    g_ptr_array_add(session->profile->functions, function);
}

START_TEST(sources_of_both_arms_are_named_from_the_top_of_the_repository)
{
    static const char *const wanted[] = {"value", "value", "value", "only_in_base", "only_in_base"};
    g_autofree char *through_link = NULL, *in_baseline = NULL, *in_current = NULL, *gone = NULL;

    shell("cd repo && git checkout -q base && echo x >only_in_base && git add . && "
          "git commit -q -m b && git tag -f base");
    build_with("cp /bin/true program");
    trees = made(&options);
    add("./program", FALSE);
    session = rs_collect_session(plan);
    session->profile = rs_profile_new();
    through_link = g_build_filename(rs_worktrees_path(trees), "value", NULL);
    in_baseline = g_build_filename(rs_worktrees_arm_path(trees, RS_ARM_BASELINE), "value", NULL);
    in_current = g_build_filename(rs_worktrees_arm_path(trees, RS_ARM_CURRENT), "value", NULL);
    gone = g_build_filename(rs_worktrees_path(trees), "only_in_base", NULL);
    add_function("a", through_link, RS_CRATE_UNKNOWN);
    add_function("b", in_baseline, RS_CRATE_UNKNOWN);
    add_function("c", in_current, RS_CRATE_UNKNOWN);
    add_function("d", gone, RS_CRATE_UNKNOWN);
    add_function("e", "only_in_base", RS_CRATE_UNKNOWN);
    turn(trees, RS_ARM_CURRENT);
    rs_source_paths_settle(session);
    for (guint i = 0; i < G_N_ELEMENTS(wanted); i++) {
        const RsFunction *function = g_ptr_array_index(session->profile->functions, i);

        ck_assert_str_eq(function->file, wanted[i]);
    }
}
END_TEST

static void name_functions(RsSession *of, RsModules *modules, gpointer data)
{
    static const RsNamesOpts names_options;
    g_autoptr(RsNames) names = rs_names_new(&names_options, modules);

    rs_names_session(names, of);
    rs_functions_sum(of);
}

static const RsFunction *function_named(const char *name)
{
    for (guint i = 0; session->profile && i < session->profile->functions->len; i++) {
        const RsFunction *function = g_ptr_array_index(session->profile->functions, i);

        if (g_str_equal(function->name, name))
            return function;
    }
    return NULL;
}

#define SPIN(n)                                                                                    \
    "mkdir -p src && printf 'volatile long sum; __attribute__((noinline)) void spin_" n            \
    "(long n) { for (long i = 0; i < n; i++) sum += i * i; }\\n' >src/spin.c && "                  \
    "printf 'void spin_" n "(long n);\\nint main(void) { spin_" n "(60000000); return 0; }\\n' "   \
    ">main.c"

START_TEST(what_is_sampled_in_either_arm_has_its_source_from_the_top_of_the_repository)
{
    RsCollectOptions collect = {.allow_undecided = TRUE, .on_sampled = name_functions};

    need("gcc");
    make_revisions(SPIN("base"), SPIN("head"));
    build_with("gcc -g -O1 \"$PWD\"/main.c \"$PWD\"/src/spin.c -o program");
    trees = made(&options);
    add("./program", FALSE)->n_trials = 4;
    plan->sample_rate_hz = 999;
    collect.runner.arms = (RsArms){.before = rs_worktrees_before_arm, .data = trees};
    rs_plan_seal(plan);
    session = rs_collect_session(plan);
    ck_assert(rs_collect(plan, session, launcher, &collect, NULL));
    if (!session->profile || !session->profile->stacks->len) {
        puts("SKIP: no sampler works here");
        exit(0);
    }
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++) {
        const char *name = arm == RS_ARM_BASELINE ? "spin_base" : "spin_head";
        const RsFunction *function = function_named(name);

        ck_assert_msg(function != NULL, "%s was not sampled", name);
        ck_assert_str_eq(function->file, "src/spin.c");
    }
    ck_assert_ptr_nonnull(function_named("main"));
    ck_assert_str_eq(function_named("main")->file, "main.c");
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("worktrees_collect");

    tcase_set_timeout(tcase, 250);
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, every_program_hook_and_warm_up_sees_the_tree_of_its_arm);
    tcase_add_test(tcase, launches_that_are_looped_and_sampled_apart_see_it_too);
    tcase_add_test(tcase, a_path_that_cannot_be_turned_ends_the_run);
    tcase_add_test(tcase, turning_the_path_favours_neither_arm);
    tcase_add_test(tcase, a_comment_in_a_c_program_with_debug_information_changes_nothing);
    tcase_add_test(tcase, a_comment_in_a_rust_program_with_debug_information_changes_nothing);
    tcase_add_test(tcase, a_comment_in_a_cargo_project_changes_nothing);
    tcase_add_test(tcase, an_equal_program_whose_data_differ_is_measured);
    tcase_add_test(tcase, a_document_that_an_equal_program_is_given_is_data);
    tcase_add_test(tcase, scripts_and_interpreters_of_the_system_are_measured);
    tcase_add_test(tcase,
                   what_is_sampled_in_either_arm_has_its_source_from_the_top_of_the_repository);
    tcase_add_test(tcase, sources_of_both_arms_are_named_from_the_top_of_the_repository);
    return run_tests("worktrees_collect", tcase);
}
