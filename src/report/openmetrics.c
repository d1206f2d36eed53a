/* SPDX-License-Identifier: GPL-3.0-or-later */
/* OpenMetrics text of the gated rows. GitLab compares values as strings, so figures have three
 * digits: what did not change reads the same. Base units, as the format wants: seconds, bytes,
 * ratio. */
#include <math.h>
#include <string.h>

#include "report/escape.h"
#include "report/renderer.h"
#include "report/view.h"
#include "report/words.h"

#define NAME_CHARS   200
#define FAMILY_CHARS 60

/* A metric of the verdict and the gauge it becomes. */
typedef struct {
    const char *metric, *unit;
    const char *base_unit; /* NULL: none */
    double scale;          /* from the metric's unit */
    char *family;
    GString *samples;
} Gauge;

static void gauge_free(gpointer data)
{
    Gauge *gauge = data;

    g_free(gauge->family);
    g_string_free(gauge->samples, TRUE);
    g_free(gauge);
}

static char *three_digits(double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    return g_strdup(g_ascii_formatd(text, sizeof text, "%.3g", value));
}

/* Letters, digits and "_" of the metric's name; with a hash when another metric has that family. */
static char *family_name(const char *metric, const char *base_unit, GHashTable *taken)
{
    GString *name = g_string_new("rustscope_benchmark_");
    const char *suffix = base_unit ? base_unit : "";

    for (guint i = 0; metric[i] && i < FAMILY_CHARS; i++)
        g_string_append_c(name, g_ascii_isalnum(metric[i]) ? metric[i] : '_');
    if (g_hash_table_contains(taken, name->str)) {
        g_autofree char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, metric, -1);

        g_string_append_printf(name, "_%.8s", hash);
    }
    g_hash_table_add(taken, g_strdup(name->str));
    g_string_append_printf(name, "%s%s", base_unit ? "_" : "", suffix);
    return g_string_free(name, FALSE);
}

static Gauge *gauge_for(GPtrArray *gauges, GHashTable *taken, const RsRow *row)
{
    Gauge *gauge;

    for (guint i = 0; i < gauges->len; i++) {
        gauge = g_ptr_array_index(gauges, i);
        if (g_str_equal(gauge->metric, row->metric) && g_strcmp0(gauge->unit, row->unit) == 0)
            return gauge;
    }
    gauge = g_new0(Gauge, 1);
    gauge->metric = row->metric;
    gauge->unit = row->unit;
    gauge->scale = g_strcmp0(row->unit, "ns") == 0 ? 1e-9 : 1;
    gauge->base_unit = g_strcmp0(row->unit, "ns") == 0      ? "seconds"
                       : g_strcmp0(row->unit, "bytes") == 0 ? "bytes"
                                                            : NULL;
    gauge->family = family_name(row->metric, gauge->base_unit, taken);
    gauge->samples = g_string_new(NULL);
    g_ptr_array_add(gauges, gauge);
    return gauge;
}

static void append_side(Gauge *gauge, const char *benchmark, const RsRow *row, RsArm arm)
{
    const RsRowSide *side = arm == RS_ARM_BASELINE ? &row->baseline : &row->current;
    double value = rs_view_side_value(row, side);
    g_autofree char *shown = three_digits(value * gauge->scale);

    if (isfinite(value))
        g_string_append_printf(gauge->samples, "%s{benchmark=\"%s\",side=\"%s\"} %s\n",
                               gauge->family, benchmark, rs_arm_names[arm], shown);
}

static void append_change(GString *out, const char *benchmark, const RsRow *row)
{
    g_autofree char *name = rs_escape_name(row->metric, NAME_CHARS);
    g_autofree char *metric = rs_escape_openmetrics(name);
    g_autofree char *ratio = three_digits(1 + row->change_pct / 100);

    if (isfinite(row->change_pct))
        g_string_append_printf(out, "rustscope_change_ratio{benchmark=\"%s\",metric=\"%s\"} %s\n",
                               benchmark, metric, ratio);
}

