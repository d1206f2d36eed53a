/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/policy_changes.h"

#include <math.h>
#include <string.h>

#include "analyze/plan.h"
#include "base/units.h"
#include "model/names.h"
#include "trial/policy_work.h"

typedef struct {
    const RsPlan *base, *head;
    GPtrArray *changes;
    const char *benchmark; /* at hand; NULL: the whole configuration */
    guint n_common;        /* benchmarks that both have */
} Finder;

/* Takes before and after. */
static void add(Finder *finder, RsPolicyKind kind, char *before, char *after, gboolean weakens)
{
    g_ptr_array_add(finder->changes,
                    rs_policy_change_new(kind, finder->benchmark, before, after, weakens));
    g_free(before);
    g_free(after);
}

GHashTable *rs_policy_index(const RsPlan *plan)
{
    GHashTable *by_name = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < plan->benchmarks->len; i++) {
        RsPlanBenchmark *benchmark = g_ptr_array_index(plan->benchmarks, i);

        g_hash_table_insert(by_name, benchmark->name, benchmark);
    }
    return by_name;
}

/* --- the gate --- */

static char *per_cent(double value)
{
    return g_strdup_printf("%.10g %%", value);
}

static char *number(double value)
{
    return g_strdup_printf("%.10g", value);
}

static char *bounds(const RsGate *gate)
{
    return g_strdup_printf("moderate above %.10g, critical above %.10g thresholds",
                           gate->moderate_factor, gate->critical_factor);
}

/* The larger, the less fails. */
static int laxness(RsSeverity fail_on)
{
    return fail_on == RS_SEVERITY_NONE ? RS_N_SEVERITIES : (int)fail_on;
}

/* The larger, the fewer regressions are proved. */
static int strictness(RsCorrection correction)
{
    static const int order[] = {
        [RS_CORRECTION_NONE] = 0, [RS_CORRECTION_BH] = 1, [RS_CORRECTION_HOLM] = 2};

    return order[correction];
}

static void compare_rule(Finder *finder, const RsGate *base, const RsGate *head)
{
    if (base->threshold_pct != head->threshold_pct)
        add(finder, RS_POLICY_THRESHOLD, per_cent(base->threshold_pct),
            per_cent(head->threshold_pct), head->threshold_pct > base->threshold_pct);
    if (base->fail_on != head->fail_on)
        add(finder, RS_POLICY_FAIL_ON, g_strdup(rs_severity_names[base->fail_on]),
            g_strdup(rs_severity_names[head->fail_on]),
            laxness(head->fail_on) > laxness(base->fail_on));
    if (base->moderate_factor != head->moderate_factor ||
        base->critical_factor != head->critical_factor)
        add(finder, RS_POLICY_SEVERITY_BOUNDS, bounds(base), bounds(head),
            head->moderate_factor > base->moderate_factor ||
                head->critical_factor > base->critical_factor);
    if (base->alpha != head->alpha)
        add(finder, RS_POLICY_ALPHA, number(base->alpha), number(head->alpha),
            head->alpha < base->alpha);
    if (base->beta != head->beta)
        add(finder, RS_POLICY_ALPHA, g_strdup_printf("beta %.10g", base->beta),
            g_strdup_printf("beta %.10g", head->beta), head->beta > base->beta);
    if (base->correction != head->correction)
        add(finder, RS_POLICY_ALPHA,
            g_strdup_printf("correction %s", rs_correction_names[base->correction]),
            g_strdup_printf("correction %s", rs_correction_names[head->correction]),
            strictness(head->correction) > strictness(base->correction));
}

/* Every word of words is one of others, NULL is no word. */
static gboolean is_within(char **words, char **others)
{
    for (char **word = words; word && *word; word++)
        if (!others || !g_strv_contains((const char *const *)others, *word))
            return FALSE;
    return TRUE;
}

static char *listed(char **words)
{
    return words && *words ? g_strjoinv(", ", words) : NULL;
}

static void compare_lists(Finder *finder, RsPolicyKind kind, char **base, char **head)
{
    gboolean is_less = !is_within(base, head);

    if (is_less || !is_within(head, base))
        add(finder, kind, listed(base), listed(head), is_less);
}

/* --- budgets --- */

