/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/html_blame.h"

#include <math.h>

#include "report/blame_view.h"
#include "report/blame_words.h"
#include "report/flame_part.h"
#include "report/html_axis.h"
#include "report/html_write.h"
#include "report/source.h"
#include "report/view.h"

#define MAX_ROWS   40
#define MAX_PARTS  10
#define MAX_ASIDES 20
#define MINI_WIDTH 160

const char rs_html_blame_style[] =
    ".blame{border-top:1px solid var(--line);padding:1.2rem 0 1.6rem}\n"
    ".blame table{font-size:.875rem}.blame tbody th{min-width:12rem}\n"
    ".blame td{vertical-align:middle}.blame tbody th{vertical-align:middle}\n"
    ".blame .mini{width:10rem;height:1.6rem;margin-left:auto}\n"
    ".blame .share{display:block;height:.35rem;margin-top:.2rem;border-radius:.2rem;"
    "background:var(--bad);margin-left:auto}\n"
    ".blame .less .share{background:var(--basefill)}.blame .dim{color:var(--dim)}\n"
    ".blame .ci{display:block;color:var(--dim);font-size:.75rem}\n"
    ".blame td.num{min-width:4rem}.blame ul{font-size:.875rem;padding-left:1.2rem}\n"
    ".blame .figures tbody th{min-width:0}\n"
    "@media (max-width:44rem){.blame tbody th{min-width:0}.blame td .ci{display:none}}\n";

static char *html_name(const char *name)
{
    GString *out = g_string_new("<code>");

    rs_html_name(out, name);
    g_string_append(out, "</code>");
    return g_string_free(out, FALSE);
}

static char *html_prose(const char *text, gsize max_chars)
{
    GString *out = g_string_new(NULL);

    rs_html_text(out, text, max_chars);
    return g_string_free(out, FALSE);
}

static char *html_place(const RsVerdict *verdict, const RsBlamed *blamed)
{
    g_autofree char *place = rs_source_place(blamed);
    g_autofree char *url = rs_source_url(verdict, blamed);
    GString *out;

    if (!place)
        return NULL;
    out = g_string_new(NULL);
    if (url) {
        g_string_append(out, "<a rel=\"noopener noreferrer\" href=\"");
        rs_html_text(out, url, RS_HTML_COMMAND_CHARS);
        g_string_append(out, "\">");
    }
    g_string_append(out, "<code>");
    rs_html_text(out, place, RS_HTML_NAME_CHARS);
    g_string_append(out, url ? "</code></a>" : "</code>");
    return g_string_free(out, FALSE);
}

const RsWordsMarkup rs_words_html = {html_name, html_prose, "", " ", html_place};

/* All intervals of a table share an axis. */
static void fit_axis(RsHtmlAxis *axis, const GPtrArray *rows)
{
    double low = 0, high = 0, margin;

    for (guint i = 0; i < rows->len; i++) {
        const RsBlamed *blamed = g_ptr_array_index(rows, i);

        low = fmin(low, fmin(blamed->delta_ns, blamed->ci_low_ns));
        high = fmax(high, fmax(blamed->delta_ns, blamed->ci_high_ns));
    }
    low = isfinite(low) ? low : 0;
    high = isfinite(high) ? high : 0;
    margin = 0.06 * MAX(high - low, 1);
    rs_html_axis_set(axis, low - margin, high + margin);
}

static int x_of(const RsHtmlAxis *axis, double ns)
{
    return (int)lround(CLAMP(rs_html_axis_at(axis, ns), 0, 1) * MINI_WIDTH);
}

static void mini_plot(GString *out, const RsHtmlAxis *axis, const RsBlamed *blamed)
{
    if (!isfinite(blamed->delta_ns))
        return;
    g_string_append_printf(out,
                           "<svg class=\"mini\" viewBox=\"0 0 %d 40\" preserveAspectRatio=\"none\" "
                           "aria-hidden=\"true\"><path class=\"zero\" d=\"M%d 0v40\"/>",
                           MINI_WIDTH, x_of(axis, 0));
    if (!isnan(blamed->ci_low_ns) && !isnan(blamed->ci_high_ns))
        g_string_append_printf(out, "<path class=\"ci\" d=\"M%d 20H%d\"/>",
                               x_of(axis, blamed->ci_low_ns), x_of(axis, blamed->ci_high_ns));
    g_string_append_printf(out, "<path class=\"point\" d=\"M%d 20h0\"/></svg>",
                           x_of(axis, blamed->delta_ns));
}