static void append_family(GString *out, const char *family, const char *type, const char *unit,
                          const char *help)
{
    g_autofree char *safe = rs_escape_openmetrics(help);

    g_string_append_printf(out, "# TYPE %s %s\n", family, type);
    if (unit)
        g_string_append_printf(out, "# UNIT %s %s\n", family, unit);
    g_string_append_printf(out, "# HELP %s %s\n", family, safe);
}

static void append_rows(GString *out, const RsVerdict *verdict)
{
    g_autoptr(GPtrArray) gauges = g_ptr_array_new_with_free_func(gauge_free);
    g_autoptr(GHashTable) taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GString) changes = g_string_new(NULL);

    for (guint i = 0; i < verdict->rows->len; i++) {
        const RsRow *row = g_ptr_array_index(verdict->rows, i);
        g_autofree char *name = rs_escape_name(row->name, NAME_CHARS);
        g_autofree char *benchmark = rs_escape_openmetrics(name);
        Gauge *gauge = row->gated ? gauge_for(gauges, taken, row) : NULL;

        if (!gauge)
            continue;
        append_side(gauge, benchmark, row, RS_ARM_BASELINE);
        append_side(gauge, benchmark, row, RS_ARM_CURRENT);
        append_change(changes, benchmark, row);
    }
    for (guint i = 0; i < gauges->len; i++) {
        const Gauge *gauge = g_ptr_array_index(gauges, i);
        g_autofree char *metric = rs_escape_line(gauge->metric, FAMILY_CHARS);
        g_autofree char *help = g_strdup_printf("%s for one launch of the benchmark", metric);

        append_family(out, gauge->family, "gauge", gauge->base_unit, help);
        g_string_append(out, gauge->samples->str);
    }
    append_family(out, "rustscope_change_ratio", "gauge", "ratio",
                  "1 is unchanged, above 1 is slower or worse");
    g_string_append(out, changes->str);
}

static void append_gate(GString *out, const RsVerdict *verdict)
{
    const RsVerdictSummary *summary = &verdict->summary;
    g_autofree char *headline = rs_words_headline(verdict);

    append_family(out, "rustscope_gate_status", "stateset", NULL, headline);
    for (guint i = 0; rs_gate_status_names[i]; i++)
        g_string_append_printf(out, "rustscope_gate_status{rustscope_gate_status=\"%s\"} %d\n",
                               rs_gate_status_names[i], verdict->gate.status == (RsGateStatus)i);
    append_family(out, "rustscope_benchmarks", "gauge", NULL,
                  "benchmarks by the verdict on their worst gated row");
    for (guint i = 0; rs_verdict_kind_names[i]; i++)
        g_string_append_printf(out, "rustscope_benchmarks{verdict=\"%s\"} %u\n",
                               rs_verdict_kind_names[i], summary->n_by_verdict[i]);
    append_family(out, "rustscope_regressions", "gauge", NULL, "regressions by severity");
    for (guint i = RS_SEVERITY_MINOR; rs_severity_names[i]; i++)
        g_string_append_printf(out, "rustscope_regressions{severity=\"%s\"} %u\n",
                               rs_severity_names[i], summary->n_by_severity[i]);
    append_family(out, "rustscope_measured_apart", "gauge", NULL,
                  rs_view_is_unpaired(verdict) ? rs_words_unpaired
                                               : "0: both sides were measured in pairs");
    g_string_append_printf(out, "rustscope_measured_apart %d\n", rs_view_is_unpaired(verdict));
}

char *rs_report_openmetrics(const RsVerdict *verdict, const RsReportOptions *options,
                            gsize *n_bytes, GError **error)
{
    GString *out = g_string_new(NULL);

    append_gate(out, verdict);
    append_rows(out, verdict);
    g_string_append(out, "# EOF\n");
    if (n_bytes)
        *n_bytes = out->len;
    return g_string_free(out, FALSE);
}
