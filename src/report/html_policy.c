/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/html_policy.h"

#include "report/html_blame.h"
#include "report/html_write.h"
#include "report/policy_words.h"

#define MAX_ROWS 100

void rs_html_acceptance(GString *out, const RsVerdict *verdict)
{
    g_autofree char *sentence = rs_words_acceptance(verdict, &rs_words_html);

    if (sentence)
        g_string_append_printf(out, "<p class=\"why accepted\">%s</p>\n", sentence);
}

static void side(GString *out, const char *text)
{
    g_string_append(out, "<td>");
    rs_html_text(out, text && *text ? text : "–", RS_HTML_NAME_CHARS);
    g_string_append(out, "</td>");
}

static void row(GString *out, const RsPolicyChange *change)
{
    g_string_append_printf(out, "<tr><th scope=\"row\">%s</th><td>",
                           rs_policy_change_label(change));
    if (change->benchmark)
        rs_html_name(out, change->benchmark);
    else
        g_string_append(out, "all");
    g_string_append(out, "</td>");
    side(out, change->before);
    side(out, change->after);
    g_string_append_printf(out, "<td><span class=\"badge %s\">%s</span></td></tr>\n",
                           change->weakens ? "bad" : "calm",
                           change->weakens ? "✗ loosens the gate" : "stricter or added");
}

void rs_html_policy(GString *out, const RsVerdict *verdict)
{
    const GPtrArray *changes = verdict->policy_changes;
    guint n = MIN(changes->len, MAX_ROWS);

    if (n == 0)
        return;
    g_string_append_printf(out,
                           "<section id=\"policy\"><h2>%s</h2>\n<div class=\"scroll\"><table>"
                           "<thead><tr><th scope=\"col\">Rule</th><th scope=\"col\">Benchmark</th>"
                           "<th scope=\"col\">Base</th><th scope=\"col\">Change</th>"
                           "<th scope=\"col\">Effect</th></tr></thead><tbody>\n",
                           rs_words_policy_title);
    for (guint i = 0; i < n; i++)
        row(out, g_ptr_array_index(changes, i));
    g_string_append(out, "</tbody></table></div>\n");
    if (changes->len > n) {
        g_string_append(out, "<p class=\"note\">… and ");
        rs_html_count(out, changes->len - n, "more change");
        g_string_append(out, ".</p>\n");
    }
    if (rs_verdict_weakens_policy(verdict))
        g_string_append_printf(out, "<p class=\"note\">%s</p>\n", rs_words_policy_note);
    g_string_append(out, "</section>\n");
}