static void share_cell(GString *out, double pct)
{
    g_autofree char *share = rs_words_share(pct);

    g_string_append_printf(out, "<td class=\"num%s\">%s", pct < 0 ? " less" : "", share);
    if (isfinite(pct)) {
        g_string_append(out, "<span class=\"share\" style=\"width:");
        rs_html_share(out, fabs(pct) / 100);
        g_string_append(out, "\"></span>");
    }
    g_string_append(out, "</td>");
}

static void interval(GString *out, const RsBlamed *blamed)
{
    double scale_ns = rs_words_blame_scale_ns(blamed);
    g_autofree char *low = rs_words_delta_ns(blamed->ci_low_ns, scale_ns);
    g_autofree char *high = rs_words_delta_ns(blamed->ci_high_ns, scale_ns);

    if (!isnan(blamed->ci_low_ns) && !isnan(blamed->ci_high_ns))
        g_string_append_printf(out, "<span class=\"ci\">%s … %s</span>", low, high);
}

static void function_row(GString *out, const RsVerdict *verdict, const RsBlamed *blamed,
                         const RsHtmlAxis *axis)
{
    g_autofree char *name = html_name(blamed->name);
    g_autofree char *place = html_place(verdict, blamed);
    g_autofree char *times = rs_words_blame_times(blamed);
    g_autofree char *delta = rs_words_blame_delta(blamed);
    const char *kind = rs_words_blame_kind(blamed);

    g_string_append_printf(out, "<tr%s><th scope=\"row\">%s",
                           rs_blamed_is_guilty(blamed) ? "" : " class=\"dim\"", name);
    if (*kind)
        g_string_append_printf(out, " <span class=\"badge %s\">%s</span>",
                               rs_blamed_is_guilty(blamed) ? "bad" : "calm", kind);
    g_string_append_printf(out, "<span class=\"ci\">%s%s</span></th><td class=\"num wide\">%s</td>",
                           place ? place : "",
                           blamed->is_changed ? " <abbr title=\"lines that this change touches\">✎"
                                                "</abbr>"
                                              : "",
                           times);
    g_string_append_printf(out, "<td class=\"num\"><b>%s</b>", delta);
    interval(out, blamed);
    g_string_append(out, "</td><td class=\"wide\">");
    mini_plot(out, axis, blamed);
    g_string_append(out, "</td>");
    share_cell(out, blamed->share_of_slowdown_pct);
    g_string_append(out, "<td class=\"num wide\">");
    rs_html_p_value(out, blamed->p_adjusted);
    g_string_append(out, "</td></tr>\n");
}

static void rest_row(GString *out, const RsBlame *blame, const GPtrArray *guilty)
{
    double rest_ns = rs_blame_view_rest_ns(blame, guilty);
    g_autofree char *rest = rs_words_delta_ns(rest_ns, fabs(blame->delta_ns));

    if (!isfinite(rest_ns))
        return;
    g_string_append_printf(out,
                           "<tr class=\"dim\"><th scope=\"row\"><i>%s</i></th>"
                           "<td class=\"wide\"></td><td class=\"num\">%s</td>"
                           "<td class=\"wide\"></td>",
                           rs_words_blame_rest(rest_ns), rest);
    share_cell(out, rs_blame_view_rest_pct(blame, guilty));
    g_string_append(out, "<td class=\"wide\"></td></tr>\n");
}

static void functions_table(GString *out, const RsVerdict *verdict, const RsBlame *blame)
{
    g_autoptr(GPtrArray) guilty = rs_blame_view_guilty(blame);
    guint n = MIN(blame->functions->len, MAX_ROWS);
    RsHtmlAxis axis;

    if (n == 0)
        return;
    fit_axis(&axis, blame->functions);
    g_string_append(out,
                    "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">Function</th>"
                    "<th scope=\"col\" class=\"num wide\">Own time</th>"
                    "<th scope=\"col\" class=\"num\">Change, interval</th>"
                    "<th scope=\"col\" class=\"num wide\">slower to the right</th>"
                    "<th scope=\"col\" class=\"num\">Share</th>"
                    "<th scope=\"col\" class=\"num wide\">p, corrected</th></tr></thead><tbody>\n");
    for (guint i = 0; i < n; i++)
        function_row(out, verdict, g_ptr_array_index(blame->functions, i), &axis);
    if (guilty->len > 0)
        rest_row(out, blame, guilty);
    g_string_append(out, "</tbody></table></div>\n");
    if (blame->functions->len > n) {
        g_string_append(out, "<p class=\"note\">… and ");
        rs_html_count(out, blame->functions->len - n, "more function");
        g_string_append(out, ".</p>");
    }
}

