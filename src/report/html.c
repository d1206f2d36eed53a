/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The HTML report: one file that loads nothing, runs nothing but the script that draws flame graphs
 * (where there are any), and fits a size limit.
 *
 * The page is planned before it is written. What every reader needs (headline, table) is set
 * first; then the remaining bytes go to how it was measured, to the failures, to the figures of
 * each benchmark, worst first, to the functions, and last to the plots, again worst first. What
 * has no room is counted in words where it would have stood. */
#include <math.h>

#include "report/flame_part.h"
#include "report/html_blame.h"
#include "report/html_group.h"
#include "report/html_method.h"
#include "report/html_section.h"
#include "report/html_style.h"
#include "report/html_write.h"
#include "report/renderer.h"

#define DEFAULT_LIMIT_BYTES (24u << 20)
/* For headings and the sentences that say what is missing. */
#define SCAFFOLD_BYTES 4096
#define MAX_FAILURES   100
#define MAX_FUNCTIONS  2000
/* Smaller pages spare the script: there would be no room for what it draws. */
#define LEAST_BYTES_FOR_FLAMES 200000

typedef struct {
    GString *full, *figures; /* one of them, or neither */
} Section;

typedef struct {
    const RsVerdict *verdict;
    gsize left_bytes;
    gboolean with_flames;
    GPtrArray *groups; /* RsHtmlGroup */
    GArray *sections;  /* Section, one for each group */
    guint n_listed;    /* groups in the table */
    double limit_pct;  /* of the axis in the table */
    GString *head, *failures, *functions, *method;
    guint n_failures, n_functions;
} Page;

static void string_free(GString *text)
{
    if (text)
        g_string_free(text, TRUE);
}

static void page_clear(Page *page)
{
    for (guint i = 0; page->sections && i < page->sections->len; i++) {
        string_free(g_array_index(page->sections, Section, i).full);
        string_free(g_array_index(page->sections, Section, i).figures);
    }
    if (page->sections)
        g_array_unref(page->sections);
    if (page->groups)
        g_ptr_array_unref(page->groups);
    string_free(page->head);
    string_free(page->failures);
    string_free(page->functions);
    string_free(page->method);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Page, page_clear)

static gboolean take(Page *page, gsize n_bytes)
{
    if (n_bytes > page->left_bytes)
        return FALSE;
    page->left_bytes -= n_bytes;
    return TRUE;
}

static void write_head(GString *out, const RsVerdict *verdict, const char *run_url,
                       gboolean with_flames)
{
    g_autofree char *title = rs_html_title(verdict);
    g_autofree char *hash = with_flames ? rs_flame_script_hash() : NULL;

    g_string_append_printf(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
        "style-src 'unsafe-inline'; %s%s%sbase-uri 'none'; form-action 'none'\"/>\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
        "<meta name=\"color-scheme\" content=\"light dark\"/>\n"
        "<meta name=\"referrer\" content=\"no-referrer\"/>\n"
        "<title>rustscope: %s</title>\n<style>\n%s%s%s</style>\n</head>\n<body id=\"top\">\n",
        hash ? "script-src " : "", hash ? hash : "", hash ? "; " : "", title, rs_html_style,
        verdict->blames->len ? rs_html_blame_style : "", with_flames ? rs_flame_style : "");
    rs_html_headline(out, verdict, run_url);
}

static gboolean has_trees(const RsVerdict *verdict)
{
    for (guint i = 0; i < verdict->blames->len; i++)
        if (((const RsBlame *)g_ptr_array_index(verdict->blames, i))->tree)
            return TRUE;
    return FALSE;
}

/* The table's intervals share an axis that reaches past G, and as far as the changes do within
 * reason. */
static double overview_limit_pct(const RsVerdict *verdict, const GPtrArray *groups)
{
    double threshold = verdict->gate.gate ? verdict->gate.gate->threshold_pct : 10;
    double bound = isfinite(verdict->gate.bound_pct) ? verdict->gate.bound_pct : 2 * threshold;
    double least = isfinite(bound) && bound > 0 ? 1.5 * bound : 15, limit = least;

    for (guint i = 0; i < groups->len; i++) {
        const RsRow *row = ((const RsHtmlGroup *)g_ptr_array_index(groups, i))->worst;
        double change = fabs(row->change_pct);

        if (isfinite(change))
            limit = MAX(limit, MIN(1.2 * change, 3 * least));
    }
    return limit;
}

