/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/policy.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/run.h"
#include "trial/config.h"
#include "trial/policy_changes.h"

static RsPlan *plan_of(const char *text)
{
    g_autoptr(GError) error = NULL;
    RsPlan *plan = rs_config_parse(text, strlen(text), "rustscope.yml", "/repository", &error);

    ck_assert_msg(plan != NULL, "%s\n%s", error ? error->message : "", text);
    return plan;
}

/* Two benchmarks, with keys at the top and in the first one. */
static RsPlan *plan_with(const char *top, const char *in_parse)
{
    g_autofree char *text = g_strdup_printf("version: 1\n%s\nbenchmarks:\n  - name: parse\n"
                                            "    command: parse big.json\n%s"
                                            "  - name: render\n    command: render page\n",
                                            top, in_parse);

    return plan_of(text);
}

/* "threshold of parse: 10 % -> 50 %", with "!" before it where it weakens; one a line. */
static char *in_words(const GPtrArray *changes)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < changes->len; i++) {
        const RsPolicyChange *change = g_ptr_array_index(changes, i);

        g_string_append_printf(
            text, "%s%s%s%s%s: %s -> %s", i ? "\n" : "", change->weakens ? "!" : "",
            rs_policy_kind_names[change->kind], change->benchmark ? " of " : "",
            change->benchmark ? change->benchmark : "", change->before ? change->before : "-",
            change->after ? change->after : "-");
    }
    return g_string_free(text, FALSE);
}

static void assert_changes(const RsPlan *base, const RsPlan *head, const char *expected)
{
    g_autoptr(GPtrArray) changes = NULL;
    g_autoptr(RsPlan) plan = rs_policy_join(base, head, &changes);
    g_autofree char *text = in_words(changes);

    ck_assert_ptr_nonnull(plan);
    ck_assert_str_eq(text, expected);
}

typedef struct {
    const char *base, *head;  /* at the top, or in parse after a "/" */
    const char *there, *back; /* changes to head, and from head to base */
} Case;

static RsPlan *plan_of_side(const char *side)
{
    g_autofree char *line =
        *side == '/' && side[1] ? g_strdup_printf("    %s\n", side + 1) : g_strdup("");

    return plan_with(*side == '/' ? "" : side, line);
}

