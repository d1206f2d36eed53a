/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/html_section.h"

#include <math.h>

#include "report/html_blame.h"
#include "report/html_plot.h"
#include "report/html_write.h"

#define MAX_WARNINGS 20
/* Only so many sections stand open at first, however many are bad. */
#define MAX_OPEN 12

static gboolean not_measured(const RsRow *row)
{
    return row->stop_reason == RS_STOP_IDENTICAL;
}

#define NOTHING "<span class=\"none\">n/a</span>"

static void overview_median(GString *out, const RsRow *row, double median)
{
    if (isfinite(median))
        rs_html_value(out, median, row->unit, row->baseline.median);
    else
        g_string_append(out, NOTHING);
}

static void overview_change(GString *out, const RsRow *row)
{
    if (isnan(row->change_pct)) {
        g_string_append(out, NOTHING);
        return;
    }
    g_string_append(out, "<b>");
    rs_html_change(out, row->change_pct);
    g_string_append(out, "</b><span class=\"ci\">");
    if (!isnan(row->ci_low_pct) && !isnan(row->ci_high_pct))
        rs_html_interval(out, row->ci_low_pct, row->ci_high_pct);
    g_string_append(out, "</span>");
}

void rs_html_overview_row(GString *out, const RsHtmlGroup *group, double limit_pct, gboolean linked)
{
    const RsRow *row = group->worst;

    g_string_append(out, "<tr role=\"row\"><th role=\"rowheader\" scope=\"row\">");
    if (linked)
        g_string_append_printf(out, "<a href=\"#b%u\">", group->number);
    rs_html_name(out, group->name);
    g_string_append(out, linked ? "</a> <span class=\"metric\">" : " <span class=\"metric\">");
    rs_html_text(out, row->metric, RS_HTML_NAME_CHARS);
    if (group->gated->len > 1)
        g_string_append_printf(out, ", worst of %u", group->gated->len);
    g_string_append(out, row->gated
                             ? "</span></th><td role=\"cell\" class=\"wide num\">"
                             : ", not gated</span></th><td role=\"cell\" class=\"wide num\">");
    overview_median(out, row, row->baseline.median);
    g_string_append(out, "</td><td role=\"cell\" class=\"wide num\">");
    overview_median(out, row, row->current.median);
    g_string_append(out, "</td><td role=\"cell\" class=\"num\">");
    overview_change(out, row);
    g_string_append(out, "</td><td role=\"cell\" class=\"wide\">");
    rs_html_plot_mini(out, row, limit_pct);
    g_string_append(out, "</td><td role=\"cell\">");
    rs_html_badge(out, row);
    g_string_append(out, "</td></tr>\n");
}

/* What the verdict means, after "+23.4 %: ". */
static void meaning(GString *out, const RsRow *row)
{
    gboolean paired = row->method == RS_METHOD_PAIRED;

    switch (row->verdict) {
    case RS_VERDICT_REGRESSION:
        g_string_append_printf(out, "%s, beyond the threshold of ", rs_html_direction_word(row, 1));
        rs_html_change(out, row->threshold_pct);
        break;
    case RS_VERDICT_IMPROVEMENT:
        g_string_append_printf(out, "%s, beyond chance", rs_html_direction_word(row, -1));
        break;
    case RS_VERDICT_BELOW_THRESHOLD:
        g_string_append(out, "a change beyond chance, but below the threshold of ");
        rs_html_change(out, row->threshold_pct);
        break;
    case RS_VERDICT_UNCHANGED:
        g_string_append(out, paired ? "a change for the worse by "
                                    : "nothing was flagged at the threshold of ");
        rs_html_change(out, row->threshold_pct);
        if (paired)
            g_string_append(out, " or more is excluded");
        break;
    case RS_VERDICT_INCONCLUSIVE:
        g_string_append(out, "these trials do not decide");
        break;
    case RS_VERDICT_INCOMPARABLE:
        g_string_append(out, "the two sides cannot be compared");
        break;
    case RS_VERDICT_NEW:
        g_string_append(out, "new, there is no baseline to compare with");
        break;
    default:
        g_string_append(out, "missing from the current side");
    }
}

static void statement(GString *out, const RsRow *row)
{
    g_string_append(out, "<p class=\"lead\">");
    if (not_measured(row)) {
        g_string_append(out, "Both arms load the same files with the same arguments and inputs, so "
                             "nothing was measured.</p>");
        return;
    }
    if (isfinite(row->change_pct)) {
        g_string_append(out, "<b>");
        rs_html_change(out, row->change_pct);
        g_string_append(out, "</b>");
        if (!isnan(row->ci_low_pct) && !isnan(row->ci_high_pct)) {
            g_string_append(out, " (");
            if (isfinite(row->ci_level_pct)) {
                rs_html_number(out, row->ci_level_pct, 2);
                g_string_append(out, " % ");
            }
            g_string_append(out, "confidence interval ");
            rs_html_interval(out, row->ci_low_pct, row->ci_high_pct);
            g_string_append_c(out, ')');
        }
        g_string_append(out, ": ");
    }
    meaning(out, row);
    g_string_append(out, ".</p>");
}

