/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The HTML report: parsed by GLib's own markup reader, which knows nothing of how it was written,
 * and then counted. */
#include <check.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/renderer.h"
#include "test_report_blames.h"
#include "tests/unit/run.h"

/* ---- verdicts to render, the same on every run ---- */

static guint64 random_state;

static double random_frac(void)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (double)(random_state >> 11) / 9007199254740992.0;
}

static double random_normal(void)
{
    return sqrt(-2 * log(1 - random_frac())) * cos(2 * G_PI * random_frac());
}

static void summarize_side(RsRowSide *side)
{
    g_autoptr(GArray) sorted = g_array_copy(side->values);
    double sum = 0, squares = 0;

    side->n = sorted->len;
    if (side->n == 0)
        return;
    for (guint i = 0; i < side->n; i++)
        sum += g_array_index(sorted, double, i);
    side->mean = sum / side->n;
    for (guint i = 0; i < side->n; i++)
        squares += pow(g_array_index(sorted, double, i) - side->mean, 2);
    side->sd = side->n > 1 ? sqrt(squares / (side->n - 1)) : NAN;
    side->mad = side->sd * 0.6;
    side->min = side->max = side->median = g_array_index(sorted, double, 0);
    for (guint i = 0; i < side->n; i++) {
        side->min = MIN(side->min, g_array_index(sorted, double, i));
        side->max = MAX(side->max, g_array_index(sorted, double, i));
    }
    side->median = side->mean;
}

static void add_value(RsRowSide *side, double value, guint32 position)
{
    g_array_append_val(side->values, value);
    g_array_append_val(side->positions, position);
}

/* Pairs in random order, with a little drift and now and then a slow trial. */
static void fill_pairs(RsRow *row, guint n_pairs, double value, double slowdown_pct, double noise)
{
    for (guint i = 0; i < n_pairs; i++) {
        guint first = random_frac() < 0.5;
        double drift = 1 + 0.04 * sin(i / 9.0);

        for (guint arm = 0; arm < 2; arm++) {
            double measured = value * drift * (1 + noise * fabs(random_normal()));

            if (random_frac() < 0.02)
                measured *= 1.4;
            if (arm == RS_ARM_CURRENT)
                measured *= 1 + slowdown_pct / 100;
            add_value(arm ? &row->current : &row->baseline, measured, 2 * i + (arm ^ first));
        }
    }
    summarize_side(&row->baseline);
    summarize_side(&row->current);
    row->n_baseline = row->n_current = n_pairs;
}

static RsRow *add_row(RsVerdict *verdict, const char *name, const char *metric, RsVerdictKind kind)
{
    const RsMetricRow *known = rs_metric_row(metric);
    RsRow *row = rs_row_new(name, metric, known ? known->unit : "req/s",
                            known ? RS_LOWER_IS_BETTER : RS_HIGHER_IS_BETTER);

    row->gated = TRUE;
    row->verdict = kind;
    row->method = RS_METHOD_PAIRED;
    row->threshold_pct = 10;
    row->bound_pct = 20;
    row->stop_reason = RS_STOP_SETTLED;
    g_ptr_array_add(verdict->rows, row);
    return row;
}

static RsRow *add_pairs(RsVerdict *verdict, const char *name, const char *metric,
                        RsVerdictKind kind, guint n_pairs, double change_pct)
{
    RsRow *row = add_row(verdict, name, metric, kind);

    fill_pairs(row, n_pairs, 41.8e6, change_pct, 0.03);
    row->change_pct = change_pct;
    row->ci_low_pct = change_pct - 2.3;
    row->ci_high_pct = change_pct + 2.7;
    row->ci_level_pct = 95;
    row->p_value = kind == RS_VERDICT_REGRESSION ? 1e-7 : 0.3;
    row->p_adjusted = row->p_value * 4;
    row->p_improved = 1;
    row->mde_pct = 11.2;
    if (kind == RS_VERDICT_REGRESSION)
        row->severity = change_pct > 20   ? RS_SEVERITY_CRITICAL
                        : change_pct > 15 ? RS_SEVERITY_MODERATE
                                          : RS_SEVERITY_MINOR;
    return row;
}

static RsVerdict *new_verdict(RsGateStatus status)
{
    g_autoptr(RsGate) gate = rs_gate_new();
    RsVerdict *verdict = rs_verdict_new(gate);

    random_state = 20240229;
    verdict->side_by_side = TRUE;
    verdict->seed = 42;
    verdict->gate.status = verdict->gate.would_be = status;
    verdict->tool_version = g_strdup("0.1.0");
    verdict->created_at = g_strdup("2025-03-01T12:00:00Z");
    verdict->command = g_strdup("rustscope bench-run -c rustscope.yml --seed 42 -o run.json");
    return verdict;
}

static char *render_limited(RsVerdict *verdict, gsize limit_bytes, const char *run_url)
{
    RsReportOptions options = {.limit_bytes = limit_bytes, .run_url = run_url};
    g_autoptr(GError) error = NULL;
    gsize n_bytes = 0;
    char *page;

    rs_verdict_summarize(verdict);
    page = rs_report_html(verdict, &options, &n_bytes, &error);
    ck_assert_msg(page != NULL, "%s", error ? error->message : "no error either");
    ck_assert_uint_eq(n_bytes, strlen(page));
    return page;
}