static const Case cases[] = {
    {"threshold: 10", "threshold: 50", "!threshold: 10 % -> 50 %", "threshold: 50 % -> 10 %"},
    {"/", "/threshold: 50", "!threshold of parse: 10 % -> 50 %",
     "threshold of parse: 50 % -> 10 %"},
    {"fail-on: any", "fail-on: critical", "!fail_on: minor -> critical",
     "fail_on: critical -> minor"},
    {"fail-on: critical", "fail-on: none", "!fail_on: critical -> none",
     "fail_on: none -> critical"},
    {"severity-bounds: [1.5, 2]", "severity-bounds: [1.5, 5]",
     "!severity_bounds: moderate above 1.5, critical above 2 thresholds -> moderate above 1.5, "
     "critical above 5 thresholds",
     "severity_bounds: moderate above 1.5, critical above 5 thresholds -> moderate above 1.5, "
     "critical above 2 thresholds"},
    {"severity-bounds: [1.5, 2]", "severity-bounds: [1.75, 1.75]",
     "!severity_bounds: moderate above 1.5, critical above 2 thresholds -> moderate above 1.75, "
     "critical above 1.75 thresholds",
     "!severity_bounds: moderate above 1.75, critical above 1.75 thresholds -> moderate above 1.5, "
     "critical above 2 thresholds"},
    {"alpha: 0.05", "alpha: 0.001", "!alpha: 0.05 -> 0.001", "alpha: 0.001 -> 0.05"},
    {"correction: none", "correction: bh", "!alpha: correction none -> correction bh",
     "alpha: correction bh -> correction none"},
    {"correction: bh", "correction: holm", "!alpha: correction bh -> correction holm",
     "alpha: correction holm -> correction bh"},
    {"metric: wall, cpu", "metric: cpu", "!metrics: wall, cpu -> cpu", "metrics: cpu -> wall, cpu"},
    {"metric: wall", "metric: cpu", "!metrics: wall -> cpu", "!metrics: cpu -> wall"},
    {"/", "/metric: wall", "!metrics of parse: wall, cpu -> wall",
     "metrics of parse: wall -> wall, cpu"},
    {"max-pairs: 150", "max-pairs: 100", "budget: max-pairs: 150 -> max-pairs: 100",
     "budget: max-pairs: 100 -> max-pairs: 150"},
    {"max-pairs: 150", "max-pairs: 3", "!budget: max-pairs: 150 -> max-pairs: 3",
     "budget: max-pairs: 3 -> max-pairs: 150"},
    {"max-time: 1h", "max-time: 1s", "budget: max-time: 1 h 00 min -> max-time: 1.0 s",
     "budget: max-time: 1.0 s -> max-time: 1 h 00 min"},
    {"/", "/trials: 100", "budget of parse: trials: auto -> trials: 100",
     "budget of parse: trials: 100 -> trials: auto"},
    {"/", "/trials: 2", "!budget of parse: trials: auto -> trials: 2",
     "budget of parse: trials: 2 -> trials: auto"},
    {"/", "/launches: 3", "budget of parse: launches: auto -> launches: 3",
     "budget of parse: launches: 3 -> launches: auto"},
    {"/", "/timeout: 5s", "budget of parse: timeout: no limit -> timeout: 5.0 s",
     "budget of parse: timeout: 5.0 s -> timeout: no limit"},
    {"/", "/warmup: 5", "budget of parse: warmup: 0 -> warmup: 5",
     "budget of parse: warmup: 5 -> warmup: 0"},
    {"seed: 1", "seed: 9223372036854775807", "budget: seed: 1 -> seed: 9223372036854775807",
     "budget: seed: 9223372036854775807 -> seed: 1"},
    {"sample-rate: 199", "sample-rate: 0", "budget: sample-rate: 199 -> sample-rate: 0",
     "budget: sample-rate: 0 -> sample-rate: 199"},
    {"/", "/exit-codes: [0, 3]", "!exit_codes of parse: 0 -> 0, 3",
     "exit_codes of parse: 0, 3 -> 0"},
    {"exit-codes: [0]", "exit-codes: [0, 1]", "!exit_codes: 0 -> 0, 1", "exit_codes: 0, 1 -> 0"},
    {"/tags: [quick, slow]", "/tags: [slow]", "!tags of parse: quick, slow -> slow",
     "tags of parse: slow -> quick, slow"},
    {"/stdin: big.txt", "/stdin: small.txt",
     "!command of parse: input: /repository/big.txt -> input: /repository/small.txt",
     "!command of parse: input: /repository/small.txt -> input: /repository/big.txt"},
    {"/env: {N: 1000, L: C}", "/env: {N: 1, L: C}",
     "!command of parse: environment: N=1000 -> environment: N=1",
     "!command of parse: environment: N=1 -> environment: N=1000"},
    {"/", "/env: {QUICK: 1}", "!command of parse: - -> environment: QUICK=1",
     "!command of parse: environment: QUICK=1 -> -"},
    {"/", "/prepare: warm-cache", "!command of parse: - -> prepare: warm-cache",
     "!command of parse: prepare: warm-cache -> -"},
    {"/setup: make data", "/setup: make less",
     "!command of parse: setup: make data -> setup: make less",
     "!command of parse: setup: make less -> setup: make data"},
    {"/build: make", "/build: make fast", "!command of parse: build: make -> build: make fast",
     "!command of parse: build: make fast -> build: make"},
    {"/", "/current: {command: parse small.json}",
     "!command of parse: current command: parse big.json -> current command: parse small.json",
     "!command of parse: current command: parse small.json -> current command: parse big.json"},
    {"/", "/baseline: {env: {SLOW: 1}}", "!command of parse: - -> baseline environment: SLOW=1",
     "!command of parse: baseline environment: SLOW=1 -> -"},
    {"working-directory: a", "working-directory: b",
     "!command: working directory: /repository/a -> working directory: /repository/b",
     "!command: working directory: /repository/b -> working directory: /repository/a"},
    {"setup: make data", "setup: make less",
     "!command: setup of the run: make data -> setup of the run: make less",
     "!command: setup of the run: make less -> setup of the run: make data"},
    {"acceptance: {label: a}", "acceptance: {label: b}", "!acceptance: label a -> label b",
     "!acceptance: label b -> label a"},
    {"threshold: 10", "acceptance: {file: ok.txt}", "!acceptance: - -> file ok.txt",
     "acceptance: file ok.txt -> -"},
};