static void remarks(GString *out, const RsRow *row)
{
    if (row->reason && *row->reason) {
        g_string_append(out, "<p class=\"reason\"><b>Why:</b> ");
        rs_html_text(out, row->reason, RS_HTML_SENTENCE_CHARS);
        g_string_append(out, "</p>");
    }
    if (row->warnings->len == 0)
        return;
    g_string_append(out, "<ul class=\"warnings\">");
    for (guint i = 0; i < MIN(row->warnings->len, MAX_WARNINGS); i++) {
        g_string_append(out, "<li><b>Warning:</b> ");
        rs_html_text(out, g_ptr_array_index(row->warnings, i), RS_HTML_SENTENCE_CHARS);
        g_string_append(out, "</li>");
    }
    if (row->warnings->len > MAX_WARNINGS) {
        g_string_append(out, "<li>… and ");
        rs_html_count(out, row->warnings->len - MAX_WARNINGS, "more warning");
        g_string_append(out, ".</li>");
    }
    g_string_append(out, "</ul>");
}

static void value_row(GString *out, const RsRow *row, const char *label, double baseline,
                      double current)
{
    double like = isfinite(row->baseline.median) ? row->baseline.median : row->current.median;

    g_string_append_printf(out, "<tr><th scope=\"row\">%s</th><td class=\"num\">", label);
    rs_html_value(out, baseline, row->unit, like);
    g_string_append(out, "</td><td class=\"num\">");
    rs_html_value(out, current, row->unit, like);
    g_string_append(out, "</td></tr>");
}

static void count_row(GString *out, const char *label, guint baseline, guint current)
{
    g_string_append_printf(out,
                           "<tr><th scope=\"row\">%s</th><td class=\"num\">%u</td>"
                           "<td class=\"num\">%u</td></tr>",
                           label, baseline, current);
}

static void side_table(GString *out, const RsRow *row)
{
    const RsRowSide *base = &row->baseline, *curr = &row->current;

    g_string_append(out,
                    "<table class=\"sides\"><caption>Trials of each arm</caption><thead><tr>"
                    "<th scope=\"col\"></th><th scope=\"col\" class=\"num k base\">■ baseline</th>"
                    "<th scope=\"col\" class=\"num k curr\">● current</th></tr></thead><tbody>");
    count_row(out, "trials", row->n_baseline, row->n_current);
    value_row(out, row, "median", base->median, curr->median);
    value_row(out, row, "mean", base->mean, curr->mean);
    value_row(out, row, "standard deviation", base->sd, curr->sd);
    value_row(out, row, "MAD", base->mad, curr->mad);
    value_row(out, row, "least", base->min, curr->min);
    value_row(out, row, "most", base->max, curr->max);
    count_row(out, "outliers (kept)", base->n_outliers, curr->n_outliers);
    g_string_append(out, "</tbody></table>");
}

static void fact(GString *out, const char *label)
{
    g_string_append_printf(out, "<tr><th scope=\"row\">%s</th><td class=\"num\">", label);
}

static void p_fact(GString *out, const char *label, double p_value)
{
    fact(out, label);
    rs_html_p_value(out, p_value);
    g_string_append(out, "</td></tr>");
}

static void pct_fact(GString *out, const char *label, double pct)
{
    fact(out, label);
    rs_html_change(out, pct);
    g_string_append(out, "</td></tr>");
}

static void word_fact(GString *out, const char *label, const char *word)
{
    fact(out, label);
    g_string_append_printf(out, "%s</td></tr>", word);
}

static void decision_table(GString *out, const RsRow *row)
{
    static const char *const methods[] = {"none", "paired signs, anytime-valid",
                                          "Welch's t, two-sided"};
    static const char *const ends[] = {
        "not told",          "settled by the rule", "as many as asked", "pair budget spent",
        "time budget spent", "arms identical",      "a trial failed",   "interrupted"};
    gboolean paired = row->method == RS_METHOD_PAIRED;

    g_string_append(out, "<table class=\"sides\"><caption>The decision</caption><tbody>");
    word_fact(out, "method", methods[row->method]);
    pct_fact(out, "change", row->change_pct);
    fact(out, "confidence level");
    rs_html_number(out, row->ci_level_pct, 2);
    g_string_append(out, isfinite(row->ci_level_pct) ? " %</td></tr>" : "</td></tr>");
    fact(out, "interval");
    rs_html_interval(out, row->ci_low_pct, row->ci_high_pct);
    g_string_append(out, "</td></tr>");
    p_fact(out, paired ? "p (not slower)" : "p (equal)", row->p_value);
    p_fact(out, "p, corrected", row->p_adjusted);
    if (paired)
        p_fact(out, "p (not faster), corrected", row->p_improved);
    pct_fact(out, "would have been flagged 95 in 100 (MDE)", row->mde_pct);
    pct_fact(out, "threshold T", row->threshold_pct);
    if (isfinite(row->bound_pct))
        pct_fact(out, "gate fails from G", row->bound_pct);
    else
        word_fact(out, "gate fails from G", "never");
    word_fact(out, "collection ended", ends[row->stop_reason]);
    if (row->launches_per_trial > 1) {
        fact(out, "launches per trial");
        g_string_append_printf(out, "%u</td></tr>", row->launches_per_trial);
    }
    g_string_append(out, "</tbody></table>");
}

