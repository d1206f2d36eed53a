/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of the words that tells how a verdict was reached; declared in words.h. */
#include <math.h>

#include "base/units.h"
#include "report/view.h"
#include "report/words.h"

#define FACT_CHARS 160

static void add(GPtrArray *sentences, char *sentence)
{
    g_ptr_array_add(sentences, sentence);
}

static void count_range(guint n, guint *low, guint *high)
{
    *low = *high == 0 ? n : MIN(*low, n);
    *high = MAX(*high, n);
}

static char *range_text(guint low, guint high)
{
    return low == high ? g_strdup_printf("%u", low) : g_strdup_printf("%u to %u", low, high);
}

static void add_trials(GPtrArray *sentences, const RsVerdict *verdict)
{
    guint base_low = 0, base_high = 0, current_low = 0, current_high = 0, launches = 1;
    g_autofree char *base = NULL, *current = NULL;

    for (guint i = 0; i < verdict->rows->len; i++) {
        const RsRow *row = g_ptr_array_index(verdict->rows, i);

        if (!row->gated || row->n_current == 0)
            continue;
        count_range(row->n_baseline, &base_low, &base_high);
        count_range(row->n_current, &current_low, &current_high);
        launches = MAX(launches, row->launches_per_trial);
    }
    if (current_high == 0)
        return;
    base = range_text(base_low, base_high);
    current = range_text(current_low, current_high);
    if (verdict->side_by_side)
        add(sentences,
            g_strdup_printf("Both sides ran in turns, %s pairs in random order for each benchmark; "
                            "each change is the median of the pairs' log ratios.",
                            current));
    else
        add(sentences, g_strdup_printf("Two files measured apart, %s baseline and %s current "
                                       "trials; each change is the ratio of the means.",
                                       base, current));
    if (launches > 1)
        add(sentences, g_strdup_printf("Short programs were launched up to %u times in one trial; "
                                       "the figures are for one launch.",
                                       launches));
}

static void add_rule(GPtrArray *sentences, const RsVerdict *verdict)
{
    static const char *const corrections[] = {
        [RS_CORRECTION_HOLM] = "Holm-corrected",
        [RS_CORRECTION_BH] = "Benjamini–Hochberg-corrected",
        [RS_CORRECTION_NONE] = "not corrected",
    };
    const RsGate *gate = verdict->gate.gate;
    guint n_family = gate->n_family ? gate->n_family : verdict->summary.n_gated_rows;
    g_autofree char *alpha = rs_words_number(gate->alpha);
    g_autofree char *threshold = rs_words_number(gate->threshold_pct);
    g_autofree char *moderate = rs_words_number(gate->threshold_pct * gate->moderate_factor);
    g_autofree char *critical = rs_words_number(gate->threshold_pct * gate->critical_factor);
    g_autofree char *bound = rs_words_bound(verdict);
    double level_pct = rs_view_ci_level_pct(verdict);
    g_autofree char *level =
        isfinite(level_pct) ? g_strdup_printf("%.4g %%", level_pct) : g_strdup("each row's own");

    add(sentences, g_strdup_printf("%s, alpha %s for the whole report, %s over %u gated rows; "
                                   "confidence level %s.",
                                   verdict->side_by_side ? "Anytime-valid sign tests on the pairs"
                                                         : "Welch's t-test, two-sided",
                                   alpha, corrections[gate->correction], n_family, level));
    add(sentences, g_strdup_printf("Minor above +%s %%, moderate above +%s %%, critical above "
                                   "+%s %%; + is slower; %s.",
                                   threshold, moderate, critical, bound));
}

/* The largest MDE tells what the whole report could have seen. */
static void add_sensitivity(GPtrArray *sentences, const RsVerdict *verdict)
{
    double mde_pct = -INFINITY;
    g_autofree char *shown = NULL;

    for (guint i = 0; i < verdict->rows->len; i++) {
        const RsRow *row = g_ptr_array_index(verdict->rows, i);

        if (row->gated && isfinite(row->mde_pct))
            mde_pct = MAX(mde_pct, row->mde_pct);
    }
    if (!isfinite(mde_pct))
        return;
    shown = rs_words_number(ceil(mde_pct * 10) / 10);
    add(sentences, g_strdup_printf("On its noisiest gated row this run would have caught a "
                                   "slowdown of %s %% 19 times in 20.",
                                   shown));
}

static void add_fact(GString *text, const RsWordsMarkup *markup, const char *label,
                     const char *fact)
{
    g_autofree char *shown = fact && *fact ? markup->prose(fact, FACT_CHARS) : NULL;

    if (shown)
        g_string_append_printf(text, "%s%s%s", text->len > 0 ? ", " : "", label, shown);
}