START_TEST(every_way_to_loosen_the_gate_is_told_in_both_directions)
{
    const Case *it = &cases[_i];
    g_autoptr(RsPlan) base = plan_of_side(it->base);
    g_autoptr(RsPlan) head = plan_of_side(it->head);

    assert_changes(base, head, it->there);
    assert_changes(head, base, it->back);
    assert_changes(base, base, "");
    assert_changes(head, head, "");
}
END_TEST

START_TEST(a_deleted_file_weakens_and_a_first_one_does_not)
{
    g_autoptr(RsPlan) plan = plan_with("threshold: 7", "");
    g_autoptr(GPtrArray) deleted = NULL, added = NULL;
    g_autoptr(RsPlan) from_base = rs_policy_join(plan, NULL, &deleted);
    g_autoptr(RsPlan) from_head = rs_policy_join(NULL, plan, &added);
    g_autofree char *deleted_words = in_words(deleted);
    g_autofree char *added_words = in_words(added);

    ck_assert_str_eq(deleted_words, "!file_deleted: 2 benchmarks -> -");
    ck_assert_str_eq(added_words, "file_added: - -> 2 benchmarks");
    ck_assert_uint_eq(from_base->benchmarks->len, 2);
    ck_assert_double_eq(from_base->gate->threshold_pct, 7);
    ck_assert_ptr_nonnull(
        ((RsPlanBenchmark *)from_head->benchmarks->pdata[0])->programs[RS_ARM_BASELINE].argv);
}
END_TEST

START_TEST(a_benchmark_that_is_deleted_is_measured_and_one_that_is_renamed_is_recognised)
{
    g_autoptr(RsPlan) base = plan_of("version: 1\nbenchmarks:\n  - {name: a, command: run a}\n"
                                     "  - {name: b, command: run b}\n");
    g_autoptr(RsPlan) head = plan_of("version: 1\nbenchmarks:\n  - {name: c, command: run a}\n"
                                     "  - {name: d, command: run d}\n");
    g_autoptr(GPtrArray) changes = NULL;
    g_autoptr(RsPlan) plan = rs_policy_join(base, head, &changes);
    g_autofree char *words = in_words(changes);
    const RsPlanBenchmark *deleted = g_ptr_array_index(plan->benchmarks, 1);
    const RsPlanBenchmark *added = g_ptr_array_index(plan->benchmarks, 3);

    ck_assert_str_eq(words, "!benchmark_deleted of a: measured -> called c\n"
                            "!benchmark_deleted of b: measured -> -\n"
                            "benchmark_added of c: - -> measured\n"
                            "benchmark_added of d: - -> measured");
    ck_assert_uint_eq(plan->benchmarks->len, 4);
    ck_assert_str_eq(deleted->name, "b");
    ck_assert_str_eq(deleted->programs[RS_ARM_BASELINE].argv[1], "b");
    ck_assert_str_eq(deleted->programs[RS_ARM_CURRENT].argv[1], "b");
    ck_assert_str_eq(added->name, "d");
    ck_assert_ptr_null(added->programs[RS_ARM_BASELINE].argv);
    ck_assert_str_eq(added->programs[RS_ARM_CURRENT].argv[1], "d");
}
END_TEST