static void plan_overview(Page *page)
{
    g_autoptr(GString) row = g_string_new(NULL);

    while (page->n_listed < page->groups->len) {
        g_string_truncate(row, 0);
        rs_html_overview_row(row, g_ptr_array_index(page->groups, page->n_listed), page->limit_pct,
                             TRUE);
        if (!take(page, row->len))
            break;
        page->n_listed++;
    }
}

static void plan_method(Page *page)
{
    page->method = g_string_new(NULL);
    rs_html_method(page->method, page->verdict);
    if (!take(page, page->method->len))
        g_string_assign(page->method, "<p class=\"note\" id=\"method\">How this was measured is "
                                      "left out: the size limit of this page leaves no room.</p>");
}

static void plan_failures(Page *page)
{
    g_autoptr(GString) entry = g_string_new(NULL);

    page->failures = g_string_new(NULL);
    for (guint i = 0; i < MIN(page->verdict->failures->len, MAX_FAILURES); i++) {
        g_string_truncate(entry, 0);
        rs_html_failure(entry, g_ptr_array_index(page->verdict->failures, i));
        if (!take(page, entry->len))
            break;
        g_string_append_len(page->failures, entry->str, (gssize)entry->len);
        page->n_failures++;
    }
}

static void plan_functions(Page *page)
{
    g_autoptr(GString) row = g_string_new(NULL);

    page->functions = g_string_new(NULL);
    for (guint i = 0; i < MIN(page->verdict->functions->len, MAX_FUNCTIONS); i++) {
        g_string_truncate(row, 0);
        rs_html_function_row(row, g_ptr_array_index(page->verdict->functions, i));
        if (!take(page, row->len))
            break;
        g_string_append_len(page->functions, row->str, (gssize)row->len);
        page->n_functions++;
    }
}

static void plan_figures(Page *page)
{
    page->sections = g_array_new(FALSE, TRUE, sizeof(Section));
    g_array_set_size(page->sections, page->groups->len);
    for (guint i = 0; i < page->groups->len; i++) {
        g_autoptr(GString) text = g_string_new(NULL);

        rs_html_section(text, g_ptr_array_index(page->groups, i), page->verdict, FALSE, FALSE);
        if (!take(page, text->len))
            break;
        g_array_index(page->sections, Section, i).figures = g_steal_pointer(&text);
    }
}

static void plan_plots(Page *page)
{
    for (guint i = 0; i < page->groups->len; i++) {
        Section *section = &g_array_index(page->sections, Section, i);
        g_autoptr(GString) text = NULL;

        if (!section->figures)
            break;
        text = g_string_new(NULL);
        rs_html_section(text, g_ptr_array_index(page->groups, i), page->verdict, TRUE,
                        page->with_flames);
        page->left_bytes += section->figures->len;
        if (!take(page, text->len)) {
            page->left_bytes -= section->figures->len;
            continue;
        }
        string_free(g_steal_pointer(&section->figures));
        section->full = g_steal_pointer(&text);
    }
}

static void note_left_out(GString *out, gsize n, const char *noun)
{
    if (!n)
        return;
    g_string_append(out, "<p class=\"note\">… and ");
    rs_html_count(out, n, noun);
    g_string_append(out, " more, left out to keep this page within its size limit.</p>\n");
}

static void write_overview(GString *out, const Page *page)
{
    g_string_append(
        out, "<section><h2>Benchmarks</h2>\n<div class=\"scroll\"><table id=\"all\" "
             "role=\"table\"><thead role=\"rowgroup\"><tr role=\"row\">"
             "<th role=\"columnheader\" scope=\"col\">Benchmark, worst first</th>"
             "<th role=\"columnheader\" scope=\"col\" class=\"wide num\">Baseline median</th>"
             "<th role=\"columnheader\" scope=\"col\" class=\"wide num\">Current median</th>"
             "<th role=\"columnheader\" scope=\"col\" class=\"num\">Change, interval</th><th "
             "role=\"columnheader\" scope=\"col\" "
             "class=\"wide num\">from −");
    rs_html_number(out, page->limit_pct, 0);
    g_string_append(out, " to +");
    rs_html_number(out, page->limit_pct, 0);
    g_string_append(out, " %</th><th role=\"columnheader\" "
                         "scope=\"col\">Verdict</th></tr></thead><tbody role=\"rowgroup\">\n");
    for (guint i = 0; i < page->n_listed; i++) {
        const Section *section = &g_array_index(page->sections, Section, i);

        rs_html_overview_row(out, g_ptr_array_index(page->groups, i), page->limit_pct,
                             section->full || section->figures);
    }
    g_string_append(out, "</tbody></table></div>\n<p class=\"note wide\">In the small pictures: "
                         "the dot is the change and the bar its interval; the plain line is no "
                         "change, the dashed one the threshold T, the red one the gate bound G "
                         "with the failing side shaded.</p>");
    note_left_out(out, page->groups->len - page->n_listed, "benchmark");
    g_string_append(out, "</section>\n");
}