static char *machine_facts(const RsMachine *machine, const RsWordsMarkup *markup)
{
    GString *text = g_string_new(NULL);

    add_fact(text, markup, "", machine->cpu_model);
    add_fact(text, markup, "", machine->architecture);
    if (machine->n_cpus_allowed > 0)
        g_string_append_printf(text, "%s%" G_GINT64_FORMAT " CPUs", text->len > 0 ? ", " : "",
                               machine->n_cpus_allowed);
    add_fact(text, markup, "kernel ", machine->kernel);
    add_fact(text, markup, "hypervisor ", machine->hypervisor);
    add_fact(text, markup, "container ", machine->container);
    add_fact(text, markup, "governor ", machine->governor);
    if (isfinite(machine->cgroup_cpu_limit_cpus))
        g_string_append_printf(text, "%slimited to %.3g CPUs", text->len > 0 ? ", " : "",
                               machine->cgroup_cpu_limit_cpus);
    return g_string_free(text, FALSE);
}

static void add_machines(GPtrArray *sentences, const RsVerdict *verdict,
                         const RsWordsMarkup *markup)
{
    g_autofree char *base = machine_facts(&verdict->machines[RS_ARM_BASELINE], markup);
    g_autofree char *current = machine_facts(&verdict->machines[RS_ARM_CURRENT], markup);

    if (verdict->side_by_side || g_str_equal(base, current)) {
        if (*current)
            add(sentences, g_strdup_printf("Machine: %s.", current));
        return;
    }
    add(sentences, g_strdup_printf("Baseline machine: %s.", *base ? base : "not told"));
    add(sentences, g_strdup_printf("Current machine: %s.", *current ? current : "not told"));
}

static void add_measure(GString *text, const char *label, double value, const char *unit)
{
    if (isfinite(value))
        g_string_append_printf(text, "%s%s %.3g%s", text->len > 0 ? ", " : "", label, value, unit);
}

static void add_noise(GPtrArray *sentences, const RsNoise *noise)
{
    g_autoptr(GString) text = g_string_new(NULL);

    add_measure(text, "load at the start", noise->load_start, "");
    add_measure(text, "at the end", noise->load_end, "");
    add_measure(text, "steal", noise->steal_pct, " %");
    add_measure(text, "throttled", noise->throttled_pct, " %");
    add_measure(text, "calibration loop varied by", noise->calibration_cv_pct, " %");
    if (text->len > 0)
        add(sentences, g_strdup_printf("Noise: %s.", text->str));
    if (isfinite(noise->position_effect_pct)) {
        g_autofree char *effect = rs_units_format_change_pct(noise->position_effect_pct);
        g_autofree char *p = rs_words_p_value(noise->position_p_value);

        add(sentences, g_strdup_printf("Negative control: the second run of a pair against the "
                                       "first, %s (p %s); near zero is good.",
                                       effect, p));
    }
}

static void add_sampler(GPtrArray *sentences, const RsVerdict *verdict, const RsWordsMarkup *markup)
{
    g_autofree char *sampler =
        verdict->sampler ? markup->prose(verdict->sampler, FACT_CHARS) : NULL;
    g_autofree char *rate = rs_words_number(verdict->noise.sampling_rate_hz);

    if (!sampler)
        return;
    if (verdict->noise.sampling_rate_hz > 0)
        add(sentences, g_strdup_printf("Functions were sampled with %s, %s times in a second of "
                                       "CPU time.",
                                       sampler, rate));
    else
        add(sentences, g_strdup_printf("Functions were sampled with %s.", sampler));
}

static void add_origin(GPtrArray *sentences, const RsVerdict *verdict, const RsWordsMarkup *markup)
{
    g_autofree char *rule = markup->prose(verdict->rule_version, 20);
    g_autoptr(GString) text = g_string_new(NULL);

    g_string_append_printf(text, "Decision rule version %s", rule);
    if (verdict->seed >= 0)
        g_string_append_printf(text, ", seed %" G_GINT64_FORMAT, verdict->seed);
    if (verdict->created_at)
        add_fact(text, markup, "", verdict->created_at);
    add(sentences, g_strdup_printf("%s.", text->str));
}

GPtrArray *rs_words_method(const RsVerdict *verdict, const RsWordsMarkup *markup)
{
    GPtrArray *sentences = g_ptr_array_new_with_free_func(g_free);

    add_trials(sentences, verdict);
    if (verdict->rows->len > 0)
        add_rule(sentences, verdict);
    add_sensitivity(sentences, verdict);
    add_sampler(sentences, verdict, markup);
    add_machines(sentences, verdict, markup);
    add_noise(sentences, &verdict->noise);
    add_origin(sentences, verdict, markup);
    return sentences;
}