static char *render(RsVerdict *verdict)
{
    return render_limited(verdict, 0, NULL);
}

/* ---- the page, read by another's parser ---- */

typedef struct {
    GHashTable *n_by_tag, *ids, *targets; /* element -> count, as pointers; sets */
    GString *text;                        /* all character data but the stylesheet's */
    GPtrArray *attributes;                /* "element@name=value" */
    guint n_dots, n_edges;                /* segments and triangles of plots */
    gboolean in_style;
} Outline;

static guint count_text(const char *text, const char *part)
{
    guint n = 0;

    for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
        n++;
    return n;
}

static void on_start(GMarkupParseContext *context, const char *element, const char **names,
                     const char **values, gpointer data, GError **error)
{
    Outline *outline = data;
    guint n = GPOINTER_TO_UINT(g_hash_table_lookup(outline->n_by_tag, element));
    gboolean dots = FALSE, edges = FALSE;

    g_hash_table_insert(outline->n_by_tag, g_strdup(element), GUINT_TO_POINTER(n + 1));
    outline->in_style = g_str_equal(element, "style");
    for (guint i = 0; names[i]; i++) {
        g_ptr_array_add(outline->attributes,
                        g_strdup_printf("%s@%s=%s", element, names[i], values[i]));
        if (g_str_equal(names[i], "id"))
            ck_assert_msg(g_hash_table_add(outline->ids, g_strdup(values[i])), "id %s twice",
                          values[i]);
        if (g_str_equal(names[i], "href") && *values[i] == '#')
            g_hash_table_add(outline->targets, g_strdup(values[i] + 1));
        if (g_str_equal(names[i], "aria-labelledby")) {
            g_auto(GStrv) parts = g_strsplit(values[i], " ", -1);

            for (char **part = parts; *part; part++)
                g_hash_table_add(outline->targets, g_strdup(*part));
        }
        dots |= g_str_equal(names[i], "class") && g_str_has_prefix(values[i], "dots ") &&
                !g_str_has_suffix(values[i], " pair");
        edges |= g_str_equal(names[i], "class") && g_str_has_prefix(values[i], "edge ") &&
                 !g_str_has_suffix(values[i], " pair");
        if (g_str_equal(names[i], "d") && dots)
            outline->n_dots += count_text(values[i], "h0");
        if (g_str_equal(names[i], "d") && edges)
            outline->n_edges += count_text(values[i], "z");
    }
}

static void on_end(GMarkupParseContext *context, const char *element, gpointer data, GError **error)
{
    ((Outline *)data)->in_style = FALSE;
}

static void on_text(GMarkupParseContext *context, const char *text, gsize n_bytes, gpointer data,
                    GError **error)
{
    Outline *outline = data;

    if (!outline->in_style)
        g_string_append_len(outline->text, text, (gssize)n_bytes);
}

static void outline_free(Outline *outline)
{
    g_hash_table_unref(outline->n_by_tag);
    g_hash_table_unref(outline->ids);
    g_hash_table_unref(outline->targets);
    g_ptr_array_unref(outline->attributes);
    g_string_free(outline->text, TRUE);
    g_free(outline);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Outline, outline_free)

/* Also: every anchor and label leads somewhere, ids are numbered, and nothing is loaded or run. */
static Outline *read_page(const char *page)
{
    static const GMarkupParser parser = {on_start, on_end, on_text, NULL, NULL};
    Outline *outline = g_new0(Outline, 1);
    g_autoptr(GMarkupParseContext) context = g_markup_parse_context_new(&parser, 0, outline, NULL);
    g_autoptr(GError) error = NULL;
    GHashTableIter iter;
    gpointer key;

    outline->n_by_tag = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    outline->ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    outline->targets = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    outline->text = g_string_new(NULL);
    outline->attributes = g_ptr_array_new_with_free_func(g_free);
    ck_assert_msg(g_markup_parse_context_parse(context, page, -1, &error) &&
                      g_markup_parse_context_end_parse(context, &error),
                  "%s", error ? error->message : "");
    g_hash_table_iter_init(&iter, outline->targets);
    while (g_hash_table_iter_next(&iter, &key, NULL))
        ck_assert_msg(g_hash_table_contains(outline->ids, key), "nothing is called %s",
                      (char *)key);
    for (guint i = 0; i < outline->attributes->len; i++) {
        const char *attribute = g_ptr_array_index(outline->attributes, i);
        const char *name = strchr(attribute, '@') + 1;

        ck_assert_msg(!g_str_has_prefix(name, "on") && !g_str_has_prefix(name, "src"), "%s",
                      attribute);
        ck_assert_msg(!g_str_has_prefix(name, "href=") || name[5] == '#' ||
                          g_str_has_prefix(name, "href=http"),
                      "%s", attribute);
    }
    return outline;
}

static guint n_of(const Outline *outline, const char *element)
{
    return GPOINTER_TO_UINT(g_hash_table_lookup(outline->n_by_tag, element));
}

static guint n_attributes(const Outline *outline, const char *attribute)
{
    guint n = 0;

    for (guint i = 0; i < outline->attributes->len; i++)
        n += g_str_has_prefix(g_ptr_array_index(outline->attributes, i), attribute);
    return n;
}