/* At most so many pairs can never prove anything, whatever is measured. */
static gboolean is_hopeless(const RsPlan *plan, const RsPlanBenchmark *planned)
{
    g_autoptr(RsBenchmark) benchmark = rs_benchmark_new("", RS_DESIGN_PAIRED);
    g_autoptr(RsGate) gate = rs_gate_copy(plan->gate);
    RsPairPlan pairs;

    benchmark->threshold_pct = planned ? planned->threshold_pct : (double)NAN;
    gate->n_family = rs_plan_count_family(plan);
    rs_pair_plan_of(gate, benchmark, &pairs);
    if (!rs_pair_plan_check(&pairs, NULL))
        return TRUE;
    return (planned && planned->n_trials ? planned->n_trials : gate->max_pairs) <
           rs_pair_min_pairs(&pairs);
}

static char *seconds(const char *what, double value_s)
{
    g_autofree char *duration = value_s > 0 ? rs_units_format_duration(value_s) : NULL;

    return g_strdup_printf("%s: %s", what, duration ? duration : "no limit");
}

/* Two that read alike are told in full. */
static void compare_seconds(Finder *finder, const char *what, double base_s, double head_s)
{
    g_autofree char *before = seconds(what, base_s), *after = seconds(what, head_s);

    if (base_s == head_s)
        return;
    if (g_str_equal(before, after))
        add(finder, RS_POLICY_BUDGET, g_strdup_printf("%s: %.10g s", what, base_s),
            g_strdup_printf("%s: %.10g s", what, head_s), FALSE);
    else
        add(finder, RS_POLICY_BUDGET, g_steal_pointer(&before), g_steal_pointer(&after), FALSE);
}

static char *count_words(const char *what, double count, double automatic)
{
    return count == automatic ? g_strdup_printf("%s: auto", what)
                              : g_strdup_printf("%s: %.10g", what, count);
}

static void compare_counts(Finder *finder, const char *what, double base, double head,
                           double automatic, gboolean weakens)
{
    if (base != head)
        add(finder, RS_POLICY_BUDGET, count_words(what, base, automatic),
            count_words(what, head, automatic), weakens);
}

static void compare_budgets(Finder *finder)
{
    const RsPlan *base = finder->base, *head = finder->head;

    if (base->gate->max_pairs != head->gate->max_pairs)
        compare_counts(finder, "max-pairs", base->gate->max_pairs, head->gate->max_pairs, -1,
                       head->gate->max_pairs < base->gate->max_pairs && is_hopeless(head, NULL));
    compare_seconds(finder, "max-time", base->gate->max_time_s, head->gate->max_time_s);
    if (base->seed != head->seed) /* not as numbers: these have 64 bits */
        add(finder, RS_POLICY_BUDGET,
            base->seed < 0 ? g_strdup("seed: drawn")
                           : g_strdup_printf("seed: %" G_GINT64_FORMAT, base->seed),
            head->seed < 0 ? g_strdup("seed: drawn")
                           : g_strdup_printf("seed: %" G_GINT64_FORMAT, head->seed),
            FALSE);
    compare_counts(finder, "sample-rate", base->sample_rate_hz, head->sample_rate_hz, -1, FALSE);
    compare_counts(finder, "blame-samples", base->n_blame_samples, head->n_blame_samples, -1,
                   FALSE);
}

/* --- acceptance, and what runs around everything --- */

static void compare_acceptance(Finder *finder)
{
    const RsPlan *base = finder->base, *head = finder->head;

    if (g_strcmp0(base->accept_label, head->accept_label) != 0)
        add(finder, RS_POLICY_ACCEPTANCE, g_strdup_printf("label %s", base->accept_label),
            g_strdup_printf("label %s", head->accept_label), TRUE);
    if (g_strcmp0(base->accept_file, head->accept_file) != 0)
        add(finder, RS_POLICY_ACCEPTANCE,
            base->accept_file ? g_strdup_printf("file %s", base->accept_file) : NULL,
            head->accept_file ? g_strdup_printf("file %s", head->accept_file) : NULL,
            head->accept_file != NULL);
}

static void add_work(const char *before, const char *after, gpointer data)
{
    add(data, RS_POLICY_COMMAND, g_strdup(before), g_strdup(after), TRUE);
}

/* --- one benchmark --- */

static void compare_threshold(Finder *finder, const RsPlanBenchmark *base,
                              const RsPlanBenchmark *head)
{
    double before =
        isnan(base->threshold_pct) ? finder->base->gate->threshold_pct : base->threshold_pct;
    double after =
        isnan(head->threshold_pct) ? finder->head->gate->threshold_pct : head->threshold_pct;

    if (isnan(base->threshold_pct) && isnan(head->threshold_pct))
        return; /* told of the whole configuration */
    if (before != after)
        add(finder, RS_POLICY_THRESHOLD, per_cent(before), per_cent(after), after > before);
}