static void write_failures(GString *out, const Page *page)
{
    if (page->verdict->failures->len == 0)
        return;
    g_string_append(out, "<section id=\"failures\"><h2>Failures</h2>\n");
    g_string_append_len(out, page->failures->str, (gssize)page->failures->len);
    note_left_out(out, page->verdict->failures->len - page->n_failures, "failure");
    g_string_append(out, "</section>\n");
}

static void write_sections(GString *out, const Page *page)
{
    guint n_missing = 0, n_figures = 0;

    g_string_append(out, "<section><h2>Each benchmark</h2>\n");
    for (guint i = 0; i < page->sections->len; i++) {
        const Section *section = &g_array_index(page->sections, Section, i);
        const GString *text = section->full ? section->full : section->figures;

        n_missing += !text;
        n_figures += section->figures != NULL;
        if (text)
            g_string_append_len(out, text->str, (gssize)text->len);
    }
    if (n_figures) {
        g_string_append(out, "<p class=\"note\">");
        rs_html_count(out, n_figures, "benchmark");
        g_string_append(out, " above with figures only: more plots did not fit within the size "
                             "limit of this page.</p>\n");
    }
    note_left_out(out, n_missing, "benchmark section");
    g_string_append(out, "</section>\n");
}

static void write_functions(GString *out, const Page *page)
{
    if (page->verdict->functions->len == 0)
        return;
    g_string_append(out, "<section id=\"functions\"><h2>Functions</h2>\n<p>These files hold no "
                         "trials, so the functions are listed and not judged.</p>\n"
                         "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">Function</th>"
                         "<th scope=\"col\" class=\"num\">Baseline self time</th>"
                         "<th scope=\"col\" class=\"num\">Current self time</th>"
                         "<th scope=\"col\" class=\"num\">Change</th></tr></thead><tbody>\n");
    g_string_append_len(out, page->functions->str, (gssize)page->functions->len);
    g_string_append(out, "</tbody></table></div>\n");
    note_left_out(out, page->verdict->functions->len - page->n_functions, "function");
    g_string_append(out, "</section>\n");
}

static void plan(Page *page)
{
    page->groups = rs_html_groups_new(page->verdict);
    page->limit_pct = overview_limit_pct(page->verdict, page->groups);
    plan_overview(page);
    plan_method(page);
    plan_failures(page);
    plan_figures(page);
    plan_functions(page);
    plan_plots(page);
}

char *rs_report_html(const RsVerdict *verdict, const RsReportOptions *options, gsize *n_bytes,
                     GError **error)
{
    gsize limit_bytes =
        options && options->limit_bytes ? options->limit_bytes : DEFAULT_LIMIT_BYTES;
    g_auto(Page)
        page = {.verdict = verdict,
                .head = g_string_new(NULL),
                .with_flames = has_trees(verdict) && limit_bytes >= LEAST_BYTES_FOR_FLAMES};
    g_autoptr(GString) script = g_string_new(NULL);
    GString *out;

    if (page.with_flames)
        rs_flame_script_element(script);
    write_head(page.head, verdict, options ? options->run_url : NULL, page.with_flames);
    if (page.head->len + script->len + SCAFFOLD_BYTES > limit_bytes) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOSPC,
                    "an HTML report of this verdict needs at least %" G_GSIZE_FORMAT
                    " bytes, and %" G_GSIZE_FORMAT " are allowed",
                    page.head->len + SCAFFOLD_BYTES, limit_bytes);
        return NULL;
    }
    page.left_bytes = limit_bytes - page.head->len - script->len - SCAFFOLD_BYTES;
    plan(&page);
    out = g_string_sized_new(limit_bytes - page.left_bytes + 1);
    g_string_append_len(out, page.head->str, (gssize)page.head->len);
    g_string_append(out, "<main>\n");
    if (page.groups->len) {
        write_overview(out, &page);
        write_failures(out, &page);
        write_sections(out, &page);
    } else {
        g_string_append(out, "<p class=\"note\">No benchmark was compared.</p>\n");
        write_failures(out, &page);
    }
    write_functions(out, &page);
    g_string_append_len(out, page.method->str, (gssize)page.method->len);
    g_string_append(out, "</main>\n");
    g_string_append_len(out, script->str, (gssize)script->len);
    g_string_append(out, "</body>\n</html>\n");
    *n_bytes = out->len;
    return g_string_free(out, FALSE);
}