START_TEST(the_rules_are_the_base_s_and_the_current_program_is_the_change_s)
{
    g_autoptr(RsPlan) base =
        plan_with("threshold: 5\nfail-on: any\nmax-pairs: 99\nseed: 3\n"
                  "acceptance: {label: mine, file: ok}",
                  "    threshold: 3\n    metric: wall\n    timeout: 9s\n    exit-codes: [4]\n"
                  "    trials: 40\n    prepare: old\n");
    g_autoptr(RsPlan) head =
        plan_with("threshold: 50\nfail-on: none\nmax-pairs: 20\nmetric: max_rss\nseed: 5\n"
                  "acceptance: {label: yours}",
                  "    threshold: 90\n    exit-codes: [0, 1]\n    prepare: new\n"
                  "    current: parse small.json\n    baseline: parse nothing\n");
    g_autoptr(GPtrArray) changes = NULL;
    g_autoptr(RsPlan) plan = rs_policy_join(base, head, &changes);
    const RsPlanBenchmark *parse = g_ptr_array_index(plan->benchmarks, 0);

    ck_assert_double_eq(plan->gate->threshold_pct, 5);
    ck_assert_int_eq(plan->gate->fail_on, RS_SEVERITY_MINOR);
    ck_assert_uint_eq(plan->gate->max_pairs, 99);
    ck_assert_str_eq(plan->gate->metrics[0], "wall");
    ck_assert_int_eq(plan->seed, 3);
    ck_assert_str_eq(plan->accept_label, "mine");
    ck_assert_str_eq(plan->accept_file, "ok");
    ck_assert_double_eq(parse->threshold_pct, 3);
    ck_assert_str_eq(parse->gated_metrics[0], "wall");
    ck_assert_double_eq(parse->timeout_s, 9);
    ck_assert_uint_eq(parse->exit_codes->len, 1);
    ck_assert_int_eq(g_array_index(parse->exit_codes, int, 0), 4);
    ck_assert_uint_eq(parse->n_trials, 40);
    ck_assert_str_eq(parse->programs[RS_ARM_BASELINE].argv[1], "big.json");
    ck_assert_str_eq(parse->programs[RS_ARM_CURRENT].argv[1], "small.json");
    ck_assert_str_eq(parse->prepare[RS_ARM_BASELINE].argv[0], "old");
    ck_assert_str_eq(parse->prepare[RS_ARM_CURRENT].argv[0], "new");
    ck_assert_str_ne(plan->configuration_sha256, base->configuration_sha256);
}
END_TEST

START_TEST(what_holds_for_every_benchmark_is_told_once)
{
    g_autoptr(GString) base_text = g_string_new("version: 1\nbenchmarks:\n");
    g_autoptr(GString) head_text = g_string_new("version: 1\nenv: {QUICK: 1}\nbenchmarks:\n");
    g_autoptr(RsPlan) base = NULL, head = NULL;

    for (guint i = 0; i < 700; i++) {
        g_string_append_printf(base_text, "  - {name: b%u, command: run %u}\n", i, i);
        g_string_append_printf(head_text, "  - {name: b%u, command: run %u}\n", i, i);
    }
    base = plan_of(base_text->str);
    head = plan_of(head_text->str);
    assert_changes(base, head, "!command: - -> environment: QUICK=1");
}
END_TEST

START_TEST(too_many_changes_are_counted_and_those_that_weaken_come_first)
{
    g_autoptr(GString) base_text = g_string_new("version: 1\nbenchmarks:\n");
    g_autoptr(GString) head_text = g_string_new("version: 1\nbenchmarks:\n");
    g_autoptr(RsPlan) base = NULL, head = NULL, plan = NULL;
    g_autoptr(GPtrArray) changes = NULL;
    const RsPolicyChange *first, *last;

    for (guint i = 0; i < 700; i++) {
        g_string_append_printf(base_text, "  - {name: b%u, command: run, warmup: %u}\n", i, i);
        g_string_append_printf(head_text, "  - {name: b%u, command: run%s}\n", i,
                               i == 690 ? " less" : "");
    }
    base = plan_of(base_text->str);
    head = plan_of(head_text->str);
    plan = rs_policy_join(base, head, &changes);
    first = g_ptr_array_index(changes, 0);
    last = g_ptr_array_index(changes, changes->len - 1);
    ck_assert_uint_eq(changes->len, RS_POLICY_MAX_CHANGES);
    ck_assert(first->weakens && g_str_equal(first->benchmark, "b690"));
    ck_assert_str_eq(last->after, "and 501 more changes");
}
END_TEST