static void metric_heading(GString *out, const RsRow *row)
{
    const RsMetricRow *metric = rs_metric_row(row->metric);

    g_string_append(out, "<h4>");
    rs_html_name(out, row->metric);
    if (metric)
        g_string_append_printf(out, " <span class=\"metric\">%s</span>", metric->summary);
    else if (row->direction == RS_HIGHER_IS_BETTER)
        g_string_append(out, " <span class=\"metric\">higher is better</span>");
    g_string_append_c(out, ' ');
    rs_html_badge(out, row);
    g_string_append(out, "</h4>");
}

static void gated_metric(GString *out, const RsRow *row, const char *id, gboolean side_by_side,
                         gboolean with_plots)
{
    gboolean measured = row->n_baseline + row->n_current > 0;

    g_string_append(out, "<div class=\"gated\">");
    metric_heading(out, row);
    statement(out, row);
    remarks(out, row);
    if (with_plots) {
        rs_html_plot_interval(out, row, id);
        rs_html_plot_trials(out, row, side_by_side, id);
        if (side_by_side)
            rs_html_plot_pairs(out, row, id);
    }
    if (measured) {
        g_string_append(out, "<div class=\"figures\">");
        side_table(out, row);
        decision_table(out, row);
        g_string_append(out, "</div>");
    }
    g_string_append(out, "</div>\n");
}

static void other_metrics(GString *out, const GPtrArray *rows)
{
    if (rows->len == 0)
        return;
    g_string_append(out, "<div class=\"scroll\"><table class=\"others\"><caption>Metrics that do "
                         "not gate</caption><thead><tr><th scope=\"col\">Metric</th>"
                         "<th scope=\"col\" class=\"num\">Baseline median</th>"
                         "<th scope=\"col\" class=\"num\">Current median</th>"
                         "<th scope=\"col\" class=\"num\">Change</th></tr></thead><tbody>");
    for (guint i = 0; i < rows->len; i++) {
        const RsRow *row = g_ptr_array_index(rows, i);

        g_string_append(out, "<tr><th scope=\"row\">");
        rs_html_name(out, row->metric);
        g_string_append(out, "</th><td class=\"num\">");
        rs_html_value(out, row->baseline.median, row->unit, row->baseline.median);
        g_string_append(out, "</td><td class=\"num\">");
        rs_html_value(out, row->current.median, row->unit, row->baseline.median);
        g_string_append(out, "</td><td class=\"num\">");
        rs_html_change(out, row->change_pct);
        g_string_append(out, "</td></tr>");
    }
    g_string_append(out, "</tbody></table></div>");
}

static gboolean needs_a_look(const RsRow *row)
{
    return row->verdict == RS_VERDICT_REGRESSION || row->verdict == RS_VERDICT_INCONCLUSIVE;
}

static gboolean stands_open(const RsHtmlGroup *group)
{
    return group->number == 1 || (group->number <= MAX_OPEN && needs_a_look(group->worst));
}

void rs_html_section(GString *out, const RsHtmlGroup *group, const RsVerdict *verdict,
                     gboolean with_plots, gboolean with_flame)
{
    const RsBlame *blame = rs_verdict_blame(verdict, group->name);

    g_string_append_printf(out, "<details class=\"bench\" id=\"b%u\"%s><summary><h3>",
                           group->number, stands_open(group) ? " open=\"open\"" : "");
    rs_html_name(out, group->name);
    g_string_append(out, "</h3> <span class=\"sum\">");
    rs_html_badge(out, group->worst);
    if (isfinite(group->worst->change_pct)) {
        g_string_append(out, " <b>");
        rs_html_change(out, group->worst->change_pct);
        g_string_append(out, "</b>");
    }
    g_string_append(out, "</span></summary>\n");
    if (!with_plots)
        g_string_append(out, "<p class=\"note\">Figures only: the plots of this benchmark did not "
                             "fit within the size limit of this page.</p>");
    for (guint i = 0; i < group->gated->len; i++) {
        g_autofree char *id = g_strdup_printf("b%um%u", group->number, i + 1);

        gated_metric(out, g_ptr_array_index(group->gated, i), id, verdict->side_by_side,
                     with_plots);
    }
    if (blame) {
        g_autofree char *id = g_strdup_printf("b%uf", group->number);

        rs_html_blame(out, verdict, blame, id, with_plots && with_flame);
    }
    other_metrics(out, group->others);
    g_string_append(out, "<p class=\"up\"><a href=\"#top\">Back to the table</a></p></details>\n");
}