static void compare_metrics(Finder *finder, const RsPlanBenchmark *base,
                            const RsPlanBenchmark *head)
{
    if (!base->gated_metrics && !head->gated_metrics)
        return;
    compare_lists(finder, RS_POLICY_METRICS,
                  base->gated_metrics ? base->gated_metrics : finder->base->gate->metrics,
                  head->gated_metrics ? head->gated_metrics : finder->head->gate->metrics);
}

static gint compare_ints(gconstpointer a, gconstpointer b)
{
    return *(const int *)a - *(const int *)b;
}

static char *codes_in_words(const GArray *codes)
{
    g_autoptr(GArray) sorted = g_array_copy((GArray *)codes);
    GString *text = g_string_new(NULL);

    g_array_sort(sorted, compare_ints);
    for (guint i = 0; i < sorted->len; i++)
        g_string_append_printf(text, "%s%d", i ? ", " : "", g_array_index(sorted, int, i));
    return g_string_free(text, FALSE);
}

static gboolean has_all_codes(const GArray *codes, const GArray *others)
{
    for (guint i = 0; i < others->len; i++) {
        gboolean found = FALSE;

        for (guint k = 0; k < codes->len && !found; k++)
            found = g_array_index(codes, int, k) == g_array_index(others, int, i);
        if (!found)
            return FALSE;
    }
    return TRUE;
}

static void compare_exit_codes(Finder *finder, const RsPlanBenchmark *base,
                               const RsPlanBenchmark *head)
{
    gboolean is_wider = !has_all_codes(base->exit_codes, head->exit_codes);

    if (is_wider || !has_all_codes(head->exit_codes, base->exit_codes))
        add(finder, RS_POLICY_EXIT_CODES, codes_in_words(base->exit_codes),
            codes_in_words(head->exit_codes), is_wider);
}

static void compare_benchmark(Finder *finder, const RsPlanBenchmark *base,
                              const RsPlanBenchmark *head)
{
    finder->benchmark = base->name;
    compare_threshold(finder, base, head);
    compare_metrics(finder, base, head);
    compare_exit_codes(finder, base, head);
    compare_lists(finder, RS_POLICY_TAGS, base->tags, head->tags);
    rs_policy_work_differences(base, head, add_work, finder);
    if (base->n_trials != head->n_trials)
        compare_counts(finder, "trials", base->n_trials, head->n_trials, 0,
                       is_hopeless(finder->head, head) && !is_hopeless(finder->base, base));
    compare_counts(finder, "launches", base->launches_per_trial, head->launches_per_trial, 0,
                   FALSE);
    compare_counts(finder, "warmup", base->n_warmups, head->n_warmups, -1, FALSE);
    compare_seconds(finder, "timeout", base->timeout_s, head->timeout_s);
    finder->benchmark = NULL;
}

/* The benchmarks that head adds, by the work they do. */
static GHashTable *added_by_work(const RsPlan *head, GHashTable *in_base)
{
    GHashTable *added = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; i < head->benchmarks->len; i++) {
        RsPlanBenchmark *benchmark = g_ptr_array_index(head->benchmarks, i);

        if (!g_hash_table_contains(in_base, benchmark->name))
            g_hash_table_insert(added, rs_policy_work_key(benchmark), benchmark);
    }
    return added;
}

static void add_deleted(Finder *finder, const RsPlanBenchmark *base, GHashTable *added)
{
    g_autofree char *key = g_hash_table_size(added) ? rs_policy_work_key(base) : NULL;
    const RsPlanBenchmark *again = key ? g_hash_table_lookup(added, key) : NULL;

    finder->benchmark = base->name;
    add(finder, RS_POLICY_BENCHMARK_DELETED, g_strdup("measured"),
        again ? g_strdup_printf("called %s", again->name) : NULL, TRUE);
}

static void compare_benchmarks(Finder *finder)
{
    g_autoptr(GHashTable) in_base = rs_policy_index(finder->base);
    g_autoptr(GHashTable) in_head = rs_policy_index(finder->head);
    g_autoptr(GHashTable) added = added_by_work(finder->head, in_base);

    for (guint i = 0; i < finder->base->benchmarks->len; i++) {
        const RsPlanBenchmark *base = g_ptr_array_index(finder->base->benchmarks, i);
        const RsPlanBenchmark *head = g_hash_table_lookup(in_head, base->name);

        finder->n_common += head != NULL;
        if (head)
            compare_benchmark(finder, base, head);
        else
            add_deleted(finder, base, added);
    }
    for (guint i = 0; i < finder->head->benchmarks->len; i++) {
        const RsPlanBenchmark *head = g_ptr_array_index(finder->head->benchmarks, i);

        finder->benchmark = head->name;
        if (!g_hash_table_contains(in_base, head->name))
            add(finder, RS_POLICY_BENCHMARK_ADDED, NULL, g_strdup("measured"), FALSE);
    }
    finder->benchmark = NULL;
}

