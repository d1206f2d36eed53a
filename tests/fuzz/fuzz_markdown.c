/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as the texts of a verdict: its comment keeps its limit, and no line of it is a command,
 * a heading or a row that is not ours. The input is cut at NULs; each part is a text in turn. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "report/renderer.h"

#define MAX_PARTS 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes);

typedef struct {
    char *parts[MAX_PARTS];
    guint n, next;
} Texts;

static void split(Texts *texts, const uint8_t *data, size_t n_bytes)
{
    const char *at = (const char *)data, *end = at + n_bytes;

    while (at < end && texts->n < MAX_PARTS) {
        const char *stop = memchr(at, 0, (gsize)(end - at));

        stop = stop ? stop : end;
        texts->parts[texts->n++] = g_strndup(at, (gsize)(stop - at));
        at = stop + 1;
    }
    if (texts->n == 0)
        texts->parts[texts->n++] = g_strdup("");
}

/* Borrowed. */
static const char *text(Texts *texts)
{
    return texts->parts[texts->next++ % texts->n];
}

static void add_row(RsVerdict *verdict, Texts *texts, RsVerdictKind kind)
{
    RsRow *row = rs_row_new(text(texts), text(texts), text(texts), RS_LOWER_IS_BETTER);

    row->gated = TRUE;
    row->verdict = kind;
    row->severity = kind == RS_VERDICT_REGRESSION ? RS_SEVERITY_CRITICAL : RS_SEVERITY_NONE;
    row->change_pct = kind == RS_VERDICT_REGRESSION ? 40 : (double)NAN;
    row->threshold_pct = 10;
    row->bound_pct = 20;
    row->reason = g_strdup(text(texts));
    g_ptr_array_add(row->warnings, g_strdup(text(texts)));
    g_ptr_array_add(verdict->rows, row);
}

static void add_blame(RsVerdict *verdict, Texts *texts)
{
    const RsRow *row = g_ptr_array_index(verdict->rows, 0);
    RsBlame *blame = rs_blame_new(row->name);
    RsBlamed *blamed = rs_blamed_new(text(texts));

    blame->note = g_strdup(text(texts));
    blame->delta_ns = 1e6;
    blamed->kind = RS_BLAME_SLOWER;
    blamed->share_of_slowdown_pct = 60;
    blamed->delta_ns = 6e5;
    blamed->p_adjusted = 0.001;
    blamed->crate_name = g_strdup(text(texts));
    blamed->file = g_strdup(text(texts));
    blamed->line = 7;
    g_ptr_array_add(blame->functions, blamed);
    g_ptr_array_add(verdict->blames, blame);
}

static void add_rest(RsVerdict *verdict, Texts *texts)
{
    g_autoptr(RsFailure) failure = rs_failure_new(RS_ARM_CURRENT, text(texts));

    failure->message = g_strdup(text(texts));
    failure->output_tail = g_strdup(text(texts));
    g_ptr_array_add(verdict->failures, rs_verdict_failure_new(text(texts), failure));
    g_ptr_array_add(verdict->warnings, g_strdup(text(texts)));
    for (RsPolicyKind kind = 0; kind < RS_N_POLICY_KINDS; kind++)
        g_ptr_array_add(verdict->policy_changes,
                        rs_policy_change_new(kind, text(texts), text(texts), text(texts), TRUE));
    verdict->acceptance = g_new0(RsAcceptance, 1);
    verdict->acceptance->by = g_strdup(text(texts));
    verdict->acceptance->how = g_strdup(text(texts));
    verdict->acceptance->head = g_strdup(text(texts));
    verdict->acceptance->reason = g_strdup(text(texts));
    verdict->revisions[RS_ARM_CURRENT].revision = g_strdup(text(texts));
    verdict->revisions[RS_ARM_CURRENT].repository = g_strdup(text(texts));
    verdict->tool_version = g_strdup(text(texts));
    verdict->command = g_strdup(text(texts));
    verdict->machines[RS_ARM_CURRENT].cpu_model = g_strdup(text(texts));
}

/* A line outside fences begins with something of ours. */
static gboolean is_ours(const char *line)
{
    static const char *const beginnings[] = {"## ",  "| ",     "|:",        "- ",   "> ",
                                             "**",   "<",      "`",         "…",    "✎",
                                             "p is", "To rep", "[Full rep", "The ", "to accept"};

    for (guint i = 0; i < G_N_ELEMENTS(beginnings); i++)
        if (g_str_has_prefix(line, beginnings[i]))
            return TRUE;
    return !*line || g_ascii_isdigit(*line) || g_str_has_prefix(line, "rustscope ");
}

static void check(const char *markdown)
{
    g_auto(GStrv) lines = g_strsplit(markdown, "\n", -1);
    g_autofree char *fence = NULL;

    g_assert_true(g_utf8_validate(markdown, -1, NULL));
    for (char **line = lines; *line; line++) {
        const char *first = *line + strspn(*line, " \t");

        g_assert_cmpint(*first, !=, '/');
        g_assert_false(g_str_has_prefix(first, "::"));
        g_assert_null(strstr(*line, "##["));
        for (const char *at = *line; *at; at++)
            g_assert_true((guchar)*at >= 0x20 || *at == '\t');
        if (fence && g_str_equal(*line, fence)) {
            g_clear_pointer(&fence, g_free);
        } else if (!fence && g_str_has_prefix(*line, "```")) {
            fence = g_strdup(*line);
            g_assert_cmpuint(strspn(fence, "`"), ==, strlen(fence));
            g_assert_cmpuint(strlen(fence), <, 255);
        } else if (!fence) {
            g_assert_true(is_ours(*line));
        }
    }
    g_assert_null(fence);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes)
{
    g_autoptr(RsGate) gate = rs_gate_new();
    g_autoptr(RsVerdict) verdict = rs_verdict_new(gate);
    Texts texts = {0};
    gsize n_written = 0;
    RsReportOptions options = {.limit_bytes = 1000000};
    g_autofree char *whole = NULL, *small = NULL;

    split(&texts, data, n_bytes);
    for (RsVerdictKind kind = 0; kind < RS_N_VERDICTS; kind++)
        add_row(verdict, &texts, kind);
    add_blame(verdict, &texts);
    add_rest(verdict, &texts);
    rs_verdict_summarize(verdict);
    verdict->gate.status = (RsGateStatus)(n_bytes % (RS_GATE_ERROR + 1));
    verdict->gate.reason = g_strdup(text(&texts));
    options.marker = text(&texts);
    options.accept_label = text(&texts);
    options.run_url = text(&texts);
    whole = rs_report_markdown(verdict, &options, &n_written, NULL);
    if (n_written < options.limit_bytes)
        check(whole);
    options.limit_bytes = 3000;
    small = rs_report_markdown(verdict, &options, &n_written, NULL);
    g_assert_cmpuint(n_written, <=, options.limit_bytes);
    for (guint i = 0; i < texts.n; i++)
        g_free(texts.parts[i]);
    return 0;
}