START_TEST(a_difference_far_to_the_right_is_shown_and_secrets_are_not)
{
    g_autofree char *long_word = g_strnfill(300, 'x');
    g_autofree char *base_keys = g_strdup_printf(
        "    prepare: get %s one\n    env: {API_TOKEN: aaa, URL: 'https://me:pw@host/x'}\n",
        long_word);
    g_autofree char *head_keys = g_strdup_printf(
        "    prepare: get %s two\n    env: {API_TOKEN: bbb, URL: 'https://me:qq@host/x'}\n",
        long_word);
    g_autoptr(RsPlan) base = plan_with("", base_keys), head = plan_with("", head_keys);
    g_autoptr(GPtrArray) changes = NULL;
    g_autoptr(RsPlan) plan = rs_policy_join(base, head, &changes);
    g_autofree char *words = in_words(changes);

    ck_assert_msg(strstr(words, "one -> ") && strstr(words, "xx two"), "%s", words);
    ck_assert_msg(strstr(words, "API_TOKEN") != NULL, "%s", words);
    ck_assert_msg(!strstr(words, "aaa") && !strstr(words, "bbb") && !strstr(words, "pw@"), "%s",
                  words);
    ck_assert_uint_lt(strlen(words), 900);
}
END_TEST

START_TEST(commands_that_only_look_alike_are_different)
{
    static const char *const pairs[][2] = {
        {"command: [run, a b]", "command: [run, a, b]"},
        {"command: 'run a'\n    shell: true", "command: ['sh:', run, a]"},
        {"command: [run, '']", "command: [run]"},
        {"command: run\n    env: {A: 'b, C=d'}", "command: run\n    env: {A: b, C: d}"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(pairs); i++) {
        RsPlan *sides[2];
        g_autoptr(GPtrArray) changes = NULL;
        g_autoptr(RsPlan) plan = NULL;

        for (guint k = 0; k < 2; k++) {
            g_autofree char *text =
                g_strdup_printf("version: 1\nbenchmarks:\n  - name: a\n    %s\n", pairs[i][k]);

            sides[k] = plan_of(text);
        }
        plan = rs_policy_join(sides[0], sides[1], &changes);
        ck_assert_msg(changes->len > 0 && ((RsPolicyChange *)changes->pdata[0])->weakens, "%s",
                      pairs[i][0]);
        rs_plan_free(sides[0]);
        rs_plan_free(sides[1]);
    }
}
END_TEST

/* --- any two plans --- */

static double drawn(GRand *rand, const double *values, guint n)
{
    return values[g_rand_int_range(rand, 0, (gint32)n)];
}

static char **drawn_metrics(GRand *rand)
{
    static const char *const all[] = {"wall", "cpu", "max_rss"};
    g_autoptr(GStrvBuilder) metrics = g_strv_builder_new();

    for (guint i = 0; i < G_N_ELEMENTS(all); i++)
        if (g_rand_boolean(rand))
            g_strv_builder_add(metrics, all[i]);
    if (g_rand_int_range(rand, 0, 4) == 0)
        g_strv_builder_add(metrics, "own");
    return g_strv_builder_end(metrics);
}

static RsPlanBenchmark *drawn_benchmark(GRand *rand, const char *name)
{
    static const double thresholds[] = {NAN, NAN, 5, 10, 20};
    static const char *const commands[] = {"run", "run", "run fast"};
    RsPlanBenchmark *benchmark = rs_plan_benchmark_new(name, RS_DESIGN_PAIRED);

    for (RsArm arm = 0; arm < RS_N_ARMS; arm++) {
        const char *command = commands[g_rand_int_range(rand, 0, G_N_ELEMENTS(commands))];

        benchmark->programs[arm].argv = g_strsplit(command, " ", -1);
    }
    benchmark->threshold_pct = drawn(rand, thresholds, G_N_ELEMENTS(thresholds));
    benchmark->gated_metrics = g_rand_boolean(rand) ? drawn_metrics(rand) : NULL;
    benchmark->n_trials = (guint)g_rand_int_range(rand, 0, 2) * 30;
    if (g_rand_boolean(rand)) {
        int code = g_rand_int_range(rand, 1, 3);

        g_array_append_val(benchmark->exit_codes, code);
    }
    return benchmark;
}

static RsPlan *drawn_plan(GRand *rand)
{
    static const double thresholds[] = {5, 10, 20}, alphas[] = {0.01, 0.05};
    static const double factors[] = {1.5, 2, 5};
    static const char *const names[] = {"a", "b", "c", "d"};
    RsPlan *plan = rs_plan_new();
    RsGate *gate = plan->gate;

    gate->threshold_pct = drawn(rand, thresholds, G_N_ELEMENTS(thresholds));
    gate->alpha = drawn(rand, alphas, G_N_ELEMENTS(alphas));
    gate->moderate_factor = drawn(rand, factors, G_N_ELEMENTS(factors));
    gate->critical_factor = MAX(gate->moderate_factor, drawn(rand, factors, G_N_ELEMENTS(factors)));
    gate->fail_on = (RsSeverity)g_rand_int_range(rand, 0, RS_N_SEVERITIES);
    gate->correction = (RsCorrection)g_rand_int_range(rand, 0, 3);
    gate->max_pairs = (guint)g_rand_int_range(rand, 1, 4) * 50;
    g_strfreev(gate->metrics);
    gate->metrics = drawn_metrics(rand);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        if (g_rand_int_range(rand, 0, 4))
            g_ptr_array_add(plan->benchmarks, drawn_benchmark(rand, names[i]));
    return plan;
}

static double threshold_of(const RsPlan *plan, const RsPlanBenchmark *benchmark)
{
    return isnan(benchmark->threshold_pct) ? plan->gate->threshold_pct : benchmark->threshold_pct;
}

static gboolean gates(const RsPlan *plan, const RsPlanBenchmark *benchmark, const char *metric)
{
    char **metrics = benchmark->gated_metrics ? benchmark->gated_metrics : plan->gate->metrics;

    return g_strv_contains((const char *const *)metrics, metric);
}

static gboolean allows(const RsPlanBenchmark *benchmark, int code)
{
    for (guint i = 0; i < benchmark->exit_codes->len; i++)
        if (g_array_index(benchmark->exit_codes, int, i) == code)
            return TRUE;
    return FALSE;
}

/* Whether something passes under head's rules that fails under base's, found by trying. */
static gboolean lets_more_pass(const RsPlan *base, const RsPlanBenchmark *b, const RsPlan *head,
                               const RsPlanBenchmark *h)
{
    static const char *const metrics[] = {"wall", "cpu", "max_rss", "own"};

    if (!h)
        return TRUE;
    for (guint i = 0; i < G_N_ELEMENTS(metrics); i++)
        if (gates(base, b, metrics[i]) && !gates(head, h, metrics[i]))
            return TRUE;
    for (double slowdown_pct = 0.5; slowdown_pct < 250; slowdown_pct += 1)
        if (slowdown_pct > rs_gate_bound_pct(base->gate, threshold_of(base, b)) &&
            !(slowdown_pct > rs_gate_bound_pct(head->gate, threshold_of(head, h))))
            return TRUE;
    for (int code = 0; code < 4; code++)
        if (allows(h, code) && !allows(b, code))
            return TRUE;
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++)
        if (!g_strv_equal((const char *const *)b->programs[arm].argv,
                          (const char *const *)h->programs[arm].argv))
            return TRUE;
    return FALSE;
}

