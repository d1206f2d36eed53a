/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/config.h"

#include <check.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/run.h"

#define FIXTURES "fixtures/config"
#define HEAD     "version: 1\n"
#define ONE      "benchmarks:\n  - name: a\n    command: ./a\n"
#define BASELINE RS_ARM_BASELINE
#define CURRENT  RS_ARM_CURRENT

static RsPlan *parse(const char *text, GError **error)
{
    return rs_config_parse(text, strlen(text), "rustscope.yml", "/conf", error);
}

static RsPlan *parsed(const char *text)
{
    g_autoptr(GError) error = NULL;
    RsPlan *plan = parse(text, &error);

    ck_assert_msg(plan != NULL, "%s", error ? error->message : "no error set");
    return plan;
}

static RsPlanBenchmark *nth(const RsPlan *plan, guint i)
{
    ck_assert_uint_lt(i, plan->benchmarks->len);
    return g_ptr_array_index(plan->benchmarks, i);
}

static void assert_words(char **words, const char *joined)
{
    g_autofree char *actual = words ? g_strjoinv("|", words) : g_strdup("(none)");

    ck_assert_str_eq(actual, joined);
}

static void assert_refused(const char *text, const char *message)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RsPlan) plan = parse(text, &error);

    ck_assert_ptr_null(plan);
    ck_assert(g_error_matches(error, RS_PLAN_ERROR, RS_PLAN_ERROR_INVALID));
    ck_assert_str_eq(error->message, message);
}

/* Fixtures. */

static char **cases_of(const char *kind, guint at_least)
{
    g_autofree char *folder = g_build_filename(FIXTURES, kind, NULL);
    g_autoptr(GStrvBuilder) cases = g_strv_builder_new();
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    char **list;

    ck_assert_msg(dir != NULL, "%s: run from the root of the source", folder);
    while ((name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);

        g_strv_builder_add(cases, path);
    }
    list = g_strv_builder_end(cases);
    ck_assert_uint_ge(g_strv_length(list), at_least);
    return list;
}

static char *read_beside(const char *folder, const char *name, gsize *n_bytes)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    char *text = NULL;

    ck_assert_msg(g_file_get_contents(path, &text, n_bytes, NULL), "%s cannot be read", path);
    return text;
}

START_TEST(a_valid_file_gives_the_benchmarks_named_beside_it)
{
    g_auto(GStrv) cases = cases_of("valid", 9);

    for (guint i = 0; cases[i]; i++) {
        g_autofree char *path = g_build_filename(cases[i], "rustscope.yml", NULL);
        g_autofree char *expected = read_beside(cases[i], "names", NULL);
        g_autofree char *actual = NULL;
        g_autoptr(GError) error = NULL;
        g_autoptr(RsPlan) plan = rs_config_read(path, &error);

        ck_assert_msg(plan != NULL, "%s", error ? error->message : cases[i]);
        rs_plan_seal(plan);
        actual = g_strjoinv("\n", plan->expected_benchmarks);
        ck_assert_str_eq(g_strchomp(expected), actual);
    }
}
END_TEST

START_TEST(an_invalid_file_is_refused_with_the_message_beside_it)
{
    g_auto(GStrv) cases = cases_of("invalid", 110);

    for (guint i = 0; cases[i]; i++) {
        gsize n_bytes;
        g_autofree char *text = read_beside(cases[i], "rustscope.yml", &n_bytes);
        g_autofree char *expected = read_beside(cases[i], "error", NULL);
        g_autoptr(GError) error = NULL;
        g_autoptr(RsPlan) plan = rs_config_parse(text, n_bytes, "rustscope.yml", "/conf", &error);

        ck_assert_msg(!plan, "%s is accepted", cases[i]);
        ck_assert_str_eq(error->message, g_strchomp(expected));
    }
}
END_TEST

START_TEST(the_schema_agrees_with_the_fixtures)
{
    /* Debian's interpreter, because the validator and the YAML reader are Debian's packages. */
    char *argv[] = {"/usr/bin/python3", "tests/unit/config_schema.py",
                    "src/trial/config.schema.json", FIXTURES, NULL};
    g_autofree char *output = NULL;
    g_autofree char *problems = NULL;
    g_autoptr(GError) error = NULL;
    int status;

    ck_assert_msg(g_spawn_sync(NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output, &problems,
                               &status, &error),
                  "%s", error ? error->message : "");
    ck_assert_msg(status == 0, "%s%s", output, problems);
}
END_TEST

