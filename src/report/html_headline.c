/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/html_method.h"

#include <math.h>
#include <string.h>

#include "report/html_blame.h"
#include "report/html_policy.h"
#include "report/html_write.h"
#include "report/words.h"

#define MAX_WARNINGS 20

static const struct {
    const char *style, *sign, *words;
} statuses[] = {
    [RS_GATE_PASSED] = {"good", "✓", "Gate passed"},
    [RS_GATE_FAILED] = {"bad", "✗", "Gate failed"},
    [RS_GATE_ACCEPTED] = {"taken", "✓", "Accepted"},
    [RS_GATE_UNDECIDED] = {"open", "?", "Undecided"},
    [RS_GATE_ERROR] = {"bad", "!", "Could not measure"},
};

static void append_regressions(GString *out, const RsVerdictSummary *summary)
{
    guint n = summary->n_by_verdict[RS_VERDICT_REGRESSION];
    guint n_critical = summary->n_by_severity[RS_SEVERITY_CRITICAL];

    if (n_critical)
        rs_html_count(out, n_critical, "critical regression");
    else
        rs_html_count(out, n, "regression");
}

char *rs_html_title(const RsVerdict *verdict)
{
    const RsVerdictSummary *summary = &verdict->summary;
    GString *title = g_string_new(statuses[verdict->gate.status].words);
    const char *fails = rs_words_fails_here(&verdict->gate);

    if (fails)
        g_string_printf(title, "Failed, because %s fails here", fails);
    if (summary->n_by_verdict[RS_VERDICT_REGRESSION]) {
        g_string_append(title, ": ");
        append_regressions(title, summary);
    } else if (rs_verdict_weakens_policy(verdict)) {
        g_string_append(title, ": the change loosens the gate");
    } else if (verdict->gate.status == RS_GATE_PASSED && !fails)
        g_string_append(title, ": no regression");
    return g_string_free(title, FALSE);
}

static void bound_sentence(GString *out, const RsGateResult *gate)
{
    g_string_append(out, "<p class=\"bound\">");
    if (isfinite(gate->bound_pct)) {
        g_string_append(out, "The gate fails from <b>");
        rs_html_change(out, gate->bound_pct);
        g_string_append(out, "</b>");
        if (gate->gate) {
            g_string_append_printf(out, " (fail-on %s, threshold ",
                                   rs_severity_names[gate->gate->fail_on]);
            rs_html_change(out, gate->gate->threshold_pct);
            g_string_append_c(out, ')');
        }
        g_string_append_c(out, '.');
    } else {
        g_string_append(out, "The gate never fails (fail-on none).");
        if (gate->would_be != gate->status)
            g_string_append_printf(out, " With fail-on critical it would be: <b>%s</b>.",
                                   rs_gate_status_names[gate->would_be]);
    }
    g_string_append(out, " A + is slower, or worse, everywhere.</p>\n");
}

/* "a1b2c3d" of a full hash; whatever else as it is. */
static void short_revision(GString *out, const RsRevision *revision)
{
    const char *text = revision->revision ? revision->revision : revision->describe;
    gboolean hash = text && strspn(text, "0123456789abcdef") >= 40;

    g_string_append(out, "<code>");
    if (hash)
        g_string_append_len(out, text, 10);
    else
        rs_html_text(out, text ? text : "not told", 60);
    g_string_append(out, revision->dirty ? "</code> with local changes" : "</code>");
}

static gboolean is_told(const RsRevision *revision)
{
    return revision->revision || revision->describe;
}

static void revisions_line(GString *out, const RsVerdict *verdict)
{
    const RsRevision *revisions = verdict->revisions;
    RsRevision head = {.revision = verdict->change_head, .dirty = revisions[RS_ARM_CURRENT].dirty};

    if (!is_told(&revisions[0]) && !is_told(&revisions[1]) && !is_told(&head))
        return;
    g_string_append(out, "<p class=\"revs\">");
    short_revision(out, is_told(&head) ? &head : &revisions[RS_ARM_CURRENT]);
    if (is_told(&revisions[RS_ARM_BASELINE])) {
        g_string_append(out, " against ");
        short_revision(out, &revisions[RS_ARM_BASELINE]);
    }
    g_string_append(out, "</p>\n");
}

static void count_box(GString *out, const char *style, guint n, const char *word)
{
    if (n)
        g_string_append_printf(out, "<div class=\"%s\"><dt>%s</dt><dd>%u</dd></div>", style, word,
                               n);
}