static gboolean says(const Outline *outline, const char *words)
{
    return strstr(outline->text->str, words) != NULL;
}

#define ck_assert_says(outline, words)                                                             \
    ck_assert_msg(says(outline, words), "the page does not say: %s", words)

/* ---- claims ---- */

/* One of each kind of verdict, with everything a verdict can hold. */
static RsVerdict *everything(void)
{
    RsVerdict *verdict = new_verdict(RS_GATE_FAILED);
    g_autoptr(RsFailure) failure = rs_failure_new(RS_ARM_CURRENT, "trial");
    RsMachine *machine = &verdict->machines[RS_ARM_BASELINE];
    RsRow *row;

    verdict->gate.reason = g_strdup("parse_large is 24.6 % slower in wall time.");
    verdict->gate.exit_status = 1;
    verdict->revisions[0].revision = g_strdup("4be20d1f00d4be20d1f00d4be20d1f00d4be20d1");
    verdict->revisions[0].branch = g_strdup("main");
    verdict->revisions[1].revision = g_strdup("9f3c1abc0de9f3c1abc0de9f3c1abc0de9f3c1ab");
    verdict->revisions[1].dirty = TRUE;
    machine->hostname = g_strdup("runner-7");
    machine->cpu_model = g_strdup("AMD EPYC 7763 64-Core Processor");
    machine->kernel = g_strdup("6.1.0-18-amd64");
    machine->architecture = g_strdup("x86_64");
    machine->n_cpus_online = 4;
    machine->memory_bytes = 16ll << 30;
    machine->pmu = g_strdup("perf_event_open is not permitted");
    verdict->noise.load_start = 0.4;
    verdict->noise.load_end = 1.2;
    verdict->noise.steal_pct = 0.8;
    verdict->noise.position_effect_pct = -0.2;
    verdict->noise.position_p_value = 0.62;
    verdict->noise.calibration_median_ns = 5.02e6;
    verdict->noise.calibration_cv_pct = 2.1;
    verdict->noise.n_calibrations = 40;
    add_pairs(verdict, "query_hot", "wall", RS_VERDICT_IMPROVEMENT, 30, -5.1);
    add_pairs(verdict, "query_hot", "cpu", RS_VERDICT_UNCHANGED, 30, -0.6);
    add_pairs(verdict, "parse_large", "wall", RS_VERDICT_REGRESSION, 40, 24.6);
    add_pairs(verdict, "parse_large", "cpu", RS_VERDICT_REGRESSION, 40, 17.2);
    row = add_pairs(verdict, "parse_large", "max_rss", RS_VERDICT_UNCHANGED, 0, 0.4);
    row->gated = FALSE;
    row->baseline.median = 120e6;
    row->current.median = 121e6;
    add_pairs(verdict, "index_build", "wall", RS_VERDICT_BELOW_THRESHOLD, 60, 3.5);
    row = add_pairs(verdict, "noisy_io", "wall", RS_VERDICT_INCONCLUSIVE, 150, 8.9);
    row->reason = g_strdup("150 pairs are spent and a slowdown of 10 % is neither shown nor "
                           "excluded.");
    row->stop_reason = RS_STOP_MAX_PAIRS;
    row->ci_low_pct = -4;
    row->ci_high_pct = 31;
    g_ptr_array_add(row->warnings, g_strdup("The trials have two clusters."));
    row = add_row(verdict, "same_binary", "wall", RS_VERDICT_UNCHANGED);
    row->stop_reason = RS_STOP_IDENTICAL;
    row = add_row(verdict, "fresh", "wall", RS_VERDICT_NEW);
    row->reason = g_strdup("The baseline has no benchmark of this name.");
    row = add_row(verdict, "gone", "wall", RS_VERDICT_MISSING);
    row->reason = g_strdup("The current side has no benchmark of this name.");
    row = add_row(verdict, "other_machine", "wall", RS_VERDICT_INCOMPARABLE);
    row->reason = g_strdup("Measured on different machines.");
    row = add_pairs(verdict, "throughput", "requests", RS_VERDICT_REGRESSION, 25, 12.4);
    failure->message = g_strdup("The program ended with exit status 101.");
    failure->exit_status = 101;
    failure->pair = 6;
    failure->output_tail = g_strdup("thread 'main' panicked at src/lexer.rs:118:\n"
                                    "index out of bounds: the len is 3 but the index is 3\n");
    g_ptr_array_add(verdict->failures, rs_verdict_failure_new("gone", failure));
    g_ptr_array_add(verdict->warnings, g_strdup("Collected with --threshold 10."));
    return verdict;
}