static gboolean any_weakens(const GPtrArray *changes)
{
    for (guint i = 0; i < changes->len; i++)
        if (((const RsPolicyChange *)g_ptr_array_index(changes, i))->weakens)
            return TRUE;
    return FALSE;
}

static gboolean is_same_gate(const RsGate *a, const RsGate *b)
{
    return a->threshold_pct == b->threshold_pct && a->alpha == b->alpha &&
           a->moderate_factor == b->moderate_factor && a->critical_factor == b->critical_factor &&
           a->fail_on == b->fail_on && a->correction == b->correction &&
           a->max_pairs == b->max_pairs;
}

static void check_pair(const RsPlan *base, const RsPlan *head, guint *n_loosened)
{
    g_autoptr(GHashTable) in_head = rs_policy_index(head);
    g_autoptr(GPtrArray) changes = NULL;
    g_autoptr(RsPlan) plan = rs_policy_join(base, head, &changes);
    g_autofree char *words = in_words(changes);
    gboolean is_looser =
        head->gate->alpha < base->gate->alpha || (base->gate->correction != RS_CORRECTION_HOLM &&
                                                  head->gate->correction == RS_CORRECTION_HOLM);

    for (guint i = 0; i < base->benchmarks->len; i++) {
        const RsPlanBenchmark *benchmark = g_ptr_array_index(base->benchmarks, i);

        is_looser |=
            lets_more_pass(base, benchmark, head, g_hash_table_lookup(in_head, benchmark->name));
    }
    ck_assert_msg(!is_looser || any_weakens(changes), "silent: %s", words);
    ck_assert_msg(is_same_gate(base->gate, head->gate) || changes->len > 0, "nothing is told");
    ck_assert(is_same_gate(plan->gate, base->gate));
    *n_loosened += is_looser;
}

