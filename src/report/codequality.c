/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GitLab's code quality report: an array of findings. A fingerprint is made of names alone, so that
 * the same finding of two pipelines is recognised although its figures differ. */
#include <gio/gio.h>
#include <jansson.h>
#include <string.h>

#include "report/blame_view.h"
#include "report/escape.h"
#include "report/policy_words.h"
#include "report/renderer.h"
#include "report/source.h"
#include "report/view.h"
#include "report/words.h"

/* A finding that knows no line to blame points to the file that lists the benchmark. */
#define LOCATION_PATH "rustscope.yml"

static const char *row_severity(const RsRow *row)
{
    static const char *const severities[RS_N_SEVERITIES] = {
        [RS_SEVERITY_NONE] = "info",
        [RS_SEVERITY_MINOR] = "minor",
        [RS_SEVERITY_MODERATE] = "major",
        [RS_SEVERITY_CRITICAL] = "critical",
    };

    return row->verdict == RS_VERDICT_REGRESSION ? severities[row->severity] : "info";
}

static char *fingerprint(const char *check_name, const char *benchmark, const char *metric)
{
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
    const char *parts[] = {"rustscope", check_name, benchmark, metric};

    /* With their ends, or ("a", "bc") and ("ab", "c") would be one. */
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++)
        g_checksum_update(checksum, (const guchar *)parts[i], (gssize)strlen(parts[i]) + 1);
    return g_strdup(g_checksum_get_string(checksum));
}

static gboolean add_finding(json_t *findings, const char *check_name, const char *severity,
                            const char *benchmark, const char *metric, const char *description,
                            const RsBlamed *blamed)
{
    g_autofree char *print = fingerprint(check_name, benchmark, metric);
    g_autofree char *path = blamed ? rs_source_path(blamed) : NULL;
    json_t *finding =
        json_pack("{s:s, s:s, s:s, s:s, s:{s:s, s:{s:I}}}", "description", description,
                  "check_name", check_name, "fingerprint", print, "severity", severity, "location",
                  "path", path ? path : LOCATION_PATH, "lines", "begin",
                  path ? (json_int_t)blamed->line : (json_int_t)1);

    return json_array_append_new(findings, finding) == 0;
}

static gboolean add_row(json_t *findings, const RsVerdict *verdict, const RsRow *row)
{
    const char *check_name =
        row->verdict == RS_VERDICT_REGRESSION ? "rustscope/regression" : "rustscope/undecided";
    g_autofree char *sentence = rs_words_row_and_blame(verdict, row, &rs_words_plain);
    g_autofree char *description = rs_view_is_unpaired(verdict)
                                       ? g_strdup_printf("%s %s", sentence, rs_words_unpaired)
                                       : g_strdup(sentence);
    const RsBlamed *blamed =
        row->verdict == RS_VERDICT_REGRESSION ? rs_blame_view_own(verdict, row->name) : NULL;

    return add_finding(findings, check_name, row_severity(row), row->name, row->metric, description,
                       blamed);
}

static gboolean is_finding(const RsRow *row)
{
    return row->gated &&
           (row->verdict == RS_VERDICT_REGRESSION || row->verdict == RS_VERDICT_INCONCLUSIVE ||
            row->verdict == RS_VERDICT_INCOMPARABLE || row->verdict == RS_VERDICT_MISSING);
}

static gboolean add_failure(json_t *findings, const RsVerdictFailure *failure)
{
    g_autofree char *sentence = rs_words_failure(failure, &rs_words_plain);
    const char *stage = failure->failure->stage ? failure->failure->stage : "";

    return add_finding(findings, "rustscope/failure", "blocker",
                       failure->benchmark ? failure->benchmark : "", stage, sentence, NULL);
}

/* The rules stand in the file that a finding without a line points to. */
static gboolean add_policy(json_t *findings, const RsVerdict *verdict)
{
    for (guint i = 0; i < verdict->policy_changes->len; i++) {
        const RsPolicyChange *change = g_ptr_array_index(verdict->policy_changes, i);
        g_autofree char *sentence = NULL;

        if (!change->weakens)
            continue;
        sentence = rs_words_policy_change(change, &rs_words_plain);
        if (!add_finding(findings, "rustscope/policy",
                         verdict->gate.status == RS_GATE_FAILED ? "critical" : "info",
                         change->benchmark ? change->benchmark : "", rs_policy_change_label(change),
                         sentence, NULL))
            return FALSE;
    }
    return TRUE;
}

static gboolean add_all(json_t *findings, const RsVerdict *verdict)
{
    g_autoptr(GPtrArray) benchmarks = rs_view_benchmarks(verdict);

    for (guint i = 0; i < benchmarks->len; i++) {
        const RsViewBenchmark *benchmark = g_ptr_array_index(benchmarks, i);

        for (guint k = 0; k < benchmark->rows->len; k++) {
            const RsRow *row = g_ptr_array_index(benchmark->rows, k);

            if (is_finding(row) && !add_row(findings, verdict, row))
                return FALSE;
        }
    }
    for (guint i = 0; i < verdict->failures->len; i++) {
        const RsVerdictFailure *failure = g_ptr_array_index(verdict->failures, i);

        if (failure->failure->arm == RS_ARM_CURRENT && !add_failure(findings, failure))
            return FALSE;
    }
    return add_policy(findings, verdict);
}

char *rs_report_codequality(const RsVerdict *verdict, const RsReportOptions *options,
                            gsize *n_bytes, GError **error)
{
    json_auto_t *findings = json_array();
    char *text = NULL, *own;

    if (add_all(findings, verdict))
        text = json_dumps(findings, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    if (!text) {
        g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_FAILED,
                            "the code quality report could not be written");
        return NULL;
    }
    own = g_strconcat(text, "\n", NULL);
    free(text);
    if (n_bytes)
        *n_bytes = strlen(own);
    return own;
}