/* Values. */

START_TEST(a_minimal_file_leaves_every_default)
{
    g_autoptr(RsPlan) plan = parsed(HEAD ONE);
    const RsPlanBenchmark *benchmark = nth(plan, 0);

    ck_assert_double_eq(plan->gate->threshold_pct, 10);
    ck_assert_int_eq(plan->gate->fail_on, RS_SEVERITY_CRITICAL);
    ck_assert_double_eq(plan->gate->max_time_s, 0);
    ck_assert_int_eq(plan->seed, -1);
    ck_assert_ptr_null(plan->setup.argv);
    ck_assert_ptr_null(plan->expected_benchmarks); /* not sealed */
    ck_assert_int_eq(benchmark->design, RS_DESIGN_PAIRED);
    ck_assert(isnan(benchmark->threshold_pct));
    ck_assert_ptr_null(benchmark->gated_metrics);
    ck_assert_ptr_null(benchmark->tags);
    ck_assert_ptr_null(benchmark->parameters);
    ck_assert_uint_eq(benchmark->n_trials, 0);
    ck_assert_str_eq(benchmark->programs[CURRENT].working_directory, "/conf");
    ck_assert_ptr_null(benchmark->programs[CURRENT].stdin_path);
    ck_assert_ptr_null(benchmark->programs[CURRENT].environment);
    ck_assert_ptr_null(benchmark->programs[CURRENT].build_command);
}
END_TEST

START_TEST(keys_of_the_run_reach_the_gate_and_the_plan)
{
    g_autoptr(RsPlan) plan =
        parsed(HEAD "threshold: 7.5\nseverity-bounds: [1.25, 3]\nfail-on: any\nalpha: 0.01\n"
                    "metric: [wall, max_rss]\ncorrection: bh\nmax-pairs: 200\nmax-time: 1.5h\n"
                    "seed: 9223372036854775807\nsample-rate: 0.5\nsetup: mkdir -p 'a b'\ncleanup: "
                    "[rm, -r, a b]\nacceptance: {label: ok then, file: ci/ok.txt}\n" ONE);
    g_autoptr(RsPlan) plain = parsed(HEAD ONE);

    ck_assert_double_eq(plan->gate->threshold_pct, 7.5);
    ck_assert_double_eq(plan->gate->moderate_factor, 1.25);
    ck_assert_double_eq(plan->gate->critical_factor, 3);
    ck_assert_int_eq(plan->gate->fail_on, RS_SEVERITY_MINOR);
    ck_assert_double_eq(plan->gate->alpha, 0.01);
    assert_words(plan->gate->metrics, "wall|max_rss");
    ck_assert_int_eq(plan->gate->correction, RS_CORRECTION_BH);
    ck_assert_uint_eq(plan->gate->max_pairs, 200);
    ck_assert_double_eq(plan->gate->max_time_s, 5400);
    ck_assert_int_eq(plan->seed, G_MAXINT64);
    ck_assert_double_eq(plan->sample_rate_hz, 0.5);
    assert_words(plan->setup.argv, "mkdir|-p|a b");
    assert_words(plan->cleanup.argv, "rm|-r|a b");
    ck_assert_str_eq(plan->accept_label, "ok then");
    ck_assert_str_eq(plan->accept_file, "ci/ok.txt");
    ck_assert_str_eq(plain->accept_label, "rustscope:accept");
    ck_assert_ptr_null(plain->accept_file);
}
END_TEST

