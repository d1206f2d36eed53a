/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of the functions that took most of a session, and how much of it has names. */
#include <math.h>

#include "base/text.h"
#include "report/columns.h"
#include "report/escape.h"
#include "report/flame.h"

#define MAX_NAME    60
#define MAX_CRATE   20
#define MAX_SOURCES 4
#define BAR_COLUMNS 10

static gint most_self_first(gconstpointer a, gconstpointer b)
{
    const RsFunction *x = *(RsFunction *const *)a, *y = *(RsFunction *const *)b;

    return (x->self_ns < y->self_ns) - (x->self_ns > y->self_ns);
}

/* Functions with own time, most first. Borrowed. */
static GPtrArray *sorted_functions(const RsProfile *profile)
{
    GPtrArray *sorted = g_ptr_array_new();

    for (guint i = 0; i < profile->functions->len; i++) {
        RsFunction *function = g_ptr_array_index(profile->functions, i);

        if (function->self_ns > 0 || function->n_samples > 0)
            g_ptr_array_add(sorted, function);
    }
    g_ptr_array_sort(sorted, most_self_first);
    return sorted;
}

/* Everything that was sampled, in the recording and in the trials. */
static double whole_ns(const RsSession *session)
{
    double sum_ns = 0;

    for (guint i = 0; i < session->profile->samples->len; i++)
        sum_ns += (double)g_array_index(session->profile->samples, RsProfileSample, i).weight_ns;
    for (guint b = 0; b < session->benchmarks->len; b++) {
        const RsBenchmark *benchmark = g_ptr_array_index(session->benchmarks, b);

        for (guint i = 0; benchmark->trial_samples && i < benchmark->trial_samples->len; i++)
            sum_ns += (double)g_array_index(benchmark->trial_samples, RsTrialSample, i).weight_ns;
    }
    return sum_ns;
}

/* What a file that tells functions alone is as long as. */
static double functions_ns(const RsProfile *profile)
{
    double sum_ns = 0;

    for (guint i = 0; i < profile->functions->len; i++)
        sum_ns += (double)MAX(((RsFunction *)g_ptr_array_index(profile->functions, i))->self_ns, 0);
    return sum_ns;
}

static void write_share(GString *out, gint64 ns, double whole)
{
    if (ns < 0 || whole <= 0)
        g_string_append(out, "      – ");
    else
        g_string_append_printf(out, "%6.1f %%", 100 * (double)ns / whole);
    g_string_append_c(out, ' ');
}

static void write_function(GString *out, const RsFunction *function, double whole,
                           guint crate_width, gboolean color)
{
    static const char *const by_kind[RS_N_CRATE_KINDS] = {
        [RS_CRATE_OWN] = "33",    [RS_CRATE_DEPENDENCY] = "36", [RS_CRATE_STD] = "2",
        [RS_CRATE_RUNTIME] = "2", [RS_CRATE_KERNEL] = "2",
    };
    const char *code =
        function->crate_kind < RS_N_CRATE_KINDS ? by_kind[function->crate_kind] : NULL;
    g_autofree char *name = rs_escape_name(function->name, RS_ESCAPE_NAME_CHARS);
    g_autofree char *crate =
        rs_text_shown(function->crate_name ? function->crate_name : "–", -1, FALSE, MAX_CRATE - 1);
    g_autofree char *shown = rs_columns_fit(name, MAX_NAME);

    write_share(out, function->self_ns, whole);
    write_share(out, function->total_ns, whole);
    if (function->n_samples >= 0)
        g_string_append_printf(out, "%9" G_GINT64_FORMAT "  ", function->n_samples);
    else
        g_string_append(out, "        –  ");
    rs_columns_color_on(out, color, code);
    rs_columns_bar(out, whole > 0 ? (double)function->self_ns / whole : 0, BAR_COLUMNS);
    rs_columns_color_off(out, color, code);
    g_string_append_c(out, ' ');
    rs_columns_cell(out, crate, crate_width, FALSE);
    g_string_append_printf(out, "  %s\n", shown);
}

typedef struct {
    const char *word;
    gint64 n;
} Reason;