START_TEST(every_kind_of_verdict_has_its_word_and_a_plot_where_there_are_trials)
{
    g_autoptr(RsVerdict) verdict = everything();
    g_autofree char *page = render(verdict);
    g_autoptr(Outline) outline = read_page(page);

    ck_assert_says(outline, "Gate failed: 1 critical regression");
    ck_assert_says(outline, "The gate fails from +20.0 %");
    for (RsVerdictKind kind = 0; kind < RS_N_VERDICTS; kind++)
        if (kind != RS_VERDICT_BELOW_THRESHOLD)
            ck_assert_says(outline, rs_verdict_kind_names[kind]);
    ck_assert_says(outline, "below threshold");
    ck_assert_says(outline, "nothing was measured");
    ck_assert_says(outline, "150 pairs are spent and a slowdown");
    ck_assert_says(outline, "The trials have two clusters.");
    ck_assert_says(outline, "exit status 101");
    ck_assert_says(outline, "index out of bounds");
    ck_assert_says(outline, "second run of a pair against the first −0.2 %");
    ck_assert_says(outline, "rustscope bench-run -c rustscope.yml --seed 42 -o run.json");
    ck_assert_says(outline, "AMD EPYC 7763");
    ck_assert(!says(outline, "Measured apart"));
    /* Trials, distribution, pairs and interval of the seven measured gated rows. */
    ck_assert_uint_eq(n_attributes(outline, "svg@role=img"), 4 * 7);
    ck_assert_uint_eq(n_of(outline, "title"), 1 + 4 * 7);
    ck_assert_uint_eq(n_of(outline, "desc"), 4 * 7);
}
END_TEST

START_TEST(the_worst_benchmark_comes_first)
{
    g_autoptr(RsVerdict) verdict = everything();
    g_autofree char *page = render(verdict);
    const char *const order[] = {"parse_large", "throughput", "noisy_io",  "other_machine",
                                 "gone",        "fresh",      "query_hot", "index_build"};
    const char *at = strstr(page, "<tbody");

    for (guint i = 0; i < G_N_ELEMENTS(order); i++) {
        g_autofree char *link = g_strdup_printf("href=\"#b%u\"><bdi>%s<", i + 1, order[i]);

        ck_assert_msg((at = strstr(at, link)) != NULL, "%s is not number %u", order[i], i + 1);
    }
}
END_TEST

START_TEST(nothing_is_loaded_and_nothing_is_run)
{
    g_autoptr(RsVerdict) verdict = everything();
    g_autofree char *page = render(verdict);
    g_autoptr(Outline) outline = read_page(page);
    static const char *const loaders[] = {"script", "link",  "img",    "iframe", "object", "embed",
                                          "base",   "video", "source", "form",   "image",  "use"};

    for (guint i = 0; i < G_N_ELEMENTS(loaders); i++)
        ck_assert_msg(n_of(outline, loaders[i]) == 0, "<%s>", loaders[i]);
    ck_assert_ptr_null(strstr(page, "://"));
    ck_assert_ptr_null(strstr(page, "url("));
    ck_assert_ptr_null(strstr(page, "@import"));
    ck_assert_ptr_nonnull(strstr(page, "content=\"default-src 'none'; style-src 'unsafe-inline'"));
    ck_assert_uint_eq(n_of(outline, "style"), 1);
}
END_TEST

START_TEST(with_blame_one_script_runs_and_nothing_is_loaded)
{
    g_autoptr(RsVerdict) verdict = everything();
    g_autofree char *page = NULL;
    g_autoptr(Outline) outline = NULL;

    add_blame(verdict, "parse_large", "json::lexer::skip_ws");
    page = render(verdict);
    outline = read_page(page);
    ck_assert_uint_eq(n_of(outline, "script"), 2);
    ck_assert_uint_eq(n_attributes(outline, "script@type=application/json"), 1);
    ck_assert_uint_eq(n_attributes(outline, "script@"), 1);
    ck_assert_ptr_null(strstr(page, "://"));
    ck_assert_ptr_nonnull(strstr(page, "style-src 'unsafe-inline'; script-src 'sha256-"));
}
END_TEST

START_TEST(blame_is_said_with_figures_places_and_what_else_moved)
{
    g_autoptr(RsVerdict) verdict = everything();
    g_autofree char *page = NULL;
    g_autoptr(Outline) outline = NULL;

    add_blame(verdict, "parse_large", "json::lexer::skip_ws");
    set_repository(verdict, "https://gitlab.com/o/r");
    page = render(verdict);
    outline = read_page(page);
    ck_assert_says(outline, "parse_large: Most of it is in json::lexer::skip_ws (71 % of the "
                            "slowdown, +6.95 ms of own time): src/lexer.rs:118, lines that this "
                            "change touches.");
    ck_assert_says(outline, "3.10 → 10.05 ms");
    ck_assert_says(outline, "+6.24 ms … +7.67 ms");
    ck_assert_says(outline, "not attributed");
    ck_assert_says(outline, "old::gone is gone (−800.0 µs).");
    ck_assert_says(outline, "By crate");
    ck_assert_says(outline, "Callers, with all that they call");
    ck_assert_ptr_nonnull(strstr(page,
                                 "href=\"https://gitlab.com/o/r/-/blob/"
                                 "9f3c1abc0de9f3c1abc0de9f3c1abc0de9f3c1ab/src/lexer.rs#L118\""));
}
END_TEST

START_TEST(a_small_page_has_blame_without_the_picture_and_says_so)
{
    g_autoptr(RsVerdict) verdict = everything();
    g_autofree char *page = NULL;
    g_autoptr(Outline) outline = NULL;

    add_blame(verdict, "parse_large", "json::lexer::skip_ws");
    page = render_limited(verdict, 120000, NULL);
    outline = read_page(page);
    ck_assert_uint_eq(n_of(outline, "script"), 0);
    ck_assert_says(outline, "json::lexer::skip_ws");
    ck_assert_says(outline, "The flame graph did not fit");
    for (gsize limit_bytes = 24000; limit_bytes < 330000; limit_bytes += 15001) {
        g_autofree char *other = render_limited(verdict, limit_bytes, NULL);

        ck_assert_uint_le(strlen(other), limit_bytes);
        outline_free(read_page(other));
    }
}
END_TEST

