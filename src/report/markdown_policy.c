/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/markdown_policy.h"

#include "report/escape.h"
#include "report/policy_words.h"

#define SIDE_CHARS 140

/* Commands are code, all else is words. */
static char *side_cell(const RsPolicyChange *change, const char *side)
{
    if (side && *side && change->kind == RS_POLICY_COMMAND)
        return rs_escape_markdown_code(side, SIDE_CHARS);
    return rs_words_policy_side(change, side, &rs_words_markdown);
}

static void write_change(GString *out, const RsPolicyChange *change)
{
    g_autofree char *name =
        change->benchmark ? rs_escape_markdown_name(change->benchmark) : g_strdup("all");
    g_autofree char *before = side_cell(change, change->before);
    g_autofree char *after = side_cell(change, change->after);
    const char *strong = change->weakens ? "**" : "";

    g_string_append_printf(out, "| %s | %s%s%s | %s | %s | %s |\n", change->weakens ? "⚠️" : "",
                           strong, rs_policy_change_label(change), strong, name, before, after);
}

void rs_markdown_policy(GString *out, const RsVerdict *verdict, guint n_rows)
{
    const GPtrArray *changes = verdict->policy_changes;
    guint n = MIN(changes->len, n_rows);

    if (n == 0)
        return;
    g_string_append_printf(out,
                           "\n**%s**\n\n| | Rule | Benchmark | Base | Change |\n"
                           "|:-:|:--|:--|:--|:--|\n",
                           rs_words_policy_title);
    for (guint i = 0; i < n; i++)
        write_change(out, g_ptr_array_index(changes, i));
    if (changes->len > n)
        g_string_append_printf(out, "\n… and %u more.\n", changes->len - n);
    if (rs_verdict_weakens_policy(verdict))
        g_string_append_printf(out, "\n%s\n", rs_words_policy_note);
}