START_TEST(a_benchmark_overrides_the_file)
{
    g_autoptr(RsPlan) plan = parsed(
        HEAD "timeout: 60\nwarmup: 1\nlaunches: 4\ntrials: 30\nexit-codes: [1]\n" ONE
             "  - name: b\n    command: ./b\n    timeout: none\n    warmup: 0\n    launches: auto\n"
             "    trials: auto\n    exit-codes: [0, 3]\n    threshold: 5\n    metric: wall, lat\n"
             "    tags: [quick, slow]\n");
    const RsPlanBenchmark *a = nth(plan, 0), *b = nth(plan, 1);

    ck_assert_double_eq(a->timeout_s, 60);
    ck_assert_uint_eq(a->n_warmups, 1);
    ck_assert_uint_eq(a->launches_per_trial, 4);
    ck_assert_uint_eq(a->n_trials, 30);
    ck_assert_int_eq(g_array_index(a->exit_codes, int, 0), 1);
    ck_assert_double_eq(b->timeout_s, 0);
    ck_assert_uint_eq(b->n_warmups, 0);
    ck_assert_uint_eq(b->launches_per_trial, 0);
    ck_assert_uint_eq(b->n_trials, 0);
    ck_assert_uint_eq(b->exit_codes->len, 2);
    ck_assert_int_eq(g_array_index(b->exit_codes, int, 1), 3);
    ck_assert_double_eq(b->threshold_pct, 5);
    assert_words(b->gated_metrics, "wall|lat");
    assert_words(b->tags, "quick|slow");
}
END_TEST

START_TEST(the_particular_wins_over_the_general)
{
    g_autoptr(RsPlan) plan = parsed(HEAD "prepare: top\nbaseline: {prepare: top-arm}\n"
                                         "benchmarks:\n"
                                         "  - {name: a, command: x}\n"
                                         "  - {name: b, command: x, prepare: bench}\n"
                                         "  - {name: c, command: x, prepare: bench,"
                                         " baseline: {prepare: bench-arm, command: y}}\n");

    assert_words(nth(plan, 0)->prepare[BASELINE].argv, "top-arm");
    assert_words(nth(plan, 0)->prepare[CURRENT].argv, "top");
    assert_words(nth(plan, 1)->prepare[BASELINE].argv, "bench");
    assert_words(nth(plan, 2)->prepare[BASELINE].argv, "bench-arm");
    assert_words(nth(plan, 2)->prepare[CURRENT].argv, "bench");
    assert_words(nth(plan, 2)->programs[BASELINE].argv, "y");
    assert_words(nth(plan, 2)->programs[CURRENT].argv, "x");
}
END_TEST

START_TEST(environments_are_merged)
{
    g_autoptr(RsPlan) plan =
        parsed(HEAD "env: {A: 1, B: 1, C: 1, D: 1}\ncurrent: {env: {B: 2, C: 2, D: 2}}\n" ONE
                    "    env: {C: 3, D: 3}\n    current: {env: {D: ''}}\n");
    char **current = nth(plan, 0)->programs[CURRENT].environment;

    assert_words(nth(plan, 0)->programs[BASELINE].environment, "A=1|B=1|C=3|D=3");
    ck_assert_str_eq(g_environ_getenv(current, "A"), "1");
    ck_assert_str_eq(g_environ_getenv(current, "B"), "2");
    ck_assert_str_eq(g_environ_getenv(current, "C"), "3");
    ck_assert_str_eq(g_environ_getenv(current, "D"), "");
    ck_assert_uint_eq(g_strv_length(current), 4);
}
END_TEST

START_TEST(values_of_variables_are_taken_as_they_are_written)
{
    g_autoptr(RsPlan) plan = parsed(HEAD ONE "    env: {A: no, B: 010, C: 1.50, D: 'null'}\n");

    assert_words(nth(plan, 0)->programs[CURRENT].environment, "A=no|B=010|C=1.50|D=null");
}
END_TEST

START_TEST(paths_are_relative_to_the_folder_of_the_file)
{
    g_autoptr(RsPlan) plan =
        parsed(HEAD "stdin: in.txt\nbaseline: {working-directory: ../base/./x}\n" ONE
                    "    current: {working-directory: /abs/../srv, stdin: /dev/null}\n");
    const RsProgram *programs = nth(plan, 0)->programs;

    ck_assert_str_eq(programs[BASELINE].working_directory, "/base/x");
    ck_assert_str_eq(programs[BASELINE].stdin_path, "/conf/in.txt");
    ck_assert_str_eq(programs[CURRENT].working_directory, "/srv");
    ck_assert_str_eq(programs[CURRENT].stdin_path, "/dev/null");
    assert_words(nth(plan, 0)->programs[CURRENT].argv, "./a"); /* not rewritten */
}
END_TEST