START_TEST(headings_and_table_headers_are_marked_as_such)
{
    g_autoptr(RsVerdict) verdict = everything();
    g_autofree char *page = render(verdict);
    g_autoptr(Outline) outline = read_page(page);

    ck_assert_uint_eq(n_of(outline, "h1"), 1);
    ck_assert_uint_ge(n_of(outline, "h2"), 3);
    ck_assert_uint_eq(n_of(outline, "th"), n_attributes(outline, "th@scope="));
    ck_assert_uint_eq(n_of(outline, "html"), n_attributes(outline, "html@lang=en"));
    ck_assert_uint_eq(n_of(outline, "svg"), n_attributes(outline, "svg@role=img") +
                                                n_attributes(outline, "svg@aria-hidden=true"));
}
END_TEST

static const char *const hostile[] = {
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</style></title><svg onload=alert(1)>",
    "--><!--",
    "]]><![CDATA[",
    "&lt;b&gt; &#x3c; &bogus;",
    "<?php echo 1 ?>",
    "\x1b[31mred\x1b[0m\r\n\t\x01\x7f",
    ("\xe2\x80\xae"
     "drowssap \xe2\x81\xa6"),
    "\xff\xfe\xc3(\xed\xa0\x80",
    "\xef\xbf\xbe\xef\xbf\xbf",
    "javascript:alert(1)",
    "%s%n%s%n",
    "",
};

/* Every text a file can put into a verdict. */
static RsVerdict *with_text(const char *text)
{
    RsVerdict *verdict = everything();
    RsMachine *machine = &verdict->machines[0];
    char **texts[] = {&verdict->tool_version,
                      &verdict->rule_version,
                      &verdict->created_at,
                      &verdict->command,
                      &verdict->gate.reason,
                      &verdict->gate.gate->metrics[0],
                      &verdict->revisions[0].revision,
                      &verdict->revisions[1].revision,
                      &verdict->revisions[0].branch,
                      &verdict->revisions[0].repository,
                      &verdict->revisions[0].describe,
                      &machine->hostname,
                      &machine->cpu_model,
                      &machine->kernel,
                      &machine->libc,
                      &machine->pmu,
                      &machine->container};
    RsFunctionChange *function = rs_function_change_new(text);

    function->crate_name = g_strdup(text);
    g_ptr_array_add(verdict->functions, function);
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_free(*texts[i]);
        *texts[i] = g_strdup(text);
    }
    for (guint i = 0; i < verdict->rows->len; i++) {
        RsRow *row = g_ptr_array_index(verdict->rows, i);

        g_free(row->name);
        g_free(row->unit);
        g_free(row->reason);
        row->name = g_strdup_printf("%u%s", i, text);
        row->unit = g_strdup_printf("%s", text);
        row->reason = g_strdup_printf(".%s", text);
        g_free(row->metric);
        row->metric = g_strdup_printf(".%s", text);
        g_ptr_array_add(row->warnings, g_strdup(text));
    }
    for (guint i = 0; i < verdict->failures->len; i++) {
        RsVerdictFailure *entry = g_ptr_array_index(verdict->failures, i);

        g_free(entry->benchmark);
        entry->benchmark = g_strdup_printf(".%s", text);
        g_free(entry->failure->stage);
        entry->failure->stage = g_strdup(text);
        g_free(entry->failure->message);
        entry->failure->message = g_strdup(text);
        g_free(entry->failure->output_tail);
        entry->failure->output_tail = g_strdup_printf(".%s", text);
    }
    g_ptr_array_add(verdict->warnings, g_strdup(text));
    {
        RsRow *worst = g_ptr_array_index(verdict->rows, 2);
        RsBlame *blame = add_blame(verdict, worst->name, text);

        blame->note = g_strdup(text);
        blamed_at(add_blamed(blame->functions, "f", RS_BLAME_SLOWER, 1, 2, 3), text, RS_CRATE_OWN,
                  text, 3);
        add_blamed(blame->others, text, RS_BLAME_SHIFT, 1, 2, 3)->shifted_with = g_strdup(text);
    }
    return verdict;
}

static guint n_elements(const Outline *outline)
{
    GHashTableIter iter;
    gpointer n;
    guint sum = 0;

    g_hash_table_iter_init(&iter, outline->n_by_tag);
    while (g_hash_table_iter_next(&iter, NULL, &n))
        sum += GPOINTER_TO_UINT(n);
    return sum;
}

START_TEST(hostile_text_stays_text)
{
    const char *text = *hostile[_i] ? hostile[_i] : "\n";
    g_autoptr(RsVerdict) harmless = with_text("harmless"), verdict = with_text(text);
    g_autofree char *plain_page = render(harmless), *page = render(verdict);
    g_autoptr(Outline) plain = read_page(plain_page), outline = read_page(page);

    ck_assert_uint_eq(n_elements(outline), n_elements(plain));
    ck_assert_uint_eq(outline->attributes->len, plain->attributes->len);
    ck_assert_uint_eq(g_hash_table_size(outline->n_by_tag), g_hash_table_size(plain->n_by_tag));
    ck_assert_ptr_null(strstr(page, "<!--"));
    ck_assert_ptr_null(strstr(page, "<![CDATA[\n"));
    for (const char *at = page; *at; at++)
        ck_assert_msg((guchar)*at >= 0x20 || *at == '\n' || *at == '\t', "a control character");
    ck_assert_ptr_null(strstr(page, "\xe2\x80\xae"));
    ck_assert(g_utf8_validate(page, -1, NULL));
}
END_TEST