START_TEST(no_two_plans_loosen_the_gate_in_silence)
{
    GRand *rand = g_rand_new_with_seed(20260301);
    guint n_loosened = 0;

    for (guint i = 0; i < 3000; i++) {
        g_autoptr(RsPlan) base = drawn_plan(rand);
        g_autoptr(RsPlan) head = drawn_plan(rand);
        g_autoptr(RsPlan) again = NULL;
        g_autoptr(GPtrArray) changes = NULL;

        check_pair(base, head, &n_loosened);
        again = rs_policy_join(base, base, &changes);
        ck_assert_uint_eq(changes->len, 0);
        ck_assert_uint_eq(again->benchmarks->len, base->benchmarks->len);
    }
    ck_assert_uint_gt(n_loosened, 1000);
    ck_assert_uint_lt(n_loosened, 3000);
    g_rand_free(rand);
}
END_TEST

/* What is loosened alone is seen alone: all else of the two plans is equal. */
START_TEST(one_number_that_is_loosened_is_one_change_that_weakens)
{
    GRand *rand = g_rand_new_with_seed(7);

    for (guint i = 0; i < 500; i++) {
        gint64 seed = g_rand_int(rand);
        GRand *first = g_rand_new_with_seed((guint32)seed);
        GRand *second = g_rand_new_with_seed((guint32)seed);
        g_autoptr(RsPlan) base = drawn_plan(first);
        g_autoptr(RsPlan) head = drawn_plan(second);
        g_autoptr(GPtrArray) changes = NULL;
        g_autoptr(RsPlan) plan = NULL;

        switch (i % 4) {
        case 0:
            head->gate->critical_factor *= 1.0001;
            break;
        case 1:
            head->gate->alpha *= 0.999;
            break;
        case 2:
            head->gate->threshold_pct = nextafter(base->gate->threshold_pct, INFINITY);
            break;
        default:
            head->gate->beta *= 1.5;
        }
        plan = rs_policy_join(base, head, &changes);
        ck_assert_uint_ge(changes->len, 1);
        ck_assert(((const RsPolicyChange *)changes->pdata[0])->weakens);
        g_rand_free(first);
        g_rand_free(second);
    }
    g_rand_free(rand);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("all");

    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, every_way_to_loosen_the_gate_is_told_in_both_directions, 0,
                        G_N_ELEMENTS(cases));
    tcase_add_test(tests, a_deleted_file_weakens_and_a_first_one_does_not);
    tcase_add_test(tests,
                   a_benchmark_that_is_deleted_is_measured_and_one_that_is_renamed_is_recognised);
    tcase_add_test(tests, the_rules_are_the_base_s_and_the_current_program_is_the_change_s);
    tcase_add_test(tests, what_holds_for_every_benchmark_is_told_once);
    tcase_add_test(tests, too_many_changes_are_counted_and_those_that_weaken_come_first);
    tcase_add_test(tests, a_difference_far_to_the_right_is_shown_and_secrets_are_not);
    tcase_add_test(tests, commands_that_only_look_alike_are_different);
    tcase_add_test(tests, no_two_plans_loosen_the_gate_in_silence);
    tcase_add_test(tests, one_number_that_is_loosened_is_one_change_that_weakens);
    return run_tests("policy", tests);
}