START_TEST(shell_holds_for_what_is_beside_it_or_deeper)
{
    g_autoptr(RsPlan) plan =
        parsed(HEAD "prepare: top\ncurrent: {shell: true, cleanup: top arm}\n"
                    "benchmarks:\n"
                    "  - name: a\n    shell: true\n    baseline: x | y\n"
                    "    current: {shell: false, command: x y}\n    setup: [x, y]\n");
    const RsPlanBenchmark *a = nth(plan, 0);

    ck_assert(!a->prepare[BASELINE].shell);
    ck_assert(!a->prepare[CURRENT].shell);
    ck_assert(a->cleanup[CURRENT].shell);
    ck_assert(a->programs[BASELINE].shell);
    assert_words(a->programs[BASELINE].argv, "x | y");
    ck_assert(!a->programs[CURRENT].shell);
    assert_words(a->programs[CURRENT].argv, "x|y");
    ck_assert(!a->setup[BASELINE].shell); /* a list is exact */
    assert_words(a->setup[BASELINE].argv, "x|y");
}
END_TEST

START_TEST(the_run_hooks_follow_the_shell_of_the_file)
{
    g_autoptr(RsPlan) plan = parsed(HEAD "setup: a | b\nshell: true\n" ONE);

    ck_assert(plan->setup.shell);
    assert_words(plan->setup.argv, "a | b");
}
END_TEST

START_TEST(build_is_one_text_for_the_shell)
{
    g_autoptr(RsPlan) plan = parsed(HEAD "build: cd x && make 'a b'\n" ONE);

    ck_assert_str_eq(nth(plan, 0)->programs[BASELINE].build_command, "cd x && make 'a b'");
}
END_TEST

START_TEST(a_list_of_build_words_is_quoted)
{
    g_autoptr(RsPlan) plan = parsed(HEAD ONE "    build: [make, \"it's\", $x]\n");
    g_auto(GStrv) words = NULL;

    ck_assert(
        g_shell_parse_argv(nth(plan, 0)->programs[CURRENT].build_command, NULL, &words, NULL));
    assert_words(words, "make|it's|$x");
}
END_TEST

/* Matrix and placeholders. */

START_TEST(a_matrix_makes_a_benchmark_of_each_combination)
{
    g_autoptr(RsPlan) plan =
        parsed(HEAD "benchmarks:\n  - name: p-{size}-{mode}\n    command: ./p\n"
                    "    matrix: {size: [s, l], mode: [a, b, c]}\n"
                    "    exclude: [{size: s, mode: b}, {mode: c}]\n");

    ck_assert_uint_eq(plan->benchmarks->len, 3);
    ck_assert_str_eq(nth(plan, 0)->name, "p-s-a");
    ck_assert_str_eq(nth(plan, 1)->name, "p-l-a");
    ck_assert_str_eq(nth(plan, 2)->name, "p-l-b");
    assert_words(nth(plan, 2)->parameters, "size=l|mode=b");
}
END_TEST

START_TEST(parameters_that_the_name_lacks_are_appended)
{
    g_autoptr(RsPlan) plan =
        parsed(HEAD "benchmarks:\n  - {name: p, command: x, matrix: {a: [1, 2],"
                    " b: [3]}}\n  - {name: 'q{b}', command: x, matrix: {a: [1],"
                    " b: [3]}}\n");

    ck_assert_str_eq(nth(plan, 0)->name, "p [a=1 b=3]");
    ck_assert_str_eq(nth(plan, 1)->name, "p [a=2 b=3]");
    ck_assert_str_eq(nth(plan, 2)->name, "q3 [a=1]");
}
END_TEST

START_TEST(placeholders_are_replaced_everywhere_but_in_settings)
{
    g_autoptr(RsPlan) plan =
        parsed(HEAD "benchmarks:\n  - name: a\n    command: ./{v} --{arm}\n    stdin: '{v}.in'\n"
                    "    working-directory: '{arm}/{v}'\n    env: {V: '{v}'}\n    build: make {v}\n"
                    "    setup: s {v}\n    prepare: p {v}\n    cleanup: [c, '{v}']\n"
                    "    matrix: {v: [x y]}\n");
    const RsPlanBenchmark *a = nth(plan, 0);

    assert_words(a->programs[BASELINE].argv, "./x y|--baseline"); /* one word stays one */
    assert_words(a->programs[CURRENT].argv, "./x y|--current");
    ck_assert_str_eq(a->programs[CURRENT].stdin_path, "/conf/x y.in");
    ck_assert_str_eq(a->programs[CURRENT].working_directory, "/conf/current/x y");
    assert_words(a->programs[CURRENT].environment, "V=x y");
    ck_assert_str_eq(a->programs[CURRENT].build_command, "make x y");
    assert_words(a->setup[CURRENT].argv, "s|x y");
    assert_words(a->prepare[CURRENT].argv, "p|x y");
    assert_words(a->cleanup[CURRENT].argv, "c|x y");
}
END_TEST