static void counts(GString *out, const RsVerdictSummary *summary)
{
    const guint *by_verdict = summary->n_by_verdict;
    guint n_severe = 0;

    for (RsSeverity severity = RS_SEVERITY_MINOR; severity < RS_N_SEVERITIES; severity++)
        n_severe += summary->n_by_severity[severity];
    g_string_append_printf(out,
                           "<dl class=\"counts\"><div class=\"all\"><dt>benchmark%s</dt>"
                           "<dd>%u</dd></div>",
                           summary->n_benchmarks == 1 ? "" : "s", summary->n_benchmarks);
    count_box(out, "bad", summary->n_by_severity[RS_SEVERITY_CRITICAL], "critical");
    count_box(out, "bad", summary->n_by_severity[RS_SEVERITY_MODERATE], "moderate");
    count_box(out, "bad", summary->n_by_severity[RS_SEVERITY_MINOR], "minor");
    if (by_verdict[RS_VERDICT_REGRESSION] > n_severe)
        count_box(out, "bad", by_verdict[RS_VERDICT_REGRESSION] - n_severe, "regression");
    count_box(out, "open", by_verdict[RS_VERDICT_INCONCLUSIVE], "inconclusive");
    count_box(out, "open", by_verdict[RS_VERDICT_INCOMPARABLE], "incomparable");
    count_box(out, "open", by_verdict[RS_VERDICT_MISSING], "missing");
    count_box(out, "calm", by_verdict[RS_VERDICT_NEW], "new");
    count_box(out, "good", by_verdict[RS_VERDICT_IMPROVEMENT], "improved");
    count_box(out, "calm", by_verdict[RS_VERDICT_BELOW_THRESHOLD], "below threshold");
    count_box(out, "calm", by_verdict[RS_VERDICT_UNCHANGED], "unchanged");
    count_box(out, "calm", summary->n_no_baseline, "without baseline");
    g_string_append(out, "</dl>\n");
}

static void apart_warning(GString *out)
{
    g_string_append(
        out, "<aside class=\"apart\"><h2>Measured apart: no promise on false alarms</h2>"
             "<p>These two files were not measured side by side. What the machine did in between "
             "counts as change: on shared runners a program that did not change at all is flagged "
             "<b>13–50 % of the time</b> this way. Take a flagged change as a hint, and repeat it "
             "in pairs with <code>rustscope bench-run --baseline CMD --current CMD</code>.</p>"
             "</aside>\n");
}

static void warnings(GString *out, const GPtrArray *sentences)
{
    if (sentences->len == 0)
        return;
    g_string_append(out, "<ul class=\"warnings\">");
    for (guint i = 0; i < MIN(sentences->len, MAX_WARNINGS); i++) {
        g_string_append(out, "<li><b>Warning:</b> ");
        rs_html_text(out, g_ptr_array_index(sentences, i), RS_HTML_SENTENCE_CHARS);
        g_string_append(out, "</li>");
    }
    if (sentences->len > MAX_WARNINGS) {
        g_string_append(out, "<li>… and ");
        rs_html_count(out, sentences->len - MAX_WARNINGS, "more warning");
        g_string_append(out, ".</li>");
    }
    g_string_append(out, "</ul>\n");
}

void rs_html_headline(GString *out, const RsVerdict *verdict, const char *run_url)
{
    g_autofree char *title = rs_html_title(verdict);

    g_string_append_printf(
        out,
        "<header class=\"%s\"><p class=\"tool\">rustscope</p><h1>"
        "<span class=\"sign\" aria-hidden=\"true\">%s</span> %s</h1>\n",
        rs_words_fails_here(&verdict->gate) ? "bad" : statuses[verdict->gate.status].style,
        statuses[verdict->gate.status].sign, title);
    if (verdict->gate.reason && *verdict->gate.reason && !verdict->acceptance) {
        g_string_append(out, "<p class=\"why\">");
        rs_html_text(out, verdict->gate.reason, RS_HTML_SENTENCE_CHARS);
        g_string_append(out, "</p>\n");
    }
    rs_html_acceptance(out, verdict);
    rs_html_blame_why(out, verdict);
    bound_sentence(out, &verdict->gate);
    revisions_line(out, verdict);
    if (run_url &&
        (g_str_has_prefix(run_url, "https://") || g_str_has_prefix(run_url, "http://"))) {
        g_string_append(out, "<p class=\"run\"><a rel=\"noopener noreferrer\" href=\"");
        rs_html_text(out, run_url, RS_HTML_COMMAND_CHARS);
        g_string_append(out, "\">The run this report belongs to</a></p>\n");
    }
    g_string_append(out, "</header>\n");
    if (!verdict->side_by_side)
        apart_warning(out);
    warnings(out, verdict->warnings);
    counts(out, &verdict->summary);
    rs_html_policy(out, verdict);
}