/* --- the list --- */

static char *key_of(const RsPolicyChange *change)
{
    return g_strdup_printf("%d\x1f%d\x1f%s\x1f%s", change->kind, change->weakens,
                           change->before ? change->before : "",
                           change->after ? change->after : "");
}

static gboolean is_of_a_common_benchmark(const RsPolicyChange *change)
{
    return change->benchmark && change->kind != RS_POLICY_BENCHMARK_DELETED &&
           change->kind != RS_POLICY_BENCHMARK_ADDED;
}

/* What is the same for all benchmarks that both have was written at the top of the file. */
static void tell_once(Finder *finder)
{
    g_autoptr(GHashTable) counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GPtrArray *kept = g_ptr_array_new_with_free_func((GDestroyNotify)rs_policy_change_free);

    for (guint i = 0; i < finder->changes->len; i++) {
        const RsPolicyChange *change = g_ptr_array_index(finder->changes, i);
        g_autofree char *key = key_of(change);
        guint n = GPOINTER_TO_UINT(g_hash_table_lookup(counts, key));

        if (is_of_a_common_benchmark(change))
            g_hash_table_insert(counts, g_steal_pointer(&key), GUINT_TO_POINTER(n + 1));
    }
    for (guint i = 0; i < finder->changes->len; i++) {
        RsPolicyChange *change = g_ptr_array_index(finder->changes, i);
        g_autofree char *key = key_of(change);
        guint n = GPOINTER_TO_UINT(g_hash_table_lookup(counts, key));

        if (is_of_a_common_benchmark(change) && finder->n_common > 1 && n >= finder->n_common) {
            if (n == G_MAXUINT)
                continue; /* told already */
            g_clear_pointer(&change->benchmark, g_free);
            g_hash_table_insert(counts, g_steal_pointer(&key), GUINT_TO_POINTER(G_MAXUINT));
        }
        g_ptr_array_add(kept, change);
        g_ptr_array_index(finder->changes, i) = NULL;
    }
    g_ptr_array_unref(finder->changes);
    finder->changes = kept;
}

/* Stable, as g_ptr_array_sort is. */
static gint compare_weight(gconstpointer a, gconstpointer b)
{
    const RsPolicyChange *first = *(RsPolicyChange *const *)a;
    const RsPolicyChange *second = *(RsPolicyChange *const *)b;

    return (first->weakens ? 0 : 1) - (second->weakens ? 0 : 1);
}

static void limit(GPtrArray *changes)
{
    const RsPolicyChange *last;
    RsPolicyChange *rest;
    guint n = changes->len;

    if (n <= RS_POLICY_MAX_CHANGES)
        return;
    last = g_ptr_array_index(changes, RS_POLICY_MAX_CHANGES - 1);
    rest = rs_policy_change_new(last->kind, NULL, NULL, NULL, last->weakens);
    rest->after = g_strdup_printf("and %u more changes", n - RS_POLICY_MAX_CHANGES + 1);
    g_ptr_array_set_size(changes, RS_POLICY_MAX_CHANGES - 1);
    g_ptr_array_add(changes, rest);
}

GPtrArray *rs_policy_changes(const RsPlan *base, const RsPlan *head)
{
    Finder finder = {.base = base, .head = head};

    finder.changes = g_ptr_array_new_with_free_func((GDestroyNotify)rs_policy_change_free);
    compare_rule(&finder, base->gate, head->gate);
    compare_lists(&finder, RS_POLICY_METRICS, base->gate->metrics, head->gate->metrics);
    compare_acceptance(&finder);
    compare_budgets(&finder);
    rs_policy_work_command("setup of the run", &base->setup, &head->setup, add_work, &finder);
    rs_policy_work_command("cleanup of the run", &base->cleanup, &head->cleanup, add_work, &finder);
    compare_benchmarks(&finder);
    tell_once(&finder);
    g_ptr_array_sort(finder.changes, compare_weight);
    limit(finder.changes);
    return finder.changes;
}