START_TEST(braces_that_are_no_placeholder_are_left_alone)
{
    static const char *const texts[][2] = {
        {"{}", "{}"},
        {"${v}", "${v}"},
        {"${V:-{v}}", "${V:-1}"},
        {"{print $1}", "{print $1}"},
        {"{\"n\":{v}}", "{\"n\":1}"},
        {"{{v}}", "{v}"},
        {"{{other}}", "{other}"},
        {"{{{v}}}", "{{v}}"},
        {"{{v}", "{1"},
        {"{v}}", "1}"},
        {"$v{v}$", "$v1$"},
        {"{", "{"},
        {"{v", "{v"},
        {"{1}", "{1}"},
        {"{v}{v}", "11"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *text =
            g_strdup_printf(HEAD "benchmarks:\n  - name: a\n    command: [x, '%s']\n"
                                 "    matrix: {v: [1]}\n",
                            texts[i][0]);
        g_autoptr(RsPlan) plan = parsed(text);

        ck_assert_str_eq(nth(plan, 0)->programs[BASELINE].argv[1], texts[i][1]);
    }
}
END_TEST

START_TEST(a_value_is_not_read_for_placeholders_again)
{
    g_autoptr(RsPlan) plan = parsed(HEAD "benchmarks:\n  - name: a\n    command: [x, '{a}']\n"
                                         "    matrix: {a: ['{b}'], b: [1]}\n");

    assert_words(nth(plan, 0)->programs[BASELINE].argv, "x|{b}");
}
END_TEST

START_TEST(a_word_that_a_value_empties_is_no_program)
{
    assert_refused(HEAD "benchmarks:\n  - name: a\n    command: '{p}'\n    matrix: {p: ['']}\n",
                   "rustscope.yml:4: benchmarks[0].command: the name of the program is empty");
    assert_refused(HEAD "benchmarks:\n  - name: a\n    command: x\n    stdin: '{p}'\n"
                        "    matrix: {p: ['']}\n",
                   "rustscope.yml:5: benchmarks[0].stdin: is empty with the values of the matrix");
}
END_TEST

/* Metrics. */

START_TEST(every_metric_that_may_gate_is_accepted_and_no_other)
{
    for (guint i = 0; i < RS_N_METRICS; i++) {
        g_autofree char *text = g_strdup_printf(HEAD "metric: [%s]\n" ONE, rs_metric_rows[i].name);
        g_autoptr(RsPlan) plan = parse(text, NULL);

        ck_assert_int_eq(plan != NULL, rs_metric_rows[i].may_gate);
    }
}
END_TEST

START_TEST(a_metric_of_the_benchmarks_own_is_accepted)
{
    g_autoptr(RsPlan) plan = parsed(HEAD "metric: [gpu, requests/s:p99, user_logins]\n" ONE);

    assert_words(plan->gate->metrics, "gpu|requests/s:p99|user_logins");
}
END_TEST

/* Files, limits. */

START_TEST(the_checksum_is_of_the_bytes)
{
    g_autoptr(RsPlan) plan = parsed(HEAD ONE);
    g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, HEAD ONE, -1);

    ck_assert_str_eq(plan->configuration_sha256, sum);
}
END_TEST

START_TEST(a_file_is_read_with_its_own_folder)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_dir_make_tmp("rustscope-config-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "rustscope.yml", NULL);
    g_autoptr(RsPlan) plan = NULL;

    ck_assert(g_file_set_contents(path, HEAD ONE, -1, NULL));
    plan = rs_config_read(path, &error);
    ck_assert_ptr_nonnull(plan);
    ck_assert_str_eq(nth(plan, 0)->programs[CURRENT].working_directory, folder);
    g_unlink(path);
    g_rmdir(folder);
}
END_TEST

START_TEST(a_file_that_is_not_there_is_an_error_with_its_name)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(rs_config_read("/nowhere/rustscope.yml", &error));
    ck_assert(g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT));
    ck_assert_msg(g_str_has_prefix(error->message, "/nowhere/rustscope.yml: "), "%s",
                  error->message);
}
END_TEST