START_TEST(absent_texts_are_left_out)
{
    g_autoptr(RsVerdict) verdict = new_verdict(RS_GATE_PASSED);
    g_autofree char *page = NULL;

    g_clear_pointer(&verdict->command, g_free);
    g_clear_pointer(&verdict->tool_version, g_free);
    g_clear_pointer(&verdict->created_at, g_free);
    add_pairs(verdict, "a", "wall", RS_VERDICT_UNCHANGED, 5, 0);
    page = render(verdict);
    outline_free(read_page(page));
    ck_assert_ptr_null(strstr(page, "(null)"));
}
END_TEST

START_TEST(only_web_addresses_become_links)
{
    static const struct {
        const char *url;
        gboolean linked;
    } cases[] = {{"https://ci.example/run/1?a=1&b=2", TRUE},
                 {"http://ci.example/", TRUE},
                 {"javascript:alert(1)", FALSE},
                 {"data:text/html,x", FALSE},
                 {"HTTPS:alert", FALSE},
                 {" https://ci.example/", FALSE},
                 {"https://x/\"><b>", TRUE}};
    g_autoptr(RsVerdict) verdict = new_verdict(RS_GATE_PASSED);

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *page = render_limited(verdict, 0, cases[i].url);
        g_autoptr(Outline) outline = read_page(page);
        g_autofree char *wanted = g_strdup_printf("a@href=%s", cases[i].url);

        ck_assert_uint_eq(n_of(outline, "a"), cases[i].linked);
        ck_assert_uint_eq(n_attributes(outline, wanted), cases[i].linked);
    }
}
END_TEST

START_TEST(every_trial_is_a_mark)
{
    static const guint n_pairs[] = {0, 1, 2, 7, 8, 150, 2000};
    g_autoptr(RsVerdict) verdict = new_verdict(RS_GATE_PASSED);
    g_autofree char *page = NULL;
    g_autoptr(Outline) outline = NULL;

    add_pairs(verdict, "a", "wall", RS_VERDICT_UNCHANGED, n_pairs[_i], 1);
    page = render(verdict);
    outline = read_page(page);
    ck_assert_uint_eq(outline->n_dots + outline->n_edges, 2 * n_pairs[_i]);
}
END_TEST

START_TEST(extreme_trials_are_drawn_at_the_edge_and_counted)
{
    g_autoptr(RsVerdict) verdict = new_verdict(RS_GATE_PASSED);
    RsRow *row = add_pairs(verdict, "a", "wall", RS_VERDICT_UNCHANGED, 100, 1);
    g_autofree char *page = NULL;
    g_autoptr(Outline) outline = NULL;

    g_array_index(row->current.values, double, 10) *= 1000;
    g_array_index(row->current.values, double, 20) = 1e300;
    g_array_index(row->baseline.values, double, 30) = -1e300;
    page = render(verdict);
    outline = read_page(page);
    ck_assert_uint_eq(outline->n_dots, 197);
    ck_assert_uint_eq(outline->n_edges, 3);
    ck_assert_says(outline, "3 trials beyond the axis (2 above, 1 below; baseline 1, current 2)");
}
END_TEST

START_TEST(what_is_not_known_is_never_a_number)
{
    g_autoptr(RsVerdict) verdict = new_verdict(RS_GATE_UNDECIDED);
    RsRow *row = add_row(verdict, "a", "wall", RS_VERDICT_INCONCLUSIVE);
    static const double values[] = {NAN, INFINITY, 5, -INFINITY, -NAN, 7};
    g_autofree char *page = NULL, *folded = NULL;
    g_autoptr(Outline) outline = NULL;

    for (guint i = 0; i < G_N_ELEMENTS(values); i++) {
        add_value(&row->baseline, values[i], 2 * i);
        add_value(&row->current, -values[i], 2 * i + 1);
    }
    row->n_baseline = row->n_current = G_N_ELEMENTS(values);
    row->threshold_pct = row->bound_pct = NAN;
    add_pairs(verdict, "b", "wall", RS_VERDICT_UNCHANGED, 9, INFINITY);
    add_row(verdict, "c", "wall", RS_VERDICT_UNCHANGED)->change_pct = -INFINITY;
    row = add_pairs(verdict, "d", "wall", RS_VERDICT_UNCHANGED, 9, 2);
    row->ci_low_pct = -INFINITY;
    row->ci_high_pct = INFINITY;
    verdict->gate.bound_pct = verdict->gate.gate->threshold_pct = NAN;
    add_blamed(unknown_blame(verdict, "d")->functions, "f", RS_BLAME_SLOWER, NAN, INFINITY, NAN);
    page = render(verdict);
    outline = read_page(page);
    folded = g_ascii_strdown(outline->text->str, -1);
    ck_assert_ptr_null(strstr(folded, "nan"));
    ck_assert_ptr_null(strstr(folded, "inf "));
    ck_assert_ptr_null(strstr(page, "-2147483648"));
    ck_assert_says(outline, "8 trials without a value of this metric");
    ck_assert_uint_eq(n_attributes(outline, "path@d=Mnan"), 0);
}
END_TEST

