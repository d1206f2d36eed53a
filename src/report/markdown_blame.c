/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/markdown_blame.h"

#include <math.h>

#include "report/blame_view.h"
#include "report/blame_words.h"
#include "report/escape.h"
#include "report/view.h"

/* A figure stays on one line; one that is not known is a dash. Takes text. */
static char *figure(char *text)
{
    GString *cell = g_string_new(g_str_equal(text, "n/a") ? "–" : text);

    g_free(text);
    g_string_replace(cell, " ", "\u00A0", 0);
    return g_string_free(cell, FALSE);
}

static void write_function(GString *out, const RsVerdict *verdict, const RsBlamed *blamed)
{
    g_autofree char *name = rs_escape_markdown_name(blamed->name);
    g_autofree char *times = figure(rs_words_blame_times(blamed));
    g_autofree char *delta = figure(rs_words_blame_delta(blamed));
    g_autofree char *share = figure(rs_words_share(blamed->share_of_slowdown_pct));
    g_autofree char *place = rs_words_markdown.place(verdict, blamed);
    const char *kind = rs_words_blame_kind(blamed);

    g_string_append_printf(out, "| %s%s%s | %s | %s | %s | %s%s |\n", name, *kind ? " – " : "",
                           kind, times, delta, share, place ? place : "–",
                           blamed->is_changed ? " ✎" : "");
}

static void write_rest(GString *out, const RsBlame *blame, const GPtrArray *guilty, guint n_shown)
{
    double rest_ns = rs_blame_view_rest_ns(blame, guilty), hidden_ns = 0, hidden_pct = 0;
    g_autofree char *rest = figure(rs_words_delta_ns(rest_ns, fabs(blame->delta_ns)));
    g_autofree char *rest_pct = figure(rs_words_share(rs_blame_view_rest_pct(blame, guilty)));

    for (guint i = n_shown; i < guilty->len; i++) {
        const RsBlamed *blamed = g_ptr_array_index(guilty, i);

        hidden_ns += blamed->delta_ns;
        hidden_pct += blamed->share_of_slowdown_pct;
    }
    if (n_shown < guilty->len) {
        g_autofree char *hidden = figure(rs_words_delta_ns(hidden_ns, fabs(blame->delta_ns)));
        g_autofree char *hidden_share = figure(rs_words_share(hidden_pct));

        g_string_append_printf(out, "| *%u more functions* | | %s | %s | |\n",
                               guilty->len - n_shown, hidden, hidden_share);
    }
    if (isfinite(rest_ns))
        g_string_append_printf(out, "| *%s* | | %s | %s | |\n", rs_words_blame_rest(rest_ns), rest,
                               rest_pct);
}

static void write_table(GString *out, const RsVerdict *verdict, const RsBlame *blame,
                        guint n_functions)
{
    g_autoptr(GPtrArray) guilty = rs_blame_view_guilty(blame);
    guint n = MIN(guilty->len, n_functions);
    gboolean changed = FALSE;

    if (n == 0)
        return;
    g_string_append(out, "| Function | Own time | Δ own | Of the slowdown | Where |\n"
                         "|:--|--:|--:|--:|:--|\n");
    for (guint i = 0; i < n; i++) {
        const RsBlamed *blamed = g_ptr_array_index(guilty, i);

        write_function(out, verdict, blamed);
        changed |= blamed->is_changed;
    }
    write_rest(out, blame, guilty, n);
    g_string_append_c(out, '\n');
    if (changed)
        g_string_append_printf(out, "%s\n\n", rs_words_blame_legend);
}

static void write_benchmark(GString *out, const RsVerdict *verdict, const RsBlame *blame,
                            const RsRow *worst, gboolean is_open, const RsMarkdownBlame *level)
{
    g_autofree char *name = rs_escape_markdown_tag(blame->benchmark);
    g_autofree char *summary = rs_words_blame_summary(blame);
    g_autoptr(GPtrArray) notes =
        rs_words_blame_notes(blame, level->n_asides, TRUE, &rs_words_markdown);

    g_string_append_printf(out,
                           "\n<details%s>\n<summary><b>Blame for %s</b> (%s) – %s</summary>\n\n",
                           is_open ? " open" : "", name, rs_words_label(worst), summary);
    write_table(out, verdict, blame, level->n_functions);
    for (guint i = 0; i < notes->len; i++)
        g_string_append_printf(out, "- %s\n", (char *)g_ptr_array_index(notes, i));
    g_string_append(out, "\n</details>\n");
}

void rs_markdown_blame(GString *out, const RsVerdict *verdict, const GPtrArray *benchmarks,
                       const RsMarkdownBlame *level)
{
    guint n_written = 0;

    for (guint i = 0; i < benchmarks->len && n_written < level->n_benchmarks; i++) {
        const RsViewBenchmark *benchmark = g_ptr_array_index(benchmarks, i);
        const RsBlame *blame = rs_verdict_blame(verdict, benchmark->name);

        if (!blame || !benchmark->worst ||
            (level->least > RS_SEVERITY_NONE &&
             (benchmark->worst->verdict != RS_VERDICT_REGRESSION ||
              benchmark->worst->severity < level->least)))
            continue;
        write_benchmark(out, verdict, blame, benchmark->worst, n_written == 0, level);
        n_written++;
    }
}