static void parts_table(GString *out, const char *caption, const char *noun, const GPtrArray *parts)
{
    guint n = MIN(parts->len, MAX_PARTS);

    if (n == 0)
        return;
    g_string_append_printf(out,
                           "<table><caption>%s</caption><thead><tr><th scope=\"col\">%s</th>"
                           "<th scope=\"col\" class=\"num\">Change</th>"
                           "<th scope=\"col\" class=\"num\">Share</th></tr></thead>"
                           "<tbody>",
                           caption, noun);
    for (guint i = 0; i < n; i++) {
        const RsBlamed *part = g_ptr_array_index(parts, i);
        g_autofree char *name = html_name(part->name);
        g_autofree char *delta = rs_words_blame_delta(part);

        g_string_append_printf(out, "<tr%s><th scope=\"row\">%s</th><td class=\"num\">%s</td>",
                               rs_blamed_is_guilty(part) ? "" : " class=\"dim\"", name, delta);
        share_cell(out, part->share_of_slowdown_pct);
        g_string_append(out, "</tr>");
    }
    g_string_append(out, "</tbody></table>");
}

static void notes_list(GString *out, const RsBlame *blame)
{
    g_autoptr(GPtrArray) notes = rs_words_blame_notes(blame, MAX_ASIDES, FALSE, &rs_words_html);

    if (notes->len == 0)
        return;
    g_string_append(out, "<ul>");
    for (guint i = 0; i < notes->len; i++)
        g_string_append_printf(out, "<li>%s</li>", (char *)g_ptr_array_index(notes, i));
    g_string_append(out, "</ul>");
}

void rs_html_blame(GString *out, const RsVerdict *verdict, const RsBlame *blame, const char *id,
                   gboolean with_flame)
{
    g_autofree char *summary = rs_words_blame_summary(blame);
    g_autofree char *sentence = rs_words_blame(verdict, blame->benchmark, &rs_words_html);

    g_string_append_printf(
        out, "<div class=\"blame\"><h4>Blame <span class=\"metric\">%s</span></h4>", summary);
    if (sentence)
        g_string_append_printf(out, "<p class=\"lead\">%s</p>", sentence);
    functions_table(out, verdict, blame);
    g_string_append(out, "<div class=\"figures\">");
    parts_table(out, "Where it was spent in the end", "Function", blame->leaves);
    parts_table(out, "By crate", "Crate", blame->crates);
    parts_table(out, "By module", "Module", blame->modules);
    parts_table(out, "Callers, with all that they call", "Function", blame->callers);
    g_string_append(out, "</div>");
    notes_list(out, blame);
    if (blame->tree && with_flame) {
        g_string_append(out, "<h4>Flame graph, baseline to current</h4>");
        rs_flame_part(out, blame->tree, id, "per launch");
    } else if (blame->tree) {
        g_string_append(out, "<p class=\"note\">The flame graph did not fit within the size limit "
                             "of this page.</p>");
    }
    g_string_append(out, "</div>\n");
}

void rs_html_blame_why(GString *out, const RsVerdict *verdict)
{
    g_autoptr(GPtrArray) benchmarks = rs_view_benchmarks(verdict);
    const RsViewBenchmark *first = benchmarks->len > 0 ? g_ptr_array_index(benchmarks, 0) : NULL;
    g_autofree char *sentence = NULL;

    if (!first || !first->worst || first->worst->verdict != RS_VERDICT_REGRESSION)
        return;
    sentence = rs_words_blame(verdict, first->name, &rs_words_html);
    if (!sentence)
        return;
    g_string_append(out, "<p class=\"why\">");
    rs_html_name(out, first->name);
    g_string_append_printf(out, ": %s</p>\n", sentence);
}