static gint most_first(gconstpointer a, gconstpointer b)
{
    const Reason *x = a, *y = b;

    return (x->n < y->n) - (x->n > y->n);
}

/* ": no file 2.0 %, other file 0.7 %" of those that were seen, most first. */
static void write_reasons(GString *out, GArray *reasons, gint64 n_all)
{
    guint n = 0;

    g_array_sort(reasons, most_first);
    for (guint i = 0; i < reasons->len && n < MAX_SOURCES; i++) {
        const Reason *reason = &g_array_index(reasons, Reason, i);
        g_autofree char *word = g_strdelimit(g_strdup(reason->word), "_", ' ');

        if (reason->n > 0)
            g_string_append_printf(out, "%s%s %.1f %%", n++ ? ", " : "", word,
                                   100 * (double)reason->n / (double)n_all);
    }
}

/* Which share of the samples has a name, from where, and why the rest has none. */
static void write_named_share(GString *out, const RsDiagnostics *diagnostics)
{
    g_autoptr(GArray) named = g_array_new(FALSE, FALSE, sizeof(Reason));
    g_autoptr(GArray) unnamed = g_array_new(FALSE, FALSE, sizeof(Reason));
    gint64 n_named = 0, n_all = 0;

    for (guint i = 0; i < RS_N_SYMBOL_SOURCES; i++) {
        Reason reason = {i == RS_SYMBOL_UNWIND ? "stripped" : rs_symbol_source_names[i],
                         MAX(diagnostics->n_by_source[i], 0)};
        gboolean is_name = rs_symbol_source_is_name((RsSymbolSource)i);

        if (i == RS_SYMBOL_NONE)
            continue;
        g_array_append_val(is_name ? named : unnamed, reason);
        n_named += is_name ? reason.n : 0;
        n_all += reason.n;
    }
    for (guint i = 0; i < RS_N_UNNAMED; i++) {
        Reason reason = {rs_unnamed_names[i], MAX(diagnostics->n_unnamed[i], 0)};

        g_array_append_val(unnamed, reason);
        n_all += reason.n;
    }
    if (n_all == 0)
        return;
    g_string_append_printf(out, "%.1f %% of %" G_GINT64_FORMAT " samples have a name",
                           100 * (double)n_named / (double)n_all, n_all);
    if (n_named > 0) {
        g_string_append(out, " (");
        write_reasons(out, named, n_all);
        g_string_append_c(out, ')');
    }
    if (n_named < n_all) {
        g_string_append(out, "; without: ");
        write_reasons(out, unnamed, n_all);
    }
    g_string_append(out, ".\n");
}

GString *rs_top_text(const RsSession *session, guint n_max, gboolean color)
{
    GString *out = g_string_new(NULL);
    g_autoptr(GPtrArray) sorted = NULL;
    double whole;
    guint n, crate_width = 5;

    if (!session->profile)
        return out;
    sorted = sorted_functions(session->profile);
    whole = MAX(whole_ns(session), functions_ns(session->profile));
    n = MIN(sorted->len, n_max);
    for (guint i = 0; i < n; i++) {
        const char *crate = ((RsFunction *)g_ptr_array_index(sorted, i))->crate_name;

        crate_width =
            MAX(crate_width, crate ? MIN((guint)g_utf8_strlen(crate, 100), MAX_CRATE) : 0);
    }
    if (n > 0) {
        rs_columns_color_on(out, color, "2");
        g_string_append(out, "    self    total   samples  ");
        rs_columns_spaces(out, BAR_COLUMNS + 1);
        rs_columns_cell(out, "crate", crate_width, FALSE);
        g_string_append(out, "  function");
        rs_columns_color_off(out, color, "2");
        g_string_append_c(out, '\n');
    }
    for (guint i = 0; i < n; i++)
        write_function(out, g_ptr_array_index(sorted, i), whole, crate_width, color);
    if (sorted->len > n)
        g_string_append_printf(out, "… and %u more functions\n", sorted->len - n);
    write_named_share(out, &session->profile->diagnostics);
    return out;
}