START_TEST(equal_values_make_a_plot_too)
{
    static const double values[] = {0, 5e6, -3, 1e150};
    g_autoptr(RsVerdict) verdict = new_verdict(RS_GATE_PASSED);
    RsRow *row = add_row(verdict, "a", "wall", RS_VERDICT_UNCHANGED);
    g_autofree char *page = NULL;
    g_autoptr(Outline) outline = NULL;

    for (guint i = 0; i < 20; i++)
        add_value(i % 2 ? &row->current : &row->baseline, values[_i], i);
    row->n_baseline = row->n_current = 10;
    row->change_pct = row->ci_low_pct = row->ci_high_pct = 0;
    page = render(verdict);
    outline = read_page(page);
    ck_assert_uint_eq(outline->n_dots, 20);
    ck_assert_uint_eq(outline->n_edges, 0);
    ck_assert_uint_ge(n_attributes(outline, "span@style=top:"), 1);
}
END_TEST

START_TEST(files_measured_apart_are_said_to_promise_nothing)
{
    g_autoptr(RsVerdict) verdict = new_verdict(RS_GATE_PASSED);
    RsRow *row = add_pairs(verdict, "a", "wall", RS_VERDICT_UNCHANGED, 20, 1);
    g_autofree char *page = NULL;
    g_autoptr(Outline) outline = NULL;

    verdict->side_by_side = FALSE;
    verdict->seed = -1;
    row->method = RS_METHOD_WELCH;
    page = render(verdict);
    outline = read_page(page);
    ck_assert_says(outline, "no promise on false alarms");
    ck_assert_says(outline, "13–50 % of the time");
    ck_assert(!says(outline, "Change of each pair"));
    ck_assert(!says(outline, "(seed"));
    ck_assert_says(outline, "current file");
}
END_TEST

START_TEST(each_gate_status_has_its_headline)
{
    static const char *const headlines[] = {"Gate passed: no regression", "Gate failed", "Accepted",
                                            "Undecided", "Could not measure"};
    g_autoptr(RsVerdict) verdict = new_verdict((RsGateStatus)_i);
    g_autofree char *page = render(verdict);
    g_autoptr(Outline) outline = read_page(page);

    ck_assert_says(outline, headlines[_i]);
}
END_TEST

START_TEST(a_gate_that_never_fails_says_what_it_would_have_said)
{
    g_autoptr(RsVerdict) verdict = new_verdict(RS_GATE_PASSED);
    g_autofree char *page = NULL;
    g_autoptr(Outline) outline = NULL;

    verdict->gate.bound_pct = INFINITY;
    verdict->gate.would_be = RS_GATE_FAILED;
    page = render(verdict);
    outline = read_page(page);
    ck_assert_says(outline, "The gate never fails (fail-on none). With fail-on critical it would "
                            "be: failed.");
}
END_TEST

START_TEST(functions_of_files_without_trials_are_listed)
{
    g_autoptr(RsVerdict) verdict = new_verdict(RS_GATE_UNDECIDED);
    RsFunctionChange *function = rs_function_change_new("json::lexer::skip_ws");
    g_autofree char *page = NULL;
    g_autoptr(Outline) outline = NULL;

    function->baseline_self_ns = 3100000;
    g_ptr_array_add(verdict->functions, function);
    page = render(verdict);
    outline = read_page(page);
    ck_assert_says(outline, "json::lexer::skip_ws");
    ck_assert_says(outline, "3.100 ms");
    ck_assert_says(outline, "listed and not judged");
}
END_TEST

static RsVerdict *large(guint n_benchmarks, guint n_pairs)
{
    RsVerdict *verdict = new_verdict(RS_GATE_FAILED);

    for (guint i = 0; i < n_benchmarks; i++) {
        g_autofree char *name = g_strdup_printf("bench_%03u", i);
        RsVerdictKind kind = i % 50 == 7 ? RS_VERDICT_REGRESSION : RS_VERDICT_UNCHANGED;

        add_pairs(verdict, name, "wall", kind, n_pairs, i % 50 == 7 ? 12 + i / 10.0 : 0.1);
        add_pairs(verdict, name, "cpu", RS_VERDICT_UNCHANGED, n_pairs, 0.2);
    }
    return verdict;
}