START_TEST(a_huge_file_is_refused)
{
    g_autofree char *blank = g_strnfill(4 * 1024 * 1024 + 1, '\n');

    assert_refused(blank, "rustscope.yml:1: longer than 4 MiB");
}
END_TEST

START_TEST(a_file_of_brackets_is_refused_at_once)
{
    g_autofree char *brackets = g_strnfill(4 * 1024 * 1024, '[');
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(parse(brackets, &error));
    ck_assert(g_str_has_suffix(error->message, "nested deeper than 32 levels"));
}
END_TEST

START_TEST(texts_that_a_matrix_multiplies_are_bounded)
{
    g_autofree char *word = g_strnfill(60000, 'x');
    g_autofree char *text =
        g_strdup_printf(HEAD "benchmarks:\n  - name: a\n    command: %s\n    matrix:\n"
                             "      a: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]\n"
                             "      b: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]\n"
                             "      c: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]\n",
                        word);

    assert_refused(text, "rustscope.yml:4: benchmarks[0].command: the benchmarks of the file take "
                         "more than 64 MiB when written out");
}
END_TEST

START_TEST(ten_thousand_benchmarks_are_one_file)
{
#define TEN "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]"
    static const char matrix[] =
        HEAD "benchmarks:\n  - name: a\n    command: x\n"
             "    matrix: {a: " TEN ", b: " TEN ", c: " TEN ", d: " TEN "}\n";
    g_autofree char *one_more = g_strconcat(matrix, "  - name: b\n    command: x\n", NULL);
    g_autoptr(RsPlan) plan = parsed(matrix);

    ck_assert_uint_eq(plan->benchmarks->len, 10000);
    assert_refused(one_more,
                   "rustscope.yml:6: benchmarks[1]: more than 10000 benchmarks in the file");
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("config");

    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, a_valid_file_gives_the_benchmarks_named_beside_it);
    tcase_add_test(tcase, an_invalid_file_is_refused_with_the_message_beside_it);
    tcase_add_test(tcase, the_schema_agrees_with_the_fixtures);
    tcase_add_test(tcase, a_minimal_file_leaves_every_default);
    tcase_add_test(tcase, keys_of_the_run_reach_the_gate_and_the_plan);
    tcase_add_test(tcase, a_benchmark_overrides_the_file);
    tcase_add_test(tcase, the_particular_wins_over_the_general);
    tcase_add_test(tcase, environments_are_merged);
    tcase_add_test(tcase, values_of_variables_are_taken_as_they_are_written);
    tcase_add_test(tcase, paths_are_relative_to_the_folder_of_the_file);
    tcase_add_test(tcase, shell_holds_for_what_is_beside_it_or_deeper);
    tcase_add_test(tcase, the_run_hooks_follow_the_shell_of_the_file);
    tcase_add_test(tcase, build_is_one_text_for_the_shell);
    tcase_add_test(tcase, a_list_of_build_words_is_quoted);
    tcase_add_test(tcase, a_matrix_makes_a_benchmark_of_each_combination);
    tcase_add_test(tcase, parameters_that_the_name_lacks_are_appended);
    tcase_add_test(tcase, placeholders_are_replaced_everywhere_but_in_settings);
    tcase_add_test(tcase, braces_that_are_no_placeholder_are_left_alone);
    tcase_add_test(tcase, a_value_is_not_read_for_placeholders_again);
    tcase_add_test(tcase, a_word_that_a_value_empties_is_no_program);
    tcase_add_test(tcase, every_metric_that_may_gate_is_accepted_and_no_other);
    tcase_add_test(tcase, a_metric_of_the_benchmarks_own_is_accepted);
    tcase_add_test(tcase, the_checksum_is_of_the_bytes);
    tcase_add_test(tcase, a_file_is_read_with_its_own_folder);
    tcase_add_test(tcase, a_file_that_is_not_there_is_an_error_with_its_name);
    tcase_add_test(tcase, a_huge_file_is_refused);
    tcase_add_test(tcase, a_file_of_brackets_is_refused_at_once);
    tcase_add_test(tcase, texts_that_a_matrix_multiplies_are_bounded);
    tcase_add_test(tcase, ten_thousand_benchmarks_are_one_file);
    return run_tests("config", tcase);
}