START_TEST(a_limit_takes_the_plots_of_the_best_first_and_says_so)
{
    static const gsize limits_bytes[] = {30000, 60000, 150000, 400000, 600000};
    g_autoptr(RsVerdict) verdict = large(40, 100);
    g_autofree char *page = render_limited(verdict, limits_bytes[_i], NULL);
    g_autoptr(Outline) outline = read_page(page);
    const char *plot = strstr(page, "class=\"area\"");
    guint n_shown = n_attributes(outline, "details@id=b");
    guint n_listed = count_text(page, "scope=\"row\"><bdi>bench") +
                     count_text(page, "scope=\"row\"><a href=\"#b");

    ck_assert_uint_le(strlen(page), limits_bytes[_i]);
    ck_assert_says(outline, "bench_007");
    if (n_listed < 40) {
        g_autofree char *words = g_strdup_printf("and %u benchmark", 40 - n_listed);
        ck_assert_says(outline, words);
    }
    if (n_shown < 40) {
        g_autofree char *words = g_strdup_printf("and %u benchmark section", 40 - n_shown);
        ck_assert_says(outline, words);
    }
    if (n_shown == 40 && count_text(page, "class=\"area\"") < 160)
        ck_assert_says(outline, "with figures only");
    /* What is drawn at all is drawn for the worst. */
    if (plot)
        ck_assert_ptr_nonnull(g_strstr_len(page, plot - page, "id=\"b1\" open"));
    if (_i >= 3)
        ck_assert_ptr_nonnull(plot);
}
END_TEST

START_TEST(no_page_is_longer_than_its_limit)
{
    g_autoptr(RsVerdict) verdict = everything();

    for (guint i = 0; i < 60; i++) {
        RsFunctionChange *function = rs_function_change_new("json::lexer::skip_ws<T>");

        g_ptr_array_add(verdict->functions, function);
    }
    for (gsize limit_bytes = 20000; limit_bytes < 160000; limit_bytes += 3001) {
        g_autofree char *page = render_limited(verdict, limit_bytes, "https://ci.example/1");

        ck_assert_uint_le(strlen(page), limit_bytes);
        outline_free(read_page(page));
    }
}
END_TEST

START_TEST(a_limit_that_not_even_the_headline_fits_is_an_error)
{
    RsReportOptions options = {.limit_bytes = 1000};
    g_autoptr(RsVerdict) verdict = everything();
    g_autoptr(GError) error = NULL;
    gsize n_bytes = 77;

    ck_assert_ptr_null(rs_report_html(verdict, &options, &n_bytes, &error));
    ck_assert(g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOSPC));
    ck_assert_ptr_nonnull(strstr(error->message, "1000 are allowed"));
    ck_assert_uint_eq(n_bytes, 77);
}
END_TEST

START_TEST(two_hundred_benchmarks_of_two_thousand_trials_are_drawn_whole_in_seconds)
{
    g_autoptr(RsVerdict) verdict = large(200, 1000);
    gint64 start_us = g_get_monotonic_time();
    g_autofree char *page = render(verdict);
    double taken_s = (double)(g_get_monotonic_time() - start_us) / 1e6;

    g_autoptr(Outline) outline = read_page(page);

    ck_assert_uint_le(strlen(page), 24u << 20);
    ck_assert_uint_eq(outline->n_dots + outline->n_edges, 200 * 2 * 2000);
    /* About half a second on an idle machine; the rest is for busy ones and sanitizers. */
    ck_assert_double_lt(taken_s, 20);
}
END_TEST

static Suite *html_suite(void)
{
    Suite *suite = suite_create("report/html");
    TCase *content = tcase_create("content"), *safety = tcase_create("safety");
    TCase *plots = tcase_create("plots"), *limits = tcase_create("limits");

    tcase_add_test(content, every_kind_of_verdict_has_its_word_and_a_plot_where_there_are_trials);
    tcase_add_test(content, the_worst_benchmark_comes_first);
    tcase_add_test(content, headings_and_table_headers_are_marked_as_such);
    tcase_add_test(content, files_measured_apart_are_said_to_promise_nothing);
    tcase_add_loop_test(content, each_gate_status_has_its_headline, 0, RS_GATE_ERROR + 1);
    tcase_add_test(content, a_gate_that_never_fails_says_what_it_would_have_said);
    tcase_add_test(content, functions_of_files_without_trials_are_listed);
    tcase_add_test(content, absent_texts_are_left_out);
    tcase_add_test(content, blame_is_said_with_figures_places_and_what_else_moved);
    tcase_add_test(limits, a_small_page_has_blame_without_the_picture_and_says_so);
    tcase_add_test(safety, nothing_is_loaded_and_nothing_is_run);
    tcase_add_test(safety, with_blame_one_script_runs_and_nothing_is_loaded);
    tcase_add_loop_test(safety, hostile_text_stays_text, 0, G_N_ELEMENTS(hostile));
    tcase_add_test(safety, only_web_addresses_become_links);
    tcase_add_loop_test(plots, every_trial_is_a_mark, 0, 7);
    tcase_add_test(plots, extreme_trials_are_drawn_at_the_edge_and_counted);
    tcase_add_test(plots, what_is_not_known_is_never_a_number);
    tcase_add_loop_test(plots, equal_values_make_a_plot_too, 0, 4);
    tcase_add_loop_test(limits, a_limit_takes_the_plots_of_the_best_first_and_says_so, 0, 5);
    tcase_add_test(limits, no_page_is_longer_than_its_limit);
    tcase_add_test(limits, a_limit_that_not_even_the_headline_fits_is_an_error);
    tcase_add_test(limits,
                   two_hundred_benchmarks_of_two_thousand_trials_are_drawn_whole_in_seconds);
    tcase_set_timeout(limits, 120);
    suite_add_tcase(suite, content);
    suite_add_tcase(suite, safety);
    suite_add_tcase(suite, plots);
    suite_add_tcase(suite, limits);
    return suite;
}

int main(void)
{
    return run_suite(html_suite());
}
